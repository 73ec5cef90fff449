"""Overhear what the watcher reads and judges, in the order in which it does."""

from __future__ import annotations

import queue
import time
from dataclasses import dataclass, replace

from kitchenwall.app.pipeline import Road
from kitchenwall.domain.first_look import KnowsNo
from kitchenwall.domain.message import Arrival, Message
from kitchenwall.domain.verdict import Verdict
from kitchenwall.errors import UnreadableMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One mail as the watcher met it; `at` by the monotonic clock.

    A mail that cannot be read has no message and no verdict.
    """

    uid: int
    at: float
    message: Message | None = None
    verdict: Verdict | None = None


class Ear:
    """Stands at the road and hands on what passes. `next` is for another thread."""

    def __init__(self) -> None:
        self._heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
        self._uid = 0

    def beside(self, road: Road) -> Road:
        """The same road, with this ear at its side."""

        def read(arrival: Arrival) -> Message:
            self._uid = arrival.cursor.uid
            try:
                return road.read(arrival)
            except UnreadableMessage:
                self._heard.put(Heard(uid=self._uid, at=time.monotonic()))
                raise

        def judge(message: Message, knows_no: KnowsNo) -> Verdict:
            verdict = road.judge(message, knows_no)
            heard = Heard(uid=self._uid, at=time.monotonic(), message=message, verdict=verdict)
            self._heard.put(heard)
            return verdict

        return replace(road, read=read, judge=judge)

    def next(self, seconds: float) -> Heard | None:
        """The next mail, as soon as it is heard of; None when none was within that time."""
        try:
            return self._heard.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return None

    def silent(self) -> bool:
        """Whether nothing more was heard than was told."""
        return self._heard.empty()
