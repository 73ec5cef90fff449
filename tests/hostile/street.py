"""A street of mail accounts with hostile servers, and the one daemon that serves all of it."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.config import Config
from kitchenwall.config.settings import (
    Account,
    DraftSettings,
    JournalSettings,
    Person,
    WatchSettings,
)
from kitchenwall.domain.journal import DraftRow, Event
from kitchenwall.domain.message import Cursor
from kitchenwall.errors import KitchenwallError
from kitchenwall.wiring import daemon_for, open_journal, watcher_for
from tests.hostile.resources import cpu_of, open_files, peak_above, resident, watch_threads
from tests.servers import account as mailboxes
from tests.servers.account import sample
from tests.servers.scripted import CAPABILITIES, Conversation, Script, ScriptedServer, serving
from tests.servers.tls import Certificates, issue

COMMAND_SECONDS = 0.3
SIEGE_SECONDS = 0.8
STOP_SECONDS = 4.0
VALIDITY = 7_000
STRIKES_AT = {
    "login": "LOGIN", "authenticate": "AUTHENTICATE", "capability": "CAPABILITY", "list": "LIST",
    "examine": "EXAMINE", "fetch": "UID FETCH", "search": "UID SEARCH", "idle": "IDLE",
    "append": "APPEND", "noop": "NOOP",
}  # fmt: skip
_HONEST = serving()
_HONEST_TLS = serving(capabilities=CAPABILITIES + b" STARTTLS")
# Everything happens often, so that a second of siege shows what would take a day.
WATCH = WatchSettings(
    idle_minutes=0.25 / 60,
    poll_minutes=0.25 / 60,
    safety_minutes=0.5 / 60,
    command_seconds=COMMAND_SECONDS,
    connect_seconds=COMMAND_SECONDS,
    backoff_first_seconds=0.3,
    backoff_most_seconds=1.0,
)
DRAFT = DraftSettings(
    max_age_days=3650,
    per_hour=1000,
    per_day=1000,
    per_sender_day=1000,
    settle_first_seconds=0.03,
    settle_second_seconds=0.06,
)


@dataclass(slots=True)
class House:
    """One account, its server, and whether the server has come to its senses."""

    name: str
    script: Script
    certificates: Certificates | None = None
    mailbox: mailboxes.Account = field(default_factory=mailboxes.Account)
    honest: threading.Event = field(default_factory=threading.Event)
    server: ScriptedServer = field(init=False)

    def __post_init__(self) -> None:
        for mail in self.mailbox.inbox.mails:
            mail.date = datetime.now(UTC)
        self.server = ScriptedServer(
            self._play, account=self.mailbox, certificates=self.certificates, pace=0.01
        )

    def _play(self, talk: Conversation) -> None:
        good = _HONEST_TLS if self.certificates else _HONEST
        if self.name.startswith("login/"):
            _without_plain(talk)
        (good if self.honest.is_set() else self.script)(talk)

    def account(self, password: Path) -> Account:
        """How the program knows it."""
        oauth = "xoauth2" in self.name
        return Account(
            name=self.name.replace("/", "."),
            address="anna@home.example",
            login=f"anna+{self.name}",
            host="localhost" if self.certificates else "127.0.0.1",
            port=self.server.port,
            security="starttls" if self.certificates else "plain",
            ca_file=str(self.certificates.ca_file) if self.certificates else "",
            password_from="token_command" if oauth else "file",
            token_command=("/bin/echo", "token") if oauth else (),
            password_file=str(password),
        )

    def has_struck(self) -> bool:
        """Whether its server was asked what it is hostile about."""
        struck = STRIKES_AT.get(self.name.partition("/")[0])
        return struck is None or struck in self.server.names()

    def laid(self) -> Counter[str]:
        """The drafts of ours that really lie on the server, and how often."""
        folder = self.mailbox.folders.get(b"Drafts")
        return Counter(_ref(mail.raw) for mail in folder.mails) if folder else Counter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one account: while its server was hostile, and after it was honest again."""

    name: str
    unforeseen: tuple[str, ...]  # tracebacks of what is none of our errors
    struck: bool  # the server could be hostile
    commands: tuple[str, ...]  # that the hostile server heard
    connections: int
    cpu: float  # of one core, while it lasted
    laid_meanwhile: Counter[str]
    trouble: str  # what a pass over the honest server raised, "" where it went well
    events: tuple[Event, ...]
    drafts: tuple[DraftRow, ...]
    laid: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Siege:
    """What became of a street: `neighbour` is the time that the one honest account's draft took."""

    fates: Mapping[str, Fate]
    neighbour: float
    seconds: float
    stopping: float
    grown: int
    left_threads: tuple[str, ...]
    left_files: int


def house_of(name: str, script: Script, folder: Path) -> House:
    """A house for a server; one about STARTTLS gets certificates."""
    return House(name, script, issue(folder) if name.startswith("starttls/") else None)


def besiege(folder: Path, scripts: Mapping[str, Script]) -> Siege:
    """Watch all these servers, and an honest one, with one daemon; then let them be honest."""
    files = open_files()
    with ExitStack() as stack:
        houses = [house_of(name, script, folder) for name, script in scripts.items()]
        neighbour = House("neighbour", _HONEST, mailbox=mailboxes.Account(mails=0))
        for house in (*houses, neighbour):
            stack.callback(house.server.close)
        config = configuration(folder, (*houses, neighbour))
        told = stack.enter_context(listening())
        journal = stack.enter_context(open_journal(config))
        for account in config.accounts:
            journal.move_cursor(account.login, "INBOX", Cursor(VALIDITY, 0))
        found = _live(config, journal, houses, neighbour, told)
        found["fates"] = dict(zip(scripts, _settle(config, journal, houses, found), strict=True))
    del found["heard"]
    return Siege(**found, left_files=open_files() - files)  # type: ignore[arg-type]


def _live(
    config: Config,
    journal: SqliteJournal,
    houses: list[House],
    neighbour: House,
    told: Callable[[str], tuple[str, ...]],
) -> dict[str, object]:
    """The siege itself."""
    before = resident()
    daemon = daemon_for(config, journal, tick_seconds=0.2)
    daemon.grace_seconds = STOP_SECONDS
    begun = time.monotonic()
    with peak_above(before) as grown:
        daemon.start()
        time.sleep(SIEGE_SECONDS / 3)
        arrived = time.monotonic()
        neighbour.mailbox.inbox.add(sample(0))
        while not neighbour.mailbox.drafts.mails and time.monotonic() < arrived + 10:
            time.sleep(0.005)
        took = time.monotonic() - arrived
        time.sleep(max(0.0, begun + SIEGE_SECONDS - time.monotonic()))
        while not all(house.has_struck() for house in houses) and time.monotonic() < begun + 6:
            time.sleep(0.05)
        seconds = time.monotonic() - begun
        cpu = {thread.name: cpu_of(thread) / seconds for thread in watch_threads()}
    stop = time.monotonic()
    daemon.stop()
    heard = {
        house.name: {
            "unforeseen": told(house.name.replace("/", ".")),
            "struck": house.has_struck(),
            "commands": tuple(house.server.names()),
            "connections": house.server.connections,
            "cpu": cpu.get(f"watch {house.name.replace('/', '.')}", 0.0),
            "laid_meanwhile": house.laid(),
        }
        for house in houses
    }
    return {
        "neighbour": took,
        "seconds": seconds,
        "stopping": time.monotonic() - stop,
        "grown": grown[0],
        "left_threads": tuple(thread.name for thread in watch_threads()),
        "heard": heard,
    }


def _settle(
    config: Config, journal: SqliteJournal, houses: list[House], found: dict[str, object]
) -> list[Fate]:
    """The servers come to their senses, and the program is started again."""
    for house in houses:
        house.honest.set()
    with ThreadPoolExecutor(8) as pool:
        troubles = list(
            pool.map(lambda account: _pass(config, account, journal), config.accounts[:-1])
        )
    events, drafts = journal.events(), journal.drafts()
    heard = found["heard"]
    assert isinstance(heard, dict)
    return [
        Fate(
            name=house.name,
            **heard[house.name],
            trouble=trouble,
            events=tuple(event for event in events if event.login == account.login),
            drafts=tuple(row for row in drafts if row.login == account.login),
            laid=house.laid(),
        )
        for house, account, trouble in zip(houses, config.accounts, troubles, strict=False)
    ]


def _pass(config: Config, account: Account, journal: SqliteJournal) -> str:
    try:
        watcher_for(config, account, journal).once()
    except KitchenwallError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def configuration(folder: Path, houses: tuple[House, ...]) -> Config:
    """A configuration for all these accounts, with everything it needs in the folder."""
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text("secret\n")
    # Deadlines are short, and time runs fast.
    return Config(
        person=Person(name="Anna Berg"),
        accounts=tuple(house.account(password) for house in houses),
        draft=DRAFT,
        watch=WATCH,
        journal=JournalSettings(folder=str(folder / "state")),
        path=folder / "config.toml",
    )


@contextmanager
def listening() -> Iterator[Callable[[str], tuple[str, ...]]]:
    """Gives a function: the tracebacks that were logged about an account."""
    records: list[tuple[str, str]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info:
                form = logging.Formatter().formatException(record.exc_info)
                about = record.args[0] if isinstance(record.args, tuple) and record.args else ""
                records.append((str(about), form))

    handler = Keep()
    logging.getLogger("kitchenwall").addHandler(handler)
    try:
        yield lambda name: tuple(text for account, text in records if account == name)
    finally:
        logging.getLogger("kitchenwall").removeHandler(handler)


def _without_plain(talk: Conversation) -> None:
    """Only where AUTHENTICATE PLAIN is not offered, LOGIN is used."""
    send = talk.send
    talk.send = lambda data: send(data.replace(b" AUTH=PLAIN", b""))  # type: ignore[method-assign]


def _ref(raw: bytes) -> str:
    """The id of a draft, in either of its places; servers were seen to drop one of them."""
    found = re.search(rb"(?im)^X-Draft-Ref: *(\S+)|^Message-ID: *<(rr1\.[a-z2-7]+)@", raw)
    return (found[1] or found[2]).decode() if found else ""
