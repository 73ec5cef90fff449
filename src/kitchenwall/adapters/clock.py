"""The machine's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kitchenwall.errors import ConfigError


def zone_of(name: str) -> tzinfo:
    """A time zone by its name, the machine's own for "". Raises `ConfigError`."""
    from tzlocal import get_localzone

    try:
        return ZoneInfo(name) if name else get_localzone()
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(
            f'there is no time zone "{name}" on this machine; person.timezone wants a name such as '
            '"Europe/Berlin" (where there are none at all, install tzdata)'
        ) from error


class SystemClock:
    """The port `Clock`: wall time for records, monotonic time for waits and deadlines."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def asleep(self) -> float:
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return 0.0 if boot is None else time.clock_gettime(boot) - time.monotonic()
