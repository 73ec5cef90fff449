"""Measure how much memory the program holds: idle, in a backlog, and while it scans the past.

    python bench/memory.py [--quick]

Every figure is a fresh process: the real command `run` or `scan`, on Dovecot. Beside each stands a
script with imapclient that does no more than fetch the same mails, 50 at a time, and what the imports
of the idle daemon alone hold. Sizes are VmRSS and VmHWM of proc(5), which exec(2) starts anew.
"""

from __future__ import annotations

import argparse
import base64
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mailboxes import fill, mails
from bench.person import configured, memory, own_folder, rejection, table, versions, warm
from kitchenwall import wiring
from kitchenwall.config import Config
from kitchenwall.domain.journal import DraftState
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy

LOGIN = "anna@home.example"
IDLE_MOST, PEAK_MOST = 60.0, 100.0
_TOLD = "import sys; sys.stderr.write(open('/proc/self/status').read())"
_COMMAND = "import sys; from kitchenwall.cli.main import main; code = main(sys.argv[1:])\n" + _TOLD
_IMPORTS = (
    "ssl, sqlite3, logging, tomllib",
    "imapclient",
    "mailparser",
    "lxml.html",
    "jinja2.sandbox",
    "apscheduler.schedulers.background",
    "kitchenwall.wiring",
)
_IMPORTED = """
import re
def held():
    return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
print(held())
for names in {names!r}:
    exec("import " + names)
    print(held())
"""
_SCRIPT = """
import sys, time
from imapclient import IMAPClient
port, login, first = sys.argv[1:]
with IMAPClient("127.0.0.1", int(port), ssl=False) as client:
    client.login(login, "secret")
    client.select_folder("INBOX", readonly=True)
    if first == "idle":
        client.idle()
        time.sleep(1)
        sys.stderr.write(open("/proc/self/status").read())
        client.idle_done()
    else:
        uids = [uid for uid in client.search() if uid >= int(first)]
        for start in range(0, len(uids), 50):
            client.fetch(uids[start : start + 50], ["BODY.PEEK[]"])
        sys.stderr.write(open("/proc/self/status").read())
"""


@dataclass(frozen=True)
class Sizes:
    """How many mails, and how large the large ones are."""

    inbox: int
    backlog: int
    large: int


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small folders, large mails of 3 MB")
    options, _ = parser.parse_known_args(given)
    sizes = Sizes(200, 60, 3_000_000) if options.quick else Sizes(10_000, 2_000, 30_000_000)
    with Dovecot() as server, Proxy(server.port) as proxy, own_folder() as folder:
        fill(server, LOGIN, sizes.inbox, newest=datetime.now(UTC))
        warm(server, LOGIN, "INBOX")
        config = configured(folder, proxy.port, [LOGIN])
        idle = idle_memory(config, proxy)
        bare_idle = peer(server, "idle")
        scanned, found = scan_memory(config)
        bare_scan = peer(server, "1")
        deliver_backlog(server, sizes)
        backlog, drafts = backlog_memory(config, sizes)
        bare_backlog = peer(server, str(sizes.inbox + 1))
    print(versions("memory.py"))
    rows = (
        ("idle, 1 account", idle, bare_idle, IDLE_MOST),
        (f"peak, scan of {sizes.inbox:,}", scanned, bare_scan, PEAK_MOST),
        (f"peak, backlog of {sizes.backlog:,}", backlog, bare_backlog, PEAK_MOST),
    )
    print(
        table(
            ("MiB", "kitchenwall", "imapclient", "ratio", "target", ""),
            [
                (name, f"{ours:.1f}", f"{bare:.1f}", f"{ours / bare:.2f}", f"<= {most:g}",
                 "met" if ours <= most else "MISSED")
                for name, ours, bare, most in rows
            ],
        )
    )  # fmt: skip
    print(f"the scan reported {found} mails")
    print(
        f"the backlog: {sizes.backlog - 4:,} mails of up to 4 KB, 20 rejections among them, three with "
        f"attachments and one of plain text of {sizes.large / 1e6:g} MB; {drafts} drafts laid"
    )
    print(f"held after imports, MiB: {imports()}")


def idle_memory(config: Config, proxy: Proxy) -> float:
    """What `run` holds when it has looked once and waits."""
    with running(config) as pid:
        proxy.wait_until(lambda: "IDLE" in proxy.names(), 60)
        time.sleep(2)
        now, _ = memory(pid)
    return now


def backlog_memory(config: Config, sizes: Sizes) -> tuple[float, int]:
    """The most that `run` held until the backlog was through, and how many drafts it laid."""
    with running(config) as pid, wiring.open_journal(config) as journal:

        def is_through() -> bool:
            cursor = journal.cursor(LOGIN, "INBOX")
            read = cursor is not None and cursor.uid >= sizes.inbox + sizes.backlog
            return read and not journal.drafts(DraftState.PLANNED, DraftState.INTENT)

        wait_until(is_through, 300)
        time.sleep(1)
        _, most = memory(pid)
        return most, len(journal.drafts(DraftState.CREATED))


@contextmanager
def running(config: Config) -> Iterator[int]:
    """The real daemon in a process of its own; gives its number."""
    command = [sys.executable, "-m", "kitchenwall", "--config", str(config.path), "run"]
    process = subprocess.Popen(command)
    try:
        yield process.pid
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()
        process.wait()


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise SystemExit(f"not done within {seconds:g} s")
        time.sleep(0.05)


def scan_memory(config: Config) -> tuple[float, int]:
    """The most that `scan` held, told by itself at its end, and how many mails it reported."""
    scan = ["--config", str(config.path), "scan", "--since", "10y", "--json"]
    return told([sys.executable, "-c", _COMMAND, *scan])


def peer(server: Dovecot, what: str) -> float:
    """The most that the script held: idle, or fetching whole mails from a UID on."""
    return told([sys.executable, "-c", _SCRIPT, str(server.port), LOGIN, what])[0]


def told(command: Sequence[str]) -> tuple[float, int]:
    """What a program says of its memory at its end, and how many lines it printed before."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    for line in done.stderr.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024, done.stdout.count("\n")
    raise SystemExit(f"{' '.join(command[-4:])} failed: {done.stderr[-2000:]}")


def deliver_backlog(server: Dovecot, sizes: Sizes) -> None:
    """What came while the program was away, straight into the Maildir."""
    now = datetime.now(UTC)
    noise = [
        mail.raw for mail in mails(sizes.backlog, seed=2, newest=now) if mail.kind != "rejection"
    ]
    rest = sizes.backlog - 20 - 4
    small = [*noise[:rest], *(rejection(90_000 + number, LOGIN) for number in range(20))]
    small += noise[: rest + 20 - len(small)]
    random.Random(3).shuffle(small)
    large = [with_attachment(number, sizes.large) for number in range(3)]
    large.append(rejection(99_000, LOGIN, size=sizes.large))
    new = server.maildir(LOGIN) / "new"
    for number, raw in enumerate([*small[:10], *large, *small[10:]]):
        data = raw.replace(b"\r\n", b"\n")
        (new / f"{int(now.timestamp())}.M{number:06}P2.bench,S={len(data)}").write_bytes(data)
    server.own(new)


def with_attachment(number: int, size: int) -> bytes:
    """A rejection with a large picture."""
    said = rejection(99_100 + number, LOGIN)
    head, _, body = said.partition(b"\r\n\r\n")
    plain = b"Content-Type: text/plain; charset=utf-8"
    head = head.replace(plain, b'Content-Type: multipart/mixed; boundary="edge"')
    picture = base64.encodebytes(os.urandom(size * 3 // 4)).replace(b"\n", b"\r\n")
    return (
        head + b"\r\n\r\n--edge\r\n" + plain + b"\r\n\r\n" + body + b"\r\n--edge\r\n"
        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=a.png\r\n\r\n" + picture + b"\r\n--edge--\r\n"
    )  # fmt: skip


def imports() -> str:
    """How much a process holds after each import, one after the other."""
    code = _IMPORTED.format(names=_IMPORTS)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    held = [float(line) for line in done.stdout.split()]
    names = ("Python", *_IMPORTS)
    return ", ".join(
        f"{name.split(',')[0]} {size:.1f}" for name, size in zip(names, held, strict=True)
    )


if __name__ == "__main__":
    main()
