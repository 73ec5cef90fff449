"""A mail is taken apart by fixed rules, and every loop over it ends."""

from __future__ import annotations

import pytest

from kitchenwall.domain.parts import (
    DEPTH_CAP,
    FIELD_CAP,
    HEADER_CAP,
    PARTS_CAP,
    TEXT_CAP,
    field,
    fields,
    header_of,
    kind_of,
    parts,
    text_part,
)

MIXED = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


def kinds(raw: bytes) -> list[str]:
    return [part.kind for part in parts(raw)]


@pytest.mark.parametrize(
    ("raw", "header"),
    [
        (b"A: b\r\n\r\nbody", b"A: b\r\n"),
        (b"A: b\n\nbody\r\n\r\n", b"A: b\n"),
        (b"A: b\n\r\nbody\n\n", b"A: b\n"),
        (b"A: b\r\n", b"A: b\r\n"),
        (b"\r\nbody", b""),
        (b"\nbody", b""),
        (b"", b""),
    ],
)
def test_a_header_ends_at_the_first_empty_line(raw: bytes, header: bytes) -> None:
    assert header_of(raw) == header


def test_a_folded_field_is_one_and_a_line_that_is_none_is_skipped() -> None:
    header = b"A : b\r\n\tc\r\nrubbish\r\n d\r\nE:f\r\na: second"
    assert list(fields(header)) == [
        (b"A", b" b\r\n\tc\r"),
        (b"E", b"f\r"),
        (b"a", b" second"),
    ]
    assert field(header, b"a") == b"b c"
    assert field(header, b"z") == b""


def test_a_long_field_and_a_long_header_are_cut() -> None:
    assert len(field(b"A: " + b"x" * 2 * FIELD_CAP, b"A")) == FIELD_CAP - 1
    header = header_of(b"A: b\r\n" * HEADER_CAP)
    assert len(header) == HEADER_CAP
    assert {value for _, value in fields(header)} == {b" b\r"}


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (b"Text/HTML; charset=x", "text/html"),
        (b"text/html", "text/html"),
        (b"text", "text/plain"),
        (b"te xt/html", "text/plain"),
        (b"", "text/plain"),
    ],
)
def test_a_kind_that_cannot_be_read_is_plain_text(written: bytes, kind: str) -> None:
    assert kind_of(b"Content-Type: " + written) == kind


def test_parts_come_in_order_with_the_mail_itself_first() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=b2\r\n\r\n--b2\r\n\r\nx\r\n--b2--\r\n"
    raw = MIXED + b"--b\r\n" + inner + b"--b\r\nContent-Type: image/png\r\n\r\ny\r\n--b--\r\n"
    assert kinds(raw) == ["multipart/mixed", "multipart/alternative", "text/plain", "image/png"]
    assert [part.depth for part in parts(raw)] == [0, 1, 2, 1]
    assert [part.body(raw) for part in parts(raw)][2:] == [b"x", b"y"]


def test_a_nested_mail_is_not_opened() -> None:
    raw = MIXED + b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n--b--"
    assert kinds(raw) == ["multipart/mixed", "message/rfc822"]
    assert text_part(raw) == b""


def test_an_attachment_is_no_text() -> None:
    attached = b"--b\r\nContent-Disposition: attachment\r\n\r\nno\r\n"
    named = b'--b\r\nContent-Disposition: inline; filename="n.txt"\r\n\r\nno\r\n'
    marked = b"--b\r\nContent-Type: text/html\r\n\r\nyes\r\n--b--"
    assert text_part(MIXED + attached + named + marked) == b"yes"


def test_the_text_is_cut_before_it_is_decoded() -> None:
    assert len(text_part(b"A: b\r\n\r\n" + b"x" * 2 * TEXT_CAP)) == TEXT_CAP


def test_depth_and_number_of_parts_are_bounded() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=n%d\r\n\r\n--n%d\r\n" % (level, level)
        for level in range(100)
    )
    assert max(part.depth for part in parts(deep)) == DEPTH_CAP
    assert parts(deep)[-1].unopened
    assert len(parts(MIXED + b"--b\r\n\r\nx\r\n" * 5_000)) == PARTS_CAP


def test_lines_that_look_like_a_boundary_are_counted() -> None:
    hidden = MIXED + b"--bb\r\n" * 50_000 + b"--b\r\n\r\nx\r\n--b--\r\n"
    assert [part.unopened for part in parts(hidden)] == [True]


def test_a_multipart_without_its_boundary_is_itself_and_text() -> None:
    assert kinds(MIXED + b"only text") == ["multipart/mixed", "text/plain"]
    assert text_part(MIXED + b"only text") == b"only text"
