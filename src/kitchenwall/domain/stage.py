"""Read how far the application had come, from what the mail itself says."""

from __future__ import annotations

from kitchenwall.domain.clues import Clues, Said
from kitchenwall.domain.facts import Stage
from kitchenwall.domain.languages import Hit
from kitchenwall.domain.verdict import Verdict

# The first that the mail names counts: what became of the job and who relays it before how far
# the talks had come, and the later step before the earlier one.
_ORDER = (
    Stage.RESCIND,
    Stage.AGENCY_RELAY,
    Stage.REDIRECT,
    Stage.SILVER_MEDALIST,
    Stage.WITHDRAWN_POSTING,
    Stage.CANCELLED,
    Stage.ON_HOLD,
    Stage.POSITION_FILLED,
    Stage.EXPIRED,
    Stage.FINAL,
    Stage.INTERVIEW,
    Stage.PHONE_SCREEN,
    Stage.ASSESSMENT,
    "offer_made",
    Stage.CV_SCREEN,
)
# That somebody else has the offer tells less than how far this person came.
_MEANS = {"offer_made": Stage.POSITION_FILLED}


def stage(clues: Clues, verdict: Verdict) -> tuple[Stage, str]:
    """The most telling stage that the mail names, and its sentence; UNKNOWN where it names none."""
    cues: dict[str, str] = {}
    for said in clues.said:
        for hit in said.of("stage"):
            if not is_supposed(hit, said) and not _is_by_phone(hit, said):
                cues.setdefault(hit.frame.name, said.sentence.written)
        for hit in said.of("decision"):
            if hit.frame.value and is_one_clause(hit, said) and not is_supposed(hit, said):
                cues.setdefault(hit.frame.value, said.sentence.written)
    for name in _ORDER:
        if name in cues:
            return _MEANS.get(name) or Stage(name), cues[name]
    return _only_kept(clues, verdict)


def _is_by_phone(hit: Hit, said: Said) -> bool:
    """Whether the words for an interview are part of those for one by phone ("entretien téléphonique")."""
    return hit.frame.name == Stage.INTERVIEW and any(
        other.start < hit.end and hit.start < other.end
        for other in said.of("stage")
        if other.frame.name == Stage.PHONE_SCREEN
    )


def is_supposed(hit: Hit, said: Said) -> bool:
    """Whether the words stand in a condition, so that they tell nothing that happened."""
    folded = said.sentence.folded
    return any(
        guard.frame.name in ("if", "harmless_if")
        and guard.start < hit.start
        and " , " not in folded[guard.end - 1 : hit.start + 1]
        for guard in said.of("guard")
    )


def is_one_clause(hit: Hit, said: Said) -> bool:
    """Whether no "and" or "but" parts the words: what is gone and who is told are two things."""
    if hit.frame.value != Stage.CANCELLED:
        return True
    return said.joins.isdisjoint(said.sentence.folded[hit.start : hit.end].split())


def _only_kept(clues: Clues, verdict: Verdict) -> tuple[Stage, str]:
    """Keeping somebody's details is a stage of its own where no decision was read."""
    if not any(evidence.rule.startswith("decision:") for evidence in verdict.evidence):
        for name, words in clues.named("soft"):
            if name == "keep":
                return Stage.KEEP_ON_FILE, words
    return Stage.UNKNOWN, ""
