"""Find what stands in the places that a language's templates mark: a role, a company, a reference.

A template is a row of elements between spaces: words, "(one|of these)", "[one|or nothing]", and a
place: <company> and <role> begin with a capital letter, <loose> is a role in any letters, <post> one
that ends at a mark or before one of the language's stops, <reference> a number, <praised> what is said to be good.
Words match in any case. Every repetition is bounded, so the cost is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from kitchenwall.domain.sentences import Sentence, fold

_START = r"[A-Z0-9ÀÁÂÄÅÆÇÈÉÊÍÎÑÓÔÖØÙÚÜĆČĎĐĘĚŁŃŇŘŚŠŤŹŻŽ]"
_WORD = rf"(?:(?:St|Dr|Mt|Gebr)\.(?=\s)|{_START}[\w&'’+#-]*(?:\.\w+)*)"
_POSTS = (
    "positions?|roles?|openings?|vacanc(?:y|ies)|jobs?|posts?|posting|internship|opportunity|stelle"
)
_FORMS = r"(?:,?\s(?:Inc|LLC|L\.L\.C|Ltd|Limited|PLC|plc|Corp|Co|GmbH|AG|SE|KG|B\.V|S\.A|LP)\b)?"
_IN_NAMES = "&|and|of|de|und|für|for"
_IN_ROLES = (
    "&|-|–|—|/|and|of|for|in|the|to|with|im|und|für|mit|der|des|de|am|on|or|oder|en|et|i|a|e|y"
)
TAG = (
    r"[(\[]?\b(?:[mwfdxihMWFDXIH](?:\s?[/|*,;]\s?[mwfdxighMWFDXIGH]){1,3}|gn|all\s(?:genders|humans))\b"
    r"(?:[;,][^()\n]{1,60})?[)\]]?"
)
# A number of parts, such as GA-2026-031 or 17/2026; no date and no span of years.
CODE = (
    r"(?!(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])(?:/\d{2,4})?\b(?!/))(?!(?:19|20)\d\d[-/](?:\d\d|(?:19|20)\d\d)\b(?![-/]))(?=[A-Z/_-]{0,12}\d)"
    r"[A-Z0-9]{1,6}(?:[-/][A-Z0-9]{1,8}){1,3}"
)
_TITLE = rf"[(\[\"'„“»]?{_START}[\w&/+#*|@’-]*(?:[.:_*](?=\w)\w+)*:?[\"'“”«)\]]{{0,2}}"
TITLED = rf"{_TITLE}(?:,?\s(?:(?:{_IN_ROLES})\s){{0,2}}{_TITLE}){{0,8}}"
_LOOSE = r"(?P<role>[\w(][\w&/+#.*:|()'’$@-]*(?:,?\s[\w(&+–/-][\w&/+#.*:|()'’$@-]*){0,11}?)"
_POST = r"(?P<role>[\w(][\w&/+#.*|()'’$@-]*(?:\s[\w(&+][\w&/+#.*|()'’$@-]*){0,9}?)"
_MARK = r"\s?[.,;:!?«»\"–—](?:\s|$)|\s[(/–—-]|\s*$"
_NUMBER = (
    r"(?=(?:\S{0,20}?\d){3})(?:[A-Z]{1,4}[-_]?)?\d{1,8}(?:BR)?"
    r"(?:[-/](?:[A-Z]{1,5}[-/])?\d{1,8}){0,2}"
)
_REFERENCE = rf"[\s.:#(]{{0,4}}(?P<reference>{CODE}|{_NUMBER})\b(?!\.\d|[-/])"
_PRAISED = (
    r"(?P<strength>[\w'’+#-]+(?:\s(?!(?:but|and|however|although|though|while|which|that|we|unfortunately|so|yet|aber|jedoch|und|wir"
    r"|leider|doch|dass|haben|hat|sehr|ma|però|tuttavia|che|purtroppo|abbiamo)\b)[\w'’/+#-]+){0,9})"
)
_KINDS = ("role", "loose", "post", "company", "reference", "praised")
_ELEMENT = re.compile(r"<\w+>|\([^)]*\)|\[[^\]]*\]|[^\s<>()\[\]]+")


def places_in(
    sentence: Sentence,
    kind: str,
    templates: Iterable[str],
    joiners: tuple[str, ...] = (),
    stops: tuple[str, ...] = (),
) -> Iterator[str]:
    """What stands in a sentence's places of this kind ("role", "company", "reference").

    In the language of the templates `joiners` are small words that join the parts of a name, and
    `stops` words before which a <post> ends.
    """
    tokens = frozenset(sentence.folded.split())
    for template in templates:
        if any(map(tokens.isdisjoint, _needed(template))):
            continue
        if not _outline(template).search(sentence.written):
            continue
        for found in _pattern(template, joiners, stops).finditer(sentence.written):
            yield " ".join(found[_group(kind)].split())


@cache
def _needed(template: str) -> tuple[frozenset[str], ...]:
    """Sets of folded words, one of each of which a sentence must hold for the template to match."""
    needed = []
    for element in _ELEMENT.findall(template):
        if element[0] in "<[":
            continue
        choices = element[1:-1].split("|") if element[0] == "(" else [element]
        first = [fold(choice).strip(" ,").split(" ")[0] for choice in choices]
        if all(first):
            needed.append(frozenset(first))
    return tuple(needed)


def _group(kind: str) -> str:
    return kind.partition("_")[0]


@cache
def _pattern(template: str, joiners: tuple[str, ...], stops: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_source(template, _places(joiners, stops))}")


@cache
def _outline(template: str) -> re.Pattern[str]:
    """The template with nearly anything in its places: quickly made, it spares most patterns.

    A role and a company begin with a capital letter or a number, behind a quote or bracket at most.
    """
    capital = r"\W?[^\W_a-z].*?"
    roughly = {**dict.fromkeys(_KINDS, ".*?"), "role": capital, "company": capital}
    return re.compile(_source(template, roughly).removeprefix(r".*?\s*"))


def _source(template: str, places: Mapping[str, str]) -> str:
    source = ""
    for element in _ELEMENT.findall(template):
        if element[0] == "<":
            source += rf"{places[element[1:-1]]}\s*"
        elif element[0] == "[":
            source += rf"(?:\b(?i:{_choices(element)})\b\s*)?"
        elif element[0] == "(":
            source += rf"\b(?i:{_choices(element)})\b\s*"
        else:
            source += rf"(?i:{re.escape(element)})\s*"
    return source


@cache
def _places(joiners: tuple[str, ...], stops: tuple[str, ...]) -> Mapping[str, str]:
    """The pattern of each place, in a language that joins names with these words too."""
    stop = rf"|\s(?i:{'|'.join(map(re.escape, stops))})(?!\w)" if stops else ""
    in_names, in_roles = ("|".join((words, *joiners)) for words in (_IN_NAMES, _IN_ROLES))
    in_titles = rf"(?:(?:{in_roles})\s){{0,2}}"
    return {
        "role": rf"(?P<role>{_TITLE}(?:,?\s(?:{TAG}|{in_titles}{_TITLE})){{0,10}})",
        "loose": _LOOSE,
        "post": rf"{_POST}(?={_MARK}{stop})",
        "company": rf"(?P<company>{_WORD}(?:\s(?:(?:{in_names})\s(?:the\s)?)?(?:[a-z]{{1,5}}['’])?{_WORD}){{0,4}}+)"
        rf"{_FORMS}(?![\w/])(?!\s?(?i:{_POSTS}|intern|family)\b)",
        "reference": _REFERENCE,
        "praised": _PRAISED,
    }


def _choices(element: str) -> str:
    return "|".join(re.escape(choice).replace(r"\ ", r"\s") for choice in element[1:-1].split("|"))
