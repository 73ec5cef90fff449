"""Say a share of a whole, and how far it can be believed."""

from __future__ import annotations

import math
from dataclasses import dataclass

# The quantile of the normal distribution that leaves 2.5 of 100 on each side.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that lies between `low` and `high` in 95 of 100 cases.

    `value` is the best guess, None where nothing was seen that it could rest on.
    """

    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        return self.count / self.total if self.total else None

    @property
    def estimate(self) -> Estimate:
        """The share with its 95 % Wilson interval; of nothing at all, anything may be the share.

        E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
        """
        if self.value is None:
            return Estimate(None, 0.0, 1.0)
        n, square = self.total, _Z * _Z
        centre = (self.count + square / 2) / (n + square)
        spread = self.count * (n - self.count) / n + square / 4
        half = _Z * math.sqrt(spread) / (n + square)
        low = centre - half if self.count else 0.0
        high = centre + half if self.count < n else 1.0
        return Estimate(self.value, low, high)

    def __str__(self) -> str:
        """ "7 of 8 = 87.5 % [52.9, 97.8]", or "0 of 0"."""
        told = f"{self.count} of {self.total}"
        return f"{told} = {in_percent(self.estimate)}" if self.total else told


def in_percent(estimate: Estimate) -> str:
    """ "87.5 % [52.9, 97.8]"; "? [0, 100]" where there is no guess."""
    value = "?" if estimate.value is None else f"{percent(estimate.value)} %"
    return f"{value} [{percent(estimate.low)}, {percent(estimate.high)}]"


def percent(share: float) -> str:
    """A share in percent: one decimal, two near nothing and near all, none exactly there."""
    if share in (0, 1):
        return f"{100 * share:.0f}"
    return f"{100 * share:.{1 if 0.01 <= share <= 0.99 else 2}f}"
