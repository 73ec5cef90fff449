"""Read a finished letter and say what keeps it from being laid as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from kitchenwall.domain.letter import Bridge, Situation
from kitchenwall.domain.questions import Question, Theme
from kitchenwall.domain.sentences import fold

# How many words a letter has, at least and at most: short after a look at papers, longer the more
# time somebody gave (domain knowledge: order and length of the reply). Thanks for a reason that
# was named, and a line that the person wished for, take their own room.
_LENGTH_APPLIED = (40, 80)
_LENGTH_MET = (60, 120)
_LENGTH = {
    Theme.TALKED: _LENGTH_MET,
    Theme.TESTED: _LENGTH_MET,
    Theme.CLOSE: (60, 150),
    Theme.AGENCY: (40, 100),
}
_MORE_FOR_A_POINT_OR_LINE = 20
_FEWEST_WHERE_NOTHING_IS_ASKED = 30
_LINES = (Bridge.TOUCH, Bridge.TEAMS, Bridge.ROLES)
_UNFILLED = re.compile(
    r"\{\{|\{%|\bNone\b|(?<=\S)  +\S| [,;:.?](?:\s|$)|[,;] ?\.|\bundefined\b", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Tone:
    """What does not belong into letters in a language.

    `never` are phrases that beg, blame, compare, promise or gush; "*" stands for any ending.
    `formal` and `informal` are words that only that form of address has, in the case in which
    they are written. `default` is the form of a letter to a mail that shows none, "" where it depends
    on more.
    """

    never: tuple[str, ...] = ()
    formal: tuple[str, ...] = ()
    informal: tuple[str, ...] = ()
    default: str = "formal"


ANY_TONE = Tone()


def flaws(text: str, case: Situation, tone: Tone = ANY_TONE) -> tuple[str, ...]:
    """What keeps a finished letter from being laid as it is; empty for a good one."""
    body = text.replace(case.sign_off, "")
    words = len(body.split())
    fewest, most = _LENGTH.get(case.theme, _LENGTH_APPLIED)
    if case.theme not in _LENGTH and (case.point or case.bridge in _LINES):
        most += _MORE_FOR_A_POINT_OR_LINE
    if case.question == Question.NOTHING:
        fewest = _FEWEST_WHERE_NOTHING_IS_ASKED
    unasked = case.question == Question.NOTHING and "?" in body
    found = (
        ("it asks more than one question", body.count("?") > 1),
        ("it asks although nothing should be asked", unasked),
        (f"it has {words} words, more than {most}", words > most),
        (f"it has {words} words, fewer than {fewest}", words < fewest),
        ("something in it was not filled in", _UNFILLED.search(body) is not None),
        ("your name is missing", case.sign_off not in text),
        ("it shouts", "!" in body),
    )
    said = (flaw for flaw, is_so in found if is_so)
    own = _own(body, case)
    return (*said, *_out_of_tone(own, tone), *_wrong_address(own, case, tone))


def _out_of_tone(body: str, tone: Tone) -> Iterator[str]:
    folded = fold(body)
    for phrase in tone.never:
        if found := _pattern(phrase).search(folded):
            yield f'it says "{found[0].strip()}", which a thank-you letter does not say'


def _wrong_address(body: str, case: Situation, tone: Tone) -> Iterator[str]:
    """Words of the other form of address than the mail has."""
    form = case.formality or tone.default
    wrong = {"formal": tone.informal, "informal": tone.formal}.get(form, ())
    if found := set(re.findall(r"[\w'’]+", body)).intersection(wrong):
        yield f'it says "{min(found)}" in a letter that is {form}'


def _own(body: str, case: Situation) -> str:
    """The letter's own words, without the names that stand in it."""
    for name in (case.company, case.role, case.full_name):
        body = body.replace(name, "") if name else body
    return body


@cache
def _pattern(phrase: str) -> re.Pattern[str]:
    words = (
        re.escape(fold(word).strip()) + (r"\w*" if word.endswith("*") else "")
        for word in phrase.split()
    )
    return re.compile(rf" {' '.join(words)} ")
