"""An answer to a no is told from a first no by its headers and by what it quotes."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from kitchenwall.adapters.packs import load_packs
from kitchenwall.domain.detection import judge
from kitchenwall.domain.first_look import NOTHING_KNOWN, Known
from kitchenwall.domain.identity import draft_message_id, draft_ref
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.text import own_words
from kitchenwall.domain.verdict import Outcome, Verdict

FEEDBACK = (
    "Hi Robin,\n\nyour answers on stakeholder work were good, but you lacked experience with "
    "Kubernetes, so we have decided to move forward with another candidate.\n\nTess"
)
OLD_NO = (
    "\n\nOn 3 March 2026 at 10:00, Tess Ferrant <tess@ferrant.example> wrote:\n"
    "> Dear Robin,\n> thank you for your application. We have decided not to move forward\n"
    "> with your application for the Line Planner role.\n"
)
OWN_LETTER = (
    "\n\nOn 4 March 2026 at 10:00, Robin <robin@home.example> wrote:\n"
    "> Dear Tess, could we move the interview for the position to Tuesday?\n"
)
REF = draft_message_id(draft_ref("a" * 64, 0), "home.example")


def verdict(text: str, known: Known = NOTHING_KNOWN, **more: Any) -> Verdict:
    message = Message(
        key="k",
        sender=Address("tess@ferrant.example", "Tess Ferrant"),
        received=datetime(2026, 3, 9, tzinfo=UTC),
        subject="Re: Your application",
        text=text,
        own_words=own_words(text),
    )
    return judge(dataclasses.replace(message, **more), load_packs(), known)


def test_a_no_without_a_thread_is_a_rejection() -> None:
    assert verdict(FEEDBACK).outcome is Outcome.REJECTION


def test_a_no_that_is_only_passed_on_is_no_answer_to_one() -> None:
    found = verdict(
        f"Look at this, the third one this week!{OLD_NO}", subject="FW: Your application"
    )
    assert found.outcome is Outcome.OTHER


def test_an_answer_to_our_letter_is_feedback_and_names_what_explains() -> None:
    found = verdict(FEEDBACK, in_reply_to=(REF,))
    assert found.outcome is Outcome.FEEDBACK
    assert found.evidence[0].rule == "answers-our-letter"
    assert "Kubernetes" in found.sentence


def test_an_answer_to_a_no_that_is_on_record_is_feedback() -> None:
    known = Known(knows_no=lambda ids: "<no-1@ferrant.example>" in ids)
    thread = ("<no-1@ferrant.example>", "<answer-2@home.example>")
    assert verdict(FEEDBACK, known, references=thread).outcome is Outcome.FEEDBACK
    assert verdict(FEEDBACK, known, references=thread[1:]).outcome is Outcome.REJECTION


def test_an_answer_that_quotes_the_no_is_feedback() -> None:
    found = verdict(FEEDBACK + OLD_NO)
    assert found.outcome is Outcome.FEEDBACK
    assert found.evidence[0].rule == "quotes-a-no"


def test_a_no_that_quotes_something_else_stays_a_rejection() -> None:
    assert verdict(FEEDBACK + OWN_LETTER).outcome is Outcome.REJECTION


def test_an_invitation_after_a_no_is_no_feedback() -> None:
    text = "Hi Robin,\n\nwe would like to invite you to an interview for another role.\n\nTess"
    found = verdict(text, in_reply_to=(REF,))
    assert found.outcome is Outcome.OTHER
    assert found.evidence[0].rule == "answers-our-letter"


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"auto_submitted": "auto-replied"}, "auto-reply"),
        ({"kinds": ("multipart/report",)}, "report"),
        ({"calendar_method": "REQUEST"}, "calendar"),
        ({"subject": "Automatic reply: Re: Your application"}, "auto-reply"),
        ({"sender": Address("robin+jobs@home.example")}, "own-mail"),
        ({"draft_ref": "rr1.x"}, "own-draft"),
    ],
)
def test_what_the_headers_settle_comes_before_the_thread(more: dict[str, Any], rule: str) -> None:
    known = Known(own=frozenset({"robin@home.example"}))
    found = verdict(FEEDBACK, known, **({"in_reply_to": (REF,)} | more))
    assert found.outcome is Outcome.OTHER
    assert [evidence.rule for evidence in found.evidence] == [rule]
