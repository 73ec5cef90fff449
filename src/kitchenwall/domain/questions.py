"""Choose the one thing that a letter asks for, and say why it is this one.

The ladder: what they offer or suggest is answered, what they refuse is not asked for, a specific
reason is thanked for, and otherwise the question is the one that those who decided can answer in a
line. It looks forward and at the advertised requirements, never at the decision: that is what
employers who give feedback give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kitchenwall.domain.facts import Facts, FeedbackLevel, Reason, Stage


class Question(StrEnum):
    """The one thing that a letter asks for, or NOTHING."""

    POINTER = "pointer"
    AREA = "area"
    LEVEL = "level"
    HINT = "hint"
    EXERCISE = "exercise"
    CLOSE_CALL = "close_call"
    OFFERED = "offered"
    CLIENT = "client"
    NEXT_STEP = "next_step"
    CHECK_BACK = "check_back"
    SPECIFICS = "specifics"
    REMIND = "remind"
    NOTHING = "nothing"

    @property
    def asks_for_feedback(self) -> bool:
        """Whether it wants to hear what could have been better."""
        return self in _FOR_FEEDBACK


_FOR_FEEDBACK = frozenset(
    {
        Question.POINTER, Question.AREA, Question.LEVEL, Question.HINT, Question.EXERCISE,
        Question.CLOSE_CALL, Question.OFFERED, Question.CLIENT,
    }
)  # fmt: skip


class Theme(StrEnum):
    """What the letter looks back on, and so how long and how warm it is."""

    APPLIED = "applied"
    TALKED = "talked"
    TESTED = "tested"
    CLOSE = "close"
    FILLED = "filled"
    STOPPED = "stopped"
    AGENCY = "agency"
    REDIRECT = "redirect"
    ON_FILE = "on_file"
    HEARD = "heard"
    REMINDER = "reminder"

    @property
    def met(self) -> bool:
        """Whether somebody there has worked with the person's own work or words."""
        return self in (Theme.TALKED, Theme.TESTED, Theme.CLOSE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that an earlier letter asked; `company` is its key (see `journal.company_key`)."""

    company: str
    question: Question


@dataclass(frozen=True, slots=True)
class Choice:
    """The question of a letter, and why it is this one; the reason is for the person alone."""

    question: Question
    why: str


def choose(facts: Facts, company: str = "", asked: Sequence[Asked] = ()) -> Choice:
    """The question for these facts.

    `asked` is what earlier letters asked, oldest first; `company` is the key of this one's
    company. The same company is not asked for feedback twice, and of several questions that fit,
    the one comes first that was not asked yet, or longest ago.
    """
    rung = next(rung for rung in _LADDER if rung.applies(facts))
    if not rung.questions:
        return Choice(Question.NOTHING, rung.why)
    before = company and any(one.company == company for one in asked)
    if before and not _ANSWERS.issuperset(rung.questions):
        return Choice(
            Question.NOTHING, "an earlier letter to this company asked already; thanks is enough"
        )
    questions = [one.question for one in asked]
    chosen = min(rung.questions, key=lambda one: _latest(one, questions))
    if chosen is rung.questions[0]:
        return Choice(chosen, rung.why)
    return Choice(chosen, f"{rung.why}; an earlier letter has asked the more usual question")


def theme_of(facts: Facts) -> Theme:
    """What the letter looks back on."""
    if facts.is_reminder:
        return Theme.REMINDER
    if facts.is_answer:
        return Theme.HEARD
    if facts.says("redirect"):
        return Theme.REDIRECT
    return _THEMES.get(facts.stage, Theme.APPLIED)


_THEMES = {
    Stage.PHONE_SCREEN: Theme.TALKED,
    Stage.INTERVIEW: Theme.TALKED,
    Stage.ASSESSMENT: Theme.TESTED,
    Stage.FINAL: Theme.CLOSE,
    Stage.SILVER_MEDALIST: Theme.CLOSE,
    Stage.POSITION_FILLED: Theme.FILLED,
    Stage.CANCELLED: Theme.STOPPED,
    Stage.ON_HOLD: Theme.STOPPED,
    Stage.WITHDRAWN_POSTING: Theme.STOPPED,
    Stage.EXPIRED: Theme.STOPPED,
    Stage.AGENCY_RELAY: Theme.AGENCY,
    Stage.REDIRECT: Theme.REDIRECT,
    Stage.KEEP_ON_FILE: Theme.ON_FILE,
}

# What was offered or suggested wants an answer, however often letters went there before; what was
# answered in general, or not at all, may be asked for once more.
_ANSWERS = frozenset({Question.OFFERED, Question.NEXT_STEP, Question.SPECIFICS, Question.REMIND})
_LEVELS = frozenset({Reason.EXPERIENCE_LEVEL, Reason.OVERQUALIFIED})


@dataclass(frozen=True, slots=True)
class _Rung:
    """When these questions fit, the best first, and why."""

    applies: Callable[[Facts], bool]
    questions: tuple[Question, ...]
    why: str


def _is(*themes: Theme) -> Callable[[Facts], bool]:
    return lambda facts: theme_of(facts) in themes


def _says(modifier: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.says(modifier)


def _speaks_of_level(facts: Facts) -> bool:
    """Whether years or rank were the point, said in general to somebody they have met."""
    reason = facts.reason.value if facts.reason else ""
    return reason in _LEVELS and theme_of(facts) in (Theme.TALKED, Theme.CLOSE, Theme.APPLIED)


_LADDER = (
    _Rung(
        _is(Theme.REMINDER),
        (Question.REMIND,),
        "nothing came back, so the letter asks once more, lightly, and then never again",
    ),
    _Rung(
        lambda facts: facts.says("replies_refused") or facts.stage == Stage.RESCIND,
        (),
        "this is no mail to ask anything",
    ),
    _Rung(
        lambda facts: facts.is_answer and facts.feedback == FeedbackLevel.SPECIFIC,
        (),
        "they answered with something specific, and that deserves thanks",
    ),
    _Rung(
        _is(Theme.HEARD),
        (Question.SPECIFICS,),
        "they answered in general, so the letter asks once for something specific, and then no more",
    ),
    _Rung(
        _is(Theme.REDIRECT),
        (Question.NEXT_STEP,),
        "they suggest another role, and that wants an answer first",
    ),
    _Rung(
        _says("feedback_refused"),
        (),
        "they say that they give no feedback, so thanks alone is best",
    ),
    _Rung(
        _says("feedback_offered"),
        (Question.OFFERED,),
        "they offer feedback, so the letter takes up the offer",
    ),
    _Rung(
        lambda facts: facts.feedback == FeedbackLevel.SPECIFIC,
        (),
        "they have already said something specific, and that deserves thanks",
    ),
    _Rung(
        _is(Theme.FILLED, Theme.STOPPED),
        (Question.CHECK_BACK,),
        "the position is gone whatever you did, so keeping in touch is worth more than feedback",
    ),
    _Rung(
        _is(Theme.ON_FILE),
        (),
        "they want to keep your details, so the letter confirms that you are interested",
    ),
    _Rung(
        _is(Theme.AGENCY),
        (Question.CLIENT,),
        "an agency hears from its client what was missing, and may have other roles",
    ),
    _Rung(
        _is(Theme.TESTED),
        (Question.EXERCISE, Question.AREA),
        "you did an exercise, and which part to practise is easy to answer",
    ),
    _Rung(
        _speaks_of_level,
        (Question.LEVEL, Question.AREA),
        "they speak of experience in general, so the letter asks whether the level is right",
    ),
    _Rung(
        _is(Theme.CLOSE),
        (Question.CLOSE_CALL, Question.AREA),
        "you came far, and those who saw most of you can say most",
    ),
    _Rung(
        lambda facts: theme_of(facts) == Theme.TALKED and facts.feedback == FeedbackLevel.GENERIC,
        (Question.AREA, Question.LEVEL),
        "their reason is a general one, so the letter asks for what stands behind it",
    ),
    _Rung(
        _is(Theme.TALKED),
        (Question.POINTER, Question.AREA, Question.LEVEL),
        "they gave no reason, so the letter asks for one pointer",
    ),
    _Rung(
        lambda _facts: True,
        (Question.HINT, Question.LEVEL),
        "nobody has talked with you yet, so one light request is enough",
    ),
)


def _latest(question: Question, asked: Sequence[Question]) -> int:
    """How lately a question was asked: its last place in the list, -1 where it never was."""
    return max((place for place, one in enumerate(asked) if one is question), default=-1)
