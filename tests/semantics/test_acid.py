"""Every function of the portable table, on DuckDB and on PostgreSQL, against values worked out by hand.

A case is an expression as a project writes it, the columns it reads (all others are NULL) and what it must give. The
PostgreSQL database has another collation rule, another session zone and other formats than ours; none of it may show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pytest

from adapters.warehouses.sites import postgres_settings
from loadline.adapters.warehouses.postgres import open_postgres
from loadline.errors import OutsideError
from loadline.semantics import Linked, compile_sql, link, resolve
from loadline.semantics.dialects import DIALECTS, literal
from loadline.semantics.nodes import Call, Node, call
from loadline.semantics.typed import literal as typed_literal
from loadline.semantics.writer import write
from loadline.testing.warehouses import fetch
from loadline.values.model import Calendar
from postgres_server import Server
from semantics.oracle_world import fetch as fetch_duckdb
from semantics.shop import dataset, metric, model, query

Run = Callable[[str], list[tuple[object, ...]]]

COLUMNS = {
    "id": "BIGINT",
    "n": "BIGINT",
    "m": "BIGINT",
    "d": "DECIMAL(12,2)",
    "f": "DOUBLE PRECISION",
    "s": "VARCHAR",
    "u": "VARCHAR",
    "day": "DATE",
    "other": "DATE",
    "at": "TIMESTAMPTZ",
    "till": "TIMESTAMPTZ",
    "clock": "TIMESTAMP",
    "york": "TIMESTAMP",
    "yes": "BOOLEAN",
    "no": "BOOLEAN",
}
CONTRACT = (
    "id:integer n:integer m:integer d:number f:number s:string u:string day:date other:date at:zoned till:zoned"
    " clock:timestamp york:America/New_York yes:boolean no:boolean"
)


@dataclass(frozen=True)
class Case:
    expr: str
    gives: object
    row: Mapping[str, object]


def case(expr: str, gives: object, **row: object) -> Case:
    return Case(expr, gives, row)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


LEAP, NEW_YEAR = date(2024, 2, 29), date(2025, 1, 1)
D = Decimal
YES, NO = True, False

CASES = (
    # arithmetic
    case("n + m", -4, n=-7, m=3),
    case("n + m", None, n=-7),
    case("n - m", -10, n=-7, m=3),
    case("n - (m - d)", D("-2.50"), n=1, m=5, d=D("1.50")),
    case("n * d", D("-7.70"), n=-7, d=D("1.10")),
    case("n / m", D("3.5"), n=7, m=2),
    case("n / m", D("-3.5"), n=-7, m=2),
    case("n / m", None, n=7, m=0),
    case("d / m", D("2.675"), d=D("5.35"), m=2),
    case("n / 2 / m", D("1.75"), n=7, m=2),
    case("n / (m / 2)", D("7"), n=7, m=2),
    case("f / d", D("0.25"), f=0.5, d=D("2.00")),
    case("n % m", -1, n=-7, m=3),
    case("n % m", 1, n=7, m=-3),
    case("n % m", None, n=7, m=0),
    case("d % m", D("-1.50"), d=D("-7.50"), m=2),
    case("f % m", D("1.5"), f=7.5, m=2),
    case("f % m", None, f=7.5, m=0),
    case("-n", 7, n=-7),
    case("-(-d)", D("1.10"), d=D("1.10")),
    case("abs(n)", 7, n=-7),
    case("abs(d)", D("0.01"), d=D("-0.01")),
    # rounding: halves away from zero
    case("round(d)", 3, d=D("2.50")),
    case("round(d)", -3, d=D("-2.50")),
    case("round(d, 1)", D("0.3"), d=D("0.25")),
    case("round(d, 1)", D("-0.3"), d=D("-0.25")),
    case("round(f)", 1, f=0.5),
    case("round(f)", 3, f=2.5),
    case("round(f)", -3, f=-2.5),
    case("round(n, -2)", 1300, n=1250),
    case("round(n)", 9007199254740993, n=9007199254740993),
    case("floor(d)", -2, d=D("-1.50")),
    case("ceil(d)", -1, d=D("-1.50")),
    case("floor(f)", -2, f=-1.5),
    case("floor(n)", -7, n=-7),
    case("ceil(n)", -7, n=-7),
    # comparisons: texts by code point, whatever the collation
    case("n = m", YES, n=1, m=1),
    case("n <> m", None, n=1),
    case("n <= d", YES, n=1, d=D("1.00")),
    case("s < u", YES, s="B", u="a"),
    case("s <= u", NO, s="ä", u="z"),
    case("s > u", YES, s="ä", u="z"),
    case("s >= u", NO, s="", u="a"),
    case("s = u", NO, s="a", u="a "),
    case("s = u", NO, s="a", u="A"),
    case("s between 'A' and 'Z'", NO, s="a"),
    case("day between '2024-02-28' and '2024-03-01'", YES, day=LEAP),
    case("clock < at", YES, clock=local("2025-07-01 01:59:59"), at=utc("2025-07-01 00:00")),
    # logic with what is not known
    case("yes and no", NO, no=False),
    case("yes and no", None, yes=True),
    case("yes or no", YES, yes=True),
    case("yes or no", None, no=False),
    case("not (yes or no)", None, no=False),
    case("n is null", YES),
    case("n is not null", NO),
    case("s in ('a', 'b')", None),
    case("s in ('a', 'b')", NO, s="c"),
    case("not s in ('a', 'b')", YES, s="c"),
    case("case when n > 0 then 'up' when n < 0 then 'down' end", None, n=0),
    case("case when n > 0 then n else d end", D("0.50"), d=D("0.50")),
    case("case when n > 0 then 'up' else s end", "x", s="x"),
    case("coalesce(s, u, 'none')", "none"),
    case("coalesce(n, d)", D("1.50"), d=D("1.50")),
    case("nullif(n, 0)", None, n=0),
    case("nullif(s, '')", "x", s="x"),
    case("least(n, m)", 3, m=3),
    case("greatest(n, m)", None),
    case("least(n, d)", D("0.50"), n=1, d=D("0.50")),
    case("least(s, u)", "B", s="a", u="B"),
    case("greatest(s, u)", "ä", s="z", u="ä"),
    case("greatest(day, other)", NEW_YEAR, day=LEAP, other=NEW_YEAR),
    # texts
    case("s || u", "ab", s="a", u="b"),
    case("s || u", None, s="a"),
    case("concat(s, '-', u)", "-", s="", u=""),
    case("upper(s)", "ABC 1", s="aBc 1"),
    case("lower(s)", "abc 1", s="aBC 1"),
    case("trim(s)", "x\t", s="  x\t "),
    case("length(s)", 3, s="日本🚢"),
    case("length(s)", 0, s=""),
    case("substr(s, 2, 2)", "本🚢", s="日本🚢"),
    case("substr(s, 2)", "", s="a"),
    case("substr(s, 0)", "abc", s="abc"),
    case("substr(s, -2)", "bc", s="abc"),
    case("substr(s, -2, 1)", "b", s="abc"),
    case("substr(s, n)", "abc", s="abc", n=-5),
    case("substr(s, n, m)", "b", s="abc", n=2, m=1),
    case("replace(s, 'a', '')", "bnn", s="banana"),
    case("replace(s, u, 'x')", "abc", s="abc", u=""),
    case("contains(s, '%')", YES, s="50%"),
    case("contains(s, '_')", NO, s="ab"),
    case("contains(s, u)", YES, s="abc", u=""),
    case("contains(s, u)", None, s="abc"),
    case("starts_with(s, u)", NO, s="abc", u="A"),
    case("starts_with(s, '%')", NO, s="abc"),
    case("s like 'a%'", YES, s="a\nb"),
    case("s like 'a_c'", YES, s="a%c"),
    case("s like '_'", YES, s="🚢"),
    case("s like 'A%'", NO, s="abc"),
    case("s like ''", YES, s=""),
    case("s = 'it''s \\ \"quoted\"'", YES, s='it\'s \\ "quoted"'),
    # from one type to another
    case("cast(n as string)", "-7", n=-7),
    case("cast(yes as string)", "true", yes=True),
    case("cast(day as string)", "2024-02-29", day=LEAP),
    case("cast(s as integer)", -12, s=" -12 "),
    case("cast(d as integer)", -2, d=D("-2.70")),
    case("cast(d as integer)", 2, d=D("2.50")),
    case("cast(f as integer)", -2, f=-2.7),
    case("cast(yes as integer)", 1, yes=True),
    case("cast(s as number)", D("0.001"), s="1e-3"),
    case("cast(s as number)", None),
    case("cast(s as integer)", None),
    case("cast(n as number) / m", D("0.5"), n=1, m=2),
    case("cast(s as boolean)", NO, s="false"),
    case("cast(s as date)", LEAP, s="2024-02-29"),
    case("cast(s as date)", LEAP, s="2024-2-29"),
    case("cast(s as timestamp)", local("2024-02-29 23:59:59.5"), s="2024-02-29 23:59:59.5"),
    case("cast(day as timestamp)", local("2024-02-29"), day=LEAP),
    case("cast(clock as date)", LEAP, clock=local("2024-02-29 23:59:59.999999")),
    case("cast(at as date)", date(2024, 3, 1), at=utc("2024-02-29 23:00")),
    # parts: ISO weeks and weekdays, on the clock of Berlin
    case("extract(year from at)", 2025, at=utc("2024-12-31 23:30")),
    case("extract(quarter from day)", 1, day=LEAP),
    case("extract(month from day)", 2, day=LEAP),
    case("extract(week from day)", 1, day=date(2024, 12, 30)),
    case("extract(week from day)", 53, day=date(2021, 1, 3)),
    case("extract(weekday from day)", 7, day=date(2021, 1, 3)),
    case("extract(weekday from day)", 1, day=date(2024, 12, 30)),
    case("extract(yearday from day)", 366, day=date(2024, 12, 31)),
    case("extract(day from at)", 1, at=utc("2024-12-31 23:30")),
    case("extract(hour from at)", 0, at=utc("2024-12-31 23:30")),
    case("extract(minute from at)", 30, at=utc("2024-12-31 23:30")),
    case("extract(second from clock)", 59, clock=local("2024-12-31 23:30:59.999999")),
    case("hour(day)", 0, day=LEAP),
    # clock changes
    case("hour(at)", 1, at=utc("2025-03-30 00:59:59")),
    case("hour(at)", 3, at=utc("2025-03-30 01:00")),
    case("hour(at)", 2, at=utc("2025-10-26 00:30")),
    case("hour(at)", 2, at=utc("2025-10-26 01:30")),
    case("hour(york)", 8, york=local("2025-03-09 03:30")),  # Berlin has no summer time yet
    case("hour(york)", 8, york=local("2025-03-09 02:30")),  # a time that New York's clock never showed
    case("hour(york)", 7, york=local("2025-11-02 01:30")),  # a time it showed twice: the second
    case("york = at", YES, york=local("2025-07-01 08:00"), at=utc("2025-07-01 12:00")),
    # buckets
    case("date_trunc('day', at)", date(2025, 3, 30), at=utc("2025-03-29 23:00")),
    case("date_trunc('week', day)", date(2024, 12, 30), day=NEW_YEAR),
    case("date_trunc('week', day)", date(2020, 12, 28), day=date(2021, 1, 3)),
    case("date_trunc('month', clock)", date(2024, 2, 1), clock=local("2024-02-29 23:59:59.999999")),
    case("date_trunc('quarter', at)", date(2025, 1, 1), at=utc("2024-12-31 23:00")),
    case("date_trunc('year', day)", date(2024, 1, 1), day=LEAP),
    case("date_trunc('fiscal_quarter', day)", date(2024, 11, 1), day=date(2025, 1, 31)),
    case("date_trunc('fiscal_year', day)", date(2024, 2, 1), day=date(2025, 1, 31)),
    case("date_trunc('hour', clock)", local("2024-02-29 23:00"), clock=local("2024-02-29 23:59:59.999999")),
    case("date_trunc('minute', at)", local("2025-03-30 03:15"), at=utc("2025-03-30 01:15:59")),
    case("date_trunc('second', clock)", local("2024-02-29 23:59:59"), clock=local("2024-02-29 23:59:59.999999")),
    case("date_trunc('millisecond', clock)", local("2024-02-29 23:59:59.1"), clock=local("2024-02-29 23:59:59.1009")),
    # distances: boundaries crossed
    case("date_diff('day', day, other)", 307, day=LEAP, other=NEW_YEAR),
    case("date_diff('day', at, till)", 1, at=utc("2025-03-29 22:59"), till=utc("2025-03-29 23:00")),
    case("date_diff('week', day, other)", 1, day=date(2025, 1, 5), other=date(2025, 1, 6)),
    case("date_diff('week', day, other)", 0, day=date(2025, 1, 6), other=date(2025, 1, 12)),
    case("date_diff('week', day, other)", -1, day=date(2025, 1, 6), other=date(2025, 1, 5)),
    case("date_diff('week', day, other) * 2", 2, day=date(1969, 12, 28), other=date(1969, 12, 29)),
    case("date_diff('month', day, other)", 11, day=LEAP, other=NEW_YEAR),
    case("date_diff('month', day, other)", -11, day=NEW_YEAR, other=LEAP),
    case("date_diff('quarter', day, other)", 1, day=date(2024, 12, 31), other=NEW_YEAR),
    case("date_diff('year', day, other)", 1, day=date(2024, 12, 31), other=NEW_YEAR),
    case("date_diff('hour', at, till)", 23, at=utc("2025-03-29 23:00"), till=utc("2025-03-30 22:00")),
    case("date_diff('hour', clock, at)", 0, clock=local("2025-07-01 02:00"), at=utc("2025-07-01 00:59")),
    case("date_diff('hour', day, other)", 24, day=date(2024, 12, 31), other=NEW_YEAR),
    case("date_diff('minute', clock, cast('2025-01-01' as timestamp))", 1, clock=local("2024-12-31 23:59:59.9")),
    case("date_diff('second', at, till)", -1, at=utc("2025-01-01 00:00:01"), till=utc("2025-01-01 00:00:00.9")),
    case("day + 1", LEAP, day=date(2024, 2, 28)),
    case("day - n", date(2024, 2, 28), day=LEAP, n=1),
    case("day + n * 2", date(2024, 3, 2), day=LEAP, n=1),
    case("other - day", 307, day=LEAP, other=NEW_YEAR),
)  # fmt: skip

REFUSED = (
    case("cast(s as integer)", None, s="abc"),
    case("cast(s as integer)", None, s="12.7"),
    case("cast(s as integer)", None, s="1e3"),
    case("cast(s as integer)", None, s="0x10"),
    case("cast(s as integer)", None, s="1_000"),
    case("cast(s as integer)", None, s=""),
    case("cast(s as number)", None, s="0x10"),
    case("cast(s as number)", None, s="1,5"),
    case("cast(s as date)", None, s="today"),
    case("cast(s as date)", None, s="03/04/2025"),
    case("cast(s as date)", None, s="2025-02-29"),
    case("cast(s as timestamp)", None, s="now"),
    case("cast(s as boolean)", None, s="maybe"),
    case("n + 1", None, n=9223372036854775807),
)

EVERY = (*CASES, *REFUSED)

AGGREGATES = (  # over the rows of GROUPS
    ("count(g)", [4, 1, 1]),
    ("count(g.v)", [3, 0, 1]),
    ("count(distinct g.v)", [2, 0, 1]),
    ("sum(g.v)", [D("3.05"), None, D("-0.05")]),
    ("sum(g.n)", [6, None, 9007199254740991]),
    ("avg(g.n)", [2, None, 9007199254740991]),
    ("avg(g.v)", [D("1.016666666666667"), None, D("-0.05")]),
    ("min(g.s)", ["B", None, ""]),
    ("max(g.s)", ["ä", None, ""]),
    ("min(g.day)", [LEAP, None, NEW_YEAR]),
    ("median(g.v)", [1, None, D("-0.05")]),
    ("median(g.n)", [2, None, 9007199254740991]),
    ("percentile(g.v, 0.25)", [1, None, D("-0.05")]),
    ("percentile(g.v, 0.9)", [D("1.04"), None, D("-0.05")]),
    ("sum(g.v) / count(g)", [D("0.7625"), None, D("-0.05")]),
    ("sum(case when g.n > 1 then g.v end)", [D("2.05"), None, D("-0.05")]),
    ("max(case when g.n > 1 then g.s end)", ["ä", None, ""]),
)
GROUPS = (
    (1, D("1.00"), 1, "a", LEAP),
    (1, D("1.00"), 2, "ä", NEW_YEAR),
    (1, D("1.05"), 3, "B", NEW_YEAR),
    (1, None, None, None, None),
    (2, None, None, None, None),
    (3, D("-0.05"), 9007199254740991, "", NEW_YEAR),
)


def linked() -> Linked:
    rows = dataset("t", CONTRACT, **{f"case_{at}": found.expr for at, found in enumerate(EVERY)})
    groups = dataset("g", "k:integer v:number n:integer s:string day:date")
    metrics = tuple(metric(f"measure_{at}", expr) for at, (expr, _) in enumerate(AGGREGATES))
    return link(
        model(rows, groups, metrics=metrics, calendar=Calendar(timezone="Europe/Berlin", fiscal_year_starts=(2, 1)))
    )


LINKED = linked()


def filling() -> str:
    """SQL that both engines read alike."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    rows = [{"id": at, **found.row} for at, found in enumerate(EVERY)]
    values = ",\n".join(f"({', '.join(written(row.get(name)) for name in COLUMNS)})" for row in rows)
    groups = ", ".join(f"({', '.join(map(written, row))})" for row in GROUPS)
    return (
        f"CREATE SCHEMA shop; CREATE TABLE shop.t ({columns}); INSERT INTO shop.t VALUES {values}; "
        f"CREATE TABLE shop.g (k BIGINT, v DECIMAL(12,2), n BIGINT, s VARCHAR, day DATE); "
        f"INSERT INTO shop.g VALUES {groups}"
    )


def written(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


@pytest.fixture(scope="module")
def duck() -> Iterator[Run]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(filling())
        yield lambda sql: list(fetch_duckdb(connection, sql))


@pytest.fixture(scope="module")
def postgres(postgres_server: Server) -> Iterator[Run]:
    name = postgres_server.new_linguistic_database()
    url = postgres_server.url(name)
    with psycopg.connect(url) as connection:
        connection.execute(filling())
        for setting in ("TimeZone = 'Asia/Kathmandu'", "DateStyle = 'SQL, DMY'", "extra_float_digits = -15"):
            connection.execute(f"ALTER DATABASE {name} SET {setting}")
    warehouse = open_postgres(postgres_settings(), {"DATABASE_URL": url})
    yield lambda sql: list(fetch(warehouse, sql))
    warehouse.close()
    postgres_server.drop_database(name)


@pytest.fixture(params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest) -> tuple[str, Run]:
    return request.param, request.getfixturevalue({"duckdb": "duck"}.get(request.param, request.param))


def sql_of(at: int, dialect: str) -> str:
    asked = query(by=(f"t.case_{at}",), where=(f"t.id = {at}",))
    return compile_sql(LINKED, resolve(LINKED, asked), dialect=dialect).sql


def named(found: Case) -> str:
    return f"{found.expr}, {' '.join(f'{k}={v}' for k, v in found.row.items())}"


@pytest.mark.parametrize("at", range(len(CASES)), ids=[named(found) for found in CASES])
def test_a_function_gives_what_was_worked_out_by_hand(engine: tuple[str, Run], at: int) -> None:
    dialect, run = engine
    sql = sql_of(at, dialect)
    ((found,),) = run(sql)
    assert alike(found) == alike(CASES[at].gives), sql


@pytest.mark.parametrize("at", range(len(CASES), len(EVERY)), ids=[named(found) for found in REFUSED])
def test_a_value_that_does_not_fit_is_an_error_on_both(engine: tuple[str, Run], at: int) -> None:
    dialect, run = engine
    with pytest.raises((OutsideError, duckdb.Error)):
        run(sql_of(at, dialect))


@pytest.mark.parametrize("at", range(len(AGGREGATES)), ids=[expr for expr, _ in AGGREGATES])
def test_an_aggregate_gives_what_was_worked_out_by_hand(engine: tuple[str, Run], at: int) -> None:
    dialect, run = engine
    asked = query(f"measure_{at}", by=("g.k",))
    sql = compile_sql(LINKED, resolve(LINKED, asked), dialect=dialect).sql
    assert [alike(value) for _, value in run(sql)] == [alike(value) for value in AGGREGATES[at][1]], sql


NOT_OF_FIELDS = frozenset({"add_months_time", "add_seconds", "own_grain", "looked_up", "hashed"})
"""Functions that only a shift in time uses, and looks into other tables; and what only a mask shows."""


def test_every_function_that_a_project_can_write_is_among_the_cases() -> None:
    used = {name for at in range(len(CASES)) for name in calls_in(LINKED.catalog.field("t", f"case_{at}"))}
    for dialect in DIALECTS.values():
        assert set(dialect.functions) - used - NOT_OF_FIELDS == set(), dialect.name


def test_both_engines_have_the_same_functions() -> None:
    assert set(DIALECTS["duckdb"].functions) <= set(DIALECTS["postgres"].functions)


MOMENT = local("2024-02-29 23:59:30")
MOVED = (
    ("add_months", LEAP, 12, date(2025, 2, 28)),
    ("add_months", LEAP, -1, date(2024, 1, 29)),
    ("add_months_time", MOMENT, 12, local("2025-02-28 23:59:30")),
    ("add_seconds", MOMENT, 90, local("2024-03-01 00:01:00")),
    ("add_seconds", MOMENT, -86_400, local("2024-02-28 23:59:30")),
)


@pytest.mark.parametrize(("name", "start", "count", "gives"), MOVED, ids=[f"{name} {n}" for name, _, n, _ in MOVED])
def test_a_moment_is_moved_in_the_calendar(
    engine: tuple[str, Run], name: str, start: date, count: int, gives: date
) -> None:
    dialect, run = engine
    if name not in DIALECTS[dialect].functions:
        pytest.skip(f"nothing asks {dialect} for it")
    node = call(name, typed_literal(start), typed_literal(count), kind=typed_literal(start).kind)
    tree = DIALECTS[dialect].functions[name](node, [literal(typed_literal(start)), literal(typed_literal(count))])
    ((found,),) = run(f"SELECT {write(tree, dialect)} AS moved")
    assert found == gives


def calls_in(node: Node) -> Iterator[str]:
    if isinstance(node, Call):
        yield node.name
        for arg in node.args:
            yield from calls_in(arg)


def alike(value: Any) -> object:
    """Numbers by value, to fifteen digits; everything else as it is."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal | float):
        exact = Decimal(str(value))
        return exact if exact == exact.to_integral_value() else round(exact, 12).normalize()
    return value
