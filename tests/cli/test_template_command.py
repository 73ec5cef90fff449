"""A person looks at the letters, changes one, and is told what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitchenwall.adapters.packs import available
from kitchenwall.cli.main import main
from tests.cli.person import Mailbox, Person

CLOSING = '{% extends "ours/en.txt.j2" %}{% block closing %}Warmly,{% endblock %}\n'


@pytest.fixture
def person(tmp_path: Path) -> Person:
    found = Person(tmp_path / "home")
    found.configure(Mailbox(name="home", login="robin@mail.example", port=1))
    return found


def own(person: Person, name: str, text: str) -> Path:
    path = person.config.parent / "templates" / "reply" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who has no configuration yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.mark.usefixtures("nobody")
def test_letters_can_be_looked_at_before_there_is_a_configuration(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["template", "list"]) == 0
    listed = capsys.readouterr().out
    assert all(f"{code}.txt.j2" in listed for code in available())
    assert "no configuration yet" in listed
    assert main(["template", "preview", "--language", "de", "--formality", "formal"]) == 0
    letter = capsys.readouterr().out
    assert letter.startswith("Guten Tag Jordan Sample,")
    assert letter.rstrip().endswith("Robin Example")


def test_list_says_whose_a_file_is_and_where_to_begin(person: Person) -> None:
    own(person, "en.txt.j2", CLOSING)
    own(person, "english.txt.j2", "x")
    told = person.reads("template", "list")
    rows = {line.split()[0]: line for line in told.splitlines() if ".j2" in line.split(" ")[0]}
    assert "yours, instead of ours" in rows["en.txt.j2"]
    assert "cannot be used" in rows["english.txt.j2"]
    assert rows["de.txt.j2"].split()[1:] == ["ours"]
    assert f"template show en > {person.config.parent}" in told


def test_show_prints_a_template_as_it_is_ours_or_yours(person: Person) -> None:
    ours = person.reads("template", "show", "en")
    assert '{%- extends "layout.txt.j2" -%}' in ours
    own(person, "en.txt.j2", CLOSING)
    assert person.reads("template", "show", "en") == CLOSING
    assert person.reads("template", "show", "en", "--ours") == ours
    assert "<!DOCTYPE html>" in person.reads("template", "show", "layout", "--html")


def test_what_show_prints_is_a_template_that_gives_the_same_letter(person: Person) -> None:
    before = person.reads("template", "preview")
    own(person, "en.txt.j2", person.reads("template", "show", "en"))
    assert person.reads("template", "preview") == before


def test_a_preview_is_signed_by_the_person_and_takes_their_template(person: Person) -> None:
    own(person, "en.txt.j2", CLOSING)
    letter = person.reads("template", "preview", "--situation", "agency")
    assert letter.rstrip().endswith("Warmly,\nRobin Sommer")
    assert "<p>Warmly,<br>Robin Sommer</p>" in person.reads("template", "preview", "--html")


def test_every_letter_can_be_read_at_once(person: Person) -> None:
    told = person.reads("template", "preview", "--all", "--language", "sv", "--language", "da")
    assert "---- sv, cv-screen\n" in told
    assert "---- da, another-role\n" in told
    assert person.reads("template", "preview", "--unnamed").startswith("Hello,")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("preview", "--language", "xx"), 'no letters in "xx"; there are letters in: cs, da'),
        (("preview", "--situation", "xx"), 'no situation "xx"; there are: agency'),
        (("show", "xx"), "no template xx.txt.j2; there are: cs.txt.j2"),
    ],
)
def test_what_there_is_not_is_answered_with_what_there_is(
    person: Person, words: tuple[str, ...], told: str
) -> None:
    answer = person.types("template", *words)
    assert answer.code == 64
    assert told in answer.err


def test_check_writes_the_letters_of_the_person_s_languages(person: Person) -> None:
    assert person.reads("template", "check") == "letters in en: nothing to mend\n"
    own(person, "en.txt.j2", CLOSING.replace("Warmly,", "Why not reconsider! {{ nobody }}"))
    answer = person.types("template", "check")
    assert answer.code == 78
    assert "'nobody' is undefined" in answer.out
    own(person, "en.txt.j2", CLOSING.replace("Warmly,", "I beg you: why?"))
    told = person.types("template", "check").out
    assert 'it says "why", which a thank-you letter does not say' in told
    assert "to mend" in told


def test_a_broken_template_stops_neither_check_nor_letters(person: Person) -> None:
    before = person.reads("template", "preview")
    own(person, "en.txt.j2", "{% if %}")
    assert person.reads("template", "preview") == before
