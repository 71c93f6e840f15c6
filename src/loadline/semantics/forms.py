"""What the dialects of the portable function table are built of: trees, operators, and the forms they share.

A form builds a SQLGlot tree from trees of its arguments. Nothing here is translated from one dialect to another:
a dialect that says a thing differently has its own entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlglot import exp

from loadline.semantics.identifiers import identifier, relation
from loadline.semantics.nodes import Call, Kind, Lit, Measure

Tree = exp.Expr
Form = Callable[[Call, Sequence[Tree]], Tree]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine writes things: `functions` by name of `Call`, and a measure over its argument's tree.

    `series` is a query for every `time` from a first (in) to a last (in), in steps of a unit (`day` gives dates,
    shorter ones timestamps). `key` makes a group of the answer go in the order of code points; `null` is a NULL that
    has a type.
    """

    name: str
    functions: Mapping[str, Form]
    aggregate: Callable[[Measure, Tree | None], Tree]
    series: Callable[[Tree, Tree, str], exp.Select]
    key: Callable[[Kind, Tree], Tree] = lambda _, tree: tree
    null: Callable[[Kind], Tree] = lambda _: exp.Null()


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
    **dict.fromkeys((exp.Mul, exp.Div, exp.Mod, exp.IntDiv), 6),
    exp.Neg: 7,
}
"""How strongly each operator binds; what is not here binds strongest."""


def bracketed(tree: Tree, level: int) -> Tree:
    """The tree, in brackets unless it binds more strongly than the operator of `level` around it."""
    return exp.Paren(this=tree) if _LEVELS.get(type(tree), 8) <= level else tree


def word(call: Call, position: int) -> str:
    found = call.args[position]
    return str(found.value) if isinstance(found, Lit) else ""


def named_time(tree: Tree) -> exp.Alias:
    return exp.Alias(this=tree, alias=identifier("time"))


def _own_grain(call: Call, args: Sequence[Tree]) -> Tree:
    """The first day of a period of the company's own, looked up in the spine by day."""
    source, day, grain = (word(call, position) for position in range(3))
    spine = exp.Select(
        expressions=[cast(func("MAX", _of_spine(grain)), "DATE")],
        from_=exp.From(this=relation(source, "spine")),
    )
    spine.set("where", exp.Where(this=exp.EQ(this=cast(_of_spine(day), "DATE"), expression=args[3])))
    return exp.Subquery(this=spine)


def _looked_up(call: Call, args: Sequence[Tree]) -> Tree:
    """What a step of the statement has as `looked` for a time."""
    steps = exp.Select(
        expressions=[func("MAX", exp.Column(this=identifier("looked")))],
        from_=exp.From(this=exp.Table(this=identifier(word(call, 0)))),
    )
    time = exp.Column(this=identifier("time"), table=identifier(word(call, 0)))
    steps.set("where", exp.Where(this=exp.EQ(this=time, expression=args[1])))
    return exp.Subquery(this=steps)


def _of_spine(name: str) -> exp.Column:
    return exp.Column(this=identifier(name), table=identifier("spine"))


def binary(kind: type[exp.Binary]) -> Form:
    level = _LEVELS[kind]
    return lambda _, args: kind(this=bracketed(args[0], level), expression=bracketed(args[1], level))


def chain(kind: type[exp.Binary]) -> Form:
    """An operator that may be repeated: `a + b + c`, `a AND b AND c`."""
    level = _LEVELS[kind]

    def form(_: Call, args: Sequence[Tree]) -> Tree:
        tree: Tree = args[0] if isinstance(args[0], kind) else bracketed(args[0], level)
        for arg in args[1:]:
            tree = kind(this=tree, expression=bracketed(arg, level))
        return tree

    return form


def function(name: str) -> Form:
    return lambda _, args: func(name, *args)


def _divided(call: Call, args: Sequence[Tree]) -> Tree:
    """NULL where the divisor is zero."""
    return exp.Div(this=bracketed(args[0], 6), expression=not_zero(call, args[1]))


def _remainder(call: Call, args: Sequence[Tree]) -> Tree:
    return exp.Mod(this=bracketed(args[0], 6), expression=not_zero(call, args[1]))


def not_zero(call: Call, divisor: Tree) -> Tree:
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


def whole(tree: Tree) -> Tree:
    """As the small integer that functions of dates and digits take."""
    is_literal = isinstance(tree, exp.Literal) or (isinstance(tree, exp.Neg) and isinstance(tree.this, exp.Literal))
    return tree if is_literal else cast(tree, "INT")


def add_days(_: Call, args: Sequence[Tree]) -> Tree:
    return exp.Add(this=bracketed(args[0], 5), expression=bracketed(whole(args[1]), 5))


_WRITTEN_AS = {
    "whole number": "^ *[+-]?[0-9]+ *$",
    "number": "^ *[+-]?(([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?|NaN|nan|inf|Infinity|infinity) *$",
    "day, year-month-day": "^ *[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}( *$|[ T])",
}
"""How a text must be written to be read as a value: engines would also read `12.7` as 13, `0x10`, `1_000`, `today`."""


Matches = Callable[[Tree, Tree], Tree]
"""A test whether a regular expression is found in a text."""


def regexp_like(text: Tree, pattern: Tree) -> Tree:
    return exp.RegexpLike(this=bracketed(text, 4), expression=pattern)


def as_written(call: Call, tree: Tree, what: str, matches: Matches = regexp_like) -> Tree:
    """The text itself, to be cast; or another that no cast reads, and that says so in the engine's error."""
    if call.args[0].kind.name != "string":
        return tree
    is_none = exp.Is(this=bracketed(tree, 4), expression=exp.Null())
    is_one = matches(tree.copy(), string(_WRITTEN_AS[what]))
    told = exp.DPipe(this=string(f"not a {what}: "), expression=bracketed(tree.copy(), 4))
    return exp.Case(ifs=[exp.If(this=exp.Or(this=is_none, expression=is_one), true=tree.copy())], default=told)


class NotInDialect(Exception):  # becomes a refusal, never shown as an error
    """An engine has no form that means the same."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


def read_as(type_name: str, what: str, matches: Matches) -> Form:
    return lambda call, args: cast(as_written(call, args[0], what, matches), type_name)


def reading(matches: Matches) -> dict[str, Form]:
    """Texts read as values, where only those written as we write them may be."""
    return {
        "to_number": read_as("DOUBLE", "number", matches),
        "to_date": read_as("DATE", "day, year-month-day", matches),
        "to_timestamp": read_as("TIMESTAMP", "day, year-month-day", matches),
    }


def floating(call: Call, args: Sequence[Tree]) -> Tree:
    """A division of floating numbers, whatever is divided; NULL where the divisor is zero."""
    return exp.Div(this=cast(args[0], "DOUBLE"), expression=not_zero(call, args[1]), typed=True)


def of_those_given(name: str) -> Form:
    """The least or greatest of what is not NULL, for engines where one NULL makes all of it NULL: pair by pair."""

    def form(_: Call, args: Sequence[Tree]) -> Tree:
        found = args[0]
        for arg in args[1:]:
            found = func("COALESCE", func(name, found.copy(), arg.copy()), found, arg)
        return found

    return form


def share_of(measure: Measure) -> Tree:
    return exp.Literal(this=str(measure.share.value if measure.share else 0), is_string=False)


def within_group(name: str, share: Tree, arg: Tree | None) -> Tree:
    return exp.WithinGroup(this=func(name, share), expression=exp.Order(expressions=[cast(given(arg), "DOUBLE")]))


def counted(measure: Measure, arg: Tree | None) -> Tree | None:
    """Counts and what every engine calls the same; None for the rest."""
    match measure.name:
        case "count":
            return func("COUNT", arg if arg is not None else exp.Star())
        case "count_distinct":
            return func("COUNT", exp.Distinct(expressions=[given(arg)]))
        case "sum" | "avg" | "min" | "max":
            return func(measure.name.upper(), given(arg))
        case _:
            return None


COMMON: Mapping[str, Form] = {
    "+": chain(exp.Add),
    "-": binary(exp.Sub),
    "*": chain(exp.Mul),
    "/": _divided,
    "%": _remainder,
    "negative": lambda _, args: exp.Neg(this=bracketed(args[0], 7)),
    "abs": function("ABS"),
    "round": function("ROUND"),
    "floor": function("FLOOR"),
    "ceil": function("CEIL"),
    "=": binary(exp.EQ),
    "<>": binary(exp.NEQ),
    "<": binary(exp.LT),
    "<=": binary(exp.LTE),
    ">": binary(exp.GT),
    ">=": binary(exp.GTE),
    "and": chain(exp.And),
    "or": chain(exp.Or),
    "not": _negated,
    "is null": _is_null,
    "in": _in,
    "like": lambda _, args: exp.Like(this=bracketed(args[0], 4), expression=args[1]),
    "case": _case,
    "coalesce": function("COALESCE"),
    "least": function("LEAST"),
    "greatest": function("GREATEST"),
    "||": chain(exp.DPipe),
    "concat": chain(exp.DPipe),
    "upper": function("UPPER"),
    "lower": function("LOWER"),
    "trim": function("TRIM"),
    "length": function("LENGTH"),
    "substr": function("SUBSTR"),
    "hashed": function("MD5"),  # of masks only: nobody can write it
    "replace": function("REPLACE"),
    "own_grain": _own_grain,
    "looked_up": _looked_up,
    "to_string": _to("VARCHAR"),
    "to_number": lambda call, args: cast(as_written(call, args[0], "number"), "DOUBLE"),
    "to_boolean": _to("BOOLEAN"),
    "to_date": lambda call, args: cast(as_written(call, args[0], "day, year-month-day"), "DATE"),
    "to_timestamp": lambda call, args: cast(as_written(call, args[0], "day, year-month-day"), "TIMESTAMP"),
}


def given(arg: Tree | None) -> Tree:
    return exp.Null() if arg is None else arg


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
