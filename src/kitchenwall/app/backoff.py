"""How long to wait before trying again: longer each time, never in step with others."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Doubling waits between `first` and `most` seconds, each 20 % more or less by chance."""

    first: float
    most: float
    chance: Callable[[], float] = random.random
    _tries: int = field(default=0)

    def next(self, at_least: float | None = None) -> float:
        """Seconds to wait now; not less than what the other side asked for."""
        planned = min(self.most, self.first * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return max(planned * (0.8 + 0.4 * self.chance()), at_least or 0.0)

    def reset(self) -> None:
        """Only after something was completed: a connection alone is no success."""
        self._tries = 0
