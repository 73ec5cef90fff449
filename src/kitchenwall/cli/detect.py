"""Say what each of many mails is, one JSON line a mail, without configuration or network."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from io import BufferedReader, TextIOWrapper
from typing import TYPE_CHECKING, cast

from kitchenwall.cli.show import clean
from kitchenwall.errors import UnreadableMessage

if TYPE_CHECKING:
    from kitchenwall.adapters.mailfiles import MailFile
    from kitchenwall.domain.facts import Fact, Facts
    from kitchenwall.domain.message import Message
    from kitchenwall.domain.plan import Routing
    from kitchenwall.domain.verdict import Verdict

EX_SOFTWARE = 70
PROGRESS_SECONDS = 0.5
# No line that says how far it is is longer.
_COUNTED = 30

Answer = dict[str, object]
Detector = Callable[["MailFile"], Answer]
Reader = Callable[["MailFile"], tuple["Message", "Verdict"]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="JSON lines (there is no other form)")
    parser.add_argument(
        "--me",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="an address of yours: what comes from it is your own mail (may be repeated)",
    )
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a .eml, mbox or JSON lines file, a Maildir or other folder, or - for standard input",
    )


def run(args: argparse.Namespace) -> int:
    """One line of JSON for each mail; what cannot be read is told on standard error.

    Returns 0, 65 where nothing could be read, 70 where a mail met a mistake of ours.
    """
    from kitchenwall.adapters.mailfiles import Problem, mails

    speak_utf8()
    detect = detector(tuple(args.me))
    progress = _nothing if sys.stdout.isatty() else counted()
    read = failed = 0
    for found in mails(args.paths, cast(BufferedReader, sys.stdin.buffer)):
        if isinstance(found, Problem):
            tell(f"cannot read {found.file}: {found.because}")
            continue
        answer, in_order = _answer(detect, found)
        failed += not in_order
        read += answer["outcome"] is not None
        print(json.dumps(answer, ensure_ascii=False), flush=True)
        progress(read)
    if failed:
        return EX_SOFTWARE
    return 0 if read else os.EX_DATAERR


def detector(me: tuple[str, ...]) -> Detector:
    """What makes an answer of a mail. Raises `UnreadableMessage`."""
    from kitchenwall.adapters.packs import load_packs
    from kitchenwall.adapters.senders import load_senders
    from kitchenwall.domain.gathering import gather
    from kitchenwall.domain.message import Address
    from kitchenwall.domain.routing import Identity, route
    from kitchenwall.domain.verdict import Outcome

    packs, senders = load_packs(), load_senders()
    own = frozenset(address.strip().lower() for address in me)
    who = Identity(addresses=own, default=Address(min(own, default="")))
    judged = reader(own)

    def detect(mail: MailFile) -> Answer:
        message, verdict = judged(mail)
        if verdict.outcome is Outcome.OTHER:
            return _line(mail, verdict, None, None)
        return _line(mail, verdict, gather(message, verdict, packs), route(message, who, senders))

    return detect


def reader(own: frozenset[str] = frozenset()) -> Reader:
    """What reads a mail and judges it; `own` are the person's addresses, in lower case.

    It raises `UnreadableMessage`.
    """
    from kitchenwall.adapters.mime import read_message
    from kitchenwall.adapters.packs import load_packs
    from kitchenwall.domain.detection import judge
    from kitchenwall.domain.first_look import Known
    from kitchenwall.domain.message import Arrival, Cursor

    packs, known = load_packs(), Known(own=own)

    def judged(mail: MailFile) -> tuple[Message, Verdict]:
        arrival = Arrival(
            account="",
            login="",
            folder=mail.file,
            cursor=Cursor(0, 0),
            received=datetime.now(UTC),
            size=len(mail.raw),
            raw=mail.raw,
        )
        message = read_message(arrival)
        return message, judge(message, packs, known)

    return judged


def _line(mail: MailFile, verdict: Verdict, facts: Facts | None, routing: Routing | None) -> Answer:
    return {
        "file": mail.file,
        "id": mail.id,
        "outcome": verdict.outcome.value,
        "confidence": round(verdict.confidence, 3),
        "language": verdict.language,
        **_facts(facts),
        "reply_to": _answered_at(routing),
        "sentence": verdict.sentence or None,
        "evidence": [
            {"rule": one.rule, "words": one.words, "weight": round(one.weight, 3)}
            for one in verdict.evidence
        ],
    }


def _facts(facts: Facts | None) -> Answer:
    """What the mail says besides no; null where it says nothing, or where nobody looked."""
    if facts is None:
        return {**dict.fromkeys(_FACTS), "strengths": []}
    return {
        "stage": facts.stage.value,
        "feedback_level": facts.feedback.value,
        "feedback_offered": facts.says("feedback_offered"),
        "feedback_refused": facts.says("feedback_refused"),
        "door_open": facts.says("door_open"),
        "company": _value(facts.company),
        "role": _value(facts.role),
        "reference": _value(facts.reference),
        "person": _value(facts.person),
        "reason": _value(facts.reason),
        "strengths": [fact.value for fact in facts.strengths],
        "formality": facts.formality or None,
    }


_FACTS = (
    "stage",
    "feedback_level",
    "feedback_offered",
    "feedback_refused",
    "door_open",
    "company",
    "role",
    "reference",
    "person",
    "reason",
    "strengths",
    "formality",
)


def _value(fact: Fact | None) -> str | None:
    return fact.value if fact else None


def _answered_at(routing: Routing | None) -> str | None:
    from kitchenwall.domain.plan import Doubtful, Route

    return routing.to.spec if isinstance(routing, Route | Doubtful) else None


def _answer(detect: Detector, mail: MailFile) -> tuple[Answer, bool]:
    """The answer to one mail, and whether we made no mistake; its neighbours go on in any case."""
    try:
        return detect(mail), True
    except UnreadableMessage as error:
        tell(f"{mail.file}: {mail.id}: {error}")
        return _unread(mail, "unreadable", str(error)), True
    except Exception as error:  # one mail among millions must not end the others
        tell(f"{mail.file}: {mail.id}: this mail met a mistake in kitchenwall")
        traceback.print_exc()
        return _unread(mail, "mistake", type(error).__name__), False


def _unread(mail: MailFile, rule: str, words: str) -> Answer:
    return {
        "file": mail.file,
        "id": mail.id,
        "outcome": None,
        "confidence": 0.0,
        "language": None,
        **_facts(None),
        "reply_to": None,
        "sentence": None,
        "evidence": [{"rule": rule, "words": words, "weight": 0.0}],
    }


def speak_utf8() -> None:
    """JSON is UTF-8 in every locale (RFC 8259, 8.1); broken letters of file names are escaped."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def tell(words: str) -> None:
    print(f"kitchenwall: {clean(words)}", file=sys.stderr)


def counted() -> Callable[[int], None]:
    """Shows on a terminal how many mails were read.

    The line ends so that whatever is told next stands in its place.
    """
    if not sys.stderr.isatty():
        return _nothing
    due = 0.0

    def show(count: int) -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + PROGRESS_SECONDS
            print(f"{count:,} mails read", end="\r", file=sys.stderr, flush=True)

    return show


def wipe() -> None:
    """Take away what `counted` showed last."""
    if sys.stderr.isatty():
        print(" " * _COUNTED, end="\r", file=sys.stderr, flush=True)


def _nothing(_count: int) -> None:
    """The answers themselves go to the terminal, or nobody looks."""
