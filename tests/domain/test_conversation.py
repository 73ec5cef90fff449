"""What an answer belongs to, and when two mails tell one decision."""

from __future__ import annotations

import pytest

from kitchenwall.domain.conversation import Followed, Told, answering, told_before
from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Stage
from kitchenwall.domain.questions import Theme, theme_of

JANE, SYSTEM = "jane@acme.example", "no-reply@system.example"


def facts(role: str = "", reference: str = "") -> Facts:
    return Facts(
        company=Fact("Acme", ""),
        role=Fact(role, "") if role else None,
        reference=Fact(reference, "") if reference else None,
    )


def test_an_answer_takes_over_what_the_no_had_told_and_keeps_what_it_says_itself() -> None:
    followed = Followed(event_id=7, company="Acme", role="Baker", stage=Stage.INTERVIEW)
    told = answering(
        Facts(role=Fact("Pastry Baker", "x"), feedback=FeedbackLevel.GENERIC), followed
    )
    assert told.company is not None
    assert told.company.value == "Acme"
    assert told.role == Fact("Pastry Baker", "x")
    assert told.stage is Stage.INTERVIEW
    assert theme_of(told) is Theme.HEARD


def test_what_nothing_tells_stays_unknown() -> None:
    told = answering(Facts(), Followed(event_id=7))
    assert told.company is None
    assert told.stage is Stage.UNKNOWN


@pytest.mark.parametrize(
    ("mail", "earlier", "is_one"),
    [
        (facts("Baker"), Told(event_id=1, sender=SYSTEM, role_key="baker"), True),
        (facts("Baker (m/w/d)"), Told(event_id=1, sender=SYSTEM, role_key="baker"), True),
        (facts(), Told(event_id=1, sender=SYSTEM, role_key="baker"), True),
        (facts("Baker"), Told(event_id=1, sender=SYSTEM), True),
        (facts("Baker"), Told(event_id=1, sender=SYSTEM, role_key="cook"), False),
        (facts("Baker"), Told(event_id=1, sender=JANE, role_key="baker"), False),
        (facts("Baker", "R-7"), Told(event_id=1, sender=SYSTEM, reference="r-7"), True),
        (facts("Baker", "R-7"), Told(event_id=1, sender=SYSTEM, reference="R-8"), False),
    ],
)
def test_two_senders_that_name_no_two_roles_tell_one_decision(
    mail: Facts, earlier: Told, is_one: bool
) -> None:
    assert (told_before(mail, JANE, [earlier]) == earlier) == is_one


def test_where_two_may_be_meant_none_is() -> None:
    earlier = [Told(event_id=n, sender=SYSTEM, role_key=role) for n, role in ((1, "a"), (2, "b"))]
    assert told_before(facts(), JANE, earlier) is None
    assert told_before(facts("b"), JANE, earlier) == earlier[1]
