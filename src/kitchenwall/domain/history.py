"""Read stage and company from earlier mails where a rejection itself does not say them.

Better nothing than something wrong: what the mail says always counts first, and what earlier mails
leave open stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from kitchenwall.domain.applications import (
    COMPANY,
    is_foreign,
    of_one_application,
    of_one_company,
    still_open,
)
from kitchenwall.domain.around import Around, is_shared
from kitchenwall.domain.company import plain
from kitchenwall.domain.facts import Fact, Facts, Stage
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.origin import organisation
from kitchenwall.domain.routing import is_person
from kitchenwall.domain.steps import STEPS
from kitchenwall.domain.traces import Reader, Trace, Traces, traces_of

_LONGEST_QUOTE = 200
_SHORTEST_LABEL = 4
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def is_silent(facts: Facts) -> bool:
    """Whether a mail leaves open what its history may tell."""
    return facts.stage is Stage.UNKNOWN or facts.company is None


def recall(
    message: Message, facts: Facts, mails: Iterable[Message], near: Around, reader: Reader
) -> Facts:
    """The facts of a mail, with stage and company from earlier mails where it is silent about them.

    `mails` may be any: those that are not near, not earlier, or about something else do not count.
    The words behind what they tell name the day of the mail that they were read from.
    """
    traces = traces_of(message, mails, near, facts.language, reader)
    # Who is near by the company's own name is no stranger, whoever else a system writes for.
    shared = not near.labels and message.sender and is_shared(message.sender, reader.senders)
    same = of_one_company(facts, traces, is_shared=bool(shared))
    if facts.company is None:
        facts = replace(facts, company=_company(facts, same, reader))
    if facts.stage is Stage.UNKNOWN and (found := _furthest(facts, same, traces)):
        facts = replace(facts, stage=found.stage, stage_words=_quoted(found.mail, found.words))
    return facts


def furthered(facts: Facts, other: Facts) -> Facts:
    """The facts, with the stage of other ones about the same mail where that is further on."""
    if other.stage not in STEPS:
        return facts
    if facts.stage in STEPS and STEPS.index(facts.stage) <= STEPS.index(other.stage):
        return facts
    return replace(facts, stage=other.stage, stage_words=other.stage_words)


def _furthest(facts: Facts, same: Traces, traces: Traces) -> Trace | None:
    """The furthest step of this application; None where another mail may have gone beyond it."""
    unfinished = still_open(traces)
    mine = of_one_application(facts, tuple(one for one in same if one in unfinished))
    taken = [one for one in mine if one.stage in STEPS]
    best = min(taken, key=lambda one: STEPS.index(one.stage), default=None)
    rivals = [one for one in unfinished if one in mine or not is_foreign(one, facts)]
    return None if best is None or any(_goes_beyond(one, best) for one in rivals) else best


def _goes_beyond(one: Trace, best: Trace) -> bool:
    """A receipt alone proves only that nothing is known to have followed it."""
    if one.stage in STEPS:
        return STEPS.index(one.stage) < STEPS.index(best.stage)
    return best.stage is Stage.CV_SCREEN and one.is_talk and one.mail.written >= best.mail.written


def _company(facts: Facts, same: Traces, reader: Reader) -> Fact | None:
    """The one company that the mails name, else the one house that people wrote from."""
    if not COMPANY.is_one(tuple(one.facts for one in same)):
        return None
    for one in same:
        if one.facts.company:
            return Fact(one.facts.company.value, _quoted(one.mail, one.facts.company.words))
    if facts.stage is Stage.AGENCY_RELAY or any(one.is_relayed for one in same):
        return None
    return _house(same, reader)


def _house(same: Traces, reader: Reader) -> Fact | None:
    writers = {
        organisation(sender.domain): (sender, one.mail)
        for one in same
        if one.stage in STEPS and (sender := one.mail.sender) and _is_of_a_house(sender, reader)
    }
    if len(writers) != 1:
        return None
    ((house, (sender, mail)),) = writers.items()
    name = house.partition(".")[0].replace("-", " ").title()
    names = reader.packs["en"].names
    is_general = plain(name) in names.brands or set(plain(name).split()) <= names.generic
    if len(name) < _SHORTEST_LABEL or is_general:
        return None
    return Fact(name, _quoted(mail, sender.spec))


def _is_of_a_house(sender: Address, reader: Reader) -> bool:
    """Whether it is a person's address at an employer's own domain."""
    return (
        is_person(sender, reader.senders)
        and reader.senders.system(sender.spec) is None
        and organisation(sender.domain) not in reader.senders.free_mail
    )


def _quoted(mail: Message, words: str) -> str:
    day = mail.written
    cut = words if len(words) <= _LONGEST_QUOTE else f"{words[: _LONGEST_QUOTE - 1]}…"
    return f"an earlier mail of {day.day} {_MONTHS[day.month - 1]} {day.year}: '{cut}'"
