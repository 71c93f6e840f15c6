"""Newest and oldest values, and rows per period, in; whether the data is fresh, kept no longer than said, and regular,
out. The time it is measured at is handed in: now, or the instant a copy was taken."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from loadline.checks.data.nouns import Fresh, Promised, Regular, Retained
from loadline.checks.data.schedule import runs_on
from loadline.checks.data.words import percent
from loadline.values.contract import Column
from loadline.values.diagnostic import Severity
from loadline.values.promise import Broken, Kept, PromiseRun, Span, Unseen

LEAST_PEERS = 3
_NAMED = 3
_STEP = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(days=7), "mo": timedelta(days=31)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`at` is aware. `zone` is the project's; `is_taken` when `at` is when a copy was taken."""

    at: datetime
    zone: str
    is_taken: bool = False

    @property
    def words(self) -> str:
        day = self.at.astimezone(ZoneInfo(self.zone))
        text = f"{day:%Y-%m-%d %H:%M}"
        return f"{text}, when the rows were taken" if self.is_taken else text


def fresh(promised: Promised, test: Fresh | Retained, value: object, clock: Clock, sql: str) -> PromiseRun:
    """`value` is the newest (of `Fresh`) or the oldest (of `Retained`)."""
    promise, name = promised.promise, test.column.name
    if value is None:
        return Unseen(promise=promise, why=f"no row has a `{name}`")
    is_fresh = isinstance(test, Fresh)
    found = instant(value, test.column, clock.zone, is_end=is_fresh)
    if found is None:
        return Unseen(promise=promise, why=f"`{value}` of `{name}` is no day and no instant")
    age = clock.at - found
    which = "newest" if is_fresh else "oldest"
    measured = f"the {which} `{name}` is {value}, {_age(age)} old at {clock.words}"
    if age.total_seconds() <= test.seconds:
        return Kept(promise=promise, measured=measured, sql=sql)
    mend = (
        f"load what is missing into `{promise.relation}`, or find out why nothing came"
        if is_fresh
        else f"delete what is older than {test.says} from `{promise.relation}`"
    )
    what = f"{measured}, and it may be {test.says} old"
    span = Span(field=name, first=found.date(), last=date.max) if is_fresh else None
    return Broken(promise=promise, what=what, mend=mend, sql=sql, span=span)


def instant(value: object, column: Column, zone: str, *, is_end: bool = False) -> datetime | None:
    """A value of a column as an instant. A day is as new as its end, and as old as its beginning."""
    own = ZoneInfo(column.timezone or zone)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC if column.is_zoned else own)
    if isinstance(value, date):
        day = datetime(value.year, value.month, value.day, tzinfo=own)
        return day + timedelta(days=1) if is_end else day
    return None


def _age(age: timedelta) -> str:
    seconds = age.total_seconds()
    if seconds < 0:
        return "less than 0 seconds"
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{int(seconds // size):,} {word}s"
    return f"{int(seconds):,} seconds"


# regular


def regular(promised: Promised, test: Regular, rows: Iterable[Sequence[object]], clock: Clock, sql: str) -> PromiseRun:
    """`rows` are (day or hour, count). Looks for periods that have no rows, late ones among them, and for such that
    have far fewer than their like: the same weekday (or hour) around them, within noise."""
    promise = promised.promise
    counts = _bucketed(test, rows)
    if not counts:
        return Unseen(promise=promise, why=f"no row has a `{test.column.name}`")
    first = min(counts)
    due = [period for period in _between(test, first, _last_due(test, clock)) if _is_due(test, period)]
    missing = [period for period in due if period not in counts]
    partial = [] if test.partial is None else list(_partial(test, counts, due))
    if not missing and not partial:
        measured = f"{len(due):,} periods of `{test.column.name}` have rows, the newest is {_name(test, max(counts))}"
        return Kept(promise=promise, measured=measured, sql=sql)
    what = [_missing_words(test, missing, max(counts), clock)] if missing else []
    what += [_partial_words(test, counts, partial)] if partial else []
    seen = sorted([*missing, *(period for period, _ in partial)])
    severity = promise.severity if missing or promise.severity is Severity.NOTE else Severity.WARNING
    return Broken(
        promise=replace(promise, severity=severity),
        what="; ".join(what),
        mend=f"load the rest of these periods into `{promise.relation}`",
        count=len(seen),
        total=len(due),
        span=Span(field=test.column.name, first=seen[0].date(), last=_after(test, seen[-1]).date()),
        cause=""
        if missing
        else "what comes later is whole, so the newest row looks fresh"
        if seen[-1] < max(counts)
        else "",
        sql=sql,
    )


def _bucketed(test: Regular, rows: Iterable[Sequence[object]]) -> dict[datetime, int]:
    counts: dict[datetime, int] = {}
    for value, n in rows:
        moment = _naive(value)
        if moment is not None:
            start = _start(test, moment)
            counts[start] = counts.get(start, 0) + int(str(n))
    if test.every > 1 and counts:
        return _every(test, counts)
    return counts


def _every(test: Regular, counts: Mapping[datetime, int]) -> dict[datetime, int]:
    """Several days, weeks or months to a period, counted from the first."""
    starts = _between(replace(test, every=1), min(counts), max(counts))
    found: dict[datetime, int] = {}
    for at in range(0, len(starts), test.every):
        n = sum(counts.get(start, 0) for start in starts[at : at + test.every])
        if n:
            found[starts[at]] = n
    return found


def _naive(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else None  # noqa: DTZ001 - a local day


def _start(test: Regular, moment: datetime) -> datetime:
    if test.unit == "h":
        return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if test.unit == "w":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if test.unit == "mo" else day


def _after(test: Regular, start: datetime) -> datetime:
    """The start of the next period."""
    if test.unit != "mo":
        return start + _STEP[test.unit] * test.every
    months = start.year * 12 + start.month - 1 + test.every
    return start.replace(year=months // 12, month=months % 12 + 1)


def _between(test: Regular, first: datetime, last: datetime) -> list[datetime]:
    found = []
    while first <= last:
        found.append(first)
        first = _after(test, first)
    return found


def _last_due(test: Regular, clock: Clock) -> datetime:
    """The last period that must be there: one that ended a whole period ago."""
    local = clock.at.astimezone(ZoneInfo(clock.zone)).replace(tzinfo=None)
    return local - 2 * _STEP[test.unit] * test.every


def _is_due(test: Regular, period: datetime) -> bool:
    schedule = test.sla.schedule
    return not schedule or test.unit != "d" or test.every > 1 or runs_on(schedule, period.date())


def _partial(
    test: Regular, counts: Mapping[datetime, int], due: Sequence[datetime]
) -> Iterable[tuple[datetime, float]]:
    """Periods with too few rows, each with what its like hold. The first one may have begun in the middle."""
    share = float(test.partial or 0)
    step = {"h": timedelta(days=1), "d": timedelta(days=7)}.get(test.unit)
    for at, period in enumerate(due[1:], start=1):
        n = counts.get(period)
        if n is None:
            continue
        if step is not None and test.every == 1:
            peers = [counts.get(period + step * k) for k in (-4, -3, -2, -1, 1, 2, 3, 4)]
        else:
            peers = [
                counts.get(other)
                for k in (-4, -3, -2, -1, 1, 2, 3, 4)
                for other in due[at + k : at + k + 1]
                if at + k > 0
            ]
        known = [peer for peer in peers if peer is not None]
        if len(known) < LEAST_PEERS:
            continue
        usual = statistics.median(known)
        if n < share * usual and usual - n > 4 * usual**0.5:
            yield period, usual


def _missing_words(test: Regular, missing: Sequence[datetime], newest: datetime, clock: Clock) -> str:
    late = [period for period in missing if period > newest]
    holes = [period for period in missing if period < newest]
    said = []
    if holes:
        said.append(f"{_names(test, holes)} {'has' if len(holes) == 1 else 'have'} no rows")
    if late:
        said.append(f"nothing has come since {_name(test, newest)}: {_names(test, late)} missing at {clock.words}")
    return "; ".join(said)


def _partial_words(test: Regular, counts: Mapping[datetime, int], partial: Sequence[tuple[datetime, float]]) -> str:
    said = [
        f"{_name(test, period)} has {counts[period]:,} rows where about {usual:,.0f} are usual "
        f"({percent(counts[period] / usual)}): part of it has not arrived"
        for period, usual in partial[:_NAMED]
    ]
    more = len(partial) - _NAMED
    return "; ".join(said) + (f"; and {more:,} more such periods" if more > 0 else "")


def _names(test: Regular, periods: Sequence[datetime]) -> str:
    shown = ", ".join(_name(test, period) for period in periods[:_NAMED])
    more = len(periods) - _NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def _name(test: Regular, period: datetime) -> str:
    match test.unit:
        case "h":
            return f"{period:%Y-%m-%d %H:00}"
        case "mo":
            return f"{period:%Y-%m}"
        case "w":
            return f"the week of {period:%Y-%m-%d}"
        case _:
            return f"{period:%Y-%m-%d} ({period:%A})"
