"""The human being behind a no-reply, from what the mailbox knows and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from kitchenwall.domain.facts import Fact, Facts, Stage
from kitchenwall.domain.human import house_of, human_for, humans_around, unheard, wants_a_human
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.plan import Ask, Draft, Hold, NoRoute, Note, Route
from tests.domain.test_routing import ME, NOON, SENDERS, mail

SYSTEM = "no-reply@us.greenhouse-mail.io"
ACME = Facts(company=Fact("Acme & Sons Ltd", ""), role=Fact("Data Engineer", ""))
NO = mail(SYSTEM)
ROBIN = "robin@home.example"


def earlier(
    sender: str, days: int, text: str = "Hello Robin, about your application", **more: object
) -> Message:
    when = NOON - timedelta(days=days)
    named = {
        "key": f"{sender} {days} {text[:20]}",
        "received": when,
        "message_id": f"<{days}@x.example>",
    }
    return mail(sender, text=text, **{**named, **more})


def found(*mails: Message, no: Message = NO, facts: Facts = ACME) -> Route | None:
    return human_for(no, facts, mails, ME, SENDERS)


def test_a_recruiter_who_wrote_is_found_with_the_thread_and_the_evidence() -> None:
    talk = earlier("Jane Doe <jane.doe@acmesons.example>", 30)
    route = found(talk)
    assert route == Route(
        Address("jane.doe@acmesons.example", "Jane Doe"),
        "this person wrote to you on 2026-01-31",
        talk,
    )


@pytest.mark.parametrize(
    ("sender", "is_known"),
    [
        ("Jane Doe <jane.doe@acmesons.example>", True),
        ("Jane Doe <jane.doe@acme-sons.example>", True),
        ("Jane Doe <jane.doe@mail.acmesons.example>", True),
        ("Jane <jane@acmesons.example>", True),
        ("Acme Jobs <jobs@acmesons.example>", False),
        ("Acme <noreply@acmesons.example>", False),
        ("Jane Doe <jane.doe@other.example>", False),
        ("Jane Doe <jane.doe@gmail.com>", False),
        ("Robin Example <robin@home.example>", False),
    ],
)
def test_only_people_of_the_company_count(sender: str, is_known: bool) -> None:
    assert (found(earlier(sender, 30)) is not None) == is_known


def test_a_private_mail_from_somebody_there_is_no_way_to_an_application() -> None:
    assert found(earlier("Jane Doe <jane.doe@acmesons.example>", 30, "Dinner on Friday?")) is None


@pytest.mark.parametrize("company", ["Proton", "Orange", "GMX"])
def test_neighbours_at_a_mail_provider_are_no_people_of_it(company: str) -> None:
    domain = {"Proton": "proton.me", "Orange": "orange.fr", "GMX": "gmx.de"}[company]
    mails = earlier(f"Jane Doe <jane.doe@{domain}>", 30)
    assert found(mails, facts=Facts(company=Fact(company, ""))) is None
    house = house_of(NO, Facts(company=Fact(company, "")), ME, SENDERS)
    assert humans_around(NO, house) is None, "and their mails are not even asked for"


def test_an_agency_s_client_is_a_stranger() -> None:
    relayed = replace(ACME, stage=Stage.AGENCY_RELAY)
    assert found(earlier("Jane Doe <jane.doe@acmesons.example>", 30), facts=relayed) is None


def test_behind_a_mail_that_may_be_forged_nobody_is_looked_for() -> None:
    failed = ("mx.home.example; dmarc=fail header.from=greenhouse-mail.io",)
    forged = mail(SYSTEM, auth_results=failed)
    assert found(earlier("Jane Doe <jane.doe@acmesons.example>", 30), no=forged) is None


def test_nobody_is_made_up() -> None:
    assert found() is None
    assert found(facts=Facts()) is None


def test_who_called_the_appointment_comes_before_who_only_wrote() -> None:
    wrote = earlier("Jane Doe <jane.doe@acmesons.example>", 30)
    called = earlier(
        "Calendar <calendar-notification@google.com>",
        25,
        kinds=("text/calendar",),
        calendar_method="REQUEST",
        organizer=Address("kim.lee@acmesons.example", "Kim Lee"),
    )
    route = found(wrote, called)
    assert route is not None
    assert route.to == Address("kim.lee@acmesons.example", "Kim Lee")
    assert route.within == called


def test_who_knows_this_role_comes_before_who_wrote_about_another() -> None:
    other = earlier("Kim Lee <kim.lee@acmesons.example>", 20, "About the Baker position")
    this = earlier("Jane Doe <jane.doe@acmesons.example>", 40, "About the Data Engineer position")
    route = found(other, this)
    assert route is not None
    assert route.to.spec == "jane.doe@acmesons.example"


def test_the_draft_goes_into_the_newest_thread_with_that_person() -> None:
    old = earlier("Jane Doe <jane.doe@acmesons.example>", 40, "About the Data Engineer position")
    new = earlier("Jane Doe <jane.doe@acmesons.example>", 10)
    route = found(old, new)
    assert route is not None
    assert route.within == new


def test_somebody_the_person_wrote_to_is_known_too() -> None:
    sent = earlier(
        "Robin Example <robin@home.example>", 12,
        to=(Address("jane.doe@acmesons.example", "Jane Doe"),),
    )  # fmt: skip
    route = found(sent)
    assert route is not None
    assert route.within == sent
    assert "you wrote to" in route.because


def test_an_address_in_the_mail_itself_is_a_contact() -> None:
    text = "We chose others. Questions? Write to Jane at jane.doe@acmesons.example."
    route = found(no=mail(SYSTEM, text=text))
    assert route == Route(
        Address("jane.doe@acmesons.example"), "the mail itself names this address", None
    )


@pytest.mark.parametrize(
    "local",
    [
        "privacy", "datenschutz", "unsubscribe", "support", "noreply", "data.protection",
        "ochrona.danych", "protection.donnees", "customer.care", "ethics.hotline", "iod", "welcome",
    ],
)  # fmt: skip
def test_addresses_that_are_not_for_applicants_are_none(local: str) -> None:
    assert found(no=mail(SYSTEM, text=f"We chose others. {local}@acmesons.example")) is None


def test_a_mailbox_for_applications_is_a_contact_too() -> None:
    route = found(no=mail(SYSTEM, text="We chose others. Questions: jobs@acmesons.example"))
    assert route is not None
    assert route.to.spec == "jobs@acmesons.example"


def test_mails_that_came_later_and_our_own_drafts_do_not_count() -> None:
    later = earlier("Jane Doe <jane.doe@acmesons.example>", -1)
    ours = earlier("Jane Doe <jane.doe@acmesons.example>", 5, draft_ref="kw.x")
    assert found(later, ours) is None


def test_a_house_is_known_by_the_sender_s_domain_or_by_the_name() -> None:
    own = house_of(mail("noreply@acme.example"), Facts(), ME, SENDERS)
    assert own.holds("jane@hr.acme.example")
    assert not own.holds("jane@acme2.example")
    named = house_of(NO, ACME, ME, SENDERS)
    assert named.holds("jane@acmesons.example")
    assert not named.holds("jane@greenhouse-mail.io")
    assert not house_of(mail("x@gmail.com"), Facts(), ME, SENDERS).domains


def test_the_person_s_own_house_is_nobody_s() -> None:
    house = house_of(NO, Facts(company=Fact("Home", "")), ME, SENDERS)
    assert not house.holds("jane@home.example")
    assert humans_around(NO, house) is None


def test_the_search_is_bounded_and_goes_four_years_back() -> None:
    near = humans_around(NO, house_of(NO, ACME, ME, SENDERS))
    assert near is not None
    assert near.headers_most == 2_000
    assert near.since == NO.written - timedelta(days=4 * 365)
    assert near.both_ways


def test_a_human_is_looked_for_only_where_a_letter_would_be_written() -> None:
    nobody = NoRoute("nobody reads it")
    to = Address("x@y.example")
    assert wants_a_human(Note("nobody reads it"), nobody)
    assert wants_a_human(Ask("perhaps"), nobody)
    assert not wants_a_human(Note("it is too old"), nobody)
    assert not wants_a_human(Ask("perhaps", to), nobody)
    assert not any(wants_a_human(plan, nobody) for plan in (Draft(to, ""), Hold("", to)))


def test_where_nobody_is_found_the_next_best_way_is_named() -> None:
    said = unheard(NoRoute("nobody reads it"), ACME).because
    assert said.startswith("nobody reads it, and nobody of Acme & Sons Ltd is in your mail")
    assert "if you have met somebody" in said
