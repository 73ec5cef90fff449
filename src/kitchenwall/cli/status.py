"""Say how the accounts are, who watches them, and what waits for the person."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kitchenwall.adapters.lock import Holder
    from kitchenwall.adapters.sqlite import SqliteJournal
    from kitchenwall.config import Account, Config
    from kitchenwall.domain.journal import Pass, Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """One account: its state in words, when it was heard of last, when it is looked at next."""

    name: str
    login: str
    state: str
    last: datetime | None
    next: datetime | None
    seen: int
    stop: str
    stopped: datetime | None
    helps: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits: for the person's word, to be read by hand, to be laid."""

    asks: int
    held: int
    unreadable: int
    to_be_laid: int
    uncertain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything that `status` tells. `holder` works on the mail; None where nobody does."""

    config: str
    journal: str
    holder: Holder | None
    accounts: tuple[AccountStatus, ...]
    waiting: Waiting


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing to choose."""
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(args: argparse.Namespace) -> int:
    """Say it. Raises `ConfigError`, `JournalTrouble`."""
    from kitchenwall.adapters.lock import holder
    from kitchenwall.adapters.sqlite import FILE_NAME, open_journal
    from kitchenwall.cli import show
    from kitchenwall.cli.opened import configured

    config, folder = configured(args)
    with open_journal(folder, check=False) as journal:
        working = holder(folder)
        status = Status(
            config=str(config.path),
            journal=str(folder / FILE_NAME),
            holder=working,
            accounts=tuple(_accounts(config, journal, working)),
            waiting=_waiting(journal),
        )
    if args.json:
        show.as_json(status)
    else:
        _tell(status)
    return 0


def _accounts(
    config: Config, journal: SqliteJournal, working: Holder | None
) -> Iterator[AccountStatus]:
    passes = {done.login: done for done in journal.passes()}
    rest = timedelta(minutes=config.watch.safety_minutes)
    for account in config.accounts:
        done, stop = passes.get(account.login), journal.stop(account.login)
        watched = working is not None and working.what == "run" and stop is None
        yield AccountStatus(
            name=account.name,
            login=account.login,
            state=_state(done, stop, watched),
            last=done.at if done else None,
            next=done.at + rest if done and watched else None,
            seen=done.seen if done else 0,
            stop=stop.reason if stop else "",
            stopped=stop.since if stop else None,
            helps=_what_helps(account) if stop else "",
        )


def _state(done: Pass | None, stop: Stop | None, watched: bool) -> str:
    if stop:
        return "stopped itself"
    if done is None:
        return "not looked at yet"
    return done.state if watched else "not watched now"


def _what_helps(account: Account) -> str:
    again = f"let it try again with: kitchenwall resume {account.name}"
    if account.password_from == "keyring":  # noqa: S105 (the name of a place)
        return (
            f"give it the right password with: kitchenwall password set {account.name}; or {again}"
        )
    return f'see to its secret (password_from = "{account.password_from}"), or {again}'


def _waiting(journal: SqliteJournal) -> Waiting:
    from kitchenwall.cli.journal import waiting
    from kitchenwall.domain.journal import DraftState, EventKind

    asks, held = waiting(journal)
    return Waiting(
        asks=len(asks),
        held=len(held),
        unreadable=len(journal.events(EventKind.UNREADABLE)),
        to_be_laid=len(journal.drafts(DraftState.PLANNED)),
        uncertain=len(journal.drafts(DraftState.INTENT)),
    )


def _tell(status: Status) -> None:
    from kitchenwall.cli import show

    show.line(_who_works(status.holder))
    rows = (
        (account.name, account.state, show.moment(account.last), show.moment(account.next))
        for account in status.accounts
    )
    show.line()
    show.table(("account", "state", "last look", "next look"), rows)
    for account in status.accounts:
        if account.stop:
            since = show.moment(account.stopped)
            show.line(f"{account.name} stopped itself on {since}: {account.stop}; {account.helps}")
    show.line()
    counts = list(_counts(status.waiting))
    for count in counts:
        show.line(count)
    if not counts:
        show.line("nothing waits for you")


def _who_works(working: Holder | None) -> str:
    from kitchenwall.cli import show

    if working is None:
        return "nobody watches your mail right now; kitchenwall run does, or kitchenwall service install"
    if working.since is None:
        return "kitchenwall works on your mail"
    verb = "watches" if working.what == "run" else "works on"
    return (
        f"kitchenwall {working.what} {verb} your mail since {show.moment(working.since)} "
        f"(process {working.pid})"
    )


def _counts(waiting: Waiting) -> Iterator[str]:
    told = (
        (waiting.asks, "{} you are asked about: kitchenwall journal asks"),
        (waiting.held, "{} whose draft waits for your word: kitchenwall journal held"),
        (
            waiting.unreadable,
            "{} that could not be read: kitchenwall journal list --kind unreadable",
        ),
        (waiting.to_be_laid, "{} whose draft will be laid: kitchenwall drafts"),
        (waiting.uncertain, "{} whose draft is being laid: kitchenwall drafts"),
    )
    for count, words in told:
        if count:
            yield words.format("1 mail" if count == 1 else f"{count} mails")
