"""Find the frames whose phrases stand in a sentence, trying only the few phrases that can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kitchenwall.domain.frames import KEY_LENGTH, Grammar, Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A way to say one thing: phrases under a group ("decision", "guard" ...) and a stable name.

    `weight` is how much of a decision it is alone; `value` is what else it tells; `proves` lists
    what of "job" and "you" the words themselves carry. `reads` is a sentence that needs this frame
    to be understood, `misses` a look-alike that it leaves alone (see `proofs`).
    """

    group: str
    name: str
    phrases: tuple[str, ...]
    weight: float = 0.0
    value: str = ""
    proves: frozenset[str] = frozenset()
    reads: str = ""
    misses: str = ""

    @property
    def title(self) -> str:
        return f"{self.group}.{self.name}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A frame found in a folded sentence, from `start` to `end`."""

    frame: Frame
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Index:
    """What to try on a sentence: whole words, phrases by their keys, and phrases without keys."""

    words: Mapping[str, list[Frame]]
    phrases: Mapping[str, list[tuple[Phrase, Frame]]]
    always: list[tuple[Phrase, Frame]]
    _words: frozenset[str]
    _keys: frozenset[str]

    @classmethod
    def of(cls, frames: Iterable[Frame], grammar: Grammar) -> Index:
        """Raises `frames.BadPhrase` where a phrase cannot be read."""
        words: dict[str, list[Frame]] = {}
        phrases: dict[str, list[tuple[Phrase, Frame]]] = {}
        always: list[tuple[Phrase, Frame]] = []
        for frame in frames:
            for phrase in map(grammar.phrase, frame.phrases):
                for word in phrase.words:
                    words.setdefault(word, []).append(frame)
                item = (phrase, frame)
                for key in () if phrase.words else phrase.keys:
                    phrases.setdefault(key, []).append(item)
                if not phrase.keys:
                    always.append(item)
        return cls(words, phrases, always, frozenset(words), frozenset(phrases))

    def read(self, folded: str) -> tuple[Hit, ...]:
        """Every frame that a folded sentence holds, in order of place."""
        hits: list[Hit] = []
        tokens = set(folded.split())
        for word in tokens & self._words:
            for start in _places(f" {word} ", folded):
                hits += [Hit(frame, start + 1, start + len(word) + 2) for frame in self.words[word]]
        for phrase, frame in self._candidates(tokens):
            hits += [Hit(frame, start, end) for start, end in phrase.places(folded)]
        hits.sort(key=lambda hit: (hit.start, -hit.end, hit.frame.name))
        return tuple(hits)

    def finds(self, folded: str) -> bool:
        """Whether a folded sentence holds any of the frames."""
        tokens = set(folded.split())
        if not self._words.isdisjoint(tokens):
            return True
        return any(phrase.stands_in(folded) for phrase, _ in self._candidates(tokens))

    def _candidates(self, tokens: set[str]) -> list[tuple[Phrase, Frame]]:
        """The phrases that can match a sentence with these tokens, each once."""
        keys = {token[:KEY_LENGTH] for token in tokens}
        found = list(self.always)
        known: set[int] = set()
        for key in keys & self._keys:
            for item in self.phrases[key]:
                for further in item[0].also:
                    if further.isdisjoint(keys):
                        break
                else:
                    if id(item) not in known:
                        known.add(id(item))
                        found.append(item)
        return found


def _places(words: str, folded: str) -> Iterator[int]:
    start = folded.find(words)
    while start >= 0:
        yield start
        start = folded.find(words, start + 1)
