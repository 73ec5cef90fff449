"""What the person said is on the disk at once, for them alone, and the last word counts."""

import json
import os
import resource
import signal
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from kitchenwall.adapters.answersheet import FILE_NAME, AnswerSheet
from kitchenwall.domain.review import Answer, Answered
from kitchenwall.domain.verdict import Outcome
from kitchenwall.errors import JournalTrouble

ONE = Answered(
    key="a" * 64,
    answer=Answer.REJECTION,
    outcome=Outcome.UNSURE,
    confidence=0.61,
    layer="unsure",
    weight=2.5,
)
OTHER = replace(ONE, key="b" * 64, answer=Answer.SKIP)


def test_answers_are_there_again(tmp_path: Path) -> None:
    sheet = AnswerSheet(tmp_path / "state")
    sheet.add(ONE)
    sheet.add(OTHER)
    assert sheet.answers == AnswerSheet(tmp_path / "state").answers == {
        ONE.key: ONE, OTHER.key: OTHER,
    }  # fmt: skip


def test_the_last_word_counts_and_can_be_taken_back(tmp_path: Path) -> None:
    sheet = AnswerSheet(tmp_path)
    for answered in (
        ONE,
        OTHER,
        replace(ONE, answer=Answer.OTHER),
        replace(OTHER, answer=Answer.NONE),
    ):
        sheet.add(answered)
    assert AnswerSheet(tmp_path).answers == {ONE.key: replace(ONE, answer=Answer.OTHER)}


def test_only_the_person_may_look_and_no_word_of_a_mail_is_kept(tmp_path: Path) -> None:
    sheet = AnswerSheet(tmp_path / "state")
    sheet.add(ONE)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert stat.S_IMODE(sheet.path.stat().st_mode) == 0o600
    assert set(json.loads(sheet.path.read_text())) == {
        "key", "answer", "outcome", "confidence", "layer", "weight",
    }  # fmt: skip


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert AnswerSheet(tmp_path / "state").answers == {}
    assert not (tmp_path / "state").exists()


def test_a_line_that_was_cut_short_costs_that_line_only(tmp_path: Path) -> None:
    sheet = AnswerSheet(tmp_path)
    sheet.add(ONE)
    whole = sheet.path.read_bytes()
    sheet.path.write_bytes(whole + whole[:40])
    again = AnswerSheet(tmp_path)
    assert again.answers == {ONE.key: ONE}
    again.add(OTHER)
    assert set(AnswerSheet(tmp_path).answers) == {ONE.key, OTHER.key}


@pytest.mark.parametrize(
    "line", [b"[]", b"7", b"{}", b"\xff", b'{"key": "a", "answer": "perhaps"}', b"nonsense"]
)
def test_what_is_no_answer_is_left_aside(tmp_path: Path, line: bytes) -> None:
    AnswerSheet(tmp_path).add(ONE)
    with (tmp_path / FILE_NAME).open("ab") as file:
        file.write(line + b"\n")
    assert AnswerSheet(tmp_path).answers == {ONE.key: ONE}


def test_two_windows_keep_the_answers_of_both(tmp_path: Path) -> None:
    one, other = AnswerSheet(tmp_path), AnswerSheet(tmp_path)
    one.add(ONE)
    other.add(OTHER)
    assert set(AnswerSheet(tmp_path).answers) == {ONE.key, OTHER.key}


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalTrouble, match="symbolic link"):
        AnswerSheet(tmp_path)


def test_a_full_disk_is_told_and_the_answer_does_not_count(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk."""
    sheet = AnswerSheet(tmp_path)
    sheet.add(ONE)
    size = os.path.getsize(sheet.path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, hard))
    try:
        with pytest.raises(JournalTrouble, match="cannot keep your answer"):
            sheet.add(OTHER)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert sheet.answers == {ONE.key: ONE}
    sheet.add(OTHER)
    assert set(AnswerSheet(tmp_path).answers) == {ONE.key, OTHER.key}
