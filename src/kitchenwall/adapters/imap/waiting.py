"""Wait in the open folder until something may have happened: NOOP, then IDLE, or a look now and then.

Our own IDLE reader shares one buffer with all other answers: imapclient polls the socket and misses
what came in the same packet as "+", spins on an end of file, and fails on half a line (measured).
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from kitchenwall.adapters.imap.answers import printable
from kitchenwall.adapters.imap.dialogue import Dialogue
from kitchenwall.errors import Unavailable

_HINTS = (b"EXISTS", b"RECENT")


class Waiting:
    """The waits of one connection. IDLE is renewed after `refresh` seconds; without it `poll` passes."""

    def __init__(self, dialogue: Dialogue, *, refresh: float, poll: float) -> None:
        self._dialogue = dialogue
        self._refresh = refresh
        self._poll = poll
        self._can_idle = dialogue.client.has_capability("IDLE")
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._closing = threading.Lock()
        self._closed = False

    def wait(self, seconds: float) -> bool:
        self._dialogue.guarded("wait for mail", self._settle_in)
        if self._dialogue.exists == self._dialogue.told:
            if not self._can_idle:
                self._doze(min(seconds, self._poll))
                return True
            heard = self._dialogue.guarded(
                "wait for mail", lambda: self._idle(min(seconds, self._refresh))
            )
            if not heard:
                return False
        self._dialogue.told = self._dialogue.exists
        return True

    def wake(self) -> None:
        """End a wait, from any thread."""
        with self._closing:
            if not self._closed:
                os.write(self._wake_write, b".")

    def close(self) -> None:
        """Let go of the wake-up pipe, and of the connection with it; calling it again does nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._dialogue.wire.close()
            os.close(self._wake_read)
            os.close(self._wake_write)

    def _settle_in(self) -> None:
        """NOOP just before IDLE: some servers never announce in IDLE what came before it."""
        for number in self._dialogue.client._imap.untagged_responses.pop("EXISTS", []):
            self._dialogue.exists = int(number)
        self._dialogue.wire.limit()
        for answer in self._dialogue.client.noop()[1]:
            self._hear(answer)

    def _hear(self, answer: Any) -> None:
        match answer:
            case (int(number), b"EXISTS"):
                self._dialogue.exists = number
            case (int(), b"EXPUNGE"):
                self._dialogue.exists -= 1
                self._dialogue.told -= 1
            case _:
                pass

    def _doze(self, seconds: float) -> None:
        """Wait without IDLE; the caller then looks anyway."""
        self._dialogue.wire.limit(seconds=seconds + 5)
        self._drain(self._dialogue.wire.wait(seconds, self._wake_read))

    def _idle(self, seconds: float) -> bool:
        """IDLE (RFC 2177) with our own reader. True when something may have happened."""
        wire, imap = self._dialogue.wire, self._dialogue.client._imap
        wire.limit()
        tag = imap._command("IDLE")
        heard = False
        while not heard:
            line = self._idle_line()
            if line.startswith(b"+"):
                break
            if line.startswith(tag):
                self._can_idle = False
                return True
            heard = self._hint(line)
        if not heard:
            heard = self._listen(seconds)
        wire.limit()
        wire.send(b"DONE\r\n")
        while not (line := self._idle_line()).startswith(tag):
            heard = self._hint(line) or heard
        imap.tagged_commands.pop(tag, None)
        return heard

    def _listen(self, seconds: float) -> bool:
        """Read hints until one says that mail came, something wakes us, or time is up."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            found = self._dialogue.wire.wait(left, self._wake_read)
            if found == "wake":
                self._drain(found)
                return True
            self._dialogue.wire.limit()
            if found == "line" and self._hint(self._idle_line()):
                return True
        return False

    def _hint(self, line: bytes) -> bool:
        """Whether an untagged line says that mail may have come. A BYE ends the connection."""
        words = line.split(maxsplit=3)
        if len(words) < 2 or words[0] != b"*":
            return False
        if words[1].upper() == b"BYE":
            self._dialogue.broken = True
            raise Unavailable(
                f"the server said goodbye: {printable(line.decode('ascii', 'replace'))}"
            )
        if len(words) > 2 and words[1].isdigit() and len(words[1]) < 11:
            self._hear((int(words[1]), words[2].upper()))
            return words[2].upper() in _HINTS
        return False

    def _idle_line(self) -> bytes:
        line = self._dialogue.wire.readline()
        if not line.endswith(b"\n"):
            raise ConnectionResetError("the server closed the connection")
        return line.rstrip(b"\r\n")

    def _drain(self, found: str) -> None:
        if found == "wake":
            os.read(self._wake_read, 4096)
