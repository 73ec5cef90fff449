"""A person at a terminal: a command runs in a window of its own, which can be read and typed into."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from tests.cli.person import COMMAND, Person

_STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Window:
    """A window of so many columns and lines in which a command runs."""

    def __init__(
        self,
        person: Person,
        words: Sequence[str],
        *,
        columns: int = 80,
        lines: int = 24,
        **env: str,
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        self.raw = ""
        self._read = 0
        self._is_closed = False
        self.process = subprocess.Popen(
            [*COMMAND, *words],
            env=person.env | {"TERM": "xterm"} | env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )

    def sees(self, words: str, seconds: float = 30) -> str:
        """What was shown since the last look, as soon as it holds these words."""
        end = time.monotonic() + seconds
        while words not in (shown := plain(self.raw[self._read :])):
            if time.monotonic() > end or not self._more():
                raise AssertionError(f'"{words}" was never shown, but:\n{shown}')
        self._read = len(self.raw)
        return shown

    def press(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def ends(self, seconds: float = 30) -> tuple[int, str]:
        """The exit code, and what was shown since the last look."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            self._more()
            assert time.monotonic() < end, self.raw
        while self._more():
            pass
        shown = plain(self.raw[self._read :])
        self._read = len(self.raw)
        return self.process.returncode, shown

    def close(self, seconds: float = 10) -> None:
        """Close the window while the command runs, and wait until it has ended."""
        os.close(self._ours)
        os.close(self._theirs)
        self._is_closed = True
        self.process.wait(seconds)

    @property
    def is_as_before(self) -> bool:
        """Whether the terminal echoes and gathers lines as it did when the command began."""
        return termios.tcgetattr(self._theirs) == self.before

    def _more(self) -> bool:
        if not select.select([self._ours], [], [], 0.2)[0]:
            return self.process.poll() is None
        self.raw += os.read(self._ours, 65_536).decode(errors="replace")
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(5)
        if not self._is_closed:
            os.close(self._ours)
            os.close(self._theirs)


def plain(shown: str) -> str:
    """What a person reads of it."""
    return _STEERING.sub("", shown).replace("\r\n", "\n")


def _take_terminal() -> None:
    """Make it the terminal whose Ctrl-C this process hears."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
