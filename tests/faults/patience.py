"""What takes a minute of real time, done while the other tests run."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from kitchenwall.domain.journal import DraftState
from kitchenwall.errors import Unavailable
from tests.faults.audit import Seen, see, violations
from tests.faults.house import House
from tests.faults.outside import Outside
from tests.faults.real import started
from tests.servers.proxy import Action, Fault, Place, Proxy

_UNANSWERED = Fault(place=Place.END, command="APPEND", action=Action.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """What came of it, and after how many seconds."""

    seconds: float
    seen: Seen
    wrong: list[str]
    status: int = 0
    midway: list[DraftState] = field(default_factory=list)
    said: str = ""


def never_stored(house: House) -> Waited:
    """An APPEND is cut inside its literal: the server never had the draft."""
    return _settled(house, late=0.0)


def stored_late(house: House) -> Waited:
    """The same, but half a minute later the server does store it after all."""
    return _settled(house, late=30.0)


def asked_to_end(house: House, *, answer_after: float) -> Waited:
    """SIGTERM while the server has all of a draft and says nothing (0: never again)."""
    faults = () if answer_after else (_UNANSWERED,)
    with Proxy(house.server.port, *faults, rtt_ms=answer_after * 1000) as proxy:
        house.program.port = proxy.port
        process = started(house, "run")
        try:
            proxy.wait_until(lambda: proxy.fired if faults else "APPEND" in proxy.names(), 60)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=30)[1]
            seconds = time.monotonic() - begun
        finally:
            process.kill()
            process.wait(10)
    house.program.port = house.server.port
    house.quiet()
    midway = [row.state for row in house.drafts()]
    following = started(house, "once")
    said += following.communicate(timeout=60)[1]
    house.quiet()
    return _seen(
        house, seconds=seconds, status=process.returncode or following.returncode,
        midway=midway, said=said,
    )  # fmt: skip


def _settled(house: House, late: float) -> Waited:
    house.watched("no")
    begun = time.monotonic()
    with house.program.life(Outside()) as life:
        with Proxy(house.server.port, Fault(place=Place.LITERAL, command="APPEND", offset=10)) as p:
            house.program.port = p.port
            with suppress(Unavailable):
                life.watcher.once()
        house.program.port = house.server.port
        timer = threading.Timer(late, _commit, [house])
        if late:
            timer.start()
        life.watcher.once()
        timer.cancel()
    house.quiet()
    return _seen(house, seconds=time.monotonic() - begun)


def _commit(house: House) -> None:
    (row,) = house.drafts()
    house.server.deliver(house.user, row.data, "Drafts", rb"\Draft \Seen")


def _seen(house: House, **what: object) -> Waited:
    seen = see(house)
    return Waited(seen=seen, wrong=violations(house, seen), **what)  # type: ignore[arg-type]
