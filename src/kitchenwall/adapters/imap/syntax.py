"""How things are written in IMAP: sets of UIDs, days, folders' names, the rows of LIST."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from imapclient.imap_utf7 import decode as decode_utf7

from kitchenwall.adapters.imap.folders import Listed
from kitchenwall.adapters.imap.rows import NUMBER_MOST, Row, literal_of
from kitchenwall.ports import FolderState, Sighting

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def uid_set(uids: Sequence[int]) -> str:
    """UIDs as ranges, so that a command line stays short (Courier drops lines over 16 KB)."""
    ranges: list[tuple[int, int]] = []
    for uid in uids:
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], uid)
        else:
            ranges.append((uid, uid))
    return ",".join(str(low) if low == high else f"{low}:{high}" for low, high in ranges)


def chunks(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def search_day(when: datetime) -> str:
    """A date for SEARCH SINCE (RFC 3501, 6.4.4), in UTC, never in the machine's language."""
    day = when.astimezone(UTC)
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}"


def is_missing(said: str) -> bool:
    return bool(
        re.search(r"NONEXISTENT|TRYCREATE|doesn't exist|does not exist|not exist|unknown mailbox"
                  r"|no such mailbox|not found", said, re.IGNORECASE)
    )  # fmt: skip


def is_folder(flags: Any, delimiter: Any, name: Any) -> bool:
    """Whether a row of LIST is one; what is left of a broken answer is not."""
    return (
        isinstance(flags, tuple)
        and isinstance(delimiter, bytes | None)
        and isinstance(name, bytes | str)
        and not set(as_written(name)) & {"\r", "\n", "\0"}
    )


def listed(flags: Sequence[Any], delimiter: bytes | None, name: bytes | str) -> Listed:
    words = tuple(
        flag.decode("ascii", "replace").lower() for flag in flags if isinstance(flag, bytes)
    )
    return Listed(_readable(as_written(name)), (delimiter or b"").decode("ascii", "replace"), words)


def _readable(name: str) -> str:
    """A folder's name as people read it; as it came where it is no modified UTF-7."""
    try:
        return str(decode_utf7(name.encode("ascii")))
    except UnicodeError:
        return name


def as_written(name: bytes | str) -> str:
    """A folder's name as the server wrote it (modified UTF-7, RFC 3501, 5.1.3)."""
    return name if isinstance(name, str) else name.decode("latin-1")


def folder_state(folder: str, said: Mapping[bytes, Any]) -> FolderState:
    def number(*names: bytes) -> int:
        values = (said.get(name) for name in names)
        return next((n for n in values if isinstance(n, int) and 0 < n <= NUMBER_MOST), 0)

    messages = number(b"EXISTS", b"MESSAGES")
    return FolderState(folder, number(b"UIDVALIDITY"), number(b"UIDNEXT"), messages)


def fields_of(header: bytes) -> dict[str, str]:
    """The first field of each name (in lower case), unfolded and undecoded."""
    fields: dict[str, str] = {}
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", header)
    for line in unfolded.decode("utf-8", "replace").splitlines():
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields


def sighting_of(uid: int, row: Row) -> Sighting:
    fields = fields_of(literal_of(row))
    return Sighting(
        uid,
        fields.get("message-id", ""),
        fields.get("x-draft-ref", ""),
        fields.get("in-reply-to", ""),
        fields.get("references", ""),
    )
