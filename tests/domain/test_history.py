"""What earlier mails prove about a rejection that is silent, and what they leave open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.adapters.senders import load_senders
from kitchenwall.domain.around import around
from kitchenwall.domain.detection import judge
from kitchenwall.domain.facts import Facts, Stage
from kitchenwall.domain.gathering import gather
from kitchenwall.domain.history import is_silent, recall
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.routing import Identity
from kitchenwall.domain.traces import Reader

WHEN = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)
ANNA = Address("anna@mail.example", "Anna Berg")
JO = Address("jo.marsh@larkfield.example", "Jo Marsh")
JOBS = Address("jobs@larkfield.example", "Larkfield Jobs")
SYSTEM = Address("no-reply@us.greenhouse-mail.io", "no-reply")
TENANT = Address("no-reply@larkfield.teamtailor-mail.com", "no-reply")
READER = Reader(
    packs=load_packs(),
    senders=load_senders(),
    who=Identity(addresses=frozenset({ANNA.spec}), default=ANNA),
)

BARE = "Hi Anna,\n\nwe went with another candidate. I am sorry.\n\nJo"
RECEIPT = "Thank you for applying to Larkfield. We have received your application and will read it."
BLIND_RECEIPT = "We have received your application and will be in touch."
PHONE = "Thank you for your application. Could we schedule a phone call on Tuesday?"
TEST = "Please complete the coding challenge within five days; the link is below."
INTERVIEW = "We would like to invite you to an interview at our office on Monday."
FINAL = "We would like to invite you to the final round with our founders."
NO = "Unfortunately we have decided not to move forward with your application."
HELLO = "Could you tell me your notice period, please? It helps us to plan."


@dataclass(frozen=True, slots=True, kw_only=True)
class Was:
    """A mail that came so many days before the rejection."""

    days: float
    text: str
    sender: Address = JO
    subject: str = "Your application"
    thread: bool = False
    kinds: tuple[str, ...] = ()
    method: str = ""
    starts: float | None = None
    id: str = ""


def mail(was: Was, number: int = 0) -> Message:
    written = WHEN - timedelta(days=was.days)
    return Message(
        key=f"key {number}",
        sender=was.sender,
        to=(ANNA,),
        received=written,
        subject=was.subject,
        text=was.text,
        own_words=was.text,
        message_id=was.id or f"<{number}@larkfield.example>",
        references=("<first@larkfield.example>",) if was.thread else (),
        kinds=was.kinds,
        calendar_method=was.method,
        calendar_start=None if was.starts is None else WHEN - timedelta(days=was.starts),
    )


def told(*before: Was, **now: Any) -> Facts:
    """The facts of a bare no from Jo in the thread <first@...>, with what the earlier mails add."""
    message = replace(
        mail(Was(days=0, text=BARE, thread=True, id="<no@larkfield.example>"), 999), **now
    )
    facts = gather(message, judge(message, READER.packs), READER.packs)
    near = around(message, READER.who, READER.senders)
    assert near is not None
    mails = [mail(was, number) for number, was in enumerate(before)]
    return recall(message, facts, mails, near, READER)


def company(facts: Facts) -> str | None:
    return facts.company.value if facts.company else None


LARK = "Larkfield"
ELSEWHERE = Address("mia@stonewall.example", "Mia Kant")
MAILER = Address("mia@gmail.com", "Mia Kant")


@pytest.mark.parametrize(
    ("before", "stage", "name"),
    [
        ((), Stage.UNKNOWN, None),
        ((Was(days=30, text=RECEIPT, sender=JOBS),), Stage.CV_SCREEN, LARK),
        ((Was(days=30, text=RECEIPT), Was(days=20, text=TEST)), Stage.ASSESSMENT, LARK),
        ((Was(days=30, text=RECEIPT), Was(days=20, text=PHONE)), Stage.PHONE_SCREEN, LARK),
        ((Was(days=20, text=PHONE), Was(days=9, text=INTERVIEW)), Stage.INTERVIEW, LARK),
        ((Was(days=9, text=INTERVIEW), Was(days=20, text=FINAL)), Stage.FINAL, LARK),
        ((Was(days=9, text=HELLO),), Stage.UNKNOWN, None),
        ((Was(days=9, text=RECEIPT), Was(days=8, text=HELLO)), Stage.UNKNOWN, LARK),
        ((Was(days=9, text=RECEIPT), Was(days=8, text="Here it is.", sender=ANNA, thread=True)), Stage.UNKNOWN, LARK),
        ((Was(days=9, text=INTERVIEW, sender=ANNA, thread=True),), Stage.UNKNOWN, None),
        ((Was(days=9, text=INTERVIEW, subject="Out of office until Monday"),), Stage.UNKNOWN, None),
        ((Was(days=9, text=INTERVIEW, sender=ELSEWHERE),), Stage.UNKNOWN, None),
        ((Was(days=9, text=INTERVIEW, sender=ELSEWHERE, thread=True),), Stage.INTERVIEW, "Stonewall"),
        ((Was(days=-1, text=INTERVIEW),), Stage.UNKNOWN, None),
        ((Was(days=400, text=INTERVIEW),), Stage.UNKNOWN, None),
    ],
)  # fmt: skip
def test_the_furthest_step_that_is_proved_counts(
    before: tuple[Was, ...], stage: Stage, name: str | None
) -> None:
    facts = told(*before)
    assert (facts.stage, company(facts)) == (stage, name)


@pytest.mark.parametrize(
    "text",
    [
        f"{RECEIPT} Our process has a phone call, a coding test and two interviews.",
        f"{RECEIPT} If your profile fits, we will invite you to an interview.",
        f"{RECEIPT} We may invite you to an interview.",
        f"{RECEIPT} Shortlisted applicants will be invited to an interview.",
        f"{RECEIPT} We have not decided yet whether to invite you to an interview.",
    ],
)
def test_what_may_happen_has_not_happened(text: str) -> None:
    assert told(Was(days=9, text=text, sender=JOBS)).stage is Stage.CV_SCREEN


ROLE = "Thank you for applying for the {} position at Larkfield. We received your application."
INVITED = "We would like to invite you to an interview for the {} position."
BAKER, MILLER = ROLE.format("Baker"), ROLE.format("Miller")


@pytest.mark.parametrize(
    ("before", "subject", "stage"),
    [
        ((Was(days=40, text=BAKER), Was(days=30, text=MILLER), Was(days=9, text=INTERVIEW)), "News", Stage.UNKNOWN),
        ((Was(days=40, text=BAKER), Was(days=30, text=MILLER), Was(days=9, text=INVITED.format("Miller"))),
         "Your application for the Miller position", Stage.INTERVIEW),
        ((Was(days=40, text=BAKER), Was(days=30, text=MILLER), Was(days=9, text=INVITED.format("Miller"))),
         "Your application for the Baker position", Stage.CV_SCREEN),
        ((Was(days=40, text=BAKER), Was(days=30, text=MILLER), Was(days=9, text=INTERVIEW)),
         "Your application for the Baker position", Stage.UNKNOWN),
        ((Was(days=40, text=BAKER), Was(days=30, text=MILLER), Was(days=9, text=INTERVIEW, thread=True)),
         "News", Stage.INTERVIEW),
        ((Was(days=40, text=BLIND_RECEIPT), Was(days=30, text=BLIND_RECEIPT), Was(days=9, text=INTERVIEW)),
         "News", Stage.UNKNOWN),
        ((Was(days=31, text=BLIND_RECEIPT, sender=JOBS), Was(days=30, text=RECEIPT), Was(days=9, text=INTERVIEW)),
         "News", Stage.INTERVIEW),
        ((Was(days=40, text=BAKER), Was(days=35, text=INTERVIEW), Was(days=30, text=NO), Was(days=20, text=MILLER)),
         "News", Stage.CV_SCREEN),
        ((Was(days=40, text=BAKER, thread=True), Was(days=35, text=INTERVIEW), Was(days=30, text=NO, thread=True)),
         "News", Stage.INTERVIEW),
    ],
)  # fmt: skip
def test_of_two_applications_only_the_one_that_is_meant_counts(
    before: tuple[Was, ...], subject: str, stage: Stage
) -> None:
    facts = told(*before, subject=subject)
    assert (facts.stage, company(facts)) == (stage, LARK)


@pytest.mark.parametrize(
    ("before", "stage", "name"),
    [
        ((RECEIPT, INTERVIEW), Stage.UNKNOWN, None),
        ((RECEIPT, RECEIPT.replace("Larkfield", "Stonewall")), Stage.UNKNOWN, None),
    ],
)
def test_an_address_that_many_employers_share_ties_nothing(
    before: tuple[str, ...], stage: Stage, name: str | None
) -> None:
    days = range(20, 0, -1)
    mails = [Was(days=n, text=text, sender=SYSTEM) for n, text in zip(days, before, strict=False)]
    facts = told(*mails, sender=SYSTEM, text=NO, own_words=NO)
    assert (facts.stage, company(facts)) == (stage, name)


def test_a_shared_address_counts_in_its_conversation_or_where_it_names_the_same() -> None:
    receipt = Was(days=20, text=RECEIPT, sender=SYSTEM)
    other = Was(days=19, text=INTERVIEW.replace("office", "Stonewall office"), sender=SYSTEM)
    thread = told(replace(receipt, thread=True), other, sender=SYSTEM, text=NO, own_words=NO)
    assert (thread.stage, company(thread)) == (Stage.UNKNOWN, LARK)
    words = f"Thank you for applying to Larkfield. {NO}"
    named = told(receipt, sender=SYSTEM, text=words, own_words=words)
    assert (named.stage, company(named)) == (Stage.CV_SCREEN, LARK)


def test_an_address_of_one_tenant_is_the_tenants() -> None:
    jane = Address("jane.doe@larkfield.teamtailor-mail.com", "Jane Doe")
    facts = told(
        Was(days=20, text=RECEIPT, sender=TENANT),
        Was(days=9, text=INTERVIEW, sender=jane),
        sender=TENANT,
        text=NO,
        own_words=NO,
    )
    assert (facts.stage, company(facts)) == (Stage.INTERVIEW, LARK)


def test_two_companies_at_one_agency_leave_both_open() -> None:
    two = (RECEIPT, RECEIPT.replace("Larkfield", "Stonewall"))
    facts = told(*(Was(days=n + 9, text=text) for n, text in enumerate(two)))
    assert (facts.stage, company(facts)) == (Stage.UNKNOWN, None)


@pytest.mark.parametrize(
    ("words", "sender"),
    [
        (f"{PHONE} Our client has decided to see you.", JO),
        (PHONE, MAILER),
        (PHONE, Address("jobs@larkfield.example")),
        (PHONE, Address("jo.marsh@ab.example", "Jo Marsh")),
    ],
)
def test_not_every_domain_is_the_company(words: str, sender: Address) -> None:
    facts = told(Was(days=9, text=words, sender=sender), sender=sender)
    assert (facts.stage, company(facts)) == (Stage.PHONE_SCREEN, None)


def appointment(
    subject: str, *, days: float = 9, method: str = "REQUEST", starts: float | None = None
) -> Was:
    kinds = ("text/plain", "text/calendar")
    return Was(days=days, text="", subject=subject, kinds=kinds, method=method, starts=starts)


@pytest.mark.parametrize(
    ("before", "stage"),
    [
        ((appointment("Anna and Jo"),), Stage.INTERVIEW),
        ((appointment("Phone call: Anna and Jo"),), Stage.PHONE_SCREEN),
        ((appointment("Final round", starts=3),), Stage.FINAL),
        ((appointment("Anna and Jo", starts=-3),), Stage.UNKNOWN),
        ((appointment("A"), appointment("A", days=8, method="CANCEL")), Stage.UNKNOWN),
        ((appointment("Accepted: Anna and Jo", method="REPLY"),), Stage.UNKNOWN),
    ],
)
def test_an_appointment_that_took_place_is_a_step(before: tuple[Was, ...], stage: Stage) -> None:
    assert told(*before).stage is stage


def test_a_mail_from_a_system_for_tests_is_a_step() -> None:
    sender = Address("support@hackerrankforwork.com", "HackerRank")
    was = Was(days=9, text="Hello Anna, good luck.", sender=sender, thread=True)
    assert told(was).stage is Stage.ASSESSMENT


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (f"After reviewing your CV with care: {NO}", Stage.CV_SCREEN),
        ("We have cancelled the Line Planner role that you applied for.", Stage.CANCELLED),
        ("The Line Planner position you applied for has been filled.", Stage.POSITION_FILLED),
    ],
)
def test_what_the_mail_says_itself_stays(text: str, stage: Stage) -> None:
    words = f"Thank you for applying to Stonewall. {text}"
    facts = told(Was(days=9, text=INTERVIEW), sender=ELSEWHERE, text=words, own_words=words)
    assert (facts.stage, company(facts)) == (stage, "Stonewall")
    assert "earlier" not in facts.stage_words
    assert not is_silent(facts)


def test_the_words_name_the_mail_that_they_were_read_from() -> None:
    facts = told(Was(days=17, text=INTERVIEW), Was(days=30, text=RECEIPT))
    assert facts.stage_words == f"an earlier mail of 3 March 2026: '{INTERVIEW}'"
    assert facts.company is not None
    assert facts.company.words.startswith("an earlier mail of 18 February 2026: 'Thank you")


def test_the_writers_own_date_counts_where_a_mailbox_was_moved() -> None:
    moved = replace(mail(Was(days=9, text=INTERVIEW)), received=WHEN + timedelta(days=9))
    now = mail(Was(days=0, text=BARE), 1)
    near = around(now, READER.who, READER.senders)
    assert near is not None
    assert recall(now, Facts(), [moved], near, READER).stage is Stage.UNKNOWN
    moved = replace(moved, date=WHEN - timedelta(days=9))
    assert recall(now, Facts(), [moved], near, READER).stage is Stage.INTERVIEW
