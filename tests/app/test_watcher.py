"""A watcher catches up, waits, catches up; and stops itself before a server bans it."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.app.drafting import Drafting
from kitchenwall.app.watcher import Post, Rhythm, Watcher
from kitchenwall.domain.journal import DraftState, EventKind
from kitchenwall.domain.message import Cursor
from kitchenwall.errors import AccessDenied, KitchenwallError, Unavailable
from tests.fakes.clock import FakeClock
from tests.fakes.mailbox import FakeFolder, FakeMailbox, FakeServer
from tests.fakes.road import no, short_road

QUICK = Rhythm(backoff_first=0.001, backoff_most=0.002, safety=0.005, poll=0.005)


class Household:
    """A server, a journal and a watcher, with the doors that tests open and shut."""

    def __init__(self, folder: Path, folders: tuple[str, ...] = ("INBOX",)) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(now=self.clock.now)
        self.journal: SqliteJournal = open_journal(folder)
        self.refusals: list[KitchenwallError] = []
        self.secret = "first"
        self.opened = 0
        post = Post(
            account="post", login="anna", folders=folders, open=self.open,
            secret_mark=lambda: self.secret, road=short_road(),
        )  # fmt: skip
        drafting = Drafting(journal=self.journal, clock=self.clock, login="anna")
        self.watcher = Watcher(
            post=post, journal=self.journal, clock=self.clock, drafting=drafting, rhythm=QUICK
        )

    def open(self) -> FakeMailbox:
        self.opened += 1
        if self.refusals:
            raise self.refusals.pop(0)
        return FakeMailbox(self.server)

    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.journal.events()]

    def run_until_stopped(self) -> None:
        """Run the thread's loop until the account has stopped itself."""
        thread = threading.Thread(target=self.watcher.run)
        thread.start()
        for _ in range(2000):
            if self.journal.stop("anna") is not None:
                break
            thread.join(0.002)
        self.watcher.stop()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    household = Household(tmp_path)
    yield household
    household.journal.close()


def test_the_first_start_begins_at_the_newest_mail(house: Household) -> None:
    house.server.deliver(no(1))
    house.watcher.once()
    assert house.kinds() == []
    assert house.journal.cursor("anna", "INBOX") == Cursor(1, 1)
    house.server.deliver(no(2))
    house.watcher.once()
    assert house.kinds() == [EventKind.DRAFT]
    assert len(house.server.drafts()) == 1


def test_each_mail_has_its_own_fate(house: Household) -> None:
    house.watcher.once()
    for number, word in enumerate(("no", "perhaps", "poison", "nothing of the kind", "no"), 1):
        house.server.deliver(no(number, word))
    house.watcher.once()
    kinds = sorted(house.kinds())
    assert kinds == [EventKind.ASK, EventKind.DRAFT, EventKind.DRAFT, EventKind.UNREADABLE]
    assert len(house.server.drafts()) == 2
    assert house.journal.cursor("anna", "INBOX") == Cursor(1, 5)


def test_looking_again_doubles_nothing(house: Household) -> None:
    house.watcher.once()
    house.server.deliver(no(1))
    for _ in range(3):
        house.watcher.once()
        house.journal.move_cursor("anna", "INBOX", Cursor(1, 0))
    assert len(house.journal.events()) == 1
    assert len(house.server.drafts()) == 1


def test_our_own_draft_in_the_inbox_is_never_judged(house: Household) -> None:
    house.watcher.once()
    house.server.deliver(no(1))
    house.watcher.once()
    house.server.deliver(house.server.drafts()[0])
    house.watcher.once()
    assert len(house.journal.events()) == 1


def test_a_renumbered_folder_is_looked_through_and_nothing_is_doubled(house: Household) -> None:
    house.watcher.once()
    house.server.deliver(no(1))
    house.watcher.once()
    renumbered = FakeFolder(uidvalidity=2)
    for number in (1, 2):
        renumbered.add(no(number), house.clock.now())
    renumbered.add(no(3), house.clock.now() - timedelta(days=30))
    house.server.folders["INBOX"] = renumbered
    house.watcher.once()
    assert len(house.journal.events()) == 2
    assert len(house.server.drafts()) == 2
    assert house.journal.cursor("anna", "INBOX") == Cursor(2, 3)


def test_a_missing_folder_does_not_hinder_the_others(tmp_path: Path) -> None:
    house = Household(tmp_path, ("INBOX", "Nowhere"))
    house.watcher.once()
    house.server.deliver(no(1))
    house.watcher.once()
    assert house.kinds() == [EventKind.DRAFT]
    (done,) = house.journal.passes()
    assert "Nowhere" in done.state
    house.journal.close()


def test_more_folders_than_the_inbox_are_watched(tmp_path: Path) -> None:
    house = Household(tmp_path, ("INBOX", "Archive"))
    house.watcher.once()
    house.server.deliver(no(1), "Archive")
    house.watcher.once()
    assert house.kinds() == [EventKind.DRAFT]
    house.journal.close()


def test_a_planned_draft_of_an_answered_question_is_laid(house: Household) -> None:
    house.watcher.once()
    house.server.deliver(no(1, "perhaps"))
    house.watcher.once()
    assert house.server.drafts() == []
    (event,) = house.journal.events()
    house.journal.answer(event.id, True)
    house.watcher.once()
    assert len(house.server.drafts()) == 1
    assert house.journal.drafts()[0].state is DraftState.CREATED


def test_three_refused_logins_stop_the_account(house: Household) -> None:
    house.refusals = [AccessDenied("no entry") for _ in range(5)]
    house.run_until_stopped()
    stop = house.journal.stop("anna")
    assert stop is not None
    assert "no entry" in stop.reason
    assert house.opened == 3


def test_a_stop_survives_and_another_secret_lifts_it(house: Household) -> None:
    house.refusals = [AccessDenied("no entry") for _ in range(3)]
    house.run_until_stopped()
    assert house.watcher._is_stopped()
    house.secret = "second"
    assert not house.watcher._is_stopped()
    assert house.journal.stop("anna") is None


def test_being_away_is_no_refusal(house: Household) -> None:
    house.refusals = [Unavailable("away") for _ in range(8)]
    house.server.deliver(no(1))
    thread = threading.Thread(target=house.watcher.run)
    thread.start()
    for _ in range(2000):
        if house.journal.passes() and house.journal.passes()[0].state == "watching":
            break
        thread.join(0.002)
    house.watcher.stop()
    thread.join(10)
    assert house.opened > 8
    assert house.journal.stop("anna") is None


def test_a_hint_is_followed_while_watching(house: Household) -> None:
    house.watcher.once()
    waits: list[float] = []

    class Hinting(FakeMailbox):
        def wait(self, seconds: float) -> bool:
            waits.append(seconds)
            if len(waits) == 1:
                self.server.deliver(no(1))
                return True
            house.watcher.stop()
            return False

    def open_hinting() -> FakeMailbox:
        return Hinting(house.server)

    object.__setattr__(house.watcher.post, "open", open_hinting)
    house.watcher.run()
    assert house.kinds() == [EventKind.DRAFT]
    assert len(house.server.drafts()) == 1


def test_after_a_suspend_the_connection_is_made_anew(house: Household) -> None:
    opened: list[FakeMailbox] = []

    class Sleepy(FakeMailbox):
        def wait(self, seconds: float) -> bool:
            if len(opened) == 1:
                house.clock.suspend(3600)
            else:
                house.watcher.stop()
            return False

    def open_sleepy() -> FakeMailbox:
        opened.append(Sleepy(house.server))
        return opened[-1]

    object.__setattr__(house.watcher.post, "open", open_sleepy)
    house.watcher.run()
    assert len(opened) == 2


def test_an_unforeseen_mistake_does_not_end_the_thread(house: Household) -> None:
    tries: list[int] = []

    def open_badly() -> FakeMailbox:
        tries.append(1)
        if len(tries) == 3:
            house.watcher.stop()
        raise ZeroDivisionError

    object.__setattr__(house.watcher.post, "open", open_badly)
    house.watcher.run()
    assert len(tries) == 3
