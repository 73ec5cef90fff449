"""Choose what a letter says: whom it greets, what it thanks for, and its one question."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Stage
from kitchenwall.domain.reply import one_line

_LONGEST_VALUE = 80
_LONGEST_NAME = 60
_NAME = re.compile(r"[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,4}")
_NOT_IN_LETTERS = re.compile(r"[?!<>\"„“”«»]|https?://\S*|www\.\S*|\S+@\S+")
_HONORIFIC = re.compile(r"(Frau|Herrn?|Ms|Mrs|Mr|Mx)\.? (?=\S)")
_TITLES = re.compile(r"(?:(?:Dr|Prof|Dipl|Ing|Mag|med|rer|nat|phil)\.?-? )+")


class Question(StrEnum):
    """The one thing that a letter asks for, or NOTHING."""

    POINTER = "pointer"
    AREA = "area"
    HINT = "hint"
    EXERCISE = "exercise"
    CLOSE_CALL = "close_call"
    OFFERED = "offered"
    CLIENT = "client"
    NEXT_STEP = "next_step"
    CHECK_BACK = "check_back"
    NOTHING = "nothing"


class Theme(StrEnum):
    """What the letter looks back on, and so how long and how warm it is."""

    APPLIED = "applied"
    TALKED = "talked"
    TESTED = "tested"
    CLOSE = "close"
    FILLED = "filled"
    STOPPED = "stopped"
    AGENCY = "agency"
    REDIRECT = "redirect"
    ON_FILE = "on_file"


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes: the person's name and signature as the configuration has them."""

    name: str
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the templates may know: plain text only, "" where it is not known for certain.

    `honorific` is "Frau" or the like where the mail shows it, with the family name in `last_name`.
    `why` says why this question was chosen; it is for the person and never stands in the letter.
    """

    theme: Theme
    question: Question
    why: str
    stage: str
    feedback: str
    formality: str
    sign_off: str
    company: str = ""
    role: str = ""
    full_name: str = ""
    first_name: str = ""
    honorific: str = ""
    last_name: str = ""
    keep_on_file: str = ""
    door_open: str = ""


def situation(facts: Facts, writer: Writer) -> Situation:
    """What the letter that answers a rejection with these facts has to go by."""
    question, why = question_for(facts)
    honorific, full, first, last = _names(facts.person)
    return Situation(
        theme=theme_of(facts),
        question=question,
        why=why,
        stage=facts.stage.value,
        feedback=facts.feedback.value,
        formality=facts.formality,
        sign_off=_sign_off(writer),
        company=_value(facts.company),
        role=_value(facts.role),
        full_name=full,
        first_name=first,
        honorific=honorific,
        last_name=last,
        keep_on_file=_yes(facts.says("keep_on_file") or facts.stage == Stage.KEEP_ON_FILE),
        door_open=_yes(facts.says("door_open")),
    )


def question_for(facts: Facts) -> tuple[Question, str]:
    """The one question for these facts, and why it is this one (domain knowledge: ask levels)."""
    for applies, question, why in _QUESTIONS:
        if applies(facts):
            return question, why
    return Question.HINT, "nobody has talked with you yet, so one light request is enough"


def theme_of(facts: Facts) -> Theme:
    """What the letter looks back on."""
    if facts.says("redirect"):
        return Theme.REDIRECT
    return _THEMES.get(facts.stage, Theme.APPLIED)


_THEMES = {
    Stage.PHONE_SCREEN: Theme.TALKED,
    Stage.INTERVIEW: Theme.TALKED,
    Stage.ASSESSMENT: Theme.TESTED,
    Stage.FINAL: Theme.CLOSE,
    Stage.SILVER_MEDALIST: Theme.CLOSE,
    Stage.POSITION_FILLED: Theme.FILLED,
    Stage.CANCELLED: Theme.STOPPED,
    Stage.ON_HOLD: Theme.STOPPED,
    Stage.WITHDRAWN_POSTING: Theme.STOPPED,
    Stage.EXPIRED: Theme.STOPPED,
    Stage.AGENCY_RELAY: Theme.AGENCY,
    Stage.REDIRECT: Theme.REDIRECT,
    Stage.KEEP_ON_FILE: Theme.ON_FILE,
}

_QUESTIONS = (
    (
        lambda facts: facts.says("replies_refused") or facts.stage == Stage.RESCIND,
        Question.NOTHING,
        "this is no mail to ask anything",
    ),
    (
        lambda facts: theme_of(facts) == Theme.REDIRECT,
        Question.NEXT_STEP,
        "they suggest another role, and that wants an answer first",
    ),
    (
        lambda facts: facts.says("feedback_refused"),
        Question.NOTHING,
        "they say that they give no feedback, so thanks alone is best",
    ),
    (
        lambda facts: facts.says("feedback_offered"),
        Question.OFFERED,
        "they offer feedback, so the letter takes up the offer",
    ),
    (
        lambda facts: facts.feedback == FeedbackLevel.SPECIFIC,
        Question.NOTHING,
        "they have already said something specific, and that deserves thanks",
    ),
    (
        lambda facts: theme_of(facts) in (Theme.FILLED, Theme.STOPPED),
        Question.CHECK_BACK,
        "the position is gone whatever you did, so keeping in touch is worth more than feedback",
    ),
    (
        lambda facts: theme_of(facts) == Theme.ON_FILE,
        Question.NOTHING,
        "they want to keep your details, so the letter confirms that you are interested",
    ),
    (
        lambda facts: theme_of(facts) == Theme.AGENCY,
        Question.CLIENT,
        "an agency hears from its client what was missing, and may have other roles",
    ),
    (
        lambda facts: theme_of(facts) == Theme.TESTED,
        Question.EXERCISE,
        "you did an exercise, and which part to practise is easy to answer",
    ),
    (
        lambda facts: theme_of(facts) == Theme.CLOSE,
        Question.CLOSE_CALL,
        "you came far, and those who saw most of you can say most",
    ),
    (
        lambda facts: theme_of(facts) == Theme.TALKED and facts.feedback == FeedbackLevel.GENERIC,
        Question.AREA,
        "their reason is a general one, so the letter asks for the area behind it",
    ),
    (
        lambda facts: theme_of(facts) == Theme.TALKED,
        Question.POINTER,
        "they gave no reason, so the letter asks for one pointer",
    ),
)


def _names(person: Fact | None) -> tuple[str, str, str, str]:
    """Honorific, whole name, first name and last name, as far as they are certain."""
    written = one_line(person.value) if person else ""
    found = _HONORIFIC.match(written)
    honorific = found[1].replace("Herrn", "Herr") if found else ""
    titled = written[found.end() :] if found else written
    title = _TITLES.match(titled)
    plain = titled[title.end() :] if title else titled
    if len(written) > _LONGEST_NAME or not _NAME.fullmatch(plain):
        return "", "", "", ""
    first, *others = plain.split()
    if honorific:
        return honorific, titled, "", (title[0] if title else "") + (others or [first])[-1]
    return "", titled, first if len(first.strip(".")) > 1 else "", (others or [""])[-1]


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


def _yes(value: bool) -> str:
    return "yes" if value else ""
