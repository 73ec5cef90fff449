"""Which kind of mail the words of a mail speak for, whatever sentences they stand in.

Phrases know the usual ways to say no; people find others. A linear model over single words, one for
each language, tells four kinds of mail apart: a no to the reader's application, an application that
goes on, a refusal of something else, and everything else. `tools/train_opinion.py` learns the
weights from invented mail; `languages/words/*.json` hold them. What it says is one sign among
others (see `opinion`): words alone never make a no.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

STEM = 5
UNIT = 0.01
IN_SUBJECT = "^"

# Words that were not read, as it were: so that a mail of three words does not lean far.
_DOUBT = 20
# From so many known words on a mail leans as far as it does.
_ENOUGH = 60


class Leaning(NamedTuple):
    """How much words speak for each kind of mail; only the differences mean something."""

    rejection: float = 0.0
    application: float = 0.0
    refusal: float = 0.0
    other: float = 0.0

    @property
    def lead(self) -> float:
        """How far a no is ahead of the next kind; below 0 where another is."""
        return self.rejection - max(self[1:])


NOWHERE = Leaning()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of a language with their weights; without any it leans nowhere.

    A key is a folded word, its first `STEM` letters and "*" for all longer words that begin so,
    and either with `IN_SUBJECT` in front for words of the subject. Weights are whole `UNIT`s.
    """

    weights: Mapping[str, Leaning] = field(default_factory=dict)

    def leaning(self, subject: str, told: Iterable[str]) -> Leaning:
        """What a mail's folded subject and sentences lean to; all 0 where no word is known.

        A short mail leans less: its few words say little beside what its phrases say.
        """
        words = {*" ".join(told).split()}
        return self._sum(chain(keys(words), keys({*subject.split()}, IN_SUBJECT)))

    def strongest(self, told: Iterable[str], most: int = 3) -> tuple[str, ...]:
        """The words of folded sentences that speak most for a no, the strongest first."""
        weights = self.weights
        told_by = {
            word: sum(weights[key].rejection for key in both if key in weights)
            for both in keys({*" ".join(told).split()})
            for word in both[:1]
        }
        best = sorted(told_by, key=lambda word: (-told_by[word], word))
        return tuple(word for word in best[:most] if told_by[word] > 0)

    def _sum(self, words: Iterable[tuple[str, ...]]) -> Leaning:
        """What the known words weigh together."""
        weights = self.weights
        known = 0
        rows: list[Leaning] = []
        for both in words:
            found = [weights[key] for key in both if key in weights]
            if found:
                known += 1
                rows += found
        if not known:
            return NOWHERE
        scale = UNIT * scale_of(known) * min(1.0, known / _ENOUGH)
        return Leaning(*[sum(column) * scale for column in zip(*rows, strict=True)])


def scale_of(known: int) -> float:
    """What one of so many known words counts: length alone leans nowhere, and few words say little."""
    return 1 / math.sqrt(known + _DOUBT)


def keys(words: Iterable[str], before: str = "") -> Iterator[tuple[str, ...]]:
    """The keys of each word: itself, and its stem where it is longer; numbers have none."""
    for word in words:
        if word.isalpha():
            whole = before + word
            yield (whole, f"{before}{word[:STEM]}*") if len(word) > STEM else (whole,)
