"""One mail is explained: verdict, evidence, facts, plan, draft; nothing is written anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.cli.explain import explain
from kitchenwall.cli.main import main

CAME = datetime(2025, 3, 4, 9, 0, tzinfo=UTC)
NO = """From: Jordan Sample <jordan.sample@acme.example>
To: Robin Example <robin@home.example>
Subject: Your application as Data Engineer
Date: {date}
Message-ID: <a1@acme.example>

Dear Robin,

thank you for applying for the position of Data Engineer at Acme. Unfortunately, we
have decided not to move forward with your application. We wish you all the best.

Kind regards
Jordan Sample
"""
CONFIG = """
[person]
name = "Robin von Example"
[[account]]
name = "home"
address = "robin@mail.example"
host = "imap.mail.example"
[[account]]
name = "work"
address = "robin@home.example"
host = "imap.home.example"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home without any configuration."""
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def config(home: Path) -> Path:
    path = home / "kitchenwall" / "config.toml"
    path.parent.mkdir()
    path.write_text(CONFIG)
    path.chmod(0o600)
    return path


@pytest.fixture
def no(tmp_path: Path) -> Path:
    """A rejection that came this minute."""
    return lay(tmp_path / "no.eml", NO.format(date=format_datetime(datetime.now(UTC))))


def lay(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_it_works_without_a_configuration_and_says_how_to_make_one(
    home: Path, no: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(no)]) == 0
    shown = capsys.readouterr().out
    assert "a rejection" in shown
    assert "decided not to move forward" in shown
    assert "lay a draft" in shown
    assert "Jordan Sample <jordan.sample@acme.example>" in shown
    assert "Re: Your application as Data Engineer" in shown
    assert "Robin Example <robin@home.example>" in shown
    assert "kitchenwall config example" in shown


def test_it_writes_nothing(home: Path, no: Path) -> None:
    assert main(["explain", str(no)]) == 0
    assert list(home.iterdir()) == []


def test_the_account_that_the_mail_was_sent_to_answers(
    config: Path, no: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "--json", str(no)]) == 0
    found = told(capsys)
    assert found["draft"]["from"] == "Robin von Example <robin@home.example>"
    assert found["draft"]["to"] == "jordan.sample@acme.example"
    assert found["draft"]["text"].rstrip().endswith("Robin von Example")
    assert found["notes"] == []


def test_programs_get_all_of_it(home: Path, no: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--json", str(no)]) == 0
    found = told(capsys)
    assert found["verdict"]["outcome"] == "rejection"
    assert found["verdict"]["evidence"]
    assert found["plan"]["do"] == "draft"
    assert found["plan"]["because"]
    assert found["today"] is None
    assert found["facts"]["stage"] == "unknown"
    assert found["draft"]["subject"] == "Re: Your application as Data Engineer"


def test_an_old_mail_is_explained_as_of_its_day_and_as_of_today(home: Path, tmp_path: Path) -> None:
    file = lay(tmp_path / "old.eml", NO.format(date=format_datetime(CAME)))
    found = explain(str(file), None, CAME + timedelta(days=90))
    assert found.came == CAME
    assert type(found.thought.plan).__name__ == "Draft"
    assert found.text
    assert type(found.today).__name__ == "Note"
    assert found.today is not None
    assert "90 days old" in found.today.because


def test_a_mail_from_the_future_came_now(home: Path, tmp_path: Path) -> None:
    file = lay(tmp_path / "new.eml", NO.format(date=format_datetime(CAME)))
    found = explain(str(file), None, CAME - timedelta(days=90))
    assert found.came == CAME - timedelta(days=90)
    assert found.today is None


def test_other_mail_gets_nothing(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "From: kim@home.example\nSubject: Lunch\n\nShall we have lunch on Friday?\n"
    assert main(["explain", "--json", str(lay(tmp_path / "a.eml", text))]) == 0
    found = told(capsys)
    assert found["plan"]["do"] == "skip"
    assert found["draft"] is found["facts"] is None


def test_nobody_behind_the_address_is_noted_without_a_draft(
    home: Path, no: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(no, no.read_text().replace("jordan.sample@", "no-reply@").replace("Jordan Sample <", "<"))
    assert main(["explain", str(no)]) == 0
    shown = capsys.readouterr().out
    assert "only note it" in shown
    assert "the draft" not in shown


def test_what_a_mail_says_cannot_steer_the_terminal(
    home: Path, no: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(no, no.read_text().replace("Subject: Your", "Subject: \x1b[2J\u202eYour"))
    assert main(["explain", str(no)]) == 0
    shown = capsys.readouterr().out
    assert not {"\x1b", "\u202e"} & set(shown)


def test_only_the_first_of_many_mails_is_explained(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mbox = "".join(
        f"From kim@home.example Tue Mar  4 10:00:00 2025\nSubject: {number}\n\nLunch?\n\n"
        for number in (1, 2)
    )
    assert main(["explain", "--json", str(lay(tmp_path / "inbox", mbox))]) == 0
    found = told(capsys)
    assert found["subject"] == "1"
    assert "more mails" in " ".join(found["notes"])


def test_what_cannot_be_read_is_exit_65(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(tmp_path / "none.eml")]) == 65
    assert "No such file" in capsys.readouterr().err
    assert main(["explain", str(lay(tmp_path / "a.eml", "no header"))]) == 65


def test_a_broken_configuration_is_exit_78(
    config: Path, no: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(config, "[person]\nnane = 3\n")
    assert main(["explain", str(no)]) == 78
    assert main(["--config", str(config.parent / "none.toml"), "explain", str(no)]) == 78
    assert "none.toml" in capsys.readouterr().err


def test_it_reads_standard_input(home: Path, no: Path) -> None:
    command = [sys.executable, "-m", "kitchenwall", "explain", "-", "--json"]
    found = subprocess.run(
        command, input=no.read_text(), capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 0
    assert json.loads(found.stdout)["plan"]["do"] == "draft"
