"""The portable function table of Spark (3.5 and later) and Databricks.

The session's time zone is UTC, as the warehouse's adapter has to set it; a naive timestamp is a TIMESTAMP_NTZ, an
instant a TIMESTAMP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from sqlglot import exp

from loadline.semantics.forms import (
    COMMON,
    Dialect,
    Tree,
    as_written,
    bracketed,
    cast,
    counted,
    floating,
    func,
    function,
    given,
    named_time,
    number,
    regexp_like,
    share_of,
    string,
    within_group,
    word,
)
from loadline.semantics.nodes import Call, Measure

_PARTS = {"weekday": "dayofweek_iso", "yearday": "doy"}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}


def _extract(call: Call, args: Sequence[Tree]) -> Tree:
    part = word(call, 0)
    found = func("DATE_PART", string(_PARTS.get(part, part)), args[1])
    return cast(func("FLOOR", found), "BIGINT") if part == "second" else found


def _trunc(_: Call, args: Sequence[Tree]) -> Tree:
    """Weeks begin on Monday."""
    return cast(func("DATE_TRUNC", *args), "DATE")


def _months_later(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.Add(this=bracketed(args[0], 5), expression=func("MAKE_YM_INTERVAL", number(0), args[1]))


def _seconds_later(_: Call, args: Sequence[Tree]) -> Tree:
    interval = func("MAKE_DT_INTERVAL", number(0), number(0), number(0), args[1])
    return exp.Add(this=bracketed(args[0], 5), expression=interval)


def _date_diff(call: Call, args: Sequence[Tree]) -> Tree:
    """Boundaries crossed."""
    unit, start, end = word(call, 0), args[1], args[2]
    if unit == "day":
        return func("DATEDIFF", end, start)
    if unit == "week":
        first, last = (cast(func("DATE_TRUNC", string(unit), arg), "DATE") for arg in (start, end))
        return exp.IntDiv(this=func("DATEDIFF", last, first), expression=number(7))
    if unit in _MONTHS:
        return exp.Sub(this=_whole(unit, end), expression=_whole(unit, start))
    first, last = (func("UNIX_TIMESTAMP", func("DATE_TRUNC", string(unit), arg)) for arg in (start, end))
    gap = exp.Paren(this=exp.Sub(this=last, expression=first))
    return exp.IntDiv(this=gap, expression=number(_SECONDS[unit]))


def _whole(unit: str, day: Tree) -> Tree:
    """Years, quarters or months since the beginning of the calendar."""
    if unit == "year":
        return func("YEAR", day)
    years = exp.Mul(this=func("YEAR", day), expression=number(12 // _MONTHS[unit]))
    return exp.Paren(this=exp.Add(this=years, expression=func(unit.upper(), day.copy())))


def _at_zone(_: Call, args: Sequence[Tree]) -> Tree:
    return func("CONVERT_TIMEZONE", string("UTC"), args[1], cast(args[0], "TIMESTAMP"))


def _from_zone(_: Call, args: Sequence[Tree]) -> Tree:
    return cast(func("CONVERT_TIMEZONE", args[1], string("UTC"), cast(args[0], "TIMESTAMP")), "TIMESTAMPTZ")


def _to_integer(call: Call, args: Sequence[Tree]) -> Tree:
    """Towards zero, which is how Spark casts."""
    if call.args[0].kind.name == "number":
        return cast(args[0], "BIGINT")
    return cast(as_written(call, args[0], "whole number", regexp_like), "BIGINT")


def _aggregate(measure: Measure, arg: Tree | None) -> Tree:
    match measure.name:
        case "median":
            return func("MEDIAN", cast(given(arg), "DOUBLE"))
        case "percentile":
            return func("PERCENTILE", cast(given(arg), "DOUBLE"), share_of(measure))
        case "percentile_disc":
            return within_group("PERCENTILE_DISC", share_of(measure), arg)
        case "approx_percentile":
            return func("PERCENTILE_APPROX", cast(given(arg), "DOUBLE"), share_of(measure))
        case "approx_count_distinct":
            return func("APPROX_COUNT_DISTINCT", given(arg))
        case _:
            return counted(measure, arg) or func(measure.name.upper(), given(arg))


def _series(low: Tree, high: Tree, unit: str) -> exp.Select:
    step = exp.Var(this=f"INTERVAL 1 {unit.upper()}")
    times = func("EXPLODE", func("SEQUENCE", low, high, step))
    return exp.Select(expressions=[named_time(times)])


SPARK = Dialect(
    name="spark",
    functions=MappingProxyType(
        {
            **COMMON,
            "/": floating,
            "extract": _extract,
            "trunc": _trunc,
            "trunc_time": lambda _, args: cast(func("DATE_TRUNC", *args), "TIMESTAMP"),
            "add_days": function("DATE_ADD"),
            "add_months": function("ADD_MONTHS"),
            "add_months_time": _months_later,
            "add_seconds": _seconds_later,
            "date_diff": _date_diff,
            "at_zone": _at_zone,
            "from_zone": _from_zone,
            "contains": function("CONTAINS"),
            "starts_with": function("STARTSWITH"),
            "to_integer": _to_integer,
        }
    ),
    aggregate=_aggregate,
    series=_series,
)
DATABRICKS = replace(SPARK, name="databricks")
