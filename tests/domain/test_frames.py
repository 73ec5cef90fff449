from __future__ import annotations

import pytest

from kitchenwall.domain.frames import BadPhrase, Grammar


def found(phrase: str, folded: str, **slots: str) -> str | None:
    sentence = f" {folded} "
    places = Grammar(slots).phrase(phrase).places(sentence)
    return sentence[slice(*places[0])].strip() if places else None


@pytest.mark.parametrize(
    ("phrase", "folded", "words"),
    [
        ("not selected", "you were not selected today", "not selected"),
        ("select*", "we are selecting", "selecting"),
        ("*stelle", "die ausbildungsstelle ist", "ausbildungsstelle"),
        ("(a|b c) d", "x b c d", "b c d"),
        ("not [been] chosen", "not chosen", "not chosen"),
        ("not [been] chosen", "not been chosen", "not been chosen"),
        ("a .. b", "a 1 2 3 b", "a 1 2 3 b"),
        ("a .. b", "a 1 2 3 4 b", None),
        ("a ..1 b", "a 1 2 b", None),
        ("the {job}", "the open role", None),
        ("the {job}", "the role", "the role"),
        ("für", "danke fur alles", "fur"),
        ("für", "danke fuer alles", "fuer"),
        ("no", "not", None),
    ],
)
def test_a_phrase_matches_whole_words(phrase: str, folded: str, words: str | None) -> None:
    assert found(phrase, folded, job="role | position") == words


@pytest.mark.parametrize("phrase", ["(a", "a)", "[a", "{nobody}", "", "e-mail", "a|"])
def test_a_phrase_that_cannot_be_read_is_refused(phrase: str) -> None:
    with pytest.raises(BadPhrase):
        Grammar({}).phrase(phrase)


def test_keys_are_words_one_of_each_of_which_must_be_there() -> None:
    phrase = Grammar({}).phrase("the (position|vacanc*) is [now] für *voll filled")
    assert [set(keys) for keys in phrase.keys] == [
        {"the"},
        {"position", "vacanc*"},
        {"is"},
        {"fur", "fuer"},
        {"filled"},
    ]


def test_a_phrase_is_found_as_often_as_it_stands_there() -> None:
    places = Grammar({}).phrase("(no|no thanks) [at all]").places(" no no at all no ")
    assert places == [(1, 4), (4, 14), (14, 17)]


def test_a_phrase_that_asks_for_nothing_comes_to_an_end() -> None:
    assert len(Grammar({}).phrase("[no]").places(" no no ")) <= 7


def test_a_slot_with_a_mistake_is_refused() -> None:
    with pytest.raises(BadPhrase):
        Grammar({"job": "role )"}).phrase("the {job}")
