"""The portable function table of Snowflake. The session's time zone is UTC, as the warehouse's adapter has to set it.

Weeks are computed from the ISO day of the week: Snowflake's own depend on a parameter of the session. A regular
expression is looked for with `REGEXP_INSTR`, because `REGEXP_LIKE` demands the whole text.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from sqlglot import exp

from loadline.semantics.forms import (
    COMMON,
    Dialect,
    Form,
    Tree,
    as_written,
    cast,
    counted,
    floating,
    func,
    function,
    given,
    named_time,
    number,
    of_those_given,
    reading,
    share_of,
    string,
    within_group,
    word,
)
from loadline.semantics.nodes import Call, Measure

_PARTS = {"weekday": "dayofweekiso", "week": "weekiso", "yearday": "dayofyear"}
_LONGEST_SERIES = 200_000


def _found(text: Tree, pattern: Tree) -> Tree:
    return exp.GT(this=func("REGEXP_INSTR", text, pattern), expression=number(0))


def _extract(call: Call, args: Sequence[Tree]) -> Tree:
    part = word(call, 0)
    return func("DATE_PART", string(_PARTS.get(part, part)), args[1])


def _monday(tree: Tree) -> Tree:
    weekday = func("DATE_PART", string("dayofweekiso"), tree)
    return func("DATEADD", string("day"), exp.Sub(this=number(1), expression=weekday), cast(tree.copy(), "DATE"))


def _trunc(call: Call, args: Sequence[Tree]) -> Tree:
    return _monday(args[1]) if word(call, 0) == "week" else cast(func("DATE_TRUNC", *args), "DATE")


def _added(unit: str, *, is_day: bool = False) -> Form:
    def form(_: Call, args: Sequence[Tree]) -> Tree:
        tree = func("DATEADD", string(unit), args[1], args[0])
        return cast(tree, "DATE") if is_day else tree

    return form


def _date_diff(call: Call, args: Sequence[Tree]) -> Tree:
    """Boundaries crossed, which is how Snowflake counts, too."""
    if word(call, 0) != "week":
        return func("DATEDIFF", *args)
    days = func("DATEDIFF", string("day"), _monday(args[1]), _monday(args[2]))
    return cast(exp.Div(this=days, expression=number(7)), "BIGINT")


def _to_integer(call: Call, args: Sequence[Tree]) -> Tree:
    """Towards zero."""
    if call.args[0].kind.name == "number":
        return cast(func("TRUNC", args[0]), "BIGINT")
    return cast(as_written(call, args[0], "whole number", _found), "BIGINT")


def _to_string(call: Call, args: Sequence[Tree]) -> Tree:
    """Days are written year-month-day, whatever format the session has."""
    if call.args[0].kind.name == "date":
        return func("TO_VARCHAR", args[0], string("YYYY-MM-DD"))
    return cast(args[0], "VARCHAR")


def _aggregate(measure: Measure, arg: Tree | None) -> Tree:
    match measure.name:
        case "median":
            return func("MEDIAN", cast(given(arg), "DOUBLE"))
        case "percentile":
            return within_group("PERCENTILE_CONT", share_of(measure), arg)
        case "percentile_disc":
            return within_group("PERCENTILE_DISC", share_of(measure), arg)
        case "approx_percentile":
            return func("APPROX_PERCENTILE", cast(given(arg), "DOUBLE"), share_of(measure))
        case "approx_count_distinct":
            return func("APPROX_COUNT_DISTINCT", given(arg))
        case _:
            return counted(measure, arg) or func(measure.name.upper(), given(arg))


def _series(low: Tree, high: Tree, unit: str) -> exp.Select:
    """Snowflake generates so many rows, a number it has to know before; those past the end are left out."""
    nth = exp.Sub(
        this=exp.Window(this=func("ROW_NUMBER"), order=exp.Order(expressions=[exp.Ordered(this=func("SEQ4"))])),
        expression=number(1),
    )
    count = exp.Kwarg(this=exp.Var(this="ROWCOUNT"), expression=number(_LONGEST_SERIES))
    steps = exp.Select(
        expressions=[exp.Alias(this=nth, alias=exp.Identifier(this="nth"))],
        from_=exp.From(this=func("TABLE", func("GENERATOR", count))),
    )
    time = func("DATEADD", string(unit), exp.Column(this=exp.Identifier(this="nth")), low)
    select = exp.Select(
        expressions=[named_time(cast(time, "DATE" if unit == "day" else "TIMESTAMP"))],
        from_=exp.From(this=exp.Subquery(this=steps, alias=exp.TableAlias(this=exp.Identifier(this="steps")))),
    )
    length = func("DATEDIFF", string(unit), low.copy(), high)
    select.set("where", exp.Where(this=exp.LTE(this=exp.Column(this=exp.Identifier(this="nth")), expression=length)))
    return select


SNOWFLAKE = Dialect(
    name="snowflake",
    functions=MappingProxyType(
        {
            **COMMON,
            **reading(_found),
            "/": floating,
            "least": of_those_given("LEAST"),
            "greatest": of_those_given("GREATEST"),
            "extract": _extract,
            "trunc": _trunc,
            "trunc_time": function("DATE_TRUNC"),
            "add_days": _added("day", is_day=True),
            "add_months": _added("month", is_day=True),
            "add_months_time": _added("month"),
            "add_seconds": _added("second"),
            "date_diff": _date_diff,
            "at_zone": lambda _, args: cast(func("CONVERT_TIMEZONE", args[1], args[0]), "TIMESTAMP"),
            "from_zone": lambda _, args: cast(
                func("CONVERT_TIMEZONE", args[1], string("UTC"), cast(args[0], "TIMESTAMP")), "TIMESTAMPTZ"
            ),
            "contains": function("CONTAINS"),
            "starts_with": function("STARTSWITH"),
            "to_integer": _to_integer,
            "to_string": _to_string,
        }
    ),
    aggregate=_aggregate,
    series=_series,
)
