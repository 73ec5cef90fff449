"""One draft for one rejection: laid once, found again, or held; never two by itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.app.drafting import Drafting
from kitchenwall.domain.identity import draft_ref
from kitchenwall.domain.journal import DraftRow, DraftState
from kitchenwall.errors import DraftRefused, DraftUncertain, Unavailable
from kitchenwall.ports import FolderState
from tests.fakes.clock import FakeClock
from tests.fakes.journal import journal_with_plan, plan_one, reply_for
from tests.fakes.mailbox import FakeFolder, FakeMailbox, FakeServer


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> FakeServer:
    return FakeServer(now=clock.now)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with journal_with_plan(tmp_path) as opened:
        yield opened


@pytest.fixture
def drafting(journal: SqliteJournal, clock: FakeClock) -> Drafting:
    return Drafting(journal=journal, clock=clock, login="anna")


def the_draft(journal: SqliteJournal) -> DraftRow:
    (row,) = journal.drafts()
    return row


def settle(drafting: Drafting, server: FakeServer, clock: FakeClock) -> None:
    """Reconnect and look until nothing is left to look for."""
    box = FakeMailbox(server)
    drafting.work(box)
    for _ in range(10):
        if (seconds := drafting.next_look()) is None:
            return
        clock.pass_(seconds)
        drafting.work(box)


def test_a_planned_draft_is_laid_and_read_back(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer
) -> None:
    assert drafting.work(FakeMailbox(server))
    assert server.drafts() == [the_draft(journal).data]
    assert the_draft(journal).state is DraftState.CREATED
    assert the_draft(journal).uid == 1


def test_what_was_laid_is_never_laid_again(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer
) -> None:
    drafting.work(FakeMailbox(server))
    server.folder("Drafts").mails.clear()
    assert not drafting.work(FakeMailbox(server))
    assert server.drafts() == []


def test_without_uidplus_it_is_found_by_its_place(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer
) -> None:
    server.says_uid = False
    server.deliver(b"Subject: older\r\n\r\n", "Drafts")
    drafting.work(FakeMailbox(server))
    assert the_draft(journal).state is DraftState.CREATED
    assert the_draft(journal).uid == 2


def test_a_draft_that_already_lies_there_is_not_laid_again(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer
) -> None:
    server.deliver(the_draft(journal).data, "Drafts")
    drafting.work(FakeMailbox(server))
    assert len(server.drafts()) == 1
    assert the_draft(journal).state is DraftState.CREATED


def test_a_mail_that_was_answered_gets_no_draft(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer
) -> None:
    server.deliver(b"In-Reply-To: <no-1@acorn.example>\r\n\r\nthanks\r\n", "Sent")
    drafting.work(FakeMailbox(server))
    assert server.drafts() == []
    assert the_draft(journal).state is DraftState.SKIPPED


@pytest.mark.parametrize("stored", [True, False])
def test_a_lost_answer_ends_in_exactly_one_draft(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock, stored: bool
) -> None:
    server.trouble = [DraftUncertain("cut")]
    server.stores_in_trouble = stored
    with pytest.raises(DraftUncertain):
        drafting.work(FakeMailbox(server))
    assert the_draft(journal).state is DraftState.INTENT
    settle(drafting, server, clock)
    assert len(server.drafts()) == 1
    assert the_draft(journal).state is DraftState.CREATED


def test_a_crash_after_the_intent_ends_in_exactly_one_draft(
    journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    row = the_draft(journal)
    journal.intend(row.id, FakeMailbox(server).examine("Drafts"), clock.now())
    server.deliver(row.data, "Drafts")
    settle(Drafting(journal=journal, clock=clock, login="anna"), server, clock)
    assert len(server.drafts()) == 1
    assert the_draft(journal).state is DraftState.CREATED


def test_nothing_is_repeated_before_the_server_had_time(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    server.trouble = [DraftUncertain("cut")]
    with pytest.raises(DraftUncertain):
        drafting.work(FakeMailbox(server))
    box = FakeMailbox(server)
    drafting.work(box)
    clock.pass_(59.9)
    drafting.work(box)
    drafting.work(box)
    assert server.drafts() == []
    server.deliver(the_draft(journal).data, "Drafts")  # the old session commits late
    clock.pass_(0.2)
    drafting.work(box)
    assert len(server.drafts()) == 1
    assert the_draft(journal).state is DraftState.CREATED


def uncertain_and_gone(drafting: Drafting, server: FakeServer) -> None:
    """An APPEND of unknown outcome, after which something else came into Drafts."""
    server.trouble = [DraftUncertain("cut")]
    with pytest.raises(DraftUncertain):
        drafting.work(FakeMailbox(server))
    server.deliver(b"Subject: something of hers\r\n\r\n", "Drafts")


def test_what_nobody_can_know_is_held(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    uncertain_and_gone(drafting, server)
    settle(drafting, server, clock)
    assert the_draft(journal).state is DraftState.HELD
    assert len(server.drafts()) == 1


@pytest.mark.parametrize("folder", ["Sent", "Archive", "Trash"])
def test_a_draft_that_was_sent_filed_or_thrown_away_meanwhile_is_not_made_again(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock, folder: str
) -> None:
    uncertain_and_gone(drafting, server)
    server.deliver(the_draft(journal).data, folder)
    settle(drafting, server, clock)
    assert the_draft(journal).state is DraftState.CREATED
    assert folder in the_draft(journal).because


def test_who_prefers_a_duplicate_gets_a_new_id(
    journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    drafting = Drafting(
        journal=journal, clock=clock, login="anna",
        renewed=lambda row: reply_for("a" * 64, row.generation + 1),
    )  # fmt: skip
    uncertain_and_gone(drafting, server)
    settle(drafting, server, clock)
    drafting.work(FakeMailbox(server))
    assert the_draft(journal).state is DraftState.CREATED
    assert the_draft(journal).ref == draft_ref("a" * 64, 1)


def test_a_renumbered_drafts_folder_is_searched_by_date(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    server.trouble = [DraftUncertain("cut")]
    with pytest.raises(DraftUncertain):
        drafting.work(FakeMailbox(server))
    server.folders["Drafts"] = FakeFolder(uidvalidity=2)
    server.deliver(the_draft(journal).data, "Drafts")
    settle(drafting, server, clock)
    assert the_draft(journal).state is DraftState.CREATED
    assert len(server.drafts()) == 1


def test_a_server_that_says_yes_and_stores_nothing_is_not_asked_for_ever(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    class Forgetful(FakeMailbox):
        def append_draft(self, folder: str, data: bytes) -> None:
            return None

    box = Forgetful(server)
    drafting.work(box)
    while (seconds := drafting.next_look()) is not None:
        clock.pass_(seconds)
        drafting.work(box)
    assert the_draft(journal).state is DraftState.HELD


def test_a_server_that_does_not_tell_uidnext_leaves_nothing_provable(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    class Silent(FakeMailbox):
        def examine(self, folder: str) -> FolderState:
            return replace(super().examine(folder), uidnext=0)

    server.trouble = [DraftUncertain("cut")]
    with pytest.raises(DraftUncertain):
        drafting.work(Silent(server))
    box = Silent(server)
    drafting.work(box)
    while (seconds := drafting.next_look()) is not None:
        clock.pass_(seconds)
        drafting.work(box)
    assert the_draft(journal).state is DraftState.HELD
    assert server.drafts() == []


def test_a_refused_draft_waits_and_is_tried_again(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    server.trouble = [DraftRefused("over quota")]
    drafting.work(FakeMailbox(server))
    assert the_draft(journal).state is DraftState.PLANNED
    assert "over quota" in the_draft(journal).because
    assert not drafting.work(FakeMailbox(server))
    clock.pass_(901)
    drafting.work(FakeMailbox(server))
    assert the_draft(journal).state is DraftState.CREATED
    assert len(server.drafts()) == 1


def test_a_connection_lost_before_the_first_byte_changes_nothing(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer
) -> None:
    server.trouble = [Unavailable("gone")]
    with pytest.raises(Unavailable):
        drafting.work(FakeMailbox(server))
    assert the_draft(journal).state is DraftState.PLANNED
    drafting.work(FakeMailbox(server))
    assert len(server.drafts()) == 1


def test_without_a_drafts_folder_the_draft_waits_and_says_what_helps(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer
) -> None:
    del server.uses["drafts"]
    drafting.work(FakeMailbox(server))
    assert the_draft(journal).state is DraftState.PLANNED
    assert "drafts_folder" in the_draft(journal).because


def test_two_that_lie_there_are_both_left_alone(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    server.trouble = [DraftUncertain("cut")]
    server.stores_in_trouble = True
    with pytest.raises(DraftUncertain):
        drafting.work(FakeMailbox(server))
    server.deliver(the_draft(journal).data, "Drafts")
    settle(drafting, server, clock)
    assert len(server.drafts()) == 2
    assert "2 times" in the_draft(journal).because


def waiting(journal: SqliteJournal, clock: FakeClock, hours: float) -> None:
    """One more draft, that waits for its time."""
    plan_one(journal, 2, due=clock.now() + timedelta(hours=hours))


def test_a_draft_that_waits_for_its_time_is_laid_when_it_has_come(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    waiting(journal, clock, 2)
    drafting.work(FakeMailbox(server))
    assert len(server.drafts()) == 1
    assert drafting.next_due() == 7200
    assert drafting.next_look() is None, "nobody is to wait for it"
    clock.pass_(7199)
    drafting.work(FakeMailbox(server))
    assert len(server.drafts()) == 1
    clock.pass_(1)
    assert drafting.next_due() == 0
    drafting.work(FakeMailbox(server))
    assert len(server.drafts()) == 2
    assert drafting.next_due() is None


def test_a_draft_whose_time_passed_while_nobody_worked_is_laid_at_once(
    journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    waiting(journal, clock, 2)
    clock.pass_(90_000)
    Drafting(journal=journal, clock=clock, login="anna").work(FakeMailbox(server))
    assert len(server.drafts()) == 2


def test_a_draft_that_was_refused_when_its_time_had_come_is_not_tried_without_pause(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    waiting(journal, clock, 1)
    drafting.work(FakeMailbox(server))
    clock.pass_(3600)
    server.trouble.append(DraftRefused("over quota"))
    drafting.work(FakeMailbox(server))
    assert len(server.drafts()) == 1
    assert drafting.next_due() == 900


def test_a_hastened_draft_is_laid_with_the_next_work(
    drafting: Drafting, journal: SqliteJournal, server: FakeServer, clock: FakeClock
) -> None:
    waiting(journal, clock, 48)
    drafting.work(FakeMailbox(server))
    journal.hasten(journal.drafts(DraftState.PLANNED)[0].id)
    drafting.work(FakeMailbox(server))
    assert len(server.drafts()) == 2
