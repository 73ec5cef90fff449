"""Read from a rejection who says no, to what, at which stage, and how much it explains.

What a mail does not say stays None: a wrong company or name in a reply hurts more than a missing
one. Applicant tracking systems, job boards and people are never the company.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Stage
from kitchenwall.domain.languages import Hit, LanguagePack, Names
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.sentences import Sentence, fold, sentences
from kitchenwall.domain.verdict import Verdict

_STAGES = (
    Stage.RESCIND,
    Stage.AGENCY_RELAY,
    Stage.REDIRECT,
    Stage.SILVER_MEDALIST,
    Stage.CANCELLED,
    Stage.ON_HOLD,
    Stage.POSITION_FILLED,
    Stage.FINAL,
    Stage.INTERVIEW,
    Stage.PHONE_SCREEN,
    Stage.ASSESSMENT,
    Stage.CV_SCREEN,
)
_MODIFIERS = {
    ("soft", "keep"): "keep_on_file",
    ("soft", "try_again"): "door_open",
    ("machine", "survey"): "survey",
}
_LONGEST_TEXT = 20_000

_START = r"[A-Z0-9ÀÁÂÄÅÆÇÈÉÍÎÑÓÔÖØÙÚÜĆČĐĘŁŃŘŚŠŹŻŽ]"
_WORD = rf"{_START}[\w&'’+#-]*(?:\.\w+)*"
_POSTS = (
    "positions?|roles?|openings?|vacanc(?:y|ies)|jobs?|posts?|posting|internship|opportunity|stelle"
)
_COMPANY = rf"(?P<company>{_WORD}(?:\s(?:(?:&|and|of|de|und|für|for)\s(?:the\s)?)?{_WORD}){{0,4}}+)(?![\w/])(?!\s?(?i:{_POSTS}|intern)\b)"
_TITLE = rf"[(\[\"'„“»]?{_START}[\w&/+#*|-]*(?:[.:]\w+)*[\"'“”«)\]]?"
_JOINED = r"(?:(?:&|-|–|/|and|of|for|in|the|to|with|im|und|für|mit|der|de|am)\s){0,2}"
_TAG = r"\(?[mwfdxi](?:\s?[/|*,]\s?[mwfdxi]){1,3}\)?"
_ROLE = rf"(?P<role>{_TITLE}(?:,?\s(?:{_TAG}|{_JOINED}{_TITLE})){{0,10}})"
_LOOSE = r"(?P<role>[\w(][\w&/+#.*:|()-]*(?:,?\s[\w(&–-][\w&/+#.*:|()-]*){0,8}?)"
_REFERENCE = r"[\s.:#(]{0,4}(?P<reference>[A-Z]{0,4}[-_]?\d{3,8}(?:BR)?(?:-\d{1,6})?)\b"
_BARE_REFERENCE = re.compile(r"\b(?P<reference>(?:JR|REQ|R)-?\d{4,9}|\d{3,7}BR)\b")
_TAGS = re.compile(
    r"\s*[(\[]?\b(?:all genders?|gn|[mwfdxiHh](?:\s?[/|*,]\s?[mwfdxFiH]){1,3})\b[)\]]?|\s*[(\[]\s*[)\]]"
)
_ROLE_NOUNS = re.compile(
    rf"(?i)^(?:the|this|our|your|an?)$|\b(?:{_POSTS}|candidates?|applications?)$"
    r"|\b(?:above|below|following|current|latest|another|other|any|available|same|open|suitable|right|new)\b"
)
_TITLES = re.compile(
    r"^(?:(?:Mag|Dr|Prof|Dipl|Ing|DI|Herr|Frau|Mr|Mrs|Ms|Miss)\b\.?(?:-Ing\.)?\s)+", re.IGNORECASE
)
_NAME = re.compile(
    rf"^{_START}[^\W\d_]['’\w-]*(?:\s(?:(?:von|van|de|der|den|di|du|la|le|zu)\s)?{_START}[\w'’.-]*){{0,3}}$"
)
_SIGNATURE_LINE = re.compile(r"^[^,|(–\n]{2,60}")


def gather(message: Message, verdict: Verdict, packs: Mapping[str, LanguagePack]) -> Facts:
    """Read the facts of a mail that was judged; the verdict's language says with which pack."""
    pack = packs.get(verdict.language) or packs.get("en")
    if pack is None:
        return Facts()
    text = (message.own_words or message.text)[:_LONGEST_TEXT]
    found = _Findings.of(pack, message.subject, text)
    stage, stage_words = _stage(found, verdict)
    level, level_words = _feedback(found)
    company = _company(message, text, pack)
    return Facts(
        language=pack.code,
        stage=stage,
        stage_words=stage_words,
        company=company,
        role=_role(message.subject, text, pack),
        reference=_reference(message.subject, text, pack),
        person=_person(message, text, pack, company),
        feedback=level,
        feedback_words=level_words,
        formality=_formality(text, pack),
        modifiers=_modifiers(found),
    )


@dataclass(frozen=True, slots=True)
class _Findings:
    """The frames of a pack in each sentence of a mail."""

    read: tuple[tuple[Sentence, tuple[Hit, ...]], ...]

    @classmethod
    def of(cls, pack: LanguagePack, subject: str, text: str) -> _Findings:
        first = Sentence(subject, fold(subject.replace("\n", " ")))
        return cls(tuple((s, pack.read(s.folded)) for s in (first, *sentences(text))))

    def named(self, group: str) -> Iterator[tuple[str, str]]:
        """The frames of a group by name, each with the sentence it stands in."""
        for sentence, hits in self.read:
            for hit in hits:
                if hit.frame.group == group:
                    yield hit.frame.name, sentence.written


def _stage(found: _Findings, verdict: Verdict) -> tuple[Stage, str]:
    """The most telling stage that the mail names; what the position became counts where it decided."""
    cues = dict(reversed(list(found.named("stage"))))
    for sentence, hits in found.read:
        for hit in hits:
            if hit.frame.group == "decision" and hit.frame.value and _decided(hit, verdict):
                cues.setdefault(hit.frame.value, sentence.written)
    for stage in _STAGES:
        if stage.value in cues:
            return stage, cues[stage.value]
    return Stage.UNKNOWN, ""


def _decided(hit: Hit, verdict: Verdict) -> bool:
    return any(evidence.rule == f"decision:{hit.frame.name}" for evidence in verdict.evidence)


def _feedback(found: _Findings) -> tuple[FeedbackLevel, str]:
    levels = dict(reversed(list(found.named("feedback"))))
    for level in (FeedbackLevel.SPECIFIC, FeedbackLevel.GENERIC):
        if level.value in levels:
            return level, levels[level.value]
    return FeedbackLevel.NONE, ""


def _modifiers(found: _Findings) -> tuple[Fact, ...]:
    facts: dict[str, Fact] = {}
    for name, words in found.named("modifier"):
        facts.setdefault(name, Fact(name, words))
    for (group, frame), name in _MODIFIERS.items():
        for hit, words in found.named(group):
            if hit == frame:
                facts.setdefault(name, Fact(name, words))
    if "feedback_refused" in facts:
        facts.pop("feedback_offered", None)
    return tuple(facts.values())


def _company(message: Message, text: str, pack: LanguagePack) -> Fact | None:
    """From the words around a name, else from the sender's name, else from its own domain."""
    role = _role(message.subject, text, pack)
    for words in (message.subject, text):
        for name, line in _captured("company", words, pack):
            if role and name in role.value:
                continue
            if _may_be_company(name, message, pack):
                return Fact(name, line)
    if message.sender is None:
        return None
    return _company_from_name(message.sender, pack.names) or _company_from_domain(
        message.sender, f"{message.subject}\n{text}", pack.names
    )


def _may_be_company(name: str, message: Message, pack: LanguagePack) -> bool:
    plain = _plain(name)
    if not plain or plain in pack.names.brands or _ROLE_NOUNS.search(name):
        return False
    if all(word in pack.names.generic | pack.function_words for word in plain.split()):
        return False
    return plain not in {_plain(address.name) for address in message.to}


def _company_from_name(sender: Address, names: Names) -> Fact | None:
    """ "Acme Careers" is Acme: only where a word such as careers shows that it is no person."""
    shown = re.split(r"\s(?:via|@|\||-|–)\s|/", sender.name)[0].strip(" \"'")
    words = shown.split()
    kept = [word for word in words if _plain(word) not in names.generic]
    if not kept or len(kept) == len(words) or _plain(" ".join(kept)) in names.brands:
        return None
    return Fact(" ".join(kept), sender.name)


def _company_from_domain(sender: Address, text: str, names: Names) -> Fact | None:
    """The sender's domain where the mail writes the same name; never a system's or a free one."""
    if _ends_in(sender.domain, names.systems) or _ends_in(sender.domain, names.webmail):
        return None
    labels = sender.domain.split(".")
    label = next((part for part in reversed(labels[:-1]) if len(part) > 3), "")
    if not label or _plain(label) in names.generic:
        return None
    pattern = r"[\s&.-]?".join(re.escape(letter) for letter in label.replace("-", ""))
    found = re.search(rf"(?<![@\w./-])(?i:{pattern})(?![\w@-]|\.\w)", text)
    return Fact(" ".join(found[0].split()), sender.spec) if found else None


def _ends_in(domain: str, ends: frozenset[str]) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[start:]) in ends for start in range(len(labels)))


def _role(subject: str, text: str, pack: LanguagePack) -> Fact | None:
    for words in (subject, text):
        for name, line in _captured("role", words, pack):
            role = " ".join(_TAGS.sub("", name).strip(" \"'„“”»«,-–|").split())
            if 2 < len(role) <= 80 and not _ROLE_NOUNS.search(role):
                return Fact(role, line)
    return None


def _reference(subject: str, text: str, pack: LanguagePack) -> Fact | None:
    for words in (subject, text):
        for value, line in _captured("reference", words, pack):
            return Fact(value, line)
        if found := _BARE_REFERENCE.search(words):
            return Fact(found["reference"], found[0])
    return None


def _person(message: Message, text: str, pack: LanguagePack, company: Fact | None) -> Fact | None:
    """Who signed: the name below a closing formula, else a sender that is plainly a person."""
    not_people = (
        pack.names.generic
        | pack.names.legal_forms
        | set(_plain(company.value).split() if company else ())
    )
    for source in (text, message.text[:_LONGEST_TEXT]):
        for line in _below_closings(source, pack):
            name = _as_person(line, not_people, message.sender)
            if name and f"{message.subject}\n{source}".count(name) == 1:
                return Fact(name, line)
    sender = message.sender
    if sender and (name := _as_person(sender.name, not_people, None)):
        parts = {part for part in re.split(r"[^a-z]+", sender.local.lower()) if len(part) > 2}
        if parts & set(_plain(name).split()):
            return Fact(name, sender.name)
    return None


def _below_closings(text: str, pack: LanguagePack) -> Iterator[str]:
    """The lines after each closing formula, and what stands beside it on its own line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for index, line in enumerate(lines):
        formula, _, beside = line.partition(",")
        if formula.strip(" .!").lower() in pack.wording.closings:
            yield from (part for part in (beside.strip(), *lines[index + 1 : index + 3]) if part)


def _as_person(line: str, not_people: frozenset[str] | set[str], sender: Address | None) -> str:
    """The line's name where it is one: two to four capitalised words, or the sender's first name."""
    found = _SIGNATURE_LINE.match(line)
    name = _TITLES.sub("", found[0].strip()) if found else ""
    if "," in line and len(name.split()) == 1:
        last, _, first = line.partition(",")
        name = f"{first.strip()} {last.strip()}"
    words = _plain(name).split()
    if not _NAME.match(name) or re.search(r"\d", name) or any(word in not_people for word in words):
        return ""
    if len(words) >= 2:
        return name
    return name if sender and _plain(sender.name).split()[:1] == words else ""


def _formality(text: str, pack: LanguagePack) -> str:
    """Formal or informal by the words of address; "" where the language has no such words."""
    words = re.findall(r"\w+", text)
    informal = sum(1 for word in words if word.lower() in pack.wording.informal)
    formal = sum(1 for word in words if word in pack.wording.formal)
    if informal == formal:
        return ""
    return "informal" if informal > formal else "formal"


def _captured(kind: str, text: str, pack: LanguagePack) -> Iterator[tuple[str, str]]:
    """What stands in a template's place of this kind, with the words around it, in order."""
    for template in pack.wording.templates.get(kind, ()):
        for found in _template(template).finditer(text):
            yield " ".join(found[kind].split()), " ".join(found[0].split())


@cache
def _template(template: str) -> re.Pattern[str]:
    """A template as a pattern: its words in any case, <role> (capitals), <loose> (any), <company>, <reference>."""
    places = {"role": _ROLE, "loose": _LOOSE, "company": _COMPANY, "reference": _REFERENCE}
    source = r"(?<!\w)"
    for element in re.findall(r"<\w+>|\([^)]*\)|\[[^\]]*\]|[^\s<>()\[\]]+", template):
        if element[0] == "<":
            source += rf"{places[element[1:-1]]}\s*"
        elif element[0] == "[":
            source += rf"(?:\b(?i:{_choices(element)})\b\s*)?"
        elif element[0] == "(":
            source += rf"\b(?i:{_choices(element)})\b\s*"
        else:
            source += rf"(?i:{re.escape(element)})\s*"
    return re.compile(source)


def _choices(element: str) -> str:
    return "|".join(re.escape(choice).replace(r"\ ", r"\s") for choice in element[1:-1].split("|"))


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", name.lower()).split())
