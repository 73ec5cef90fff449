"""Tell what a tally comes to: tables for people, one object for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kitchenwall.cli import show
from kitchenwall.domain.evaluation import REJECTION, Kind, right_outcome
from kitchenwall.domain.shares import Estimate, Share, percent

if TYPE_CHECKING:
    from kitchenwall.domain.evaluation import Band, Called, Judged, Matrix, Tally

UNREAD = "unreadable"
_DIGITS = 6


def name_of(outcome: Called) -> str:
    return UNREAD if outcome is None else outcome.value


def compact(estimate: Estimate) -> str:
    """A share in percent and its interval in few letters; "-" where there is none."""
    if estimate.value is None:
        return "-"
    return f"{percent(estimate.value)} [{percent(estimate.low)}, {percent(estimate.high)}]"


# ---- for people --------------------------------------------------------------------------------


def facts(found: Sequence[tuple[str, str]]) -> None:
    """Labels and what they say side by side, where the window is wide enough."""
    broad = max(len(label) for label, _ in found) + max(len(words) for _, words in found) + 2
    if broad <= show.width():
        show.pairs(found)
        return
    for label, words in found:
        show.prose(f"{label.strip()}: {words}", hanging="    ")


def show_matrix(matrix: Matrix, first: str = "label") -> None:
    """How many mails of each label were called what."""
    show.figures(
        (first, "mails", *map(name_of, matrix.outcomes)),
        (
            (
                label,
                str(matrix.right(label).total),
                *(str(matrix.counts.get((label, outcome), 0)) for outcome in matrix.outcomes),
            )
            for label in matrix.labels
        ),
    )


def show_rates(matrix: Matrix) -> None:
    """What was found and what was called wrongly, in all and for each label."""
    facts(
        (
            ("rejections found", _told(matrix.found)),
            ("others called a rejection", _told(matrix.false_alarms)),
            *(
                (f"  of {kind.value}", _told(matrix.of_kind(kind)))
                for kind in (Kind.APPLICATION, Kind.ORDINARY)
            ),
        )
    )
    show.line()
    show.figures(
        ("label", "mails", "judged right %", "called a rejection %"),
        (
            (
                label,
                str(matrix.right(label).total),
                compact(matrix.right(label).estimate),
                compact(matrix.called(right_outcome(REJECTION), (label,)).estimate),
            )
            for label in matrix.labels
        ),
    )


def show_parts(what: str, parts: Mapping[str, Matrix]) -> None:
    """The same for each language or source, where there are several."""
    if len(parts) < 2:
        return
    show.line()
    show.figures(
        (what, "rejections", "found %", "others", "called a rejection %"),
        (
            (
                name or "not said",
                str(matrix.found.total),
                compact(matrix.found.estimate),
                str(matrix.false_alarms.total),
                compact(matrix.false_alarms.estimate),
            )
            for name, matrix in parts.items()
        ),
    )


def show_bands(bands: tuple[Band, ...]) -> None:
    """How sure it was, beside how often it was right."""
    show.line()
    show.prose("how sure it was, and how often it was right")
    show.figures(
        ("called", "how sure %", "mails", "mean", "right %", "were a rejection %"),
        (
            (
                band.outcome.value,
                f"{100 * band.low:.0f} to {100 * band.high:.0f}",
                str(band.right.total),
                f"{100 * band.said:.1f}",
                compact(band.right.estimate),
                compact(band.rejections.estimate),
            )
            for band in bands
        ),
    )


def show_errors(tally: Tally) -> None:
    """The worst errors: what decided and where the mail lies, never what it says."""
    shown = tally.errors
    show.line()
    if not tally.wrong:
        show.prose("no mail was called something else than it is")
        return
    left_out = f", the worst {len(shown)}" if len(shown) < tally.wrong else ""
    show.prose(f"called something else than they are: {tally.wrong}{left_out}")
    for error in shown:
        rule = f"  {error.rule}" if error.rule else ""
        called = f"{error.label}, called {name_of(error.outcome)}"
        show.prose(f"{called}  {error.confidence:.0%}{rule}", "  ", "    ")
        show.line(f"      {_place(error)}")


def _told(share: Share) -> str:
    return str(share) if share.total else "there was none"


def _place(error: Judged) -> str:
    """The file, and the mail's name in it where the file does not say that already."""
    return error.file if error.id and error.id in error.file else f"{error.file}  {error.id}"


# ---- for programs ------------------------------------------------------------------------------


def tally_as_json(tally: Tally) -> dict[str, object]:
    matrix = tally.matrix
    return {
        "mails": matrix.total,
        **_rates_as_json(matrix),
        "labels": {
            label: {
                "right": right_outcome(label).value,
                "outcomes": {
                    name_of(outcome): matrix.counts.get((label, outcome), 0)
                    for outcome in matrix.outcomes
                },
                "judged_right": as_json(matrix.right(label)),
                "called_rejection": as_json(matrix.called(right_outcome(REJECTION), (label,))),
            }
            for label in matrix.labels
        },
        "languages": {name: _rates_as_json(part) for name, part in tally.by_language.items()},
        "sources": {name: _rates_as_json(part) for name, part in tally.by_source.items()},
        "confidence": [dict(_band_as_json(band)) for band in tally.bands],
        "wrong": tally.wrong,
        "errors": [
            {
                "file": error.file,
                "id": error.id,
                "label": error.label,
                "outcome": name_of(error.outcome),
                "confidence": error.confidence,
                "rule": error.rule or None,
            }
            for error in tally.errors
        ],
    }


def as_json(share: Share) -> dict[str, object]:
    return {"count": share.count, "total": share.total, **estimate_as_json(share.estimate)}


def estimate_as_json(estimate: Estimate) -> dict[str, object]:
    value = None if estimate.value is None else round(estimate.value, _DIGITS)
    return {
        "value": value,
        "low": round(estimate.low, _DIGITS),
        "high": round(estimate.high, _DIGITS),
    }


def _rates_as_json(matrix: Matrix) -> dict[str, object]:
    return {"found": as_json(matrix.found), "false_alarms": as_json(matrix.false_alarms)}


def _band_as_json(band: Band) -> Iterator[tuple[str, object]]:
    yield "outcome", band.outcome.value
    yield "from", band.low
    yield "to", band.high
    yield "mean", round(band.said, _DIGITS)
    yield "right", as_json(band.right)
    yield "rejections", as_json(band.rejections)
