"""Many mails are told apart, one JSON line each, without configuration."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.cli.main import main

KEYS = [
    "file",
    "id",
    "outcome",
    "confidence",
    "language",
    "stage",
    "feedback_level",
    "feedback_offered",
    "feedback_refused",
    "door_open",
    "company",
    "role",
    "reference",
    "person",
    "reason",
    "strengths",
    "formality",
    "reply_to",
    "sentence",
    "evidence",
]
NO = """From: Jordan Sample <jordan.sample@acme.example>
To: Robin Example <robin@home.example>
Subject: Your application as Data Engineer
Date: Tue, 04 Mar 2025 10:00:00 +0100
Message-ID: <a1@acme.example>

Dear Robin,

thank you for applying for the position of Data Engineer at Acme. Unfortunately, we
have decided not to move forward with your application. We wish you all the best.

Kind regards
Jordan Sample
"""
LUNCH = """From: Kim Sample <kim@home.example>
To: Robin Example <robin@home.example>
Subject: Lunch
Date: Tue, 04 Mar 2025 10:00:00 +0100
Message-ID: <l1@home.example>

Hi Robin, shall we have lunch on Friday? The new place has good soup.
"""


@pytest.fixture
def no(tmp_path: Path) -> Path:
    path = tmp_path / "no.eml"
    path.write_text(NO)
    return path


@pytest.fixture
def lunch(tmp_path: Path) -> Path:
    path = tmp_path / "lunch.eml"
    path.write_text(LUNCH)
    return path


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_mail_gets_one_line_with_every_key(
    no: Path, lunch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect", "--json", str(no), str(lunch)]) == 0
    found = lines(capsys)
    assert [list(line) for line in found] == [KEYS, KEYS]
    assert [line["id"] for line in found] == ["no", "lunch"]
    assert [line["outcome"] for line in found] == ["rejection", "other"]


def test_a_rejection_says_what_it_rests_on(no: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["detect", str(no)]) == 0
    (line,) = lines(capsys)
    assert line["file"] == str(no)
    assert line["language"] == "en"
    assert line["confidence"] >= 0.8
    assert "decided not to move forward" in line["sentence"]
    assert line["reply_to"] == "jordan.sample@acme.example"
    assert line["reason"] is None
    assert line["strengths"] == []
    assert line["feedback_refused"] is False
    assert set(line["evidence"][0]) == {"rule", "words", "weight"}


def test_other_mail_has_no_facts_and_nobody_to_answer(
    lunch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect", str(lunch)]) == 0
    (line,) = lines(capsys)
    assert line["stage"] is line["company"] is line["reply_to"] is line["sentence"] is None


def test_mail_from_oneself_is_never_a_rejection(
    no: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    me = ["--me", "other@home.example", "--me", "Jordan.Sample@acme.example"]
    assert main(["detect", *me, str(no)]) == 0
    (line,) = lines(capsys)
    assert line["outcome"] == "other"
    assert [one["rule"] for one in line["evidence"]] == ["own-mail"]


def test_what_cannot_be_read_is_told_and_the_others_go_on(
    no: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    headless = tmp_path / "headless.eml"
    headless.write_text("no header at all")
    assert main(["detect", str(tmp_path / "none"), str(headless), str(no)]) == 0
    told = capsys.readouterr()
    unread, read = (json.loads(line) for line in told.out.splitlines())
    assert list(unread) == KEYS
    assert unread["outcome"] is None
    assert unread["evidence"][0]["rule"] == "unreadable"
    assert read["outcome"] == "rejection"
    assert "No such file" in told.err
    assert "it has no header" in told.err


def test_nothing_readable_is_exit_65(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.eml").write_text("no header at all")
    assert main(["detect", str(tmp_path)]) == 65
    assert main(["detect", str(tmp_path / "none")]) == 65
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_odd_names_and_locales_make_no_broken_json(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9 \xc5\xbc.eml")).write_text(NO)
    found = subprocess.run(
        [sys.executable, "-m", "kitchenwall", "detect", str(tmp_path)],
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "latin-1"},
        timeout=60,
    )
    assert found.returncode == 0
    assert json.loads(found.stdout.decode("utf-8"))["id"] == "caf\udce9 ż"


def detect(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kitchenwall", "detect", *words]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=60)


def test_it_reads_standard_input_and_needs_no_home() -> None:
    found = detect("-", given=NO)
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["outcome"] == "rejection"


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"body": "hello"}) + "\n")
    rows.write_text(rows.read_text() * 2_000)
    command = f'"{sys.executable}" -m kitchenwall detect "{rows}" | head -1'
    found = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert len(found.stdout.splitlines()) == 1
    assert found.stderr == ""


def test_a_terminal_is_told_how_far_it_is(no: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kitchenwall", "detect", str(no)]
    found = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, timeout=60)
    os.close(theirs)
    shown = os.read(ours, 4_096).decode()
    os.close(ours)
    assert found.returncode == 0
    assert shown == "1 mails read\r"
