"""The machine's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo


def zone_of(name: str) -> tzinfo:
    """A time zone by a name that the configuration has checked, the machine's own for ""."""
    from tzlocal import get_localzone

    return ZoneInfo(name) if name else get_localzone()


class SystemClock:
    """The port `Clock`: wall time for records, monotonic time for waits and deadlines."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def asleep(self) -> float:
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return 0.0 if boot is None else time.clock_gettime(boot) - time.monotonic()
