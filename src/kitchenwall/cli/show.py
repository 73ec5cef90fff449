"""Print for people (tables on a terminal, plain text elsewhere) and for programs (JSON)."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum


def as_json(value: object, *, indent: int | None = 2) -> None:
    """One JSON value: dataclasses as objects, times as ISO 8601 in UTC; bytes are left out.

    Where standard output is not UTF-8, letters are escaped, so that none is lost.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    escaped = encoding.lower().replace("-", "") != "utf8"
    print(json.dumps(_plain(value), ensure_ascii=escaped, indent=indent), flush=indent is None)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under headings. The cells may come from a mail: they are cleaned, and never mark-up."""
    cells = [[clean(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(columns, cells)
    else:
        _plain_table([[column.upper() for column in columns], *cells])


def figures(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table of words in the first column and figures, which are never broken, in all others.

    In a window that is too narrow for it each row becomes a sentence.
    """
    cells = [[clean(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        _plain_table([[column.upper() for column in columns], *cells], words=1)
        return
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    least = min(widths[0], _NARROWEST) + sum(widths[1:])
    for gap in _GAPS:
        if least + gap * (len(columns) - 1) <= width():
            _rich_figures(columns, cells, gap)
            return
    for first, *others in cells:
        named = (f"{column} {cell}" for column, cell in zip(columns[1:], others, strict=True))
        prose(f"{first}: {', '.join(named)}", hanging="    ")


def pairs(found: Iterable[tuple[str, str]]) -> None:
    """Labels and what they say, one a line; those that say nothing are left out."""
    said = [(label, clean(words)) for label, words in found if words]
    width = max((len(label) for label, _ in said), default=0)
    for label, words in said:
        print(f"{label.ljust(width)}  {words}")


def line(words: str = "") -> None:
    """One line of text."""
    print(clean(words))


def prose(words: str, indent: str = "", hanging: str = "") -> None:
    """A sentence: on a terminal broken between words, elsewhere on one line.

    `hanging` is how much further all lines but the first are set in.
    """
    room = width() if sys.stdout.isatty() else sys.maxsize
    lines = textwrap.wrap(
        clean(words),
        room,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
    print("\n".join(lines))


def width() -> int:
    """How many letters stand in a line of the terminal."""
    return shutil.get_terminal_size().columns


def letter(data: bytes) -> tuple[str, str]:
    """The sender and the plain text of a draft of ours, as a mail client shows them."""
    from email import message_from_bytes, policy

    mail = message_from_bytes(data, policy=policy.default)
    body = mail.get_body(("plain", "html"))
    return str(mail["From"] or ""), str(body.get_content()) if body else ""


def moment(at: datetime | None) -> str:
    """A time as people here read it: local, to the minute; "" for none."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}" if at else ""


def clean(text: str) -> str:
    """Text on one line that cannot steer a terminal or turn what stands beside it around.

    Control characters become spaces; formatting characters (bidi, zero width) vanish.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_CLEAN.get(unicodedata.category(char), char) for char in text)


_CLEAN = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Cs": "\N{REPLACEMENT CHARACTER}"}


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Enum():
            return value.value
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        members = ((known.name, getattr(value, known.name)) for known in fields(value))
        return {name: _plain(item) for name, item in members if not isinstance(item, bytes)}
    return value


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for column in columns:
        shown.add_column(column)
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console().print(shown)


def _rich_figures(columns: Sequence[str], rows: Sequence[Sequence[str]], gap: int) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(
        box=SIMPLE_HEAD, padding=(0, gap // 2), pad_edge=False, header_style="dim", show_edge=False
    )
    for place, column in enumerate(columns):
        shown.add_column(column, justify="right" if place else "left", no_wrap=place > 0)
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console().print(shown)


# Letters between two columns where there is room, and where there is little.
_GAPS = (3, 1)
# To how many letters the first column of a table of figures may be wrapped.
_NARROWEST = 16


def _plain_table(rows: Sequence[Sequence[str]], words: int | None = None) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = len(widths) if words is None else words
    for row in rows:
        padded = (
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(padded).rstrip())
