"""The portable function table of PostgreSQL: where it says a thing differently, the form that means the same.

Numbers stay what they are: exact where a column is, so that a share is right to the cent; a division of whole numbers
is made one of decimals. Texts are put in order by code point, whatever collation the database was made with.
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
    add_days,
    as_written,
    binary,
    bracketed,
    cast,
    func,
    function,
    given,
    named_time,
    not_zero,
    number,
    string,
    whole,
    word,
)
from loadline.semantics.nodes import INSTANT, Call, Kind, Lit, Measure

_STRONGEST = 7
_PARTS = {"weekday": "isodow", "yearday": "doy"}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}

_ABBREVIATIONS = {"CET": "Europe/Brussels", "MET": "Europe/Brussels", "EET": "Europe/Athens", "WET": "Europe/Lisbon"}
"""Zones whose name is to PostgreSQL an abbreviation without summer time, and a place that keeps the same clock."""

_TYPES = {
    "string": "TEXT",
    "integer": "DECIMAL",
    "number": "DECIMAL",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}


# -- texts


def _by_code_point(tree: Tree) -> Tree:
    return exp.Collate(this=bracketed(tree, _STRONGEST), expression=exp.to_identifier("C", quoted=True))


def _ordered(form: Form) -> Form:
    """A comparison that asks which text comes first."""

    def compare(call: Call, args: Sequence[Tree]) -> Tree:
        is_text = any(arg.kind.name == "string" for arg in call.args)
        return form(call, [_by_code_point(args[0]), *args[1:]] if is_text else args)

    return compare


def _key(kind: Kind, tree: Tree) -> Tree:
    return _by_code_point(tree) if kind.name == "string" else tree


def _null(kind: Kind) -> Tree:
    """PostgreSQL takes NULLs that stand under each other for texts."""
    name = "TIMESTAMPTZ" if kind.clock == INSTANT else _TYPES.get(kind.name)
    return exp.Null() if name is None else cast(exp.Null(), name)


def _substr(call: Call, args: Sequence[Tree]) -> Tree:
    """A negative start counts from the end. PostgreSQL counts it before the beginning."""
    text, start, length = args[0], whole(args[1]), [whole(arg) for arg in args[2:]]
    begin = call.args[1]
    if isinstance(begin, Lit) and isinstance(begin.value, int) and begin.value >= 0:
        return func("SUBSTR", text, start, *length)
    end = func("RIGHT", text, exp.Neg(this=bracketed(start, _STRONGEST)))
    from_end = func("SUBSTR", end, number(1), *length) if length else end
    is_from_end = exp.LT(this=bracketed(start, 4), expression=number(0))
    return exp.Case(ifs=[exp.If(this=is_from_end, true=from_end)], default=func("SUBSTR", text, start, *length))


def _contains(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.GT(this=func("STRPOS", *args), expression=number(0))


# -- numbers


def _divided(call: Call, args: Sequence[Tree]) -> Tree:
    """Whole numbers are divided as decimals; NULL where the divisor is zero."""
    one = exp.Literal(this="1.0", is_string=False)
    left = exp.Mul(this=bracketed(args[0], 5), expression=one)
    return exp.Div(this=left, expression=not_zero(call, args[1]), typed=True)


def _remainder(call: Call, args: Sequence[Tree]) -> Tree:
    """There is none of floating numbers, so those become decimals."""
    if all(arg.kind.name == "integer" for arg in call.args):
        return exp.Mod(this=bracketed(args[0], 6), expression=not_zero(call, args[1]))
    divisor = func("NULLIF", cast(args[1], "DECIMAL"), number(0))
    return exp.Mod(this=cast(args[0], "DECIMAL"), expression=divisor)


def _rounded(_: Call, args: Sequence[Tree]) -> Tree:
    """Halves away from zero; floating numbers would go to the even neighbour."""
    return func("ROUND", cast(args[0], "DECIMAL"), *(whole(arg) for arg in args[1:]))


def _of_decimals(name: str) -> Form:
    """Of a whole number PostgreSQL would make a floating one."""
    return lambda call, args: func(name, cast(args[0], "DECIMAL") if call.args[0].kind.name == "integer" else args[0])


def _to_integer(call: Call, args: Sequence[Tree]) -> Tree:
    """Towards zero."""
    match call.args[0].kind.name:
        case "number" | "unknown":
            return cast(func("TRUNC", cast(args[0], "DECIMAL")), "BIGINT")
        case "boolean":
            return cast(cast(args[0], "INT"), "BIGINT")
        case _:
            return cast(as_written(call, args[0], "whole number"), "BIGINT")


# -- time


def _clock(call: Call, position: int, args: Sequence[Tree]) -> Tree:
    """A date, or what may be one, as a timestamp without a zone: else it would become an instant of the session."""
    return args[position] if call.args[position].kind.name == "timestamp" else cast(args[position], "TIMESTAMP")


def _extract(call: Call, args: Sequence[Tree]) -> Tree:
    part = word(call, 0)
    found = func("DATE_PART", string(_PARTS.get(part, part)), _clock(call, 1, args))
    return cast(func("FLOOR", found) if part == "second" else found, "BIGINT")


def _trunc(call: Call, args: Sequence[Tree]) -> Tree:
    """Weeks begin on Monday."""
    return cast(_trunc_time(call, args), "DATE")


def _trunc_time(call: Call, args: Sequence[Tree]) -> Tree:
    """PostgreSQL says `milliseconds` for what is cut to one."""
    unit = {"millisecond": "milliseconds", "microsecond": "microseconds"}.get(word(call, 0))
    return func("DATE_TRUNC", string(unit) if unit else args[0], _clock(call, 1, args))


def _months(args: Sequence[Tree]) -> Tree:
    return exp.Add(this=bracketed(args[0], 5), expression=func("MAKE_INTERVAL", number(0), whole(args[1])))


def _add_seconds(_: Call, args: Sequence[Tree]) -> Tree:
    nothing = [number(0) for _ in range(6)]
    return exp.Add(this=bracketed(args[0], 5), expression=func("MAKE_INTERVAL", *nothing, args[1]))


def _date_diff(call: Call, args: Sequence[Tree]) -> Tree:
    """Boundaries crossed."""
    unit, start, end = word(call, 0), args[1], args[2]
    if unit == "day":
        return exp.Sub(this=bracketed(end, 5), expression=bracketed(start, 5))
    if unit == "week":
        first, last = (cast(func("DATE_TRUNC", string(unit), cast(arg, "TIMESTAMP")), "DATE") for arg in (start, end))
        return exp.Div(this=exp.Paren(this=exp.Sub(this=last, expression=first)), expression=number(7), typed=True)
    if unit in _MONTHS:
        return exp.Sub(this=_counted(unit, end), expression=_counted(unit, start))
    first, last = (func("DATE_TRUNC", string(unit), _clock(call, at, args)) for at in (1, 2))
    seconds = func("DATE_PART", string("epoch"), exp.Sub(this=last, expression=first))
    return cast(exp.Div(this=seconds, expression=number(_SECONDS[unit]), typed=True), "BIGINT")


def _counted(unit: str, day: Tree) -> Tree:
    """Years, quarters or months since the beginning of the calendar."""
    year = func("DATE_PART", string("year"), day)
    if unit == "year":
        return cast(year, "BIGINT")
    within = func("DATE_PART", string(unit), day.copy())
    count = exp.Add(this=exp.Mul(this=year, expression=number(12 // _MONTHS[unit])), expression=within)
    return cast(count, "BIGINT")


def _zone(call: Call, args: Sequence[Tree]) -> Tree:
    known = _ABBREVIATIONS.get(word(call, 1))
    return string(known) if known else args[1]


# -- aggregates


def _aggregate(measure: Measure, arg: Tree | None) -> Tree:
    share = exp.Literal(this=str(measure.share.value if measure.share else 0), is_string=False)
    match measure.name:
        case "count":
            return func("COUNT", arg if arg is not None else exp.Star())
        case "count_distinct" | "approx_count_distinct":  # exact is an approximation too
            return func("COUNT", exp.Distinct(expressions=[given(arg)]))
        case "median":
            return _ranked("PERCENTILE_CONT", exp.Literal(this="0.5", is_string=False), cast(given(arg), "DOUBLE"))
        case "percentile" | "approx_percentile":
            return _ranked("PERCENTILE_CONT", share, cast(given(arg), "DOUBLE"))
        case "percentile_disc":
            return _ranked("PERCENTILE_DISC", share, given(arg))
        case "min" | "max" if measure.arg is not None and measure.arg.kind.name == "string":
            return func(measure.name.upper(), _by_code_point(given(arg)))
        case _:
            return func(measure.name.upper(), given(arg))


def _ranked(name: str, share: Tree, tree: Tree) -> Tree:
    return exp.WithinGroup(this=func(name, share), expression=exp.Order(expressions=[tree]))


def _series(low: Tree, high: Tree, unit: str) -> exp.Select:
    ends = [cast(low, "TIMESTAMP"), cast(high, "TIMESTAMP")]
    step = exp.Cast(this=string(f"1 {unit}"), to=exp.DataType(this=exp.DataType.Type.INTERVAL))
    times = func("GENERATE_SERIES", *ends, step)
    return exp.Select(expressions=[named_time(cast(times, "DATE" if unit == "day" else "TIMESTAMP"))])


POSTGRES = Dialect(
    name="postgres",
    functions=MappingProxyType(
        {
            **COMMON,
            "/": _divided,
            "%": _remainder,
            "round": _rounded,
            "floor": _of_decimals("FLOOR"),
            "ceil": _of_decimals("CEIL"),
            "<": _ordered(binary(exp.LT)),
            "<=": _ordered(binary(exp.LTE)),
            ">": _ordered(binary(exp.GT)),
            ">=": _ordered(binary(exp.GTE)),
            "least": _ordered(function("LEAST")),
            "greatest": _ordered(function("GREATEST")),
            "substr": _substr,
            "contains": _contains,
            "starts_with": function("STARTS_WITH"),
            "extract": _extract,
            "trunc": _trunc,
            "trunc_time": _trunc_time,
            "add_days": add_days,
            "add_months": lambda _, args: cast(_months(args), "DATE"),
            "add_months_time": lambda _, args: _months(args),
            "add_seconds": _add_seconds,
            "date_diff": _date_diff,
            "at_zone": lambda call, args: func("TIMEZONE", _zone(call, args), cast(args[0], "TIMESTAMPTZ")),
            "from_zone": lambda call, args: func("TIMEZONE", _zone(call, args), cast(args[0], "TIMESTAMP")),
            "to_integer": _to_integer,
        }
    ),
    aggregate=_aggregate,
    series=_series,
    key=_key,
    null=_null,
)
