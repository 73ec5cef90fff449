"""A language pack: one language's phrases, guards and forms of address, ready to be read with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from kitchenwall.domain.frames import Grammar
from kitchenwall.domain.index import Frame, Index
from kitchenwall.domain.index import Hit as Hit
from kitchenwall.domain.vocabulary import Vocabulary

_LEAST_SHARE = 0.12
_SHARE_OF_THE_BEST = 0.45
_LEAST_WORDS = 3
_WORDS_LOOKED_AT = 400
_WEIGHT_OF_A_STRANGER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names of senders that are the same in every language (mail domains in lower case).

    Domains in `systems` send mail for many employers (applicant tracking, boards, tests), those in
    `webmail` give addresses to anybody; neither they nor the `brands` behind them are ever the
    company. `alert_senders` and `mailer_senders` are local parts of senders of job alerts and of
    delivery reports; `generic` are words of a display name that are no company's name.
    """

    systems: frozenset[str] = frozenset()
    webmail: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    alert_senders: frozenset[str] = frozenset()
    mailer_senders: frozenset[str] = frozenset()
    generic: frozenset[str] = frozenset()
    legal_forms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Model:
    """The weights of a second opinion, as they were learned (see `opinion`); without any it has none."""

    intercept: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words of a language that are no frames.

    `turns` are words after which a condition no longer holds ("but"), `joins` those that part a
    condition from what stands before it ("and"). `tags` make no question of a statement when they
    stand behind it (", ok?"). The rest is for `gathering`: `templates` are the patterns around a "role", "company" or "reference"; `closings` open a
    signature; `formal` words address politely (as written), `informal` ones do not (lower case).
    """

    turns: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closings: tuple[str, ...] = ()
    formal: frozenset[str] = frozenset()
    informal: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasing:
    """What a language says, and how: the bulk of a pack.

    `slots` are the words behind names in the phrases of the frames.
    """

    slots: Mapping[str, str]
    frames: tuple[Frame, ...]
    wording: Wording
    vocabulary: Vocabulary = field(default_factory=Vocabulary)


@dataclass(frozen=True, kw_only=True, eq=False)
class LanguagePack:
    """One language: how to recognise it, and all that it says, made ready when it is asked for.

    `code` is its ISO 639 code, `name` what its speakers call it.
    `strangers` are words of its neighbours that it does not have itself (Slovak "sme" for Czech).
    `notices` are the frames by which a machine's mail is known by its subject, in any mail. `load`
    is called once, when the language is first read; `index` raises `frames.BadPhrase` where a
    phrase cannot be read.
    """

    code: str
    name: str = ""
    function_words: frozenset[str]
    strangers: frozenset[str] = frozenset()
    names: Names = field(default_factory=Names)
    model: Model = field(default_factory=Model)
    notices: Index
    load: Callable[[], Phrasing]
    _ready: dict[tuple[str, ...], Index] = field(default_factory=dict, init=False, repr=False)

    @property
    def frames(self) -> tuple[Frame, ...]:
        return self._phrasing.frames

    @property
    def wording(self) -> Wording:
        return self._phrasing.wording

    @property
    def vocabulary(self) -> Vocabulary:
        return self._phrasing.vocabulary

    def read(self, folded: str) -> tuple[Hit, ...]:
        """Every frame that a folded sentence holds, in order of place."""
        return self.index().read(folded)

    def index(self, *names: str) -> Index:
        """The frames of these groups, or by these names ("soft.wishes"), ready to be found.

        All frames where nothing is named.
        """
        if names not in self._ready:
            wanted = (f for f in self.frames if not names or {f.group, f.title} & {*names})
            self._ready[names] = Index.of(wanted, self._grammar)
        return self._ready[names]

    @cached_property
    def _phrasing(self) -> Phrasing:
        return self.load()

    @cached_property
    def _grammar(self) -> Grammar:
        return Grammar(self._phrasing.slots)


def recognise(folded: Iterable[str], packs: Mapping[str, LanguagePack]) -> tuple[LanguagePack, ...]:
    """The packs whose language the sentences are in, the likeliest first; none where unknown.

    Languages are told by their share of function words; a mail in two languages gives both.
    A neighbour's words count against a language.
    """
    times = Counter(_first_words(folded))
    told = _told_by(tuple(packs.values()))
    shares = dict.fromkeys(packs.values(), 0)
    for word in told.keys() & times.keys():
        for pack, weight in told[word]:
            shares[pack] += weight * times[word]
    words = times.total() - times[","]
    best = max(shares.values(), default=0)
    least = max(_LEAST_WORDS, best * _SHARE_OF_THE_BEST, words * _LEAST_SHARE)
    likely = [pack for pack, share in shares.items() if share >= least]
    return tuple(sorted(likely, key=lambda pack: -shares[pack]))


@lru_cache(maxsize=8)
def _told_by(packs: tuple[LanguagePack, ...]) -> Mapping[str, list[tuple[LanguagePack, int]]]:
    """What each function word says for the packs that have it, and against their neighbours."""
    told: dict[str, list[tuple[LanguagePack, int]]] = {}
    for pack in packs:
        for word in pack.function_words:
            told.setdefault(word, []).append((pack, 1))
        for word in pack.strangers:
            told.setdefault(word, []).append((pack, -_WEIGHT_OF_A_STRANGER))
    return told


def _first_words(folded: Iterable[str]) -> list[str]:
    words: list[str] = []
    commas = 0
    for sentence in folded:
        words += sentence.split()
        commas += sentence.count(",")
        if len(words) - commas >= _WORDS_LOOKED_AT:
            break
    return words
