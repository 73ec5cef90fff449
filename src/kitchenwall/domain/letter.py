"""Choose what a letter says: whom it greets, what it thanks for, its question, its bridge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Reason
from kitchenwall.domain.journal import company_key
from kitchenwall.domain.questions import Asked, Question, Theme, choose, theme_of
from kitchenwall.domain.reply import one_line

_LONGEST_VALUE = 80
_LONGEST_NAME = 60
_NAME = re.compile(r"[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,4}")
_NOT_IN_LETTERS = re.compile(r"[?!<>\"„“”«»]|https?://\S*|www\.\S*|\S+@\S+")
_HONORIFIC = re.compile(
    r"(Frau|Herrn?|Ms|Mrs|Mr|Mx|Mme|Madame|Monsieur|Sra|Sr|Pani|Paní|Pan)\.? (?=\S)"
)
_ONE_WORD_FOR = {"Herrn": "Herr", "Mme": "Madame"}
_TITLES = re.compile(
    r"(?:(?:Dr|Dra|Prof|Profa|Dipl|Ing|Eng|Mag|med|rer|nat|phil|Lic|Mtra|Mtro|Dott|Dott\.ssa|Avv|Rag"
    r"|Mgr|Bc|JUDr|MUDr|PhDr|RNDr|inż|mgr|hab|Maître)\.?-? )+"
)


class Point(StrEnum):
    """What a specific reason was about, by what follows from it."""

    SKILL = "skill"
    EXPERIENCE = "experience"
    OVERQUALIFIED = "overqualified"
    LANGUAGE = "language"
    CONDITIONS = "conditions"
    EXERCISE = "exercise"
    TALK = "talk"
    PAPERS = "papers"
    REASON = "reason"


class Bridge(StrEnum):
    """The line that keeps the bridge, or NONE."""

    ON_FILE = "on_file"
    KEEP = "keep"
    CLOSE = "close"
    DOOR = "door"
    AGENCY = "agency"
    TOUCH = "touch"
    TEAMS = "teams"
    ROLES = "roles"
    NONE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who writes, as the configuration has it.

    `gender` is "feminine" or "masculine" for languages in which it shows, "" for wording that
    shows none. `bridge` is the line that the person wishes where nothing else decides it: "auto",
    "touch", "teams", "roles" or "none".
    """

    name: str
    signature: str = ""
    gender: str = ""
    bridge: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the templates may know: plain text only, "" where it is not known for certain.

    `honorific` is "Frau" or the like where the mail shows it, with the family name in `last_name`.
    `region` is the country whose conventions the mail follows, such as "BR", "" for none.
    `why` says why this question was chosen; it is for the person and never stands in the letter.
    """

    theme: Theme
    question: Question
    why: str
    point: str
    bridge: Bridge
    formality: str
    region: str
    gender: str
    sign_off: str
    company: str = ""
    role: str = ""
    full_name: str = ""
    first_name: str = ""
    honorific: str = ""
    last_name: str = ""


def situation(
    facts: Facts, writer: Writer, asked: Sequence[Asked] = (), region: str = ""
) -> Situation:
    """What the letter that answers a rejection with these facts has to go by.

    `asked` is what earlier letters asked, oldest first.
    """
    theme = theme_of(facts)
    company = _value(facts.company)
    choice = choose(facts, company_key(company), asked)
    point = point_of(facts) if choice.question == Question.NOTHING else ""
    honorific, full, first, last = _names(facts.person, facts.salutation)
    return Situation(
        theme=theme,
        question=choice.question,
        why=choice.why,
        point=point,
        bridge=bridge_of(facts, choice.question, point, writer.bridge),
        formality=facts.formality,
        region=region,
        gender=writer.gender,
        sign_off=_sign_off(writer),
        company=company,
        role=_value(facts.role),
        full_name=full,
        first_name=first,
        honorific=honorific,
        last_name=last,
    )


def point_of(facts: Facts) -> str:
    """What the reason that they gave was about; "" where they said nothing specific."""
    if facts.feedback != FeedbackLevel.SPECIFIC:
        return ""
    return _POINTS.get(facts.reason.value if facts.reason else "", Point.REASON)


def bridge_of(facts: Facts, question: Question, point: str, wished: str = "auto") -> Bridge:
    """The line that keeps the bridge: what they said themselves first, then what the person wishes."""
    theme = theme_of(facts)
    if question in _BRIDGES_THEMSELVES:
        return Bridge.NONE
    if theme == Theme.ON_FILE or facts.says("keep_on_file"):
        has_room = theme == Theme.ON_FILE and question == Question.NOTHING and not point
        return Bridge.ON_FILE if has_room else Bridge.KEEP
    if wished == "none" or question in _LAST_QUESTIONS:
        return Bridge.NONE
    if theme == Theme.HEARD:
        return Bridge.TOUCH
    if theme == Theme.AGENCY:
        return Bridge.AGENCY
    if wished in _WISHES:
        return _WISHES[wished]
    if theme == Theme.CLOSE:
        return Bridge.CLOSE
    if facts.says("door_open") and theme.met:
        return Bridge.DOOR
    return Bridge.TOUCH if theme.met and question == Question.NOTHING else Bridge.NONE


_LAST_QUESTIONS = frozenset({Question.SPECIFICS, Question.REMIND})
_WISHES = {"touch": Bridge.TOUCH, "teams": Bridge.TEAMS, "roles": Bridge.ROLES}
_BRIDGES_THEMSELVES = frozenset({Question.CHECK_BACK, Question.NEXT_STEP, Question.CLIENT})
_POINTS: dict[str, Point] = {
    Reason.SKILLS_MISSING: Point.SKILL,
    Reason.EDUCATION: Point.SKILL,
    Reason.EXPERIENCE_LEVEL: Point.EXPERIENCE,
    Reason.DOMAIN: Point.EXPERIENCE,
    Reason.OVERQUALIFIED: Point.OVERQUALIFIED,
    Reason.LANGUAGE: Point.LANGUAGE,
    Reason.LOCATION: Point.CONDITIONS,
    Reason.WORK_AUTHORISATION: Point.CONDITIONS,
    Reason.SALARY: Point.CONDITIONS,
    Reason.AVAILABILITY: Point.CONDITIONS,
    Reason.ELIGIBILITY: Point.CONDITIONS,
    Reason.ASSESSMENT_SCORE: Point.EXERCISE,
    Reason.INTERVIEW_PERFORMANCE: Point.TALK,
    Reason.APPLICATION_QUALITY: Point.PAPERS,
    Reason.LATE: Point.PAPERS,
}


def _names(person: Fact | None, salutation: Fact | None) -> tuple[str, str, str, str]:
    """Honorific, whole name, first name and last name, as far as they are certain."""
    written = one_line(person.value) if person else ""
    found = _HONORIFIC.match(written)
    honorific = found[1] if found else one_line(salutation.value).rstrip(".") if salutation else ""
    titled = written[found.end() :] if found else written
    title = _TITLES.match(titled)
    plain = titled[title.end() :] if title else titled
    if len(written) > _LONGEST_NAME or not _NAME.fullmatch(plain):
        return "", "", "", ""
    first, *others = plain.split()
    full_first = first if len(first.strip(".")) > 1 else ""
    if honorific:
        last = (title[0] if title else "") + (others or [first])[-1]
        known = full_first if others else ""
        return _ONE_WORD_FOR.get(honorific, honorific), titled, known, last
    return "", titled, full_first, (others or [""])[-1]


def _value(fact: Fact | None) -> str:
    """A company or role on one line, without anything that asks, shouts or links."""
    if fact is None:
        return ""
    return " ".join(_NOT_IN_LETTERS.sub(" ", one_line(fact.value)).split())[:_LONGEST_VALUE].strip(
        " ,;:.-"
    )


def _sign_off(writer: Writer) -> str:
    """The signature, below the name where it does not hold it already."""
    name, signature = one_line(writer.name), writer.signature.strip()[:500]
    if not signature or name in signature:
        return signature or name
    return f"{name}\n{signature}"
