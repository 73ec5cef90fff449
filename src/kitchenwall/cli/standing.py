"""Say how verdicts stand beside what the person said of mails of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kitchenwall.cli import figures, show
from kitchenwall.cli.explain import PLANS
from kitchenwall.domain.evaluation import Tally
from kitchenwall.domain.review import (
    TOLD,
    Answer,
    Answered,
    Reviewed,
    Told,
    judged,
    soundings,
    told,
)
from kitchenwall.domain.sampling import (
    Sounding,
    rejections_in,
    says_something,
    share_between,
    share_in,
)
from kitchenwall.domain.shares import Estimate, in_percent, percent
from kitchenwall.domain.verdict import Outcome

_SAID = {Answer.REJECTION: "a no", Answer.OTHER: "something else"}
_CALLED = (Outcome.REJECTION,)
_NOT_PASSED_OVER = tuple(outcome for outcome in Outcome if outcome is not Outcome.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is told at the end.

    `left` are mails of the sample without an answer, `elsewhere` answers about mails that were not
    looked at this time, `changed` mails that are called something else now than when the person was
    asked.
    """

    since: datetime
    mails: Mapping[str, Reviewed]
    seen: tuple[Told, ...]
    soundings: tuple[Sounding, ...]
    tally: Tally
    unreadable: int
    skipped: int
    left: int
    elsewhere: int
    changed: int


def report_on(
    mails: Mapping[str, Reviewed],
    answers: Mapping[str, Answered],
    sample: Sequence[str],
    since: datetime,
    unreadable: int,
) -> Report:
    """What the answers come to; `sample` are the keys of the mails that were to be asked about."""
    seen, here = told(mails, answers), answers.keys() & mails.keys()
    tally = Tally(0)
    for one in judged(seen):
        tally.add(one)
    return Report(
        since=since,
        mails=mails,
        seen=seen,
        soundings=soundings(mails, seen),
        tally=tally,
        unreadable=unreadable,
        skipped=sum(answers[key].answer not in TOLD for key in here),
        left=sum(key not in answers for key in sample),
        elsewhere=len(answers) - len(here),
        changed=sum(answers[one.mail.key].outcome is not one.mail.outcome for one in seen),
    )


def estimates(report: Report) -> Mapping[str, Estimate]:
    """What the sample says of the whole mailbox: one number of mails, and three shares."""
    called, others = _parted(report.soundings, _CALLED)
    seen, passed_over = _parted(report.soundings, _NOT_PASSED_OVER)
    return {
        "rejections": rejections_in(report.soundings),
        "precision": share_in(called),
        "found": share_between(rejections_in(called), rejections_in(others)),
        "not_passed_over": share_between(rejections_in(seen), rejections_in(passed_over)),
    }


def _parted(
    layers: Sequence[Sounding], outcomes: Sequence[Outcome]
) -> tuple[list[Sounding], list[Sounding]]:
    """The layers that were called one of these, and all others."""
    inside = [one for one in layers if one.layer.outcome in outcomes]
    return inside, [one for one in layers if one.layer.outcome not in outcomes]


# ---- for people --------------------------------------------------------------------------------


def show_report(report: Report) -> None:
    """The answers, what they say of the whole mailbox, and what would have been done."""
    _show_answers(report)
    if report.mails:
        _show_deeds(report)
    if report.seen:
        _show_wrong(report)
        show.line()
        figures.show_matrix(report.tally.matrix, "you said")
        _show_estimates(report)


def _show_answers(report: Report) -> None:
    since = f"{report.since.astimezone():%Y-%m-%d}"
    if not report.mails:
        show.prose(f"no mail that could be judged came since {since}")
    else:
        show.prose(
            f"{len(report.mails):,} mails since {since} were judged; you told of "
            f"{len(report.seen)} what they are"
        )
    for number, words in (
        (report.skipped, "you skipped"),
        (report.left, "of the sample have no answer yet; the same command goes on with them"),
        (report.unreadable, "could not be read and were left out"),
        (report.elsewhere, "answers are about mails that were not looked at this time"),
        (report.changed, "are called something else now than when you were asked"),
    ):
        if number:
            show.prose(f"{number} {words}", "  ", "    ")


def _show_estimates(report: Report) -> None:
    show.line()
    show.prose("the sample, and the whole mailbox as far as it tells (95 % intervals)")
    show.line()
    show.figures(
        ("called", "mails", "told", "a no"),
        (
            (one.layer.name, str(one.size), str(one.told), str(one.rejections))
            for one in report.soundings
        ),
    )

    found = estimates(report)
    show.line()
    figures.facts(
        (
            ("rejections in the mailbox", _number(found["rejections"])),
            ("called one and is one", _share(found["precision"])),
            ("is one and called one", _share(found["found"])),
            ("is one and not passed over", _share(found["not_passed_over"])),
        )
    )


def _number(estimate: Estimate) -> str:
    between = f"between {estimate.low:,.0f} and {estimate.high:,.0f}"
    return between if estimate.value is None else f"about {estimate.value:,.0f}, {between}"


def _share(estimate: Estimate) -> str:
    if says_something(estimate):
        return in_percent(estimate)
    low, high = percent(estimate.low), percent(estimate.high)
    return f"too small a sample to say ({low} to {high} %)"


def _show_deeds(report: Report) -> None:
    """What would have been done, with the mails that the person told and with all."""
    said = Counter((_plan(one.mail), one.answer) for one in report.seen)
    everywhere = Counter(_plan(mail) for mail in report.mails.values())
    order = [*PLANS, *sorted(everywhere.keys() - PLANS.keys())]
    show.line()
    show.prose("what would have been done on the day they came, with what you told and with all")
    show.line()
    show.figures(
        ("plan", *_SAID.values(), "all mails"),
        (
            (
                PLANS.get(plan, plan),
                *(str(said[plan, answer]) for answer in _SAID),
                str(everywhere[plan]),
            )
            for plan in order
            if everywhere[plan]
        ),
    )


def _show_wrong(report: Report) -> None:
    wrong = [one for one in report.seen if one.is_wrong]
    show.line()
    if not wrong:
        show.prose("nothing would have been done wrongly with what you told")
        return
    show.line("done wrongly")
    for one in wrong:
        mail = one.mail
        rule = f" ({mail.rule})" if mail.rule else ""
        plan = PLANS.get(_plan(mail), _plan(mail))
        show.prose(f"{show.moment(mail.received)}  {mail.sender}  {mail.subject}", "  ", "    ")
        show.prose(f"{_SAID[one.answer]}, called {mail.outcome.value}{rule}", "      ")
        show.prose(f"{plan}: {mail.plan.because}", "      ")


def _plan(mail: Reviewed) -> str:
    return type(mail.plan).__name__.lower()


# ---- for programs ------------------------------------------------------------------------------


def report_as_json(report: Report) -> dict[str, object]:
    said = Counter((_plan(one.mail), one.answer) for one in report.seen)
    everywhere = Counter(_plan(mail) for mail in report.mails.values())
    matrix = report.tally.matrix
    return {
        "since": report.since,
        "mails": len(report.mails),
        "unreadable": report.unreadable,
        "told": len(report.seen),
        "skipped": report.skipped,
        "left": report.left,
        "elsewhere": report.elsewhere,
        "changed": report.changed,
        "matrix": {
            label: {
                figures.name_of(outcome): matrix.counts.get((label, outcome), 0)
                for outcome in matrix.outcomes
            }
            for label in matrix.labels
        },
        "layers": [
            {
                "name": one.layer.name,
                "outcome": one.layer.outcome,
                "mails": one.size,
                "told": one.told,
                "rejections": one.rejections,
            }
            for one in report.soundings
        ],
        "estimates": {
            name: {
                **figures.estimate_as_json(estimate),
                **({} if name == "rejections" else {"too_small": not says_something(estimate)}),
            }
            for name, estimate in estimates(report).items()
        },
        "plans": {
            plan: {answer.value: said[plan, answer] for answer in _SAID} | {"all": count}
            for plan, count in sorted(everywhere.items())
        },
        "wrong": [_wrong_as_json(one) for one in report.seen if one.is_wrong],
    }


def _wrong_as_json(one: Told) -> dict[str, object]:
    mail = one.mail
    return {
        "account": mail.account,
        "folder": mail.folder,
        "uid": mail.cursor.uid,
        "received": mail.received,
        "sender": mail.sender,
        "subject": mail.subject,
        "said": one.answer,
        "outcome": mail.outcome,
        "confidence": mail.confidence,
        "rule": mail.rule or None,
        "plan": _plan(mail),
        "because": mail.plan.because,
    }
