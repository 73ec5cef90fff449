"""Part a mailbox into layers in which mistakes are about equally likely, for a sample of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kitchenwall.domain.languages import LanguagePack
from kitchenwall.domain.message import Message
from kitchenwall.domain.sentences import fold, sentences
from kitchenwall.domain.verdict import Outcome, Verdict

_BANDS = ((0.9, "90 % sure or more"), (0.8, "80 to 90 % sure"), (0.0, "less sure"))
_REASON, _WORK, _ANYTHING = (f"other, {what}" for what in ("for a reason", "about work", "rest"))
_ORDER = (*(f"a rejection, {sure}" for _, sure in _BANDS), _REASON, _WORK, _ANYTHING)
_CHARACTERS_LOOKED_AT = 4_000


@dataclass(frozen=True, slots=True, order=True)
class Layer:
    """Mails that were called `outcome`, and what else they have in common.

    Of those called OTHER, the nearest to a mistake are those in which something had to speak
    against a no, or against reading them at all.
    """

    outcome: Outcome
    name: str


def layer_of(verdict: Verdict, *, is_near: bool) -> Layer:
    """The layer of a mail; `is_near` says that it has to do with work, whatever it was called."""
    return Layer(verdict.outcome, _name(verdict, is_near))


def speaks_of_work(message: Message, verdict: Verdict, packs: Mapping[str, LanguagePack]) -> bool:
    """Whether a word about a job stands in the subject or in the beginning of the own words."""
    pack = packs.get(verdict.language)
    if pack is None:
        return False
    words = pack.index("context.job")
    read = sentences(message.own_words[:_CHARACTERS_LOOKED_AT])
    return words.finds(fold(message.subject)) or any(words.finds(one.folded) for one in read)


def place_of(layer: Layer) -> tuple[int, int]:
    """Where a layer stands among the others where all are listed."""
    place = _ORDER.index(layer.name) if layer.name in _ORDER else 0
    return tuple(Outcome).index(layer.outcome), place


def _name(verdict: Verdict, is_near: bool) -> str:
    match verdict.outcome:
        case Outcome.REJECTION:
            sure = next(words for least, words in _BANDS if verdict.confidence >= least)
            return f"a rejection, {sure}"
        case Outcome.OTHER if verdict.evidence:
            return _REASON
        case Outcome.OTHER:
            return _WORK if is_near else _ANYTHING
        case outcome:
            return outcome.value
