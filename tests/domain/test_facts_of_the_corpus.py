"""The facts of every invented rejection are those that tests/corpus/facts.toml names."""

from __future__ import annotations

import tomllib

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.facts import Fact
from kitchenwall.domain.gathering import gather
from tests.domain.test_corpus import CORPUS, read

FACTS = tomllib.loads((CORPUS / "facts.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", FACTS)
def test_a_mail_tells_what_a_person_reads_in_it(name: str) -> None:
    message = read(CORPUS / name)
    packs = load_packs()
    found = gather(message, judge(message, packs), packs)
    assert FACTS[name] == {
        "company": told(found.company),
        "role": told(found.role),
        "person": told(found.person),
        "stage": found.stage.value,
        "feedback": found.feedback.value,
        "reason": told(found.reason),
    }


def told(fact: Fact | None) -> str:
    return fact.value if fact else ""
