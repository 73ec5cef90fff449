"""Run every watcher until told to stop: threads, timers, the service manager, signals."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kitchenwall.app.watcher import Watcher
from kitchenwall.ports import Clock, Journal

log = logging.getLogger(__name__)

TICK_SECONDS = 30.0
# Two seconds remain for the interpreter to end on a busy machine: 15 are promised.
_GRACE_SECONDS = 13.0
_SLEPT_SECONDS = 30.0


class Timers(Protocol):
    """Something that calls a function again and again, in a thread of its own."""

    def every(self, seconds: float, work: Callable[[], None], name: str) -> None: ...

    def stop(self) -> None: ...


class Manager(Protocol):
    """The service manager, as far as it wants to hear from us (sd_notify(3))."""

    def ready(self, status: str) -> object: ...

    def watchdog(self) -> object: ...


@dataclass(slots=True, kw_only=True)
class Daemon:
    """Everything that runs in one process.

    `tick_seconds` is how often the journal is looked at for what a person recorded meanwhile and
    the service manager hears from us; `safety_seconds` how often everything is looked at anyway.
    """

    watchers: Sequence[Watcher]
    journal: Journal
    clock: Clock
    timers: Timers
    manager: Manager
    tick_seconds: float = TICK_SECONDS
    safety_seconds: float = 900.0
    grace_seconds: float = _GRACE_SECONDS
    _asleep: float = 0.0
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start all threads; returns at once."""
        self._asleep = self.clock.asleep()
        for watcher in self.watchers:
            thread = threading.Thread(target=watcher.run, name=f"watch {watcher.post.account}")
            thread.daemon = True  # one that hangs must not keep the process from ending
            thread.start()
            self._threads.append(thread)
        self.timers.every(self.tick_seconds, self.tick, "tick")
        self.timers.every(self.safety_seconds, self.look_everywhere, "safety-net pass")
        self.manager.ready(f"watching {len(self.watchers)} account(s)")

    def tick(self) -> None:
        """Hear what people recorded, notice a suspend, tell the service manager that we live."""
        asleep = self.clock.asleep()
        if self.journal.changed() or asleep - self._asleep > _SLEPT_SECONDS:
            self.look_everywhere()
        self._asleep = asleep
        late = [watcher.post.account for watcher in self.watchers if not watcher.alive()]
        if late:
            log.error("no sign of life from: %s", ", ".join(late))
        else:
            self.manager.watchdog()

    def look_everywhere(self) -> None:
        """Have every watcher look at everything; a job never touches a connection itself."""
        for watcher in self.watchers:
            watcher.look_now()

    def stop(self) -> None:
        """Stop within the grace time: what is in flight ends, or stays journalled as uncertain."""
        self.timers.stop()
        end = self.clock.monotonic() + self.grace_seconds
        for watcher in self.watchers:
            watcher.stop()
        for thread in self._threads:
            thread.join(max(0.0, end - self.clock.monotonic() - 1.0))
        for watcher in self.watchers:
            watcher.abandon()
        for thread in self._threads:
            thread.join(max(0.0, end - self.clock.monotonic()))
        self._threads.clear()
