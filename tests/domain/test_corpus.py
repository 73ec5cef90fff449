"""Every invented mail in tests/corpus/<language>/<outcome>/ is judged as its folder says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kitchenwall.adapters.mime import read_message
from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.message import Arrival, Cursor, Message

CORPUS = Path(__file__).parents[1] / "corpus"
MAILS = sorted(CORPUS.glob("*/*/*.eml"))
MISSED = sorted(CORPUS.glob("missed/*/*/*.eml"))


def read(path: Path) -> Message:
    raw = path.read_bytes()
    arrival = Arrival(
        account="home",
        login="mira",
        folder="INBOX",
        cursor=Cursor(1, 1),
        received=datetime(2026, 3, 9, tzinfo=UTC),
        size=len(raw),
        raw=raw,
    )
    return read_message(arrival)


@pytest.mark.parametrize("path", MAILS, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_mail_is_judged_as_its_folder_says(path: Path) -> None:
    message = read(path)
    verdict = judge(message, load_packs())
    assert verdict.outcome == path.parent.name, verdict
    if verdict.outcome == "rejection":
        assert verdict.sentence
        assert verdict.language == path.parts[-3]
        assert " ".join(verdict.sentence.split()) in " ".join(message.text.split())


def test_the_corpus_is_large_enough_to_mean_something() -> None:
    assert len(MAILS) >= 480


@pytest.mark.parametrize("path", MISSED, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_missed_mail_is_still_missed(path: Path) -> None:
    """Known weaknesses, kept to learn from; one that is judged right now moves to its language."""
    assert judge(read(path), load_packs()).outcome != path.parent.name
