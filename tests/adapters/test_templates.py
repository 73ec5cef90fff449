"""The letters as people will see them, and what a template may not do.

`python -m tests.adapters.test_templates` writes the letters in tests/adapters/letters/ anew, for
somebody to read before they are committed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitchenwall.adapters.templates import LONGEST_LETTER, Templates, every_situation
from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Stage
from kitchenwall.domain.letter import Question, Situation, Theme, Writer, question_for, situation

LETTERS = Path(__file__).parent / "letters"
OURS = Templates()
ROBIN = Writer("Robin Example", "+49 30 0000000")

STORIES: dict[str, Facts] = {
    "cv-screen": Facts(stage=Stage.CV_SCREEN),
    "cv-screen-kept-on-file": Facts(
        stage=Stage.CV_SCREEN, modifiers=(Fact("keep_on_file", "we keep your CV"),)
    ),
    "cv-screen-no-feedback-given": Facts(
        stage=Stage.CV_SCREEN, modifiers=(Fact("feedback_refused", ""),)
    ),
    "nothing-known": Facts(),
    "phone-screen": Facts(stage=Stage.PHONE_SCREEN),
    "interview": Facts(stage=Stage.INTERVIEW),
    "interview-generic-reason": Facts(stage=Stage.INTERVIEW, feedback=FeedbackLevel.GENERIC),
    "interview-specific-reason": Facts(stage=Stage.INTERVIEW, feedback=FeedbackLevel.SPECIFIC),
    "interview-feedback-offered": Facts(
        stage=Stage.INTERVIEW, modifiers=(Fact("feedback_offered", ""),)
    ),
    "interview-no-feedback-given": Facts(
        stage=Stage.INTERVIEW, modifiers=(Fact("feedback_refused", ""),)
    ),
    "interview-door-open": Facts(stage=Stage.INTERVIEW, modifiers=(Fact("door_open", ""),)),
    "assessment": Facts(stage=Stage.ASSESSMENT),
    "final-round": Facts(stage=Stage.FINAL, feedback=FeedbackLevel.GENERIC),
    "runner-up-specific-reason": Facts(
        stage=Stage.SILVER_MEDALIST, feedback=FeedbackLevel.SPECIFIC
    ),
    "filled": Facts(stage=Stage.POSITION_FILLED),
    "cancelled": Facts(stage=Stage.CANCELLED),
    "on-hold": Facts(stage=Stage.ON_HOLD),
    "kept-on-file": Facts(stage=Stage.KEEP_ON_FILE),
    "agency": Facts(stage=Stage.AGENCY_RELAY),
    "another-role": Facts(stage=Stage.REDIRECT),
}
VOICES = {"en": ("en", ""), "de-sie": ("de", "formal"), "de-du": ("de", "informal")}
KNOWN = {"named": ("Jordan Sample", "Acme", "Data Engineer"), "unnamed": ("", "", "")}
CASES = [
    (story, voice, known) for story in STORIES for voice in VOICES for known in KNOWN
]  # every letter once with everything known and once with nothing


def given_facts(story: str, voice: str, known: str) -> Facts:
    language, formality = VOICES[voice]
    person, company, role = (Fact(one, one) if one else None for one in KNOWN[known])
    return replace(
        STORIES[story],
        language=language,
        formality=formality,
        person=person,
        company=company,
        role=role,
    )


def letter(story: str, voice: str, known: str) -> str:
    facts = given_facts(story, voice, known)
    return OURS.words(situation(facts, ROBIN), facts.language).text


@pytest.mark.parametrize(("story", "voice", "known"), CASES)
def test_a_letter_is_the_one_that_was_read_and_approved(story: str, voice: str, known: str) -> None:
    approved = (LETTERS / f"{voice}-{story}-{known}.txt").read_text(encoding="utf-8")

    assert letter(story, voice, known) == approved


def test_no_approved_letter_is_left_over() -> None:
    names = {f"{voice}-{story}-{known}.txt" for story, voice, known in CASES}

    assert {path.name for path in LETTERS.iterdir()} == names


def test_our_templates_pass_their_own_check() -> None:
    assert OURS.check(("en", "de")) == ()


def test_a_language_without_letters_is_reported_and_gets_english() -> None:
    said = "there are no letters in 'xx': rejections in it are noted without a draft"
    assert OURS.check(("en", "xx")) == (said,)
    assert OURS.check(("en", "xx"), theirs_only=True) == (said,)
    assert OURS.language_for("xx") == "en"
    assert OURS.words(situation(Facts(), ROBIN), "xx").text.startswith("Hello,\n")


SHORT = (Theme.APPLIED, Theme.FILLED, Theme.STOPPED)
ALL = sorted(set(every_situation()), key=str)


@pytest.mark.parametrize("language", ["en", "de"])
def test_letters_are_as_long_as_their_occasion(language: str) -> None:
    for case in ALL:
        words = len(OURS.words(case, language).text.split()) - 2
        most = 90 if case.theme in SHORT else 150 if case.theme == Theme.CLOSE else 125
        assert 30 <= words <= most, (words, case)


@pytest.mark.parametrize("language", ["en", "de"])
def test_letters_thank_first_and_are_written_cleanly(language: str) -> None:
    thanks = {"en": "Thank you", "de": "vielen Dank"}[language]
    for case in ALL:
        greeting, body = OURS.words(case, language).text.split("\n\n", 1)
        assert greeting.endswith(",")
        assert body.startswith(thanks)
        assert not re.search(r"[.?] [a-zäöü]|  |\n{3}| \n|\?.*\?", body.replace("\n\n", " "))
        assert not re.search(r"unfortunately|leider|reject|Absage|why|warum|reconsider", body)


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


def test_a_question_says_why_it_was_chosen() -> None:
    for stage in Stage:
        question, why = question_for(Facts(stage=stage))
        assert question in Question
        assert why
        assert not why.endswith(".")


def test_the_name_stands_once_where_the_signature_has_it() -> None:
    plain = situation(Facts(), Writer("Robin Example"))
    signed = situation(Facts(), Writer("Robin Example", "Robin Example\n+49 30 0000000\n"))

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
@given(HOSTILE, HOSTILE, HOSTILE, st.sampled_from(["en", "de"]))
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
    + "thank you very much for this. " * 8
    + "\n\n{{ sign_off }}\n"
)


def test_the_persons_own_template_counts(tmp_path: Path) -> None:
    templates = theirs(tmp_path, en_txt=OWN_LETTER)

    words = templates.words(situation(Facts(person=Fact("Jordan Sample", "")), ROBIN), "en")

    assert words.text.startswith("Hi Jordan,\n")
    assert words.html is not None
    assert "<p>Hi Jordan,</p>" in words.html
    assert templates.check() == ()


def test_a_language_of_the_persons_own_needs_no_html(tmp_path: Path) -> None:
    templates = theirs(tmp_path, xx_txt=OWN_LETTER)

    assert "xx" in templates.languages
    assert templates.words(situation(Facts(), ROBIN), "xx").html is None


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
    assert any("reply/en.txt.j2" in problem for problem in templates.check())


def test_a_broken_template_of_a_new_language_falls_back_to_english(tmp_path: Path) -> None:
    templates = theirs(tmp_path, xx_txt="{{ nobody }}")
    case = situation(Facts(), ROBIN)

    assert templates.words(case, "xx") == OURS.words(case, "en")


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
    problems = theirs(tmp_path, en_txt=text).check()

    assert any(problem in one for one in problems), problems


def test_files_that_are_better_not_used_are_reported(tmp_path: Path) -> None:
    templates = theirs(tmp_path, en_txt=OWN_LETTER, english_txt=OWN_LETTER, de_txt="x" * 70_000)
    (tmp_path / "reply" / "en.txt.j2").chmod(0o666)
    (tmp_path / "reply" / "cs.txt.j2").write_bytes(b"\xff\xfe")

    problems = templates.check()

    assert len(problems) == 4, problems
    assert templates.languages == {"en", "de"}


def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    assert Templates(tmp_path / "no").languages == {"en", "de"}


def test_importing_and_making_templates_loads_no_template_engine() -> None:
    code = (
        "import sys; from kitchenwall.adapters.templates import Templates; Templates();"
        "sys.exit('jinja2' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_situation_is_plain_text_throughout() -> None:
    for case in (situation(facts, ROBIN) for facts in STORIES.values()):
        assert isinstance(case, Situation)
        assert all(isinstance(getattr(case, name), str) for name in Situation.__slots__)


def write_letters() -> None:
    for old in LETTERS.glob("*.txt"):
        old.unlink()
    for story, voice, known in CASES:
        path = LETTERS / f"{voice}-{story}-{known}.txt"
        path.write_text(letter(story, voice, known), encoding="utf-8")


if __name__ == "__main__":
    write_letters()
