"""A process that really ends behind a call leaves everything to the next one."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults.audit import Seen, passed_by, see, violations
from tests.faults.child import STATUS
from tests.faults.house import House
from tests.faults.outside import Call
from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]

_ROOT = Path(__file__).parents[2]
_AT_ONCE = 3


def a_process(house: House, *call: str) -> subprocess.CompletedProcess[str]:
    """One life in a process of its own."""
    where = (str(house.program.port), house.user, str(house.folder))
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.child", *where, *call],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def a_house(server: Dovecot, folder: Path) -> House:
    house = House(server, folder)
    house.watched("hello", "no")
    return house


def calls_of(house: House) -> list[Call]:
    """Every kind of call that a whole life makes, each once."""
    done = a_process(house)
    assert done.returncode == 0, done.stderr
    lines = dict.fromkeys(done.stdout.splitlines())
    return [Call(*line.split("\t")) for line in lines]


def play(house: House, call: Call) -> tuple[Seen, list[str]]:
    """A process that ends behind a call, and the one that is started next."""
    ended = a_process(house, call.kind, call.name)
    wrong = (
        [] if ended.returncode == STATUS else [f"it ended with {ended.returncode}: {ended.stderr}"]
    )
    wrong += passed_by(house)
    following = a_process(house)
    wrong += [f"the next one failed: {following.stderr}"] if following.returncode else []
    seen = see(house)
    return seen, wrong + violations(house, seen)


def test_an_exit_behind_each_kind_of_call_neither_doubles_nor_loses(
    server: Dovecot, tmp_path: Path, tally: Tally
) -> None:
    calls = calls_of(a_house(server, tmp_path))
    assert {call.kind for call in calls} == {
        "secret",
        "command",
        "answer",
        "commit",
        "notification",
    }
    houses = [a_house(server, tmp_path) for _ in calls]
    with ThreadPoolExecutor(_AT_ONCE) as several:
        outcomes = list(several.map(play, houses, calls))
    troubles: list[str] = []
    for call, (seen, wrong) in zip(calls, outcomes, strict=True):
        troubles += [f"{call}: {one}" for one in tally.add("real exits", seen, wrong)]
    assert troubles == []
