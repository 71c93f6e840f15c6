"""The portable function table of Trino, which counts whole spans where others count boundaries, and knows only
approximate percentiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from sqlglot import exp

from loadline.semantics.forms import (
    COMMON,
    Dialect,
    Form,
    NotInDialect,
    Tree,
    as_written,
    cast,
    counted,
    floating,
    func,
    function,
    given,
    named_time,
    not_zero,
    number,
    of_those_given,
    reading,
    share_of,
    string,
    word,
)
from loadline.semantics.nodes import Call, Measure

_PARTS = {"weekday": "DAY_OF_WEEK", "yearday": "DAY_OF_YEAR"}


def _found(text: Tree, pattern: Tree) -> Tree:
    return func("REGEXP_LIKE", text, pattern)


def _extract(call: Call, args: Sequence[Tree]) -> Tree:
    part = word(call, 0)
    return func(_PARTS.get(part, part.upper()), args[1])


def _added(unit: str) -> Form:
    return lambda _, args: func("DATE_ADD", string(unit), args[1], args[0])


def _date_diff(call: Call, args: Sequence[Tree]) -> Tree:
    """Boundaries crossed: whole spans between the starts of the two."""
    unit, start, end = args
    if word(call, 0) == "day":
        return func("DATE_DIFF", *args)
    return func("DATE_DIFF", unit, func("DATE_TRUNC", unit.copy(), start), func("DATE_TRUNC", unit.copy(), end))


def _contains(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.GT(this=func("STRPOS", *args), expression=number(0))


def _to_integer(call: Call, args: Sequence[Tree]) -> Tree:
    """Towards zero."""
    if call.args[0].kind.name == "number":
        return cast(func("TRUNCATE", args[0]), "BIGINT")
    return cast(as_written(call, args[0], "whole number", _found), "BIGINT")


def _aggregate(measure: Measure, arg: Tree | None) -> Tree:
    match measure.name:
        case "median" | "percentile" | "percentile_disc":
            raise NotInDialect(
                f"Trino has no exact `{measure.name}`",
                "use `approx_percentile(x, share)`, which is close and not exact",
            )
        case "approx_percentile":
            return func("APPROX_PERCENTILE", cast(given(arg), "DOUBLE"), share_of(measure))
        case "approx_count_distinct":
            return func("APPROX_DISTINCT", given(arg))
        case _:
            return counted(measure, arg) or func(measure.name.upper(), given(arg))


def _series(low: Tree, high: Tree, unit: str) -> exp.Select:
    step = exp.Var(this=f"INTERVAL '1' {unit.upper()}")
    times = func("UNNEST", func("SEQUENCE", low, high, step))
    source = exp.Alias(this=times, alias=func("steps", exp.Identifier(this="step")))
    return exp.Select(
        expressions=[named_time(exp.Column(this=exp.Identifier(this="step")))], from_=exp.From(this=source)
    )


TRINO = Dialect(
    name="trino",
    functions=MappingProxyType(
        {
            **COMMON,
            **reading(_found),
            "hashed": lambda _, args: func("LOWER", func("TO_HEX", func("MD5", func("TO_UTF8", args[0])))),
            "/": floating,
            "%": lambda call, args: func("MOD", args[0], not_zero(call, args[1])),
            "least": of_those_given("LEAST"),
            "greatest": of_those_given("GREATEST"),
            "extract": _extract,
            "trunc": lambda _, args: cast(func("DATE_TRUNC", *args), "DATE"),
            "trunc_time": function("DATE_TRUNC"),
            "add_days": _added("day"),
            "add_months": _added("month"),
            "add_months_time": _added("month"),
            "add_seconds": _added("second"),
            "date_diff": _date_diff,
            "at_zone": lambda _, args: cast(func("AT_TIMEZONE", *args), "TIMESTAMP"),
            "from_zone": lambda _, args: func("WITH_TIMEZONE", cast(args[0], "TIMESTAMP"), args[1]),
            "contains": _contains,
            "starts_with": function("STARTS_WITH"),
            "to_integer": _to_integer,
        }
    ),
    aggregate=_aggregate,
    series=_series,
)
