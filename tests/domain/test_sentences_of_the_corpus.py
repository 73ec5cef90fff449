"""Single sentences: each way of saying no is read, and none of its look-alikes."""

from __future__ import annotations

import tomllib
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.adapters.packs import available, load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.verdict import Outcome

CORPUS = Path(__file__).parents[1] / "corpus"
TOLD: dict[str, dict[str, Any]] = {
    path.parent.name: tomllib.loads(path.read_text("utf-8"))
    for path in sorted(CORPUS.glob("*/sentences.toml"))
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


def in_a_mail(code: str, sentence: str) -> Outcome:
    return outcome(TOLD[code]["round"].format(sentence), "Ferrant")


def every(key: str) -> list[tuple[str, str]]:
    return [(code, sentence) for code in TOLD for sentence in TOLD[code].get(key, ())]


def without_marks(text: str) -> str:
    """As people write on a keyboard that has no marks."""
    for letter, plain in (("ł", "l"), ("Ł", "L"), ("ø", "o"), ("æ", "ae"), ("ß", "ss")):
        text = text.replace(letter, plain)
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def test_every_language_has_sentences() -> None:
    assert set(TOLD) == set(available())
    assert all(len(told["no"]) >= 40 and len(told["not"]) >= 15 for told in TOLD.values())


@pytest.mark.parametrize(("code", "sentence"), every("no"))
def test_a_no_is_read_with_and_without_marks(code: str, sentence: str) -> None:
    assert in_a_mail(code, sentence) is Outcome.REJECTION
    assert in_a_mail(code, without_marks(sentence)) is Outcome.REJECTION


@pytest.mark.parametrize("sentence", [sentence for code, sentence in every("no") if code == "de"])
def test_a_german_no_is_read_with_umlauts_in_two_letters(sentence: str) -> None:
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        sentence = sentence.replace(umlaut, letters)
    assert in_a_mail("de", sentence) is Outcome.REJECTION


@pytest.mark.parametrize(("code", "sentence"), every("no"))
def test_a_no_after_a_condition_is_none(code: str, sentence: str) -> None:
    lower = sentence if code == "de" else sentence[0].lower() + sentence[1:]
    twin = TOLD[code]["condition"].format(lower.rstrip("."))
    assert in_a_mail(code, twin) is not Outcome.REJECTION


@pytest.mark.parametrize(("code", "sentence"), every("not"))
def test_a_look_alike_is_no_rejection(code: str, sentence: str) -> None:
    assert in_a_mail(code, sentence) is not Outcome.REJECTION


@pytest.mark.parametrize(("code", "text"), every("mails_no"))
def test_a_short_mail_that_says_no_is_read(code: str, text: str) -> None:
    assert outcome(text, TOLD[code]["subject"]) is Outcome.REJECTION


@pytest.mark.parametrize(("code", "text"), every("mails_not"))
def test_a_short_mail_that_says_something_else_is_no_rejection(code: str, text: str) -> None:
    assert outcome(text, "News") is Outcome.OTHER


@pytest.mark.parametrize(("code", "sentence"), every("missed_no"))
def test_a_missed_no_is_still_missed(code: str, sentence: str) -> None:
    """Known weaknesses, kept to learn from; one that is read now moves to "no"."""
    read = (in_a_mail(code, one) for one in (sentence, without_marks(sentence)))
    assert any(found is not Outcome.REJECTION for found in read)


@pytest.mark.parametrize(("code", "sentence"), every("missed_conditions"))
def test_a_no_that_is_still_taken_for_one_after_a_condition(code: str, sentence: str) -> None:
    twin = TOLD[code]["condition"].format((sentence[0].lower() + sentence[1:]).rstrip("."))
    assert in_a_mail(code, sentence) is Outcome.REJECTION
    assert in_a_mail(code, twin) is Outcome.REJECTION


@pytest.mark.parametrize(("code", "sentence"), every("missed_not"))
def test_a_look_alike_that_is_still_taken_for_a_no(code: str, sentence: str) -> None:
    assert in_a_mail(code, sentence) is Outcome.REJECTION


@pytest.mark.parametrize(("code", "text"), every("missed_mails_no"))
def test_a_short_mail_whose_no_is_still_missed(code: str, text: str) -> None:
    assert outcome(text, TOLD[code]["subject"]) is not Outcome.REJECTION


@pytest.mark.parametrize(("code", "text"), every("missed_mails_not"))
def test_a_short_mail_that_is_still_taken_for_a_no_or_a_doubt(code: str, text: str) -> None:
    assert outcome(text, "News") is not Outcome.OTHER
