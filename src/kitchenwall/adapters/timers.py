"""Timers on APScheduler: jobs that only set flags, never late by being missed.

APScheduler's own default drops a run that is a second late, as after a suspend (measured).
"""

from __future__ import annotations

from collections.abc import Callable

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler


class ScheduledTimers:
    """The port `Timers`. Intervals in seconds; the first call comes after one interval."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.start()

    def every(self, seconds: float, work: Callable[[], None], name: str) -> None:
        self._scheduler.add_job(work, "interval", seconds=seconds, id=name, name=name)

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
