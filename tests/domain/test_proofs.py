from __future__ import annotations

from dataclasses import replace

import pytest

from kitchenwall.domain.frames import BadPhrase, Grammar
from kitchenwall.domain.index import Frame, Index
from kitchenwall.domain.languages import LanguagePack, Phrasing, Wording
from kitchenwall.domain.proofs import complaints, matters

DECISION = Frame(
    group="decision",
    name="not_taken",
    phrases=("not taken",),
    weight=0.8,
    reads="You were not taken.",
    misses="The train was taken.",
)
ALSO = replace(DECISION, name="not_at_all", phrases=("not (taken|wanted)",))
GUARD = Frame(
    group="guard",
    name="if",
    phrases=("if",),
    value="condition",
    reads="If you were not taken, you will hear from us.",
    misses="You were not taken.",
)
INVITATION = Frame(
    group="positive",
    name="invite",
    phrases=("please come",),
    reads="Please come on Monday.",
    misses="You came on Monday.",
)
WISHES = Frame(
    group="soft", name="wishes", phrases=("good luck",), reads="Good luck!", misses="Bad luck!"
)


def pack(*frames: Frame, words: int = 30) -> LanguagePack:
    return LanguagePack(
        code="xa",
        function_words=frozenset(f"w{n}" for n in range(words)),
        notices=Index.of((), Grammar({})),
        load=lambda: Phrasing(slots={}, frames=frames, wording=Wording()),
    )


def about(table: str, *frames: Frame) -> list[str]:
    return [found.problem for found in complaints(pack(*frames)) if found.table == table]


@pytest.mark.parametrize("frame", [DECISION, GUARD, INVITATION, WISHES], ids=lambda f: f.title)
def test_a_frame_that_reads_its_sentence_and_misses_its_look_alike_is_in_order(
    frame: Frame,
) -> None:
    assert about(frame.title, DECISION, frame) == []


def test_a_sentence_that_another_frame_reads_too_proves_nothing() -> None:
    assert not matters(pack(DECISION, ALSO), DECISION, "You were not taken.")
    assert matters(pack(DECISION, ALSO), ALSO, "You were not wanted.")
    (problem,) = about("decision.not_taken", DECISION, ALSO)
    assert "would be read the same without this table" in problem


def test_a_guard_is_proved_by_a_decision_that_it_holds_back() -> None:
    assert matters(pack(DECISION, GUARD), GUARD, GUARD.reads)
    assert not matters(pack(GUARD), GUARD, GUARD.reads)


def test_a_guard_for_the_whole_mail_is_proved_over_several_sentences() -> None:
    whole = replace(GUARD, name="hiring", phrases=("scorecard",), value="mail")
    assert matters(pack(DECISION, whole), whole, "You were not taken. Open the scorecard.")


def test_a_look_alike_that_is_read_is_a_complaint() -> None:
    wrong = replace(DECISION, misses="She was not taken.")
    assert about("decision.not_taken", wrong) == ['"misses": is read by it: She was not taken.']


def test_missing_sentences_are_complaints() -> None:
    bare = replace(DECISION, reads="", misses="")
    assert [problem.split(" ")[0] for problem in about("decision.not_taken", bare)] == [
        '"reads"',
        '"misses"',
    ]


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (replace(DECISION, weight=0.1), "weight"),
        (replace(DECISION, weight=1.0), "weight"),
        (replace(DECISION, phrases=()), "no phrases"),
        (replace(DECISION, proves=frozenset({"me"})), "proves"),
        (replace(DECISION, group="verdict"), "no group"),
        (replace(GUARD, value="everywhere"), "reach"),
    ],
)
def test_a_misshapen_table_is_told_with_what_is_allowed(frame: Frame, words: str) -> None:
    assert any(words in problem for problem in about(frame.title, DECISION, frame))


def test_what_the_program_asks_for_by_name_must_be_there() -> None:
    found = {(one.table, one.problem) for one in complaints(pack(DECISION, words=5))}
    assert ("guard.if", "this table is missing") in found
    assert ("", "it has no table [receipt.…]") in found
    assert ("", "it has fewer than 30 function words") in found


def test_a_phrase_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(BadPhrase, match="brackets"):
        list(complaints(pack(replace(DECISION, phrases=("not (taken",)))))
