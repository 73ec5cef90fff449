"""Values of the domain to rows of the journal, and back."""

from __future__ import annotations

import hashlib
import math
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

from kitchenwall.domain.facts import Fact, Facts
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
from kitchenwall.domain.message import Address, Cursor
from kitchenwall.domain.verdict import Evidence

# A sentence is kept, a body never: what is longer than this is no sentence any more.
_SENTENCE = 1_000
_WORDS = 300

Value = str | int | float | bytes | None

SELECT_EVENTS = """
    SELECT events.*, drafts.state AS draft
    FROM events LEFT JOIN drafts ON drafts.event_id = events.id
"""
SELECT_DRAFTS = """
    SELECT drafts.*, events.login, events.message_id AS source_id,
           events.folder AS source_folder, events.uidvalidity AS source_uidvalidity,
           events.uid AS source_uid, events.received AS source_received
    FROM drafts JOIN events ON events.id = drafts.event_id
"""


def stamp(at: datetime) -> str:
    """A time as the journal writes it: UTC, of one length, so that text sorts as time does."""
    if at.tzinfo is None:
        raise ValueError("a time without a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def event_values(event: NewEvent) -> dict[str, Value]:
    """The columns of an event, but for its application and person."""
    verdict, facts, sender = event.verdict, event.facts or Facts(), event.sender
    return {
        "source_key": event.source_key,
        "account": text(event.account),
        "login": text(event.login),
        "folder": text(event.folder),
        "uidvalidity": event.cursor.uidvalidity,
        "uid": event.cursor.uid,
        "received": stamp(event.received),
        "recorded": stamp(event.recorded),
        "kind": event.kind,
        "because": text(event.because, _SENTENCE),
        "sender": text(sender.spec, _WORDS) if sender else None,
        "sender_name": text(sender.name, _WORDS) if sender else "",
        "subject": text(event.subject, _WORDS),
        "message_id": None if event.message_id is None else text(event.message_id),
        "outcome": verdict.outcome if verdict else "",
        "confidence": _finite(verdict.confidence) if verdict else 0.0,
        "language": verdict.language if verdict else "",
        "sentence": text(verdict.sentence, _SENTENCE) if verdict else "",
        "verdict_because": text(verdict.because, _SENTENCE) if verdict else "",
        "stage": facts.stage if event.facts else "",
        "company": _value(facts.company),
        "role": _value(facts.role),
        "reference": _value(facts.reference),
        "person": _value(facts.person),
        "feedback": facts.feedback if event.facts else "",
        "formality": facts.formality,
        "follows": event.follows,
    }


def evidence_values(event: NewEvent) -> Iterator[tuple[str, str, float]]:
    """What the verdict rests on, then the words behind each fact as "fact:NAME"."""
    if event.verdict:
        for found in event.verdict.evidence:
            yield text(found.rule, _WORDS), text(found.words, _WORDS), _finite(found.weight)
    if event.facts:
        for name, words in _fact_words(event.facts):
            if words:
                yield f"fact:{text(name, _WORDS)}", text(words, _WORDS), 0.0


def draft_values(
    event_id: int, reply: Reply, event: NewEvent, state: DraftState
) -> dict[str, Value]:
    """The columns of a new draft."""
    return {
        "event_id": event_id,
        **reply_values(reply),
        "state": state,
        "because": text(event.because, _SENTENCE),
        "generation": 0,
        "created": stamp(event.recorded),
        "planned": stamp(event.recorded) if state is DraftState.PLANNED else None,
    }


def reply_values(reply: Reply) -> dict[str, Value]:
    """The columns of a draft that its bytes decide."""
    return {
        "ref": reply.ref,
        "message_id": reply.message_id,
        "recipient": text(reply.recipient.spec),
        "recipient_name": text(reply.recipient.name, _WORDS),
        "subject": text(reply.subject, _SENTENCE),
        "data": reply.data,
        "question": text(reply.question),
        "remarks": text("\n".join(reply.remarks)),
        "sha256": hashlib.sha256(reply.data).hexdigest(),
        "length": len(reply.data),
    }


def event_of(row: sqlite3.Row) -> Event:
    """An event as it is shown."""
    return Event(
        id=row["id"],
        source_key=row["source_key"],
        account=row["account"],
        login=row["login"],
        folder=row["folder"],
        cursor=Cursor(row["uidvalidity"], row["uid"]),
        received=datetime.fromisoformat(row["received"]),
        recorded=datetime.fromisoformat(row["recorded"]),
        kind=EventKind(row["kind"]),
        because=row["because"],
        sender=None if row["sender"] is None else Address(row["sender"], row["sender_name"]),
        subject=row["subject"],
        message_id=row["message_id"],
        outcome=row["outcome"],
        confidence=row["confidence"],
        language=row["language"],
        sentence=row["sentence"],
        company=row["company"],
        role=row["role"],
        stage=row["stage"],
        feedback=row["feedback"],
        person=row["person"],
        draft=None if row["draft"] is None else DraftState(row["draft"]),
        decision=row["decision"],
        decided=_time(row["decided"]),
        follows=row["follows"],
        formality=row["formality"],
    )


def draft_of(row: sqlite3.Row) -> DraftRow:
    """A draft, whole. Where its bytes are not those that were recorded it has none."""
    data: bytes = row["data"]
    if len(data) != row["length"] or hashlib.sha256(data).hexdigest() != row["sha256"]:
        data = b""
    return DraftRow(
        id=row["id"],
        event_id=row["event_id"],
        login=row["login"],
        ref=row["ref"],
        message_id=row["message_id"],
        recipient=Address(row["recipient"], row["recipient_name"]),
        subject=row["subject"],
        data=data,
        state=DraftState(row["state"]),
        because=row["because"],
        generation=row["generation"],
        created=datetime.fromisoformat(row["created"]),
        folder=row["folder"],
        uidvalidity=row["uidvalidity"],
        uidnext=row["uidnext"],
        uid=row["uid"],
        intended=_time(row["intended"]),
        source_id=row["source_id"],
        source_folder=row["source_folder"],
        source=Cursor(row["source_uidvalidity"], row["source_uid"]),
        source_received=datetime.fromisoformat(row["source_received"]),
        question=row["question"],
        remarks=tuple(row["remarks"].splitlines()),
        due=_time(row["due"]),
    )


def evidence_of(row: sqlite3.Row) -> Evidence:
    return Evidence(row["rule"], row["words"], row["weight"])


def stop_of(row: sqlite3.Row) -> Stop:
    since = datetime.fromisoformat(row["since"])
    return Stop(row["login"], row["reason"], since, row["secret_mark"])


def pass_of(row: sqlite3.Row) -> Pass:
    at = datetime.fromisoformat(row["at"])
    return Pass(row["login"], row["account"], at, row["seen"], row["state"])


def text(words: str, most: int = 0) -> str:
    """Text that SQLite takes: a mail may hold halves of characters, which UTF-8 does not know."""
    if most and len(words) > most:
        words = words[: most - 1] + "…"
    return words if words.isascii() else words.encode("utf-8", "replace").decode("utf-8")


def _value(fact: Fact | None) -> str:
    return text(fact.value, _WORDS) if fact else ""


def _fact_words(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "stage", facts.stage_words
    yield "feedback", facts.feedback_words
    for name in ("company", "role", "reference", "person"):
        fact: Fact | None = getattr(facts, name)
        yield name, fact.words if fact else ""
    for modifier in facts.modifiers:
        yield modifier.value, modifier.words


def _finite(number: float) -> float:
    return number if math.isfinite(number) else 0.0


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def write_of(row: sqlite3.Row) -> Write:
    """A row of the audit trail."""
    return Write(
        row["login"], row["what"], row["folder"], row["detail"], datetime.fromisoformat(row["at"])
    )
