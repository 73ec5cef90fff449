from __future__ import annotations

import pytest

from kitchenwall.domain.frames import Grammar
from kitchenwall.domain.index import Frame, Index


def index(*phrases: str) -> Index:
    frames = [Frame(group="decision", name=phrase, phrases=(phrase,)) for phrase in phrases]
    return Index.of(frames, Grammar({}))


def found(index: Index, folded: str) -> list[str]:
    return [hit.frame.name for hit in index.read(f" {folded} ")]


@pytest.mark.parametrize(
    ("phrase", "folded"),
    [
        ("not [been] chosen", "you were not chosen"),
        ("(we|i) chose (another|other people)", "i chose other people"),
        ("unfortunat*", "unfortunately we closed it"),
        ("ab* de*", "abc def"),
        ("*stelle", "die ausbildungsstelle ist besetzt"),
        ("..2 [late]", "too late"),
        ("zurückgänglich", "zuruckgaenglich"),
        ("a b c d e f", "a b c d e f"),
    ],
)
def test_a_phrase_is_tried_on_a_sentence_that_has_its_keys(phrase: str, folded: str) -> None:
    assert set(found(index(phrase, "quite another thing"), folded)) == {phrase}


def test_a_sentence_that_lacks_one_key_finds_nothing() -> None:
    there = index("not chosen", "late", "chos*")
    assert found(there, "not choosing lately") == []
    assert not there.finds(" not choosing lately ")


@pytest.mark.parametrize("word", ["word", "chosen"])
def test_many_words_are_looked_up_one_after_another(word: str) -> None:
    there = index("not chosen*")
    for number in range(10_000):
        there.finds(f" {word}{number} ")
    assert found(there, "not chosen") == ["not chosen*"]
