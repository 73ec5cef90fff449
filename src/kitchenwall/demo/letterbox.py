"""A second, raw connection to the demo's server: it delivers mail, and looks at what lies there.

It shares no code with what it watches over: imaplib of the standard library, and EXAMINE.
"""

from __future__ import annotations

import imaplib
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kitchenwall.errors import Unavailable

SECONDS = 10.0

_UID = re.compile(rb"\bUID (\d+)")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_UIDVALIDITY = re.compile(rb"\bUIDVALIDITY (\d+)")
_APPENDUID = re.compile(rb"\[APPENDUID \d+ (\d+)\]")
# RFC 3501, 2.3.2: it says which connection looked first, and nobody can set or take it.
_RECENT = rb"\Recent"


@dataclass(frozen=True, slots=True)
class Lying:
    """One mail as it lies in a folder: its flags and its exact bytes."""

    flags: frozenset[bytes]
    data: bytes


@contextmanager
def letterbox(port: int, user: str, password: str) -> Iterator[Letterbox]:
    """A connection, logged in. Raises `Unavailable`."""
    try:
        connection = imaplib.IMAP4("127.0.0.1", port, timeout=SECONDS)
        # imaplib sends a mail in pieces, and the system would wait 40 ms to put them together.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.login(user, password)
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unavailable(f"the demo's mail server does not answer: {error}") from error
    try:
        yield Letterbox(connection)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            connection.logout()


class Letterbox:
    """What a postman may do, and somebody who only looks."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._imap = connection

    def make(self, folder: str) -> None:
        """Make a folder."""
        self._said(self._imap.create(folder))

    def deliver(self, data: bytes, received: datetime) -> int:
        """Put a mail into INBOX without any flag; its UID. `received` is aware."""
        said = self._said(self._imap.append("INBOX", "", received, data))
        return int(_number(_APPENDUID, said[0]))

    def uidvalidity(self, folder: str) -> int:
        """The folder's UIDVALIDITY."""
        return int(_number(_UIDVALIDITY, self._said(self._imap.status(folder, "(UIDVALIDITY)"))[0]))

    def lying(self, folder: str) -> dict[int, Lying]:
        """Every mail in a folder by its UID. Nothing is changed by looking."""
        count = int(self._said(self._imap.select(folder, readonly=True))[0])
        if not count:
            return {}
        rows = self._said(self._imap.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[])"))
        return dict(_lying(row) for row in rows if isinstance(row, tuple))

    def _said(self, answer: tuple[str, list[Any]]) -> list[Any]:
        kind, said = answer
        if kind != "OK":
            raise Unavailable(f"the demo's mail server refuses: {said}")
        return said


def _lying(row: tuple[bytes, bytes]) -> tuple[int, Lying]:
    head, data = row
    flags = _FLAGS.search(head)
    found = frozenset(flags[1].split() if flags else ()) - {_RECENT}
    return int(_number(_UID, head)), Lying(found, data)


def _number(pattern: re.Pattern[bytes], said: bytes) -> bytes:
    found = pattern.search(said)
    if found is None:
        raise Unavailable(f"the demo's mail server says something unexpected: {said!r}")
    return found[1]
