"""Ask mail-parser who wrote to whom, and when.

It is given a header of five lines, never the mail. Its reading of addresses is strict, and so is
ours of its answer: whatever is not plainly an address is none.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import mailparser

from kitchenwall.adapters.decoding import ENCODED_WORD, decode_words, one_line, raw_header
from kitchenwall.domain import parts
from kitchenwall.domain.identity import address_of
from kitchenwall.domain.message import Address

ADDRESSES = 100
NAME = 200

_READ = ("From", "Reply-To", "To", "Cc", "Date")
_TOKEN = re.compile("\ue000([0-9]{1,4})\ue001")
_MARKS = dict.fromkeys((0xE000, 0xE001))
_SPEC = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x20\x7f\ue000\ue001]{1,64}@[\w-]+(?:\.[\w-]+)*")

# mail-parser logs what it finds odd in a mail, with the mail's words.
logging.getLogger("mailparser").setLevel(logging.CRITICAL)

Fields = Mapping[bytes, tuple[bytes, ...]]
"""The undecoded values of each field by its lower-case name, white space collapsed, from the top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The people of a mail, and its own date (UTC)."""

    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    date: datetime | None


def envelope(fields: Fields) -> Envelope:
    """What the header says; at most `ADDRESSES` of a kind. May raise what the library raises."""
    words = _Words()
    library = mailparser.parse_from_string(_for_library(fields, words))
    return Envelope(
        sender=_sender(library.from_, words, fields),
        reply_to=_addresses(library.reply_to, words),
        to=_addresses(library.to, words),
        cc=_addresses(library.cc, words),
        date=_utc(library.date),
    )


def plain_address(value: str) -> str:
    """A plain address in lower case; empty where it is none."""
    address = one_line(value, parts.FIELD_CAP).lower()
    return address if len(address) <= 254 and _SPEC.fullmatch(address) else ""


def by_name(header: bytes) -> Fields:
    """The fields of a header. Of a value that was cut, the address that the cut went through is left out."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in parts.fields(header):
        whole = value if len(value) < parts.FIELD_CAP else value.rpartition(b",")[0] or value
        found.setdefault(name.lower(), []).append(parts.one_line(whole))
    return {name: tuple(values) for name, values in found.items()}


def first(fields: Fields, name: bytes) -> bytes:
    """The topmost value of a field; empty where there is none."""
    return fields.get(name, (b"",))[0]


def _for_library(fields: Fields, words: _Words) -> str:
    lines = []
    for name in _READ:
        value = raw_header(first(fields, name.lower().encode("ascii")))
        lines.append(f"{name}: {words.aside(one_line(value, parts.FIELD_CAP))}\n")
    return "".join((*lines, "\n"))


class _Words:
    """Encoded words, put aside while their neighbours are parsed.

    Left in place, a comma or colon within one would end the address it belongs to.
    """

    def __init__(self) -> None:
        self._kept: list[str] = []

    def aside(self, value: str) -> str:
        return ENCODED_WORD.sub(self._keep, value.translate(_MARKS))

    def back(self, value: str) -> str:
        return decode_words(_TOKEN.sub(lambda token: self._kept[int(token[1])], value))

    def _keep(self, word: re.Match[str]) -> str:
        self._kept.append(word[0])
        return f"\ue000{len(self._kept) - 1}\ue001"


def _sender(found: Iterable[tuple[str, str]], words: _Words, fields: Fields) -> Address | None:
    """Who wrote it. Where From is no proper address list but holds one address only, that one."""
    value = first(fields, b"from")
    fallback = plain_address(address_of(value)) if value.count(b"@") == 1 else ""
    return next(iter(_addresses(found, words)), Address(fallback) if fallback else None)


def _addresses(found: Iterable[tuple[str, str]], words: _Words) -> tuple[Address, ...]:
    kept: dict[str, Address] = {}
    for name, spec in found:
        address = plain_address(spec)
        if address and address not in kept:
            kept[address] = Address(address, one_line(words.back(name), NAME))
        if len(kept) >= ADDRESSES:
            break
    return tuple(kept.values())


def _utc(date: datetime | None) -> datetime | None:
    return date.astimezone(UTC) if date is not None and date.tzinfo is not None else None
