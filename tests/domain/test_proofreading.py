"""What keeps a letter from being laid as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kitchenwall.adapters.packs import available
from kitchenwall.adapters.tones import load_tones
from kitchenwall.domain.facts import Facts, Stage
from kitchenwall.domain.letter import Writer, situation
from kitchenwall.domain.proofreading import Tone, flaws
from kitchenwall.domain.questions import Question

CASE = replace(
    situation(Facts(stage=Stage.INTERVIEW), Writer(name="Robin Example")), formality="informal"
)
GOOD = "Dear Jo,\n\n" + "Thank you very much for this. " * 12 + "\n\nKind regards,\nRobin Example\n"
TONE = Tone(
    never=("please please", "desperat*", "why"), formal=("Sie", "Ihnen"), informal=("du", "dir")
)


def test_a_good_letter_has_no_flaw() -> None:
    assert flaws(GOOD, CASE, TONE) == ()


@pytest.mark.parametrize(
    ("added", "flaw"),
    [
        ("I am desperately hoping.", 'it says "desperately"'),
        ("Tell me why.", 'it says "why"'),
        ("Please, please.", ""),
        ("Please please.", 'it says "please please"'),
        ("Ich danke Ihnen.", 'it says "Ihnen" in a letter that is informal'),
        ("Is it? Is it?", "more than one question"),
        ("Thanks!", "shouts"),
        ("{{ company }}", "not filled in"),
        ("the position , then", "not filled in"),
    ],
)
def test_what_a_letter_must_not_say_is_named(added: str, flaw: str) -> None:
    found = flaws(GOOD.replace("Dear Jo,", f"Dear Jo,\n\n{added}"), CASE, TONE)
    assert any(flaw in one for one in found) if flaw else not found


def test_where_nothing_shows_the_form_of_address_it_is_formal() -> None:
    case = replace(CASE, formality="")
    assert flaws(GOOD.replace("Dear Jo", "Ich danke dir"), case, TONE) == (
        'it says "dir" in a letter that is formal',
    )


def test_names_are_no_words_of_the_letter() -> None:
    case = replace(CASE, company="Ihnen & Sie")
    assert flaws(GOOD.replace("Dear Jo", "Dear Ihnen & Sie"), case, TONE) == ()


def test_a_letter_that_should_ask_nothing_asks_nothing() -> None:
    case = replace(CASE, question=Question.NOTHING)
    assert "it asks although nothing should be asked" in flaws(
        GOOD.replace("this.", "this?", 1), case
    )


@pytest.mark.parametrize("language", available())
def test_every_language_has_a_tone(language: str) -> None:
    tone = load_tones()[language]
    assert len(tone.never) >= 10
    assert not set(tone.formal) & set(tone.informal)
