"""A language pack: one language's phrases, guards and forms of address, ready to be read with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kitchenwall.domain.frames import KEY_LENGTH, Phrase, read_phrase

_LEAST_SHARE = 0.12
_SHARE_OF_THE_BEST = 0.45
_LEAST_WORDS = 3
_WORDS_LOOKED_AT = 1500


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


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """One language: how to recognise it, and its frames by the keys that must be present."""

    code: str
    function_words: frozenset[str]
    frames: tuple[Frame, ...]
    names: Names
    _by_key: Mapping[str, tuple[tuple[Phrase, Frame], ...]] = field(repr=False)
    _always: tuple[tuple[Phrase, Frame], ...] = field(repr=False)

    def read(self, folded: str) -> tuple[Hit, ...]:
        """Every frame that a folded sentence holds, each phrase at its first place, in order."""
        tried: set[int] = set()
        hits: list[Hit] = []
        for phrase, frame in self._candidates(folded):
            if id(phrase) in tried:
                continue
            tried.add(id(phrase))
            if found := phrase.search(folded):
                hits.append(Hit(frame, found.start(), found.end()))
        return tuple(sorted(hits, key=lambda hit: (hit.start, -hit.end)))

    def _candidates(self, folded: str) -> Iterable[tuple[Phrase, Frame]]:
        yield from self._always
        by_key = self._by_key
        for key in {token[:KEY_LENGTH] for token in folded.split()}:
            if key in by_key:
                yield from by_key[key]


def make_pack(
    code: str,
    function_words: Iterable[str],
    slots: Mapping[str, str],
    frames: Iterable[Frame],
    names: Names | None = None,
) -> LanguagePack:
    """Read a pack's phrases. Raises `frames.BadPhrase` where one cannot be read."""
    kept = tuple(frames)
    common = frozenset(function_words)
    by_key: dict[str, list[tuple[Phrase, Frame]]] = {}
    always: list[tuple[Phrase, Frame]] = []
    for frame in kept:
        for written in frame.phrases:
            phrase = read_phrase(written, slots, common)
            if not phrase.keys:
                always.append((phrase, frame))
            for key in phrase.keys:
                by_key.setdefault(key, []).append((phrase, frame))
    index = {key: tuple(found) for key, found in by_key.items()}
    return LanguagePack(code, common, kept, names or Names(), index, tuple(always))


def recognise(folded: Iterable[str], packs: Mapping[str, LanguagePack]) -> tuple[LanguagePack, ...]:
    """The packs whose language the sentences are in, the likeliest first; none where unknown.

    Languages are told by their share of function words; a mail in two languages gives both.
    """
    words = " ".join(folded).replace(",", " ").split()[:_WORDS_LOOKED_AT]
    shares = [
        (sum(1 for word in words if word in pack.function_words), pack) for pack in packs.values()
    ]
    best = max((count for count, _ in shares), default=0)
    least = max(_LEAST_WORDS, best * _SHARE_OF_THE_BEST, len(words) * _LEAST_SHARE)
    found = sorted((item for item in shares if item[0] >= least), key=lambda item: -item[0])
    return tuple(pack for _, pack in found)
