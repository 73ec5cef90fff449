"""Write events, drafts and their states, within a transaction that somebody else began."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from kitchenwall.adapters.sqlite import rows
from kitchenwall.adapters.sqlite.rows import Value
from kitchenwall.domain.journal import (
    FOLLOWS,
    DraftState,
    NewEvent,
    Reply,
    application_key,
)
from kitchenwall.errors import JournalTrouble

_ENDS = frozenset({DraftState.HELD, DraftState.SKIPPED, DraftState.PLANNED})
_RENEWED = frozenset({DraftState.INTENT, DraftState.HELD, DraftState.SKIPPED})
_NOWHERE: dict[str, Value] = dict.fromkeys(("folder", "uidvalidity", "uidnext", "uid", "intended"))


def record(
    connection: sqlite3.Connection,
    event: NewEvent,
    reply: Reply | None,
    state: DraftState,
    due: datetime | None = None,
) -> int:
    """Insert an event with all that hangs on it, unless its source key is known; its id."""
    known = connection.execute(
        "SELECT id FROM events WHERE source_key = ?", (event.source_key,)
    ).fetchone()
    if known:
        return int(known["id"])
    values = rows.event_values(event)
    values["application_id"] = _application(connection, values)
    values["person_id"] = _person(connection, values, reply)
    event_id = _insert(connection, "events", values)
    connection.executemany(
        "INSERT INTO evidence (event_id, position, rule, words, weight) VALUES (?, ?, ?, ?, ?)",
        ((event_id, n, *found) for n, found in enumerate(rows.evidence_values(event))),
    )
    if reply:
        if state not in (DraftState.OFFERED, DraftState.PLANNED):
            raise JournalTrouble(f"a new draft is offered or planned, not {state}")
        draft = rows.draft_values(event_id, reply, event, state)
        _insert(connection, "drafts", {**draft, "due": rows.stamp(due) if due else None})
    return event_id


def move(
    connection: sqlite3.Connection,
    draft_id: int,
    state: DraftState,
    columns: Mapping[str, Value],
    *,
    planned_at: datetime | None = None,
) -> None:
    """Bring a draft into another state, with what else changes in its row.

    A draft that is PLANNED again lies nowhere; `planned_at` counts for the limits where it was
    never planned before. Raises `JournalTrouble` where `FOLLOWS` does not allow the step.
    """
    before = _state(connection, draft_id)
    if state not in FOLLOWS[before]:
        raise JournalTrouble(f"draft {draft_id} cannot go from {before} to {state}")
    changes: dict[str, Value] = {"state": state, **columns}
    if state is DraftState.PLANNED:
        changes |= _NOWHERE
    assignments = ", ".join(f"{name} = ?" for name in changes)
    connection.execute(
        f"UPDATE drafts SET {assignments}, planned = coalesce(planned, ?) WHERE id = ?",  # noqa: S608
        (*changes.values(), rows.stamp(planned_at) if planned_at else None, draft_id),
    )


def note_append(connection: sqlite3.Connection, draft_id: int, folder: str, now: datetime) -> None:
    """The audit row of a draft that is about to be laid."""
    row = connection.execute(
        "SELECT events.login, drafts.ref FROM drafts JOIN events ON events.id = drafts.event_id"
        " WHERE drafts.id = ?",
        (draft_id,),
    ).fetchone()
    note_write(connection, row["login"], "APPEND", folder, f"draft {draft_id}: {row['ref']}", now)


def note_write(
    connection: sqlite3.Connection, login: str, what: str, folder: str, detail: str, now: datetime
) -> None:
    """One row of the audit trail."""
    connection.execute(
        "INSERT INTO writes (login, what, folder, detail, at) VALUES (?, ?, ?, ?, ?)",
        (login, what, rows.text(folder), rows.text(detail), rows.stamp(now)),
    )


def settle(
    connection: sqlite3.Connection, draft_id: int, state: DraftState, because: str, now: datetime
) -> None:
    """Any state but CREATED to HELD, SKIPPED or PLANNED."""
    if state not in _ENDS:
        raise JournalTrouble(f"draft {draft_id} is not settled by becoming {state}")
    planned_at = now if state is DraftState.PLANNED else None
    move(connection, draft_id, state, {"because": rows.text(because)}, planned_at=planned_at)


def renew(connection: sqlite3.Connection, draft_id: int, reply: Reply, now: datetime) -> None:
    """New bytes and the next generation for a draft whose first life is over or uncertain."""
    before = _state(connection, draft_id)
    if before not in _RENEWED:
        raise JournalTrouble(
            f"draft {draft_id} is {before}, so it cannot become {DraftState.PLANNED} anew; "
            "only one that is held, skipped or uncertain is made again"
        )
    move(connection, draft_id, DraftState.PLANNED, rows.reply_values(reply), planned_at=now)
    connection.execute("UPDATE drafts SET generation = generation + 1 WHERE id = ?", (draft_id,))


def _state(connection: sqlite3.Connection, draft_id: int) -> DraftState:
    row = connection.execute("SELECT state FROM drafts WHERE id = ?", (draft_id,)).fetchone()
    if row is None:
        raise JournalTrouble(f"the journal holds no draft {draft_id}")
    return DraftState(row["state"])


def _application(connection: sqlite3.Connection, event: dict[str, Value]) -> int | None:
    """The application that company and role name; a first time makes it."""
    key = application_key(str(event["company"]), str(event["role"]))
    if key is None:
        return None
    row = connection.execute(
        "INSERT INTO applications (company_key, role_key, company, role, first_seen, last_seen)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " first_seen = min(first_seen, excluded.first_seen),"
        " last_seen = max(last_seen, excluded.last_seen) RETURNING id",
        (*key, event["company"], event["role"], event["received"], event["received"]),
    ).fetchone()
    return int(row["id"])


def _person(
    connection: sqlite3.Connection, event: dict[str, Value], reply: Reply | None
) -> int | None:
    """The human whose name the mail bears, under the address that would reach them."""
    name = str(event["person"])
    if not name:
        return None
    address = rows.text(reply.recipient.spec) if reply else (event["sender"] or "")
    row = connection.execute(
        "INSERT INTO people (address, name_key, name, first_seen, last_seen)"
        " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " first_seen = min(first_seen, excluded.first_seen),"
        " last_seen = max(last_seen, excluded.last_seen) RETURNING id",
        (address, name.casefold(), name, event["received"], event["received"]),
    ).fetchone()
    return int(row["id"])


def _insert(connection: sqlite3.Connection, table: str, values: dict[str, Value]) -> int:
    """Insert a row; table and columns are words of this program, never of a mail."""
    done = connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",  # noqa: S608
        tuple(values.values()),
    )
    return int(done.lastrowid or 0)
