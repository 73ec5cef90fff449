"""One socket to a mail server, on which everything has a deadline and a budget.

imaplib waits for each packet anew, so a server that drips one byte a second holds it for ever, and
it reads whatever length a literal announces (both measured). Here a whole command has one deadline
and its answer one budget of bytes, and what is over it is never kept.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
import time
from contextlib import suppress

from kitchenwall.adapters.imap.gate import Gate

LINE_MOST = 1_000_000
_CHUNK = 262_144
_SLACK = 65_536  # for what comes behind a literal
_SKIP_MOST = 100_000_000


class OverBudget(OSError):
    """A server sent, or announced, more than was asked for."""


class _Source(io.RawIOBase):
    """The reading half of the socket, under the deadline and the budget of its wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:  # type: ignore[no-untyped-def]
        return self._wire.receive_into(buffer)


class Wire:
    """A connected socket, plain or TLS, owned by one thread.

    `seconds` bound a whole command where nothing else is said. `abort()` alone may be called from
    another thread: it ends every wait at once.
    """

    def __init__(self, sock: socket.socket, gate: Gate, *, seconds: float) -> None:
        self.gate = gate
        self._sock = sock
        self.seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._left = LINE_MOST
        self._skip = _SKIP_MOST
        self._waiting = True
        self._ended = False
        self._reader = io.BufferedReader(_Source(self), _CHUNK)

    def limit(self, *, seconds: float | None = None, budget: int = LINE_MOST) -> None:
        """From here on: at most so many seconds, and so many bytes of answer."""
        self._deadline = time.monotonic() + (self.seconds if seconds is None else seconds)
        self._left = budget
        self._skip = _SKIP_MOST

    def send(self, data: bytes) -> None:
        """Hand over bytes that the gate admits."""
        self.gate.admit(data)
        self._sock.settimeout(self._remaining())
        self._sock.sendall(data)

    def readline(self) -> bytes:
        """A line with its end; b"" when the server closed the connection."""
        return self._reader.readline(LINE_MOST + 1)

    def read(self, size: int) -> bytes:
        """A literal of `size` bytes; of one that is over the budget, only its beginning.

        Some servers send a mail whole where a piece was asked for; if that ended the connection,
        such a mail would end every connection, and no later mail would ever be seen.
        """
        if size <= self._left + _CHUNK:
            return self._exactly(size)
        if size > self._skip:
            raise OverBudget(f"the server announced {size} bytes where {self._left} were left")
        self._skip -= size
        kept = max(0, self._left - _SLACK)
        left, self._left = self._left - kept, size + _CHUNK
        data = self._exactly(kept)
        for start in range(kept, size, _CHUNK):
            self._exactly(min(_CHUNK, size - start))
        self._left = left
        return data

    def receive_into(self, buffer: memoryview) -> int | None:
        """Read once from the socket; None where nothing is there and we do not wait."""
        if self._left <= 0:
            raise OverBudget("the server sent more than was asked for")
        self._sock.settimeout(self._remaining() if self._waiting else 0)
        try:
            count = self._sock.recv_into(buffer)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        self._left -= count
        self._ended = count == 0
        return count

    def wait(self, seconds: float, wake: int) -> str:
        """Wait for the server ("line"), for `wake` to become readable ("wake"), or in vain ("")."""
        if self.has_unread():
            return "line"
        poll = select.poll()
        poll.register(self._sock, select.POLLIN | select.POLLHUP | select.POLLERR)
        poll.register(wake, select.POLLIN)
        ready = dict(poll.poll(max(0.0, seconds) * 1000))
        if wake in ready:
            return "wake"
        # A TLS session ticket makes the socket readable with nothing to read.
        return "line" if ready and self.has_unread() else ""

    def has_unread(self) -> bool:
        """Whether bytes, or the end of the connection, are there to be read without waiting."""
        self._waiting = False
        try:
            return bool(self._reader.peek(1)) or self._ended
        finally:
            self._waiting = True

    def upgrade(self, context: ssl.SSLContext, host: str) -> None:
        """Go on over TLS."""
        self._sock.settimeout(self._remaining())
        self._sock = context.wrap_socket(self._sock, server_hostname=host)
        self._reader = io.BufferedReader(_Source(self), _CHUNK)

    def abort(self) -> None:
        """End the connection without a word, from any thread."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket."""
        self.abort()
        self._sock.close()

    def _exactly(self, size: int) -> bytes:
        data = self._reader.read(size)
        if data is None or len(data) < size:
            raise ConnectionResetError("the server closed the connection inside a literal")
        return data

    def _remaining(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the server did not answer in time")
        return left
