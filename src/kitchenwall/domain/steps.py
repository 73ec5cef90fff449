"""Read from a mail that is no answer yet how far an application had come with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kitchenwall.domain.clues import Clues, Said
from kitchenwall.domain.facts import Stage
from kitchenwall.domain.languages import Hit
from kitchenwall.domain.message import Message
from kitchenwall.domain.reading import Place, guard_of
from kitchenwall.domain.senders import Senders

# The furthest first.
STEPS = (
    Stage.FINAL,
    Stage.INTERVIEW,
    Stage.PHONE_SCREEN,
    Stage.ASSESSMENT,
    Stage.CV_SCREEN,
)
CALENDARS = frozenset(("text/calendar", "application/ics"))

_INVITES = ("", "REQUEST", "PUBLISH")
# "A phone interview" and "a video interview" are no interviews.
_NARROWER = (Stage.PHONE_SCREEN, Stage.ASSESSMENT)
# An appointment is an interview, unless its own words call it something else.
_APPOINTMENTS = (Stage.PHONE_SCREEN, Stage.FINAL)

Found = tuple[Stage, str]


def step(clues: Clues, senders: Senders) -> Found:
    """The furthest step that a mail is about, and the words for it; UNKNOWN where it is about none.

    A receipt that invites to something, in whatever words, is more than a receipt.
    """
    found: dict[Stage, str] = {}
    for read in _READERS:
        for stage, words in read(clues, senders):
            found.setdefault(stage, words)
    if found.keys() == {Stage.CV_SCREEN} and invites(clues):
        return Stage.UNKNOWN, ""
    return next(((stage, found[stage]) for stage in STEPS if stage in found), (Stage.UNKNOWN, ""))


def invites(clues: Clues) -> bool:
    """Whether a mail invites to anything, or offers it."""
    return any(_stands(hit, said, clues) for said in clues.said for hit in said.of("positive"))


def is_appointment(mail: Message) -> bool:
    """Whether a mail puts something into the calendar."""
    return not CALENDARS.isdisjoint(mail.kinds) and mail.calendar_method in _INVITES


def _by_words(clues: Clues, _senders: Senders) -> Iterator[Found]:
    for said in clues.said:
        hits = list(said.of("step"))
        for hit in hits:
            if _stands(hit, said, clues) and not _is_narrower(hit, hits):
                yield Stage(hit.frame.name), said.sentence.written


def _by_appointment(clues: Clues, _senders: Senders) -> Iterator[Found]:
    if is_appointment(clues.message):
        called = {name for name, _ in clues.named("stage")}
        yield next((one for one in _APPOINTMENTS if one in called), Stage.INTERVIEW), clues.subject


def _by_sender(clues: Clues, senders: Senders) -> Iterator[Found]:
    sender = clues.message.sender
    system = senders.system(sender.spec) if sender else None
    if system is not None and system.kind == "test":
        yield Stage.ASSESSMENT, clues.subject


_READERS: tuple[Callable[[Clues, Senders], Iterator[Found]], ...] = (
    _by_words,
    _by_appointment,
    _by_sender,
)


def _stands(hit: Hit, said: Said, clues: Clues) -> bool:
    """Whether it is said outright; to ask "are you free for a call?" is to invite."""
    if any(other.start < hit.end and hit.start < other.end for other in said.of("decision")):
        return False
    if any(guard.frame.name == "maybe" and guard.start < hit.start for guard in said.of("guard")):
        return False
    place = Place(said.index, said.sentence, said.hits, clues.pack)
    return guard_of(hit, place) in ("", "question")


def _is_narrower(hit: Hit, hits: list[Hit]) -> bool:
    """Whether words that would be an interview belong to something smaller."""
    return hit.frame.name == Stage.INTERVIEW and any(
        other.frame.name in _NARROWER and other.start < hit.end and hit.start < other.end
        for other in hits
    )
