"""The kinds of rejection that a letter must suit, by name, and all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Reason, Stage
from kitchenwall.domain.letter import Situation, Writer, situation
from kitchenwall.domain.questions import Asked, Question


def _facts(
    stage: Stage,
    feedback: FeedbackLevel = FeedbackLevel.NONE,
    reason: Reason | None = None,
    modifier: str = "",
) -> Facts:
    return Facts(
        stage=stage,
        feedback=feedback,
        reason=Fact(reason, "") if reason else None,
        modifiers=(Fact(modifier, ""),) if modifier else (),
    )


OCCASIONS: Mapping[str, Facts] = {
    "nothing-known": _facts(Stage.UNKNOWN),
    "cv-screen": _facts(Stage.CV_SCREEN),
    "cv-screen-kept-on-file": _facts(Stage.CV_SCREEN, modifier="keep_on_file"),
    "cv-screen-no-feedback-given": _facts(Stage.CV_SCREEN, modifier="feedback_refused"),
    "cv-screen-overqualified": _facts(
        Stage.CV_SCREEN, FeedbackLevel.SPECIFIC, Reason.OVERQUALIFIED
    ),
    "cv-screen-language": _facts(Stage.CV_SCREEN, FeedbackLevel.SPECIFIC, Reason.LANGUAGE),
    "phone-screen": _facts(Stage.PHONE_SCREEN),
    "phone-screen-conditions": _facts(Stage.PHONE_SCREEN, FeedbackLevel.SPECIFIC, Reason.LOCATION),
    "interview": _facts(Stage.INTERVIEW),
    "interview-generic-reason": _facts(Stage.INTERVIEW, FeedbackLevel.GENERIC),
    "interview-level": _facts(Stage.INTERVIEW, FeedbackLevel.GENERIC, Reason.EXPERIENCE_LEVEL),
    "interview-skill": _facts(Stage.INTERVIEW, FeedbackLevel.SPECIFIC, Reason.SKILLS_MISSING),
    "interview-experience": _facts(
        Stage.INTERVIEW, FeedbackLevel.SPECIFIC, Reason.EXPERIENCE_LEVEL
    ),
    "interview-conversation": _facts(
        Stage.INTERVIEW, FeedbackLevel.SPECIFIC, Reason.INTERVIEW_PERFORMANCE
    ),
    "interview-specific-reason": _facts(Stage.INTERVIEW, FeedbackLevel.SPECIFIC),
    "interview-feedback-offered": _facts(Stage.INTERVIEW, modifier="feedback_offered"),
    "interview-no-feedback-given": _facts(Stage.INTERVIEW, modifier="feedback_refused"),
    "interview-door-open": _facts(Stage.INTERVIEW, modifier="door_open"),
    "assessment": _facts(Stage.ASSESSMENT),
    "assessment-score": _facts(Stage.ASSESSMENT, FeedbackLevel.SPECIFIC, Reason.ASSESSMENT_SCORE),
    "final-round": _facts(Stage.FINAL, FeedbackLevel.GENERIC),
    "runner-up": _facts(Stage.SILVER_MEDALIST),
    "runner-up-specific-reason": _facts(Stage.SILVER_MEDALIST, FeedbackLevel.SPECIFIC),
    "filled": _facts(Stage.POSITION_FILLED, FeedbackLevel.GENERIC, Reason.POSITION_FILLED),
    "cancelled": _facts(Stage.CANCELLED, FeedbackLevel.GENERIC, Reason.POSITION_CANCELLED),
    "on-hold": _facts(Stage.ON_HOLD),
    "application-papers": _facts(
        Stage.CV_SCREEN, FeedbackLevel.SPECIFIC, Reason.APPLICATION_QUALITY
    ),
    "kept-on-file": _facts(Stage.KEEP_ON_FILE),
    "agency": _facts(Stage.AGENCY_RELAY),
    "agency-specific-reason": _facts(
        Stage.AGENCY_RELAY, FeedbackLevel.SPECIFIC, Reason.SKILLS_MISSING
    ),
    "another-role": _facts(Stage.REDIRECT),
    "answered-specific": replace(
        _facts(Stage.INTERVIEW, FeedbackLevel.SPECIFIC, Reason.SKILLS_MISSING), is_answer=True
    ),
    "not-answered": replace(_facts(Stage.INTERVIEW), is_reminder=True),
    "answered-generic": replace(_facts(Stage.INTERVIEW, FeedbackLevel.GENERIC), is_answer=True),
}

_REASONS = (
    (FeedbackLevel.NONE, None),
    (FeedbackLevel.GENERIC, None),
    (FeedbackLevel.GENERIC, Reason.EXPERIENCE_LEVEL),
    (FeedbackLevel.SPECIFIC, None),
    (FeedbackLevel.SPECIFIC, Reason.SKILLS_MISSING),
    (FeedbackLevel.SPECIFIC, Reason.EXPERIENCE_LEVEL),
    (FeedbackLevel.SPECIFIC, Reason.OVERQUALIFIED),
    (FeedbackLevel.SPECIFIC, Reason.LANGUAGE),
    (FeedbackLevel.SPECIFIC, Reason.LOCATION),
    (FeedbackLevel.SPECIFIC, Reason.ASSESSMENT_SCORE),
    (FeedbackLevel.SPECIFIC, Reason.INTERVIEW_PERFORMANCE),
    (FeedbackLevel.SPECIFIC, Reason.APPLICATION_QUALITY),
)
_MODIFIERS = ("", "feedback_offered", "feedback_refused", "keep_on_file", "door_open", "redirect")
_KNOWN = (("", "", ""), ("Jordan Sample", "Acme & Sons", "Data Engineer"))
_ASKED: tuple[tuple[Asked, ...], ...] = (
    (),
    (Asked("other", Question.POINTER), Asked("other", Question.HINT)),
    (Asked("other", Question.AREA), Asked("other", Question.POINTER)),
)
_WRITERS = tuple(
    Writer(name="Robin Example", gender=gender, bridge=bridge)
    for gender, bridge in (
        ("", "auto"), ("feminine", "touch"), ("masculine", "teams"), ("", "roles"), ("", "none"),
    )
)  # fmt: skip
_REGIONS = ("", "AT", "BE", "BR", "CA", "CH", "ES", "GB", "LATAM", "PT", "US")


def every_situation() -> Iterator[Situation]:
    """Every letter that a template may have to give, each once but for the reason of its question.

    Each kind of rejection in each form of address, with everything known and with nothing; and the
    named occasions for every kind of writer and in every region.
    """
    seen: set[Situation] = set()
    for case in (*_kinds(), *_writers()):
        bare = replace(case, why="")
        if bare not in seen:
            seen.add(bare)
            yield bare


def _kinds() -> Iterator[Situation]:
    stages = (stage for stage in Stage if stage != Stage.RESCIND)
    for stage, (level, reason), modifier, formality, known, asked in product(
        stages, _REASONS, _MODIFIERS, ("", "formal", "informal"), _KNOWN, _ASKED
    ):
        facts = replace(_facts(stage, level, reason, modifier), formality=formality)
        yield situation(_named(facts, *known), _WRITERS[0], asked)
    for formality, known in product(("", "formal", "informal"), _KNOWN):
        facts = replace(_facts(Stage.INTERVIEW), formality=formality, is_reminder=True)
        yield situation(_named(facts, *known), _WRITERS[0])
    for (level, reason), formality, known in product(_REASONS, ("", "formal", "informal"), _KNOWN):
        facts = replace(_facts(Stage.INTERVIEW, level, reason), formality=formality, is_answer=True)
        yield situation(_named(facts, *known), _WRITERS[0])


def _writers() -> Iterator[Situation]:
    voices = (*((one, "") for one in _WRITERS), *((_WRITERS[0], one) for one in _REGIONS))
    for facts, (writer, region), formality, known in product(
        OCCASIONS.values(), voices, ("", "formal", "informal"), _KNOWN
    ):
        yield situation(_named(replace(facts, formality=formality), *known), writer, (), region)


def _named(facts: Facts, person: str, company: str, role: str) -> Facts:
    return replace(facts, person=_fact(person), company=_fact(company), role=_fact(role))


def _fact(value: str) -> Fact | None:
    return Fact(value, "") if value else None
