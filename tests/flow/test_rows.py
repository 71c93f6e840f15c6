"""Rows are held once, read as often as wanted, and digested the same wherever they lie."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.flow.rows import HeldRows
from loadline.values.outcome import Batch

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)
batches = st.lists(st.lists(st.tuples(values, values), max_size=4), max_size=6)


@given(batches, st.integers(0, 10))
def test_rows_come_out_as_they_went_in_from_memory_and_from_disk(some: list[Batch], in_memory_rows: int) -> None:
    held = HeldRows(iter(some), in_memory_rows=in_memory_rows)
    expected = [row for batch in some for row in batch]
    assert list(held) == expected
    assert list(held) == expected, "a second reading"
    assert len(held) == len(expected)


@given(batches)
def test_the_digest_does_not_depend_on_batches_or_on_where_rows_lie(some: list[Batch]) -> None:
    flat = [[row] for batch in some for row in batch]
    assert HeldRows(some).digest == HeldRows(flat, in_memory_rows=1).digest


def test_two_readers_of_rows_on_disk_do_not_disturb_each_other() -> None:
    held = HeldRows([[(n,)] for n in range(20)], in_memory_rows=3)
    first, second = iter(held), iter(held)
    assert [next(first), next(first), next(second), next(first), next(second)] == [(0,), (1,), (0,), (2,), (1,)]


def test_the_digest_is_over_lines_of_json_that_anyone_can_make() -> None:
    held = HeldRows([[(Decimal("1.20"), date(2026, 3, 1), None)], [("ä", True, datetime(2026, 1, 1, tzinfo=UTC))]])
    lines = '["1.20", "2026-03-01", null]\n["\\u00e4", true, "2026-01-01T00:00:00+00:00"]\n'
    assert held.digest == "sha256:" + hashlib.sha256(lines.encode()).hexdigest()


def test_rows_beyond_the_limit_do_not_stay_in_memory() -> None:
    held = HeldRows(([(n, "x" * 100) for n in range(1000)] for _ in range(50)), in_memory_rows=2000)
    assert len(held) == 50_000
    assert held._memory == []


@pytest.mark.parametrize(("one", "other"), [([[(1,)]], [[(2,)]]), ([[("1",)]], [[(1,)]]), ([[(None,)]], [[("",)]])])
def test_other_rows_have_another_digest(one: list[Batch], other: list[Batch]) -> None:
    assert HeldRows(one).digest != HeldRows(other).digest
