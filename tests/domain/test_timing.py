"""When a draft is laid, by the person's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.domain.timing import Timing, When, due

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (time(21), time(7, 30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("when", "now", "laid"),
    [
        (When.NOW, "2026-03-03 10:00", None),
        (When.PAUSE, "2026-03-03 10:00", "2026-03-04 10:00"),
        (When.MORNING, "2026-03-03 10:00", "2026-03-04 08:30"),
        (When.MORNING, "2026-03-03 06:00", "2026-03-03 08:30"),
        (When.MORNING, "2026-03-03 08:30", "2026-03-04 08:30"),
        (When.MORNING, "2026-03-06 09:00", "2026-03-09 08:30"),  # a Friday
        (When.MORNING, "2026-03-07 07:00", "2026-03-09 08:30"),  # a Saturday
        (When.MORNING, "2026-03-28 12:00", "2026-03-30 08:30"),  # the clocks change between
        (When.MORNING, "2026-10-23 12:00", "2026-10-26 08:30"),
    ],
)
def test_the_three_ways(when: When, now: str, laid: str | None) -> None:
    found = due(at(now), at(now), Timing(zone=BERLIN, when=when))
    assert found == (at(laid) if laid else None)


@pytest.mark.parametrize(
    ("now", "quiet", "laid"),
    [
        ("2026-03-03 22:00", NIGHT, "2026-03-04 07:30"),
        ("2026-03-03 21:00", NIGHT, "2026-03-04 07:30"),
        ("2026-03-03 03:00", NIGHT, "2026-03-03 07:30"),
        ("2026-03-03 07:30", NIGHT, None),
        ("2026-03-03 12:30", (time(12), time(13)), "2026-03-03 13:00"),
        ("2026-03-03 13:00", (time(12), time(13)), None),
        ("2026-03-03 12:30", (time(12), time(12)), None),
    ],
)
def test_in_quiet_hours_nothing_is_laid(
    now: str, quiet: tuple[time, time], laid: str | None
) -> None:
    found = due(at(now), at(now), Timing(zone=BERLIN, quiet=quiet))
    assert found == (at(laid) if laid else None)


def test_a_pause_that_ends_at_night_goes_on_until_morning() -> None:
    timing = Timing(zone=BERLIN, when=When.PAUSE, pause=timedelta(hours=12), quiet=NIGHT)
    assert due(at("2026-03-03 13:00"), at("2026-03-03 13:01"), timing) == at("2026-03-04 07:30")


def test_a_pause_begins_when_the_mail_came() -> None:
    timing = Timing(zone=BERLIN, when=When.PAUSE)
    assert due(at("2026-03-01 13:00"), at("2026-03-03 13:00"), timing) is None


@given(
    st.integers(0, 63_000_000).map(
        lambda s: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
    ),
    st.sampled_from(When),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
    st.times(),
    st.times(),
)
def test_a_draft_is_never_due_in_the_past_nor_weeks_away(
    now: datetime, when: When, zone: str, begins: time, ends: time
) -> None:
    timing = Timing(zone=ZoneInfo(zone), when=when, quiet=(begins, ends))
    found = due(now, now, timing)
    assert found is None or now < found <= now + timedelta(days=5)
