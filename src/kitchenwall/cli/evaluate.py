"""`kitchenwall evaluate`: how often verdicts are right, on labelled mail or on mail of one's own."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections import Counter
from io import BufferedReader
from typing import TYPE_CHECKING, cast

from kitchenwall.cli import show
from kitchenwall.errors import UnreadableMessage, UsageError

if TYPE_CHECKING:
    from kitchenwall.adapters.labelled import Labelled
    from kitchenwall.cli.detect import Reader
    from kitchenwall.domain.base_rate import BaseRate
    from kitchenwall.domain.evaluation import Judged, Matrix, Tally
    from kitchenwall.domain.shares import Estimate

EX_SOFTWARE = 70
BASE_RATE = "1:5:94"
ERRORS = 20
SAMPLE = 30
_UNKNOWN_TOLD = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Labelled mail, or `--mine`, and what is to be said about either."""
    parser.description = (
        "Judge labelled mail and say how often that was right; or, with --mine, label a few mails "
        "of your own. Nothing is changed in any mail or mailbox."
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="LABELLED",
        help='JSON lines with a key "label" (also "lang", "source", "id"), or folders of .eml, mbox '
        "or Maildir that are called like the label of the mails in them: rejection, unsure, "
        "confirmation, interview, assessment, offer, job_alert, other_application, not_job, other",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document")
    labelled = parser.add_argument_group("labelled mail")
    labelled.add_argument(
        "--base-rate",
        metavar="R:A:O",
        help="how frequent rejections, other application mail and ordinary mail are where the "
        f"precision is wanted (default {BASE_RATE})",
    )
    labelled.add_argument(
        "--errors", type=_number, metavar="N", help=f"show at most N errors (default {ERRORS})"
    )
    mine = parser.add_argument_group("mail of your own")
    mine.add_argument(
        "--mine",
        action="store_true",
        help="draw a sample of your own mail and ask what each one is; with --json nothing is "
        "asked, and what was answered before is reported",
    )
    mine.add_argument("--since", metavar="AGE", help="90d, 6m, 2y or a date (default 180d)")
    mine.add_argument("--account", metavar="NAME", help="this account only")
    mine.add_argument(
        "--sample", type=_number, metavar="N", help=f"ask about N mails in all (default {SAMPLE})"
    )


def run(args: argparse.Namespace) -> int:
    """Evaluate. Raises `UsageError` where the words do not go together."""
    _refuse_mixture(args)
    if args.mine:
        from kitchenwall.cli import mine

        return mine.run(args)
    return evaluate(args)


def evaluate(args: argparse.Namespace) -> int:
    """Judge labelled mail. Returns 0, 65 where something could not be read, 70 for a mistake of ours.

    Raises `UsageError` for a base rate that is none, and `NoLabel`.
    """
    from kitchenwall.adapters.labelled import labelled
    from kitchenwall.adapters.mailfiles import Problem
    from kitchenwall.cli.detect import counted, reader, tell, wipe
    from kitchenwall.domain.evaluation import Tally

    rate = _base_rate(args.base_rate or BASE_RATE)
    tally = Tally(ERRORS if args.errors is None else args.errors)
    judged, progress = reader(), counted()
    unlabelled: Counter[str] = Counter()
    count = problems = mistakes = 0
    for found in labelled(args.paths, cast(BufferedReader, sys.stdin.buffer)):
        if isinstance(found, Problem):
            problems += 1
            tell(f"cannot read {found.file}: {found.because}")
        elif not found.label:
            unlabelled[found.mail.file] += 1
        else:
            one = _judge(judged, found)
            mistakes += one.rule == _MISTAKE
            tally.add(one)
            progress(count := count + 1)
    wipe()
    for file, number in unlabelled.items():
        tell(f"{file}: {number} mails have no label and were left out")
    _refuse_unlabelled(tally.matrix)
    if args.json:
        _tell_programs(tally, rate, args.base_rate or BASE_RATE, unlabelled.total())
    else:
        _tell_people(tally, rate)
    if mistakes:
        return EX_SOFTWARE
    return os.EX_DATAERR if problems else os.EX_OK


class NoLabel(UnreadableMessage):
    """There is no labelled mail in what was given: exit 65."""


_UNREADABLE, _MISTAKE = "unreadable", "mistake"


def _judge(judged: Reader, found: Labelled) -> Judged:
    """A labelled mail with its verdict; one that cannot be read counts as called nothing."""
    from kitchenwall.cli.detect import tell
    from kitchenwall.domain.evaluation import Judged, deciding_rule

    mail = found.mail
    outcome, confidence, rule = None, 0.0, _UNREADABLE
    try:
        _, verdict = judged(mail)
        outcome, confidence, rule = verdict.outcome, verdict.confidence, deciding_rule(verdict)
    except UnreadableMessage as error:
        tell(f"{mail.file}: {mail.id}: {error}")
    except Exception:  # one mail must not end the others
        tell(f"{mail.file}: {mail.id}: this mail met a mistake in kitchenwall")
        traceback.print_exc()
        rule = _MISTAKE
    return Judged(
        label=found.label,
        outcome=outcome,
        confidence=confidence,
        rule=rule,
        language=found.language,
        source=found.source,
        file=mail.file,
        id=mail.id,
    )


def _tell_people(tally: Tally, rate: BaseRate) -> None:
    from kitchenwall.cli import figures

    matrix = tally.matrix
    show.prose(f"{matrix.total} labelled mails; in brackets stand 95 % Wilson intervals")
    show.line()
    figures.show_matrix(matrix)
    show.line()
    figures.show_rates(matrix)
    figures.show_parts("language", tally.by_language)
    figures.show_parts("source", tally.by_source)
    _show_precision(matrix, rate)
    figures.show_bands(tally.bands)
    figures.show_errors(tally)


def _show_precision(matrix: Matrix, rate: BaseRate) -> None:
    from kitchenwall.domain.base_rate import precision
    from kitchenwall.domain.evaluation import Kind, kind_of

    show.line()
    show.prose(f"precision: of what is called a rejection, {_is_one(precision(matrix, rate))}")
    show.prose("assumed: of 100 mails that come in, so many are")
    for kind in Kind:
        labels = ", ".join(label for label in matrix.labels if kind_of(label) is kind)
        said = f"{kind.value}: {100 * rate.shares[kind]:.3g} ({labels or 'none of them is here'})"
        show.prose(said, "  ", "    ")
    show.prose("its interval takes each kind's share at the worse end of that share's own interval")


def _is_one(share: Estimate) -> str:
    from kitchenwall.domain.shares import in_percent, percent

    if share.value is None:
        low, high = percent(share.low), percent(share.high)
        return f"nobody can say how much is one ({low} to {high} %): a kind of mail is missing here"
    return f"{in_percent(share)} is one"


def _tell_programs(tally: Tally, rate: BaseRate, said: str, unlabelled: int) -> None:
    from kitchenwall.cli import figures
    from kitchenwall.domain.base_rate import precision
    from kitchenwall.domain.evaluation import Kind, kind_of

    matrix = tally.matrix
    show.as_json(
        {
            **figures.tally_as_json(tally),
            "unlabelled": unlabelled,
            "base_rate": {
                "said": said,
                "kinds": {
                    kind.name.lower(): {
                        "share": rate.shares[kind],
                        "labels": [label for label in matrix.labels if kind_of(label) is kind],
                        "called_rejection": figures.as_json(matrix.of_kind(kind)),
                    }
                    for kind in Kind
                },
                "precision": figures.estimate_as_json(precision(matrix, rate)),
            },
        }
    )


def _base_rate(text: str) -> BaseRate:
    from kitchenwall.domain.base_rate import BaseRate

    try:
        return BaseRate.parse(text)
    except ValueError:
        raise UsageError(
            f'cannot use the base rate "{text}": say three numbers like {BASE_RATE}, for '
            "rejections, other application mail and ordinary mail; the first one more than 0"
        ) from None


def _refuse_unlabelled(matrix: Matrix) -> None:
    """Folders always have a name; unless one of them is a label, it was not meant as one."""
    from kitchenwall.cli.detect import tell
    from kitchenwall.domain.evaluation import KNOWN_LABELS

    unknown = [label for label in matrix.labels if label not in KNOWN_LABELS]
    told = ", ".join(f'"{label}"' for label in unknown[:_UNKNOWN_TOLD])
    if len(unknown) == len(matrix.labels):
        raise NoLabel(
            'found no label: each row needs a key "label", or the folder of a mail is called like '
            f"its label, one of {', '.join(KNOWN_LABELS)}"
            + (f" (found only {told})" if unknown else "")
        )
    if unknown:
        tell(f"labels that are not known count as mail that is no rejection: {told}")


def _refuse_mixture(args: argparse.Namespace) -> None:
    if args.mine and (args.paths or args.base_rate is not None or args.errors is not None):
        raise UsageError(
            "--mine asks about your own mail; leave out LABELLED, --base-rate, --errors"
        )
    if not args.mine and (args.since or args.account or args.sample is not None):
        raise UsageError("--since, --account and --sample go with --mine")
    if not args.mine and not args.paths:
        raise UsageError("name labelled mail, or say --mine to label a few mails of your own")


def _number(text: str) -> int:
    """A number of 0 or more; argparse tells the person about anything else."""
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


_number.__name__ = "number"
