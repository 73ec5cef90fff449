"""Precision follows from rates and from how frequent each kind of mail is."""

from collections import Counter

import pytest

from kitchenwall.domain.base_rate import BaseRate, precision
from kitchenwall.domain.evaluation import Called, Kind, Matrix
from kitchenwall.domain.shares import Estimate
from kitchenwall.domain.verdict import Outcome

NO, OTHER = Outcome.REJECTION, Outcome.OTHER


def matrix(**called: tuple[int, int]) -> Matrix:
    """Of so many mails with a label, so many were called a rejection."""
    counts: Counter[tuple[str, Called]] = Counter()
    for label, (rejections, total) in called.items():
        counts[label, NO], counts[label, OTHER] = rejections, total - rejections
    return Matrix(counts)


def test_a_base_rate_is_three_numbers_that_need_not_come_to_a_hundred() -> None:
    assert BaseRate.parse("1:5:94").shares == pytest.approx(
        {Kind.REJECTION: 0.01, Kind.APPLICATION: 0.05, Kind.ORDINARY: 0.94}
    )
    assert BaseRate.parse(" 0.5:0:1.5 ").shares == pytest.approx(
        {Kind.REJECTION: 0.25, Kind.APPLICATION: 0.0, Kind.ORDINARY: 0.75}
    )


@pytest.mark.parametrize(
    "text",
    ["", "1", "1:2", "1:2:3:4", "0:5:95", "0.0:1:1", "-1:5:94", "1:5:x", "nan:1:1", "inf:1:1",
     "1e3:1:1", "1,5:94", "１:5:94", "1:5:94\n1"],
)  # fmt: skip
def test_anything_else_is_no_base_rate(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        BaseRate.parse(text)


def test_precision_is_what_bayes_makes_of_the_rates() -> None:
    found = precision(
        matrix(rejection=(9, 10), interview=(1, 10), lunch=(0, 10)), BaseRate.parse("1:5:94")
    )
    # .01 · .9 / (.01 · .9 + .05 · .1)
    assert found.value == pytest.approx(0.642857, abs=1e-6)
    # 9/10 is [.5958, .9821], 1/10 is [.0179, .4042], 0/10 is [0, .2775]
    worst = 0.01 * 0.5958 / (0.01 * 0.5958 + 0.05 * 0.4042 + 0.94 * 0.2775)
    best = 0.01 * 0.9821 / (0.01 * 0.9821 + 0.05 * 0.0179)
    assert (found.low, found.high) == pytest.approx((worst, best), abs=2e-4)


def test_a_kind_that_was_not_there_leaves_everything_open_unless_it_never_comes() -> None:
    seen = matrix(rejection=(10, 10), interview=(0, 10))
    open_ = precision(seen, BaseRate.parse("1:5:94"))
    assert open_.value is None
    assert open_.low < 0.01
    assert open_.high == 1.0
    assert precision(seen, BaseRate.parse("1:5:0")).value == 1.0


def test_where_nothing_is_called_a_rejection_there_is_no_precision() -> None:
    found = precision(matrix(rejection=(0, 5), interview=(0, 5)), BaseRate.parse("1:1:0"))
    assert found == Estimate(None, 0.0, 1.0)
