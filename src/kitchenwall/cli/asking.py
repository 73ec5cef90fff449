"""Show mails on a terminal, page by page, and hear single keys."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from kitchenwall.cli.show import clean

LONGEST_TEXT = 6_000
_WIDEST = 80
_LEAST_LINES = 3
_LINES_OF_A_FIELD = 2
_OF_ONE_KEY = 0.05
_ESCAPE, _END = b"\x1b", (b"", b"\x04")
# What else than a letter means something: the arrows and the page keys as terminals send them.
_ONWARDS, _BACK = " ", "b"
_NAMES = {_ONWARDS: "space"}
_SPELT = {
    b"\r": _ONWARDS,
    b"\n": _ONWARDS,
    b"\x1b[B": _ONWARDS,
    b"\x1b[6~": _ONWARDS,
    b"\x1b[A": _BACK,
    b"\x1b[5~": _BACK,
}

Keys = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """What is shown of a mail: fields with what they say, and its text."""

    fields: tuple[tuple[str, str], ...]
    text: str


def is_possible() -> bool:
    """Whether there is a person at a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


class Screen:
    """A terminal for as long as the block lasts; behind it everything is as it was before.

    What was shown does not stay in the window: it is private. Being told to end (SIGTERM, SIGHUP)
    is like Ctrl-C.
    """

    def __init__(self) -> None:
        self._out = Console(highlight=False, emoji=False)
        self._in = sys.stdin.fileno()
        self._before = termios.tcgetattr(self._in)
        self._signals = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)}

    def __enter__(self) -> Self:
        for one in self._signals:
            signal.signal(one, _as_ctrl_c)
        self._out.set_alt_screen(True)
        tty.setcbreak(self._in)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(termios.error, OSError):  # the window may have been closed
            termios.tcsetattr(self._in, termios.TCSADRAIN, self._before)
            self._out.set_alt_screen(False)
        for one, before in self._signals.items():
            signal.signal(one, before)

    def ask(self, title: str, letter: Letter, keys: Keys, last: str) -> str:
        """The one of `keys` that the person presses; `last` where the terminal is gone.

        What was typed before the mail was to be seen counts for nothing.
        """
        termios.tcflush(self._in, termios.TCIFLUSH)
        page = 0
        while True:
            page = self._show(title, letter, keys, page)
            key = self._key() or last
            if key in keys:
                return key
            page += {_ONWARDS: 1, _BACK: -1}.get(key, 0)

    def _show(self, title: str, letter: Letter, keys: Keys, page: int) -> int:
        """Show a page, the nearest there is; which one that was."""
        width = min(self._out.width, _WIDEST)
        head = [Text(title, "bold"), *self._fields(letter, width), Text("─" * width, "dim")]
        text = self._wrapped(_readable(letter.text), width)
        foot = _flowing([f"{_NAMES.get(key, key)} {words}" for key, words in keys.items()], width)
        room = max(_LEAST_LINES, self._out.height - len(head) - len(foot) - 3)
        pages = max(1, -(-len(text) // room))
        page = min(max(page, 0), pages - 1)
        shown = text[page * room : (page + 1) * room]
        turn = f"page {page + 1} of {pages}: space for more, b back" if pages > 1 else ""
        self._out.clear()
        for line in (*head, *shown, Text(), Text(turn, "dim"), *(Text(one) for one in foot)):
            self._out.print(line, no_wrap=True, crop=True)
        return page

    def _fields(self, letter: Letter, width: int) -> list[Text]:
        """Each field on as many lines as it needs, but on few."""
        broad = max((len(name) for name, _ in letter.fields), default=0) + 2
        return [
            Text.assemble((name.ljust(broad) if not number else " " * broad, "dim"), line)
            for name, words in letter.fields
            for number, line in enumerate(
                self._wrapped([clean(words)], max(width - broad, 10))[:_LINES_OF_A_FIELD]
            )
        ]

    def _wrapped(self, lines: Iterable[str], width: int) -> list[Text]:
        return [part for line in lines for part in Text(line).wrap(self._out, width)]

    def _key(self) -> str:
        """One key: a letter in lower case, or what an arrow means; "" where there is no more."""
        try:
            read = os.read(self._in, 1)
            while read.startswith(_ESCAPE) and select.select([self._in], [], [], _OF_ONE_KEY)[0]:
                read += os.read(self._in, 8)
        except OSError:  # the window was closed (Linux says EIO)
            return ""
        if read in _END:
            return ""
        return _SPELT.get(read) or read.decode("ascii", "replace").lower()


def _readable(text: str) -> Sequence[str]:
    """The lines of a text that can do no harm, never two empty ones in a row."""
    lines: list[str] = []
    for line in text[:LONGEST_TEXT].splitlines():
        cleaned = clean(line).rstrip()
        if cleaned or (lines and lines[-1]):
            lines.append(cleaned)
    if len(text) > LONGEST_TEXT:
        lines += ["", "(the rest is left out)"]
    return lines or ["(it has no text)"]


def _flowing(entries: Iterable[str], width: int) -> list[str]:
    """Entries on lines, none of them broken."""
    lines = [""]
    for entry in entries:
        joined = f"{lines[-1]}   {entry}" if lines[-1] else entry
        if len(joined) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(entry)
    return lines


def _as_ctrl_c(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
