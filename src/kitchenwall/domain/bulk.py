"""Tell mail to many from mail to the reader: lists, alerts, newsletters, surveys."""

from __future__ import annotations

from collections.abc import Iterable

from kitchenwall.domain.index import Hit
from kitchenwall.domain.message import Message
from kitchenwall.domain.reading import Reading
from kitchenwall.domain.verdict import Evidence, Outcome, Verdict

_OPENING = 4


def after_bulk(verdict: Verdict, message: Message, readings: list[Reading]) -> Verdict:
    """List mail, alerts and newsletters: a no in them is seldom to the reader."""
    reason = _bulk(message, readings)
    if not reason or verdict.outcome is Outcome.OTHER:
        return verdict
    rule, because = reason
    evidence = (*verdict.evidence, Evidence(rule, because, -0.5))
    personal = any(
        decision.stands and "you" in decision.hit.frame.proves
        for reading in readings
        if reading.has("address", "application") and not reading.has("guard", "teaching")
        for decision in reading.decisions()
    )
    if personal and rule in ("bulk", "survey"):
        return verdict
    outcome = Outcome.UNSURE if personal and rule != "list" else Outcome.OTHER
    return Verdict(
        outcome=outcome,
        confidence=0.5 if outcome is Outcome.UNSURE else 0.8,
        language=verdict.language,
        sentence=verdict.sentence,
        because=because,
        evidence=evidence,
    )


def _bulk(message: Message, readings: list[Reading]) -> tuple[str, str] | None:
    """List mail by its headers (never by List-Unsubscribe alone), alerts and letters by their words."""
    if message.list_post or (message.list_id and message.precedence.lower() == "list"):
        return "list", "it was sent to a mailing list"
    sender = message.sender.local.lower() if message.sender else ""
    for reading in readings:
        if sender in reading.pack.names.alert_senders:
            return "alert", "its sender sends alerts and newsletters"
        opening = [place for place in reading.everywhere() if place.index < _OPENING]
        in_subject = {hit.frame.name for hit in reading.subject.of("machine")}
        alerts = sum(_apart(place.of("machine", "alert")) for place in opening)
        if "alert" in in_subject or alerts >= 2:
            return "alert", "it opens like a job alert"
        letters = sum(_apart(place.of("machine", "newsletter")) for place in opening)
        if ("newsletter" in in_subject or letters >= 2) and not _personal(reading):
            return "newsletter", "it opens like a newsletter"
        if "survey" in in_subject:
            return "survey", "it asks for an opinion"
    if message.list_id and message.list_unsubscribe:
        return "bulk", "it was sent to many"
    return None


def _personal(reading: Reading) -> bool:
    """Whether the subject itself is about the reader's application."""
    return reading.pack.index("address.application").finds(reading.subject.sentence.folded)


def _apart(hits: Iterable[Hit]) -> int:
    """How many hits there are where those that overlap count as one."""
    count, end = 0, -1
    for hit in sorted(hits, key=lambda one: one.start):
        count += hit.start >= end
        end = max(end, hit.end)
    return count
