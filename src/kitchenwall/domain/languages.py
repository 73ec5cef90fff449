"""A language pack: one language's phrases, guards and forms of address, ready to be read with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kitchenwall.domain.frames import KEY_LENGTH, Phrase, read_phrase

_LEAST_SHARE = 0.12
_SHARE_OF_THE_BEST = 0.45
_LEAST_WORDS = 3
_WORDS_LOOKED_AT = 400
_WEIGHT_OF_A_STRANGER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A way to say one thing: phrases under a group ("decision", "guard" ...) and a stable name.

    `weight` is how much of a decision it is alone; `stage` and `value` are what else it tells;
    `proves` lists what of "job" and "you" the words themselves carry.
    """

    group: str
    name: str
    phrases: tuple[str, ...]
    weight: float = 0.0
    value: str = ""
    proves: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """A frame found in a folded sentence, from `start` to `end`."""

    frame: Frame
    start: int
    end: int


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Words of a language that are no frames.

    `turns` are words after which a condition no longer holds ("but"), `joins` those that part a
    condition from what stands before it ("and"). The rest is for `gathering`: `templates` are the patterns around a "role", "company" or "reference"; `closings` open a
    signature; `formal` words address politely (as written), `informal` ones do not (lower case).
    """

    turns: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closings: tuple[str, ...] = ()
    formal: frozenset[str] = frozenset()
    informal: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """One language: how to recognise it, its frames by their keys, and its wording of facts.

    `strangers` are words of its neighbours that it does not have itself (Slovak "sme" for Czech).
    """

    code: str
    function_words: frozenset[str]
    frames: tuple[Frame, ...]
    names: Names
    wording: Wording
    _index: _Index = field(repr=False)
    strangers: frozenset[str] = frozenset()

    def read(self, folded: str) -> tuple[Hit, ...]:
        """Every frame that a folded sentence holds, in order of place."""
        hits: list[Hit] = []
        keys = {token[:KEY_LENGTH] for token in folded.split()}
        for key in keys & self._index.words.keys():
            for word, frame in self._index.words[key]:
                start = folded.find(word)
                while start >= 0:
                    hits.append(Hit(frame, start + 1, start + len(word)))
                    start = folded.find(word, start + 1)
        for phrase, frame in self._index.candidates(keys):
            hits += [Hit(frame, found.start(), found.end()) for found in phrase.places(folded)]
        hits.sort(key=lambda hit: (hit.start, -hit.end, hit.frame.name))
        return tuple(hits)


@dataclass(frozen=True, slots=True)
class _Index:
    """What to try on a sentence: whole words, phrases by their keys, and phrases without keys."""

    words: Mapping[str, list[tuple[str, Frame]]]
    phrases: Mapping[str, list[tuple[Phrase, Frame]]]
    always: list[tuple[Phrase, Frame]]

    def candidates(self, keys: set[str]) -> list[tuple[Phrase, Frame]]:
        """The phrases that can match a sentence with these keys, each once."""
        found = list(self.always)
        known: set[int] = set()
        for key in keys & self.phrases.keys():
            for item in self.phrases[key]:
                for further in item[0].also:
                    if further.isdisjoint(keys):
                        break
                else:
                    if id(item) not in known:
                        known.add(id(item))
                        found.append(item)
        return found


def make_pack(
    code: str,
    function_words: Iterable[str],
    slots: Mapping[str, str],
    frames: Iterable[Frame],
    names: Names | None = None,
    wording: Wording | None = None,
    strangers: Iterable[str] = (),
) -> LanguagePack:
    """Read a pack's phrases. Raises `frames.BadPhrase` where one cannot be read."""
    kept = tuple(frames)
    functions = frozenset(function_words)
    common = _common_keys(functions, kept)
    words: dict[str, list[tuple[str, Frame]]] = {}
    phrases: dict[str, list[tuple[Phrase, Frame]]] = {}
    always: list[tuple[Phrase, Frame]] = []
    for frame in kept:
        for written in frame.phrases:
            phrase = read_phrase(written, slots, common)
            for word in phrase.words:
                words.setdefault(word[:KEY_LENGTH], []).append((f" {word} ", frame))
            item = (phrase, frame)
            for key in () if phrase.words else phrase.keys:
                phrases.setdefault(key, []).append(item)
            if not phrase.keys:
                always.append(item)
    index = _Index(words, phrases, always)
    known, told = names or Names(), wording or Wording()
    return LanguagePack(code, functions, kept, known, told, index, frozenset(strangers))


def _common_keys(functions: frozenset[str], frames: Iterable[Frame]) -> frozenset[str]:
    """Beginnings of words that stand in most sentences, or in most mails about a job."""
    told = (word for f in frames if f.group == "context" for p in f.phrases for word in p.split())
    usual = {*functions, *(word for word in told if word.rstrip("*").isalpha())}
    return frozenset(word[:KEY_LENGTH] for word in usual)


def recognise(folded: Iterable[str], packs: Mapping[str, LanguagePack]) -> tuple[LanguagePack, ...]:
    """The packs whose language the sentences are in, the likeliest first; none where unknown.

    Languages are told by their share of function words; a mail in two languages gives both.
    A neighbour's words count against a language.
    """
    words = _first_words(folded)
    shares = [(_count(pack, words), pack) for pack in packs.values()]
    best = max((count for count, _ in shares), default=0)
    least = max(_LEAST_WORDS, best * _SHARE_OF_THE_BEST, len(words) * _LEAST_SHARE)
    found = sorted((item for item in shares if item[0] >= least), key=lambda item: -item[0])
    return tuple(pack for _, pack in found)


def _count(pack: LanguagePack, words: list[str]) -> int:
    own = sum(map(pack.function_words.__contains__, words))
    if not pack.strangers:
        return own
    return own - _WEIGHT_OF_A_STRANGER * sum(map(pack.strangers.__contains__, words))


def _first_words(folded: Iterable[str]) -> list[str]:
    words: list[str] = []
    for sentence in folded:
        words += [word for word in sentence.split() if word != ","]
        if len(words) >= _WORDS_LOOKED_AT:
            break
    return words
