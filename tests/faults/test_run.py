"""A whole run of the daemon says only what is allowed, and leaves INBOX as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kitchenwall import wiring
from kitchenwall.adapters.imap.gate import DRAFTING
from kitchenwall.domain.journal import DraftState
from tests.faults import real
from tests.faults.audit import see, violations
from tests.faults.house import House
from tests.faults.outside import NumberedManager, Outside
from tests.faults.tally import Tally
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Command, Proxy

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

# What the proxy calls the end of an IDLE and what answers a challenge.
ALLOWED = {*DRAFTING, "DONE", "RESPONSE"}


@pytest.fixture
def commands(server: Dovecot, tmp_path: Path, tally: Tally) -> list[Command]:
    """Everything that is said from start to end, with a rejection that comes while it idles."""
    house = House(server, tmp_path, letter=real.letter)
    house.watch_from_now()
    house.arrives("hello", "no")
    with Proxy(server.port) as proxy:
        house.program.port = proxy.port
        config = real.config_of(house)
        with wiring.open_journal(config) as journal:
            daemon = wiring.daemon_for(config, journal, manager=NumberedManager(Outside()))
            daemon.start()
            proxy.wait_until(lambda: "IDLE" in proxy.names(), 20)
            house.arrives("no", "hello")
            _until(lambda: len(journal.drafts(DraftState.CREATED)) == 2)
            proxy.wait_until(lambda: proxy.names()[-1] == "IDLE", 20)
            daemon.stop()
    house.quiet()
    seen = see(house)
    assert violations(house, seen) == []
    tally.said |= set(proxy.names())
    return proxy.commands


def test_only_allowed_commands_are_said(commands: list[Command]) -> None:
    said = {command.name for command in commands}
    print("said to the server:", ", ".join(sorted(said)))
    assert said <= ALLOWED
    assert {"EXAMINE", "UID FETCH", "APPEND", "IDLE", "LOGOUT"} <= said
    bodies = [command.text for command in commands if b"BODY" in command.text]
    assert all(b"BODY.PEEK[" in text and b"BODY[" not in text for text in bodies)
    appended = [command.text for command in commands if command.name == "APPEND"]
    assert len(appended) == 2
    assert all(b"Drafts" in text and rb"(\Draft \Seen)" in text for text in appended)


def _until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "the daemon does not come to it"
        time.sleep(0.01)
