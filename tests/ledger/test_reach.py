"""How much of what was asked reaches a thing: each receipt once, within the window, by any of the names wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loadline.ledger import Entry, Kind
from loadline.ledger.reach import SKEW, Traffic, Wanted, first_since, traffic

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(index: int, days_ago: float, *, kind: Kind = Kind.OUTCOME, who: str = "ana", **payload: Any) -> Entry:
    content = {"checks_not_run": (), "asked_by": who, "metrics": (), "sources": (), **payload}
    return Entry(
        index=index, kind=kind, run=f"run-{index}", at=NOW - days_ago * DAY, payload=content, salt=b"", leaf=b""
    )


def counted(entries: list[Entry], wanted: Wanted, days: int = 28) -> Traffic:
    return traffic(entries, wanted, since=NOW - days * DAY, until=NOW)


BOOKED = entry(0, 1, metrics=({"name": "booked"},), sources=({"dataset": "orders", "columns": ("amount",)},))
BY_REGION = entry(1, 2, who="bo", query={"by": ({"name": "buyer.region"},), "where": ()})
OF_REVENUE = entry(2, 3, meanings=({"word": "revenue", "means": "booked"},))
REFUSED = entry(3, 4, kind=Kind.DECISION, metrics=({"name": "booked"},))
FAILED = Entry(index=4, kind=Kind.OUTCOME, run="r", at=NOW, payload={"failed": "down"}, salt=b"", leaf=b"")
INTENT = entry(5, 1, kind=Kind.INTENT, metrics=({"name": "booked"},))
OLD = entry(6, 40, metrics=({"name": "booked"},))
ALL = [OLD, REFUSED, OF_REVENUE, BY_REGION, BOOKED, FAILED, INTENT]


def test_receipts_count_once_refused_ones_too_and_failures_do_not() -> None:
    found = counted(ALL, Wanted(metrics=frozenset({"booked"})))
    assert (found.asked, found.reached, found.people) == (4, 2, 1)
    assert found.last == BOOKED.at
    assert found.share == 0.5


def test_any_name_suffices() -> None:
    assert counted(ALL, Wanted(columns=frozenset({("orders", "amount")}))).reached == 1
    assert counted(ALL, Wanted(datasets=frozenset({"orders"}))).reached == 1
    assert counted(ALL, Wanted(dimensions=frozenset({"buyer.region"}))).reached == 1
    assert counted(ALL, Wanted(dimensions=frozenset({"region"}))).reached == 1
    assert counted(ALL, Wanted(dimensions=frozenset({"er.region"}))).reached == 0
    assert counted(ALL, Wanted(words=frozenset({"revenue"}))).reached == 1
    assert counted(ALL, Wanted()).reached == 0


def test_nothing_asked_has_no_share() -> None:
    assert counted([], Wanted()).share is None


@given(st.lists(st.integers(0, 90), max_size=40), st.integers(0, 90))
def test_reading_begins_early_enough_and_not_at_the_beginning(ages: list[int], days: int) -> None:
    entries = [entry(n, age) for n, age in enumerate(sorted(ages, reverse=True))]
    since = NOW - days * DAY
    start = first_since(lambda index: entries[index], len(entries), since)
    assert all(one.at < since - SKEW for one in entries[:start])
    assert all(one.at >= since - SKEW for one in entries[start:])
