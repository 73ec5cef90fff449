"""Whose domain it is, and what the own server could confirm."""

from __future__ import annotations

import pytest

from kitchenwall.domain.origin import fails_dmarc, is_writable, organisation


@pytest.mark.parametrize(
    ("headers", "fails"),
    [
        (("mx.home.example; dmarc=fail",), True),
        (("MX.Home.Example; DMARC=FAIL (p=none)",), True),
        (("mx.home.example 1; spf=pass; dmarc = fail",), True),
        (("mx.home.example; dmarc/1=fail",), True),
        (("mx.home.example; dmarc=pass",), False),
        (("mx.home.example; dmarc=none", "mx.home.example; dmarc=fail"), False),
        (("elsewhere.example; dmarc=fail",), False),
        (("elsewhere.example; dmarc=pass", "mx.home.example; dmarc=fail"), True),
        (('mx.home.example; spf=pass reason="; dmarc=fail"',), False),
        (("mx.home.example; spf=pass (x; (dmarc=fail); dmarc=fail)",), False),
        (("mx.home.example (dmarc=fail); dmarc=pass",), False),
        (("(comment) mx.home.example; dmarc=fail",), True),
        (("mx.home.example.evil.example; dmarc=fail",), False),
        (("mx.home.example; x-dmarc=fail",), False),
        (("((((((((((((((((((((" * 400,), False),
        (("",), False),
        ((), False),
    ],
)
def test_dmarc_counts_as_the_own_server_reports_it(headers: tuple[str, ...], fails: bool) -> None:
    assert fails_dmarc(headers, "mx.home.example") is fails


def test_no_server_is_believed_where_the_own_one_is_unknown() -> None:
    assert not fails_dmarc(("; dmarc=fail", "mx.home.example; dmarc=fail"), "")


@pytest.mark.parametrize(
    ("domain", "house"),
    [
        ("acme.example", "acme.example"),
        ("mail.jobs.acme.example", "acme.example"),
        ("acme.co.uk", "acme.co.uk"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("mail.acme.com.br", "acme.com.br"),
        ("mail.acme.or.at", "acme.or.at"),
        ("mail.acme.de", "acme.de"),
        ("co.uk", "co.uk"),
        ("ACME.Example.", "acme.example"),
        ("example", "example"),
    ],
)
def test_the_house_is_what_one_organisation_owns(domain: str, house: str) -> None:
    assert organisation(domain) == house


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "@",
        "jane",
        "jane@",
        "@acme.example",
        "jane@localhost",
        "jane@[192.0.2.1]",
        "jane doe@acme.example",
        "jane\r\nbcc: x@acme.example",
        "jane..doe@acme.example",
        "jané@acme.example",
        "jane@acme.example\n",
        "jane@-acme.example",
        "x" * 65 + "@acme.example",
        "<jane@acme.example>",
        '"jane doe"@acme.example',
    ],
)
def test_an_address_that_cannot_stand_in_a_header_is_not_written_to(spec: str) -> None:
    assert not is_writable(spec)
