"""Looking at new mail and looking through the past, beside a raw socket and beside others.

    python bench/scan.py [--mails 10000,100000] [--runs 5]

Everything runs against one Dovecot on this machine, its cache warm, the runs of all readers in
turn; medians are printed, and the ratio to the raw socket of the same run. The raw socket sends the
same commands and reads the answers without understanding them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mailboxes import fill
from kitchenwall.adapters.envelope import by_name, envelope
from kitchenwall.adapters.headers import FIELDS, read_headlines
from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.reading import WHOLE_MOST
from kitchenwall.adapters.imap.session import Server, connect
from kitchenwall.adapters.mime import read_message
from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.message import Arrival
from kitchenwall.domain.parts import header_of
from kitchenwall.domain.verdict import Outcome
from tests.servers.client import RawClient
from tests.servers.dovecot import Dovecot

HEADERS = f"(UID BODY.PEEK[HEADER.FIELDS ({' '.join(FIELDS)})])"
LISTING = "(UID RFC822.SIZE INTERNALDATE FLAGS)"
WHOLE = f"(UID BODY.PEEK[]<0.{WHOLE_MOST}>)"
BATCH = 500
Reader = Callable[[], int]


class Password:
    def reveal(self) -> str:
        return "secret"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mails", default="10000,100000", help="sizes of the mailboxes")
    parser.add_argument("--runs", type=int, default=5, help="counted runs of each")
    parser.add_argument("--judged", type=int, default=2000, help="mails in the scan with verdicts")
    parser.add_argument("--corpus", help="not used here")
    args = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, imapclient {version('imapclient')}, "
          f"imap-tools {version('imap-tools')}, imapautofiler {version('imapautofiler')}, "
          f"cache warm, medians of {args.runs} runs in turn")  # fmt: skip
    for size in map(int, args.mails.split(",")):
        with Dovecot() as dovecot:
            bench(dovecot, size, args.runs, args.judged)
    return 0


def bench(dovecot: Dovecot, size: int, runs: int, judged: int) -> None:
    """All figures for one mailbox of so many mails."""
    user = f"u{size}"
    fill(dovecot, user, size)
    with dovecot.client(user) as raw:
        raw.cmd(b"EXAMINE INBOX")
        raw.cmd(f"UID FETCH 1:* {HEADERS}".encode())  # Dovecot fills its cache
    print(f"\n{size:,} mails, about 4 KB each")
    headers(dovecot, user, size, runs)
    for new in (10, 0):
        incremental(dovecot, user, size, new, max(runs, 15))
    verdicts(dovecot, user, min(judged, size))


def headers(dovecot: Dovecot, user: str, size: int, runs: int) -> None:
    """Fetch and decode seven fields of every mail, no body."""
    readers: dict[str, Reader] = {
        "raw socket, nothing decoded": raw_headers(dovecot, user),
        "kitchenwall": our_headers(dovecot, user, size),
        "imapclient as shipped": client_headers(dovecot, user, size),
        "imap-tools, bulk 500": tools_headers(dovecot, user),
    }
    times = in_turn(readers, runs, size)
    if size <= 10_000:
        times |= in_turn({"imapautofiler, dry run": autofiler(dovecot, user)}, min(runs, 3), size)
    table("header scan", times, per=size)


def raw_headers(dovecot: Dovecot, user: str) -> Reader:
    def read() -> int:
        with dovecot.client(user) as raw:
            raw.cmd(b"EXAMINE INBOX")
            return swallow(raw, f"UID FETCH 1:* {HEADERS}")

    return read


def our_headers(dovecot: Dovecot, user: str, size: int) -> Reader:
    def read() -> int:
        with contextlib.closing(open_box(dovecot, user)) as box:
            box.examine("INBOX")
            rows = box.headers("INBOX", range(1, size + 1), FIELDS)
            return sum(1 for _, head in rows if read_headlines(head).message_id)

    return read


def client_headers(dovecot: Dovecot, user: str, size: int) -> Reader:
    from imapclient import IMAPClient

    def read() -> int:
        client = IMAPClient("127.0.0.1", dovecot.port, ssl=False)
        client.login(user, "secret")
        client.select_folder("INBOX", readonly=True)
        uids = range(1, size + 1)
        batches = (uids[low : low + BATCH] for low in range(0, size, BATCH))
        count = sum(len(client.fetch(list(batch), [HEADERS[5:-1]])) for batch in batches)
        client.logout()
        return count

    return read


def tools_headers(dovecot: Dovecot, user: str) -> Reader:
    from imap_tools import MailBoxUnencrypted

    def read() -> int:
        with MailBoxUnencrypted("127.0.0.1", dovecot.port).login(user, "secret") as box:
            return sum(
                1 for mail in box.fetch(headers_only=True, mark_seen=False, bulk=BATCH) if mail.uid
            )

    return read


def autofiler(dovecot: Dovecot, user: str) -> Reader:
    from imapautofiler import app, client, config

    text = f"""
server: {{hostname: 127.0.0.1, port: {dovecot.port}, ssl: false, username: {user}, password: secret}}
mailboxes:
  - name: INBOX
    rules:
      - headers: [{{name: subject, substring: "nothing that is there"}}]
        action: {{name: flag}}
"""
    path = Path(tempfile.mkdtemp()) / "rules.yml"
    path.write_text(text)

    def read() -> int:
        with contextlib.redirect_stdout(io.StringIO()):
            settings = config.get_config(str(path))
            connection = client.open_connection(settings)
            app.process_rules(settings, False, connection, True)
            connection.close()
        return 0

    return read


def incremental(dovecot: Dovecot, user: str, size: int, new: int, runs: int) -> None:
    """One look at a folder that is `new` mails ahead of the cursor, on an open connection."""
    first = size - new + 1
    with contextlib.closing(open_box(dovecot, user)) as box, dovecot.client(user) as raw:

        def ours() -> int:
            state = box.examine("INBOX")
            return len(list(box.arrivals("INBOX", first))) if state.uidnext > first else 0

        def bare() -> int:
            swallow(raw, 'EXAMINE "INBOX"')
            if new:
                swallow(raw, f"UID FETCH {first}:* {LISTING}")
                swallow(raw, f"UID FETCH {first}:{size} {WHOLE}")
            return new

        times = in_turn({"raw socket, same commands": bare, "kitchenwall": ours}, runs, new)
    table(f"incremental check, {new} new mails", times)


def verdicts(dovecot: Dovecot, user: str, count: int) -> None:
    """Fetch, read and judge, and where the time goes."""
    packs = load_packs()
    with contextlib.closing(open_box(dovecot, user)) as box:
        box.examine("INBOX")
        begun = time.perf_counter()
        arrivals: list[Arrival] = list(box.mails("INBOX", range(1, count + 1)))
    fetched = time.perf_counter()
    messages = [read_message(arrival) for arrival in arrivals]
    read = time.perf_counter()
    found = [judge(message, packs) for message in messages]
    judged = time.perf_counter()
    for arrival in arrivals:
        envelope(by_name(header_of(arrival.raw)))
    library = time.perf_counter() - judged
    rejections = sum(verdict.outcome is Outcome.REJECTION for verdict in found)
    total = judged - begun
    print(f"  scan with verdicts, {count:,} mails: {total:.2f} s ({count / total:,.0f} a second); "
          f"fetch {fetched - begun:.2f}, read {read - fetched:.2f} (mail-parser {library:.2f}), "
          f"judge {judged - read:.2f}; {rejections} called rejections")  # fmt: skip


def open_box(dovecot: Dovecot, user: str) -> ImapMailbox:
    server = Server(
        account="bench", host="127.0.0.1", port=dovecot.port, login=user, security="plain"
    )
    return ImapMailbox(connect(server, Password()), account="bench", login=user, folder_settings={})


def swallow(raw: RawClient, command: str) -> int:
    """Send a command and read its answer in large pieces; how many bytes came."""
    tag = raw.send(command.encode())
    count, tail = 0, b""
    while not (b"\n" + tag in b"\n" + tail and tail.endswith(b"\n")):
        piece = raw.piece(262_144)
        count += len(piece)
        tail = (tail + piece)[-300:]
    return count


def in_turn(readers: dict[str, Reader], runs: int, expected: int) -> dict[str, list[float]]:
    """Seconds of each reader's runs, one after the other so that drift meets all alike."""
    times: dict[str, list[float]] = {name: [] for name in readers}
    for number in range(runs + 1):
        for name, read in readers.items():
            begun = time.perf_counter()
            count = read()
            if number:
                times[name].append(time.perf_counter() - begun)
            if name == "kitchenwall" and count != expected:
                raise SystemExit(f"read {count} mails where there are {expected}")
    return times


def table(what: str, times: dict[str, list[float]], per: int = 0) -> None:
    medians = {name: statistics.median(found) for name, found in times.items()}
    raw = next(iter(medians.values()))
    print(f"  {what}")
    for name, seconds in medians.items():
        rate = f"{per / seconds:>10,.0f} mails/s" if per else ""
        print(f"    {name:30} {seconds * 1000:>9.2f} ms  {seconds / raw:>6.2f} x raw {rate}")


if __name__ == "__main__":
    sys.exit(main())
