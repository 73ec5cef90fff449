"""What the person should know about a draft, and the letter must not say."""

from __future__ import annotations

from kitchenwall.domain.letter import Situation
from kitchenwall.domain.questions import Question

_WHAT_TO_EXPECT = (
    "most questions of this kind are never answered, and that says nothing about you; "
    "one line back is a good answer"
)
_WHEN = "best sent within a day or two, on a working morning; read it once with fresh eyes first"
_EXPECTED = {
    **dict.fromkeys(Question, _WHAT_TO_EXPECT),
    Question.NOTHING: "it wants no answer; it keeps the door open",
    Question.NEXT_STEP: "",
    Question.CHECK_BACK: "",
}


def remarks(case: Situation) -> tuple[str, ...]:
    """Why this question, what to expect, when to send: a line each, for the person alone."""
    asked = "it asks nothing" if case.question == Question.NOTHING else "why this question"
    expected = _EXPECTED.get(case.question, "")
    return tuple(filter(None, (f"{asked}: {case.why}", expected, _WHEN)))
