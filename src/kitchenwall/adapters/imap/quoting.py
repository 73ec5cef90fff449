"""The one way for a value out of a mail into a command: a domain or plain address to search for."""

from __future__ import annotations

import re

_DOMAIN = re.compile(r"[a-z0-9.-]{3,253}")
_ADDRESS = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9.-]{3,253}")


def search_value(value: str) -> bytes | None:
    """A domain or plain address as a quoted SEARCH FROM/TO value; None for anything else.

    What a server finds with it must be fetched and compared here, and finding nothing proves
    nothing: servers differ in how they match (measured on Gmail, Yahoo and Exchange by others).
    """
    folded = value.lower()
    if _DOMAIN.fullmatch(folded) or _ADDRESS.fullmatch(folded):
        return b'"' + folded.encode("ascii") + b'"'
    return None
