"""The portable function table: for each function and dialect, the form that means the same everywhere.

A form builds a SQLGlot tree from trees of its arguments. Nothing here is translated from one dialect to another:
a dialect that says a thing differently has its own entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlglot import exp

from loadline.semantics.bigquery import BIGQUERY
from loadline.semantics.forms import (
    COMMON,
    Dialect,
    Tree,
    add_days,
    as_written,
    bracketed,
    cast,
    func,
    function,
    given,
    literal,
    named_time,
    number,
    string,
    word,
)
from loadline.semantics.nodes import Call, Measure
from loadline.semantics.postgres import POSTGRES
from loadline.semantics.snowflake import SNOWFLAKE
from loadline.semantics.spark import DATABRICKS, SPARK
from loadline.semantics.trino import TRINO

__all__ = ["DIALECTS", "Dialect", "Tree", "bracketed", "cast", "func", "literal", "number", "string"]

# -- DuckDB

_DUCKDB_PARTS = {"weekday": "isodow", "yearday": "doy"}


def _duckdb_extract(call: Call, args: Sequence[Tree]) -> Tree:
    part = word(call, 0)
    return func("DATE_PART", string(_DUCKDB_PARTS.get(part, part)), args[1])


def _duckdb_trunc(_: Call, args: Sequence[Tree]) -> Tree:
    """Weeks begin on Monday. Gives a date from a date and a timestamp alike."""
    return cast(func("DATE_TRUNC", *args), "DATE")


def _duckdb_months(_: Call, args: Sequence[Tree]) -> Tree:
    return cast(exp.Add(this=bracketed(args[0], 5), expression=func("TO_MONTHS", args[1])), "DATE")


def _duckdb_date_diff(call: Call, args: Sequence[Tree]) -> Tree:
    """Boundaries crossed. DuckDB counts spans of seven days where it is asked for weeks."""
    if word(call, 0) != "week":
        return func("DATE_DIFF", *args)
    start, end = (func("DATE_TRUNC", string("week"), arg) for arg in args[1:])
    return exp.IntDiv(this=func("DATE_DIFF", string("day"), start, end), expression=number(7))


def _duckdb_integer(call: Call, args: Sequence[Tree]) -> Tree:
    """Towards zero: DuckDB's own cast rounds."""
    if call.args[0].kind.name == "number":
        return cast(func("TRUNC", args[0]), "BIGINT")
    return cast(as_written(call, args[0], "whole number"), "BIGINT")


def _duckdb_aggregate(measure: Measure, arg: Tree | None) -> Tree:
    match measure.name:
        case "count":
            return func("COUNT", arg if arg is not None else exp.Star())
        case "count_distinct":
            return func("COUNT", exp.Distinct(expressions=[arg]))
        case "median":
            # over DOUBLE: DuckDB interpolates decimals in their own scale, and loses the half
            return func("MEDIAN", cast(given(arg), "DOUBLE"))
        case "percentile":
            share = measure.share.value if measure.share else 0
            return func("QUANTILE_CONT", cast(given(arg), "DOUBLE"), exp.Literal(this=str(share), is_string=False))
        case "percentile_disc":
            share = measure.share.value if measure.share else 0
            return func("QUANTILE_DISC", given(arg), exp.Literal(this=str(share), is_string=False))
        case "approx_percentile":
            share = measure.share.value if measure.share else 0
            return func("APPROX_QUANTILE", cast(given(arg), "DOUBLE"), exp.Literal(this=str(share), is_string=False))
        case "approx_count_distinct":
            return func("APPROX_COUNT_DISTINCT", given(arg))
        case _:
            return func(measure.name.upper(), given(arg))


def _duckdb_seconds(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.Add(this=bracketed(args[0], 5), expression=func("TO_SECONDS", args[1]))


def _duckdb_months_time(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.Add(this=bracketed(args[0], 5), expression=func("TO_MONTHS", args[1]))


def _duckdb_series(low: Tree, high: Tree, unit: str) -> exp.Select:
    step = func(f"TO_{unit.upper()}S", number(1))
    times = func("UNNEST", func("GENERATE_SERIES", cast(low, "TIMESTAMP"), cast(high, "TIMESTAMP"), step))
    return exp.Select(expressions=[named_time(cast(times, "DATE" if unit == "day" else "TIMESTAMP"))])


DUCKDB = Dialect(
    name="duckdb",
    functions=MappingProxyType(
        {
            **COMMON,
            "extract": _duckdb_extract,
            "trunc": _duckdb_trunc,
            "trunc_time": lambda _, args: func("DATE_TRUNC", *args),
            "add_days": add_days,
            "add_months": _duckdb_months,
            "add_months_time": _duckdb_months_time,
            "add_seconds": _duckdb_seconds,
            "date_diff": _duckdb_date_diff,
            "at_zone": lambda _, args: func("TIMEZONE", args[1], cast(args[0], "TIMESTAMPTZ")),
            "from_zone": lambda _, args: func("TIMEZONE", args[1], cast(args[0], "TIMESTAMP")),
            "contains": function("CONTAINS"),
            "starts_with": function("STARTS_WITH"),
            "to_integer": _duckdb_integer,
        }
    ),
    aggregate=_duckdb_aggregate,
    series=_duckdb_series,
)

DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {form.name: form for form in (DUCKDB, POSTGRES, SNOWFLAKE, BIGQUERY, DATABRICKS, SPARK, TRINO)}
)
