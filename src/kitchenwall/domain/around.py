"""Say which earlier mails lie near a mail: its conversation, its sender, its sender's house."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.origin import organisation
from kitchenwall.domain.routing import Identity
from kitchenwall.domain.senders import Senders

# What a look for earlier mails may cost: fetched headers, fetched mails, and seconds after which
# nothing more is asked for.
HEADERS_MOST = 200
MAILS_MOST = 20
SECONDS = 2.0

_HOW_FAR_BACK = timedelta(days=365)


class Tie(IntEnum):
    """What connects an earlier mail with a later one; the higher, the surer."""

    HOUSE = 1
    ADDRESS = 2
    THREAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Where to look for earlier mails. Times are the server's, aware.

    `thread` are Message-IDs of the conversation; `addresses` are senders; `houses` are domains,
    and whoever writes from there, or from a domain below, belongs to the house. All in lower case
    but the Message-IDs. `labels` are names that a house's domain may begin with ("acme" of
    acme.example). `both_ways` asks for the person's own letters to them too. `headers_most` is how
    many headers may be fetched.
    """

    thread: frozenset[str]
    addresses: tuple[str, ...]
    houses: tuple[str, ...]
    since: datetime
    until: datetime
    labels: frozenset[str] = frozenset()
    both_ways: bool = False
    headers_most: int = HEADERS_MOST

    def tie(self, sender: str, ids: Iterable[str]) -> Tie | None:
        """What connects a mail by its sender and all Message-IDs that it bears and names."""
        if not self.thread.isdisjoint(ids):
            return Tie.THREAD
        if sender in self.addresses:
            return Tie.ADDRESS
        return Tie.HOUSE if self.is_of_a_house(sender) else None

    def is_of_a_house(self, sender: str) -> bool:
        """Whether an address belongs to one of the houses."""
        domain = sender.rpartition("@")[2]
        if organisation(domain).partition(".")[0] in self.labels:
            return True
        return any(f".{domain}".endswith(f".{house}") for house in self.houses)


def around(message: Message, who: Identity, senders: Senders) -> Around | None:
    """Where the history of a mail may lie; None where it has no sender but the person."""
    sender = message.sender
    if sender is None or who.owns(sender.spec):
        return None
    return Around(
        thread=frozenset((*message.in_reply_to, *message.references)),
        addresses=(sender.spec,),
        houses=_houses(sender, who, senders),
        since=message.written - _HOW_FAR_BACK,
        until=message.received,
    )


def ids_of(mail: Message) -> tuple[str, ...]:
    """Every Message-ID that a mail bears or names."""
    return (*filter(None, (mail.message_id,)), *mail.in_reply_to, *mail.references)


def is_shared(sender: Address, senders: Senders) -> bool:
    """Whether many employers write from this address, and it does not say which one does."""
    return senders.owner(sender.spec) is not None and not senders.company_key(sender.spec)


def _houses(sender: Address, who: Identity, senders: Senders) -> tuple[str, ...]:
    """The sender's own domain; of a tracking system, the part of its domain that is one employer's.

    Nobody is of one house with the neighbours at a mail provider, or with the person's own house.
    """
    if senders.owner(sender.spec) is not None:
        key = senders.company_key(sender.spec)
        # Who the employer is may stand on either side of the @.
        whoever = senders.company_key(f"nobody@{sender.domain}")
        return (sender.domain,) if key and key == whoever else ()
    house = organisation(sender.domain)
    own = {organisation(spec.rpartition("@")[2]) for spec in who.addresses}
    return () if house in senders.free_mail | own else (house,)
