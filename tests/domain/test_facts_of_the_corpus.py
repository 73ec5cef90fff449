"""The facts of the invented rejections are those that the facts.toml of their language names."""

from __future__ import annotations

import tomllib

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.facts import Fact
from kitchenwall.domain.gathering import gather
from tests.domain.test_corpus import CORPUS, read

FACTS = {
    f"{path.parent.name}/{name}": told
    for path in sorted(CORPUS.glob("*/facts.toml"))
    for name, told in tomllib.loads(path.read_text("utf-8")).items()
}


@pytest.mark.parametrize("name", FACTS)
def test_a_mail_tells_what_a_person_reads_in_it(name: str) -> None:
    message = read(CORPUS / name)
    packs = load_packs()
    found = gather(message, judge(message, packs), packs)
    all_that_is_read = {
        "company": told(found.company),
        "role": told(found.role),
        "reference": told(found.reference),
        "person": told(found.person),
        "stage": found.stage.value,
        "feedback": found.feedback.value,
        "reason": told(found.reason),
        "formality": found.formality,
    }
    named = FACTS[name]
    assert {key: all_that_is_read[key] for key in named} == named


def told(fact: Fact | None) -> str:
    return fact.value if fact else ""
