"""Look through the past: what was a rejection, and, where it is asked for, a draft for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from kitchenwall.app.pipeline import Considered, Memory, Road, consider, remember
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.domain.plan import Skip
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
        uids = self.box.received_since(folder, since)
        worth = [uid for uid, head in self.headers(folder, uids) if self.is_worth_reading(head)]
        total = len(worth)
        for done, arrival in enumerate(self.box.mails(folder, worth), 1):
            found = self.consider(arrival)
            self.progress(done, total)
            if found is not None:
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
        try:
            message = self.road.read(arrival)
        except UnreadableMessage as error:
            return Found(arrival, None, str(error))
        thought = consider(self.road, message, self.clock.now(), self.memory)
        return None if isinstance(thought.plan, Skip) else Found(arrival, thought)


def record(found: Found, journal: Journal, now: datetime) -> None:
    """Record a mail of the past like a new one."""
    if found.thought is None:
        journal.quarantine(found.arrival, found.trouble, now)
    else:
        remember(found.arrival, found.thought, journal, now)
