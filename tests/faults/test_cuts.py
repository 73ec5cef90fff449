"""Cut at any octet of an APPEND and of its verification, the connection costs no draft and doubles none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from kitchenwall.errors import Unavailable
from tests.faults.audit import Seen, see, violations
from tests.faults.house import House
from tests.faults.outside import Call, Outside
from tests.faults.program import BlindMailbox, Life, Parts
from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Action, Fault, Place, Proxy

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many octets everything has that is said about one draft, line ends included."""

    line: int
    go_on: int
    literal: int
    reply: int
    fetch: int  # its occurrence among all commands of that name, from 1
    fetch_line: int
    fetch_reply: int


def measured(house: House) -> Sizes:
    """Lay one draft through a proxy that only listens."""
    with through_proxy(house) as proxy:
        house.live()
        go_on = next(line for line in proxy.lines if line.data.startswith(b"+ OK"))
        (append,) = (command for command in proxy.commands if command.name == "APPEND")
        fetches = [command for command in proxy.commands if command.name == "UID FETCH"]
        after = next(command for command in fetches if command.at > append.at)
        literal = len(append.literals[0])
        return Sizes(
            line=append.size - literal - 2,
            go_on=len(go_on.data) + 2,
            literal=literal,
            reply=len(append.answered) + 2,
            fetch=fetches.index(after) + 1,
            fetch_line=after.size,
            fetch_reply=len(after.answered) + 2,
        )


class through_proxy:  # noqa: N801 - reads as a function
    """The house speaks through a proxy with these faults; when it ends, so do all connections."""

    def __init__(self, house: House, *faults: Fault) -> None:
        self._house = house
        self._proxy = Proxy(house.server.port, *faults)

    def __enter__(self) -> Proxy:
        self._house.program.port = self._proxy.port
        return self._proxy

    def __exit__(self, *_: object) -> None:
        self._house.program.port = self._house.server.port
        self._proxy.close()
        self._house.quiet()


class Steps(NamedTuple):
    """From one cut to the next, in octets."""

    line: int
    literal: int
    reply: int
    verification: int


EVERYWHERE = Steps(1, 1, 1, 1)
SELECTION = {False: Steps(7, 14, 1, 30), True: Steps(9, 20, 6, 60)}  # whether she saves a draft


def cuts_in_append(sizes: Sizes, steps: Steps) -> Iterator[Fault]:
    """Before, within and after each of its parts."""
    for offset in _offsets(sizes.line, steps.line):
        yield _cut(Place.COMMAND, offset)
    for offset in range(sizes.go_on + 1):
        yield _cut(Place.ANSWER, offset)
    for offset in _offsets(sizes.literal + 2, steps.literal):
        yield _cut(Place.LITERAL, offset)
    yield _cut(Place.END, 0)
    for offset in _offsets(sizes.reply + 1, steps.reply):
        yield _cut(Place.REPLY, offset)
    for place in Place:
        yield Fault(place=place, command="APPEND", action=Action.RESET)


def cuts_in_verification(sizes: Sizes, step: int) -> Iterator[Fault]:
    """Before, within and after the FETCH that reads a draft back."""
    lengths = {
        Place.COMMAND: sizes.fetch_line,
        Place.END: 0,
        Place.ANSWER: 200,
        Place.REPLY: sizes.fetch_reply,
    }
    for place, length in lengths.items():
        for offset in _offsets(length, step):
            yield Fault(place=place, command="UID FETCH", occurrence=sizes.fetch, offset=offset)


@dataclass(frozen=True, slots=True)
class Trial:
    """One cut, with what the person does meanwhile, and who goes on afterwards."""

    fault: Fault
    saves: bool
    same_process: bool

    def __str__(self) -> str:
        fault = self.fault
        what = f"{fault.action.name} {fault.command} {fault.place.name}+{fault.offset}"
        saves = ", she saves a draft" if self.saves else ""
        return f"{what}{saves}, {'same' if self.same_process else 'new'} process"


def play(house: House, trial: Trial) -> tuple[bool, Seen, list[str]]:
    """Whether the fault struck, what was seen in the end, what was wrong."""
    house.watched("no")
    with house.program.life(Outside()) as life:
        struck = _once_through(house, life, trial.fault)
        if trial.saves:
            house.saves()
        if trial.same_process:
            _go_on(house, life)
    house.recover()
    seen = see(house)
    uncertain = trial.fault.place in (Place.LITERAL, Place.ANSWER)
    wrong = violations(house, seen, may_hold=trial.saves and uncertain)
    house.live()
    if see(house) != seen:
        wrong.append("one more pass has changed something")
    return struck, seen, wrong


def play_all(
    house_of: Callable[[], House], trials: Iterator[Trial], tally: Tally, kind: str
) -> tuple[list[str], int]:
    """All trials; what was wrong, and how many drafts are held."""
    troubles: list[str] = []
    held = 0
    for trial in trials:
        struck, seen, wrong = play(house_of(), trial)
        if struck:
            troubles += [f"{trial}: {one}" for one in tally.add(kind, seen, wrong)]
            held += seen.held
    return troubles, held


@pytest.fixture
def house_of(server: Dovecot, tmp_path: Path) -> Callable[[], House]:
    return lambda: House(server, tmp_path)


@pytest.fixture
def sizes(house_of: Callable[[], House]) -> Sizes:
    house = house_of()
    house.watched("no")
    return measured(house)


@pytest.mark.parametrize("saves", [False, True], ids=["alone", "while she saves a draft"])
def test_an_append_cut_anywhere_ends_in_one_draft_or_is_held(
    house_of: Callable[[], House], sizes: Sizes, tally: Tally, every_fault: bool, saves: bool
) -> None:
    faults = cuts_in_append(sizes, EVERYWHERE if every_fault else SELECTION[saves])
    troubles, held = play_all(
        house_of, _trials(faults, saves, every_fault), tally, "cuts of an APPEND"
    )
    assert troubles == []
    assert bool(held) == saves


def test_a_verification_cut_anywhere_ends_in_one_draft(
    house_of: Callable[[], House], sizes: Sizes, tally: Tally, every_fault: bool
) -> None:
    for saves in (False, True):
        steps = EVERYWHERE if every_fault else SELECTION[saves]
        faults = cuts_in_verification(sizes, steps.verification)
        trials = _trials(faults, saves, every_fault)
        troubles, held = play_all(house_of, trials, tally, "cuts of a verification")
        assert troubles == []
        assert held == 0


@pytest.mark.parametrize("saves", [False, True], ids=["alone", "while she saves a draft"])
def test_looking_for_an_uncertain_draft_may_be_cut_too(
    house_of: Callable[[], House], tally: Tally, saves: bool
) -> None:
    troubles: list[str] = []
    uncertain = Fault(place=Place.LITERAL, command="APPEND", offset=10)
    for occurrence in count(1):
        house = house_of()
        house.watched("no")
        again = Fault(place=Place.COMMAND, command="*", occurrence=occurrence)
        with house.program.life(Outside()) as life:
            _once_through(house, life, uncertain)
            if saves:
                house.saves()
            struck = _once_through(house, life, again)
            _go_on(house, life)
        house.quiet()
        seen = see(house)
        if not struck:
            break
        wrong = tally.add("cuts of a recovery", seen, violations(house, seen, may_hold=saves))
        troubles += [f"before command {occurrence}: {one}" for one in wrong]
    assert occurrence > 15
    assert troubles == []


@pytest.mark.parametrize("place", [Place.LITERAL, Place.END, Place.REPLY])
def test_a_server_that_falls_silent_is_given_up_and_the_draft_is_looked_for(
    server: Dovecot, tmp_path: Path, tally: Tally, place: Place
) -> None:
    house = House(server, tmp_path, Parts(command=0.4))
    silent = Fault(place=place, command="APPEND", action=Action.HOLD)
    struck, seen, wrong = play(house, Trial(silent, saves=False, same_process=True))
    assert struck
    assert tally.add("silence in an APPEND", seen, wrong) == []


@pytest.mark.parametrize("last", ["APPEND: literal", "APPEND: end"])
@pytest.mark.parametrize("late", [0.02, 0.1, 0.2])
def test_what_a_server_stores_after_the_next_start_is_found_and_not_laid_again(
    server: Dovecot, tmp_path: Path, tally: Tally, last: str, late: float
) -> None:
    house = House(server, tmp_path, Parts(mailbox=BlindMailbox, settle=(0.08, 0.6)))
    house.watched("no")
    with Proxy(server.port) as proxy:
        house.program.port = proxy.port
        house.program.once(Outside(_ends_late(proxy, last, late)))
        house.program.port = server.port
        house.recover()
    seen = see(house)
    assert tally.add("drafts stored late", seen, violations(house, seen)) == []


def test_a_folder_that_is_named_wrong_does_not_hinder_the_search(
    house_of: Callable[[], House], tally: Tally
) -> None:
    house = house_of()
    house.program.folders = {"archive": "Nowhere"}
    uncertain = Fault(place=Place.LITERAL, command="APPEND", offset=10)
    struck, seen, wrong = play(house, Trial(uncertain, saves=True, same_process=False))
    assert struck
    assert tally.add("cuts of an APPEND", seen, wrong) == []
    assert seen.held == 1


def _ends_late(proxy: Proxy, last: str, late: float) -> Callable[[int, Call], bool]:
    """The life ends behind a call, and what it said from the literal on arrives late."""

    def ends(_number: int, call: Call) -> bool:
        if call.name == "+ to APPEND":
            proxy.delay = late
        return call.name == last

    return ends


def _once_through(house: House, life: Life, fault: Fault) -> bool:
    with through_proxy(house, fault) as proxy:
        with suppress(Unavailable):
            life.watcher.once()
        return bool(proxy.fired)


def _go_on(house: House, life: Life) -> None:
    """The same process connects again, as its loop would."""
    for _ in range(5):
        with suppress(Unavailable):
            life.watcher.once()
        house.quiet()
        if not house.open_drafts():
            return


def _trials(faults: Iterator[Fault], saves: bool, every: bool) -> Iterator[Trial]:
    for number, fault in enumerate(faults):
        if every or number % 2:
            yield Trial(fault, saves, same_process=True)
        if every or not number % 2:
            yield Trial(fault, saves, same_process=False)


def _offsets(length: int, step: int) -> list[int]:
    """The first two, the last three and every so many in between; `length` is behind the last."""
    inner = set(range(0, length, step))
    return sorted(inner | {0, 1, max(0, length - 2), max(0, length - 1), length})


def _cut(place: Place, offset: int) -> Fault:
    return Fault(place=place, command="APPEND", offset=offset)
