"""Who can be answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.adapters.senders import load_senders
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.origin import is_writable
from kitchenwall.domain.plan import Doubtful, NoRoute, Route
from kitchenwall.domain.routing import Identity, identity_for, is_person, route

SENDERS = load_senders()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ME = Identity(
    addresses=frozenset({"robin@home.example", "robin.example@alias.example"}),
    default=Address("robin@home.example", "Robin Example"),
    authserv_id="mx.home.example",
)
LETTER = (
    "Dear Robin,\n\nthank you for your application for the position of Data Engineer. After careful "
    "review we have decided to move forward with other candidates.\n\nWe wish you all the best.\n\n"
    "Kind regards\nThe Acme team\n"
)


def mail(sender: str, *reply_to: str, text: str = LETTER, **more: object) -> Message:
    """A mail from "Name <address>" or a bare address."""
    fields = {
        "key": "k",
        "received": NOON,
        "sender": address(sender) if sender else None,
        "reply_to": tuple(address(one) for one in reply_to),
        "text": text,
        "own_words": text,
    }
    return Message(**{**fields, **more})  # type: ignore[arg-type]


def address(written: str) -> Address:
    name, _, spec = written.rpartition("<")
    return Address(spec.strip("<> ").lower(), name.strip())


DO_NOT_REPLY = LETTER + "\nPlease do not reply to this email; this mailbox is not monitored.\n"

ROUTES = {
    "a recruiter": (mail("Jane Doe <jane.doe@acme.example>"), "jane.doe@acme.example"),
    "a shared mailbox": (mail("Acme Careers <careers@acme.example>"), "careers@acme.example"),
    "reply-to in the same house": (
        mail("No Reply <no-reply@acme.example>", "Jane Doe <jane@acme.example>"),
        "jane@acme.example",
    ),
    "reply-to on a host of the same house": (
        mail("noreply@mail.acme.example", "jobs@people.acme.example"),
        "jobs@people.acme.example",
    ),
    "reply-to in the same house under co.uk": (
        mail("noreply@mail.acme.co.uk", "jobs@acme.co.uk"),
        "jobs@acme.co.uk",
    ),
    "reply-to at a relay of a known system": (
        mail("noreply@acme.example", "e+a1b2c3.acme@recruitee-email.com"),
        "e+a1b2c3.acme@recruitee-email.com",
    ),
    "a token address of Recruitee": (
        mail("Acme/Data Engineer <e+a1b2c3.acme@recruitee-email.com>"),
        "e+a1b2c3.acme@recruitee-email.com",
    ),
    "a token address of iCIMS": (
        mail("Acme @ icims <acme+email+1a2b-3c4d5e@talent.icims.com>"),
        "acme+email+1a2b-3c4d5e@talent.icims.com",
    ),
    "a dropbox of Workable": (
        mail("Acme <a1b2c3d4@inbound.workablemail.com>"),
        "a1b2c3d4@inbound.workablemail.com",
    ),
    "a tenant of Personio": (mail("Acme <acme-jobs@m.personio.de>"), "acme-jobs@m.personio.de"),
    "a person in Teamtailor": (
        mail("Jane Doe – Acme <jane.doe@acme.teamtailor-mail.com>"),
        "jane.doe@acme.teamtailor-mail.com",
    ),
    "a conversation in Teamtailor": (
        mail("conversations@message.teamtailor.com"),
        "conversations@message.teamtailor.com",
    ),
    "a candidate address of d.vinci": (
        mail("Acme <candidate-12ab@acme.example>"),
        "candidate-12ab@acme.example",
    ),
    "a relay of LinkedIn": (mail("Jane Doe <hit-reply@linkedin.com>"), "hit-reply@linkedin.com"),
    "a relay of Indeed": (mail("Acme <a1b2-c3@indeedemail.com>"), "a1b2-c3@indeedemail.com"),
    "a tenant of Breezy": (mail("Acme <hr@acme.breezy-mail.com>"), "hr@acme.breezy-mail.com"),
    "the second reply-to where the first is silent": (
        mail("noreply@acme.example", "noreply@acme.example", "jane.doe@acme.example"),
        "jane.doe@acme.example",
    ),
    "the sender where the reply-to is silent": (
        mail("jane.doe@acme.example", "noreply@acme.example"),
        "jane.doe@acme.example",
    ),
    "a sender whose reply-to is the person's own": (
        mail("jane.doe@acme.example", "robin@home.example"),
        "jane.doe@acme.example",
    ),
    "a person in reply-to although the text says not to reply": (
        mail("noreply@acme.example", "jane.doe@acme.example", text=DO_NOT_REPLY),
        "jane.doe@acme.example",
    ),
    "a person known by name in a silent system": (
        mail("Jane Doe <jane.doe@ashbyhq.com>"),
        "jane.doe@ashbyhq.com",
    ),
    "a reply-to that cannot be written to": (
        mail("jane.doe@acme.example", "undisclosed"),
        "jane.doe@acme.example",
    ),
    "a condition about not replying": (
        mail(
            "jane.doe@acme.example", text=LETTER + "If you do not reply to this email we delete it."
        ),
        "jane.doe@acme.example",
    ),
    "a do-not-reply line that is only quoted": (
        mail(
            "jane.doe@acme.example",
            text=LETTER + "\nOn 1 March 2026 Acme wrote:\n> Please do not reply to this email.\n",
        ),
        "jane.doe@acme.example",
    ),
    "a first name of its own": (mail("Jane Doe <jane@acme.example>"), "jane@acme.example"),
}

SILENT = {
    "no sender": mail(""),
    "an address without a domain": mail("jane"),
    "no-reply": mail("Acme <no-reply@acme.example>"),
    "noreply with a tag": mail("Acme <noreply+123@acme.example>"),
    "do_not_reply": mail("do_not_reply@acme.example"),
    "donotreply": mail("donotreply@acme.example"),
    "German local part": mail("nicht-antworten@acme.example"),
    "French local part": mail("ne-pas-repondre@acme.example"),
    "Italian local part": mail("non-rispondere@acme.example"),
    "Spanish local part": mail("noresponder@acme.example"),
    "Portuguese local part": mail("nao-responda@acme.example"),
    "Polish local part": mail("nie-odpowiadaj@acme.example"),
    "Dutch local part": mail("niet-beantwoorden@acme.example"),
    "Swedish local part": mail("svar-ej@acme.example"),
    "Danish local part": mail("ikke-svar@acme.example"),
    "Czech local part": mail("neodpovidejte@acme.example"),
    "notifications": mail("notifications@acme.example"),
    "a bounce address": mail("bounce+abc@acme.example"),
    "a display name that says so": mail("Talent (Do Not Reply) <careers@acme.example>"),
    "a German display name that says so": mail("Bitte nicht antworten <karriere@acme.example>"),
    "Greenhouse": mail("Acme <no-reply@us.greenhouse-mail.io>"),
    "Lever": mail("Acme <no-reply@hire.lever.co>"),
    "a tenant of Workday": mail("Acme <acme@myworkday.com>"),
    "Workday under the employer's name": mail("Acme <workday@acme.example>"),
    "an automatic answer of iCIMS": mail("acme+autoreply@talent.icims.com"),
    "Oracle": mail("abcd.fa.sender@workflow.email.eu-frankfurt-1.ocs.oraclecloud.com"),
    "a job alert of Teamtailor": mail("no-reply@acme.teamtailor-mail.com"),
    "LinkedIn": mail("LinkedIn <jobs-noreply@linkedin.com>"),
    "a board": mail("Reed <jobs@reed.co.uk>"),
    "a test vendor": mail("support@hackerrankforwork.com"),
    "text that says so": mail("careers@acme.example", text=DO_NOT_REPLY),
    "a person whose text says so": mail("jane.doe@acme.example", text=DO_NOT_REPLY),
    "a first line that says so": mail(
        "careers@acme.example", text="*** Please do not reply to this message ***\n" + LETTER * 3
    ),
    "German text that says so": mail(
        "karriere@acme.example",
        text=LETTER + "Bitte antworten Sie nicht auf diese automatische E-Mail.",
    ),
    "French text that says so": mail(
        "rh@acme.example", text=LETTER + "Merci de ne pas répondre à ce message."
    ),
    "Spanish text that says so": mail(
        "rrhh@acme.example", text=LETTER + "Por favor, no responda a este correo."
    ),
    "Dutch text that says so": mail(
        "hr@acme.example",
        text=LETTER + "Dit is een automatisch bericht, beantwoorden niet mogelijk.",
    ),
    "Polish text that says so": mail(
        "hr@acme.example", text=LETTER + "Prosimy nie odpowiadać na tę wiadomość."
    ),
    "Italian text that says so": mail(
        "hr@acme.example", text=LETTER + "Si prega di non rispondere a questa e-mail."
    ),
    "Portuguese text that says so": mail(
        "rh@acme.example", text=LETTER + "Não responda a este e-mail."
    ),
    "Swedish text that says so": mail(
        "jobb@acme.example", text=LETTER + "Detta mejl går inte att svara på."
    ),
    "Danish text that says so": mail(
        "job@acme.example", text=LETTER + "Denne mail kan ikke besvares."
    ),
    "Czech text that says so": mail(
        "prace@acme.example", text=LETTER + "Na tento e-mail neodpovídejte."
    ),
    "a shared reply-to whose text says so": mail(
        "noreply@acme.example", "jobs@acme.example", text=DO_NOT_REPLY
    ),
    "a silent sender and a private mailbox elsewhere": mail(
        "noreply@acme.example", "jane.doe.acme@gmail.com"
    ),
    "a silent sender and a silent stranger": mail("noreply@acme.example", "noreply@other.example"),
    "one's own address": mail("robin@home.example"),
    "one's own tagged address": mail("robin+jobs@home.example"),
}

DOUBTFUL = {
    "reply-to in another house": (
        mail("jane.doe@acme.example", "jane.doe@other.example"),
        "jane.doe@acme.example",
        "answers would go to jane.doe@other.example",
    ),
    "a silent sender and a reply-to in another house": (
        mail("no-reply@us.greenhouse-mail.io", "jane.doe@acme.example"),
        "jane.doe@acme.example",
        "it came from us.greenhouse-mail.io",
    ),
    "neighbours at one free provider": (
        mail("acme.hr@gmail.com", "somebody.else@gmail.com"),
        "acme.hr@gmail.com",
        "somebody.else@gmail.com",
    ),
    "anybody can be called workday": (
        mail("jane.doe@acme.example", "workday@other.example"),
        "jane.doe@acme.example",
        "workday@other.example",
    ),
    "anybody can be called candidate": (
        mail("jane.doe@acme.example", "candidate-1a2b@other.example"),
        "jane.doe@acme.example",
        "candidate-1a2b@other.example",
    ),
    "two firms under one country's co": (
        mail("jane.doe@acme.co.uk", "jane.doe@other.co.uk"),
        "jane.doe@acme.co.uk",
        "jane.doe@other.co.uk",
    ),
    "a system that may or may not pass answers on": (
        mail("Acme <acme@smartrecruiters.com>"),
        "acme@smartrecruiters.com",
        "not every employer",
    ),
    "a silent address whose text asks for an answer": (
        mail(
            "no-reply@acme.example",
            text=LETTER + "If you would like feedback, just reply to this email.",
        ),
        "no-reply@acme.example",
        "asks for an answer",
    ),
    "a forged sender": (
        mail(
            "jane.doe@acme.example",
            auth_results=("mx.home.example; spf=pass; dmarc=fail header.from=acme.example",),
        ),
        "jane.doe@acme.example",
        "could not confirm",
    ),
    "a forged sender with a reply-to elsewhere": (
        mail(
            "jane.doe@acme.example",
            "x@other.example",
            auth_results=("mx.home.example; dmarc=fail",),
        ),
        "jane.doe@acme.example",
        "could not confirm",
    ),
    "a stranger behind five own addresses": (
        mail("jane.doe@acme.example", *["robin@home.example"] * 4, "x@other.example"),
        "jane.doe@acme.example",
        "x@other.example",
    ),
}


@pytest.mark.parametrize("name", ROUTES)
def test_somebody_hears_an_answer(name: str) -> None:
    message, expected = ROUTES[name]

    found = route(message, ME, SENDERS)

    assert isinstance(found, Route), found
    assert found.to.spec == expected
    assert found.because


@pytest.mark.parametrize("name", SILENT)
def test_nobody_hears_an_answer(name: str) -> None:
    found = route(SILENT[name], ME, SENDERS)

    assert isinstance(found, NoRoute), found
    assert found.because


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_misleading_address_waits_for_the_person(name: str) -> None:
    message, expected, because = DOUBTFUL[name]

    found = route(message, ME, SENDERS)

    assert isinstance(found, Doubtful), found
    assert found.to.spec == expected
    assert because in found.because


def test_only_the_first_five_reply_to_addresses_are_looked_at() -> None:
    silent = [f"noreply{n}@acme.example" for n in range(5)]

    found = route(mail("noreply@acme.example", *silent, "jane.doe@acme.example"), ME, SENDERS)

    assert isinstance(found, NoRoute)


def test_reasons_are_lower_case_and_without_a_full_stop() -> None:
    messages = (
        *(m for m, _ in ROUTES.values()),
        *SILENT.values(),
        *(d[0] for d in DOUBTFUL.values()),
    )
    for message in messages:
        because = route(message, ME, SENDERS).because
        assert not because.endswith(".")
        assert "\n" not in because


IDENTITIES: dict[str, tuple[dict[str, tuple[str, ...]], str]] = {
    "the address that it was delivered to": (
        {"delivered_to": ("robin.example@alias.example",), "to": ("robin@home.example",)},
        "robin.example@alias.example",
    ),
    "an alias in To although it lies in the default mailbox": (
        {"delivered_to": ("robin@home.example",), "to": ("robin.example@alias.example",)},
        "robin.example@alias.example",
    ),
    "an alias before the last hop": (
        {"delivered_to": ("robin@home.example", "robin.example@alias.example")},
        "robin.example@alias.example",
    ),
    "the default in To, an alias in Cc": (
        {"to": ("robin@home.example",), "cc": ("robin.example@alias.example",)},
        "robin@home.example",
    ),
    "an alias in Cc alone": (
        {"cc": ("robin.example@alias.example",)},
        "robin.example@alias.example",
    ),
    "a tagged address as it was written": (
        {"to": ("robin+acme@home.example",)},
        "robin+acme@home.example",
    ),
    "nobody's address": ({"to": ("undisclosed@acme.example",)}, "robin@home.example"),
    "nothing at all": ({}, "robin@home.example"),
    "somebody with a longer name": (
        {"to": ("xrobin@home.example", "robin@home.example.other.example")},
        "robin@home.example",
    ),
    "capitals": ({"delivered_to": ("Robin.Example@Alias.Example",)}, "robin.example@alias.example"),
    "a tag that could break a header": (
        {"delivered_to": ("robin+a b<x>@home.example",)},
        "robin@home.example",
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_a_mail_is_answered_from_the_address_it_was_meant_for(name: str) -> None:
    lines, expected = IDENTITIES[name]
    delivered = lines.get("delivered_to", ())
    to, cc = (tuple(Address(one) for one in lines.get(line, ())) for line in ("to", "cc"))

    found = identity_for(mail("jane@acme.example", delivered_to=delivered, to=to, cc=cc), ME)

    assert found == Address(expected, "Robin Example")


@pytest.mark.parametrize(
    ("written", "is_so"),
    [
        ("jane.doe@acme.example", True),
        ("jane_van_doe@acme.example", True),
        ("j.doe+tag@acme.example", True),
        ("Jane Doe <jane@acme.example>", True),
        ("Jane Doe <jdoe@acme.example>", True),
        ("Jane Döe <janedoe@acme.example>", True),
        ("jane@acme.example", False),
        ("talent.acquisition@acme.example", False),
        ("acme.careers@acme.example", False),
        ("no.reply@acme.example", False),
        ("Jane Doe <hr@acme.example>", False),
        ("Acme Careers <careers@acme.example>", False),
    ],
)
def test_a_person_is_known_by_the_address(written: str, is_so: bool) -> None:
    assert is_person(address(written), SENDERS) is is_so


def test_the_table_knows_systems_by_the_end_of_their_domain() -> None:
    assert len(set(map(id, SENDERS.by_domain.values()))) >= 84
    assert SENDERS.knows("jobs@acme.teamtailor-mail.com")
    assert not SENDERS.knows("jobs@notteamtailor-mail.com")
    assert not SENDERS.knows("x@ripplematch.com")
    assert not SENDERS.knows("x@hackerrank.com")


@pytest.mark.parametrize(
    ("spec", "company"),
    [
        ("acme@myworkday.com", "acme"),
        ("acme+autoreply@talent.icims.com", "acme"),
        ("jane.doe@acme.teamtailor-mail.com", "acme"),
        ("acme-sons-jobs@m.personio.de", "acme-sons"),
        ("e+1a2b.acme@recruitee-email.com", "acme"),
        ("no-reply@acme.comeet-notifications.com", "acme"),
        ("careers@acme-talent.freshteam.com", "acme"),
        ("workday@acme.example", ""),
        ("jane@acme.example", ""),
    ],
)
def test_the_employer_stands_in_the_address(spec: str, company: str) -> None:
    assert SENDERS.company_key(spec) == company


@given(st.text(max_size=300), st.text(max_size=60), st.lists(st.text(max_size=60), max_size=8))
def test_whatever_a_mail_says_there_is_an_answer_that_can_be_written_to(
    text: str, sender: str, reply_to: list[str]
) -> None:
    message = replace(
        mail("jane@acme.example", text=text),
        sender=Address(sender, text[:40]),
        reply_to=tuple(Address(one) for one in reply_to),
    )

    found = route(message, ME, SENDERS)

    assert isinstance(found, NoRoute) or is_writable(found.to.spec)
