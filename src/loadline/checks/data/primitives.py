"""A dialect in; how it says each thing the checks need, as SQLGlot trees, out.

A dialect that says a thing differently has its own entry here; nothing is translated from one to another. What a
dialect cannot say raises `NotSpoken`, and the promise is listed as not run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlglot import exp

from loadline.checks.data.patterns import shape_of
from loadline.values.contract import Column, Written

Tree = exp.Expr
Unary = Callable[[Tree], Tree]


class NotSpoken(Exception):  # caught where promises become SQL; never shown as an error
    """The dialect has no exact way to say it."""


def call(name: str, *args: Tree) -> Tree:
    return exp.Anonymous(this=name, expressions=list(args))


def number(value: int | Decimal) -> Tree:
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return exp.Literal(this=text, is_string=False) if value >= 0 else exp.Neg(this=number(-value))


def string(value: str) -> Tree:
    return exp.Literal(this=value, is_string=True)


def column(name: str, table: str | None = None) -> Tree:
    return exp.column(name, table=table, quoted=True)


def kind(name: str) -> exp.DataType:
    return exp.DataType(this=exp.DataType.Type[name])


def cast(tree: Tree, name: str) -> Tree:
    return exp.Cast(this=tree, to=kind(name))


def is_null(tree: Tree) -> Tree:
    return exp.Is(this=tree, expression=exp.Null())


def not_null(tree: Tree) -> Tree:
    return exp.Not(this=is_null(tree))


def both(conditions: Sequence[Tree]) -> Tree:
    return exp.and_(*conditions, copy=False) if conditions else exp.true()


def either(conditions: Sequence[Tree]) -> Tree:
    return exp.or_(*conditions, copy=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine says it. `searches` finds a pattern anywhere in a text; `length` counts characters; `seconds` is
    the time from the first to the second; `day` the local day of an instant (zone given) or of a clock time (None)."""

    name: str
    text_type: str
    count: Unary  # of rows where it is true
    searches: Callable[[Tree, str], Tree]
    length: Unary
    seconds: Callable[[Tree, Tree], Tree]
    day: Callable[[Tree, str | None], Tree]
    hour: Callable[[Tree, str | None], Tree]
    is_text_dated: bool = False  # dates and times are text, compared as text
    makers: Mapping[str, str] = field(default_factory=dict)  # functions that read a type, where a cast does not
    is_by_row: bool = False  # rows are stored whole: a scan reads all columns
    has_bits: bool = False  # whole numbers of a known range can be counted exactly without a hash

    def text(self, tree: Tree) -> Tree:
        return cast(tree, self.text_type)

    def literal(self, value: Written, of: Column) -> Tree:
        """A value as its column's type compares it. Raises NotSpoken for one that is not of that type."""
        match of.logical_type:
            case "integer" | "number":
                if isinstance(value, bool) or not isinstance(value, int | Decimal):
                    raise NotSpoken(f"`{value}` is no number")
                return number(value)
            case "boolean":
                if not isinstance(value, bool):
                    raise NotSpoken(f"`{value}` is neither true nor false")
                return exp.true() if value else exp.false()
            case "date" | "time":
                return self._moment(str(value), of.logical_type.upper())
            case "timestamp":
                return self._moment(str(value), "TIMESTAMPTZ" if of.is_zoned else "TIMESTAMP")
            case _:
                return string(spelled(value))

    def _moment(self, text: str, type_name: str) -> Tree:
        """ISO text as the type; an instant without an offset is one of UTC."""
        if type_name in {"TIMESTAMP", "TIMESTAMPTZ"}:
            moment = datetime.fromisoformat(text)
            offset = "+00:00" if type_name == "TIMESTAMPTZ" and moment.tzinfo is None else ""
            text = moment.isoformat(sep=" ") + offset
        if self.is_text_dated:
            return string(text)
        if type_name in self.makers:
            return call(self.makers[type_name], string(text))
        return cast(string(text), type_name)


def spelled(value: Written) -> str:
    """A value of YAML as text compares it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _case_count(condition: Tree) -> Tree:
    return exp.Count(this=exp.Case(ifs=[exp.If(this=condition, true=number(1))]))


def _filter_count(condition: Tree) -> Tree:
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=condition))


def _called(name: str) -> Unary:
    return lambda tree: call(name, tree)


def _search(name: str) -> Callable[[Tree, str], Tree]:
    return lambda tree, pattern: call(name, tree, string(pattern))


def _cast_day(zoned: Callable[[Tree, str], Tree]) -> Callable[[Tree, str | None], Tree]:
    return lambda tree, zone: cast(tree if zone is None else zoned(tree, zone), "DATE")


def _truncated(zoned: Callable[[Tree, str], Tree], name: str = "DATE_TRUNC") -> Callable[[Tree, str | None], Tree]:
    return lambda tree, zone: call(name, string("hour"), tree if zone is None else zoned(tree, zone))


def _at_zone(tree: Tree, zone: str) -> Tree:
    return exp.AtTimeZone(this=tree, zone=string(zone))


def _converted(tree: Tree, zone: str) -> Tree:
    return call("CONVERT_TIMEZONE", string(zone), tree)


def _spark_zone(tree: Tree, zone: str) -> Tree:
    in_utc = call("TO_UTC_TIMESTAMP", tree, call("CURRENT_TIMEZONE"))
    return call("FROM_UTC_TIMESTAMP", in_utc, string(zone))


def _spark_hour(tree: Tree, zone: str | None) -> Tree:
    """DATE_TRUNC makes an instant of a clock time there, by the session's zone; cutting its text does not."""
    text = cast(tree if zone is None else _spark_zone(tree, zone), "TEXT")
    whole = call("CONCAT", call("SUBSTRING", text, number(1), number(13)), string(":00:00"))
    return cast(whole, "TIMESTAMPNTZ")


def _postgres_search(tree: Tree, pattern: str) -> Tree:
    """Where a pattern has a shape, to search for what is not of it takes half the time there."""
    shape = shape_of(pattern)
    if shape is None:
        return exp.RegexpLike(this=tree, expression=string(pattern))
    other = exp.RegexpLike(this=tree.copy(), expression=string(shape.other))
    return both([exp.Like(this=tree, expression=string(shape.like)), exp.Not(this=other)])


def _no_search(_: Tree, pattern: str) -> Tree:
    raise NotSpoken(f"this engine has no regular expressions (`{pattern}`)")


def _sqlite_zone(maker: str, *more: str) -> Callable[[Tree, str | None], Tree]:
    def form(tree: Tree, zone: str | None) -> Tree:
        if zone not in {None, "UTC", "Etc/UTC"}:
            raise NotSpoken(f"this engine knows no time zone `{zone}`")
        return call(maker, *(string(text) for text in more), tree)

    return form


def _epoch_apart(start: Tree, end: Tree) -> Tree:
    return exp.Sub(this=call("EPOCH", end), expression=call("EPOCH", start))


def _extracted_apart(start: Tree, end: Tree) -> Tree:
    return exp.Extract(this=exp.var("EPOCH"), expression=exp.Paren(this=exp.Sub(this=end, expression=start)))


def _julian_apart(start: Tree, end: Tree) -> Tree:
    days = exp.Paren(this=exp.Sub(this=call("JULIANDAY", end), expression=call("JULIANDAY", start)))
    return exp.Mul(this=days, expression=number(86400))


def _unix_apart(start: Tree, end: Tree) -> Tree:
    return exp.Sub(this=call("UNIX_TIMESTAMP", end), expression=call("UNIX_TIMESTAMP", start))


def _clickhouse_day(tree: Tree, zone: str | None) -> Tree:
    return call("toDate32", tree, *(() if zone is None else (string(zone),)))


def _bigquery_day(tree: Tree, zone: str | None) -> Tree:
    return cast(tree, "DATE") if zone is None else call("DATE", tree, string(zone))


def _bigquery_apart(start: Tree, end: Tree) -> Tree:
    """Instants and clock times have functions of their own there; as instants both compare alike."""
    return call("TIMESTAMP_DIFF", cast(end, "TIMESTAMPTZ"), cast(start, "TIMESTAMPTZ"), exp.var("SECOND"))


def _bigquery_hour(tree: Tree, zone: str | None) -> Tree:
    if zone is None:
        return call("DATETIME_TRUNC", tree, exp.var("HOUR"))
    return call("DATETIME_TRUNC", call("DATETIME", tree, string(zone)), exp.var("HOUR"))


def _clickhouse_hour(tree: Tree, zone: str | None) -> Tree:
    return call("toStartOfHour", tree, *(() if zone is None else (string(zone),)))


DIALECTS = {
    found.name: found
    for found in (
        Dialect(
            name="duckdb",
            text_type="VARCHAR",
            count=_filter_count,
            searches=_search("REGEXP_MATCHES"),
            length=_called("LENGTH"),
            seconds=_epoch_apart,
            day=_cast_day(lambda tree, zone: call("TIMEZONE", string(zone), tree)),
            hour=_truncated(lambda tree, zone: call("TIMEZONE", string(zone), tree)),
            has_bits=True,
        ),
        Dialect(
            name="postgres",
            text_type="TEXT",
            count=_filter_count,
            searches=_postgres_search,
            length=_called("CHAR_LENGTH"),
            seconds=_extracted_apart,
            day=_cast_day(_at_zone),
            hour=_truncated(_at_zone),
            is_by_row=True,
        ),
        Dialect(
            name="sqlite",
            text_type="TEXT",
            count=_filter_count,
            searches=_no_search,
            length=_called("LENGTH"),
            seconds=_julian_apart,
            day=_sqlite_zone("DATE"),
            hour=_sqlite_zone("STRFTIME", "%Y-%m-%d %H:00:00"),
            is_text_dated=True,
        ),
        Dialect(
            name="snowflake",
            text_type="VARCHAR",
            count=_called("COUNT_IF"),
            # REGEXP_LIKE and RLIKE anchor the pattern at both ends there; the position of a find does not
            searches=lambda tree, pattern: exp.GT(
                this=call("REGEXP_INSTR", tree, string(pattern)), expression=number(0)
            ),
            length=_called("LENGTH"),
            seconds=lambda start, end: call("DATEDIFF", string("second"), start, end),
            day=_cast_day(_converted),
            hour=_truncated(_converted),
        ),
        Dialect(
            name="bigquery",
            text_type="TEXT",
            count=_called("COUNTIF"),
            searches=_search("REGEXP_CONTAINS"),
            length=_called("CHAR_LENGTH"),
            seconds=_bigquery_apart,
            day=_bigquery_day,
            hour=_bigquery_hour,
        ),
        Dialect(
            name="databricks",
            text_type="TEXT",
            count=_called("COUNT_IF"),
            searches=_search("REGEXP_LIKE"),
            length=_called("CHAR_LENGTH"),
            seconds=_unix_apart,
            day=_cast_day(_spark_zone),
            hour=_spark_hour,
        ),
        Dialect(
            name="trino",
            text_type="VARCHAR",
            count=_called("COUNT_IF"),
            searches=_search("REGEXP_LIKE"),
            length=_called("LENGTH"),
            seconds=lambda start, end: call("DATE_DIFF", string("second"), start, end),
            day=_cast_day(_at_zone),
            hour=_truncated(_at_zone),
        ),
        Dialect(
            name="clickhouse",
            text_type="TEXT",
            count=_called("countIf"),
            searches=_search("match"),
            length=_called("lengthUTF8"),  # `length` counts bytes there
            seconds=lambda start, end: call("dateDiff", string("second"), start, end),
            day=_clickhouse_day,
            hour=_clickhouse_hour,
            makers={
                "DATE": "toDate32",
                "TIMESTAMP": "parseDateTime64BestEffort",
                "TIMESTAMPTZ": "parseDateTime64BestEffort",
            },
        ),
    )
}


def dialect_of(name: str) -> Dialect | None:
    return DIALECTS.get("databricks" if name == "spark" else name)
