"""A few mails out of every layer speak for the whole mailbox, as far as they can."""

import random

import pytest

from kitchenwall.domain.layers import Layer
from kitchenwall.domain.sampling import (
    Sounding,
    draw,
    rejections_in,
    says_something,
    share_between,
    share_in,
)
from kitchenwall.domain.shares import Estimate
from kitchenwall.domain.verdict import Outcome

SURE = Layer(Outcome.REJECTION, "sure")
ASKED = Layer(Outcome.UNSURE, "unsure")
REST = Layer(Outcome.OTHER, "rest")


def keys(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}-{number}" for number in range(count))


MAILBOX = {SURE: keys("sure", 40), ASKED: keys("ask", 2), REST: keys("rest", 5000)}


def test_layers_give_the_same_number_and_what_one_lacks_the_others_give() -> None:
    drawn = draw(MAILBOX, (), 12, "seed")
    assert len(drawn) == len(set(drawn)) == 12
    assert [sum(key.startswith(name) for key in drawn) for name in ("sure", "ask", "rest")] == [
        5, 2, 5,
    ]  # fmt: skip


def test_every_layer_has_its_turn_in_each_round_and_none_has_its_place() -> None:
    drawn = draw(MAILBOX, (), 12, "seed")
    assert {key.partition("-")[0] for key in drawn[:3]} == {"sure", "ask", "rest"}
    firsts = {draw(MAILBOX, (), 12, str(seed))[0].partition("-")[0] for seed in range(30)}
    assert firsts == {"sure", "ask", "rest"}


def test_the_same_seed_draws_the_same_however_the_mailbox_is_told() -> None:
    turned = {layer: tuple(reversed(MAILBOX[layer])) for layer in reversed(MAILBOX)}
    assert draw(MAILBOX, (), 30, "seed") == draw(turned, (), 30, "seed")
    assert draw(MAILBOX, (), 30, "seed") != draw(MAILBOX, (), 30, "another")


def test_what_is_known_is_not_asked_about_again_and_counts() -> None:
    first = draw(MAILBOX, (), 12, "seed")
    assert draw(MAILBOX, first[:5], 12, "seed") == first[5:]
    assert draw(MAILBOX, first, 12, "seed") == ()
    assert draw(MAILBOX, first, 3, "seed") == ()


def test_a_larger_sample_holds_the_smaller_one() -> None:
    first = draw(MAILBOX, (), 12, "seed")
    assert set(first) < set(draw(MAILBOX, (), 40, "seed"))
    more = draw(MAILBOX, first, 40, "seed")
    assert len(more) == 28
    assert not set(more) & set(first)


def test_a_mail_that_came_meanwhile_does_not_make_the_sample_longer() -> None:
    first = draw(MAILBOX, (), 12, "seed")
    grown = MAILBOX | {ASKED: keys("ask", 3)}
    assert draw(grown, first, 12, "seed") == ()


def test_a_small_mailbox_is_asked_about_as_a_whole_and_an_empty_one_not_at_all() -> None:
    assert sorted(draw({SURE: keys("sure", 3)}, (), 30, "seed")) == list(keys("sure", 3))
    assert draw({}, (), 30, "seed") == ()
    assert draw(MAILBOX, (), 0, "seed") == ()


def test_each_mail_of_a_layer_is_drawn_about_equally_often() -> None:
    layer = {REST: keys("rest", 20)}
    drawn = [key for seed in range(2_000) for key in draw(layer, (), 5, str(seed))]
    counts = [drawn.count(key) for key in layer[REST]]
    # 500 each; five standard deviations of a binomial count are 97
    assert all(abs(count - 500) < 97 for count in counts)


def sounding(size: int, told: int, rejections: int, layer: Layer = REST) -> Sounding:
    return Sounding(layer=layer, size=size, told=told, rejections=rejections)


def test_what_was_looked_at_whole_is_known_exactly() -> None:
    assert rejections_in([sounding(8, 8, 3), sounding(1, 1, 1)]) == Estimate(4.0, 4.0, 4.0)
    assert rejections_in([]) == Estimate(0.0, 0.0, 0.0)


def test_a_layer_stands_for_its_size_and_distances_add_up_as_errors_do() -> None:
    found = rejections_in([sounding(1001, 10, 0), sounding(1001, 10, 5)])
    # 0/10 is [0, .2775], 5/10 is [.2366, .7634]; 991 of 1000 were not looked at: √.991 = .99549
    assert found.value == pytest.approx(500.5)
    below = 1001 * 0.2634 * 0.99549
    above = (below**2 + (1001 * 0.2775 * 0.99549) ** 2) ** 0.5
    assert (found.low, found.high) == pytest.approx((500.5 - below, 500.5 + above), abs=0.2)


def test_what_was_seen_bounds_what_can_be() -> None:
    found = rejections_in([sounding(11, 10, 5)])
    assert (found.low, found.high) == (5, 6)


def test_a_layer_that_nobody_looked_into_may_hold_anything() -> None:
    found = rejections_in([sounding(4, 4, 4), sounding(50, 0, 0)])
    assert found == Estimate(None, 4, 54)
    assert share_in([sounding(50, 0, 0)]) == Estimate(None, 0.0, 1.0)
    assert share_in([]) == Estimate(None, 0.0, 1.0)


def test_a_share_weighs_its_layers_by_their_sizes() -> None:
    found = share_in([sounding(90, 9, 9), sounding(10, 10, 0)])
    assert found.value == pytest.approx(0.9)
    assert found.low > 0.6
    assert found.high == 0.9


def test_recall_stands_between_what_is_inside_and_what_is_outside() -> None:
    found = share_between(Estimate(8.0, 6.0, 9.0), Estimate(2.0, 1.0, 6.0))
    assert found == Estimate(0.8, 0.5, 0.9)
    assert share_between(Estimate(0.0, 0.0, 0.0), Estimate(0.0, 0.0, 0.0)) == Estimate(None, 0, 1)
    assert share_between(Estimate(3.0, 3.0, 3.0), Estimate(None, 0.0, 3.0)) == Estimate(
        None, 0.5, 1
    )


def test_a_share_that_may_be_anywhere_is_none() -> None:
    assert says_something(Estimate(0.9, 0.5, 1.0))
    assert not says_something(Estimate(0.9, 0.49, 1.0))
    assert not says_something(Estimate(None, 0.5, 0.6))


@pytest.mark.parametrize("rates", [(0.9, 0.1), (0.5, 0.02), (0.98, 0.3)])
def test_the_interval_holds_the_truth_as_often_as_it_says(rates: tuple[float, float]) -> None:
    chance = random.Random(f"{rates}")
    held = 0
    for _ in range(400):
        layers = [
            [chance.random() < rate for _ in range(size)]
            for rate, size in zip(rates, (60, 400), strict=True)
        ]
        seen = [(mails, chance.sample(mails, 15)) for mails in layers]
        found = rejections_in([sounding(len(mails), 15, sum(told)) for mails, told in seen])
        held += found.low <= sum(map(sum, layers)) <= found.high
    assert held >= 0.93 * 400
