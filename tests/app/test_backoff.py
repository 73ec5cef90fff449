"""Waits grow, stay bounded, and are never in step."""

import pytest

from kitchenwall.app.backoff import Backoff


def test_waits_double_up_to_the_most() -> None:
    backoff = Backoff(5, 300, chance=lambda: 0.5)
    assert [backoff.next() for _ in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]


def test_chance_moves_a_wait_by_a_fifth() -> None:
    assert Backoff(10, 300, chance=lambda: 0.0).next() == 8
    assert Backoff(10, 300, chance=lambda: 1.0).next() == pytest.approx(12)


def test_what_a_server_asks_for_is_granted() -> None:
    assert Backoff(5, 300, chance=lambda: 0.5).next(at_least=900) == 900


def test_after_success_it_begins_anew() -> None:
    backoff = Backoff(5, 300, chance=lambda: 0.5)
    backoff.next()
    backoff.reset()
    assert backoff.next() == 5


def test_it_goes_on_for_years() -> None:
    backoff = Backoff(5, 300, chance=lambda: 0.5)
    assert {backoff.next() for _ in range(5000)} >= {300}
