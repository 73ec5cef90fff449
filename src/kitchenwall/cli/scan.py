"""`kitchenwall scan`: look through the past; report, or lay drafts with `--draft`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from kitchenwall.errors import KitchenwallError, LookLost, UsageError

if TYPE_CHECKING:
    from kitchenwall.app.backfill import Found, Progress
    from kitchenwall.config import Account, Config

Told = set[tuple[str, int]]

_UNITS = {"d": 1, "w": 7, "m": 30, "y": 365}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How far back, and whether anything is to be laid."""
    parser.add_argument(
        "--since", default="90d", metavar="AGE", help="90d, 6m, 2y or a date (default 90d)"
    )
    parser.add_argument("--draft", action="store_true", help="record events and lay drafts")
    parser.add_argument("--account", metavar="NAME", help="this account only")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    """Report what the past holds; with `--draft` it is recorded and drafted like new mail.

    The limits of the configuration hold: old rejections are only noted.
    """
    from kitchenwall import config as configuration
    from kitchenwall import wiring
    from kitchenwall.adapters import logs
    from kitchenwall.adapters.lock import mail_work

    config = wiring.read_config(args.config)
    logs.setup("warning")
    since = since_of(args.since, datetime.now(UTC))
    accounts = [config.account(args.account)] if args.account else list(config.accounts)
    with ExitStack() as stack:
        if args.draft:
            stack.enter_context(mail_work(configuration.state_folder(config), "scan"))
        codes = [_scan(config, account, since, args) for account in accounts]
    return max(codes, default=os.EX_OK)


def report_new(config: Config, *, as_json: bool) -> int:
    """What one pass would do now; nothing is written anywhere."""
    args = argparse.Namespace(draft=False, json=as_json)
    return max(_scan(config, account, None, args) for account in config.accounts)


def _scan(
    config: Config, account: Account, since: datetime | None, args: argparse.Namespace
) -> int:
    """One account; `since` None means: what a pass would look at now."""
    told: Told = set()
    try:
        try:
            _scan_folders(config, account, since, args, told)
        except LookLost:
            _scan_folders(config, account, since, args, told, look_back=False)
    except KitchenwallError as error:
        from kitchenwall.adapters.logs import redact

        print(f"kitchenwall: {account.name}: {redact(str(error))}", file=sys.stderr)
        return error.exit_code
    return os.EX_OK


def _scan_folders(
    config: Config,
    account: Account,
    since: datetime | None,
    args: argparse.Namespace,
    told: Told,
    *,
    look_back: bool = True,
) -> None:
    """Tell what is not told yet, and remember that it is."""
    from kitchenwall import wiring
    from kitchenwall.app.backfill import record

    with (
        wiring.open_journal(config) as journal,
        closing(wiring.open_mailbox(config, account)) as box,
    ):
        for folder in account.folders:
            with progress_of(f"{account.name} {folder}") as progress:
                past = wiring.past_of(config, account, journal, box, progress, look_back=look_back)
                cursor = journal.cursor(account.login, folder)
                news = past.new(folder, cursor) if since is None else past.rejections(folder, since)
                for found in news:
                    mail = folder, found.arrival.cursor.uid
                    if mail in told:
                        continue
                    told.add(mail)
                    _tell(found, account, args.json)
                    if args.draft:
                        record(found, journal, past.clock.now())
        if args.draft:
            wiring.watcher_for(config, account, journal).finish(box)


def since_of(text: str, now: datetime) -> datetime:
    """A point in time from "90d", "6m", "2y", "3w" or "2026-01-31". Raises `UsageError`."""
    try:
        if found := re.fullmatch(r"([1-9][0-9]{0,4})([dwmy])", text):
            return now - timedelta(days=int(found.group(1)) * _UNITS[found.group(2)])
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f'cannot look back to "{text}": say 90d, 3w, 6m, 2y or a date like 2026-01-31'
        ) from None


def _tell(found: Found, account: Account, as_json: bool) -> None:
    from kitchenwall.cli import show

    thought = found.thought
    if as_json:
        show.as_json(_plain(found, account), indent=None)
    elif thought is None:
        show.line(f"{show.moment(found.arrival.received)}  unreadable: {found.trouble}")
    else:
        sender = thought.message.sender.spec if thought.message.sender else "?"
        kind = type(thought.plan).__name__.lower()
        show.line(
            f"{show.moment(found.arrival.received)}  {kind:5}  {sender}  {thought.message.subject}"
        )
        show.line(f"    {thought.verdict.sentence or thought.verdict.because}")
        show.line(f"    {thought.plan.because}")


def _plain(found: Found, account: Account) -> dict[str, object]:
    thought = found.thought
    basis: dict[str, object] = {
        "account": account.name,
        "folder": found.arrival.folder,
        "uid": found.arrival.cursor.uid,
        "received": found.arrival.received.isoformat(),
    }
    if thought is None:
        return basis | {"plan": "unreadable", "because": found.trouble}
    return basis | {
        "plan": type(thought.plan).__name__.lower(),
        "because": thought.plan.because,
        "outcome": thought.verdict.outcome,
        "confidence": thought.verdict.confidence,
        "sentence": thought.verdict.sentence,
        "sender": thought.message.sender.spec if thought.message.sender else None,
        "subject": thought.message.subject,
        "company": thought.facts.company.value if thought.facts and thought.facts.company else None,
    }


@contextmanager
def progress_of(what: str) -> Iterator[Progress]:
    """A bar on standard error where that is a terminal, silence elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    # rich takes standard output along, also where that is a file (seen with 14)
    shown = sys.stdout.isatty()
    with Bar(console=Console(stderr=True), transient=True, redirect_stdout=shown) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
