"""Open a guarded, verified, logged-in connection to an account's mail server."""

from __future__ import annotations

import imaplib
import ipaddress
import logging
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from imapclient import IMAPClient

from kitchenwall.adapters.imap.answers import login_refused, printable
from kitchenwall.adapters.imap.gate import DRAFTING, Gate
from kitchenwall.adapters.imap.rows import UNREADABLE
from kitchenwall.adapters.imap.wire import Wire
from kitchenwall.errors import AccessDenied, ConfigError, Unavailable

logging.getLogger("imapclient").setLevel(logging.WARNING)


class Revealable(Protocol):
    """A secret that does not show itself."""

    def reveal(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where an account's mail lies and how it is reached. Seconds bound one whole command."""

    account: str
    host: str
    port: int
    login: str
    security: str = "tls"
    ca_file: str = ""
    mechanism: str = ""
    connect_seconds: float = 30.0
    command_seconds: float = 60.0


class _Imap(imaplib.IMAP4):
    """imaplib's conversation, spoken over our wire and without its log of commands."""

    def __init__(self, server: Server, wire: Wire) -> None:
        self._wire = wire
        super().__init__(server.host, server.port)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        del timeout
        self.host = host
        self.port = port
        self.sock = self._wire  # type: ignore[assignment]

    def read(self, size: int) -> bytes:
        return self._wire.read(size)

    def readline(self) -> bytes:
        return self._wire.readline()

    def send(self, data: Any) -> None:
        self._wire.send(data)

    def shutdown(self) -> None:
        self._wire.close()

    def starttls(self, ssl_context: ssl.SSLContext | None = None) -> Any:
        assert ssl_context is not None
        kind, data = self._simple_command("STARTTLS")
        if kind != "OK":
            raise self.error("the server refused STARTTLS")
        if self._wire.has_unread():  # would be taken for what came under TLS (CVE-2026-42246)
            raise self.abort("the server said something between STARTTLS and TLS")
        self._wire.upgrade(ssl_context, self.host)
        self.untagged_responses: dict[str, list[Any]] = {}
        self._get_capabilities()
        return kind, data

    def _new_tag(self) -> bytes:
        self._wire.gate.begin()
        tag: bytes = super()._new_tag()  # type: ignore[misc]
        return tag

    def _log(self, line: str) -> None:
        """Keep nothing: imaplib remembers its last commands, LOGIN among them."""

    def _mesg(self, text: str, seconds: float | None = None) -> None:
        """Say nothing."""


class Client(IMAPClient):  # type: ignore[misc]
    """imapclient over our wire: its parsers and dialogues, none of its sockets."""

    def __init__(self, server: Server, wire: Wire) -> None:
        self._server = server
        self.wire = wire
        super().__init__(server.host, server.port, ssl=False)
        self.normalise_times = False
        self.folder_encode = False  # names go back to the server as they came
        self._imap.debug = 0  # as shipped it formats every line, four times slower (measured)

    def _create_IMAP4(self) -> _Imap:  # noqa: N802 - imapclient's name
        return _Imap(self._server, self.wire)

    def _set_read_timeout(self) -> None:
        """The wire has deadlines of its own."""


def connect(
    server: Server,
    secret: Revealable,
    allowed: Mapping[str, bytes] = DRAFTING,
    lay_wire: Callable[..., Wire] = Wire,
) -> Client:
    """A logged-in client whose connection says nothing but what is `allowed`.

    `lay_wire` makes the wire that everything goes through, as `Wire` does. Raises `Unavailable`
    (no network, no answer, too many connections), `AccessDenied` (the login was refused) or
    `ConfigError` (the connection would not be protected, or the certificate is not to be trusted).
    """
    wire = None
    try:
        wire = lay_wire(_dial(server), Gate(allowed), seconds=server.command_seconds)
        if server.security == "tls":
            wire.limit(seconds=server.connect_seconds)
            wire.upgrade(_tls(server), server.host)
        wire.limit(seconds=server.connect_seconds)
        client = Client(server, wire)
        _protect(client, server)
        _log_in(client, server, secret)
        wire.limit()
        client.capabilities()
    except BaseException as error:
        if wire is not None:
            wire.close()
        raise _ours(error, server) from error
    return client


def _dial(server: Server) -> socket.socket:
    """A connected socket that notices a dead peer within about two minutes (reliability 1)."""
    if server.security == "plain" and not _is_loopback(server.host):
        raise ConfigError(
            f'cannot connect to "{server.account}": {server.host} is not this machine, and plain '
            'text would show the password to the network; set security = "tls"'
        )
    sock = socket.create_connection((server.host, server.port), server.connect_seconds)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4),
                          ("TCP_USER_TIMEOUT", 60_000)):  # fmt: skip
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return sock


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _tls(server: Server) -> ssl.SSLContext:
    """Verified TLS 1.2 or newer; there is no switch to turn verification off."""
    context = ssl.create_default_context(cafile=server.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _protect(client: Client, server: Server) -> None:
    """STARTTLS where the file asks for it; a server that greets as logged in is not trusted."""
    if client._imap.state != "NONAUTH":
        raise AccessDenied(
            f'cannot log in to "{server.account}": the server greets as if already logged in, which '
            "would skip protection; ask its administrator"
        )
    if server.security != "starttls":
        return
    if b"STARTTLS" not in client.capabilities():
        raise ConfigError(
            f'cannot connect to "{server.account}": {server.host} does not offer STARTTLS, so the '
            'password would travel in clear; set security = "tls" (port 993)'
        )
    client._imap.starttls(_tls(server))
    client._starttls_done = True
    client._cached_capabilities = None


def _log_in(client: Client, server: Server, secret: Revealable) -> None:
    """One attempt with the mechanism that the account names, else PLAIN, else LOGIN."""
    try:
        if server.mechanism:
            client.sasl_login(server.mechanism.upper(), _bearer(server, secret))
        elif b"AUTH=PLAIN" in client.capabilities():
            client.sasl_login("PLAIN", lambda _: f"\0{server.login}\0{secret.reveal()}".encode())
        else:
            client._imap.login(client._imap._quote(server.login), secret.reveal())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        if isinstance(error.__context__, imaplib.IMAP4.abort):
            raise error.__context__ from None  # imapclient takes a lost connection for a refusal
        raise login_refused(_said(error), server.account) from None
    except UnicodeEncodeError:
        raise AccessDenied(
            f'cannot log in to "{server.account}": the server takes only ASCII passwords '
            "(it offers no AUTH=PLAIN); choose an app password"
        ) from None
    client._cached_capabilities = None


def _said(error: imaplib.IMAP4.error) -> str:
    """The server's words; imaplib sometimes leaves them as bytes."""
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)


def _bearer(server: Server, secret: Revealable) -> Callable[[bytes], bytes]:
    """The first answer carries the token; any further challenge is an error report (RFC 7628, 3.2.3)."""
    token = secret.reveal()
    if server.mechanism == "oauthbearer":
        user = server.login.replace("=", "=3D").replace(",", "=2C")
        first, again = f"n,a={user},\1auth=Bearer {token}\1\1", b"\1"
    else:
        first, again = f"user={server.login}\1auth=Bearer {token}\1\1", b""
    answers = iter((first.encode(),))
    return lambda _: next(answers, again)


def _ours(error: BaseException, server: Server) -> BaseException:
    """Turn what the libraries raise while connecting into what the caller can act on."""
    where = f'cannot connect to "{server.account}" ({server.host}:{server.port})'
    match error:
        case ssl.SSLCertVerificationError():
            return ConfigError(
                f"{where}: its certificate is not to be trusted: {printable(error.verify_message)}; "
                "check host and clock, or name the certificate authority with ca_file"
            )
        case socket.gaierror():
            return Unavailable(f"{where}: the name cannot be looked up: {error.strerror}")
        case TimeoutError():
            return Unavailable(f"{where}: no answer in time")
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER"):
            return Unavailable(
                f"{where}: it does not speak TLS on this port; check port and security"
            )
        case ssl.SSLError() | OSError() | imaplib.IMAP4.error():
            return Unavailable(f"{where}: {printable(str(error))}")
        case _ if isinstance(error, UNREADABLE):
            return Unavailable(f"{where}: its answer cannot be read")
        case _:
            return error
