"""A relation and what to watch of it in; one statement that takes a reference, or one that profiles windows, out.

Each is one `GROUP BY` per column, joined by `UNION ALL`: an engine that stores columns reads each column once, and one
that stores rows reads the table once into the common table expression. Built as SQLGlot trees; the few functions that
differ between engines are in `_QUANTILES`, spelled for each dialect rather than transpiled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlglot import exp

from loadline.checks.drift.nouns import ALL_ROWS, NEW, NULL, OTHER, REST, BinKind, Bins
from loadline.values.finding import RowsNeed

BIN_COUNT = 20
TOP = 50
AT_ONCE = 8
LISTED = 500  # a column with more values than this has one bin for all but the most frequent
KEPT = "kept"

NUMBERS_AS_TEXT = "numbers as text"  # no engine's type: a text column whose values are numbers, but for a few marks
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", ".", "missing", "unknown"})
_FRACTIONS = tuple(i / BIN_COUNT for i in range(1, BIN_COUNT))
_NUMBERS = re.compile(
    r"^(TINYINT|SMALLINT|INTEGER|INT\d*|BIGINT|HUGEINT|U(TINY|SMALL|HUGE|BIG)?INT|UINTEGER|DECIMAL|NUMERIC|DOUBLE|REAL"
    r"|FLOAT|NUMBER|MONEY)",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_FLOATS = re.compile(r"^(DOUBLE|REAL|FLOAT)", re.IGNORECASE)
_TIMES = re.compile(r"^(TIMESTAMP|DATE|TIME|DATETIME|INTERVAL)", re.IGNORECASE)
_TEXTS = re.compile(r"^(VARCHAR|TEXT|CHAR|CHARACTER|STRING|UUID|ENUM|BPCHAR|BOOL|NVARCHAR|NAME)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which rows, cut how: of `relation`, between `start` (in) and `end` (out) of the column `time` where they are
    given, in windows of a `unit` of time or of `size` rows in the order they come. `segment` is a column to profile
    apart by; `zone` is the clock a zoned time column is read on. `is_kept` reads the relation once and keeps it while
    the statement runs: right for text files and row stores, wasteful for columnar files."""

    relation: str
    dialect: str
    time: str | None = None
    start: date | datetime | None = None
    end: date | datetime | None = None
    unit: str | None = None
    size: int | None = None
    segment: str | None = None
    zone: str | None = None
    first: int | None = None  # with `size`: only so many windows from the beginning
    is_kept: bool = False


def kind_of(engine_type: str) -> BinKind | None:
    """How a column of this type is counted; None for lists, structs and bytes, of which only the missing count."""
    if engine_type == NUMBERS_AS_TEXT:
        return BinKind.NUMBER
    if engine_type.endswith("]"):
        return BinKind.NULLS
    if _NUMBERS.match(engine_type):
        return BinKind.NUMBER
    if _TIMES.match(engine_type):
        return BinKind.NULLS
    return BinKind.CATEGORY if _TEXTS.match(engine_type) else BinKind.NULLS


def windows_need(rows: Cut) -> RowsNeed:
    """The windows there are: (name, rows), in order."""
    counted = exp.select(exp.alias_(_window(rows), "w")).from_(_bounded(rows, ()).subquery("bounded")).subquery("cut")
    query = (
        exp.select(_text(exp.column("w")), exp.Count(this=exp.Star()))
        .from_(counted)
        .where(_has_value(exp.column("w")))
        .group_by(exp.column("w"))
        .order_by(exp.column("w"))
    )
    return RowsNeed(sql=query.sql(dialect=rows.dialect), dialect=rows.dialect)


# reference


def reference_needs(rows: Cut, types: Mapping[str, str]) -> tuple[RowsNeed, ...]:
    """Statements over the reference rows, a few columns each, because quantiles are held in memory until they are done:
    (column number, text, count). For a number one row with its quantiles, for a category its most frequent values, for
    anything else how many values there are; the first begins with a row for all rows."""
    every = exp.select(
        exp.alias_(exp.Literal.number(-1), "c"),
        exp.alias_(_text(exp.Null()), "v"),
        exp.alias_(exp.Count(this=exp.Star()), "n"),
    ).from_(_rows(rows, ()))
    columns = [
        (column, _reference_branch(rows, at, column, kind_of(engine_type), engine_type))
        for at, (column, engine_type) in enumerate(types.items())
    ]
    needs = []
    for begin in range(0, max(1, len(columns)), AT_ONCE):
        some = columns[begin : begin + AT_ONCE]
        branches = [*(() if begin else (every,)), *(branch for _, branch in some)]
        needs.append(_need(branches, rows, tuple(column for column, _ in some)))
    return tuple(needs)


def _reference_branch(rows: Cut, at: int, column: str, kind: BinKind | None, engine_type: str) -> exp.Select:
    number = exp.alias_(exp.Literal.number(at), "c")
    value = _column(column)
    source = _rows(rows, (column,))
    match kind:
        case BinKind.NUMBER:
            inner = exp.select(exp.alias_(_number(value, engine_type), "x")).from_(source).subquery("numbers")
            quantiles = _quantiles(exp.column("x"), rows.dialect)
            return exp.select(
                number, exp.alias_(quantiles, "v"), exp.alias_(exp.Count(this=exp.column("x")), "n")
            ).from_(inner)
        case BinKind.CATEGORY:
            counted = (
                exp.select(exp.alias_(_text(value), "v"), exp.alias_(exp.Count(this=exp.Star()), "n"))
                .from_(source)
                .where(_has_value(value.copy()))
                .group_by(_text(value.copy()))
                .order_by(exp.Ordered(this=exp.column("n"), desc=True), exp.Ordered(this=exp.column("v")))
                .limit(LISTED + 1)
            )
            return exp.select(number, exp.column("v"), exp.column("n")).from_(counted.subquery("counted"))
        case _:
            return exp.select(number, exp.alias_(_text(exp.Null()), "v"), exp.alias_(exp.Count(this=value), "n")).from_(
                source
            )


def read_reference(found: Sequence[Sequence[object]], types: Mapping[str, str]) -> tuple[Bins, ...]:
    """The bins of each column, from the rows of `reference_needs`."""
    by_column: dict[int, list[tuple[str, int]]] = {}
    for number, text, count in found:
        by_column.setdefault(int(str(number)), []).append(("" if text is None else str(text), int(str(count))))
    rows = by_column.get(-1, [("", 0)])[0][1]
    return tuple(
        _bins(column, kind_of(engine_type), by_column.get(at, []), rows)
        for at, (column, engine_type) in enumerate(types.items())
    )


def texts_of_numbers(found: Sequence[Sequence[object]], types: Mapping[str, str]) -> tuple[str, ...]:
    """The text columns whose values are numbers, but for a few ways to write that there is none (`NA`, `?`)."""
    names = tuple(types)
    values: dict[str, list[str]] = {}
    for number, text, _ in found:
        at = int(str(number))
        if at >= 0 and kind_of(types[names[at]]) is BinKind.CATEGORY and text is not None:
            values.setdefault(names[at], []).append(str(text).strip())
    return tuple(name for name, texts in values.items() if _are_numbers(texts))


def _are_numbers(texts: Sequence[str]) -> bool:
    told = [text for text in texts if text.lower() not in _MISSING]
    return len(told) > BIN_COUNT and all(_NUMERAL.fullmatch(text) for text in told)


def _bins(column: str, kind: BinKind | None, found: list[tuple[str, int]], rows: int) -> Bins:
    match kind:
        case BinKind.NUMBER:
            edges = _edges(found[0][0]) if found else ()
            return Bins(column=column, kind=BinKind.NUMBER, edges=edges)
        case BinKind.CATEGORY:
            ordered = sorted(found, key=lambda one: (-one[1], one[0]))
            values, knows_all = [value for value, _ in ordered], len(ordered) <= LISTED
            if not knows_all and sum(count for _, count in ordered[:TOP]) < rows / 20:
                why = "nearly every row has a value of its own, so only missing values are watched"
                return Bins(column=column, kind=BinKind.NULLS, why=why)
            rest = tuple(values[TOP:]) if knows_all else ()
            return Bins(column=column, kind=BinKind.CATEGORY, top=tuple(values[:TOP]), rest=rest, knows_all=knows_all)
        case _:
            return Bins(column=column, kind=BinKind.NULLS, why="only missing values are watched")


def _edges(text: str) -> tuple[float, ...]:
    """From `[1.0, 2.0]` or `{1,2}`: ascending, each once, to the six digits that are printed."""
    found = [float(part) for part in re.findall(r"[-+0-9.eE]+(?:inf)?|[-+]?inf\w*", text) if part not in {"+", "-"}]
    return tuple(sorted({float(f"{edge:.6g}") for edge in found if edge - edge == 0}))


# profile


def profile_need(rows: Cut, bins: Iterable[Bins], types: Mapping[str, str]) -> RowsNeed:
    """One statement: (column number, window, segment, bin number, count), counts above zero only. The window is the
    start of its time as text, or its number; NULL when the rows are not cut."""
    watched = tuple(bins)
    branches: list[exp.Select] = []
    for at, one in enumerate(watched):
        branches.append(_profile_branch(rows, at, one, types.get(one.column, ""), is_segmented=False))
        if rows.segment and one.column != rows.segment:
            branches.append(_profile_branch(rows, at, one, types.get(one.column, ""), is_segmented=True))
    return _need(branches, rows, tuple(one.column for one in watched))


def _profile_branch(rows: Cut, at: int, bins: Bins, engine_type: str, *, is_segmented: bool) -> exp.Select:
    value, segment = _column(bins.column), rows.segment if is_segmented else None
    first = _text(value) if bins.kind is BinKind.CATEGORY else _bin(value, bins, engine_type)
    parts = [exp.alias_(_window(rows), "w"), exp.alias_(first, "b")]
    if segment:
        parts.append(exp.alias_(_text(_column(segment)), "s"))
    columns = (bins.column, segment) if segment else (bins.column,)
    groups = [exp.column(part.alias) for part in parts]
    counted = (
        exp.select(*groups, exp.alias_(exp.Count(this=exp.Star()), "n"))
        .from_(exp.select(*parts).from_(_rows(rows, columns)).subquery("cut"))
        .group_by(*[group.copy() for group in groups])
    )
    if segment:
        counted = counted.where(_has_value(exp.column("s")))
    head = [
        exp.alias_(exp.Literal.number(at), "c"),
        exp.alias_(_text(exp.column("w")), "w"),
        exp.alias_(exp.column("s") if segment else _text(exp.Null()), "s"),
        exp.column("b"),
    ]
    if bins.kind is not BinKind.CATEGORY:
        return exp.select(*head, exp.column("n")).from_(counted.subquery("counted"))
    # Values are grouped as they are first, so that the list of known values is searched once a value, not once a row.
    others = [exp.column(part.alias) for part in parts if part.alias != "b"]
    binned = exp.select(*others, exp.alias_(_category(exp.column("b"), bins), "b"), exp.column("n")).from_(
        counted.subquery("counted")
    )
    summed = (
        exp.select(*[group.copy() for group in groups], exp.alias_(exp.Sum(this=exp.column("n")), "n"))
        .from_(binned.subquery("binned"))
        .group_by(*[group.copy() for group in groups])
    )
    total = exp.alias_(exp.cast(exp.column("n"), exp.DataType.Type.BIGINT), "n")
    return exp.select(*head, total).from_(summed.subquery("summed"))


def read_profiles(
    found: Iterable[Sequence[object]], bins: Iterable[Bins], segments: Sequence[str] = ()
) -> dict[str, dict[str, dict[str, tuple[int, ...]]]]:
    """Profiled → segment → column → counts, from the rows of `profile_need`. A column without rows has zeros; segments
    that are not among `segments` are left out (the segment column's own bins tell of them)."""
    watched = tuple(bins)
    kept = {ALL_ROWS, *segments}
    counted: dict[str, dict[str, dict[str, list[int]]]] = {}
    for number, window, segment, at, count in found:
        name = ALL_ROWS if segment is None else str(segment)
        if name not in kept or segment == "":  # an empty text would be taken for all rows; no segment is named so
            continue
        one = watched[int(str(number))]
        columns = counted.setdefault("" if window is None else str(window), {}).setdefault(name, {})
        columns.setdefault(one.column, [0] * len(one.labels))[int(str(at))] += int(str(count))
    return {
        window: {
            segment: {
                one.column: tuple(columns.get(one.column, [0] * len(one.labels)))
                for one in watched
                if segment == ALL_ROWS or one.column in columns
            }
            for segment, columns in sorted(by_segment.items())
        }
        for window, by_segment in counted.items()
    }


# parts


def _bin(value: exp.Expression, bins: Bins, engine_type: str) -> exp.Expression:
    last = exp.Literal.number(len(bins.labels) - 1)
    match bins.kind:
        case BinKind.NUMBER:
            number = _number(value, engine_type)
            missing = exp.Is(this=number, expression=exp.Null())
            return exp.Case().when(missing, last).else_(_search(number, bins.edges, 0, len(bins.edges)))
        case BinKind.QUALITY:
            good = exp.cast(value.copy(), exp.DataType.Type.BOOLEAN)
            return (
                exp.Case()
                .when(exp.Is(this=value.copy(), expression=exp.Null()), last)
                .when(good, exp.Literal.number(0))
                .else_(exp.Literal.number(1))
            )
        case _:
            missing = exp.Is(this=value.copy(), expression=exp.Null())
            return exp.Case().when(missing, last).else_(exp.Literal.number(0))


def _search(value: exp.Expression, edges: Sequence[float], low: int, high: int) -> exp.Expression:
    """The number of edges below `value`, by halving: a value meets five comparisons, not one per edge."""
    if low == high:
        return exp.Literal.number(low)
    middle = (low + high) // 2
    is_below = exp.LTE(this=value.copy(), expression=_double(edges[middle]))
    return exp.Case().when(is_below, _search(value, edges, low, middle)).else_(_search(value, edges, middle + 1, high))


def _category(value: exp.Expression, bins: Bins) -> exp.Expression:
    labels = bins.labels
    case = exp.Case().when(
        exp.Is(this=value.copy(), expression=exp.Null()), exp.Literal.number(labels.index(NULL, len(bins.top)))
    )
    for at, known in enumerate(bins.top):
        case = case.when(exp.EQ(this=value.copy(), expression=exp.Literal.string(known)), exp.Literal.number(at))
    if not bins.knows_all:
        return case.else_(exp.Literal.number(labels.index(REST, len(bins.top))))
    if bins.rest:
        among = exp.In(this=value.copy(), expressions=[exp.Literal.string(known) for known in bins.rest])
        case = case.when(among, exp.Literal.number(labels.index(OTHER, len(bins.top))))
    return case.else_(exp.Literal.number(labels.index(NEW, len(bins.top))))


def _number(value: exp.Expression, engine_type: str) -> exp.Expression:
    """The value as a double. What is not a number (`NaN`) is missing, as it is in most files it comes from."""
    if engine_type == NUMBERS_AS_TEXT:
        return exp.TryCast(this=value.copy(), to=exp.DataType.build("double"))
    double = exp.cast(value.copy(), exp.DataType.Type.DOUBLE)
    if not _FLOATS.match(engine_type):
        return double
    return exp.Nullif(this=double, expression=exp.cast(exp.Literal.string("NaN"), exp.DataType.Type.DOUBLE))


def _double(number: float) -> exp.Expression:
    return exp.cast(exp.Literal.string(repr(number)), exp.DataType.Type.DOUBLE)


def _window(rows: Cut) -> exp.Expression:
    if rows.size is not None:
        return exp.column("w")
    if rows.unit is None or rows.time is None:
        return exp.Null()
    return exp.DateTrunc(this=_moment(rows), unit=exp.Literal.string(rows.unit.upper()))  # type: ignore[no-untyped-call]


def _moment(rows: Cut) -> exp.Expression:
    column = _column(rows.time or "")
    if rows.zone is None:
        return exp.cast(column, exp.DataType.Type.TIMESTAMP)
    return exp.AtTimeZone(this=column, zone=exp.Literal.string(rows.zone))


def _rows(rows: Cut, columns: Sequence[str]) -> exp.Expression:
    """What a branch reads from: the kept rows, or the relation itself with its bounds."""
    if rows.is_kept:
        return exp.to_table(KEPT)
    return _bounded(rows, columns).subquery("bounded")


def _bounded(rows: Cut, columns: Sequence[str]) -> exp.Select:
    wanted = dict.fromkeys([*columns, *((rows.time,) if rows.time else ())])
    selected: list[exp.Expr] = [_column(name) for name in wanted]
    if rows.size is not None:
        numbered = exp.Window(this=exp.RowNumber())
        before = exp.Sub(this=numbered, expression=exp.Literal.number(1))
        number = exp.IntDiv(this=exp.Paren(this=before), expression=exp.Literal.number(rows.size))
        selected = [*selected, exp.alias_(number, "w")]
    query = exp.select(*(selected or [exp.alias_(exp.Literal.number(1), "one")])).from_(
        exp.to_table(rows.relation, dialect=rows.dialect)
    )
    for bound, operator in ((rows.start, exp.GTE), (rows.end, exp.LT)):
        if bound is not None and rows.time is not None:
            at = exp.cast(exp.Literal.string(_instant(bound)), exp.DataType.Type.TIMESTAMP)
            query = query.where(operator(this=_moment(rows), expression=at))
    if rows.size is not None and rows.first is not None:
        is_early = exp.LT(this=exp.column("w"), expression=exp.Literal.number(rows.first))
        query = exp.select(exp.Star()).from_(query.subquery("numbered")).where(is_early)
    return query


def _instant(bound: date | datetime) -> str:
    return bound.isoformat(sep=" ") if isinstance(bound, datetime) else f"{bound.isoformat()} 00:00:00"


def _need(branches: Sequence[exp.Select], rows: Cut, columns: Sequence[str]) -> RowsNeed:
    texts = [branch.sql(dialect=rows.dialect) for branch in branches]
    sql = " UNION ALL ".join(texts)
    if rows.is_kept:
        kept = _bounded(rows, [*columns, *((rows.segment,) if rows.segment else ())]).sql(dialect=rows.dialect)
        how = "MATERIALIZED " if rows.dialect in {"duckdb", "postgres"} else ""
        sql = f"WITH {KEPT} AS {how}({kept}) {sql}"
    return RowsNeed(sql=sql, dialect=rows.dialect)


def _has_value(value: exp.Expression) -> exp.Expression:
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _text(value: exp.Expression) -> exp.Expression:
    return exp.cast(value, exp.DataType.Type.TEXT)


def _quantiles(value: exp.Expression, dialect: str) -> exp.Expression:
    """The inner twentieths of `value` as the text of a list, spelled as this engine spells it."""
    fractions = ", ".join(f"{fraction:g}" for fraction in _FRACTIONS)
    x = value.sql(dialect=dialect)
    spelled = _QUANTILES.get(dialect, _QUANTILES["postgres"]).format(x=x, fractions=fractions, count=BIN_COUNT)
    return exp.Var(this=spelled)


_QUANTILES: Mapping[str, str] = {
    # Half the memory: every value is held until the end, and an edge needs no more than six digits.
    "duckdb": "CAST(QUANTILE_DISC(TRY_CAST({x} AS REAL), [{fractions}]) AS TEXT)",
    "postgres": "CAST(PERCENTILE_DISC(ARRAY[{fractions}]) WITHIN GROUP (ORDER BY {x}) AS TEXT)",
    "redshift": "CAST(PERCENTILE_DISC(ARRAY[{fractions}]) WITHIN GROUP (ORDER BY {x}) AS TEXT)",
    "snowflake": "TO_VARCHAR(APPROX_PERCENTILE_ESTIMATE(APPROX_PERCENTILE_ACCUMULATE({x}), 0.5))",
    "bigquery": "TO_JSON_STRING(APPROX_QUANTILES({x}, {count}))",
    "databricks": "TO_JSON(PERCENTILE_APPROX({x}, ARRAY({fractions}), 10000))",
    "spark": "TO_JSON(PERCENTILE_APPROX({x}, ARRAY({fractions}), 10000))",
    "trino": "JSON_FORMAT(CAST(APPROX_PERCENTILE({x}, ARRAY[{fractions}]) AS JSON))",
    "clickhouse": "toString(quantilesExact({fractions})({x}))",
}
