"""Take a raw mail apart by small fixed rules: its header fields, and where its parts lie.

No library is asked, because these rules are frozen: source keys (`domain.identity`) rest on them,
and a source key must not change with an upgrade. They never raise, and every loop is bounded:
a mail's header counts up to `HEADER_CAP` bytes, a field up to `FIELD_CAP`, and MIME structure up to
`DEPTH_CAP` levels, `PARTS_CAP` parts and `LINES_CAP` lines that look like a boundary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

HEADER_CAP = 65_536
FIELD_CAP = 8_192
TEXT_CAP = 262_144
DEPTH_CAP = 20
PARTS_CAP = 200
LINES_CAP = 20_000

_NAME = re.compile(rb"([!-9;-~]+)[ \t]*:")
_FIELD_LINE = re.compile(rb"(?:[!-9;-~]+[ \t]*:|[ \t]+[^\s])[^\n]*(?:\n|\Z)")
_EMPTY_LINE = re.compile(rb"[ \t]*\r?(?:\n|\Z)")
_KIND = re.compile(rb"\s*([!-'*-.0-9A-Z^-~]+/[!-'*-.0-9A-Z^-~]+)\s*(?:;|\Z)", re.IGNORECASE)
_BOUNDARY = re.compile(rb';\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_GUESSED = re.compile(rb"\n--([^\s]{1,200})[ \t]*\r?\nContent-", re.IGNORECASE)
_ATTACHED = re.compile(rb"\s*attachment\b|.*;\s*filename\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a mail: its lower-case content type, its header, and its body as a slice.

    `unopened` marks a multipart that one of the caps kept shut.
    """

    kind: str
    header: bytes
    start: int
    end: int
    depth: int
    attached: bool
    unopened: bool = False

    def body(self, raw: bytes, most: int = TEXT_CAP) -> bytes:
        """Its undecoded bytes, at most `most` of them."""
        return raw[self.start : min(self.end, self.start + most)]

    @property
    def is_container(self) -> bool:
        return self.kind.startswith("multipart/")


def header_of(raw: bytes) -> bytes:
    """The header block, without the empty line, cut at `HEADER_CAP` bytes."""
    return raw[: min(_split(raw, 0, len(raw))[0], HEADER_CAP)]


@lru_cache(maxsize=8)
def fields(header: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Name (as written) and value of each field from the top; lines that are no field are skipped.

    Folded lines stay in the value with their line ends; a value is cut at `FIELD_CAP` bytes. Of a
    header that reaches `HEADER_CAP` the last line is left out, because it may be half a line.
    A header is taken apart once for all that is asked of it.
    """
    if len(header) >= HEADER_CAP:
        header = header[:HEADER_CAP].rpartition(b"\n")[0]
    return tuple(_fields(header))


def _fields(header: bytes) -> Iterator[tuple[bytes, bytes]]:
    name, value = b"", [b""]
    for line in header.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            value.append(line)
            continue
        if name:
            yield name, b"\n".join(value)[:FIELD_CAP]
        found = _NAME.match(line)
        name = found[1] if found else b""
        value = [line[found.end() :]] if found else []
    if name:
        yield name, b"\n".join(value)[:FIELD_CAP]


def field(header: bytes, name: bytes) -> bytes:
    """The first field of that name, with white space collapsed; empty where there is none."""
    wanted = name.lower()
    return next(
        (one_line(value) for found, value in fields(header) if found.lower() == wanted), b""
    )


def one_line(value: bytes) -> bytes:
    """All runs of white space, line ends among them, as one space; none at the ends."""
    return b" ".join(value.split())


def parts(raw: bytes) -> tuple[Part, ...]:
    """All parts in order of appearance, the mail itself first; nested mails are not opened.

    A multipart whose boundary is nowhere to be found comes twice, the second time as text/plain.
    """
    found: list[Part] = []
    ahead = [(0, len(raw), 0, "text/plain")]
    lines = [LINES_CAP]
    while ahead and len(found) < PARTS_CAP:
        start, end, depth, default = ahead.pop()
        part = _part(raw, start, end, depth, default)
        inner = _inner(raw, part, lines) if part.is_container and depth < DEPTH_CAP else []
        if inner or not part.is_container:
            found.append(part)
        elif depth >= DEPTH_CAP or lines[0] <= 0:
            found.append(replace(part, unopened=True))
        else:
            found += [part, replace(part, kind="text/plain")]
        default = "message/rfc822" if part.kind == "multipart/digest" else "text/plain"
        ahead += [(first, last, depth + 1, default) for first, last in reversed(inner)]
    return tuple(found)


def text_part(raw: bytes) -> bytes:
    """The undecoded bytes of the part that stands for a mail's text; empty where there is none.

    This is the first text/plain part that is no attachment, else the first such text/html part.
    """
    all_parts = parts(raw)
    for kind in ("text/plain", "text/html"):
        for part in all_parts:
            if part.kind == kind and not part.attached:
                return part.body(raw)
    return b""


def kind_of(header: bytes, default: str = "text/plain") -> str:
    """The lower-case content type; where none is named or readable, the default (RFC 2045, 5.2)."""
    found = _KIND.match(field(header, b"Content-Type"))
    return found[1].decode("ascii").lower() if found else default


def _split(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where a header ends and where its body begins."""
    if raw.startswith((b"\n", b"\r\n"), start, end):
        return start, raw.index(b"\n", start) + 1
    wide = raw.find(b"\n\r\n", start, end)
    narrow = raw.find(b"\n\n", start, end if wide < 0 else wide + 1)
    if narrow >= 0:
        return narrow + 1, narrow + 2
    return (wide + 1, wide + 3) if wide >= 0 else (end, end)


def _split_part(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """The same for a part, whose header is often careless: what is no field begins the body."""
    stop, most = start, min(end, start + HEADER_CAP)
    while found := _FIELD_LINE.match(raw, stop, most):
        stop = found.end()
    empty = _EMPTY_LINE.match(raw, stop, end)
    return stop, empty.end() if empty else stop


def _part(raw: bytes, start: int, end: int, depth: int, default: str) -> Part:
    stop, body = _split_part(raw, start, end) if depth else _split(raw, start, end)
    header = raw[start : min(stop, start + HEADER_CAP)]
    kind = kind_of(header, default)
    return Part(
        kind=kind,
        header=header,
        start=body,
        end=end,
        depth=depth,
        attached=depth > 0 and bool(_ATTACHED.match(field(header, b"Content-Disposition"))),
    )


def _inner(raw: bytes, part: Part, lines: list[int]) -> list[tuple[int, int]]:
    """Where the parts of a multipart lie, by its declared boundary, else by the one it seems to use."""
    declared = _BOUNDARY.search(field(part.header, b"Content-Type"))
    if declared:
        found = _between(raw, part, declared[1] or declared[2], lines)
        if found:
            return found
    guessed = _GUESSED.search(raw, max(0, part.start - 1), min(part.end, part.start + HEADER_CAP))
    return _between(raw, part, guessed[1], lines) if guessed else []


def _between(raw: bytes, part: Part, boundary: bytes, lines: list[int]) -> list[tuple[int, int]]:
    """The stretches between delimiter lines (RFC 2046, 5.1.1); the last one may be unclosed."""
    mark = b"--" + boundary.rstrip()
    found: list[tuple[int, int]] = []
    begin = -1
    for at, after, closing in _delimiters(raw, part, mark, lines):
        if begin >= 0:
            found.append((begin, max(begin, at)))
        begin = -1 if closing else after
        if closing or len(found) >= PARTS_CAP:
            break
    if begin >= 0:
        found.append((begin, part.end))
    return found[:PARTS_CAP]


def _delimiters(
    raw: bytes, part: Part, mark: bytes, lines: list[int]
) -> Iterator[tuple[int, int, bool]]:
    """Where each delimiter line begins and ends, and whether it is the closing one."""
    at = (
        part.start
        if raw.startswith(mark, part.start)
        else raw.find(b"\n" + mark, part.start, part.end)
    )
    while at >= 0 and lines[0] > 0:
        lines[0] -= 1
        first = at if raw.startswith(mark, at) else at + 1
        stop = raw.find(b"\n", first, part.end)
        stop = part.end if stop < 0 else stop
        rest = raw[first + len(mark) : min(stop, first + len(mark) + 200)].strip()
        if rest in (b"", b"--"):
            yield _line_end_before(raw, part.start, first), min(stop + 1, part.end), rest == b"--"
        at = raw.find(b"\n" + mark, stop, part.end)


def _line_end_before(raw: bytes, start: int, at: int) -> int:
    """A delimiter owns the line end before it."""
    if at > start and raw[at - 1 : at] == b"\n":
        at -= 1
        if at > start and raw[at - 1 : at] == b"\r":
            at -= 1
    return at
