"""Watch many accounts in one process, and let one rejection and some noise arrive in each.

    python bench/accounts.py [--quick] [--accounts N] [--noise N]

The real command `run` on one Dovecot with fresh users, over a proxy. When all accounts wait in IDLE,
their mail is delivered, all accounts at once. Timed: from the first delivery to the server's last
word that mail has come (nobody can know earlier), and to the last draft in the journal. Beside the
process for all accounts stands one for a single account.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mailboxes import mails
from bench.person import configured, memory, own_folder, rejection, table, versions
from kitchenwall import wiring
from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.config import Config
from kitchenwall.domain.journal import DraftState
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was seen of one process. Seconds, MiB."""

    accounts: int
    drafts: int
    wrong: int
    start: float
    told: float
    laid: float
    threads: int
    held: float
    most: float
    connections: int


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="three accounts, little noise")
    parser.add_argument("--accounts", type=int, default=0, help="how many (20)")
    parser.add_argument("--noise", type=int, default=0, help="other mails in each account (20)")
    options, _ = parser.parse_known_args(given)
    accounts = options.accounts or (3 if options.quick else 20)
    noise = options.noise or (2 if options.quick else 20)
    with Dovecot() as server:
        one = measured(server, ["single@home.example"], noise)
        many = measured(server, [f"anna{n}@home.example" for n in range(1, accounts + 1)], noise)
    report(one, many, noise)


def measured(server: Dovecot, logins: Sequence[str], noise: int) -> Figures:
    """Run the command for these users until every draft lies where it belongs."""
    with ExitStack() as stack:
        proxy = stack.enter_context(Proxy(server.port))
        config = configured(stack.enter_context(own_folder()), proxy.port, logins)
        begun = time.monotonic()
        process = started(config)
        stack.callback(ended, process)
        proxy.wait_until(lambda: proxy.names().count("IDLE") >= len(logins), 60)
        ready = time.monotonic() - begun
        lines = len(proxy.lines)
        delivered = time.monotonic()
        with ThreadPoolExecutor(len(logins)) as hands:
            list(hands.map(lambda login: server.deliver_all(login, post(login, noise)), logins))
        journal = stack.enter_context(wiring.open_journal(config))
        laid = when_laid(journal, len(logins)) - delivered
        told = last_word(proxy, lines) - delivered
        time.sleep(2)
        held, most = memory(process.pid)
        drafts = [server_drafts(server, login) for login in logins]
        return Figures(
            accounts=len(logins),
            drafts=sum(drafts),
            wrong=sum(count != 1 for count in drafts),
            start=ready,
            told=told,
            laid=laid,
            threads=threads(process.pid),
            held=held,
            most=most,
            connections=proxy.connections,
        )


def started(config: Config) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "kitchenwall", "--config", str(config.path), "run"]
    )


def ended(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    finally:
        process.kill()


def post(login: str, noise: int) -> list[bytes]:
    """One rejection among other mail."""
    made = mails(noise * 2 + 5, seed=len(login), newest=datetime.now(UTC))
    other = [mail.raw for mail in made if mail.kind != "rejection"][:noise]
    middle = noise // 2
    return [*other[:middle], rejection(70_000, login), *other[middle:]]


def when_laid(journal: SqliteJournal, count: int) -> float:
    """When the journal, read every few milliseconds, knew so many drafts as CREATED."""
    end = time.monotonic() + 60
    while len(journal.drafts(DraftState.CREATED)) < count:
        if time.monotonic() > end:
            raise SystemExit(f"not all of {count} drafts were laid within 60 s")
        time.sleep(0.005)
    return time.monotonic()


def last_word(proxy: Proxy, lines: int) -> float:
    """When the last account was first told of new mail."""
    first: dict[int, float] = {}
    for line in proxy.lines[lines:]:
        if line.data.endswith(b" EXISTS"):
            first.setdefault(line.connection, line.at)
    return max(first.values())


def server_drafts(server: Dovecot, login: str) -> int:
    with server.client(login) as client:
        return client.status("Drafts")["MESSAGES"]


def threads(pid: int) -> int:
    found = re.search(r"(?m)^Threads:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1])


def report(one: Figures, many: Figures, noise: int) -> None:
    print(versions("accounts.py"))
    print(f"each account: one rejection among {noise} other mails, all delivered at once")
    rows = (
        ("drafts in the mailboxes", f"{one.drafts}", f"{many.drafts}"),
        ("accounts with another number than 1", f"{one.wrong}", f"{many.wrong}"),
        ("s, start to all in IDLE", f"{one.start:.2f}", f"{many.start:.2f}"),
        ("s, delivery to the server's last word", f"{one.told:.2f}", f"{many.told:.2f}"),
        ("s, delivery to the last draft", f"{one.laid:.2f}", f"{many.laid:.2f}"),
        ("ratio of the two", f"{one.laid / one.told:.2f}", f"{many.laid / many.told:.2f}"),
        ("threads", f"{one.threads}", f"{many.threads}"),
        ("connections made", f"{one.connections}", f"{many.connections}"),
        ("MiB held, waiting again", f"{one.held:.1f}", f"{many.held:.1f}"),
        ("MiB at most", f"{one.most:.1f}", f"{many.most:.1f}"),
    )
    print(table(("", "1 account", f"{many.accounts} accounts"), rows))
    if many.accounts > 1:
        more = (many.held - one.held) / (many.accounts - 1)
        print(
            f"each further account: {more:.2f} MiB; as processes of their own: {one.held:.1f} MiB"
        )
    whole = many.drafts == many.accounts and not many.wrong
    print(f"all drafts laid, one in each account: {'yes' if whole else 'NO'}")


if __name__ == "__main__":
    main()
