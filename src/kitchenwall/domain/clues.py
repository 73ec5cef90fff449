"""What the readers of facts look at: a mail's sentences, the frames in them, and marked places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kitchenwall.domain.languages import Hit, LanguagePack
from kitchenwall.domain.message import Message
from kitchenwall.domain.places import places_in
from kitchenwall.domain.sentences import Sentence, fold, sentences
from kitchenwall.domain.signature import below_closings, last_lines

_LONGEST_TEXT = 20_000
_LONGEST_SUBJECT = 300
_MOST_PLACES = 200
_HEAD = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, and the frames that the mail's language finds in it; `index` 0 is the subject."""

    index: int
    sentence: Sentence
    hits: tuple[Hit, ...]
    joins: frozenset[str]

    def of(self, group: str) -> Iterator[Hit]:
        return (hit for hit in self.hits if hit.frame.group == group)


@dataclass(frozen=True, slots=True)
class Marked:
    """What stands in a template's place, the sentence around it, and whether it is the subject."""

    value: str
    words: str
    in_subject: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """One mail, laid out for reading facts from it.

    `text` is the sender's own words, at most 20,000 characters; `lowered` is subject and text in
    lower case; `signed` are the lines below each
    closing formula, `tail` the last lines of the mail.
    """

    message: Message
    pack: LanguagePack
    subject: str
    text: str
    lowered: str
    said: tuple[Said, ...]
    signed: tuple[str, ...]
    tail: tuple[str, ...]

    @classmethod
    def of(cls, message: Message, pack: LanguagePack) -> Clues:
        subject = " ".join(message.subject.split())[:_LONGEST_SUBJECT]
        text = (message.own_words or message.text)[:_LONGEST_TEXT]
        read = (Sentence(subject, fold(subject)), *sentences(text))
        whole = message.text[:_LONGEST_TEXT]
        closings, joins = pack.wording.closings, pack.wording.joins
        return cls(
            message=message,
            pack=pack,
            subject=subject,
            text=text,
            lowered=f"{subject}\n{text}".lower(),
            said=tuple(Said(i, s, pack.read(s.folded), joins) for i, s in enumerate(read)),
            signed=below_closings(text, closings) or below_closings(whole, closings),
            tail=last_lines(text),
        )

    @property
    def head(self) -> tuple[str, ...]:
        """The first lines, where a letter on paper names its house."""
        return tuple(filter(None, map(str.strip, self.text.splitlines()[:_HEAD])))

    @property
    def stops(self) -> tuple[str, ...]:
        """Words before which a post ends in the language of the mail; none where it has no posts."""
        return self.pack.wording.templates.get("stops", ())

    @property
    def joiners(self) -> tuple[str, ...]:
        """Small words that join the parts of a name in the language of the mail."""
        return self.pack.wording.templates.get("joiners", ())

    def named(self, group: str) -> Iterator[tuple[str, str]]:
        """The frames of a group by name, each with the sentence it stands in."""
        for said in self.said:
            for hit in said.of(group):
                yield hit.frame.name, said.sentence.written

    def marked(self, kind: str) -> Iterator[Marked]:
        """What stands in the places of this kind that the language's templates mark."""
        templates = self.pack.wording.templates.get(kind, ())
        found = 0
        for said in self.said:
            written = said.sentence.written
            for value in places_in(said.sentence, kind, templates, self.joiners, self.stops):
                yield Marked(value, written, said.index == 0)
                found += 1
            if found > _MOST_PLACES:
                return
