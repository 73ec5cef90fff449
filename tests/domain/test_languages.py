from __future__ import annotations

from kitchenwall.domain.frames import Grammar
from kitchenwall.domain.index import Frame, Index
from kitchenwall.domain.languages import LanguagePack, Phrasing, Wording, recognise

FRAMES = (
    Frame(group="soft", name="wishes", phrases=("all the best",)),
    Frame(group="soft", name="apology", phrases=("sorry",)),
    Frame(group="decision", name="no", phrases=("not {chosen}", "not [been] (chosen|selected)")),
)


def pack(
    code: str, words: str, strangers: str = "", asked: list[str] | None = None
) -> LanguagePack:
    def load() -> Phrasing:
        if asked is not None:
            asked.append(code)
        return Phrasing(slots={"chosen": "taken"}, frames=FRAMES, wording=Wording())

    return LanguagePack(
        code=code,
        function_words=frozenset(words.split()),
        strangers=frozenset(strangers.split()),
        notices=Index.of((), Grammar({})),
        load=load,
    )


def codes(folded: str, *packs: LanguagePack) -> list[str]:
    return [found.code for found in recognise((folded,), {one.code: one for one in packs})]


def test_a_language_is_loaded_once_and_only_when_it_is_read() -> None:
    asked: list[str] = []
    here, there = pack("xa", "one two three", asked=asked), pack("xb", "four five six", asked=asked)
    assert codes(" one two three ", here, there) == ["xa"]
    assert not asked
    here.read(" sorry ")
    here.index("decision").finds(" not taken ")
    assert asked == ["xa"]


def test_an_index_holds_the_groups_and_frames_that_were_named() -> None:
    index = pack("xa", "").index("decision", "soft.wishes")
    assert index.finds(" you were not taken , sorry ")
    assert index.finds(" all the best ")
    assert not index.finds(" sorry ")


def test_hits_come_in_order_of_place() -> None:
    hits = pack("xa", "").read(" sorry , not been chosen , all the best , sorry ")
    found = [(hit.frame.title, hit.start) for hit in hits]
    assert found == [
        ("soft.apology", 1),
        ("decision.no", 9),
        ("soft.wishes", 27),
        ("soft.apology", 42),
    ]


def test_a_neighbours_words_count_against_a_language() -> None:
    text = " one two three sme "
    assert codes(text, pack("xa", "one two three")) == ["xa"]
    assert codes(text, pack("xa", "one two three", "sme")) == []
