"""Changes and shares against numbers worked out row by row; and every question of them that has no meaning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.errors import RequestError
from loadline.semantics import Linked, codes, compile_sql, link, parse_by, parse_filter, parse_order, resolve
from loadline.values.decision import ColumnMask, RowFilter
from loadline.values.query import Query, Window
from loadline.values.rule import MaskKind
from semantics.shop import dataset, metric, model, query, text

SALES = dataset(
    "sales", "day:date region:string product:string amount:integer buyer:integer", source="sales", time="day"
)
LINKED: Linked = link(
    model(
        SALES,
        metrics=(
            metric("sold", "sum(sales.amount)", unit="EUR"),
            metric("sold_to_shops", "sum(sales.amount)", where="sales.product = 'shop'", unit="EUR"),
            metric("rows_sold", "count(sales)"),
            metric("rows_known", "count(sales.amount)"),
            metric("net", "2 * sold - sold_to_shops"),
            metric("mean", "avg(sales.amount)"),
            metric("buyers", "count(distinct sales.buyer)"),
            metric("rate", "sold_to_shops / sold", format="percent"),
            metric("stock", "sum(sales.amount)", take=text("last of period")),
            metric("sold_7d", "sold", over=text("7 days")),
            metric("latest", "max(sales.day)"),
        ),
    )
)
some = settings(max_examples=20, deadline=None, derandomize=True)


@dataclass(frozen=True)
class Sale:
    day: date
    region: str | None
    product: str
    amount: int | None


SALE = st.builds(
    Sale,
    st.dates(date(2025, 1, 1), date(2025, 4, 30)),
    st.sampled_from(["north", "south", None]),
    st.sampled_from(["shop", "home"]),
    st.one_of(st.none(), st.integers(-20, 90)),
)
SALES_OF_SOME = st.lists(SALE, max_size=14)


@cache
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("CREATE TABLE sales (day DATE, region VARCHAR, product VARCHAR, amount BIGINT, buyer BIGINT)")
    return connection


def answered(rows: Sequence[Sale], asked: Query, hidden: str | None = None) -> list[tuple[object, ...]]:
    filters = ((RowFilter(rule="r", expr=text(hidden)),),) if hidden else ()
    sql = compile_sql(LINKED, resolve(LINKED, asked), row_filters=filters).sql
    connection = database()
    connection.execute("DELETE FROM sales")
    for row in rows:
        connection.execute("INSERT INTO sales VALUES (?, ?, ?, ?, 1)", [row.day, row.region, row.product, row.amount])
    return [
        tuple(round(float(v), 9) if isinstance(v, int | float | Decimal) else v for v in row)
        for row in connection.execute(sql).fetchall()
    ]


def added(rows: Sequence[Sale]) -> float | None:
    known = [row.amount for row in rows if row.amount is not None]
    return float(sum(known)) if known else None


def over(part: float | None, whole: float | None) -> float | None:
    return round(part / whole, 9) if part is not None and whole is not None and whole > 0 else None


def less(now: float | None, then: float | None) -> float | None:
    return now - then if now is not None and then is not None else None


def month(year: int, number: int) -> Window:
    following = date(year + number // 12, number % 12 + 1, 1)
    return Window(start=date(year, number, 1), end=following, text=f"{year}-{number:02}")


# -- changes


@some
@given(SALES_OF_SOME, st.sampled_from([2, 3, 4]))
def test_a_change_is_what_there_is_less_what_there_was(rows: list[Sale], number: int) -> None:
    asked = query(
        "sold[change from 1 month ago]",
        "sold[% change from 1 month ago]",
        by=("sales.region",),
        during=month(2025, number),
    )
    expected = {}
    for region in ("north", "south", None):
        mine = [row for row in rows if row.region == region]
        now, then = ([r for r in mine if r.day.month == at] for at in (number, number - 1))
        if now or then:
            difference = less(added(now), added(then))
            expected[region] = (difference, over(difference, added(then)))
    assert {region: tuple(rest) for region, *rest in answered(rows, asked)} == expected


@some
@given(SALES_OF_SOME)
def test_each_month_is_compared_with_the_month_before_it(rows: list[Sale]) -> None:
    found = answered(rows, query("rows_sold", "rows_sold[% change from 1 month ago]", by=("time:month",)))
    counts = {row.day.month: sum(r.day.month == row.day.month for r in rows) for row in rows}
    for day, now, grown in found:
        assert isinstance(day, date)
        before = counts.get(day.month - 1, 0)
        assert now == counts.get(day.month, 0)
        assert grown == (round((counts.get(day.month, 0) - before) / before, 9) if before else None)


def test_a_base_of_zero_or_below_gives_no_percentage() -> None:
    rows = [
        Sale(date(2025, 1, 5), "a", "shop", 0),
        Sale(date(2025, 1, 5), "b", "shop", -5),
        Sale(date(2025, 2, 5), "a", "shop", 7),
        Sale(date(2025, 2, 5), "b", "shop", 5),
        Sale(date(2025, 2, 5), "c", "shop", 5),
    ]
    asked = query(
        "sold[change from 1 month ago]",
        "sold[% change from 1 month ago]",
        by=("sales.region",),
        during=month(2025, 2),
    )
    assert answered(rows, asked) == [("a", 7.0, None), ("b", 10.0, None), ("c", None, None)]


def test_a_share_changes_by_percentage_points() -> None:
    rows = [
        Sale(date(2025, 1, 5), "a", "shop", 10),
        Sale(date(2025, 1, 5), "a", "home", 30),
        Sale(date(2025, 2, 5), "a", "shop", 20),
        Sale(date(2025, 2, 5), "a", "home", 20),
    ]
    asked = query("rate[change from 1 month ago]", "rate[% change from 1 month ago]", during=month(2025, 2))
    assert answered(rows, asked) == [(0.25, 1.0)]
    columns = resolve(LINKED, asked).columns
    assert [(one.format, one.unit) for one in columns] == [("percentage points", None), ("percent", None)]


def test_a_stock_is_compared_with_the_stock_of_the_month_before() -> None:
    rows = [Sale(date(2025, 1, 5), "a", "shop", 99), Sale(date(2025, 1, 20), "a", "shop", 10)]
    rows += [Sale(date(2025, 2, 3), "a", "shop", 1), Sale(date(2025, 2, 27), "a", "shop", 15)]
    asked = query("stock", "stock[change from 1 month ago]", during=month(2025, 2))
    assert answered(rows, asked) == [(15.0, 5.0)]


def test_what_grew_most_is_ordered_and_bounded_by_its_change() -> None:
    rows = [Sale(date(2025, m, 5), r, "shop", n) for m, r, n in [(1, "a", 10), (2, "a", 12), (1, "b", 1), (2, "b", 9)]]
    name = "sold[% change from 1 month ago]"
    asked = replace(query(name, by=("sales.region",), during=month(2025, 2)), order=(parse_order(f"-{name}"),), limit=1)
    assert answered(rows, asked) == [("b", 8.0)]
    asked = replace(query(name, by=("sales.region",), during=month(2025, 2)), where=(parse_filter(f"{name} < 0.5"),))
    assert answered(rows, asked) == [("a", 0.2)]


def test_the_receipt_says_both_periods_and_the_formula() -> None:
    plan = resolve(LINKED, query("sold[% change from 1 year ago]", during=month(2025, 2)))
    told = " ".join(plan.assumptions)
    assert "2025-02-01 to 2025-02-28, then 2024-02-01 to 2024-02-29, both included" in told
    assert "(now - then) / then" in told
    assert plan.metrics[0].definition == "(sold - sold[1 year ago]) / sold[1 year ago]"
    assert [use.name for use in plan.metrics if not use.is_asked] == ["sold"]


# -- shares


@some
@given(
    SALES_OF_SOME, st.sampled_from([(), ("sales.product = shop",)]), st.sampled_from([(), ("sales.region = north",)])
)
def test_a_share_is_the_part_of_what_there_is_over_every_value(
    rows: list[Sale], product: tuple[str, ...], region: tuple[str, ...]
) -> None:
    asked = query("sold", "net[share across sales.region]", by=("sales.region",))
    asked = replace(asked, where=tuple(map(parse_filter, (*product, *region))))
    kept = [row for row in rows if not product or row.product == "shop"]

    def net(of: Sequence[Sale]) -> float | None:
        every, shops = added(of), added([row for row in of if row.product == "shop"])
        return 2 * every - shops if every is not None and shops is not None else None

    expected = {}
    for name in {row.region for row in kept}:
        mine = [row for row in kept if row.region == name]
        if not region or name == "north":
            expected[name] = (added(mine), over(net(mine), net(kept)))
    assert {name: tuple(rest) for name, *rest in answered(rows, asked)} == expected


@some
@given(SALES_OF_SOME)
def test_a_share_of_one_value_needs_no_breakdown(rows: list[Sale]) -> None:
    asked = replace(query("rows_sold[share across sales.region]"), where=(parse_filter("sales.region = north"),))
    north = sum(row.region == "north" for row in rows)
    assert answered(rows, asked) == [(round(north / len(rows), 9) if rows else None,)]


@some
@given(SALES_OF_SOME)
def test_a_share_is_within_what_else_is_broken_down(rows: list[Sale]) -> None:
    asked = query("rows_sold[share across sales.region]", by=("time:month", "sales.region"), during=None)
    found: dict[object, float] = {}
    for day, _, share in answered(rows, asked):
        assert isinstance(share, float)
        found[day] = found.get(day, 0.0) + share
    assert all(abs(total - 1) < 1e-6 for total in found.values())
    assert len(found) == len({row.day.month for row in rows})


def test_the_top_of_a_list_keeps_its_share_of_everything() -> None:
    rows = [Sale(date(2025, 1, 5), region, "shop", amount) for region, amount in (("a", 60), ("b", 30), ("c", 10))]
    name = "sold[share across sales.region]"
    asked = replace(query("sold", name, by=("sales.region",)), order=(parse_order("-sold"),), limit=2)
    assert answered(rows, asked) == [("a", 60.0, 0.6), ("b", 30.0, 0.3)]
    bounded = replace(query("sold", name, by=("sales.region",)), where=(parse_filter(f"{name} >= 0.3"),))
    assert answered(rows, bounded) == [("a", 60.0, 0.6), ("b", 30.0, 0.3)]


def test_a_rule_hides_the_same_rows_from_the_part_and_the_whole() -> None:
    rows = [Sale(date(2025, 1, 5), "a", "shop", 10), Sale(date(2025, 1, 5), "b", "shop", 30)]
    rows.append(Sale(date(2025, 1, 5), "b", "home", 60))
    asked = query("sold[share across sales.region]", by=("sales.region",))
    assert answered(rows, asked, hidden="sales.product = 'shop'") == [("a", 0.25), ("b", 0.75)]
    one = replace(query("sold[share across sales.region]"), where=(parse_filter("sales.region = a"),))
    assert answered(rows, one, hidden="sales.product = 'shop'") == [(0.25,)]


def test_a_masked_field_is_no_part_to_pick() -> None:
    mask = ColumnMask(column="sales.region", kind=MaskKind.CONSTANT, rules=("r",))
    one = replace(query("sold[share across sales.region]"), where=(parse_filter("sales.region = a"),))
    plan = resolve(LINKED, one)
    with pytest.raises(RequestError) as caught:
        compile_sql(LINKED, plan, masks=(mask,))
    assert caught.value.diagnostics[0].code == codes.MASKED


def test_a_whole_of_nothing_gives_no_share() -> None:
    rows = [Sale(date(2025, 1, 5), "a", "shop", 10), Sale(date(2025, 1, 5), "b", "shop", -10)]
    assert answered(rows, query("sold[share across sales.region]", by=("sales.region",))) == [("a", None), ("b", None)]


def test_one_metric_is_a_share_of_another_that_it_is_a_part_of() -> None:
    rows = [Sale(date(2025, 1, 5), "a", "shop", 10), Sale(date(2025, 1, 6), "a", "home", 30)]
    rows.append(Sale(date(2025, 1, 6), "a", "home", None))
    asked = query("sold_to_shops[share of sold]", "rows_known[share of rows_sold]")
    assert answered(rows, asked) == [(0.25, round(2 / 3, 9))]


def test_who_asks_for_a_share_of_another_metric_asks_for_that_metric() -> None:
    plan = resolve(LINKED, query("sold_to_shops[share of sold]"))
    assert [use.name for use in plan.metrics if use.is_asked] == ["sold_to_shops[share of sold]", "sold"]


# -- what has no meaning


REFUSED = [
    (query("mean[share across sales.region]", by=("sales.region",)), "does not add up"),
    (query("buyers[share across sales.region]", by=("sales.region",)), "does not add up"),
    (query("rate[share across sales.region]", by=("sales.region",)), "does not add up"),
    (query("stock[share across sales.region]", by=("sales.region",)), "does not add up"),
    (query("sold_7d[share across sales.region]", by=("sales.region",)), "does not add up"),
    (query("sold[1 month ago][share across sales.region]", by=("sales.region",)), "does not add up"),
    (query("sold[share across sales.region][1 month ago]", by=("sales.region",)), "shifts"),
    (query("sold[share across sales.region]"), "neither breaks it down nor filters it"),
    (query("sold[share across sales.region]", by=("sales.product",)), "neither breaks it down"),
    (query("sold[share of sold_to_shops]"), "not known to be a part"),
    (query("sold[share of sold]"), "not known to be a part"),
    (query("mean[share of mean]"), "not known to be a part"),
    (query("sold[share of]", by=("sales.region",)), "neither a change nor a share"),
    (query("sold[% change]", during=month(2025, 2)), "neither a change nor a share"),
    (query("sold[% change from 1 month ago][change from 1 month ago]", during=month(2025, 2)), "already"),
    (query("sold[% change from 1 month ago]"), "nothing says which"),
    (
        query("sold[% change from 1 month ago]", during=Window(start=date(2025, 1, 1), end=None, text="since")),
        "nothing says which",
    ),
    (
        query("sold[change from 1 month ago]", during=Window(start=date(2025, 1, 1), end=date(2025, 4, 1), text="Q1")),
        "overlap",
    ),
    (query("sold[change from 1 month ago]", by=("time:year",)), "overlaps"),
    (query("sold[change from 1 month ago]", by=("sales.day:quarter",)), "overlaps"),
    (query("latest[change from 1 month ago]", during=month(2025, 2)), "is no number"),
]


@pytest.mark.parametrize(("asked", "said"), REFUSED)
def test_what_has_no_meaning_is_refused(asked: Query, said: str) -> None:
    with pytest.raises(RequestError) as caught:
        resolve(LINKED, asked)
    assert said in caught.value.diagnostics[0].what


def test_a_share_across_a_filtered_day_by_month_is_refused() -> None:
    asked = replace(
        query("sold[share across sales.day]", by=("sales.day:month",)), where=(parse_filter("sales.day > 2025-01-15"),)
    )
    with pytest.raises(RequestError) as caught:
        resolve(LINKED, asked)
    assert "no whole" in caught.value.diagnostics[0].what


def test_equal_questions_have_equal_digests_and_others_have_not() -> None:
    digests = [
        resolve(LINKED, replace(query(name, by=("sales.region", "sales.product")), where=where)).digest
        for name in ("sold[share across sales.region]", "sold[share across  region]", "sold[share across product]")
        for where in ((), (parse_filter("sales.region = a"),))
    ]
    assert digests[0] == digests[2]
    assert digests[1] == digests[3]
    assert len(set(digests)) == 4


def test_a_period_within_a_month_is_compared_with_the_same_days() -> None:
    rows = [Sale(date(2025, 1, 1) + timedelta(days=at), "a", "shop", 1) for at in range(59)]
    days = Window(start=date(2025, 2, 1), end=date(2025, 2, 11), text="days")
    assert answered(rows, query("sold", "sold[change from 1 month ago]", during=days)) == [(10.0, 0.0)]
    assert parse_by("time:month").grain is not None
