"""The program as it runs, with every call to the outside numbered; any part of it may be another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kitchenwall.adapters.clock import SystemClock
from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.session import Server, connect
from kitchenwall.app.daemon import Daemon
from kitchenwall.app.drafting import Drafting
from kitchenwall.app.lookback import Lookback
from kitchenwall.app.pipeline import Road
from kitchenwall.app.watcher import Post, Rhythm, Watcher
from kitchenwall.domain.journal import DraftState
from tests.fakes.road import short_road
from tests.faults.outside import (
    Call,
    NumberedJournal,
    NumberedManager,
    NumberedSecret,
    NumberedWire,
    Outside,
    Stopped,
)

OPEN = (DraftState.PLANNED, DraftState.INTENT)
_IDLING = Call("answer", "+ to IDLE")


class MortalWatcher(Watcher):
    """A watcher whose thread ends with its process."""

    def run(self) -> None:
        with suppress(Stopped):
            Watcher.run(self)


class BlindMailbox(ImapMailbox):
    """A server whose search finds nothing, as some do (reliability 3.6): it proves nothing."""

    def find_ours(self, folder: str, message_id: str) -> tuple[int, ...]:
        return ()


class NoTimers:
    """Nothing happens by itself."""

    def every(self, seconds: float, work: Callable[[], None], name: str) -> None:
        return

    def stop(self) -> None:
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the program is made of; sabotage replaces one of them. Times in seconds."""

    journal: type[NumberedJournal] = NumberedJournal
    watcher: type[Watcher] = MortalWatcher
    drafting: type[Drafting] = Drafting
    mailbox: type[ImapMailbox] = ImapMailbox
    road: Callable[[], Road] = short_road
    says_uid: bool = True
    settle: tuple[float, float] = (0.003, 0.006)
    command: float = 20.0


@dataclass(frozen=True, slots=True)
class Life:
    """One process, as far as the tests go: what it opened and what it works with."""

    journal: NumberedJournal
    watcher: Watcher


@dataclass(slots=True, kw_only=True)
class Program:
    """What is installed on the person's computer: it may live many times.

    Each connection goes to `port` as it then is. `folders` are the person's settings.
    """

    folder: Path
    user: str
    port: int
    parts: Parts = field(default_factory=Parts)
    folders: Mapping[str, str] = field(default_factory=dict)

    def once(self, outside: Outside) -> None:
        """One pass, from opening the journal to the goodbye, or until the life ends."""
        with suppress(Stopped), self.life(outside) as life:
            life.watcher.once()

    def attend(self, outside: Outside) -> None:
        """The daemon, until everything is laid and it waits for more, or until the life ends."""
        with suppress(Stopped), self.life(outside) as life:
            daemon = Daemon(
                watchers=[life.watcher],
                journal=life.journal,
                clock=SystemClock(),
                timers=NoTimers(),
                manager=NumberedManager(outside),
            )
            try:
                daemon.start()
                _wait_until(lambda: outside.dead or _waits(outside, life))
                daemon.tick()
                daemon.stop()
            finally:
                _end(daemon)

    @contextmanager
    def life(self, outside: Outside) -> Iterator[Life]:
        """A process; when it ends, sockets and files are closed as by the kernel: without a word."""
        boxes: list[ImapMailbox] = []
        journal = self.parts.journal.opened(self.folder, outside)
        try:
            yield Life(journal, self._watcher(journal, outside, boxes))
        finally:
            outside.dead = outside.buried = True
            for box in boxes:
                box.close()
            journal.close()

    def _watcher(
        self, journal: NumberedJournal, outside: Outside, boxes: list[ImapMailbox]
    ) -> Watcher:
        clock = SystemClock()
        road = self.parts.road()
        post = Post(
            account="post",
            login=self.user,
            folders=("INBOX",),
            open=lambda: self._box(outside, boxes),
            secret_mark=lambda: "the same",
            road=road,
            look_back=Lookback(read=road.read, clock=clock, folders=("INBOX",)).over,
        )
        drafting = self.parts.drafting(
            journal=journal, clock=clock, login=self.user, settle_seconds=self.parts.settle
        )
        rhythm = Rhythm(backoff_first=0.001, backoff_most=0.002, command=self.parts.command)
        return self.parts.watcher(
            post=post, journal=journal, clock=clock, drafting=drafting, rhythm=rhythm
        )

    def _box(self, outside: Outside, boxes: list[ImapMailbox]) -> ImapMailbox:
        parts = self.parts
        where = Server(
            account="post",
            host="127.0.0.1",
            port=self.port,
            login=self.user,
            security="plain",
            command_seconds=parts.command,
        )
        client = connect(
            where,
            NumberedSecret("secret", outside),
            lay_wire=lambda *given, **more: NumberedWire(
                *given, outside=outside, says_uid=parts.says_uid, **more
            ),
        )
        boxes.append(
            parts.mailbox(client, account="post", login=self.user, folder_settings=self.folders)
        )
        return boxes[-1]


def _waits(outside: Outside, life: Life) -> bool:
    return _IDLING in outside.calls and not life.journal.drafts(*OPEN)


def _wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the daemon does not come to rest")
        time.sleep(0.002)


def _end(daemon: Daemon) -> None:
    """Whatever happened: no thread outlives its process."""
    for watcher in daemon.watchers:
        watcher.stop()
        watcher.abandon()
    for thread in list(daemon._threads):
        thread.join(10)
