"""Make Maildir mailboxes of 10,000 or 100,000 invented mails, the same ones for the same seed.

    python bench/mailboxes.py [--mails N] [--seed S]

Other benches call `fill` for a user of a test Dovecot. A mail has about 4 KB and the headers that a
reader of inboxes looks at; two in a hundred are rejections, the rest is what fills an inbox: people,
newsletters, notices of machines. Run by itself it tells how long the making takes.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.servers.dovecot import Dovecot, Setup

QUICK = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp")  # where files cost least
NEWEST = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
EVERY = timedelta(minutes=17)  # one mail after the other
KINDS = {"person": 40, "newsletter": 30, "notice": 28, "rejection": 2}  # in a hundred
_BODIES = 48  # different bodies of each kind; all other variety is in the headers


@dataclass(frozen=True, slots=True)
class Made:
    """One mail with CRLF line ends, the moment it was received, and what it is."""

    raw: bytes
    received: datetime
    kind: str


def mails(count: int, *, seed: int = 1, newest: datetime = NEWEST) -> Iterator[Made]:
    """Invented mails, oldest first; the last one is received at `newest`."""
    rng = random.Random(seed)
    bodies = {kind: [_body(rng, kind) for _ in range(_BODIES)] for kind in KINDS}
    drawn = rng.choices(list(KINDS), list(KINDS.values()), k=count)
    for number, kind in enumerate(drawn):
        received = newest - EVERY * (count - 1 - number)
        raw = _header(rng, kind, number, received) + rng.choice(bodies[kind])
        yield Made(raw, received, kind)


def fill(
    server: Dovecot, user: str, count: int, *, seed: int = 1, newest: datetime = NEWEST
) -> int:
    """Write mails into a user's INBOX, all of them read; gives the number of rejections.

    The user must not have logged in before. The first session builds Dovecot's index.
    """
    maildir = server.maildir(user)
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    rejections = write(maildir / "cur", mails(count, seed=seed, newest=newest), _owner(server))
    for path in (maildir, *maildir.iterdir()):
        os.chown(path, *_owner(server))
    return rejections


def write(folder: Path, made: Iterator[Made], owner: tuple[int, int]) -> int:
    """Write mails as Maildir files with their sizes in their names; gives the rejections."""
    rejections = 0
    for number, mail in enumerate(made):
        stamp = int(mail.received.timestamp())
        size = len(mail.raw)
        path = f"{folder}/{stamp}.M{number:06}P1.bench,S={size},W={size}:2,S"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, mail.raw)
        os.fchown(file, *owner)
        os.utime(file, (stamp, stamp))
        os.close(file)
        rejections += mail.kind == "rejection"
    return rejections


def _owner(server: Dovecot) -> tuple[int, int]:
    return server.owner.pw_uid, server.owner.pw_gid


def _header(rng: random.Random, kind: str, number: int, received: datetime) -> bytes:
    company = rng.choice(_COMPANIES)
    domain = f"{company.lower().replace(' ', '-')}.example"
    who = "no-reply" if kind == "notice" else rng.choice(_PEOPLE)
    address = f"{who.lower().replace(' ', '.')}@{domain}"
    lines = [
        f"Received: from mx.{domain} by mail.home.example; {_date(received)}",
        f"From: {who} <{address}>",
        "To: Anna Weber <anna@home.example>",
        f"Subject: {rng.choice(_SUBJECTS[kind]).format(company=company, number=number)}",
        f"Date: {_date(received)}",
        f"Message-ID: <{number}.{rng.getrandbits(48):012x}@{domain}>",
        *_EXTRA[kind],
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "",
    ]
    return "\r\n".join(lines).format(domain=domain, company=company).encode()


def _date(moment: datetime) -> str:
    return f"{_DAYS[moment.weekday()]}, {moment.day:02} {_MONTHS[moment.month - 1]} {moment:%Y %H:%M:%S} +0000"


def _body(rng: random.Random, kind: str) -> bytes:
    """About 3.5 KB: what this kind says, and the small talk that follows it."""
    said = [rng.choice(_SAID[kind])]
    while sum(map(len, said)) < 3_400:
        said.append(" ".join(rng.sample(_FILLER, 3)))
    return "\r\n\r\n".join(["Dear Anna,", *said, "Kind regards", ""]).encode()


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
_COMPANIES = (
    "Lindenwerk", "Copper Kettle", "Nordlicht", "Blue Orchard", "Papierhaus", "Stellwerk",
    "Harbour Loom", "Quittengarten", "Tin Lantern", "Morgenrot", "Slate and Sons", "Fernweh",
)  # fmt: skip
_PEOPLE = (
    "Ines Albrecht", "Jonas Wirth", "Mara Lindt", "Tom Okafor", "Clara Sommer", "Ravi Menon",
    "Lena Brandt", "Ada Whitlock", "Paul Rehm", "Noor Haddad", "Greta Olsen", "Felix Zander",
)  # fmt: skip
_SUBJECTS = {
    "person": (
        "Lunch on Friday?",
        "Photos from the lake",
        "Re: the shelf",
        "A question about {company}",
    ),
    "newsletter": ("{company} news, issue {number}", "What is new at {company} this week"),
    "notice": (
        "Your order {number} is on its way",
        "Your receipt from {company}",
        "Backup {number} done",
    ),
    "rejection": ("Your application at {company}", "Update on your application {number}"),
}
_EXTRA = {
    "person": ("Reply-To: home@{domain}",),
    "newsletter": (
        "List-Id: {company} news <news.{domain}>",
        "List-Unsubscribe: <https://{domain}/u>",
    ),
    "notice": ("Auto-Submitted: auto-generated",),
    "rejection": ("Reply-To: jobs@{domain}",),
}
_SAID = {
    "person": (
        "it was good to see you, and the cake was even better than the last one.",
        "could you bring the long ladder on Saturday? The gutter is full of leaves again.",
    ),
    "newsletter": (
        "this month we show how the new looms were built, and who will weave on them.",
        "the spring catalogue is here, with paper in eleven new colours.",
    ),
    "notice": (
        "your parcel left our house today and should be with you within three days.",
        "the copy of your files was finished without an error.",
    ),
    "rejection": (
        "thank you for your application. Unfortunately, we have decided to go on without you.",
        "unfortunately, we will not move forward with your application. All the best to you.",
        "leider müssen wir Ihnen mitteilen, dass wir uns für eine andere Person entschieden haben.",
    ),
}
_FILLER = (
    "The old mill by the river is being painted, this time in a rather brave yellow.",
    "We counted fourteen swallows under the roof, two more than in the year before.",
    "On Tuesday the bakery closes at four because of the town meeting.",
    "The second volume is on the upper shelf, behind the box with the maps.",
    "Nobody found the key to the cellar, so the bicycles stay where they are.",
    "Der Zug um acht fährt in dieser Woche von Gleis zwei.",
    "Im Garten blühen die Quitten, und die Bienen haben es gemerkt.",
    "A short walk along the harbour does more than a second cup of coffee.",
    "The choir sings in the small hall, since the large one has no heating.",
    "If it rains we meet under the arcades, next to the clockmaker's window.",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--mails", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--corpus", help="not used here; every bench is called with it")
    asked = parser.parse_args()
    with Dovecot(Setup(root=QUICK)) as server:
        start = time.perf_counter()
        rejections = fill(server, "anna@home.example", asked.mails, seed=asked.seed)
        written = time.perf_counter()
        with server.client("anna@home.example") as client:
            messages = client.status()["MESSAGES"]
            indexed = time.perf_counter()
    print(f"{messages} mails, {rejections} of them rejections")
    print(f"written in {written - start:.2f} s, first opened in {indexed - written:.2f} s")


if __name__ == "__main__":
    main()
