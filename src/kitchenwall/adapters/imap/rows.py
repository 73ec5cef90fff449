"""Read the answers to a UID FETCH, each for itself, so that one that is odd spoils no other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imapclient.response_parser import parse_fetch_response

Row = Mapping[bytes, Any]

# What imapclient's parser raises for an answer that is no IMAP, or is nested too deep for it.
UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
    AssertionError,
)
NUMBER_MOST = 2**32 - 1  # RFC 3501, 9: numbers have 32 bits
_LITERAL = re.compile(rb"\{[0-9]+\}$")
_BEGINNING = re.compile(rb"[0-9]{1,10} \(UID ([0-9]{1,10})[ )]")


def rows_by_uid(data: Sequence[Any], low: int) -> dict[int, Row]:
    """The rows of an answer as imaplib gives it, from UID `low` on; what has no UID was not asked for.

    They are told apart by UID, never by sequence number: another client's EXPUNGE may come between
    two rows and give the second one the number of the first (RFC 3501, 7.4.1). A row that cannot be
    read is kept with its UID alone, so that its mail is not passed over. Raises one of `UNREADABLE`
    where not even that is to be had.
    """
    found: dict[int, dict[bytes, Any]] = {}
    for pieces in _answers(data):
        row = _row(pieces)
        uid = row.get(b"UID", 0)
        if low <= uid <= NUMBER_MOST:
            found.setdefault(uid, {}).update(row)
    return dict(found)


def literal_of(row: Row) -> bytes:
    """The one body item of a row; b"" where the server sent none (seen on iCloud with RFC822)."""
    found = (value for key, value in row.items() if key.startswith(b"BODY["))
    return next((value for value in found if isinstance(value, bytes)), b"")


def section_of(row: Row, name: str) -> bytes:
    """A piece of a section; a server that ignores "<0.n>" leaves it out of its answer, too."""
    key = f"BODY[{name}]".encode()
    return row.get(key + b"<0>") or row.get(key) or b""


def _answers(data: Sequence[Any]) -> Iterator[list[Any]]:
    """The pieces of each answer: lines that end in a literal come with it, the last one without."""
    pieces: list[Any] = []
    for piece in data:
        if piece is None:
            continue
        if isinstance(piece, tuple):
            pieces.append(_as_kept(*piece))
        else:
            yield [*pieces, piece]
            pieces = []


def _as_kept(line: bytes, literal: bytes) -> tuple[bytes, bytes]:
    """A literal that was over the budget announces what was kept of it."""
    announced = b"{%d}" % len(literal)
    return line if line.endswith(announced) else _LITERAL.sub(announced, line), literal


def _row(pieces: list[Any]) -> Row:
    try:
        for row in parse_fetch_response(pieces, False, False).values():
            return row  # type: ignore[no-any-return]
    except UNREADABLE:
        line = pieces[0][0] if isinstance(pieces[0], tuple) else pieces[0]
        if found := _BEGINNING.match(line):
            return {b"UID": int(found[1])}
        raise
    return {}
