"""Promises of one table in; the fewest statements that count all of them, and how their numbers are read, out.

One pass counts everything that is true or false of a row, with the oldest and newest values it needs on the way;
uniqueness and references have a statement each. Equal measures are taken once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
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
    RowTest,
    Unique,
    Volume,
)
from loadline.checks.data.primitives import (
    Dialect,
    NotSpoken,
    Tree,
    both,
    call,
    either,
    not_null,
    number,
    string,
)
from loadline.checks.data.primitives import (
    column as column_tree,
)
from loadline.values.contract import Column
from loadline.values.finding import FilePart, Files, RowsNeed, SqlNeed

MOST_PERIODS = 20_000
BUCKET = 65_536
EACH = "loadline_rows"
_MANY, _PERIOD = "loadline_n", "loadline_period"
"""Names of ours in a statement: some engines take such a name for the column of that name, in a condition too."""
PROBED = 100_000
"""Rows looked at to guess whether a column has few values; the guess decides how it is counted, never the count."""
MOST_DISTINCT = 30_000
MOST_WRONG = 100


class Merge(StrEnum):
    """How a table's number follows from those of its parts."""

    SUM = "sum"
    LEAST = "least"
    GREATEST = "greatest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The rows of a relation that lie in some of its parts. A statement that `is_each` has a row for each part, its
    mark first; of a part without rows there is none."""

    relation: str
    files: Files
    parts: tuple[FilePart, ...]
    is_each: bool = False


Rows = str | Slice
"""What is read: a relation, or parts of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Where a promise's numbers stand in the row of the pass: those that break it, and those it is about, when what
    breaks the promise `less` is taken away."""

    promised: Promised
    broken: int | None
    total: int
    less: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One statement over one table, and what each of its numbers is for. The first number is the row count."""

    need: SqlNeed
    measured: tuple[Measured, ...]
    bounds: tuple[tuple[str, int, int, int], ...] = ()  # column, where its least, greatest and number of values stand
    merges: tuple[Merge, ...]


@dataclass(slots=True, kw_only=True)
class _Numbers:
    """The numbers of one statement, each once, in the order they were asked for."""

    dialect: Dialect
    wanted: dict[str, tuple[int, Tree, Merge]] = field(default_factory=dict)

    def at(self, tree: Tree, merge: Merge = Merge.SUM) -> int:
        """Where the number will stand."""
        text = tree.sql(dialect=self.dialect.name)
        if text not in self.wanted:
            self.wanted[text] = (len(self.wanted), tree, merge)
        return self.wanted[text][0]

    def select(self) -> exp.Select:
        return exp.select(*(tree for _, tree, _ in self.wanted.values()))

    @property
    def merges(self) -> tuple[Merge, ...]:
        return tuple(merge for _, _, merge in self.wanted.values())


def one_pass(rows: Rows, promised: Sequence[Promised], dialect: Dialect, *, bounded: Sequence[Column] = ()) -> Pass:
    """Raises NotSpoken when one of the promises cannot be said; `speakable` sorts those out before."""
    numbers = _Numbers(dialect=dialect)
    numbers.at(exp.Count(this=exp.Star()))
    measured = [_measure(one, dialect, numbers.at, _counted_rows) for one in promised]
    bounds = [
        (
            column.in_warehouse,
            numbers.at(call("MIN", tree_of(column)), Merge.LEAST),
            numbers.at(call("MAX", tree_of(column)), Merge.GREATEST),
            numbers.at(exp.Count(this=tree_of(column))),
        )
        for column in bounded
    ]
    need = _need(_over(numbers.select(), rows, dialect), dialect)
    return Pass(need=need, measured=tuple(measured), bounds=tuple(bounds), merges=numbers.merges)


def totals(relation: str, promised: Sequence[Promised], dialect: Dialect) -> Pass:
    """The same without what breaks a promise, for when that is fetched. What has a value is all that does not break the
    promise to have one."""
    numbers = _Numbers(dialect=dialect)
    rows = numbers.at(exp.Count(this=exp.Star()))
    empty = {
        one.test.column.name: one.promise.id
        for one in promised
        if isinstance(one.test, HasValue) and not one.test.missing and one.where is None
    }
    measured = []
    for one in promised:
        if isinstance(one.test, InRange | OneOf | Matches | HasLength | MultipleOf) and one.where is None:
            less = empty.get(one.test.column.name)
            if less is not None:
                measured.append(Measured(promised=one, broken=None, total=rows, less=less))
                continue
        own = _Numbers(dialect=dialect)
        found = _measure(one, dialect, own.at, _counted_rows)
        _, tree, merge = list(own.wanted.values())[found.total]
        measured.append(replace(found, broken=None, total=numbers.at(tree, merge)))
    need = _need(_over(numbers.select(), relation, dialect), dialect)
    return Pass(need=need, measured=tuple(measured), merges=numbers.merges)


def breaking(rows: Rows, test: RowTest, dialect: Dialect) -> SqlNeed:
    """How many rows break the test, asked so that an engine may pass over whatever cannot hold one."""
    return _need(_over(exp.select(exp.Count(this=exp.Star())).where(broken_if(test, dialect)), rows, dialect), dialect)


def _counted_rows(conditions: Sequence[Tree], dialect: Dialect) -> Tree:
    return dialect.count(both(conditions)) if conditions else exp.Count(this=exp.Star())


def _counted_values(conditions: Sequence[Tree], dialect: Dialect) -> Tree:  # noqa: ARG001 - as `_counted_rows`
    """The same over distinct values, each with how many rows have it."""
    rows = exp.column(EACH)
    return _or_none(exp.Case(ifs=[exp.If(this=both(conditions), true=rows)]) if conditions else rows)


def _or_none(tree: Tree) -> Tree:
    return exp.Coalesce(this=exp.Sum(this=tree), expressions=[number(0)])


def _measure(
    promised: Promised,
    dialect: Dialect,
    place: Callable[..., int],
    count: Callable[[Sequence[Tree], Dialect], Tree],
) -> Measured:
    """`place` takes a tree into the statement and says where its number will stand."""
    scope = [scope_tree(promised.where, dialect)] if promised.where else []

    def counted(conditions: Sequence[Tree]) -> Tree:
        return count(conditions, dialect)

    match promised.test:
        case HasValue() | InRange() | OneOf() | Matches() | HasLength() | MultipleOf() | Arrives() as test:
            about = counted_if(test)
            total = counted([*scope, about] if about is not None else scope)
            if count is _counted_rows and about is not None and not scope and not isinstance(test, Arrives):
                total = exp.Count(this=tree_of(test.column))
            return Measured(
                promised=promised,
                broken=place(counted([*scope, exp.Paren(this=broken_if(test, dialect))])),
                total=place(total),
            )
        case RowCount() | Volume():
            return Measured(promised=promised, broken=None, total=place(counted(scope)))
        case Fresh(column=column):
            return Measured(promised=promised, broken=None, total=place(_within("MAX", column, scope), Merge.GREATEST))
        case Retained(column=column):
            return Measured(promised=promised, broken=None, total=place(_within("MIN", column, scope), Merge.LEAST))
        case IsThere() | Unique() | Found() | Asked() | Regular() | NoTest():
            raise NotSpoken("it is not counted in a pass over the rows")
        case _:
            assert_never(promised.test)


def _within(name: str, column: Column, scope: Sequence[Tree]) -> Tree:
    tree = tree_of(column)
    return call(name, exp.Case(ifs=[exp.If(this=both(scope), true=tree)]) if scope else tree)


def uniqueness(
    rows: Rows,
    columns: Sequence[Column],
    where: str | None,
    dialect: Dialect,
    ranges: Sequence[KeyRange] = (),
) -> SqlNeed:
    """Rows with a whole key, distinct keys, keys that repeat: three numbers in one row; of `ranges` only, if given."""
    keys = [tree_of(column) for column in columns]
    inner = (
        exp.select(exp.alias_(exp.Count(this=exp.Star()), _MANY))
        .from_(table_tree(rows, dialect))
        .where(*(not_null(key.copy()) for key in keys), *_scope(where, dialect))
        .group_by(*(key.copy() for key in keys))
    )
    if ranges:
        inner = inner.where(in_ranges(columns[0], ranges))
    n = exp.column(_MANY)
    whole = exp.select(
        exp.Coalesce(this=exp.Sum(this=n), expressions=[number(0)]),
        exp.Count(this=exp.Star()),
        dialect.count(exp.GT(this=n.copy(), expression=number(1))),
    ).from_(inner.subquery("k"))
    return _need(whole, dialect)


def probe(rows: Rows, columns: Sequence[Column], dialect: Dialect) -> SqlNeed:
    """Of the first rows: how many there are, and how many values each column has among them."""
    few = exp.select(*(tree_of(column) for column in columns)).from_(table_tree(rows, dialect)).limit(PROBED)
    counts = [exp.Count(this=exp.Distinct(expressions=[tree_of(column)])) for column in columns]
    return _need(exp.select(exp.Count(this=exp.Star()), *counts).from_(few.subquery("few")), dialect)


def by_value(rows: Rows, column: Column, promised: Sequence[Promised], dialect: Dialect) -> Pass:
    """The same as `one_pass` for promises about one column, judged once for each of its values: cheaper by as much as
    it has fewer values than rows, and most so where the file keeps a dictionary of them."""
    numbers = _Numbers(dialect=dialect)
    numbers.at(_or_none(exp.column(EACH)))
    measured = [_measure(one, dialect, numbers.at, _counted_values) for one in promised]
    need = _need(numbers.select().from_(_values_of(rows, column, dialect)), dialect)
    return Pass(need=need, measured=tuple(measured), merges=numbers.merges)


def wrong_values(rows: Rows, column: Column, test: RowTest, dialect: Dialect) -> RowsNeed:
    """The values of a column that break the test; one more than are listed, so that too many show."""
    select = exp.select(tree_of(column)).from_(_values_of(rows, column, dialect)).where(broken_if(test, dialect))
    return RowsNeed(sql=select.limit(MOST_WRONG + 1).sql(dialect=dialect.name), dialect=dialect.name)


def _values_of(rows: Rows, column: Column, dialect: Dialect) -> exp.Subquery:
    each = exp.alias_(exp.Count(this=exp.Star()), EACH)
    grouped = exp.select(tree_of(column), each).from_(table_tree(rows, dialect)).group_by(tree_of(column))
    return grouped.subquery("each")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRange:
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int


def repeated_by_bits(rows: Rows, name: str, low: int, dialect: Dialect) -> RowsNeed:
    """The stretches of a whole-number column, `BUCKET` long and counted from `low`, in which a value repeats: for each
    its number. One bit for each value instead of a hash: exact, and many times cheaper."""
    key = column_tree(name)
    from_low = exp.Paren(this=exp.Sub(this=key, expression=number(low)))
    bucket = exp.IntDiv(this=from_low, expression=number(BUCKET))
    within = exp.Mod(this=from_low.copy(), expression=number(BUCKET))
    distinct = call("BIT_COUNT", call("BITSTRING_AGG", within, number(0), number(BUCKET - 1)))
    select = (
        exp.select(exp.alias_(bucket, "bucket"))
        .from_(table_tree(rows, dialect))
        .where(not_null(key.copy()))
        .group_by(exp.column("bucket"))
        .having(exp.NEQ(this=exp.Count(this=exp.Star()), expression=distinct))
        .order_by(exp.column("bucket"))
    )
    return RowsNeed(sql=select.sql(dialect=dialect.name), dialect=dialect.name)


def any_repeated_by_bits(rows: Rows, name: str, low: int, dialect: Dialect) -> SqlNeed:
    """How many stretches there are in which a value repeats: one number."""
    repeated = repeated_by_bits(rows, name, low, dialect)
    return SqlNeed(sql=f"SELECT COUNT(*) FROM ({repeated.sql}) AS repeated", dialect=dialect.name)


def dense(relation: str, name: str, dialect: Dialect) -> SqlNeed:
    """How many values a column has, its least and its greatest."""
    key = column_tree(name)
    values = exp.Count(this=exp.Distinct(expressions=[key]))
    select = exp.select(values, call("MIN", key.copy()), call("MAX", key.copy())).from_(table_tree(relation, dialect))
    return _need(select, dialect)


def out_of(rows: Rows, column: Column, ends: KeyRange, dialect: Dialect) -> SqlNeed:
    """Rows with a value, and those of them that are not between the ends: two numbers in one row."""
    outside = exp.Not(this=in_ranges(column, (ends,)))
    return _need(_over(exp.select(exp.Count(this=tree_of(column)), dialect.count(outside)), rows, dialect), dialect)


def in_ranges(column: Column, ranges: Sequence[KeyRange]) -> Tree:
    return either([exp.Between(this=tree_of(column), low=number(one.low), high=number(one.high)) for one in ranges])


def in_repeated_keys(
    relation: str, columns: Sequence[Column], where: str | None, ranges: Sequence[KeyRange], dialect: Dialect
) -> Tree:
    """True for a row whose key another row has. Where all repeated keys are known to lie in `ranges`, only those are
    counted."""
    keys = [tree_of(column) for column in columns]
    within = [exp.Paren(this=in_ranges(columns[0], ranges))] if ranges else []
    twice = (
        exp.select(*(key.copy() for key in keys))
        .from_(table_tree(relation, dialect))
        .where(*(not_null(key.copy()) for key in keys), *(one.copy() for one in within), *_scope(where, dialect))
        .group_by(*(key.copy() for key in keys))
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=number(1)))
    )
    subject: Tree = keys[0] if len(keys) == 1 else exp.Tuple(expressions=keys)
    return both([*within, exp.In(this=subject, query=exp.Subquery(this=twice))])


def lost_references(rows: Rows, test: Found, where: str | None, dialect: Dialect) -> SqlNeed:
    """Rows with a whole reference, and those of them that lead to no row: two numbers in one row."""
    whole = [not_null(tree_of(column)) for column in test.columns]
    scope = _scope(where, dialect)
    about = dialect.count(both([*whole, *scope]))
    lost = dialect.count(both([*(w.copy() for w in whole), *(s.copy() for s in scope), is_lost()]))
    return _need(joined_to_known(_over(exp.select(about, lost), rows, dialect), test, dialect), dialect)


_KNOWN = "loadline_to"
_THERE = exp.alias_(number(1), "loadline_there")


def joined_to_known(select: exp.Select, test: Found, dialect: Dialect) -> exp.Select:
    """Beside each row the key it leads to. A join, because an engine may ask `NOT IN` of a large table row by row."""
    names = [f"{_KNOWN}_{at}" for at in range(len(test.columns))]
    there = [column_tree(name) for name in test.to_columns]
    known = (
        exp.select(*(exp.alias_(each, name) for each, name in zip(there, names, strict=True)), _THERE)
        .distinct()
        .from_(table_tree(test.relation, dialect))
        .where(*(not_null(each.copy()) for each in there))
    )
    pairs = zip(test.columns, names, strict=True)
    leads = [exp.EQ(this=tree_of(column), expression=exp.column(name, table=_KNOWN)) for column, name in pairs]
    return select.join(known.subquery(_KNOWN), on=both(leads), join_type="left")


def is_lost() -> Tree:
    """True for a row that is joined to what is known and leads nowhere, or has no whole reference. Beside a row that
    leads nowhere stands NULL, in ClickHouse 0."""
    there = exp.Coalesce(this=exp.column("loadline_there", table=_KNOWN), expressions=[number(0)])
    return exp.EQ(this=there, expression=number(0))


def lost_if(test: Found, dialect: Dialect) -> Tree:
    """The same of a row that stands alone; on some engines slow where many keys are known."""
    there = [column_tree(name) for name in test.to_columns]
    known = exp.select(*there).from_(table_tree(test.relation, dialect)).where(*(not_null(t.copy()) for t in there))
    keys = [tree_of(column) for column in test.columns]
    subject: Tree = keys[0] if len(keys) == 1 else exp.Tuple(expressions=keys)
    return exp.Not(this=exp.In(this=subject, query=exp.Subquery(this=known)))


def periods(rows: Rows, test: Regular, where: str | None, dialect: Dialect, zone: str) -> RowsNeed:
    """Each day (or hour) that has rows, by the project's clock, and how many."""
    column = test.column
    local = zone if column.logical_type == "timestamp" and column.is_zoned else None
    key = (dialect.hour if test.unit == "h" else dialect.day)(tree_of(column), local)
    select = (
        exp.select(exp.alias_(key, _PERIOD), exp.alias_(exp.Count(this=exp.Star()), _MANY))
        .from_(table_tree(rows, dialect))
        .where(not_null(tree_of(column)), *_scope(where, dialect))
        .group_by(key.copy())
        .order_by(exp.column(_PERIOD))
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


def table_tree(rows: Rows, dialect: Dialect) -> exp.Expr:
    relation = rows.relation if isinstance(rows, Slice) else rows
    table = exp.to_table(relation, dialect=dialect.name)
    for part in table.find_all(exp.Identifier):
        part.args["quoted"] = True
    if not isinstance(rows, Slice):
        return table
    name = table.name
    table.set("this", exp.to_identifier(name + rows.files.suffix, quoted=True))
    mine = exp.In(this=column_tree(rows.files.mark), expressions=[string(part.name) for part in rows.parts])
    return exp.select("*").from_(table).where(mine).subquery(exp.to_identifier(name, quoted=True))


def _over(select: exp.Select, rows: Rows, dialect: Dialect) -> exp.Select:
    """Numbers over rows, or over each of their parts."""
    select = select.from_(table_tree(rows, dialect))
    if isinstance(rows, Slice) and rows.is_each:
        mark = column_tree(rows.files.mark)
        select.set("expressions", [mark, *select.expressions])
        select = select.group_by(mark.copy())
    return select


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
