"""The conscience has to be right itself: small tables, answers by hand, nothing compiled."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from loadline.values.model import Calendar
from loadline.values.query import Grain
from semantics.oracle_eval import value_of
from semantics.oracle_expr import Name, Value, parse
from semantics.oracle_paths import Refused
from semantics.oracle_time import bucket, local_day
from semantics.oracle_world import Measure, Table, World, ask, difference, only_rows, same_value


def value(text: str, **names: Value) -> Value:
    def lookup(name: Name) -> Value:
        return names[name.parts[-1]]

    return value_of(parse(text), lookup)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("8 / 4 / 2", 1),
        ("7 / 2", Decimal("3.5")),
        ("-2 * -3", 6),
        ("1 / 0", None),
        ("null + 1", None),
        ("not 1 = 2 and true", True),
        ("true or 1 = null", True),
        ("false or 1 = null", None),
        ("false and 1 = null", False),
        ("not (1 = null)", None),
        ("3 between 1 and 3 and 2 > 1", True),
        ("null in (1, 2)", None),
        ("3 not in (1, null)", None),
        ("1 in (1, null)", True),
        ("null is null", True),
        ("1 is not null", True),
        ("'it''s' || '!'", "it's!"),
        ("'a%c' like 'a%'", True),
        ("'abc' like 'a_c'", True),
        ("'a.c' like 'a_d'", False),
        ("coalesce(null, 2, 3)", 2),
        ("nullif(2, 2)", None),
        ("case when null then 1 when 2 > 1 then 2 end", 2),
        ("case 3 when 1 then 'a' else 'b' end", "b"),
        ("round(2.345, 2)", Decimal("2.35")),
        ("round(-2.5)", -3),
        ("floor(-1.5) + ceil(1.2)", 0),
        ("upper('zoë')", "ZOË"),
        ("substr('loadline', 1, 4)", "load"),
        ("date '2024-02-29' > '2024-02-28'", True),
        ("extract(quarter from date '2024-11-01')", 4),
        ("x * 2", 10),
    ],
)
def test_an_expression_means_what_sql_says(text: str, expected: Value) -> None:
    assert same_value(value(text, x=5), expected)


@pytest.mark.parametrize("text", ["1 +", "1 2", "a..b", "sum(", "'open", "a = ;"])
def test_what_is_no_expression_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        parse(text)


@pytest.mark.parametrize(
    ("zone", "value", "written_in", "day"),
    [
        ("Europe/Berlin", "2025-03-29T23:00:00+00:00", None, "2025-03-30"),
        ("America/New_York", "2025-01-01T04:59:59+00:00", None, "2024-12-31"),
        ("America/New_York", "2025-01-01T04:59:59", None, "2025-01-01"),
        ("America/New_York", "2025-01-01T04:59:59", "UTC", "2024-12-31"),
        ("Asia/Tokyo", "2025-01-01T20:00:00", "Europe/Berlin", "2025-01-02"),
    ],
)
def test_a_day_is_the_companys_day(zone: str, value: str, written_in: str | None, day: str) -> None:
    found = local_day(datetime.fromisoformat(value), written_in, Calendar(timezone=zone))
    assert found == date.fromisoformat(day)


def test_a_fiscal_quarter_that_starts_on_a_31st_ends_with_its_months() -> None:
    calendar = Calendar(fiscal_year_starts=(1, 31))
    starts = sorted(
        {bucket(date(2023, 1, 31).replace(month=m, day=28), Grain.FISCAL_QUARTER, calendar) for m in range(1, 13)}
    )
    assert starts == [date(2022, 10, 31), date(2023, 1, 31), date(2023, 4, 30), date(2023, 7, 31), date(2023, 10, 31)]


WORLD = World(
    Table("orders", {"id": "integer", "customer_id": "integer", "amount": "number", "on_date": "date"}, time="on_date",
          rows=[(1, 1, Decimal(5), date(2025, 1, 1)), (2, 9, None, None), (3, None, Decimal(2), date(2025, 2, 1))]),
    Table("customers", {"id": "integer", "name": "string"}, rows=[(1, "Ada"), (2, "Bo")], key=("id",)),
    Table("notes", {"body": "string"}),
    joins=["orders.customer_id -> customers.id"],
    metrics={
        "revenue": "sum(orders.amount)",
        "orders_counted": "count(orders)",
        "amounts_counted": "count(orders.amount)",
        "customers_counted": "count(customers)",
        "middle": "median(orders.amount)",
        "high": "percentile(orders.amount, 0.9)",
        "named": Measure("count(orders)", where="customers.name is not null"),
        "orders_per_customer": "orders_counted / customers_counted",
        "notes_counted": "count(notes)",
    },
)  # fmt: skip


def test_the_oracle_counts_by_hand() -> None:
    everything = ask("revenue", "orders_counted", "amounts_counted", "middle", "high", "named", "orders_per_customer")
    assert (
        difference(WORLD.expected(everything), [(7, 3, 2, Decimal("3.5"), Decimal("4.7"), 1, Decimal("1.5"))]) is None
    )
    by_name = ask("orders_counted", "customers_counted", by=["customers.name"])
    assert WORLD.expected(by_name) == [("Ada", 1, 1), ("Bo", 0, 1), (None, 2, 0)]


def test_the_oracle_orders_and_limits() -> None:
    query = ask("orders_counted", by=["orders.on_date:month"], order=["-orders.on_date:month"], limit=2)
    assert WORLD.expected(query) == [(date(2025, 2, 1), 1), (date(2025, 1, 1), 1)]


def test_the_oracle_refuses_what_has_no_one_answer() -> None:
    for query in (
        ask("customers_counted", by=["orders.id"]),
        ask("orders_counted", by=["notes.body"]),
        ask("customers_counted", by=["time:month"]),
        ask("customers_counted", during=("2025-01-01", None)),
        ask("orders_counted", by=["customers.name:month"]),
        ask("orders_counted", by=["id"]),
    ):
        with pytest.raises(Refused):
            WORLD.expected(query)
    with pytest.raises(Refused):
        WORLD.expected(ask("notes_counted"), only_rows(["customers.name = 'Ada'"]))


def test_a_difference_is_a_difference() -> None:
    assert difference([(1, None)], [(1, 0)]) is not None
    assert difference([(1,)], [(1,), (2,)]) is not None
    assert difference([(True,)], [(1,)]) is not None
    assert difference([("a", 1), ("b", 2)], [("b", 2), ("a", 1)]) is not None
    assert difference([(0.1 + 0.2,)], [(Decimal("0.3"),)]) is None
    assert difference([(datetime(2025, 1, 1),)], [(date(2025, 1, 1),)]) is not None  # noqa: DTZ001  # a wall clock
