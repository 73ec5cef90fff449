"""Follow what becomes of each mail, as the journal tells it while the daemon works."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from kitchenwall.demo.ear import Ear, Heard
from kitchenwall.domain.journal import DraftState, Event
from kitchenwall.errors import Unavailable
from kitchenwall.ports import Journal

FOLDER = "INBOX"
GLANCE_SECONDS = 0.002

_ON_THE_WAY = (DraftState.PLANNED, DraftState.INTENT)


@dataclass(frozen=True, slots=True)
class Seen:
    """One mail, as the watcher met it, and the event that it became, if any."""

    heard: Heard
    event: Event | None


@dataclass(slots=True, kw_only=True)
class Story:
    """What the daemon does with one account's INBOX. `patience` is how long each step may take."""

    ear: Ear
    journal: Journal
    login: str
    patience: float = 10.0

    def until(self, uid: int) -> Iterator[Seen]:
        """What becomes of each mail up to that UID, each as soon as it is known.

        Raises `Unavailable` where it takes longer than it may.
        """
        told = 0
        while told < uid:
            heard = self.ear.next(self.patience)
            if heard is None:
                raise self._stuck("nothing was heard of a mail")
            yield self._seen(heard)
            told = heard.uid

    def so_far(self, seconds: float = 1.0) -> Iterator[Seen]:
        """What becomes of mails that nobody expects, until none came for so long."""
        while (heard := self.ear.next(seconds)) is not None:
            yield self._seen(heard)

    def rest(self) -> float:
        """Wait until no draft is on its way; when that was, by the monotonic clock."""
        end = time.monotonic() + self.patience
        while self.journal.drafts(*_ON_THE_WAY, login=self.login):
            if time.monotonic() > end:
                raise self._stuck("a draft was not laid")
            time.sleep(GLANCE_SECONDS)
        return time.monotonic()

    def _seen(self, heard: Heard) -> Seen:
        """What became of a mail that was heard of; it waits until that is decided."""
        end = time.monotonic() + self.patience
        # The watcher takes one after the other: who hears of the next, knows that this is done.
        while self.ear.silent() and self._read_to() < heard.uid and time.monotonic() < end:
            time.sleep(GLANCE_SECONDS)
        return Seen(heard, self._event(heard.uid))

    def _stuck(self, what: str) -> Unavailable:
        return Unavailable(
            f"the demo does not go on: {what} for {self.patience:g} seconds; this machine may be "
            "busy, so try again"
        )

    def _read_to(self) -> int:
        cursor = self.journal.cursor(self.login, FOLDER)
        return cursor.uid if cursor else 0

    def _event(self, uid: int) -> Event | None:
        events = self.journal.events()
        return next((event for event in events if event.cursor.uid == uid), None)
