"""Turn the phrases of a language pack into patterns that run in bounded time.

A phrase is a row of elements between spaces, matched against a folded sentence:

    word        this word; "word*" any ending, "*word" any beginning
    (a|b c)     one of these
    [a|b c]     one of these, or nothing
    ..          up to three tokens of any kind; "..8" up to eight
    {name}      one of the words listed under this name in the pack's slots

Tokens are parted by single spaces and every gap is bounded, so a pattern cannot run away: its cost
on a sentence has a fixed limit. `keys` are words one of which must stand in a sentence for the
phrase to match; they let a pack try only the few phrases that can.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import NamedTuple

SHORTEST_STEM = 3

_GAP = r"\.\.\d*"
_PLAIN = r"[a-z]+(?:[ |][a-z]+)*"
_ELEMENT = re.compile(
    rf"\{{\w+\}}|{_GAP}|\({_PLAIN}\)|\[(?:{_PLAIN}|{_GAP})\]|[()\[\]|]|[^\s()\[\]|{{}}]+"
)
_WORD = re.compile(r"^\*?[a-z0-9]+\*?$|^[,?]$")
_MARKS = frozenset("()[]|")
_UMLAUTS = str.maketrans({"ä": "a\0", "ö": "o\0", "ü": "u\0", "å": "a\1", "ø": "o\0", "ß": "ss"})
_SPELLINGS = {"\0": ("", "e"), "\1": ("", "a")}

Keys = frozenset[str]
"""Words, one of which a phrase asks for; "word*" is any that begins so, `SHORTEST_STEM` or longer."""


class BadPhrase(ValueError):
    """A phrase of a pack that cannot be read; the message names it."""


class Phrase(NamedTuple):
    """A phrase ready for use: its pattern's source, and its keys, one of each of which must be there.

    `words` are the forms of a phrase that is nothing but one whole word.
    """

    source: str
    keys: tuple[Keys, ...]
    words: tuple[str, ...]

    def places(self, folded: str) -> list[tuple[int, int]]:
        """Where the phrase stands in a folded sentence, from left to right: start and end."""
        if self.words:
            return [place for word in self.words for place in _places(f" {word} ", folded)]
        search = _compiled(self.source).search
        places = []
        found = search(folded)
        while found:
            start, end = found.span()
            places.append((start + 1, end))
            found = search(folded, max(end - 1, start + 1))
        return places

    def stands_in(self, folded: str) -> bool:
        if self.words:
            return any(f" {word} " in folded for word in self.words)
        return _compiled(self.source).search(folded) is not None


@dataclass(frozen=True, slots=True)
class Grammar:
    """What the phrases of a language are read with: the words behind names in braces.

    It remembers in which keys of its phrases a word is.
    """

    slots: Mapping[str, str]
    _keys: defaultdict[str, list[Keys]] = field(
        default_factory=lambda: defaultdict(list), init=False, repr=False
    )
    _stems: defaultdict[str, list[tuple[str, Keys]]] = field(
        default_factory=lambda: defaultdict(list), init=False, repr=False
    )
    _known: set[Keys] = field(default_factory=set, init=False, repr=False)
    _phrases: dict[str, Phrase] = field(default_factory=dict, init=False, repr=False)
    _slots: dict[str, _Part] = field(default_factory=dict, init=False, repr=False)
    _simple: dict[str, _Part] = field(default_factory=dict, init=False, repr=False)

    def phrase(self, written: str) -> Phrase:
        """A phrase, read once. Raises `BadPhrase`."""
        if written not in self._phrases:
            self._phrases[written] = self._read(written)
        return self._phrases[written]

    def keys_of(self, word: str) -> Sequence[Keys]:
        """The keys of the phrases read so far that a word of a sentence is one of."""
        found = self._keys.get(word, ())
        begun = self._stems.get(word[:SHORTEST_STEM])
        if begun is None:
            return found
        return [*found, *(keys for stem, keys in begun if word.startswith(stem))]

    def _slot(self, name: str, phrase: str) -> _Part:
        if name not in self.slots:
            raise BadPhrase(f"the phrase {phrase!r} names an unknown slot {name!r}")
        if name not in self._slots:
            self._slots[name] = self._part(self.slots[name])
        return self._slots[name]

    def simple(self, element: str, phrase: str) -> _Part:
        """A slot, an element that holds no other, or a choice of plain words; read once."""
        if element[0] == "{":
            return self._slot(element[1:-1], phrase)
        if element not in self._simple:
            self._simple[element] = _simple(element, phrase)
        return self._simple[element]

    def _read(self, written: str) -> Phrase:
        part = self._part(written)
        for keys in part.keys:
            if keys not in self._known:
                self._remember(keys)
        # A blank to begin with is what a search can leap to; a look behind would try every letter.
        return Phrase(f" {part.source}", part.keys, _whole_words(written))

    def _remember(self, keys: Keys) -> None:
        self._known.add(keys)
        for key in keys:
            if key[-1] == "*":
                self._stems[key[:SHORTEST_STEM]].append((key[:-1], keys))
            else:
                self._keys[key].append(keys)

    def _part(self, written: str) -> _Part:
        elements = _ELEMENT.findall(written)
        if elements and _MARKS.isdisjoint(elements):
            return _row([self.simple(element, written) for element in elements])
        reader = _Reader(elements, written, self)
        part = reader.alternatives()
        if reader.left:
            raise BadPhrase(f"cannot read the phrase {written!r}")
        return part


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _places(words: str, folded: str) -> Iterator[tuple[int, int]]:
    start = folded.find(words)
    while start >= 0:
        yield start + 1, start + len(words)
        start = folded.find(words, start + 1)


class _Part(NamedTuple):
    """A piece of a pattern, and the keys that it asks for, in their order."""

    source: str
    keys: tuple[Keys, ...] = ()


class _Reader:
    """A reader of one phrase, from left to right."""

    def __init__(self, elements: list[str], phrase: str, grammar: Grammar) -> None:
        self.phrase = phrase
        self.grammar = grammar
        self.left = elements[::-1]

    def alternatives(self) -> _Part:
        choices = [self.sequence()]
        while self._next_is("|"):
            self.left.pop()
            choices.append(self.sequence())
        if len(choices) == 1:
            return choices[0]
        source = "|".join([choice.source for choice in choices])
        keys = zip(*[sorted(choice.keys, key=_rarity) for choice in choices], strict=False)
        return _Part(f"(?:{source})", tuple([Keys().union(*sets) for sets in keys]))

    def sequence(self) -> _Part:
        parts: list[_Part] = []
        while self.left and self.left[-1] not in "|)]":
            parts.append(self.element())
        if not parts:
            raise BadPhrase(f"a choice of the phrase {self.phrase!r} is empty")
        return _row(parts)

    def element(self) -> _Part:
        element = self.left.pop()
        if element in "([":
            return self._bracket(element)
        return self.grammar.simple(element, self.phrase)

    def _bracket(self, mark: str) -> _Part:
        inner = self.alternatives()
        close = self.left.pop() if self.left else ""
        if mark + close == "()":
            return inner
        if mark + close == "[]":
            return _Part(f"(?:{inner.source})?")
        raise BadPhrase(f"the brackets of the phrase {self.phrase!r} do not close")

    def _next_is(self, mark: str) -> bool:
        return bool(self.left) and self.left[-1] == mark


def _row(parts: list[_Part]) -> _Part:
    """Parts one after another."""
    if len(parts) == 1:
        return parts[0]
    return _Part(
        "".join([part.source for part in parts]),
        tuple([keys for part in parts for keys in part.keys]),
    )


def _rarity(keys: Keys) -> int:
    """Long words come first, because they are rarer."""
    return -min(map(len, keys))


def _simple(element: str, phrase: str) -> _Part:
    if element[0] == "(":
        return _plain_choice(element[1:-1])
    if element[0] == "[" and element[1] != ".":
        return _Part(f"{_plain_choice(element[1:-1]).source}?")
    element = element.strip("[]")  # a gap may be empty anyway
    if element[:2] == "..":
        return _Part(f"(?:[^ ]+ ){{0,{element[2:] or 3}}}?")
    return _word(element, phrase)


def _plain_choice(words: str) -> _Part:
    """A choice that holds nothing but plain words, as most do: "a|b c"."""
    source = f"(?:{words.replace('|', ' |')} )"
    if " " not in words:
        return _Part(source, (Keys(words.split("|")),))
    choices = [sorted(choice.split(" "), key=len, reverse=True) for choice in words.split("|")]
    return _Part(source, tuple(map(Keys, zip(*choices, strict=False))))


def _word(word: str, phrase: str) -> _Part:
    """A word's pattern; umlauts may be written with or without their second letter."""
    if word.isascii() and word.isalpha() and word.islower():
        return _Part(f"{word} ", (Keys((word,)),))
    marked = word.lower().translate(_UMLAUTS)
    if not _WORD.match(marked.replace("\0", "").replace("\1", "")):
        raise BadPhrase(f"the phrase {phrase!r} has the word {word!r}: write it folded")
    source = marked.strip("*").replace("?", r"\?").replace("\0", "e?").replace("\1", "a?")
    before = "[^ ,?]*" if marked.startswith("*") else ""
    after = "[^ ,?]*" if marked.endswith("*") else ""
    spellings = _spellings(marked)
    is_key = not before and (not after or min(map(len, spellings)) > SHORTEST_STEM)
    return _Part(f"{before}{source}{after} ", (Keys(spellings),) if is_key else ())


def _whole_words(phrase: str) -> tuple[str, ...]:
    if not phrase.isalnum():
        return ()
    return tuple(sorted(_spellings(phrase.lower().translate(_UMLAUTS))))


def _spellings(marked: str) -> set[str]:
    """A word as it may be written: with and without the second letter of each umlaut."""
    letters = [_SPELLINGS.get(letter, (letter,)) for letter in marked]
    return {"".join(one) for one in product(*letters)}
