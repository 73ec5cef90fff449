"""Looking back: where, what becomes of it, and when a server is left in peace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from kitchenwall.app.lookback import Lookback
from kitchenwall.domain.around import SECONDS, Around
from kitchenwall.domain.message import Arrival
from kitchenwall.errors import LookLost, Unavailable
from tests.fakes.clock import FakeClock
from tests.fakes.mailbox import FakeMailbox, FakeServer
from tests.fakes.road import no, short_road


@dataclass
class SlowMailbox(FakeMailbox):
    """Takes its time, and can lose its connection while it looks."""

    server: FakeServer
    clock: FakeClock
    takes: float = 0.0
    breaks: bool = False
    looks: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.server)

    def earlier(
        self, folders: Sequence[str], around: Around, sent: Sequence[str] = ()
    ) -> tuple[Arrival, ...]:
        self.looks.append((*folders, *sent))
        self.clock.pass_(self.takes)
        if self.breaks:
            raise Unavailable("the connection is gone")
        return super().earlier(folders, around, sent)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def box(clock: FakeClock) -> SlowMailbox:
    server = FakeServer(now=clock.now)
    server.deliver(no(1))
    server.deliver(no(2, "poison"))
    return SlowMailbox(server, clock)


def near(clock: FakeClock) -> Around:
    return Around(
        thread=frozenset({"<no-1@acorn.example>", "<no-2@acorn.example>"}),
        addresses=(),
        houses=(),
        since=clock.now() - timedelta(days=30),
        until=clock.now() + timedelta(days=30),
    )


def looking(clock: FakeClock) -> Lookback:
    return Lookback(read=short_road().read, clock=clock, folders=("INBOX", "Jobs"))


def test_it_looks_into_the_watched_folders_and_the_archive(
    box: SlowMailbox, clock: FakeClock
) -> None:
    (mail,) = looking(clock).over(box)(near(clock))
    assert mail.message_id == "<no-1@acorn.example>"
    assert box.looks == [("INBOX", "Jobs", "Archive")]


def test_without_an_archive_it_looks_into_the_others(box: SlowMailbox, clock: FakeClock) -> None:
    del box.server.uses["archive"]
    looking(clock).over(box)(near(clock))
    assert box.looks == [("INBOX", "Jobs")]


def test_a_slow_server_is_left_in_peace_for_an_hour(box: SlowMailbox, clock: FakeClock) -> None:
    earlier = looking(clock).over(box)
    box.takes = SECONDS
    earlier(near(clock))
    assert earlier(near(clock)) == ()
    assert len(box.looks) == 1
    clock.pass_(3600.0)
    earlier(near(clock))
    assert len(box.looks) == 2


def test_what_ended_a_connection_is_not_tried_over_the_next(
    box: SlowMailbox, clock: FakeClock
) -> None:
    lookback = looking(clock)
    box.breaks = True
    with pytest.raises(LookLost):
        lookback.over(box)(near(clock))
    assert lookback.over(SlowMailbox(box.server, clock))(near(clock)) == ()


def test_a_quick_server_is_asked_each_time(box: SlowMailbox, clock: FakeClock) -> None:
    earlier = looking(clock).over(box)
    assert len(earlier(near(clock))) == len(earlier(near(clock))) == 1
    assert len(box.looks) == 2
