"""Draw a few mails out of every layer of a mailbox, and say from them how it stands with the whole."""

from __future__ import annotations

import hashlib
import heapq
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kitchenwall.domain.layers import Layer
from kitchenwall.domain.shares import Estimate, Share

# A share that may lie anywhere within more than this is none.
WIDEST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """What is known of one layer: `size` mails, of which `told` were looked at by the person.

    `rejections` counts those of them that were a rejection.
    """

    layer: Layer
    size: int
    told: int
    rejections: int


def draw(
    layers: Mapping[Layer, Collection[str]], known: Collection[str], most: int, seed: str
) -> tuple[str, ...]:
    """The keys of the mails to ask about, in the order to ask, so that `most` are known at the end.

    `known` are the keys that need not be asked about again. Layers get the same number of mails;
    what a small layer lacks goes to the others. Every layer has its turn in each round, and within
    a round the order is shuffled: an early end does not spoil the sample, and the place of a mail
    does not betray its layer. The same seed and the same mails give the same answer.
    """
    ahead = {
        layer: heapq.nsmallest(most, {*keys} - {*known}, key=lambda key: _lot(seed, key))
        for layer, keys in layers.items()
    }
    taken = {layer: sum(key in known for key in keys) for layer, keys in layers.items()}
    drawn: list[tuple[int, str, str]] = []
    for _ in range(most - sum(taken.values())):
        # of layers that are equally well known, the smallest first
        left = ((taken[one], len(layers[one]), one) for one, keys in ahead.items() if keys)
        chosen = min(left, default=None)
        if chosen is None:
            break
        layer = chosen[2]
        key = ahead[layer].pop(0)
        # a second lot: of a large layer the first ones are all low, and would come first
        drawn.append((taken[layer], _lot(f"{seed}, order", key), key))
        taken[layer] += 1
    return tuple(key for _, _, key in sorted(drawn))


def rejections_in(soundings: Iterable[Sounding]) -> Estimate:
    """How many rejections there are in all of these layers together.

    Each layer's share has its Wilson interval, narrowed as far as the layer was looked at whole;
    the distances to their ends are added as independent errors are (Zou and Donner, Construction of
    confidence limits about effect measures, 2008). A layer that nobody looked into may hold anything.
    """
    seen = tuple(one for one in soundings if one.size)
    looked_into = [one for one in seen if one.told]
    value = sum(one.size * one.rejections / one.told for one in looked_into)
    below = math.hypot(*(_distance(one, upwards=False) for one in looked_into))
    above = math.hypot(*(_distance(one, upwards=True) for one in looked_into))
    unknown = sum(one.size for one in seen if not one.told)
    most = sum(one.size for one in seen)
    certain = sum(one.rejections for one in seen)
    return Estimate(
        None if unknown else value,
        max(certain, value - below),
        min(most - sum(one.told - one.rejections for one in seen), value + above + unknown),
    )


def share_in(soundings: Sequence[Sounding]) -> Estimate:
    """The share of rejections among all mails of these layers."""
    size = sum(one.size for one in soundings)
    if not size:
        return Share(0, 0).estimate
    found = rejections_in(soundings)
    value = None if found.value is None else found.value / size
    return Estimate(value, found.low / size, found.high / size)


def share_between(inside: Estimate, outside: Estimate) -> Estimate:
    """What `inside` is of both together; each stands at the end that is worse, or better.

    With nothing inside and nothing outside it is unknown.
    """
    guess = None
    if inside.value is not None and outside.value is not None:
        guess = _part(inside.value, outside.value)
    low, high = _part(inside.low, outside.high), _part(inside.high, outside.low)
    return Estimate(guess, low or 0.0, 1.0 if high is None else high)


def says_something(share: Estimate) -> bool:
    """Whether the sample is large enough to speak of this share at all."""
    return share.value is not None and share.high - share.low <= WIDEST


def _part(inside: float, outside: float) -> float | None:
    return inside / (inside + outside) if inside + outside else None


def _distance(one: Sounding, *, upwards: bool) -> float:
    """From the guess for a layer to the end of its interval, in mails."""
    share = Share(one.rejections, one.told).estimate
    assert share.value is not None
    distance = share.high - share.value if upwards else share.value - share.low
    left = (one.size - one.told) / (one.size - 1) if one.size > 1 else 0.0
    return one.size * distance * math.sqrt(left)


def _lot(seed: str, key: str) -> str:
    """A mail's number in the lottery: always the same, and without any relation to what it says."""
    return hashlib.sha256(f"{seed}\0{key}".encode()).hexdigest()
