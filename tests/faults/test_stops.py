"""Stopped behind any call to the outside and started again, the program lays each draft once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tests.faults import real
from tests.faults.house import House
from tests.faults.program import Parts
from tests.faults.scenes import BY_NAME, SCENES, Scene, watched
from tests.faults.stops import play
from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.server, pytest.mark.timeout(3000)]

TWICE = ("no UIDPLUS, a blind search", "two rejections", "a renumbered inbox")


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_stopped_behind_every_call_it_neither_doubles_nor_loses(
    scene: Scene, server: Dovecot, tmp_path: Path, tally: Tally
) -> None:
    troubles: list[str] = []
    for number in count(1):
        outcome = play(scene, House(server, tmp_path, scene.parts), number)
        if not outcome.stops:
            break
        (call,) = outcome.stops
        wrong = tally.add(f"stops behind a {call.kind}", outcome.seen, outcome.wrong)
        troubles += [f"{number} ({call}): {one}" for one in wrong]
    assert number > 12
    assert troubles == []


@pytest.mark.parametrize(
    ("letter", "stage"),
    [
        (real.letter, "unknown"),
        (real.conversation, "cv_screen"),
        (real.unheard, "cv_screen"),
    ],
    ids=["alone", "with a history", "behind a no-reply"],
)
def test_on_the_real_road_it_neither_doubles_nor_loses(
    letter: Callable[[int, str], bytes],
    stage: str,
    server: Dovecot,
    tmp_path: Path,
    tally: Tally,
    every_fault: bool,
) -> None:
    parts = Parts(road=real.real_road(House(server, tmp_path)))
    scene = Scene(name="the real road", arrange=watched("hello", "no"), parts=parts)
    troubles: list[str] = []
    for number in count(1, 1 if every_fault else 2):
        house = House(server, tmp_path, parts, letter)
        outcome = play(scene, house, number)
        with house.look() as journal:
            assert {event.stage for event in journal.events()} == {stage}
            assert {row.recipient.local for row in journal.drafts()} == {"mara"}
        if not outcome.stops:
            break
        wrong = tally.add("stops on the real road", outcome.seen, outcome.wrong)
        troubles += [f"{number} ({outcome.stops[0]}): {one}" for one in wrong]
    assert troubles == []


def _answered(house: House) -> None:
    """A no got its letter, and then an answer came."""
    house.watched("no")
    house.live()
    house.arrives("answer")


def test_an_answer_to_a_letter_is_thanked_for_once_wherever_it_stops(
    server: Dovecot, tmp_path: Path, tally: Tally, every_fault: bool
) -> None:
    parts = Parts(road=real.real_road(House(server, tmp_path)))
    scene = Scene(name="an answer to a letter", arrange=_answered, parts=parts)
    troubles: list[str] = []
    for number in count(1, 1 if every_fault else 2):
        house = House(server, tmp_path, parts, real.answered)
        outcome = play(scene, house, number)
        if not outcome.stops:
            break
        wrong = tally.add("stops behind an answer", outcome.seen, outcome.wrong)
        troubles += [f"{number} ({outcome.stops[0]}): {one}" for one in wrong]
        with house.look() as journal:
            answer, no = journal.events()
            assert answer.follows == no.id
    assert troubles == []


@pytest.mark.parametrize("name", TWICE)
def test_a_recovery_that_is_stopped_too_changes_nothing_about_that(
    name: str, server: Dovecot, tmp_path: Path, tally: Tally, every_fault: bool
) -> None:
    scene = BY_NAME[name]
    troubles: list[str] = []
    for first in count(1, 1 if every_fault else 6):
        for second in count(1 if every_fault else 1 + first % 7, 1 if every_fault else 7):
            outcome = play(scene, House(server, tmp_path, scene.parts), first, second)
            if len(outcome.stops) < 2:
                break
            wrong = tally.add("stops of a recovery", outcome.seen, outcome.wrong)
            where = ", then ".join(str(call) for call in outcome.stops)
            troubles += [f"{first}, {second} ({where}): {one}" for one in wrong]
        if not outcome.stops:
            break
    assert troubles == []
