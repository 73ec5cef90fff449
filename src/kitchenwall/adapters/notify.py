"""Tell systemd how the service is, as sd_notify(3) does, without a library."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from kitchenwall.adapters.logs import redact

MOST_STATUS = 500


@dataclass(frozen=True, slots=True)
class Notifier:
    """The way to the service manager. `address` is empty where there is none; nothing raises.

    `watchdog_seconds` is how long it waits for a sign of life before it restarts us, 0 for ever.
    """

    address: str = ""
    watchdog_seconds: float = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Notifier:
        """What the service manager asks of this process (sd_watchdog_enabled(3))."""
        address = environment.get("NOTIFY_SOCKET", "")
        meant = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        microseconds = environment.get("WATCHDOG_USEC", "")
        seconds = int(microseconds) / 1e6 if meant and microseconds.isdecimal() else 0
        return cls(address, seconds)

    def ready(self, status: str = "") -> bool:
        """The service works (again, after `reloading`). Whether anybody was told."""
        return self._tell("READY=1", *_status(status))

    def status(self, text: str) -> bool:
        """What `systemctl status` shows in one line."""
        return self._tell(*_status(text))

    def watchdog(self) -> bool:
        """A sign of life."""
        return self._tell("WATCHDOG=1")

    def stopping(self, status: str = "") -> bool:
        """The service is about to end."""
        return self._tell("STOPPING=1", *_status(status))

    def reloading(self) -> bool:
        """The configuration is being read again; `ready` ends it (Type=notify-reload)."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        return self._tell("RELOADING=1", f"MONOTONIC_USEC={now}")

    def _tell(self, *lines: str) -> bool:
        if not lines or self.address[:1] not in ("/", "@"):
            return False
        # A leading "@" stands for the zero byte of Linux's abstract addresses (unix(7)).
        address = "\0" + self.address[1:] if self.address[0] == "@" else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
                way.settimeout(1)
                way.sendto("\n".join(lines).encode(), address)
        except OSError:
            return False
        return True


def _status(text: str) -> tuple[str, ...]:
    """STATUS= with a text that cannot smuggle in another line."""
    line = " ".join(redact(text).split())
    return (f"STATUS={line[:MOST_STATUS]}",) if line else ()
