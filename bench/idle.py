"""Measure what the daemon costs while nothing happens, in CPU seconds an hour.

    python bench/idle.py [--quick] [--seconds N]

One child runs the whole daemon on an INBOX of 10,000 mails with every interval shortened 60-fold,
so that a minute of it does the work of an hour. Three more children each shorten one interval
only, which gives the cost of one renewal of IDLE, one pass over everything and one tick; times
their real number an hour they must come to the same. Beside it: a raw socket that says what a
renewal says. The service manager is played by a socket, so that a tick pings somebody.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mailboxes import fill
from bench.person import configured, memory, own_folder, table, versions, warm
from kitchenwall import wiring
from kitchenwall.adapters.sqlite.connection import open_connection
from kitchenwall.adapters.sqlite.journal import FILE_NAME, SqliteJournal
from kitchenwall.app.daemon import TICK_SECONDS
from kitchenwall.config import WatchSettings, state_folder
from kitchenwall.domain.journal import Pass
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy

TARGET_SECONDS = 0.5
LOGIN = "anna@home.example"
REAL = WatchSettings()
FOLD = 60.0
# What a child shortens: minutes of IDLE, minutes between passes, seconds between ticks.
RHYTHMS = {
    "hour": (REAL.idle_minutes / FOLD, REAL.safety_minutes / FOLD, TICK_SECONDS / FOLD),
    "renewal": (0.01, REAL.safety_minutes, TICK_SECONDS),
    "pass": (REAL.idle_minutes, 0.01, TICK_SECONDS),
    "tick": (REAL.idle_minutes, REAL.safety_minutes, 0.05),
}
AN_HOUR = {
    "renewal": 60 / REAL.idle_minutes,
    "pass": 60 / REAL.safety_minutes,
    "tick": 3600 / TICK_SECONDS,
}


class CountingJournal(SqliteJournal):
    """The real journal, which counts passes and ticks."""

    passed = 0
    ticked = 0

    def note_pass(self, done: Pass) -> None:
        super().note_pass(done)
        self.passed += 1

    def changed(self) -> bool:
        self.ticked += 1
        return super().changed()


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small INBOX for three seconds")
    parser.add_argument("--seconds", type=float, default=0, help="how long the hour takes (60)")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options, _ = parser.parse_known_args(given)
    if options.child:
        config, tick, seconds = options.child
        print(json.dumps(child(Path(config), float(tick), float(seconds))))
        return
    require_real_defaults()
    mails, seconds = (200, 3.0) if options.quick else (10_000, 60.0)
    with Dovecot() as server:
        fill(server, LOGIN, mails)
        warm(server, LOGIN, "INBOX")
        found = measured(server, options.seconds or seconds)
        raw = raw_renewal(server, 50 if options.quick else 300)
    report(found, raw, mails)


def require_real_defaults() -> None:
    """What is multiplied here is what the program does when nobody sets anything."""
    default = inspect.signature(wiring.daemon_for).parameters["tick_seconds"].default
    assert default == TICK_SECONDS >= 30, f"a tick every {default} s"
    assert REAL.idle_minutes >= 9, f"IDLE is renewed every {REAL.idle_minutes} minutes"
    assert REAL.safety_minutes >= 15, f"a pass every {REAL.safety_minutes} minutes"


def child(path: Path, tick: float, seconds: float) -> dict[str, float]:
    """Run the daemon, and give what it used in a window of time after its first pass."""
    config = wiring.read_config(path)
    connection = open_connection(state_folder(config), FILE_NAME, check=True)
    with closing(CountingJournal(connection, lambda: datetime.now(UTC))) as journal:
        daemon = wiring.daemon_for(config, journal, tick_seconds=tick)
        daemon.start()
        while not journal.passed:
            time.sleep(0.01)
        time.sleep(0.5)
        before, begun = used(journal), time.monotonic()
        time.sleep(seconds)
        after, ended = used(journal), time.monotonic()
        rss, _ = memory()
        daemon.stop()
    spent = {name: after[name] - before[name] for name in before}
    return spent | {"begun": begun, "ended": ended, "rss": rss}


def used(journal: CountingJournal) -> dict[str, float]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "cpu": usage.ru_utime + usage.ru_stime,
        "wakes": float(usage.ru_nvcsw),
        "passes": float(journal.passed),
        "ticks": float(journal.ticked),
    }


def measured(server: Dovecot, seconds: float) -> dict[str, dict[str, float]]:
    """All children at once; each has a proxy, which counts how often it goes into IDLE."""
    with ExitStack() as stack:
        manager = stack.enter_context(service_manager())
        started = {}
        for name, (idle, safety, tick) in RHYTHMS.items():
            proxy = stack.enter_context(Proxy(server.port))
            folder = stack.enter_context(own_folder())
            watch = f"idle_minutes = {idle}\nsafety_minutes = {safety}\n"
            config = configured(folder, proxy.port, [LOGIN], watch)
            window = seconds if name == "hour" else seconds / 2
            command = [
                sys.executable,
                __file__,
                "--child",
                str(config.path),
                str(tick),
                str(window),
            ]
            environment = os.environ | {"NOTIFY_SOCKET": manager}
            process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
            started[name] = process, proxy
        return {name: finished(*pair, seconds + 60) for name, pair in started.items()}


@contextmanager
def service_manager() -> Iterator[str]:
    """A socket that hears notifications and forgets them; gives its address."""
    name = f"kw-bench-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(f"\0{name}")

        def listen() -> None:
            while ear.recv(1000) != b"end":
                pass

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield f"@{name}"
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as mouth:
                mouth.sendto(b"end", f"\0{name}")
            thread.join()


def finished(process: subprocess.Popen[str], proxy: Proxy, seconds: float) -> dict[str, float]:
    try:
        out, _ = process.communicate(timeout=seconds)
    finally:
        process.kill()
    told: dict[str, float] = json.loads(out)
    within = [c for c in proxy.commands if told["begun"] <= c.at <= told["ended"]]
    told["renewals"] = sum(c.name == "IDLE" for c in within) - told["passes"]
    told["examines"] = sum(c.name == "EXAMINE" for c in within)
    return told


def raw_renewal(server: Dovecot, times: int) -> float:
    """CPU seconds of a raw socket for what a renewal says: DONE, EXAMINE, NOOP, IDLE."""
    with server.client(LOGIN) as raw:
        raw.cmd(b"EXAMINE INBOX")
        before = time.process_time()
        for _ in range(times):
            tag = raw.send(b"IDLE")
            while not raw.line().startswith(b"+"):
                pass
            raw.raw(b"DONE\r\n")
            while not raw.line().startswith(tag):
                pass
            raw.cmd(b"EXAMINE INBOX")
            raw.cmd(b"NOOP")
        return (time.process_time() - before) / times


def report(found: dict[str, dict[str, float]], raw: float, mails: int) -> None:
    print(versions("idle.py"))
    hour = found["hour"]
    length = hour["ended"] - hour["begun"]
    print(
        f"INBOX {mails:,} mails; intervals shortened {FOLD:g}-fold for {length:.0f} s: "
        f"{hour['renewals']:.0f} renewals, {hour['passes']:.0f} passes, {hour['ticks']:.0f} ticks, "
        f"{hour['wakes']:.0f} wake-ups, {hour['examines']:.0f} EXAMINE"
    )
    rows, total = [], 0.0
    for name, number in AN_HOUR.items():
        one = found[name]
        count = one["ticks" if name == "tick" else "passes" if name == "pass" else "renewals"]
        cost = one["cpu"] / max(1.0, count)
        total += cost * number
        rows.append(
            (name, f"{count:.0f}", f"{cost * 1000:.2f}", f"{number:.1f}", f"{cost * number:.3f}")
        )
    rows.append(("sum", "", "", "", f"{total:.3f}"))
    compressed = hour["cpu"] * 3600 / (length * FOLD)
    rows.append(("the shortened hour, as measured", "", "", "", f"{compressed:.3f}"))
    print(table(("", "counted", "CPU ms each", "an hour", "CPU s an hour"), rows))
    renewal = float(rows[0][2]) / 1000
    print(f"raw socket, one renewal: {raw * 1000:.2f} ms; ratio {renewal / raw:.1f}")
    worst = max(total, compressed)
    print(
        f"target: <= {TARGET_SECONDS:g} CPU s an hour: "
        f"{'met' if worst <= TARGET_SECONDS else 'MISSED'} ({worst:.3f}); "
        f"no tick below 30 s: default {TICK_SECONDS:g} s"
    )


if __name__ == "__main__":
    main()
