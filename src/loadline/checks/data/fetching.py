"""Promises of a table whose engine stores rows whole in; the rows that break them, fetched as they are counted, out.

There a scan reads every column, whatever is asked, and few rows break most promises. So the rows that break one are
asked for first, not their number: what counts them tells their causes, too, and no second scan is needed. Where more
rows break a promise than are fetched, the scan stops early, and they are counted as elsewhere.

A number and the rows it is beside come from one statement, so from one moment: others may write meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from loadline.checks.data.causes import Where
from loadline.checks.data.conditions import broken_if, scope_tree, tree_of
from loadline.checks.data.gathering import MOST_GATHERED, shown_of
from loadline.checks.data.judging import counted
from loadline.checks.data.known import Known, Steps
from loadline.checks.data.nouns import Found, Promised, RowTest
from loadline.checks.data.primitives import Dialect, Tree, both, call, either, not_null, number
from loadline.checks.data.primitives import column as column_tree
from loadline.checks.data.scans import lost_references, table_tree, uniqueness
from loadline.checks.kinds import kind_of
from loadline.values.contract import Column
from loadline.values.finding import Row, RowsNeed, SqlNeed, Table
from loadline.values.promise import Broken

WORTH_DENSE = 100_000
"""Rows that refer to a table, from which on it pays to ask whether its keys have no gap: a join costs more there."""
MOST_LISTED = 1_000
"""Repeated keys whose rows are looked up by their values."""
Rows = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Numbers over all rows, and the rows that were asked for beside them."""

    numbers: tuple[object, ...]
    rows: Rows


def rows_that_break(
    known: Known, promised: Sequence[Promised], numbers: SqlNeed, dialect: Dialect
) -> Steps[Row | None]:
    """Fetch the rows that break any of `promised`, tests of a row all; they are in `known.fetched` then. What comes
    back are `numbers`, of the same moment. None where too many break one, or the statement does not run."""
    conditions = [_breaks(one, one.test, dialect) for one in promised if isinstance(one.test, RowTest)]
    flags = [
        exp.alias_(exp.Case(ifs=[exp.If(this=one.copy(), true=number(1))], default=number(0)), f"loadline_b{n}")
        for n, one in enumerate(conditions)
    ]
    breaks = exp.Case(ifs=[exp.If(this=either([exp.Paren(this=one) for one in conditions]), true=number(1))])
    # Of an OR a planner believes that many rows are so, and scans alone to be quick with the first; of a number that
    # is 1 it believes that few are, and lets all its workers scan.
    breaks.set("default", number(0))
    select = _of_rows(known, flags, dialect).where(exp.EQ(this=breaks, expression=number(1)))
    found = yield from _beside(numbers.sql, select, dialect)
    if found is None:
        return None
    start = len(conditions)
    for n, one in enumerate(promised):
        known.fetched[one.promise.id] = tuple(row[start:] for row in found.rows if str(row[n]) == "1")
    return Row(values=found.numbers)


def repeated_keys(known: Known, one: Promised, columns: Sequence[Column], dialect: Dialect) -> Steps[bool]:
    """Judge a key of whole numbers: to sort them costs less than to hash each. False where it is not one."""
    key = columns[0]
    if len(columns) != 1 or kind_of(known.live[key.in_warehouse]) != "integer":
        return False
    tree, scope = tree_of(key), [scope_tree(one.where, dialect)] if one.where else []
    table = table_tree(known.relation, dialect)
    values = exp.select(exp.Count(this=tree)).from_(table).where(*scope)
    both_counts = values.select(exp.Count(this=exp.Distinct(expressions=[tree.copy()])))
    seen = yield from _row(SqlNeed(sql=both_counts.sql(dialect=dialect.name), dialect=dialect.name))
    if seen is None:
        return False
    sql, total = uniqueness(known.relation, columns, one.where, dialect).sql, int(str(seen[0]))
    if total == seen[1]:
        known.runs[one.promise.id] = counted(one, 0, total, sql=sql)
        return True
    found = yield from _row(_repeated(tree, table, scope, dialect))
    if found is None:
        return False
    total, bad, keys = (int(str(value)) for value in found[:3])
    run = counted(one, bad, total, sql=sql, keys=keys)
    known.runs[one.promise.id] = run
    listed = found[3] if isinstance(found[3], tuple) else ()
    if isinstance(run, Broken) and len(listed) == keys and bad + keys <= MOST_GATHERED:
        each = exp.In(this=tree.copy(), expressions=[number(int(str(value))) for value in listed])
        yield from _listed(known, one, both([*scope, each]), dialect)
    return True


def _repeated(tree: Tree, table: Tree, scope: Sequence[Tree], dialect: Dialect) -> SqlNeed:
    """One row: how many values, how many more than there are keys, how many keys repeat, and the first of these."""
    keys = exp.select(exp.alias_(tree.copy(), "k")).from_(table.copy()).where(not_null(tree.copy()), *scope)
    in_order = keys.order_by(tree.copy()).offset(0).sql(dialect=dialect.name)  # so that groups need no hash
    sql = (
        "SELECT COALESCE(SUM(n), 0), COALESCE(SUM(n - 1), 0), COUNT(*) FILTER (WHERE n > 1), "
        f"(ARRAY_AGG(k) FILTER (WHERE n > 1))[1:{MOST_LISTED}] FROM "
        f"(SELECT k, COUNT(*) AS n FROM ({in_order}) AS loadline_keys GROUP BY k) AS loadline_times"
    )
    return SqlNeed(sql=sql, dialect=dialect.name)


def _row(need: SqlNeed) -> Steps[tuple[object, ...] | None]:
    seen = (yield (need,)).get(need)
    return seen.values if isinstance(seen, Row) else None


def _listed(known: Known, one: Promised, condition: Tree, dialect: Dialect) -> Steps[None]:
    select = _of_rows(known, [], dialect).where(condition).limit(MOST_GATHERED + 1)
    need = RowsNeed(sql=select.sql(dialect=dialect.name), dialect=dialect.name)
    rows = (yield (need,)).get(need)
    if isinstance(rows, Table) and len(rows.rows) <= MOST_GATHERED:
        known.fetched[one.promise.id] = tuple(row[1:] for row in rows.rows)


def lost_rows(known: Known, one: Promised, test: Found, dialect: Dialect) -> Steps[bool]:
    """Judge a reference. False where more rows lead nowhere than are fetched, or the statements do not run."""
    about = lost_references(known.relation, test, one.where, dialect)
    if (yield from _out_of_dense(known, one, test, about.sql, dialect)):
        return True
    scope = [scope_tree(one.where, dialect)] if one.where else []
    whole = [*(not_null(tree_of(column)) for column in test.columns), *scope]
    numbers = exp.select(dialect.count(both([each.copy() for each in whole]))).from_(
        table_tree(known.relation, dialect)
    )
    lost = exp.Not(this=exp.Exists(this=_leads_to(known, test, dialect)))
    select = _of_rows(known, [], dialect).where(both([*whole, lost]))
    found = yield from _beside(numbers.sql(dialect=dialect.name), select, dialect)
    if found is None:
        return False
    _lost(known, one, found.rows, int(str(found.numbers[0])), about.sql)
    return True


def _leads_to(known: Known, test: Found, dialect: Dialect) -> exp.Select:
    mine = table_tree(known.relation, dialect)
    place = {part: mine.args[part].copy() for part in ("catalog", "db") if mine.args.get(part)}
    pairs = [
        exp.EQ(
            this=column_tree(there, "loadline_to"),
            expression=exp.Column(this=tree_of(column).this, table=mine.this.copy(), **place),
        )
        for column, there in zip(test.columns, test.to_columns, strict=True)
    ]
    other = exp.alias_(table_tree(test.relation, dialect), "loadline_to", table=True)
    return exp.select(number(1)).from_(other).where(*pairs)


def _out_of_dense(known: Known, one: Promised, test: Found, sql: str, dialect: Dialect) -> Steps[bool]:
    """Where the keys referred to are all the whole numbers from one to another, a reference leads somewhere when it
    lies between. Both are asked in one statement: rows and keys may come while we look."""
    column = test.columns[0]
    is_one = len(test.columns) == 1 and one.where is None and kind_of(known.live[column.in_warehouse]) == "integer"
    if not is_one or (known.rows or 0) < WORTH_DENSE:
        return False
    key = column_tree(test.to_columns[0])
    ends = exp.select(
        exp.alias_(exp.Count(this=exp.Distinct(expressions=[key])), "n"),
        exp.alias_(call("MIN", key.copy()), "low"),
        exp.alias_(call("MAX", key.copy()), "high"),
    ).from_(table_tree(test.relation, dialect))
    rows = exp.select(exp.alias_(exp.Count(this=tree_of(column)), "about")).from_(table_tree(known.relation, dialect))

    def end(text: str) -> Tree:
        return exp.Subquery(this=exp.select(exp.maybe_parse(text)).from_("loadline_ends"))

    is_dense = end("high - low + 1 = n")
    outside = either(
        [exp.LT(this=tree_of(column), expression=end("low")), exp.GT(this=tree_of(column), expression=end("high"))]
    )
    select = _of_rows(known, [], dialect).where(is_dense, exp.Paren(this=outside))
    numbers = (
        "SELECT high - low + 1 = n AS is_dense, CASE WHEN high - low + 1 = n THEN "
        f"({rows.sql(dialect=dialect.name)}) END AS about FROM loadline_ends"
    )
    with_ends = f"WITH loadline_ends AS MATERIALIZED ({ends.sql(dialect=dialect.name)}) "
    found = yield from _beside(numbers, select, dialect, before=with_ends)
    if found is None or found.numbers[0] is not True:
        return False
    _lost(known, one, found.rows, int(str(found.numbers[1])), sql)
    return True


def _lost(known: Known, one: Promised, rows: Rows, about: int, sql: str) -> None:
    known.fetched[one.promise.id] = rows
    known.runs[one.promise.id] = counted(one, len(rows), about, sql=sql)


def _breaks(one: Promised, test: RowTest, dialect: Dialect) -> Tree:
    scope = [scope_tree(one.where, dialect)] if one.where else []
    return both([*scope, exp.Paren(this=broken_if(test, dialect))])


def _of_rows(known: Known, flags: Sequence[Tree], dialect: Dialect) -> exp.Select:
    """A 1 first, so that it shows when there is no row; then `flags`, then what may be shown of the row."""
    at = Where(dialect=dialect, zone=known.setting.zone)
    shown = shown_of(known.subject, known.live, at)
    return exp.select(exp.alias_(number(1), "loadline_is"), *flags, *shown).from_(table_tree(known.relation, dialect))


def _beside(numbers: str, select: exp.Select, dialect: Dialect, *, before: str = "") -> Steps[Beside | None]:
    """One row of numbers and some rows in one statement. None where there are too many, or none could be had."""
    few = select.limit(MOST_GATHERED + 1).sql(dialect=dialect.name)
    sql = (
        f"{before}SELECT loadline_all.*, loadline_some.* FROM ({numbers}) AS loadline_all "
        f"LEFT JOIN ({few}) AS loadline_some ON TRUE"
    )
    need = RowsNeed(sql=sql, dialect=dialect.name)
    found = (yield (need,)).get(need)
    if not isinstance(found, Table) or not found.rows or len(found.rows) > MOST_GATHERED:
        return None
    width = len(found.rows[0]) - len(select.expressions)
    rows = tuple(row[width + 1 :] for row in found.rows if row[width] is not None)
    return Beside(numbers=found.rows[0][:width], rows=rows)
