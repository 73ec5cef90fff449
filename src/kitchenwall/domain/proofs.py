"""Hold a language pack to its own sentences: what each frame must read, and what it must not.

Every table of a pack carries two sentences. `reads` is understood only because the frame is there:
taken away, the sentence is read differently. `misses` is a look-alike that the frame leaves alone:
with it or without it, the sentence is read the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kitchenwall.domain.index import Frame
from kitchenwall.domain.languages import LanguagePack
from kitchenwall.domain.reading import Reading
from kitchenwall.domain.sentences import Sentence, fold, sentences

SCOPES = ("condition", "close", "near", "before", "sentence", "mail", "")

_JUDGED = ("decision", "guard", "positive")
_LEAST_FUNCTION_WORDS = 30
# What the rooms of the domain ask a pack for by name, group by group.
_NEEDED = {
    "guard": "if harmless_if maybe harmless_maybe not_yet you_decided told teaching general withdrawn "
    "own_application harmless_positive",
    "soft": "wishes keep try_again apology hard_choice",
    "context": "job job_hint other other_hint",
    "address": "application reader",
    "machine": "auto_reply bounce alert newsletter survey scam",
    "answer": "feedback letter",
    "step": "cv_screen assessment phone_screen interview final",
    "modifier": "feedback_offered feedback_refused replies_refused",
}
_GROUPS = (
    "decision", "guard", "positive", "soft", "receipt", "context", "address", "machine", "answer",
    "step", "stage", "reason", "feedback", "modifier",
)  # fmt: skip


class Complaint(NamedTuple):
    """What is wrong with a pack, and the table that it is about ("" for the whole pack)."""

    table: str
    problem: str


def complaints(pack: LanguagePack) -> Iterator[Complaint]:
    """Everything that is wrong with a pack, table by table; nothing where it is in order.

    Raises `frames.BadPhrase` where a phrase cannot be read at all.
    """
    if len(pack.function_words) < _LEAST_FUNCTION_WORDS:
        yield Complaint("", f"it has fewer than {_LEAST_FUNCTION_WORDS} function words")
    titles = {frame.title for frame in pack.frames}
    for group in _GROUPS:
        if not any(title.startswith(f"{group}.") for title in titles):
            yield Complaint("", f"it has no table [{group}.…]")
    for group, names in _NEEDED.items():
        for title in (f"{group}.{name}" for name in names.split()):
            if title not in titles:
                yield Complaint(title, "this table is missing")
    for frame in pack.frames:
        for problem in (*_misshapen(frame), *_unproved(pack, frame)):
            yield Complaint(frame.title, problem)


def _misshapen(frame: Frame) -> Iterator[str]:
    if frame.group not in _GROUPS:
        yield f'there is no group "{frame.group}"; the groups are {", ".join(_GROUPS)}'
    if not frame.phrases:
        yield "it has no phrases"
    if not frame.proves <= {"job", "you"}:
        yield '"proves" may hold "job" and "you" only'
    if frame.group == "decision" and not 0.4 <= frame.weight < 1:
        yield "the weight of a decision lies between 0.4 and 1"
    if frame.group == "guard" and frame.value not in SCOPES:
        yield f'"value" of a guard is its reach: one of {", ".join(filter(None, SCOPES))}'


def _unproved(pack: LanguagePack, frame: Frame) -> Iterator[str]:
    for name, sentence, wanted in (("reads", frame.reads, True), ("misses", frame.misses, False)):
        if not sentence:
            yield f'"{name}" is missing: a sentence that it {"must" if wanted else "must not"} read'
        elif matters(pack, frame, sentence) is not wanted:
            found = "would be read the same without this table" if wanted else "is read by it"
            yield f'"{name}": {found}: {sentence}'


def matters(pack: LanguagePack, frame: Frame, text: str) -> bool:
    """Whether the text is read differently because the pack has this frame."""
    read = sentences(text)
    if frame.group not in _JUDGED:
        alone = pack.index(frame.title)
        return any(alone.finds(sentence.folded) for sentence in read)
    reading = Reading.of(pack, Sentence("", fold("")), read)
    return _says(reading) != _says(reading.without(frame))


def _says(reading: Reading) -> tuple[bool, bool]:
    """Whether a no stands in it, and whether an invitation does."""
    no = not reading.veto() and any(decision.stands for decision in reading.decisions())
    return no, bool(reading.invitations())
