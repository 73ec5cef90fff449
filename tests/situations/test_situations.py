"""Each rejection gets the letter that was read and approved for it, whole, and to whom it belongs."""

from __future__ import annotations

from collections import Counter

import pytest

from kitchenwall.adapters.packs import available
from tests.situations.walking import approved, cases, situation_of

CASES = cases()


@pytest.mark.parametrize("name", CASES)
def test_a_rejection_gets_the_letter_that_was_approved(name: str) -> None:
    assert situation_of(CASES[name]) == approved(name)


def test_there_are_enough_in_every_language() -> None:
    count = Counter(name.partition("/")[0] for name in CASES)
    assert set(count) == set(available())
    assert min(count.values()) >= 8
    assert count.total() >= 120


def test_a_letter_asks_at_most_one_question() -> None:
    for name in CASES:
        _, _, letter = approved(name).partition("\n\n")
        assert letter.count("?") <= 1, name
