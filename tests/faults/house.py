"""One person's mailbox, journal and program, new for each fault."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kitchenwall.adapters.sqlite.journal import FILE_NAME, SqliteJournal, open_journal
from kitchenwall.domain.journal import DraftRow, EventKind
from kitchenwall.domain.message import Cursor
from kitchenwall.errors import KitchenwallError
from tests.fakes.road import no
from tests.faults.outside import Outside
from tests.faults.program import OPEN, Parts, Program
from tests.servers.client import RawClient, Snapshot
from tests.servers.dovecot import Dovecot

_numbers = itertools.count(1)
# What a mail with this word becomes; one that was answered already is only noted.
_KINDS: dict[str, EventKind | None] = {
    "no": EventKind.DRAFT,
    "answer": EventKind.DRAFT,
    "perhaps": EventKind.ASK,
    "poison": EventKind.UNREADABLE,
    "no ": EventKind.NOTE,
    "hello": None,
}
_FLAGS = {"no ": rb"\Answered"}


@dataclass(slots=True)
class House:
    """`expected` names, for each mail by its Message-ID, the kind of event that it must become."""

    server: Dovecot
    folder: Path
    parts: Parts = field(default_factory=Parts)
    letter: Callable[[int, str], bytes] = no
    user: str = field(default_factory=lambda: f"anna{next(_numbers)}@home.example")
    program: Program = field(init=False)
    expected: dict[str, EventKind | None] = field(default_factory=dict)
    before: Snapshot = field(default_factory=dict)
    uidvalidity: int = 0
    _mails: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.folder = self.folder / self.user.partition("@")[0]
        self.program = Program(
            folder=self.folder, user=self.user, port=self.server.port, parts=self.parts
        )

    # What comes from outside

    def watched(self, *words: str) -> None:
        """The program had run before; then mails with these words come in."""
        with self.server.client(self.user) as client:
            status = client.status()
        self.folder.mkdir(mode=0o700, parents=True)
        (self.folder / FILE_NAME).write_bytes(_empty_journal())
        with self.look() as journal:
            cursor = Cursor(status["UIDVALIDITY"], status["UIDNEXT"] - 1)
            journal.move_cursor(self.user, "INBOX", cursor)
        self.arrives(*words)

    def arrives(self, *words: str, watched: bool = True) -> None:
        """Mails with these words come in, over one connection."""
        with self.server.client(self.user) as client:
            for word in words:
                number = next(self._mails)
                client.append("INBOX", self.letter(number, word), _FLAGS.get(word, b""))
                self.expected[f"<no-{number}@acorn.example>"] = _KINDS[word] if watched else None
            self._remember(client)

    def saves(self, text: str = "something of hers") -> None:
        """The person saves a draft of her own."""
        self.server.deliver(self.user, f"Subject: {text}\r\n\r\n{text}\r\n".encode(), "Drafts")

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
        """One pass of the program, or a part of it."""
        self.program.once(outside or Outside())
        self.quiet()

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
        return [row for row in self.drafts() if row.state in OPEN]

    def _remember(self, client: RawClient) -> None:
        """INBOX as it must still be when the program has done its work."""
        self.before = client.snapshot()
        self.uidvalidity = client.status()["UIDVALIDITY"]

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


@cache
def _empty_journal() -> bytes:
    """A journal without rows; to make each anew takes as long as all else in a life."""
    with TemporaryDirectory() as folder:
        open_journal(Path(folder)).close()
        return (Path(folder) / FILE_NAME).read_bytes()
