"""Exactly one question, chosen from what they said and from what was asked before."""

from __future__ import annotations

import pytest

from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Reason, Stage
from kitchenwall.domain.questions import Asked, Question, choose

NONE, GENERIC, SPECIFIC = FeedbackLevel


def facts(
    stage: Stage,
    feedback: FeedbackLevel = NONE,
    *modifiers: str,
    reason: Reason | None = None,
) -> Facts:
    return Facts(
        stage=stage,
        feedback=feedback,
        reason=Fact(reason, "") if reason else None,
        modifiers=tuple(Fact(one, "") for one in modifiers),
    )


@pytest.mark.parametrize(
    ("told", "question"),
    [
        (facts(Stage.UNKNOWN), Question.HINT),
        (facts(Stage.CV_SCREEN, GENERIC), Question.HINT),
        (facts(Stage.CV_SCREEN, GENERIC, reason=Reason.OVERQUALIFIED), Question.LEVEL),
        (facts(Stage.CV_SCREEN, SPECIFIC), Question.NOTHING),
        (facts(Stage.PHONE_SCREEN), Question.POINTER),
        (facts(Stage.INTERVIEW), Question.POINTER),
        (facts(Stage.INTERVIEW, GENERIC), Question.AREA),
        (facts(Stage.INTERVIEW, GENERIC, reason=Reason.EXPERIENCE_LEVEL), Question.LEVEL),
        (facts(Stage.INTERVIEW, SPECIFIC), Question.NOTHING),
        (facts(Stage.ASSESSMENT, GENERIC), Question.EXERCISE),
        (facts(Stage.FINAL), Question.CLOSE_CALL),
        (facts(Stage.SILVER_MEDALIST, GENERIC), Question.CLOSE_CALL),
        (facts(Stage.POSITION_FILLED), Question.CHECK_BACK),
        (facts(Stage.CANCELLED, GENERIC), Question.CHECK_BACK),
        (facts(Stage.ON_HOLD), Question.CHECK_BACK),
        (facts(Stage.KEEP_ON_FILE), Question.NOTHING),
        (facts(Stage.AGENCY_RELAY), Question.CLIENT),
        (facts(Stage.REDIRECT), Question.NEXT_STEP),
        (facts(Stage.INTERVIEW, NONE, "redirect"), Question.NEXT_STEP),
        (facts(Stage.RESCIND), Question.NOTHING),
        (facts(Stage.INTERVIEW, SPECIFIC, "feedback_offered"), Question.OFFERED),
        (facts(Stage.FINAL, NONE, "feedback_refused"), Question.NOTHING),
        (facts(Stage.FINAL, NONE, "feedback_offered", "replies_refused"), Question.NOTHING),
    ],
)
def test_the_ladder_answers_every_kind_of_no(told: Facts, question: Question) -> None:
    assert choose(told).question == question


def test_every_choice_says_why() -> None:
    for stage in Stage:
        for level in FeedbackLevel:
            why = choose(facts(stage, level)).why
            assert why
            assert not why.endswith(".")


def test_the_same_company_is_not_asked_twice() -> None:
    asked = (Asked("acme", Question.HINT),)
    again = choose(facts(Stage.INTERVIEW), "acme", asked)
    assert again.question == Question.NOTHING
    assert "earlier letter" in again.why
    assert choose(facts(Stage.INTERVIEW), "birch", asked).question == Question.POINTER


def test_what_is_offered_is_taken_up_however_often_letters_went_there() -> None:
    asked = (Asked("acme", Question.HINT),)
    offered = choose(facts(Stage.INTERVIEW, NONE, "feedback_offered"), "acme", asked)
    assert offered.question == Question.OFFERED
    assert choose(facts(Stage.REDIRECT), "acme", asked).question == Question.NEXT_STEP


def test_an_unknown_company_is_no_company_that_was_asked() -> None:
    asked = (Asked("", Question.HINT),)
    assert choose(facts(Stage.INTERVIEW), "", asked).question == Question.POINTER


def test_of_the_questions_that_fit_the_one_asked_longest_ago_comes_next() -> None:
    told = facts(Stage.INTERVIEW)
    asked: tuple[Asked, ...] = ()
    chosen = []
    for company in "abcd":
        question = choose(told, company, asked).question
        chosen.append(question)
        asked = (*asked, Asked(company, question))
    assert chosen == [Question.POINTER, Question.AREA, Question.LEVEL, Question.POINTER]
