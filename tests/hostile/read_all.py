"""Read every hostile mail in a process that may use 600 MB; one JSON line for each."""

from __future__ import annotations

import dataclasses
import json
import resource
import time
from datetime import UTC, datetime
from pathlib import Path

from kitchenwall.adapters.mime import peek_ref, read_message
from kitchenwall.domain.message import Arrival, Cursor
from kitchenwall.errors import UnreadableMessage
from tests.hostile.mails import mails

ADDRESS_SPACE = 600 * 1024 * 1024


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    for name, raw in mails():
        before = resident("VmRSS")
        forget_the_peak()
        begin = time.perf_counter()
        found = outcome(raw)
        seconds = time.perf_counter() - begin
        grown = resident("VmHWM") - before
        print(json.dumps(found | {"name": name, "seconds": seconds, "grown": grown}), flush=True)


def outcome(raw: bytes) -> dict[str, object]:
    """What was read, or why it was refused; anything else ends the process."""
    peek_ref(raw)
    arrival = Arrival(
        account="home",
        login="anna@home.example",
        folder="INBOX",
        cursor=Cursor(1, 1),
        received=datetime(2026, 3, 3, tzinfo=UTC),
        size=len(raw),
        raw=raw,
    )
    try:
        message = read_message(arrival)
    except UnreadableMessage as refused:
        return {"refused": str(refused)}
    fields = dataclasses.asdict(message)
    return {"message": {name: one for name, one in fields.items() if not isinstance(one, datetime)}}


def resident(line: str) -> int:
    """Memory in bytes, as proc(5) names it: VmRSS is now, VmHWM the most since the peak was forgotten."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition(f"{line}:")[2].split()[0]) * 1024


def forget_the_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


if __name__ == "__main__":
    main()
