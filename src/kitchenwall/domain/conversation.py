"""What an answer to one's letter belongs to: the no on record that it follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kitchenwall.domain.facts import Fact, Facts, Stage

_WORDS = "the no that it answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A rejection on record that a later mail answers, as far as its event tells.

    `asked_again` says that a letter has already asked once more for something specific.
    """

    event_id: int
    company: str = ""
    role: str = ""
    stage: Stage = Stage.UNKNOWN
    asked_again: bool = False


def answering(facts: Facts, followed: Followed) -> Facts:
    """The facts of an answer, with what the no that it follows had told where it is silent."""
    return replace(
        facts,
        is_answer=True,
        company=facts.company or _known(followed.company),
        role=facts.role or _known(followed.role),
        stage=followed.stage if facts.stage is Stage.UNKNOWN else facts.stage,
    )


def _known(value: str) -> Fact | None:
    return Fact(value, _WORDS) if value else None
