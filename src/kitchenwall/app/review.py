"""Look at every mail of the past in few words: what it was called, what would have been done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from kitchenwall.app.backfill import Past
from kitchenwall.app.pipeline import Considered
from kitchenwall.domain.evaluation import deciding_rule
from kitchenwall.domain.layers import Layer
from kitchenwall.domain.message import Arrival, Message
from kitchenwall.domain.review import Reviewed
from kitchenwall.domain.verdict import Verdict

_LONGEST_SUBJECT = 200

InLayer = Callable[[Message, Verdict], Layer]


def review(
    past: Past, folder: str, since: datetime, in_layer: InLayer
) -> Iterator[Reviewed | None]:
    """Every mail that may be judged, oldest first; None for one that cannot be read."""
    for found in past.as_it_came(folder, since):
        yield _reviewed(found.arrival, found.thought, in_layer) if found.thought else None


def _reviewed(arrival: Arrival, thought: Considered, in_layer: InLayer) -> Reviewed:
    message, verdict = thought.message, thought.verdict
    return Reviewed(
        key=message.key,
        account=arrival.account,
        folder=arrival.folder,
        cursor=arrival.cursor,
        received=arrival.received,
        sender=message.sender.spec if message.sender else "",
        subject=message.subject[:_LONGEST_SUBJECT],
        outcome=verdict.outcome,
        confidence=verdict.confidence,
        rule=deciding_rule(verdict),
        layer=in_layer(message, verdict),
        plan=thought.plan,
    )
