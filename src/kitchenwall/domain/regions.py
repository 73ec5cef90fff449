"""Tell which country's conventions a mail follows, among those of its language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kitchenwall.domain.message import Message

_LONGEST_TEXT = 65_536
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Region:
    """What marks a country: last labels of domains, and words in lower case."""

    domains: frozenset[str]
    words: frozenset[str]


def region_of(message: Message, regions: Mapping[str, Region]) -> str:
    """The region, by its name; "" where nothing tells, or two tell as much.

    `regions` are those of the mail's language. The sender's domain comes before words.
    """
    label = message.sender.domain.rpartition(".")[2] if message.sender else ""
    for name, region in regions.items():
        if label in region.domains:
            return name
    words = set(_WORD.findall(f"{message.subject}\n{message.text[:_LONGEST_TEXT]}".lower()))
    told = sorted(((len(words & one.words), name) for name, one in regions.items()), reverse=True)
    if not told or not told[0][0] or (len(told) > 1 and told[1][0] == told[0][0]):
        return ""
    return told[0][1]
