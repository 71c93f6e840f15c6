"""Every promise counted in one pass gives what looping over the rows gives: on DuckDB, SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.live import rows as naive
from checks.live.engines import (
    HERE,
    Engine,
    column,
    on_duckdb,
    on_postgres,
    on_sqlite,
    runs,
    subject,
    table,
)
from loadline.checks import data
from loadline.checks.data import counting
from loadline.values.contract import (
    Bound,
    ContractTable,
    Limit,
    Must,
    QualityRule,
    Reference,
    RuleKind,
    Scope,
)
from loadline.values.promise import Broken, Kept, NotRun, PromiseRun

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXTS = ("", "a", "B1", "B22", "ß", "N/A", "line\nbreak", "e\u0301", "x-1")
Rows = list[tuple[Any, ...]]


def rule(metric: str, columns: tuple[str, ...] = (), **more: Any) -> QualityRule:
    limit = more.pop("limit", Limit(must=Must.BE, values=(0,)))
    return QualityRule(
        name=metric, kind=RuleKind.LIBRARY, columns=columns, metric=metric, limit=limit, place=HERE, **more
    )


LOOKUP = table("lookup", column("code", "string"))
CODES = [("a",), ("B1",), (None,), ("ß",)]


def shaped(low: int, high: int, exclusive: bool) -> ContractTable:
    return table(
        "t",
        column("id", "integer", key_position=1, is_required=True),
        column(
            "n",
            "integer",
            minimum=Bound(value=Decimal(low), is_exclusive=exclusive),
            maximum=Bound(value=Decimal(high)),
            is_unique=True,
            multiple_of=Decimal(2),
        ),
        column(
            "s",
            "string",
            allowed=("a", "B1", "B22"),
            pattern=r"^[A-Z]\d+$",
            least_length=1,
            most_length=2,
            references=(Reference(columns=("s",), to_table="lookup", to_columns=("code",), place=HERE),),
            rules=(
                rule("nullValues", ("s",)),
                rule("missingValues", ("s",), values=(None, "", "N/A")),
                rule("invalidValues", ("s",), values=("a", "ß")),
                rule("invalidValues", ("s",), values=("a", "ß"), pattern=r"^B\d"),
            ),
        ),
        rules=(
            rule("duplicateValues", ("n", "s")),
            rule("rowCount", limit=Limit(must=Must.BE_BETWEEN, values=(2, 5))),
        ),
    )


ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 6)),
        st.one_of(st.none(), st.integers(-3, 8)),
        st.one_of(st.none(), st.sampled_from(TEXTS)),
    ),
    max_size=9,
)


def expected(shape: ContractTable, rows: Rows) -> dict[str, naive.Naive]:
    of = [dict(zip(("id", "n", "s"), row, strict=True)) for row in rows]
    s = shape.columns["s"]
    return {
        "id: required": naive.has_value(of, "id"),
        "id: primary-key": naive.unique(of, ["id"]),
        "n: range": naive.of_values(of, "n", naive.in_range(shape.columns["n"])),
        "n: unique": naive.unique(of, ["n"]),
        "n: multiple-of": naive.of_values(of, "n", lambda value: value % 2 == 0),
        "s: enum": naive.of_values(of, "s", lambda value: value in s.allowed),
        "s: pattern": naive.of_values(of, "s", naive.matches(r"^[A-Z]\d+\Z")),
        "s: length": naive.of_values(of, "s", lambda value: 1 <= len(value) <= 2),
        "s: reference": naive.found(of, "s", [code for (code,) in CODES if code]),
        "s: nullValues": naive.has_value(of, "s"),
        "s: missingValues": naive.missing(of, "s", s.rules[1]),
        "s: invalidValues": naive.of_values(of, "s", lambda value: value in {"a", "ß"}),
        "s: invalidValues#2": naive.of_values(of, "s", lambda value: value in {"a", "ß", "B1", "B22"}),
        "n+s: duplicateValues": naive.unique(of, ["n", "s"]),
    }


def looked(engine: Engine, shape: ContractTable) -> dict[str, PromiseRun]:
    every = (subject(shape), subject(LOOKUP))
    setting = data.Setting(dialect=engine.dialect, now=NOW, zone="Europe/Berlin", version="v")
    return runs(engine.look(every[0], every, setting))


def agree(engine: Engine, shape: ContractTable, rows: Rows, *, but: Sequence[str] = ()) -> None:
    seen = looked(engine, shape)
    for name, wanted in expected(shape, rows).items():
        run = seen[name]
        if name in but:
            assert isinstance(run, NotRun), name
            continue
        assert isinstance(run, Kept | Broken), (name, run)
        found = (run.count, run.total) if isinstance(run, Broken) else (0, wanted.total)
        assert found == (wanted.broken, wanted.total), name
    count = seen["t: rowCount".removeprefix("t.")]
    assert isinstance(count, Kept if 2 <= len(rows) <= 5 else Broken)


@given(rows=ROWS, low=st.integers(-2, 3), high=st.integers(2, 8), exclusive=st.booleans())
@settings(max_examples=60)
def test_duckdb_counts_what_a_loop_counts(rows: Rows, low: int, high: int, exclusive: bool) -> None:
    shape = shaped(low, high, exclusive)
    agree(on_duckdb({shape_key(shape): rows, shape_key(LOOKUP): CODES}), shape, rows)


@given(rows=ROWS, low=st.integers(-2, 3), high=st.integers(2, 8), exclusive=st.booleans())
@settings(max_examples=30)
def test_sqlite_counts_what_a_loop_counts(rows: Rows, low: int, high: int, exclusive: bool) -> None:
    shape = shaped(low, high, exclusive)
    engine = on_sqlite({shape_key(shape): rows, shape_key(LOOKUP): CODES})
    agree(engine, shape, rows, but=["s: pattern", "s: invalidValues#2"])


def test_postgresql_counts_what_a_loop_counts(postgres_url: str) -> None:
    from psycopg import connect

    @given(rows=ROWS, low=st.integers(-2, 3), high=st.integers(2, 8), exclusive=st.booleans())
    @settings(max_examples=15)
    def holds(rows: Rows, low: int, high: int, exclusive: bool) -> None:
        shape = shaped(low, high, exclusive)
        with closing(connect(postgres_url)) as connection:
            agree(on_postgres(connection, {shape_key(shape): rows, shape_key(LOOKUP): CODES}), shape, rows)

    holds()


class shape_key:  # noqa: N801 - tables hold mappings, so they are no keys of a dict; this stands for one
    def __init__(self, of: ContractTable) -> None:
        self.name, self.columns = of.name, of.columns


@given(rows=ROWS, low=st.integers(-2, 3), high=st.integers(2, 8), exclusive=st.booleans())
@settings(max_examples=30)
def test_text_counted_value_by_value_is_text_counted_row_by_row(
    rows: Rows, low: int, high: int, exclusive: bool
) -> None:
    shape = shaped(low, high, exclusive)
    engine = on_duckdb({shape_key(shape): rows, shape_key(LOOKUP): CODES})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(counting, "PROBED", 0)  # every table is large enough
        agree(engine, shape, rows)
    assert any("loadline_rows" in sql for sql in engine.asked)


@given(keys=st.lists(st.one_of(st.none(), st.integers(-5, 12)), max_size=12))
@settings(max_examples=40)
def test_keys_counted_by_bits_are_those_counted_by_a_hash(keys: list[int | None]) -> None:
    shape = table("t", column("id", "integer", is_unique=True))
    rows = [(key,) for key in keys]
    of = [{"id": key} for key in keys]
    run = looked(on_duckdb({shape_key(shape): rows, shape_key(LOOKUP): CODES}), shape)["id: unique"]
    wanted = naive.unique(of, ["id"])
    if wanted.broken:
        assert isinstance(run, Broken)
        assert (run.count, run.total, run.keys) == (wanted.broken, wanted.total, naive.repeated(of, ["id"]))
    else:
        assert isinstance(run, Kept)


MUSTS = [
    (Must.BE, (2,), {2}),
    (Must.NOT_BE, (2,), {0, 1, 3}),
    (Must.BE_ABOVE, (1,), {2, 3}),
    (Must.BE_AT_LEAST, (2,), {2, 3}),
    (Must.BE_BELOW, (2,), {0, 1}),
    (Must.BE_AT_MOST, (2,), {0, 1, 2}),
    (Must.BE_BETWEEN, (1, 2), {1, 2}),
    (Must.NOT_BE_BETWEEN, (1, 2), {0, 3}),
]


@pytest.mark.parametrize(("must", "values", "kept"), MUSTS)
def test_each_form_of_must_be(must: Must, values: tuple[int, ...], kept: set[int]) -> None:
    limited = rule("nullValues", ("n",), limit=Limit(must=must, values=values))
    shape = table("t", column("n", "integer", rules=(limited,)))
    for nulls in range(4):
        engine = on_duckdb({shape_key(shape): [(None,)] * nulls + [(1,)]})
        assert isinstance(looked(engine, shape)["n: nullValues"], Kept if nulls in kept else Broken)


def test_percent_is_of_all_rows_for_nulls_and_of_rows_with_a_value_for_the_rest() -> None:
    half = Limit(must=Must.BE_AT_MOST, values=(50,))
    shape = table(
        "t",
        column(
            "s",
            "string",
            rules=(
                rule("nullValues", ("s",), limit=half, unit="percent"),
                rule("invalidValues", ("s",), values=("a",), limit=half, unit="percent"),
            ),
        ),
    )
    rows = [("a",), ("b",), ("b",), (None,), (None,), (None,)]
    seen = looked(on_duckdb({shape_key(shape): rows}), shape)
    assert isinstance(seen["s: nullValues"], Kept)  # 3 of 6
    invalid = seen["s: invalidValues"]  # 2 of the 3 with a value
    assert isinstance(invalid, Broken)
    assert (invalid.count, invalid.total) == (2, 3)
    assert "must be at most 50 percent" in invalid.what


def test_a_scope_and_a_tolerance_narrow_a_promise() -> None:
    scope = Scope(where="region <> 'west'", tolerance=Decimal("0.25"))
    shape = table("t", column("region", "string"), column("s", "string", is_required=True, scope=scope))
    rows = [("west", None), ("west", None), ("north", None), ("north", "a"), ("north", "a"), ("south", "a")]
    assert isinstance(looked(on_duckdb({shape_key(shape): rows}), shape)["s: required"], Kept)  # 1 of 4
    one_less = looked(on_duckdb({shape_key(shape): rows[:-1]}), shape)["s: required"]  # 1 of 3
    assert isinstance(one_less, Broken)
    assert one_less.what.startswith("where region <> 'west': 1 of 3 rows")
    none = Limit(must=Must.BE, values=(0,))
    rules = table(
        "t",
        column("region", "string"),
        column("s", "string", rules=(rule("nullValues", ("s",), limit=none, scope=scope),)),
    )
    assert isinstance(looked(on_duckdb({shape_key(rules): rows}), rules)["s: nullValues"], Kept)
    assert isinstance(looked(on_duckdb({shape_key(rules): rows[:-1]}), rules)["s: nullValues"], Broken)


def test_nothing_is_looked_at_of_a_measure_and_nothing_of_it_is_kept() -> None:
    shape = table("t", column("a", "string"), column("total", "number", is_measure=True, is_required=True))
    runs = looked(on_duckdb({shape_key(shape): [("x", None)]}), shape)
    assert isinstance(runs["total: columns-as-promised"], NotRun)
    assert isinstance(runs["total: required"], NotRun)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("region = ", "is not a condition"),
        ("1=1; drop table t", "is not"),
        ("1=1) or (select 1", "is not"),
        ("1=1 --", "a comment"),
    ],
)
def test_a_scope_that_is_no_condition_could_not_be_looked_at(where: str, why: str) -> None:
    shape = table("t", column("region", "string", is_required=True, scope=Scope(where=where)))
    run = looked(on_duckdb({shape_key(shape): [("a",)]}), shape)["region: required"]
    assert why in str(getattr(run, "why", ""))
    assert type(run).__name__ == "Unseen"


def test_one_promise_that_cannot_run_takes_no_other_with_it() -> None:
    scope = Scope(where="no_such_column = 1")
    shape = table("t", column("a", "string", is_required=True, scope=scope), column("b", "string", is_required=True))
    seen = looked(on_duckdb({shape_key(shape): [("a", None)]}), shape)
    assert type(seen["a: required"]).__name__ == "Unseen"
    assert isinstance(seen["b: required"], Broken)


def test_a_pass_over_a_table_is_one_statement() -> None:
    shape = shaped(0, 5, exclusive=False)
    engine = on_duckdb({shape_key(shape): [(1, 2, "B1"), (2, 4, "B22")], shape_key(LOOKUP): [("B1",), ("B22",)]})
    looked(engine, shape)
    few, first, *others = engine.asked
    assert "DISTINCT" in few  # a look at the first rows, whether a text column has few values
    assert all(f'"{name}"' in first for name in ("id", "n", "s"))
    assert (
        sum("AS loadline_n FROM" in sql and "loadline_breaks" not in sql for sql in others) == 1
    )  # the key of two columns
    assert sum("BITSTRING_AGG" in sql for sql in others) == 2  # the keys of one
    assert sum('"lookup"' in sql and "loadline_breaks" not in sql for sql in others) == 1


SQL_RULES: list[tuple[str, Callable[[PromiseRun], bool]]] = [
    ("SELECT COUNT(*) FROM ${table} WHERE ${column} > 1", lambda run: isinstance(run, Kept)),
    ("SELECT COUNT(*) FROM {object}", lambda run: isinstance(run, Broken)),
    ("SELECT MAX(n) FROM ${table} WHERE 1 = 0", lambda run: type(run).__name__ == "Unseen"),
    ("SELECT nonsense FROM ${table}", lambda run: type(run).__name__ == "Unseen"),
]


@pytest.mark.parametrize(("query", "is_right"), SQL_RULES)
def test_a_sql_rule_is_one_value_that_is_compared(query: str, is_right: Callable[[PromiseRun], bool]) -> None:
    asked = QualityRule(
        name="sql", kind=RuleKind.SQL, columns=("n",), query=query, limit=Limit(must=Must.BE, values=(1,)), place=HERE
    )
    shape = table("t", column("n", "integer", rules=(asked,)))
    run = looked(on_duckdb({shape_key(shape): [(1,), (2,)]}), shape)["n: sql"]
    assert is_right(run), run


def test_what_nobody_can_look_at_is_listed_and_never_kept() -> None:
    shape = table(
        "t",
        column("s", "string", unread=("format: password",), pattern="^(?!x)"),
        rules=(
            QualityRule(name="prose", kind=RuleKind.TEXT, description="is fine", place=HERE),
            QualityRule(name="soda", kind=RuleKind.CUSTOM, tool="soda", place=HERE),
        ),
    )
    seen = looked(on_duckdb({shape_key(shape): [("a",)]}), shape)
    not_run = {name for name, run in seen.items() if isinstance(run, NotRun)}
    assert not_run == {"s: format", "s: pattern", "t: text (prose)", "t: custom (soda)"}
