"""When five fields of cron last ran and run next is what trying every minute gives."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.checks.data import last_run, next_run
from loadline.checks.data.schedule import runs_on

YEAR = (datetime(2026, 1, 1), datetime(2026, 12, 31))  # noqa: DTZ001 - on the schedule's own clock
MINUTES = st.sampled_from(["0", "30", "*/20", "5,50", "10-12"])
HOURS = st.sampled_from(["0", "6", "*", "*/6", "9-17", "22,23"])
DAYS = st.sampled_from(["*", "1", "28-31", "*/2"])
WEEKDAYS = st.sampled_from(["*", "mon-fri", "0", "7", "sat"])


def is_meant(field: str, value: int) -> bool:
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        first, last = (0, 59) if span == "*" else (int(low), int(high or low))
        if first <= value <= last and (value - first) % int(step or 1) == 0:
            return True
    return False


@given(
    minutes=MINUTES,
    hours=HOURS,
    days=DAYS,
    weekdays=WEEKDAYS,
    at=st.datetimes(*YEAR),
)
@settings(max_examples=40)
def test_a_schedule_ran_last_when_trying_every_minute_says_so(
    minutes: str, hours: str, days: str, weekdays: str, at: datetime
) -> None:
    schedule = f"{minutes} {hours} {days} * {weekdays}"

    def runs(moment: datetime) -> bool:
        return runs_on(schedule, moment.date()) and is_meant(hours, moment.hour) and is_meant(minutes, moment.minute)

    start = at.replace(second=0, microsecond=0)
    found = next((start - timedelta(minutes=n) for n in range(3 * 1440) if runs(start - timedelta(minutes=n))), None)
    if found is not None:
        assert last_run(schedule, at) == found
    later = next((start + timedelta(minutes=n) for n in range(1, 1440) if runs(start + timedelta(minutes=n))), None)
    if later is not None:
        assert next_run(schedule, at) == later


@pytest.mark.parametrize("schedule", ["@daily", "whenever", "x y * * *"])
def test_a_schedule_nobody_can_read_runs_every_midnight(schedule: str) -> None:
    now = datetime(2026, 3, 4, 5, 6)  # noqa: DTZ001 - on the schedule's own clock
    assert last_run(schedule, now) == datetime(2026, 3, 4)  # noqa: DTZ001
    assert next_run(schedule, now) == datetime(2026, 3, 5)  # noqa: DTZ001


def test_a_day_that_never_comes_is_none() -> None:
    assert last_run("0 0 30 2 *", datetime(2026, 3, 4)) is None  # noqa: DTZ001
