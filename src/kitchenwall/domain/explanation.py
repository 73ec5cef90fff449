"""Read how a mail explains its no: the reason, how much of it is about this person, what it praises."""

from __future__ import annotations

from collections.abc import Iterator

from kitchenwall.domain.clues import Clues, Said
from kitchenwall.domain.facts import Fact, FeedbackLevel, Reason
from kitchenwall.domain.languages import Hit
from kitchenwall.domain.stage import is_one_clause, is_supposed

_MOST_STRENGTHS = 5
_LEVELS = (FeedbackLevel.SPECIFIC, FeedbackLevel.GENERIC)
_CODES = frozenset(Reason)
_GONE = {
    "position_filled": Reason.POSITION_FILLED.value,
    "cancelled": Reason.POSITION_CANCELLED.value,
    "on_hold": Reason.POSITION_CANCELLED.value,
    "expired": Reason.POSITION_FILLED.value,
}
_ELSEWHERE = (("soft", "keep"), ("soft", "try_again"))


def feedback(clues: Clues) -> tuple[FeedbackLevel, str]:
    """The level of what explains the no, with its sentence (domain knowledge: feedback level)."""
    levels: dict[str, str] = {}
    for said in clues.said[1:]:
        for hit in _explaining(said):
            levels.setdefault(_level(hit), said.sentence.written)
    for level in _LEVELS:
        if level.value in levels:
            return level, levels[level.value]
    return FeedbackLevel.NONE, ""


def reason(clues: Clues) -> Fact | None:
    """The reason that the mail gives: a specific one before a general one, else the first."""
    found: dict[str, Fact] = {}
    for said in clues.said[1:]:
        for hit in _explaining(said):
            if code := _code(hit):
                found.setdefault(_level(hit), Fact(code, said.sentence.written))
    return found.get(FeedbackLevel.SPECIFIC) or found.get(FeedbackLevel.GENERIC)


def strengths(clues: Clues) -> tuple[Fact, ...]:
    """What the employer names as good, where it is something of this person's own."""
    general = frozenset(clues.pack.wording.templates.get("common_praise", ()))
    found: dict[str, Fact] = {}
    for marked in clues.marked("strength"):
        words = [word.strip(".,;:!").lower() for word in marked.value.split()]
        if any(word not in general and word not in clues.pack.function_words for word in words):
            found.setdefault(marked.value.lower(), Fact(marked.value.strip(" .,;:!"), marked.words))
    return tuple(found.values())[:_MOST_STRENGTHS]


def _level(hit: Hit) -> str:
    match hit.frame.group:
        case "reason":
            return hit.frame.value
        case "decision":
            return FeedbackLevel.GENERIC
        case _:
            return hit.frame.name


def _code(hit: Hit) -> str:
    """The reason that the words give, "" where they only explain."""
    if hit.frame.group == "decision":
        return _GONE[hit.frame.value]
    code = hit.frame.name.partition("__")[0]
    return code if hit.frame.group == "reason" and code in _CODES else ""


def _explaining(said: Said) -> Iterator[Hit]:
    """The words of a sentence that explain; not those about other openings or what may come."""
    elsewhere = [hit.start for hit in said.hits if (hit.frame.group, hit.frame.name) in _ELSEWHERE]
    decided = any(True for _ in said.of("decision"))
    for hit in said.hits:
        if not _explains(hit, said) or is_supposed(hit, said):
            continue
        if decided or not any(start < hit.start for start in elsewhere):
            yield hit


def _explains(hit: Hit, said: Said) -> bool:
    """Whether the words say why; what became of the job explains too."""
    if hit.frame.group == "decision":
        return hit.frame.value in _GONE and is_one_clause(hit, said)
    return hit.frame.group in ("reason", "feedback")
