"""What stands in the places of a template: names joined by small words, posts up to a stop."""

from __future__ import annotations

import pytest

from kitchenwall.domain.places import places_in
from kitchenwall.domain.sentences import Sentence, fold


def found(text: str, kind: str, template: str, **more: tuple[str, ...]) -> list[str]:
    return list(places_in(Sentence(text, fold(text)), kind, [template], **more))


def test_a_post_ends_at_a_mark_or_before_a_stop() -> None:
    template = "(poste) (de|d') <post>"
    for text in (
        "le poste de chef de rang, en salle",
        "le poste de chef de rang (soir)",
        "le poste de chef de rang",
        "le poste de chef de rang chez Ferrant",
    ):
        assert found(text, "role", template, stops=("chez",)) == ["chef de rang"]


def test_small_words_of_the_language_join_a_name() -> None:
    text = "merci de rejoindre la Clinique des Trois Rives et à bientôt"
    assert found(text, "company", "la <company>") == ["Clinique"]
    joined = found(text, "company", "la <company>", joiners=("des",))
    assert joined == ["Clinique des Trois Rives"]
    assert found("chez Cap d'Orvanne", "company", "chez <company>") == ["Cap d'Orvanne"]


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("réf 48213-VLM", ["48213-VLM"]),
        ("réf DRH/ME/2026-117", ["DRH/ME/2026-117"]),
        ("réf EJE-26-03", ["EJE-26-03"]),
        ("réf P26/044", ["P26/044"]),
        ("réf 26/1187", ["26/1187"]),
        ("réf du 14/04", []),
        ("réf 12", []),
    ],
)
def test_references_have_many_forms_and_a_day_is_none(text: str, reference: list[str]) -> None:
    assert found(text, "reference", "réf <reference>") == reference
