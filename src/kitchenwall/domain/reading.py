"""Read a mail's sentences with one language pack: decisions, their guards, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kitchenwall.domain.index import Frame, Hit
from kitchenwall.domain.languages import LanguagePack, Wording
from kitchenwall.domain.sentences import Sentence, fold

# What is found in every sentence; other groups are looked for where somebody asks.
_PLACED = ("decision", "guard", "positive", "soft", "context", "machine", "answer")
_WITHIN_REACH = 25
_IN_QUOTES = re.compile(r"[\"“„”«»]([^\"“„”«»]{3,200})[\"“„”«»]")
_CLOSELY = 6
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence with what one pack finds in it; `index` is -1 for the subject."""

    index: int
    sentence: Sentence
    hits: tuple[Hit, ...]
    pack: LanguagePack

    @property
    def wording(self) -> Wording:
        return self.pack.wording

    def of(self, group: str, name: str = "") -> Iterator[Hit]:
        hits = self.hits
        if group not in _PLACED:
            hits = self.pack.index(group).read(self.sentence.folded)
        return iter([h for h in hits if h.frame.group == group and name in ("", h.frame.name)])

    def words(self, hit: Hit) -> str:
        return self.sentence.folded[hit.start : hit.end].strip()

    def without(self, frame: Frame) -> Place:
        hits = tuple(hit for hit in self.hits if hit.frame.title != frame.title)
        return Place(self.index, self.sentence, hits, self.pack)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision found, and the guard that speaks against taking it at its word ("" for none)."""

    place: Place
    hit: Hit
    guard: str

    @property
    def stands(self) -> bool:
        return not self.guard


@dataclass(frozen=True, slots=True)
class Reading:
    """A mail as one language pack reads it: the subject, and the sentences that say something.

    `told` are all its folded sentences, each once; `found` is what is found in every sentence, the
    subject first, by the group of its frame.
    """

    pack: LanguagePack
    subject: Place
    places: tuple[Place, ...]
    told: tuple[str, ...]
    found: Mapping[str, list[tuple[Place, Hit]]]
    _decisions: tuple[Decision, ...]

    @classmethod
    def of(cls, pack: LanguagePack, subject: Sentence, read: Iterable[Sentence]) -> Reading:
        frames = pack.index(*_PLACED)
        known = {subject.folded: frames.read(subject.folded)}
        places = []
        for index, sentence in enumerate(read):
            if sentence.folded not in known:
                known[sentence.folded] = frames.read(sentence.folded)
            if hits := known[sentence.folded]:
                places.append(Place(index, sentence, hits, pack))
        title = Place(-1, subject, known[subject.folded], pack)
        return cls._with(pack, title, tuple(places), tuple(known))

    def without(self, frame: Frame) -> Reading:
        """The same mail, read with a pack that does not have this frame."""
        subject, *places = (place.without(frame) for place in self.everywhere())
        return self._with(self.pack, subject, tuple(places), self.told)

    @classmethod
    def _with(
        cls, pack: LanguagePack, subject: Place, places: tuple[Place, ...], told: tuple[str, ...]
    ) -> Reading:
        found = _by_group((subject, *places))
        decisions = tuple(
            Decision(place, hit, guard_of(hit, place))
            for place, hit in found["decision"]
            if place is not subject
        )
        return cls(pack, subject, places, told, found, decisions)

    def everywhere(self) -> tuple[Place, ...]:
        return (self.subject, *self.places)

    def of_group(self, group: str, name: str = "") -> Iterator[tuple[Place, Hit]]:
        """What is found of a group, or of one of its frames, and where: the subject first."""
        return iter([one for one in self.found[group] if name in ("", one[1].frame.name)])

    def has(self, group: str, name: str = "") -> bool:
        """Whether a frame of this group, or this one, stands anywhere in the mail."""
        if group in _PLACED:
            return any(True for _ in self.of_group(group, name))
        index = self.pack.index(f"{group}.{name}" if name else group)
        return any(map(index.finds, self.told))

    def words(self, group: str, name: str) -> str:
        """The words in which this frame is first found, "" where it is not."""
        return next((place.words(hit) for place, hit in self.of_group(group, name)), "")

    def veto(self) -> str:
        """The name of a guard that speaks for the whole mail, "" for none."""
        guards = (hit.frame for _, hit in self.of_group("guard"))
        return next((frame.name for frame in guards if frame.value == "mail"), "")

    def decisions(self) -> tuple[Decision, ...]:
        return self._decisions

    def standing(self) -> list[Decision]:
        """The decisions that nothing speaks against."""
        return [decision for decision in self._decisions if decision.stands]

    def invitations(self) -> tuple[tuple[Place, Hit], ...]:
        """Outright invitations and offers that nothing speaks against; many are put as a question."""
        return tuple(
            (place, hit)
            for place, hit in self.of_group("positive")
            if place is not self.subject
            and guard_of(hit, place) in ("", "question")
            and not _covered(hit, place)
        )

    def about(self, decision: Decision | None = None) -> Subject:
        """Points for a job, and for something else; words near the decision count threefold."""
        beside = dict.fromkeys(("job", "job_hint", "other", "other_hint"), 0.0)
        points = dict(beside)
        index = decision.place.index if decision else None
        near = (-1, index - 1, index) if index is not None else ()
        worths: dict[tuple[str, str], float] = {}
        close: set[str] = set()
        for place, hit in self.of_group("context"):
            word = (hit.frame.name, place.words(hit))
            worth = hit.frame.weight * (3 if place.index in near else 1)
            worths[word] = max(worth, worths.get(word, 0.0))
            if place.index in near:
                close.add(hit.frame.name)
            if place.index in (-1, index):
                beside[hit.frame.name] += hit.frame.weight
        for (kind, _), worth in worths.items():
            points[kind] += worth
        frame = decision.hit.frame if decision else None
        return Subject(
            points=points,
            others=sum(1 for kind, _ in worths if kind == "other"),
            close=frozenset(close),
            beside=beside,
            proved=frame is not None and "job" in frame.proves and not frame.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a mail is about, by the words that speak of a job and of something else.

    `points` are by kind, each word counted once, and `others` is how many words speak of something
    else; `close` are the kinds near the decision or in the subject, `beside` the points of each kind in the decision's own sentence and in the subject. `proved`
    says that the decision itself speaks of a job, and of somebody who got it.
    """

    points: Mapping[str, float]
    others: int
    close: frozenset[str]
    beside: Mapping[str, float]
    proved: bool = False

    @property
    def job(self) -> float:
        return self.points["job"] + self.points["job_hint"]

    @property
    def other(self) -> float:
        return self.points["other"] + self.points["other_hint"]

    @property
    def names_a_job(self) -> bool:
        return self.job >= _NAMED

    @property
    def is_another(self) -> bool:
        """Whether a loan, a paper or a place to live is refused, and no job.

        One word far away ("your account" in a footer) or a few hints do not make it another, nor
        does what the chosen one knows about ("more experience with grants").
        """
        if self.other > self.job:
            several = self.others > 1 or self.points["other_hint"] > _NAMED
            return "other" in self.close or several
        beside = self.beside["other"] > self.beside["job"] and self.other * 3 > self.job
        return beside and not (self.proved and self.job > self.other)


def _by_group(places: Iterable[Place]) -> Mapping[str, list[tuple[Place, Hit]]]:
    found: dict[str, list[tuple[Place, Hit]]] = {group: [] for group in _PLACED}
    for place in places:
        for hit in place.hits:
            found[hit.frame.group].append((place, hit))
    return found


def guard_of(hit: Hit, place: Place) -> str:
    """The name of what speaks against taking this part of the sentence at its word."""
    folded = place.sentence.folded
    guards = tuple(place.of("guard"))
    harmless = {
        name: [(h.start, h.end) for h in guards if h.frame.name == f"harmless_{name}"]
        for name in ("if", "maybe")
        if guards
    }
    for guard in guards:
        name = guard.frame.name
        spared = any(start <= guard.start < end for start, end in harmless.get(name, ()))
        if spared and guard.start < hit.start:
            spared = " , " in folded[guard.start : hit.start + 1]
        if not spared and _reaches(guard, hit, place):
            return name
    if _asks(folded, place.wording):
        return "question"
    return "quoted" if _is_quoted(hit, place) else ""


def _asks(folded: str, wording: Wording) -> bool:
    """Whether a sentence is a question, and no statement with a tag behind it (", viu ?")."""
    if not folded.endswith(" ? "):
        return False
    *said, _ = folded.split()[-3:]
    return not (said[:1] == [","] and wording.tags.issuperset(said[1:]))


def _is_quoted(hit: Hit, place: Place) -> bool:
    """Whether the words are somebody's label ("Rejected"), in a sentence not about an application."""
    for quote in map(fold, _IN_QUOTES.findall(place.sentence.written)):
        if place.words(hit) in quote:
            told = (place.words(one) for one in place.of("address", "application"))
            return all(words in quote for words in told)
    return False


def _reaches(guard: Hit, hit: Hit, place: Place) -> bool:
    """Whether a guard's scope, named in the pack, takes in the hit."""
    folded, wording = place.sentence.folded, place.wording
    match guard.frame.value:
        case "condition":
            if guard.start < hit.start:
                return not wording.turns & set(folded[guard.end : hit.start].split())
            between = folded[hit.end : guard.start].split()
            return len(between) <= _CLOSELY and not wording.joins & set(between)
        case "close":
            return hit.start - 30 <= guard.start < hit.end
        case "near":
            return guard.start < hit.end and hit.start - guard.end < 60
        case "before":
            return guard.start < hit.end
        case scope:
            return scope == "sentence"


def _covered(hit: Hit, place: Place) -> bool:
    """Whether an invitation is part of a refusal ("unable to invite you") or harmless."""
    refused = any(_overlap(hit, other) for other in place.of("decision"))
    spared = place.of("guard", "harmless_positive")
    return refused or any(_overlap(hit, other, _WITHIN_REACH) for other in spared)


def _overlap(hit: Hit, other: Hit, reach: int = 0) -> bool:
    return other.start < hit.end + reach and hit.start < other.end
