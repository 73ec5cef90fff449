"""Say when a draft is laid: at once, after a pause, or on the next working morning.

A no hurts most when it comes; a letter written a day later reads better, and so does one that is
sent in the morning. All rules go by the person's own clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

_FIRST_FREE_DAY = 5  # Saturday
_DAY = timedelta(days=1)


class When(StrEnum):
    """When a draft is laid."""

    NOW = "now"
    PAUSE = "pause"
    MORNING = "morning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What the person wishes. `zone` is the person's own; `quiet` are from and until, on one day
    or over midnight, and the same time twice means none."""

    zone: tzinfo
    when: When = When.NOW
    pause: timedelta = _DAY
    morning: time = time(8, 30)
    quiet: tuple[time, time] = (time(), time())


def due(came: datetime, now: datetime, timing: Timing) -> datetime | None:
    """When the draft for a mail that came then is laid; None: at once. All times are aware."""
    at = _AT[timing.when](came, now, timing)
    at = _out_of_quiet(max(at, now), timing)
    return at if at > now else None


def _at_once(_came: datetime, now: datetime, _timing: Timing) -> datetime:
    return now


def _after_a_pause(came: datetime, now: datetime, timing: Timing) -> datetime:
    return min(came, now) + timing.pause  # a server's clock may go ahead


def _next_morning(_came: datetime, now: datetime, timing: Timing) -> datetime:
    local = now.astimezone(timing.zone)
    day = local.date()
    while day.weekday() >= _FIRST_FREE_DAY or _on(day, timing.morning, timing.zone) <= now:
        day += _DAY
    return _on(day, timing.morning, timing.zone)


_AT: dict[When, Callable[[datetime, datetime, Timing], datetime]] = {
    When.NOW: _at_once,
    When.PAUSE: _after_a_pause,
    When.MORNING: _next_morning,
}


def _out_of_quiet(at: datetime, timing: Timing) -> datetime:
    """The same time, or the end of the quiet hours that it lies in."""
    begins, ends = timing.quiet
    local = at.astimezone(timing.zone)
    clock = local.time().replace(tzinfo=None)
    if begins <= ends:
        return _on(local.date(), ends, timing.zone) if begins <= clock < ends else at
    if clock >= begins:
        return _on(local.date() + _DAY, ends, timing.zone)
    return _on(local.date(), ends, timing.zone) if clock < ends else at


def _on(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock, zone)
