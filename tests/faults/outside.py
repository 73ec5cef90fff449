"""Number every call to the outside in one life of the program, and end that life behind any of them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from kitchenwall.adapters.imap.wire import Wire
from kitchenwall.adapters.sqlite.connection import open_connection
from kitchenwall.adapters.sqlite.journal import FILE_NAME, SqliteJournal
from tests.servers.wire import name_of

_TAG = re.compile(rb"[A-P]{4}\d+ ")
_ANSWER = re.compile(rb"(?:[A-P]{4}\d+ (OK|NO|BAD)|\+)[ \r].*\n", re.DOTALL)
_APPENDUID = re.compile(rb"\[APPENDUID [^\]]*\] ?")
_WRITES = (
    "move_cursor", "record", "intend", "created", "settle", "renew", "dismiss",
    "answer", "resolve", "wrote", "record_stop", "lift_stop", "note_pass",
)  # fmt: skip


class Stopped(BaseException):
    """The program is gone: nothing of it may happen any more, not even a goodbye."""


class Gone(OSError):
    """What is left of a program that is gone tries to speak."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call to the outside: its kind, and what it was."""

    kind: str  # secret, command, answer, commit, notification
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def never(_number: int, _call: Call) -> bool:
    return False


def behind(number: int) -> Callable[[int, Call], bool]:
    """The end comes behind the call of this number, from 1."""
    return lambda count, _: count == number


def behind_first(wanted: Call) -> Callable[[int, Call], bool]:
    """The end comes behind the first call of this kind and name."""
    return lambda _, call: call == wanted


def _stop() -> None:
    raise Stopped


@dataclass(slots=True)
class Outside:
    """Everything around one life of the program.

    `end` is what happens behind the call that `ends` names; whatever it does, no later call of
    this life gets through.
    """

    ends: Callable[[int, Call], bool] = never
    end: Callable[[], None] = _stop
    calls: list[Call] = field(default_factory=list)
    dead: bool = False
    buried: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self) -> None:
        """Every call begins with this."""
        if self.buried:
            raise Gone
        if self.dead:
            raise Stopped

    def behind(self, kind: str, name: str) -> None:
        """Every call ends with this: it has happened."""
        with self._lock:
            self.before()
            self.calls.append(Call(kind, name))
            if self.ends(len(self.calls), self.calls[-1]):
                self.dead = True
                self.end()

    @property
    def last(self) -> Call:
        return self.calls[-1]


class NumberedWire(Wire):
    """A wire whose commands and answers are numbered; it may keep an APPENDUID from being heard."""

    def __init__(self, *parts: Any, outside: Outside, says_uid: bool, **more: Any) -> None:
        super().__init__(*parts, **more)
        self._outside = outside
        self._says_uid = says_uid
        self._said = ""

    def send(self, data: bytes) -> None:
        self._outside.before()
        super().send(data)
        self._outside.behind("command", self._named(data))

    def readline(self) -> bytes:
        self._outside.before()
        line = super().readline()
        if answer := _ANSWER.match(line):
            word = (answer[1] or b"+").decode()
            self._outside.behind("answer", f"{word} to {self._said}")
        return line if self._says_uid else _APPENDUID.sub(b"", line)

    def _named(self, data: bytes) -> str:
        if _TAG.match(data):
            self._said = name_of(data.rstrip().partition(b" ")[2])
            return self._said
        if data == b"DONE\r\n":
            return "DONE"
        return f"{self._said}: {'end' if data.isspace() else 'literal'}"


class NumberedJournal(SqliteJournal):
    """The real journal, whose commits are numbered once they are on the disk."""

    outside: Outside

    @classmethod
    def opened(cls, folder: Path, outside: Outside) -> Self:
        outside.before()
        connection = open_connection(folder, FILE_NAME, check=False)
        journal = cls(connection, lambda: datetime.now(UTC))
        journal.outside = outside
        try:
            outside.behind("commit", "open")
        except Stopped:
            journal.close()
            raise
        return journal


def _numbered(name: str) -> Callable[..., Any]:
    write = getattr(SqliteJournal, name)

    def numbered(self: NumberedJournal, *given: Any, **more: Any) -> Any:
        self.outside.before()
        result = write(self, *given, **more)
        self.outside.behind("commit", name)
        return result

    return numbered


for _name in _WRITES:
    setattr(NumberedJournal, _name, _numbered(_name))


@dataclass(frozen=True, slots=True)
class NumberedSecret:
    """A password, whose every reading is numbered."""

    word: str
    outside: Outside

    def reveal(self) -> str:
        self.outside.before()
        self.outside.behind("secret", "reveal")
        return self.word


@dataclass(frozen=True, slots=True)
class NumberedManager:
    """A service manager that is told, and numbers what it is told."""

    outside: Outside

    def ready(self, status: str) -> None:
        self._tell("ready")

    def watchdog(self) -> None:
        self._tell("watchdog")

    def stopping(self) -> None:
        self._tell("stopping")

    def _tell(self, what: str) -> None:
        self.outside.before()
        self.outside.behind("notification", what)
