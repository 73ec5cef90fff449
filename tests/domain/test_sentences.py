from __future__ import annotations

import pytest

from kitchenwall.domain.sentences import LONGEST_SENTENCE, fold, sentences


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("We won’t, we can't; we've", " we will not , we can not , we have "),
        ("It's the company's", " it is the company "),
        ("Didnt you?", " did not you ? "),
        ("Bewerber:innen, Kandidat*innen, BewerberInnen", " bewerber , kandidat , bewerber "),
        ("ein(e) Bewerber/-in", " ein bewerber "),
        ("für Ärger, Größe", " fur arger , grosse "),
        ("Frühförderung œuvre łódź", " fruhforderung oeuvre lodz "),
        ("so\u00adft zero\u200bwidth", " soft zerowidth "),
        ("e-mail – now (yes)", " e mail , now , yes , "),
    ],
)
def test_folded_words_can_be_compared(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_wrapped_lines_are_one_sentence_and_short_lines_are_borders() -> None:
    text = (
        "Dear Mira\nThank you for the time that you have taken to write to us and\n"
        "for the call. It was good.\nBest\nTess"
    )
    assert [sentence.written for sentence in sentences(text)] == [
        "Dear Mira",
        "Thank you for the time that you have taken to write to us and for the call.",
        "It was good.",
        "Best",
        "Tess",
    ]


def test_a_question_of_spanish_begins_a_sentence() -> None:
    found = sentences("No has sido elegida. ¿Quieres saber por qué? ¡Suerte!")
    assert [sentence.written for sentence in found] == [
        "No has sido elegida.",
        "¿Quieres saber por qué?",
        "¡Suerte!",
    ]


def test_abbreviations_do_not_end_a_sentence() -> None:
    text = "Dr. Stone read it, e.g. The Wall. Frau Dr. Kolb bzw. Herr Kunz schrieb."
    assert [sentence.written for sentence in sentences(text)] == [
        "Dr. Stone read it, e.g. The Wall.",
        "Frau Dr. Kolb bzw. Herr Kunz schrieb.",
    ]


def test_a_date_does_not_end_a_sentence() -> None:
    text = "Kommen Sie am 11. März um zehn. Oder am 2. Mai. Bis bald."
    assert [sentence.written for sentence in sentences(text)] == [
        "Kommen Sie am 11. März um zehn.",
        "Oder am 2. Mai.",
        "Bis bald.",
    ]


def test_a_sentence_without_end_comes_in_pieces() -> None:
    found = sentences("word " * 1000)
    assert len(found) > 5
    assert all(len(sentence.written) <= LONGEST_SENTENCE for sentence in found)


def test_nothing_has_no_sentences() -> None:
    assert sentences("") == ()
    assert sentences(" \n\n , \n") == ()
