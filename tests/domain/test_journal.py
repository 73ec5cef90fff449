from __future__ import annotations

import time

import pytest

from kitchenwall.domain.journal import FOLLOWS, DraftState, application_key


@pytest.mark.parametrize(
    "name",
    [
        "Birch",
        "BIRCH",
        " Birch  GmbH",
        "Birch, Inc.",
        "Birch Ltd.",
        "Birch S.p.A.",
        "Birch Sp. z o.o.",
        "Birch Sp. z o. o.",
        "Birch s.r.o.",
        "Birch A/S",
        "Birch GmbH & Co. KG",
        "Ｂｉｒｃｈ",
    ],
)
def test_a_company_is_the_same_whatever_its_legal_form(name: str) -> None:
    assert application_key(name, "") == ("birch", "")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("SE Ranking", "seranking"),
        ("Birch & Oak AG", "birchandoak"),
        ("Birch and Oak", "birchandoak"),
        ("Inc", "inc"),
        ("Sage", "sage"),
        ("株式会社樺", "株式会社樺"),
    ],
)
def test_letters_that_belong_to_a_name_stay(name: str, key: str) -> None:
    assert application_key(name, "") == (key, "")


@pytest.mark.parametrize(
    "role",
    [
        "Head Baker",
        "head baker (m/w/d)",
        "Head Baker (f/m/x)",
        "HEAD BAKER m|w|d",
        "Head-Baker H/F",
    ],
)
def test_a_role_is_the_same_whoever_it_is_offered_to(role: str) -> None:
    assert application_key("", role) == ("", "headbaker")


def test_without_company_and_role_there_is_no_application() -> None:
    assert application_key("", "") is None
    assert application_key(" - ", "(m/w/d)") is None


def test_a_hostile_name_costs_no_time() -> None:
    begun = time.perf_counter()
    for name in ("a" + " s.a" * 5_000 + "x", " " * 20_000, ", " * 10_000 + "x", "m/w/" * 5_000):
        application_key(name, name)
    assert time.perf_counter() - begun < 1


def test_a_draft_that_was_laid_is_never_touched_again() -> None:
    assert FOLLOWS[DraftState.CREATED] == frozenset()
    assert set(FOLLOWS) == set(DraftState)


def test_an_append_is_always_announced_by_a_plan() -> None:
    before_intent = {state for state in DraftState if DraftState.INTENT in FOLLOWS[state]}
    assert before_intent == {DraftState.PLANNED}
