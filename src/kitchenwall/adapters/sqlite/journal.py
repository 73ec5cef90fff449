"""The journal: what is remembered, each write one transaction that is on the disk."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from kitchenwall.adapters.sqlite import decisions, recording, rows
from kitchenwall.adapters.sqlite.connection import Connection, open_connection
from kitchenwall.domain.conversation import Followed, Told
from kitchenwall.domain.facts import Stage
from kitchenwall.domain.journal import (
    DraftRow,
    DraftState,
    Event,
    EventKind,
    NewEvent,
    Pass,
    Reply,
    Stop,
    Write,
)
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.domain.questions import Asked, Question
from kitchenwall.domain.verdict import Evidence, Outcome
from kitchenwall.ports import FolderState

FILE_NAME = "journal.db"

_MOST_IDS = 100


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_journal(
    folder: Path, *, clock: Callable[[], datetime] = _utc_now, check: bool = True
) -> SqliteJournal:
    """Open the journal in `folder`, made where it is missing (0700; the files 0600).

    `check` looks for damage first, for at most two seconds; a command that only looks can leave
    it out. Raises `JournalTrouble`: another's folder, a newer file, damage, no room.
    """
    return SqliteJournal(open_connection(folder, FILE_NAME, check=check), clock)


class SqliteJournal:
    """The port `Journal` over one SQLite file, and what a person records in it.

    Any thread may call, and other processes may read and write the same file meanwhile.
    """

    def __init__(self, connection: Connection, clock: Callable[[], datetime]) -> None:
        self._file = connection
        self._clock = clock
        self._seen_version = self._data_version()

    def __enter__(self) -> SqliteJournal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; calling it again does nothing."""
        self._file.close()

    # How far folders were read

    def cursor(self, login: str, folder: str) -> Cursor | None:
        row = self._one(
            "SELECT uidvalidity, uid FROM cursors WHERE login = ? AND folder = ?", login, folder
        )
        return Cursor(row["uidvalidity"], row["uid"]) if row else None

    def move_cursor(self, login: str, folder: str, cursor: Cursor) -> None:
        with self._file.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO cursors VALUES (?, ?, ?, ?)",
                (login, folder, cursor.uidvalidity, cursor.uid),
            )

    # Events

    def knows(self, source_key: str) -> bool:
        return self._one("SELECT 1 FROM events WHERE source_key = ?", source_key) is not None

    def knows_no(self, login: str, msg_ids: Collection[str]) -> bool:
        """Whether one of these msg-ids belongs to a rejection recorded for this mailbox.

        A question that is still open, and what the person dismissed, are none.
        """
        query = (
            "SELECT 1 FROM events WHERE message_id = ? AND login = ? "
            "AND kind IN ('draft', 'note', 'hold') AND outcome != 'feedback'"
        )
        return any(self._one(query, msg_id, login) for msg_id in (*msg_ids,)[-_MOST_IDS:])

    def followed(self, login: str, msg_ids: Collection[str]) -> Followed | None:
        """The newest no of this mailbox that a mail which names these msg-ids answers.

        A msg-id is that of the no, or of our letter; an answer to an answer follows the same no.
        """
        query = (
            "SELECT coalesce(events.follows, events.id) AS id FROM events"
            " LEFT JOIN drafts ON drafts.event_id = events.id"
            " WHERE (events.message_id = ? OR drafts.message_id = ?) AND events.login = ?"
            " AND events.kind IN ('draft', 'note', 'hold')"
        )
        found = (self._one(query, one, one, login) for one in (*msg_ids,)[-_MOST_IDS:])
        numbers = [int(row["id"]) for row in found if row]
        event = self.event(max(numbers)) if numbers else None
        if event is None or event.outcome == Outcome.FEEDBACK:
            return None
        asked = self._one(
            "SELECT 1 FROM drafts JOIN events ON events.id = drafts.event_id"
            " WHERE events.follows = ? AND drafts.question = ? AND drafts.state != 'skipped'",
            event.id, Question.SPECIFICS,
        )  # fmt: skip
        return Followed(
            event_id=event.id,
            company=event.company,
            role=event.role,
            stage=Stage(event.stage) if event.stage else Stage.UNKNOWN,
            asked_again=asked is not None,
        )

    def told(self, login: str, company: str, since: datetime) -> tuple[Told, ...]:
        """The nos of a company (by its key) that came to a mailbox since then, the newest first.

        What told one of them again is none.
        """
        found = self._all(
            "SELECT events.id, events.sender, events.reference, applications.role_key,"
            " coalesce(drafts.state, (SELECT other.state FROM drafts AS other"
            " JOIN events AS again ON again.id = other.event_id WHERE again.follows = events.id"
            " AND again.outcome NOT IN ('feedback', '') LIMIT 1)) AS state FROM events"
            " JOIN applications ON applications.id = events.application_id"
            " LEFT JOIN drafts ON drafts.event_id = events.id"
            " WHERE events.login = ? AND applications.company_key = ? AND events.received >= ?"
            " AND events.kind IN ('draft', 'note', 'hold')"
            " AND events.outcome NOT IN ('feedback', '') AND events.follows IS NULL ORDER BY events.id DESC",
            login, company, rows.stamp(since),
        )  # fmt: skip
        return tuple(
            Told(
                event_id=row["id"],
                sender=row["sender"] or "",
                role_key=row["role_key"],
                reference=row["reference"],
                draft=None if row["state"] is None else DraftState(row["state"]),
            )
            for row in found
        )

    def unanswered(self, login: str, since: datetime, until: datetime) -> tuple[DraftRow, ...]:
        """Letters about a no that were laid in that time, asked for feedback, and that nothing on
        record answers or reminds of."""
        where = (
            "drafts.state = ? AND events.login = ? AND drafts.intended >= ?"
            " AND drafts.intended < ? AND drafts.question != '' AND events.kind = 'draft'"
            " AND events.outcome NOT IN ('feedback', '')"
            " AND coalesce(events.follows, events.id) NOT IN (SELECT follows FROM events"
            " WHERE follows IS NOT NULL AND outcome IN ('feedback', ''))"
        )
        values = (DraftState.CREATED, login, rows.stamp(since), rows.stamp(until))
        found = self._all(f"{rows.SELECT_DRAFTS} WHERE {where} ORDER BY drafts.id", *values)
        letters = (rows.draft_of(row) for row in found)
        return tuple(one for one in letters if Question(one.question).asks_for_feedback)

    def answers_to(self, event_id: int) -> tuple[Event, ...]:
        """The answers that came to the letter about a no, oldest first."""
        found = self._all(
            f"{rows.SELECT_EVENTS} WHERE events.follows = ? ORDER BY events.id", event_id
        )
        return tuple(rows.event_of(row) for row in found)

    def record(
        self,
        event: NewEvent,
        reply: Reply | None,
        state: DraftState,
        due: datetime | None = None,
    ) -> int:
        """Remember an event and, in the same transaction, the draft that answers it.

        `state` is OFFERED or PLANNED, and `due` is before when it is not laid; they mean nothing
        without a reply. A source key that is
        known changes nothing and returns the first event's id.
        """
        with self._file.writing() as connection:
            return recording.record(connection, event, reply, state, due)

    def quarantine(self, arrival: Arrival, reason: str, now: datetime) -> None:
        """Remember a mail that could not be read, once for each login and content."""
        mark = hashlib.sha256(arrival.login.encode("utf-8", "replace") + b"\0" + arrival.raw)
        event = NewEvent(
            source_key=f"unreadable:{mark.hexdigest()}",
            account=arrival.account,
            login=arrival.login,
            folder=arrival.folder,
            cursor=arrival.cursor,
            received=arrival.received,
            recorded=now,
            kind=EventKind.UNREADABLE,
            because=reason,
        )
        self.record(event, None, DraftState.OFFERED)

    def event(self, event_id: int) -> Event | None:
        row = self._one(f"{rows.SELECT_EVENTS} WHERE events.id = ?", event_id)
        return rows.event_of(row) if row else None

    def events(self, *kinds: EventKind, limit: int = 0) -> tuple[Event, ...]:
        """Recorded events, newest first; all kinds where none is named; 0 means no limit."""
        where = f"WHERE events.kind IN ({_marks(kinds)})" if kinds else ""
        found = self._all(
            f"{rows.SELECT_EVENTS} {where} ORDER BY events.id DESC LIMIT ?", *kinds, limit or -1
        )
        return tuple(rows.event_of(row) for row in found)

    def evidence(self, event_id: int) -> tuple[Evidence, ...]:
        """What an event's verdict rests on; the words behind a fact have the rule "fact:NAME"."""
        found = self._all("SELECT * FROM evidence WHERE event_id = ? ORDER BY position", event_id)
        return tuple(rows.evidence_of(row) for row in found)

    # Drafts

    def drafts(self, *states: DraftState, login: str = "") -> tuple[DraftRow, ...]:
        """Drafts in order of creation; all states where none is named; of one login if named."""
        tests = [f"drafts.state IN ({_marks(states)})"] if states else []
        tests += ["events.login = ?"] if login else []
        where = f"WHERE {' AND '.join(tests)}" if tests else ""
        values = (*states, login) if login else states
        found = self._all(f"{rows.SELECT_DRAFTS} {where} ORDER BY drafts.id", *values)
        return tuple(rows.draft_of(row) for row in found)

    def draft_of(self, event_id: int) -> DraftRow | None:
        row = self._one(f"{rows.SELECT_DRAFTS} WHERE drafts.event_id = ?", event_id)
        return rows.draft_of(row) if row else None

    def laid_since(self, login: str, since: datetime, sender: str = "") -> int:
        """How many drafts were planned for an account (or for one sender address) since then."""
        row = self._one(
            "SELECT count(*) AS n FROM drafts JOIN events ON events.id = drafts.event_id"
            " WHERE drafts.planned >= ? AND events.login = ? AND (? = '' OR events.sender = ?)",
            rows.stamp(since), login, sender, sender,
        )  # fmt: skip
        return int(row["n"]) if row else 0

    def asked(self) -> tuple[Asked, ...]:
        """What the letters of all accounts asked so far, oldest first; those that nobody will lay do not count."""
        found = self._all(
            "SELECT coalesce(applications.company_key, '') AS company, drafts.question"
            " FROM drafts JOIN events ON events.id = drafts.event_id"
            " LEFT JOIN applications ON applications.id = events.application_id"
            " WHERE drafts.question NOT IN ('', 'nothing') AND drafts.state NOT IN ('skipped', 'offered')"
            " ORDER BY drafts.id"
        )
        return tuple(Asked(row["company"], Question(row["question"])) for row in found)

    def hasten(self, draft_id: int) -> None:
        """A planned draft waits no longer for its time."""
        with self._file.writing() as connection:
            connection.execute("UPDATE drafts SET due = NULL WHERE id = ?", (draft_id,))

    def intend(self, draft_id: int, folder: FolderState, now: datetime) -> None:
        """PLANNED to INTENT, and into the audit trail: from here on an APPEND may have happened."""
        with self._file.writing() as connection:
            place: dict[str, rows.Value] = {
                "folder": folder.name,
                "uidvalidity": folder.uidvalidity,
                "uidnext": folder.uidnext,
                "uid": None,
                "intended": rows.stamp(now),
            }
            recording.move(connection, draft_id, DraftState.INTENT, place)
            recording.note_append(connection, draft_id, folder.name, now)

    def created(self, draft_id: int, uidvalidity: int, uid: int | None, because: str) -> None:
        """The draft lies in the folder: from here on it belongs to the person."""
        with self._file.writing() as connection:
            place = {"uidvalidity": uidvalidity, "uid": uid, "because": rows.text(because)}
            recording.move(connection, draft_id, DraftState.CREATED, place)

    def settle(self, draft_id: int, state: DraftState, because: str) -> None:
        """Any state but CREATED to HELD, SKIPPED or PLANNED."""
        with self._file.writing() as connection:
            recording.settle(connection, draft_id, state, because, self._clock())

    def renew(self, draft_id: int, reply: Reply) -> None:
        """A deliberate repetition: new bytes, next generation, PLANNED.

        Only of a draft that is INTENT (nobody knows), HELD or SKIPPED.
        """
        with self._file.writing() as connection:
            recording.renew(connection, draft_id, reply, self._clock())

    # What the person says

    def dismiss(self, event_id: int, because: str) -> None:
        """The person says it is none; its open draft becomes SKIPPED."""
        with self._file.writing() as connection:
            decisions.dismiss(connection, event_id, because, self._clock())

    def answer(self, event_id: int, yes: bool) -> Event:
        """Whether the mail of an event was a no; the event as it then is.

        Yes, to an ASK: its offered draft becomes PLANNED, or it is only noted where it has none.
        No, to any event: DISMISSED, its open draft SKIPPED. Yes to a DISMISSED one takes it back.
        Raises `UsageError` where there is nothing to answer.
        """
        with self._file.writing() as connection:
            decisions.answer(connection, event_id, yes, self._clock())
            return decisions.found(connection, event_id)

    def resolve(self, event_id: int, how: str) -> Event:
        """What shall be done with a draft that waits; the event as it then is.

        Of a HOLD: "lay" or "drop". Of a draft whose APPEND nobody knows the end of: "again" (a
        new draft under a new id), "found" (it is there, the person says) or "drop". Raises
        `UsageError` where the word does not fit.
        """
        with self._file.writing() as connection:
            decisions.resolve(connection, event_id, how, self._clock())
            return decisions.found(connection, event_id)

    # What was written to servers, stops, passes

    def wrote(self, login: str, what: str, folder: str, detail: str, now: datetime) -> None:
        """The audit trail: one row for every write that was about to be made to a server."""
        with self._file.writing() as connection:
            recording.note_write(connection, login, what, folder, detail, now)

    def writes(self, limit: int = 0) -> tuple[Write, ...]:
        """The audit trail, newest first; 0 means no limit."""
        found = self._all("SELECT * FROM writes ORDER BY id DESC LIMIT ?", limit or -1)
        return tuple(rows.write_of(row) for row in found)

    def stop(self, login: str) -> Stop | None:
        row = self._one("SELECT * FROM stops WHERE login = ?", login)
        return rows.stop_of(row) if row else None

    def record_stop(self, stop: Stop) -> None:
        with self._file.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO stops VALUES (?, ?, ?, ?)",
                (stop.login, rows.text(stop.reason), rows.stamp(stop.since), stop.secret_mark),
            )

    def lift_stop(self, login: str) -> bool:
        """Whether there was one to lift."""
        with self._file.writing() as connection:
            done = connection.execute("DELETE FROM stops WHERE login = ?", (login,))
            return done.rowcount > 0

    def note_pass(self, done: Pass) -> None:
        with self._file.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO passes VALUES (?, ?, ?, ?, ?)",
                (done.login, done.account, rows.stamp(done.at), done.seen, rows.text(done.state)),
            )

    def passes(self) -> tuple[Pass, ...]:
        """The last pass of each login, in order of the account's name."""
        found = self._all("SELECT * FROM passes ORDER BY account, login")
        return tuple(rows.pass_of(row) for row in found)

    def changed(self) -> bool:
        """Whether another process has written since the last call (or since the opening)."""
        before, self._seen_version = self._seen_version, self._data_version()
        return before != self._seen_version

    def _data_version(self) -> int:
        row = self._one("PRAGMA data_version")
        return int(row[0]) if row else 0

    def _one(self, query: str, *values: object) -> sqlite3.Row | None:
        with self._file.reading() as connection:
            row: sqlite3.Row | None = connection.execute(query, values).fetchone()
            return row

    def _all(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._file.reading() as connection:
            return connection.execute(query, values).fetchall()


def _marks(values: tuple[object, ...]) -> str:
    return ", ".join("?" * len(values))
