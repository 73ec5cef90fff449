"""Measure what it costs to find the human behind a no-reply in a large mailbox.

    python bench/people.py [--quick] [--runs N]

INBOX holds 100,000 invented mails, Archive 10,000 and Sent 1,000. Three rejections come from one
tracking system's no-reply: of a company whose recruiter wrote three years ago, of one whom the person
wrote to, and of one that nobody there belongs to. A proxy writes down what is said; a raw socket then
says the same to the same mailbox and understands nothing. Wanted: at most 2,000 headers and 2 seconds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.history import ANNA, arrival, headers_in, in_turn, letter, stamp
from bench.mailboxes import fill
from bench.person import configured, fill_folder, own_folder, table, versions, warm
from bench.scan import Password
from kitchenwall import roads
from kitchenwall.adapters.clock import SystemClock
from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.session import Server, connect
from kitchenwall.app.lookback import Lookback
from kitchenwall.app.pipeline import Road
from kitchenwall.domain.facts import Fact, Facts
from kitchenwall.domain.message import Message
from kitchenwall.domain.plan import Route
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Command, Proxy

_SYSTEM = "no-reply <no-reply@us.greenhouse-mail.io>"
_NO = "Thank you for applying to {company}. We went with another candidate for the position."
_JO = "Jo Marsh <jo.marsh@larkfield.example>"
_KIM = "Kim Lee <kim.lee@stonewall.example>"
_THREE_YEARS = 3 * 365


@dataclass
class Figures:
    """One rejection: what was said and fetched, who was found, and the seconds of each run."""

    said: list[Command]
    found: str
    ours: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)


def main(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small folders, few runs")
    parser.add_argument("--runs", type=int, default=0, help="counted runs of each (9)")
    options, _ = parser.parse_known_args(given)
    sizes, runs = ((400, 50, 20), 2) if options.quick else ((100_000, 10_000, 1_000), 9)
    with Dovecot() as server, own_folder() as folder:
        fill(server, ANNA, sizes[0], newest=datetime.now(UTC) - timedelta(hours=1))
        fill_folder(server, ANNA, "Archive", sizes[1])
        fill_folder(server, ANNA, "Sent", sizes[2])
        with server.client(ANNA) as client:
            text = "Could we talk on Tuesday about the position?"
            client.append("Archive", letter(_JO, text, _THREE_YEARS), date=stamp(_THREE_YEARS))
            sent = letter(f"Anna <{ANNA}>", "Thank you for the interview.", 200)
            client.append("Sent", sent.replace(b"To: " + ANNA.encode(), b"To: " + _KIM.encode()),
                          date=stamp(200))  # fmt: skip
        warm(server, ANNA, "INBOX", "Archive", "Sent")
        as_a_client_leaves_it(server)
        config = configured(folder, server.port, [ANNA])
        road = roads.road_for(config, config.accounts[0])
        figures = {
            name: measured(server, road, company, options.runs or runs)
            for name, company in (
                ("she wrote three years ago", "Larkfield"),
                ("she was written to", "Stonewall"),
                ("nobody is there", "Nowhere"),
            )
        }
    report(figures, sizes)


def as_a_client_leaves_it(server: Dovecot) -> None:
    """Every mail client lists senders and readers, and the server keeps what it was asked for."""
    with server.client(ANNA) as client:
        for name in (b"INBOX", b"Archive", b"Sent"):
            client.cmd(b"EXAMINE " + name)
            client.cmd(b"UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE)])")


def measured(server: Dovecot, road: Road, company: str, runs: int) -> Figures:
    """Search from one rejection: once to see what is said, then in turn with a raw socket."""
    message = road.read(arrival(letter(_SYSTEM, _NO.format(company=company), 0)))
    facts = Facts(company=Fact(company, company))
    with Proxy(server.port) as proxy, looking(proxy.port, road) as look:
        before = len(proxy.commands)
        found = look(message, facts)
        said = proxy.commands[before:]
    figures = Figures(said, found.to.spec if found else "nobody")
    with looking(server.port, road) as look:
        figures.ours, figures.raw = in_turn(server, lambda: look(message, facts), said, runs)
    return figures


@contextmanager
def looking(port: int, road: Road) -> Iterator[Callable[[Message, Facts], Route | None]]:
    """Searches over one connection; gives whom it found."""
    where = Server(account="a1", host="127.0.0.1", port=port, login=ANNA, security="plain")
    box = ImapMailbox(connect(where, Password()), account="a1", login=ANNA, folder_settings={})
    with closing(box):
        lookback = Lookback(read=road.read, clock=SystemClock(), folders=("INBOX",))
        for use in ("archive", "sent"):  # asked once a connection
            box.folder_for(use)
        box.examine("INBOX")

        def look(message: Message, facts: Facts) -> Route | None:
            near = road.around_company(message, facts)
            assert near is not None
            mails = lookback.over(box)(near)
            box.examine("INBOX")
            return road.human(message, facts, mails)

        yield look


def report(found: dict[str, Figures], sizes: tuple[int, ...]) -> None:
    print(versions("people.py"))
    inbox, archive, sent = sizes
    runs = len(next(iter(found.values())).ours)
    print(
        f"INBOX {inbox:,} mails, Archive {archive:,}, Sent {sent:,}; medians of {runs} runs in turn"
    )
    rows = [
        (name, one.found, str(sum(map(headers_in, one.said))), f"{ours:.3f}", f"{max(one.ours):.3f}",
         f"{raw:.3f}", f"{ours / raw:.2f}")
        for name, one in found.items()
        for ours, raw in ((statistics.median(one.ours), statistics.median(one.raw)),)
    ]  # fmt: skip
    head = ("a rejection", "found", "headers", "seconds", "most", "raw", "ratio")
    print(table(head, rows))


if __name__ == "__main__":
    main()
