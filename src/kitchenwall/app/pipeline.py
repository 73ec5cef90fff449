"""The road of one message: read, judge, gather, decide, compose, remember.

`run`, `once`, `scan`, `explain` and the demo walk this same road with other parts plugged in.
Everything here may run again for a mail: the journal knows each source key once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kitchenwall.domain.around import Around
from kitchenwall.domain.conversation import ONE_DECISION, Followed, Told, answering, told_before
from kitchenwall.domain.facts import Facts, Stage
from kitchenwall.domain.first_look import KnowsNo, knows_none
from kitchenwall.domain.history import furthered, is_silent
from kitchenwall.domain.human import instead, unheard, wants_a_human
from kitchenwall.domain.journal import DraftState, EventKind, NewEvent, Reply, company_key
from kitchenwall.domain.message import Address, Arrival, Message
from kitchenwall.domain.plan import Ask, Draft, Hold, NoRoute, Note, Plan, Route, Routing, Skip
from kitchenwall.domain.planning import Case, Policy, decide
from kitchenwall.domain.questions import Asked
from kitchenwall.domain.verdict import Outcome, Verdict
from kitchenwall.errors import KitchenwallError, Unavailable, UnreadableMessage

if TYPE_CHECKING:
    from kitchenwall.ports import Compose, Earlier, Gather, Human, Journal, Judge, Read, Recall

log = logging.getLogger(__name__)

_KINDS: dict[type, EventKind] = {
    Draft: EventKind.DRAFT,
    Ask: EventKind.ASK,
    Note: EventKind.NOTE,
    Hold: EventKind.HOLD,
}


def nobody_looks(_around: Around) -> tuple[Message, ...]:
    """No earlier mails: each is considered alone."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What was before, as far as thinking about a mail needs it.

    `laid` tells how many drafts were planned since a time, in all or for one sender's address;
    `asked` what earlier letters asked; `told` which nos of a company came since then, by its key.
    `knows_no` tells whether one of these msg-ids is a no that was recorded. `earlier` gives the mails
    that lie near one; it is asked only where a no leaves something open.
    """

    laid: Callable[[datetime, str], int] = lambda _since, _sender: 0
    asked: Callable[[], tuple[Asked, ...]] = lambda: ()
    followed: Callable[[Collection[str]], Followed | None] = lambda _msg_ids: None
    told: Callable[[str, datetime], tuple[Told, ...]] = lambda _company, _since: ()
    knows_no: KnowsNo = knows_none
    earlier: Earlier = nobody_looks


NO_MEMORY = Memory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """The parts that one account's messages pass."""

    is_ours: Callable[[bytes], bool]
    read: Read
    judge: Judge
    gather: Gather
    route: Callable[[Message], Routing]
    compose: Compose
    own: frozenset[str]
    policy: Policy
    knows_sender: Callable[[Address], bool] = lambda _sender: False
    around: Callable[[Message], Around | None] = lambda _message: None
    recall: Recall = lambda _message, facts, _mails, _near: facts
    around_company: Callable[[Message, Facts], Around | None] = lambda _message, _facts: None
    due: Callable[[datetime, datetime], datetime | None] = lambda _came, _now: None
    human: Human = lambda _message, _facts, _mails: None


@dataclass(frozen=True, slots=True)
class Considered:
    """A message with everything that was thought about it. `due` is when its draft is laid, UTC."""

    message: Message
    verdict: Verdict
    facts: Facts | None
    plan: Plan
    reply: Reply | None = None
    routing: Routing | None = None
    due: datetime | None = None
    follows: int | None = None


def consider(road: Road, message: Message, now: datetime, memory: Memory = NO_MEMORY) -> Considered:
    """Think a message through, without doing anything. `now` is UTC.

    Raises `Unavailable` where the look for earlier mails does.
    """
    verdict = road.judge(message, memory.knows_no)
    if verdict.outcome is Outcome.OTHER:
        return Considered(message, verdict, None, Skip(verdict.because))
    said = road.gather(message, verdict)
    followed = _followed(message, verdict, memory)
    facts = (
        answering(said, followed) if followed else _remembering(road, message, said, memory.earlier)
    )
    case = case_of(road, message, verdict, facts, road.route(message), now, memory)
    told = None if followed else _told(message, facts, memory)
    case = replace(case, followed=followed, told=told)
    case = _with_a_human(road, case, said, memory.earlier)
    plan = decide(case, road.policy)
    return Considered(
        message=message,
        verdict=verdict,
        facts=case.facts,
        plan=plan,
        reply=_reply(road, case, plan, memory),
        routing=case.routing,
        due=road.due(message.received, now),
        follows=first.event_id if (first := followed or told) else None,
    )


def take_in(
    road: Road, arrival: Arrival, journal: Journal, now: datetime, earlier: Earlier = nobody_looks
) -> EventKind | None:
    """Walk one arrival down the road; what kind of event it became, None where it was none."""
    if road.is_ours(arrival.raw):
        return None
    try:
        message = road.read(arrival)
    except UnreadableMessage as error:
        log.warning("uid %s in %s cannot be read: %s", arrival.cursor.uid, arrival.folder, error)
        journal.quarantine(arrival, str(error), now)
        return EventKind.UNREADABLE
    if journal.knows(message.key):
        return None
    try:
        thought = consider(road, message, now, memory_of(journal, arrival.login, earlier))
    except KitchenwallError:
        raise
    except Exception as error:  # whatever one mail does to us, its neighbours go on
        log.exception("uid %s in %s met a mistake of ours", arrival.cursor.uid, arrival.folder)
        journal.quarantine(arrival, f"met a mistake of ours: {type(error).__name__}", now)
        return EventKind.UNREADABLE
    return remember(arrival, thought, journal, now)


def remember(
    arrival: Arrival, thought: Considered, journal: Journal, now: datetime
) -> EventKind | None:
    """Record what was thought, with the draft that follows from it."""
    kind = _KINDS.get(type(thought.plan))
    if kind is None:
        return None
    message = thought.message
    event = NewEvent(
        source_key=message.key,
        account=arrival.account,
        login=arrival.login,
        folder=arrival.folder,
        cursor=arrival.cursor,
        received=arrival.received,
        recorded=now,
        kind=kind,
        because=thought.plan.because,
        sender=message.sender,
        subject=message.subject,
        message_id=message.message_id,
        verdict=thought.verdict,
        facts=thought.facts,
        follows=thought.follows,
    )
    state = DraftState.PLANNED if kind is EventKind.DRAFT else DraftState.OFFERED
    number = journal.record(event, thought.reply, state, thought.due)
    log.info("event %s: %s: %s", number, kind, thought.plan.because)
    return kind


def memory_of(journal: Journal, login: str, earlier: Earlier = nobody_looks) -> Memory:
    """What the journal, and perhaps the mailbox itself, remembers."""
    return Memory(
        laid=lambda since, sender: journal.laid_since(login, since, sender),
        asked=journal.asked,
        followed=lambda msg_ids: journal.followed(login, msg_ids),
        told=lambda company, since: journal.told(login, company, since),
        knows_no=lambda msg_ids: journal.knows_no(login, msg_ids),
        earlier=earlier,
    )


def _remembering(road: Road, message: Message, facts: Facts, earlier: Earlier) -> Facts:
    """The facts, with what earlier mails tell. No trouble with those may lose this one."""
    near = road.around(message) if is_silent(facts) else None
    if near is None:
        return facts
    try:
        mails = earlier(near)
        return road.recall(message, facts, mails, near) if mails else facts
    except Unavailable:
        raise
    except Exception:
        log.exception("the earlier mails around %s met a mistake of ours", message.key[:8])
        return facts


def _followed(message: Message, verdict: Verdict, memory: Memory) -> Followed | None:
    """The no on record that a mail answers, where it is an answer."""
    if verdict.outcome is not Outcome.FEEDBACK:
        return None
    return memory.followed((*message.in_reply_to, *message.references))


def _told(message: Message, facts: Facts, memory: Memory) -> Told | None:
    """The no on record that this mail tells once more."""
    company = company_key(facts.company.value) if facts.company else ""
    if not company or message.sender is None:
        return None
    earlier = memory.told(company, message.received - ONE_DECISION)
    return told_before(facts, message.sender.spec, earlier)


def _with_a_human(road: Road, case: Case, said: Facts, earlier: Earlier) -> Case:
    """The case, with somebody at the company who can be written to, where nobody reads the sender's address.

    The mails with that company may tell, besides, how far the application had come; `said` are the
    facts of the mail alone. No trouble with the search may lose the mail.
    """
    routing = case.routing
    if not isinstance(routing, NoRoute) or not wants_a_human(decide(case, road.policy), routing):
        return case
    try:
        return _searched(road, case, routing, said, earlier)
    except Unavailable:
        raise
    except Exception:
        log.exception("the search around %s met a mistake of ours", case.message.key[:8])
        return case


def _searched(road: Road, case: Case, routing: NoRoute, said: Facts, earlier: Earlier) -> Case:
    message, facts = case.message, case.facts
    near = road.around_company(message, facts)
    mails = earlier(near) if near else ()
    human = road.human(message, facts, mails)
    if near and said.stage is Stage.UNKNOWN:
        facts = furthered(facts, road.recall(message, said, mails, near))
    if human is None and earlier is nobody_looks:
        return case
    found = instead(human, routing) if human else unheard(routing, facts)
    return replace(case, routing=found, facts=facts)


def _reply(road: Road, case: Case, plan: Plan, memory: Memory) -> Reply | None:
    to = _addressee(plan)
    if to is None:
        return None
    within = case.routing.within if isinstance(case.routing, Route) else None
    return road.compose(case.message, case.facts, to, case.now, memory.asked(), within)


def case_of(
    road: Road,
    message: Message,
    verdict: Verdict,
    facts: Facts,
    routing: Routing,
    now: datetime,
    memory: Memory = NO_MEMORY,
) -> Case:
    """Everything that a plan for a message at this time (UTC) rests on."""
    sender = message.sender.spec if message.sender else ""
    return Case(
        message=message,
        verdict=verdict,
        facts=facts,
        routing=routing,
        now=now,
        own=road.own,
        known_sender=message.sender is not None and road.knows_sender(message.sender),
        laid_hour=memory.laid(now - timedelta(hours=1), ""),
        laid_day=memory.laid(now - timedelta(days=1), ""),
        laid_sender_day=memory.laid(now - timedelta(days=1), sender) if sender else 0,
    )


def _addressee(plan: Plan) -> Address | None:
    match plan:
        case Draft(to=to) | Hold(to=to) | Ask(to=to):
            return to
        case _:
            return None
