"""Find the human being behind a mail that nobody reads answers to, in what the mailbox already knows.

Only addresses that were seen count, of people at the company that said no: who wrote earlier, whom
the person wrote to, who called the appointment, who stands in the mail itself as a contact. The
draft then goes into the thread with that human.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from kitchenwall.domain.around import Around, ids_of
from kitchenwall.domain.facts import Facts, Stage
from kitchenwall.domain.journal import company_words
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.origin import fails_dmarc, is_writable, organisation
from kitchenwall.domain.plan import Ask, NoRoute, Note, Plan, Route
from kitchenwall.domain.routing import Identity, folded_words, is_person
from kitchenwall.domain.senders import Senders
from kitchenwall.domain.steps import is_appointment

HEADERS_MOST = 2_000
_HOW_FAR_BACK = timedelta(days=4 * 365)
_SHORTEST_LABEL = 3
_LONGEST_TEXT = 20_000
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}")
_LABEL = re.compile(r"[a-z0-9-]+")
# Words that a company's name and its domain may differ in.
_SMALL_WORDS = frozenset(("and", "the", "und", "et", "y", "en", "i", "e", "och", "og", "a"))
# What speaks for somebody: how they are known, then how near they are to this application.
_NAMED_IN_THE_MAIL = 45
_CALLED_THE_APPOINTMENT = 40
_WROTE = 30
_WAS_WRITTEN_TO = 20
_WAS_COPIED = 10
_ABOUT_THIS_ROLE = 15
_LATELY = ((timedelta(days=120), 15), (timedelta(days=365), 8))
_EACH_MAIL = 3
_MOST_MAILS = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """A human who was seen in a mail: `within` is that mail, None for the rejection itself."""

    address: Address
    within: Message | None
    score: int
    how: str


@dataclass(frozen=True, slots=True)
class House:
    """Whom a company's people are known by: its domains, and labels that its domain may have."""

    domains: frozenset[str]
    labels: frozenset[str]

    def holds(self, spec: str) -> bool:
        """Whether an address belongs to the company."""
        house = organisation(spec.rpartition("@")[2])
        return house in self.domains or house.partition(".")[0] in self.labels


def house_of(message: Message, facts: Facts, who: Identity, senders: Senders) -> House:
    """The company that said no: the sender's own domain, and the company's name as domains write it."""
    sender = message.sender
    own = {organisation(spec.rpartition("@")[2]) for spec in who.addresses}
    domains = set()
    keys = set()
    if sender is not None:
        house = organisation(sender.domain)
        if senders.system(sender.spec) is None and house not in senders.free_mail:
            domains.add(house)
        keys.add(senders.company_key(sender.spec))
    # An agency's letters go to the agency: its client is a stranger, whatever it is called.
    if facts.stage is not Stage.AGENCY_RELAY:
        for name in (facts.company.value if facts.company else "", *facts.aliases):
            keys |= _labels(name)
    labels = {key for key in keys if len(key) >= _SHORTEST_LABEL and _LABEL.fullmatch(key)}
    # A mail provider's domain begins like its name and is its customers' too; so is the person's own.
    strangers = {one.partition(".")[0] for one in senders.free_mail | own}
    return House(frozenset(domains - own), frozenset(labels - strangers))


def humans_around(message: Message, house: House) -> Around | None:
    """Where to look for somebody at a company; None where nothing tells which company it is."""
    if not house.domains and not house.labels:
        return None
    return Around(
        thread=frozenset((*message.in_reply_to, *message.references)),
        addresses=(),
        houses=tuple(sorted(house.domains)),
        labels=house.labels,
        both_ways=True,
        headers_most=HEADERS_MOST,
        since=message.written - _HOW_FAR_BACK,
        until=message.received,
    )


def human_for(
    message: Message,
    facts: Facts,
    mails: Iterable[Message],
    who: Identity,
    senders: Senders,
) -> Route | None:
    """Who at the company can be written to, and in which thread; None where nobody was seen.

    `mails` may be any: those that came later, or are of somebody else, do not count.
    """
    if fails_dmarc(message.auth_results, who.authserv_id):
        return None
    house = house_of(message, facts, who, senders)
    earlier = [mail for mail in mails if _counts(mail, message, facts, senders)]
    seen = [
        one
        for one in (*_contacts(message, senders), *_met(earlier, facts, message, who))
        if _is_human(one, house, who, senders)
    ]
    if not seen:
        return None
    times = {spec: sum(one.address.spec == spec for one in seen) for spec in _specs(seen)}
    best = max(seen, key=lambda one: (_worth(one, times), _when(one, message)))
    newest = max(
        (one for one in seen if one.address.spec == best.address.spec and one.within),
        key=lambda one: _when(one, message),
        default=best,
    )
    because = (
        f"{best.how}{_day(best)}" if best.within is None else f"this person {best.how}{_day(best)}"
    )
    return Route(_best_name(best.address, seen), because, newest.within)


def wants_a_human(plan: Plan, routing: NoRoute) -> bool:
    """Whether a letter would be written if only somebody read it."""
    match plan:
        case Note(because):
            return because == routing.because
        case Ask(to=None):
            return True
        case _:
            return False


def instead(human: Route, routing: NoRoute) -> Route:
    """The way to a human, with why the sender's own address is not the one."""
    return replace(human, because=f"{routing.because}, but {human.because}")


def unheard(routing: NoRoute, facts: Facts) -> NoRoute:
    """Nobody was found: why, and what else can be done."""
    company = facts.company.value if facts.company else "the company"
    return NoRoute(
        f"{routing.because}, and nobody of {company} is in your mail; "
        "if you have met somebody there, write to them in your own words"
    )


def _contacts(message: Message, senders: Senders) -> Iterator[Seen]:
    """Addresses that the rejection's own words name: a person is a contact, a mailbox must be for this."""
    for spec in dict.fromkeys(_ADDRESS.findall(message.own_words[:_LONGEST_TEXT])):
        address = Address(spec.lower().strip("."))
        score = _NAMED_IN_THE_MAIL if is_person(address, senders) else _WAS_WRITTEN_TO
        yield Seen(address, None, score, "the mail itself names this address")


def _counts(mail: Message, message: Message, facts: Facts, senders: Senders) -> bool:
    """Whether an earlier mail shows people of this or another application, and no private matter."""
    if mail.key == message.key or mail.written > message.written or mail.draft_ref:
        return False
    if is_appointment(mail) or not set(ids_of(mail)).isdisjoint(ids_of(message)):
        return True
    text = folded_words(f"{mail.subject} {mail.text[:_LONGEST_TEXT]}")
    names_role = facts.role is not None and folded_words(facts.role.value) in text
    return names_role or senders.about_applications.search(text) is not None


def _met(mails: Iterable[Message], facts: Facts, message: Message, who: Identity) -> Iterator[Seen]:
    """Everybody in earlier mails, by how they appear there."""
    for mail in mails:
        near = _nearness(mail, facts, message)
        sender = mail.sender
        if sender is not None and not who.owns(sender.spec):
            called = is_appointment(mail)
            how = "invited you" if called else "wrote to you"
            yield Seen(sender, mail, (_CALLED_THE_APPOINTMENT if called else _WROTE) + near, how)
            for address in mail.cc:
                yield Seen(address, mail, _WAS_COPIED + near, "was copied in a mail to you")
        elif sender is not None:
            for address in mail.to:
                yield Seen(address, mail, _WAS_WRITTEN_TO + near, "is somebody you wrote to")
        if mail.organizer is not None:
            score = _CALLED_THE_APPOINTMENT + near
            yield Seen(mail.organizer, mail, score, "called the appointment")


def _nearness(mail: Message, facts: Facts, message: Message) -> int:
    """How near an earlier mail is to this application: by the role that it names, and lately."""
    text = folded_words(f"{mail.subject} {mail.text[:_LONGEST_TEXT]}")
    names_role = facts.role is not None and folded_words(facts.role.value) in text
    age = message.written - mail.written
    lately = next((points for most, points in _LATELY if age <= most), 0)
    return _ABOUT_THIS_ROLE * names_role + lately


def _is_human(one: Seen, house: House, who: Identity, senders: Senders) -> bool:
    """Whether somebody of the company reads what is sent to this address, as far as it shows."""
    address = one.address
    if who.owns(address.spec) or not is_writable(address.spec) or senders.is_no_reply(address):
        return False
    words = re.split(r"[._+-]", address.local)
    if not house.holds(address.spec) or any(map(senders.for_others.fullmatch, words)):
        return False
    if is_person(address, senders) or (one.within is not None and _is_called(address)):
        return True
    return one.within is None and any(map(senders.for_applications.fullmatch, words))


def _is_called(address: Address) -> bool:
    """Whether somebody's first name is the mailbox, as in small firms."""
    return address.local == folded_words(address.name.partition(" ")[0])


def _worth(one: Seen, times: dict[str, int]) -> int:
    return one.score + _EACH_MAIL * min(times[one.address.spec] - 1, _MOST_MAILS)


def _specs(seen: Iterable[Seen]) -> frozenset[str]:
    return frozenset(one.address.spec for one in seen)


def _when(one: Seen, message: Message) -> float:
    return (one.within or message).written.timestamp()


def _day(one: Seen) -> str:
    return f" on {one.within.written:%Y-%m-%d}" if one.within else ""


def _best_name(address: Address, seen: Iterable[Seen]) -> Address:
    """The address with the fullest name that it was seen with."""
    names = (one.address.name for one in seen if one.address.spec == address.spec)
    return replace(address, name=max(names, key=len))


def _labels(company: str) -> set[str]:
    """How a company's name may stand in a domain: in one word, with dashes, without small words."""
    words = [re.sub(r"[^a-z0-9]", "", folded_words(word)) for word in company_words(company)]
    telling = [word for word in words if word and word not in _SMALL_WORDS]
    return {"".join(words), "".join(telling), "-".join(telling)}
