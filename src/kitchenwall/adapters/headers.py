"""Read a few header fields of very many mails, quickly: for looking through the past."""

from __future__ import annotations

import re
from typing import NamedTuple

from kitchenwall.adapters.decoding import decode_words, raw_header

FIELDS = ("FROM", "SUBJECT", "DATE", "MESSAGE-ID", "REPLY-TO", "LIST-ID", "AUTO-SUBMITTED")
_MOST = 8_192
_FOLD = re.compile(rb"\r?\n[ \t]+")
_SPELLINGS = (str.lower, str.title, str.upper)
_PLACES = {spell(name): place for place, name in enumerate(FIELDS) for spell in _SPELLINGS}
_PLACES |= {"Message-ID": FIELDS.index("MESSAGE-ID"), "List-ID": FIELDS.index("LIST-ID")}


class Headlines(NamedTuple):
    """Seven fields of a mail as text on one line each, "" where it has none."""

    sender: str = ""
    subject: str = ""
    date: str = ""
    message_id: str = ""
    reply_to: str = ""
    list_id: str = ""
    auto_submitted: str = ""


def read_headlines(raw: bytes) -> Headlines:
    """The first field of each name, unfolded and decoded (RFC 5322, 2.2.3; RFC 2047).

    Never raises; a field is cut at 8 KB before anything is made of it.
    """
    if b"\n " in raw or b"\n\t" in raw:
        raw = _FOLD.sub(b" ", raw)
    text = raw.decode("latin-1")
    finish = None if raw.isascii() and "=?" not in text else _decoded
    values = [""] * len(FIELDS)
    for line in text.split("\n"):
        name, _, value = line.partition(":")
        place = _PLACES.get(name)
        if place is None:
            place = _PLACES.get(name.rstrip().lower())
        if place is not None and not values[place]:
            values[place] = finish(value) if finish else value[:_MOST].strip()
    return Headlines._make(values)


def _decoded(value: str) -> str:
    raw = value[:_MOST].strip().encode("latin-1")
    text = raw.decode("ascii") if raw.isascii() else raw_header(raw)
    return decode_words(text) if "=?" in text else text
