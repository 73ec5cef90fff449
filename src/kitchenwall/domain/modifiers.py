"""Read what else a rejection says: feedback offered or refused, an open door, a time to come back."""

from __future__ import annotations

import re
from functools import cache

from kitchenwall.domain.clues import Clues
from kitchenwall.domain.facts import Fact

_FRAMES = {
    ("soft", "keep"): "keep_on_file",
    ("soft", "try_again"): "door_open",
    ("machine", "survey"): "survey",
    ("stage", "redirect"): "redirect",
    ("stage", "silver_medalist"): "runner_up",
}
_NUMBERS = (
    r"\d{1,2}|an?|one|two|three|four|six|nine|twelve|eighteen"
    r"|ein(?:em|er|en)?|zwei|drei|vier|sechs|neun|zwölf"
)
_UNITS = r"months?|years?|weeks?|Monat\w*|Jahr\w*|Wochen?"


def modifiers(clues: Clues) -> tuple[Fact, ...]:
    """Each modifier once, in order of reading; refused feedback is never offered feedback too."""
    facts: dict[str, Fact] = {}
    for name, words in clues.named("modifier"):
        facts.setdefault(name, Fact(name, words))
    for (group, frame), name in _FRAMES.items():
        for found, words in clues.named(group):
            if found == frame:
                facts.setdefault(name, Fact(name, words))
    if "feedback_refused" in facts:
        facts.pop("feedback_offered", None)
    time_of = _time_pattern(
        *(clues.pack.wording.templates.get(name, ()) for name in ("numbers", "times"))
    )
    if (after := facts.get("reapply_after")) and (time := time_of.search(after.words)):
        facts["reapply_after"] = Fact("reapply_after", time[0])
    return tuple(facts.values())


@cache
def _time_pattern(numbers: tuple[str, ...], times: tuple[str, ...]) -> re.Pattern[str]:
    """A span of time, in English, German, and the words that a language has for it."""
    number, unit = (
        "|".join((known, *own)) for known, own in ((_NUMBERS, numbers), (_UNITS, times))
    )
    return re.compile(rf"(?:\w+\s){{0,2}}(?:{number})\s(?:{unit})\b", re.IGNORECASE)
