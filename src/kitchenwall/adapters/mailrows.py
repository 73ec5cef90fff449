"""Turn rows of JSON lines into mails as they would have come over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.header import Header
from email.message import Message as RawMail
from email.utils import format_datetime, formataddr, getaddresses
from typing import Any, BinaryIO

from kitchenwall.domain.parts import FIELD_CAP, HEADER_CAP, TEXT_CAP

LONGEST_ROW = 4_000_000

_FIELDS = {
    "from": "From",
    "to": "To",
    "cc": "Cc",
    "reply_to": "Reply-To",
    "subject": "Subject",
    "date": "Date",
    "message_id": "Message-ID",
}
_ADDRESSES = frozenset(("from", "to", "cc", "sender", "reply-to"))
_OF_BODY = frozenset(("content-type", "content-transfer-encoding", "mime-version"))
# One sender, whose name may hold a comma that nobody quoted; encoded words stay as they are.
_SENDER = re.compile(r'"?((?:(?!=\?)[^<>"])*?)"? *<([^<>\s@]+@[^<>\s@]+)>')
_NAME = re.compile(r"[!-9;-~]{1,76}")


class BadRow(Exception):
    """A line that is no mail, and why."""


def rows(stream: BinaryIO) -> Iterator[Mapping[str, Any] | BadRow | None]:
    """What each line holds, in order; None for an empty line. Never more than one line is held."""
    while line := stream.readline(LONGEST_ROW):
        if len(line) >= LONGEST_ROW and not line.endswith(b"\n"):
            _skip_line(stream)
            yield BadRow(f"it is longer than {LONGEST_ROW} bytes")
        elif not line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield None
        else:
            yield _row(line)


def raw_mail(row: Mapping[str, Any]) -> bytes:
    """A row as a mail: `subject`, `from`, `date`, `body`, `html_part`, and where it has them `to`,
    `cc`, `reply_to`, `message_id` and `headers` (an object of names and values, or a list of such
    pairs), which count more than the others.

    Dates may be written as in mail or as ISO 8601 (UTC where no zone is named). Text is cut at
    262,144 characters.
    """
    mail = _body(_text(row.get("body")), _text(row.get("html_part")))
    for name, value in _header(row):
        mail[name] = _written(name.lower(), value)
    return mail.as_bytes()


def _row(line: bytes) -> Mapping[str, Any] | BadRow:
    try:
        row = json.loads(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        return BadRow(f"it is no JSON: {error}")
    if not isinstance(row, dict):
        return BadRow("it is no JSON object")
    if not {"subject", "from", "body", "html_part", "headers"} & row.keys():
        return BadRow("it has none of subject, from, body, html_part and headers")
    return row


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(LONGEST_ROW)) and not rest.endswith(b"\n"):
        pass


def _text(value: object) -> str:
    """A text as it is, "" for everything else (some rows say only that there was HTML)."""
    return value[:TEXT_CAP] if isinstance(value, str) else ""


def _body(plain: str, html: str) -> RawMail:
    if not html.strip():
        return _part("plain", plain)
    if not plain.strip():
        return _part("html", html)
    mail = RawMail()
    mail["MIME-Version"] = "1.0"
    mail["Content-Type"] = f'multipart/alternative; boundary="{_boundary(plain + html)}"'
    mail.set_payload([_part("plain", plain), _part("html", html)])
    return mail


def _boundary(text: str) -> str:
    number = 0
    while f"--row-{number}" in text:
        number += 1
    return f"row-{number}"


def _part(kind: str, text: str) -> RawMail:
    """8bit, because anything else would only be decoded again (RFC 2045, 6.2)."""
    part = RawMail()
    part["MIME-Version"] = "1.0"
    part["Content-Type"] = f'text/{kind}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "8bit"
    part.set_payload(text.encode("utf-8", "replace").decode("ascii", "surrogateescape"))
    return part


def _header(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Names and values, each value on one line; together no more than a header may have."""
    given = [
        (name, _line(value))
        for name, value in _pairs(row.get("headers"))
        if _NAME.fullmatch(name) and name.lower() not in _OF_BODY
    ]
    named = {name.lower() for name, _ in given}
    own = [
        (name, _line(row.get(key))) for key, name in _FIELDS.items() if name.lower() not in named
    ]
    left, kept = HEADER_CAP // 2, []
    for name, value in (*own, *given):
        left -= len(name) + len(value)
        if value and left > 0:
            kept.append((name, value))
    return kept


def _pairs(headers: object) -> Iterator[tuple[str, object]]:
    """An object's members, or a list's pairs; a list as a value is a header that repeats."""
    members: Iterable[object] = ()
    if isinstance(headers, dict):
        members = headers.items()
    elif isinstance(headers, list):
        members = headers
    for member in members:
        if isinstance(member, dict):
            member = (member.get("name"), member.get("value"))
        if isinstance(member, list | tuple) and len(member) == 2:
            name, values = member
            for value in values if isinstance(values, list) else (values,):
                yield str(name), value


def _line(value: object) -> str:
    """A value on one line; a list of addresses is joined."""
    if isinstance(value, list):
        value = ", ".join(one for one in value if isinstance(one, str))
    if not isinstance(value, str):
        return ""
    shown = value[:FIELD_CAP].encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    return " ".join(shown.split())


def _written(name: str, value: str) -> str:
    """A value as it stands in a header: ASCII, with encoded words where it has to (RFC 2047)."""
    if name == "date":
        return _date(value)
    if name == "message-id":
        return value if "<" in value or "@" not in value else f"<{value}>"
    if name == "from" and (sender := _SENDER.fullmatch(value)) and sender[2].isascii():
        return formataddr((sender[1], sender[2]), "utf-8")
    if value.isascii():
        return value
    if name in _ADDRESSES:
        found = [pair for pair in getaddresses([value]) if "@" in pair[1] and pair[1].isascii()]
        if found:
            return ", ".join(formataddr(pair, "utf-8") for pair in found)
    return Header(value, "utf-8", header_name=name).encode()


def _date(value: str) -> str:
    """A date as RFC 5322 has it, from ISO 8601; everything else stays as it is."""
    try:
        date = datetime.fromisoformat(value)
    except ValueError:
        return value if value.isascii() else ""
    return format_datetime(date if date.tzinfo else date.replace(tzinfo=UTC))
