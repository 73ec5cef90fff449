"""A whole run of the daemon says only what is allowed, and leaves INBOX as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kitchenwall import wiring
from kitchenwall.adapters.imap.gate import DRAFTING
from kitchenwall.domain.journal import DraftState
from tests.faults import real
from tests.faults.audit import see, violations
from tests.faults.house import House
from tests.faults.outside import NumberedManager, Outside
from tests.faults.tally import Tally
from tests.servers.client import Snapshot
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Command, Proxy

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

# What the proxy calls the end of an IDLE and what answers a challenge.
ALLOWED = {*DRAFTING, "DONE", "RESPONSE"}


@dataclass(frozen=True, slots=True)
class Run:
    """What a whole run said, and INBOX before and after it."""

    commands: list[Command]
    before: Snapshot
    after: Snapshot
    wrong: list[str]


@pytest.fixture(scope="module")
def whole(server: Dovecot, tmp_path_factory: pytest.TempPathFactory, tally: Tally) -> Run:
    """The daemon from start to end, with mails that come while it idles."""
    tmp_path = tmp_path_factory.mktemp("run")
    house = House(server, tmp_path, letter=real.letter)
    house.watched("hello", "no")
    first = house.before
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
    tally.said |= set(proxy.names())
    return Run(proxy.commands, house.before | first, seen.inbox, violations(house, seen))


def test_a_whole_run_says_only_what_is_allowed(whole: Run) -> None:
    said = {command.name for command in whole.commands}
    print("said to the server:", ", ".join(sorted(said)))
    assert said <= ALLOWED
    assert {"EXAMINE", "UID FETCH", "APPEND", "IDLE", "LOGOUT"} <= said
    bodies = [command.text for command in whole.commands if b"BODY" in command.text]
    assert all(b"BODY.PEEK[" in text and b"BODY[" not in text for text in bodies)
    appended = [command.text for command in whole.commands if command.name == "APPEND"]
    assert len(appended) == 2
    assert all(b"Drafts" in text and rb"(\Draft \Seen)" in text for text in appended)


def test_a_whole_run_leaves_flags_uids_and_modseq_of_inbox_as_they_were(whole: Run) -> None:
    assert len(whole.before) == 4
    assert whole.after == whole.before


def test_a_whole_run_answers_what_was_there_and_what_came(whole: Run) -> None:
    assert whole.wrong == []


def _until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "the daemon does not come to it"
        time.sleep(0.01)
