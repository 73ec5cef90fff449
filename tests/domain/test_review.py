"""What the program would have done stands beside what the person says of the mails."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from kitchenwall.domain.layers import Layer
from kitchenwall.domain.message import Address, Cursor
from kitchenwall.domain.plan import Ask, Draft, Hold, Note, Plan, Skip
from kitchenwall.domain.review import (
    Answer,
    Answered,
    Reviewed,
    Told,
    by_layer,
    judged,
    soundings,
    told,
)
from kitchenwall.domain.verdict import Outcome

JO = Address("jo@acorn.example")
SURE = Layer(Outcome.REJECTION, "a rejection, 90 % sure or more")
REST = Layer(Outcome.OTHER, "other, rest")
START = datetime(2026, 3, 9, tzinfo=UTC)


def mail(key: str, layer: Layer = SURE, plan: Plan | None = None, days: int = 0) -> Reviewed:
    return Reviewed(
        key=key,
        account="home",
        folder="INBOX",
        cursor=Cursor(1, 1),
        received=START + timedelta(days=days),
        sender=JO.spec,
        subject="About it",
        outcome=layer.outcome,
        confidence=0.9,
        rule="decision:x",
        layer=layer,
        plan=plan or Draft(JO, ""),
    )


def answered(key: str, answer: Answer) -> Answered:
    return Answered(
        key=key, answer=answer, outcome=Outcome.OTHER, confidence=0.5, layer="", weight=1.0
    )


def named(answers: Iterable[Answered]) -> dict[str, Answered]:
    return {one.key: one for one in answers}


def test_what_was_told_is_in_the_order_in_which_the_mails_came() -> None:
    mails = {one.key: one for one in (mail("a", days=2), mail("b", days=1), mail("c"))}
    answers = named([
        answered("a", Answer.REJECTION), answered("b", Answer.OTHER), answered("c", Answer.SKIP),
        answered("gone", Answer.OTHER),
    ])  # fmt: skip
    assert [(one.mail.key, one.answer) for one in told(mails, answers)] == [
        ("b", Answer.OTHER), ("a", Answer.REJECTION),
    ]  # fmt: skip


def test_each_layer_is_counted_whole_and_as_far_as_it_was_told() -> None:
    mails = {one.key: one for one in (*map(mail, "abc"), *(mail(key, REST) for key in "xyz"))}
    answers = named([
        answered("a", Answer.REJECTION), answered("b", Answer.OTHER), answered("x", Answer.SKIP),
    ])  # fmt: skip
    first, second = soundings(mails, told(mails, answers))
    assert (first.layer, first.size, first.told, first.rejections) == (SURE, 3, 2, 1)
    assert (second.layer, second.size, second.told, second.rejections) == (REST, 3, 0, 0)
    assert {layer: tuple(keys) for layer, keys in by_layer(mails).items()} == {
        SURE: ("a", "b", "c"), REST: ("x", "y", "z"),
    }  # fmt: skip


def test_an_answer_is_held_against_what_the_mail_is_called_now() -> None:
    mails = {"a": mail("a")}
    (one,) = judged(told(mails, named([answered("a", Answer.OTHER)])))
    assert (one.label, one.outcome, one.confidence) == ("other", Outcome.REJECTION, 0.9)


@pytest.mark.parametrize(
    ("answer", "layer", "plan", "wrong"),
    [
        (Answer.OTHER, SURE, Draft(JO, ""), True),
        (Answer.OTHER, SURE, Hold("", JO), True),
        (Answer.OTHER, SURE, Note(""), True),
        (Answer.OTHER, SURE, Ask(""), False),
        (Answer.OTHER, SURE, Skip(""), False),
        (Answer.OTHER, REST, Skip(""), False),
        (Answer.REJECTION, SURE, Draft(JO, ""), False),
        (Answer.REJECTION, SURE, Note(""), False),
        (Answer.REJECTION, SURE, Skip(""), True),
        (Answer.REJECTION, REST, Skip(""), True),
        (Answer.REJECTION, Layer(Outcome.UNSURE, "unsure"), Ask(""), False),
        (Answer.REJECTION, Layer(Outcome.FEEDBACK, "feedback"), Note(""), False),
        (Answer.OTHER, Layer(Outcome.FEEDBACK, "feedback"), Note(""), False),
    ],
)
def test_it_is_wrong_to_act_on_no_rejection_or_to_pass_over_one(
    answer: Answer, layer: Layer, plan: Plan, wrong: bool
) -> None:
    assert Told(mail("a", layer, plan), answer).is_wrong is wrong
