"""`scan` reports what the past holds; only `--draft` records it, and never twice."""

import contextlib
import json
import os
import pty
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from kitchenwall.domain.journal import DraftState, EventKind
from tests.cli.person import COMMAND, Mailbox, Person, drafts, mail, nested, perhaps, rejection
from tests.servers.dovecot import Dovecot

ROBIN = "robin.scan@mail.example"
NEW, OLD, OTHERS = 12, 6, 20
PER_HOUR = 10


@pytest.fixture(scope="module")
def past(dovecot: Dovecot) -> Dovecot:
    """A mailbox with a past of forty mails, of which eighteen say no."""
    news = (rejection(ROBIN, f"Post {number}", days=number / 2) for number in range(NEW))
    olds = (rejection(ROBIN, f"Old post {number}", days=30 + number) for number in range(OLD))
    others = (mail(ROBIN, f"Letter {number}", "We meet at four.\n") for number in range(OTHERS))
    doubts = (perhaps(ROBIN, "Bäcker"), nested(ROBIN, "Deep"))
    dovecot.deliver_all(ROBIN, [*olds, *news, *others, *doubts])
    return dovecot


@pytest.fixture
def person(past: Dovecot, tmp_path: Path) -> Iterator[Person]:
    """Somebody with an empty journal and, once it is over, empty Drafts."""
    person = Person(tmp_path / "home")
    person.configure(Mailbox(name="home", login=ROBIN, port=past.port), per_hour=PER_HOUR)
    yield person
    with past.client(ROBIN) as client:
        client.cmd(b"SELECT Drafts")
        client.cmd(b"UID STORE 1:* +FLAGS (\\Deleted)", check=False)
        client.cmd(b"EXPUNGE")


def counted(person: Person) -> Counter[str]:
    """How many events of each kind the journal has."""
    return Counter(event.kind for event in person.events())


def test_the_past_is_reported_and_nothing_is_written(person: Person, past: Dovecot) -> None:
    with past.client(ROBIN) as client:
        before = client.snapshot()
    out = person.reads("scan", "--since", "90d")
    assert out.count("Unfortunately, we have decided not to move forward") == NEW + OLD
    assert "Post 3" in out
    assert "Letter" not in out
    assert "unreadable:" in out
    assert not person.events()
    assert not drafts(past, ROBIN)
    with past.client(ROBIN) as client:
        assert client.snapshot() == before


def test_programs_get_a_line_for_each(person: Person) -> None:
    told = person.types("scan", "--json")
    assert (told.code, told.err) == (0, "")
    rows = [json.loads(line) for line in told.out.splitlines()]
    assert Counter(row["plan"] for row in rows) == {
        "draft": NEW, "note": OLD, "ask": 1, "unreadable": 1,
    }  # fmt: skip
    assert [row["uid"] for row in rows] == sorted(row["uid"] for row in rows)
    assert {row["subject"] for row in rows if row["plan"] == "ask"} == {"Bäcker"}


def test_the_past_goes_as_far_back_as_is_said(person: Person) -> None:
    assert "Old post" in person.reads("scan", "--since", "0001-01-01")
    assert person.reads("scan", "--since", "2999-01-01") == ""


def test_drafts_are_laid_within_the_limits_and_only_once(person: Person, past: Dovecot) -> None:
    assert person.types("scan", "--draft").code == 0
    assert counted(person) == {
        EventKind.DRAFT: PER_HOUR, EventKind.HOLD: NEW - PER_HOUR, EventKind.NOTE: OLD,
        EventKind.ASK: 1, EventKind.UNREADABLE: 1,
    }  # fmt: skip
    assert len(drafts(past, ROBIN)) == PER_HOUR
    for words in (("scan", "--draft"), ("once",)):
        assert person.types(*words).code == 0
    assert sum(counted(person).values()) == NEW + OLD + 2
    assert len(drafts(past, ROBIN)) == PER_HOUR
    with person.journal() as journal:
        assert {draft.state for draft in journal.drafts()} == {
            DraftState.CREATED, DraftState.OFFERED,
        }  # fmt: skip


def test_a_terminal_sees_how_far_it_is_while_a_file_takes_the_report(person: Person) -> None:
    ours, theirs = pty.openpty()
    report = person.home / "report"
    with report.open("wb") as file, os.fdopen(ours, "rb", buffering=0) as terminal:
        argv = [*COMMAND, "scan", "--json"]
        with subprocess.Popen(
            argv, env=person.env | {"TERM": "xterm"}, stdout=file, stderr=theirs
        ) as scan:
            os.close(theirs)
            shown = b"".join(lines_of(terminal))
            assert scan.wait(30) == 0
    assert b"home INBOX" in shown
    assert b"Post 3" not in shown
    assert len(report.read_text().splitlines()) == NEW + OLD + 2


def lines_of(terminal: BinaryIO) -> Iterator[bytes]:
    """What is shown, until the program has let go of the terminal."""
    with contextlib.suppress(OSError):  # EIO is how Linux says it
        while shown := terminal.read(65_536):
            yield shown


def test_one_account_that_is_refused_does_not_hinder_the_other(
    person: Person, past: Dovecot
) -> None:
    wrong = Mailbox(name="work", login="work@mail.example", port=past.port, password="left")
    person.configure(wrong, Mailbox(name="home", login=ROBIN, port=past.port))
    told = person.types("scan")
    assert told.code == 77
    assert told.err.startswith('kitchenwall: work: cannot log in to "work"')
    assert "Post 3" in told.out
    assert person.types("scan", "--account", "home").code == 0
