"""Play a mail server on 127.0.0.1 that says whatever a script wants, honest where it is silent.

    def no_room(conversation: Conversation, request: Request) -> None:
        conversation.no(request, b"[OVERQUOTA] the mailbox is full")

    with ScriptedServer(serving({"APPEND": no_room})) as server:
        ...  # the client speaks with server.port

A script is a function of one conversation (one connection). `serving` makes one of handlers, a
function for each command that shall not be answered honestly. Time is scaled: a script that pauses
a second pauses `pace` seconds.
"""

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.servers.account import Account, Folder, counted, fetched, found, listed, opened
from tests.servers.tls import Certificates
from tests.servers.wire import Piece, Splitter, name_of, words

CAPABILITIES = b"IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2 NAMESPACE IDLE UIDPLUS SPECIAL-USE"
GREETING = b"* OK [CAPABILITY CAPS] ready\r\n"


class Over(Exception):
    """This conversation is over: the client or the server hung up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command line; its literal, if it announces one, has not been read yet."""

    tag: bytes
    name: str
    text: bytes  # without tag and line end
    announces: int | None = None
    waits: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        return words(self.text)


class Conversation:
    """One connection: what a script may do with it."""

    def __init__(self, server: "ScriptedServer", sock: socket.socket, number: int) -> None:
        self.server, self.number = server, number
        self.account: Account = server.account
        self.capabilities: bytes = CAPABILITIES
        self.handlers: Mapping[str, Handler] = {}
        self.selected: Folder | None = None
        self._sock = sock
        self._splitter = Splitter()
        self._pieces: list[Piece] = []

    def expect(self, *names: str) -> Request:
        """Serve until a command of these names comes, and give it unanswered."""
        while (request := self.read()).name not in names:
            self.answer(request)
        return request

    def serve(self) -> None:
        """Serve until the client hangs up."""
        while True:
            self.answer(self.read())

    def answer(self, request: Request) -> None:
        """Answer as the handlers say, else honestly."""
        self.handlers.get(request.name, honestly)(self, request)

    def honest(self, request: Request) -> bytes:
        """The honest answer to a command that needs no conversation, tagged line included."""
        answer = _ANSWERS.get(request.name, _unknown)
        untagged, _, tagged = answer(self, request).rpartition(b"TAG ")
        return untagged + request.tag + b" " + tagged

    def read(self) -> Request:
        """The next command line; raises Over when there is none."""
        piece = self._piece()
        data = piece.data.rstrip(b"\r\n")
        tag, _, text = data.partition(b" ")
        request = Request(
            tag=tag, name=name_of(text), text=text, announces=piece.announces, waits=piece.waits
        )
        if request.waits:  # until it is asked for, a command may follow instead
            self._splitter.owed = 0
        self.server.requests.append(request)
        return request

    def line(self) -> bytes:
        """The next line, whatever it is: DONE, or what answers a challenge."""
        return self._piece().data.rstrip(b"\r\n")

    def literal(self, request: Request, most: int | None = None) -> bytes:
        """Ask for the literal of a request and read it and its line end, or stop after `most` octets."""
        if request.waits:
            self._splitter.owed = request.announces or 0
            self.send(b"+ go on\r\n")
        wanted = request.announces or 0
        data = b""
        while len(data) < (wanted if most is None else min(most, wanted)):
            data += self._piece().data
        if most is None:
            self._piece()
        return data

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def drip(self, data: bytes, seconds: float = 1) -> None:
        """Send octet by octet, so many (scaled) seconds apart."""
        for octet in data:
            self.send(bytes([octet]))
            self.pause(seconds)

    def ok(self, request: Request, text: bytes = b"done") -> None:
        self.send(request.tag + b" OK " + text + b"\r\n")

    def no(self, request: Request, text: bytes = b"refused") -> None:
        self.send(request.tag + b" NO " + text + b"\r\n")

    def bad(self, request: Request, text: bytes = b"not understood") -> None:
        self.send(request.tag + b" BAD " + text + b"\r\n")

    def pause(self, seconds: float) -> None:
        """Wait scaled seconds; raises Over when the server is closed meanwhile."""
        if self.server.closing.wait(seconds * self.server.pace):
            raise Over

    def hang(self) -> None:
        """Say nothing any more, listen to nothing, until the client hangs up."""
        while self._sock.recv(1 << 16):
            pass
        raise Over

    def close(self) -> None:
        """Hang up."""
        raise Over

    def reset(self) -> None:
        """Hang up with a reset instead of an end."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Over

    def starttls(self) -> None:
        """Go on in TLS; the server must have certificates."""
        assert self.server.certificates, "ScriptedServer(..., certificates=issue(folder))"
        self._sock = self.server.certificates.server_context().wrap_socket(
            self._sock, server_side=True
        )

    def readable(self, seconds: float) -> bool:
        """Whether the client says something within so many true seconds."""
        return bool(self._pieces or select.select([self._sock], [], [], seconds)[0])

    def disconnect(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._sock.close()

    def _piece(self) -> Piece:
        while not self._pieces:
            data = self._sock.recv(1 << 16)
            if not data:
                raise Over
            self._pieces += self._splitter.feed(data)
        return self._pieces.pop(0)


Script = Callable[[Conversation], None]
Handler = Callable[[Conversation, Request], None]


class ScriptedServer:
    """Listens on `port` and plays the script once for every connection, all on one account."""

    def __init__(
        self,
        script: Script,
        *,
        account: Account | None = None,
        certificates: Certificates | None = None,
        pace: float = 0.01,
    ) -> None:
        self.script, self.certificates, self.pace = script, certificates, pace
        self.account = account or Account()
        self.requests = list[Request]()
        self.connections = 0
        self.closing = threading.Event()
        self.mistakes = list[Exception]()
        self._live = list[tuple[Conversation, threading.Thread]]()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def names(self) -> list[str]:
        """The names of all commands, in their order."""
        return [request.name for request in self.requests]

    def close(self) -> None:
        """Hang up on everybody; raises what went wrong inside a script, if anything did."""
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        self._listener.close()
        for conversation, thread in self._live:
            conversation.disconnect()
            thread.join(5)
        if self.mistakes:
            raise self.mistakes[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            conversation = Conversation(self, sock, self.connections)
            thread = threading.Thread(target=self._play, args=(conversation,), daemon=True)
            self._live = [(c, t) for c, t in self._live if t.is_alive()]
            self._live.append((conversation, thread))
            thread.start()

    def _play(self, conversation: Conversation) -> None:
        try:
            self.script(conversation)
        except (Over, OSError):
            pass
        except Exception as mistake:
            self.mistakes.append(mistake)
        finally:
            conversation.disconnect()


def serving(
    handlers: Mapping[str, Handler] | None = None,
    *,
    greeting: bytes = GREETING,
    capabilities: bytes = CAPABILITIES,
    prepare: Callable[[Account], None] = lambda account: None,
) -> Script:
    """A script that greets, and answers with the handlers where there is one, else honestly.

    `prepare` changes the account before the first connection is greeted.
    """

    def script(conversation: Conversation) -> None:
        conversation.capabilities = capabilities
        conversation.handlers = handlers or {}
        if conversation.number == 1:
            prepare(conversation.account)
        conversation.send(greeting.replace(b"CAPS", capabilities))
        conversation.serve()

    return script


def recovering(script: Script, times: int = 1) -> Script:
    """A script that misbehaves on the first connections only, and is honest on all later ones."""
    good = serving()
    return lambda talk: script(talk) if talk.number <= times else good(talk)


def honestly(conversation: Conversation, request: Request) -> None:
    """The handler that answers as a server should."""
    talk = _TALKS.get(request.name)
    if talk:
        talk(conversation, request)
        return
    if request.announces is not None:
        conversation.literal(request)
    conversation.send(conversation.honest(request))


def store(conversation: Conversation, request: Request) -> int:
    """Read the literal of an APPEND and lay it into its folder; gives the UID."""
    raw = conversation.literal(request)
    folder = conversation.account.find(request.words[1])
    assert folder, request
    flags = request.text.partition(b"(")[2].partition(b")")[0]
    return folder.add(raw, tuple(flags.split()))


def _append(conversation: Conversation, request: Request) -> None:
    folder = conversation.account.find(request.words[1])
    if folder is None:
        conversation.no(request, b"[TRYCREATE] there is no such folder")
        return
    uid = store(conversation, request)
    told = b"[APPENDUID %d %d] " % (folder.uidvalidity, uid)
    conversation.ok(request, (told if b"UIDPLUS" in conversation.capabilities else b"") + b"stored")


def _authenticate(conversation: Conversation, request: Request) -> None:
    if len(request.words) < 3:
        conversation.send(b"+ \r\n")
        conversation.line()
    conversation.ok(request, b"[CAPABILITY %b] in" % conversation.capabilities)


def _idle(conversation: Conversation, request: Request) -> None:
    folder = conversation.selected
    known = len(folder.mails) if folder else 0
    conversation.send(b"+ idling\r\n")
    until = time.monotonic() + 1800
    while not conversation.readable(0.01) and time.monotonic() < until:
        if folder and len(folder.mails) > known:
            known = len(folder.mails)
            conversation.send(b"* %d EXISTS\r\n" % known)
    conversation.line()
    conversation.ok(request)


def _starttls(conversation: Conversation, request: Request) -> None:
    if conversation.server.certificates is None:
        conversation.bad(request)
        return
    conversation.ok(request, b"begin TLS")
    conversation.starttls()


def _logout(conversation: Conversation, request: Request) -> None:
    conversation.send(b"* BYE until soon\r\n")
    conversation.ok(request)
    conversation.close()


def _examine(conversation: Conversation, request: Request) -> bytes:
    conversation.selected = conversation.account.find(request.words[1])
    if conversation.selected is None:
        return b"TAG NO [NONEXISTENT] there is no such folder\r\n"
    return opened(conversation.selected) + b"TAG OK [READ-ONLY] open\r\n"


def _status(conversation: Conversation, request: Request) -> bytes:
    folder = conversation.account.find(request.words[1])
    if folder is None:
        return b"TAG NO [NONEXISTENT] there is no such folder\r\n"
    return counted(folder) + b"TAG OK counted\r\n"


def _fetch(conversation: Conversation, request: Request) -> bytes:
    if conversation.selected is None:
        return b"TAG BAD no folder is open\r\n"
    items = request.text.split(b" ", 3)[3]
    return fetched(conversation.selected, request.words[2], items) + b"TAG OK fetched\r\n"


def _search(conversation: Conversation, request: Request) -> bytes:
    if conversation.selected is None:
        return b"TAG BAD no folder is open\r\n"
    return found(conversation.selected, request.words[2:]) + b"TAG OK searched\r\n"


def _unknown(conversation: Conversation, request: Request) -> bytes:
    return b"TAG BAD unknown command\r\n"


_ANSWERS: Mapping[str, Callable[[Conversation, Request], bytes]] = {
    "CAPABILITY": lambda c, _: b"* CAPABILITY %b\r\nTAG OK done\r\n" % c.capabilities,
    "NAMESPACE": lambda c, _: b'* NAMESPACE (("" "/")) NIL NIL\r\nTAG OK done\r\n',
    "LOGIN": lambda c, _: b"TAG OK [CAPABILITY %b] in\r\n" % c.capabilities,
    "LIST": lambda c, _: listed(c.account) + b"TAG OK listed\r\n",
    "NOOP": lambda c, _: b"TAG OK done\r\n",
    "EXAMINE": _examine,
    "SELECT": _examine,
    "STATUS": _status,
    "UID FETCH": _fetch,
    "UID SEARCH": _search,
}
_TALKS: Mapping[str, Handler] = {
    "APPEND": _append,
    "AUTHENTICATE": _authenticate,
    "IDLE": _idle,
    "STARTTLS": _starttls,
    "LOGOUT": _logout,
}
