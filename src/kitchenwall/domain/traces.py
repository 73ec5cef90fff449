"""Read what earlier mails show: the step that each took, the company and the role that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kitchenwall.domain.around import Around, Tie, ids_of
from kitchenwall.domain.clues import Clues
from kitchenwall.domain.company import company
from kitchenwall.domain.detection import judge
from kitchenwall.domain.facts import Facts, Stage
from kitchenwall.domain.languages import LanguagePack
from kitchenwall.domain.message import Message
from kitchenwall.domain.person import people_in
from kitchenwall.domain.role import reference, role
from kitchenwall.domain.routing import Identity, is_person
from kitchenwall.domain.senders import Senders
from kitchenwall.domain.steps import STEPS, invites, is_appointment, step
from kitchenwall.domain.verdict import Outcome

_NOTHING = Facts()
_LONGEST_TEXT = 20_000
# An automatic answer, a report about a mail: nobody took a step with them.
_AUTOMATIC = ("auto-reply", "report")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What mails are read with: the languages, the known senders, and who the person is."""

    packs: Mapping[str, LanguagePack]
    senders: Senders
    who: Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one earlier mail shows: a step and its words, what it names, whether it was a no.

    `is_talk` says that somebody wrote in person, or invited to something, and no step was read; the
    person's own mails are never more than that. `is_relayed` says that an agency wrote for somebody else.
    """

    mail: Message
    tie: Tie
    stage: Stage = Stage.UNKNOWN
    words: str = ""
    facts: Facts = _NOTHING
    is_no: bool = False
    is_talk: bool = False
    is_relayed: bool = False


Traces = tuple[Trace, ...]


def traces_of(
    message: Message, mails: Iterable[Message], near: Around, language: str, reader: Reader
) -> Traces:
    """What each mail before this one shows, the oldest first; those that show nothing are left out.

    `language` reads mails that are too short to tell their own.
    """
    known = {mail.key: mail for mail in mails if mail.key != message.key and not mail.draft_ref}
    earlier = [mail for mail in known.values() if near.since <= mail.written <= message.written]
    ended = [mail.written for mail in earlier if mail.calendar_method == "CANCEL"]
    traces = []
    for mail in sorted(earlier, key=lambda mail: mail.written):
        tie = near.tie(mail.sender.spec if mail.sender else "", ids_of(mail))
        # An appointment that was called off, or is still to come, has not taken place.
        is_off = any(mail.written <= end for end in ended)
        is_due = mail.calendar_start is not None and mail.calendar_start > message.written
        if tie is not None and not (is_appointment(mail) and (is_off or is_due)):
            traces.append(_trace(mail, tie, language, reader))
    return tuple(one for one in traces if one.stage in STEPS or one.is_no or one.is_talk)


def _trace(mail: Message, tie: Tie, language: str, reader: Reader) -> Trace:
    sender = mail.sender
    if sender is None or reader.who.owns(sender.spec):
        return Trace(mail=mail, tie=tie, is_talk=sender is not None)
    short = replace(mail, text=mail.text[:_LONGEST_TEXT], own_words=mail.own_words[:_LONGEST_TEXT])
    verdict = judge(short, reader.packs)
    if any(signal.rule in _AUTOMATIC for signal in verdict.evidence):
        return Trace(mail=mail, tie=tie)
    pack = reader.packs.get(verdict.language) or reader.packs.get(language) or reader.packs["en"]
    clues = Clues.of(short, pack)
    stage, words = step(clues, reader.senders)
    is_no = verdict.outcome is Outcome.REJECTION
    if stage is Stage.UNKNOWN and not is_no:
        talk = is_person(sender, reader.senders) or invites(clues)
        return Trace(mail=mail, tie=tie, is_talk=talk)
    employer = company(clues, people_in(clues))
    return Trace(
        mail=mail,
        tie=tie,
        stage=stage,
        words=words,
        facts=Facts(company=employer, role=role(clues, employer), reference=reference(clues)),
        is_no=is_no,
        is_relayed=any(name == Stage.AGENCY_RELAY for name, _ in clues.named("stage")),
    )
