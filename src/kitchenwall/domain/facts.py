"""What a rejection says besides no: who, for what, at which stage, how much it explains."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """How far the application had come (domain knowledge: stages of an application)."""

    CV_SCREEN = "cv_screen"
    PHONE_SCREEN = "phone_screen"
    ASSESSMENT = "assessment"
    INTERVIEW = "interview"
    FINAL = "final"
    POSITION_FILLED = "position_filled"
    CANCELLED = "cancelled"
    ON_HOLD = "on_hold"
    KEEP_ON_FILE = "keep_on_file"
    SILVER_MEDALIST = "silver_medalist"
    AGENCY_RELAY = "agency_relay"
    REDIRECT = "redirect"
    RESCIND = "rescind"
    EXPIRED = "expired"
    WITHDRAWN_POSTING = "withdrawn_posting"
    UNKNOWN = "unknown"


class FeedbackLevel(StrEnum):
    """How much the mail explains: nothing, what is true of anybody, or something about this person."""

    NONE = "none"
    GENERIC = "generic"
    SPECIFIC = "specific"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value, and the words that it was read from."""

    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What could be read. None means that the mail does not say: better nothing than wrong.

    `formality` is "formal", "informal" or "" where the language or the mail does not tell.
    `modifiers` name what else is said: feedback_offered, feedback_refused, replies_refused,
    keep_on_file, door_open, redirect, survey.
    """

    language: str = "en"
    stage: Stage = Stage.UNKNOWN
    stage_words: str = ""
    company: Fact | None = None
    role: Fact | None = None
    reference: Fact | None = None
    person: Fact | None = None
    feedback: FeedbackLevel = FeedbackLevel.NONE
    feedback_words: str = ""
    formality: str = ""
    modifiers: tuple[Fact, ...] = ()

    def says(self, modifier: str) -> bool:
        """Whether the mail carries this modifier."""
        return any(found.value == modifier for found in self.modifiers)
