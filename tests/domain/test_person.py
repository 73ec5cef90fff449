"""Who signs: a person, by whole or first name, and no house."""

from __future__ import annotations

import pytest

from kitchenwall.domain.message import Address
from tests.domain.test_gathering import NO, facts

NON = "Votre candidature au poste de vendeuse n'a pas été retenue."


@pytest.mark.parametrize(
    ("text", "sender", "person"),
    [
        (
            f"{NON}\n\nCordialement,\nHélène Vasseur\nResponsable",
            Address("rh@ferrant.example", "RH"),
            "Hélène Vasseur",
        ),
        (NO, Address("helene@ferrant.example", "Hélène Vasseur"), "Hélène Vasseur"),
        (
            f"{NON}\n\nBien à vous,\nGérard Lebrac\nBoulangerie Lebrac",
            Address("contact@ferrant.example", "Boulangerie Lebrac"),
            "Gérard Lebrac",
        ),
        (
            f"{NON}\n\nBises,\nZélie\nGérante du magasin",
            Address("contact@ferrant.example", "Ferrant"),
            "Zélie",
        ),
        (
            f"{NON}\n\nAu plaisir de vous croiser en boutique,\nOdile Garance",
            Address("contact@ferrant.example", "Ferrant"),
            "Odile Garance",
        ),
        (f"{NON}\n\nBien à vous,\nFerrant", Address("contact@ferrant.example", "Ferrant"), None),
        (NON, Address("boulangerie@courrier.example", "Boulangerie Lebrac"), None),
    ],
)
def test_a_person_signs_by_whole_or_first_name(
    text: str, sender: Address, person: str | None
) -> None:
    found = facts(text, "Votre candidature", sender=sender)
    assert (found.person.value if found.person else None) == person


def test_a_time_to_come_back_is_read_in_the_words_of_the_language() -> None:
    found = facts(f"{NON} Vous pourrez postuler à nouveau dans un délai de six mois.")
    after = next(fact for fact in found.modifiers if fact.value == "reapply_after")
    assert after.words == "délai de six mois"
