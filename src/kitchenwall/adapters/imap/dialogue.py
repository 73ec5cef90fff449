"""One guarded exchange after the other over a connection, and which folder is open in it.

After any error that is not a plain refusal the connection is out of step and must be dropped: the
caller opens another.
"""

from __future__ import annotations

import imaplib
from collections.abc import Callable
from typing import TypeVar

from imapclient.imap_utf7 import encode as encode_utf7

from kitchenwall.adapters.imap.answers import command_refused, printable
from kitchenwall.adapters.imap.bulk import Refused, header_rows
from kitchenwall.adapters.imap.folders import Listed
from kitchenwall.adapters.imap.gate import ForbiddenCommand
from kitchenwall.adapters.imap.rows import NUMBER_MOST, UNREADABLE, Row, rows_by_uid
from kitchenwall.adapters.imap.session import Client
from kitchenwall.adapters.imap.syntax import as_written, folder_state, is_folder, is_missing, listed
from kitchenwall.errors import FolderMissing, Unavailable
from kitchenwall.ports import FolderState

T = TypeVar("T")


class Dialogue:
    """A logged-in client, spoken with in the thread that owns it.

    `exists` is how many mails the open folder has, `told` how many of them the caller knows of.
    `broken` says that nobody is waited for any more: who is gone, or talks nonsense.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.wire = client.wire
        self.exists = self.told = 0
        self.broken = False
        self._open: FolderState | None = None
        self._listed: tuple[Listed, ...] | None = None
        self._names: dict[str, str] = {}

    def folders(self) -> tuple[Listed, ...]:
        """Every folder of the account, asked once a connection."""
        if self._listed is None:
            rows = self.ask("list the folders", self.client.list_folders, budget=2_000_000)
            found = [(listed(*row), row[2]) for row in rows if is_folder(*row)]
            self._names = {folder.name: as_written(name) for folder, name in found}
            self._listed = tuple(folder for folder, _ in found)
        return self._listed

    def status(self, folder: str) -> FolderState:
        what = ("UIDVALIDITY", "UIDNEXT", "MESSAGES")
        said = self.ask(
            f'look at folder "{folder}"',
            lambda: self.client.folder_status(self.name(folder), what),
            folder,
        )
        return folder_state(folder, said)

    def examine(self, folder: str) -> FolderState:
        said = self.ask(
            f'open folder "{folder}"',
            lambda: self.client.select_folder(self.name(folder), readonly=True),
            folder,
        )
        state = folder_state(folder, said)
        if not state.uidnext or not state.uidvalidity:  # Courier says UIDNEXT in STATUS alone
            state = self.status(folder)
        self._open = state
        self.exists = self.told = state.messages
        return state

    def enter(self, folder: str) -> FolderState:
        """The folder opened, by EXAMINE only where another one was open."""
        if self._open is None or self._open.name != folder:
            return self.examine(folder)
        return self._open

    def name(self, folder: str) -> str:
        """The name as LIST wrote it, byte for byte; else as RFC 3501 wants it written."""
        return self._names.get(folder) or encode_utf7(folder).decode("ascii")

    def fetch(self, uids: str, items: str, low: int, *, budget: int) -> dict[int, Row]:
        """UID FETCH; `n:*` always gives the last mail (RFC 3501, 6.4.8), so lower ones are dropped.

        imapclient 4.1.0 cannot fetch "n:*" (it fails after the fetch), hence its parser directly.
        """

        def ask() -> dict[int, Row]:
            imap = self.client._imap
            tag = imap._command("UID", "FETCH", uids, f"({items})")
            kind, data = imap._command_complete("FETCH", tag)
            if kind != "OK":
                raise imap.error(data[0].decode("utf-8", "replace"))
            _, data = imap._untagged_response(kind, data, "FETCH")
            return rows_by_uid(data, low)

        return self.ask("read mail", ask, budget=budget)

    def search(self, criteria: str) -> tuple[int, ...]:
        """UID SEARCH with criteria of our own making; an answer without numbers is none."""

        def ask() -> tuple[int, ...]:
            imap = self.client._imap
            kind, data = imap.uid("SEARCH", criteria)
            if kind != "OK":
                raise imap.error(data[0].decode("utf-8", "replace"))
            words = b" ".join(part for part in data if part).split()
            numbers = {int(word) for word in words if word.isdigit() and len(word) < 11}
            return tuple(sorted(number for number in numbers if 0 < number <= NUMBER_MOST))

        return self.ask("search", ask)

    def send(self, *words: str) -> bytes:
        """Send a UID command without waiting for its answer; its tag."""
        tag: bytes = self.guarded("read mail", lambda: self.client._imap._command("UID", *words))
        return tag

    def header_rows(self, tag: bytes) -> list[tuple[int, bytes]]:
        """The answer to one batch of headers, as far as it has the usual shape."""
        rows = self.guarded("read mail", lambda: list(header_rows(self.wire, tag)))
        self.client._imap.tagged_commands.pop(tag, None)
        return rows

    def ask(
        self, what: str, ask: Callable[[], T], folder: str = "", *, budget: int = 1_000_000
    ) -> T:
        self.wire.limit(budget=budget)
        return self.guarded(what, ask, folder)

    def guarded(self, what: str, ask: Callable[[], T], folder: str = "") -> T:
        """Run one exchange and turn what the libraries raise into ours."""
        try:
            return ask()
        except ForbiddenCommand:
            raise
        except (imaplib.IMAP4.abort, OSError) as error:
            self.broken = True
            raise Unavailable(
                f"cannot {what}: {printable(str(error)) or 'the connection is gone'}"
            ) from error
        except (imaplib.IMAP4.error, Refused) as error:
            if folder and is_missing(str(error)):
                raise FolderMissing(
                    f"cannot {what}: the server has no such folder; "
                    "kitchenwall check lists the folders that it has"
                ) from error
            raise command_refused(what, str(error)) from error
        except UNREADABLE as error:
            # imapclient's parsers on an answer that is no IMAP: the conversation is out of step.
            self.broken = True
            raise Unavailable(f"cannot {what}: the server's answer cannot be read") from error
