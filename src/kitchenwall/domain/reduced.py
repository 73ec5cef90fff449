"""Build the small mail that stands for a large one whose attachments are never fetched."""

from __future__ import annotations

from collections.abc import Iterable

from kitchenwall.domain import parts

LONGEST_STUB = 2_000
KINDS_OF_WHOLE = b"X-Parts-Of-Whole"


def reduced_mail(
    header: bytes,
    part_header: bytes,
    part_body: bytes,
    *,
    instead: tuple[bytes, bytes] | None = None,
    kinds: Iterable[str] = (),
) -> bytes:
    """A small mail that reads like the large one it was taken from: same key, same text.

    `part_header` and `part_body` are the MIME header and the undecoded body, cut at
    `parts.TEXT_CAP` bytes, of the first text/plain part that is no attachment (with a filename or
    disposition "attachment") and not within message/rfc822; else of the first such text/html part.
    Where that text/plain part has at most `LONGEST_STUB` bytes, `instead` is the same of the first
    text/html part. `kinds` are the whole mail's content types, "text/calendar; method=REQUEST"
    where a method is named; the top one is known from `header`. Without any text part, give two
    empty values.
    """
    whole = [parts.kind_of(header), *kinds]
    fields = [KINDS_OF_WHOLE + b": " + ", ".join(whole).encode("ascii", "replace")]
    body = part_body
    if instead is None:
        fields += _lines(part_header, of_part=True)
    else:
        boundary = _boundary(part_body + instead[1])
        fields.append(b'Content-Type: multipart/alternative; boundary="' + boundary + b'"')
        body = _alternative(boundary, ((part_header, part_body), instead))
    fields += _lines(header, of_part=False)
    return b"\r\n".join((*fields, b"", body))


def _lines(header: bytes, *, of_part: bool) -> list[bytes]:
    """The fields that describe a part, or all others, each on one line."""
    return [
        name + b":" + parts.one_line(value)
        for name, value in parts.fields(header)
        if name.lower().startswith(b"content-") == of_part
        and name.lower() not in (b"mime-version", KINDS_OF_WHOLE.lower())
    ]


def _boundary(body: bytes) -> bytes:
    """A boundary that the body does not hold."""
    number = 0
    while b"--reduced-%d" % number in body:
        number += 1
    return b"reduced-%d" % number


def _alternative(boundary: bytes, alternatives: Iterable[tuple[bytes, bytes]]) -> bytes:
    opened = (
        b"\r\n".join((b"--" + boundary, *_lines(header, of_part=True), b"", body, b""))
        for header, body in alternatives
    )
    return b"".join(opened) + b"--" + boundary + b"--\r\n"
