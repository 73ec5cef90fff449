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


class Control(StrEnum):
    """What a person can do about a reason."""

    YOU_CAN_WORK_ON = "you_can_work_on"
    PARTLY = "partly"
    OUTSIDE = "outside_your_control"


class Reason(StrEnum):
    """Why it was a no, as far as the mail says (domain knowledge: reason taxonomy)."""

    OTHER_CANDIDATE_BETTER = "other_candidate_better"
    VOLUME = "volume"
    FIT_GENERIC = "fit_generic"
    SKILLS_MISSING = "skills_missing"
    EXPERIENCE_LEVEL = "experience_level"
    OVERQUALIFIED = "overqualified"
    DOMAIN = "domain"
    LANGUAGE = "language"
    LOCATION = "location"
    WORK_AUTHORISATION = "work_authorisation"
    EDUCATION = "education"
    SALARY = "salary"
    AVAILABILITY = "availability"
    ASSESSMENT_SCORE = "assessment_score"
    INTERVIEW_PERFORMANCE = "interview_performance"
    APPLICATION_QUALITY = "application_quality"
    CULTURE = "culture"
    POSITION_FILLED = "position_filled"
    INTERNAL_CANDIDATE = "internal_candidate"
    POSITION_CANCELLED = "position_cancelled"
    LATE = "late"
    ELIGIBILITY = "eligibility"

    @property
    def control(self) -> Control:
        """Whether the person can work on it, in part, or not at all."""
        if self in _YOURS:
            return Control.YOU_CAN_WORK_ON
        return Control.PARTLY if self in _PARTLY else Control.OUTSIDE


_YOURS = frozenset(
    {
        Reason.SKILLS_MISSING,
        Reason.LANGUAGE,
        Reason.ASSESSMENT_SCORE,
        Reason.INTERVIEW_PERFORMANCE,
        Reason.APPLICATION_QUALITY,
        Reason.EDUCATION,
        Reason.LATE,
    }
)
_PARTLY = frozenset(
    {
        Reason.EXPERIENCE_LEVEL,
        Reason.OVERQUALIFIED,
        Reason.DOMAIN,
        Reason.LOCATION,
        Reason.SALARY,
        Reason.AVAILABILITY,
        Reason.FIT_GENERIC,
        Reason.OTHER_CANDIDATE_BETTER,
    }
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A value, and the words that it was read from."""

    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What could be read. None means that the mail does not say: better nothing than wrong.

    Stage and company may have been read from an earlier mail; then their words name it.

    `formality` is "formal", "informal" or "" where the language or the mail does not tell.
    `aliases` are other names that the mail gives the company. `reason` is a value of `Reason`; `strengths` are what the employer names as good. `salutation`
    is the word that the mail puts before the person's name, such as "Frau". `modifiers` name what
    else is said: feedback_offered, feedback_refused, replies_refused, keep_on_file, door_open,
    redirect, runner_up, survey, and reapply_after, whose words are the time. `is_answer` says that the
    mail answers a letter of the person's, and is no first no; `is_reminder` that nothing answered
    one, and the person reminds of it.
    """

    language: str = "en"
    stage: Stage = Stage.UNKNOWN
    stage_words: str = ""
    company: Fact | None = None
    aliases: tuple[str, ...] = ()
    role: Fact | None = None
    reference: Fact | None = None
    person: Fact | None = None
    feedback: FeedbackLevel = FeedbackLevel.NONE
    feedback_words: str = ""
    formality: str = ""
    modifiers: tuple[Fact, ...] = ()
    salutation: Fact | None = None
    reason: Fact | None = None
    strengths: tuple[Fact, ...] = ()
    is_answer: bool = False
    is_reminder: bool = False

    def says(self, modifier: str) -> bool:
        """Whether the mail carries this modifier."""
        return any(found.value == modifier for found in self.modifiers)
