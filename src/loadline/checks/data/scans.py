"""Promises of one table in; the fewest statements that count all of them, and how their numbers are read, out.

One pass counts everything that is true or false of a row, with the oldest and newest values it needs on the way;
uniqueness and references have a statement each. Equal measures are taken once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from loadline.checks.data.conditions import broken_if, counted_if, scope_tree, tree_of
from loadline.checks.data.nouns import (
    Arrives,
    Asked,
    Found,
    Fresh,
    HasLength,
    HasValue,
    InRange,
    IsThere,
    Matches,
    MultipleOf,
    NoTest,
    OneOf,
    Promised,
    Regular,
    Retained,
    RowCount,
    Unique,
    Volume,
)
from loadline.checks.data.primitives import (
    Dialect,
    NotSpoken,
    Tree,
    both,
    call,
    not_null,
    number,
)
from loadline.checks.data.primitives import (
    column as column_tree,
)
from loadline.values.contract import Column
from loadline.values.finding import RowsNeed, SqlNeed

MOST_PERIODS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Where a promise's numbers stand in the row of the pass: those that break it, and those it is about."""

    promised: Promised
    broken: int | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One statement over one table, and what each of its numbers is for. The first number is the row count."""

    need: SqlNeed
    measured: tuple[Measured, ...]
    bounds: tuple[tuple[str, int, int], ...] = ()  # column, where its least and its greatest value stand


def one_pass(relation: str, promised: Sequence[Promised], dialect: Dialect, *, bounded: Sequence[Column] = ()) -> Pass:
    """Raises NotSpoken when one of the promises cannot be said; `speakable` sorts those out before."""
    wanted: dict[str, tuple[int, Tree]] = {}

    def at(tree: Tree) -> int:
        text = tree.sql(dialect=dialect.name)
        if text not in wanted:
            wanted[text] = (len(wanted), tree)
        return wanted[text][0]

    at(exp.Count(this=exp.Star()))
    measured = [_measure(one, dialect, at) for one in promised]
    bounds = [(c.in_warehouse, at(call("MIN", tree_of(c))), at(call("MAX", tree_of(c)))) for c in bounded]
    select = exp.select(*(tree for _, tree in wanted.values())).from_(table_tree(relation, dialect))
    return Pass(need=_need(select, dialect), measured=tuple(measured), bounds=tuple(bounds))


def _measure(promised: Promised, dialect: Dialect, place: Callable[[Tree], int]) -> Measured:
    """`place` takes a tree into the statement and says where its number will stand."""
    scope = [scope_tree(promised.where, dialect)] if promised.where else []

    def counted(conditions: Sequence[Tree]) -> Tree:
        return dialect.count(both(conditions)) if conditions else exp.Count(this=exp.Star())

    match promised.test:
        case HasValue() | InRange() | OneOf() | Matches() | HasLength() | MultipleOf() | Arrives() as test:
            about = counted_if(test)
            total = counted([*scope, about] if about is not None else scope)
            if about is not None and not scope and not isinstance(test, Arrives):
                total = exp.Count(this=tree_of(test.column))
            return Measured(
                promised=promised,
                broken=place(counted([*scope, exp.Paren(this=broken_if(test, dialect))])),
                total=place(total),
            )
        case RowCount() | Volume():
            return Measured(promised=promised, broken=None, total=place(counted(scope)))
        case Fresh(column=column):
            return Measured(promised=promised, broken=None, total=place(_within("MAX", column, scope)))
        case Retained(column=column):
            return Measured(promised=promised, broken=None, total=place(_within("MIN", column, scope)))
        case IsThere() | Unique() | Found() | Asked() | Regular() | NoTest():
            raise NotSpoken("it is not counted in a pass over the rows")
        case _:
            assert_never(promised.test)


def _within(name: str, column: Column, scope: Sequence[Tree]) -> Tree:
    tree = tree_of(column)
    return call(name, exp.Case(ifs=[exp.If(this=both(scope), true=tree)]) if scope else tree)


def uniqueness(relation: str, columns: Sequence[Column], where: str | None, dialect: Dialect) -> SqlNeed:
    """Rows with a whole key, distinct keys, keys that repeat: three numbers in one row."""
    keys = [tree_of(column) for column in columns]
    inner = (
        exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"))
        .from_(table_tree(relation, dialect))
        .where(*(not_null(key.copy()) for key in keys), *_scope(where, dialect))
        .group_by(*(key.copy() for key in keys))
    )
    n = exp.column("n")
    whole = exp.select(
        exp.Coalesce(this=exp.Sum(this=n), expressions=[number(0)]),
        exp.Count(this=exp.Star()),
        dialect.count(exp.GT(this=n.copy(), expression=number(1))),
    ).from_(inner.subquery("k"))
    return _need(whole, dialect)


def counted_by_bits(relation: str, name: str, low: int, high: int, dialect: Dialect) -> SqlNeed:
    """Values, and distinct values, of a whole-number column between two known ends: one bit each, and no hash."""
    key = column_tree(name)
    bits = call("BITSTRING_AGG", key, number(low), number(high))
    select = exp.select(exp.Count(this=key.copy()), call("BIT_COUNT", bits)).from_(table_tree(relation, dialect))
    return _need(select, dialect)


def lost_references(relation: str, test: Found, where: str | None, dialect: Dialect) -> SqlNeed:
    """Rows with a whole reference, and those of them that lead to no row: two numbers in one row."""
    whole = [not_null(tree_of(column)) for column in test.columns]
    scope = _scope(where, dialect)
    about = dialect.count(both([*whole, *scope]))
    lost = dialect.count(both([*(w.copy() for w in whole), *(s.copy() for s in scope), lost_if(test, dialect)]))
    return _need(exp.select(about, lost).from_(table_tree(relation, dialect)), dialect)


def lost_if(test: Found, dialect: Dialect) -> Tree:
    """True for a row whose reference leads nowhere."""
    there = [column_tree(name) for name in test.to_columns]
    known = exp.select(*there).from_(table_tree(test.relation, dialect)).where(*(not_null(t.copy()) for t in there))
    keys = [tree_of(column) for column in test.columns]
    subject: Tree = keys[0] if len(keys) == 1 else exp.Tuple(expressions=keys)
    return exp.Not(this=exp.In(this=subject, query=exp.Subquery(this=known)))


def periods(relation: str, test: Regular, where: str | None, dialect: Dialect, zone: str) -> RowsNeed:
    """Each day (or hour) that has rows, by the project's clock, and how many."""
    column = test.column
    local = zone if column.logical_type == "timestamp" and column.is_zoned else None
    key = (dialect.hour if test.unit == "h" else dialect.day)(tree_of(column), local)
    select = (
        exp.select(exp.alias_(key, "period"), exp.alias_(exp.Count(this=exp.Star()), "n"))
        .from_(table_tree(relation, dialect))
        .where(not_null(tree_of(column)), *_scope(where, dialect))
        .group_by(key.copy())
        .order_by(exp.column("period"))
    )
    return RowsNeed(sql=select.sql(dialect=dialect.name), dialect=dialect.name)


def asked(relation: str, test: Asked, dialect: Dialect) -> SqlNeed:
    """The rule's own SELECT with our names filled in; it is the warehouse's SQL and sent as it is written."""
    names = {"table": table_tree(relation, dialect).sql(dialect=dialect.name)}
    if test.column is not None:
        names["column"] = tree_of(test.column).sql(dialect=dialect.name)
    sql = test.query
    for word, of in (("table", "table"), ("object", "table"), ("column", "column"), ("property", "column")):
        for form in (f"${{{word}}}", f"{{{word}}}"):
            if form in sql:
                if of not in names:
                    raise NotSpoken(f"the query says `{form}`, and the rule is not about one column")
                sql = sql.replace(form, names[of])
    return SqlNeed(sql=sql.strip().rstrip(";"), dialect=dialect.name)


def table_tree(relation: str, dialect: Dialect) -> exp.Table:
    table = exp.to_table(relation, dialect=dialect.name)
    for part in table.find_all(exp.Identifier):
        part.args["quoted"] = True
    return table


def _scope(where: str | None, dialect: Dialect) -> list[Tree]:
    return [scope_tree(where, dialect)] if where else []


def _need(select: exp.Select, dialect: Dialect) -> SqlNeed:
    return SqlNeed(sql=select.sql(dialect=dialect.name), dialect=dialect.name)


def speakable(promised: Promised, relation: str, dialect: Dialect) -> str | None:
    """Why the dialect cannot say it; None when it can."""
    try:
        match promised.test:
            case Unique(columns=columns):
                uniqueness(relation, columns, promised.where, dialect)
            case Found() as test:
                lost_references(relation, test, promised.where, dialect)
            case Regular() as test:
                periods(relation, test, promised.where, dialect, "UTC")
            case Asked() as test:
                asked(relation, test, dialect)
            case IsThere() | NoTest():
                pass
            case _:
                one_pass(relation, (promised,), dialect)
    except NotSpoken as why:
        return str(why)
    return None


def columns_of(promised: Promised) -> Iterable[Column]:
    """Every column of the table the test reads."""
    match promised.test:
        case Unique(columns=columns) | Found(columns=columns):
            return columns
        case Arrives(column=column, arrival=arrival):
            return (column, arrival)
        case Asked(column=None) | RowCount() | Volume() | NoTest():
            return ()
        case Asked(column=column):
            return (column,) if column is not None else ()
        case _:
            return (promised.test.column,)
