"""Split an mbox into its mails while it is read: memory does not grow with the file.

Python's own `mailbox` reads the whole file before it gives the first mail, wants to seek and to
write, and takes every line that begins with "From " for a new mail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

_CHUNK = 262_144
_MARK = b"\nFrom "
_AHEAD = 2_048
_LINE = 1_000

# A separator ends with a time and a year, in one of the ways that programs write it (RFC 4155,
# appendix A; Thunderbird, Google Takeout, Eudora and exporters differ).
_TIME = rb"\d?\d:\d\d(?::\d\d)?"
_ZONE = rb"(?: [A-Z]{1,5}| [+-]\d{4})"
_DATED = re.compile(
    rb"From [^\n]*(?: " + _TIME + _ZONE + rb"{0,2} \d{4}" + _ZONE + rb"?"
    rb"| \d{4} " + _TIME + _ZONE + rb"?"
    rb"| \d{4}-\d\d-\d\d[ T]" + _TIME + rb"[^ \n]{0,12})(?: remote from [^ \n]+)?[ \t]*\r?"
)
_UNDATED = re.compile(rb"From [^ \n]+[ \t]*\r?")
_FIELD = re.compile(rb"(?!https?:|mailto:)[!-9;-~]{1,76}:|>From ", re.IGNORECASE)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_ENVELOPE = re.compile(rb"(?:>?From [^\n]*\n)+")


def split(stream: BinaryIO, most: int) -> Iterator[bytes]:
    """Each mail of an mbox, without its separator line, unescaped, cut at about `most` bytes.

    Escapes of mboxrd and mboxo are both read by taking away one ">". What stands before the first
    separator counts as a mail, too.
    """
    mail = bytearray()
    for piece, begins in _pieces(stream):
        if begins and mail:
            yield unescaped(bytes(mail))
            mail.clear()
        mail += piece[: most - len(mail)]
    if mail.strip():
        yield unescaped(bytes(mail))


def unescaped(mail: bytes) -> bytes:
    """A mail as it was before it came into an mbox."""
    body = without_envelope(mail)
    if b">From " in body:
        body = _ESCAPED.sub(rb"\1", body)
    for line_end in (b"\r\n", b"\n"):
        if body.endswith(b"\n" + line_end):
            return body[: -len(line_end)]
    return body


def without_envelope(mail: bytes) -> bytes:
    """A mail without the separator lines that stand before its header."""
    found = _ENVELOPE.match(mail)
    return mail[found.end() :] if found else mail


def _pieces(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """The file in pieces without separator lines, and whether a mail begins with this piece."""
    # The file's first line counts like any other: behind an empty line.
    window, given, searched, begins = b"\n\n", 2, 0, False
    while True:
        chunk = stream.read(_CHUNK)
        window += chunk
        end = max(len(window) - _AHEAD, 0) if chunk else len(window)
        while (at := window.find(_MARK, searched, end)) >= 0:
            searched = at + 1
            if _separates(window, at):
                yield window[given : at + 1], begins
                searched = window.find(b"\n", at + 1)
                given, begins = searched + 1, True
        if not chunk:
            yield window[given:], begins
            return
        done = max(given, end - len(_MARK))
        if done > given:
            yield window[given:done], begins
            begins = False
        cut = max(done - 2, 0)
        window, given, searched = window[cut:], done - cut, max(searched - cut, done - cut - 1, 0)


def _separates(window: bytes, at: int) -> bool:
    """Whether the line after the line end at `at` parts two mails, and is no prose.

    A line with a date does so behind an empty line or before a header field; one without a date,
    such as "From nobody", only with both.
    """
    end = window.find(b"\n", at + 1, at + _LINE)
    if end < 0:
        return False
    line = window[at + 1 : end]
    behind_empty = window[max(at - 2, 0) : at].endswith((b"\n", b"\n\r"))
    before_field = _FIELD.match(window, end + 1) is not None
    if _DATED.fullmatch(line):
        return behind_empty or before_field
    return behind_empty and before_field and _UNDATED.fullmatch(line) is not None
