"""Seven fields of a mail are read quickly, and rightly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.adapters.headers import Headlines, read_headlines

PLAIN = (
    b"From: Jo <jo@acorn.example>\r\nSubject: Your application\r\nDate: Mon, 2 Mar 2026 08:00:00 +0000\r\n"
    b"Message-ID: <a@acorn.example>\r\nReply-To: hr@acorn.example\r\nList-Id: <l.acorn.example>\r\n"
    b"Auto-Submitted: no\r\n\r\n"
)


def test_all_seven_are_read() -> None:
    assert read_headlines(PLAIN) == Headlines(
        "Jo <jo@acorn.example>", "Your application", "Mon, 2 Mar 2026 08:00:00 +0000",
        "<a@acorn.example>", "hr@acorn.example", "<l.acorn.example>", "no",
    )  # fmt: skip


@pytest.mark.parametrize("name", [b"subject", b"SUBJECT", b"SuBjEcT", b"Subject "])
def test_names_are_read_in_any_case(name: bytes) -> None:
    assert read_headlines(name + b": hello\r\n\r\n").subject == "hello"


def test_folded_and_encoded_fields_are_read() -> None:
    raw = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n  and more\r\nFrom: M\xfcller <m@acorn.example>\r\n"
    assert read_headlines(raw).subject.split() == ["Grüße", "and", "more"]
    assert read_headlines(raw).sender == "Müller <m@acorn.example>"


def test_the_first_of_two_counts_and_a_missing_one_is_empty() -> None:
    found = read_headlines(b"Subject: one\r\nSubject: two\r\n")
    assert (found.subject, found.sender) == ("one", "")


@given(st.binary(max_size=400))
def test_nothing_raises(raw: bytes) -> None:
    assert len(read_headlines(raw)) == 7
