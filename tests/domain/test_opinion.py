"""The second opinion makes a verdict surer or less sure, says by what, and never makes a no of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kitchenwall.adapters.packs import load_model, load_packs
from kitchenwall.domain.detection import judge, moved
from kitchenwall.domain.languages import LanguagePack, Model
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.opinion import AGAINST, opinion
from kitchenwall.domain.verdict import Outcome, Verdict

SURE = Model(50.0, {"": 0.0})
DOUBTING = Model(-50.0, {"": 0.0})
NO = "Thank you for your application. We have decided not to move forward with your application."
WEAK = "Dear Mira, the Line Planner position at Ferrant has been put on hold."
NOTHING = "Thank you for your application. We will review it and come back to you next week."


def packs(model: Model) -> Mapping[str, LanguagePack]:
    return {"en": replace(load_packs()["en"], model=model)}


def verdict(text: str, model: Model) -> Verdict:
    message = Message(
        key="k",
        sender=Address("tess@ferrant.example"),
        received=datetime(2026, 3, 9, tzinfo=UTC),
        subject="Your application",
        text=text,
        own_words=text,
    )
    return judge(message, packs(model))


def test_a_likelihood_is_the_logistic_function_of_what_the_signs_give() -> None:
    told = opinion(Model(-1.0, {"wishes": 2.0, "receipt": -3.0}), {"wishes": 1.0, "receipt": 0.5})
    assert told.probability == pytest.approx(0.37754, abs=1e-5)  # 1 / (1 + e^0.5)
    assert told.signs == (("wishes", 2.0), ("receipt", -1.5))


def test_signs_without_weight_are_not_told() -> None:
    assert opinion(Model(0.0, {"wishes": 1.0}), {"keep": 1.0, "wishes": 0.0}).signs == ()


TOLD = {"your application": 1.0}
SAYS_ALL = {"speaks to you": 1.0, "says it all": 1.0}


@pytest.mark.parametrize(
    ("phrases", "no", "found", "after"),
    [
        (Outcome.REJECTION, 0.05, TOLD, Outcome.UNSURE),
        (Outcome.REJECTION, 0.05, SAYS_ALL, Outcome.UNSURE),
        (Outcome.UNSURE, 0.05, {"speaks to you": 1.0, "invitation": 1.0}, Outcome.UNSURE),
        (Outcome.REJECTION, 0.5, TOLD, Outcome.UNSURE),
        (Outcome.REJECTION, 0.9, {}, Outcome.REJECTION),
        (Outcome.UNSURE, 0.05, TOLD, Outcome.OTHER),
        (Outcome.UNSURE, 0.9, TOLD, Outcome.REJECTION),
        (Outcome.UNSURE, 0.9, {}, Outcome.UNSURE),
        (Outcome.OTHER, 0.9, TOLD, Outcome.REJECTION),
        (Outcome.OTHER, 0.9, {}, Outcome.OTHER),
        (Outcome.OTHER, 0.05, SAYS_ALL, Outcome.OTHER),
    ],
)
def test_an_outcome_follows_the_likelihood_within_what_the_no_says_itself(
    phrases: Outcome, no: float, found: dict[str, float], after: Outcome
) -> None:
    assert moved(no, phrases, found) is after


def test_it_makes_a_verdict_surer_or_less_sure_and_says_so() -> None:
    assert verdict(NO, SURE).outcome is Outcome.REJECTION
    assert verdict(NO, SURE).confidence == 0.98
    doubted = verdict(NO, DOUBTING)
    assert doubted.outcome is Outcome.UNSURE
    assert doubted.because == "something in it says no, and something does not fit to one"
    assert verdict(WEAK, SURE).outcome is Outcome.REJECTION
    assert verdict(WEAK, DOUBTING).outcome is Outcome.OTHER


def test_without_a_decision_sentence_there_is_no_opinion() -> None:
    assert verdict(NOTHING, SURE) == verdict(NOTHING, DOUBTING)
    assert verdict(NOTHING, SURE).outcome is Outcome.OTHER


def test_the_strongest_signs_are_evidence() -> None:
    found = verdict(NO, load_model())
    told = [one for one in found.evidence if one.rule.startswith("opinion:")]
    assert 1 <= len(told) <= 4
    assert [abs(one.weight) for one in told] == sorted((abs(o.weight) for o in told), reverse=True)


def test_no_learned_weight_counts_against_what_its_sign_means() -> None:
    for name, weight in load_model().weights.items():
        against = name in AGAINST or name.startswith("held back by")
        assert weight <= 0 if against else weight >= 0, name
