"""The demo's mails are invented, kind and well-formed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from kitchenwall.demo.mails import ADDRESS, Mail, mails
from kitchenwall.domain.journal import EventKind

NOW = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
MAILS = mails()
each = pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)


def test_fifteen_lie_there_and_three_arrive() -> None:
    assert [mail.arrives for mail in MAILS] == [False] * 15 + [True] * 3


def test_no_two_have_the_same_name() -> None:
    assert len({mail.name for mail in MAILS}) == len(MAILS)


def test_they_lie_there_in_the_order_in_which_they_came() -> None:
    times = [mail.sent(NOW) for mail in MAILS]
    assert times == sorted(times)


def test_every_kind_of_end_is_met() -> None:
    kinds = {kind.value for kind in EventKind if kind is not EventKind.DISMISSED}
    assert {mail.expect for mail in MAILS} == kinds | {"nothing"}


@each
def test_it_is_young_enough_to_be_answered(mail: Mail) -> None:
    assert timedelta(0) <= NOW - mail.sent(NOW) < timedelta(days=14)


@each
def test_its_bytes_survive_a_server(mail: Mail) -> None:
    data = mail.data(NOW)
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", data)
    assert data.endswith(b"\r\n")


@each
def test_a_mail_program_reads_its_text(mail: Mail) -> None:
    read = message_from_bytes(mail.data(NOW), policy=policy.default)
    assert str(read["Message-ID"]).endswith(".example>")
    assert ADDRESS in str(read["To"])
    if not mail.nested:
        body = read.get_body()
        assert body is not None
        assert body.get_content().split() == mail.text.split()


@each
def test_every_address_and_every_site_is_an_example(mail: Mail) -> None:
    text = "\n".join((mail.sender, mail.subject, mail.text, *mail.headers.values()))
    hosts = re.findall(r"(?:@|://)([\w.-]+\w)", text)
    assert hosts
    assert all(host.endswith(".example") for host in hosts)


@each
def test_nobody_shouts(mail: Mail) -> None:
    assert "!" not in mail.subject + mail.text
    assert not re.search(r"\b[A-Z]{5,}\b", mail.subject + mail.text)
