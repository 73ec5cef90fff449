"""A row of JSON lines becomes a mail, whatever stands in it."""

from __future__ import annotations

import io
import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.adapters.mailrows import LONGEST_ROW, BadRow, raw_mail, rows


def mail_of(**row: object) -> EmailMessage:
    found = message_from_bytes(raw_mail(row), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def read(data: bytes) -> list[Any]:
    return list(rows(io.BytesIO(data)))


def test_a_row_has_the_fields_of_a_mail() -> None:
    mail = mail_of(
        subject="Your application",
        **{"from": "Jordan Sample <jordan@acme.example>"},
        to="robin@home.example",
        date="Tue, 04 Mar 2025 10:00:00 +0100",
        message_id="a1@acme.example",
        body="Dear Robin,\n\nall the best\n",
    )
    assert mail["Subject"] == "Your application"
    assert mail["From"] == "Jordan Sample <jordan@acme.example>"
    assert mail["To"] == "robin@home.example"
    assert mail["Message-ID"] == "<a1@acme.example>"
    assert mail["Date"] == "Tue, 04 Mar 2025 10:00:00 +0100"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == "Dear Robin,\n\nall the best\n"


def test_letters_of_any_language_come_through() -> None:
    mail = mail_of(subject="Zażółć gęślą jaźń", body="Grüße, 你好", **{"from": "Zoë <z@a.example>"})
    assert mail["Subject"] == "Zażółć gęślą jaźń"
    assert mail["From"].addresses[0].display_name == "Zoë"
    assert mail["From"].addresses[0].addr_spec == "z@a.example"
    assert mail.get_content().strip() == "Grüße, 你好"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Sample, Zoë <z@a.example>", "Sample, Zoë"),
        ("Sample, Jo <z@a.example>", "Sample, Jo"),
        ('"Sample, Jo" <z@a.example>', "Sample, Jo"),
        ("=?utf-8?q?Zo=C3=AB?= <z@a.example>", "Zoë"),
        ("<z@a.example>", ""),
        ("z@a.example", ""),
    ],
)
def test_a_sender_keeps_the_whole_name(written: str, name: str) -> None:
    (sender,) = mail_of(body="x", **{"from": written})["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "z@a.example")


def test_html_stands_beside_the_text_or_alone() -> None:
    both = mail_of(body="plain", html_part="<p>rich --row-0</p>")
    assert [part.get_content_type() for part in both.iter_parts()] == ["text/plain", "text/html"]
    alone = mail_of(body="", html_part="<p>rich</p>")
    assert alone.get_content_type() == "text/html"
    only_said = mail_of(body="plain", html_part=True)
    assert only_said.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2025-03-04 10:00:00", "Tue, 04 Mar 2025 10:00:00 +0000"),
        ("2025-03-04T10:00:00+01:00", "Tue, 04 Mar 2025 10:00:00 +0100"),
        ("2025-03-04", "Tue, 04 Mar 2025 00:00:00 +0000"),
    ],
)
def test_dates_may_be_iso(written: str, read_as: str) -> None:
    assert f"Date: {read_as}".encode() in raw_mail({"body": "", "date": written})


def test_a_line_end_in_a_field_makes_no_field() -> None:
    mail = mail_of(
        subject="one\r\nBcc: eve@evil.example\n\nbody",
        body="real",
        headers={"X-Odd": "a\nBcc: eve@evil.example", "X\nBcc": "eve@evil.example"},
    )
    assert mail["Bcc"] is None
    assert mail.get_content().strip() == "real"


@pytest.mark.parametrize(
    "headers",
    [
        {"List-Id": "<a.example>", "Received": ["one", "two"], "Subject": "real"},
        [["List-Id", "<a.example>"], ["Received", "one"], ["Received", "two"], ["Subject", "real"]],
        [
            {"name": "List-Id", "value": "<a.example>"},
            {"name": "Received", "value": ["one", "two"]},
            {"name": "subject", "value": "real"},
        ],
    ],
)
def test_headers_are_kept_and_count_more(headers: object) -> None:
    mail = mail_of(subject="other", body="x", headers=headers)
    assert mail["List-Id"] == "<a.example>"
    assert mail.get_all("Received") == ["one", "two"]
    assert mail.get_all("Subject") == ["real"]


def test_the_row_says_what_the_body_is() -> None:
    mail = mail_of(body="x", headers={"Content-Type": "multipart/mixed", "MIME-Version": "2.0"})
    assert mail.get_all("Content-Type") == ['text/plain; charset="utf-8"']


def test_what_is_no_row_says_why_and_its_neighbours_go_on() -> None:
    data = b'\xef\xbb\xbf{"body": "a"}\n\n{"body": \n[1]\n{"colour": 3}\n{"body": "b"}'
    first, empty, broken, array, other, last = read(data)
    assert (first, empty, last) == ({"body": "a"}, None, {"body": "b"})
    assert all(isinstance(one, BadRow) for one in (broken, array, other))


def test_an_overlong_line_is_left_out_whole() -> None:
    data = b'{"body": "' + b"x" * (2 * LONGEST_ROW) + b'"}\n{"body": "b"}\n'
    long, last = read(data)
    assert isinstance(long, BadRow)
    assert last == {"body": "b"}


def test_deep_json_is_a_bad_row() -> None:
    assert isinstance(read(b'{"body": ' + b"[" * 100_000 + b"\n")[0], BadRow)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["subject", "from", "to", "date", "body", "html_part", "message_id", "headers"]
        ),
        _values,
    )
)
def test_any_row_becomes_a_mail(row: dict[str, object]) -> None:
    raw = raw_mail(json.loads(json.dumps(row)))
    header, _, _ = raw.partition(b"\n\n")
    assert b"Content-Type:" in header
    assert header.isascii()


@given(st.text(), st.text())
def test_no_value_adds_a_field(subject: str, name: str) -> None:
    header, _, _ = raw_mail({"subject": subject, "from": name, "body": ""}).partition(b"\n\n")
    fields = [line.partition(b":")[0] for line in header.split(b"\n") if line[:1] not in b" \t"]
    known = {b"Subject", b"From", b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding"}
    assert set(fields) <= known
    assert len(fields) == len(set(fields))
