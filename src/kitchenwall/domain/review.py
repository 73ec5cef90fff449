"""Hold what the program would have done with mails of the past beside what the person says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kitchenwall.domain.evaluation import Judged
from kitchenwall.domain.layers import Layer, place_of
from kitchenwall.domain.message import Cursor
from kitchenwall.domain.plan import Draft, Hold, Note, Plan, Skip
from kitchenwall.domain.sampling import Sounding
from kitchenwall.domain.verdict import Outcome


class Answer(StrEnum):
    """What the person says that a mail is; NONE takes back what was said before."""

    REJECTION = "rejection"
    OTHER = "other"
    SKIP = "skip"
    NONE = "none"


# The answers that say what a mail is.
TOLD = (Answer.REJECTION, Answer.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer about the mail with this source key, and how the mail had come to be asked about.

    `weight` is how many mails of its layer it stood for, itself included.
    """

    key: str
    answer: Answer
    outcome: Outcome
    confidence: float
    layer: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A mail of the past in few words: where it lies, what it was called, what would have been done."""

    key: str
    account: str
    folder: str
    cursor: Cursor
    received: datetime
    sender: str
    subject: str
    outcome: Outcome
    confidence: float
    rule: str
    layer: Layer
    plan: Plan


@dataclass(frozen=True, slots=True)
class Told:
    """A mail, and what the person says that it is."""

    mail: Reviewed
    answer: Answer

    @property
    def is_wrong(self) -> bool:
        """Whether the wrong thing would have been done without asking."""
        if self.answer is Answer.OTHER:
            acted = isinstance(self.mail.plan, Draft | Hold | Note)
            return acted and self.mail.outcome is Outcome.REJECTION
        return isinstance(self.mail.plan, Skip)


def told(mails: Mapping[str, Reviewed], answers: Mapping[str, Answered]) -> tuple[Told, ...]:
    """The mails of which the person said what they are, oldest first; both sides by their keys."""
    both = (Told(mails[key], one.answer) for key, one in answers.items() if key in mails)
    known = (one for one in both if one.answer in TOLD)
    return tuple(sorted(known, key=lambda one: (one.mail.received, one.mail.key)))


def soundings(mails: Mapping[str, Reviewed], seen: Iterable[Told]) -> tuple[Sounding, ...]:
    """What the answers say of each layer of the mailbox."""
    sizes = Counter(mail.layer for mail in mails.values())
    pairs = Counter((one.mail.layer, one.answer) for one in seen)
    return tuple(
        Sounding(
            layer=layer,
            size=sizes[layer],
            told=sum(pairs[layer, answer] for answer in TOLD),
            rejections=pairs[layer, Answer.REJECTION],
        )
        for layer in sorted(sizes, key=place_of)
    )


def by_layer(mails: Mapping[str, Reviewed]) -> Mapping[Layer, Collection[str]]:
    """The keys of each layer's mails."""
    layers: dict[Layer, list[str]] = {}
    for key, mail in mails.items():
        layers.setdefault(mail.layer, []).append(key)
    return layers


def judged(seen: Iterable[Told]) -> Iterator[Judged]:
    """Mails that the person labelled, each with what it is called now."""
    for one in seen:
        yield Judged(
            label=one.answer.value,
            outcome=one.mail.outcome,
            confidence=one.mail.confidence,
            rule=one.mail.rule,
            source=one.mail.account,
            id=one.mail.key,
        )
