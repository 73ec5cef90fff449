"""Say what would be done with one mail, and why: no network, nothing is written anywhere."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kitchenwall.cli import show
from kitchenwall.errors import ConfigError, UnreadableMessage

if TYPE_CHECKING:
    from kitchenwall.adapters.mailfiles import MailFile
    from kitchenwall.app.pipeline import Considered
    from kitchenwall.config import Account, Config
    from kitchenwall.domain.facts import Fact, Facts
    from kitchenwall.domain.message import Address, Arrival, Message
    from kitchenwall.domain.plan import Plan
    from kitchenwall.domain.verdict import Evidence

NOBODY = "Your Name"
NOWHERE = "you@mail.example"

PLANS = {
    "draft": "lay a draft",
    "ask": "ask you",
    "note": "only note it",
    "hold": "write a draft, and hold it for your word",
    "skip": "nothing",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.eml|-", help="the mail; - for standard input")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(args: argparse.Namespace) -> int:
    """Explain one mail. Raises `ConfigError` for a broken configuration, `UnreadableMessage`."""
    gc.disable()  # what one mail needs is loaded and used to the end: nothing to collect
    try:
        found = explain(args.file, args.config)
    finally:
        gc.freeze()  # nor when the interpreter ends, which would look at all of it once more
        gc.enable()
    if args.json:
        show.as_json(_as_json(found))
    else:
        _show(found)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A mail as it would have been dealt with on the day it came, and today where that differs.

    `notes` say what the answer rests on: a placeholder for the configuration, other mails in the file.
    """

    file: str
    message: Message
    came: datetime
    thought: Considered
    today: Plan | None
    sender: str
    text: str
    notes: tuple[str, ...]


def explain(file: str, config_file: Path | None, now: datetime | None = None) -> Explained:
    """Think one mail through. `now` is UTC; without it, the clock's."""
    from kitchenwall.adapters.mime import read_message
    from kitchenwall.app.pipeline import case_of, consider
    from kitchenwall.domain.planning import decide
    from kitchenwall.roads import road_for

    now = now or datetime.now(UTC)
    mail, others = _first(file)
    message = read_message(_arrival(mail, "", now))
    config, notes = _configuration(config_file, message)
    account = _account_of(config, message)
    message = read_message(_arrival(mail, account.login, now))
    road = road_for(config, account)
    came = min(message.date or now, now)
    thought = consider(road, message, came)
    today = thought.plan
    if thought.facts and thought.routing:
        case = case_of(road, message, thought.verdict, thought.facts, thought.routing, now)
        today = decide(case, road.policy)
    sender, text = show.letter(thought.reply.data) if thought.reply else ("", "")
    return Explained(
        file=file,
        message=message,
        came=came,
        thought=thought,
        today=today if today != thought.plan else None,
        sender=sender,
        text=text,
        notes=(*notes, *others),
    )


def _first(file: str) -> tuple[MailFile, tuple[str, ...]]:
    """The first mail of a file, and a note where there are more."""
    from kitchenwall.adapters.mailfiles import MailFile, Problem, mails

    found = mails([file], cast(BufferedReader, sys.stdin.buffer))
    mail = next(found, None)
    if isinstance(mail, Problem) or mail is None:
        raise UnreadableMessage(f"cannot read {file}: {mail.because if mail else 'it is empty'}")
    if isinstance(next(found, None), MailFile):
        return mail, ("the file holds more mails; kitchenwall detect reads all of them",)
    return mail, ()


def _arrival(mail: MailFile, login: str, now: datetime) -> Arrival:
    from kitchenwall.domain.message import Arrival, Cursor

    return Arrival(
        account="",
        login=login,
        folder=mail.file,
        cursor=Cursor(0, 0),
        received=now,
        size=len(mail.raw),
        raw=mail.raw,
    )


def _configuration(file: Path | None, message: Message) -> tuple[Config, tuple[str, ...]]:
    """The configuration, or where there is none yet one made up for the person it was sent to."""
    from kitchenwall.config import Account, Config, Person, find, load

    try:
        path = find(file)
    except ConfigError as error:
        me = message.to[0] if message.to else None
        account = Account(name="made-up", address=me.spec if me else NOWHERE, host="localhost")
        made_up = Config(
            person=Person(name=me.name if me and me.name else NOBODY),
            accounts=(account,),
            path=Path(os.devnull),  # beside it lie no templates of anybody
        )
        return made_up, (f"the mail's To stands for you, because {error}",)
    return load(path), ()


def _account_of(config: Config, message: Message) -> Account:
    """The account that the mail was sent to, else the first."""
    written = {address.spec for address in (*message.to, *message.cc)}
    sent_to = written | {spec.lower() for spec in message.delivered_to}
    for account in config.accounts:
        if sent_to & {address.lower() for address in (account.address, *account.aliases)}:
            return account
    return config.accounts[0]


# ---- for programs ------------------------------------------------------------------------------


def _as_json(found: Explained) -> dict[str, object]:
    reply = found.thought.reply
    draft = (
        {
            "from": found.sender,
            "to": reply.recipient.spec,
            "subject": reply.subject,
            "text": found.text,
            "question": reply.question,
            "remarks": reply.remarks,
        }
        if reply
        else None
    )
    return {
        "file": found.file,
        "from": found.message.sender,
        "subject": found.message.subject,
        "came": found.came,
        "verdict": found.thought.verdict,
        "facts": found.thought.facts,
        "plan": _plan_as_json(found.thought.plan),
        "today": _plan_as_json(found.today) if found.today else None,
        "draft": draft,
        "notes": found.notes,
    }


def _plan_as_json(plan: Plan) -> dict[str, object]:
    to = getattr(plan, "to", None)
    return {"do": _kind(plan), "because": plan.because, "to": to.spec if to else None}


def _kind(plan: Plan) -> str:
    return type(plan).__name__.lower()


# ---- for people --------------------------------------------------------------------------------


def _show(found: Explained) -> None:
    thought = found.thought
    for section, lines in (
        ("", _about(found)),
        ("what was read", _signals(thought.verdict.evidence)),
        ("what it says besides", _facts(thought.facts) if thought.facts else ()),
        ("what would be done", _deed(found)),
    ):
        pairs = tuple(lines)
        if pairs and section:
            show.line()
            show.line(section)
        show.pairs(pairs)
    if thought.reply:
        _show_draft(found)
    for note in found.notes:
        show.line()
        for line in f"note: {note}".splitlines():
            show.line(line)


def _about(found: Explained) -> Iterator[tuple[str, str]]:
    verdict = found.thought.verdict
    yield "from", _written(found.message.sender)
    yield "subject", found.message.subject
    yield "came", show.moment(found.came)
    yield "it is", _OUTCOMES[verdict.outcome]
    yield "how sure", f"{verdict.confidence:.0%} ({verdict.language})"
    yield "sentence", f'"{verdict.sentence}"' if verdict.sentence else ""
    yield "why", verdict.because


_OUTCOMES = {
    "rejection": "a rejection",
    "feedback": "an answer to a no that came before",
    "unsure": "perhaps a rejection",
    "other": "no rejection",
}


def _signals(evidence: tuple[Evidence, ...]) -> Iterator[tuple[str, str]]:
    for signal in evidence:
        weight = f"{signal.weight:+.1f}  " if signal.weight else ""
        yield f"  {signal.rule}", f'{weight}"{signal.words}"'


def _facts(facts: Facts) -> Iterator[tuple[str, str]]:
    """Each fact with the words that it was read from."""
    yield "  stage", _read_from(facts.stage.value.replace("_", " "), facts.stage_words)
    for name in ("company", "role", "reference", "person"):
        fact = getattr(facts, name)
        yield f"  {name}", _read_from(fact.value, fact.words) if fact else ""
    yield "  also called", ", ".join(facts.aliases)
    yield "  feedback", _read_from(facts.feedback.value, facts.feedback_words)
    yield "  reason", _reason(facts.reason) if facts.reason else ""
    for fact in facts.strengths:
        yield "  praised", _read_from(fact.value, fact.words)
    yield "  tone", facts.formality
    for fact in facts.modifiers:
        yield "  also", _read_from(fact.value.replace("_", " "), fact.words)


def _reason(fact: Fact) -> str:
    """A reason, and what the person can do about it."""
    from kitchenwall.domain.facts import Reason

    reason = Reason(fact.value)
    told = f"{reason.value} ({reason.control.value})".replace("_", " ")
    return _read_from(told, fact.words)


def _read_from(value: str, words: str) -> str:
    return f'{value}, read from "{words}"' if words else value


def _deed(found: Explained) -> Iterator[tuple[str, str]]:
    plan = found.thought.plan
    yield "  plan", PLANS[_kind(plan)]
    yield "  because", plan.because
    if found.thought.due and _kind(plan) == "draft":
        yield "  when", f"it is laid on {show.moment(found.thought.due)}"
    if found.today:
        yield "  today", f"{PLANS[_kind(found.today)]}: {found.today.because}"


def _show_draft(found: Explained) -> None:
    reply = found.thought.reply
    assert reply is not None
    sure = _kind(found.thought.plan) == "draft"
    show.line()
    show.line("the draft" if sure else "the draft that waits for your word")
    show.pairs(
        (
            ("  From", found.sender),
            ("  To", _written(reply.recipient)),
            ("  Subject", reply.subject),
        )
    )
    show.line()
    for line in found.text.splitlines():
        show.line(f"  {line}".rstrip())
    show.line()
    show.line("for you alone")
    for remark in reply.remarks:
        show.line(f"  {remark}")


def _written(address: Address | None) -> str:
    return f"{address.name} <{address.spec}>".strip() if address else ""
