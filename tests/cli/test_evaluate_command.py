"""Labelled mail is judged, and how often that was right is told without a word of any mail."""

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
from tests.cli.person import Person
from tests.cli.terminal import Window

CORPUS = Path(__file__).parents[1] / "corpus"
HEAD = """From: Jordan Sample <jordan.sample@acme.example>
To: Robin Example <robin@home.example>
Subject: Your application as Data Engineer
Date: Tue, 04 Mar 2025 10:00:00 +0100

"""
NO = f"""{HEAD}Dear Robin,

thank you for applying for the position of Data Engineer at Acme. Unfortunately, we
have decided not to move forward with your application. We wish you all the best.
"""
INVITED = f"""{HEAD}Dear Robin,

thank you for applying for the position of Data Engineer at Acme. We would like to invite
you to an interview on Friday.
"""
LUNCH = f"{HEAD}Hi Robin, shall we have lunch on Friday? The new place has good soup.\n"


def lay(folder: Path, **mails: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, mail in mails.items():
        (folder / f"{name}.eml").write_text(mail)


@pytest.fixture
def mails(tmp_path: Path) -> Path:
    """Four mails in English and two in German folders; two of them are labelled against the grain."""
    lay(tmp_path / "en/rejection", no1=NO, no2=NO, missed=LUNCH)
    lay(tmp_path / "en/interview", invited=INVITED)
    lay(tmp_path / "de/other", lunch=LUNCH, called=NO)
    return tmp_path


def evaluated(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> dict[str, Any]:
    assert main(["evaluate", "--json", *words]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_programs_get_one_document(mails: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = evaluated(capsys, str(mails))
    assert list(found) == [
        "mails", "found", "false_alarms", "labels", "languages", "sources", "confidence", "wrong",
        "errors", "unlabelled", "base_rate",
    ]  # fmt: skip
    assert found["mails"] == 6
    assert found["found"] == {
        "count": 2, "total": 3, "value": 0.666667, "low": 0.20766, "high": 0.938508,
    }  # fmt: skip
    assert found["false_alarms"]["count"] == 1
    assert found["labels"]["rejection"]["outcomes"]["rejection"] == 2
    assert found["labels"]["interview"]["right"] == "other"
    assert found["languages"]["en"]["found"]["total"] == 3
    assert found["languages"]["de"]["false_alarms"]["count"] == 1
    assert list(found["sources"]) == [str(mails)]
    assert sum(band["right"]["total"] for band in found["confidence"]) == 6
    called, missed = found["errors"]
    assert (called["id"], called["label"], called["outcome"]) == ("called", "other", "rejection")
    assert called["rule"].startswith("decision:")
    assert called["file"] == str(mails / "de/other/called.eml")
    assert (missed["id"], missed["outcome"]) == ("missed", "other")
    kinds = found["base_rate"]["kinds"]
    assert {name: kind["labels"] for name, kind in kinds.items()} == {
        "rejection": ["rejection"], "application": ["interview"], "ordinary": ["other"],
    }  # fmt: skip
    # 0.01 · 2/3 / (0.01 · 2/3 + 0.94 · 1/2)
    assert found["base_rate"]["precision"]["value"] == pytest.approx(0.013986, abs=1e-6)


def test_people_get_tables_without_a_word_of_the_mails(
    mails: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(mails)]) == 0
    out = capsys.readouterr().out
    for words in (
        "6 labelled mails",
        "LABEL      MAILS  REJECTION",
        "rejections found           2 of 3 = 66.7 % [20.8, 93.9]",
        "others called a rejection  1 of 3 = 33.3 % [6.1, 79.2]",
        "application mail: 5 (interview)",
        "ordinary mail: 94 (other)",
        "called something else than they are: 2",
        "other, called rejection",
        str(mails / "en/rejection/missed.eml"),
    ):
        assert words in out
    for words in ("Jordan", "Data Engineer", "soup", "Unfortunately"):
        assert words not in out


def test_the_invented_mails_of_the_project_are_read_as_they_lie(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = evaluated(capsys, str(CORPUS / "en"), str(CORPUS / "sv"))
    assert found["wrong"] == 0
    assert set(found["labels"]) >= {"rejection", "unsure", "other"}
    assert set(found["languages"]) == {"en", "sv"}
    assert set(found["sources"]) == {str(CORPUS / "en"), str(CORPUS / "sv")}


def test_rows_say_their_label_language_source_and_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.jsonl"
    body = NO.removeprefix(HEAD)
    told = [
        {"body": body, "label": "rejection", "lang": "en", "source": "jo", "id": "r1"},
        {"body": body, "label": "job_alert", "source": "kim", "id": "r2"},
        {"body": "lunch?", "label": "not_job", "id": "r3"},
        {"body": "lunch?", "id": "r4"},
    ]
    rows.write_text("".join(json.dumps(row) + "\n" for row in told))
    assert main(["evaluate", "--json", str(rows)]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert (found["mails"], found["unlabelled"]) == (3, 1)
    assert set(found["sources"]) == {"jo", "kim", "rows.jsonl"}
    assert set(found["languages"]) == {"", "en"}
    assert [error["id"] for error in found["errors"]] == ["r2"]
    assert "1 mails have no label and were left out" in said.err


def test_errors_are_bounded(mails: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = evaluated(capsys, "--errors", "1", str(mails))
    assert (found["wrong"], len(found["errors"])) == (2, 1)
    assert evaluated(capsys, "--errors", "0", str(mails))["errors"] == []
    assert main(["evaluate", "--errors", "1", str(mails)]) == 0
    assert "called something else than they are: 2, the worst 1" in capsys.readouterr().out


def test_a_kind_that_is_missing_leaves_the_precision_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(tmp_path / "rejection", no=NO)
    assert main(["evaluate", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "nobody can say how much is one" in out
    assert "ordinary mail: 94 (none of them is here)" in out
    assert "others called a rejection  there was none" in out
    assert evaluated(capsys, str(tmp_path))["base_rate"]["precision"]["value"] is None


def test_another_base_rate_is_taken(mails: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = evaluated(capsys, "--base-rate", "1:1:0", str(mails))
    assert found["base_rate"]["said"] == "1:1:0"
    assert found["base_rate"]["precision"]["value"] == 1.0


def test_a_base_rate_of_another_form_is_refused(
    mails: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--base-rate", "1%", str(mails)]) == 64
    assert 'cannot use the base rate "1%": say three numbers like 1:5:94' in capsys.readouterr().err


def test_mail_without_any_label_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(tmp_path / "Inbox", lunch=LUNCH)
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"body": "lunch?"}) + "\n")
    assert main(["evaluate", str(tmp_path / "Inbox")]) == 65
    assert 'found no label: each row needs a key "label"' in capsys.readouterr().err
    assert main(["evaluate", str(rows)]) == 65
    assert main(["evaluate", str(tmp_path / "nowhere")]) == 65
    said = capsys.readouterr()
    assert said.out == ""
    assert "cannot read" in said.err


def test_a_label_that_is_not_known_counts_as_no_rejection_and_is_told(
    mails: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(mails / "en/lunch", lunch=LUNCH)
    assert main(["evaluate", "--json", str(mails)]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["labels"]["lunch"]["right"] == "other"
    assert 'labels that are not known count as mail that is no rejection: "lunch"' in said.err


def test_a_labelled_mail_that_cannot_be_read_was_not_found(
    mails: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(mails / "en/rejection", headless="no header at all")
    found = evaluated(capsys, str(mails))
    assert found["found"]["total"] == 4
    assert found["labels"]["rejection"]["outcomes"]["unreadable"] == 1
    assert found["errors"][-1]["rule"] == "unreadable"


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_evaluated(
    mails: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--json", str(mails), str(mails / "none.jsonl")]) == 65
    said = capsys.readouterr()
    assert json.loads(said.out)["mails"] == 6
    assert "No such file" in said.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--mine", "folder"],
        ["--mine", "--base-rate", "1:1:1"],
        ["--mine", "--errors", "3"],
        ["--since", "30d", "folder"],
        ["--sample", "3", "folder"],
        ["--account", "home", "folder"],
    ],
    ids=" ".join,
)
def test_words_that_do_not_go_together_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *words]) == 64
    assert capsys.readouterr().err.startswith("kitchenwall: ")


@pytest.mark.parametrize("words", [["--errors", "-1"], ["--errors", "x"], ["--sample", "-2"]])
def test_numbers_are_numbers(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as told:
        main(["evaluate", *words, "folder"])
    assert told.value.code == 64
    assert "invalid number value" in capsys.readouterr().err


def evaluate(*words: str, given: str = "", **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kitchenwall", "evaluate", *words]
    return subprocess.run(
        command, input=given.encode(), capture_output=True, timeout=60, env=os.environ | env
    )


def test_standard_input_is_read_and_no_home_is_needed() -> None:
    row = json.dumps({"body": NO.removeprefix(HEAD), "label": "rejection"})
    done = evaluate("--json", "-", given=row, HOME="/nonexistent")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["sources"].keys() == {"-"}


def test_odd_names_steer_no_terminal_and_break_no_json(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\x1b[31mcaf\xe9") / "rejection"
    lay(folder, lunch=LUNCH)
    told = evaluate(str(folder), LC_ALL="C", PYTHONIOENCODING="latin-1")
    assert told.returncode == 0
    assert b"\x1b" not in told.stdout + told.stderr
    told = evaluate("--json", str(folder), LC_ALL="C", PYTHONIOENCODING="latin-1")
    assert json.loads(told.stdout)["wrong"] == 1


def test_many_mails_are_never_held(tmp_path: Path) -> None:
    """Thirty times as many mails need no more memory than a few."""
    assert most_memory_for(tmp_path, mails=90) < most_memory_for(tmp_path, mails=3) + 8_000


def most_memory_for(folder: Path, *, mails: int) -> int:
    """How many KB a process had in memory at most that evaluated so many mails of 360 KB."""
    rows = folder / "rows.jsonl"
    row = json.dumps({"body": "The soup is good. " * 20_000, "label": "other"}) + "\n"
    with rows.open("w") as file:
        file.writelines(row for _ in range(mails))
    script = (
        "import sys; from kitchenwall.cli.main import main; code = main(sys.argv[1:]);"
        "sys.stderr.write(open('/proc/self/status').read()); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "evaluate", "--json", str(rows)],
        capture_output=True, timeout=110,
    )  # fmt: skip
    assert json.loads(done.stdout)["mails"] == mails
    (most,) = (line for line in done.stderr.splitlines() if line.startswith(b"VmHWM:"))
    return int(most.split()[1])


def test_a_terminal_is_told_how_far_it_is_and_keeps_no_trace_of_it(mails: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kitchenwall", "evaluate", "--json", str(mails)]
    found = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, timeout=60)
    os.close(theirs)
    shown = os.read(ours, 4_096).decode()
    os.close(ours)
    assert json.loads(found.stdout)["mails"] == 6
    assert shown.startswith("1 mails read\r")
    assert shown.rpartition("\r")[2] == ""
    assert shown.rstrip("\r").endswith(" " * len("1 mails read"))


@pytest.mark.parametrize("columns", [80, 60, 40, 30])
def test_in_a_narrow_window_no_line_is_too_long(tmp_path: Path, columns: int) -> None:
    words = ("evaluate", str(CORPUS / "sv"))
    with Window(Person(tmp_path / "home"), words, columns=columns) as terminal:
        code, shown = terminal.ends()
    assert code == 0
    lines = shown.replace("\r", "\n").splitlines()
    assert max(map(len, lines)) <= columns
    assert "how sure" in " ".join(lines)
