"""Put the parts together: the one place that names every concrete class."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from kitchenwall import config as configuration
from kitchenwall.adapters import secrets
from kitchenwall.adapters.clock import SystemClock
from kitchenwall.adapters.headers import FIELDS, read_headlines
from kitchenwall.adapters.imap.claim import KEYWORD, claim
from kitchenwall.adapters.imap.gate import CLAIMING
from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.session import Server, connect
from kitchenwall.adapters.mime import peek_ref, read_message
from kitchenwall.adapters.notify import Notifier
from kitchenwall.adapters.packs import load_packs
from kitchenwall.adapters.senders import load_senders
from kitchenwall.adapters.sqlite import open_journal as open_sqlite
from kitchenwall.adapters.sqlite.journal import SqliteJournal
from kitchenwall.adapters.templates import Templates
from kitchenwall.app.backfill import Found, Past, Progress
from kitchenwall.app.daemon import Daemon, Manager
from kitchenwall.app.drafting import Drafting
from kitchenwall.app.pipeline import Road, consider, laid_by, remember
from kitchenwall.app.watcher import Post, Rhythm, Watcher
from kitchenwall.config import Account, Config
from kitchenwall.domain.detection import judge
from kitchenwall.domain.gathering import gather
from kitchenwall.domain.identity import address_of, draft_message_id, draft_ref, our_ref
from kitchenwall.domain.journal import DraftRow, Reply
from kitchenwall.domain.letter import Writer, situation
from kitchenwall.domain.message import Address, Arrival, Cursor
from kitchenwall.domain.planning import Policy
from kitchenwall.domain.renewal import renewed
from kitchenwall.domain.reply import compose
from kitchenwall.domain.routing import Identity, identity_for, route
from kitchenwall.ports import Clock, Compose, Journal

SecretFor = Callable[[Account], secrets.Secret]


def read_config(path: Path | None) -> Config:
    """The configuration at `path`, or where it is found. Raises `ConfigError`."""
    return configuration.load(configuration.find(path))


@contextmanager
def open_journal(config: Config) -> Iterator[SqliteJournal]:
    """The journal that belongs to a configuration. Raises `JournalTrouble`."""
    with open_sqlite(configuration.state_folder(config)) as journal:
        yield journal


def road_for(config: Config, account: Account) -> Road:
    """The parts that an account's messages pass."""
    who = identity_of(config, account)
    packs = load_packs()
    senders = load_senders()
    return Road(
        is_ours=lambda raw: peek_ref(raw) is not None,
        read=read_message,
        judge=lambda message: judge(message, packs),
        gather=lambda message, verdict: gather(message, verdict, packs),
        route=lambda message: route(message, who, senders),
        compose=composer(config, who),
        own=who.addresses,
        knows_sender=lambda sender: senders.knows(sender.spec),
        policy=Policy(
            max_age_days=config.draft.max_age_days,
            per_hour=config.draft.per_hour,
            per_day=config.draft.per_day,
            per_sender_day=config.draft.per_sender_day,
            draft_at=config.detection.draft_at,
            letters=shared_templates(template_folder(config)).languages,
        ),
    )


def identity_of(config: Config, account: Account) -> Identity:
    """Every address that is the person, and the one an account answers from."""
    accounts = (address for one in config.accounts for address in (one.address, *one.aliases))
    mine = (account.address, *account.aliases, *config.person.aliases, *accounts)
    return Identity(
        addresses=frozenset(address.lower() for address in mine),
        default=Address(account.address.lower(), config.person.name),
        authserv_id=account.authserv_id,
    )


def composer(config: Config, who: Identity) -> Compose:
    """Writes replies in the person's name, each with the id that belongs to its mail."""
    templates = shared_templates(template_folder(config))
    writer = Writer(config.person.name, config.person.signature)

    def compose_reply(message, facts, to, now) -> Reply:  # type: ignore[no-untyped-def]
        sender = identity_for(message, who)
        ref = draft_ref(message.key, 0)
        words = templates.words(situation(facts, writer), facts.language)
        message_id = draft_message_id(ref, id_domain(sender))
        return compose(message, facts, to, words, sender, ref, message_id, now)

    return compose_reply


def id_domain(sender: Address) -> str:
    """The right side of a draft's Message-ID: the sender's domain, as ASCII."""
    try:
        return sender.domain.encode("idna").decode("ascii").lower() or "localhost"
    except UnicodeError:
        return "localhost"


def template_folder(config: Config) -> Path:
    """Where the person's own templates lie: beside the configuration."""
    return config.path.parent / "templates"


@cache
def shared_templates(folder: Path) -> Templates:
    """One set of templates for all accounts: each is read and compiled once."""
    return Templates(folder)


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
    post = Post(
        account=account.name,
        login=account.login,
        folders=account.folders,
        open=lambda: open_mailbox(config, account, secret_for),
        secret_mark=lambda: secrets.mark(secret_for(account), state),
        road=road_for(config, account),
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
        post=post, journal=journal, clock=clock, drafting=drafting, rhythm=rhythm_of(config)
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
    journal: Journal,
    box: ImapMailbox,
    progress: Progress = lambda _done, _all: None,
) -> Past:
    """The means to look through an account's past."""
    road = road_for(config, account)
    return Past(
        box=box,
        headers=lambda folder, uids: box.headers(folder, uids, FIELDS),
        road=road,
        clock=SystemClock(),
        laid=laid_by(journal, account.login),
        is_worth_reading=lambda head: _is_worth_reading(head, road.own),
        progress=progress,
    )


def new_mails(
    config: Config, account: Account, journal: Journal, box: ImapMailbox, folder: str
) -> Iterator[Found]:
    """What the next pass would find in a folder, without any trace."""
    state = box.examine(folder)
    cursor = journal.cursor(account.login, folder)
    if cursor is None or cursor.uidvalidity != state.uidvalidity:
        return
    past = past_of(config, account, journal, box)
    for arrival in box.arrivals(folder, cursor.uid + 1):
        if (found := past.consider(arrival)) is not None:
            yield found


def record_found(journal: Journal, found: Found) -> None:
    """Record a mail of the past like a new one."""
    now = SystemClock().now()
    if found.thought is None:
        journal.quarantine(found.arrival, found.trouble, now)
    else:
        remember(found.arrival, found.thought, journal, now)


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
    _warm_up(config, clock)
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


def _warm_up(config: Config, clock: Clock) -> None:
    """Walk one invented no down the road, so that the first real one need not wait for anything."""
    account = config.accounts[0]
    arrival = Arrival(
        account=account.name, login=account.login, folder="", cursor=Cursor(1, 1),
        received=clock.now(), size=len(_SAMPLE), raw=_SAMPLE,
    )  # fmt: skip
    road = road_for(config, account)
    consider(road, road.read(arrival), clock.now(), lambda _since, _sender: 0)


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
