"""Carry out what the person says about an event, within a transaction that somebody else began."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from kitchenwall.adapters.sqlite import recording, rows
from kitchenwall.domain.identity import draft_ref
from kitchenwall.domain.journal import DraftRow, DraftState, Event, EventKind, Reply
from kitchenwall.domain.renewal import under
from kitchenwall.errors import JournalTrouble, UsageError

_NOT_NEEDED = "you said that no draft is needed"
_OPEN = frozenset({DraftState.OFFERED, DraftState.PLANNED, DraftState.HELD})


def found(connection: sqlite3.Connection, event_id: int) -> Event:
    """The event of this number. Raises `UsageError` where there is none."""
    row = connection.execute(f"{rows.SELECT_EVENTS} WHERE events.id = ?", (event_id,)).fetchone()
    if row is None:
        raise UsageError(
            f"there is no event {event_id} in the journal; kitchenwall journal lists them"
        )
    return rows.event_of(row)


def dismiss(connection: sqlite3.Connection, event_id: int, because: str, now: datetime) -> None:
    """DISMISSED, the open draft SKIPPED; a draft that was laid stays where it is."""
    found(connection, event_id)
    draft = _draft(connection, event_id)
    if draft and draft.state is DraftState.INTENT:
        raise UsageError(
            f"the draft of event {event_id} is being laid right now; ask again in a minute"
        )
    _decide(connection, event_id, EventKind.DISMISSED, because, now)
    if draft and draft.state in _OPEN:
        recording.settle(connection, draft.id, DraftState.SKIPPED, because, now)


def answer(connection: sqlite3.Connection, event_id: int, yes: bool, now: datetime) -> None:
    """Yes: it was a no, so its draft is planned. No: it was none."""
    event = found(connection, event_id)
    if not yes:
        dismiss(connection, event_id, "you said that this was none", now)
        return
    if event.kind not in (EventKind.ASK, EventKind.DISMISSED):
        raise UsageError(
            f"nothing is asked about event {event_id}; it is on record as {event.kind}"
        )
    draft, because = _draft(connection, event_id), "you said that this was a no"
    if draft and draft.state in (DraftState.OFFERED, DraftState.SKIPPED):
        recording.settle(connection, draft.id, DraftState.PLANNED, because, now)
    _decide(connection, event_id, EventKind.DRAFT if draft else EventKind.NOTE, because, now)


def resolve(connection: sqlite3.Connection, event_id: int, how: str, now: datetime) -> None:
    """Do with a waiting draft what the word says."""
    event, draft = found(connection, event_id), _draft(connection, event_id)
    words = _words(event, draft)
    if not words:
        raise UsageError(f"nothing waits for your word at event {event_id}")
    if how not in words:
        raise UsageError(f'"{how}" does not fit event {event_id}; say one of: {", ".join(words)}')
    words[how](_Waiting(connection, event, draft, now))


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An event that waits for a word, and what is needed to go on with it."""

    connection: sqlite3.Connection
    event: Event
    draft: DraftRow | None
    now: datetime

    def settle(self, state: DraftState, because: str) -> None:
        assert self.draft is not None
        recording.settle(self.connection, self.draft.id, state, because, self.now)

    def decide(self, kind: EventKind, because: str) -> None:
        _decide(self.connection, self.event.id, kind, because, self.now)


def _words(event: Event, draft: DraftRow | None) -> dict[str, Callable[[_Waiting], None]]:
    """What can be said about this draft now."""
    if draft and draft.state is DraftState.HELD:
        return {"again": _again, "found": _found, "drop": _drop}
    if event.kind is not EventKind.HOLD:
        return {}
    if draft and draft.state is DraftState.OFFERED:
        return {"lay": _lay, "drop": _drop}
    return {"drop": _note} if draft is None else {}


def _lay(waiting: _Waiting) -> None:
    because = "you said that it may be laid"
    waiting.settle(DraftState.PLANNED, because)
    waiting.decide(EventKind.DRAFT, because)


def _drop(waiting: _Waiting) -> None:
    waiting.settle(DraftState.SKIPPED, _NOT_NEEDED)
    _note(waiting)


def _note(waiting: _Waiting) -> None:
    waiting.decide(EventKind.NOTE, _NOT_NEEDED)


def _found(waiting: _Waiting) -> None:
    assert waiting.draft is not None
    because = "you said that you found it"
    changes = {"uid": None, "because": because}
    recording.move(waiting.connection, waiting.draft.id, DraftState.CREATED, changes)
    waiting.decide(EventKind.DRAFT, because)


def _again(waiting: _Waiting) -> None:
    """A new id, because some servers merge two mails of one Message-ID (Gmail)."""
    assert waiting.draft is not None
    draft = waiting.draft
    refs = (draft_ref(waiting.event.source_key, n) for n in count(draft.generation + 1))
    ref = next(ref for ref in refs if ref != draft.ref)
    recording.renew(waiting.connection, draft.id, _under(ref, draft), waiting.now)
    waiting.decide(EventKind.DRAFT, "you said that it shall be laid again")


def _under(ref: str, draft: DraftRow) -> Reply:
    try:
        return under(ref, draft)
    except ValueError as error:
        raise JournalTrouble(f"draft {draft.id} cannot be laid again: {error}") from error


def _draft(connection: sqlite3.Connection, event_id: int) -> DraftRow | None:
    row = connection.execute(
        f"{rows.SELECT_DRAFTS} WHERE drafts.event_id = ?", (event_id,)
    ).fetchone()
    return rows.draft_of(row) if row else None


def _decide(
    connection: sqlite3.Connection, event_id: int, kind: EventKind, because: str, now: datetime
) -> None:
    connection.execute(
        "UPDATE events SET kind = ?, decision = ?, decided = ? WHERE id = ?",
        (kind, rows.text(because), rows.stamp(now), event_id),
    )
