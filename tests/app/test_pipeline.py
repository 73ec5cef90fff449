"""One message walks the road; thinking and doing are two things."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.app.backfill import Past
from kitchenwall.app.pipeline import NO_MEMORY, Memory, Road, consider, take_in
from kitchenwall.domain.around import Around
from kitchenwall.domain.facts import Fact, Facts, Stage
from kitchenwall.domain.journal import DraftState, EventKind
from kitchenwall.domain.message import Address, Arrival, Cursor, Message
from kitchenwall.domain.plan import Ask, Draft, Hold, NoRoute, Note, Route, Skip
from kitchenwall.domain.planning import Policy
from kitchenwall.errors import Unavailable
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


SILENT = Facts()
TOLD = Facts(stage=Stage.INTERVIEW, company=Fact("Acorn", "at Acorn"))
NEAR = Around(thread=frozenset(), addresses=("x@y.example",), houses=(), since=NOW, until=NOW)


def remembering(gathered: Facts = SILENT) -> Road:
    """A road on which any earlier mail tells everything."""
    return replace(
        short_road(),
        gather=lambda _message, _verdict: gathered,
        around=lambda _message: NEAR,
        recall=lambda _message, _facts, _mails, _near: TOLD,
    )


@pytest.mark.parametrize(
    ("word", "gathered", "asked", "facts"),
    [
        ("no", SILENT, 1, TOLD),
        ("perhaps", SILENT, 1, TOLD),
        ("no", replace(TOLD, company=None), 1, TOLD),
        ("no", TOLD, 0, TOLD),
        ("hello", SILENT, 0, None),
    ],
)
def test_earlier_mails_are_asked_for_only_where_a_no_leaves_something_open(
    word: str, gathered: Facts, asked: int, facts: Facts | None
) -> None:
    road = remembering(gathered)
    looks: list[Around] = []

    def earlier(around: Around) -> tuple[Message, ...]:
        looks.append(around)
        return (road.read(arrival(no(7))),)

    thought = consider(road, road.read(arrival(no(1, word))), NOW, Memory(earlier=earlier))
    assert looks == [NEAR] * asked
    assert thought.facts == facts


def test_without_earlier_mails_the_facts_are_those_of_the_mail(journal: SqliteJournal) -> None:
    take_in(remembering(), arrival(no(1)), journal, NOW)
    (event,) = journal.events()
    assert event.stage == "unknown"


def test_what_earlier_mails_tell_is_recorded(journal: SqliteJournal) -> None:
    road = remembering()
    take_in(road, arrival(no(1)), journal, NOW, lambda _near: (road.read(arrival(no(7))),))
    (event,) = journal.events()
    assert (event.stage, event.company) == ("interview", "Acorn")


def test_a_mistake_in_the_history_loses_no_mail(
    journal: SqliteJournal, caplog: pytest.LogCaptureFixture
) -> None:
    def earlier(_near: Around) -> tuple[Message, ...]:
        raise LookupError

    assert take_in(remembering(), arrival(no(1)), journal, NOW, earlier) is EventKind.DRAFT
    assert "mistake of ours" in caplog.text


def test_a_connection_that_is_lost_meanwhile_leaves_the_mail_for_the_next(
    journal: SqliteJournal,
) -> None:
    def earlier(_near: Around) -> tuple[Message, ...]:
        raise Unavailable("gone")

    with pytest.raises(Unavailable):
        take_in(remembering(), arrival(no(1)), journal, NOW, earlier)
    assert journal.events() == ()


def unheard_road(**parts: Any) -> Road:
    """Nobody reads the sender's address; a human may be found."""
    told = {
        "gather": lambda _message, _verdict: TOLD,
        "route": lambda _message: NoRoute("nobody reads it"),
        "around_company": lambda _message, _facts: NEAR,
    }
    return replace(short_road(), **{**told, **parts})


def test_where_nobody_reads_a_no_its_draft_goes_to_the_human_who_is_found(
    journal: SqliteJournal,
) -> None:
    road = unheard_road(
        human=lambda _message, _facts, _mails: Route(
            Address("jane@acorn.example"), "this person wrote to you"
        )
    )
    assert take_in(road, arrival(no(1)), journal, NOW) is EventKind.DRAFT
    (event,) = journal.events()
    assert "nobody reads it, but this person wrote to you" in event.because


def test_where_nobody_is_found_the_no_is_noted(journal: SqliteJournal) -> None:
    assert take_in(unheard_road(), arrival(no(1)), journal, NOW, lambda _near: ()) is EventKind.NOTE
    (event,) = journal.events()
    assert "nobody of Acorn is in your mail" in event.because


def test_where_no_mailbox_is_looked_into_nothing_is_said_of_it() -> None:
    road = unheard_road()
    thought = consider(road, road.read(arrival(no(1))), NOW)
    assert thought.plan == Note("nobody reads it")


def test_a_mistake_in_the_search_for_a_human_loses_no_mail(
    journal: SqliteJournal, caplog: pytest.LogCaptureFixture
) -> None:
    def human(_message: Message, _facts: Facts, _mails: object) -> Route | None:
        raise LookupError

    assert take_in(unheard_road(human=human), arrival(no(1)), journal, NOW) is EventKind.NOTE
    assert "mistake of ours" in caplog.text


def test_a_mistake_of_ours_over_one_mail_is_on_record_and_its_neighbours_go_on(
    journal: SqliteJournal,
) -> None:
    def route(_message: Message) -> Route:
        raise LookupError

    broken = replace(short_road(), route=route)
    assert take_in(broken, arrival(no(1)), journal, NOW) is EventKind.UNREADABLE
    (event,) = journal.events()
    assert "mistake of ours: LookupError" in event.because


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
