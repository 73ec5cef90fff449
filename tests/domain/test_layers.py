"""Mails are parted into layers by what they were called, and by what could be overlooked in them."""

from datetime import UTC, datetime

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.layers import Layer, layer_of, place_of, speaks_of_work
from kitchenwall.domain.message import Message
from kitchenwall.domain.verdict import Evidence, Outcome, Verdict


def verdict(
    outcome: Outcome, confidence: float = 0.9, *evidence: Evidence, language: str = "en"
) -> Verdict:
    return Verdict(
        outcome=outcome,
        confidence=confidence,
        language=language,
        sentence="",
        because="",
        evidence=evidence,
    )


def message(subject: str, text: str) -> Message:
    return Message(
        key="",
        sender=None,
        received=datetime(2026, 1, 1, tzinfo=UTC),
        subject=subject,
        own_words=text,
    )


@pytest.mark.parametrize(
    ("confidence", "name"),
    [
        (0.98, "a rejection, 90 % sure or more"),
        (0.9, "a rejection, 90 % sure or more"),
        (0.89, "a rejection, 80 to 90 % sure"),
        (0.8, "a rejection, 80 to 90 % sure"),
        (0.7, "a rejection, less sure"),
    ],
)
def test_rejections_are_parted_by_how_sure_they_are(confidence: float, name: str) -> None:
    layer = layer_of(verdict(Outcome.REJECTION, confidence), is_near=True)
    assert layer == Layer(Outcome.REJECTION, name)


def test_other_mail_is_parted_by_how_near_it_came_to_a_no() -> None:
    reason = Evidence("guard:if", "if", -0.9)
    assert (
        layer_of(verdict(Outcome.OTHER, 0.9, reason), is_near=False).name == "other, for a reason"
    )
    assert layer_of(verdict(Outcome.OTHER), is_near=True).name == "other, about work"
    assert layer_of(verdict(Outcome.OTHER), is_near=False).name == "other, rest"


@pytest.mark.parametrize("outcome", [one for one in Outcome if one not in ("rejection", "other")])
def test_any_other_outcome_is_a_layer_of_its_own(outcome: Outcome) -> None:
    assert layer_of(verdict(outcome), is_near=False) == Layer(outcome, outcome.value)


def test_layers_are_listed_by_outcome_and_the_surer_first() -> None:
    layers = [
        layer_of(verdict(Outcome.REJECTION, 0.95), is_near=False),
        layer_of(verdict(Outcome.REJECTION, 0.85), is_near=False),
        layer_of(verdict(Outcome.REJECTION, 0.75), is_near=False),
        layer_of(verdict(Outcome.UNSURE), is_near=False),
        layer_of(verdict(Outcome.OTHER), is_near=True),
        layer_of(verdict(Outcome.OTHER), is_near=False),
    ]
    assert sorted({*layers}, key=place_of) == layers


@pytest.mark.parametrize(
    ("subject", "text", "language", "speaks"),
    [
        ("Your interview", "See you at four.", "en", True),
        ("Tomorrow", "Shall we talk about the vacancy? It is still open.", "en", True),
        ("Lunch", "The soup is good there.", "en", False),
        ("Lunch", "The soup is good there.\n" * 400 + "And the vacancy?", "en", False),
        ("Your interview", "See you at four.", "und", False),
    ],
)
def test_a_word_about_a_job_makes_it_speak_of_work(
    subject: str, text: str, language: str, speaks: bool
) -> None:
    judged = verdict(Outcome.OTHER, language=language)
    assert speaks_of_work(message(subject, text), judged, load_packs()) is speaks
