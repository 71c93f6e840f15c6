"""Dates, timestamps and the clocks they show: comparisons, local time and calendar buckets as portable nodes.

A bound is put on the raw column wherever the clock allows it, so that an engine can still skip files by it.
Reads the time-zone database (a constant of the world, like the calendar), never a clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from loadline.semantics.nodes import (
    BOOLEAN,
    DATE,
    INSTANT,
    INTEGER,
    MOMENT,
    STRING,
    TIMESTAMP,
    Call,
    Kind,
    Lit,
    Node,
    call,
    timestamp,
)
from loadline.semantics.shapes import Span
from loadline.values.model import Calendar
from loadline.values.query import Grain, Part

_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Raises ZoneInfoNotFoundError or ValueError for a name the IANA database does not have."""
    return ZoneInfo(name)


@lru_cache(maxsize=64)
def is_steady(name: str) -> bool:
    """Does this zone never shift its clock? Then its wall clock is as good as an instant."""
    return zone(name).utcoffset(None) is not None


def column_clock(timezone: str | None, calendar: Calendar) -> Kind:
    """The kind of a naive timestamp column that shows the clock of `timezone`."""
    return TIMESTAMP if timezone in {None, calendar.timezone} else timestamp(timezone)


def text(value: str) -> Lit:
    return Lit(value=value, kind=STRING)


def days(count: int) -> Lit:
    return Lit(value=count, kind=INTEGER)


def read_moment(written: str) -> date | datetime:
    """Raises ValueError."""
    return date.fromisoformat(written) if len(written) <= 10 else datetime.fromisoformat(written)


def instant_of(node: Node, calendar: Calendar) -> Node:
    """The instant a timestamp names."""
    if node.kind.clock == INSTANT:
        return node
    shown = node.kind.clock or calendar.timezone
    if isinstance(node, Lit) and isinstance(node.value, datetime):
        return Lit(value=_aware(node.value, shown), kind=MOMENT)
    return call("from_zone", node, text(shown), kind=MOMENT)


def local_of(node: Node, calendar: Calendar) -> Node:
    """What the project's own clock showed at a timestamp; a date is itself."""
    if node.kind.name != "timestamp" or node.kind.clock is None:
        return node
    if isinstance(node, Lit) and isinstance(node.value, datetime):
        return Lit(value=node.value.astimezone(zone(calendar.timezone)).replace(tzinfo=None), kind=TIMESTAMP)
    return call("at_zone", instant_of(node, calendar), text(calendar.timezone), kind=TIMESTAMP)


def _aware(shown: datetime, timezone: str) -> datetime:
    """The instant at which the clock of `timezone` showed this; of two, the first; of none, the one just after."""
    if shown.tzinfo is None:
        shown = shown.replace(tzinfo=zone(timezone))
    return shown.astimezone(UTC)


def _bound(value: date | datetime, clock: str | None, calendar: Calendar) -> Lit:
    """A date (its local midnight) or datetime as a literal that shows `clock`; a naive one shows the project's."""
    shown = value if isinstance(value, datetime) else datetime.combine(value, time())
    if clock is None:
        if shown.tzinfo is not None:
            shown = shown.astimezone(zone(calendar.timezone)).replace(tzinfo=None)
        return Lit(value=shown, kind=TIMESTAMP)
    instant = _aware(shown, calendar.timezone)
    if clock == INSTANT:
        return Lit(value=instant, kind=MOMENT)
    return Lit(value=instant.astimezone(zone(clock)).replace(tzinfo=None), kind=timestamp(clock))


def _comparable(node: Node, calendar: Calendar) -> Node:
    """The timestamp itself where its clock never shifts, else the instant it names."""
    clock = node.kind.clock
    return node if clock is None or clock == INSTANT or is_steady(clock) else instant_of(node, calendar)


def compare_moments(op: str, left: Node, right: Node, calendar: Calendar) -> Node:
    """Compare dates and timestamps. A date written beside a timestamp means that whole local day."""
    if isinstance(left, Lit) and not isinstance(right, Lit):
        return compare_moments(_FLIPPED[op], right, left, calendar)
    if left.kind.name == "timestamp" and isinstance(right, Lit) and isinstance(right.value, date):
        return _against_constant(op, _comparable(left, calendar), right.value, calendar)
    if left.kind.name == "date" and isinstance(right, Lit) and isinstance(right.value, datetime):
        right = _bound(right.value, None, calendar)
    if left.kind.name == right.kind.name == "timestamp" and left.kind.clock != right.kind.clock:
        left, right = instant_of(left, calendar), instant_of(right, calendar)
    elif left.kind.name != right.kind.name:
        left, right = local_of(left, calendar), local_of(right, calendar)
        left, right = _widened(left), _widened(right)
    return call(op, left, right, kind=BOOLEAN)


def _widened(node: Node) -> Node:
    return call("to_timestamp", node, kind=TIMESTAMP) if node.kind.name == "date" else node


def _against_constant(op: str, left: Node, value: date | datetime, calendar: Calendar) -> Node:
    clock = left.kind.clock
    if isinstance(value, datetime):
        return call(op, left, _bound(value, clock, calendar), kind=BOOLEAN)
    start = _bound(value, clock, calendar)
    end = _bound(value + timedelta(days=1), clock, calendar) if value < date.max else start
    match op:
        case "<" | ">=":
            return call(op, left, start, kind=BOOLEAN)
        case "<=":
            return call("<", left, end, kind=BOOLEAN)
        case ">":
            return call(">=", left, end, kind=BOOLEAN)
        case "=":
            return call("and", call(">=", left, start, kind=BOOLEAN), call("<", left, end, kind=BOOLEAN), kind=BOOLEAN)
        case _:
            return call("or", call("<", left, start, kind=BOOLEAN), call(">=", left, end, kind=BOOLEAN), kind=BOOLEAN)


def in_window(node: Node, start: date | None, end: date | None, calendar: Calendar) -> tuple[Node, ...]:
    """True on the local days from `start` (in) to `end` (out)."""
    bounds = []
    for op, day in ((">=", start), ("<", end)):
        if day is not None:
            bounds.append(compare_moments(op, node, Lit(value=day, kind=DATE), calendar))
    return tuple(bounds)


# -- buckets


def to_date(node: Node) -> Node:
    return node if node.kind.name == "date" else call("to_date", node, kind=DATE)


def _cut(unit: str, node: Node) -> Call:
    return call("trunc", text(unit), node, kind=DATE)


def _plus_days(node: Node, count: int) -> Node:
    return call("add_days", node, days(count), kind=DATE) if count else node


def _plus_months(node: Node, count: int) -> Node:
    return call("add_months", node, days(count), kind=DATE) if count else node


SHORT = frozenset({Grain.MICROSECOND, Grain.MILLISECOND, Grain.SECOND, Grain.MINUTE, Grain.HOUR})
"""Grains below a day, whose buckets are moments."""


def bucket(node: Node, grain: Grain, calendar: Calendar) -> Node:
    """The first day (or moment, for grains below a day) of the bucket that a date or timestamp falls in, on the
    project's clock and calendar."""
    local = local_of(node, calendar)
    if grain in SHORT:
        return call("trunc_time", text(grain.value), _widened(local), kind=TIMESTAMP)
    match grain:
        case Grain.DAY:
            return to_date(local)
        case Grain.WEEK:
            shift = (8 - calendar.week_starts) % 7  # days that turn the week's first day into a Monday
            return _plus_days(_cut("week", _plus_days(to_date(local), shift) if shift else local), -shift)
        case Grain.FISCAL_QUARTER:
            return _fiscal(local, "quarter", 3, calendar)
        case Grain.FISCAL_YEAR:
            return _fiscal(local, "year", 12, calendar)
        case _:
            return _cut_moved(grain, local) or _cut(grain.value, local)


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def _cut_moved(grain: Grain, local: Node) -> Node | None:
    """The bucket of a month that was moved by whole buckets: the month's own bucket, moved."""
    match local:
        case Call(name="add_months", args=(Call(name="trunc", args=(Lit(value="month"), node)), Lit(value=int(count)))):
            return _plus_months(_cut(grain.value, node), count) if count % _MONTHS[grain] == 0 else None
        case _:
            return None


def own_bucket(node: Node, name: str, calendar: Calendar) -> Node:
    """The first day of a period that the calendar's spine declares under `name`; NULL outside the spine. Raises
    KeyError when none does."""
    found = next((spine for spine in calendar.spines if name in spine.grains), None)
    if found is None:
        raise KeyError(name)
    place = (text(found.source), text(found.column), text(found.grains[name]))
    return call("own_grain", *place, to_date(local_of(node, calendar)), kind=DATE)


def part_of(node: Node, part: Part, calendar: Calendar) -> Node:
    """A number that a date or timestamp has on the project's clock: its month of the year, say."""
    local = local_of(node, calendar)
    if part is Part.HOUR:
        local = _widened(local)
    return call("extract", text(_PARTS[part]), local, kind=INTEGER)


_PARTS = {
    Part.YEAR: "year",
    Part.QUARTER: "quarter",
    Part.MONTH: "month",
    Part.WEEK: "week",
    Part.DAY: "day",
    Part.WEEKDAY: "weekday",
    Part.YEARDAY: "yearday",
    Part.HOUR: "hour",
}


def moved_in_time(node: Node, span: Span, *, is_back: bool = False) -> Node:
    """The date or timestamp `span` later (or earlier), in the calendar: clamped to the last day of shorter months."""
    sign = -1 if is_back else 1
    if not span.is_fixed:
        name = "add_months" if node.kind.name == "date" else "add_months_time"
        return call(name, node, days(sign * span.months), kind=node.kind)
    if node.kind.name == "date" and span.seconds % 86_400 == 0:
        return call("add_days", node, days(sign * (span.seconds // 86_400)), kind=DATE)
    return call("add_seconds", _widened(node), days(sign * span.seconds), kind=TIMESTAMP)


def _fiscal(local: Node, unit: str, length: int, calendar: Calendar) -> Node:
    """Count from the fiscal year's first day; where a month has no such day, its last day starts the span."""
    month, day = calendar.fiscal_year_starts
    shift = (month - 1) % length
    if day == 1:
        return _plus_months(_cut(unit, _plus_months(_cut("month", local), -shift) if shift else local), shift)
    if day <= 28:
        first = _plus_months(_cut("month", _plus_days(to_date(local), 1 - day)), -shift)
        return _plus_days(_plus_months(_cut(unit, first), shift), day - 1)
    this_month = _cut("month", local)
    has_begun = call(">=", to_date(local), _late_start(this_month, day), kind=BOOLEAN)
    first = call("case", has_begun, this_month, _plus_months(this_month, -1), kind=DATE)
    return _late_start(_plus_months(_cut(unit, _plus_months(first, -shift)), shift), day)


def _late_start(first: Node, day: int) -> Node:
    return call("least", _plus_days(first, day - 1), _plus_days(_plus_months(first, 1), -1), kind=DATE)
