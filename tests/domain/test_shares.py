"""A share is told with an interval that is known from the literature."""

import pytest

from kitchenwall.domain.shares import Estimate, Share, in_percent, percent


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        # Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # by hand: (x + z²/2 ± z·√(x(n-x)/n + z²/4)) / (n + z²) with z = 1.96
        (5, 10, 0.2366, 0.7634),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_the_interval_is_wilson_s(count: int, total: int, low: float, high: float) -> None:
    found = Share(count, total).estimate
    assert found.value == count / total
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("count", "total"), [(0, 7), (3, 7), (40, 1000)])
def test_what_is_left_over_has_the_mirrored_interval(count: int, total: int) -> None:
    share, rest = Share(count, total).estimate, Share(total - count, total).estimate
    assert (share.low, share.high) == pytest.approx((1 - rest.high, 1 - rest.low))


def test_the_ends_are_reached_exactly_and_never_passed() -> None:
    assert Share(0, 10**9).estimate.low == 0.0
    assert Share(10**9, 10**9).estimate.high == 1.0


def test_of_nothing_anything_may_be_the_share() -> None:
    assert Share(0, 0).estimate == Estimate(None, 0.0, 1.0)
    assert str(Share(0, 0)) == "0 of 0"


def test_a_share_is_told_in_percent() -> None:
    assert str(Share(7, 8)) == "7 of 8 = 87.5 % [52.9, 97.8]"
    assert str(Share(8, 8)) == "8 of 8 = 100 % [67.6, 100]"
    assert in_percent(Estimate(None, 0.0, 0.25)) == "? [0, 25.0]"


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.0, "0"), (0.0004, "0.04"), (0.5, "50.0"), (0.9996, "99.96"), (1.0, "100")],
)
def test_near_nothing_and_near_all_one_decimal_is_not_enough(share: float, told: str) -> None:
    assert percent(share) == told
