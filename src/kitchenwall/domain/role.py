"""Read which role a mail is about, and under which reference the employer files it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from kitchenwall.domain.clues import Clues
from kitchenwall.domain.facts import Fact
from kitchenwall.domain.places import CODE, TAG, TITLED
from kitchenwall.domain.titles import title_pattern

_LONGEST = 110
_MOST_WORDS = 16
_MOST_ROLES = 40
_TAGS = re.compile(rf"\s*{TAG}|\s*[(\[]\s*[)\]]")
_TAG = re.compile(TAG)
_TAGGED = re.compile(rf"(?P<role>{TITLED})\s?[\"“”«»]?\s?{TAG}")
_POST = (
    r"positions?|roles?|openings?|vacanc(?:y|ies)|jobs?|posts?|posting|opportunity|stellen?|position"
    r"|programme?s?|team"
)
_NUMBER = rf"(?:(?:JR|REQ|R|ID|ADM)[-_]?\d{{4,9}}|(?!(?:19|20)\d\d\b)\d{{4,9}}(?:BR)?|\d{{4}}-\d{{3,6}}|\d{{3,7}}BR|(?-i:{CODE}))"
_NUMBERED = re.compile(
    rf"(?i)[\s,;–-]*[(\[]?\s?\b(?:(?:job|req(?:uisition)?|position|ref(?:erence|erenz)?|kennziffer|kennzahl|stellen)[\s.-]?"
    rf"(?:id|nr|no|nummer|number)?[.:#\s]*)?(?<![\w-]){_NUMBER}\s?[)\]]?$"
)
_WORKLOAD = re.compile(r"\s\d{2,3}\s?[-–]\s?\d{2,3}(?:\s?%)?$")
_NUMBER_FIRST = re.compile(rf"^(?:{_NUMBER}|{CODE}|\d{{1,2}})[\s:,–(-]+(?=\D)")
_NOT_FIRST = (
    r"the|this|our|your|an?|as|re|aw|fwd|wg|ihre|ihr|deine|dein|unsere|der|die|das|des|als|eine[rns]?|ein|bewerbung|stelle|position"
    r"|ausschreibung|entscheidung|rückmeldung|nachricht|hello|news|to|of|application|for|role|job|absage|update|on|update:"
)
_NOT_LAST = rf"{_POST}|application|bewerbung|advt|at|bei|with|und|and|in|for|für|der|to"
_NO_ROLE = re.compile(
    rf"(?i)^(?:the|this|our|your|an?)$|\b(?:{_POST}|candidates?|applications?|interview|next|stage)$"
    r"|\b(?-i:above|below|following|current|latest|another|other|others|any|available|same|suitable|right|new|future|similar)\b"
    r"|^(?:further|consideration|details|information|thank|thanks)\b"
)
_JOINERS = frozenset(
    [
        "and",
        "of",
        "for",
        "in",
        "the",
        "to",
        "with",
        "at",
        "on",
        "an",
        "a",
        "&",
        "or",
        "from",
        "by",
        "only",
        "und",
        "für",
        "im",
        "in",
        "am",
        "der",
        "des",
        "mit",
        "oder",
        "bis",
        "als",
    ]
)
_QUOTED = re.compile(r"[\"“”„»«]([^\"“”„»«]{3,110})[\"“”„»«]")
_OF_SOMEBODY = re.compile(r"^(?:[A-Z]\w+\s){0,2}[A-Z]\w+[’']s\s(?=[A-Z])")
_ARTICLE = re.compile(r"(?<=[a-zäöü])\s(?:the|our|this|an|a|eine[nr]?|unsere[nr]?)\s")
_AFTER = re.compile(
    r"\s(?:Application|Bewerbung|Position|Role)(?:\s\([^()]{0,60}\))?$|\s\([^()]{0,40}\d[^()]{0,40}[/\d][^()]{0,40}\)$"
)
_CLAUSE = re.compile(r",\s(?=[a-zà-ÿ])")
_PARTS = re.compile(r"\s[|@•–—-]\s|\s/\s(?=[A-ZÀ-Ž])|\s?\|\s?|:\s|,\s")
_BARE_REFERENCE = re.compile(
    rf"\b(?P<reference>(?:JR|REQ|R)-?\d{{4,9}}|\d{{3,7}}BR|[A-Z]{{2,6}}/[A-Z]{{2,4}}/\d{{3,6}})\b"
    rf"|\((?P<bracketed>(?=[A-Z][^)]{{0,30}}\d\d){CODE})\)"
)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(slots=True)
class _Found:
    """How much speaks for one role, as it was first read."""

    role: str
    words: str
    worth: float = 0.0


def role(clues: Clues, company: Fact | None) -> Fact | None:
    """The role that best stands out: named twice, an occupation, marked (m/w/d), in the subject."""
    titles = title_pattern(clues.pack)
    trim = _Trim(clues, company.value if company else "")
    found: dict[str, _Found] = {}
    counted: dict[tuple[str, str], float] = {}
    certain = {marked.value for marked in clues.marked("role")} if clues.stops else set[str]()
    named = [
        (trim(value, value in certain), words, worth)
        for value, words, worth in _named(clues, titles)
    ]
    for kept, words, worth in named:
        beside = (other for other, where, _ in named if where == words)
        if any(_goes_on(kept, other, clues.joiners) for other in beside):
            continue
        if kept and len(found) < _MOST_ROLES:
            one = found.setdefault(_key(kept), _Found(kept, words, 2.0 * bool(titles.search(kept))))
            before = counted.get((one.role, words), 0.0)
            counted[one.role, words] = max(before, worth)
            one.worth += max(0.0, worth - before)
    for one in found.values():
        one.worth += sum(0.5 for key in found if key != _key(one.role) and key in _key(one.role))
    best = max(found.values(), key=lambda one: one.worth, default=None)
    return Fact(best.role, best.words) if best and best.worth >= 1 else None


def reference(clues: Clues) -> Fact | None:
    """The employer's number for the opening; never a year."""
    for marked in clues.marked("reference"):
        if not _YEAR.fullmatch(marked.value):
            return Fact(marked.value, marked.words)
    for source in (clues.subject, clues.text):
        if found := _BARE_REFERENCE.search(source):
            return Fact(found["reference"] or found["bracketed"], found[0])
    return None


def _named(clues: Clues, titles: re.Pattern[str]) -> Iterator[tuple[str, str, float]]:
    """Everything that some place gives as a role, with the words around it and its worth."""
    for said in clues.said:
        if not _TAG.search(said.sentence.written):
            continue
        for tagged in _TAGGED.finditer(said.sentence.written):
            yield tagged["role"], said.sentence.written, 3.0
    for marked in clues.marked("role"):
        yield marked.value, marked.words, 1.5 if marked.in_subject else 1.0
    yield from ((line, line, 1.0) for line in _own_lines(clues) if titles.search(line))
    for marked in clues.marked("role_hint"):
        if titles.search(marked.value):
            yield marked.value, marked.words, 0.5
    for part in _PARTS.split(_TAGS.sub("", clues.subject)):
        told = titles.match(part) if part.islower() else titles.search(part)
        if told and (part.islower() or part[:1].isupper()):
            yield part, clues.subject, 0.5


def _own_lines(clues: Clues) -> Iterator[str]:
    """Short lines that end in a number and say nothing else, as headings of letters do."""
    for said in clues.said[1:]:
        line = said.sentence.written.rstrip(". ")
        short = len(line) <= _LONGEST and line[:1].isupper() and re.search(r"\d", line[-4:])
        if short and _NUMBERED.search(line) and not any(said.of("address")):
            yield line


def _goes_on(name: str, other: str, joiners: tuple[str, ...]) -> bool:
    """Whether the other is this role and more, such as "Jefe" and "Jefe de cocina"."""
    return other.startswith(f"{name} ") and other[len(name) :].split()[0] in joiners


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


class _Trim:
    """Takes off what is no part of a role: tags, numbers, articles, the company."""

    def __init__(self, clues: Clues, company: str) -> None:
        self.functions = clues.pack.function_words - _JOINERS - {*clues.joiners}
        self.titles = title_pattern(clues.pack)
        told = clues.pack.wording.templates
        self.not_first = _not_first(told.get("role_not_first", ()))
        self.not_last = _not_last(told.get("role_not_last", ()))
        self.articles = told.get("articles", ())
        self.company = company

    def __call__(self, value: str, named: bool = False) -> str:
        """The role in plain words; "" where it is none. One that is `named` may be any word."""
        value = _TAGS.sub("", _unquoted(value))
        value = _CLAUSE.split(value)[0]
        value = _ARTICLE.split(_AFTER.sub("", _OF_SOMEBODY.sub("", value)))[-1]
        if self.company and self.company in value:
            value = _company_at(self.company, self.articles).sub("", value)
        for _ in range(3):
            before = value
            value = self.not_first.sub("", value.strip(" \"'„“”»«,;:.-–—|*"))
            value = _NUMBER_FIRST.sub("", _NUMBERED.sub("", _WORKLOAD.sub("", value)))
            value = self.not_last.sub("", value)
            if value == before:
                break
        value = " ".join(_balanced(value).split())
        return value if self._may_be(value, named) else ""

    def _may_be(self, value: str, named: bool) -> bool:
        words = value.split()
        if not 2 < len(value) <= _LONGEST or len(words) > _MOST_WORDS or _NO_ROLE.search(value):
            return False
        if any(word.lower() in self.functions and word.islower() for word in words):
            return False
        return not value.islower() or named or bool(self.titles.search(value))


@lru_cache(maxsize=64)
def _company_at(company: str, articles: tuple[str, ...]) -> re.Pattern[str]:
    """The company behind a role, with all that follows it, or in front of one."""
    name = re.escape(company)
    at = "|".join(("at|with|@|in|bei|bei der|an der|von|der", *articles))
    return re.compile(
        rf"(?:\s?[,|–-](?:\s(?:{at})){{0,2}}|(?:\s(?:{at})){{1,2}})\s(?:the\s)?{name}\b.*$"
        rf"|\s\({name}\b.*$|^{name}(?:['’]s?)?\s?[-–|:,]?\s"
    )


@cache
def _not_first(words: tuple[str, ...]) -> re.Pattern[str]:
    """The words that stand before a role and are no part of it, those of a language among them."""
    own = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    choices = rf"{_NOT_FIRST}|{own}" if own else _NOT_FIRST
    return re.compile(rf"^(?:(?:{choices})(?:(?!\w)|(?<=['’]))[\s:,–/-]*)+", re.IGNORECASE)


@cache
def _not_last(words: tuple[str, ...]) -> re.Pattern[str]:
    """The words that stand behind a role and are no part of it, those of a language among them."""
    choices = "|".join((_NOT_LAST, *map(re.escape, words)))
    return re.compile(rf"(?:[\s,:;–-]+(?:{choices})\b)+$", re.IGNORECASE)


def _unquoted(value: str) -> str:
    """What stands between the quotes where the value begins with one."""
    found = _QUOTED.match(value)
    return found[1] if found else value


def _balanced(value: str) -> str:
    """Without a bracket that is not closed or opened."""
    if value.count("(") != value.count(")"):
        value = value.partition("(")[0] if "(" in value else value.replace(")", "")
    return value.strip(" \"'„“”»«,;:.-–—|")
