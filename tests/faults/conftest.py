"""The crash test's server, its count of faults, and how many of them are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.faults import patience, real
from tests.faults.house import House
from tests.faults.program import BlindMailbox, Parts
from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot, Setup

Waits = Mapping[str, Future[patience.Waited]]
_TALLY = pytest.StashKey[Tally]()
# Sessions begin quickly and say in their process title whom they serve.
_QUICK = """
verbose_proctitle = yes
mail_fsync = never
service imap-login {
  service_count = 0
  process_min_avail = 1
}
service imap {
  process_min_avail = 2
}
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--every-fault", action="store_true", help="try every fault, not only a selection"
    )


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tally = config.stash.get(_TALLY, None)
    if tally and tally.faults:
        terminalreporter.section("the crash test")
        for line in tally.lines():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tally(request: pytest.FixtureRequest) -> Tally:
    """Counts what every test here does."""
    return request.config.stash.setdefault(_TALLY, Tally())


@pytest.fixture(scope="session")
def every_fault(request: pytest.FixtureRequest) -> bool:
    """Whether to leave no fault out."""
    return bool(request.config.getoption("--every-fault", default=False))


@pytest.fixture(scope="session")
def server() -> Iterator[Dovecot]:
    """One Dovecot for all faults."""
    with Dovecot(Setup(extra=_QUICK)) as dovecot:
        yield dovecot


@pytest.fixture(scope="session", autouse=True)
def waits(
    request: pytest.FixtureRequest, server: Dovecot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Waits]:
    """What takes a minute, begun with the first test here and asked for by the last ones."""
    folder = tmp_path_factory.mktemp("waits")
    if not any(item.path.name == "test_waits.py" for item in request.session.items):
        yield {}
        return
    slow = Parts(mailbox=BlindMailbox, settle=(5.0, 60.0))
    with ThreadPoolExecutor(4) as pool:
        yield {
            "never stored": pool.submit(patience.never_stored, House(server, folder, slow)),
            "stored late": pool.submit(patience.stored_late, House(server, folder, slow)),
            "SIGTERM, never answered": pool.submit(
                patience.asked_to_end, _with_a_letter(server, folder), answer_after=0
            ),
            "SIGTERM, answered later": pool.submit(
                patience.asked_to_end, _with_a_letter(server, folder), answer_after=0.6
            ),
        }


def _with_a_letter(server: Dovecot, folder: Path) -> House:
    """A house whose installed program has work to do."""
    house = House(server, folder, letter=real.letter)
    house.watched("no")
    return house
