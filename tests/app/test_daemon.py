"""The daemon starts, pings, hears what people recorded, and stops in time."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.app.daemon import TICK_SECONDS, Daemon
from kitchenwall.app.drafting import Drafting
from kitchenwall.app.watcher import Post, Watcher
from kitchenwall.domain.message import Cursor
from tests.fakes.clock import FakeClock
from tests.fakes.mailbox import FakeMailbox, FakeServer
from tests.fakes.road import short_road


class Timers:
    """Timers that ring when a test says so."""

    def __init__(self) -> None:
        self.work: dict[str, Callable[[], None]] = {}
        self.seconds: dict[str, float] = {}
        self.stopped = False

    def every(self, seconds: float, work: Callable[[], None], name: str) -> None:
        self.work[name] = work
        self.seconds[name] = seconds

    def stop(self) -> None:
        self.stopped = True


class Manager:
    """A service manager that remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def ready(self, status: str) -> None:
        self.heard.append(f"ready: {status}")

    def watchdog(self) -> None:
        self.heard.append("alive")


class Waiting(FakeMailbox):
    """A mailbox that waits until it is woken."""

    def __init__(self, server: FakeServer) -> None:
        super().__init__(server)
        self.woken = threading.Event()
        self.waiting = threading.Event()

    def wait(self, seconds: float) -> bool:
        self._alive()
        self.waiting.set()
        self.woken.wait(min(seconds, 10))
        self.woken.clear()
        self._alive()
        return True

    def wake(self) -> None:
        self.woken.set()

    def abort(self) -> None:
        super().abort()
        self.woken.set()


class House:
    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.server = FakeServer(now=self.clock.now)
        self.journal: SqliteJournal = open_journal(folder)
        self.boxes: list[Waiting] = []
        post = Post(
            account="post", login="anna", folders=("INBOX",), open=self.open,
            secret_mark=lambda: "mark", road=short_road(),
        )  # fmt: skip
        drafting = Drafting(journal=self.journal, clock=self.clock, login="anna")
        self.watcher = Watcher(post=post, journal=self.journal, clock=self.clock, drafting=drafting)
        self.timers, self.manager = Timers(), Manager()
        self.daemon = Daemon(
            watchers=[self.watcher], journal=self.journal, clock=self.clock,
            timers=self.timers, manager=self.manager, grace_seconds=5,
        )  # fmt: skip

    def open(self) -> Waiting:
        self.boxes.append(Waiting(self.server))
        return self.boxes[-1]

    def start(self) -> None:
        self.daemon.start()
        for _ in range(500):
            threading.Event().wait(0.01)
            if self.boxes and self.boxes[-1].waiting.is_set():
                return
        raise AssertionError("the watcher never waited")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.start()
    yield made
    made.daemon.stop()
    made.journal.close()


def test_it_says_when_it_is_ready_and_sets_two_timers(house: House) -> None:
    assert house.manager.heard == ["ready: watching 1 account(s)"]
    assert house.timers.seconds == {"tick": 30.0, "safety-net pass": 900.0}
    assert TICK_SECONDS == 30.0


def test_a_tick_is_a_sign_of_life_while_every_watcher_gives_one(house: House) -> None:
    house.timers.work["tick"]()
    assert house.manager.heard[-1] == "alive"
    house.clock.pass_(3600)
    house.timers.work["tick"]()
    assert house.manager.heard.count("alive") == 1


def test_what_another_process_recorded_is_looked_at(house: House, tmp_path: Path) -> None:
    waiting = house.boxes[-1].waiting
    house.timers.work["tick"]()
    waiting.clear()
    with open_journal(tmp_path) as other:
        other.move_cursor("somebody", "INBOX", Cursor(1, 1))
    house.timers.work["tick"]()
    assert waiting.wait(5)


def test_the_safety_net_looks_at_everything(house: House) -> None:
    waiting = house.boxes[-1].waiting
    waiting.clear()
    house.timers.work["safety-net pass"]()
    assert waiting.wait(5)


def test_a_suspend_is_noticed_at_the_next_tick(house: House) -> None:
    house.clock.suspend(3600)
    house.timers.work["tick"]()
    for _ in range(500):
        if len(house.boxes) == 2:
            return
        threading.Event().wait(0.01)
    raise AssertionError("no new connection")


def test_stopping_ends_timers_threads_and_connections(house: House) -> None:
    threads = list(house.daemon._threads)
    house.daemon.stop()
    assert house.timers.stopped
    assert not any(thread.is_alive() for thread in threads)
    assert house.boxes[-1].gone
