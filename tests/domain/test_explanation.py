"""How a mail explains its no: reason, what can be done about it, strengths, modifiers, salutation."""

from __future__ import annotations

import pytest

from kitchenwall.domain.facts import Control, FeedbackLevel, Reason, Stage
from kitchenwall.domain.message import Address
from tests.domain.test_gathering import NO, facts


@pytest.mark.parametrize(
    ("text", "reason", "control"),
    [
        (f"{NO} We need more experience with payroll.", "skills_missing", "you_can_work_on"),
        (f"{NO} Your salary expectations exceed our budget.", "salary", "partly"),
        (f"{NO} We are not able to sponsor visas.", "work_authorisation", "outside_your_control"),
        (f"{NO} We chose an internal candidate.", "internal_candidate", "outside_your_control"),
        (f"{NO} We had a large number of applications.", "volume", "outside_your_control"),
        ("Leider müssen wir absagen. Sie sind überqualifiziert.", "overqualified", "partly"),
        ("Leider müssen wir absagen. Die Stelle ist besetzt.", "position_filled", None),
        (NO, None, None),
    ],
)
def test_the_reason_is_named_with_what_can_be_done_about_it(
    text: str, reason: str | None, control: str | None
) -> None:
    found = facts(text).reason
    assert (found.value if found else None) == reason
    if found and control:
        assert Reason(found.value).control is Control(control)


def test_a_better_match_elsewhere_explains_nothing() -> None:
    found = facts(f"{NO} We will write if there is an opening that is a better match.")
    assert found.feedback is FeedbackLevel.NONE
    assert found.reason is None


def test_praise_is_a_strength_only_where_it_names_something() -> None:
    named = facts(f"{NO} We were impressed by your presentation on tides.")
    assert [strength.value for strength in named.strengths] == ["presentation on tides"]
    assert facts(f"{NO} We were impressed with your background and experience.").strengths == ()


def test_the_time_after_which_to_come_back_is_kept() -> None:
    found = facts(f"{NO} You are welcome to apply again after six months.")
    after = next(fact for fact in found.modifiers if fact.value == "reapply_after")
    assert "six months" in after.words


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (f"After our conversations you were one of two finalists. {NO}", Stage.FINAL),
        (f"We read every letter twice. After reviewing yours, {NO}", Stage.CV_SCREEN),
        (f"Thanks for coming in. We have offered the job to someone else. {NO}", Stage.INTERVIEW),
        (f"If you are invited to an interview, we will call you. {NO}", Stage.UNKNOWN),
        ("Die Stelle ist inzwischen besetzt. Wir sagen Ihnen leider ab.", Stage.POSITION_FILLED),
    ],
)
def test_the_stage_is_what_happened_and_no_condition(text: str, stage: Stage) -> None:
    assert facts(text).stage is stage


def test_a_salutation_is_read_beside_the_name_of_who_signed() -> None:
    text = "Leider müssen wir absagen. Fragen beantwortet Frau Kolb.\n\nViele Grüße\nSabine Kolb"
    found = facts(text, sender=Address("personal@feldmann.example", "Personal"))
    assert found.salutation is not None
    assert found.salutation.value == "Frau"
    assert facts(f"{NO}\n\nBest,\nKofi Mensah").salutation is None


@pytest.mark.parametrize(
    ("subject", "role"),
    [
        ("Ihre Bewerbung: Lichtplanerin (m/w/d)", "Lichtplanerin"),
        ("Larkfield - Product Designer", "Product Designer"),
        ("Your application to QA Engineer at Larkfield", "QA Engineer"),
        ("Application for R-20418 Test Driver", "Test Driver"),
        ("Bewerbung Disponent (m/w/d), Kennziffer 20771", "Disponent"),
        ("Your application", None),
    ],
)
def test_the_role_is_read_from_every_form_of_subject(subject: str, role: str | None) -> None:
    found = facts(NO, subject, sender=Address("jobs@larkfield.example", "Larkfield"))
    assert (found.role.value if found.role else None) == role
