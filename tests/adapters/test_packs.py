from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import pytest

from kitchenwall.adapters.packs import available, load_names, load_packs, read_pack
from kitchenwall.domain.proofs import complaints


def test_english_and_german_are_there_and_tables_of_names_are_no_languages() -> None:
    assert {"en", "de"} <= set(available())
    assert not {"names", "senders"} & set(available())


def test_packs_are_read_once() -> None:
    assert load_packs() is load_packs()
    assert load_packs("de").keys() == {"de"}


@pytest.mark.parametrize("code", available())
def test_each_table_of_a_pack_reads_its_sentence_and_leaves_its_look_alike_alone(
    code: str,
) -> None:
    pack = load_packs()[code]
    assert pack.code == code
    titles = [frame.title for frame in pack.frames]
    assert len(titles) == len(set(titles)) > 60
    assert list(complaints(pack)) == []


@pytest.mark.parametrize("code", available())
def test_what_recognises_a_language_is_what_its_whole_file_says(code: str) -> None:
    pack = load_packs()[code]
    file = resources.files("kitchenwall.languages").joinpath(f"{code}.toml")
    whole = tomllib.loads(file.read_text("utf-8"))
    assert pack.function_words == set(whole["language"]["function_words"].split())
    assert pack.strangers == set(whole["language"].get("strangers", "").split())
    subjects = [
        phrase.strip("*")
        for name in ("auto_reply", "bounce")
        for phrase in whole["machine"][name]["phrases"]
    ]
    plain = [p for p in subjects if p.replace(" ", "").isalpha() and p.isascii()]
    assert plain
    assert all(pack.notices.finds(f" {phrase} ") for phrase in plain)


@pytest.mark.parametrize("code", available())
def test_the_phrases_are_those_of_the_file(code: str) -> None:
    file = resources.files("kitchenwall.languages").joinpath(f"{code}.toml")
    whole = tomllib.loads(file.read_text("utf-8"))
    for frame in load_packs()[code].frames:
        assert frame.phrases == tuple(whole[frame.group][frame.name]["phrases"]), frame.title


def test_phrases_that_are_no_json_are_read_too(tmp_path: Path) -> None:
    file = resources.files("kitchenwall.languages").joinpath("en.toml").read_text("utf-8")
    own = tmp_path / "own.toml"
    own.write_text(f"{file}\n[soft.tried]\nphrases = [\n    'a', # why\n    \"b \\u0063\",\n]\n")
    tried = next(frame for frame in read_pack(own).frames if frame.title == "soft.tried")
    assert tried.phrases == ("a", "b c")


@pytest.mark.parametrize("code", available())
def test_every_pattern_of_a_pack_runs(code: str) -> None:
    pack = load_packs()[code]
    words = {word.strip("*") for frame in pack.frames for p in frame.phrases for word in p.split()}
    plain = sorted(word for word in words if word.isalpha())
    for begin in range(0, len(plain), 50):
        pack.read(f" {' '.join(plain[begin : begin + 50])} ")


def test_systems_and_free_mail_are_known_by_name() -> None:
    names = load_names()
    assert "gmail.com" in names.webmail
    assert "greenhouse-mail.io" in names.systems
    assert "greenhouse" in names.brands
    assert "jobalerts" in names.alert_senders
