"""Show the drafts that were laid or wait, and one of them as the mail client shows it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kitchenwall.adapters.sqlite import SqliteJournal
    from kitchenwall.domain.journal import DraftRow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`list`, which is also what happens without a word, `show` and `now`."""
    parser.add_argument("--json", action="store_true", help="as JSON")
    parser.set_defaults(act=_list)
    acts = parser.add_subparsers(metavar="list|show|now")
    listed = acts.add_parser("list", help="every draft, newest first")
    listed.set_defaults(act=_list)
    shown = acts.add_parser("show", help="one draft, by the number of its event")
    shown.add_argument("event", type=int, metavar="EVENT")
    shown.set_defaults(act=_show)
    now = acts.add_parser("now", help="lay a draft that waits for its time, by its event")
    now.add_argument("event", type=int, metavar="EVENT")
    now.set_defaults(act=_now)
    for act in (listed, shown, now):
        act.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises `ConfigError`, `JournalTrouble`, `UsageError`."""
    from kitchenwall.cli.opened import journal_of

    with journal_of(args) as journal:
        args.act(journal, args)
    return 0


_STATES = {
    "offered": "waits for your word",
    "planned": "will be laid",
    "intent": "is being laid",
    "created": "lies in {folder}",
    "held": "may lie in {folder}, look",
    "skipped": "not needed",
}


def _list(journal: SqliteJournal, args: argparse.Namespace) -> None:
    from kitchenwall.cli import show
    from kitchenwall.domain.journal import DraftState

    drafts = journal.drafts(*DraftState)[::-1]
    if args.json:
        show.as_json(drafts)
    elif not drafts:
        show.line("there is no draft yet")
    else:
        rows = (
            (str(draft.event_id), show.moment(draft.created), draft.recipient.spec, draft.subject,
             _state(draft))
            for draft in drafts
        )  # fmt: skip
        show.table(("event", "made", "to", "subject", "where"), rows)


def _show(journal: SqliteJournal, args: argparse.Namespace) -> None:
    from kitchenwall.cli import show
    from kitchenwall.errors import UsageError

    draft = journal.draft_of(args.event)
    if draft is None:
        raise UsageError(
            f"event {args.event} has no draft; kitchenwall drafts lists those there are"
        )
    sender, text = show.letter(draft.data)
    if args.json:
        show.as_json({"draft": draft, "from": sender, "text": text})
        return
    show.line(f"this draft {_state(draft)}: {draft.because}")
    show.line()
    to = f"{draft.recipient.name} <{draft.recipient.spec}>".strip()
    show.pairs((("From", sender), ("To", to), ("Subject", draft.subject)))
    show.line()
    for written in text.splitlines():
        show.line(written)
    if draft.remarks:
        show.line()
        show.line("for you alone")
        for remark in draft.remarks:
            show.line(f"  {remark}")


def _now(journal: SqliteJournal, args: argparse.Namespace) -> None:
    from kitchenwall.cli import show
    from kitchenwall.errors import UsageError

    draft = journal.draft_of(args.event)
    if draft is None or draft.state != "planned":
        raise UsageError(
            f"no draft of event {args.event} waits for its time; kitchenwall drafts lists all drafts"
        )
    journal.hasten(draft.id)
    if args.json:
        show.as_json(journal.draft_of(args.event))
    else:
        show.line("it is laid when kitchenwall looks next: kitchenwall once, or kitchenwall run")


def _state(draft: DraftRow) -> str:
    from kitchenwall.cli import show

    if draft.state == "planned" and draft.due:
        return f"waits until {show.moment(draft.due)}"
    return _STATES[draft.state].format(folder=draft.folder or "Drafts")
