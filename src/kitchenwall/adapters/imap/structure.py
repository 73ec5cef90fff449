"""Choose, from a BODYSTRUCTURE, the parts of a large mail that are worth fetching."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kitchenwall.domain.reduced import LONGEST_STUB

_DEPTH_MOST = 20
_PARTS_MOST = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A part that can be fetched: section number, content type, size in bytes, whether attached."""

    section: str
    kind: str
    size: int
    attached: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What to fetch of a large mail.

    `text` is its first plain part, else its first HTML part; `instead` is the HTML part where the
    plain one may be a stub ("your client shows no HTML"). `kinds` are all content types met.
    """

    text: Part | None
    instead: Part | None
    kinds: tuple[str, ...]


def choose_parts(structure: Any) -> Choice:
    """What to fetch. Attachments and nested mails are never entered: those are not its words."""
    found = [part for _, part in zip(range(_PARTS_MOST), _parts(structure, "", 0), strict=False)]
    texts = {kind: _first(found, kind) for kind in ("text/plain", "text/html")}
    plain, html = texts["text/plain"], texts["text/html"]
    stub = plain is not None and plain.size <= LONGEST_STUB
    kinds = tuple(dict.fromkeys(part.kind for part in found))
    return Choice(plain or html, html if stub else None, kinds)


def _first(found: list[Part], kind: str) -> Part | None:
    return next(
        (part for part in found if part.kind.partition(";")[0] == kind and not part.attached), None
    )


def _parts(part: Any, section: str, depth: int) -> Iterator[Part]:
    """The parts in order, numbered as in RFC 3501, 6.4.5."""
    if depth > _DEPTH_MOST or not isinstance(part, tuple) or not part:
        return
    if isinstance(part[0], list):
        for number, child in enumerate(part[0][:_PARTS_MOST], 1):
            yield from _parts(child, f"{section}.{number}" if section else str(number), depth + 1)
    elif len(part) > 6:
        kind = f"{_word(part[0])}/{_word(part[1])}{_method(part[2])}"
        size = part[6] if isinstance(part[6], int) else 0
        yield Part(section or "1", kind, size, _is_attached(part))


def _is_attached(part: tuple[Any, ...]) -> bool:
    """Whether a part is an attachment by its disposition, wherever the server puts that, or its name."""
    dispositions = [
        field[0].lower()
        for field in part[7:]
        if isinstance(field, tuple) and field and isinstance(field[0], bytes)
    ]
    return b"attachment" in dispositions or _parameter(part[2], b"name") is not None


def _method(parameters: Any) -> str:
    """The iTIP method of a calendar part (RFC 6047, 2.4), as it stands behind its type."""
    method = _parameter(parameters, b"method")
    return f"; method={_word(method).upper()}" if method is not None else ""


def _parameter(parameters: Any, name: bytes) -> Any:
    if not isinstance(parameters, tuple):
        return None
    for key, value in zip(parameters[::2], parameters[1::2], strict=False):
        if isinstance(key, bytes) and key.lower() == name:
            return value
    return None


def _word(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""
