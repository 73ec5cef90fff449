"""A short road for tests that are not about reading or judging: "no" in the body is a rejection."""

from __future__ import annotations

import email
from collections.abc import Sequence
from datetime import datetime

from kitchenwall.app.pipeline import Road
from kitchenwall.domain.facts import Facts
from kitchenwall.domain.first_look import KnowsNo
from kitchenwall.domain.identity import our_ref, source_key
from kitchenwall.domain.journal import Reply
from kitchenwall.domain.message import Address, Arrival, Message
from kitchenwall.domain.plan import Route
from kitchenwall.domain.planning import Policy
from kitchenwall.domain.questions import Asked
from kitchenwall.domain.verdict import Outcome, Verdict
from kitchenwall.errors import UnreadableMessage
from tests.fakes.journal import reply_for

OUTCOMES = {"no": Outcome.REJECTION, "perhaps": Outcome.UNSURE}


def no(number: int, word: str = "no") -> bytes:
    """A mail that says no (or another word), from a sender of its own."""
    return (
        f"From: jobs{number}@acorn{number}.example\r\nTo: anna@mail.example\r\n"
        f"Subject: Your application\r\nMessage-ID: <no-{number}@acorn.example>\r\n"
        f"Date: Mon, 02 Mar 2026 08:00:00 +0000\r\n\r\n{word}\r\n"
    ).encode()


def short_road(policy: Policy | None = None) -> Road:
    return Road(
        is_ours=lambda raw: (
            our_ref(email.message_from_bytes(raw).get("X-Draft-Ref", "")) is not None
        ),
        read=_read,
        judge=_judge,
        gather=lambda _message, _verdict: Facts(),
        route=lambda message: Route(message.sender or Address("x@y.example"), "it wrote"),
        compose=_compose,
        own=frozenset({"anna@mail.example"}),
        policy=policy or Policy(),
    )


def _read(arrival: Arrival) -> Message:
    parsed = email.message_from_bytes(arrival.raw)
    body = str(parsed.get_payload()).strip()
    if body == "poison":
        raise UnreadableMessage("poison")
    sender, message_id = str(parsed["From"]), str(parsed["Message-ID"])
    return Message(
        key=source_key(arrival.login, message_id, sender, str(parsed["Date"]), b""),
        sender=Address(sender), received=arrival.received, subject=str(parsed["Subject"]),
        text=body, own_words=body, message_id=message_id, answered=arrival.answered,
    )  # fmt: skip


def _judge(message: Message, _knows_no: KnowsNo) -> Verdict:
    outcome = OUTCOMES.get(message.text, Outcome.OTHER)
    return Verdict(
        outcome=outcome, confidence=0.95, language="en", sentence=message.text, because="it says so"
    )


def _compose(
    message: Message,
    facts: Facts,
    to: Address,
    now: datetime,
    asked: Sequence[Asked] = (),
    within: Message | None = None,
) -> Reply:
    assert to.spec
    return reply_for(message.key)
