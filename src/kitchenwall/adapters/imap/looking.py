"""Look in a few folders for the mails that lie near another one, within fixed bounds.

What SEARCH finds is fetched and compared here, since servers differ in how they match. When time is
up nothing more is asked for, and nothing is given: half a history may say the wrong thing. A
command under way keeps the connection's own deadline; to cut it short would cost the connection.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kitchenwall.adapters.imap.dialogue import Dialogue
from kitchenwall.adapters.imap.quoting import search_value
from kitchenwall.adapters.imap.reading import Reading
from kitchenwall.adapters.imap.syntax import fields_of, search_day
from kitchenwall.domain.around import MAILS_MOST, SECONDS, Around, Tie
from kitchenwall.domain.identity import address_of
from kitchenwall.domain.message import Arrival
from kitchenwall.errors import FolderMissing, Unavailable

_FIELDS = ("MESSAGE-ID", "IN-REPLY-TO", "REFERENCES")
_ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()]{1,253}")
_PEOPLE_MOST = 10
_ID = re.compile(r"<[^<>\s]+>")
# Servers compare days in whatever time zone they like (RFC 3501, 6.4.4).
_ZONES = timedelta(days=2)
# A conversation is also looked for among the newest mails of this time, whoever wrote them.
_CONVERSATION = timedelta(days=60)


class _TimeIsUp(Exception):
    """Nothing more may be asked for."""


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks over one connection."""

    dialogue: Dialogue
    reading: Reading

    def earlier(
        self, folders: Sequence[str], around: Around, sent: Sequence[str] = ()
    ) -> tuple[Arrival, ...]:
        """See the port `Mailbox`."""
        ways = (*((folder, "FROM") for folder in folders), *((folder, "TO") for folder in sent))
        look = _Look(self.dialogue, self.reading, around, len(ways), time.monotonic() + SECONDS)
        try:
            found = [arrival for folder, way in ways for arrival in look.in_folder(folder, way)]
        except _TimeIsUp:
            return ()
        except Unavailable:
            if self.dialogue.broken:
                raise
            return ()
        return tuple(sorted(found, key=lambda arrival: arrival.received))


@dataclass(frozen=True, slots=True)
class _Look:
    """One look; each of `folders` folders has the same share of what may be fetched.

    The header that says who is near is From, and To in a folder of sent letters: to search both
    everywhere would make servers read every mail that they keep one header of.
    """

    dialogue: Dialogue
    reading: Reading
    around: Around
    folders: int
    end: float

    def in_folder(self, folder: str, way: str) -> Iterator[Arrival]:
        try:
            near = self._near(folder, way)
        except FolderMissing:
            return
        if near:
            self._keep_time()
        for arrival in self.reading.mails(folder, near):
            self._keep_time()
            if arrival.received <= self.around.until:
                yield arrival

    def _near(self, folder: str, way: str) -> list[int]:
        """The UIDs of the mails that are near by their headers, the nearest and newest of them."""
        self._keep_time()
        if not self.dialogue.enter(folder).messages:
            return []
        uids = self._candidates(self.around.headers_most // self.folders, way)
        self._keep_time()
        ties = []
        for uid, header in self.reading.headers(folder, uids, (way, *_FIELDS)):
            if (tie := self._tie(fields_of(header), way)) is not None:
                ties.append((tie, uid))
        return [uid for _, uid in sorted(ties)[-(MAILS_MOST // self.folders) :]]

    def _tie(self, fields: dict[str, str], way: str) -> Tie | None:
        """What connects a mail by its header; of several people in it the nearest counts."""
        sender, to = fields.pop("from", ""), fields.pop("to", "")
        people = [address_of(sender.encode())]
        if way == "TO":
            people = [found.lower() for found in _ADDRESS.findall(to)[:_PEOPLE_MOST]]
        ids = _ID.findall(" ".join(fields.values()))
        ties = (self.around.tie(one, ids) for one in people)
        return max((tie for tie in ties if tie is not None), default=None)

    def _candidates(self, most: int, way: str) -> list[int]:
        """The newest that the server finds by their sender, then the newest of all."""
        around = self.around
        elsewhere = (one for one in around.addresses if not around.is_of_a_house(one))
        found: set[int] = set()
        named = (*around.houses, *sorted(around.labels), *elsewhere)
        for value in (one.decode() for one in map(search_value, named) if one):
            found.update(self._search(around.since, f" {way} {value}"))
        chosen = sorted(found)[-most:]
        if around.thread and len(chosen) < most:
            recent = self._search(max(around.since, around.until - _CONVERSATION))
            chosen += [uid for uid in recent if uid not in found][len(chosen) - most :]
        return sorted(chosen)

    def _search(self, since: datetime, more: str = "") -> tuple[int, ...]:
        self._keep_time()
        before = search_day(self.around.until + _ZONES)
        return self.dialogue.search(f"SINCE {search_day(since)} BEFORE {before}{more}")

    def _keep_time(self) -> None:
        if time.monotonic() > self.end:
            raise _TimeIsUp
