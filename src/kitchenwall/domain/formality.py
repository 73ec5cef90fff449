"""Read how a mail addresses its reader: formally or informally."""

from __future__ import annotations

import re

from kitchenwall.domain.clues import Clues

_WORD = re.compile(r"\w+")


def formality(clues: Clues) -> str:
    """Formal or informal by the words of address; "" where the language has no such words."""
    wording = clues.pack.wording
    words = _WORD.findall(f"{clues.subject}\n{clues.text}")
    informal = sum(1 for word in words if word.lower() in wording.informal)
    formal = sum(1 for word in words if word in wording.formal)
    if informal == formal:
        return ""
    return "informal" if informal > formal else "formal"
