"""Find the frames whose phrases stand in a sentence, trying only the few phrases that can."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

from kitchenwall.domain.frames import Grammar, Keys, Phrase

_MOST_WORDS = 8_192
_ROWS = 4


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


class Hit(NamedTuple):
    """A frame found in a folded sentence, from `start` to `end`."""

    frame: Frame
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Index:
    """Phrases, and which words must be in a sentence for each of them to be worth trying.

    There are `_ROWS` rows of bits, in each of them one for every phrase, and each row is for
    another of a phrase's sets of keys. A word of a sentence sets the bits of the sets that it is in;
    `_always` are those of sets that a phrase does not have. The phrases whose bits are set in all
    rows are worth trying. So a sentence costs a few operations on long numbers, however many
    phrases there are.
    """

    _items: tuple[tuple[Phrase, Frame], ...]
    _bits: _Bits
    _always: int

    @classmethod
    def of(cls, frames: Iterable[Frame], grammar: Grammar) -> Index:
        """Raises `frames.BadPhrase` where a phrase cannot be read."""
        items = tuple((grammar.phrase(written), f) for f in frames for written in f.phrases)
        always = (1 << _ROWS * len(items)) - 1
        asked: dict[Keys, int] = defaultdict(int)
        for number, (phrase, _) in enumerate(items):
            for row, keys in zip(range(_ROWS), phrase.keys, strict=False):
                bit = 1 << row * len(items) + number
                asked[keys] |= bit
                always ^= bit
        return cls(items, _Bits(asked, grammar.keys_of), always)

    def read(self, folded: str) -> tuple[Hit, ...]:
        """Every frame that a folded sentence holds, in order of place."""
        tries = self._worth_trying(folded)
        if not tries:
            return ()
        hits = [
            Hit(frame, start, end)
            for phrase, frame in self._numbered(tries)
            for start, end in phrase.places(folded)
        ]
        hits.sort(key=lambda hit: (hit.start, -hit.end, hit.frame.name))
        return tuple(hits)

    def finds(self, folded: str) -> bool:
        """Whether a folded sentence holds any of the frames."""
        tries = self._worth_trying(folded)
        return tries > 0 and any(p.stands_in(folded) for p, _ in self._numbered(tries))

    def _worth_trying(self, folded: str) -> int:
        """The numbers of the phrases that can stand in a sentence, as bits."""
        bits = reduce(or_, map(self._bits.__getitem__, folded.split()), self._always)
        bits &= bits >> 2 * len(self._items)
        return bits & bits >> len(self._items)

    def _numbered(self, bits: int) -> Iterator[tuple[Phrase, Frame]]:
        while bits:
            number = bits.bit_length() - 1
            bits ^= 1 << number
            yield self._items[number]


class _Bits(dict[str, int]):
    """The bits that each word sets. Words that were looked up are kept, up to `_MOST_WORDS`."""

    def __init__(self, asked: Mapping[Keys, int], keys_of: Callable[[str], Iterable[Keys]]) -> None:
        super().__init__()
        self._asked = asked
        self._keys_of = keys_of

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_WORDS:
            self._forget()
        bits = 0
        for keys in self._keys_of(word):
            bits |= self._asked.get(keys, 0)
        self[word] = bits
        return bits

    def _forget(self) -> None:
        """Most words set no bits: they go first."""
        telling = {word: bits for word, bits in list(self.items()) if bits}
        self.clear()
        if len(telling) < _MOST_WORDS // 2:
            self.update(telling)
