"""`once` makes one pass; with `--dry-run` it says what that would do and leaves no trace."""

import json
from pathlib import Path

import pytest

from kitchenwall.domain.journal import EventKind
from tests.cli.person import Mailbox, Person, drafts, rejection
from tests.servers.dovecot import Dovecot, free_port


@pytest.fixture
def person(tmp_path: Path, dovecot: Dovecot, mail_user: str) -> Person:
    person = Person(tmp_path / "home")
    person.configure(Mailbox(name="home", login=mail_user, port=dovecot.port), level="warning")
    return person


def test_one_pass_begins_at_the_newest_mail_and_then_follows(
    person: Person, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, rejection(mail_user, "Long ago"))
    assert person.reads("once") == "home: 0 new mails looked at\n"
    dovecot.deliver(mail_user, rejection(mail_user, "Saddler"))
    assert person.json("once") == {"seen": {"home": 1}}
    assert [event.subject for event in person.events()] == ["Saddler"]
    assert len(drafts(dovecot, mail_user)) == 1
    assert person.reads("once") == "home: 0 new mails looked at\n"
    assert len(drafts(dovecot, mail_user)) == 1


def test_a_dry_run_tells_the_same_and_writes_nothing(
    person: Person, dovecot: Dovecot, mail_user: str
) -> None:
    person.reads("once")
    dovecot.deliver(mail_user, rejection(mail_user, "Saddler"))
    with person.journal() as journal:
        cursor = journal.cursor(mail_user, "INBOX")
    before = (person.state / "journal.db").read_bytes()
    out = person.reads("once", "--dry-run")
    assert "draft  jonas.feld@" in out
    (row,) = map(json.loads, person.reads("once", "--dry-run", "--json").splitlines())
    assert (row["plan"], row["subject"]) == ("draft", "Saddler")
    assert (person.state / "journal.db").read_bytes() == before
    with person.journal() as journal:
        assert journal.events() == ()
        assert journal.cursor(mail_user, "INBOX") == cursor
    assert drafts(dovecot, mail_user) == []
    person.reads("once")
    assert [event.kind for event in person.events()] == [EventKind.DRAFT]


def test_an_account_that_is_away_does_not_hinder_the_other(
    person: Person, dovecot: Dovecot, mail_user: str
) -> None:
    away = Mailbox(name="away", login="away@mail.example", port=free_port())
    person.configure(away, Mailbox(name="home", login=mail_user, port=dovecot.port))
    told = person.types("once")
    assert told.code == 75
    assert "kitchenwall: away: cannot connect" in told.err
    assert told.out == "home: 0 new mails looked at\n"
