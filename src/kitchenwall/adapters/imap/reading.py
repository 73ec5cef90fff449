"""Fetch mails in batches: whole ones in one answer, of large ones the headers and the words."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kitchenwall.adapters.imap.dialogue import Dialogue
from kitchenwall.adapters.imap.rows import Row, literal_of, section_of
from kitchenwall.adapters.imap.structure import Part, choose_parts
from kitchenwall.adapters.imap.syntax import chunks, uid_set
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.domain.reduced import reduced_mail
from kitchenwall.errors import Unavailable
from kitchenwall.ports import FolderState

HEADER_MOST = 65_536
TEXT_MOST = 262_144
WHOLE_MOST = HEADER_MOST + TEXT_MOST
BATCH = 500
_BATCH_BYTES = 4_000_000
_WINDOW = 5_000
_AHEAD = 2
_LISTING = "UID RFC822.SIZE INTERNALDATE FLAGS"


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads the mails of one account.

    Between two mails that are given, the caller may have opened another folder.
    """

    dialogue: Dialogue
    account: str
    login: str

    def arrivals(self, folder: str, first_uid: int) -> Iterator[Arrival]:
        state = self.dialogue.enter(folder)
        low, width = first_uid, _WINDOW
        while True:
            # UIDs may have gaps of millions; few mails are asked for at once, wherever they lie.
            last = low + width >= state.uidnext or state.messages <= _WINDOW
            span = f"{low}:*" if last else f"{low}:{low + width - 1}"
            rows = self._fetch(state, span, _LISTING, low, budget=_WINDOW * 600)
            for batch in _batches(rows):
                yield from self._read(state, batch)
            if last:
                return
            low += width
            width = _WINDOW if rows else 2 * width

    def mails(self, folder: str, uids: Sequence[int]) -> Iterator[Arrival]:
        """Named mails in order of UID; vanished ones are left out."""
        state = self.dialogue.enter(folder)
        for some in chunks(sorted(uids), BATCH):
            rows = self._fetch(state, uid_set(some), _LISTING, 1, budget=len(some) * 600)
            for batch in _batches(rows):
                yield from self._read(state, batch)

    def headers(
        self, folder: str, uids: Sequence[int], fields: Sequence[str]
    ) -> Iterator[tuple[int, bytes]]:
        """The named header fields of mails, as bytes; vanished mails are left out.

        Batches of at most 500, the next one asked for before the last is read, so that the server
        works while we do; it may mix their answers (RFC 3501, 5.5; seen on Dovecot).
        """
        self.dialogue.enter(folder)
        item = f"(UID BODY.PEEK[HEADER.FIELDS ({' '.join(fields)})])"
        batches = list(chunks(uids, BATCH))
        left = set(uids)
        asked = deque[bytes]()
        try:
            for number in range(len(batches) + _AHEAD):
                if number < len(batches):
                    self.dialogue.wire.limit(budget=len(batches[number]) * 140_000 + 1_000_000)
                    asked.append(self.dialogue.send("FETCH", uid_set(batches[number]), item))
                if number >= _AHEAD:
                    rows = self.dialogue.header_rows(asked.popleft())
                    left.difference_update(uid for uid, _ in rows)
                    yield from rows
        finally:
            for tag in asked:  # whoever stops early must not leave the conversation out of step
                self.dialogue.header_rows(tag)
        # What is left has vanished, or was answered in another shape.
        for some in chunks(sorted(left), BATCH):
            found = self.dialogue.fetch(uid_set(some), item[1:-1], 1, budget=len(some) * 70_000)
            yield from ((uid, literal_of(row)) for uid, row in sorted(found.items()))

    def _read(self, state: FolderState, batch: Mapping[int, Row]) -> Iterator[Arrival]:
        """Whole mails in one answer; large ones as their headers and one readable part."""
        small = [uid for uid, row in batch.items() if _size(row) <= WHOLE_MOST]
        bodies: dict[int, bytes] = {}
        if small:
            item = f"BODY.PEEK[]<0.{WHOLE_MOST}>"
            budget = sum(_size(batch[uid]) for uid in small) + 2_000 * len(small) + 100_000
            rows = self._fetch(state, uid_set(small), f"UID {item}", 1, budget=budget)
            bodies = {uid: literal_of(row) for uid, row in rows.items()}
        for uid, row in sorted(batch.items()):
            if uid in bodies:
                raw: bytes | None = bodies[uid]
            else:
                raw = None if uid in small else self._large(state, uid)
            if raw is not None:
                yield self._arrival(state, uid, row, raw)

    def _large(self, state: FolderState, uid: int) -> bytes | None:
        """Headers and the readable part of one large mail, rebuilt as a small one; None if gone."""
        header_item = f"BODY.PEEK[HEADER]<0.{HEADER_MOST}>"
        row = self._one(state, uid, f"UID BODYSTRUCTURE {header_item}", HEADER_MOST + 500_000)
        if row is None:
            return None
        if b"BODYSTRUCTURE" not in row:
            return self._beginning(state, uid)
        choice = choose_parts(row[b"BODYSTRUCTURE"])
        text = self._part(state, uid, choice.text)
        instead = self._part(state, uid, choice.instead) if choice.instead else None
        return reduced_mail(literal_of(row), *text, instead=instead, kinds=choice.kinds)

    def _part(self, state: FolderState, uid: int, part: Part | None) -> tuple[bytes, bytes]:
        """The MIME header and the beginning of the body of one part; empty where there is none."""
        if part is None:
            return b"", b""
        mime = f"BODY.PEEK[{part.section}.MIME]<0.{HEADER_MOST}>"  # it can have any length, too
        wanted = f"UID {mime} BODY.PEEK[{part.section}]<0.{TEXT_MOST}>"
        row = self._one(state, uid, wanted, TEXT_MOST + HEADER_MOST + 100_000) or {}
        return section_of(row, f"{part.section}.MIME"), section_of(row, part.section)

    def _beginning(self, state: FolderState, uid: int) -> bytes | None:
        """The first bytes of a mail whose structure cannot be read, or is too deep."""
        row = self._one(state, uid, f"UID BODY.PEEK[]<0.{WHOLE_MOST}>", WHOLE_MOST + 100_000)
        return None if row is None else literal_of(row)

    def _one(self, state: FolderState, uid: int, items: str, budget: int) -> Row | None:
        return self._fetch(state, str(uid), items, 1, budget=budget).get(uid)

    def _fetch(
        self, state: FolderState, uids: str, items: str, low: int, *, budget: int
    ) -> dict[int, Row]:
        if self.dialogue.enter(state.name).uidvalidity != state.uidvalidity:
            raise Unavailable(f'cannot read "{state.name}": its UIDVALIDITY changed under our feet')
        return self.dialogue.fetch(uids, items, low, budget=budget)

    def _arrival(self, state: FolderState, uid: int, row: Row, raw: bytes) -> Arrival:
        received = row.get(b"INTERNALDATE")
        flags = row.get(b"FLAGS") or ()
        return Arrival(
            account=self.account,
            login=self.login,
            folder=state.name,
            cursor=Cursor(state.uidvalidity, uid),
            received=received.astimezone(UTC) if received else datetime.now(UTC),
            size=_size(row),
            raw=raw,
            answered=any(
                flag.lower() == rb"\answered" for flag in flags if isinstance(flag, bytes)
            ),
        )


def _batches(rows: Mapping[int, Row]) -> Iterator[dict[int, Row]]:
    """At most 500 mails and a few megabytes at a time, in order of UID."""
    batch: dict[int, Row] = {}
    weight = 0
    for uid, row in sorted(rows.items()):
        size = min(_size(row), WHOLE_MOST)
        if batch and (len(batch) >= BATCH or weight + size > _BATCH_BYTES):
            yield batch
            batch, weight = {}, 0
        batch[uid] = row
        weight += size
    if batch:
        yield batch


def _size(row: Row) -> int:
    size = row.get(b"RFC822.SIZE")
    return size if isinstance(size, int) else WHOLE_MOST + 1
