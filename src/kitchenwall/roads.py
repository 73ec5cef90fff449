"""Put together the parts that one message passes, for one account; without network or journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kitchenwall.adapters.clock import zone_of
from kitchenwall.adapters.mime import peek_ref, read_message
from kitchenwall.adapters.packs import load_packs
from kitchenwall.adapters.senders import load_senders
from kitchenwall.adapters.templates import Templates
from kitchenwall.adapters.tones import load_regions
from kitchenwall.app.pipeline import Road
from kitchenwall.config import Account, Config
from kitchenwall.domain.around import around
from kitchenwall.domain.conversation import reminding
from kitchenwall.domain.detection import judge
from kitchenwall.domain.first_look import Known
from kitchenwall.domain.gathering import gather, spoken_to
from kitchenwall.domain.history import recall
from kitchenwall.domain.human import house_of, human_for, humans_around
from kitchenwall.domain.identity import draft_message_id, draft_ref
from kitchenwall.domain.letter import Writer, situation
from kitchenwall.domain.message import Address, Arrival, Cursor, Message
from kitchenwall.domain.planning import Policy
from kitchenwall.domain.quoting import quote
from kitchenwall.domain.regions import region_of
from kitchenwall.domain.remarks import remarks
from kitchenwall.domain.reply import compose
from kitchenwall.domain.routing import Identity, identity_for, route
from kitchenwall.domain.timing import Timing, When, due
from kitchenwall.domain.traces import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from kitchenwall.domain.journal import DraftRow, Event, Reply
    from kitchenwall.ports import Compose


def road_for(config: Config, account: Account) -> Road:
    """The parts that an account's messages pass."""
    who = identity_of(config, account)
    packs = load_packs()
    senders = load_senders()
    reader = Reader(packs=packs, senders=senders, who=who)
    return Road(
        is_ours=lambda raw: peek_ref(raw) is not None,
        read=read_message,
        judge=lambda message, knows_no: judge(
            message, packs, Known(own=who.addresses, knows_no=knows_no)
        ),
        gather=lambda message, verdict: gather(message, verdict, packs),
        route=lambda message: route(message, who, senders),
        compose=composer(config, who),
        own=who.addresses,
        knows_sender=lambda sender: senders.knows(sender.spec),
        around=lambda message: around(message, who, senders),
        due=due_by(config),
        around_company=lambda message, facts: humans_around(
            message, house_of(message, facts, who, senders)
        ),
        human=lambda message, facts, mails: human_for(message, facts, mails, who, senders),
        recall=lambda message, facts, mails, near: recall(message, facts, mails, near, reader),
        policy=Policy(
            max_age_days=config.draft.max_age_days,
            per_hour=config.draft.per_hour,
            per_day=config.draft.per_day,
            per_sender_day=config.draft.per_sender_day,
            draft_at=config.detection.draft_at,
            thanks=config.draft.thanks,
            asks_again=config.draft.asks_again,
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
    writer = writer_of(config)

    def compose_reply(  # type: ignore[no-untyped-def]
        message, facts, to, now, asked=(), within=None
    ) -> Reply:
        answered = within or message
        if within:
            facts = spoken_to(facts, to, within, load_packs())
        sender = identity_for(answered, who)
        ref = draft_ref(message.key, 0)
        region = region_of(answered, load_regions(facts.language))
        case = situation(facts, writer, asked, region)
        quoted = None if within else quote(message, config.draft.quote)
        with_html = answered.came_as_html
        words = templates.words(case, facts.language, quoted, with_html=with_html)
        message_id = draft_message_id(ref, id_domain(sender))
        reply = compose(answered, facts, to, words, sender, ref, message_id, now)
        return replace(reply, question=case.question, remarks=remarks(case))

    return compose_reply


def reminder(config: Config, account: Account) -> Callable[[DraftRow, Event, datetime], Reply]:
    """Writes the one reminder of a letter that nobody answered, in the letter's own thread."""
    who = identity_of(config, account)
    compose_reply = composer(config, who)

    def remind(letter: DraftRow, event: Event, now: datetime) -> Reply:
        sent = read_message(
            Arrival(
                account=account.name, login=account.login, folder="", cursor=Cursor(0, 0),
                received=letter.created, size=len(letter.data), raw=letter.data,
            )
        )  # fmt: skip
        told = Message(
            key=f"reminder of {letter.ref}",
            sender=letter.recipient,
            received=letter.created,
            subject=letter.subject,
            message_id=letter.message_id,
            references=sent.references,
            to=(sent.sender,) if sent.sender else (),
            came_as_html=b"multipart/alternative" in letter.data,
        )
        return compose_reply(told, reminding(event, letter.recipient), letter.recipient, now)

    return remind


def writer_of(config: Config) -> Writer:
    """Who writes, and which line keeps the bridge."""
    return Writer(
        name=config.person.name,
        signature=config.person.signature,
        gender=config.person.gender,
        bridge=config.draft.bridge,
    )


def due_by(config: Config) -> Callable[[datetime, datetime], datetime | None]:
    """When the draft for a mail is laid, by when it came and by the time."""
    draft = config.draft
    if draft.when == "now" and not draft.quiet_from:
        return lambda _came, _now: None
    timing = Timing(
        zone=zone_of(config.person.timezone),
        when=When(draft.when),
        pause=timedelta(hours=draft.pause_hours),
        morning=time.fromisoformat(draft.morning),
        quiet=(
            time.fromisoformat(draft.quiet_from or "00:00"),
            time.fromisoformat(draft.quiet_until or "00:00"),
        ),
    )
    return lambda came, now: due(came, now, timing)


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
