"""A raw IMAP client for tests and benches: it says exactly what it is told, and keeps every byte."""

import base64
import re
import socket
import ssl
from pathlib import Path
from types import TracebackType
from typing import Self

_LITERAL = re.compile(rb"\{(\d+)\}\r\n\Z")
_UID = re.compile(rb"\bUID (\d+)")
_MODSEQ = re.compile(rb"\bMODSEQ \((\d+)\)")
_FLAGS = re.compile(rb"\bFLAGS \(([^)]*)\)")
_APPENDUID = re.compile(rb"\[APPENDUID \d+ (\d+)\]")

Snapshot = dict[int, tuple[frozenset[bytes], int]]


class Refused(Exception):
    """The server answered NO or BAD; the text is its tagged line."""


class Gone(Exception):
    """The server closed the connection."""


class RawClient:
    """One connection; commands without their tag, answers as lines with their literals in them."""

    def __init__(self, port: int, *, ca_file: Path | None = None, timeout: float = 20) -> None:
        self._sock: socket.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._tags = 0
        if ca_file is not None:
            self._wrap(ca_file)
        self._file = self._sock.makefile("rb")
        self.greeting = self.line()

    def login(self, user: str, password: str = "secret") -> Self:
        self.cmd(b"LOGIN %b %b" % (quoted(user), quoted(password)))
        return self

    def starttls(self, ca_file: Path) -> None:
        self.cmd(b"STARTTLS")
        self._file.close()
        self._wrap(ca_file)
        self._file = self._sock.makefile("rb")

    def cmd(self, command: bytes, *literals: bytes, check: bool = True) -> list[bytes]:
        """Send one command, give every line of its answer; the last one is the tagged line.

        A literal goes where the command says `{}`; the server is asked first (no LITERAL+).
        Raises Refused for NO and BAD unless told not to check, Gone when the server hangs up.
        """
        tag = self.send(command.split(b"{}")[0], *literals[:1])
        lines = []
        pieces = list(zip(literals, command.split(b"{}")[1:], strict=True))
        for number, (literal, rest) in enumerate(pieces):
            while not (line := self.line()).startswith((b"+", tag)):
                lines.append(line)
            if line.startswith(tag):
                return self._checked([*lines, line], check)
            following = literals[number + 1 : number + 2]
            self._sock.sendall(literal + rest + _announced(*following) + b"\r\n")
        while True:
            lines.append(self.line())
            if lines[-1].startswith(tag):
                return self._checked(lines, check)

    def send(self, command: bytes, *literal: bytes) -> bytes:
        """Send a command line without waiting for an answer; gives its tag and a space."""
        self._tags += 1
        tag = b"r%d " % self._tags
        self.raw(tag + command + _announced(*literal) + b"\r\n")
        return tag

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._sock.sendall(data)

    def line(self, timeout: float | None = None) -> bytes:
        """The next answer line, its literals in place, without its CRLF; raises Gone at the end."""
        if timeout is not None:
            self._sock.settimeout(timeout)
        whole = self._file.readline()
        while literal := _LITERAL.search(whole):
            whole += self._file.read(int(literal[1])) + self._file.readline()
        if not whole.endswith(b"\n"):
            raise Gone(whole.decode("ascii", "replace"))
        return whole.removesuffix(b"\n").removesuffix(b"\r")

    def piece(self, most: int) -> bytes:
        """Whatever has come, at most so many bytes; waits for something."""
        return self._file.read1(most)

    def append(self, folder: str, mail: bytes, flags: bytes = b"", date: str = "") -> int | None:
        """Lay a mail into a folder; gives its UID where the server tells (UIDPLUS)."""
        when = b'"%b" ' % date.encode() if date else b""
        done = self.cmd(b"APPEND %b (%b) %b{}" % (mailbox(folder), flags, when), mail)[-1]
        told = _APPENDUID.search(done)
        return int(told[1]) if told else None

    def snapshot(self, folder: str = "INBOX") -> Snapshot:
        r"""UID -> (flags but \Recent, modseq or 0) of every mail; read with EXAMINE."""
        condstore = any(b"CONDSTORE" in line.split() for line in self.cmd(b"CAPABILITY"))
        self.cmd(b"EXAMINE " + mailbox(folder))
        wanted = b"UID FETCH 1:* (FLAGS MODSEQ)" if condstore else b"UID FETCH 1:* (FLAGS)"
        return dict(_state(line) for line in self.cmd(wanted) if b" FETCH (" in line)

    def mails(self, folder: str = "INBOX") -> list[bytes]:
        """Every mail in a folder, whole, oldest first; read with EXAMINE and PEEK."""
        self.cmd(b"EXAMINE " + mailbox(folder))
        lines = self.cmd(b"UID FETCH 1:* (BODY.PEEK[])")
        return [_literal(line) for line in lines if b" FETCH (" in line]

    def status(self, folder: str = "INBOX") -> dict[str, int]:
        """MESSAGES, UIDNEXT and UIDVALIDITY of a folder."""
        asked = b"STATUS %b (MESSAGES UIDNEXT UIDVALIDITY)" % mailbox(folder)
        told = self.cmd(asked)[0].rpartition(b"(")[2].rstrip(b")").decode().split()
        return {name: int(value) for name, value in zip(told[::2], told[1::2], strict=True)}

    def close(self) -> None:
        """Hang up without LOGOUT; may be called twice."""
        self._file.close()
        self._sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wrap(self, ca_file: Path) -> None:
        context = ssl.create_default_context(cafile=str(ca_file))
        self._sock = context.wrap_socket(self._sock, server_hostname="localhost")

    def _checked(self, lines: list[bytes], check: bool) -> list[bytes]:
        if check and lines[-1].split(b" ")[1:2] != [b"OK"]:
            raise Refused(lines[-1].decode("ascii", "replace"))
        return lines


def quoted(text: str) -> bytes:
    return b'"%b"' % text.replace("\\", "\\\\").replace('"', '\\"').encode()


def mailbox(name: str) -> bytes:
    """A folder name as it goes over the wire: modified UTF-7 (RFC 3501, 5.1.3), quoted."""
    return quoted(encoded(name))


def encoded(name: str) -> str:
    """A folder name in modified UTF-7: "Entwürfe" is "Entw&APw-rfe", and "&" is "&-"."""
    return re.sub(r"[^\x20-\x7e]+|&", lambda run: f"&{_shifted(run[0])}-", name)


def _shifted(run: str) -> str:
    if run == "&":
        return ""
    return base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")


def _announced(*literal: bytes) -> bytes:
    return b"{%d}" % len(literal[0]) if literal else b""


def _state(line: bytes) -> tuple[int, tuple[frozenset[bytes], int]]:
    uid, flags, modseq = _UID.search(line), _FLAGS.search(line), _MODSEQ.search(line)
    assert uid, line
    assert flags, line
    kept = frozenset(flags[1].split()) - {b"\\Recent"}
    return int(uid[1]), (kept, int(modseq[1]) if modseq else 0)


def _literal(line: bytes) -> bytes:
    head, _, rest = line.partition(b"}\r\n")
    return rest[: int(head.rpartition(b"{")[2])]
