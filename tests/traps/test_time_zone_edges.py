"""Time zones: a day has 23 or 25 hours twice a year, may begin at one o'clock, and midnight is not midnight in UTC."""

from datetime import UTC, date, datetime

import pytest

from loadline.values.model import Calendar
from semantics.oracle_world import Table, World, ask
from traps.trap import answers


def at(written: str) -> datetime:
    return datetime.fromisoformat(written)


def world(zone: str, *instants: str, kind: str = "zoned") -> World:
    rows = [(at(instant), 1 << place) for place, instant in enumerate(instants)]
    return World(
        Table("events", {"at": kind, "bit": "integer"}, rows=rows, time="at"),
        metrics={"bits": "sum(events.bit)", "events_counted": "count(events)"},
        calendar=Calendar(timezone=zone),
    )


BERLIN = world(
    "Europe/Berlin",
    "2025-03-29T22:59:59+00:00",  # 23:59:59 on the 29th
    "2025-03-29T23:00:00+00:00",  # 00:00 on the 30th, which has 23 hours
    "2025-03-30T01:00:00+00:00",  # the clock has just gone from 2 to 3
    "2025-03-30T21:59:59+00:00",  # 23:59:59 on the 30th
    "2025-03-30T22:00:00+00:00",  # 00:00 on the 31st
    "2025-10-25T22:00:00+00:00",  # 00:00 on 26 October, which has 25 hours
    "2025-10-26T22:59:59+00:00",  # 23:59:59 on it
    "2025-10-26T23:00:00+00:00",  # 00:00 on the 27th
    "2025-12-31T22:59:59+00:00",
    "2025-12-31T23:00:00+00:00",  # already 2026 in Berlin
)


def test_the_naive_truncation_in_utc_puts_an_evening_on_the_wrong_day() -> None:
    naive = BERLIN.plain_sql('SELECT CAST("at" AS DATE) AS d, sum(bit) FROM events GROUP BY d ORDER BY d LIMIT 2')
    assert naive == [(date(2025, 3, 29), 3), (date(2025, 3, 30), 28)]


def test_days_are_local_days_also_when_the_clock_changes() -> None:
    by_hand = [
        (date(2025, 3, 29), 1),
        (date(2025, 3, 30), 14),
        (date(2025, 3, 31), 16),
        (date(2025, 10, 26), 96),
        (date(2025, 10, 27), 128),
        (date(2025, 12, 31), 256),
        (date(2026, 1, 1), 512),
    ]
    answers(BERLIN, ask("bits", by=["time:day"]), by_hand)
    answers(BERLIN, ask("bits", by=["events.at:day"]), by_hand)


@pytest.mark.parametrize(
    ("start", "end", "bits"),
    [
        ("2025-03-30", "2025-03-31", 14),
        ("2025-10-26", "2025-10-27", 96),
        ("2025-10-27", None, 128 + 256 + 512),
        (None, "2025-03-30", 1),
        ("2025-12-01", "2026-01-01", 256),
        ("2026-01-01", "2027-01-01", 512),
    ],
)
def test_a_window_is_of_local_days(start: str | None, end: str | None, bits: int) -> None:
    answers(BERLIN, ask("bits", during=(start, end)), [(bits,)])


def test_months_and_years_follow_the_local_day() -> None:
    answers(BERLIN, ask("bits", by=["time:year"]), [(date(2025, 1, 1), 511), (date(2026, 1, 1), 512)])


HAVANA = world(
    "America/Havana",
    "2025-03-09T04:59:59+00:00",  # 23:59:59 on the 8th
    "2025-03-09T05:00:00+00:00",  # 01:00 on the 9th: midnight does not exist
    "2025-03-10T03:59:59+00:00",  # 23:59:59 on the 9th
    "2025-11-02T03:59:59+00:00",  # 23:59:59 on 1 November
    "2025-11-02T04:00:00+00:00",  # 00:00 on the 2nd, the first time
    "2025-11-02T05:00:00+00:00",  # 00:00 on the 2nd, the second time
    "2025-11-03T04:59:59+00:00",  # 23:59:59 on the 2nd
)


def test_a_day_may_begin_at_one_o_clock_or_begin_twice() -> None:
    answers(
        HAVANA,
        ask("bits", by=["time:day"]),
        [
            (date(2025, 3, 8), 1),
            (date(2025, 3, 9), 6),
            (date(2025, 11, 1), 8),
            (date(2025, 11, 2), 112),
        ],
    )


def test_a_window_may_begin_on_a_midnight_that_does_not_exist_or_comes_twice() -> None:
    answers(HAVANA, ask("bits", during=("2025-03-09", "2025-03-10")), [(6,)])
    answers(HAVANA, ask("bits", during=("2025-03-01", "2025-03-09")), [(1,)])
    answers(HAVANA, ask("bits", during=("2025-11-02", "2025-11-03")), [(112,)])
    answers(HAVANA, ask("bits", during=("2025-11-01", "2025-11-02")), [(8,)])


def test_a_day_that_the_whole_country_skipped_is_empty() -> None:
    """Samoa went from 29 to 31 December 2011."""
    samoa = world("Pacific/Apia", "2011-12-30T09:59:59+00:00", "2011-12-30T10:00:00+00:00")
    answers(samoa, ask("bits", by=["time:day"]), [(date(2011, 12, 29), 1), (date(2011, 12, 31), 2)])
    answers(samoa, ask("bits", during=("2011-12-30", "2011-12-31")), [(None,)])
    answers(samoa, ask("bits", during=("2011-12-31", "2012-01-01")), [(2,)])


def test_a_naive_timestamp_shows_the_companys_clock_unless_its_column_says_whose() -> None:
    written = ("2025-06-30T23:30:00", "2025-07-01T00:30:00")
    answers(world("Europe/Berlin", *written, kind="timestamp"), ask("bits", during=("2025-07-01", None)), [(2,)])
    in_utc = world("Europe/Berlin", *written, kind="timestamp in UTC")
    answers(in_utc, ask("bits", during=("2025-07-01", None)), [(3,)])
    answers(in_utc, ask("bits", by=["time:month"]), [(date(2025, 7, 1), 3)])
    in_new_york = world("Europe/Berlin", *written, kind="timestamp in America/New_York")
    answers(in_new_york, ask("bits", by=["time:day"]), [(date(2025, 7, 1), 3)])
    from_tokyo = world("Europe/Berlin", *written, kind="timestamp in Asia/Tokyo")
    answers(from_tokyo, ask("bits", during=(None, "2025-07-01")), [(3,)])


def test_the_answer_does_not_depend_on_the_clock_of_the_session() -> None:
    naive = 'SELECT CAST("at" AS DATE) FROM events LIMIT 1'
    seen = set()
    for zone in ("UTC", "Asia/Tokyo"):
        with BERLIN.connected(zone) as connection:
            seen.add(connection.execute(naive).fetchall()[0][0])
    assert len(seen) == 2
    query = ask("bits", by=["time:month"], during=("2025-03-30", "2026-01-01"))
    for zone in ("UTC", "Asia/Tokyo", "America/Havana"):
        with BERLIN.opened(zone) as run:
            assert run(query, ()) == [(date(2025, 3, 1), 30), (date(2025, 10, 1), 224), (date(2025, 12, 1), 256)]


def test_the_latest_instant_is_an_instant() -> None:
    latest = World(
        Table("events", {"at": "zoned"}, rows=[(at("2025-10-26T00:30:00+00:00"),), (at("2025-10-26T01:30:00+00:00"),)]),
        metrics={"latest": "max(events.at)"},
        calendar=Calendar(timezone="Europe/Berlin"),
    )
    assert latest.answer(ask("latest")) == [(datetime(2025, 10, 26, 1, 30, tzinfo=UTC),)]
