"""The portable function table: for each function and dialect, the form that means the same everywhere.

A form builds a SQLGlot tree from trees of its arguments. Nothing here is translated from one dialect to another:
a dialect that says a thing differently has its own entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

from sqlglot import exp

from loadline.semantics.identifiers import identifier, relation
from loadline.semantics.nodes import Call, Lit, Measure

Tree = exp.Expr
Form = Callable[[Call, Sequence[Tree]], Tree]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine writes things: `functions` by name of `Call`, a measure over its argument's tree, and a query for
    every `time` from a first (in) to a last (in), in steps of a unit (`day` gives dates, shorter ones timestamps)."""

    name: str
    functions: Mapping[str, Form]
    aggregate: Callable[[Measure, Tree | None], Tree]
    series: Callable[[Tree, Tree, str], exp.Select]


def func(name: str, *args: Tree) -> Tree:
    return exp.Anonymous(this=name, expressions=list(args))


def number(value: int) -> Tree:
    return exp.Literal(this=str(value), is_string=False) if value >= 0 else exp.Neg(this=number(-value))


def string(value: str) -> Tree:
    return exp.Literal(this=value, is_string=True)


def cast(tree: Tree, type_name: str) -> Tree:
    return exp.Cast(this=tree, to=exp.DataType(this=exp.DataType.Type[type_name]))


_LEVELS: Mapping[type[Tree], int] = {
    exp.Or: 1,
    exp.And: 2,
    exp.Not: 3,
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.In, exp.Like), 4),
    exp.DPipe: 4,  # engines disagree on how it binds, so it is bracketed like a comparison
    **dict.fromkeys((exp.Add, exp.Sub), 5),
    **dict.fromkeys((exp.Mul, exp.Div, exp.Mod), 6),
    exp.Neg: 7,
}
"""How strongly each operator binds; what is not here binds strongest."""


def bracketed(tree: Tree, level: int) -> Tree:
    """The tree, in brackets unless it binds more strongly than the operator of `level` around it."""
    return exp.Paren(this=tree) if _LEVELS.get(type(tree), 8) <= level else tree


def _word(call: Call, position: int) -> str:
    found = call.args[position]
    return str(found.value) if isinstance(found, Lit) else ""


def _binary(kind: type[exp.Binary]) -> Form:
    level = _LEVELS[kind]
    return lambda _, args: kind(this=bracketed(args[0], level), expression=bracketed(args[1], level))


def _chain(kind: type[exp.Binary]) -> Form:
    """An operator that may be repeated: `a + b + c`, `a AND b AND c`."""
    level = _LEVELS[kind]

    def form(_: Call, args: Sequence[Tree]) -> Tree:
        tree: Tree = args[0] if isinstance(args[0], kind) else bracketed(args[0], level)
        for arg in args[1:]:
            tree = kind(this=tree, expression=bracketed(arg, level))
        return tree

    return form


def _function(name: str) -> Form:
    return lambda _, args: func(name, *args)


def _divided(call: Call, args: Sequence[Tree]) -> Tree:
    """NULL where the divisor is zero."""
    return exp.Div(this=bracketed(args[0], 6), expression=_not_zero(call, args[1]))


def _remainder(call: Call, args: Sequence[Tree]) -> Tree:
    return exp.Mod(this=bracketed(args[0], 6), expression=_not_zero(call, args[1]))


def _not_zero(call: Call, divisor: Tree) -> Tree:
    by = call.args[1]
    if isinstance(by, Lit) and by.value not in (0, None):
        return bracketed(divisor, 6)
    return func("NULLIF", divisor, number(0))


def _negated(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.Not(this=bracketed(args[0], 3))


def _case(_: Call, args: Sequence[Tree]) -> Tree:
    *pairs, otherwise = args
    ifs = [exp.If(this=pairs[n], true=pairs[n + 1]) for n in range(0, len(pairs), 2)]
    if isinstance(otherwise, exp.Null):
        return exp.Case(ifs=ifs)
    return exp.Case(ifs=ifs, default=otherwise)


def _is_null(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.Is(this=bracketed(args[0], 4), expression=exp.Null())


def _in(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.In(this=bracketed(args[0], 4), expressions=list(args[1:]))


def _to(type_name: str) -> Form:
    return lambda _, args: cast(args[0], type_name)


_COMMON: Mapping[str, Form] = {
    "+": _chain(exp.Add),
    "-": _binary(exp.Sub),
    "*": _chain(exp.Mul),
    "/": _divided,
    "%": _remainder,
    "negative": lambda _, args: exp.Neg(this=bracketed(args[0], 7)),
    "abs": _function("ABS"),
    "round": _function("ROUND"),
    "floor": _function("FLOOR"),
    "ceil": _function("CEIL"),
    "=": _binary(exp.EQ),
    "<>": _binary(exp.NEQ),
    "<": _binary(exp.LT),
    "<=": _binary(exp.LTE),
    ">": _binary(exp.GT),
    ">=": _binary(exp.GTE),
    "and": _chain(exp.And),
    "or": _chain(exp.Or),
    "not": _negated,
    "is null": _is_null,
    "in": _in,
    "like": lambda _, args: exp.Like(this=bracketed(args[0], 4), expression=args[1]),
    "case": _case,
    "coalesce": _function("COALESCE"),
    "least": _function("LEAST"),
    "greatest": _function("GREATEST"),
    "||": _chain(exp.DPipe),
    "concat": _chain(exp.DPipe),
    "upper": _function("UPPER"),
    "lower": _function("LOWER"),
    "trim": _function("TRIM"),
    "length": _function("LENGTH"),
    "substr": _function("SUBSTR"),
    "replace": _function("REPLACE"),
    "to_string": _to("VARCHAR"),
    "to_integer": _to("BIGINT"),
    "to_number": _to("DOUBLE"),
    "to_boolean": _to("BOOLEAN"),
    "to_date": _to("DATE"),
    "to_timestamp": _to("TIMESTAMP"),
}


# -- DuckDB

_DUCKDB_PARTS = {"weekday": "isodow", "yearday": "doy"}


def _duckdb_extract(call: Call, args: Sequence[Tree]) -> Tree:
    part = _word(call, 0)
    return func("DATE_PART", string(_DUCKDB_PARTS.get(part, part)), args[1])


def _duckdb_trunc(_: Call, args: Sequence[Tree]) -> Tree:
    """Weeks begin on Monday. Gives a date from a date and a timestamp alike."""
    return cast(func("DATE_TRUNC", *args), "DATE")


def _duckdb_months(_: Call, args: Sequence[Tree]) -> Tree:
    return cast(exp.Add(this=bracketed(args[0], 5), expression=func("TO_MONTHS", args[1])), "DATE")


def _duckdb_integer(call: Call, args: Sequence[Tree]) -> Tree:
    """Towards zero: DuckDB's own cast rounds."""
    kind = call.args[0].kind.name
    return cast(func("TRUNC", args[0]), "BIGINT") if kind == "number" else cast(args[0], "BIGINT")


def _duckdb_aggregate(measure: Measure, arg: Tree | None) -> Tree:
    match measure.name:
        case "count":
            return func("COUNT", arg if arg is not None else exp.Star())
        case "count_distinct":
            return func("COUNT", exp.Distinct(expressions=[arg]))
        case "median":
            # over DOUBLE: DuckDB interpolates decimals in their own scale, and loses the half
            return func("MEDIAN", cast(_given(arg), "DOUBLE"))
        case "percentile":
            share = measure.share.value if measure.share else 0
            return func("QUANTILE_CONT", cast(_given(arg), "DOUBLE"), exp.Literal(this=str(share), is_string=False))
        case "percentile_disc":
            share = measure.share.value if measure.share else 0
            return func("QUANTILE_DISC", _given(arg), exp.Literal(this=str(share), is_string=False))
        case "approx_percentile":
            share = measure.share.value if measure.share else 0
            return func("APPROX_QUANTILE", cast(_given(arg), "DOUBLE"), exp.Literal(this=str(share), is_string=False))
        case "approx_count_distinct":
            return func("APPROX_COUNT_DISTINCT", _given(arg))
        case _:
            return func(measure.name.upper(), _given(arg))


def _duckdb_seconds(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.Add(this=bracketed(args[0], 5), expression=func("TO_SECONDS", args[1]))


def _duckdb_months_time(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.Add(this=bracketed(args[0], 5), expression=func("TO_MONTHS", args[1]))


def _duckdb_series(low: Tree, high: Tree, unit: str) -> exp.Select:
    """One row for each time, the last included."""
    step = func("TO_DAYS", number(1)) if unit == "day" else func(f"TO_{unit.upper()}S", number(1))
    times = func("UNNEST", func("GENERATE_SERIES", cast(low, "TIMESTAMP"), cast(high, "TIMESTAMP"), step))
    return exp.Select(expressions=[named_time(cast(times, "DATE" if unit == "day" else "TIMESTAMP"))])


def named_time(tree: Tree) -> exp.Alias:
    return exp.Alias(this=tree, alias=exp.Identifier(this="time", quoted=True))


def own_grain(call: Call, args: Sequence[Tree]) -> Tree:
    """The first day of a period of the company's own, looked up in the spine by day."""
    source, day, grain = (_word(call, position) for position in range(3))
    spine = exp.Select(
        expressions=[cast(func("MAX", _of_spine(grain)), "DATE")],
        from_=exp.From(this=relation(source, "spine")),
    )
    spine.set("where", exp.Where(this=exp.EQ(this=cast(_of_spine(day), "DATE"), expression=args[3])))
    return exp.Subquery(this=spine)


def _of_spine(name: str) -> exp.Column:
    return exp.Column(this=identifier(name), table=identifier("spine"))


def _given(arg: Tree | None) -> Tree:
    return exp.Null() if arg is None else arg


DUCKDB = Dialect(
    name="duckdb",
    functions=MappingProxyType(
        {
            **_COMMON,
            "extract": _duckdb_extract,
            "trunc": _duckdb_trunc,
            "trunc_time": lambda _, args: func("DATE_TRUNC", *args),
            "add_days": _chain(exp.Add),
            "add_months": _duckdb_months,
            "add_months_time": _duckdb_months_time,
            "add_seconds": _duckdb_seconds,
            "own_grain": own_grain,
            "date_diff": _function("DATE_DIFF"),
            "at_zone": lambda _, args: func("TIMEZONE", args[1], cast(args[0], "TIMESTAMPTZ")),
            "from_zone": lambda _, args: func("TIMEZONE", args[1], cast(args[0], "TIMESTAMP")),
            "contains": _function("CONTAINS"),
            "starts_with": _function("STARTS_WITH"),
            "to_integer": _duckdb_integer,
        }
    ),
    aggregate=_duckdb_aggregate,
    series=_duckdb_series,
)

DIALECTS: Mapping[str, Dialect] = MappingProxyType({"duckdb": DUCKDB})


def literal(lit: Lit) -> Tree:
    """A constant, escaped by the dialect's own generator."""
    value = lit.value
    match value:
        case None:
            return exp.Null()
        case bool():
            return exp.Boolean(this=value)
        case int():
            return number(value)
        case Decimal():
            plain = format(abs(value), "f")
            tree: Tree = exp.Literal(this=plain, is_string=False)
            return exp.Neg(this=tree) if value < 0 else tree
        case datetime():
            if value.tzinfo is not None:
                return cast(string(value.astimezone(UTC).isoformat(sep=" ")), "TIMESTAMPTZ")
            return cast(string(value.isoformat(sep=" ")), "TIMESTAMP")
        case date():
            return cast(string(value.isoformat()), "DATE")
        case _:
            return string(str(value))
