"""The crash test's server, its count of faults, and how many of them are tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot, Setup

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
