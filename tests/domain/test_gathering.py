from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.facts import Facts, FeedbackLevel, Stage
from kitchenwall.domain.gathering import gather
from kitchenwall.domain.message import Address, Message

NO = "We have decided not to move forward with your application."


def facts(text: str, subject: str = "Your application", **more: Any) -> Facts:
    sender = more.pop("sender", Address("jobs@ferrant.example", ""))
    message = Message(
        key="k",
        sender=sender,
        received=datetime(2026, 3, 9, tzinfo=UTC),
        subject=subject,
        text=text,
        own_words=text,
        **more,
    )
    packs = load_packs()
    return gather(message, judge(message, packs), packs)


@pytest.mark.parametrize(
    ("subject", "text", "company", "role"),
    [
        ("Your application for Data Engineer at Larkfield", NO, "Larkfield", "Data Engineer"),
        ("News", f"Thank you for your interest in Larkfield. {NO}", "Larkfield", None),
        (
            "News",
            f"Thank you for applying for the Senior Line Planner position at Orchid Robotics. {NO}",
            "Orchid Robotics",
            "Senior Line Planner",
        ),
        (
            "Deine Bewerbung bei Pixelwiese",
            "Leider müssen wir dir absagen. Danke für deine Bewerbung als Grafikerin (m/w/d).",
            "Pixelwiese",
            "Grafikerin",
        ),
        (
            "Ihre Bewerbung als Buchhalterin",
            "Leider können wir Ihre Bewerbung nicht berücksichtigen.",
            None,
            "Buchhalterin",
        ),
        (
            "Ihre Bewerbung als Lektorin 80-100 %",
            "Leider können wir Ihre Bewerbung nicht berücksichtigen.",
            None,
            "Lektorin",
        ),
        ("Your application", NO, None, None),
    ],
)
def test_company_and_role_are_read_from_the_words_around_them(
    subject: str, text: str, company: str | None, role: str | None
) -> None:
    found = facts(text, subject)
    assert (found.company.value if found.company else None) == company
    assert (found.role.value if found.role else None) == role


@pytest.mark.parametrize(
    ("sender", "company"),
    [
        (Address("no-reply@us.greenhouse-mail.io", "Greenhouse"), None),
        (Address("jobs-noreply@linkedin.com", "LinkedIn"), None),
        (Address("no-reply@us.greenhouse-mail.io", "Larkfield Careers"), "Larkfield"),
        (Address("ines.ortega@gmail.com", "Ines Ortega"), None),
        (Address("ines.ortega@larkfield.example", "Ines Ortega"), None),
    ],
)
def test_a_system_or_a_person_is_never_the_company(sender: Address, company: str | None) -> None:
    found = facts(NO, sender=sender)
    assert (found.company.value if found.company else None) == company


def test_the_senders_domain_is_the_company_where_the_mail_writes_it() -> None:
    sender = Address("ines@orchid-robotics.example", "Ines Ortega")
    found = facts(f"{NO}\n\nBest regards\nInes Ortega\nOrchid Robotics", sender=sender)
    assert found.company is not None
    assert found.company.value == "Orchid Robotics"


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (f"After reviewing your CV with care: {NO}", Stage.CV_SCREEN),
        (f"Thank you for speaking with me. {NO}", Stage.PHONE_SCREEN),
        (f"Thank you for completing the coding challenge. {NO}", Stage.ASSESSMENT),
        (f"Thank you for taking the time to interview with us. {NO}", Stage.INTERVIEW),
        (f"Thank you for joining the final round of interviews. {NO}", Stage.FINAL),
        ("The Line Planner position you applied for has been filled.", Stage.POSITION_FILLED),
        ("We have cancelled the Line Planner role that you applied for.", Stage.CANCELLED),
        (f"You were our runner-up for this role. {NO}", Stage.SILVER_MEDALIST),
        ("We must withdraw our offer of employment for the role.", Stage.RESCIND),
        (NO, Stage.UNKNOWN),
    ],
)
def test_the_stage_is_read_from_what_the_mail_says(text: str, stage: Stage) -> None:
    assert facts(text).stage is stage


@pytest.mark.parametrize(
    ("text", "level"),
    [
        (NO, FeedbackLevel.NONE),
        (f"{NO} Other candidates were a better match.", FeedbackLevel.GENERIC),
        (f"{NO} We need more hands-on experience with payroll.", FeedbackLevel.SPECIFIC),
        (f"{NO} Your salary expectations exceed our budget.", FeedbackLevel.SPECIFIC),
    ],
)
def test_feedback_is_specific_only_where_it_is_about_this_person(
    text: str, level: FeedbackLevel
) -> None:
    assert facts(text).feedback is level


def test_modifiers_name_what_else_is_said() -> None:
    found = facts(
        f"{NO} We will keep your CV on file. We are happy to give you feedback. Please reapply."
        " We hope you will apply again."
    )
    assert found.says("keep_on_file")
    assert found.says("feedback_offered")
    assert found.says("door_open")


def test_refused_feedback_is_not_offered_feedback() -> None:
    found = facts(f"{NO} We are unable to provide individual feedback.")
    assert found.says("feedback_refused")
    assert not found.says("feedback_offered")


@pytest.mark.parametrize(
    ("signature", "person"),
    [
        ("Kind regards,\nInes Ortega\nTalent Partner", "Ines Ortega"),
        ("Best, Kofi Mensah", "Kofi Mensah"),
        ("Kind regards\nThe Larkfield Recruiting Team", None),
        ("Sincerely,\nHuman Resources", None),
        ("Best,\nStonewall Analytics Inc.", None),
    ],
)
def test_a_person_is_who_signed_and_no_team(signature: str, person: str | None) -> None:
    found = facts(f"{NO}\n\n{signature}")
    assert (found.person.value if found.person else None) == person


def test_the_reader_is_never_who_signed() -> None:
    reader = (Address("pia@mertens.example", "Pia Mertens"),)
    assert facts(f"{NO}\n\nKind regards,\nPia Mertens", to=reader).person is None


@pytest.mark.parametrize("number", ["448213", "40-1187", "2026/083", "SL-30914", "FFD-317/26"])
def test_a_reference_is_read_and_a_year_is_none(number: str) -> None:
    found = facts(f"Your application for the post of Clerk, ref. {number}. {NO}")
    assert found.reference is not None
    assert found.reference.value == number
    assert facts(f"In 2026 we grew. {NO}").reference is None


NO_EN_ESPANOL = "Lamentamos decirle que no ha sido elegida para el puesto."


@pytest.mark.parametrize(
    ("subject", "told", "role"),
    [
        ("Nuevas", "Gracias por su interés en la plaza de Jefe de cocina.", "Jefe de cocina"),
        ("Nuevas", "Para el puesto de soldadora, sin embargo, hubo más gente.", "soldadora"),
        ("Proceso de selección Analista de Compras", "Gracias por venir.", "Analista de Compras"),
        ("Nuevas", "Su candidatura como Gerente del Museo Tilo llegó.", "Gerente"),
    ],
)
def test_the_words_of_a_language_end_its_roles(subject: str, told: str, role: str) -> None:
    text = f"Estimada Mira:\n\n{told} {NO_EN_ESPANOL}\n\nAtentamente,\nMuseo Tilo"
    found = facts(text, subject).role
    assert found is not None
    assert found.value == role


@pytest.mark.parametrize(
    ("signature", "company", "person"),
    [
        ("RRHH Ferrant", "Ferrant", None),
        ("Teresa Villa\nGerente\nClínica Tilo", "Clínica Tilo", "Teresa Villa"),
        ("Atentamente,\nInés Roca\nEstudio Roca & Pons", "Estudio Roca & Pons", "Inés Roca"),
        ("Atentamente,\nEscuela Técnica Tilo", "Escuela Técnica Tilo", None),
        ("Atentamente,\nEl estudio", None, None),
    ],
)
def test_a_firm_and_who_signs_for_it_are_told_apart(
    signature: str, company: str | None, person: str | None
) -> None:
    found = facts(f"Estimada Mira:\n\n{NO_EN_ESPANOL}\n\n{signature}", "Nuevas")
    assert (found.company.value if found.company else None) == company
    assert (found.person.value if found.person else None) == person


@pytest.mark.parametrize(
    ("told", "number"),
    [
        ("La solicitud 2026/0417 no ha sido admitida.", "2026/0417"),
        ("La oferta 2026-TME-07 está cubierta.", "2026-TME-07"),
    ],
)
def test_a_reference_may_begin_with_a_year(told: str, number: str) -> None:
    found = facts(f"Gracias por su candidatura. {told} {NO_EN_ESPANOL}", "Nuevas").reference
    assert found is not None
    assert found.value == number


def test_formality_is_told_by_the_words_of_address() -> None:
    no = "Leider müssen wir absagen."
    assert facts(f"Wir danken Ihnen für Ihre Bewerbung und Ihre Zeit. {no}").formality == "formal"
    assert facts(f"Danke für deine Bewerbung und dass du da warst. {no}").formality == "informal"
    assert facts(NO).formality == ""


@pytest.mark.parametrize(
    "part", ["for the A ", "Application for ", "Position of A B C ", "Best,\n", "Acme & ", "Ref 1"]
)
def test_a_megabyte_of_malice_is_gathered_in_linear_time(part: str) -> None:
    begin = time.process_time()
    facts(f"{NO} {part * (1_000_000 // len(part))}")
    assert time.process_time() - begin < 20
