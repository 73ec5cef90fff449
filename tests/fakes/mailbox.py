"""A mailbox in memory that keeps the promises of the port, and fails where it is told to."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import getaddresses

from kitchenwall.domain.around import MAILS_MOST, Around, Tie
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.errors import DraftRefused, DraftUncertain, FolderMissing, Unavailable
from kitchenwall.ports import FolderState, Sighting


@dataclass
class FakeFolder:
    """Mails by UID, each with the time it was received."""

    uidvalidity: int = 1
    uidnext: int = 1
    mails: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)

    def add(self, raw: bytes, received: datetime) -> int:
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        self.mails[uid] = (raw, received)
        return uid


@dataclass
class FakeServer:
    """What outlives a connection: folders, and what the next APPEND shall do.

    `append` is called with the folder and the bytes and stores or raises; tests replace it.
    """

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    folders: dict[str, FolderState | FakeFolder] = field(default_factory=dict)
    uses: dict[str, str] = field(
        default_factory=lambda: {
            "drafts": "Drafts",
            "sent": "Sent",
            "archive": "Archive",
            "trash": "Trash",
        }
    )
    trouble: list[Exception | None] = field(default_factory=list)
    stores_in_trouble: bool = False
    says_uid: bool = True
    searches: bool = True

    def __post_init__(self) -> None:
        for name in ("INBOX", "Drafts", "Sent", "Archive", "Trash"):
            self.folders.setdefault(name, FakeFolder())

    def folder(self, name: str) -> FakeFolder:
        found = self.folders.get(name)
        if not isinstance(found, FakeFolder):
            raise FolderMissing(f'cannot open folder "{name}": the server has no such folder')
        return found

    def deliver(self, raw: bytes, folder: str = "INBOX") -> int:
        return self.folder(folder).add(raw, self.now())

    def drafts(self) -> list[bytes]:
        return [raw for raw, _ in self.folder("Drafts").mails.values()]


class FakeMailbox:
    """One connection to a fake server."""

    def __init__(self, server: FakeServer, account: str = "post", login: str = "anna") -> None:
        self.server = server
        self.account = account
        self.login = login
        self.waits: list[bool] = []
        self.gone = False

    def examine(self, folder: str) -> FolderState:
        self._alive()
        found = self.server.folder(folder)
        return FolderState(folder, found.uidvalidity, found.uidnext, len(found.mails))

    status = examine

    def arrivals(self, folder: str, first_uid: int) -> Iterator[Arrival]:
        return self.mails(
            folder, [uid for uid in self.server.folder(folder).mails if uid >= first_uid]
        )

    def mails(self, folder: str, uids: Sequence[int]) -> Iterator[Arrival]:
        self._alive()
        found = self.server.folder(folder)
        for uid in sorted(uids):
            if uid in found.mails:
                raw, received = found.mails[uid]
                yield Arrival(
                    account=self.account, login=self.login, folder=folder,
                    cursor=Cursor(found.uidvalidity, uid), received=received, size=len(raw), raw=raw,
                )  # fmt: skip

    def received_since(self, folder: str, since: datetime) -> tuple[int, ...]:
        found = self.server.folder(folder).mails
        return tuple(uid for uid, (_, when) in sorted(found.items()) if when.date() >= since.date())

    def sightings(self, folder: str, first_uid: int, last_uid: int = 0) -> tuple[Sighting, ...]:
        self._alive()
        found = self.server.folder(folder).mails
        return tuple(
            _sighting(uid, raw)
            for uid, (raw, _) in sorted(found.items())
            if uid >= first_uid and (not last_uid or uid <= last_uid)
        )

    def sightings_since(self, folder: str, since: datetime, most: int) -> tuple[Sighting, ...]:
        found = self.server.folder(folder).mails
        return tuple(
            _sighting(uid, found[uid][0]) for uid in self.received_since(folder, since)[-most:]
        )

    def earlier(
        self, folders: Sequence[str], around: Around, sent: Sequence[str] = ()
    ) -> tuple[Arrival, ...]:
        self._alive()
        share = MAILS_MOST // len((*folders, *sent))
        ways = (*((name, "From") for name in folders), *((name, "To") for name in sent))
        there = [(name, way) for name, way in ways if name in self.server.folders]
        found = [one for name, way in there for one in self._near(name, around, way)[-share:]]
        return tuple(sorted(found, key=lambda arrival: arrival.received))

    def find_ours(self, folder: str, message_id: str) -> tuple[int, ...]:
        if not self.server.searches:
            return ()
        return tuple(m.uid for m in self.sightings(folder, 1) if m.message_id == message_id)

    def append_draft(self, folder: str, data: bytes) -> Cursor | None:
        self._alive()
        found = self.server.folder(folder)
        trouble = self.server.trouble.pop(0) if self.server.trouble else None
        uid = 0
        if trouble is None or (
            isinstance(trouble, DraftUncertain) and self.server.stores_in_trouble
        ):
            uid = found.add(data, self.server.now())
        if trouble is not None:
            self.gone = not isinstance(trouble, DraftRefused)
            raise trouble
        return Cursor(found.uidvalidity, uid) if self.server.says_uid else None

    def folder_for(self, use: str) -> str | None:
        return self.server.uses.get(use)

    def wait(self, seconds: float) -> bool:
        self._alive()
        return self.waits.pop(0) if self.waits else False

    def wake(self) -> None: ...

    def abort(self) -> None:
        self.gone = True

    def close(self) -> None:
        self.gone = True

    def _near(self, folder: str, around: Around, way: str) -> list[Arrival]:
        """The mails of a folder that lie near, the nearest and newest last."""
        mails = list(self.mails(folder, list(self.server.folder(folder).mails)))
        ties = [(_tie(arrival.raw, around, way), arrival) for arrival in mails]
        near = [
            (tie, arrival)
            for tie, arrival in ties
            if tie is not None and around.since <= arrival.received <= around.until
        ]
        return [arrival for _, arrival in sorted(near, key=lambda one: one[0])]

    def _alive(self) -> None:
        if self.gone:
            raise Unavailable("the connection is gone")


def _tie(raw: bytes, around: Around, way: str) -> Tie | None:
    seen = _sighting(0, raw)
    people = getaddresses([str(email.message_from_bytes(raw)[way])])
    ids = f"{seen.message_id} {seen.in_reply_to} {seen.references}".split()
    ties = [around.tie(spec.lower(), ids) for _, spec in people]
    return max((tie for tie in ties if tie is not None), default=None)


def _sighting(uid: int, raw: bytes) -> Sighting:
    head = email.message_from_bytes(raw)
    names = ("Message-ID", "X-Draft-Ref", "In-Reply-To", "References")
    values = [" ".join(str(head.get(name, "")).split()) for name in names]
    return Sighting(uid, *values)
