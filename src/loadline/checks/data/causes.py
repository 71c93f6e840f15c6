"""A broken promise in; what to ask the rows that break it (where, when, how far off), and what that says, out.

A cause is only named when the rows say it: nearly all of the broken ones share a value that few of the others have, or
lie in a part of the table's time, or are a power of ten away. Nothing is guessed from names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlglot import exp

from loadline.checks.data.conditions import broken_if, scope_tree, tree_of
from loadline.checks.data.nouns import (
    Arrives,
    Found,
    HasLength,
    HasValue,
    InRange,
    Matches,
    MultipleOf,
    OneOf,
    Promised,
    Unique,
)
from loadline.checks.data.primitives import Dialect, Tree, both, call, not_null, number, string
from loadline.checks.data.primitives import column as column_tree
from loadline.checks.data.scans import KeyRange, in_repeated_keys, is_lost, joined_to_known, lost_if, table_tree
from loadline.checks.data.subjects import Subject
from loadline.checks.data.words import percent, shown
from loadline.values.contract import Column
from loadline.values.finding import Evidence, Need, Row, RowsNeed, SqlNeed, Table
from loadline.values.promise import Broken, Span

BAD = "loadline_breaks"
SAMPLE_ROWS = 5
MOST_CANDIDATES = 12
NEARLY_ALL = 0.95
LEAST_SHARE = 0.15  # of the broken rows, for a value to be among those they share
MOST_SHARED = 3
MOST_VALUES = 4
FEW = 10
"""Broken rows below which they are said to share something only when it is plain."""
_OPEN_CLASSES = frozenset({"public", "internal", "open"})
_GROUPED = frozenset({"string", "boolean", "integer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What to ask of one broken promise. Each may go unanswered: then that much of the cause is not known."""

    facts: SqlNeed
    groups: RowsNeed | None
    sample: RowsNeed | None
    narrow: RowsNeed | None  # the same with fewer columns, for when one of the others cannot be read
    values: RowsNeed | None  # of the column itself, where a wrong value says most
    times: tuple[Column, ...]
    has_average: bool


def questions(
    subject: Subject, promised: Promised, broken: Broken, live: Mapping[str, str], at: Where
) -> Questions | None:
    """None where no single rows break it."""
    condition = _flag_condition(promised, at.dialect)
    if condition is None or not broken.count:
        return None
    flagged = _flagged(subject, condition, promised, at.dialect)
    columns = [column for column in subject.table.columns.values() if column.in_warehouse in live]
    own = {*promised.promise.columns, *subject.table.key}
    times = times_of(subject, live)
    average = isinstance(promised.test, InRange) and promised.test.column.logical_type in {"integer", "number"}
    return Questions(
        facts=_facts(flagged, times, promised if average else None, at),
        groups=_groups(flagged, candidates(subject, promised, columns), broken.count, at.dialect),
        sample=_sample(flagged, subject, columns, at.dialect),
        narrow=_sample(flagged, subject, [c for c in columns if c.name in own], at.dialect),
        values=_values(flagged, promised, at.dialect),
        times=times,
        has_average=average,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which engine is asked, and whose clock days are told by."""

    dialect: Dialect
    zone: str


def may_be_shown(column: Column) -> bool:
    """Only what has no class, or an open one: a class nobody here knows may be one of personal data."""
    return column.classification is None or column.classification.strip().lower() in _OPEN_CLASSES


def times_of(subject: Subject, live: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(
        column
        for column in subject.table.columns.values()
        if column.logical_type in {"date", "timestamp"} and column.in_warehouse in live and may_be_shown(column)
    )


def condition_of(
    subject: Subject, promised: Promised, dialect: Dialect, ranges: Sequence[KeyRange] = ()
) -> Tree | None:
    """True for a row that breaks the promise; None where no single rows do. `ranges` are the keys among which all
    repeated ones are known to be."""
    match promised.test:
        case Unique(columns=columns):
            return in_repeated_keys(subject.relation, columns, promised.where, ranges, dialect)
        case Found() as test:
            return both([*(not_null(tree_of(column)) for column in test.columns), lost_if(test, dialect)])
        case _:
            return _flag_condition(promised, dialect)


def _flag_condition(promised: Promised, dialect: Dialect) -> Tree | None:
    """The same as one expression over the row and its window, which every engine can flag."""
    match promised.test:
        case HasValue() | InRange() | OneOf() | Matches() | HasLength() | MultipleOf() | Arrives() as test:
            return broken_if(test, dialect)
        case Found() as test:
            return joined_condition(test)
        case Unique(columns=columns):
            keys = [tree_of(column) for column in columns]
            over = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[key.copy() for key in keys])
            return both([*(not_null(key) for key in keys), exp.GT(this=over, expression=number(1))])
        case _:
            return None


def joined_condition(test: Found) -> Tree:
    """Of a row that is joined to what is known."""
    return both([*(not_null(tree_of(column)) for column in test.columns), is_lost()])


def _flagged(subject: Subject, condition: Tree, promised: Promised, dialect: Dialect) -> exp.Select:
    flag = exp.Case(ifs=[exp.If(this=condition, true=number(1))], default=number(0))
    select = exp.select(exp.Star(), exp.alias_(flag, BAD)).from_(table_tree(subject.relation, dialect))
    if isinstance(promised.test, Found):
        select = joined_to_known(select, promised.test, dialect)
    return select.where(scope_tree(promised.where, dialect)) if promised.where else select


def _facts(flagged: exp.Select, times: Sequence[Column], averaged: Promised | None, at: Where) -> SqlNeed:
    """How many rows break it; of each time column the first and last day of those that do and of all; and what a
    number is on average among both."""
    is_bad = exp.EQ(this=exp.column(BAD), expression=number(1))

    def among(tree: Tree, *, bad: bool) -> Tree:
        condition = is_bad.copy() if bad else exp.Not(this=exp.Paren(this=is_bad.copy()))
        return exp.Case(ifs=[exp.If(this=condition, true=tree)])

    wanted: list[Tree] = [call("SUM", exp.column(BAD))]
    for column in times:
        zone = at.zone if column.logical_type == "timestamp" and column.is_zoned else None
        day = at.dialect.day(tree_of(column), zone)
        wanted += [call("MIN", among(day.copy(), bad=True)), call("MAX", among(day.copy(), bad=True))]
        wanted += [call("MIN", day.copy()), call("MAX", day.copy())]
    if averaged is not None and isinstance(averaged.test, InRange):
        tree = tree_of(averaged.test.column)
        wanted += [call("AVG", among(tree.copy(), bad=True)), call("AVG", among(tree.copy(), bad=False))]
    select = exp.select(*wanted).from_(flagged.copy().subquery("flagged"))
    return SqlNeed(sql=select.sql(dialect=at.dialect.name), dialect=at.dialect.name)


def candidates(subject: Subject, promised: Promised, columns: Sequence[Column]) -> list[Column]:
    """Columns whose single values may be what the broken rows share."""
    own = set(promised.promise.columns)
    keys = set(subject.table.key) if len(subject.table.key) == 1 else set()
    found = [
        column
        for column in columns
        if column.logical_type in _GROUPED
        and may_be_shown(column)
        and not column.is_unique
        and column.name not in keys
        and (column.name not in own or isinstance(promised.test, OneOf))
    ]
    return sorted(found, key=lambda column: column.logical_type == "integer")[:MOST_CANDIDATES]


def _groups(flagged: exp.Select, candidates: Sequence[Column], count: int, dialect: Dialect) -> RowsNeed | None:
    parts = []
    for column in candidates:
        bad = call("SUM", exp.column(BAD))
        parts.append(
            exp.select(
                exp.alias_(string(column.name), "field"),
                exp.alias_(dialect.text(tree_of(column)), "value"),
                exp.alias_(exp.Count(this=exp.Star()), "n"),
                exp.alias_(bad, "bad"),
            )
            .from_(exp.table_("flagged"))
            .group_by(tree_of(column))
            .having(exp.GTE(this=bad.copy(), expression=number(max(1, math.ceil(LEAST_SHARE * count)))))
        )
    if not parts:
        return None
    whole: exp.Query = parts[0]
    for part in parts[1:]:
        whole = exp.union(whole, part, distinct=False)
    with_flagged = whole.with_("flagged", as_=flagged)
    return RowsNeed(sql=with_flagged.sql(dialect=dialect.name), dialect=dialect.name)


def _sample(flagged: exp.Select, subject: Subject, columns: Sequence[Column], dialect: Dialect) -> RowsNeed | None:
    open_columns = [column for column in columns if may_be_shown(column)]
    if not open_columns:
        return None
    keys = [c for c in open_columns if c.name in subject.table.key] or open_columns[:1]
    select = (
        exp.select(*(tree_of(column) for column in open_columns))
        .from_(flagged.copy().subquery("flagged"))
        .where(exp.EQ(this=exp.column(BAD), expression=number(1)))
        .order_by(*(column_tree(column.in_warehouse) for column in keys))
        .limit(SAMPLE_ROWS)
    )
    return RowsNeed(sql=select.sql(dialect=dialect.name), dialect=dialect.name)


def _values(flagged: exp.Select, promised: Promised, dialect: Dialect) -> RowsNeed | None:
    """The values that break it, most frequent first."""
    match promised.test:
        case Found(columns=(column,)) | OneOf(column=column) | Matches(column=column) if may_be_shown(column):
            bad = call("SUM", exp.column(BAD))
        case _:
            return None
    select = (
        exp.select(exp.alias_(dialect.text(tree_of(column)), "value"), exp.alias_(bad, "bad"))
        .from_(flagged.copy().subquery("flagged"))
        .where(exp.EQ(this=exp.column(BAD), expression=number(1)))
        .group_by(tree_of(column))
        .order_by(exp.Ordered(this=exp.column("bad"), desc=True), exp.column("value"))
        .limit(MOST_VALUES + 1)
    )
    return RowsNeed(sql=select.sql(dialect=dialect.name), dialect=dialect.name)


# what the answers say


def explained(
    subject: Subject, promised: Promised, broken: Broken, asked: Questions, evidence: Mapping[Need, Evidence]
) -> Broken:
    facts = evidence.get(asked.facts)
    groups = evidence.get(asked.groups) if asked.groups else None
    sample = evidence.get(asked.sample) if asked.sample else None
    values = evidence.get(asked.values) if asked.values else None
    spans: dict[str, tuple[date, date, date, date]] = {}
    said = []
    if isinstance(facts, Row):
        spans = _spans(asked.times, facts.values)
        said += _unit_words(facts.values[-2:]) if asked.has_average else []
    shared = _shared(groups, broken, _rows_in(promised, broken)) if isinstance(groups, Table) else ""
    when = _when(subject, spans, few=(broken.count or 0) < FEW)
    if shared or when:
        joint = " and " if shared.startswith("all of them") else "; all of them "
        said.insert(0, f"{shared}{joint if when else ''}{when}" if shared else f"all of them {when}")
    if isinstance(values, Table):
        said += _values_words(values)
    if isinstance(promised.test, Unique):
        said += _doubled_words(broken, spans)
    found = "; ".join(said)
    known = promised.promise.cause
    return replace(
        broken,
        cause=f"{found} ({known})" if found and known else found or known or broken.cause,
        span=_span(subject, spans),
        sample=_rows_of(sample) if isinstance(sample, Table) else (),
    )


def _spans(times: Sequence[Column], values: Sequence[object]) -> dict[str, tuple[date, date, date, date]]:
    found = {}
    for n, column in enumerate(times):
        days = [_day(value) for value in values[1 + 4 * n : 5 + 4 * n]]
        if None not in days:
            found[column.name] = (days[0], days[1], days[2], days[3])
    return found  # type: ignore[return-value]  # None was just ruled out


def _day(value: object) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _span(subject: Subject, spans: Mapping[str, tuple[date, date, date, date]]) -> Span | None:
    if subject.time is None or subject.time.name not in spans:
        return None
    first, last, *_ = spans[subject.time.name]
    return Span(field=subject.time.name, first=first, last=last)


def _rows_in(promised: Promised, broken: Broken) -> int:
    """Of a key that is there twice both rows are looked at, and one of them is counted as too many."""
    also = broken.keys or 0 if isinstance(promised.test, Unique) else 0
    return (broken.count or 0) + also


def _shared(groups: Table, broken: Broken, count: int) -> str:
    """The value, or the two or three, that nearly all of the `count` broken rows have and the fewest others: what
    tells most."""
    total = broken.total or 0
    by_field: dict[str, list[tuple[int, int, str]]] = {}
    for field, value, n, bad in groups.rows:
        text = shown(value) if value is not None else "NULL"
        by_field.setdefault(str(field), []).append((int(str(bad)), int(str(n)), text))
    best: tuple[int, str] | None = None
    for field, found in by_field.items():
        some = sorted(found, key=lambda one: (-one[0], one[2]))[:MOST_SHARED]
        while len(some) > 1 and sum(bad for bad, _, _ in some[:-1]) >= NEARLY_ALL * count:
            some.pop()
        hit, rows = sum(bad for bad, _, _ in some), sum(n for _, n, _ in some)
        if len(some) * 2 > (broken.keys or count):
            continue  # each its own, so they share nothing
        if field in broken.promise.columns or hit < NEARLY_ALL * count or (rows > 0.6 * total and hit < rows):
            continue  # not what they share, or what most rows have anyway
        head = "all of them" if hit == count else f"{percent(hit / count)} of them"
        words = f"{head} have `{field}` = {' or '.join(text for _, _, text in some)}"
        if best is None or rows < best[0]:
            best = (rows, words)
    return best[1] if best else ""


def _when(subject: Subject, spans: Mapping[str, tuple[date, date, date, date]], *, few: bool) -> str:
    """The part of the table's time the broken rows lie in, when it is clearly a part."""
    names = [subject.time.name] if subject.time is not None and subject.time.name in spans else list(spans)
    for name in names:
        first, last, low, high = spans[name]
        whole = (high - low).days
        if few and (last - first).days > 0.1 * whole:
            continue  # a few rows lie somewhere by chance
        if whole < 2 or (last - first).days > 0.8 * whole:
            continue
        if first == last:
            return f"are of {first} (`{name}`)"
        if (first - low).days <= 0.02 * whole:
            return f"lie on {last} or before it (`{name}`)"
        if (high - last).days <= 0.02 * whole:
            return f"lie on {first} or after it (`{name}`)"
        return f"lie from {first} to {last} (`{name}`)"
    return ""


def _unit_words(averages: Sequence[object]) -> list[str]:
    """A whole power of ten between the rows that break a range and the others looks like another unit."""
    try:
        bad, good = (float(str(value)) for value in averages)
    except ValueError:
        return []
    if not (0 < bad < math.inf and 0 < good < math.inf):
        return []  # nor is there a unit of what is no number
    power = math.log10(bad / good)
    if abs(power - round(power)) > 0.15 or abs(round(power)) < 1:
        return []
    times = 10 ** abs(round(power))
    way = f"about {times:,} times" if power > 0 else f"about a {times:,}th of"
    return [f"they are {way} what the others are: they look like another unit"]


def _values_words(values: Table) -> list[str]:
    shown_values = [f"`{clipped(value)}` ({int(str(bad)):,})" for value, bad in values.rows[:MOST_VALUES]]
    if not shown_values or int(str(values.rows[0][1])) < 2:
        return []  # every value once: none of them says more than another
    head = "the most frequent values are" if len(values.rows) > MOST_VALUES else "the values are"
    return [f"{head} {', '.join(shown_values)}"]


def clipped(value: object) -> str:
    text = shown(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _doubled_words(broken: Broken, spans: Mapping[str, tuple[date, date, date, date]]) -> list[str]:
    """Every key exactly twice, on few days: what an import that ran twice leaves behind."""
    if not broken.keys or broken.count != broken.keys:
        return []
    is_short = any((last - first).days <= 1 < 0.05 * (high - low).days for first, last, low, high in spans.values())
    return ["every key is there exactly twice: it looks like an import that ran twice"] if is_short else []


def _rows_of(sample: Table) -> tuple[Mapping[str, object], ...]:
    return tuple(dict(zip(sample.columns, row, strict=True)) for row in sample.rows)
