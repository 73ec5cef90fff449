"""Look through the past: what was a rejection, and, where it is asked for, a draft for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from kitchenwall.app.pipeline import Considered, Memory, Road, consider, remember
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.domain.plan import Ask, Skip
from kitchenwall.domain.verdict import Outcome
from kitchenwall.errors import UnreadableMessage
from kitchenwall.ports import Clock, HeaderScan, Journal, Mailbox

# Told after each mail: how many of how many are done.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A mail of the past that is more than nothing: what came, and what was thought of it."""

    arrival: Arrival
    thought: Considered | None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One folder's mails since a day, and how they are looked through.

    Headers come first, so that bodies are read only of mails that may be judged.
    """

    box: Mailbox
    headers: HeaderScan
    road: Road
    clock: Clock
    memory: Memory
    is_worth_reading: Callable[[bytes], bool]
    progress: Progress = lambda _done, _all: None

    def rejections(self, folder: str, since: datetime) -> Iterator[Found]:
        """Everything that would become an event, oldest first."""
        found = map(self.consider, self._worth_reading(folder, since))
        yield from (one for one in found if one is not None)

    def as_it_came(self, folder: str, since: datetime) -> Iterator[Found]:
        """Every mail that may be judged, oldest first, thought through as on the day it came.

        All that is remembered then are the noes that came before it.
        """
        noes: set[str] = set()
        memory = Memory(knows_no=lambda msg_ids: not noes.isdisjoint(msg_ids))
        for arrival in self._worth_reading(folder, since):
            if self.road.is_ours(arrival.raw):
                continue
            found = self._thought(replace(arrival, answered=False), memory)
            noes |= _no_in(found)
            yield found

    def new(self, folder: str, cursor: Cursor | None) -> Iterator[Found]:
        """What a pass that begins behind `cursor` would record now."""
        state = self.box.examine(folder)
        if cursor is None or cursor.uidvalidity != state.uidvalidity:
            return
        found = map(self.consider, self.box.arrivals(folder, cursor.uid + 1))
        yield from (one for one in found if one is not None)

    def consider(self, arrival: Arrival) -> Found | None:
        """What was thought of one mail; None where it would not become an event."""
        if self.road.is_ours(arrival.raw):
            return None
        found = self._thought(arrival, self.memory, self.clock.now())
        skipped = found.thought is not None and isinstance(found.thought.plan, Skip)
        return None if skipped else found

    def _worth_reading(self, folder: str, since: datetime) -> Iterator[Arrival]:
        uids = self.box.received_since(folder, since)
        worth = [uid for uid, head in self.headers(folder, uids) if self.is_worth_reading(head)]
        for done, arrival in enumerate(self.box.mails(folder, worth), 1):
            yield arrival
            self.progress(done, len(worth))

    def _thought(self, arrival: Arrival, memory: Memory, now: datetime | None = None) -> Found:
        """What is thought of a mail at a time, the one when it was written where none is given."""
        try:
            message = self.road.read(arrival)
        except UnreadableMessage as error:
            return Found(arrival, None, str(error))
        now = now or min(message.received, message.date or message.received)
        return Found(arrival, consider(self.road, message, now, memory))


def record(found: Found, journal: Journal, now: datetime) -> None:
    """Record a mail of the past like a new one."""
    if found.thought is None:
        journal.quarantine(found.arrival, found.trouble, now)
    else:
        remember(found.arrival, found.thought, journal, now)


def _no_in(found: Found) -> set[str]:
    """The Message-ID of a rejection that would be on record, as a set that is empty for all else."""
    if found.thought is None or found.thought.message.message_id is None:
        return set()
    sure = found.thought.verdict.outcome is Outcome.REJECTION
    on_record = sure and not isinstance(found.thought.plan, Ask | Skip)
    return {found.thought.message.message_id} if on_record else set()
