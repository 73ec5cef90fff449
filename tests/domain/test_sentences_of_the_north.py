"""Dutch, Danish, Swedish, Polish and Czech: ways of saying no are read, and their look-alikes are not."""

from __future__ import annotations

import tomllib
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.verdict import Outcome

CORPUS = Path(__file__).parents[1] / "corpus"
TOLD: dict[str, dict[str, Any]] = {
    path.parent.name: tomllib.loads(path.read_text("utf-8"))
    for path in sorted(CORPUS.glob("*/sentences.toml"))
}


def outcome(code: str, sentence: str) -> Outcome:
    text = TOLD[code]["round"].format(sentence)
    message = Message(
        key="k",
        sender=Address("tess@klif.example"),
        received=datetime(2026, 3, 9, tzinfo=UTC),
        subject=TOLD[code]["subject"],
        text=text,
        own_words=text,
    )
    return judge(message, load_packs()).outcome


def every(key: str) -> list[tuple[str, str]]:
    return [(code, sentence) for code in TOLD for sentence in TOLD[code][key]]


def without_marks(text: str) -> str:
    text = text.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("æ", "ae")
    letters = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@pytest.mark.parametrize(("code", "sentence"), every("no"))
def test_a_no_is_read_with_and_without_marks(code: str, sentence: str) -> None:
    assert outcome(code, sentence) is Outcome.REJECTION
    assert outcome(code, without_marks(sentence)) is Outcome.REJECTION


@pytest.mark.parametrize(("code", "sentence"), every("no"))
def test_a_no_after_a_condition_is_none(code: str, sentence: str) -> None:
    twin = TOLD[code]["condition"].format(sentence[0].lower() + sentence[1:])
    assert outcome(code, twin) is not Outcome.REJECTION


@pytest.mark.parametrize(("code", "sentence"), every("not"))
def test_a_look_alike_is_no_rejection(code: str, sentence: str) -> None:
    assert outcome(code, sentence) is not Outcome.REJECTION
