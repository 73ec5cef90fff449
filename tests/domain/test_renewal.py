"""A draft that is laid once more has the same words and another id."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kitchenwall.domain.journal import DraftRow, DraftState
from kitchenwall.domain.message import Cursor
from kitchenwall.domain.renewal import renewed
from tests.fakes.journal import reply_for

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FIRST = reply_for("a" * 64)
DRAFT = DraftRow(
    id=1, event_id=1, login="anna", ref=FIRST.ref, message_id=FIRST.message_id, recipient=FIRST.recipient,
    subject=FIRST.subject, data=FIRST.data, state=DraftState.HELD, because="", generation=0, created=NOW,
    folder=None, uidvalidity=None, uidnext=None, uid=None, intended=None, source_id=None,
    source_folder="INBOX", source=Cursor(1, 1), source_received=NOW,
)  # fmt: skip


def test_only_the_id_is_another() -> None:
    again = renewed(DRAFT)
    assert again.ref != FIRST.ref
    assert again.data.replace(again.ref.encode(), FIRST.ref.encode()) == FIRST.data
    assert again.message_id == FIRST.message_id.replace(FIRST.ref, again.ref)


def test_each_generation_has_its_own_id() -> None:
    assert renewed(DRAFT).ref != renewed(replace(DRAFT, generation=1)).ref


def test_a_draft_without_its_id_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="does not hold its own id"):
        renewed(replace(DRAFT, data=b"damaged"))
