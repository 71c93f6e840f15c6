"""Recorded looks folded: how a table stood, and from when until when a promise was broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.ledger.nouns import Entry, Kind
from loadline.ledger.views.findings import table_history

START = datetime(2026, 1, 1, tzinfo=UTC)


def entry(n: int, **verdicts: str | int) -> Entry:
    promises: list[dict[str, Any]] = [
        {"id": name, "severity": "error", "verdict": "broken", "count": said}
        if isinstance(said, int)
        else {"id": name, "severity": "error", "verdict": said}
        for name, said in verdicts.items()
    ]
    payload = {"state": "red", "rows": 10 * n, "promises": promises}
    at = START + timedelta(days=n)
    return Entry(index=n, kind=Kind.CHECK, run=f"run-{n}", at=at, payload=payload, salt=b"", leaf=b"", keys=())


def day(n: int) -> datetime:
    return START + timedelta(days=n)


def test_a_promise_is_broken_from_the_first_look_until_one_that_finds_it_kept() -> None:
    entries = [entry(1, a="kept"), entry(2, a=4), entry(3, a=9), entry(4, a="kept"), entry(5, a=2)]
    found = table_history("orders", entries)
    one, other = found.stretches
    assert (one.first, one.last, one.until, one.looks) == (day(2), day(3), day(4), 2)
    assert (one.least, one.most, one.newest) == (4, 9, 9)
    assert (other.first, other.until, other.newest) == (day(5), None, 2)
    assert [look.broken for look in found.looks] == [0, 1, 1, 0, 1]


def test_a_look_that_could_not_look_ends_nothing() -> None:
    (one,) = table_history("orders", [entry(1, a=4), entry(2, a="could not look"), entry(3, a=4)]).stretches
    assert (one.first, one.last, one.until, one.looks) == (day(1), day(3), None, 2)


def test_what_is_no_longer_promised_is_told_apart_from_what_is_kept() -> None:
    (one,) = table_history("orders", [entry(1, a=4), entry(2, b="kept")]).stretches
    assert (one.until, one.is_dropped) == (day(2), True)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["kept", "could not look", 1, 2]), max_size=12))
def test_every_broken_look_is_in_exactly_one_stretch(verdicts: list[str | int]) -> None:
    found = table_history("orders", [entry(n, a=said) for n, said in enumerate(verdicts)])
    assert sum(one.looks for one in found.stretches) == sum(isinstance(said, int) for said in verdicts)
    assert sum(one.until is None for one in found.stretches) <= 1
    assert all(one.first <= one.last and (one.until is None or one.last < one.until) for one in found.stretches)
