"""A native speaker asks which languages there are, checks a pack and tries sentences on it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from kitchenwall.cli.main import main


def test_the_languages_are_listed_with_those_that_have_letters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["language", "list"]) == 0
    lines = {line.split()[0]: line.split() for line in capsys.readouterr().out.splitlines()}
    assert lines["en"][1] == "English"
    assert lines["en"][-1] == "yes"
    assert lines["cs"][1] == "Čeština"


def test_a_sentence_shows_what_is_found_in_it_and_what_holds_it_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["language", "try", "en", "If you are not selected,", "we will write."]) == 0
    told = capsys.readouterr().out
    assert 'guard.if  "if"' in told
    assert "held back by guard.if" in told


@pytest.fixture
def mended(tmp_path: Path) -> Path:
    """A copy of the English pack, to be changed."""
    ours = resources.files("kitchenwall.languages").joinpath("en.toml").read_text("utf-8")
    file = tmp_path / "mine.toml"
    file.write_text(ours, encoding="utf-8")
    return file


def test_a_look_alike_that_is_read_is_named_with_its_table(
    mended: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = mended.read_text("utf-8")
    before, table, after = text.partition("[decision.no_offer]\n")
    ours, mark, others = after.partition("\n[")
    kept = [line for line in ours.splitlines() if not line.startswith("misses")]
    reads = next(line for line in kept if line.startswith("reads"))
    wrong = "\n".join([*kept, reads.replace("reads", "misses", 1)])
    mended.write_text(f"{before}{table}{wrong}\n{mark}{others}", encoding="utf-8")
    assert main(["language", "check", str(mended)]) == 65
    assert "[decision.no_offer]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[language", "cannot read the pack"),
        ('[language]\ncode = "xa"\n', "not made like the other packs"),
        (
            """[language]\ncode = "xa"\nname = "Xa"\nfunction_words = "a b"\nturns = []\njoins = []
            [machine.auto_reply]\nphrases = ["(open"]\n[machine.bounce]\nphrases = []\n""",
            "not made like the other packs",
        ),
    ],
)
def test_a_file_that_is_no_pack_is_an_error_that_says_so(
    content: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "xa.toml"
    file.write_text(content, encoding="utf-8")
    assert main(["language", "check", str(file)]) == 78
    assert told in capsys.readouterr().err


def test_an_unknown_language_is_told_with_those_that_are_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["language", "check", "xx"]) == 64
    assert "cs, da, de, en" in capsys.readouterr().err


def test_a_missing_file_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["language", "check", str(tmp_path / "no.toml")]) == 78
    assert "No such file" in capsys.readouterr().err
