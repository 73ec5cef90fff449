"""A mail is read as a person would read it, and costs little whatever it holds."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitchenwall.adapters.mime import peek_ref, read_message, reduced_mail
from kitchenwall.domain.identity import draft_ref, key_of
from kitchenwall.domain.message import Address, Arrival, Cursor, Message
from kitchenwall.domain.parts import TEXT_CAP, header_of, parts
from kitchenwall.errors import UnreadableMessage

RECEIVED = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
REF = draft_ref("cd" * 32, 0)
HEADER = b"From: Ida Berg <ida@acme.example>\r\nMessage-ID: <1@acme.example>\r\n"


def arrival(raw: bytes) -> Arrival:
    return Arrival(
        account="home",
        login="anna@home.example",
        folder="INBOX",
        cursor=Cursor(1, 7),
        received=RECEIVED,
        size=len(raw),
        raw=raw,
    )


def read(raw: bytes) -> Message:
    return read_message(arrival(raw))


def with_header(*lines: str, body: str = "text") -> Message:
    return read("\r\n".join((*lines, "", body)).encode())


def part(kind: str, body: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join((b"Content-Type: " + kind.encode(), *lines, b"", body))


def multipart(subtype: str, *inner: bytes, boundary: str = "b") -> bytes:
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\r\n" + one + b"\r\n" for one in inner) + mark + b"--\r\n"
    return part(f'multipart/{subtype}; boundary="{boundary}"', body)


def test_every_field_of_a_plain_mail_is_read() -> None:
    message = with_header(
        "Return-Path: <bounce@acme.example>",
        "Delivered-To: Anna@Home.example",
        "X-Original-To: jobs@home.example",
        "Authentication-Results: mx.home.example; dmarc=pass",
        "Authentication-Results: other.example; dmarc=fail",
        "From: =?utf-8?q?Ida_B=C3=A9rg?= <Ida@Acme.example>",
        'Reply-To: "Jobs, ACME" <jobs@acme.example>',
        "To: Anna <anna@home.example>, bo@home.example",
        "Cc: team@acme.example",
        "Subject: Your",
        "  application",
        "Date: Tue, 3 Mar 2026 09:15:00 +0100",
        "Message-ID: <1@acme.example>",
        "In-Reply-To: <0@home.example>",
        "References: <a@home.example>",
        " <0@home.example>",
        "Auto-Submitted: Auto-Generated; by=ats",
        "Precedence: Bulk",
        "List-Id: Jobs <jobs.acme.example>",
        "List-Post: <mailto:list@acme.example>",
        "List-Unsubscribe: <https://acme.example/u>",
        body="Dear Anna,\r\n\r\nwe regret.\r\n",
    )
    assert message.sender == Address("ida@acme.example", "Ida B\xe9rg")
    assert message.reply_to == (Address("jobs@acme.example", "Jobs, ACME"),)
    assert [to.spec for to in message.to] == ["anna@home.example", "bo@home.example"]
    assert message.cc == (Address("team@acme.example"),)
    assert message.subject == "Your application"
    assert message.date == datetime(2026, 3, 3, 8, 15, tzinfo=UTC)
    assert message.received == RECEIVED
    assert message.message_id == "<1@acme.example>"
    assert message.in_reply_to == ("<0@home.example>",)
    assert message.references == ("<a@home.example>", "<0@home.example>")
    assert message.delivered_to == ("anna@home.example", "jobs@home.example")
    assert message.return_path == "bounce@acme.example"
    assert message.auto_submitted == "auto-generated"
    assert message.precedence == "bulk"
    assert message.list_id == "Jobs <jobs.acme.example>"
    assert message.list_post == "<mailto:list@acme.example>"
    assert message.list_unsubscribe
    assert message.auth_results == ("mx.home.example; dmarc=pass", "other.example; dmarc=fail")
    assert message.kinds == ("text/plain",)
    assert message.text == "Dear Anna,\n\nwe regret."
    assert message.own_words.strip() == message.text
    assert not message.came_as_html
    assert not message.has_forward
    assert message.draft_ref is None


def test_what_a_mail_does_not_say_is_empty() -> None:
    message = with_header("Subject: x")
    assert message.sender is None
    assert message.message_id is None
    assert message.return_path is None
    assert message.date is None
    assert message.to == ()
    assert message.references == message.delivered_to == ()


def test_the_empty_return_path_of_a_bounce_is_not_a_missing_one() -> None:
    assert with_header("Return-Path: <>").return_path == ""


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ('"Doe, Jo" <jo@acme.example>', Address("jo@acme.example", "Doe, Jo")),
        ("=?utf-8?Q?Doe,_Jo?= <jo@acme.example>", Address("jo@acme.example", "Doe, Jo")),
        ("=?utf-8?q?a=0D=0ABcc:_x?= <jo@acme.example>", Address("jo@acme.example", "a Bcc: x")),
        ("=?utf-8?q?Z=C3?= =?utf-8?q?=BCrich?= <j@a.example>", Address("j@a.example", "Z\xfcrich")),
        ("Z\xfcrich <jo@acme.example>", Address("jo@acme.example", "Z\xfcrich")),
        ("ACME: HR <jo@acme.example>", Address("jo@acme.example")),
        ('"boss@big.example" <jo@acme.example>', Address("jo@acme.example", "boss@big.example")),
        ("=?nonsense?q?Z=FCrich?= <jo@acme.example>", Address("jo@acme.example", "Z\xfcrich")),
        ("<jo@acme.example> <bo@acme.example>", None),
        ("=?utf-8?q?jo=40acme.example?=", None),
        ("undisclosed-recipients:;", None),
        ("\ue0009\ue001 <jo@acme.example>", Address("jo@acme.example", "9")),
    ],
)
def test_a_sender_is_read_however_the_name_is_written(
    written: str, address: Address | None
) -> None:
    assert with_header(f"From: {written}").sender == address


def test_raw_windows_characters_in_a_header_are_kept() -> None:
    message = read(b"From: Z\xfcrich <ida@acme.example>\r\nSubject: Gr\xfc\xdfe \x80\r\n\r\nx")
    assert message.sender == Address("ida@acme.example", "Z\xfcrich")
    assert message.subject == "Gr\xfc\xdfe \u20ac"


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("=?utf-8?q?Hallo?= =?utf-8?q?_Welt?=", "Hallo Welt"),
        ("=?utf-8?q?Hallo?= Welt =?utf-8?q?!?=", "Hallo Welt !"),
        ("=?utf-8?b?w7w?= =?utf-8?b?!?=", "\xfc"),
        ("=?iso-8859-1?q?abc=FC", "=?iso-8859-1?q?abc=FC"),
        ("=?utf-8*en?q?a?=", "a"),
        ("=?gb2312?b?1tC5+g==?=", "\u4e2d\u56fd"),
        ("a=?utf-8?q?b?=c", "abc"),
        ("x\u202ey\u200b z\u2066", "xy z"),
        ("u\u0308ber", "\xfcber"),
        ("{{7*7}} {% raw %}", "{{7*7}} {% raw %}"),
        ("=?unicode_escape?q?=5Cud800?=", "\\ud800"),
        ("=?punycode?q?a-b?=", "a-b"),
    ],
)
def test_a_subject_is_one_clean_line(written: str, subject: str) -> None:
    assert with_header(f"Subject: {written}").subject == subject


@pytest.mark.parametrize(
    ("written", "message_id"),
    [
        ("<a@b.example>", "<a@b.example>"),
        ("<a@b.example> (added later)", "<a@b.example>"),
        ("a@b.example", None),
        ("<a b@c.example>", None),
        ("<a@@c.example>", None),
        ("<a@b.example\u202e>", None),
        (f"<{'a' * 250}@b.example>", None),
    ],
)
def test_only_a_well_formed_message_id_is_one(written: str, message_id: str | None) -> None:
    assert with_header(f"Message-ID: {written}").message_id == message_id


def test_a_carriage_return_in_a_message_id_starts_no_header() -> None:
    message = read(b"Message-ID: <a@b.example>\rBcc: evil@b.example\r\nSubject: s\rX: y\r\n\r\nx")
    assert message.message_id == "<a@b.example>"
    assert message.subject == "s X: y"


def test_our_own_draft_is_known_by_its_header_or_its_id() -> None:
    by_header = f"X-Draft-Ref: {REF}\r\n\r\n".encode()
    by_id = f"Message-ID: <{REF}@home.example>\r\n\r\n".encode()
    assert peek_ref(by_header) == peek_ref(by_id) == REF
    assert read(by_id).draft_ref == REF
    assert peek_ref(HEADER) is None
    assert peek_ref(b"X-Draft-Ref: rr1.evil\r\n\r\n") is None
    assert peek_ref(b"\r\nX-Draft-Ref: " + REF.encode()) is None


PLAIN = part("text/plain", b"the plain words")
HTML = part("text/html", b"<p>the <b>marked</b> words</p>")


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (multipart("alternative", PLAIN, HTML), "the plain words"),
        (multipart("alternative", part("text/plain", b" \r\n"), HTML), "the marked words"),
        (
            multipart("alternative", part("text/plain", b"This mail needs an HTML viewer."), HTML),
            "the marked words",
        ),
        (part("text/plain", b"This mail needs an HTML viewer."), "This mail needs an HTML viewer."),
        (part("text/plain", b"<html><p>in truth marked"), "in truth marked"),
        (multipart("mixed", part("application/pdf", b"%PDF"), PLAIN), "the plain words"),
        (
            multipart(
                "mixed",
                part("text/plain", b"notes", b"Content-Disposition: attachment; filename=n.txt"),
                HTML,
            ),
            "the marked words",
        ),
        (multipart("mixed", part("message/rfc822", HEADER + b"\r\nforwarded")), ""),
        (multipart("report", PLAIN, part("message/delivery-status", b"Action: failed")), ""),
        (
            multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="b2")),
            "the plain words",
        ),
        (part("multipart/mixed; boundary=gone", b"no boundary here"), "no boundary here"),
        (part("multipart/mixed", b"--x\r\n" + PLAIN + b"\r\n--x--\r\n"), "the plain words"),
        (part("multipart/mixed; boundary=b", b"--b\r\n" + PLAIN), "the plain words"),
        (part("multipart/mixed; boundary=b", b"--b\nno header\n--b--"), "no header"),
        (
            part("multipart/mixed; boundary=b", b"--b\nContent-Type: text/plain\nno gap\n--b--"),
            "no gap",
        ),
        (multipart("digest", b"\r\n" + HEADER + b"\r\nanother's words"), ""),
        (b"Content-Type: nonsense\r\n\r\nstill text", "still text"),
        (part("text/plain", b"whole", b"Content-Disposition: attachment; filename=m.txt"), "whole"),
    ],
)
def test_the_text_is_what_a_person_would_read(mail: bytes, text: str) -> None:
    assert read(HEADER + mail).text == text


@pytest.mark.parametrize(
    ("kind", "encoding", "body", "text"),
    [
        ("text/plain; charset=utf-8", "8bit", "Gr\xfc\xdfe".encode(), "Gr\xfc\xdfe"),
        ("text/plain", "8bit", "Gr\xfc\xdfe".encode(), "Gr\xfc\xdfe"),
        ("text/plain", "8bit", b"Gr\xfc\xdfe \x93x\x94", "Gr\xfc\xdfe \u201cx\u201d"),
        ("text/plain; charset=iso-8859-1", "8bit", b"\x80 5", "\u20ac 5"),
        ("text/plain; charset=us-ascii", "8bit", b"Gr\xfc\xdfe", "Gr\xfc\xdfe"),
        ("text/plain; charset=klingon", "8bit", "\xfc".encode(), "\xfc"),
        ("text/plain; charset=base64", "8bit", b"plain", "plain"),
        (
            'text/plain; charset="utf-8"',
            "quoted-printable",
            b"Gr=C3=BC=C3=\r\n=9Fe =ZZ",
            "Gr\xfc\xdfe =ZZ",
        ),
        ("text/plain; charset=utf-8", "base64", base64.b64encode(b"we regret"), "we regret"),
        ("text/plain; charset=utf-8", "BASE64", b"d2UgcmVncmV0!\r\n", "we regret"),
        ("text/plain; charset=utf-8", "base64", b"d2UgcmVncmV", "we regre"),
        ("text/plain", "x-uuencode", b"begin 644 t\r\n)=V4@<F5G<F5T\r\nend\r\n", "we regret"),
        ("text/plain; charset=iso-2022-jp", "7bit", b'\x1b$B$"\x1b(B', "\u3042"),
        (
            "text/plain; charset=utf-16le",
            "base64",
            base64.b64encode("no\xfc".encode("utf-16le")),
            "no\xfc",
        ),
        (
            "text/plain; charset=utf-8",
            "8bit",
            b"a\0b\x1b[31m\tc\rd\x0be\xc2\xa0f",
            "ab[31m c\nd\ne f",
        ),
        ("text/plain; charset=utf-8", "8bit", "e\u0301\u202ex\u200by".encode(), "\xe9xy"),
        ("text/html; charset=windows-1252", "8bit", b"<p>Z\xfcrich \x80</p>", "Z\xfcrich \u20ac"),
    ],
)
def test_text_is_decoded_whatever_it_claims_to_be(
    kind: str, encoding: str, body: bytes, text: str
) -> None:
    assert read(part(kind, body, b"Content-Transfer-Encoding: " + encoding.encode())).text == text


def test_a_forward_is_known_by_its_part_and_by_its_words() -> None:
    nested = part("message/rfc822", HEADER + b"\r\nforwarded")
    assert read(HEADER + multipart("mixed", PLAIN, nested)).has_forward
    assert with_header("Subject: x", body="---------- Forwarded message ----------").has_forward


@pytest.mark.parametrize(
    ("line", "starts"),
    [
        (b"DTSTART:20260309T093000Z", datetime(2026, 3, 9, 9, 30, tzinfo=UTC)),
        (b"DTSTART;TZID=Europe/Vienna:20260309T093000", datetime(2026, 3, 9, 9, 30, tzinfo=UTC)),
        (b"DTSTART;VALUE=DATE:20260309", datetime(2026, 3, 9, tzinfo=UTC)),
        (b"DTSTART:20261399", None),
        (b"SUMMARY:x", None),
    ],
)
def test_a_calendar_part_tells_when_its_event_begins(line: bytes, starts: datetime | None) -> None:
    zone = b"BEGIN:VTIMEZONE\r\nDTSTART:19701025T030000\r\nEND:VTIMEZONE\r\n"
    event = part("text/calendar", zone + b"BEGIN:VEVENT\r\n" + line + b"\r\nEND:VEVENT\r\n")
    assert read(HEADER + multipart("mixed", PLAIN, event)).calendar_start == starts


def test_a_calendar_part_names_its_method() -> None:
    by_type = part("text/calendar; charset=utf-8; method=request", b"BEGIN:VCALENDAR")
    by_line = part("text/calendar", b"BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\n")
    assert read(HEADER + multipart("mixed", PLAIN, by_type)).calendar_method == "REQUEST"
    assert read(HEADER + multipart("mixed", PLAIN, by_line)).calendar_method == "CANCEL"
    assert read(HEADER + multipart("mixed", PLAIN, by_line)).kinds == (
        "multipart/mixed",
        "text/plain",
        "text/calendar",
    )


def test_html_is_marked_as_such() -> None:
    assert read(HEADER + HTML).came_as_html
    assert not read(HEADER + multipart("alternative", PLAIN, HTML)).came_as_html


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (b"", "it has no header"),
        (b"\r\n\r\n", "it has no header"),
        (b"no header at all", "it has no header"),
        (
            HEADER + part("application/ms-tnef", b"\x78\x9f\x3e\x22"),
            "all it holds is a winmail.dat, which only Outlook opens",
        ),
    ],
)
def test_a_mail_that_cannot_be_read_says_why(mail: bytes, reason: str) -> None:
    with pytest.raises(UnreadableMessage, match=reason):
        read(mail)


LARGE = part(
    "application/pdf", base64.encodebytes(b"x" * 400_000), b"Content-Transfer-Encoding: base64"
)
LONG_HTML = part("text/html; charset=utf-8", "<p>Gr\xfc\xdfe</p>".encode() * 30_000)
QP = part(
    "text/plain; charset=utf-8",
    b"Gr=C3=BC=C3=9Fe, =\r\nAnna",
    b"Content-Transfer-Encoding: quoted-printable",
)
BASE64 = part(
    "text/plain; charset=utf-8",
    base64.encodebytes("Gr\xfc\xdfe ".encode() * 40_000),
    b"Content-Transfer-Encoding: base64",
)
STUB = part("text/plain", b"Please use an HTML viewer.")
WHOLE_MAILS = {
    "plain": multipart("mixed", PLAIN, LARGE),
    "quoted-printable": multipart("mixed", QP, LARGE),
    "long base64": multipart("mixed", BASE64, LARGE),
    "long html": multipart("mixed", LONG_HTML, LARGE),
    "alternative": multipart("mixed", multipart("alternative", PLAIN, HTML, boundary="b2"), LARGE),
    "stub": multipart("mixed", multipart("alternative", STUB, HTML, boundary="b2"), LARGE),
    "html": multipart("mixed", LARGE, HTML),
    "bounce": multipart("report", PLAIN, LARGE),
    "no text": multipart("mixed", LARGE),
}


@pytest.mark.parametrize("with_id", [True, False])
@pytest.mark.parametrize("name", WHOLE_MAILS)
def test_a_reduced_mail_reads_like_the_whole_one(name: str, with_id: bool) -> None:
    date = b"Date: Tue, 3 Mar 2026 09:15:00 +0100\r\n" if with_id else b""
    folded = b"Subject: =?utf-8?q?Gr=C3=BC?=\r\n =?utf-8?q?=C3=9Fe?=\r\nMIME-Version: 1.0\r\n"
    whole = folded + HEADER + date + WHOLE_MAILS[name]
    reduced = reduce(whole)
    assert len(reduced) < TEXT_CAP + 2_000
    assert key_of("anna@home.example", reduced) == key_of("anna@home.example", whole)
    assert set(read(whole).kinds) <= set(read(reduced).kinds)
    assert read(reduced).text == read(whole).text
    assert read(reduced).subject == read(whole).subject == "Gr\xfc\xdfe"
    assert read(reduced).came_as_html == read(whole).came_as_html


def reduce(whole: bytes) -> bytes:
    """What the mailbox does with what BODYSTRUCTURE says."""
    all_parts = parts(whole)
    texts = {
        kind: next((one for one in all_parts if one.kind == kind and not one.attached), None)
        for kind in ("text/plain", "text/html")
    }
    plain, html = texts["text/plain"], texts["text/html"]
    chosen, other = plain or html, html if plain else None
    return reduced_mail(
        header_of(whole),
        chosen.header if chosen else b"",
        chosen.body(whole) if chosen else b"",
        instead=(other.header, other.body(whole)) if other else None,
        kinds=[one.kind for one in all_parts],
    )


def test_reading_an_ordinary_mail_takes_about_a_millisecond() -> None:
    received = (
        b"Received: from mx.acme.example (mx.acme.example [192.0.2.1])\r\n\tby mx.home.example\r\n"
    )
    whole = (
        received * 20
        + HEADER
        + multipart("alternative", part("text/plain", b"we regret " * 300), HTML)
    )
    read(whole)
    begin = time.perf_counter()
    for _ in range(100):
        read(whole)
    assert (time.perf_counter() - begin) / 100 < 0.01


@settings(deadline=None)
@given(st.binary(max_size=3_000))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for mail in (
        raw,
        HEADER + raw,
        HEADER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + raw,
    ):
        assert read_or_refusal(mail) is not None


def read_or_refusal(mail: bytes) -> Message | str:
    try:
        return read(mail)
    except UnreadableMessage as refused:
        return str(refused)


@settings(deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            "Subject",
            "From",
            "To",
            "Reply-To",
            "Message-ID",
            "List-Id",
            "Precedence",
            "Authentication-Results",
            "Delivered-To",
            "References",
        ]
    ),
)
def test_one_line_fields_never_hold_control_characters(value: bytes, name: str) -> None:
    message = read(b"X-First: 1\r\n" + name.encode() + b": " + value + b"\r\n\r\n")
    people = [message.sender or Address(""), *message.reply_to, *message.to]
    lines = [message.subject, message.list_id, message.precedence, message.message_id or ""]
    lines += [*message.auth_results, *message.delivered_to, *message.references]
    lines += [text for person in people for text in (person.name, person.spec)]
    assert all(line.isprintable() or not _controls(line) for line in lines)


def _controls(line: str) -> list[str]:
    forbidden = "\u200b\u200e\u202e\u2066\ufeff\u2028\u2029"
    return [one for one in line if one < " " or "\x7f" <= one < "\xa0" or one in forbidden]


@pytest.mark.parametrize(
    "header", ["X-Autoreply: yes", "X-Autorespond: away", "Auto-Submitted: auto-replied; owner"]
)
def test_an_automatic_answer_is_known_by_its_older_headers_too(header: str) -> None:
    assert with_header(header).auto_submitted == "auto-replied"
