"""What the application asks of the world."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kitchenwall.domain.around import Around
from kitchenwall.domain.conversation import Followed, Told
from kitchenwall.domain.facts import Facts
from kitchenwall.domain.first_look import KnowsNo
from kitchenwall.domain.journal import (
    DraftRow,
    DraftState,
    Event,
    EventKind,
    NewEvent,
    Pass,
    Reply,
    Stop,
)
from kitchenwall.domain.message import Address, Arrival, Cursor, Message
from kitchenwall.domain.plan import Route
from kitchenwall.domain.questions import Asked
from kitchenwall.domain.verdict import Verdict


class Clock(Protocol):
    """Time, as the application may see it."""

    def now(self) -> datetime:
        """The time of day, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that only go forward, for waits and deadlines."""

    def asleep(self) -> float:
        """Seconds that the machine was suspended since it started; 0 where it cannot tell."""


@dataclass(frozen=True, slots=True)
class FolderState:
    """What a server says of a folder: its UIDVALIDITY, the next UID, how many mails."""

    name: str
    uidvalidity: int
    uidnext: int
    messages: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """The identifying headers of one mail in a folder, as far as it has them."""

    uid: int
    message_id: str
    draft_ref: str
    in_reply_to: str
    references: str


class Mailbox(Protocol):
    """One account's mail over one connection, owned by one thread.

    Every method may raise `Unavailable` (the connection is gone or the server busy: drop this
    mailbox and open another later) and `FolderMissing`.
    """

    def examine(self, folder: str) -> FolderState:
        """Open a folder for reading only; later calls for this folder work in it."""

    def status(self, folder: str) -> FolderState:
        """Look at a folder from outside."""

    def arrivals(self, folder: str, first_uid: int) -> Iterator[Arrival]:
        """All mails from that UID on, in order of UID; vanished ones are left out."""

    def mails(self, folder: str, uids: Sequence[int]) -> Iterator[Arrival]:
        """Named mails in order of UID; vanished ones are left out."""

    def received_since(self, folder: str, since: datetime) -> tuple[int, ...]:
        """The UIDs that the server received on or after that day, ascending."""

    def sightings(self, folder: str, first_uid: int, last_uid: int = 0) -> tuple[Sighting, ...]:
        """The identifying headers of all mails from `first_uid` to `last_uid` (0: to the end)."""

    def sightings_since(self, folder: str, since: datetime, most: int) -> tuple[Sighting, ...]:
        """The same for at most `most` of the newest mails received on or after that day."""

    def earlier(
        self, folders: Sequence[str], around: Around, sent: Sequence[str] = ()
    ) -> tuple[Arrival, ...]:
        """Mails in these folders that lie near another one, oldest first, within fixed bounds.

        In the folders of `sent`, mails to those who are near. What the server finds is compared here,
        and finding nothing proves nothing. Folders that are missing, a server that refuses or one
        that is slow give nothing: `Unavailable` says only that the connection is gone. Another
        folder may be open afterwards.
        """

    def find_ours(self, folder: str, message_id: str) -> tuple[int, ...]:
        """UIDs under which the server finds our own Message-ID; finding nothing proves nothing."""

    def append_draft(self, folder: str, data: bytes) -> Cursor | None:
        """Lay bytes with flags \\Draft \\Seen; where the server says so, the UID it got.

        Raises `DraftRefused` (nothing stored), `DraftUncertain` (nobody knows).
        """

    def folder_for(self, use: str) -> str | None:
        """The folder for "drafts", "sent", "archive", "trash" or "junk", where there is one."""

    def wait(self, seconds: float) -> bool:
        """Wait in the examined folder until something may have happened (True) or time is up."""

    def wake(self) -> None:
        """End a wait; may be called from any thread."""

    def abort(self) -> None:
        """End the connection without a word; may be called from any thread."""

    def close(self) -> None:
        """Say goodbye; never raises."""


class HeaderScan(Protocol):
    def __call__(self, folder: str, uids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
        """A few header fields of each of these mails, as they were sent."""


class Journal(Protocol):
    """The memory. Every write is one transaction that is on the disk when the call returns.

    All methods may be called from any thread. They raise `JournalTrouble`.
    """

    def cursor(self, login: str, folder: str) -> Cursor | None: ...

    def move_cursor(self, login: str, folder: str, cursor: Cursor) -> None: ...

    def knows(self, source_key: str) -> bool: ...

    def knows_no(self, login: str, msg_ids: Collection[str]) -> bool:
        """Whether one of these msg-ids belongs to a rejection recorded for this mailbox."""

    def record(
        self,
        event: NewEvent,
        reply: Reply | None,
        state: DraftState,
        due: datetime | None = None,
    ) -> int:
        """Remember an event and, in the same transaction, the draft that answers it.

        The draft is not laid before `due`. Recording a source key twice changes nothing and returns the first event's id.
        """

    def quarantine(self, arrival: Arrival, reason: str, now: datetime) -> None:
        """Remember a mail that could not be read, once."""

    def event(self, event_id: int) -> Event | None: ...

    def events(self, *kinds: EventKind, limit: int = 0) -> tuple[Event, ...]:
        """Recorded events, newest first; all kinds where none is named; 0 means no limit."""

    def drafts(self, *states: DraftState, login: str = "") -> tuple[DraftRow, ...]:
        """Drafts in order of creation; of one login where it is named."""

    def draft_of(self, event_id: int) -> DraftRow | None: ...

    def laid_since(self, login: str, since: datetime, sender: str = "") -> int:
        """How many drafts were planned for an account (or for one sender address) since then."""

    def followed(self, login: str, msg_ids: Collection[str]) -> Followed | None:
        """The newest no of this mailbox that a mail which names these msg-ids answers."""

    def told(self, login: str, company: str, since: datetime) -> tuple[Told, ...]:
        """The nos of a company (by its key) that came to a mailbox since then, the newest first."""

    def answers_to(self, event_id: int) -> tuple[Event, ...]:
        """What came after a no: answers to the letter about it, and what told it again; oldest first."""

    def unanswered(self, login: str, since: datetime, until: datetime) -> tuple[DraftRow, ...]:
        """Letters about a no that were laid in that time, asked for feedback, and that nothing on
        record answers or reminds of."""

    def asked(self) -> tuple[Asked, ...]:
        """What the letters of all accounts asked so far, oldest first; those that nobody will lay do not count."""

    def hasten(self, draft_id: int) -> None:
        """A planned draft waits no longer for its time."""

    def intend(self, draft_id: int, folder: FolderState, now: datetime) -> None:
        """PLANNED to INTENT, and into the audit trail: from here on an APPEND may have happened."""

    def created(self, draft_id: int, uidvalidity: int, uid: int | None, because: str) -> None: ...

    def settle(self, draft_id: int, state: DraftState, because: str) -> None:
        """Any state but CREATED to HELD, SKIPPED or PLANNED."""

    def renew(self, draft_id: int, reply: Reply) -> None:
        """A deliberate repetition: new bytes, next generation, PLANNED."""

    def dismiss(self, event_id: int, because: str) -> None:
        """The person says it is none; its open draft becomes SKIPPED."""

    def wrote(self, login: str, what: str, folder: str, detail: str, now: datetime) -> None:
        """The audit trail: one row for every write ever made to a server."""

    def stop(self, login: str) -> Stop | None: ...

    def record_stop(self, stop: Stop) -> None: ...

    def lift_stop(self, login: str) -> bool: ...

    def note_pass(self, done: Pass) -> None: ...

    def passes(self) -> tuple[Pass, ...]: ...

    def changed(self) -> bool:
        """Whether another process has written since the last call."""


class Judge(Protocol):
    def __call__(self, message: Message, knows_no: KnowsNo, /) -> Verdict: ...


class Gather(Protocol):
    def __call__(self, message: Message, verdict: Verdict) -> Facts: ...


class Earlier(Protocol):
    def __call__(self, around: Around, /) -> tuple[Message, ...]:
        """Mails that lie near another one, oldest first. Raises `Unavailable`."""


class Read(Protocol):
    def __call__(self, arrival: Arrival) -> Message:
        """Raises `UnreadableMessage`."""


class Recall(Protocol):
    def __call__(
        self, message: Message, facts: Facts, mails: Sequence[Message], near: Around
    ) -> Facts:
        """The facts, and what earlier mails tell where the mail itself is silent."""


class Compose(Protocol):
    def __call__(
        self,
        message: Message,
        facts: Facts,
        to: Address,
        now: datetime,
        asked: Sequence[Asked] = (),
        within: Message | None = None,
    ) -> Reply:
        """The reply; `asked` is what earlier letters asked, oldest first.

        It goes into the thread of `message`, or of `within` where somebody else is written to.
        """


class Human(Protocol):
    def __call__(self, message: Message, facts: Facts, mails: Sequence[Message], /) -> Route | None:
        """Who at the company can be written to instead of a sender whom nobody reads."""
