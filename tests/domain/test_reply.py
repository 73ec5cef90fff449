"""The exact bytes of a reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.domain.facts import Facts
from kitchenwall.domain.journal import Reply
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.reply import Words, compose, one_line, reply_subject, thread

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JANE = Address("jane.doe@acme.example", "Jane Doe")
ROBIN = Address("robin@home.example", "Robin Example")
REF = "rr1.abcdefghijklmnop"
OUR_ID = f"<{REF}@home.example>"
MESSAGE = Message(
    key="k", sender=JANE, received=NOON, subject="Your application", message_id="<1@acme.example>"
)
WORDS = Words("Dear Jane,\n\nthank you.\n\nRobin\n", "<p>Dear Jane,</p>")
HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "X-Draft-Ref",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
]


def laid(
    message: Message = MESSAGE, to: Address = JANE, words: Words = WORDS, me: Address = ROBIN
) -> Reply:
    return compose(message, Facts(), to, words, me, REF, OUR_ID, NOON)


def parsed(reply: Reply) -> EmailMessage:
    found = message_from_bytes(reply.data, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def names(reply: Reply) -> list[str]:
    """Header names as a plain reader of bytes sees them, not as the library that wrote them."""
    head = reply.data.split(b"\r\n\r\n", 1)[0].replace(b"\r\n ", b"").replace(b"\r\n\t", b"")
    return [line.split(b":")[0].decode() for line in head.split(b"\r\n")]


def test_a_plain_reply_is_exactly_this() -> None:
    assert laid().data.decode("ascii").split("\r\n") == [
        'From: "Robin Example" <robin@home.example>',
        'To: "Jane Doe" <jane.doe@acme.example>',
        "Subject: Re: Your application",
        "Date: Mon, 02 Mar 2026 12:00:00 +0000",
        f"Message-ID: {OUR_ID}",
        "In-Reply-To: <1@acme.example>",
        "References: <1@acme.example>",
        f"X-Draft-Ref: {REF}",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Dear Jane,",
        "",
        "thank you.",
        "",
        "Robin",
        "",
    ]


def test_a_reply_knows_what_it_is() -> None:
    reply = laid()

    assert (reply.ref, reply.message_id, reply.recipient) == (REF, OUR_ID, JANE)
    assert reply.subject == "Re: Your application"


def test_a_mail_that_came_as_html_gets_both() -> None:
    reply = laid(replace(MESSAGE, came_as_html=True))

    message = parsed(reply)
    assert message.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in message.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    assert [name for name in names(reply) if name not in HEADERS] == []


def test_a_mail_that_came_as_text_gets_text() -> None:
    assert parsed(laid()).get_content_type() == "text/plain"
    assert b"<p>" not in laid().data


def test_without_html_there_is_text_alone() -> None:
    reply = laid(replace(MESSAGE, came_as_html=True), words=Words("Thank you\n"))

    assert parsed(reply).get_content_type() == "text/plain"


def test_the_same_input_gives_the_same_bytes() -> None:
    html = replace(MESSAGE, came_as_html=True)

    assert laid(html).data == laid(html).data


def test_no_header_names_the_program() -> None:
    assert b"kitchen" not in laid().data.lower()
    assert b"python" not in laid().data.lower()


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Your application", "Re: Your application"),
        ("Re: Your application", "Re: Your application"),
        ("RE: Re: AW: Your application", "Re: Your application"),
        ("Re[2]: Your application", "Re: Your application"),
        ("Re (3): Your application", "Re: Your application"),
        ("AW:Your application", "Re: Your application"),
        ("Antw.: Ihre Bewerbung", "Re: Antw.: Ihre Bewerbung"),
        ("Antwort: Ihre Bewerbung", "Re: Ihre Bewerbung"),
        ("SV: VS: Din ansökan", "Re: Din ansökan"),
        ("R: La tua candidatura", "Re: La tua candidatura"),
        ("TR : Votre candidature", "Re: Votre candidature"),
        ("Odp: Twoja aplikacja", "Re: Twoja aplikacja"),
        ("回复:您的申请", "Re: 您的申请"),
        ("Regarding your application", "Re: Regarding your application"),
        ("Ref: 12345", "Re: Ref: 12345"),
        ("Reply: x", "Re: Reply: x"),
        ("", "Re: Your reply to my application"),
        ("  \r\n ", "Re: Your reply to my application"),
        ("Re: ", "Re: Your reply to my application"),
        ("x\r\nBcc: evil@bad.example", "Re: x Bcc: evil@bad.example"),
        ("a\u2028b\u0085c\x00d", "Re: a b c d"),
        ("\u202egnp.exe\u200b", "Re: gnp.exe"),
        ("=?utf-8?q?x=0D=0ABcc=3A?= y", "Re: = ?utf-8?q?x=0D=0ABcc=3A?= y"),
        ("{{ 7 * 7 }}", "Re: {{ 7 * 7 }}"),
        ("x" * 500, "Re: " + "x" * 196),
        ("e\u0301", "Re: \u00e9"),
        ("\ud800 lone", "Re: lone"),
    ],
)
def test_a_subject_has_one_mark_and_one_line(subject: str, answer: str) -> None:
    assert reply_subject(subject) == answer
    assert parsed(laid(replace(MESSAGE, subject=subject)))["Subject"] == answer


def test_a_missing_subject_is_in_the_language_of_the_mail() -> None:
    assert reply_subject("", "de") == "Re: Ihre Rückmeldung zu meiner Bewerbung"
    assert reply_subject("", "xx") == "Re: Your reply to my application"


def ids(*numbers: int) -> tuple[str, ...]:
    return tuple(f"<{number}@acme.example>" for number in numbers)


@pytest.mark.parametrize(
    ("message_id", "in_reply_to", "references", "expected"),
    [
        (None, (), (), ()),
        (None, ids(1), ids(1, 2), ()),
        ("<9@acme.example>", (), (), ids(9)),
        ("<9@acme.example>", ids(1), (), ids(1, 9)),
        ("<9@acme.example>", ids(1, 2), (), ids(9)),
        ("<9@acme.example>", ids(3), ids(1, 2, 3), ids(1, 2, 3, 9)),
        ("<9@acme.example>", (), ids(1, 1, 9, 2), ids(1, 2, 9)),
        ("<9@acme.example>", (), ids(*range(100, 150)), ids(100, *range(131, 150), 9)),
        ("<9@acme.example>", (), ids(*range(100, 119)), ids(*range(100, 119), 9)),
        ("<a b@acme.example>", (), (), ()),
        ("<a@acme.example>\r\nBcc: x", (), (), ()),
        ("<9@acme.example>", (), ("<=?utf-8?q?x?=@acme.example>", "<é@x>", "<>"), ids(9)),
        ("<" + "x" * 990 + "@acme.example>", (), (), ()),
    ],
)
def test_the_thread_goes_on(
    message_id: str | None,
    in_reply_to: tuple[str, ...],
    references: tuple[str, ...],
    expected: tuple[str, ...],
) -> None:
    message = replace(
        MESSAGE, message_id=message_id, in_reply_to=in_reply_to, references=references
    )

    assert thread(message) == expected
    answer = parsed(laid(message))
    assert (answer["References"] or "").split() == list(expected)
    assert (answer["In-Reply-To"] or "").split() == list(expected[-1:])


def test_long_ids_stand_as_they_are() -> None:
    long = "<" + "x" * 400 + "@acme.example>"

    assert (
        b"\r\nIn-Reply-To: " + long.encode() + b"\r\n"
        in laid(replace(MESSAGE, message_id=long)).data
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Jane Doe", "Jane Doe"),
        ("Döe, Jane", "Döe Jane"),
        ('Jane "x" <y>', "Jane x y"),
        ("boss@acme.example", ""),
        ("Jane\r\nBcc: x", "Jane Bcc x"),
        ("J. R. Doe", "J. R. Doe"),
        ("=?utf-8?q?x?=", "= ?utf-8?q?x?="),
        ("", ""),
        ("x" * 300, "x" * 80),
        ("Ж" * 100, "Ж" * 80),
    ],
    ids=range(10),
)
def test_a_name_cannot_pass_for_an_address(name: str, shown: str) -> None:
    raw = message_from_bytes(laid(to=Address("jane.doe@acme.example", name)).data)["To"]

    ((phrase, spec),) = getaddresses([raw])
    assert (str(make_header(decode_header(phrase))), spec) == (shown, "jane.doe@acme.example")


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    assert b"jane@xn--bcher-kva.example" in laid(to=Address("jane@bücher.example")).data


@pytest.mark.parametrize(
    ("ref", "message_id"),
    [
        ("a b", OUR_ID),
        ("", OUR_ID),
        ("a\r\nBcc: x", OUR_ID),
        (REF, "x"),
        (REF, "<a b@x>"),
        (REF, "<a@x>\r\nBcc: y"),
    ],
)
def test_a_broken_reference_of_ours_is_our_mistake(ref: str, message_id: str) -> None:
    with pytest.raises(ValueError, match="not a reference"):
        compose(MESSAGE, Facts(), JANE, WORDS, ROBIN, ref, message_id, NOON)


PIECES = (
    *("\r\n", "\n", "\r", "\t", " ", "\x00", "\u2028", "\u202e", "\ufeff", "\ud800"),
    *("=?utf-8?q?", "=0D=0A", "?=", "=?us-ascii?b?DQpCY2M6?=", "Bcc: x@bad.example", "Re: "),
    *(
        "<",
        ">",
        ",",
        ";",
        ":",
        '"',
        "\\",
        "(",
        "[",
        "]",
        "@",
        "{{",
        "ü",
        "Ж",
        "\U0001f600",
        "x" * 80,
    ),
)
HOSTILE = st.one_of(
    st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
)


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=5), st.booleans())
def test_whatever_a_mail_says_the_headers_are_ours(
    subject: str, name: str, text: str, message_id: str, references: list[str], html: bool
) -> None:
    message = replace(
        MESSAGE,
        subject=subject,
        message_id=message_id,
        references=(*references, "<2@acme.example>"),
        came_as_html=html,
    )

    reply = laid(message, Address("jane.doe@acme.example", name), Words(text, f"<p>{text}</p>"))

    threaded = bool(thread(message))
    expected = [one for one in HEADERS if threaded or one not in ("In-Reply-To", "References")]
    assert names(reply) == (expected[:-1] if html else expected)
    answer = parsed(reply)
    assert answer["Subject"] == reply.subject == reply_subject(subject)
    assert [one.addr_spec for one in answer["To"].addresses] == ["jane.doe@acme.example"]
    assert [one.addr_spec for one in answer["From"].addresses] == ["robin@home.example"]
    assert max(map(len, reply.data.split(b"\r\n"))) <= 998
    assert b"\n" not in reply.data.replace(b"\r\n", b"")
    assert reply.data.isascii()


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=600))
def test_the_words_arrive_as_they_were(text: str) -> None:
    body = parsed(laid(words=Words(text))).get_content()

    assert body == text.rstrip() + "\n" or body.strip() == text.strip()


@given(HOSTILE)
def test_one_line_is_one_line_and_stays_so(text: str) -> None:
    line = one_line(text)

    assert len(line.splitlines()) <= 1
    assert one_line(line) == line
    line.encode("utf-8")
