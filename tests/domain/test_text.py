from __future__ import annotations

import time

import pytest

from kitchenwall.domain.text import has_forward, own_words

WORDS = "Thank you for the kind words. We will call you on Friday."

ATTRIBUTIONS = [
    "On Tue, 3 Mar 2026 at 10:12, Mira Stone <mira@stone.example> wrote:",
    "On Tue, 3 Mar 2026 at 10:12, Mira Stone\n<mira@stone.example> wrote:",
    "Am 03.03.26 um 10:12 schrieb Mira Stein:",
    "Am Di., 3. März 2026 um 10:12 Uhr schrieb Mira Stein <mira@stein.example>:",
    "Le mar. 3 mars 2026 à 10:12, Mira Pierre <mira@pierre.example> a écrit :",
    "El mar, 3 mar 2026 a las 10:12, Mira Piedra (<mira@piedra.example>) escribió:",
    "Op di 3 mrt 2026 om 10:12 schreef Mira Steen <mira@steen.example>:",
    "W dniu 3.03.2026 o 10:12, Mira Kamień pisze:",
    "wt., 3 mar 2026 o 10:12 Mira Kamień <mira@kamien.example> napisał(a):",
    "Il giorno mar 3 mar 2026 alle 10:12 Mira Sasso <mira@sasso.example> ha scritto:",
    "Em ter., 3 de mar. de 2026 às 10:12, Mira Pedra <mira@pedra.example> escreveu:",
    "Den tis 3 mars 2026 kl 10:12 skrev Mira Sten <mira@sten.example>:",
    "Den 3. marts 2026 kl. 10.12 skrev Mira Sten <mira@sten.example>:",
    "út 3. 3. 2026 v 10:12 odesílatel Mira Kamenná <mira@kamenna.example> napsal:",
]

HEADER_BLOCKS = [
    "From: Mira <m@a.example>\nSent: Tuesday\nTo: Joe\nSubject: Talk",
    "Von: Mira <m@a.example>\nGesendet: Dienstag\nAn: Joe\nBetreff: Gespräch",
    "De : Mira <m@a.example>\nEnvoyé : mardi\nÀ : Joe\nObjet : Entretien",
    "De: Mira <m@a.example>\nEnviado el: martes\nPara: Joe\nAsunto: Charla",
    "Van: Mira <m@a.example>\nVerzonden: dinsdag\nAan: Joe\nOnderwerp: Gesprek",
    "Od: Mira <m@a.example>\nWysłano: wtorek\nDo: Joe\nTemat: Rozmowa",
    "Da: Mira <m@a.example>\nInviato: martedì\nA: Joe\nOggetto: Colloquio",
    "De: Mira <m@a.example>\nEnviado: terça\nPara: Joe\nAssunto: Conversa",
    "Från: Mira <m@a.example>\nSkickat: tisdag\nTill: Joe\nÄmne: Samtal",
    "Fra: Mira <m@a.example>\nSendt: tirsdag\nTil: Joe\nEmne: Samtale",
    "Od: Mira <m@a.example>\nOdesláno: úterý\nKomu: Joe\nPředmět: Pohovor",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_a_quote_below_its_attribution_is_not_the_writers(attribution: str) -> None:
    assert own_words(f"{WORDS}\n\n{attribution}\n> old words\n> more old words\n") == WORDS


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_a_quote_without_marks_is_not_the_writers_either(attribution: str) -> None:
    assert own_words(f"{WORDS}\n\n{attribution}\n\nold words\nmore old words\n") == WORDS


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_what_follows_a_block_of_header_lines_is_quoted(block: str) -> None:
    assert own_words(f"{WORDS}\n\n________________\n{block}\n\nold words") == WORDS


@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_a_mail_that_begins_with_header_lines_is_a_forward(block: str) -> None:
    assert has_forward(f"\n{block}\n\nold words")
    assert not has_forward(f"{WORDS}\n\n{block}\n\nold words")


@pytest.mark.parametrize(
    "mark",
    [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "---------- Message transféré ---------",
        "---------- Mensaje reenviado ----------",
        "---------- Doorgestuurd bericht ---------",
        "---------- Przekazana wiadomość ---------",
        "---------- Messaggio inoltrato ---------",
        "---------- Mensagem encaminhada ---------",
        "---------- Vidarebefordrat meddelande ---------",
        "---------- Videresendt meddelelse ---------",
        "---------- Přeposlaná zpráva ---------",
    ],
)
def test_a_forwarded_part_is_seen_and_left_out(mark: str) -> None:
    mail = f"{WORDS}\n\n{mark}\nFrom: Ann <ann@a.example>\nSubject: x\n\nold words"
    assert has_forward(mail)
    assert own_words(mail) == WORDS


def test_an_answer_between_quoted_lines_is_kept() -> None:
    mail = "On 3 Mar 2026, Joe <joe@a.example> wrote:\n> When?\nOn Friday.\n> Where?\nHere.\n"
    assert own_words(mail) == "On Friday.\nHere."


def test_sentences_that_only_look_like_quotes_are_kept() -> None:
    trap = "On Monday we wrote:\nyou are welcome to call.\nFrom: now on the door is open."
    assert own_words(trap) == trap


def test_a_signature_and_a_phones_line_are_left_out() -> None:
    assert own_words(f"{WORDS}\n\n-- \nMira Stone\nRecruiter") == WORDS
    assert own_words(f"{WORDS}\n\nSent from my iPhone") == WORDS
    assert own_words(f"{WORDS}\n\nVon meinem iPhone gesendet") == WORDS


def test_a_legal_footer_is_left_out_and_what_follows_it_is_kept() -> None:
    mail = (
        f"{WORDS}\n\nThis e-mail and any attachments are confidential. If you are not the intended\n"
        "recipient, delete it.\n\nSee you."
    )
    assert own_words(mail) == f"{WORDS}\n\n\nSee you."


def test_nothing_but_quotes_leaves_nothing() -> None:
    assert own_words("> only\n> old words") == ""
    assert own_words("") == ""


@pytest.mark.parametrize(
    "part",
    [
        "> ",
        "On 1.1.2026 x ",
        "From: x\n",
        "-- \n",
        "wrote: ",
        "a@",
        "\n",
        "This e-mail and ",
        "é",
        "- ",
    ],
)
def test_a_megabyte_of_structure_is_read_in_linear_time(part: str) -> None:
    text = part * (1_000_000 // len(part))
    begin = time.perf_counter()
    own_words(text)
    has_forward(text)
    assert time.perf_counter() - begin < 5
