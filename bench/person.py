"""One invented person for the benches: a folder, a configuration, mail that says no, and figures."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mailboxes import mails, write
from tests.servers.dovecot import Dovecot

from kitchenwall import config as configuration
from kitchenwall.config import Config

_CACHED = b"(MESSAGE-ID X-DRAFT-REF IN-REPLY-TO REFERENCES)"

_CONFIG = """\
[person]
name = "Anna Weber"
[draft]
per_hour = 1000
per_day = 1000
[journal]
folder = "{folder}/state"
[log]
level = "warning"
[watch]
{watch}
"""
_ACCOUNT = """
[[account]]
name = "a{number}"
address = "{login}"
host = "127.0.0.1"
security = "plain"
port = {port}
password_from = "file"
password_file = "{folder}/password"
"""
_PARAGRAPH = (
    "Thank you for the time that you gave us and for the interest in our work. We have read your "
    "papers with care, and several people here have talked about them at length. Our garden has "
    "grown this year, and many people wrote to us from near and far about this one position.\r\n\r\n"
)


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder for configuration and journal that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kw-bench-", dir="/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def configured(folder: Path, port: int, logins: Sequence[str], watch: str = "") -> Config:
    """The configuration of a person with these mailboxes on one server, written and read back."""
    secret = folder / "password"
    secret.touch(0o600)
    secret.write_text("secret\n")
    text = _CONFIG.format(folder=folder, watch=watch) + "".join(
        _ACCOUNT.format(number=number, login=login, port=port, folder=folder)
        for number, login in enumerate(logins, 1)
    )
    path = folder / "config.toml"
    path.touch(0o600)
    path.write_text(text)
    return configuration.load(path)


def rejection(number: int, to: str, when: datetime | None = None, size: int = 4096) -> bytes:
    """An invented rejection from a sender of its own, about `size` bytes long."""
    words = (
        "Dear Anna Weber,\r\n\r\nthank you for applying for the position of Data Engineer at "
        f"Acorn {number} Gardens. Unfortunately, we have decided not to move forward with your "
        "application.\r\n\r\n"
    )
    return _mail(
        sender=f"Jonas Feld <jonas.feld@acorn{number}.example>",
        to=to,
        subject=f"Your application at Acorn {number} Gardens",
        number=number,
        when=when or datetime.now(UTC),
        words=words,
        size=size,
    )


def fill_folder(
    server: Dovecot, user: str, folder: str, count: int, every: timedelta = timedelta(hours=8)
) -> None:
    """Fill a folder but INBOX with invented mails, received one each so often until an hour ago."""
    newest = datetime.now(UTC) - timedelta(hours=1)
    below = server.maildir(user, folder)
    for name in ("cur", "new", "tmp"):
        (below / name).mkdir(parents=True, exist_ok=True)
    made = (
        replace(mail, received=newest - every * (count - 1 - number))
        for number, mail in enumerate(mails(count, newest=newest))
    )
    write(below / "cur", made, (server.owner.pw_uid, server.owner.pw_gid))
    server.own(below)


def warm(server: Dovecot, user: str, *folders: str) -> None:
    """Open folders and ask what a reader asks, so that the server has it in its cache."""
    with server.client(user) as client:
        for folder in folders:
            client.snapshot(folder)
            client.cmd(
                b"UID FETCH 1:* (RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS %b])" % _CACHED
            )


def _mail(
    *, sender: str, to: str, subject: str, number: int, when: datetime, words: str, size: int
) -> bytes:
    head = (
        f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n"
        f"Date: {format_datetime(when)}\r\nMessage-ID: <{number}.{when:%s}@acorn{number}.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    end = "With kind regards\r\nJonas Feld\r\n"
    rounds = max(0, size - len(head) - len(words) - len(end)) // len(_PARAGRAPH)
    return (head + words + _PARAGRAPH * rounds + end).encode()


def memory(pid: int | str = "self") -> tuple[float, float]:
    """What a process holds now and held at most, in MiB (VmRSS and VmHWM of proc(5))."""
    text = Path(f"/proc/{pid}/status").read_text()
    kib = dict(re.findall(r"(?m)^(VmRSS|VmHWM):\s+(\d+) kB", text))
    return int(kib["VmRSS"]) / 1024, int(kib["VmHWM"]) / 1024


def versions(command: str) -> str:
    """The line that says what was measured with what."""
    dovecot = subprocess.run(
        ["/usr/sbin/dovecot", "--version"], capture_output=True, text=True, timeout=10
    )
    return (
        f"command: python bench/{command} {' '.join(sys.argv[1:])}\n"
        f"kitchenwall {version('kitchenwall')}, Python {platform.python_version()}, "
        f"imapclient {version('imapclient')}, SQLite {sqlite3.sqlite_version}, "
        f"Dovecot {dovecot.stdout.split()[0]}, {platform.machine()}, warm cache"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A small table: the first column to the left, the others to the right."""
    lines = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            [
                line[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)),
            ]
        ).rstrip()
        for line in lines
    )
