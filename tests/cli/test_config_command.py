"""The configuration is shown, checked and begun from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kitchenwall.cli.main import main
from kitchenwall.config import load, parse

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
BROKEN = '[person]\nnane = "Robin"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own file, where it belongs."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "config" / "kitchenwall" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(EXAMPLE.read_text())
    path.chmod(0o600)
    return path


def test_the_example_travels_with_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "example"]) == 0
    assert capsys.readouterr().out == EXAMPLE.read_text()


def test_a_file_that_is_fine_is_said_to_be(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check"]) == 0
    assert capsys.readouterr().out == f"{file} is fine: 1 account (home)\n"
    assert main(["config", "check", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"ok": True, "path": str(file), "accounts": ["home"], "problems": []}


def test_a_broken_file_has_its_exit_code_and_every_problem(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(BROKEN)
    assert main(["config", "check"]) == 78
    assert 'did you mean "name"?' in capsys.readouterr().err
    assert main(["config", "check", "--json"]) == 78
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    assert len(told["problems"]) == 3


def test_a_missing_file_says_how_to_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["config", "check"]) == 78
    assert "kitchenwall config example > " in capsys.readouterr().err


def test_another_file_may_be_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = file.with_name("other.toml")
    other.write_text(BROKEN)
    assert main(["--config", str(other), "config", "check"]) == 78
    assert "other.toml" in capsys.readouterr().err


def test_what_is_shown_means_the_same_as_the_file(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(file.read_text().replace("Robin Sommer", r"Zoë \"Zo\" Sömmer"))
    assert main(["config", "show"]) == 0
    shown = capsys.readouterr().out
    assert "port = 993" in shown
    assert parse(shown, file) == load(file)
    assert main(["config", "show", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accounts"][0]["port"] == 993


def test_the_path_is_shown_even_of_a_broken_file(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "path", "--state"]) == 0
    assert capsys.readouterr().out == f"{tmp_path}/state/kitchenwall\n"
    file.write_text("broken")
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{file}\n"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from kitchenwall.cli.main import main\n"
        "for command in ('config', 'password'):\n"
        "    try: main([command, '--help'])\n"
        "    except SystemExit: pass\n"
        "heavy = {'kitchenwall.config', 'keyring', 'tomllib', 'logging', 'rich', 'subprocess'}\n"
        "sys.exit(str(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
