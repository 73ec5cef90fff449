"""Say how many of the mails that are called a rejection are one, in a mailbox of a given mixture.

How often that is cannot be read from labelled mail, where rejections are far more frequent than in
anybody's mailbox; it follows from how often each kind of mail is called a rejection, and from how
frequent the kinds are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kitchenwall.domain.evaluation import Kind, Matrix
from kitchenwall.domain.shares import Estimate

_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)"
_FORM = re.compile(":".join([_NUMBER] * 3))


@dataclass(frozen=True, slots=True)
class BaseRate:
    """How frequent rejections, other application mail and ordinary mail are, as shares of 1."""

    shares: Mapping[Kind, float]

    @classmethod
    def parse(cls, text: str) -> BaseRate:
        """From "1:5:94". Raises ValueError where it is nothing of that form, or has no rejections."""
        found = _FORM.fullmatch(text.strip())
        parts = tuple(map(float, found.groups())) if found else ()
        if not parts or not parts[0]:
            raise ValueError(text)
        return cls({kind: part / sum(parts) for kind, part in zip(Kind, parts, strict=True)})


def precision(matrix: Matrix, rate: BaseRate) -> Estimate:
    """The share of true ones among what is called a rejection, where kinds are as frequent as that.

    The bounds are conservative: each kind's share stands at that end of its own 95 % interval
    which is the worse (or the better) for the result, all at once.
    """
    found = {kind: matrix.of_kind(kind).estimate for kind in Kind}
    guesses = {kind: found[kind].value for kind in Kind if rate.shares[kind]}
    guess = None if None in guesses.values() else _true_ones(guesses, rate)
    low, high = (_at_its_end(found, rate, worst=worst) for worst in (True, False))
    return Estimate(guess, low or 0.0, high or 0.0)


def _at_its_end(found: Mapping[Kind, Estimate], rate: BaseRate, *, worst: bool) -> float | None:
    ends = {
        kind: share.low if worst is (kind is Kind.REJECTION) else share.high
        for kind, share in found.items()
    }
    return _true_ones(ends, rate)


def _true_ones(called: Mapping[Kind, float | None], rate: BaseRate) -> float | None:
    """None where nothing at all is called a rejection."""
    parts = {kind: rate.shares[kind] * (share or 0.0) for kind, share in called.items()}
    total = sum(parts.values())
    return parts[Kind.REJECTION] / total if total else None
