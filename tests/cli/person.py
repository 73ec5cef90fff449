"""A person with a home, a mail server and a shell in which the real command runs as a child."""

import contextlib
import json
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from kitchenwall.adapters.sqlite import SqliteJournal, open_journal
from kitchenwall.domain.journal import DraftState, Event, EventKind
from tests.servers.dovecot import Dovecot

COMMAND = (sys.executable, "-m", "kitchenwall")
PASSWORD = "secret"
# Everything that waits, a few hundred times faster than a person would set it.
QUICK = """
safety_minutes = 0.02
poll_minutes = 0.02
backoff_first_seconds = 0.05
backoff_most_seconds = 0.2
"""
_HEAD = """\
[person]
name = "Robin Sommer"
[draft]
per_hour = {per_hour}
per_day = 1000
{draft}
settle_first_seconds = 0.2
settle_second_seconds = 0.4
[log]
level = "{level}"
[watch]
{watch}
"""
_PAUSE = 0.02
_numbers = iter(range(1, 1_000_000))

T = TypeVar("T")


class Told(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One account of the person. Its password lies in a file, or `lines` say where."""

    name: str
    login: str
    port: int
    password: str = PASSWORD
    lines: str = ""


@dataclass(slots=True)
class Person:
    """Nothing of the machine's real home, desktop or locale is to be seen from here."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"} | self.env

    @property
    def config(self) -> Path:
        return self.home / ".config" / "kitchenwall" / "config.toml"

    @property
    def state(self) -> Path:
        return self.home / ".local" / "state" / "kitchenwall"

    def configure(
        self,
        *boxes: Mailbox,
        watch: str = QUICK,
        level: str = "debug",
        per_hour: int = 1000,
        draft: str = "",
    ) -> None:
        """Write the configuration, and the password of each account that keeps it in a file."""
        text = _HEAD.format(watch=watch, level=level, per_hour=per_hour, draft=draft)
        self.write(text + "".join(self._block(box) for box in boxes))

    def write(self, text: str) -> None:
        """Write the configuration as it is."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text)
        self.config.chmod(0o600)

    def keep_password(self, name: str, password: str) -> Path:
        """Keep an account's password in a file that nobody else may read."""
        path = self.home / f"{name}.password"
        path.touch(0o600)
        path.write_text(f"{password}\n")
        return path

    def types(self, *words: str, seconds: float = 40, **env: str) -> Told:
        """Run a command to its end."""
        done = subprocess.run(
            [*COMMAND, *words], env=self.env | env, cwd=self.home, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=seconds, check=False,
        )  # fmt: skip
        return Told(done.returncode, done.stdout.decode(), done.stderr.decode())

    def reads(self, *words: str) -> str:
        """What a command that is bound to succeed prints."""
        told = self.types(*words)
        assert (told.code, told.err) == (0, ""), told
        return told.out

    def json(self, *words: str) -> Any:
        return json.loads(self.reads(*words, "--json"))

    def starts(self, *words: str, **env: str) -> "Running":
        """Start a command that goes on."""
        return Running(self, words or ("run",), env)

    @contextlib.contextmanager
    def journal(self) -> Iterator[SqliteJournal]:
        """Look into the journal as another program of the person's would."""
        with open_journal(self.state, check=False) as journal:
            yield journal

    def events(self, *kinds: EventKind) -> tuple[Event, ...]:
        with self.journal() as journal:
            return journal.events(*kinds)

    def event(self, subject: str, seconds: float = 10) -> Event:
        """The event of the mail about this, as soon as there is one."""
        return until(
            lambda: next((e for e in self.events() if e.subject == subject), None), seconds
        )

    def laid(self, subject: str, seconds: float = 10) -> Event:
        """The event of the mail about this, as soon as its draft lies there."""
        event = self.event(subject, seconds)

        def now() -> Event | None:
            with self.journal() as journal:
                found = journal.event(event.id)
            return found if found and found.draft is DraftState.CREATED else None

        return until(now, seconds)

    def bytes_of_the_journal(self) -> bytes:
        """The file and its companions, whatever they hold."""
        return b"".join(path.read_bytes() for path in sorted(self.state.glob("journal.db*")))

    def _block(self, box: Mailbox) -> str:
        where = box.lines
        if "password_from" not in where:
            path = self.keep_password(box.name, box.password)
            where += f'\npassword_from = "file"\npassword_file = "{path}"'
        return (
            f'[[account]]\nname = "{box.name}"\naddress = "{box.login}"\nhost = "127.0.0.1"\n'
            f'port = {box.port}\nsecurity = "plain"\n{where}\n'
        )


class Running:
    """A command that runs; what it says goes into files, so that it never waits for a reader."""

    def __init__(
        self,
        person: Person,
        words: Sequence[str],
        env: dict[str, str],
        before: Sequence[str] = (),
    ) -> None:
        self._told = person.home / f"said-{next(_numbers)}"
        with self._told.open("wb") as told:
            self.process = subprocess.Popen(
                [*before, *COMMAND, *words], env=person.env | env, cwd=person.home,
                stdin=subprocess.DEVNULL, stdout=told, stderr=told,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        return self._told.read_text(errors="replace")

    def says(self, text: str, seconds: float = 10) -> str:
        """Wait until it has said this."""

        def now() -> bool:
            assert self.process.poll() is None or text in self.said, self.said
            return text in self.said

        until(now, seconds)
        return self.said

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ends(self, seconds: float = 15) -> int:
        """Its exit code, when it has ended by itself."""
        return self.process.wait(seconds)

    def stop(self, seconds: float = 15) -> int:
        """Ask it to end, as the service manager does."""
        self.signal(signal.SIGTERM)
        return self.ends(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(5)
        if error is not None:
            error.add_note(f"kitchenwall said:\n{self.said}")


class Manager:
    """A service manager that listens (sd_notify(3)); `heard` are its messages, in order."""

    def __init__(self) -> None:
        name = f"kitchenwall-test-{secrets.token_hex(8)}"
        self.address = f"@{name}"
        self._heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(f"\0{name}")

    @property
    def heard(self) -> list[str]:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._heard.append(self._socket.recv(4096).decode())
        return self._heard

    def firsts(self) -> list[str]:
        """The first line of each message, but for signs of life."""
        lines = (message.partition("\n")[0] for message in self.heard)
        return [line for line in lines if line != "WATCHDOG=1"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def until(found: Callable[[], T | None], seconds: float = 10) -> T:
    """Look again and again until something is found; TimeoutError when it is not."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if thing := found():
            return thing
        time.sleep(_PAUSE)
    raise TimeoutError(f"not within {seconds:g} s")


def drafts(server: Dovecot, login: str, password: str = PASSWORD) -> list[bytes]:
    """Every draft that lies in the mailbox."""
    with server.client(login, password) as client:
        return client.mails("Drafts")


def rejection(to: str, subject: str, *, days: float = 0, more: str = "") -> bytes:
    """A rejection by a person of her own house; `more` are further header lines, with CRLF."""
    return mail(to, subject, _NO.format(subject=subject), days=days, more=more)


def perhaps(to: str, subject: str) -> bytes:
    """A mail that may be a no."""
    return mail(to, subject, _PERHAPS)


def nested(to: str, subject: str) -> bytes:
    """A mail that nobody can read: four hundred parts, one in the other."""
    parts = "".join(
        f"Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n"
        for depth in range(400)
    )
    head = mail(to, subject, "").partition(b"MIME-Version")[0]
    return head + f"MIME-Version: 1.0\r\n{parts}\r\ndeep down\r\n".encode()


def mail(to: str, subject: str, text: str, *, days: float = 0, more: str = "") -> bytes:
    """An invented mail of so many days ago."""
    number = next(_numbers)
    when = format_datetime(datetime.now(UTC) - timedelta(days=days))
    return (
        f"From: Jonas Feld <jonas.feld@acorn{number}.example>\r\n"
        f"To: {to}\r\nSubject: {subject}\r\nDate: {when}\r\n"
        f"Message-ID: <{number}.{secrets.token_hex(4)}@acorn{number}.example>\r\n{more}"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"{text}".replace("\n", "\r\n").replace("\r\r", "\r")
    ).encode()


_NO = """\
Dear Robin Sommer,

thank you for applying for the position of {subject} and for the time that you gave us.

Unfortunately, we have decided not to move forward with your application.

Kind regards,
Jonas Feld
"""
_PERHAPS = """\
Hi Robin,

We have decided to move forward with other candidates for this role. But we would love to
interview you for the rates desk, which looks for somebody this spring.

Does Tuesday or Wednesday suit you?

Best,
Jonas
"""
