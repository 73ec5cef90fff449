"""Which country's conventions a letter follows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kitchenwall.adapters.packs import available
from kitchenwall.adapters.tones import load_regions
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.regions import region_of


@pytest.mark.parametrize(
    ("language", "sender", "text", "region"),
    [
        ("en", "jo@birch.co.uk", "Thank you for your resume.", "GB"),
        ("en", "jo@birch.example", "Our organisation had to apologise.", "GB"),
        ("en", "jo@birch.example", "Thank you for sending your resume.", "US"),
        ("en", "jo@birch.example", "Thank you for your application.", ""),
        ("en", "jo@birch.example", "Your CV and your resume.", ""),
        ("de", "jo@birke.ch", "Guten Tag", "CH"),
        ("de", "jo@birke.example", "Freundliche Grüsse", "CH"),
        ("de", "jo@birke.example", "Freundliche Grüße", ""),
        ("pt", "jo@faia.example", "A vaga foi preenchida, obrigado pelo retorno.", "BR"),
        ("pt", "jo@faia.example", "Agradecemos o contacto com a nossa equipa.", "PT"),
        ("es", "jo@haya.mx", "Gracias", "LATAM"),
        ("sv", "jo@bok.example", "Tack", ""),
    ],
)
def test_the_sender_s_country_comes_before_words(
    language: str, sender: str, text: str, region: str
) -> None:
    message = Message(
        key="k", sender=Address(sender), received=datetime(2026, 3, 2, tzinfo=UTC), text=text
    )
    assert region_of(message, load_regions(language)) == region


@pytest.mark.parametrize("language", available())
def test_no_mark_stands_for_two_regions_of_a_language(language: str) -> None:
    regions = load_regions(language).values()
    for marks in ([one.domains for one in regions], [one.words for one in regions]):
        all_marks = [mark for one in marks for mark in one]
        assert len(all_marks) == len(set(all_marks))
        assert all(mark == mark.lower() for mark in all_marks)
