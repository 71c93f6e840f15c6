"""Broken promises of one table in; one statement that fetches the rows that break any of them, and what those rows say
of each, out.

Few rows break most promises that are broken. Fetching them once, and counting in Python, costs one more pass over the
table for all of them together; asking the engine about each would cost several passes for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from loadline.checks.data.causes import (
    LEAST_SHARE,
    MOST_VALUES,
    SAMPLE_ROWS,
    Questions,
    Where,
    candidates,
    condition_of,
    joined_condition,
    may_be_shown,
    times_of,
)
from loadline.checks.data.conditions import scope_tree, tree_of
from loadline.checks.data.nouns import Found, HasLength, InRange, Matches, OneOf, Promised
from loadline.checks.data.primitives import Tree, both, call, either, number, string
from loadline.checks.data.scans import KeyRange, in_ranges, joined_to_known, table_tree
from loadline.checks.data.subjects import Subject
from loadline.values.contract import Column
from loadline.values.finding import Evidence, Need, Row, RowsNeed, SqlNeed, Table
from loadline.values.promise import Broken

MOST_GATHERED = 5_000
"""Rows that are fetched to be asked why; where more break a promise, the engine is asked instead."""
LEAST_FOR_A_VALUE = 10
"""Broken rows there must be for each value they are said to share: fewer share something by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One broken promise, and what is known of where its rows are."""

    promised: Promised
    broken: Broken
    questions: Questions
    ranges: tuple[KeyRange, ...] = ()
    values: tuple[str, ...] = ()  # all that break it, where they are known
    dense: KeyRange | None = None  # the only references that lead somewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """`rows` fetches every row that breaks one of `asked`, a flag for each first, then `columns`, then the days of
    `times`; `whole` the first and last day of all rows for each of `times`, and the means of `averaged`."""

    asked: tuple[Asked, ...]
    rows: RowsNeed
    whole: SqlNeed
    columns: tuple[Column, ...]
    times: tuple[Column, ...]
    averaged: tuple[Column, ...]


def gathering(
    subject: Subject, asked: Sequence[Asked], live: Mapping[str, str], at: Where, *, is_skipping: bool = False
) -> Gathering:
    """`is_skipping`: the engine passes over what cannot hold a row that is asked for, if it is asked for one thing at a
    time. Then a row that breaks two promises comes twice, once for each."""
    columns, times = columns_of(subject, live), times_of(subject, live)
    averaged = tuple(dict.fromkeys(_averaged(one) for one in asked if one.questions.has_average))
    conditions = [_condition(subject, one, at) for one in asked]
    shown = shown_of(subject, live, at)
    table = table_tree(subject.relation, at.dialect)
    selects = []
    for wanted in [[n] for n in range(len(asked))] if is_skipping else [list(range(len(asked)))]:
        flags = [_flag(one, is_asked=n in wanted, is_alone=len(wanted) == 1) for n, one in enumerate(conditions)]
        named = [exp.alias_(flag, f"b{n}") for n, flag in enumerate(flags)]
        breaking = either([exp.Paren(this=conditions[n].copy()) for n in wanted])
        select = exp.select(*named, *(tree.copy() for tree in shown)).from_(table.copy()).where(breaking)
        for test in (asked[n].promised.test for n in wanted if asked[n].dense is None):
            select = joined_to_known(select, test, at.dialect) if isinstance(test, Found) else select
        selects.append(select)
    rows = " UNION ALL ".join(select.sql(dialect=at.dialect.name) for select in selects)
    ends = [call(name, _day(column, at)) for column in times for name in ("MIN", "MAX")]
    means = [call("AVG", tree_of(column)) for column in averaged]
    whole = exp.select(exp.Count(this=exp.Star()), *ends, *means).from_(table.copy())
    return Gathering(
        asked=tuple(asked),
        rows=RowsNeed(sql=rows, dialect=at.dialect.name),
        whole=SqlNeed(sql=whole.sql(dialect=at.dialect.name), dialect=at.dialect.name),
        columns=columns,
        times=times,
        averaged=averaged,
    )


def columns_of(subject: Subject, live: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(c for c in subject.table.columns.values() if c.in_warehouse in live and may_be_shown(c))


def shown_of(subject: Subject, live: Mapping[str, str], at: Where) -> list[Tree]:
    """What is fetched of a row: its columns, then the days of its times."""
    days = [exp.alias_(_day(column, at), f"day{n}") for n, column in enumerate(times_of(subject, live))]
    return [*(tree_of(column) for column in columns_of(subject, live)), *days]


def had(fetched: Sequence[Sequence[tuple[object, ...]]]) -> Table:
    """Rows that were fetched for each promise when they were counted, as `rows` would have fetched them. A row that
    breaks two promises comes twice, once for each."""
    rows = [
        (*(1 if n == place else 0 for n in range(len(fetched))), *row)
        for place, of_one in enumerate(fetched)
        for row in of_one
    ]
    return Table(columns=(), rows=tuple(rows))


def _flag(condition: Tree, *, is_asked: bool, is_alone: bool) -> Tree:
    """1 for a row that breaks it; where nothing else is fetched, every row does, and none breaks another."""
    if is_alone or not is_asked:
        return number(1 if is_asked else 0)
    return exp.Case(ifs=[exp.If(this=exp.Paren(this=condition.copy()), true=number(1))], default=number(0))


def _averaged(one: Asked) -> Column:
    test = one.promised.test
    assert isinstance(test, InRange)  # noqa: S101 - only ranges have an average
    return test.column


def _condition(subject: Subject, one: Asked, at: Where) -> Tree:
    condition = condition_of(subject, one.promised, at.dialect, one.ranges)
    if one.values and (column := _own(one)) is not None:
        condition = exp.In(this=tree_of(column), expressions=[string(value) for value in one.values])
    if isinstance(test := one.promised.test, Found):
        lost = exp.Not(this=in_ranges(test.columns[0], (one.dense,))) if one.dense is not None else None
        condition = lost or joined_condition(test)
    scope = [scope_tree(one.promised.where, at.dialect)] if one.promised.where else []
    return both([*scope, condition]) if condition is not None else exp.false()


def _day(column: Column, at: Where) -> Tree:
    zone = at.zone if column.logical_type == "timestamp" and column.is_zoned else None
    return at.dialect.day(tree_of(column), zone)


# what the rows say


def pairs_need(subject: Subject, gathered: Gathering, rows: Table, where: Where) -> tuple[SqlNeed | None, list[_Pair]]:
    """How many rows of the whole table have a value that many of the broken ones share: one number for each pair."""
    pairs: dict[_Pair, None] = {}
    for place in range(len(gathered.asked)):
        for column, counts in _shared_values(subject, gathered, rows, place):
            pairs.update(dict.fromkeys(_Pair(column.name, text) for text in counts))
    if not pairs:
        return None, []
    by_name = subject.table.columns
    dialect = where.dialect
    counted = [dialect.count(_is(by_name[pair.field], pair.text)) for pair in pairs]
    select = exp.select(*counted).from_(table_tree(subject.relation, dialect))
    return SqlNeed(sql=select.sql(dialect=dialect.name), dialect=dialect.name), list(pairs)


@dataclass(frozen=True, slots=True, kw_only=False)
class _Pair:
    field: str
    text: str | None


def _is(column: Column, text: str | None) -> Tree:
    if text is None:
        return exp.Is(this=tree_of(column), expression=exp.Null())
    if column.logical_type == "integer":
        return exp.EQ(this=tree_of(column), expression=number(int(text)))
    if column.logical_type == "boolean":
        return exp.EQ(this=tree_of(column), expression=exp.true() if text == "true" else exp.false())
    return exp.EQ(this=tree_of(column), expression=string(text))


def _shared_values(
    subject: Subject, gathered: Gathering, rows: Table, place: int
) -> Iterator[tuple[Column, dict[str | None, int]]]:
    """Columns in which the broken rows have few values, enough of them to mean something."""
    broken = _broken_rows(rows, place)
    for column in candidates(subject, gathered.asked[place].promised, gathered.columns):
        at = len(gathered.asked) + gathered.columns.index(column)
        counts = Counter(_text(row[at]) for row in broken)
        most = {text: n for text, n in counts.items() if n >= LEAST_SHARE * len(broken)}
        if most and len(broken) >= LEAST_FOR_A_VALUE * len(most) and sum(most.values()) >= 0.9 * len(broken):
            yield column, most


def _broken_rows(rows: Table, place: int) -> list[tuple[object, ...]]:
    return [row for row in rows.rows if str(row[place]) == "1"]


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def answered(
    subject: Subject,
    gathered: Gathering,
    evidence: Mapping[Need, Evidence],
    totals: Mapping[_Pair, int],
    place: int,
) -> dict[Need, Evidence]:
    """What the questions about one promise would have been answered by the engine."""
    one, rows, whole = gathered.asked[place], evidence[gathered.rows], evidence[gathered.whole]
    assert isinstance(rows, Table)  # noqa: S101 - whoever asks has seen that the rows are there
    assert isinstance(whole, Row)  # noqa: S101
    broken = _broken_rows(rows, place)
    found: dict[Need, Evidence] = {one.questions.facts: Row(values=tuple(_facts(gathered, one, broken, whole)))}
    if one.questions.groups is not None:
        groups = [
            (column.name, text, totals[_Pair(column.name, text)], n)
            for column, counts in _shared_values(subject, gathered, rows, place)
            for text, n in counts.items()
            if _Pair(column.name, text) in totals
        ]
        found[one.questions.groups] = Table(columns=("field", "value", "n", "bad"), rows=tuple(groups))
    start = len(gathered.asked)
    if one.questions.sample is not None:
        names = tuple(column.in_warehouse for column in gathered.columns)
        keys = [n for n, c in enumerate(gathered.columns) if c.name in subject.table.key] or [0]
        ordered = sorted(broken, key=lambda row: [str(row[start + n]).rjust(20) for n in keys])
        sample = tuple(row[start : start + len(names)] for row in ordered[:SAMPLE_ROWS])
        found[one.questions.sample] = Table(columns=names, rows=sample)
    if one.questions.values is not None and (column := _own(one)) in gathered.columns:
        at = start + gathered.columns.index(column)
        counts = Counter(_text(row[at]) for row in broken)
        most = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[: MOST_VALUES + 1]
        found[one.questions.values] = Table(columns=("value", "bad"), rows=tuple(most))
    return found


def _own(one: Asked) -> Column | None:
    match one.promised.test:
        case Found(columns=(column,)) | OneOf(column=column) | Matches(column=column) | HasLength(column=column):
            return column
        case _:
            return None


def _facts(gathered: Gathering, one: Asked, broken: Sequence[tuple[object, ...]], whole: Row) -> Iterator[object]:
    yield len(broken)
    start = len(gathered.asked) + len(gathered.columns)
    for n, _ in enumerate(gathered.times):
        days = sorted(str(row[start + n])[:10] for row in broken if row[start + n] is not None)
        yield date.fromisoformat(days[0]) if days else None
        yield date.fromisoformat(days[-1]) if days else None
        yield whole.values[1 + 2 * n]
        yield whole.values[2 + 2 * n]
    if one.questions.has_average:
        column = _averaged(one)
        at = len(gathered.asked) + gathered.columns.index(column) if column in gathered.columns else None
        values = [float(str(row[at])) for row in broken if at is not None and row[at] is not None]
        mean = whole.values[1 + 2 * len(gathered.times) + gathered.averaged.index(column)]
        yield sum(values) / len(values) if values else None
        yield _mean_of_others(float(str(mean)), int(str(whole.values[0])), values) if values and mean else None


def _mean_of_others(mean: float, count: int, values: Sequence[float]) -> float | None:
    """The mean without `values`; rows without a value are so few beside the rest that they do not matter here."""
    left = count - len(values)
    return (mean * count - sum(values)) / left if left > 0 else None
