"""Find the lines in which a mail says who signs it."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LINES_BELOW = 6
_LINES_AT_THE_END = 8
_LONGEST_LINE = 100
_ENOUGH = 24
_NAMED = re.compile(r"[.,]?\s+((?:[^\W\d_a-zà-ÿ][\w'’.-]*\s?){1,3})$")
_SHORT = re.compile(r"[^aeiou]{2,4}")
_QUOTED = re.compile(r">|_{5}|-{5}|(?:From|Von|De|Sent|Gesendet)\s?:")


def below_closings(text: str, closings: Iterable[str]) -> tuple[str, ...]:
    """The lines after each closing formula, and what stands beside it; quotes end a signature.

    A formula that ends in "*" goes on in the writer's own words.
    """
    whole = frozenset(closings)
    longest_first = sorted(whole, key=len, reverse=True)
    begun = tuple(closing.rstrip("*") for closing in whole if closing.endswith("*"))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found: list[str] = []
    for index, line in enumerate(lines):
        formula, _, beside = line.partition(",")
        said = {part.strip(" .!").lower() for part in formula.split(" / ")}
        goes_on = line[-1] in ",." and any(part.startswith(begun) for part in said if begun)
        beside = beside.strip() or _named_beside(line, longest_first)
        if not whole.isdisjoint(said) or goes_on or (beside and index > 0 and "," not in line):
            below = [beside, *lines[index + 1 : index + 1 + _LINES_BELOW]]
            found += _unquoted(below)
        if len(found) > _ENOUGH:
            break
    return tuple(found)


def _named_beside(line: str, closings: Iterable[str]) -> str:
    """The name that a formula and its writer share a line with: "Groeten Bianca", "Vh. Pia Toft"."""
    lowered = line.lower()
    for closing in closings:
        if not lowered.startswith(closing) or (len(closing) <= 4 and not _SHORT.fullmatch(closing)):
            continue
        if found := _NAMED.match(line, len(closing)):
            return found[1].strip()
    return ""


def last_lines(text: str) -> tuple[str, ...]:
    """The last short lines of a text."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(line for line in lines[-_LINES_AT_THE_END:] if len(line) <= _LONGEST_LINE)


def _unquoted(lines: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if _QUOTED.match(line):
            break
        if line and len(line) <= _LONGEST_LINE:
            kept.append(line)
    return kept
