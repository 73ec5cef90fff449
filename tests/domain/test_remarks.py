"""What stands beside a draft and never in it."""

from __future__ import annotations

from kitchenwall.adapters.templates import Templates
from kitchenwall.domain.letter import Writer, situation
from kitchenwall.domain.occasions import OCCASIONS
from kitchenwall.domain.questions import Question
from kitchenwall.domain.remarks import remarks

CASES = [situation(facts, Writer(name="Robin Example")) for facts in OCCASIONS.values()]


def test_the_first_remark_says_why_this_question() -> None:
    for case in CASES:
        assert case.why in remarks(case)[0]
        assert remarks(case)[0].startswith("it asks nothing") == (case.question == Question.NOTHING)


def test_remarks_end_with_when_to_send_and_promise_no_answer() -> None:
    for case in CASES:
        assert "morning" in remarks(case)[-1]
    asked = next(case for case in CASES if case.question == Question.POINTER)
    assert any("never answered" in one for one in remarks(asked))


def test_no_remark_stands_in_a_letter() -> None:
    templates = Templates()
    for case in CASES:
        text = templates.words(case, "en").text
        assert not any(one in text for one in remarks(case))
