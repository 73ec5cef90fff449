"""Single sentences: each way of saying no is read, and none of its look-alikes."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.verdict import Outcome

FILE = Path(__file__).parents[1] / "corpus" / "sentences.toml"
TOLD = tomllib.loads(FILE.read_text("utf-8"))
ROUND = {
    "en": "Hi Mira,\n\nThank you for your application for the Line Planner role at Ferrant. {}\n\nTess",
    "de": "Guten Tag,\n\nvielen Dank für Ihre Bewerbung als Linienplanerin. {}\n\nTess",
}
SUBJECT = {"en": "Your application", "de": "Ihre Bewerbung"}
CONDITION = {
    "en": "If {}, you will hear from us.",
    "de": "Sie hören von uns, falls Folgendes eintritt: {}",
}


def outcome(text: str, subject: str) -> Outcome:
    message = Message(
        key="k",
        sender=Address("tess@ferrant.example"),
        received=datetime(2026, 3, 9, tzinfo=UTC),
        subject=subject,
        text=text,
        own_words=text,
    )
    return judge(message, load_packs()).outcome


def every(key: str) -> list[tuple[str, str]]:
    return [(code, sentence) for code in TOLD for sentence in TOLD[code][key]]


@pytest.mark.parametrize(("code", "sentence"), every("no"))
def test_a_no_is_read_and_its_conditional_twin_is_not(code: str, sentence: str) -> None:
    assert outcome(ROUND[code].format(sentence), "Ferrant") is Outcome.REJECTION
    lower = sentence if code == "de" else sentence[0].lower() + sentence[1:]
    twin = CONDITION[code].format(lower.rstrip("."))
    assert outcome(ROUND[code].format(twin), "Ferrant") is not Outcome.REJECTION


@pytest.mark.parametrize("sentence", [sentence for code, sentence in every("no") if code == "de"])
def test_a_german_no_is_read_without_umlauts(sentence: str) -> None:
    text = ROUND["de"].format(sentence)
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(umlaut, letters)
    assert outcome(text, "Ferrant") is Outcome.REJECTION


@pytest.mark.parametrize(("code", "sentence"), every("not"))
def test_a_look_alike_is_no_rejection(code: str, sentence: str) -> None:
    assert outcome(ROUND[code].format(sentence), "Ferrant") is not Outcome.REJECTION


@pytest.mark.parametrize(("code", "text"), every("mails_no"))
def test_a_short_mail_that_says_no_is_read(code: str, text: str) -> None:
    assert outcome(text, SUBJECT[code]) is Outcome.REJECTION


@pytest.mark.parametrize(("code", "text"), every("mails_not"))
def test_a_short_mail_that_says_something_else_is_no_rejection(code: str, text: str) -> None:
    assert outcome(text, "News") is Outcome.OTHER
