"""Measure what it costs to look for the earlier mails around a rejection that is silent.

    python bench/history.py [--quick] [--runs N]

INBOX holds 10,000 invented mails, Archive 1,000. Three rejections are looked back from: one by a
person of her own house who wrote four mails before, one from a house that sends hundreds of mails,
and one in a conversation that only headers tell. A proxy writes down what is said; a raw socket
then says the same to the same mailbox and understands nothing. Both begin and end in INBOX.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.mailboxes import fill
from bench.person import configured, fill_folder, own_folder, table, versions, warm
from bench.scan import Password, swallow
from kitchenwall import roads
from kitchenwall.adapters.clock import SystemClock
from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.session import Server, connect
from kitchenwall.app.lookback import Lookback
from kitchenwall.app.pipeline import Road
from kitchenwall.domain.facts import Facts
from kitchenwall.domain.message import Arrival, Cursor, Message
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Command, Proxy

ANNA = "anna@home.example"
_INBOX = b"EXAMINE INBOX"
_JO = "Jo Marsh <jo.marsh@larkfield.example>"
_BEFORE = (
    (50, "Thank you for applying to Larkfield. We have received your application."),
    (40, "Could we schedule a phone call on Tuesday?"),
    (30, "Thank you for the call. We would like to invite you to an interview on Monday."),
    (20, "It was good to meet you. You will hear from us next week."),
)
_NO = "We went with another candidate for the position. I am sorry."


@dataclass
class Figures:
    """One rejection: what was said and fetched, and the seconds of each run."""

    said: list[Command]
    stage: str
    mails: int
    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small folders, few runs")
    parser.add_argument("--runs", type=int, default=0, help="counted runs of each (15)")
    options, _ = parser.parse_known_args(given)
    inbox, archive, runs = (400, 50, 2) if options.quick else (10_000, 1_000, 15)
    with Dovecot() as server, own_folder() as folder:
        fill(server, ANNA, inbox, newest=datetime.now(UTC) - timedelta(hours=1))
        fill_folder(server, ANNA, "Archive", archive)
        with server.client(ANNA) as client:
            for days, text in _BEFORE:
                client.append("INBOX", letter(_JO, text, days), date=stamp(days))
        warm(server, ANNA, "INBOX", "Archive")
        config = configured(folder, server.port, [ANNA])
        road = roads.road_for(config, config.accounts[0])
        silent = {
            "a person, four mails": letter(_JO, _NO, 0),
            "a house of hundreds": letter("Ada <ada@lindenwerk.example>", _NO, 0),
            "a conversation only": letter(
                "Mia <mia@else.example>", _NO, 0, "<30@larkfield.example>"
            ),
        }
        figures = {
            name: measured(server, road, raw, options.runs or runs) for name, raw in silent.items()
        }
    report(figures, inbox, archive)


def measured(server: Dovecot, road: Road, raw: bytes, runs: int) -> Figures:
    """Look back from one mail: once to see what is said, then in turn with a raw socket."""
    message = road.read(arrival(raw))
    with Proxy(server.port) as proxy, looking(proxy.port, road) as look:
        before = len(proxy.commands)
        stage, mails = look(message)
        said = proxy.commands[before:]
    found = Figures(said, stage, mails)
    with looking(server.port, road) as look:
        found.ours, found.raw = in_turn(server, lambda: look(message), said, runs)
    return found


def in_turn(
    server: Dovecot, look: Callable[[], object], said: Sequence[Command], runs: int
) -> tuple[list[float], list[float]]:
    """Seconds of a look and of a raw socket that says the same, run after run; the first is not counted."""
    looks: list[float] = []
    raws: list[float] = []
    with server.client(ANNA) as client:
        client.cmd(_INBOX)
        for number in range(runs + 1):
            begun = time.perf_counter()
            look()
            ours = time.perf_counter()
            for command in said:
                swallow(client, command.text.decode())
            ended = time.perf_counter()
            if number:
                looks.append(ours - begun)
                raws.append(ended - ours)
    return looks, raws


@contextmanager
def looking(port: int, road: Road) -> Iterator[Callable[[Message], tuple[str, int]]]:
    """Looks back over one connection; gives the stage that was told, and of how many mails."""
    where = Server(account="a1", host="127.0.0.1", port=port, login=ANNA, security="plain")
    box = ImapMailbox(connect(where, Password()), account="a1", login=ANNA, folder_settings={})
    with closing(box):
        lookback = Lookback(read=road.read, clock=SystemClock(), folders=("INBOX",))
        box.folder_for("archive")  # asked once a connection
        box.examine("INBOX")

        def look(message: Message) -> tuple[str, int]:
            near = road.around(message)
            assert near is not None
            mails = lookback.over(box)(near)
            box.examine("INBOX")
            return road.recall(message, Facts(), mails, near).stage.value, len(mails)

        yield look


def headers_in(command: Command) -> int:
    """How many mails' headers a command asks for."""
    if b"HEADER.FIELDS" not in command.text:
        return 0
    spans = (span.split(":") for span in command.words[2].split(","))
    return sum(int(ends[-1]) - int(ends[0]) + 1 for ends in spans)


def letter(sender: str, text: str, days: int, answers: str = "") -> bytes:
    """An invented mail of so many days ago, in a conversation where one is named."""
    when = format_datetime(datetime.now(UTC) - timedelta(days=days))
    more = f"In-Reply-To: {answers}\r\n" if answers else ""
    return (
        f"From: {sender}\r\nTo: {ANNA}\r\nSubject: News\r\nDate: {when}\r\n{more}"
        f"Message-ID: <{days}@larkfield.example>\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\nHi Anna,\r\n\r\n{text}\r\n\r\nJo\r\n"
    ).encode()


def stamp(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%d-%b-%Y %H:%M:%S} +0000"


def arrival(raw: bytes) -> Arrival:
    return Arrival(
        account="a1", login=ANNA, folder="INBOX", cursor=Cursor(1, 1), received=datetime.now(UTC),
        size=len(raw), raw=raw,
    )  # fmt: skip


def report(found: dict[str, Figures], inbox: int, archive: int) -> None:
    print(versions("history.py"))
    print(
        f"INBOX {inbox:,} mails, Archive {archive:,}; medians of {len(next(iter(found.values())).ours)} runs in turn"
    )
    rows = [
        (name, f"{ours * 1000:.1f}", f"{max(one.ours) * 1000:.1f}", f"{raw * 1000:.1f}", f"{ours / raw:.2f}",
         str(len(one.said)), str(sum(map(headers_in, one.said))), str(one.mails), one.stage)
        for name, one in found.items()
        for ours, raw in ((statistics.median(one.ours), statistics.median(one.raw)),)
    ]  # fmt: skip
    head = ("a look back", "ms", "most", "raw ms", "ratio", "commands", "headers", "mails", "stage")
    print(table(head, rows))


if __name__ == "__main__":
    main()
