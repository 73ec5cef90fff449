"""An account's mail over one connection: look, read, lay a draft, wait.

Everything here runs in the thread that owns the connection; only `wake` and `abort` may come from
another one.
"""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from kitchenwall.adapters.imap.answers import printable
from kitchenwall.adapters.imap.dialogue import Dialogue
from kitchenwall.adapters.imap.folders import Listed, choose
from kitchenwall.adapters.imap.gate import ForbiddenCommand
from kitchenwall.adapters.imap.looking import Looking
from kitchenwall.adapters.imap.reading import BATCH, Reading
from kitchenwall.adapters.imap.session import Client
from kitchenwall.adapters.imap.syntax import chunks, search_day, sighting_of, uid_set
from kitchenwall.adapters.imap.waiting import Waiting
from kitchenwall.domain.around import Around
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.errors import DraftRefused, DraftUncertain, Unavailable
from kitchenwall.ports import FolderState, Sighting

_IDENTITY = "UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-DRAFT-REF IN-REPLY-TO REFERENCES)]"


class ImapMailbox:
    """The port `Mailbox` over a logged-in client. `folder_settings` maps uses to folder names."""

    def __init__(
        self,
        client: Client,
        *,
        account: str,
        login: str,
        folder_settings: Mapping[str, str],
        refresh_seconds: float = 540.0,
        poll_seconds: float = 300.0,
    ) -> None:
        self._client = client
        self._settings = folder_settings
        self._dialogue = Dialogue(client)
        self._reading = Reading(self._dialogue, account, login)
        self._looking = Looking(self._dialogue, self._reading)
        self._waiting = Waiting(self._dialogue, refresh=refresh_seconds, poll=poll_seconds)

    # What is there

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What the server says it can do, in upper case."""
        return tuple(word.decode("ascii", "replace") for word in self._client.capabilities())

    def folders(self) -> tuple[Listed, ...]:
        """Every folder of the account, asked once a connection."""
        return self._dialogue.folders()

    def folder_for(self, use: str) -> str | None:
        setting = self._settings.get(use, "")
        return choose(use, () if setting else self.folders(), setting)

    def status(self, folder: str) -> FolderState:
        return self._dialogue.status(folder)

    def examine(self, folder: str) -> FolderState:
        return self._dialogue.examine(folder)

    # Reading

    def arrivals(self, folder: str, first_uid: int) -> Iterator[Arrival]:
        return self._reading.arrivals(folder, first_uid)

    def mails(self, folder: str, uids: Sequence[int]) -> Iterator[Arrival]:
        return self._reading.mails(folder, uids)

    def headers(
        self, folder: str, uids: Sequence[int], fields: Sequence[str]
    ) -> Iterator[tuple[int, bytes]]:
        """The named header fields of mails, as bytes; vanished mails are left out."""
        return self._reading.headers(folder, uids, fields)

    def received_since(self, folder: str, since: datetime) -> tuple[int, ...]:
        self._dialogue.enter(folder)
        return self._dialogue.search(f"SINCE {search_day(since)}")

    def sightings(self, folder: str, first_uid: int, last_uid: int = 0) -> tuple[Sighting, ...]:
        self._dialogue.enter(folder)
        span = f"{max(1, first_uid)}:{last_uid or '*'}"
        rows = self._dialogue.fetch(span, _IDENTITY, first_uid, budget=8_000_000)
        return tuple(sighting_of(uid, row) for uid, row in sorted(rows.items()))

    def sightings_since(self, folder: str, since: datetime, most: int) -> tuple[Sighting, ...]:
        newest = self.received_since(folder, since)[-most:]
        found: list[Sighting] = []
        for some in chunks(newest, BATCH):
            rows = self._dialogue.fetch(uid_set(some), _IDENTITY, 1, budget=len(some) * 70_000)
            found += (sighting_of(uid, row) for uid, row in sorted(rows.items()))
        return tuple(found)

    def earlier(
        self, folders: Sequence[str], around: Around, sent: Sequence[str] = ()
    ) -> tuple[Arrival, ...]:
        return self._looking.earlier(folders, around, sent)

    def find_ours(self, folder: str, message_id: str) -> tuple[int, ...]:
        self._dialogue.enter(folder)
        return self._dialogue.search(f'HEADER Message-ID "{message_id}"')

    # Writing

    def append_draft(self, folder: str, data: bytes) -> Cursor | None:
        wire = self._dialogue.wire
        wire.limit(budget=100_000)
        wire.gate.literal_begun = False
        try:
            answer = self._client.append(self._dialogue.name(folder), data, (rb"\Draft", rb"\Seen"))
        except ForbiddenCommand:
            raise
        except (imaplib.IMAP4.abort, OSError) as error:
            self._dialogue.broken = True
            if wire.gate.literal_begun:
                raise DraftUncertain(
                    f'laid a draft into "{folder}", but the connection ended before the answer: '
                    f"{printable(str(error))}"
                ) from error
            raise Unavailable(
                f'cannot lay a draft into "{folder}": {printable(str(error))}'
            ) from error
        except imaplib.IMAP4.error as error:
            raise DraftRefused(
                f'cannot lay the draft into "{folder}": the server says: {printable(str(error))}; '
                "look there for space and rights, or set drafts_folder"
            ) from error
        found = re.search(rb"\[APPENDUID (\d{1,10}) (\d{1,10})\]", answer or b"")
        return Cursor(int(found.group(1)), int(found.group(2))) if found else None

    # Waiting

    def wait(self, seconds: float) -> bool:
        return self._waiting.wait(seconds)

    def wake(self) -> None:
        """End a wait, from any thread."""
        self._waiting.wake()

    def abort(self) -> None:
        """End the connection without a word, from any thread."""
        self._dialogue.wire.abort()

    def close(self) -> None:
        if not self._dialogue.broken:
            wire = self._dialogue.wire
            wire.limit(seconds=min(5.0, wire.seconds))
            with suppress(Exception):  # goodbyes are best effort; the socket goes in any case
                self._client.logout()
        self._waiting.close()
