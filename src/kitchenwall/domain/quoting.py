"""Quote the mail that is answered, as a mail client would: its words, each line behind ">"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kitchenwall.domain.message import Message

MOST_LINES = 100
MOST_OCTETS = 8_192

_SIGNATURE = "--"


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines of another's mail behind ">", who wrote them and when (as the mail's Date has it)."""

    lines: str
    author: str
    written: datetime


def quote(message: Message, wished: str) -> Quote | None:
    """The quote for a reply: "full" is the mail's text, "short" its own words; None for "none".

    At most 100 lines and 8 KiB; what is left out at the end is shown by "[...]". The signature
    and what stands below it is not quoted.
    """
    sources = {"full": message.text, "short": message.own_words or message.text}
    if not (text := sources.get(wished, "").strip()):
        return None
    sender = message.sender
    author = (sender.name or sender.spec) if sender else ""
    quoted = "\n".join(map(_quoted, _capped(_unsigned(text.splitlines()))))
    return Quote(quoted, author, message.date or message.received)


def _unsigned(lines: list[str]) -> list[str]:
    ends = (place for place, line in enumerate(lines) if line.rstrip() == _SIGNATURE)
    return lines[: next(ends, len(lines))]


def _capped(lines: list[str]) -> list[str]:
    kept: list[str] = []
    room = MOST_OCTETS
    for line in lines[:MOST_LINES]:
        room -= len(line.encode("utf-8", "replace")) + 3
        if room < 0:
            break
        kept.append(line.rstrip())
    while kept and not kept[-1]:
        kept.pop()
    return kept if len(kept) >= len(lines) else [*kept, "[...]"]


def _quoted(line: str) -> str:
    """A line one level deeper; deeper levels stand without a space between (RFC 3676, 4.5)."""
    return f">{line}" if line.startswith(">") else f"> {line}".rstrip()
