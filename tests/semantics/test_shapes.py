"""Metrics whose value at a time comes from other times: against a slow, obvious evaluator, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from loadline.errors import RequestError
from loadline.semantics import Linked, codes, compile_sql, link, resolve
from loadline.values.model import Calendar, Conversion, Metric, Model, Relationship, Spine
from loadline.values.query import Window
from semantics.shop import HERE, ORDERS, SHOP, dataset, metric, model, opened, query, row_filter, text

# -- a small world: visits and buys of users, by day


@dataclass(frozen=True)
class Event:
    day: date | None
    group: str | None
    user: int | None
    value: int


DAYS = [date(2024, 1, 28) + timedelta(days=n) for n in range(40)]  # over the end of two months and a leap day
EVENTS = st.builds(
    Event,
    day=st.one_of(st.sampled_from(DAYS), st.sampled_from(DAYS), st.none()),
    group=st.sampled_from(("a", "b", None)),
    user=st.sampled_from((1, 2, 3, None)),
    value=st.integers(-3, 9),
)
KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("r3", {"over": text("3 days")}),
    ("r2w", {"over": text("2 weeks")}),
    ("r1m", {"over": text("1 month")}),
    ("mtd", {"over": text("month to date")}),
    ("wtd", {"over": text("week to date")}),
    ("ever", {"over": text("all")}),
)
MEASURES = (
    "sum(visits.value)",
    "count(visits)",
    "avg(visits.value)",
    "max(visits.value)",
    "count(distinct visits.user)",
)
TAKES = ("last", "first", "max", "min", "average")


def shaped() -> Model:
    metrics: list[Metric] = []
    for number, measure in enumerate(MEASURES):
        metrics.append(metric(f"m{number}", measure))
        metrics += [metric(f"m{number}_{name}", measure, **more) for name, more in KINDS]
    metrics += [metric(f"m0_r3_{which}", "m0", over=text("3 days"), take=text(f"{which} of period")) for which in TAKES]
    metrics += [metric(f"m0_{which}", "m0", take=text(f"{which} of period")) for which in TAKES]
    metrics.append(metric("m0_last_each", "m0", take=text("last of period"), take_per=(text("visits.user"),)))
    metrics += [
        metric("d5", "m0[5 days ago]"),
        metric("mo", "m0[1 month ago]"),
        metric("som", "m0[start of month]"),
        metric("r3_d2", "m0_r3[2 days ago]"),
        metric("ever_som", "m0_ever[start of month]"),
        metric("m4_d5", "m4[5 days ago]"),
        metric(
            "conv",
            "m1",
            conversion=Conversion(
                to=text("buys_count"),
                within=text("4 days"),
                per=(text("visits.user"), text("buys.user")),
                is_count=True,
            ),
        ),
        metric("buys_count", "count(buys)"),
        metric("filled", "m0", fill=Decimal(0), is_every_period=True),
        metric("filled_later", "m0", fill=Decimal(0), is_every_period=True, where="time >= date '2024-02-10'"),
        metric("heavy", "count(visits)", where="m0[per visits.user] > 5"),
    ]
    columns = "day:date group:string user:integer value:integer"
    return model(
        dataset("visits", columns, source="visits", time="day"),
        dataset("buys", columns, source="buys", time="day"),
        metrics=tuple(metrics),
        calendar=Calendar(),
    )


LINKED: Linked = link(shaped())
GRAINS: Mapping[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}

Value = object
Rows = dict[tuple[object, ...], Value]


def world(visits: Sequence[Event], buys: Sequence[Event] = ()) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    for name, events in (("visits", visits), ("buys", buys)):
        connection.execute(f'CREATE TABLE {name} (day DATE, "group" VARCHAR, "user" BIGINT, value BIGINT)')
        for e in events:
            connection.execute(f"INSERT INTO {name} VALUES (?, ?, ?, ?)", [e.day, e.group, e.user, e.value])
    return connection


def answered(connection: duckdb.DuckDBPyConnection, name: str, by: tuple[str, ...], window: Window | None) -> Rows:
    sql = compile_sql(LINKED, resolve(LINKED, query(name, by=by, during=window))).sql
    note(sql)
    found: Rows = {}
    for *key, value in connection.execute(sql).fetchall():
        assert tuple(key) not in found, "a group appears once"
        found[tuple(key)] = number(value)
    return found


def number(value: object) -> object:
    return round(float(value), 9) if isinstance(value, int | float | Decimal) else value


# -- the slow, obvious evaluator


def measured(name: str, events: Sequence[Event]) -> Value:
    values = [event.value for event in events]
    match name:
        case "m0":
            return float(sum(values))
        case "m1":
            return float(len(values))
        case "m2":
            return round(sum(values) / len(values), 9)
        case "m3":
            return float(max(values))
        case _:
            return float(len({event.user for event in events if event.user is not None}))


def month_before(day: date) -> date:
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError


REACH: Mapping[str, Callable[[date, date], bool]] = {
    "r3": lambda row, at: at - timedelta(days=3) < row <= at,
    "r2w": lambda row, at: at - timedelta(days=14) < row <= at,
    "r1m": lambda row, at: month_before(at) < row <= at,
    "mtd": lambda row, at: at.replace(day=1) <= row <= at,
    "wtd": lambda row, at: GRAINS["week"](at) <= row <= at,
    "ever": lambda row, at: row <= at,
}


def spine(
    visits: Sequence[Event], window: Window | None, later: Callable[[date], date] = lambda day: day
) -> list[date]:
    """Every day of the window, or from the first to the last there are rows of."""
    days = [event.day for event in visits if event.day is not None]
    if window is not None and window.start is not None and window.end is not None:
        return [window.start + timedelta(days=n) for n in range((window.end - window.start).days)]
    return [min(days) + timedelta(days=n) for n in range((later(max(days)) - min(days)).days + 1)] if days else []


def cumulative(
    name: str, reach: str, visits: Sequence[Event], days: Sequence[date], *, by_group: bool
) -> dict[tuple[str | None, date], Value]:
    """The value on each day, for each group that has a row in the day's reach."""
    found: dict[tuple[str | None, date], Value] = {}
    for group in {event.group for event in visits} if by_group else {None}:
        mine = [event for event in visits if not by_group or event.group == group]
        for day in days:
            seen = [event for event in mine if event.day is not None and REACH[reach](event.day, day)]
            if seen:
                found[group, day] = measured(name, seen)
    return found


def of_periods(daily: dict[tuple[str | None, date], Value], days: Sequence[date], grain: str, which: str) -> Rows:
    """One value for each period: of its last day (if there is one), its first there is, or of all there are."""
    cut = GRAINS[grain]
    last = {cut(day): day for day in sorted(days)}
    found: Rows = {}
    keys = sorted(daily, key=lambda key: (str(key[0]), cut(key[1]), key[1]))
    for (group, period), these in groupby(keys, key=lambda key: (key[0], cut(key[1]))):
        pairs = [(day, daily[g, day]) for g, day in these]
        values = [float(str(value)) for _, value in pairs]
        if which == "last":
            at_last = dict(pairs).get(last[period])
            if at_last is not None:
                found[period, group] = at_last
            continue
        pick: Mapping[str, Callable[[], float]] = {
            "first": lambda v=values: v[0],  # type: ignore[misc]
            "max": lambda v=values: max(v),  # type: ignore[misc]
            "min": lambda v=values: min(v),  # type: ignore[misc]
            "average": lambda v=values: round(sum(v) / len(v), 9),  # type: ignore[misc]
        }
        found[period, group] = pick[which]()
    return found


# -- properties

some = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
WINDOWS = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(DAYS), st.integers(1, 35)).map(
        lambda pair: Window(start=pair[0], end=pair[0] + timedelta(days=pair[1]), text="w")
    ),
)


@some
@given(
    st.lists(EVENTS, max_size=12),
    WINDOWS,
    st.sampled_from(range(len(MEASURES))),
    st.sampled_from(tuple(REACH)),
    st.sampled_from(tuple(GRAINS)),
)
def test_a_cumulative_metric_looks_back_from_each_day(
    visits: list[Event], window: Window | None, number: int, reach: str, grain: str
) -> None:
    days = spine(visits, window)
    daily = cumulative(f"m{number}", reach, visits, days, by_group=True)
    expected = of_periods(daily, days, grain, "last")
    assert answered(world(visits), f"m{number}_{reach}", (f"time:{grain}", "visits.group"), window) == expected


@some
@given(st.lists(EVENTS, max_size=12), WINDOWS, st.sampled_from(TAKES), st.sampled_from(("week", "month")))
def test_what_stands_for_a_longer_period_is_what_take_says(
    visits: list[Event], window: Window | None, which: str, grain: str
) -> None:
    days = spine(visits, window)
    daily = cumulative("m0", "r3", visits, days, by_group=True)
    expected = of_periods(daily, days, grain, which)
    assert answered(world(visits), f"m0_r3_{which}", (f"time:{grain}", "visits.group"), window) == expected


@some
@given(st.lists(EVENTS, max_size=12), WINDOWS, st.sampled_from(TAKES), st.sampled_from(tuple(GRAINS)))
def test_a_stock_is_taken_of_one_day_of_each_period(
    visits: list[Event], window: Window | None, which: str, grain: str
) -> None:
    cut = GRAINS[grain]
    seen = [e for e in visits if e.day is not None and (window is None or window.start <= e.day < window.end)]  # type: ignore[operator]
    expected: Rows = {}
    for period in {cut(e.day) for e in seen if e.day}:
        inside = [e for e in seen if e.day and cut(e.day) == period]
        by_day = {day: float(sum(e.value for e in inside if e.day == day)) for day in {e.day for e in inside}}
        pick = {
            "last": by_day[max(by_day)],  # type: ignore[type-var]
            "first": by_day[min(by_day)],  # type: ignore[type-var]
            "max": max(by_day.values()),
            "min": min(by_day.values()),
            "average": round(sum(by_day.values()) / len(by_day), 9),
        }
        expected[(period,)] = pick[which]
    found = {
        key: value
        for key, value in answered(world(visits), f"m0_{which}", (f"time:{grain}",), window).items()
        if key != (None,)
    }
    assert found == expected


@some
@given(st.lists(EVENTS, max_size=12), WINDOWS, st.sampled_from(("day", "month")))
def test_a_shift_by_days_shows_each_row_later(visits: list[Event], window: Window | None, grain: str) -> None:
    moved = [replace(e, day=e.day + timedelta(days=5)) for e in visits if e.day is not None]
    inside = [e for e in moved if window is None or window.start <= e.day < window.end]  # type: ignore[operator]
    for name, plain in (("d5", "m0"), ("m4_d5", "m4")):
        expected: Rows = {}
        for period in {GRAINS[grain](e.day) for e in inside if e.day}:
            expected[(period,)] = measured(plain, [e for e in inside if e.day and GRAINS[grain](e.day) == period])
        found = answered(world(visits), name, (f"time:{grain}",), window)
        assert {key: value for key, value in found.items() if key != (None,)} == expected


@some
@given(st.lists(EVENTS, max_size=12), WINDOWS)
def test_a_shift_by_months_looks_at_the_same_day_of_the_month_before(
    visits: list[Event], window: Window | None
) -> None:
    def a_month_later(day: date) -> date:
        following = (day.replace(day=28) + timedelta(days=5)).replace(day=1)
        return min(
            following + timedelta(days=day.day - 1),
            (following.replace(day=28) + timedelta(days=5)).replace(day=1) - timedelta(days=1),
        )

    expected: Rows = {}
    for day in spine(visits, window, a_month_later):
        seen = [e for e in visits if e.day == month_before(day)]
        if seen:
            expected[(day,)] = measured("m0", seen)
    assert answered(world(visits), "mo", ("time:day",), window) == expected


@some
@given(st.lists(EVENTS, max_size=12))
def test_a_month_before_a_whole_month_is_the_whole_month_before(visits: list[Event]) -> None:
    expected: Rows = {}
    for month in {e.day.replace(day=1) for e in visits if e.day}:
        following = (month.replace(day=28) + timedelta(days=5)).replace(day=1)
        expected[(following,)] = measured("m0", [e for e in visits if e.day and e.day.replace(day=1) == month])
    found = answered(world(visits), "mo", ("time:month",), None)
    assert {key: value for key, value in found.items() if key != (None,)} == expected


@some
@given(st.lists(EVENTS, max_size=12), WINDOWS)
def test_the_start_of_a_period_is_its_first_day(visits: list[Event], window: Window | None) -> None:
    expected: Rows = {}
    ever: Rows = {}
    for day in spine(visits, window):
        seen = [e for e in visits if e.day == day.replace(day=1)]
        upto = [e for e in visits if e.day and e.day <= day.replace(day=1)]
        if seen:
            expected[(day,)] = measured("m0", seen)
        if upto:
            ever[(day,)] = measured("m0", upto)
    connection = world(visits)
    assert answered(connection, "som", ("time:day",), window) == expected
    assert answered(connection, "ever_som", ("time:day",), window) == ever


@some
@given(st.lists(EVENTS, max_size=10), st.lists(EVENTS, max_size=10))
def test_each_second_event_belongs_to_the_latest_first_one_before_it(visits: list[Event], buys: list[Event]) -> None:
    expected: dict[tuple[object, ...], float] = {}
    for buy in buys:
        if buy.day is None or buy.user is None:
            continue
        fitting = [v for v in visits if v.user == buy.user and v.day and buy.day - timedelta(days=4) < v.day <= buy.day]
        if fitting:
            latest = max(fitting, key=lambda v: v.day or date.min).day
            expected[(latest,)] = expected.get((latest,), 0.0) + 1
    found = answered(world(visits, buys), "conv", ("time:day",), None)
    assert {key: value for key, value in found.items() if value} == expected


@some
@given(st.lists(EVENTS, max_size=10), WINDOWS)
def test_every_period_of_the_window_is_there_once(visits: list[Event], window: Window | None) -> None:
    found = answered(world(visits), "filled", ("time:day",), window)
    days = spine(visits, window)
    assert {key for key in found if key != (None,)} == {(day,) for day in days}
    for day in days:
        seen = [e for e in visits if e.day == day]
        assert found[(day,)] == (measured("m0", seen) if seen else 0.0)


@some
@given(st.lists(EVENTS, max_size=10), WINDOWS)
def test_what_a_metric_demands_of_its_time_holds_for_its_rows_and_its_periods(
    visits: list[Event], window: Window | None
) -> None:
    first = date(2024, 2, 10)
    late = [e for e in visits if e.day is not None and e.day >= first]
    inside = [e for e in late if window is None or (e.day and window.start <= e.day < window.end)]  # type: ignore[operator]
    connection = world(visits)
    assert answered(connection, "filled_later", (), window) == {(): float(sum(e.value for e in inside))}
    days = [day for day in spine(late if window is None else visits, window) if day >= first]
    by_day = {(day,): float(sum(e.value for e in late if e.day == day)) for day in days}
    assert answered(connection, "filled_later", ("time:day",), window) == by_day


@some
@given(st.lists(EVENTS, max_size=12))
def test_a_metric_of_each_subject_is_a_value_of_its_rows(visits: list[Event]) -> None:
    totals: dict[int, int] = {}
    for event in visits:
        if event.user is not None:
            totals[event.user] = totals.get(event.user, 0) + event.value
    expected = sum(1 for e in visits if e.user is not None and totals[e.user] > 5)
    assert answered(world(visits), "heavy", (), None) == {(): float(expected)}


@some
@given(st.lists(EVENTS, max_size=12))
def test_the_last_of_each_is_each_ones_own(visits: list[Event]) -> None:
    dated = [e for e in visits if e.day is not None]
    last: dict[int | None, date] = {}
    for event in dated:
        if event.day and event.day >= last.get(event.user, date.min):
            last[event.user] = event.day
    chosen = [e for e in dated if e.day == last[e.user]]
    found = answered(world(visits), "m0_last_each", (), None)
    assert found == {(): float(sum(e.value for e in chosen)) if chosen else None}


# -- refusals


def refused(linked: Linked, *metrics: str, by: tuple[str, ...] = (), hidden: str | None = None) -> str:
    def asked() -> None:
        plan = resolve(linked, query(*metrics, by=by))
        compile_sql(linked, plan, row_filters=((row_filter(hidden),),) if hidden else ())

    with pytest.raises(RequestError) as caught:
        asked()
    return caught.value.diagnostics[0].code


def test_a_field_over_rows_is_refused_where_a_rule_hides_some_of_them() -> None:
    ranked = replace(
        ORDERS, fields={**ORDERS.fields, **dataset("x", None, nth="row_number() over (order by order_id)").fields}
    )
    linked = link(replace(SHOP, datasets={**SHOP.datasets, "orders": ranked}))
    assert refused(linked, "booked", by=("orders.nth",), hidden="orders.status = 'open'") == codes.WINDOW_UNDER_POLICY


def test_so_is_one_that_only_a_metric_itself_reads() -> None:
    ranked = replace(
        ORDERS, fields={**ORDERS.fields, **dataset("x", None, nth="row_number() over (order by order_id)").fields}
    )
    followed = Conversion(to=text("first_ones"), per=(text("customers.customer_id"),), is_count=True)
    added = (
        metric("first_ones", "count(orders)", where="orders.nth = 1"),
        metric("last_of_first", "first_ones", take=text("last of period")),
        metric("invoiced", "count(invoices)"),
        metric("followed", "invoiced", conversion=followed),
        metric("firsts", "count(customers)", where="first_ones[per customers.customer_id] > 0"),
    )
    linked = link(
        replace(
            SHOP, datasets={**SHOP.datasets, "orders": ranked}, metrics={**SHOP.metrics, **{m.name: m for m in added}}
        )
    )
    for name in ("first_ones", "last_of_first", "followed", "firsts"):
        assert refused(linked, name, hidden="customers.segment = 'retail'") == codes.WINDOW_UNDER_POLICY, name
    sql = compile_sql(linked, resolve(linked, query("first_ones", "orders_count"))).sql
    assert opened().execute(sql).fetchall() == [(1, 6)]


def test_a_window_within_a_month_is_compared_with_the_days_its_days_are_compared_with() -> None:
    events = [Event(day=date(2024, 2, day), group="a", user=1, value=day) for day in (1, 28, 29)]
    window = Window(start=date(2024, 3, 1), end=date(2024, 3, 30), text="1 to 29 March")
    connection = world(events)

    def moved(end: date, *by: str) -> list[tuple[object, ...]]:
        plan = resolve(LINKED, query("mo", by=by, during=replace(window, end=end)))
        return connection.execute(compile_sql(LINKED, plan).sql).fetchall()

    assert [value for _, value in moved(date(2024, 3, 30), "time:day")] == [1, 28, 29]
    assert moved(date(2024, 3, 30)) == [(58,)]
    assert moved(date(2024, 4, 1)) == [(58,)]
    assert moved(date(2024, 3, 29)) == [(29,)]


def test_a_digest_tells_spines_keys_and_physical_names_apart() -> None:
    plain = shaped()
    spine = Spine(source="dates", column="day", grain="day", grains={}, place=HERE)
    spined = replace(plain, calendar=replace(plain.calendar, spines=(spine,)))
    table = plain.datasets["visits"].table
    assert table is not None
    columns = {**table.columns, "value": replace(table.columns["value"], physical_name="v")}
    renamed = {**plain.datasets, "visits": replace(plain.datasets["visits"], table=replace(table, columns=columns))}
    asked = query("m0_r3", by=("time:day",))
    digests = {resolve(link(one), asked).digest for one in (plain, spined, replace(plain, datasets=renamed))}
    assert len(digests) == 3


def test_a_history_is_not_joined_without_a_time() -> None:
    history = Relationship(
        source="visits",
        source_columns=("user",),
        target="users",
        target_columns=("user",),
        valid=("since", "until"),
        place=text("x").place,
    )
    linked = link(
        model(
            dataset("visits", "user:integer value:integer", source="visits"),
            dataset("users", "user:integer since:date until:date plan:string", source="users"),
            joins=(history,),
            metrics=(metric("visits_count", "count(visits)"),),
        )
    )
    assert refused(linked, "visits_count", by=("users.plan",)) == codes.NO_VALIDITY_TIME
    assert refused(linked, by=("visits.value", "users.plan")) == codes.NO_VALIDITY_TIME
