"""Play a scene: a life that ends behind a call, and clean ones until nothing is open."""

from __future__ import annotations

from dataclasses import dataclass

from tests.faults.audit import Seen, passed_by, see, violations
from tests.faults.house import House
from tests.faults.outside import Call, Outside, behind
from tests.faults.scenes import Scene


@dataclass(frozen=True, slots=True)
class Outcome:
    """`stops` are the calls behind which lives ended: fewer than asked for where one was over."""

    stops: tuple[Call, ...]
    seen: Seen
    wrong: list[str]


def play(scene: Scene, house: House, *numbers: int) -> Outcome:
    """Lives that end behind the calls of these numbers, one after the other, and then clean ones."""
    scene.arrange(house)
    stops: list[Call] = []
    wrong: list[str] = []
    for already, number in enumerate(numbers):
        outside = Outside(behind(number))
        house.live(outside)
        wrong += passed_by(house)
        if len(outside.calls) < number:
            break
        stops.append(outside.last)
        if not already:
            scene.meanwhile(house)
    house.recover()
    scene.later(house)
    seen = see(house)
    wrong += violations(house, seen, may_hold=scene.may_hold)
    house.live()
    if see(house) != seen:
        wrong.append("one more pass has changed something")
    return Outcome(tuple(stops), seen, wrong)
