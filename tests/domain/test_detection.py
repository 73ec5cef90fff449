from __future__ import annotations

import dataclasses
import random
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from kitchenwall.adapters.packs import available, load_packs
from kitchenwall.domain.detection import UNKNOWN_LANGUAGE, judge
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.verdict import Outcome, Verdict

NO = "We have decided not to move forward with your application for the Line Planner role."
NEIN = "Leider müssen wir Ihnen mitteilen, dass wir Ihre Bewerbung nicht berücksichtigen können."


def message(text: str, subject: str = "Your application", **more: Any) -> Message:
    known = Message(
        key="k",
        sender=Address("tess@ferrant.example", "Tess Ferrant"),
        received=datetime(2026, 3, 9, tzinfo=UTC),
        subject=subject,
        text=text,
        own_words=text,
    )
    return dataclasses.replace(known, **more)


def verdict(text: str, subject: str = "Your application", **more: Any) -> Verdict:
    return judge(message(text, subject, **more), load_packs())


def rules(found: Verdict) -> list[str]:
    return [evidence.rule for evidence in found.evidence]


def test_a_rejection_names_its_sentence_and_its_signals() -> None:
    found = verdict(f"Dear Mira,\n\nThank you for your time. {NO} We wish you well.")
    assert found.outcome is Outcome.REJECTION
    assert found.sentence == NO
    assert found.language == "en"
    assert any(rule.startswith("decision:") for rule in rules(found))
    assert 0.7 <= found.confidence < 1


@pytest.mark.parametrize(
    "twin",
    [
        "If we decide not to move forward with your application, we will write to you.",
        "We will tell you whether we have decided not to move forward with your application.",
        "Should we not move forward with your application, you will hear from us.",
        "You will get a mail if you are not selected for the Line Planner role.",
        "We may decide not to move forward with your application for the role.",
        "We have not yet decided which candidates will not move forward in your application round.",
        "You have decided not to move forward with your application for the role.",
        "If you have questions, write to us, and if you are not selected, we will tell you.",
        "Have we decided not to move forward with your application?",
        "Falls wir Ihre Bewerbung nicht berücksichtigen können, hören Sie von uns.",
        "Sie hören von uns, wenn wir Ihre Bewerbung nicht berücksichtigen können.",
    ],
)
def test_a_guarded_decision_is_none(twin: str) -> None:
    found = verdict(f"Thank you for applying for the Line Planner role. {twin}")
    assert found.outcome is Outcome.OTHER
    assert any(rule.startswith("guard:") for rule in rules(found))


@pytest.mark.parametrize(
    "told",
    [
        "Olá, obrigada pela sua candidatura. A vaga de monitora já foi preenchida, viu?",
        "Gracias por tu candidatura. El puesto de camarera ya está cubierto, ¿vale?",
    ],
)
def test_a_tag_makes_no_question_of_a_decision(told: str) -> None:
    assert verdict(told, "Ferrant").outcome is Outcome.REJECTION
    assert verdict(f"{told[:-1].rpartition(',')[0]}?", "Ferrant").outcome is Outcome.OTHER


@pytest.mark.parametrize(
    "written",
    [
        "We won’t be moving forward with your application for the role.",
        "We wo\u00adn't be mov\u00ading for\u200bward with your application for the role.",
        "WE WILL NOT BE MOVING FORWARD WITH YOUR APPLICATION FOR THE ROLE.",
        "We will not be moving\nforward with your application for the role.",
        "Leider koennen wir Ihre Bewerbung fuer diese Stelle nicht beruecksichtigen.",
        "Wir haben uns für andere Bewerber:innen entschieden, danke für Ihre Bewerbung.",
        "Wir haben uns für andere BewerberInnen entschieden, danke für Ihre Bewerbung.",
        "Wir haben uns für eine*n andere*n Kandidat*in entschieden, danke für deine Bewerbung.",
    ],
)
def test_ways_of_writing_do_not_matter(written: str) -> None:
    assert verdict(written).outcome is Outcome.REJECTION


def test_an_acknowledgement_does_not_take_a_decision_back() -> None:
    text = f"Thank you for applying. We received your application and reviewed it. {NO}"
    assert verdict(text).outcome is Outcome.REJECTION


def test_apologies_and_praise_are_no_evidence() -> None:
    text = (
        "Unfortunately it took longer. Your background is impressive and the role is great. Sorry!"
    )
    assert verdict(text).outcome is Outcome.OTHER


def test_a_no_besides_an_invitation_is_for_the_person() -> None:
    no = "Unfortunately you were not selected for the role."
    text = f"{no} However, we would love to interview you for another role. Are you available?"
    found = verdict(text)
    assert found.outcome is Outcome.UNSURE
    assert any(rule.startswith("positive:") for rule in rules(found))


@pytest.mark.parametrize(
    "text",
    [
        "We regret to inform you that your loan application was declined by our lenders.",
        "Your paper was not selected. The reviewers had many submissions for the conference.",
        "The landlord has decided to go with another applicant for the apartment.",
        "Leider können wir Ihren Antrag auf einen Kredit nicht berücksichtigen.",
    ],
)
def test_a_refusal_of_something_else_is_no_rejection(text: str) -> None:
    assert verdict(text, "News").outcome is Outcome.OTHER


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"auto_submitted": "auto-replied"}, "auto-reply"),
        ({"kinds": ("multipart/report",)}, "report"),
        ({"sender": Address("mailer-daemon@mx.example")}, "report"),
        ({"calendar_method": "CANCEL"}, "calendar"),
        ({"list_post": "<mailto:club@lists.example>"}, "list"),
        ({"sender": Address("jobalerts@board.example")}, "alert"),
        ({"has_forward": True, "own_words": ""}, "forward"),
    ],
)
def test_what_a_mail_is_by_its_headers_comes_first(more: dict[str, Any], rule: str) -> None:
    text = "We have decided to move forward with other candidates for the role."
    found = verdict(text, "News", **more)
    assert found.outcome is not Outcome.REJECTION
    assert rule in rules(found)


def test_a_link_to_unsubscribe_and_an_automatic_sender_change_nothing() -> None:
    found = verdict(NO, list_unsubscribe=True, auto_submitted="auto-generated")
    assert found.outcome is Outcome.REJECTION


def test_an_unknown_language_is_never_a_rejection() -> None:
    text = "Valitettavasti emme voi edetä hakemuksesi kanssa. Kiitos kuitenkin mielenkiinnosta."
    found = verdict(text, "Hakemus")
    assert found.outcome is Outcome.OTHER
    assert found.language == UNKNOWN_LANGUAGE


def test_a_mail_in_two_languages_is_read_in_both() -> None:
    text = f"Guten Tag, danke für Ihre Bewerbung bei uns.\n\n{NO} Thank you for the time.\n\n{NEIN}"
    assert verdict(text).outcome is Outcome.REJECTION


def test_a_subject_alone_is_for_the_person() -> None:
    text = "Please log in to read the outcome of your application for the Line Planner job with us."
    assert verdict(text, "Your application was unsuccessful").outcome is Outcome.UNSURE


def test_a_mail_without_a_no_is_said_to_have_none() -> None:
    found = verdict("Thank you for your application. We will read it and write to you.")
    assert found.because == "nothing in it says no"
    assert found.confidence == 0.9


def test_nothing_to_read_is_no_rejection() -> None:
    assert verdict("", "").outcome is Outcome.OTHER
    assert judge(message(NO), {}).outcome is Outcome.OTHER


def test_the_same_mail_is_always_judged_the_same() -> None:
    assert len({repr(verdict(NO)) for _ in range(5)}) == 1


@pytest.mark.parametrize(
    "part",
    [
        "not to be not able unable ",
        "if you are not selected or not ",
        "your application your candidacy your profile ",
        "decided to move forward with other ",
        "we have decided not to not to not to, ",
        "nicht in die engere nicht in die ",
        "für andere Bewerber für andere ",
        "((((((", "a.b. ", "? ", "'''' ", "\u0301", "ﷺ", "\n", "aaaa",
    ],
)  # fmt: skip
def test_a_megabyte_of_malice_is_judged_in_linear_time(part: str) -> None:
    text = part * (1_000_000 // len(part.encode()))
    begin = time.process_time()
    verdict(text)
    assert time.process_time() - begin < 6


@pytest.mark.parametrize("code", available())
def test_a_megabyte_of_mixed_words_is_judged_in_linear_time(code: str) -> None:
    pack = load_packs()[code]
    phrases = (phrase for frame in pack.frames for phrase in frame.phrases)
    told = {word for phrase in phrases for word in re.findall(r"[^\W\d_]+", phrase)}
    words = [*sorted(told), *sorted(pack.function_words) * 6, ",", "."]
    chance = random.Random(7)
    text = " ".join(chance.choice(words) for _ in range(170_000))
    begin = time.process_time()
    assert verdict(text).language == code
    assert time.process_time() - begin < 6


def test_a_label_in_quotes_is_nobodys_decision() -> None:
    label = 'In this list, "your candidacy was not selected" is how the system marks a job.'
    assert verdict(f"Thank you for your application.\n\n{label}", "Jobs").outcome is Outcome.OTHER
    other = 'The mails "Not selected for interview" for the role go out tomorrow to the candidates.'
    found = verdict(other, "Hiring")
    assert found.outcome is Outcome.OTHER
    told = 'Your application for the role "Line Planner" was not selected.'
    assert verdict(told).outcome is Outcome.REJECTION


def test_a_warning_names_what_swindlers_ask_for_and_is_no_swindle() -> None:
    asked = f"{NO} To appeal, pay the refundable fee and write to us on Telegram."
    assert rules(verdict(asked)) == ["phishing"]
    warned = f"{NO} Beware of fraud: we never ask you to pay a fee or write to us on Telegram."
    assert verdict(warned).outcome is Outcome.REJECTION
