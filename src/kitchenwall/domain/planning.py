"""Decide what to do with a mail: Draft, Ask, Note, Hold or Skip - the whole policy in one table.

Rules are asked in order and the first that matches wins. Each answers with its reason, in words
that a person understands, or with "" where it has nothing to say. A clear rejection that gets no
draft is noted rather than skipped, so that nothing is lost in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kitchenwall.domain.conversation import Followed, Told
from kitchenwall.domain.facts import Facts, FeedbackLevel, Stage
from kitchenwall.domain.journal import DraftState
from kitchenwall.domain.message import Message
from kitchenwall.domain.plan import (
    Ask,
    Doubtful,
    Draft,
    Hold,
    NoRoute,
    Note,
    Plan,
    Route,
    Routing,
    Skip,
)
from kitchenwall.domain.verdict import Outcome, Verdict

_MACHINE = re.compile(r"(?:mailer-daemon|postmaster)(?:[+-].*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How old a rejection may be, how many drafts may be laid, how sure a verdict must be.

    `letters` are the languages that there are letters in; a letter answers in the mail's language.
    `thanks` and `asks_again` are whether an answer with something specific is thanked for, and whether
    one in general is answered with a last question.
    """

    max_age_days: int = 14
    per_hour: int = 10
    per_day: int = 30
    per_sender_day: int = 2
    draft_at: float = 0.8
    letters: frozenset[str] = frozenset({"en", "de"})
    thanks: bool = True
    asks_again: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything that the decision rests on.

    `own` are the person's addresses in lower case. The counts are drafts planned for this account
    in the last hour and day, and for this sender in the last day. `known_sender` says that the
    sender is an applicant-tracking system or job board, whose mail may look like a list's. `followed`
    is the no that the mail answers, where it is on record, and `told` the one that it tells again.
    """

    message: Message
    verdict: Verdict
    facts: Facts
    routing: Routing
    now: datetime
    own: frozenset[str]
    laid_hour: int = 0
    laid_day: int = 0
    laid_sender_day: int = 0
    known_sender: bool = False
    followed: Followed | None = None
    told: Told | None = None


Reason = Callable[[Case, Policy], str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason to do something else than lay a draft, and what is done then."""

    reason: Reason
    plan: Callable[[Case, Policy, str], Plan]


def decide(case: Case, policy: Policy) -> Plan:
    """Choose what to do with a mail that the journal does not know yet."""
    for rule in RULES:
        if because := rule.reason(case, policy):
            return rule.plan(case, policy, because)
    match case.routing:
        case NoRoute(because):
            return Note(because)
        case Doubtful(to, because):
            return Hold(because, to)
        case Route(to, because):
            waits = _first(LIMITS, case, policy)
            said = "it answers your letter" if case.followed else "it says no"
            reason = f"{said}, and {to.spec} can be answered: {because}"
            return Hold(waits, to) if waits else Draft(to, reason)


# ---- what is done ------------------------------------------------------------------------------


def _skip(_case: Case, _policy: Policy, because: str) -> Plan:
    return Skip(because)


def _note(_case: Case, _policy: Policy, because: str) -> Plan:
    return Note(because)


def _note_if_clear(case: Case, policy: Policy, because: str) -> Plan:
    return Skip(because) if _unsure(case, policy) else Note(because)


def _ask(case: Case, policy: Policy, because: str) -> Plan:
    """The person's yes lays a draft where a sure verdict would have laid one."""
    if isinstance(case.routing, Route) and not _first(NOT_ANSWERED, case, policy):
        return Ask(because, case.routing.to)
    return Ask(because)


# ---- reasons -----------------------------------------------------------------------------------


def _is_ours(case: Case, _: Policy) -> str:
    return "it is a draft of ours" if case.message.draft_ref else ""


def _is_own(case: Case, _: Policy) -> str:
    sender = case.message.sender
    if sender is None:
        return ""
    untagged = f"{sender.local.partition('+')[0]}@{sender.domain}"
    return "you wrote it yourself" if {sender.spec, untagged} & case.own else ""


def _is_something_else(case: Case, _: Policy) -> str:
    return case.verdict.because or "no rejection" if case.verdict.outcome == Outcome.OTHER else ""


def _answers_no_known_no(case: Case, _: Policy) -> str:
    answers = case.verdict.outcome == Outcome.FEEDBACK and case.followed is None
    return case.verdict.because if answers else ""


def _explains_nothing(case: Case, policy: Policy) -> str:
    if case.verdict.outcome != Outcome.FEEDBACK or case.verdict.confidence >= policy.draft_at:
        return ""
    return "it answers your letter, and says nothing that could be thanked for"


def _was_asked_once_more(case: Case, _: Policy) -> str:
    if not (case.followed and case.followed.asked_again) or _is_specific(case):
        return ""
    return "it answers in general again; a letter has asked once more already, so it is let go"


def _is_not_answered_by_wish(case: Case, policy: Policy) -> str:
    wanted = policy.thanks if _is_specific(case) else policy.asks_again
    if case.verdict.outcome != Outcome.FEEDBACK or wanted:
        return ""
    return "it answers your letter, and you answer such mails yourself"


def _is_specific(case: Case) -> bool:
    return case.facts.feedback == FeedbackLevel.SPECIFIC


def _is_bounce(case: Case, _: Policy) -> str:
    message = case.message
    machine = message.sender is not None and _MACHINE.fullmatch(message.sender.local)
    if machine or {"multipart/report", "message/delivery-status"} & set(message.kinds):
        return "it is a report of a mail server about another mail"
    return ""


def _is_automatic_answer(case: Case, _: Policy) -> str:
    """RFC 3834: auto-replied answers a mail; auto-generated is what hiring systems send."""
    message = case.message
    if message.auto_submitted.lower().strip().startswith("auto-replied"):
        return "it is an automatic answer"
    if message.return_path is not None and not message.return_path.strip("<> "):
        return "it was sent so that nobody can answer (it has an empty return path)"
    return ""


def _is_discussion(case: Case, _: Policy) -> str:
    said = bool(case.message.list_post) and not case.known_sender
    return "it came through a mailing list" if said else ""


def _is_bulk(case: Case, _: Policy) -> str:
    message = case.message
    marked = message.list_id or message.precedence.lower().strip() in ("list", "bulk", "junk")
    if not marked or case.known_sender:
        return ""
    return "it was sent to many people at once, as a list or a newsletter is"


def _is_invitation(case: Case, _: Policy) -> str:
    if not {"text/calendar", "application/ics"} & set(case.message.kinds):
        return ""
    if case.message.calendar_method.upper() == "CANCEL":
        return "it cancels an appointment in your calendar"
    return "it is about an appointment in your calendar"


def _is_forwarded(case: Case, _: Policy) -> str:
    message = case.message
    nested = "message/rfc822" in message.kinds
    if nested or (message.has_forward and message.says_forwarded):
        return "it is forwarded, so an answer would go to somebody who did not decide"
    return ""


def _unsure(case: Case, policy: Policy) -> str:
    verdict = case.verdict
    if verdict.outcome == Outcome.UNSURE or verdict.confidence < policy.draft_at:
        return verdict.because or "it may be a rejection"
    return ""


def _is_rescinded_offer(case: Case, _: Policy) -> str:
    if case.facts.stage != Stage.RESCIND:
        return ""
    return "it takes back an offer: that deserves advice and your own words"


def _is_board_status(case: Case, _: Policy) -> str:
    if case.facts.stage != Stage.EXPIRED:
        return ""
    return "the job board closed the posting; no employer wrote it"


def _is_told_again(case: Case, _: Policy) -> str:
    if case.told is None or case.told.draft not in _LETTERS:
        return ""
    return f"it tells the no of event {case.told.event_id} again, and that one has its letter"


# Where these are, another letter about the same no would be a second one.
_LETTERS = frozenset(
    {DraftState.PLANNED, DraftState.INTENT, DraftState.CREATED, DraftState.HELD, DraftState.SKIPPED}
)


def _refuses_replies(case: Case, _: Policy) -> str:
    return "it asks not to be answered" if case.facts.says("replies_refused") else ""


def _is_answered(case: Case, _: Policy) -> str:
    return "you have already answered it" if case.message.answered else ""


def _has_no_letter(case: Case, policy: Policy) -> str:
    language = case.facts.language
    if language in policy.letters:
        return ""
    return f'it is written in a language that there is no letter in yet ("{language}")'


def _is_old(case: Case, policy: Policy) -> str:
    age = case.now - case.message.written
    if age <= timedelta(days=policy.max_age_days):
        return ""
    return (
        f"it is {age.days} days old, and an answer after {policy.max_age_days} days comes too late"
    )


def _is_over_hour(case: Case, policy: Policy) -> str:
    if case.laid_hour < policy.per_hour:
        return ""
    return (
        f"{case.laid_hour} drafts within an hour is more than usual; the limit is {policy.per_hour}"
    )


def _is_over_day(case: Case, policy: Policy) -> str:
    if case.laid_day < policy.per_day:
        return ""
    return f"{case.laid_day} drafts within a day is more than usual; the limit is {policy.per_day}"


def _is_over_sender(case: Case, policy: Policy) -> str:
    if case.laid_sender_day < policy.per_sender_day:
        return ""
    return f"this sender got {case.laid_sender_day} drafts within a day; the limit is {policy.per_sender_day}"


def _first(reasons: Iterable[Reason], case: Case, policy: Policy) -> str:
    return next(filter(None, (reason(case, policy) for reason in reasons)), "")


# ---- the table ---------------------------------------------------------------------------------

NOT_ANSWERED: tuple[Reason, ...] = (
    _is_rescinded_offer,
    _is_board_status,
    _is_told_again,
    _refuses_replies,
    _is_answered,
    _has_no_letter,
    _is_old,
)

LIMITS: tuple[Reason, ...] = (_is_over_hour, _is_over_day, _is_over_sender)

RULES: tuple[Rule, ...] = (
    Rule(_is_ours, _skip),
    Rule(_is_own, _skip),
    Rule(_is_something_else, _skip),
    Rule(_answers_no_known_no, _note),
    Rule(_explains_nothing, _note),
    Rule(_was_asked_once_more, _note),
    Rule(_is_not_answered_by_wish, _note),
    Rule(_is_bounce, _skip),
    Rule(_is_discussion, _skip),
    Rule(_is_automatic_answer, _note_if_clear),
    Rule(_is_bulk, _note_if_clear),
    Rule(_is_invitation, _note_if_clear),
    Rule(_is_forwarded, _note_if_clear),
    Rule(_unsure, _ask),
    *(Rule(reason, _note) for reason in NOT_ANSWERED),
)
