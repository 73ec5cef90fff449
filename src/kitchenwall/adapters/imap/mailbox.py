"""An account's mail over one connection: look, read, lay a draft, wait.

Everything here runs in the thread that owns the connection. After any error that is not a plain
refusal the connection is out of step and must be dropped: the caller opens another.
"""

from __future__ import annotations

import imaplib
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.imap_utf7 import encode as encode_utf7

from kitchenwall.adapters.imap.answers import command_refused, printable
from kitchenwall.adapters.imap.bulk import Refused, header_rows
from kitchenwall.adapters.imap.folders import Listed, choose
from kitchenwall.adapters.imap.gate import ForbiddenCommand
from kitchenwall.adapters.imap.rows import NUMBER_MOST, UNREADABLE, Row, rows_by_uid
from kitchenwall.adapters.imap.session import Client
from kitchenwall.adapters.imap.structure import Part, choose_parts
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.domain.reduced import reduced_mail
from kitchenwall.errors import DraftRefused, DraftUncertain, FolderMissing, Unavailable
from kitchenwall.ports import FolderState, Sighting

HEADER_MOST = 65_536
TEXT_MOST = 262_144
WHOLE_MOST = HEADER_MOST + TEXT_MOST
_BATCH = 500
_BATCH_BYTES = 4_000_000
_WINDOW = 5_000
_AHEAD = 2
_IDENTITY = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-DRAFT-REF IN-REPLY-TO REFERENCES)]"
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_HINTS = (b"EXISTS", b"RECENT")

T = TypeVar("T")


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
        self._wire = client.wire
        self._account = account
        self._login = login
        self._settings = folder_settings
        self._refresh = refresh_seconds
        self._poll = poll_seconds
        self._listed: tuple[Listed, ...] | None = None
        self._names: dict[str, str] = {}
        self._open: FolderState | None = None
        self._exists = self._told = 0
        self._can_idle = client.has_capability("IDLE")
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._closing = threading.Lock()
        self._closed = self._broken = False

    # What is there

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What the server says it can do, in upper case."""
        return tuple(word.decode("ascii", "replace") for word in self._client.capabilities())

    def folders(self) -> tuple[Listed, ...]:
        """Every folder of the account, asked once a connection."""
        if self._listed is None:
            rows = self._ask("list the folders", self._client.list_folders, budget=2_000_000)
            listed = [(_listed(*row), row[2]) for row in rows if _is_folder(*row)]
            self._names = {folder.name: _ascii(name) for folder, name in listed}
            self._listed = tuple(folder for folder, _ in listed)
        return self._listed

    def folder_for(self, use: str) -> str | None:
        setting = self._settings.get(use, "")
        return choose(use, () if setting else self.folders(), setting)

    def status(self, folder: str) -> FolderState:
        what = ("UIDVALIDITY", "UIDNEXT", "MESSAGES")
        said = self._ask(
            f'look at folder "{folder}"',
            lambda: self._client.folder_status(self._name(folder), what),
            folder,
        )
        return _state(folder, said)

    def examine(self, folder: str) -> FolderState:
        said = self._ask(
            f'open folder "{folder}"',
            lambda: self._client.select_folder(self._name(folder), readonly=True),
            folder,
        )
        state = _state(folder, said)
        if not state.uidnext or not state.uidvalidity:  # Courier says UIDNEXT in STATUS alone
            state = self.status(folder)
        self._open = state
        self._exists = self._told = state.messages
        return state

    # Reading

    def arrivals(self, folder: str, first_uid: int) -> Iterator[Arrival]:
        state = self._enter(folder)
        low, width = first_uid, _WINDOW
        while True:
            # UIDs may have gaps of millions; few mails are asked for at once, wherever they lie.
            last = low + width >= state.uidnext or state.messages <= _WINDOW
            span = f"{low}:*" if last else f"{low}:{low + width - 1}"
            rows = self._fetch(
                span, "UID RFC822.SIZE INTERNALDATE FLAGS", low, budget=_WINDOW * 600
            )
            for batch in _batches(rows):
                yield from self._read(folder, state, batch)
            if last:
                return
            low += width
            width = _WINDOW if rows else 2 * width

    def received_since(self, folder: str, since: datetime) -> tuple[int, ...]:
        self._enter(folder)
        return self._search(f"SINCE {_day(since)}")

    def sightings(self, folder: str, first_uid: int, last_uid: int = 0) -> tuple[Sighting, ...]:
        self._enter(folder)
        span = f"{first_uid}:{last_uid or '*'}"
        rows = self._fetch(span, f"UID {_IDENTITY}", first_uid, budget=8_000_000)
        return tuple(_sighting(uid, row) for uid, row in sorted(rows.items()))

    def sightings_since(self, folder: str, since: datetime, most: int) -> tuple[Sighting, ...]:
        newest = self.received_since(folder, since)[-most:]
        found: list[Sighting] = []
        for some in _chunks(newest, _BATCH):
            rows = self._fetch(_uid_set(some), f"UID {_IDENTITY}", 1, budget=len(some) * 70_000)
            found += (_sighting(uid, row) for uid, row in sorted(rows.items()))
        return tuple(found)

    def find_ours(self, folder: str, message_id: str) -> tuple[int, ...]:
        self._enter(folder)
        return self._search(f'HEADER Message-ID "{message_id}"')

    def headers(
        self, folder: str, uids: Sequence[int], fields: Sequence[str]
    ) -> Iterator[tuple[int, bytes]]:
        """The named header fields of mails, as bytes; vanished mails are left out.

        Batches of at most 500, the next one asked for before the last is read, so that the server
        works while we do; it may mix their answers (RFC 3501, 5.5; seen on Dovecot).
        """
        self._enter(folder)
        item = f"(UID BODY.PEEK[HEADER.FIELDS ({' '.join(fields)})])"
        batches = list(_chunks(uids, _BATCH))
        left = set(uids)
        asked = deque[bytes]()
        try:
            for number in range(len(batches) + _AHEAD):
                if number < len(batches):
                    self._wire.limit(budget=len(batches[number]) * 140_000 + 1_000_000)
                    asked.append(self._send("FETCH", _uid_set(batches[number]), item))
                if number >= _AHEAD:
                    rows = self._rows(asked.popleft())
                    left.difference_update(uid for uid, _ in rows)
                    yield from rows
        finally:
            for tag in asked:  # whoever stops early must not leave the conversation out of step
                self._rows(tag)
        # What is left has vanished, or was answered in another shape.
        for some in _chunks(sorted(left), _BATCH):
            found = self._fetch(_uid_set(some), item[1:-1], 1, budget=len(some) * 70_000)
            yield from ((uid, _literal(row)) for uid, row in sorted(found.items()))

    def mails(self, folder: str, uids: Sequence[int]) -> Iterator[Arrival]:
        """Named mails in order of UID; vanished ones are left out."""
        state = self._enter(folder)
        for some in _chunks(sorted(uids), _BATCH):
            wanted = "UID RFC822.SIZE INTERNALDATE FLAGS"
            rows = self._fetch(_uid_set(some), wanted, 1, budget=len(some) * 600)
            for batch in _batches(rows):
                yield from self._read(folder, state, batch)

    # Writing

    def append_draft(self, folder: str, data: bytes) -> Cursor | None:
        wire = self._wire
        wire.limit(budget=100_000)
        wire.gate.literal_begun = False
        try:
            answer = self._client.append(self._name(folder), data, (rb"\Draft", rb"\Seen"))
        except ForbiddenCommand:
            raise
        except (imaplib.IMAP4.abort, OSError) as error:
            self._broken = True
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
        self._guarded("wait for mail", self._settle_in)
        if self._exists == self._told:
            if not self._can_idle:
                self._doze(min(seconds, self._poll))
                return True
            heard = self._guarded("wait for mail", lambda: self._idle(min(seconds, self._refresh)))
            if not heard:
                return False
        self._told = self._exists
        return True

    def wake(self) -> None:
        """End a wait, from any thread."""
        with self._closing:
            if not self._closed:
                os.write(self._wake_write, b".")

    def abort(self) -> None:
        """End the connection without a word, from any thread."""
        self._wire.abort()

    def close(self) -> None:
        if not self._broken:  # who no longer answers, or talks nonsense, is not waited for
            self._say_goodbye()
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._wire.close()
            os.close(self._wake_read)
            os.close(self._wake_write)

    # Below: how

    def _say_goodbye(self) -> None:
        try:
            self._wire.limit(seconds=min(5.0, self._wire.seconds))
            self._client.logout()
        except Exception:  # noqa: S110 - goodbyes are best effort; the socket goes in any case
            pass

    def _send(self, *words: str) -> bytes:
        """Send a UID command without waiting for its answer; its tag."""
        tag: bytes = self._guarded("read mail", lambda: self._client._imap._command("UID", *words))
        return tag

    def _rows(self, tag: bytes) -> list[tuple[int, bytes]]:
        """The answer to one batch of headers, as far as it has the usual shape."""
        rows = self._guarded("read mail", lambda: list(header_rows(self._wire, tag)))
        self._client._imap.tagged_commands.pop(tag, None)
        return rows

    def _settle_in(self) -> None:
        """NOOP just before IDLE: some servers never announce in IDLE what came before it."""
        for number in self._client._imap.untagged_responses.pop("EXISTS", []):
            self._exists = int(number)
        self._wire.limit()
        for answer in self._client.noop()[1]:
            self._hear(answer)

    def _hear(self, answer: Any) -> None:
        match answer:
            case (int(number), b"EXISTS"):
                self._exists = number
            case (int(), b"EXPUNGE"):
                self._exists -= 1
                self._told -= 1
            case _:
                pass

    def _doze(self, seconds: float) -> None:
        """Wait without IDLE; the caller then looks anyway."""
        self._wire.limit(seconds=seconds + 5)
        self._drain(self._wire.wait(seconds, self._wake_read))

    def _idle(self, seconds: float) -> bool:
        """IDLE (RFC 2177) with our own reader. True when something may have happened."""
        wire, imap = self._wire, self._client._imap
        wire.limit()
        tag = imap._command("IDLE")
        heard = False
        while not heard:
            line = self._idle_line()
            if line.startswith(b"+"):
                break
            if line.startswith(tag):
                self._can_idle = False
                return True
            heard = self._hint(line)
        if not heard:
            heard = self._listen(seconds)
        wire.limit()
        wire.send(b"DONE\r\n")
        while not (line := self._idle_line()).startswith(tag):
            heard = self._hint(line) or heard
        imap.tagged_commands.pop(tag, None)
        return heard

    def _listen(self, seconds: float) -> bool:
        """Read hints until one says that mail came, something wakes us, or time is up."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            found = self._wire.wait(left, self._wake_read)
            if found == "wake":
                self._drain(found)
                return True
            self._wire.limit()
            if found == "line" and self._hint(self._idle_line()):
                return True
        return False

    def _hint(self, line: bytes) -> bool:
        """Whether an untagged line says that mail may have come. A BYE ends the connection."""
        words = line.split(maxsplit=3)
        if len(words) < 2 or words[0] != b"*":
            return False
        if words[1].upper() == b"BYE":
            self._broken = True
            raise Unavailable(
                f"the server said goodbye: {printable(line.decode('ascii', 'replace'))}"
            )
        if len(words) > 2 and words[1].isdigit() and len(words[1]) < 11:
            self._hear((int(words[1]), words[2].upper()))
            return words[2].upper() in _HINTS
        return False

    def _idle_line(self) -> bytes:
        line = self._wire.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("the server closed the connection")
        return line.rstrip(b"\r\n")

    def _drain(self, found: str) -> None:
        if found == "wake":
            os.read(self._wake_read, 4096)

    def _name(self, folder: str) -> str:
        """The name as LIST wrote it, byte for byte; else as RFC 3501 wants it written."""
        return self._names.get(folder) or encode_utf7(folder).decode("ascii")

    def _enter(self, folder: str) -> FolderState:
        """The folder opened, by EXAMINE only where another one was open."""
        if self._open is None or self._open.name != folder:
            return self.examine(folder)
        return self._open

    def _read(self, folder: str, state: FolderState, batch: Mapping[int, Row]) -> Iterator[Arrival]:
        """Whole mails in one answer; large ones as their headers and one readable part."""
        if self._enter(folder).uidvalidity != state.uidvalidity:
            raise Unavailable(f'cannot read "{folder}": its UIDVALIDITY changed under our feet')
        small = [uid for uid, row in batch.items() if _size(row) <= WHOLE_MOST]
        bodies: dict[int, bytes] = {}
        if small:
            item = f"BODY.PEEK[]<0.{WHOLE_MOST}>"
            budget = sum(_size(batch[uid]) for uid in small) + 2_000 * len(small) + 100_000
            rows = self._fetch(_uid_set(small), f"UID {item}", 1, budget=budget)
            bodies = {uid: _literal(row) for uid, row in rows.items()}
        for uid, row in sorted(batch.items()):
            if uid in bodies:
                raw: bytes | None = bodies[uid]
            else:
                raw = None if uid in small else self._large(uid)
            if raw is not None:
                yield self._arrival(folder, state, uid, row, raw)

    def _large(self, uid: int) -> bytes | None:
        """Headers and the readable part of one large mail, rebuilt as a small one; None if gone."""
        header_item = f"BODY.PEEK[HEADER]<0.{HEADER_MOST}>"
        row = self._one(uid, f"UID BODYSTRUCTURE {header_item}", HEADER_MOST + 500_000)
        if row is None:
            return None
        if b"BODYSTRUCTURE" not in row:
            return self._beginning(uid)
        choice = choose_parts(row[b"BODYSTRUCTURE"])
        text = self._part(uid, choice.text)
        instead = self._part(uid, choice.instead) if choice.instead else None
        return reduced_mail(_literal(row), *text, instead=instead, kinds=choice.kinds)

    def _part(self, uid: int, part: Part | None) -> tuple[bytes, bytes]:
        """The MIME header and the beginning of the body of one part; empty where there is none."""
        if part is None:
            return b"", b""
        mime = f"BODY.PEEK[{part.section}.MIME]<0.{HEADER_MOST}>"  # it can have any length, too
        wanted = f"UID {mime} BODY.PEEK[{part.section}]<0.{TEXT_MOST}>"
        row = self._one(uid, wanted, TEXT_MOST + HEADER_MOST + 100_000) or {}
        return _section(row, f"{part.section}.MIME"), _section(row, part.section)

    def _beginning(self, uid: int) -> bytes | None:
        """The first bytes of a mail whose structure cannot be read, or is too deep."""
        row = self._one(uid, f"UID BODY.PEEK[]<0.{WHOLE_MOST}>", WHOLE_MOST + 100_000)
        return None if row is None else _literal(row)

    def _one(self, uid: int, items: str, budget: int) -> Row | None:
        return self._fetch(str(uid), items, 1, budget=budget).get(uid)

    def _arrival(self, folder: str, state: FolderState, uid: int, row: Row, raw: bytes) -> Arrival:
        received = row.get(b"INTERNALDATE")
        flags = row.get(b"FLAGS") or ()
        return Arrival(
            account=self._account,
            login=self._login,
            folder=folder,
            cursor=Cursor(state.uidvalidity, uid),
            received=received.astimezone(UTC) if received else datetime.now(UTC),
            size=_size(row),
            raw=raw,
            answered=any(
                flag.lower() == rb"\answered" for flag in flags if isinstance(flag, bytes)
            ),
        )

    def _fetch(self, uids: str, items: str, low: int, *, budget: int) -> dict[int, Row]:
        """UID FETCH; `n:*` always gives the last mail (RFC 3501, 6.4.8), so lower ones are dropped.

        imapclient 4.1.0 cannot fetch "n:*" (it fails after the fetch), hence its parser directly.
        """

        def ask() -> dict[int, Row]:
            imap = self._client._imap
            tag = imap._command("UID", "FETCH", uids, f"({items})")
            kind, data = imap._command_complete("FETCH", tag)
            if kind != "OK":
                raise imap.error(data[0].decode("utf-8", "replace"))
            _, data = imap._untagged_response(kind, data, "FETCH")
            return rows_by_uid(data, low)

        return self._ask("read mail", ask, budget=budget)

    def _search(self, criteria: str) -> tuple[int, ...]:
        """UID SEARCH with criteria of our own making; an answer without numbers is none."""

        def ask() -> tuple[int, ...]:
            imap = self._client._imap
            kind, data = imap.uid("SEARCH", criteria)
            if kind != "OK":
                raise imap.error(data[0].decode("utf-8", "replace"))
            words = b" ".join(part for part in data if part).split()
            numbers = {int(word) for word in words if word.isdigit() and len(word) < 11}
            return tuple(sorted(number for number in numbers if 0 < number <= NUMBER_MOST))

        return self._ask("search", ask)

    def _ask(
        self, what: str, ask: Callable[[], T], folder: str = "", *, budget: int = 1_000_000
    ) -> T:
        self._wire.limit(budget=budget)
        return self._guarded(what, ask, folder)

    def _guarded(self, what: str, ask: Callable[[], T], folder: str = "") -> T:
        """Run one exchange and turn what the libraries raise into ours."""
        try:
            return ask()
        except ForbiddenCommand:
            raise
        except (imaplib.IMAP4.abort, OSError) as error:
            self._broken = True
            raise Unavailable(
                f"cannot {what}: {printable(str(error)) or 'the connection is gone'}"
            ) from error
        except (imaplib.IMAP4.error, Refused) as error:
            if folder and _is_missing(str(error)):
                raise FolderMissing(
                    f"cannot {what}: the server has no such folder; "
                    "kitchenwall check lists the folders that it has"
                ) from error
            raise command_refused(what, str(error)) from error
        except UNREADABLE as error:
            # imapclient's parsers on an answer that is no IMAP: the conversation is out of step.
            self._broken = True
            raise Unavailable(f"cannot {what}: the server's answer cannot be read") from error


def _is_missing(said: str) -> bool:
    return bool(
        re.search(r"NONEXISTENT|TRYCREATE|doesn't exist|does not exist|not exist|unknown mailbox"
                  r"|no such mailbox|not found", said, re.IGNORECASE)
    )  # fmt: skip


def _is_folder(flags: Any, delimiter: Any, name: Any) -> bool:
    """Whether a row of LIST is one; what is left of a broken answer is not."""
    return (
        isinstance(flags, tuple)
        and isinstance(delimiter, bytes | None)
        and isinstance(name, bytes | str)
        and not set(_ascii(name)) & {"\r", "\n", "\0"}
    )


def _listed(flags: Sequence[Any], delimiter: bytes | None, name: bytes | str) -> Listed:
    words = tuple(
        flag.decode("ascii", "replace").lower() for flag in flags if isinstance(flag, bytes)
    )
    return Listed(_readable(_ascii(name)), (delimiter or b"").decode("ascii", "replace"), words)


def _readable(name: str) -> str:
    """A folder's name as people read it; as it came where it is no modified UTF-7."""
    try:
        return str(decode_utf7(name.encode("ascii")))
    except UnicodeError:
        return name


def _ascii(name: bytes | str) -> str:
    """A folder's name as the server wrote it (modified UTF-7, RFC 3501, 5.1.3)."""
    return name if isinstance(name, str) else name.decode("latin-1")


def _state(folder: str, said: Mapping[bytes, Any]) -> FolderState:
    def number(*names: bytes) -> int:
        values = (said.get(name) for name in names)
        return next((n for n in values if isinstance(n, int) and 0 < n <= NUMBER_MOST), 0)

    messages = number(b"EXISTS", b"MESSAGES")
    return FolderState(folder, number(b"UIDVALIDITY"), number(b"UIDNEXT"), messages)


def _batches(rows: Mapping[int, Row]) -> Iterator[dict[int, Row]]:
    """At most 500 mails and a few megabytes at a time, in order of UID."""
    batch: dict[int, Row] = {}
    weight = 0
    for uid, row in sorted(rows.items()):
        size = min(_size(row), WHOLE_MOST)
        if batch and (len(batch) >= _BATCH or weight + size > _BATCH_BYTES):
            yield batch
            batch, weight = {}, 0
        batch[uid] = row
        weight += size
    if batch:
        yield batch


def _size(row: Row) -> int:
    size = row.get(b"RFC822.SIZE")
    return size if isinstance(size, int) else WHOLE_MOST + 1


def _literal(row: Row) -> bytes:
    """The one body item of a row; b"" where the server sent none (seen on iCloud with RFC822)."""
    found = (value for key, value in row.items() if key.startswith(b"BODY["))
    return next((value for value in found if isinstance(value, bytes)), b"")


def _section(row: Row, name: str) -> bytes:
    """A piece of a section; a server that ignores "<0.n>" leaves it out of its answer, too."""
    key = f"BODY[{name}]".encode()
    return row.get(key + b"<0>") or row.get(key) or b""


def _sighting(uid: int, row: Row) -> Sighting:
    fields: dict[str, str] = {}
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", _literal(row))
    for line in unfolded.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return Sighting(
        uid,
        fields.get("message-id", ""),
        fields.get("x-draft-ref", ""),
        fields.get("in-reply-to", ""),
        fields.get("references", ""),
    )


def _uid_set(uids: Sequence[int]) -> str:
    """UIDs as ranges, so that a command line stays short (Courier drops lines over 16 KB)."""
    ranges: list[tuple[int, int]] = []
    for uid in uids:
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], uid)
        else:
            ranges.append((uid, uid))
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in ranges)


def _chunks(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _day(when: datetime) -> str:
    """A date for SEARCH SINCE (RFC 3501, 6.4.4), in UTC, never in the machine's language."""
    day = when.astimezone(UTC)
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}"
