"""Cut a stream of IMAP octets into lines and literals, whatever the segments it came in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ANNOUNCED = re.compile(rb"\{(\d{1,18})(\+?)\}\r?\n\Z")
_WORD = re.compile(r'"(?:\\.|[^"\\])*"?|[^\s"]+')


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole line with its line end, or some octets of a literal."""

    data: bytes
    literal: bool = False
    announces: int | None = None  # how many octets of literal follow this line
    waits: bool = False  # the literal comes only after the other side says "+"


class Splitter:
    """Feed it octets; it gives pieces. A line that is not yet whole stays inside."""

    def __init__(self) -> None:
        self.rest = bytearray()
        self.owed = 0

    def feed(self, data: bytes) -> Iterator[Piece]:
        self.rest += data
        while self.rest:
            if self.owed:
                yield Piece(self._take(min(self.owed, len(self.rest))), literal=True)
            elif end := self.rest.find(b"\n") + 1:
                yield self._line(end)
            else:
                return

    def _line(self, end: int) -> Piece:
        data = bytes(self.rest[:end])
        del self.rest[:end]
        announced = _ANNOUNCED.search(data)
        if not announced:
            return Piece(data)
        self.owed = int(announced[1])
        return Piece(data, announces=self.owed, waits=not announced[2])

    def _take(self, size: int) -> bytes:
        data = bytes(self.rest[:size])
        del self.rest[:size]
        self.owed -= size
        return data


def words(text: bytes) -> tuple[str, ...]:
    """The words of a command; a quoted string is one word, without its quotes."""
    found = _WORD.findall(text.decode("ascii", "backslashreplace"))
    return tuple(re.sub(r"\\(.)", r"\1", w[1:-1]) if w.startswith('"') else w for w in found)


def name_of(text: bytes) -> str:
    """The name of a command, in capitals: "APPEND", "UID FETCH"."""
    first = text.upper().split(None, 2)[:2]
    used = first if first[:1] == [b"UID"] else first[:1]
    return b" ".join(used).decode("ascii", "backslashreplace")
