"""One message walks the road; thinking and doing are two things."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.app.backfill import Past
from kitchenwall.app.pipeline import NO_MEMORY, consider, take_in
from kitchenwall.domain.journal import DraftState, EventKind
from kitchenwall.domain.message import Address, Arrival, Cursor
from kitchenwall.domain.plan import Ask, Draft, Hold, Skip
from kitchenwall.domain.planning import Policy
from tests.fakes.clock import FakeClock
from tests.fakes.mailbox import FakeMailbox, FakeServer
from tests.fakes.road import no, short_road

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def arrival(raw: bytes, uid: int = 1) -> Arrival:
    return Arrival(
        account="post", login="anna", folder="INBOX", cursor=Cursor(1, uid), received=NOW,
        size=len(raw), raw=raw,
    )  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with open_journal(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("word", "plan", "written"),
    [("no", Draft, True), ("perhaps", Ask, True), ("hello", Skip, False)],
)
def test_thinking_gives_a_plan_and_the_letter_it_needs(
    word: str, plan: type, written: bool
) -> None:
    road = short_road()
    thought = consider(road, road.read(arrival(no(1, word))), NOW)
    assert isinstance(thought.plan, plan)
    assert (thought.reply is not None) is written


def test_limits_are_counted_from_the_journal(journal: SqliteJournal) -> None:
    road = short_road(Policy(per_hour=2))
    kinds = [take_in(road, arrival(no(n), n), journal, NOW) for n in (1, 2, 3)]
    assert kinds == [EventKind.DRAFT, EventKind.DRAFT, EventKind.HOLD]
    assert [row.state for row in journal.drafts()] == [DraftState.PLANNED] * 2 + [
        DraftState.OFFERED
    ]


def test_what_is_known_is_not_taken_twice(journal: SqliteJournal) -> None:
    road = short_road()
    assert take_in(road, arrival(no(1)), journal, NOW) is EventKind.DRAFT
    assert take_in(road, arrival(no(1), 9), journal, NOW) is None
    assert len(journal.events()) == 1


def test_a_mail_that_cannot_be_read_is_remembered_once(journal: SqliteJournal) -> None:
    road = short_road()
    for _ in range(2):
        assert take_in(road, arrival(no(1, "poison")), journal, NOW) is EventKind.UNREADABLE
    (event,) = journal.events()
    assert event.because == "poison"


def test_a_sender_that_is_known_is_known_to_the_decision() -> None:
    asked: list[str] = []

    def knows(sender: Address) -> bool:
        asked.append(sender.spec)
        return False

    road = replace(short_road(), knows_sender=knows)
    consider(road, road.read(arrival(no(1))), NOW)
    assert asked == ["jobs1@acorn1.example"]


def test_the_past_is_looked_through_and_nothing_is_written() -> None:
    clock = FakeClock()
    server = FakeServer(now=clock.now)
    for number, word in enumerate(("no", "hello", "poison", "perhaps", "no"), 1):
        server.deliver(no(number, word))
    box = FakeMailbox(server)
    heads: list[bytes] = []
    done: list[tuple[int, int]] = []

    def is_worth_reading(head: bytes) -> bool:
        heads.append(head)
        return b"no-5" not in head

    past = Past(
        box=box, headers=lambda folder, uids: ((mail.cursor.uid, mail.raw) for mail in box.mails(folder, uids)),
        road=short_road(Policy(per_hour=0)), clock=clock, memory=NO_MEMORY,
        is_worth_reading=is_worth_reading,
        progress=lambda number, total: done.append((number, total)),
    )  # fmt: skip
    found = list(past.rejections("INBOX", clock.now()))
    plans = [type(one.thought.plan) if one.thought else one.trouble for one in found]
    assert plans == [Hold, "poison", Ask]
    assert len(heads) == 5
    assert done[-1] == (4, 4)
    assert server.drafts() == []
