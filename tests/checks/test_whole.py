"""Changes and shares of what is not there whole: found, and not where it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from loadline.checks.whole import look_at_periods, look_at_wholes, period_needs
from loadline.values.finding import CouldNotLook, Evidence, Gravity, Looked, Missing, Row
from loadline.values.model import Calendar, Model
from loadline.values.plan import Compared, Plan, Statement
from loadline.values.query import Grain, Query

HELD = (date(2023, 11, 1), date(2026, 10, 31))
MODEL = Model(calendar=Calendar(timezone="Europe/Berlin", fiscal_year_starts=(2, 1)))
Ends = tuple[date | None, date | None]
OPEN: Ends = (None, None)


def year(number: int) -> Ends:
    return date(number, 1, 1), date(number + 1, 1, 1)


def plan(*compared: Compared, metrics: tuple[str, ...] = ("sold",)) -> Plan:
    return Plan(
        query=Query(metrics=metrics), metrics=(), sources=(), joins=(), columns=(), touches=frozenset(),
        classifications=frozenset(), dates=None, filters=(), assumptions=(), digest="", compared=compared,
    )  # fmt: skip


def statement(*row_filters: str) -> Statement:
    return Statement(sql="", dialect="duckdb", columns=(), row_filters=row_filters)


def found(
    now: Ends, then: Ends, *, grain: Grain | None = None, count: bool = False, held: Sequence[object] = HELD
) -> list[str]:
    one = Compared(metric="sold", now=now, then=then, grain=grain, times=(("sales", "day"),), is_zero_if_absent=count)
    (need,) = period_needs(plan(one), statement())
    runs = list(look_at_periods(plan(one), statement(), model=MODEL, evidence={need: Row(values=tuple(held))}))
    (run,) = runs
    assert isinstance(run, Looked)
    assert all(finding.gravity is Gravity.DOUBTFUL for finding in run.findings)
    return [finding.what for finding in run.findings]


def test_a_year_that_the_data_begin_in_is_no_base() -> None:
    (what,) = found(year(2024), year(2023))
    assert "2023-01-01 to 2023-12-31, and the data begin on 2023-11-01" in what
    assert found(year(2025), year(2024)) == []


def test_a_period_that_the_data_end_in_has_no_change() -> None:
    (what,) = found(year(2026), year(2025))
    assert "2026-01-01 to 2026-12-31, and the data end on 2026-10-31" in what
    assert found((date(2026, 1, 1), date(2026, 11, 3)), (date(2025, 1, 1), date(2025, 11, 3))) == []


def test_a_weekend_cuts_nothing_off() -> None:
    assert found((date(2026, 10, 27), date(2026, 11, 3)), (date(2026, 10, 20), date(2026, 10, 27))) == []


def test_before_all_data_a_sum_is_missing_and_a_count_is_zero() -> None:
    february = (date(2024, 2, 1), date(2024, 3, 1)), (date(2023, 2, 1), date(2023, 3, 1))
    assert found(*february) == []
    assert len(found(*february, count=True)) == 1
    yesterday = (date(2026, 11, 1), date(2026, 11, 2)), (date(2026, 10, 31), date(2026, 11, 1))
    assert found(*yesterday) == []
    assert len(found(*yesterday, count=True)) == 1


@pytest.mark.parametrize(
    ("grain", "now", "then", "count", "says"),
    [
        (Grain.QUARTER, year(2024), year(2023), False, "2023-10-01 to 2023-12-31"),
        (Grain.QUARTER, year(2025), year(2024), False, None),
        (Grain.MONTH, year(2024), year(2023), False, None),  # November is whole, and what was before it is missing
        (Grain.MONTH, year(2024), year(2023), True, "before 2023-11-01"),
        (Grain.FISCAL_QUARTER, year(2024), year(2023), False, None),
        (Grain.FISCAL_YEAR, OPEN, OPEN, False, "2023-02-01 to 2024-01-31"),
        (Grain.YEAR, OPEN, OPEN, False, "2023-01-01 to 2023-12-31"),
        (Grain.WEEK, OPEN, OPEN, False, None),  # it lacks a Monday and a Tuesday
        (Grain.DAY, OPEN, OPEN, True, "from"),
        (Grain.DAY, OPEN, OPEN, False, None),
    ],
)
def test_each_period_of_a_breakdown_is_compared_with_a_whole_one(
    grain: Grain, now: Ends, then: Ends, count: bool, says: str | None
) -> None:
    said = found(now, then, grain=grain, count=count)
    assert any(says in what for what in said) if says else said == [] or "2026-01-01" in said[0]


def test_the_last_period_of_a_breakdown_may_be_cut() -> None:
    last = (date(2023, 11, 1), date(2026, 10, 12))
    said = found((date(2026, 1, 1), date(2026, 11, 1)), (date(2025, 12, 1), date(2026, 10, 1)), grain=Grain.MONTH,
                 held=last)  # fmt: skip
    assert "2026-10-01 to 2026-10-31, and the data end on 2026-10-12" in said[0]


def test_moments_are_days_of_the_project() -> None:
    late = datetime(2022, 12, 31, 23, 30, tzinfo=UTC)  # the first of January in Berlin
    assert found(year(2024), year(2023), held=(late, HELD[1])) == []
    assert found(year(2024), year(2023), held=(datetime(2023, 1, 9, 8), HELD[1])) == []  # noqa: DTZ001
    assert found(year(2024), year(2023), held=(None, None)) == []


def test_several_facts_hold_a_period_together() -> None:
    one = Compared(metric="events", now=year(2026), then=year(2025), times=(("old", "day"), ("new", "day")))
    first, second = period_needs(plan(one), statement())
    evidence: dict[object, Evidence] = {
        first: Row(values=(date(2023, 1, 1), date(2025, 12, 31))),
        second: Row(values=(date(2026, 1, 1), date(2026, 12, 31))),
    }
    (run,) = look_at_periods(plan(one), statement(), model=MODEL, evidence=evidence)  # type: ignore[arg-type]
    assert run == Looked(check="periods-are-whole", subject="events")


def test_what_could_not_be_looked_at_blocks() -> None:
    one = Compared(metric="sold", now=year(2024), then=year(2023), times=(("sales", "day"),))
    (need,) = period_needs(plan(one), statement())
    for evidence in ({need: Missing(why="refused")}, {}):
        (run,) = look_at_periods(plan(one), statement(), model=MODEL, evidence=evidence)
        assert isinstance(run, CouldNotLook)


def test_who_sees_a_part_of_the_rows_is_not_told_when_the_others_begin() -> None:
    one = Compared(metric="sold", now=year(2024), then=year(2023), times=(("sales", "day"),))
    (need,) = period_needs(plan(one), statement())
    (run,) = look_at_periods(plan(one), statement("region = 'north'"), model=MODEL, evidence={need: Row(values=HELD)})
    assert isinstance(run, Looked)
    assert "2023-11-01" not in run.findings[0].what + run.findings[0].mend


@pytest.mark.parametrize(
    ("metric", "rows", "is_cut"),
    [
        ("sold[share across customers.region]", "customers.region = 'north' (rule one)", True),
        ("sold[share across orders.service and customers.region]", "customers.region = 'north' (rule one)", True),
        ("sold[share across home.region]", "customers.region = 'north' (rule one)", False),
        ("sold[share across customers.region]", "customers.region_code = 'N' (rule one)", False),
        ("sold", "customers.region = 'north' (rule one)", False),
    ],
)
def test_a_share_across_what_rules_filter_by_is_not_of_the_whole(metric: str, rows: str, is_cut: bool) -> None:
    runs = list(look_at_wholes(plan(metrics=(metric,)), statement(rows)))
    assert any(isinstance(run, Looked) and run.findings for run in runs) is is_cut
    assert list(look_at_wholes(plan(metrics=(metric,)), statement())) == []
