"""Whole stories on a real server, watched over IDLE: how many drafts, to whom, in which thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path

import pytest

from kitchenwall.domain.journal import Event
from tests.cli.person import Mailbox, Person, drafts, until
from tests.servers.dovecot import Dovecot

pytestmark = pytest.mark.server

# Seconds; what takes a tenth of a second may take long beside other work.
PATIENCE = 40

JANE = "Jane Doe <jane.doe@larkfield.example>"
SYSTEM = "Larkfield Careers <no-reply@us.greenhouse-mail.io>"
RECEIPT = "Thank you for applying to Larkfield for the Data Engineer position. We have received your application."
CALL = "Could we schedule a phone call on Tuesday to talk about your application?"
NO = (
    "Thank you for your interest in the Data Engineer position at Larkfield. Unfortunately, we have "
    "decided to move forward with other candidates."
)


@dataclass
class Story:
    """One person with one mailbox, while the program runs."""

    server: Dovecot
    login: str
    person: Person
    sent: int = 0

    def configure(self, draft: str = "") -> None:
        """What the person wishes of drafts, in the configuration's own words."""
        box = Mailbox(name="home", login=self.login, port=self.server.port)
        self.person.configure(box, level="info", draft=draft)

    def before(
        self, days: float, sender: str, subject: str, text: str, folder: str = "INBOX"
    ) -> str:
        """A mail that lay there when the program was begun with; its Message-ID."""
        message_id, raw = self._letter(days, sender, self.login, subject, text)
        with self.server.client(self.login) as client:
            client.append(folder, raw, date=_stamp(days))
        return message_id

    def comes(
        self, sender: str, subject: str, text: str, *, to: str = "", more: Sequence[str] = ()
    ) -> str:
        """A mail that arrives now; its Message-ID."""
        message_id, raw = self._letter(0, sender, to or self.login, subject, text, more)
        self.server.deliver(self.login, raw)
        return message_id

    def writes(self, days: float, to: str, subject: str, text: str, answers: str = "") -> str:
        """A letter that the person sent, from whatever device."""
        more = [f"In-Reply-To: {answers}", f"References: {answers}"] if answers else []
        message_id, raw = self._letter(days, f"Robin <{self.login}>", to, subject, text, more)
        with self.server.client(self.login) as client:
            client.append("Sent", raw, date=_stamp(days))
        return message_id

    def drafts(self) -> list[EmailMessage]:
        found = drafts(self.server, self.login)
        return [message_from_bytes(raw, policy=policy.default) for raw in found]

    def draft(self, subject: str) -> EmailMessage:
        """The one draft about this, as soon as it was laid."""
        self.person.laid(subject, PATIENCE)
        (found,) = self.drafts()
        return found

    def question(self) -> str:
        """What the newest letter asks."""
        with self.person.journal() as journal:
            return journal.drafts()[-1].question

    def events(self, least: int) -> tuple[Event, ...]:
        """Everything on record, as soon as there is so much of it."""
        return until(
            lambda: found if len(found := self.person.events()) >= least else None, PATIENCE
        )

    def _letter(
        self, days: float, sender: str, to: str, subject: str, text: str, more: Sequence[str] = ()
    ) -> tuple[str, bytes]:
        self.sent += 1
        message_id = f"<{self.sent}.{secrets_of(self.login)}@mail.example>"
        when = datetime.now(UTC) - timedelta(days=days)
        name = parseaddr(sender)[0].partition(" ")[0]
        lines = (
            f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Date: {format_datetime(when)}",
            f"Message-ID: {message_id}", *more, "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
            "Hi Robin,", "", text, "", "Kind regards", name,
        )  # fmt: skip
        return message_id, "\r\n".join((*lines, "")).encode()


def secrets_of(login: str) -> str:
    return login.partition("@")[0]


def _stamp(days: float) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%d-%b-%Y %H:%M:%S} +0000"


@pytest.fixture
def story(dovecot: Dovecot, mail_user: str, tmp_path: Path) -> Story:
    found = Story(dovecot, mail_user, Person(tmp_path / "home"))
    found.configure()
    return found


@contextmanager
def running(story: Story) -> Iterator[None]:
    """The program, which watches when it is begun with; it is asked to end, and ends well."""
    begun = (story.person.state / "journal.db").exists()
    with story.person.starts("run") as daemon:
        if not begun:
            daemon.says("watching INBOX from now on", PATIENCE)
        yield
        assert daemon.stop() == 0


def recipient(draft: EmailMessage) -> str:
    return parseaddr(str(draft["To"]))[1]


def text_of(draft: EmailMessage) -> str:
    body = draft.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_no_reply_is_answered_to_the_recruiter_in_her_thread(story: Story) -> None:
    story.before(50, SYSTEM, "Your application to Larkfield", RECEIPT)
    call = story.before(40, JANE, "A call about your application", CALL, "Archive")
    with running(story):
        story.comes(SYSTEM, "Your application to Larkfield", NO)
        draft = story.draft("Your application to Larkfield")
    assert recipient(draft) == "jane.doe@larkfield.example"
    assert draft["Subject"] == "Re: A call about your application"
    assert draft["In-Reply-To"] == call
    assert text_of(draft).startswith("Dear Jane,\n")
    (event,) = story.events(1)
    assert event.stage == "phone_screen", "her own mail tells how far it had come"
    assert story.question() == "pointer"
    assert "wrote to you on" in event.because
    assert "no-reply@us.greenhouse-mail.io" in event.because


def test_somebody_the_person_wrote_to_is_found_in_sent(story: Story) -> None:
    thanks = story.writes(20, JANE, "Thank you for the interview", "It was good to meet you.")
    with running(story):
        story.comes(SYSTEM, "Your application to Larkfield", NO)
        draft = story.draft("Your application to Larkfield")
    assert recipient(draft) == "jane.doe@larkfield.example"
    assert draft["In-Reply-To"] == thanks


def test_where_nobody_is_known_there_is_no_draft_and_the_event_says_what_else_can_be_done(
    story: Story,
) -> None:
    story.before(50, "Kim Lee <kim.lee@other.example>", "A call", CALL)
    with running(story):
        story.comes(SYSTEM, "Your application to Larkfield", NO)
        (event,) = story.events(1)
    assert story.drafts() == []
    assert event.kind == "note"
    assert "nobody of Larkfield is in your mail" in event.because


def test_what_was_answered_from_the_phone_gets_no_draft(story: Story) -> None:
    with running(story):
        pass
    said_no = story.comes(JANE, "Your application", NO)
    _aged(story)
    story.writes(0, JANE, "Re: Your application", "Thank you for telling me.", said_no)
    with story.person.starts("run"):
        event = story.events(1)[0]
        until(lambda: story.person.event("Your application").draft == "skipped", PATIENCE)
    assert story.drafts() == []
    assert event.subject == "Your application"


def _aged(story: Story) -> None:
    """The mail that came last, as if it had come an hour ago: nobody answers within a minute."""
    with story.server.client(story.login) as client:
        client.cmd(b"SELECT INBOX")
        (raw,) = client.mails("INBOX")
        client.cmd(b"SELECT INBOX")
        client.cmd(b"UID STORE 1:* +FLAGS (\\Deleted)")
        client.cmd(b"EXPUNGE")
        client.append("INBOX", raw, date=_stamp(1 / 24))


@pytest.mark.parametrize("deed", ["edits", "deletes"])
def test_a_draft_that_the_person_edits_or_deletes_is_left_alone(story: Story, deed: str) -> None:
    with running(story):
        story.comes(JANE, "Your application", NO)
        draft = story.draft("Your application")
        with story.server.client(story.login) as client:
            client.cmd(b"SELECT Drafts")
            client.cmd(b"UID STORE 1:* +FLAGS (\\Deleted)")
            client.cmd(b"EXPUNGE")
            if deed == "edits":
                edited = bytes(draft).replace(b"Dear Jane", b"Dear Jane and all")
                client.append("Drafts", edited, b"\\Draft \\Seen")
        story.comes(JANE, "Another matter", "The office is closed on Friday.")
        story.comes("Kim Lee <kim.lee@birch.example>", "Your application at Birch", NO)
        story.person.laid("Your application at Birch", PATIENCE)
    expected = ["kim.lee@birch.example"]
    if deed == "edits":
        expected = ["jane.doe@larkfield.example", *expected]
    assert [recipient(one) for one in story.drafts()] == expected
    assert len(story.events(2)) == 2


def test_two_roles_at_one_company_are_two_events_and_two_drafts(story: Story) -> None:
    with running(story):
        for role in ("Data Engineer", "Product Manager"):
            story.comes(JANE, f"Your application: {role}", NO.replace("Data Engineer", role))
            story.person.laid(f"Your application: {role}", PATIENCE)
    assert sorted(one.role for one in story.events(2)) == ["Data Engineer", "Product Manager"]
    first, second = (text_of(one) for one in story.drafts())
    assert "Data Engineer" in first
    assert "Product Manager" not in first
    assert "Product Manager" in second
    assert first != second
    assert story.question() == "nothing", "the same company is not asked twice"


def test_a_letter_to_a_plus_address_is_answered_from_it(story: Story) -> None:
    local, _, domain = story.login.partition("@")
    tagged = f"{local}+jobs@{domain}"
    with running(story):
        story.comes(JANE, "Your application", NO, to=tagged)
        draft = story.draft("Your application")
    assert parseaddr(str(draft["From"]))[1] == tagged


def test_an_agency_is_asked_what_its_client_said(story: Story) -> None:
    said = (
        "Unfortunately our client has decided not to take your application for the Data Engineer "
        "position further. I had put you forward for it and I am sorry."
    )
    with running(story):
        story.comes("Kim Lee <kim.lee@birch-recruiting.example>", "News from our client", said)
        draft = story.draft("News from our client")
    assert story.question() == "client"
    assert text_of(draft).count("?") == 1


def test_another_role_is_answered_first(story: Story) -> None:
    said = (
        "Thank you for applying for the Data Engineer position. Unfortunately, we have decided not to "
        "move forward with your application. We think that our Data Analyst position would suit you "
        "better and would be glad if you applied for it."
    )
    with running(story):
        story.comes(JANE, "Your application", said)
        draft = story.draft("Your application")
    assert story.question() == "next_step"
    assert text_of(draft).count("?") == 1


def test_a_german_no_to_a_person_who_writes_english_is_answered_in_german(story: Story) -> None:
    said = (
        "vielen Dank für Ihre Bewerbung als Datenanalyst bei der Birke GmbH. Leider müssen wir Ihnen "
        "mitteilen, dass wir uns für einen anderen Bewerber entschieden haben."
    )
    with running(story):
        story.comes("Petra Klein <petra.klein@birke.example>", "Ihre Bewerbung", said)
        draft = story.draft("Ihre Bewerbung")
    assert "vielen Dank für Ihre Rückmeldung" in text_of(draft)
    assert draft["Subject"] == "Re: Ihre Bewerbung"


SPECIFIC = (
    "Thank you for your kind letter. You asked for feedback: the panel felt that your experience with "
    "SQL was not deep enough for this role."
)
GENERIC = (
    "Thank you for your kind letter. You asked for feedback: other candidates were simply a closer "
    "match for the role."
)


def sent(story: Story, draft: EmailMessage) -> str:
    """The person sends the draft as it is, and throws the draft away, as mail programs do."""
    with story.server.client(story.login) as client:
        client.append("Sent", bytes(draft), b"\\Seen")
        client.cmd(b"SELECT Drafts")
        client.cmd(b"UID STORE 1:* +FLAGS (\\Deleted)")
        client.cmd(b"EXPUNGE")
    return str(draft["Message-ID"])


def test_specific_feedback_is_filed_with_the_no_and_thanked_for(story: Story) -> None:
    with running(story):
        story.comes(JANE, "Your application", NO)
        letter = sent(story, story.draft("Your application"))
        story.comes(JANE, "Re: Your application", SPECIFIC, more=[f"In-Reply-To: {letter}"])
        draft = story.draft("Re: Your application")
    assert recipient(draft) == "jane.doe@larkfield.example"
    assert story.question() == "nothing"
    assert "Data Engineer" in text_of(draft), "the no had named the role"
    assert "?" not in text_of(draft)
    answer, no = story.events(2)
    assert (answer.follows, answer.outcome, answer.feedback) == (no.id, "feedback", "specific")
    shown = story.person.reads("journal", "show", str(no.id))
    assert f"event {answer.id}" in shown
    assert "SQL was not deep enough" in shown


def test_generic_feedback_is_asked_about_once_more_and_then_let_go(story: Story) -> None:
    with running(story):
        story.comes(JANE, "Your application", NO)
        letter = sent(story, story.draft("Your application"))
        story.comes(JANE, "Re: Your application", GENERIC, more=[f"In-Reply-To: {letter}"])
        again = story.draft("Re: Your application")
        assert text_of(again).count("?") == 1
        assert story.question() == "specifics"
        letter = sent(story, again)
        story.comes(JANE, "RE: Your application", GENERIC, more=[f"In-Reply-To: {letter}"])
        last, second, first = story.events(3)
    assert story.drafts() == []
    assert (last.kind, last.follows, second.follows) == ("note", first.id, first.id)
    assert "let go" in last.because


def test_a_letter_that_nobody_answers_is_reminded_of_once_and_never_again(story: Story) -> None:
    story.configure("remind_days = 0.00001")
    with running(story):
        story.comes(JANE, "Your application", NO)
        sent(story, story.draft("Your application"))
    until(lambda: story.person.types("once") and len(story.person.events()) == 2, PATIENCE)
    for _ in range(2):
        assert story.person.types("once").code == 0
    reminder, no = story.events(2)
    (draft,) = story.drafts()
    assert recipient(draft) == "jane.doe@larkfield.example"
    assert str(draft["References"]).startswith(str(no.message_id))
    assert story.question() == "remind"
    assert "?" not in text_of(draft)
    assert (reminder.follows, reminder.kind) == (no.id, "draft")
    assert "nobody answered your letter" in story.person.reads("journal")
    assert f"event {reminder.id}" in story.person.reads("journal", "show", str(no.id))


@pytest.mark.parametrize("what", ["was not sent", "has brought a mail of hers", "is off"])
def test_there_is_no_reminder_where_the_letter(story: Story, what: str) -> None:
    story.configure("remind_days = 0" if what == "is off" else "remind_days = 0.00001")
    with running(story):
        story.comes(JANE, "Your application", NO)
        draft = story.draft("Your application")
    if what != "was not sent":
        sent(story, draft)
    if what == "has brought a mail of hers":
        story.comes(JANE, "Lunch", "I am in the office on Friday.")
    before = len(story.drafts())
    for _ in range(2):
        assert story.person.types("once").code == 0
    assert len(story.events(1)) == 1
    assert len(story.drafts()) == before


def test_one_decision_told_by_a_system_and_a_person_gets_one_draft(story: Story) -> None:
    with running(story):
        story.comes(JANE, "Your application", NO)
        story.draft("Your application")
        story.comes(SYSTEM, "Your application to Larkfield", NO)
        again, first = story.events(2)
    assert len(story.drafts()) == 1
    assert (again.kind, again.follows) == ("note", first.id)
    assert f"the no of event {first.id} again" in again.because
    assert "told again" in story.person.reads("journal", "show", str(first.id))


def test_the_person_who_tells_what_a_system_told_before_is_answered(story: Story) -> None:
    with running(story):
        story.comes(SYSTEM, "Your application to Larkfield", NO)
        (first,) = story.events(1)
        assert first.kind == "note"
        story.comes(JANE, "Your application", NO)
        draft = story.draft("Your application")
        again, first = story.events(2)
    assert recipient(draft) == "jane.doe@larkfield.example"
    assert again.follows == first.id
    assert "the same no once more" in story.person.reads("journal")


def test_a_draft_waits_for_its_time_through_a_restart_and_can_be_hastened(story: Story) -> None:
    story.configure('when = "morning"')
    with running(story):
        story.comes(JANE, "Your application", NO)
        (event,) = story.events(1)
    with running(story):
        listed = story.person.reads("drafts")
        assert "waits until" in listed
        assert story.drafts() == []
        told = story.person.reads("drafts", "now", str(event.id))
        assert "laid when kitchenwall looks next" in told
        story.person.laid("Your application", PATIENCE)
    assert len(story.drafts()) == 1
    assert story.person.types("drafts", "now", str(event.id)).code == 64


def test_a_pause_ends_by_itself(story: Story) -> None:
    story.configure('when = "pause"\npause_hours = 0.001')
    with running(story):
        story.comes(JANE, "Your application", NO)
        story.events(1)
        assert "waits until" in story.person.reads("drafts")
        story.person.laid("Your application", PATIENCE)
    assert len(story.drafts()) == 1


def test_what_was_answered_while_its_draft_waited_gets_none(story: Story) -> None:
    story.configure('when = "pause"\npause_hours = 0.02')  # 72 seconds, begun an hour ago
    with running(story):
        pass
    said_no = story.comes(JANE, "Your application", NO)
    story.writes(0, JANE, "Re: Your application", "Thank you for telling me.", said_no)
    _aged(story)
    with running(story):
        until(lambda: story.person.event("Your application").draft == "skipped", PATIENCE)
    assert story.drafts() == []
