"""What to do with a mail: five plans, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from kitchenwall.domain.message import Address, Message


@dataclass(frozen=True, slots=True)
class Route:
    """Whom an answer would reach, and why; `within` is the mail that it answers, where it is another."""

    to: Address
    because: str
    within: Message | None = None


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Nobody to answer, and why."""

    because: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An answer could reach `to`, but something about it needs the person's eye."""

    to: Address
    because: str


Routing = Route | NoRoute | Doubtful


@dataclass(frozen=True, slots=True)
class Draft:
    """Lay a reply to `to` into Drafts."""

    to: Address
    because: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Perhaps a rejection: ask the person. `to` is who would be answered, where there is one."""

    because: str
    to: Address | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A rejection that gets no draft: remember it."""

    because: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A rejection whose draft waits for the person's word."""

    because: str
    to: Address


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do."""

    because: str


Plan = Draft | Ask | Note | Hold | Skip
