"""Find out who can be answered: the person behind a mail, or nobody, or somebody doubtful."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.origin import fails_dmarc, is_writable, organisation
from kitchenwall.domain.plan import Doubtful, NoRoute, Route, Routing
from kitchenwall.domain.senders import Ears, Senders, System

MOST_REPLY_TO = 5

_LONGEST_TEXT = 65_536
_LONGEST_CLOSING = 16_384
_REFUSED = "it says that answers are not read"
_PERSONAL = re.compile(r"[a-z]+(?:[._-][a-z]+){1,3}")
_QUOTE_BEGINS = re.compile(
    r"(?:on|am|le|el|op|il|em|den|dnia|dne|pa|w dniu)\b.{4,200}"
    r"\b(?:wrote|schrieb|a ecrit|escribio|schreef|ha scritto|escreveu|skrev|pisze|napisala?)\b.{0,40}:$"
    r"|-{2,} ?(?:original|urspr|message d'origine|mensaje original|forwarded|weitergeleitet).{0,40}$"
)
_UNDIVIDED = str.maketrans({"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "’": "'", "‘": "'", "´": "'"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The person behind an account: all own addresses in lower case, and the one used by default.

    `authserv_id` is how the account's own server calls itself in Authentication-Results (RFC 8601,
    2.5); "" where it is not known, and then no such header is believed.
    """

    addresses: frozenset[str]
    default: Address
    authserv_id: str = ""

    def owns(self, spec: str) -> bool:
        """Whether the address, or the address without its +tag, is one of the person's."""
        local, _, domain = spec.lower().rpartition("@")
        return bool({f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}"} & self.addresses)


def route(message: Message, who: Identity, senders: Senders) -> Routing:
    """Who would hear an answer to this mail, and why.

    Reply-To counts (RFC 5322, 3.6.2) when it has the sender's organisation or belongs to a known
    system, else From. What could mislead is Doubtful and waits for the person's eye: a Reply-To
    elsewhere, and a DMARC failure that the account's own server reports (RFC 7489).
    """
    found = _answerable(message, who, senders)
    if isinstance(found, NoRoute) or not fails_dmarc(message.auth_results, who.authserv_id):
        return found
    return Doubtful(
        found.to, f"your mail server could not confirm that it really comes from {_from(message)}"
    )


def identity_for(message: Message, who: Identity) -> Address:
    """Which own address the mail was meant for: that is the one to answer from.

    Delivered-To, X-Original-To and Envelope-To, then To, then Cc, then the default. The default
    address in Delivered-To says only where the mail lies, so there it decides nothing: a mail to an
    alias is answered from the alias. A tagged address (me+jobs@) is answered as it was written, and
    a letter of one's own is followed up from where it was written.
    """
    envelope = (spec for spec in message.delivered_to if spec.lower() != who.default.spec)
    mine = (message.sender,) if message.sender else ()
    written = (address.spec for address in (*message.to, *message.cc, *mine))
    for spec in (*envelope, *written):
        if who.owns(spec) and is_writable(spec):
            return Address(spec.lower(), who.default.name)
    return who.default


def is_person(address: Address, senders: Senders) -> bool:
    """Whether an address looks like somebody's own: first.last, or a local part from the name."""
    local = address.local.partition("+")[0]
    words = re.split(r"[._-]|\d+", local)
    if senders.is_no_reply(address) or any(word in senders.mailbox_words for word in words):
        return False
    if _PERSONAL.fullmatch(local):
        return True
    names = [name for name in re.findall(r"[a-z]+", folded_words(address.name)) if len(name) > 1]
    if len(names) < 2:
        return False
    return local in (*names, names[0][0] + names[-1], names[0] + names[-1], names[0] + names[-1][0])


def folded_words(text: str) -> str:
    """Text made comparable: lower case, no accents, straight apostrophes, single spaces."""
    plain = unicodedata.normalize("NFKD", text.translate(_UNDIVIDED)).casefold()
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _answerable(message: Message, who: Identity, senders: Senders) -> Routing:
    """The same as `route`, before anybody asks whether the mail is genuine."""
    sender = message.sender
    if sender is None or not is_writable(sender.spec):
        return NoRoute("it names no sender that could be answered")
    named = _usable(message.reply_to, who)
    believed = [one for one in named if _belongs(one, sender, senders)]
    heard = (_heard(one, senders) for one in believed)
    wished = next((found for found in heard if not isinstance(found, NoRoute)), None)
    if wished is None and believed == named:
        return _sender_alone(message, sender, who, senders)
    asked = wished.to if wished else next(one for one in named if one not in believed)
    if not is_person(asked, senders) and _refuses_replies(message, senders):
        return NoRoute(_REFUSED)
    return wished or _elsewhere(asked, sender, senders)


def _usable(reply_to: tuple[Address, ...], who: Identity) -> list[Address]:
    """The first few Reply-To addresses that can be written to and are not the person's own."""
    return [
        one for one in reply_to[:MOST_REPLY_TO] if is_writable(one.spec) and not who.owns(one.spec)
    ]


def _belongs(address: Address, sender: Address, senders: Senders) -> bool:
    """Whether a Reply-To may be believed: the sender's own house, or a known system's."""
    owner = senders.owner(address.spec)
    if address.spec == sender.spec or (owner is not None and owner.kind in ("ats", "board")):
        return True
    house = organisation(address.domain)
    return house == organisation(sender.domain) and house not in senders.free_mail


def _heard(address: Address, senders: Senders) -> Routing:
    """Who hears an answer to one address, by what is known and by how it looks."""
    system = senders.system(address.spec)
    said = system.said_of(address.spec) if system else None
    if said == Ears.RECRUITER:
        return Route(address, f"{_called(system)} passes answers to this address on")
    if said == Ears.NOBODY or senders.is_no_reply(address):
        return NoRoute(f"nobody reads answers to {address.spec}")
    if is_person(address, senders):
        return Route(address, "it is a person's own address")
    if system is None:
        return Route(address, "it is the address that answers are asked to")
    if system.ears == Ears.NOBODY:
        return NoRoute(f"{_called(system)} sent it, and nobody reads answers there")
    if system.ears == Ears.RECRUITER:
        return Route(address, f"{_called(system)} passes answers on to the employer")
    return Doubtful(address, f"not every employer reads answers that go to {address.spec}")


def _elsewhere(stranger: Address, sender: Address, senders: Senders) -> Routing:
    """Answers are asked to an address of somebody else: hold it, with the better of the two."""
    because = f"it came from {sender.domain}, but answers would go to {stranger.spec}"
    if not isinstance(_heard(sender, senders), NoRoute):
        return Doubtful(sender, because)
    if senders.is_no_reply(stranger):
        return NoRoute(f"nobody reads answers to {stranger.spec}")
    if organisation(stranger.domain) in senders.free_mail:
        return NoRoute(f"{because}, a private mailbox that anybody can open")
    return Doubtful(stranger, because)


def _sender_alone(message: Message, sender: Address, who: Identity, senders: Senders) -> Routing:
    """No Reply-To helps: the sender, if somebody hears there."""
    if who.owns(sender.spec):
        return NoRoute("it came from one of your own addresses")
    heard = _heard(sender, senders)
    if isinstance(heard, NoRoute):
        words = (message.own_words or message.text)[:_LONGEST_CLOSING]
        if senders.reply_invited.search(folded_words(words)):
            return Doubtful(sender, f"{heard.because}, and yet it asks for an answer by mail")
        return heard
    if _refuses_replies(message, senders):
        return NoRoute(_REFUSED)
    return heard


def _refuses_replies(message: Message, senders: Senders) -> bool:
    """Whether the mail's first line or its closing third says not to reply; quotes do not count."""
    lines = _unquoted(message.text[:_LONGEST_TEXT])
    text = " ".join(lines)
    closing = text[-max(len(text) // 3, 300) :][-_LONGEST_CLOSING:]
    opening = lines[0][:300] if lines else ""
    return any(senders.no_reply_text.search(folded_words(part)) for part in (closing, opening))


def _unquoted(text: str) -> list[str]:
    """The lines before the first quoted mail."""
    lines: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith(">") or _QUOTE_BEGINS.match(folded_words(line[:300])):
            break
        lines.append(line)
    return lines


def _called(system: System | None) -> str:
    return system.name.partition(",")[0] if system else "the system"


def _from(message: Message) -> str:
    return message.sender.domain if message.sender else "its sender"
