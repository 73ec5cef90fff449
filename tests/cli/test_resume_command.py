"""`resume` lets an account that stopped itself try again, also while the daemon runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kitchenwall.adapters.lock import holder
from tests.cli.person import Mailbox, Person, drafts, rejection, until
from tests.servers.dovecot import Dovecot, Setup

ROBIN = "robin@mail.example"


@pytest.fixture(scope="module")
def strict() -> Iterator[Dovecot]:
    """A server that looks at passwords."""
    with Dovecot(Setup(passwords={ROBIN: "old password"})) as server:
        yield server


@pytest.fixture
def person(tmp_path: Path, strict: Dovecot) -> Person:
    person = Person(tmp_path / "home")
    person.configure(Mailbox(name="home", login=ROBIN, port=strict.port, password="new password"))
    return person


def stopped(person: Person) -> bool:
    with person.journal() as journal:
        return journal.stop(ROBIN) is not None


def test_an_account_that_runs_has_nothing_to_resume(person: Person) -> None:
    assert person.reads("resume", "home") == "home was not stopped\n"


def test_a_stop_survives_a_restart_until_it_is_lifted(person: Person, strict: Dovecot) -> None:
    with person.starts() as daemon:
        until(lambda: person.state.exists() and stopped(person))
        assert daemon.stop() == 0
    refused = strict.log.count("auth failed")
    with person.starts() as daemon:
        until(lambda: holder(person.state))
        assert "stopped itself on" in person.reads("status")
        assert strict.log.count("auth failed") == refused
        strict.set_password(ROBIN, "new password")
        told = person.reads("resume", "home")
        assert told == "home tries again; a running kitchenwall notices within half a minute\n"
        daemon.says("watching INBOX from now on")
        strict.deliver(ROBIN, rejection(ROBIN, "Tinsmith"))
        person.laid("Tinsmith")
        assert len(drafts(strict, ROBIN, "new password")) == 1
        assert person.json("status")["accounts"][0]["state"] == "watching"
        assert daemon.stop() == 0
