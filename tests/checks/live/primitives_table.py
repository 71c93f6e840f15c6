"""Twenty things the checks need an engine to say: each as a tree over a table `t`, with what it must give there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlglot import exp

from checks.live.engines import HERE, column, table
from loadline.checks.data import scans
from loadline.checks.data.conditions import broken_if, tree_of
from loadline.checks.data.nouns import (
    Arrives,
    Found,
    HasLength,
    HasValue,
    InRange,
    Matches,
    MultipleOf,
    OneOf,
    Regular,
    RowTest,
)
from loadline.checks.data.primitives import Dialect, Tree
from loadline.values.contract import Bound, Sla

ID = column("id", "integer")
N = column("n", "number")
S = column("s", "string")
B = column("b", "boolean")
D = column("d", "date")
AT = column("at", "timestamp")
LATER = column("later", "timestamp")
SEEN = column("seen", "timestamp", is_zoned=True)
SHAPE = table("t", ID, N, S, B, D, AT, LATER, SEEN)
OTHER = table("o", column("code", "string"))


def clock(text: str) -> datetime:
    """A clock time, of no zone."""
    return datetime.fromisoformat(text)


ROWS: list[tuple[object, ...]] = [
    (1, Decimal("1.5"), "B12", True, date(2026, 1, 31), clock("2026-01-31 23:30"), clock("2026-02-01 00:00"), "23:30"),
    (2, Decimal(-2), "ß'x", False, date(2026, 2, 1), clock("2026-02-01 00:00"), clock("2026-02-01 00:00:01"), "22:59"),
    (2, Decimal(7), "B1\nB2", None, None, clock("2026-02-01 05:00"), clock("2026-02-03 05:00"), None),
    (None, None, None, None, None, None, None, None),
]  # fmt: skip
OTHERS: list[tuple[object, ...]] = [("B12",), (None,)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """`sql` is one SELECT of one value (the first column of the first row); `gives` what it must be."""

    name: str
    sql: Callable[[Dialect], str]
    gives: object


def value(name: str, tree: Callable[[Dialect], Tree], gives: object, *, at: int = 1) -> Cell:
    """The tree over the row whose id is `at` (the first of them)."""

    def sql(dialect: Dialect) -> str:
        where = exp.EQ(this=exp.column("id", quoted=True), expression=exp.Literal.number(at))
        return exp.select(tree(dialect)).from_(scans.table_tree("t", dialect)).where(where).sql(dialect=dialect.name)

    return Cell(name=name, sql=sql, gives=gives)


def counted(name: str, test: RowTest, gives: int) -> Cell:
    """How many rows break a test of one row."""

    def sql(dialect: Dialect) -> str:
        count = dialect.count(broken_if(test, dialect))
        return exp.select(count).from_(scans.table_tree("t", dialect)).sql(dialect=dialect.name)

    return Cell(name=name, sql=sql, gives=gives)


def bound(of: str | int | Decimal) -> Bound:
    return Bound(value=of)


CELLS = (
    value("length counts characters", lambda d: d.length(exp.column("s", quoted=True)), 3, at=2),
    value("a number as text", lambda d: d.text(exp.column("id", quoted=True)), "1"),
    value("seconds between", lambda d: d.seconds(tree_of(AT), tree_of(LATER)), 1800),
    value("the day of a clock time", lambda d: d.day(exp.column("at", quoted=True), None), date(2026, 1, 31)),
    value("the day of a day", lambda d: d.day(exp.column("d", quoted=True), None), date(2026, 1, 31)),
    value("the day of an instant", lambda d: d.day(exp.column("seen", quoted=True), "Europe/Berlin"), date(2026, 2, 1)),
    value("the hour of a clock time", lambda d: d.hour(exp.column("at", quoted=True), None), clock("2026-01-31 23:00")),
    value("the hour of an instant", lambda d: d.hour(exp.column("seen", quoted=True), "Europe/Berlin"),
          clock("2026-02-01 00:00")),
    counted("no value", HasValue(column=S), 1),
    counted("a value that stands for none", HasValue(column=S, missing=(None, "B12")), 2),
    counted("a number that stands for none", HasValue(column=ID, missing=(1,)), 1),
    counted("a number out of range", InRange(column=N, minimum=bound(Decimal("-1.5")), maximum=bound(7)), 1),
    counted("a day out of range", InRange(column=D, minimum=bound("2026-02-01")), 1),
    counted("a clock time out of range", InRange(column=AT, maximum=bound("2026-02-01T00:00:00")), 1),
    counted("an instant out of range", InRange(column=SEEN, minimum=bound("2026-01-31T23:00:00")), 1),
    counted("text of a list", OneOf(column=S, values=("ß'x", "B12")), 1),
    counted("a truth value of a list", OneOf(column=B, values=(True,)), 1),
    counted("a pattern found anywhere", Matches(column=S, pattern=r"\d"), 1),
    counted("a pattern between its ends", Matches(column=S, pattern=r"^B\d+$"), 2),
    counted("a dot is no line break", Matches(column=S, pattern="^B.+2$"), 2),
    counted("a length", HasLength(column=S, least=4, most=9), 2),
    counted("a multiple of a whole number", MultipleOf(column=ID, of=Decimal(2)), 1),
    counted("a multiple of a fraction", MultipleOf(column=N, of=Decimal("0.75")), 2),
    counted("an arrival", Arrives(column=AT, arrival=LATER, seconds=86400, says="a day"), 1),
    Cell(name="keys", sql=lambda d: scans.uniqueness("t", [ID], None, d).sql, gives=3),
    Cell(name="keys of two columns", sql=lambda d: scans.uniqueness("t", [ID, S], "n > 0", d).sql, gives=2),
    Cell(
        name="references",
        sql=lambda d: scans.lost_references("t", Found(columns=(S,), relation="o", to_columns=("code",)), None, d).sql,
        gives=3,
    ),
    Cell(
        name="rows of a day",
        sql=lambda d: scans.periods("t", _regular(), "n > -10", d, "UTC").sql,
        gives=date(2026, 1, 31),
    ),
)  # fmt: skip


def _regular() -> Regular:
    sla = Sla(property="frequency", value=1, unit="d", place=HERE)
    return Regular(column=AT, unit="d", every=1, partial=None, sla=sla)
