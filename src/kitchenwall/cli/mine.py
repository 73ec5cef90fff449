"""`kitchenwall evaluate --mine`: draw a sample of one's own mail, ask, and say how it stands."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kitchenwall.cli import show
from kitchenwall.errors import KitchenwallError, UsageError

if TYPE_CHECKING:
    from kitchenwall.adapters.answersheet import AnswerSheet
    from kitchenwall.adapters.imap.mailbox import ImapMailbox
    from kitchenwall.app.review import InLayer
    from kitchenwall.cli.asking import Letter, Screen
    from kitchenwall.config import Account, Config
    from kitchenwall.domain.layers import Layer
    from kitchenwall.domain.message import Arrival, Message
    from kitchenwall.domain.review import Answer, Answered, Reviewed
    from kitchenwall.domain.verdict import Verdict

SINCE = "180d"
SAMPLE = 30
# The order of the lottery; another word would ask about other mails.
SEED = "mine"
_KEYS = {
    "r": "a no to my application",
    "o": "something else",
    "s": "skip",
    "u": "undo",
    "q": "stop, go on later",
}
_AFTER_THE_LAST = {" ": "see the result", "u": "undo the last"}


@dataclass(slots=True)
class Looked:
    """What was found in all accounts; `boxes` are open as long as mails may be fetched."""

    mails: dict[str, Reviewed] = field(default_factory=dict)
    boxes: dict[str, ImapMailbox] = field(default_factory=dict)
    unreadable: int = 0
    code: int = os.EX_OK


def run(args: argparse.Namespace) -> int:
    """Ask about a sample and report; with `--json`, only report.

    Nothing is written but the person's answers. Returns 0, or the code of an account that could not
    be looked at. Raises `UsageError` without a terminal, `ConfigError`, `JournalTrouble`.
    """
    from kitchenwall import config as configuration
    from kitchenwall import wiring
    from kitchenwall.adapters import logs
    from kitchenwall.adapters.answersheet import AnswerSheet
    from kitchenwall.cli import asking
    from kitchenwall.cli.scan import since_of
    from kitchenwall.cli.standing import report_as_json, report_on, show_report

    if not args.json and not asking.is_possible():
        raise UsageError(
            "--mine shows mails and asks what they are, which needs a terminal; with --json it "
            "reports what was answered before"
        )
    config = wiring.read_config(args.config)
    logs.setup("warning")
    since = since_of(args.since or SINCE, datetime.now(UTC))
    accounts = [config.account(args.account)] if args.account else list(config.accounts)
    sheet = AnswerSheet(configuration.state_folder(config))
    with ExitStack() as stack:
        looked = _look(config, accounts, since, stack)
        keys = _drawn(looked, sheet.answers, SAMPLE if args.sample is None else args.sample)
        letters = {} if args.json else dict(_letters(looked, keys))
    # the server is not kept waiting while the person reads
    keys = tuple(key for key in keys if args.json or key in letters)
    if keys and not args.json:
        _ask_all(looked, keys, letters, sheet)
    report = report_on(looked.mails, sheet.answers, keys, since, looked.unreadable)
    if args.json:
        show.as_json(report_as_json(report))
    else:
        show_report(report)
    return looked.code


# ---- looking -----------------------------------------------------------------------------------


def _look(config: Config, accounts: Sequence[Account], since: datetime, stack: ExitStack) -> Looked:
    """Every mail of these accounts since then; an account that cannot be reached is told."""
    from kitchenwall import wiring
    from kitchenwall.adapters.logs import redact

    looked, in_layer = Looked(), _layering()
    for account in accounts:
        try:
            box = stack.enter_context(closing(wiring.open_mailbox(config, account)))
            mails = [*_mails_of(config, account, box, since, in_layer)]
        except KitchenwallError as error:
            print(f"kitchenwall: {account.name}: {redact(str(error))}", file=sys.stderr)
            looked.code = max(looked.code, error.exit_code)
            continue
        looked.boxes[account.name] = box
        looked.unreadable += mails.count(None)
        for mail in filter(None, mails):
            looked.mails.setdefault(mail.key, mail)
    return looked


def _mails_of(
    config: Config, account: Account, box: ImapMailbox, since: datetime, in_layer: InLayer
) -> Iterator[Reviewed | None]:
    from kitchenwall import wiring
    from kitchenwall.app.review import review
    from kitchenwall.cli.scan import progress_of

    for folder in account.folders:
        with progress_of(f"{account.name} {folder}") as progress:
            past = wiring.past_of(config, account, None, box, progress)
            yield from review(past, folder, since, in_layer)


def _layering() -> InLayer:
    """Tells the layer of a mail."""
    from kitchenwall.adapters.packs import load_packs
    from kitchenwall.adapters.senders import load_senders
    from kitchenwall.domain.layers import layer_of, speaks_of_work

    packs, senders = load_packs(), load_senders()

    def in_layer(message: Message, verdict: Verdict) -> Layer:
        known = message.sender is not None and senders.knows(message.sender.spec)
        return layer_of(verdict, is_near=known or speaks_of_work(message, verdict, packs))

    return in_layer


def _drawn(looked: Looked, answers: Mapping[str, Answered], most: int) -> tuple[str, ...]:
    from kitchenwall.domain.review import by_layer
    from kitchenwall.domain.sampling import draw

    return draw(by_layer(looked.mails), answers.keys(), most, SEED)


def _letters(looked: Looked, keys: Sequence[str]) -> Iterator[tuple[str, Letter]]:
    """The mails as they are shown; one that has vanished meanwhile is left out."""
    places: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for key in keys:
        mail = looked.mails[key]
        places[mail.account, mail.folder].append(mail.cursor.uid)
    for (account, folder), uids in places.items():
        for arrival in looked.boxes[account].mails(folder, sorted(uids)):
            yield from _letter(arrival, keys)


def _letter(arrival: Arrival, keys: Sequence[str]) -> Iterator[tuple[str, Letter]]:
    from kitchenwall.adapters.mime import read_message
    from kitchenwall.cli.asking import Letter

    message = read_message(arrival)
    if message.key not in keys:
        return
    sender = message.sender
    fields = (
        ("from", f"{sender.name} <{sender.spec}>".strip() if sender else "?"),
        ("subject", message.subject),
        ("came", show.moment(message.received)),
    )
    yield message.key, Letter(fields, message.text)


# ---- asking ------------------------------------------------------------------------------------


def _ask_all(
    looked: Looked, keys: Sequence[str], letters: Mapping[str, Letter], sheet: AnswerSheet
) -> None:
    """Ask about one mail after the other; each answer is kept at once."""
    from kitchenwall.cli.asking import Screen

    before, weights = len(sheet.answers), _weights(looked, keys, sheet.answers)

    def keep(key: str, answer: Answer) -> None:
        sheet.add(_answered(looked.mails[key], answer, weights))

    try:
        with Screen() as screen:
            _ask(screen, keys, letters, keep)
    except KeyboardInterrupt:
        kept = len(sheet.answers) - before
        show.line(f"kept {kept} answers; kitchenwall evaluate --mine goes on from there")
        raise


def _ask(
    screen: Screen,
    keys: Sequence[str],
    letters: Mapping[str, Letter],
    keep: Callable[[str, Answer], None],
) -> None:
    from kitchenwall.cli.asking import Letter
    from kitchenwall.domain.review import Answer

    answers = {"r": Answer.REJECTION, "o": Answer.OTHER, "s": Answer.SKIP}
    place = 0
    while True:
        if place < len(keys):
            title = f"mail {place + 1} of {len(keys)}: what is it?"
            pressed = screen.ask(title, letters[keys[place]], _KEYS, last="q")
        else:
            done = Letter((), "That was the last one.")
            pressed = screen.ask("thank you", done, _AFTER_THE_LAST, last=" ")
        if pressed in answers:
            keep(keys[place], answers[pressed])
            place += 1
        elif pressed == "u" and place:
            place -= 1
            keep(keys[place], Answer.NONE)
        elif pressed != "u":
            return


def _answered(mail: Reviewed, answer: Answer, weights: Mapping[Layer, float]) -> Answered:
    from kitchenwall.domain.review import Answered

    return Answered(
        key=mail.key,
        answer=answer,
        outcome=mail.outcome,
        confidence=mail.confidence,
        layer=mail.layer.name,
        weight=round(weights[mail.layer], 3),
    )


def _weights(
    looked: Looked, keys: Sequence[str], answers: Mapping[str, Answered]
) -> Mapping[Layer, float]:
    """How many mails of a layer each one in the sample stands for."""
    sizes = Counter(mail.layer for mail in looked.mails.values())
    asked = {*keys, *answers} & looked.mails.keys()
    drawn = Counter(looked.mails[key].layer for key in asked)
    return {layer: sizes[layer] / count for layer, count in drawn.items()}
