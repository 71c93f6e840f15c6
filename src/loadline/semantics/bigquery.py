"""The portable function table of BigQuery, where a naive timestamp is a DATETIME and an instant a TIMESTAMP.

It has no exact percentile that can be aggregated: the median is refused, `approx_percentile` is there.
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
    word,
)
from loadline.semantics.nodes import INSTANT, Call, Lit, Measure

_PARTS = {"week": "ISOWEEK", "yearday": "DAYOFYEAR"}
_SLICES = 1000


def _found(text: Tree, pattern: Tree) -> Tree:
    return func("REGEXP_CONTAINS", text, pattern)


def _unit(word: str) -> Tree:
    return exp.Var(this="ISOWEEK" if word == "week" else word.upper())


def _clock(call: Call, position: int, args: Sequence[Tree]) -> Tree:
    """An instant as the DATETIME it has in UTC."""
    is_instant = call.args[position].kind.clock == INSTANT
    return (
        cast(args[position], "TIMESTAMP") if is_instant or call.args[position].kind.name == "date" else args[position]
    )


def _extract(call: Call, args: Sequence[Tree]) -> Tree:
    part = word(call, 0)
    if part == "weekday":  # Sunday is 1 there
        shifted = exp.Add(this=_part("DAYOFWEEK", args[1]), expression=number(5))
        return exp.Add(this=func("MOD", shifted, number(7)), expression=number(1))
    return _part(_PARTS.get(part, part.upper()), args[1])


def _part(name: str, tree: Tree) -> Tree:
    return exp.Extract(this=exp.Var(this=name), expression=tree)


def _trunc(call: Call, args: Sequence[Tree]) -> Tree:
    """Weeks begin on Monday."""
    return func("DATE_TRUNC", cast(args[1], "DATE"), _unit(word(call, 0)))


def _added(name: str, unit: str) -> Form:
    return lambda _, args: func(name, args[0], exp.Interval(this=args[1], unit=exp.Var(this=unit)))


def _date_diff(call: Call, args: Sequence[Tree]) -> Tree:
    """Boundaries crossed, which is how BigQuery counts dates and DATETIMEs."""
    unit = word(call, 0)
    if unit in {"hour", "minute", "second"}:
        return func("DATETIME_DIFF", _clock(call, 2, args), _clock(call, 1, args), _unit(unit))
    return func("DATE_DIFF", args[2], args[1], _unit(unit))


def _remainder(call: Call, args: Sequence[Tree]) -> Tree:
    """There is none of floating numbers, so those become decimals."""
    if all(arg.kind.name == "integer" for arg in call.args):
        return func("MOD", args[0], not_zero(call, args[1]))
    return func("MOD", cast(args[0], "DECIMAL"), func("NULLIF", cast(args[1], "DECIMAL"), number(0)))


def _contains(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.GT(this=func("STRPOS", *args), expression=number(0))


def _to_integer(call: Call, args: Sequence[Tree]) -> Tree:
    """Towards zero."""
    if call.args[0].kind.name == "number":
        return cast(func("TRUNC", args[0]), "BIGINT")
    return cast(as_written(call, args[0], "whole number", _found), "BIGINT")


def _aggregate(measure: Measure, arg: Tree | None) -> Tree:
    match measure.name:
        case "median" | "percentile" | "percentile_disc":
            raise NotInDialect(
                f"BigQuery has no exact `{measure.name}` of a group",
                "use `approx_percentile(x, share)`, which is close and not exact",
            )
        case "approx_percentile":
            share = measure.share.value if isinstance(measure.share, Lit) else 0
            slices = func("APPROX_QUANTILES", cast(given(arg), "DOUBLE"), number(_SLICES))
            nth = func("OFFSET", number(round(float(str(share)) * _SLICES)))
            return exp.Bracket(this=slices, expressions=[nth])
        case "approx_count_distinct":
            return func("APPROX_COUNT_DISTINCT", given(arg))
        case _:
            return counted(measure, arg) or func(measure.name.upper(), given(arg))


def _series(low: Tree, high: Tree, unit: str) -> exp.Select:
    step = exp.Var(this=f"INTERVAL 1 {unit.upper()}")
    if unit == "day":
        times = func("UNNEST", func("GENERATE_DATE_ARRAY", low, high, step))
        source = exp.Alias(this=times, alias=exp.Identifier(this="step"))
        return exp.Select(
            expressions=[named_time(exp.Column(this=exp.Identifier(this="step")))], from_=exp.From(this=source)
        )
    ends = (func("TIMESTAMP", low), func("TIMESTAMP", high))
    times = func("UNNEST", func("GENERATE_TIMESTAMP_ARRAY", *ends, step))
    source = exp.Alias(this=times, alias=exp.Identifier(this="step"))
    moment = cast(exp.Column(this=exp.Identifier(this="step")), "TIMESTAMP")
    return exp.Select(expressions=[named_time(moment)], from_=exp.From(this=source))


BIGQUERY = Dialect(
    name="bigquery",
    functions=MappingProxyType(
        {
            **COMMON,
            **reading(_found),
            "hashed": lambda _, args: func("TO_HEX", func("MD5", args[0])),
            "/": floating,
            "%": _remainder,
            "least": of_those_given("LEAST"),
            "greatest": of_those_given("GREATEST"),
            "extract": _extract,
            "trunc": _trunc,
            "trunc_time": lambda call, args: func("DATETIME_TRUNC", _clock(call, 1, args), _unit(word(call, 0))),
            "add_days": _added("DATE_ADD", "DAY"),
            "add_months": _added("DATE_ADD", "MONTH"),
            "add_months_time": _added("DATETIME_ADD", "MONTH"),
            "add_seconds": _added("DATETIME_ADD", "SECOND"),
            "date_diff": _date_diff,
            "at_zone": lambda _, args: func("DATETIME", *args),
            "from_zone": lambda _, args: func("TIMESTAMP", *args),
            "contains": _contains,
            "starts_with": function("STARTS_WITH"),
            "to_integer": _to_integer,
        }
    ),
    aggregate=_aggregate,
    series=_series,
)
