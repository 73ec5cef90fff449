"""Single words lean to one kind of mail or another; what is shipped was learned for every language."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from statistics import mean

import pytest

from kitchenwall.adapters.packs import available, load_packs
from kitchenwall.domain.sentences import fold, sentences
from kitchenwall.domain.vocabulary import NOWHERE, Leaning, Vocabulary, keys, scale_of
from tests.domain.test_corpus import CORPUS, read

SMALL = Vocabulary(
    {
        "chosen": Leaning(300, 0, 0, -100),
        "chose*": Leaning(100, 0, 0, 0),
        "^outcome": Leaning(200, -200, 0, 0),
        "interview": Leaning(-100, 400, 0, 0),
    },
)


def test_a_word_has_itself_and_its_stem_as_keys_and_a_number_none() -> None:
    assert [*keys(["chosen", "we", "2026"])] == [("chosen", "chose*"), ("we",)]
    assert [*keys(["outcome"], "^")] == [("^outcome", "^outco*")]


def test_weights_are_hundredths_by_what_a_word_counts() -> None:
    assert scale_of(5) == 0.2  # 1 / sqrt(5 + 20)
    one = SMALL.leaning(" ", [" somebody was chosen "])
    each = 0.01 * scale_of(1) / 60  # a sixtieth of the words from which on a mail leans in full
    assert one == pytest.approx((400 * each, 0.0, 0.0, -100 * each))
    both = SMALL.leaning(" outcome ", [" chosen ", " chosen "])
    each = 0.01 * scale_of(2) * 2 / 60
    assert both == pytest.approx((600 * each, -200 * each, 0.0, -100 * each))


def test_a_longer_word_is_known_by_its_stem() -> None:
    found = SMALL.leaning(" ", [" chosenness "])
    assert found.rejection == pytest.approx(100 * 0.01 * scale_of(1) / 60)


def test_the_lead_is_over_the_next_kind() -> None:
    assert Leaning(1.0, 3.0, 2.0, 0.0).lead == -2.0
    assert Leaning(3.0, 1.0, 2.5, 0.0).lead == 0.5


def test_words_that_are_not_known_lean_nowhere() -> None:
    assert SMALL.leaning(" hello ", [" you there "]) == NOWHERE
    assert Vocabulary().leaning(" outcome ", [" chosen "]) == NOWHERE


def test_the_strongest_words_are_those_that_speak_for_a_no() -> None:
    assert SMALL.strongest([" an interview ", " somebody was chosen "]) == ("chosen",)


@pytest.mark.parametrize("code", available())
def test_every_language_has_a_vocabulary(code: str) -> None:
    assert len(load_packs()[code].vocabulary.weights) > 1_000


def test_all_vocabularies_together_are_small() -> None:
    folder = resources.files("kitchenwall.languages") / "words"
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 1_000_000


@pytest.mark.parametrize("code", available())
def test_no_vocabulary_holds_a_name_or_a_number(code: str) -> None:
    file = resources.files("kitchenwall.languages") / "words" / f"{code}.json"
    words = json.loads(file.read_text("utf-8"))
    assert all(word.strip("^*").isalpha() for word in words)
    assert all(
        " " not in word and fold(word.strip("^*")).strip() == word.strip("^*") for word in words
    )


@pytest.mark.parametrize("code", available())
def test_nos_and_applications_that_go_on_lean_apart(code: str) -> None:
    def lead(path: Path) -> float:
        mail = read(path)
        words = [sentence.folded for sentence in sentences(mail.own_words)]
        return load_packs()[code].vocabulary.leaning(fold(mail.subject), words).lead

    nos = [lead(path) for path in sorted(CORPUS.glob(f"{code}/rejection/*.eml"))]
    going_on = [lead(path) for path in sorted(CORPUS.glob(f"{code}/other/goes-on-*.eml"))]
    assert mean(nos) > 1 > -1 > mean(going_on)
