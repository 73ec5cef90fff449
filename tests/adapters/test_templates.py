"""The letters as people will see them, and what a template may not do.

`python -m tests.adapters.test_templates` writes the letters in tests/adapters/letters/ anew, for
somebody to read before they are committed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitchenwall.adapters.packs import available
from kitchenwall.adapters.templates import LONGEST_LETTER, Templates
from kitchenwall.domain.facts import Fact, Facts, Stage
from kitchenwall.domain.letter import Bridge, Point, Situation, Writer, situation
from kitchenwall.domain.occasions import OCCASIONS, every_situation
from kitchenwall.domain.questions import Question, Theme
from kitchenwall.domain.quoting import Quote

LETTERS = Path(__file__).parent / "letters"
OURS = Templates()
ROBIN = Writer(name="Robin Example", signature="+49 30 0000000")
LANGUAGES = available()
VOICES = {
    "en": ("en", "", ""), "en-us": ("en", "", "US"), "de-sie": ("de", "formal", ""),
    "de-du": ("de", "informal", ""), "fr-vous": ("fr", "formal", ""), "fr-tu": ("fr", "informal", ""),
    "es-usted": ("es", "formal", ""), "es-tu": ("es", "informal", ""), "nl-u": ("nl", "formal", ""),
    "nl-je": ("nl", "informal", ""), "pl-pani": ("pl", "formal", ""), "pl-ty": ("pl", "informal", ""),
    "it-lei": ("it", "formal", ""), "it-tu": ("it", "informal", ""), "pt-br": ("pt", "", "BR"),
    "pt-pt": ("pt", "formal", "PT"), "pt-tu": ("pt", "informal", "PT"), "sv": ("sv", "", ""),
    "da": ("da", "", ""), "cs-vy": ("cs", "formal", ""), "cs-ty": ("cs", "informal", ""),
}  # fmt: skip
KNOWN = {"named": ("Jordan Sample", "Acme", "Data Engineer"), "unnamed": ("", "", "")}


def letters_in(voice: str) -> str:
    """Every letter in one voice, once with everything known and once with nothing."""
    language, formality, region = VOICES[voice]
    parts = []
    for occasion, facts in OCCASIONS.items():
        for known, values in KNOWN.items():
            person, company, role = (Fact(one, one) if one else None for one in values)
            told = replace(facts, formality=formality, person=person, company=company, role=role)
            text = OURS.words(situation(told, ROBIN, (), region), language).text
            parts.append(f"==== {occasion}, {known}\n\n{text}")
    return "\n".join(parts)


@pytest.mark.parametrize("voice", VOICES)
def test_a_letter_is_the_one_that_was_read_and_approved(voice: str) -> None:
    assert letters_in(voice) == (LETTERS / f"{voice}.txt").read_text(encoding="utf-8")


def test_no_approved_letter_is_left_over() -> None:
    assert {path.stem for path in LETTERS.iterdir()} == set(VOICES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_templates_pass_their_own_check(language: str) -> None:
    assert OURS.check((language,), only=(language,)) == ()


def test_a_language_without_letters_is_reported_and_gets_english() -> None:
    said = "there are no letters in 'xx': rejections in it are noted without a draft"
    assert OURS.check(("en", "xx"), only=("en",)) == (said,)
    assert OURS.check(("en", "xx"), only=OURS.touched) == (said,)
    assert OURS.language_for("xx") == "en"
    assert OURS.words(situation(Facts(), ROBIN), "xx").text.startswith("Hello,\n")


ALL = tuple(every_situation())


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_are_written_cleanly(language: str) -> None:
    for case in ALL[::5]:
        greeting, body = OURS.words(case, language).text.split("\n\n", 1)
        assert greeting.endswith((",", ":") if language == "es" else ",")
        assert not re.search(r"[.?] [a-zäöü]|  |\n{3}| \n|\?.*\?", body.replace("\n\n", " "))


BASE = situation(Facts(stage=Stage.INTERVIEW), ROBIN)
# Of the themes, these two are told apart by their question and bridge.
PARTS = {
    "theme": [replace(BASE, theme=one) for one in Theme if one not in (Theme.ON_FILE, Theme.REDIRECT)],
    "question": [replace(BASE, question=one) for one in Question],
    "point": [replace(BASE, point=one) for one in ("", *Point)],
    "bridge": [replace(BASE, bridge=one) for one in Bridge],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", PARTS)
def test_each_part_of_a_situation_has_words_of_its_own(language: str, part: str) -> None:
    letters = {OURS.words(case, language).text for case in PARTS[part]}
    assert len(letters) == len(PARTS[part])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_shows_the_mail_that_it_answers_below_it(language: str) -> None:
    case = situation(Facts(), ROBIN)
    quoted = Quote(
        "> We chose someone else.\n>\n> Jo", "Jo", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    )

    words = OURS.words(case, language, quoted)

    alone = OURS.words(case, language).text
    assert words.text.startswith(alone)
    attribution, *lines = words.text.removeprefix(alone).strip().splitlines()
    assert "Jo" in attribution
    assert "2026" in attribution
    assert "09:05" in attribution or "9:05" in attribution or "09.05" in attribution
    assert lines == ["> We chose someone else.", ">", "> Jo"]
    assert words.html is not None
    assert "<blockquote> We chose someone else.<br><br> Jo</blockquote>" in words.html


def test_letters_in_german_keep_to_one_form_of_address() -> None:
    for case in ALL:
        text = OURS.words(case, "de").text
        if case.formality == "informal":
            assert not re.search(r"\b(?:Ihnen|Ihren?|Ihre[rms]?|Sie)\b", text), text
        else:
            assert not re.search(
                r"\b(?:du|dir|dein\w*|euch|eure?\w*|Ihr)\b",
                text.replace("Ihr Team", "").replace("Ihr Angebot", ""),
            ), text


def test_a_name_that_is_not_certain_is_left_out() -> None:
    for name in ("{{ 7 * 7 }}", "The Acme Team!", "jane@acme.example", "x" * 90, "Jane <b>", "12"):
        case = situation(Facts(person=Fact(name, name)), ROBIN)
        assert OURS.words(case, "en").text.startswith("Hello,\n"), name


@pytest.mark.parametrize(
    ("person", "formality", "greeting"),
    [
        ("Frau Sample", "formal", "Sehr geehrte Frau Sample,"),
        ("Frau Jordan Sample", "", "Sehr geehrte Frau Sample,"),
        ("Herr Dr. Sample", "formal", "Sehr geehrter Herr Dr. Sample,"),
        ("Herrn Jordan Sample", "formal", "Sehr geehrter Herr Sample,"),
        ("Dr. Jordan Sample", "formal", "Guten Tag Dr. Jordan Sample,"),
        ("Jordan Sample", "informal", "Hallo Jordan,"),
        ("Jördis", "informal", "Hallo Jördis,"),
        ("J. Sample", "informal", "Hallo zusammen,"),
        ("", "informal", "Hallo zusammen,"),
    ],
)
def test_people_are_greeted_in_german_as_is_usual(
    person: str, formality: str, greeting: str
) -> None:
    facts = Facts(formality=formality, person=Fact(person, "") if person else None)

    text = OURS.words(situation(facts, ROBIN), "de").text

    assert text.splitlines()[0] == greeting


@pytest.mark.parametrize(
    ("person", "formality", "greeting"),
    [
        ("Jordan Sample", "", "Dear Jordan,"),
        ("Jordan Sample", "formal", "Dear Jordan Sample,"),
        ("Ms Sample", "", "Dear Ms Sample,"),
        ("Mr. Jordan Sample", "formal", "Dear Mr Sample,"),
        ("Mary O'Example-Sample", "", "Dear Mary,"),
    ],
)
def test_people_are_greeted_in_english_as_is_usual(
    person: str, formality: str, greeting: str
) -> None:
    facts = Facts(formality=formality, person=Fact(person, ""))

    assert OURS.words(situation(facts, ROBIN), "en").text.splitlines()[0] == greeting


def test_the_name_stands_once_where_the_signature_has_it() -> None:
    plain = situation(Facts(), Writer(name="Robin Example"))
    signed = situation(
        Facts(), Writer(name="Robin Example", signature="Robin Example\n+49 30 0000000\n")
    )

    assert plain.sign_off == "Robin Example"
    assert OURS.words(signed, "en").text.count("Robin Example") == 1


HOSTILE = st.one_of(
    st.text(max_size=200),
    st.sampled_from(
        [
            "{{ 7 * 7 }}",
            "{% for x in range(9) %}x{% endfor %}",
            "{{ sign_off.__class__ }}",
            "{# x #}",
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "&lt;b&gt;",
            "x\r\nBcc: y@bad.example",
            "https://bad.example/x?y=1",
            "Why? Why? Why?",
        ]
    ),
)


@settings(max_examples=60)
@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from(LANGUAGES))
def test_what_a_mail_says_stays_text(company: str, role: str, person: str, language: str) -> None:
    facts = Facts(
        stage=Stage.INTERVIEW,
        company=Fact(company, ""),
        role=Fact(role, ""),
        person=Fact(person, ""),
    )

    words = OURS.words(situation(facts, ROBIN), language)

    assert words.text.count("?") <= 1
    assert len(words.text) < LONGEST_LETTER
    assert "https://" not in words.text
    assert words.html is not None
    tags = re.findall(r"<(/?\w+)", words.html)
    assert set(tags) <= {"html", "head", "meta", "/head", "body", "p", "br", "/p", "/body", "/html"}


def test_a_template_in_a_value_is_only_a_value() -> None:
    words = OURS.words(situation(Facts(role=Fact("{{ 7 * 7 }}", "")), ROBIN), "en")

    assert "the {{ 7 * 7 }} position" in words.text
    assert "49" not in words.text.replace(ROBIN.signature, "")


def test_html_is_escaped_and_says_the_same() -> None:
    words = OURS.words(situation(Facts(company=Fact("Acme & Sons", "")), ROBIN), "en")

    assert words.html is not None
    assert "Acme &amp; Sons" in words.html
    assert "<p>Kind regards,<br>Robin Example<br>+49 30 0000000</p>" in words.html
    assert words.html.startswith('<!DOCTYPE html>\n<html lang="en">')


def theirs(tmp_path: Path, **files: str) -> Templates:
    (tmp_path / "reply").mkdir()
    for name, text in files.items():
        (tmp_path / "reply" / (name.replace("_", ".") + ".j2")).write_text(text, encoding="utf-8")
    return Templates(tmp_path)


OWN_LETTER = (
    "Hi {{ first_name or 'there' }},\n\n"
    + "thank you very much for this. " * 10
    + "\n\n{{ sign_off }}\n"
)


def test_the_persons_own_template_counts(tmp_path: Path) -> None:
    templates = theirs(tmp_path, en_txt=OWN_LETTER)

    words = templates.words(situation(Facts(person=Fact("Jordan Sample", "")), ROBIN), "en")

    assert words.text.startswith("Hi Jordan,\n")
    assert words.html is not None
    assert "<p>Hi Jordan,</p>" in words.html
    assert templates.check(only=("en",)) == ()


def test_a_language_of_the_persons_own_needs_the_text_alone(tmp_path: Path) -> None:
    templates = theirs(tmp_path, xx_txt=OWN_LETTER)

    assert "xx" in templates.languages
    html = templates.words(situation(Facts(), ROBIN), "xx").html
    assert html is not None
    assert '<html lang="xx">' in html


def test_one_block_in_other_words_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    own = '{% extends "ours/en.txt.j2" %}{% block closing %}Warmly,{% endblock %}'
    templates = theirs(tmp_path, en_txt=own)
    case = situation(Facts(stage=Stage.INTERVIEW), ROBIN)

    words = templates.words(case, "en")

    assert words.text == OURS.words(case, "en").text.replace("Kind regards,", "Warmly,")
    assert templates.check(only=templates.touched) == ()


def test_another_layout_counts_for_every_language(tmp_path: Path) -> None:
    ours = OURS.source("layout.txt.j2")
    assert ours is not None
    own = ours.replace("{{ self.closing() }}\n", "")
    templates = theirs(tmp_path, layout_txt=own)
    case = situation(Facts(), ROBIN)

    assert templates.touched == OURS.languages
    for language in ("en", "de"):
        assert templates.words(case, language).text != OURS.words(case, language).text


BROKEN = {
    "an unknown variable": "{{ nobody }}",
    "bad syntax": "{% if %}",
    "a way out of the sandbox": "{{ sign_off.__class__.__mro__ }}",
    "a way out through format": "{{ '{0.__class__}'.format(sign_off) }}",
    "an attribute filter": "{{ sign_off | attr('__class__') }}",
    "a letter without end": "{% for x in range(90000) %}xxxxxxxx{% endfor %}",
    "nothing": "   \n",
    "an include of something else": "{% include '/etc/hostname' %}",
    "a division by nothing": "{{ 1 / 0 }}",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_template_falls_back_to_ours_and_is_reported(tmp_path: Path, name: str) -> None:
    templates = theirs(tmp_path, en_txt=BROKEN[name])
    case = situation(Facts(), ROBIN)

    assert templates.words(case, "en") == OURS.words(case, "en")
    assert any("reply/en.txt.j2" in problem for problem in templates.check(only=("en",)))


def test_a_broken_template_of_a_new_language_is_as_if_there_were_none(tmp_path: Path) -> None:
    templates = theirs(tmp_path, xx_txt="{{ nobody }}")

    assert templates.languages == OURS.languages
    assert any("reply/xx.txt.j2" in problem for problem in templates.check(only=("xx",)))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (OWN_LETTER.replace(".", "?"), "more than one question"),
        (OWN_LETTER.replace("{{ sign_off }}", "Robin"), "your name is missing"),
        ("Hi,\n\nthanks.\n\n{{ sign_off }}", "fewer than"),
        (OWN_LETTER * 5, "more than"),
        (OWN_LETTER.replace("this", "{{ company }} , this"), "was not filled in"),
        (OWN_LETTER.replace("this.", "this!"), "it shouts"),
    ],
)
def test_an_unhappy_template_is_reported(tmp_path: Path, text: str, problem: str) -> None:
    problems = theirs(tmp_path, en_txt=text).check(only=("en",))

    assert any(problem in one for one in problems), problems


def test_files_that_are_better_not_used_are_reported(tmp_path: Path) -> None:
    templates = theirs(tmp_path, en_txt=OWN_LETTER, english_txt=OWN_LETTER, de_txt="x" * 70_000)
    (tmp_path / "reply" / "en.txt.j2").chmod(0o666)
    (tmp_path / "reply" / "cs.txt.j2").write_bytes(b"\xff\xfe")

    problems = templates.check(only=())

    assert len(problems) == 4, problems
    assert templates.languages == OURS.languages


def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    assert Templates(tmp_path / "no").languages == OURS.languages


def test_importing_and_making_templates_loads_no_template_engine() -> None:
    code = (
        "import sys; from kitchenwall.adapters.templates import Templates; Templates();"
        "sys.exit('jinja2' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_situation_is_plain_text_throughout() -> None:
    for case in (situation(facts, ROBIN) for facts in OCCASIONS.values()):
        assert isinstance(case, Situation)
        assert all(isinstance(getattr(case, name), str) for name in Situation.__slots__)


def write_letters() -> None:
    LETTERS.mkdir(exist_ok=True)
    for voice in VOICES:
        (LETTERS / f"{voice}.txt").write_text(letters_in(voice), encoding="utf-8")


if __name__ == "__main__":
    write_letters()
