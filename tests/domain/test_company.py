"""Who says no: the company, and never a system, a person or a general word."""

from __future__ import annotations

import pytest

from kitchenwall.domain.message import Address
from tests.domain.test_gathering import NO, facts


@pytest.mark.parametrize(
    ("text", "sender", "company"),
    [
        (
            "Danke für Ihr Interesse an den Werken Lindental. Leider müssen wir Ihnen absagen.",
            Address("kroll@werke-lindental.example", "Ute Kroll"),
            "Werke Lindental",
        ),
        (
            f"{NO}\n\nBest,\nInes Duarte\nPebble & Pine",
            Address("ines@pebble-and-pine.example", "Ines Duarte"),
            "Pebble & Pine",
        ),
        (
            f"{NO}\n\nKind regards,\nThe Larkfield Recruiting Team",
            Address("no-reply@jobs.example"),
            "Larkfield",
        ),
        (
            f"{NO}\n\nKind regards,\nInes Ortega\nSenior Recruiter",
            Address("ines.ortega@orchid.example", "Ines Ortega"),
            None,
        ),
        (f"{NO} Good luck at Riverton.", Address("no-reply@jobs.example"), None),
        (
            f"Thank you for applying to Software Engineer. {NO}",
            Address("no-reply@jobs.example"),
            None,
        ),
        (
            f"Larkfield wrote to you. {NO}",
            Address("larkfield@myworkday.com", "Workday Notifications"),
            "Larkfield",
        ),
        (
            f"{NO}\n\nRegards\nGraham Pell\nRecruitment Adviser\nNorthmoor Borough Council",
            Address("recruitment@northmoor.example", "Recruitment"),
            "Northmoor Borough Council",
        ),
        (
            f"{NO}\n\nNadja Winter\nZeitpunkt Personal",
            Address("winter@zeitpunkt-personal.example", "Nadja Winter"),
            "Zeitpunkt Personal",
        ),
        (
            "Clinique des Trois Rives\n\nVotre candidature au poste d'aide n'a pas été retenue.",
            Address("rh@courrier.example", "RH"),
            "Clinique des Trois Rives",
        ),
        (
            "Votre candidature n'a pas été retenue pour ce poste.\n\nCordialement,\nLe service RH",
            Address("rh@courrier.example", "Recrutement - Hôtel du Vieux Quai"),
            "Hôtel du Vieux Quai",
        ),
        (
            "Votre candidature n'a pas été retenue.\n\nBien à vous,\nOdile Garance\nOrmea Énergies",
            Address("odile@ormea-energies.example", "Odile Garance"),
            "Ormea Énergies",
        ),
        (
            "La banque n'a pas retenu votre candidature.\n\nPour la Banque",
            Address("rh@courrier.example", "RH"),
            None,
        ),
    ],
)
def test_the_company_is_read_where_something_speaks_for_it(
    text: str, sender: Address, company: str | None
) -> None:
    found = facts(text, sender=sender)
    assert (found.company.value if found.company else None) == company


def test_the_shorter_and_longer_names_of_the_company_are_its_aliases() -> None:
    text = (
        "Thank you for applying to Ferrant Bearings for the Line Planner role. "
        "We have decided not to move forward.\n\nKind regards\nTess Holm\nFerrant Bearings Group"
    )
    found = facts(text)
    assert found.company is not None
    assert found.company.value.startswith("Ferrant Bearings")
    assert "Ferrant" in found.aliases
    assert found.company.value not in found.aliases


def test_a_company_of_one_name_has_no_aliases() -> None:
    assert facts(f"{NO}\n\nKind regards,\nThe Larkfield Recruiting Team").aliases == ()
