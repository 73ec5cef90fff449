"""Count the faults of a run, and say what came of them."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.audit import Seen


@dataclass(slots=True)
class Tally:
    """All faults since the first one; `wrong` are those after which something was wrong."""

    begun: float = field(default_factory=time.monotonic)
    ended: float = field(default_factory=time.monotonic)
    kinds: Counter[str] = field(default_factory=Counter)
    drafts: int = 0
    held: int = 0
    wrong: int = 0
    said: set[str] = field(default_factory=set)  # commands of a whole run of the daemon
    found: dict[str, str] = field(default_factory=dict)  # sabotage, and the stop that showed it

    def add(self, kind: str, seen: Seen, wrong: list[str]) -> list[str]:
        """Count a fault and what came of it; gives back what was wrong."""
        self.ended = time.monotonic()
        self.kinds[kind] += 1
        self.drafts += sum(seen.laid.values())
        self.held += seen.held
        self.wrong += bool(wrong)
        return wrong

    @property
    def faults(self) -> int:
        return self.kinds.total()

    def lines(self) -> list[str]:
        """The summary, for people."""
        seconds = self.ended - self.begun
        kinds = ", ".join(f"{name} {count}" for name, count in sorted(self.kinds.items()))
        told = [
            f"{self.faults} faults in {seconds:.0f} s: {kinds}",
            f"{self.drafts} drafts laid, {self.held} held, {self.wrong} faults with a violation",
        ]
        if self.said:
            told.append(f"commands of a whole run: {', '.join(sorted(self.said))}")
        if self.found:
            sabotages = "; ".join(f"{name} (behind {call})" for name, call in self.found.items())
            told.append(f"sabotage that was found: {sabotages}")
        return told
