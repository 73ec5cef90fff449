"""Verdicts are counted against labels."""

import pytest

from kitchenwall.domain.evaluation import (
    APPLICATION,
    KNOWN_LABELS,
    Called,
    Judged,
    Kind,
    Matrix,
    Tally,
    deciding_rule,
    kind_of,
    right_outcome,
)
from kitchenwall.domain.shares import Share
from kitchenwall.domain.verdict import Evidence, Outcome, Verdict

NO, UNSURE, OTHER = Outcome.REJECTION, Outcome.UNSURE, Outcome.OTHER


def a_mail(
    label: str, outcome: Called, confidence: float = 0.9, language: str = "", source: str = ""
) -> Judged:
    return Judged(
        label=label,
        outcome=outcome,
        confidence=confidence,
        rule="",
        language=language,
        source=source,
        id=f"{label}-{outcome}-{confidence}",
    )


def tally_of(*mails: Judged, most_errors: int = 10) -> Tally:
    tally = Tally(most_errors)
    for mail in mails:
        tally.add(mail)
    return tally


def test_a_label_that_is_called_like_an_outcome_asks_for_it_and_any_other_for_other() -> None:
    assert [right_outcome(outcome.value) for outcome in Outcome] == list(Outcome)
    assert right_outcome("interview") is right_outcome("lunch") is OTHER


def test_labels_come_to_three_kinds() -> None:
    assert kind_of("rejection") is Kind.REJECTION
    assert {kind_of(label) for label in APPLICATION} == {Kind.APPLICATION}
    assert {kind_of(label) for label in ("other", "not_job", "lunch")} == {Kind.ORDINARY}
    assert {right_outcome(label) for label in KNOWN_LABELS} == set(Outcome)


def test_the_matrix_counts_labels_against_outcomes() -> None:
    matrix = tally_of(
        *[a_mail("rejection", NO)] * 3,
        a_mail("rejection", OTHER),
        a_mail("interview", NO),
        *[a_mail("interview", OTHER)] * 2,
        *[a_mail("lunch", OTHER)] * 4,
        a_mail("unsure", UNSURE),
    ).matrix
    assert matrix.total == 12
    assert matrix.labels == ("rejection", "unsure", "interview", "lunch")
    assert matrix.outcomes == tuple(Outcome)
    assert matrix.found == Share(3, 4)
    assert matrix.false_alarms == Share(1, 8)
    assert matrix.of_kind(Kind.APPLICATION) == Share(1, 4)
    assert matrix.of_kind(Kind.ORDINARY) == Share(0, 4)
    assert matrix.right("interview") == Share(2, 3)
    assert matrix.right("unsure") == Share(1, 1)


def test_a_rejection_that_cannot_be_read_was_not_found() -> None:
    tally = tally_of(a_mail("rejection", None, 0.0), a_mail("rejection", NO))
    assert tally.matrix.found == Share(1, 2)
    assert tally.matrix.outcomes == (*Outcome, None)
    assert tally.wrong == 1


def test_nothing_has_no_rates() -> None:
    empty = Matrix({})
    assert empty.labels == ()
    assert empty.found == empty.false_alarms == Share(0, 0)


def test_languages_and_sources_are_counted_apart() -> None:
    tally = tally_of(
        a_mail("rejection", NO, language="de", source="a"),
        a_mail("rejection", OTHER, language="en", source="a"),
        a_mail("lunch", OTHER, language="en", source="b"),
    )
    assert {name: part.found for name, part in tally.by_language.items()} == {
        "de": Share(1, 1), "en": Share(0, 1),
    }  # fmt: skip
    assert {name: part.false_alarms for name, part in tally.by_source.items()} == {
        "a": Share(0, 0), "b": Share(0, 1),
    }  # fmt: skip


def test_confidence_is_held_against_how_often_it_was_right() -> None:
    fair, sure, other = tally_of(
        a_mail("rejection", NO, 0.95),
        a_mail("lunch", NO, 0.97),
        a_mail("rejection", NO, 0.8),
        a_mail("lunch", OTHER, 1.0),
    ).bands
    assert (fair.outcome, fair.low, fair.high, fair.right) == (NO, 0.8, 0.9, Share(1, 1))
    assert (sure.outcome, sure.low, sure.high) == (NO, 0.95, 1.0)
    assert sure.said == pytest.approx(0.96)
    assert sure.right == sure.rejections == Share(1, 2)
    assert (other.low, other.right, other.rejections) == (0.95, Share(1, 1), Share(0, 1))


def test_what_is_unsure_is_right_only_where_the_label_says_so_and_may_be_a_no_all_the_same() -> (
    None
):
    (band,) = tally_of(a_mail("rejection", UNSURE, 0.5), a_mail("unsure", UNSURE, 0.5)).bands
    assert (band.right, band.rejections) == (Share(1, 2), Share(1, 2))


def test_only_the_worst_errors_are_kept_and_all_are_counted() -> None:
    tally = tally_of(
        a_mail("lunch", UNSURE, 0.6),
        a_mail("rejection", OTHER, 0.7),
        a_mail("rejection", OTHER, 0.9),
        a_mail("lunch", NO, 0.72),
        a_mail("lunch", NO, 0.95),
        a_mail("rejection", NO, 0.95),
        most_errors=4,
    )
    assert [error.id for error in tally.errors] == [
        "lunch-rejection-0.95",
        "lunch-rejection-0.72",
        "rejection-other-0.9",
        "rejection-other-0.7",
    ]
    assert tally.wrong == 5


def test_of_errors_that_are_as_bad_the_first_are_kept_in_their_order() -> None:
    mails = [
        Judged(label="lunch", outcome=NO, confidence=0.9, rule="", id=str(n)) for n in range(5)
    ]
    assert [error.id for error in tally_of(*mails, most_errors=3).errors] == ["0", "1", "2"]
    assert tally_of(*mails, most_errors=0).errors == ()


def verdict(outcome: Outcome, *evidence: tuple[str, float]) -> Verdict:
    return Verdict(
        outcome=outcome,
        confidence=0.9,
        language="en",
        sentence="",
        because="",
        evidence=tuple(Evidence(rule, "", weight) for rule, weight in evidence),
    )


@pytest.mark.parametrize(
    ("judged", "rule"),
    [
        (verdict(OTHER), ""),
        (verdict(OTHER, ("language", -1.0)), "language"),
        (
            verdict(NO, ("decision:weak", 0.5), ("decision:strong", 0.9), ("about", 1.0)),
            "decision:strong",
        ),
        (verdict(NO, ("decision:strong", 0.9), ("job", -0.3)), "decision:strong"),
        (verdict(UNSURE, ("decision:strong", 0.9), ("positive:offer", -0.9)), "positive:offer"),
        (verdict(UNSURE, ("decision:weak", 0.5), ("about", 1.0)), "decision:weak"),
        (verdict(OTHER, ("decision:strong", 0.9), ("about", -0.7)), "about"),
    ],
)
def test_the_rule_that_decided_is_named(judged: Verdict, rule: str) -> None:
    assert deciding_rule(judged) == rule
