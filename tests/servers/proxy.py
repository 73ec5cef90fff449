"""Stand between a mail client and a server: write down what is said, and break it on purpose.

    with Proxy(server.port) as proxy:
        proxy.faults.append(Fault(place=Place.REPLY, command="APPEND"))
        ...  # the client speaks with proxy.port; the first APPEND is stored, its OK never comes
        assert [command.name for command in proxy.commands] == ["LOGIN", "APPEND"]

One thread serves one connection, so what happens at a given octet is the same in every run. A
command is forwarded line by line, a literal as it comes; message octets are never taken for
commands. A fault fires once; where the command turns out shorter than the offset it never fires,
so a test may count offsets up until `proxy.fired` stays empty.
"""

import contextlib
import select
import socket
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

from tests.servers.tls import Certificates
from tests.servers.wire import Piece, Splitter, name_of, words

CONNECT = "CONNECT"  # the command of a fault that strikes before any command: ANSWER only
_PATIENCE = 30.0
_SEGMENT_PAUSE = 0.0003


class Place(Enum):
    """Where a fault strikes; the offset counts octets from there."""

    COMMAND = "from the first octet of the command, on its way to the server"
    LITERAL = "from the first octet of its first literal, on its way to the server"
    END = "after its last octet: the server has all of it, the client hears nothing"
    ANSWER = "from the first octet the server says after it, on its way to the client"
    REPLY = "from the first octet of its tagged reply, on its way to the client"


class Action(Enum):
    """What happens there."""

    CUT = "both connections are closed"
    RESET = "the client's connection is reset, the server's is closed"
    HOLD = "nothing passes any more, in no direction, and nothing is closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Break the n-th command of a name ("*": of any name) at an octet."""

    place: Place
    command: str = "*"
    occurrence: int = 1
    offset: int = 0
    action: Action = Action.CUT


@dataclass(slots=True, kw_only=True)
class Command:
    """What a client said; DONE and what answers a challenge have no tag."""

    connection: int
    at: float  # monotonic seconds
    tag: str
    name: str  # "UID FETCH", "DONE"; "RESPONSE" for what answers a challenge
    text: bytes  # without tag, line ends and the octets of literals
    literals: list[bytes] = field(default_factory=list)
    size: int = 0  # every octet of it, tag, line ends and literals included
    answered: bytes = b""  # its tagged line

    @property
    def words(self) -> tuple[str, ...]:
        return words(self.text)


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a server said, without its line end; octets of literals are left out."""

    connection: int
    at: float  # monotonic seconds, when it came from the server
    data: bytes


class Proxy:
    """Listens on `port`, forwards to `upstream`; where that is down it hangs up at once.

    rtt_ms delays both ways by half; segment cuts what the server says into so many octets a
    segment; certificates make it speak TLS to the client (and plain to the server), so that it
    can read along.
    """

    def __init__(
        self,
        upstream: int,
        *faults: Fault,
        rtt_ms: float = 0,
        segment: int = 0,
        certificates: Certificates | None = None,
    ) -> None:
        self.upstream, self.down = upstream, False
        self.faults, self.fired = list(faults), list[Fault]()
        self.commands, self.lines = list[Command](), list[Line]()
        self.delay, self.segment, self.certificates = rtt_ms / 2000, segment, certificates
        self.connections = 0
        self._live: list[_Connection] = []
        self._counted: Counter[str] = Counter()
        self._news = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def names(self) -> list[str]:
        """The names of all commands, in their order."""
        return [command.name for command in self.commands]

    def said(self, text: bytes) -> list[Line]:
        """The server's lines that hold a text, such as b" EXISTS"."""
        return [line for line in list(self.lines) if text in line.data]

    def wait_until(self, true: Callable[[], object], timeout: float = 5) -> None:
        """Wait until something is true that commands, lines or faults make so; else TimeoutError."""
        with self._news:
            if not self._news.wait_for(true, timeout):
                raise TimeoutError(f"not within {timeout} s; seen: {self.names()[-20:]}")

    def cut_now(self) -> None:
        """Close every connection; a new one may be made at once."""
        self._each(Action.CUT)

    def reset_now(self) -> None:
        self._each(Action.RESET)

    def hold_now(self) -> None:
        """Let nothing pass any more on the connections of this moment."""
        self._each(Action.HOLD)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        self._listener.close()
        self.cut_now()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def record(self, *, command: Command | None = None, line: Line | None = None) -> list[Fault]:
        """Write down a command or a line; gives the faults that are due for the command."""
        with self._news:
            if line:
                self.lines.append(line)
            if command and command.name != CONNECT:
                self.commands.append(command)
            due = self._due(command.name) if command else []
            self._news.notify_all()
        return due

    def fire(self, fault: Fault) -> None:
        with self._news:
            self.fired.append(fault)
            self._news.notify_all()

    def _due(self, name: str) -> list[Fault]:
        keys = (name,) if name == CONNECT else (name, "*")
        self._counted.update(keys)
        pending = [f for f in self.faults if f.command.upper() in keys]
        due = [f for f in pending if f.occurrence == self._counted[f.command.upper()]]
        self.faults = [f for f in self.faults if not any(f is d for d in due)]
        return due

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = self._reach()
            except OSError:
                client.close()
                continue
            self.connections += 1
            connection = _Connection(self, self.connections, client, server)
            self._live = [c for c in self._live if c.alive] + [connection]
            connection.start()

    def _reach(self) -> socket.socket:
        if self.down:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.upstream), 5)

    def _each(self, action: Action) -> None:
        for connection in self._live:
            connection.order(action)


@dataclass(slots=True)
class _Limit:
    position: int
    eager: bool  # strike as soon as the position is reached, not when more wants to pass
    fault: Fault
    command: Command


class _Lane:
    """One direction: what was said, what has passed, and where it must stop."""

    def __init__(self, target: socket.socket) -> None:
        self.target = target
        self.splitter = Splitter()
        self.seen = self.passed = 0
        self.waiting: deque[tuple[float, bytes]] = deque()
        self.limits: list[_Limit] = []

    def stop_at(self, position: int, fault: Fault, command: Command) -> None:
        eager = fault.offset > 0 or fault.place is Place.END
        self.limits.append(_Limit(position + fault.offset, eager, fault, command))
        self.limits.sort(key=lambda limit: limit.position)

    def forget(self, command: Command) -> None:
        """The command is over: what lies behind its end will not strike."""
        self.limits = [
            limit
            for limit in self.limits
            if limit.command is not command or limit.position <= self.seen
        ]


class _Connection:
    def __init__(
        self, proxy: Proxy, number: int, client: socket.socket, server: socket.socket
    ) -> None:
        self.proxy, self.number = proxy, number
        self.client, self.server = client, server
        self.bell, self.rope = socket.socketpair()
        self.orders: deque[tuple[Action, threading.Event]] = deque()
        self.held = False
        self.due: dict[int, list[Fault]] = {}  # by id of the command
        self.open: dict[str, Command] = {}
        self.current: Command | None = None
        self.thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def alive(self) -> bool:
        return self.thread.is_alive()

    def start(self) -> None:
        self.thread.start()

    def order(self, action: Action) -> None:
        """Do something from another thread, and wait until it is done."""
        done = threading.Event()
        self.orders.append((action, done))
        with contextlib.suppress(OSError):
            self.rope.send(b"!")
        while not done.wait(0.05) and self.alive:
            pass
        if action is not Action.HOLD:
            self.thread.join(5)

    def _serve(self) -> None:
        with self.server, self.bell, self.rope:
            try:
                self._prepare()
                with self.client:
                    self._forward()
            except (OSError, _Over):
                self.client.close()

    def _prepare(self) -> None:
        for end in (self.client, self.server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(_PATIENCE)
        if self.proxy.certificates:
            context = self.proxy.certificates.server_context()
            self.client = context.wrap_socket(self.client, server_side=True)
        self.up, self.back = _Lane(self.server), _Lane(self.client)
        start = Command(connection=self.number, at=time.monotonic(), tag="", name=CONNECT, text=b"")
        for fault in self.proxy.record(command=start):
            self.back.stop_at(0, fault, start)

    def _forward(self) -> None:
        while True:
            watched = [self.bell] if self.held else [self.bell, self.client, self.server]
            ready, _, _ = select.select(watched, [], [], self._until_due())
            if self.bell in ready:
                self._obey()
                continue
            if self.client in ready:
                self._read(self.client, self.up, self._from_client)
            if self.server in ready:
                self._read(self.server, self.back, self._from_server)
            for lane in (self.up, self.back):
                self._flush(lane)

    def _until_due(self) -> float | None:
        first = [lane.waiting[0][0] for lane in (self.up, self.back) if lane.waiting]
        return max(0.0, min(first) - time.monotonic()) if first and not self.held else None

    def _obey(self) -> None:
        self.bell.recv(100)
        while self.orders:
            action, done = self.orders.popleft()
            try:
                self._act(action)
            finally:
                done.set()

    def _read(
        self, source: socket.socket, lane: _Lane, understand: Callable[[Piece], None]
    ) -> None:
        data = source.recv(1 << 18)
        whole = bytearray()
        for piece in lane.splitter.feed(data):
            understand(piece)
            lane.seen += len(piece.data)
            whole += piece.data
            self._after(piece, lane)
        if not data:
            whole += lane.splitter.rest
        due = time.monotonic() + self.proxy.delay
        if whole:
            lane.waiting.append((due, bytes(whole)))
        if not data:
            lane.waiting.append((due, b""))

    def _from_client(self, piece: Piece) -> None:
        """Understand a piece before it passes: the limits it brings must stand by then."""
        if piece.literal:
            assert self.current
            self.current.literals[-1] += piece.data
        elif self.current:
            self.current.text += piece.data.rstrip(b"\r\n")
        else:
            self._begin(piece)
        assert self.current
        self.current.size += len(piece.data)
        if piece.announces is not None:
            self.current.literals.append(b"")
            if len(self.current.literals) == 1:
                start = self.up.seen + len(piece.data)
                self._limit(self.up, Place.LITERAL, start, self.current)

    def _begin(self, piece: Piece) -> None:
        command = self.current = self._parsed(piece.data.rstrip(b"\r\n"))
        if command.tag:
            self.open[command.tag] = command
        self.due[id(command)] = self.proxy.record(command=command)
        self._limit(self.up, Place.COMMAND, self.up.seen, command)
        self._limit(self.back, Place.ANSWER, self.back.seen, command)

    def _parsed(self, text: bytes) -> Command:
        names = {command.name for command in self.open.values()}
        tag = b""
        if "IDLE" in names and text.upper() == b"DONE":
            name = "DONE"
        elif "AUTHENTICATE" in names:
            name = "RESPONSE"
        else:
            tag, _, text = text.partition(b" ")
            name = name_of(text)
        return Command(
            connection=self.number,
            at=time.monotonic(),
            tag=tag.decode("ascii", "backslashreplace"),
            name=name,
            text=text,
        )

    def _after(self, piece: Piece, lane: _Lane) -> None:
        """A command ends with a line that announces no literal, when it does not lack one."""
        ends = not piece.literal and piece.announces is None
        if lane is self.up and self.current and ends:
            self._end(self.current)

    def _end(self, command: Command) -> None:
        self.current = None
        self.up.forget(command)
        self._limit(self.up, Place.END, self.up.seen, command)
        if not command.tag:
            del self.due[id(command)]

    def _from_server(self, piece: Piece) -> None:
        if piece.literal:
            return
        data = piece.data.rstrip(b"\r\n")
        tag, _, _ = data.partition(b" ")
        command = self.open.pop(tag.decode("ascii", "backslashreplace"), None)
        if command:
            self._replied(command, data, len(piece.data))
        self.proxy.record(line=Line(self.number, time.monotonic(), data))

    def _replied(self, command: Command, data: bytes, size: int) -> None:
        command.answered = data
        if command is self.current:  # refused before its literal: the client sends none
            self.up.splitter.owed = 0
            self._end(command)
        self._limit(self.back, Place.REPLY, self.back.seen, command)
        self.back.seen += size
        self.back.forget(command)
        self.back.seen -= size
        self.due.pop(id(command), None)

    def _limit(self, lane: _Lane, place: Place, position: int, command: Command) -> None:
        for fault in self.due.get(id(command), []):
            if fault.place is place:
                lane.stop_at(position, fault, command)

    def _flush(self, lane: _Lane) -> None:
        while lane.waiting and lane.waiting[0][0] <= time.monotonic() and not self.held:
            _, data = lane.waiting.popleft()
            if not data:
                raise _Over
            self._pass(lane, data)

    def _pass(self, lane: _Lane, data: bytes) -> None:
        while not self.held:
            limit = lane.limits[0] if lane.limits else None
            room = limit.position - lane.passed if limit else len(data)
            self._send(lane, data[:room])
            lane.passed += len(data[:room])
            data = data[room:]
            struck = limit and limit.position <= lane.passed and (data or limit.eager)
            if limit and struck:
                lane.limits.remove(limit)
                self.proxy.fire(limit.fault)
                self._act(limit.fault.action)
            elif not data:
                return

    def _send(self, lane: _Lane, data: bytes) -> None:
        size = self.proxy.segment if lane is self.back else 0
        if not size:
            lane.target.sendall(data)
            return
        for start in range(0, len(data), size):
            lane.target.sendall(data[start : start + size])
            time.sleep(_SEGMENT_PAUSE)

    def _act(self, action: Action) -> None:
        if action is Action.HOLD:
            self.held = True
            return
        if action is Action.RESET:
            forced = struct.pack("ii", 1, 0)
            self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, forced)
        raise _Over


class _Over(Exception):
    """This connection ends here."""
