"""Read a finished letter and say what keeps it from being laid as it is."""

from __future__ import annotations

import re

from kitchenwall.domain.letter import Question, Situation, Theme

_FEWEST_WORDS = 30
_MOST_WORDS = {Theme.TALKED: 130, Theme.TESTED: 130, Theme.CLOSE: 150, Theme.ON_FILE: 120}
_MOST_WORDS_UNMET = 100
_UNFILLED = re.compile(
    r"\{\{|\{%|\bNone\b|(?<=\S)  +\S| [,;:.?](?:\s|$)|[,;] ?\.|\bundefined\b", re.MULTILINE
)


def flaws(text: str, case: Situation) -> tuple[str, ...]:
    """What keeps a finished letter from being laid as it is; empty for a good one."""
    body = text.replace(case.sign_off, "")
    words = len(body.split())
    most = _MOST_WORDS.get(case.theme, _MOST_WORDS_UNMET)
    unasked = case.question == Question.NOTHING and "?" in body
    found = (
        ("it asks more than one question", body.count("?") > 1),
        ("it asks although nothing should be asked", unasked),
        (f"it has more than {most} words", words > most),
        (f"it has fewer than {_FEWEST_WORDS} words", words < _FEWEST_WORDS),
        ("something in it was not filled in", _UNFILLED.search(body) is not None),
        ("your name is missing", case.sign_off not in text),
        ("it shouts", "!" in body),
    )
    return tuple(flaw for flaw, is_so in found if is_so)
