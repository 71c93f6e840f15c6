"""A test of one row in; the condition under which the row breaks it, as a SQLGlot tree, out.

NULL breaks nothing but `HasValue`: every other condition is NULL for it, and what is not true is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import sqlglot
from sqlglot import exp

from loadline.checks.data.nouns import Arrives, HasLength, HasValue, InRange, Matches, MultipleOf, OneOf, RowTest
from loadline.checks.data.patterns import Unportable, portable
from loadline.checks.data.primitives import (
    Dialect,
    NotSpoken,
    Tree,
    both,
    call,
    either,
    is_null,
    not_null,
    number,
    spelled,
    string,
)
from loadline.checks.data.primitives import (
    column as column_tree,
)
from loadline.values.contract import Column, Written


def broken_if(test: RowTest, dialect: Dialect) -> Tree:
    """Raises NotSpoken when the dialect has no exact way to say it."""
    match test:
        case HasValue(column=column, missing=missing):
            return _has_no_value(column, missing, dialect)
        case InRange():
            return _out_of_range(test, dialect)
        case OneOf(column=column, values=values, pattern=pattern):
            known = [value for value in values if value is not None]
            is_none = exp.Not(this=_in(column, known, dialect))
            return is_none if pattern is None else both([is_none, _looks_otherwise(column, pattern, dialect)])
        case Matches(column=column, pattern=pattern):
            return _looks_otherwise(column, pattern, dialect)
        case HasLength():
            return _of_another_length(test, dialect)
        case MultipleOf():
            return _no_multiple(test)
        case Arrives(column=column, arrival=arrival, seconds=seconds):
            return exp.GT(this=apart_seconds(column, arrival, dialect), expression=number(seconds))
        case _:
            assert_never(test)


def _looks_otherwise(column: Column, pattern: str, dialect: Dialect) -> Tree:
    if column.logical_type != "string":
        raise NotSpoken(f"a pattern is about text, and `{column.name}` is a {column.logical_type}")
    try:
        return exp.Not(this=exp.Paren(this=dialect.searches(tree_of(column), portable(pattern))))
    except Unportable as odd:
        raise NotSpoken(f"the pattern {odd}") from odd


def counted_if(test: RowTest) -> Tree | None:
    """The rows a share is of: those with a value, and all of them (None) where a missing value is what breaks it."""
    match test:
        case HasValue():
            return None
        case Arrives(column=column, arrival=arrival):
            return both([not_null(tree_of(column)), not_null(tree_of(arrival))])
        case _:
            return not_null(tree_of(test.column))


def tree_of(column: Column, table: str | None = None) -> Tree:
    return column_tree(column.in_warehouse, table)


def apart_seconds(start: Column, end: Column, dialect: Dialect) -> Tree:
    if (start.is_zoned, start.timezone) != (end.is_zoned, end.timezone):
        raise NotSpoken(f"`{start.name}` and `{end.name}` show different clocks")
    return dialect.seconds(tree_of(start), tree_of(end))


def scope_tree(where: str, dialect: Dialect) -> Tree:
    """A condition in the warehouse's own SQL, exactly as written. Raises NotSpoken when it is not one condition."""
    if "--" in where or "/*" in where:
        raise NotSpoken(f"`where: {where}` holds a comment, which would swallow what comes after it")
    try:
        statements = sqlglot.parse(f"SELECT 1 WHERE {where}", read=dialect.name)
    except sqlglot.errors.SqlglotError as error:
        raise NotSpoken(f"`where: {where}` is not a condition in the SQL of {dialect.name}") from error
    found = statements[0] if len(statements) == 1 else None
    clause = found.args.get("where") if isinstance(found, exp.Select) else None
    if (
        found is None
        or clause is None
        or {key for key, value in found.args.items() if value} - {"expressions", "where"}
    ):
        raise NotSpoken(f"`where: {where}` is not one condition")
    return exp.Paren(this=exp.Var(this=where))


_OF_ROW = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Tuple, exp.Neg,
    exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ,
    exp.Add, exp.Sub, exp.Mul,
)  # fmt: skip


def is_of_row(where: str, dialect: Dialect) -> bool:
    """Whether the condition certainly depends on nothing but the row: no function that may know the time, no other
    table. Raises NotSpoken as `scope_tree`."""
    scope_tree(where, dialect)
    tree = sqlglot.parse_one(f"SELECT 1 WHERE {where}", read=dialect.name).args["where"].this
    names = {column.name.lower() for column in tree.find_all(exp.Column)}
    is_time = names & {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
    return not is_time and all(isinstance(node, _OF_ROW) for node in tree.find_all(exp.Expr))


def _has_no_value(column: Column, missing: tuple[Written, ...], dialect: Dialect) -> Tree:
    tree = tree_of(column)
    values = [value for value in missing if value is not None]
    if not values:
        return is_null(tree)
    text = tree if column.logical_type == "string" else dialect.text(tree)
    listed = exp.In(this=text, expressions=[string(spelled(value)) for value in values])
    return listed if None not in missing else either([is_null(tree.copy()), listed])


def _of_another_length(test: HasLength, dialect: Dialect) -> Tree:
    length = dialect.length(tree_of(test.column))
    ends: list[Tree] = []
    if test.least is not None:
        ends.append(exp.LT(this=length.copy(), expression=number(test.least)))
    if test.most is not None:
        ends.append(exp.GT(this=length.copy(), expression=number(test.most)))
    return either(ends)


def _no_multiple(test: MultipleOf) -> Tree:
    tree = tree_of(test.column)
    if test.column.logical_type == "integer" and test.of == test.of.to_integral_value():
        return exp.NEQ(this=exp.Mod(this=tree, expression=number(int(test.of))), expression=number(0))
    parts = exp.Div(this=exp.Mul(this=tree, expression=exp.Literal.number("1.0")), expression=number(test.of))
    apart = call("ABS", exp.Sub(this=parts, expression=call("ROUND", parts.copy())))
    return exp.GT(this=apart, expression=exp.Literal.number("0.000000001"))


def _in(column: Column, values: Sequence[Written], dialect: Dialect) -> Tree:
    return exp.In(this=tree_of(column), expressions=[dialect.literal(value, column) for value in values])


def _out_of_range(test: InRange, dialect: Dialect) -> Tree:
    ends: list[Tree] = []
    if test.minimum is not None:
        below = exp.LTE if test.minimum.is_exclusive else exp.LT
        ends.append(below(this=tree_of(test.column), expression=dialect.literal(test.minimum.value, test.column)))
    if test.maximum is not None:
        above = exp.GTE if test.maximum.is_exclusive else exp.GT
        ends.append(above(this=tree_of(test.column), expression=dialect.literal(test.maximum.value, test.column)))
    return either(ends)
