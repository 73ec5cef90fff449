"""Count verdicts against labels: what was found, what was called wrongly, how sure one was."""

from __future__ import annotations

import heapq
import itertools
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kitchenwall.domain.shares import Share
from kitchenwall.domain.verdict import Evidence, Outcome, Verdict

# Labels of mail about an application that is no rejection.
APPLICATION = (
    "unsure", "feedback", "confirmation", "interview", "assessment", "offer", "job_alert",
    "other_application",
)  # fmt: skip
ORDINARY = ("other", "not_job")
REJECTION = Outcome.REJECTION.value
KNOWN_LABELS = (REJECTION, *APPLICATION, *ORDINARY)

# From where on a confidence counts as belonging to a band.
_BANDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_NOT_THE_NO_ITSELF = ("about", "beside", "opinion")

# What a mail was called; None where it could not be read.
Called = Outcome | None


class Kind(StrEnum):
    """What labels come to where only three kinds of mail are told apart."""

    REJECTION = "rejections"
    APPLICATION = "application mail"
    ORDINARY = "ordinary mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One labelled mail, what it was called, and the rule that decided.

    `file` and `id` name the mail; `language` and `source` are those of the label, "" where it
    names none.
    """

    label: str
    outcome: Called
    confidence: float
    rule: str
    language: str = ""
    source: str = ""
    file: str = ""
    id: str = ""

    @property
    def is_right(self) -> bool:
        return self.outcome is right_outcome(self.label)


@dataclass(frozen=True, slots=True)
class Matrix:
    """How many mails of each label were called what."""

    counts: Mapping[tuple[str, Called], int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def labels(self) -> tuple[str, ...]:
        """The known ones in their order, then all others by name."""
        found = {label for label, _ in self.counts}
        return (
            *(label for label in KNOWN_LABELS if label in found),
            *sorted(found - {*KNOWN_LABELS}),
        )

    @property
    def outcomes(self) -> tuple[Called, ...]:
        """Every outcome, and None where some mail could not be read."""
        unread = any(outcome is None and count for (_, outcome), count in self.counts.items())
        return (*Outcome, *((None,) if unread else ()))

    @property
    def found(self) -> Share:
        """The rejections that were called one (recall)."""
        return self.of_kind(Kind.REJECTION)

    @property
    def false_alarms(self) -> Share:
        """All other mails that were called a rejection (the false positive rate)."""
        return self.called(Outcome.REJECTION, (la for la in self.labels if la != REJECTION))

    def of_kind(self, kind: Kind) -> Share:
        """The mails of this kind that were called a rejection."""
        return self.called(Outcome.REJECTION, (la for la in self.labels if kind_of(la) is kind))

    def right(self, label: str) -> Share:
        """The mails with this label that were called what they are."""
        return self.called(right_outcome(label), (label,))

    def called(self, outcome: Called, labels: Iterable[str]) -> Share:
        """Of the mails with these labels, those that were called this."""
        count = total = 0
        for label in labels:
            count += self.counts.get((label, outcome), 0)
            total += sum(self.counts.get((label, other), 0) for other in (*Outcome, None))
        return Share(count, total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The mails that were called `outcome` with a confidence from `low` to below `high`.

    `said` is the mean of what was said, `right` how many were called what they are, `rejections`
    how many were rejections whatever they were called.
    """

    outcome: Outcome
    low: float
    high: float
    said: float
    right: Share
    rejections: Share


class Tally:
    """Everything that was counted so far; of the mails themselves only the worst errors are kept."""

    def __init__(self, most_errors: int) -> None:
        self._cells: Counter[_Cell] = Counter()
        self._said: defaultdict[tuple[Called, int], float] = defaultdict(float)
        self._worst: list[tuple[tuple[int, float, int], Judged]] = []
        self._numbers = itertools.count()
        self._most_errors = most_errors

    def add(self, judged: Judged) -> None:
        band = bisect_right(_BANDS, judged.confidence) - 1
        cell = (judged.label, judged.outcome, judged.language, judged.source, band)
        self._cells[cell] += 1
        self._said[judged.outcome, band] += judged.confidence
        if not judged.is_right:
            heapq.heappush(self._worst, (_badness(judged, next(self._numbers)), judged))
            if len(self._worst) > self._most_errors:
                heapq.heappop(self._worst)

    @property
    def matrix(self) -> Matrix:
        return _matrix(self._cells)

    @property
    def by_language(self) -> Mapping[str, Matrix]:
        return self._by(2)

    @property
    def by_source(self) -> Mapping[str, Matrix]:
        return self._by(3)

    @property
    def wrong(self) -> int:
        """How many mails were called something else than they are."""
        return sum(n for cell, n in self._cells.items() if cell[1] is not right_outcome(cell[0]))

    @property
    def errors(self) -> tuple[Judged, ...]:
        """The worst of the mails that were called wrongly.

        What was called a rejection comes first, then rejections that were not found; the surer
        comes before the less sure.
        """
        return tuple(judged for _, judged in sorted(self._worst, reverse=True))

    @property
    def bands(self) -> tuple[Band, ...]:
        """How sure one was, against how often one was right; only what occurred."""
        limits = (*_BANDS, 1.0)
        return tuple(
            self._band(outcome, number, limits[number], limits[number + 1])
            for outcome in Outcome
            for number in range(len(_BANDS))
            if (outcome, number) in self._said
        )

    def _band(self, outcome: Outcome, number: int, low: float, high: float) -> Band:
        cells = {c: n for c, n in self._cells.items() if (c[1], c[4]) == (outcome, number)}
        total = sum(cells.values())
        right = sum(n for cell, n in cells.items() if right_outcome(cell[0]) is outcome)
        rejections = sum(n for cell, n in cells.items() if cell[0] == REJECTION)
        return Band(
            outcome=outcome,
            low=low,
            high=high,
            said=self._said[outcome, number] / total,
            right=Share(right, total),
            rejections=Share(rejections, total),
        )

    def _by(self, place: int) -> Mapping[str, Matrix]:
        parts: defaultdict[str, Counter[_Cell]] = defaultdict(Counter)
        for cell, count in self._cells.items():
            parts[str(cell[place])][cell] = count
        return {name: _matrix(parts[name]) for name in sorted(parts)}


# Label, outcome, language, source, number of the confidence's band.
_Cell = tuple[str, Called, str, str, int]


def right_outcome(label: str) -> Outcome:
    """The outcome that a label asks for: the one of its name, OTHER for all other labels."""
    return _OUTCOMES.get(label, Outcome.OTHER)


def kind_of(label: str) -> Kind:
    """What a label comes to; what is not known to be about an application is ordinary mail."""
    if label == REJECTION:
        return Kind.REJECTION
    return Kind.APPLICATION if label in APPLICATION else Kind.ORDINARY


def deciding_rule(verdict: Verdict) -> str:
    """The name of the signal that decided, "" where nothing in the mail said anything.

    Of a rejection it is the strongest that speaks for it; of everything else the last that spoke
    against one, where any did.
    """
    against = [one for one in verdict.evidence if one.weight < 0]
    if against and verdict.outcome is not Outcome.REJECTION:
        return against[-1].rule
    strongest = max(filter(_is_a_no, verdict.evidence), key=lambda one: one.weight, default=None)
    return strongest.rule if strongest else ""


def _is_a_no(evidence: Evidence) -> bool:
    return evidence.rule.partition(":")[0] not in _NOT_THE_NO_ITSELF


def _matrix(cells: Mapping[_Cell, int]) -> Matrix:
    counts: Counter[tuple[str, Called]] = Counter()
    for (label, outcome, *_), count in cells.items():
        counts[label, outcome] += count
    return Matrix(counts)


def _badness(judged: Judged, number: int) -> tuple[int, float, int]:
    """How bad an error is; of two that are as bad, the earlier counts as worse."""
    called, missed = judged.outcome is Outcome.REJECTION, judged.label == REJECTION
    return 2 * called + missed, judged.confidence, -number
