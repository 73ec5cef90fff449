"""Measure how long a rejection takes from the server's word to the draft in the journal.

    python bench/latency.py [--quick] [--mails N]

The daemon's own watcher waits in IDLE on Dovecot, over a proxy that writes down every line with its
time. Each rejection is timed from the server's EXISTS passing the proxy to the return of the commit
that makes the draft CREATED. A raw socket then says the very same commands, as they were recorded,
to a twin mailbox over a proxy of its own: that is the limit that no program can beat.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mailboxes import fill
from bench.person import configured, fill_folder, own_folder, rejection, table, versions, warm
from kitchenwall import roads, wiring
from kitchenwall.adapters.clock import SystemClock
from kitchenwall.adapters.sqlite.connection import open_connection
from kitchenwall.adapters.sqlite.journal import FILE_NAME, SqliteJournal
from kitchenwall.app.watcher import Watcher
from kitchenwall.config import Config, state_folder
from tests.servers.client import RawClient
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Command, Proxy

TARGET_MS = 30.0
OURS, TWIN = "anna@home.example", "twin@home.example"


class TimedJournal(SqliteJournal):
    """The real journal, which tells when each draft's CREATED was committed."""

    times: list[float]
    cpu: list[float]
    news: threading.Condition

    @classmethod
    def opened(cls, folder: Path) -> Self:
        journal = cls(open_connection(folder, FILE_NAME, check=True), lambda: datetime.now(UTC))
        journal.times, journal.cpu = [], []
        journal.news = threading.Condition()
        return journal

    def created(self, draft_id: int, uidvalidity: int, uid: int | None, because: str) -> None:
        super().created(draft_id, uidvalidity, uid, because)
        with self.news:
            self.times.append(time.monotonic())
            self.cpu.append(time.thread_time())
            self.news.notify_all()

    def wait_for(self, count: int, seconds: float = 20) -> None:
        with self.news:
            if not self.news.wait_for(lambda: len(self.times) >= count, seconds):
                raise SystemExit(f"draft {count} was not laid within {seconds:g} s")


@dataclass(frozen=True)
class Exchange:
    """One command as the proxy saw it: when it came, when its tagged answer came back."""

    name: str
    begun: float
    ended: float
    command: Command


@dataclass
class Figures:
    """All times in milliseconds."""

    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    steps: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small folders, few mails")
    parser.add_argument("--mails", type=int, default=0, help="how many rejections (50)")
    options, _ = parser.parse_known_args(given)
    inbox, others, mails = (200, 50, 4) if options.quick else (10_000, 1_000, 50)
    with Dovecot() as server:
        for user in (OURS, TWIN):
            fill(server, user, inbox, newest=datetime.now(UTC))
            fill_folder(server, user, "Drafts", others)
            fill_folder(server, user, "Sent", others)
            warm(server, user, "INBOX", "Drafts", "Sent")
        figures = measured(server, options.mails or mails)
    report(figures, inbox, others)


def measured(server: Dovecot, mails: int) -> Figures:
    figures = Figures()
    with (
        own_folder() as folder,
        Proxy(server.port) as proxy,
        Proxy(server.port) as twin_proxy,
        server.client(OURS) as post,
        server.client(TWIN) as twin_post,
        RawClient(twin_proxy.port).login(TWIN) as raw,
    ):
        raw.cmd(b"EXAMINE INBOX")
        config = configured(folder, proxy.port, [OURS])
        with watching(config) as (_, journal):
            proxy.wait_until(lambda: "IDLE" in proxy.names(), 30)
            for number in range(1, mails + 1):
                mail = rejection(20_000 + number, OURS)
                exchanges = one_mail(number, mail, post, proxy, journal, figures)
                twin_post.append("INBOX", mail)
                figures.raw.append(replayed(raw, twin_proxy, exchanges))
            pairs = zip(journal.cpu, journal.cpu[1:], strict=False)
            figures.cpu = [(later - earlier) * 1000 for earlier, later in pairs]
    return figures


@contextmanager
def watching(config: Config) -> Iterator[tuple[Watcher, TimedJournal]]:
    """The account's watcher in its thread, as the daemon runs it, with a journal on disk."""
    roads.shared_templates(roads.template_folder(config)).check(config.person.languages)
    journal = TimedJournal.opened(state_folder(config))
    wiring.warm_up(config, SystemClock())
    watcher = wiring.watcher_for(config, config.accounts[0], journal)
    thread = threading.Thread(target=watcher.run)
    thread.start()
    try:
        yield watcher, journal
    finally:
        watcher.stop()
        thread.join(30)
        journal.close()


def one_mail(
    number: int, mail: bytes, post: RawClient, proxy: Proxy, journal: TimedJournal, figures: Figures
) -> list[Exchange]:
    """Deliver one rejection, wait for its draft and for the next IDLE; what was said for it."""
    commands, lines = len(proxy.commands), len(proxy.lines)
    post.append("INBOX", mail)
    journal.wait_for(number)
    said = [line for line in proxy.lines[lines:] if line.data.endswith(b" EXISTS")]
    begun, ended = said[0].at, journal.times[-1]
    figures.ours.append((ended - begun) * 1000)
    proxy.wait_until(lambda: "IDLE" in proxy.names()[commands:], 10)
    exchanges = exchanges_of(proxy, commands, lines, ended)
    before = begun
    for position, exchange in enumerate(exchanges):
        own, server = exchange.begun - before, exchange.ended - exchange.begun
        name = f"{position + 1:2} {exchange.name} {shown(exchange.command)}"
        figures.steps[name].append((own * 1000, server * 1000))
        before = exchange.ended
    figures.steps["   the commit of CREATED"].append(((ended - before) * 1000, 0.0))
    return exchanges


def exchanges_of(proxy: Proxy, commands: int, lines: int, until: float) -> list[Exchange]:
    """The commands said up to a time; DONE is answered by IDLE's tagged line."""
    said = [command for command in proxy.commands[commands:] if command.at <= until]
    tagged = {
        line.data.partition(b" ")[0]: line.at
        for line in proxy.lines[lines:]
        if not line.data.startswith((b"*", b"+"))
    }
    idle = [c.tag for c in proxy.commands[:commands] if c.name == "IDLE"][-1]
    return [Exchange(c.name, c.at, tagged[(c.tag or idle).encode()], c) for c in said]


def shown(command: Command) -> str:
    words = command.text.decode("ascii", "replace")
    for long, short in (("BODY.PEEK[HEADER.FIELDS", "header"), ("BODY.PEEK[]", "whole"),
                        ("RFC822.SIZE", "size"), ("SEARCH SINCE", "SINCE"), ("Message-ID", "id"),
                        ("EXAMINE", "")):  # fmt: skip
        if long in words:
            folder = words.split()[-1] if long == "EXAMINE" else ""
            return short or folder
    return ""


def replayed(raw: RawClient, proxy: Proxy, exchanges: Sequence[Exchange]) -> float:
    """Say the same to the twin mailbox; milliseconds from its EXISTS to the last answer."""
    lines = len(proxy.lines)
    tag = raw.send(b"IDLE")
    while not raw.line().endswith(b" EXISTS"):
        pass
    begun = 0.0
    for exchange in exchanges:
        if exchange.name == "DONE":
            raw.raw(b"DONE\r\n")
            while not raw.line().startswith(tag):
                pass
            continue
        command = exchange.command
        literals = command.literals
        text = command.text
        if literals:
            text = text[: text.rindex(b"{")] + b"{}"
        raw.cmd(text, *literals)
    ended = time.monotonic()
    begun = next(line.at for line in proxy.lines[lines:] if line.data.endswith(b" EXISTS"))
    raw.cmd(b"EXAMINE INBOX")
    return (ended - begun) * 1000


def report(figures: Figures, inbox: int, others: int) -> None:
    ours, raw = figures.ours, figures.raw
    print(versions("latency.py"))
    print(f"INBOX {inbox:,} mails, Drafts and Sent {others:,} each; {len(ours)} rejections")
    rows = [row(name, values) for name, values in (("kitchenwall", ours), ("raw socket", raw))]
    ratio = [f"{a / b:.2f}" for a, b in zip(summary(ours), summary(raw), strict=True)]
    print(
        table(("EXISTS to CREATED, ms", "min", "median", "p95", "max"), [*rows, ("ratio", *ratio)])
    )
    cpu = summary(figures.cpu)
    print(
        f"processor time of the watcher from draft to draft: median {cpu[1]:.1f}, p95 {cpu[2]:.1f} ms; "
        f"the rest is the server's, the disk's and that of whoever else uses this machine\n"
    )
    steps = [
        (name, f"{statistics.median(a for a, _ in v):.2f}", f"{statistics.median(b for _, b in v):.2f}",
         str(len(v)))
        for name, v in figures.steps.items()
    ]  # fmt: skip
    print(table(("step, median ms", "ours before it", "server", "times"), steps))
    p95 = summary(ours)[2]
    print(
        f"\ntarget: p95 <= {TARGET_MS:g} ms: {'met' if p95 <= TARGET_MS else 'MISSED'} ({p95:.1f})"
    )


def row(name: str, values: Sequence[float]) -> tuple[str, ...]:
    return (name, *(f"{value:.1f}" for value in summary(values)))


def summary(values: Sequence[float]) -> tuple[float, float, float, float]:
    """Least, median, 95th percentile (nearest rank), most."""
    ordered = sorted(values)
    p95 = ordered[max(0, -(-95 * len(ordered) // 100) - 1)]
    return ordered[0], statistics.median(ordered), p95, ordered[-1]


if __name__ == "__main__":
    main()
