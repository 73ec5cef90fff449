"""A real journal with one planned draft in it, for tests of drafting."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.domain.identity import draft_message_id, draft_ref, source_key
from kitchenwall.domain.journal import DraftState, EventKind, NewEvent, Reply
from kitchenwall.domain.message import Address, Cursor

RECEIVED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def reply_for(key: str, generation: int = 0) -> Reply:
    """A small reply with the id that belongs to a source key."""
    ref = draft_ref(key, generation)
    message_id = draft_message_id(ref, "mail.example")
    data = (
        f"From: Anna <anna@mail.example>\r\nTo: jobs@acorn.example\r\nSubject: Re: Your application\r\n"
        f"Message-ID: {message_id}\r\nX-Draft-Ref: {ref}\r\n\r\nThank you.\r\n"
    ).encode()
    to = Address("jobs@acorn.example")
    return Reply(
        ref=ref, message_id=message_id, recipient=to, subject="Re: Your application", data=data
    )


def journal_with_plan(folder: Path, number: int = 1, login: str = "anna") -> SqliteJournal:
    """A journal in which one rejection was recorded and its draft planned."""
    journal = open_journal(folder)
    plan_one(journal, number, login)
    return journal


def plan_one(
    journal: SqliteJournal, number: int = 1, login: str = "anna", due: datetime | None = None
) -> None:
    source_id = f"<no-{number}@acorn.example>"
    key = source_key(login, source_id, "jobs@acorn.example", "Mon, 2 Mar 2026 08:00:00 +0000", b"")
    event = NewEvent(
        source_key=key, account="post", login=login, folder="INBOX", cursor=Cursor(1, number),
        received=RECEIVED, recorded=RECEIVED, kind=EventKind.DRAFT, because="a clear no",
        sender=Address("jobs@acorn.example"), subject="Your application", message_id=source_id,
    )  # fmt: skip
    journal.record(event, reply_for(key), DraftState.PLANNED, due)
