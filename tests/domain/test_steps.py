"""A mail shows the furthest step that it takes outright, in every language that is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.adapters.senders import load_senders
from kitchenwall.domain.clues import Clues
from kitchenwall.domain.facts import Stage
from kitchenwall.domain.index import Frame
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.steps import step

PACKS = load_packs()
FRAMES = [
    (code, frame) for code, pack in PACKS.items() for frame in pack.frames if frame.group == "step"
]
# An interview that may never be.
IF = {
    "en": "If your profile fits, we will invite you to an interview.",
    "de": "Sofern Ihr Profil passt, laden wir Sie zu einem Vorstellungsgespräch ein.",
    "fr": "Si votre profil correspond, nous vous inviterons à un entretien.",
    "es": "Si tu perfil encaja, te invitamos a una entrevista.",
    "it": "Se il tuo profilo è adatto, ti invitiamo a un colloquio.",
    "pt": "Se o seu perfil corresponder, convidamos você para uma entrevista.",
    "nl": "Als je profiel past, nodigen we je uit voor een sollicitatiegesprek.",
    "sv": "Om din profil passar bjuder vi in dig till en intervju.",
    "da": "Hvis din profil passer, vil vi invitere dig til en samtale.",
    "pl": "Jeśli profil będzie pasował, zapraszamy na rozmowę.",
    "cs": "Pokud bude profil vhodný, zveme Vás na pohovor.",
}


def shown(text: str, code: str = "en", subject: str = "Hello") -> Stage:
    message = Message(
        key="k",
        sender=Address("jo@larkfield.example"),
        received=datetime(2026, 3, 9, tzinfo=UTC),
        subject=subject,
        text=text,
    )
    return step(Clues.of(message, PACKS[code]), load_senders())[0]


@pytest.mark.parametrize(
    ("code", "frame"), FRAMES, ids=[f"{code} {frame.name}" for code, frame in FRAMES]
)
def test_each_step_is_read_in_each_language(code: str, frame: Frame) -> None:
    assert shown(frame.reads, code) == frame.name
    assert shown(frame.misses, code) is Stage.UNKNOWN


@pytest.mark.parametrize("code", PACKS)
def test_what_stands_in_a_condition_is_no_step(code: str) -> None:
    assert shown(IF[code], code) is Stage.UNKNOWN


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("Thank you for the call. We would like to invite you to an interview.", Stage.INTERVIEW),
        ("Thank you for speaking with me on Friday.", Stage.PHONE_SCREEN),
        ("It was lovely to meet you and to hear about your work.", Stage.INTERVIEW),
        ("Can we schedule a phone interview with our team?", Stage.PHONE_SCREEN),
        ("Invitation to a one way video interview", Stage.ASSESSMENT),
        ("We are unable to invite you to an interview.", Stage.UNKNOWN),
        ("The interview with the minister is on page four.", Stage.UNKNOWN),
        ("How to prepare for a phone screen", Stage.UNKNOWN),
    ],
)
def test_what_is_smaller_than_an_interview_is_none(text: str, stage: Stage) -> None:
    assert shown(text) is stage
    assert shown("", subject=text) is stage
