"""What was found in a mail, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a mail is to us. FEEDBACK answers a no that came before."""

    REJECTION = "rejection"
    FEEDBACK = "feedback"
    UNSURE = "unsure"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One signal: its `rule` (a stable name), the `words` it was read from, and its `weight`.

    `weight` is positive where it speaks for a rejection and negative where it speaks against.
    """

    rule: str
    words: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome, how sure (0 to 1), in which language, and why.

    `sentence` is the deciding sentence as it was written ("" where none was found); `because`
    says in plain words what decided.
    """

    outcome: Outcome
    confidence: float
    language: str
    sentence: str
    because: str
    evidence: tuple[Evidence, ...] = ()
