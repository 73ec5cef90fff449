"""One invented person for the benches: a folder, a configuration, mail that says no, and figures."""

from __future__ import annotations

import os
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
from kitchenwall import config as configuration
from kitchenwall.config import Config
from tests.servers.dovecot import Dovecot

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
_TEXT = (
    "Dear Anna Weber,",
    (
        "thank you for applying for the position of Data Engineer at Acorn {number} Gardens, and for the "
        "time that you took to tell us about your work."
    ),
    "Unfortunately, we have decided not to move forward with your application.",
    (
        "Many people wrote to us from near and far about this one position, and it was not easy to "
        "choose. We reviewed every application with two pairs of eyes and talked about many at length."
    ),
    (
        "What we liked about yours was how clearly it said what you had built and why. The team was "
        "looking for somebody who has already kept a harvest of this size dry over a whole winter."
    ),
    (
        "Our gardens grow, and there may be other openings in the spring. If you would like us to keep "
        "your papers until then, there is nothing that you need to do; otherwise a line is enough."
    ),
    "We wish you all the best for your search and for whatever you will grow next.",
    "With kind regards",
    "Jonas Feld\r\nPeople team, Acorn {number} Gardens\r\nOrchard Lane 7, 12345 Seedling",
)
_HEADER = """\
Return-Path: <jonas.feld@acorn{number}.example>
Delivered-To: {to}
Received: from mx.home.example (mx.home.example [192.0.2.17]) by mail.home.example
 with LMTP id kGJx{number}aBcD; {date}
Received: from out.acorn{number}.example (out.acorn{number}.example [198.51.100.9]) (using TLSv1.3
 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)) by mx.home.example with ESMTPS; {date}
Authentication-Results: mx.home.example; dkim=pass header.d=acorn{number}.example;
 spf=pass smtp.mailfrom=acorn{number}.example; dmarc=pass header.from=acorn{number}.example
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=acorn{number}.example; s=spring;
 h=from:to:subject:date:message-id; bh={hash}; b={signature}
From: Jonas Feld <jonas.feld@acorn{number}.example>
To: Anna Weber <{to}>
Subject: Your application at Acorn {number} Gardens
Date: {date}
Message-ID: <{number}.{stamp}@acorn{number}.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

"""


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


def rejection(number: int, to: str, when: datetime | None = None, size: int = 0) -> bytes:
    """An invented rejection from a sender of its own; it says its stage, so that nobody looks back.

    About 2.4 KB, of which 1.4 KB are the headers that mail has when it arrives; larger where a
    larger size is named.
    """
    when = when or datetime.now(UTC)
    head = _HEADER.replace("\n", "\r\n").format(
        number=number,
        to=to,
        date=format_datetime(when),
        stamp=int(when.timestamp()),
        hash="q" * 43 + "=",
        signature="Zm9v" * 85 + "=",
    )
    text = "\r\n\r\n".join(_TEXT).format(number=number)
    more = f"\r\n\r\n{_TEXT[3]}"
    return (head + text + more * ((size - len(head) - len(text)) // len(more)) + "\r\n").encode()


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
        f"Dovecot {dovecot.stdout.split()[0]}, warm cache; {platform.machine()}, "
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
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
