"""Put the parts together: the one place that names every concrete class."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from kitchenwall import config as configuration
from kitchenwall.adapters import secrets
from kitchenwall.adapters.clock import SystemClock
from kitchenwall.adapters.headers import FIELDS, read_headlines
from kitchenwall.adapters.imap.claim import KEYWORD, claim
from kitchenwall.adapters.imap.gate import CLAIMING
from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.session import Server, connect
from kitchenwall.adapters.notify import Notifier
from kitchenwall.adapters.sqlite import open_journal as open_sqlite
from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.app.backfill import Past, Progress
from kitchenwall.app.daemon import Daemon, Manager
from kitchenwall.app.drafting import Drafting
from kitchenwall.app.lookback import Lookback
from kitchenwall.app.pipeline import NO_MEMORY, consider, memory_of, nobody_looks
from kitchenwall.app.reminding import Reminding
from kitchenwall.app.watcher import Post, Rhythm, Watcher
from kitchenwall.config import Account, Config
from kitchenwall.domain.identity import address_of, our_ref
from kitchenwall.domain.journal import DraftRow
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.domain.renewal import renewed
from kitchenwall.ports import Clock, Journal
from kitchenwall.roads import due_by, identity_of, reminder, road_for

SecretFor = Callable[[Account], secrets.Secret]


def read_config(path: Path | None) -> Config:
    """The configuration at `path`, or where it is found. Raises `ConfigError`."""
    return configuration.load(configuration.find(path))


@contextmanager
def open_journal(config: Config) -> Iterator[SqliteJournal]:
    """The journal that belongs to a configuration. Raises `JournalTrouble`."""
    with open_sqlite(configuration.state_folder(config)) as journal:
        yield journal


def server_of(config: Config, account: Account) -> Server:
    """How an account's server is reached."""
    return Server(
        account=account.name,
        host=account.host,
        port=account.port,
        login=account.login,
        security=account.security,
        ca_file=account.ca_file,
        mechanism=account.sasl if account.password_from == "token_command" else "",  # noqa: S105
        connect_seconds=config.watch.connect_seconds,
        command_seconds=config.watch.command_seconds,
    )


def open_mailbox(
    config: Config, account: Account, secret_for: SecretFor = secrets.secret_for
) -> ImapMailbox:
    """Connect and log in. Raises `Unavailable`, `AccessDenied` or `ConfigError`."""
    client = connect(server_of(config, account), secret_for(account))
    uses = ("drafts", "sent", "archive", "trash")
    return ImapMailbox(
        client,
        account=account.name,
        login=account.login,
        folder_settings={use: getattr(account, f"{use}_folder") for use in uses},
        refresh_seconds=config.watch.idle_minutes * 60,
        poll_seconds=config.watch.poll_minutes * 60,
    )


def watcher_for(
    config: Config,
    account: Account,
    journal: Journal,
    clock: Clock | None = None,
    secret_for: SecretFor = secrets.secret_for,
) -> Watcher:
    """Everything that watches one account."""
    clock = clock or SystemClock()
    state = configuration.state_folder(config)
    road = road_for(config, account)
    post = Post(
        account=account.name,
        login=account.login,
        folders=account.folders,
        open=lambda: open_mailbox(config, account, secret_for),
        secret_mark=lambda: secrets.mark(secret_for(account), state),
        road=road,
        look_back=Lookback(read=road.read, clock=clock, folders=account.folders).over,
    )
    drafting = Drafting(
        journal=journal,
        clock=clock,
        login=account.login,
        settle_seconds=(config.draft.settle_first_seconds, config.draft.settle_second_seconds),
        renewed=renewed if config.draft.on_ambiguous == "retry" else None,
        claim=_claimer(config, account, journal, secret_for) if account.share_claim else None,
    )
    return Watcher(
        post=post,
        journal=journal,
        clock=clock,
        drafting=drafting,
        reminding=reminding_of(config, account, journal, clock),
        rhythm=rhythm_of(config),
    )


def reminding_of(
    config: Config, account: Account, journal: Journal, clock: Clock
) -> Reminding | None:
    """What reminds of letters that nobody answered, unless the person wants none."""
    if not config.draft.remind_days:
        return None
    who = identity_of(config, account)
    return Reminding(
        journal=journal,
        clock=clock,
        account=account.name,
        login=account.login,
        after=timedelta(days=config.draft.remind_days),
        remind=reminder(config, account),
        is_own=lambda mail: mail.sender is not None and who.owns(mail.sender.spec),
        due=due_by(config),
    )


def rhythm_of(config: Config) -> Rhythm:
    """The waits of a configuration, in seconds."""
    watch = config.watch
    return Rhythm(
        idle=watch.idle_minutes * 60,
        poll=watch.poll_minutes * 60,
        safety=watch.safety_minutes * 60,
        command=watch.command_seconds,
        connect=watch.connect_seconds,
        backoff_first=watch.backoff_first_seconds,
        backoff_most=watch.backoff_most_seconds,
        max_refusals=watch.max_refusals,
        rescan_days=watch.rescan_days,
        rescan_most=watch.rescan_most,
    )


def past_of(
    config: Config,
    account: Account,
    journal: Journal | None,
    box: ImapMailbox,
    progress: Progress = lambda _done, _all: None,
    *,
    look_back: bool = True,
) -> Past:
    """The means to look through an account's past; without a journal, as if nothing was ever laid.

    `look_back` says whether each mail is considered with what came before it.
    """
    road = road_for(config, account)
    clock = SystemClock()
    lookback = Lookback(read=road.read, clock=clock, folders=account.folders)
    earlier = lookback.over(box) if look_back else nobody_looks
    return Past(
        box=box,
        headers=lambda folder, uids: box.headers(folder, uids, FIELDS),
        road=road,
        clock=clock,
        memory=memory_of(journal, account.login, earlier) if journal else NO_MEMORY,
        is_worth_reading=lambda head: _is_worth_reading(head, road.own),
        progress=progress,
    )


def _is_worth_reading(head: bytes, own: frozenset[str]) -> bool:
    """Whether a mail with these headers could be judged a rejection at all."""
    lines = read_headlines(head)
    ours = our_ref(lines.message_id) is not None
    return not ours and address_of(lines.sender.encode()) not in own


def daemon_for(
    config: Config,
    journal: Journal,
    *,
    clock: Clock | None = None,
    manager: Manager | None = None,
    tick_seconds: float = 30.0,
    secret_for: SecretFor = secrets.secret_for,
) -> Daemon:
    """The whole daemon; the parts that only it needs are imported here."""
    from kitchenwall.adapters.timers import ScheduledTimers

    clock = clock or SystemClock()
    warm_up(config, clock)
    return Daemon(
        watchers=[
            watcher_for(config, account, journal, clock, secret_for) for account in config.accounts
        ],
        journal=journal,
        clock=clock,
        timers=ScheduledTimers(),
        manager=manager or Notifier.from_environment(),
        tick_seconds=tick_seconds,
        safety_seconds=config.watch.safety_minutes * 60,
    )


def warm_up(config: Config, clock: Clock) -> None:
    """Walk one invented no down the road, so that the first real one need not wait for anything.

    What is loaded by then stays for good: the collector need not walk through it again and again.
    """
    account = config.accounts[0]
    arrival = Arrival(
        account=account.name, login=account.login, folder="", cursor=Cursor(1, 1),
        received=clock.now(), size=len(_SAMPLE), raw=_SAMPLE,
    )  # fmt: skip
    road = road_for(config, account)
    consider(road, road.read(arrival), clock.now())
    gc.collect()
    gc.freeze()


_SAMPLE = (
    b"From: Jo <jo@acorn.example>\r\nTo: you@mail.example\r\nSubject: Your application\r\n"
    b"Message-ID: <sample@acorn.example>\r\nContent-Type: text/html\r\n\r\n"
    b"<p>Thank you for your application. Unfortunately, we have decided not to move forward.</p>"
)


def _claimer(
    config: Config, account: Account, journal: Journal, secret_for: SecretFor
) -> Callable[[DraftRow], bool]:
    """Asks the server, over a connection of its own, whether this computer may answer a mail."""
    state = configuration.state_folder(config)
    host = hashlib.sha256(secrets.mark(secrets.Secret("this computer"), state).encode()).hexdigest()

    def may_answer(row: DraftRow) -> bool:
        client = connect(server_of(config, account), secret_for(account), CLAIMING)
        mail = f"uid {row.source.uid}: {KEYWORD}"
        journal.wrote(account.login, "STORE", row.source_folder, mail, SystemClock().now())
        try:
            return claim(client, row.source_folder, row.source, host[:8])
        finally:
            client.wire.close()

    return may_answer
