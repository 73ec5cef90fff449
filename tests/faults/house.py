"""One person's mailbox, journal and program, new for each fault."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kitchenwall.adapters.clock import SystemClock
from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.session import Server, connect
from kitchenwall.adapters.sqlite.journal import SqliteJournal, open_journal
from kitchenwall.app.drafting import Drafting
from kitchenwall.app.pipeline import Road
from kitchenwall.app.watcher import Post, Rhythm, Watcher
from kitchenwall.domain.journal import DraftRow, DraftState, EventKind
from kitchenwall.domain.message import Cursor
from kitchenwall.errors import KitchenwallError
from tests.fakes.road import no, short_road
from tests.faults.outside import (
    NumberedJournal,
    NumberedSecret,
    NumberedWire,
    Outside,
    Stopped,
)
from tests.servers.client import RawClient, Snapshot
from tests.servers.dovecot import Dovecot

QUICK = Rhythm(backoff_first=0.001, backoff_most=0.002, command=20.0, connect=20.0)
_OPEN = (DraftState.PLANNED, DraftState.INTENT)
_numbers = itertools.count(1)
# What a mail with this word becomes; one that was answered already is only noted.
_KINDS: dict[str, EventKind | None] = {
    "no": EventKind.DRAFT,
    "perhaps": EventKind.ASK,
    "poison": EventKind.UNREADABLE,
    "no ": EventKind.NOTE,
    "hello": None,
}
_FLAGS = {"no ": rb"\Answered"}


class BlindMailbox(ImapMailbox):
    """A server whose search finds nothing, as some do (reliability 3.6): it proves nothing."""

    def find_ours(self, folder: str, message_id: str) -> tuple[int, ...]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the program is made of; sabotage replaces one of them."""

    journal: type[NumberedJournal] = NumberedJournal
    watcher: type[Watcher] = Watcher
    drafting: type[Drafting] = Drafting
    mailbox: type[ImapMailbox] = ImapMailbox
    says_uid: bool = True
    settle: tuple[float, float] = (0.003, 0.006)
    road: Callable[[], Road] = short_road


@dataclass(slots=True)
class Life:
    """One process, as far as the tests go: what it opened and what it works with."""

    journal: NumberedJournal
    watcher: Watcher
    outside: Outside


@dataclass(slots=True)
class House:
    """`expected` names, for each mail by its Message-ID, the kind of event that it must become."""

    server: Dovecot
    folder: Path
    parts: Parts = field(default_factory=Parts)
    user: str = ""
    port: int = 0
    expected: dict[str, EventKind | None] = field(default_factory=dict)
    before: Snapshot = field(default_factory=dict)
    uidvalidity: int = 0
    _mails: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        number = next(_numbers)
        self.user = f"anna{number}@home.example"
        self.folder = self.folder / f"house{number}"
        self.port = self.port or self.server.port

    # What comes from outside

    def arrives(self, *words: str, watched: bool = True) -> None:
        """Mails with these words come in, over one connection."""
        with self.server.client(self.user) as client:
            for word in words:
                number = next(self._mails)
                client.append("INBOX", no(number, word), _FLAGS.get(word, b""))
                self.expected[f"<no-{number}@acorn.example>"] = _KINDS[word] if watched else None
            self._remember(client)

    def saves(self, text: str = "something of hers") -> None:
        """The person saves a draft of her own."""
        self.server.deliver(self.user, f"Subject: {text}\r\n\r\n{text}\r\n".encode(), "Drafts")

    def watch_from_now(self) -> None:
        """As if the program had already run, before any mail came."""
        with self.server.client(self.user) as client:
            status = client.status()
        with self.look() as journal:
            cursor = Cursor(status["UIDVALIDITY"], status["UIDNEXT"] - 1)
            journal.move_cursor(self.user, "INBOX", cursor)

    def renumber(self) -> None:
        """The server forgets the UIDs of INBOX."""
        self.quiet()
        with self.server.client(self.user) as client:
            before = client.status()["UIDVALIDITY"]
        self.quiet()
        self.server.reset_uidvalidity(self.user)
        with self.server.client(self.user) as client:
            if client.status()["UIDVALIDITY"] == before:
                raise AssertionError("the folder was not renumbered")
            self._remember(client)

    # Lives of the program

    def live(self, outside: Outside | None = None) -> None:
        """One pass, from opening the journal to the goodbye, or until the life ends."""
        with suppress(Stopped), self.life(outside or Outside()) as life:
            life.watcher.once()
        self.quiet()

    @contextmanager
    def life(self, outside: Outside) -> Iterator[Life]:
        """A process; when it ends, sockets and files are closed as by the kernel: without a word."""
        boxes: list[ImapMailbox] = []
        journal = self.parts.journal.opened(self.folder, outside)
        try:
            yield Life(journal, self._watcher(journal, outside, boxes), outside)
        finally:
            outside.dead = outside.buried = True
            for box in boxes:
                box.close()
            journal.close()

    def recover(self, most: int = 8) -> None:
        """Start again and again until nothing is open."""
        for _ in range(most):
            with suppress(KitchenwallError):
                self.live()
                if not self.open_drafts():
                    return

    def quiet(self) -> None:
        """Wait until the server has done with the sessions of this user.

        What a killed session still does on the server belongs to its life; the settle times give
        it room, and the tests of the real settle times show that they do.
        """
        deadline = time.monotonic() + 20
        while self._sessions():
            if time.monotonic() > deadline:
                raise TimeoutError(f"the server does not end the sessions of {self.user}")
            time.sleep(0.001)

    # Looking

    @contextmanager
    def look(self) -> Iterator[SqliteJournal]:
        with open_journal(self.folder, check=False) as journal:
            yield journal

    def drafts(self) -> list[DraftRow]:
        with self.look() as journal:
            return list(journal.drafts())

    def open_drafts(self) -> list[DraftRow]:
        return [row for row in self.drafts() if row.state in _OPEN]

    def _remember(self, client: RawClient) -> None:
        """INBOX as it must still be when the program has done its work."""
        self.before = client.snapshot()
        self.uidvalidity = client.status()["UIDVALIDITY"]

    def _watcher(
        self, journal: NumberedJournal, outside: Outside, boxes: list[ImapMailbox]
    ) -> Watcher:
        clock = SystemClock()
        post = Post(
            account="post",
            login=self.user,
            folders=("INBOX",),
            open=lambda: self._box(outside, boxes),
            secret_mark=lambda: "the same",
            road=self.parts.road(),
        )
        drafting = self.parts.drafting(
            journal=journal, clock=clock, login=self.user, settle_seconds=self.parts.settle
        )
        return self.parts.watcher(
            post=post, journal=journal, clock=clock, drafting=drafting, rhythm=QUICK
        )

    def _box(self, outside: Outside, boxes: list[ImapMailbox]) -> ImapMailbox:
        where = Server(
            account="post", host="127.0.0.1", port=self.port, login=self.user, security="plain",
            connect_seconds=20.0, command_seconds=20.0,
        )  # fmt: skip
        says_uid = self.parts.says_uid
        client = connect(
            where,
            NumberedSecret("secret", outside),
            lay_wire=lambda *given, **more: NumberedWire(
                *given, outside=outside, says_uid=says_uid, **more
            ),
        )
        box = self.parts.mailbox(client, account="post", login=self.user, folder_settings={})
        boxes.append(box)
        return box

    def _sessions(self) -> list[str]:
        """The server's processes that serve this user (it says so in their titles)."""
        master = (self.server.folder / "run" / "master.pid").read_text().strip()
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        found = []
        for child in children:
            with suppress(OSError):
                if self.user.encode() in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(child)
        return found
