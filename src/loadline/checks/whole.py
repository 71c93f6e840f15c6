"""A plan that asks for a change or a share in; whether both periods, or the whole, are there whole, out.

Data that begin in November make that year one of two months, and what came after it a rise of 400 %. Every number in it
is right, and the change is not what it says. Nor is a region's share, where a rule leaves its asker that region only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from loadline.values.finding import (
    CheckRun,
    CouldNotLook,
    Evidence,
    Finding,
    Gravity,
    Looked,
    Missing,
    Need,
    Row,
    SqlNeed,
)
from loadline.values.model import Calendar, Model
from loadline.values.plan import Compared, Plan, Statement
from loadline.values.query import Grain

PERIODS_ARE_WHOLE = "periods-are-whole"
WHOLE_IS_SEEN = "whole-is-seen"
LEAST_GAP = timedelta(days=3)
"""Shorter ones are weekends and holidays."""
GAP_SHARE = 20
"""A period may lack one part in so many before it counts as cut."""

_ACROSS = re.compile(r"(\w+)\[share across ([^\]]+)\]\Z")
_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.FISCAL_QUARTER: 3, Grain.YEAR: 12, Grain.FISCAL_YEAR: 12}


def period_needs(plan: Plan, statement: Statement) -> tuple[Need, ...]:
    return tuple(_need(time, statement.dialect) for one in plan.compared for time in one.times)


def look_at_periods(
    plan: Plan, statement: Statement, *, model: Model, evidence: Mapping[Need, Evidence]
) -> Iterator[CheckRun]:
    """The first and last day that any of a metric's facts has: before and after them nothing is known. Where policy
    leaves its asker a part of the rows, these days are not told."""
    for one in plan.compared:
        if not one.times:
            continue
        needed = [evidence.get(_need(time, statement.dialect)) for time in one.times]
        missing = next((each for each in needed if isinstance(each, Missing) or each is None), None)
        if missing is not None or None in needed:
            why = missing.why if isinstance(missing, Missing) else "no evidence was fetched"
            yield CouldNotLook(check=PERIODS_ARE_WHOLE, subject=one.metric, why=why)
            continue
        held = _held(needed, model.calendar.timezone)
        findings = tuple(_findings(one, held, model.calendar, is_told=not statement.row_filters)) if held else ()
        yield Looked(check=PERIODS_ARE_WHOLE, subject=one.metric, findings=findings)


def extent_needs(times: Iterable[tuple[str, str]], dialect: str) -> tuple[Need, ...]:
    """The first and last time of each column."""
    return tuple(_need(time, dialect) for time in times)


def is_cut(period: tuple[date, date], found: Iterable[Evidence | None], timezone: str) -> bool:
    """Whether a period (its end excluded) is not wholly in the data, by the first and last time of its facts."""
    held = _held(found, timezone)
    if held is None:
        return False
    first, last = held
    return _misses(period, first - period[0]) or _misses(period, period[1] - timedelta(days=1) - last)


def look_at_wholes(plan: Plan, statement: Statement) -> Iterator[CheckRun]:
    """Where policy filters by a field that a share goes across, the whole is what is left of it."""
    for name in plan.query.metrics if statement.row_filters else ():
        share = _ACROSS.match(name)
        if share is None:
            continue
        kept = [
            (field, rows)
            for field in share[2].split(" and ")
            for rows in statement.row_filters
            if re.search(rf"(?<![\w.]){re.escape(field)}(?![\w.])", rows)
        ]
        yield Looked(
            check=WHOLE_IS_SEEN,
            subject=name,
            findings=tuple(
                Finding(
                    check=WHOLE_IS_SEEN,
                    subject=name,
                    gravity=Gravity.DOUBTFUL,
                    what=f"the whole that `{name}` is a part of is not over every {field}: rules leave you {rows}",
                    mend=f"ask for `{share[1]}` by itself, or have somebody ask who may see every {field}",
                )
                for field, rows in kept
            ),
        )


def _need(time: tuple[str, str], dialect: str) -> SqlNeed:
    relation, column = time
    named = exp.column(column, quoted=True)
    asked = exp.select(exp.Min(this=named), exp.Max(this=named.copy())).from_(exp.to_table(relation, dialect=dialect))
    return SqlNeed(sql=asked.sql(dialect=dialect), dialect=dialect)


def _held(found: Iterable[Evidence | None], timezone: str) -> tuple[date, date] | None:
    """The first and last day, both included; None where no fact has rows."""
    rows = [one.values for one in found if isinstance(one, Row)]
    firsts = [day for values in rows if (day := _day(values[0], timezone)) is not None]
    lasts = [day for values in rows if (day := _day(values[1], timezone)) is not None]
    return (min(firsts), max(lasts)) if firsts and lasts else None


def _day(value: object, timezone: str) -> date | None:
    match value:
        case datetime():
            return (value.astimezone(ZoneInfo(timezone)) if value.tzinfo else value).date()
        case date():
            return value
        case _:
            return None


def _findings(one: Compared, held: tuple[date, date], calendar: Calendar, *, is_told: bool) -> Iterator[Finding]:
    first, last = held
    if (then := _then_cut(one, first, calendar)) is not None:
        began = f" begin on {first}" if is_told else " begin later"
        yield _finding(one, f"it is compared with {then}, and the data{began}", held if is_told else None)
    if (now := _now_cut(one, last, calendar)) is not None:
        ended = f" end on {last}" if is_told else " end sooner"
        yield _finding(one, f"it is asked for {now}, and the data{ended}", held if is_told else None)


def _then_cut(one: Compared, first: date, calendar: Calendar) -> str | None:
    """The period compared with that the data do not hold whole. Before all data there is no number and so no change,
    but of what is 0 where there are no rows."""
    if one.grain is None:
        then = _days(one.then)
        if then is None:
            return None
        is_cut = one.is_zero_if_absent if first >= then[1] else _misses(then, first - then[0])
        return _said(then) if is_cut else None
    start, end = one.then
    period = _period_of(first, one.grain, calendar)
    if period is not None and _misses(period, first - period[0]) and _overlaps(period, start, end):
        return _said(period)
    begin = period[0] if period is not None else first - LEAST_GAP
    is_before = one.is_zero_if_absent and (start is None or _date(start) < begin)
    return f"what was before {begin}" if is_before else None


def _now_cut(one: Compared, last: date, calendar: Calendar) -> str | None:
    start, end = one.now
    day = timedelta(days=1)
    if one.grain is None:
        now = _days(one.now)
        if now is None:
            return None
        is_cut = one.is_zero_if_absent if last < now[0] else _misses(now, now[1] - day - last)
        return _said(now) if is_cut else None
    period = _period_of(last, one.grain, calendar)
    if period is not None and _misses(period, period[1] - day - last) and _overlaps(period, start, end):
        return _said(period)
    finish = period[1] if period is not None else last + day + LEAST_GAP
    is_behind = one.is_zero_if_absent and (end is None or _date(end) > finish)
    return f"what was from {finish} on" if is_behind else None


def _finding(one: Compared, cut: str, held: tuple[date, date] | None) -> Finding:
    within = f" between {held[0]} and {held[1]}" if held else ""
    return Finding(
        check=PERIODS_ARE_WHOLE,
        subject=one.metric,
        gravity=Gravity.DOUBTFUL,
        what=f"the change of `{one.metric}` is not one of two whole periods: {cut}",
        mend=f"compare two periods that the data hold whole{within}",
    )


def _misses(period: tuple[date, date], gap: timedelta) -> bool:
    return gap > max(LEAST_GAP, (period[1] - period[0]) / GAP_SHARE)


def _overlaps(period: tuple[date, date], start: date | None, end: date | None) -> bool:
    """Of the periods of a breakdown, those before the first and behind the last one shown are nobody's."""
    return (start is None or _date(start) < period[1]) and (end is None or period[0] < _date(end))


def _days(ends: tuple[date | None, date | None]) -> tuple[date, date] | None:
    start, end = ends
    return (_date(start), _date(end)) if start is not None and end is not None else None


def _date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _said(period: tuple[date, date]) -> str:
    return f"{period[0]} to {period[1] - timedelta(days=1)}"


def _period_of(day: date, grain: Grain, calendar: Calendar) -> tuple[date, date] | None:
    """The period a day lies in; None for those too short to be cut."""
    if grain is Grain.WEEK:
        begin = day - timedelta(days=(day.isoweekday() - calendar.week_starts) % 7)
        return begin, begin + timedelta(days=7)
    months = _MONTHS.get(grain)
    if months is None:
        return None
    starts = calendar.fiscal_year_starts if grain in {Grain.FISCAL_QUARTER, Grain.FISCAL_YEAR} else (1, 1)
    since = (day.year * 12 + day.month - starts[0] - (day.day < starts[1])) % months
    begin = _months_on(day, -since - (day.day < starts[1]), starts[1])
    return begin, _months_on(begin, months, starts[1])


def _months_on(day: date, months: int, on: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(on, 28))  # no month is shorter, and three days are no gap
