"""Stopped behind any call to the outside and started again, the program lays each draft once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.audit import Seen, passed_by, see, violations
from tests.faults.house import House
from tests.faults.outside import Call, Outside, behind
from tests.faults.scenes import SCENES, Scene
from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class Outcome:
    stopped_behind: Call | None  # None: the life was over before that call
    seen: Seen
    wrong: list[str]


def play(scene: Scene, house: House, number: int, second: int = 0) -> Outcome:
    """One fault: a life that ends behind a call, perhaps a second such life, and clean ones."""
    scene.arrange(house)
    outside = Outside(behind(number))
    house.live(outside)
    stopped = outside.last if len(outside.calls) == number else None
    wrong = passed_by(house)
    scene.meanwhile(house)
    if second:
        again = Outside(behind(second))
        house.live(again)
        wrong += passed_by(house)
        stopped = again.last if stopped and len(again.calls) == second else None
    house.recover()
    scene.later(house)
    seen = see(house)
    wrong += violations(house, seen, may_hold=scene.may_hold)
    house.live()
    if see(house) != seen:
        wrong.append("one more pass has changed something")
    return Outcome(stopped, seen, wrong)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_stopped_behind_every_call_it_neither_doubles_nor_loses(
    scene: Scene, server: Dovecot, tmp_path: Path, tally: Tally
) -> None:
    troubles: list[str] = []
    number = 0
    while True:
        number += 1
        outcome = play(scene, House(server, tmp_path, scene.parts), number)
        if outcome.stopped_behind is None:
            break
        wrong = tally.add(
            f"stops behind a {outcome.stopped_behind.kind}", outcome.seen, outcome.wrong
        )
        troubles += [f"{number} ({outcome.stopped_behind}): {one}" for one in wrong]
    assert number > 12
    assert troubles == []
