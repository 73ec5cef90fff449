"""Turn the phrases of a language pack into patterns that run in bounded time.

A phrase is a row of elements between spaces, matched against a folded sentence:

    word        this word; "word*" any ending, "*word" any beginning
    (a|b c)     one of these
    [a|b c]     one of these, or nothing
    ..          up to three tokens of any kind; "..8" up to eight
    {name}      one of the words listed under this name in the pack's slots

Tokens are parted by single spaces and every gap is bounded, so a pattern cannot run away: its cost
on a sentence has a fixed limit. `keys` are beginnings of words one of which must stand in a
sentence for the phrase to match; they let a pack try only the few phrases that can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

KEY_LENGTH = 4

_MOST_KEYS = 2

_ELEMENT = re.compile(
    r"\{(?P<slot>\w+)\}|\.\.(?P<gap>\d*)|(?P<mark>[()\[\]|])|(?P<word>[^\s()\[\]|{}]+)"
)
_WORD = re.compile(r"^\*?[a-z0-9]+\*?$|^[,?]$")
_ONE_WORD = re.compile(r"^[^\W_]+$")
_UMLAUTS = str.maketrans({"ä": "a\0", "ö": "o\0", "ü": "u\0", "å": "a\1", "ø": "o\0", "ß": "ss"})


class BadPhrase(ValueError):
    """A phrase of a pack that cannot be read; the message names it."""


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase ready for use: its pattern's source and its keys (empty: must always be tried).

    `also` are further sets of keys, one of each of which must be present too. `words` are the
    forms of a phrase that is nothing but one whole word.
    """

    source: str
    keys: frozenset[str]
    also: tuple[frozenset[str], ...]
    words: tuple[str, ...]

    def places(self, folded: str) -> list[tuple[int, int]]:
        """Where the phrase stands in a folded sentence, from left to right: start and end."""
        search = _compiled(self.source).search
        places = []
        found = search(folded)
        while found:
            start, end = found.span()
            places.append((start + 1, end))
            found = search(folded, max(end - 1, start + 1))
        return places

    def stands_in(self, folded: str) -> bool:
        return _compiled(self.source).search(folded) is not None


@dataclass(frozen=True, slots=True)
class Grammar:
    """What the phrases of a language are read with.

    `slots` are the words behind names in braces, `common` words too frequent to be good keys.
    """

    slots: Mapping[str, str]
    common: frozenset[str] = frozenset()
    _parts: dict[str, _Part] = field(default_factory=dict, init=False, repr=False)
    _phrases: dict[str, Phrase] = field(default_factory=dict, init=False, repr=False)

    def phrase(self, written: str) -> Phrase:
        """A phrase, read once. Raises `BadPhrase`."""
        if written not in self._phrases:
            self._phrases[written] = self._read(written)
        return self._phrases[written]

    def slot(self, name: str, phrase: str) -> _Part:
        """What stands behind a name in a phrase, read once."""
        if name not in self.slots:
            raise BadPhrase(f"the phrase {phrase!r} names an unknown slot {name!r}")
        if name not in self._parts:
            self._parts[name] = self._part(self.slots[name])
        return self._parts[name]

    def _read(self, written: str) -> Phrase:
        part = self._part(written)
        first, *others = part.keys or (frozenset[str](),)
        # A blank to begin with is what a search can leap to; a look behind would try every letter.
        return Phrase(f" {part.source}", first, tuple(others[:_MOST_KEYS]), _whole_words(written))

    def _part(self, written: str) -> _Part:
        reader = _Reader(written, self)
        part = reader.alternatives()
        if reader.left:
            raise BadPhrase(f"cannot read the phrase {written!r}")
        return part


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern, and the sets of keys that it asks for, the rarest first."""

    source: str
    keys: tuple[frozenset[str], ...] = ()


class _Reader:
    """A reader of one phrase, from left to right."""

    def __init__(self, phrase: str, grammar: Grammar) -> None:
        self.phrase = phrase
        self.grammar = grammar
        self.left = list(_ELEMENT.finditer(phrase))[::-1]

    def alternatives(self) -> _Part:
        choices = [self.sequence()]
        while self._next_is("|"):
            self.left.pop()
            choices.append(self.sequence())
        if len(choices) == 1:
            return choices[0]
        source = "|".join(choice.source for choice in choices)
        ranked = zip(*(choice.keys for choice in choices), strict=False)
        keys = tuple(frozenset[str]().union(*sets) for sets in ranked)
        return _Part(f"(?:{source})", keys)

    def sequence(self) -> _Part:
        parts: list[_Part] = []
        while self.left and self.left[-1]["mark"] not in ("|", ")", "]"):
            parts.append(self.element())
        if not parts:
            raise BadPhrase(f"a choice of the phrase {self.phrase!r} is empty")
        keys = sorted((keys for p in parts for keys in p.keys), key=self._rarity, reverse=True)
        return _Part("".join(p.source for p in parts), tuple(keys))

    def element(self) -> _Part:
        found = self.left.pop()
        if found["slot"]:
            part = self.grammar.slot(found["slot"], self.phrase)
            return _Part(f"(?:{part.source})", part.keys)
        if found["gap"] is not None:
            return _Part(f"(?:[^ ]+ ){{0,{found['gap'] or 3}}}?")
        if found["mark"]:
            return self._bracket(found["mark"])
        return _word(found["word"], self.phrase)

    def _bracket(self, mark: str) -> _Part:
        inner = self.alternatives()
        close = self.left.pop()["mark"] if self.left else None
        if mark == "(" and close == ")":
            return _Part(f"(?:{inner.source})", inner.keys)
        if mark == "[" and close == "]":
            return _Part(f"(?:{inner.source})?")
        raise BadPhrase(f"the brackets of the phrase {self.phrase!r} do not close")

    def _next_is(self, mark: str) -> bool:
        return bool(self.left) and self.left[-1]["mark"] == mark

    def _rarity(self, keys: frozenset[str]) -> tuple[int, int, int]:
        frequent = sum(1 for key in keys if key in self.grammar.common)
        return (-frequent, min(len(key) for key in keys), -len(keys))


def _word(word: str, phrase: str) -> _Part:
    """A word's pattern; umlauts may be written with or without their second letter."""
    marked = word.lower().translate(_UMLAUTS)
    plain = marked.replace("\0", "").replace("\1", "")
    if not _WORD.match(plain):
        raise BadPhrase(f"the phrase {phrase!r} has the word {word!r}: write it folded")
    source = re.escape(marked.strip("*")).replace("\\\0", "e?").replace("\0", "e?")
    source = source.replace("\\\1", "a?").replace("\1", "a?")
    before = "[^ ,?]*" if word.startswith("*") else ""
    after = "[^ ,?]*" if word.endswith("*") and len(word) > 1 else ""
    return _Part(f"{before}{source}{after} ", _keys(marked))


def _whole_words(phrase: str) -> tuple[str, ...]:
    if not _ONE_WORD.match(phrase):
        return ()
    return tuple(sorted(_forms(phrase.lower().translate(_UMLAUTS))))


def _forms(marked: str) -> set[str]:
    """A word as it may be written: with and without the second letter of an umlaut."""
    stem = marked.rstrip("*")
    return {
        stem.replace("\0", "").replace("\1", ""),
        stem.replace("\0", "e").replace("\1", "a"),
    }


def _keys(marked: str) -> tuple[frozenset[str], ...]:
    if marked.startswith("*"):
        return ()
    written = _forms(marked)
    if marked.endswith("*") and min(map(len, written)) < KEY_LENGTH:
        return ()
    return (frozenset(form[:KEY_LENGTH] for form in written),)
