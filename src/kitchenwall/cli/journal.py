"""Show what happened, what is asked, what waits; record what the person says about it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kitchenwall.adapters.sqlite import SqliteJournal
    from kitchenwall.domain.journal import DraftRow, Event
    from kitchenwall.domain.verdict import Evidence

_KINDS = ("draft", "ask", "note", "hold", "unreadable", "dismissed")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Seven things to do; without any of them the list is shown."""
    _common(parser, json=False, limit=20, kind=None)
    parser.set_defaults(act=_list)
    acts = parser.add_subparsers(metavar="list|show|asks|answer|held|resolve|writes")
    listed = acts.add_parser("list", help="what happened, newest first")
    _common(listed)
    listed.set_defaults(act=_list)
    shown = _act(acts, "show", "one event: the sentence, the signals, the draft", _show)
    shown.add_argument("event", type=int, metavar="EVENT")
    _act(acts, "asks", "mails that may be a no: what you are asked", _asks)
    answer = _act(acts, "answer", "say whether the mail was a no", _answer)
    answer.add_argument("event", type=int, metavar="EVENT")
    answer.add_argument("word", choices=("yes", "no"), help="yes: it was a no; no: it was none")
    _act(acts, "held", "drafts that wait for your word", _held)
    resolve = _act(acts, "resolve", "say what shall be done with a draft that waits", _resolve)
    resolve.add_argument("event", type=int, metavar="EVENT")
    resolve.add_argument(
        "word",
        choices=("lay", "again", "found", "drop"),
        help="lay: lay it; again: lay it once more under a new id; found: it is there; "
        "drop: no draft is needed",
    )
    writes = _act(acts, "writes", "every write ever made to a mail server, newest first", _writes)
    writes.add_argument("--limit", type=int, default=0, metavar="N")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises `ConfigError`, `JournalTrouble`, `UsageError`."""
    from kitchenwall.cli.opened import journal_of

    with journal_of(args, check=args.act in (_answer, _resolve)) as journal:
        args.act(journal, args)
    return 0


def waiting(journal: SqliteJournal) -> tuple[tuple[Event, ...], tuple[Event, ...]]:
    """The events that ask whether they were a no, and those whose draft waits for a word."""
    from kitchenwall.domain.journal import DraftState, EventKind

    open_ = (None, DraftState.OFFERED)
    asks = tuple(event for event in journal.events(EventKind.ASK) if event.draft in open_)
    held = {draft.event_id for draft in journal.drafts(DraftState.HELD)}
    both = (journal.event(number) for number in held)
    holds = {event.id: event for event in journal.events(EventKind.HOLD) if event.draft in open_}
    holds |= {event.id: event for event in both if event is not None}
    return asks, tuple(holds[number] for number in sorted(holds, reverse=True))


def what_it_was(event: Event) -> str:
    """An event in a few plain words."""
    words = _WHAT.get((event.kind, event.draft)) or _WHAT.get((event.kind, None)) or event.kind
    if event.outcome == "feedback":
        return words.replace("this one was a no", "an answer to your letter")
    if event.follows:
        said = "the same no once more" if event.outcome else "nobody answered your letter"
        return words.replace("this one was a no", said)
    return words


_WHAT: dict[tuple[str, str | None], str] = {
    ("draft", None): "this one was a no",
    ("draft", "planned"): "this one was a no; a draft will be laid",
    ("draft", "intent"): "this one was a no; a draft is being laid",
    ("draft", "created"): "this one was a no; a draft lies ready",
    ("draft", "held"): "this one was a no; a draft may lie there, look",
    ("draft", "skipped"): "this one was a no; no draft was needed",
    ("ask", None): "was this one a no?",
    ("hold", None): "this one was a no; it waits for your word",
    ("hold", "held"): "this one was a no; a draft may lie there, look",
    ("note", None): "this one was a no; noted",
    ("unreadable", None): "could not be read",
    ("dismissed", None): "was none, you said",
    ("dismissed", "created"): "was none, you said; a draft lies there",
}


def _act(
    acts: argparse._SubParsersAction[argparse.ArgumentParser], name: str, help_: str, act: object
) -> argparse.ArgumentParser:
    parser = acts.add_parser(name, help=help_, description=help_)
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON")
    parser.set_defaults(act=act)
    return parser


def _common(parser: argparse.ArgumentParser, **defaults: object) -> None:
    """The options of the list, which may stand before or behind its name."""
    none = argparse.SUPPRESS
    parser.add_argument(
        "--json", action="store_true", default=defaults.get("json", none), help="as JSON"
    )
    parser.add_argument(
        "--limit", type=int, metavar="N", default=defaults.get("limit", none),
        help="at most N events (20; 0: all)",
    )  # fmt: skip
    parser.add_argument(
        "--kind", choices=_KINDS, default=defaults.get("kind", none), help="only such events"
    )


def _list(journal: SqliteJournal, args: argparse.Namespace) -> None:
    from kitchenwall.cli import show
    from kitchenwall.domain.journal import EventKind

    kinds = (EventKind(args.kind),) if args.kind else ()
    events = journal.events(*kinds, limit=max(0, args.limit))
    if args.json:
        show.as_json(events)
    elif not events:
        show.line("nothing is on record yet" if not args.kind else "nothing of that kind")
    else:
        show.table(("event", "received", "from", "about", "what"), map(_row, events))


def _row(event: Event) -> tuple[str, ...]:
    from kitchenwall.cli import show

    received = show.moment(event.received)
    return str(event.id), received, _who(event), event.role or event.subject, what_it_was(event)


def _show(journal: SqliteJournal, args: argparse.Namespace) -> None:
    from kitchenwall.cli import show

    event = _found(journal, args.event)
    evidence, draft = journal.evidence(event.id), journal.draft_of(event.id)
    answers = journal.answers_to(event.id)
    if args.json:
        show.as_json({"event": event, "evidence": evidence, "draft": draft, "answers": answers})
        return
    show.line(f"event {event.id}: {what_it_was(event)}")
    show.pairs(_about(event, draft, answers))
    if evidence:
        show.line()
        show.line("what was read")
        show.pairs(_signals(evidence))


def _writes(journal: SqliteJournal, args: argparse.Namespace) -> None:
    from kitchenwall.cli import show

    writes = journal.writes(max(0, args.limit))
    if args.json:
        show.as_json(writes)
    elif not writes:
        show.line("nothing was ever written to a mail server")
    else:
        rows = ((show.moment(w.at), w.login, w.what, w.folder, w.detail) for w in writes)
        show.table(("when", "login", "what", "folder", "which"), rows)


def _about(
    event: Event, draft: DraftRow | None, answers: Iterable[Event]
) -> Iterator[tuple[str, str]]:
    from kitchenwall.cli import show

    sender = f"{event.sender.name} <{event.sender.spec}>".strip() if event.sender else ""
    yield "received", f"{show.moment(event.received)} in {event.folder} of {event.account}"
    yield "from", sender
    yield "subject", event.subject
    yield "company", event.company
    yield "role", event.role
    yield "person", event.person
    yield "stage", "" if event.stage == "unknown" else event.stage.replace("_", " ")
    yield "feedback", event.feedback
    yield "sentence", f'"{event.sentence}"' if event.sentence else ""
    yield "how sure", f"{event.confidence:.0%} ({event.language})" if event.outcome else ""
    yield "why", event.because
    yield "your word", f"{event.decision} ({show.moment(event.decided)})" if event.decision else ""
    yield "belongs to", f"the no of event {event.follows}" if event.follows else ""
    for answer in answers:
        words = f': "{answer.sentence}"' if answer.sentence else ""
        yield (
            _AFTER.get(answer.outcome, "told again"),
            f"{show.moment(answer.received)}, event {answer.id}{words}",
        )
    if draft:
        yield "draft", f"{draft.state} to {draft.recipient.spec}: {draft.because}"
        yield "its text", f"kitchenwall drafts show {event.id}"


_AFTER = {"feedback": "answered", "": "reminded of"}


def _signals(evidence: Iterable[Evidence]) -> Iterator[tuple[str, str]]:
    for signal in evidence:
        weight = f"{signal.weight:+.1f}  " if signal.weight else ""
        yield f"  {signal.rule}", f'{weight}"{signal.words}"'


def _asks(journal: SqliteJournal, args: argparse.Namespace) -> None:
    from kitchenwall.cli import show

    asks, _ = waiting(journal)
    if args.json:
        show.as_json(asks)
    elif not asks:
        show.line("nothing is asked")
    else:
        rows = (
            (str(event.id), show.moment(event.received), _who(event), event.subject, _quoted(event))
            for event in asks
        )
        show.table(("event", "received", "from", "subject", "in it"), rows)
        show.line("say whether it was a no: kitchenwall journal answer EVENT yes|no")


def _held(journal: SqliteJournal, args: argparse.Namespace) -> None:
    from kitchenwall.cli import show

    _, holds = waiting(journal)
    if args.json:
        show.as_json([{"event": event, "words": _words(event)} for event in holds])
    elif not holds:
        show.line("nothing is held")
    else:
        rows = (
            (str(event.id), show.moment(event.received), _who(event), why, "|".join(_words(event)))
            for event in holds
            for why in (_why_held(journal, event),)
        )
        show.table(("event", "received", "from", "why it waits", "you can say"), rows)
        show.line("read it: kitchenwall drafts show EVENT")
        show.line("say what shall be done: kitchenwall journal resolve EVENT WORD")


def _answer(journal: SqliteJournal, args: argparse.Namespace) -> None:
    _told(journal.answer(args.event, args.word == "yes"), args)


def _resolve(journal: SqliteJournal, args: argparse.Namespace) -> None:
    _told(journal.resolve(args.event, args.word), args)


def _told(event: Event, args: argparse.Namespace) -> None:
    """What became of it. A draft is laid by whoever works on the mail, now or later."""
    from kitchenwall.adapters.lock import holder
    from kitchenwall.cli import show
    from kitchenwall.cli.opened import configured

    if args.json:
        show.as_json(event)
        return
    show.line(f"event {event.id}: {what_it_was(event)}")
    if event.draft == "planned" and holder(configured(args)[1]) is None:
        show.line("it is laid when kitchenwall looks next: kitchenwall once, or kitchenwall run")


def _words(event: Event) -> tuple[str, ...]:
    if event.draft == "held":
        return "again", "found", "drop"
    return ("lay", "drop") if event.draft else ("drop",)


def _why_held(journal: SqliteJournal, event: Event) -> str:
    draft = journal.draft_of(event.id) if event.draft == "held" else None
    return draft.because if draft else event.because


def _who(event: Event) -> str:
    return event.company or (event.sender.name or event.sender.spec if event.sender else "")


def _quoted(event: Event) -> str:
    return f'"{event.sentence}"' if event.sentence else event.because


def _found(journal: SqliteJournal, number: int) -> Event:
    from kitchenwall.errors import UsageError

    event = journal.event(number)
    if event is None:
        raise UsageError(
            f"there is no event {number} in the journal; kitchenwall journal lists them"
        )
    return event
