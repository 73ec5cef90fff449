"""Malformed and malicious mails, each made by code, each with a name of its own.

Every mail whose name is in `READABLE` is odd but honest: whoever reads it must find `SENTENCE`.
All names, addresses and words are invented.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable, Iterable, Iterator

SENTENCE = "we regret to inform you that we will not proceed"
FROM = "From: Ida Berg <ida@acme.example>"
DATE = "Date: Tue, 3 Mar 2026 09:15:00 +0100"
TO = "To: Anna <anna@home.example>"
_PLAIN = f"Dear Anna,\r\n\r\n{SENTENCE}.\r\n"
_MB = 1_000_000

_BUILDERS: dict[str, Callable[[], bytes]] = {}
READABLE: set[str] = set()


def mails() -> Iterator[tuple[str, bytes]]:
    """Every hostile mail: its unique name and its bytes, up to 30 MB, one made at a time."""
    for name, build in _BUILDERS.items():
        yield name, build()


def names() -> tuple[str, ...]:
    """All names, without making the mails."""
    return tuple(_BUILDERS)


def _add(name: str, build: Callable[[], bytes], *, readable: bool = False) -> None:
    assert name not in _BUILDERS, name
    _BUILDERS[name] = build
    if readable:
        READABLE.add(name)


def _mail(
    lines: Iterable[str | bytes] = (), body: str | bytes = _PLAIN, *, number: str = "1"
) -> bytes:
    """A mail with the usual header, these lines more, and this body."""
    usual = (FROM, TO, DATE, "Subject: Your application", f"Message-ID: <{number}@acme.example>")
    return _bare((*usual, *lines), body)


def _bare(lines: Iterable[str | bytes], body: str | bytes = _PLAIN) -> bytes:
    """A mail with these header lines only."""
    return b"\r\n".join((*map(_bytes, lines), b"", _bytes(body)))


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _part(kind: str, body: str | bytes, *lines: str) -> bytes:
    return b"\r\n".join((f"Content-Type: {kind}".encode(), *map(_bytes, lines), b"", _bytes(body)))


def _multipart(subtype: str, *inner: bytes, boundary: str = "b", close: bool = True) -> bytes:
    """The header line and body of a multipart, to be put behind other header lines."""
    mark = b"--" + boundary.encode()
    body = b"".join(mark + b"\r\n" + one + b"\r\n" for one in inner)
    return _part(
        f'multipart/{subtype}; boundary="{boundary}"', body + (mark + b"--\r\n" if close else b"")
    )


def _with(content: bytes, *lines: str | bytes) -> bytes:
    """The usual header, these lines, and content that brings its own Content-Type."""
    return _mail(lines, b"").removesuffix(b"\r\n") + content


def _instead_of(line: str, *others: str | bytes) -> bytes:
    """The usual mail with one header line replaced."""
    usual = [FROM, TO, DATE, "Subject: Your application", "Message-ID: <1@acme.example>"]
    return _bare([*(one for one in usual if not one.startswith(line)), *others])


_TEXT = _part("text/plain; charset=utf-8", _PLAIN)
_MARKED = _part("text/html; charset=utf-8", f"<p>Dear Anna,</p><p>{SENTENCE}.</p>")


# --- header fields -----------------------------------------------------------------------------

_SUBJECTS: dict[str, str | bytes] = {
    "encoded-word bomb": "=?utf-8?q?a?= " * 200_000,
    "encoded-word bomb in base64": "=?utf-8?b?YWFhYQ==?=\r\n " * 50_000,
    "encoded words without an end": "=?utf-8?q?" * 100_000,
    "encoded word openings": "=?" * 200_000,
    "encoded word with an unknown charset": "=?klingon?q?Qapla=FC?=",
    "encoded word with a codec that is no charset": "=?zlib?b?eJwDAAAAAAE=?=",
    "encoded word in punycode": "=?punycode?q?" + "a-" * 4_000 + "?=",
    "encoded word in idna": "=?idna?q?" + "xn--a." * 1_300 + "?=",
    "encoded word in unicode_escape": "=?unicode_escape?q?=5Cud800=5Cx?=",
    "encoded word with broken base64": "=?utf-8?b?!!!!A?=",
    "encoded word with broken quoted-printable": "=?utf-8?q?=ZZ=4?=",
    "encoded line ends": "=?utf-8?q?hello=0D=0ABcc:_evil@bad.example=0D=0A=0D=0Abody?=",
    "encoded nulls": "=?utf-8?q?a=00b=1B[31mred?=",
    "encoded surrogates": "=?utf-8?q?=ED=A0=80?=",
    "encoded words in encoded words": "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=",
    "charset of ten thousand letters": "=?" + "a" * 10_000 + "?q?x?=",
    "raw Windows-1252": b"Ihre Bewerbung f\xfcr M\xfcnchen \x80",
    "raw UTF-8": "Ihre Bewerbung für München €",
    "raw UTF-8 cut in a character": b"M\xc3\xbcnchen \xc3",
    "raw EUC and nulls": b"\xc6\xfc\xcb\xdc\x00\x00\xb8\xec",
    "bidi controls": "offer \u202egnitceted\u202c \u2066x\u2069",
    "zero-width letters": "re\u200bje\u200cct\u200ded\ufeff",
    "tag characters": "a\U000e0041\U000e0042\U000e007fb",
    "terminal escapes": b"\x1b]0;owned\x07\x1b[2J\x9b31m",
    "line separators": "one\u2028Bcc: evil@bad.example\u2029two\x85three",
    "template braces": "{{7*7}} {% for x in y %}{{ x }}{% endfor %} {# #}",
    "template attributes": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "format fields": "{0.__class__} %s %n %(name)s ${HOME} $(id) `id`",
    "markup": "<script>alert(1)</script><img src=x onerror=y>",
    "markup of a terminal": "[bold red]x[/] [link=file:///etc/passwd]y[/link] :bomb:",
    "log forging": "x\r\n\t2026-03-03 ERROR nothing happened",
    "one hundred thousand letters": "a" * 100_000,
    "ten thousand folds": "\r\n x" * 10_000,
    "only white space": " \t \r\n \t",
    "nothing": "",
    "a million Re": "Re: " * 250_000,
    "combining marks": "u" + "\u0308\u0315\u0300" * 3_000,
    "SQL": "'); DROP TABLE events; --",
    "a path": "../../../../etc/passwd\x00.txt",
    "an emoji family": "\U0001f468\u200d\U0001f469\u200d\U0001f467 welcome",
}
for _name, _value in _SUBJECTS.items():
    _add(
        f"subject: {_name}",
        lambda value=_value: _instead_of("Subject", b"Subject: " + _bytes(value)),  # type: ignore[misc]
        readable=len(_value) < 20_000,
    )

_SENDERS: dict[str, str | bytes] = {
    "nothing": "",
    "no address": "The Recruiting Team",
    "only brackets": "<>",
    "unclosed bracket": "Ida <ida@acme.example",
    "unclosed quote": '"Ida <ida@acme.example>',
    "unclosed comment": "Ida (at work <ida@acme.example>",
    "nested comments": "(" * 4_000 + "Ida" + ")" * 4_000 + " <ida@acme.example>",
    "only backslashes": '"' + "\\" * 8_000,
    "another address as the name": '"ceo@big.example" <ida@acme.example>',
    "two addresses": "<ida@acme.example> <evil@bad.example>",
    "a list": "ida@acme.example, bo@acme.example",
    "an empty group": "undisclosed-recipients:;",
    "a colon in the name": "ACME: HR <ida@acme.example>",
    "an encoded address": "=?utf-8?q?ida=40acme.example?=",
    "an encoded name with a header": "=?utf-8?q?Ida=0D=0ABcc:_evil@bad.example?= <ida@acme.example>",
    "an encoded name with brackets": "=?utf-8?q?Ida_=3Cevil=40bad.example=3E?= <ida@acme.example>",
    "a name of nulls": b"\x00\x00 <ida@acme.example>",
    "a name in bidi": "\u202eelpmaxe.emca@adi\u202c <ida@acme.example>",
    "a name with a template": "{{ config }} {% include '/etc/passwd' %} <ida@acme.example>",
    "a name of 60 KB": "I" * 60_000 + " <ida@acme.example>",
    "two at signs": "ida@acme@bad.example",
    "an address with spaces": "ida @ acme . example",
    "an address literal": "ida@[192.0.2.1]",
    "a quoted local part": '"ida berg"@acme.example',
    "a route": "<@relay.example,@other.example:ida@acme.example>",
    "a homograph": "Ida <ida@\u0430cme.example>",
    "an international address": "Jörg <jörg@bücher.example>",
    "a shell command": "Ida <`id`@acme.example>",
    "an address with a line end": "Ida <ida@acme.example\r\n >, Bcc: <evil@bad.example>",
    "at signs": "@" * 8_000,
    "angle brackets": "<" * 8_000,
    "quotes": '"' * 8_001,
    "commas": "," * 8_000,
    "colons and semicolons": "a:;" * 2_700,
    "a private use character": "\ue0000\ue001 <ida@acme.example>",
}
for _name, _value in _SENDERS.items():
    _add(
        f"sender: {_name}",
        lambda value=_value: _instead_of("From", b"From: " + _bytes(value)),  # type: ignore[misc]
        readable=len(_value) < 20_000,
    )

_IDS: dict[str, str | bytes] = {
    "line ends": "<1@acme.example>\r\nBcc: evil@bad.example",
    "a bare carriage return": b"<1@acme.example>\rBcc: evil@bad.example",
    "a bare carriage return within": b"<1\rDELETE INBOX\r@acme.example>",
    "an IMAP literal": "<1@acme.example> {5}",
    "an IMAP command": '<1"@acme.example> NOT DELETED',
    "a null": b"<1\x00@acme.example>",
    "spaces": "<1 2 3@acme.example>",
    "no brackets": "1@acme.example",
    "nothing": "",
    "ten thousand letters": "<" + "a" * 10_000 + "@acme.example>",
    "8-bit letters": b"<\xfc\xff@acme.example>",
    "an encoded word": "=?utf-8?q?=3C1=40acme=2Eexample=3E?=",
    "many ids": "<1@acme.example>" * 1_000,
    "our own prefix": "<rr1.notours@home.example>",
    "a start that Gmail loses": "<!&!AAAA@acme.example>",
    "a path": "<../../etc/passwd@acme.example>",
}
for _name, _value in _IDS.items():
    _add(
        f"message-id: {_name}",
        lambda value=_value: _instead_of("Message-ID", b"Message-ID: " + _bytes(value)),  # type: ignore[misc]
        readable=True,
    )

_DATES = {
    "nothing": "",
    "nonsense": "sometime last week",
    "year zero": "Sat, 1 Jan 0000 00:00:00 +0000",
    "the last second": "Fri, 31 Dec 9999 23:59:59 -2359",
    "the first second": "Mon, 1 Jan 0001 00:00:00 +2359",
    "an impossible zone": "Tue, 3 Mar 2026 09:15:00 +9999",
    "an impossible day": "Tue, 31 Feb 2026 25:61:61 +0100",
    "a long number": "Tue, 3 Mar " + "9" * 5_000 + " 09:15:00 +0100",
    "no zone": "Tue, 3 Mar 2026 09:15:00",
    "comments": "Tue, 3 Mar 2026 09:15:00 " + "(" * 4_000,
    "ISO 8601": "2026-03-03T09:15:00Z",
    "no ASCII": "вторник, 3 марта 2026",
}
for _name, _line in _DATES.items():
    _add(
        f"date: {_name}",
        lambda value=_line: _instead_of("Date", f"Date: {value}"),  # type: ignore[misc]
        readable=True,
    )


def _recipients(count: int) -> str:
    return ",\r\n ".join(f"Anna {number} <anna{number}@home.example>" for number in range(count))


_add("header: 20,000 recipients", lambda: _instead_of("To", f"To: {_recipients(20_000)}"))
_add("header: 20,000 in copy", lambda: _mail([f"Cc: {_recipients(20_000)}"]))
_add("header: 300 recipients", lambda: _instead_of("To", f"To: {_recipients(300)}"), readable=True)
_add("header: 10,000 Received", lambda: _mail(["Received: from a.example by b.example"] * 10_000))
_add("header: 20,000 names", lambda: _mail([f"X-{number}: x" for number in range(20_000)]))
_add("header: 20,000 short names", lambda: _mail(["a:"] * 20_000))
_add("header: a field of 5 MB", lambda: _mail(["X-Long: " + "a" * 5 * _MB]))
_add("header: 200,000 folds", lambda: _mail(["X-Folded: x" + "\r\n x" * 200_000]))
_add("header: 300,000 references", lambda: _mail(["References: " + "<a@b.example> " * 300_000]))
_add(
    "header: 500 references",
    lambda: _mail(["References: " + "<a@b.example>\r\n " * 500]),
    readable=True,
)
_add(
    "header: every field twice",
    lambda: _mail([FROM, TO, DATE, "Subject: other", "Message-ID: <2@acme.example>"]),
    readable=True,
)
_add("header: a second sender", lambda: _mail(["From: Evil <evil@bad.example>"]), readable=True)
_add(
    "header: names of Python",
    lambda: _mail(
        [
            "__class__: x",
            "self: y",
            "headers_json_json_json: z",
            "Parse: 1",
            "Defects: 2",
            "Message: 3",
        ]
    ),
    readable=True,
)
_add(
    "header: lines that are none",
    lambda: _mail(["this is no header", ">From the top", ": no name", "\u00fcn\u00ef: code"]),
    readable=True,
)
_add(
    "header: a space before the colon",
    lambda: _bare([line.replace(":", " :", 1) for line in (FROM, TO, DATE)]),
    readable=True,
)
_add(
    "header: a line of an mbox",
    lambda: b"From ida@acme.example Tue Mar  3 09:15:00 2026\n" + _mail().replace(b"\r\n", b"\n"),
    readable=True,
)
_add("header: it begins with a fold", lambda: b" folded\r\n\tagain\r\n" + _mail(), readable=True)
_add("header: line feeds only", lambda: _mail().replace(b"\r\n", b"\n"), readable=True)
_add("header: both kinds of line ends", lambda: _mail().replace(b"\r\n", b"\n", 3), readable=True)
_add("header: carriage returns only", lambda: _mail().replace(b"\r\n", b"\r"))
_add("header: nulls everywhere", lambda: _mail().replace(b"a", b"a\x00"))
_add("header: a byte order mark", lambda: b"\xef\xbb\xbf" + _mail(), readable=True)
_add("header: nothing but it", lambda: _mail(body=""))
_add("header: no end", lambda: _mail().replace(b"\r\n\r\n", b"\r\n"))
_add("header: no start", lambda: b"\r\n" + _mail())
_add(
    "header: list fields with markup",
    lambda: _mail(
        [
            "List-Id: <script>{{x}}</script>",
            "List-Post: <mailto:x@y.example?bcc=z>",
            "List-Unsubscribe: <javascript:x>",
        ]
    ),
    readable=True,
)
_add(
    "header: 5,000 Authentication-Results",
    lambda: _mail(["Authentication-Results: a.example; dmarc=pass"] * 5_000),
)
_add(
    "header: a forged Authentication-Results",
    lambda: _mail([f"Authentication-Results: mx.home.example; dmarc=pass {'(' * 5_000}"]),
    readable=True,
)
_add(
    "header: a draft reference that is not ours",
    lambda: _mail(["X-Draft-Ref: rr1.DROP TABLE"]),
    readable=True,
)
_add(
    "header: kinds of a whole that never was",
    lambda: _mail(["X-Parts-Of-Whole: " + "a/b, " * 5_000]),
    readable=True,
)
_add(
    "header: a return path with a command",
    lambda: _mail(["Return-Path: <x@y.example> \x00 SIZE=1"]),
    readable=True,
)
_add("header: 5,000 Delivered-To", lambda: _mail(["Delivered-To: anna@home.example"] * 5_000))
_add(
    "header: Reply-To to many and a group",
    lambda: _mail(["Reply-To: HR: a@acme.example, b@acme.example;, evil@bad.example"]),
    readable=True,
)


# --- structure ---------------------------------------------------------------------------------


def _nested(depth: int, inner: bytes) -> bytes:
    """Multiparts within multiparts, built from the outside in, in linear time."""
    opened = b"".join(
        b'Content-Type: multipart/mixed; boundary="n%d"\r\n\r\n--n%d\r\n' % (level, level)
        for level in range(depth)
    )
    closed = b"".join(b"\r\n--n%d--" % level for level in reversed(range(depth)))
    return opened + inner + closed


_add("structure: nested 15 deep", lambda: _with(_nested(15, _TEXT)), readable=True)
_add("structure: nested 400 deep", lambda: _with(_nested(400, _TEXT)))
_add("structure: nested 20,000 deep", lambda: _with(_nested(20_000, _TEXT)))
_add(
    "structure: nested 400 deep beside the text",
    lambda: _with(_multipart("mixed", _TEXT, _nested(400, _TEXT))),
    readable=True,
)
_add(
    "structure: forwards 400 deep",
    lambda: _with(b"Content-Type: message/rfc822\r\n\r\n" * 400 + _mail()),
)
_add(
    "structure: 20,000 parts", lambda: _with(_multipart("mixed", *[_TEXT] * 20_000)), readable=True
)
_add("structure: 200,000 empty parts", lambda: _with(_multipart("mixed", *[b""] * 200_000)))
_add(
    "structure: the text behind 300 parts",
    lambda: _with(_multipart("mixed", *[_part("image/png", "x")] * 300, _TEXT)),
)
_add(
    "structure: a million lines like a boundary",
    lambda: _with(_part("multipart/mixed; boundary=b", b"\n--bb" * _MB)),
)
_add(
    "structure: boundaries all the way",
    lambda: _with(_part("multipart/mixed; boundary=b", b"--b\n" * _MB)),
)
_add(
    "structure: closing boundaries",
    lambda: _with(_part("multipart/mixed; boundary=b", b"--b--\n" * 500_000)),
)
_add("structure: no boundary named", lambda: _with(_part("multipart/mixed", _PLAIN)), readable=True)
_add(
    "structure: a boundary that never comes",
    lambda: _with(_part("multipart/mixed; boundary=gone", _PLAIN)),
    readable=True,
)
_add(
    "structure: another boundary than named",
    lambda: _with(_multipart("mixed", _TEXT).replace(b'"b"', b'"c"')),
    readable=True,
)
_add(
    "structure: an empty boundary",
    lambda: _with(_part('multipart/mixed; boundary=""', _PLAIN)),
    readable=True,
)
_add(
    "structure: a boundary of spaces",
    lambda: _with(_part('multipart/mixed; boundary="   "', _PLAIN)),
    readable=True,
)
_add(
    "structure: a boundary of 5,000 letters",
    lambda: _with(_multipart("mixed", _TEXT, boundary="b" * 5_000)),
)
_add(
    "structure: a boundary of pattern signs",
    lambda: _with(_multipart("mixed", _TEXT, boundary="(.*)+[a-z]{9}$^|")),
    readable=True,
)
_add(
    "structure: never closed", lambda: _with(_multipart("mixed", _TEXT, close=False)), readable=True
)
_add(
    "structure: the same boundary inside",
    lambda: _with(_multipart("mixed", _multipart("alternative", _TEXT, _MARKED))),
    readable=True,
)
_add(
    "structure: a boundary that begins like another",
    lambda: _with(_multipart("mixed", _multipart("alternative", _TEXT, _MARKED, boundary="b2"))),
    readable=True,
)
_add(
    "structure: parts without headers",
    lambda: _with(_part("multipart/mixed; boundary=b", f"--b\r\n\r\n{_PLAIN}\r\n--b--")),
    readable=True,
)
_add(
    "structure: parts without an empty line",
    lambda: _with(_part("multipart/mixed; boundary=b", f"--b\r\n{SENTENCE}\r\n--b--")),
    readable=True,
)
_add(
    "structure: words before and after",
    lambda: _with(
        _part("multipart/mixed; boundary=b", b"ignore\r\n--b\r\n" + _TEXT + b"\r\n--b--\r\nignore")
    ),
    readable=True,
)
_add(
    "structure: two content types",
    lambda: _mail(["Content-Type: text/plain", "Content-Type: multipart/mixed; boundary=x"]),
    readable=True,
)
_add(
    "structure: a nonsense content type", lambda: _mail(["Content-Type: ;;;===///"]), readable=True
)
_add(
    "structure: a content type with a null",
    lambda: _mail([b"Content-Type: text/\x00plain"]),
    readable=True,
)
_add(
    "structure: a content type of 60 KB",
    lambda: _mail(["Content-Type: text/plain; x=" + "a" * 60_000]),
)
_add(
    "structure: 3,000 parameters",
    lambda: _mail(["Content-Type: text/plain" + "; a=b" * 3_000]),
    readable=True,
)
_add(
    "structure: parameters continued (RFC 2231)",
    lambda: _mail(["Content-Type: text/plain; charset*0=ut; charset*1=f-8; name*=utf-8''%00%ff"]),
    readable=True,
)
_add("structure: alternatives without anything", lambda: _with(_multipart("alternative")))
_add(
    "structure: a multipart encoded in base64",
    lambda: _mail(
        ["Content-Type: multipart/mixed; boundary=b", "Content-Transfer-Encoding: base64"],
        base64.encodebytes(_TEXT),
    ),
)
_add(
    "structure: an attachment of 30 MB behind the text",
    lambda: _with(
        _multipart(
            "mixed",
            _TEXT,
            _part("application/pdf", b"QUJD\r\n" * 5 * _MB, "Content-Transfer-Encoding: base64"),
        )
    ),
    readable=True,
)
_add(
    "structure: an attachment of 30 MB before the text",
    lambda: _with(_multipart("mixed", _part("application/pdf", b"x" * 30 * _MB), _TEXT)),
    readable=True,
)
_add(
    "structure: a name with a path",
    lambda: _with(
        _multipart(
            "mixed",
            _TEXT,
            _part(
                "text/plain",
                "evil",
                'Content-Disposition: attachment; filename="../../.ssh/authorized_keys"',
            ),
        )
    ),
    readable=True,
)


# --- other kinds of mail -----------------------------------------------------------------------

_CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:{}\r\nBEGIN:VEVENT\r\nSUMMARY:Interview\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
_STATUS = "Reporting-MTA: dns; mx.acme.example\r\n\r\nFinal-Recipient: rfc822; anna@home.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"

_add(
    "kind: winmail.dat alone",
    lambda: _with(_part("application/ms-tnef; name=winmail.dat", b"\x78\x9f\x3e\x22" * 100)),
)
_add(
    "kind: winmail.dat beside the text",
    lambda: _with(_multipart("mixed", _TEXT, _part("application/ms-tnef", b"\x78\x9f\x3e\x22"))),
    readable=True,
)
_add(
    "kind: an invitation alone",
    lambda: _with(_part("text/calendar; method=REQUEST", _CALENDAR.format("REQUEST"))),
)
_add(
    "kind: a cancelled invitation",
    lambda: _with(
        _multipart("alternative", _TEXT, _part("text/calendar", _CALENDAR.format("CANCEL")))
    ),
    readable=True,
)
_add(
    "kind: a calendar of 10 MB",
    lambda: _with(_multipart("mixed", _TEXT, _part("text/calendar", "X-A:b\r\n" * 1_500_000))),
    readable=True,
)
_add(
    "kind: a bounce",
    lambda: _with(
        _multipart(
            "report; report-type=delivery-status",
            _part("text/plain", "could not be delivered"),
            _part("message/delivery-status", _STATUS),
            _part("message/rfc822", _mail()),
        )
    ),
)
_add(
    "kind: a bounce without a report",
    lambda: _bare(
        ["Return-Path: <>", "From: MAILER-DAEMON", "Subject: Undelivered"],
        f"could not deliver:\r\n\r\n{_PLAIN}",
    ),
    readable=True,
)
_add(
    "kind: a receipt",
    lambda: _with(
        _multipart(
            "report; report-type=disposition-notification",
            _part("text/plain", "was displayed"),
            _part("message/disposition-notification", "Disposition: manual-action; displayed"),
        )
    ),
)
_add(
    "kind: a forward as an attachment",
    lambda: _with(
        _multipart(
            "mixed", _part("text/plain", "look what Bo got"), _part("message/rfc822", _mail())
        )
    ),
)
_add("kind: a forward alone", lambda: _with(_part("message/rfc822", _mail())))
_add(
    "kind: a digest", lambda: _with(_multipart("digest", *[_part("message/rfc822", _mail())] * 50))
)
_add(
    "kind: a message in pieces",
    lambda: _with(_part("message/partial; number=1; total=9; id=x", _PLAIN)),
)
_add(
    "kind: a message elsewhere",
    lambda: _with(_part("message/external-body; access-type=local-file; name=/etc/passwd", "")),
)
_add(
    "kind: encrypted",
    lambda: _with(
        _multipart(
            "encrypted; protocol=application/pgp-encrypted",
            _part("application/pgp-encrypted", "Version: 1"),
            _part("application/octet-stream", "-----BEGIN PGP MESSAGE-----"),
        )
    ),
)
_add(
    "kind: signed",
    lambda: _with(
        _multipart(
            "signed; protocol=application/pgp-signature",
            _TEXT,
            _part("application/pgp-signature", "-----BEGIN"),
        )
    ),
    readable=True,
)
_add(
    "kind: an S/MIME envelope",
    lambda: _with(
        _part(
            "application/pkcs7-mime; smime-type=enveloped-data",
            "MIAGCSqGSIb3",
            "Content-Transfer-Encoding: base64",
        )
    ),
)
_add(
    "kind: an out-of-office note",
    lambda: _mail(
        ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "Precedence: auto_reply"]
    ),
    readable=True,
)
_add("kind: rich text", lambda: _with(_part("text/rtf", "{\\rtf1 " + "{" * 100_000)))
_add(
    "kind: an archive of archives",
    lambda: _with(_multipart("mixed", _TEXT, _part("application/zip", b"PK\x03\x04" * 1_000))),
    readable=True,
)
_add(
    "kind: AMP beside the text",
    lambda: _with(
        _multipart("alternative", _TEXT, _part("text/x-amp-html", "<html amp4email>"), _MARKED)
    ),
    readable=True,
)


# --- text --------------------------------------------------------------------------------------

_GREETING = f"Grüße aus München — {SENTENCE}"
_CHARSETS = {
    "utf-8": "utf-8",
    "none": "utf-8",
    "klingon": "utf-8",
    "us-ascii": "utf-8",
    "undefined": "utf-8",
    "base64": "utf-8",
    "punycode": "utf-8",
    "utf-16": "utf-16",
    "utf-7": "utf-7",
    "windows-1252": "cp1252",
    "iso-8859-1": "cp1252",
    "unicode-1-1-utf-7": "cp1252",
    "../../etc/passwd": "cp1252",
    "x" * 5_000: "cp1252",
    "\x00": "cp1252",
}
for _declared, _codec in _CHARSETS.items():
    _add(
        f"text: in {_codec}, said to be {_declared[:20]!r}",
        lambda declared=_declared, codec=_codec: _with(  # type: ignore[misc]
            _part(
                f'text/plain; charset="{declared}"',
                _GREETING.encode(codec),
                "Content-Transfer-Encoding: 8bit",
            )
        ),
        readable=True,
    )

_ENCODINGS: dict[str, tuple[str, bytes]] = {
    "base64 without padding": ("base64", base64.b64encode(_bytes(_PLAIN)).rstrip(b"=")),
    "base64 with rubbish in it": (
        "base64",
        b"!" + base64.encodebytes(_bytes(_PLAIN)).replace(b"\n", b"?\n**"),
    ),
    "base64 cut short": ("base64", base64.b64encode(_bytes(_PLAIN * 2))[:-3]),
    "base64 in upper case": ("BASE64 ", base64.encodebytes(_bytes(_PLAIN))),
    "no base64 at all": ("base64", _bytes(_PLAIN)),
    "quoted-printable, broken": (
        "quoted-printable",
        quopri.encodestring(_bytes(_PLAIN)) + b"=\r\n=ZZ=F=\xfc=",
    ),
    "quoted-printable, never folded": ("quoted-printable", b"=41" * 80_000 + _bytes(_PLAIN)),
    "quoted-printable in truth base64": ("quoted-printable", base64.encodebytes(_bytes(_PLAIN))),
    "an unknown encoding": ("x-rot13", _bytes(_PLAIN)),
    "two encodings": ("7bit, base64", _bytes(_PLAIN)),
    "uuencode without an end": ("x-uuencode", b"begin 644 x\r\nM" + b"\xff" * 1_000),
    "binary": ("binary", bytes(range(256)) * 100 + _bytes(_PLAIN)),
}
_UNREAD = {"no base64 at all", "quoted-printable in truth base64", "uuencode without an end"}
for _name, (_encoding, _body) in _ENCODINGS.items():
    _add(
        f"text: {_name}",
        lambda encoding=_encoding, body=_body: _with(  # type: ignore[misc]
            _part("text/plain", body, f"Content-Transfer-Encoding: {encoding}")
        ),
        readable=_name not in _UNREAD,
    )

_BODIES: dict[str, Callable[[], str | bytes]] = {
    "30 MB on one line": lambda: b"a" * 30 * _MB,
    "30 MB of short lines": lambda: b"a\r\n" * 10 * _MB,
    "30 MB of line ends": lambda: b"\n" * 30 * _MB,
    "30 MB of nulls": lambda: b"\x00" * 30 * _MB,
    "quote signs": lambda: b"> " * 130_000,
    "quoted lines": lambda: b">\r\n" * 80_000,
    "attributions": lambda: b"On Monday, 3 March 2026, Ida wrote:\r\n" * 7_000,
    "half attributions": lambda: b"On Monday 2026-03-03 10:00 ida@acme.example\r\n" * 6_000,
    "header blocks": lambda: b"From: a\r\nSent: b\r\nTo: c\r\nSubject: d\r\n" * 6_000,
    "signatures": lambda: b"-- \r\n" * 50_000,
    "dashes": lambda: b"-" * 262_144,
    "spaces": lambda: b" " * 262_144,
    "spaces and a letter": lambda: (b" " * 5_000 + b"a") * 50,
    "letters a": lambda: b"a" * 262_144 + b"!",
    "words without an end": lambda: b"not able to proceed " * 13_000,
    "sentences of one letter": lambda: b"a. " * 87_000,
    "question marks": lambda: b"?!" * 131_000,
    "at signs": lambda: b"a@" * 131_000,
    "addresses": lambda: b"a@b.example " * 21_000,
    "brackets": lambda: b"(" * 131_000 + b")" * 131_000,
    "dots": lambda: b"." * 262_144,
    "digits": lambda: b"1" * 262_144,
    "combining marks": lambda: ("u" + "\u0315\u0300" * 65_000).encode(),
    "zero-width letters": lambda: "\u200b".encode() * 80_000,
    "bidi controls": lambda: "\u202e".encode() * 80_000,
    "line separators": lambda: "\u2028".encode() * 80_000,
    "ligatures": lambda: "\ufdfa".encode() * 80_000,
    "half a character": lambda: b"\xf0\x9f\x98" * 80_000,
    "templates": lambda: b"{{7*7}}{% for x in range(10**9) %}{{x}}{% endfor %}" * 5_000,
    "nothing": lambda: b"",
}
for _name, _make in _BODIES.items():
    _add(f"body: {_name}", lambda make=_make: _mail(body=make()))  # type: ignore[misc]

_PAGES: dict[str, Callable[[], str]] = {
    "30 MB": lambda: "<p>a</p>" * 4 * _MB,
    "unclosed comments": lambda: "<!--" * 65_000,
    "a comment only": lambda: "<!-- -->",
    "unclosed tags": lambda: "<a " * 87_000,
    "unclosed attributes": lambda: "<a b='" * 43_000,
    "nested div": lambda: "<div>" * 52_000,
    "nested tables": lambda: "<table><tr><td>" * 17_000,
    "unmatched ends": lambda: "<b>" * 40_000 + "</i>" * 35_000,
    "30,000 attributes": lambda: "<p " + " ".join(f"a{number}=1" for number in range(30_000)) + ">",
    "entities": lambda: "&amp;" * 52_000,
    "numbers without an end": lambda: "&#x" * 87_000,
    "scripts": lambda: "<script>" * 32_000,
    "a billion laughs": lambda: (
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><p>&b;</p>'
    ),
    "an external entity": lambda: (
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>&a;</p>'
    ),
    "nulls": lambda: "\x00" * 262_144,
    "declarations": lambda: "<![" * 87_000,
}
for _name, _page in _PAGES.items():
    _add(f"html: {_name}", lambda page=_page: _with(_part("text/html", page())))  # type: ignore[misc]

_SEEN = {
    "hidden words first": f"<div style='display:none'>offer offer offer</div><p>{SENTENCE}</p>",
    "never closed": f"<html><body><table><tr><td><b>{SENTENCE}",
    "closed too often": f"</div></body></html></p><p>{SENTENCE}</p></html>",
    "broken into letters": "".join(f"<span>{letter}</span>" for letter in SENTENCE),
    "broken by soft hyphens": "&shy;".join(SENTENCE),
    "broken by zero-width spaces": "&#8203;".join(SENTENCE),
    "hard spaces": SENTENCE.replace(" ", "&nbsp;"),
    "in numbers": "".join(f"&#{ord(letter)};" for letter in SENTENCE),
    "nested 300 deep": "<div>" * 300 + SENTENCE,
    "no markup at all": SENTENCE,
    "a conditional comment": f"<!--[if mso]><p>old</p><![endif]--><p>{SENTENCE}</p>",
    "another charset in the page": f"<meta charset=utf-16><p>{SENTENCE}</p>",
    "two bodies": f"<body><p>x</p></body><body><p>{SENTENCE}</p></body>",
}
for _name, _markup in _SEEN.items():
    _add(
        f"html: {_name}",
        lambda markup=_markup: _with(_part("text/html", markup)),  # type: ignore[misc]
        readable=True,
    )

_add(
    "html: the plain part is only a stub",
    lambda: _with(
        _multipart("alternative", _part("text/plain", "Please use an HTML viewer."), _MARKED)
    ),
    readable=True,
)
_add(
    "html: the plain part is empty",
    lambda: _with(_multipart("alternative", _part("text/plain", " \r\n"), _MARKED)),
    readable=True,
)


# --- not even a mail ---------------------------------------------------------------------------

_add("rubbish: nothing", lambda: b"")
_add("rubbish: one line end", lambda: b"\r\n")
_add("rubbish: nulls", lambda: b"\x00" * 10_000)
_add("rubbish: every byte", lambda: bytes(range(256)) * 200)
_add("rubbish: colons", lambda: b":" * 1_000_000)
_add("rubbish: 30 MB without a line end", lambda: b"a" * 30 * _MB)
_add("rubbish: 30 MB of header", lambda: b"A: b\r\n" * 5 * _MB)
_add("rubbish: a picture", lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50)
_add("rubbish: a page of the web", lambda: b"<!DOCTYPE html><html><body>x</body></html>")
_add("rubbish: Python", lambda: b"__import__('os').system('id')")
