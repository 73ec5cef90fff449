"""Sentences in French, Spanish, Italian and Portuguese: every no is read, and no look-alike."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.verdict import Outcome

FILE = Path(__file__).parents[1] / "corpus" / "romance.toml"
TOLD = tomllib.loads(FILE.read_text("utf-8"))
ROUND = {
    "fr": "Bonjour Mira,\n\nMerci pour votre candidature chez Ferrant pour le poste d'agent. {}",
    "es": "Hola, Mira:\n\nGracias por tu candidatura al puesto de agente en Ferrant. {}",
    "it": "Ciao Mira,\n\ngrazie per la tua candidatura come agente in Ferrant. {}",
    "pt": "Olá, Mira,\n\nAgradecemos a sua candidatura à vaga de agente na Ferrant. {}",
}
CONDITION = {
    "fr": "Si nous ne revenons pas vers vous sous trois semaines, {}",
    "es": "Si no recibe noticias nuestras en tres semanas, {}",
    "it": "Qualora non ricevesse nostre notizie entro tre settimane, {}",
    "pt": "Caso não receba notícias em três semanas, {}",
}


def outcome(text: str) -> Outcome:
    message = Message(
        key="k",
        sender=Address("tess@ferrant.example"),
        received=datetime(2026, 3, 9, tzinfo=UTC),
        subject="Ferrant",
        text=text,
        own_words=text,
    )
    return judge(message, load_packs()).outcome


def every(key: str) -> list[tuple[str, str]]:
    return [(code, sentence) for code in TOLD for sentence in TOLD[code][key]]


@pytest.mark.parametrize(("code", "sentence"), every("no"))
def test_a_no_is_read_and_its_conditional_twin_is_not(code: str, sentence: str) -> None:
    assert outcome(ROUND[code].format(sentence)) is Outcome.REJECTION
    twin = CONDITION[code].format(sentence[0].lower() + sentence[1:])
    assert outcome(ROUND[code].format(twin)) is not Outcome.REJECTION


@pytest.mark.parametrize(("code", "sentence"), every("not"))
def test_a_look_alike_is_no_rejection(code: str, sentence: str) -> None:
    assert outcome(ROUND[code].format(sentence)) is not Outcome.REJECTION
