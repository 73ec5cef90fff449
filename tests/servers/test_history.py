"""The whole program remembers: receipt, call and invitation tell what a bare no leaves open."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from kitchenwall.domain.journal import Event
from tests.cli.person import Mailbox, Person
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Fault, Place, Proxy

JO = "Jo Marsh <jo.marsh@larkfield.example>"
SYSTEM = "no-reply <no-reply@us.greenhouse-mail.io>"
RECEIPT = "Thank you for applying to {company}. We have received your application."
CALL = "Could we schedule a phone call on Tuesday to talk about your application?"
INTERVIEW = "We would like to invite you to an interview at our office on Monday."
NO = "We went with another candidate for this position. I am sorry."


class Story:
    """Mails that come to one person, and what the program makes of the last one."""

    def __init__(self, dovecot: Dovecot, user: str, home: Path) -> None:
        self.dovecot, self.user = dovecot, user
        self.person = Person(home)
        self.speaks_with(dovecot.port)
        self.person.reads("once")
        self.number = 0

    def speaks_with(self, port: int) -> None:
        """From now on through another port."""
        self.person.configure(Mailbox(name="home", login=self.user, port=port), level="error")

    def comes(self, days: int, sender: str, text: str, folder: str = "INBOX") -> None:
        """A mail that came so many days ago and was seen by then."""
        self._append(days, sender, text, folder)
        self.person.reads("once")

    def no(self, sender: str, text: str = NO) -> Event:
        """The last mail; INBOX must be afterwards as it was before."""
        self._append(0, sender, text, "INBOX")
        before = self._inbox()
        self.person.reads("once")
        assert self._inbox() == before
        (event,) = self.person.events()
        return event

    def _append(self, days: int, sender: str, text: str, folder: str) -> None:
        self.number += 1
        when = datetime.now(UTC) - timedelta(days=days)
        mail = (
            f"From: {sender}\r\nTo: {self.user}\r\nSubject: News\r\nDate: {format_datetime(when)}\r\n"
            f"Message-ID: <{self.number}.{days}@mail.example>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\nHi Robin,\r\n\r\n{text}\r\n\r\nJo\r\n"
        ).encode()
        with self.dovecot.client(self.user) as client:
            client.append(folder, mail, date=f"{when:%d-%b-%Y %H:%M:%S} +0000")

    def _inbox(self) -> object:
        with self.dovecot.client(self.user) as client:
            return client.snapshot(), client.status()


@pytest.fixture
def story(dovecot: Dovecot, mail_user: str, tmp_path: Path) -> Story:
    return Story(dovecot, mail_user, tmp_path / "home")


def test_a_bare_no_is_understood_from_what_came_before(story: Story) -> None:
    story.comes(40, JO, RECEIPT.format(company="Larkfield"), "Archive")
    story.comes(30, JO, CALL)
    story.comes(20, JO, INTERVIEW)
    event = story.no(JO)
    assert (event.stage, event.company) == ("interview", "Larkfield")
    day = f"{datetime.now(UTC) - timedelta(days=20):%d %B %Y}".lstrip("0")
    shown = story.person.reads("journal", "show", str(event.id))
    assert f"an earlier mail of {day}: '{INTERVIEW}'" in shown
    found = story.person.reads("scan", "--since", "10d", "--json")
    assert '"company": "Larkfield"' in found


def test_two_companies_behind_one_system_tell_nothing(story: Story) -> None:
    story.comes(40, SYSTEM, RECEIPT.format(company="Larkfield"))
    story.comes(30, SYSTEM, RECEIPT.format(company="Stonewall"))
    story.comes(20, SYSTEM, INTERVIEW)
    event = story.no(SYSTEM)
    assert (event.stage, event.company) == ("unknown", "")


@pytest.mark.parametrize("place", [Place.COMMAND, Place.ANSWER])
def test_a_server_that_hangs_up_on_a_look_costs_the_history_alone(
    place: Place, story: Story, proxy: Proxy
) -> None:
    """`once` begins its pass again, and `scan` goes on behind what it has told."""
    story.comes(20, JO, INTERVIEW)
    story.speaks_with(proxy.port)
    proxy.faults += [Fault(place=place, command="UID SEARCH", occurrence=n) for n in (1, 3)]
    event = story.no(JO)
    assert (event.stage, event.company) == ("unknown", "")
    rows = story.person.reads("scan", "--since", "10d", "--json").splitlines()
    assert [json.loads(row)["company"] for row in rows] == [None]
    looks = [c.name for c in proxy.commands if b"FROM" in c.text and c.name == "UID SEARCH"]
    assert len(looks) == len(proxy.fired) == 2
