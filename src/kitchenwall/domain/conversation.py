"""What a mail belongs to that comes after a no: an answer to one's letter, or the same no again.

A system and a person often tell the same decision, a day apart. One of them is answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from kitchenwall.domain.facts import Fact, Facts, Stage
from kitchenwall.domain.journal import DraftState, Event, application_key
from kitchenwall.domain.message import Address

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


# How far apart two mails may tell one decision.
ONE_DECISION = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A no of the same company that is on record; keys as in `journal.application_key`.

    `sender` is the address that it came from. `draft` is the state of the letter about it, None
    where there is none.
    """

    event_id: int
    sender: str
    role_key: str = ""
    reference: str = ""
    draft: DraftState | None = None


def told_before(facts: Facts, sender: str, earlier: Iterable[Told]) -> Told | None:
    """The no on record that a mail tells once more; None where that is not plain.

    They must come from two senders, name no two roles or references, and not leave open which of
    two is meant.
    """
    reference = facts.reference.value.casefold() if facts.reference else ""
    key = application_key("", facts.role.value) if facts.role else None
    role = key[1] if key else ""
    same = [
        one
        for one in earlier
        if one.sender != sender
        and _may_be_one(one.role_key, role)
        and _may_be_one(one.reference.casefold(), reference)
    ]
    return same[0] if len(same) == 1 else None


def _may_be_one(one: str, other: str) -> bool:
    return not one or not other or one == other


def answering(facts: Facts, followed: Followed) -> Facts:
    """The facts of an answer, with what the no that it follows had told where it is silent."""
    return replace(
        facts,
        is_answer=True,
        company=facts.company or _known(followed.company),
        role=facts.role or _known(followed.role),
        stage=followed.stage if facts.stage is Stage.UNKNOWN else facts.stage,
    )


def reminding(event: Event, to: Address) -> Facts:
    """What a reminder of the letter about a no has to go by; it greets whom the letter went to."""
    return Facts(
        language=event.language,
        formality=event.formality,
        stage=Stage(event.stage) if event.stage else Stage.UNKNOWN,
        company=_known(event.company),
        role=_known(event.role),
        person=_known(event.person if event.sender and event.sender.spec == to.spec else ""),
        is_reminder=True,
    )


def _known(value: str) -> Fact | None:
    return Fact(value, _WORDS) if value else None
