"""The grammar of whole time expressions: periods, ranges, open ends, trailing units, to date, comparisons to a base.

Rules, where words leave room: `last 3 months` are the three complete months before this one, `last 7 days` end with
yesterday; `trailing 12 months` end with yesterday, wherever in a month that is; `to date` and `since` run through
today; both ends of a range belong to it; a plain quarter or year is the calendar's, a fiscal one is said to be fiscal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loadline.semantics.time_calendar import (
    FINENESS,
    Period,
    Recurring,
    add_days,
    add_months,
    finer,
    fiscal_name,
    iso_week,
    months_in,
    one_day,
    period_of,
)
from loadline.semantics.time_periods import ROLLING, Point, bare_unit, point, settled, up_to_today
from loadline.semantics.time_scan import PREVIOUS, THIS, WHOLE, Found, Scan
from loadline.semantics.time_tokens import Kind
from loadline.semantics.time_years import RANGE_SIGNS, Year, as_fiscal, day_range, in_year, year

LEADS = frozenset({"in", "during", "for", "on", "over", "within", "throughout", "across", "of"})
NOW = frozenset({"today", "now", "date", "present"})
UNTIL = RANGE_SIGNS | {"until", "till", "til"}
TO_DATE = {
    "wtd": "week",
    "mtd": "month",
    "qtd": "quarter",
    "ytd": "year",
    "fytd": "fiscal_year",
    "fqtd": "fiscal_quarter",
}
TRAILING_YEAR = frozenset({"ttm", "ltm"})
EVER = ("all time", "all-time", "all dates", "all data", "all history", "entire history", "full history", "ever")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one way to read a text comes to. An end that is None is open."""

    start: date | None
    end: date | None
    grain: str


def expressions(scan: Scan, base: Reading | None) -> Found[Reading]:
    """Every way to read the beginning of the text as a time expression, with the position after it."""
    at = scan.skip(0, LEADS)
    at = scan.skip(scan.skip(at, {"all"}), {"of"})
    begin = scan.skip(at, WHOLE)
    for start in {at, scan.skip(begin, {"of"})}:
        for period, period_end in settled(scan, start):
            yield _closed(period), period_end
    for rule in (_range, _weeks, _since, _before, _to_date, _last_units, _units_ending):
        yield from rule(scan, at)
    yield from _compared(scan, at, base)
    for phrase in EVER:
        if (after := scan.words(at, phrase)) is not None:
            yield Reading(None, None, "all"), after
    if at and scan.tokens[at - 1].text == "all" and (after := scan.words(at - 1, "all time")) is not None:
        yield Reading(None, None, "all"), after


def _closed(period: Period) -> Reading:
    return Reading(period.start, period.end, period.grain)


def _range(scan: Scan, at: int) -> Found[Reading]:
    """`A..B`, `from A to B`, `between A and B`; what one end leaves unsaid is taken from the other."""
    signs = UNTIL
    begin = scan.word(at, {"from"})
    if begin is None and (begin := scan.word(at, {"between"})) is not None:
        signs = frozenset({"and"})
        for days, after in day_range(scan, begin, signs):
            yield from _dated(scan, days, after)
    elif begin is not None:
        for days, after in day_range(scan, begin, signs):
            yield from _dated(scan, days, after)
    for first, after in point(scan, at if begin is None else begin):
        sign = scan.word(after, signs | ({"/"} if _are_iso_days(scan, after) else frozenset()))
        if sign is None:
            continue
        is_hyphen = scan.tokens[after].text == "-"
        if "and" in signs and (now := scan.word(sign, {"now", "present"})) is not None:
            for period in [first if isinstance(first, Period) else first.latest(scan.today)]:
                yield from _through(scan, period.start, period.grain, now) if period else ()
        for last, end in point(scan, begins := at_the_end(scan, sign)):
            if begins > sign and isinstance(first, Recurring) and isinstance(last, Period):
                last = one_day(add_days(last.end, -1))  # noqa: PLW2901
            if not is_hyphen or first.grain == last.grain:
                yield from _between(scan, first, last, end)


def _dated(scan: Scan, days: Recurring, after: int) -> Found[Reading]:
    if latest := days.latest(scan.today):
        yield _closed(latest), after
    for wanted, end in year(scan, scan.skip(after, {"of"})):
        if period := in_year(scan, days, wanted):
            yield _closed(period), end


def _weeks(scan: Scan, at: int) -> Found[Reading]:
    """`weeks 10 to 12 of 2025`: ISO weeks of one year."""
    begin = scan.word(scan.skip(at, {"iso", "calendar"}), {"weeks"})
    first = scan.numeric(begin, Kind.NUMBER) if begin is not None else None
    sign = scan.word(first[1], RANGE_SIGNS | {"and"}) if first is not None else None
    last = scan.numeric(sign, Kind.NUMBER) if sign is not None else None
    if first is None or last is None:
        return
    if scan.calendar.week_starts != 1:
        scan.decline(
            last[1], "weeks are numbered by ISO 8601 from Monday, and this calendar's weeks start on another day"
        )
        return
    for wanted, end in year(scan, scan.skip(last[1], {"of", "in"})):
        start, stop = (iso_week(wanted.name, found[0].numbers[0]) for found in (first, last))
        if start is not None and stop is not None and not wanted.is_fiscal:
            yield from _spanning(scan, start, stop, end)


def _are_iso_days(scan: Scan, at: int) -> bool:
    """`2025-01-01/2025-01-31`, ISO 8601's own sign between two days."""
    around = [scan.token(at - 1), scan.token(at + 1)]
    return all(token is not None and token.kind is Kind.YMD for token in around)


def _between(scan: Scan, first: Point, last: Point, end: int) -> Found[Reading]:
    if isinstance(last, Recurring):
        for wanted, year_end in year(scan, scan.skip(end, {"of", "in"}), is_short_fine=last.is_code):
            yield from _same_year(scan, first, last, wanted, year_end)
    match first, last:
        case Period(), Period():
            yield from _spanning(scan, first, last, end)
        case Period(), Recurring():
            found = last.first_from(first.start)
            if found is not None and found.start <= scan.today and (months_in(first.grain) or 0) < 12:
                yield from _spanning(scan, first, found, end)
        case Recurring(), Period():
            if not (last.grain.startswith("fiscal_") or first.is_fiscal) and _is_as_fine(first.grain, last.grain):
                begun = first.latest_where(last.start, lambda period: period.start <= last.start)
                if begun is not None:
                    yield from _spanning(scan, begun, last, end)
        case Recurring(), Recurring():
            begun = first.latest(scan.today)
            found = last.first_from(begun.start) if begun is not None else None
            if begun is None or found is None:
                return
            if found.start <= scan.today:
                yield from _spanning(scan, begun, found, end)
            else:
                scan.decline(end, f"it would end on {add_days(found.end, -1).isoformat()}, so say which year you mean")


def _same_year(scan: Scan, first: Point, last: Recurring, wanted: Year, end: int) -> Found[Reading]:
    """`Nov to Feb 2025`: the year belongs to the last; the first is the one that precedes it."""
    final = in_year(scan, last, wanted)
    if final is None or not isinstance(first, Recurring):
        return
    if wanted.is_fiscal or last.is_fiscal:
        begun = (
            in_year(scan, first, wanted)
            if wanted.is_fiscal or first.is_fiscal
            else as_fiscal(scan, first).at(wanted.name)
        )
        if begun is not None and begun.start <= final.start:
            yield from _spanning(scan, begun, final, end)
        return
    if (begun := first.latest_where(final.start, lambda period: period.start <= final.start)) is not None:
        yield from _spanning(scan, begun, final, end)


def _is_as_fine(first: str, last: str) -> bool:
    return FINENESS.index(first) >= FINENESS.index(last)


def _spanning(scan: Scan, first: Period, last: Period, after: int) -> Found[Reading]:
    if first.start < last.end and first.start <= last.start and first.end <= last.end:
        yield Reading(first.start, last.end, finer(first.grain, last.grain)), after
    else:
        scan.decline(after, "it ends before it begins")


def _since(scan: Scan, at: int) -> Found[Reading]:
    """`since March`, `from 1 Feb 2025 on`, `March to date`, `2025 so far`, `after Q1 2025`: through today."""
    since = scan.word(scan.skip(at, {"ever"}), {"since", "starting"})
    if since is not None:
        yield from _through_today(scan, scan.skip(since, {"from"}), is_after=False)
    if (after := scan.word(at, {"after"})) is not None:
        yield from _through_today(scan, after, is_after=True)
    begin = scan.skip(at, {"from"})
    for period, end in _starts(scan, begin):
        onwards = {"onward", "onwards", "forward"} | ({"on"} if begin > at else set())
        if (on := scan.word(end, onwards)) is not None:
            yield from _through(scan, period.start, period.grain, on)
        sign = scan.word(end, UNTIL)
        if sign is not None and (now := scan.word(sign, NOW - {"today"})) is not None:
            if begin == at and scan.tokens[sign].text == "date" and _is_over(scan, period, at):
                scan.decline(
                    now, f"it was over on {add_days(period.end, -1)}: write `since` before it, or leave out `to date`"
                )
            else:
                yield from _through(scan, period.start, period.grain, now)
        if (so_far := scan.words(end, "so far")) is not None and period.end > scan.today:
            yield from _through(scan, period.start, period.grain, so_far)


def _is_over(scan: Scan, period: Period, at: int) -> bool:
    """`Q3 to date`, said in November, is all of Q3 to some, and everything since it began to others. `March to date`
    is the latter; `last quarter to date` is judged by `_previous_to_date`."""
    return period.end <= scan.today and period.grain not in {"day", "month"} and scan.tokens[at].text not in PREVIOUS


def at_the_end(scan: Scan, at: int) -> int:
    """Behind `the end of`, which after `to` and `through` adds nothing: both ends of a range belong to it."""
    end = scan.word(at, {"end"})
    of = scan.word(end, {"of"}) if end is not None else None
    return at if of is None else of


def _through_today(scan: Scan, at: int, *, is_after: bool) -> Found[Reading]:
    for period, end in _starts(scan, at):
        start = period.end if is_after else period.start
        yield from _through(scan, start, period.grain, end)
        sign = scan.word(scan.skip(end, {"up"}), UNTIL)
        if sign is not None and (now := scan.word(sign, NOW)) is not None:
            yield from _through(scan, start, period.grain, now)


def _starts(scan: Scan, at: int) -> Found[Period]:
    """A period, or `the beginning of` one, `of the year` being this one."""
    yield from settled(scan, at)
    opening = scan.word(at, {"start", "beginning"})
    if opening is not None and (of := scan.word(opening, {"of"})) is not None:
        yield from settled(scan, of)
        yield from bare_unit(scan, of)


def _through(scan: Scan, start: date, grain: str, after: int) -> Found[Reading]:
    if start <= scan.today:
        yield Reading(start, add_days(scan.today, 1), grain), after
    else:
        scan.decline(after, f"it begins on {start.isoformat()}, which has not come yet")


def _before(scan: Scan, at: int) -> Found[Reading]:
    """`before 2025` leaves it out, `through 2024` takes it in, and `until March 2025` may mean either."""
    prior = scan.words(at, "prior to")
    prior = scan.word(at, {"before"}) if prior is None else prior
    up_to = scan.words(at, "up to and including")
    up_to = scan.word(at, {"through", "thru"}) if up_to is None else up_to
    until = scan.words(at, "up to")
    until = scan.words(at, "up until") if until is None else until
    until = scan.word(at, {"until", "till", "til"}) if until is None else until
    for begin, is_out, is_in in ((prior, True, False), (up_to, False, True), (until, True, True)):
        if begin is None:
            continue
        if until is not None and (now := scan.word(begin, NOW)) is not None:
            yield Reading(None, add_days(scan.today, 1), "day"), now
        is_to_the_end = (the_end := at_the_end(scan, begin)) > begin and is_in
        for found, after in point(scan, the_end if is_to_the_end else begin):
            if isinstance(found, Recurring):
                scan.decline(after, "it has no beginning and no year: say which year you mean")
                continue
            if is_in:
                yield Reading(None, found.end, found.grain), after
            if is_out and not (is_in and (found.is_one_day or is_to_the_end)):
                yield Reading(None, found.start, found.grain), after


def _to_date(scan: Scan, at: int) -> Found[Reading]:
    """`MTD`, `year to date`, `this quarter so far`, `so far this year`, and `YTD last year`: to the same day of it."""
    tomorrow = add_days(scan.today, 1)
    for unit, after in [*_abbreviated_to_date(scan, at), *_units_to_date(scan, at)]:
        if unit == "day":
            continue
        reading = Reading(period_of(unit, scan.today, scan.calendar).start, tomorrow, unit)
        yield reading, after
        months = months_in(unit)
        last_year = scan.words(scan.skip(after, {"of"}), "last year")
        if last_year is not None and months is not None:
            earlier = period_of(unit, scan.today, scan.calendar, -12 // months).start
            yield Reading(earlier, add_days(add_months(scan.today, -12), 1), unit), last_year
        for wanted, end in year(scan, after) if unit in {"year", "fiscal_year"} else ():
            this = scan.today.year if unit == "year" else fiscal_name(scan.today, scan.calendar)
            if wanted.name == this and (unit == "fiscal_year" or not wanted.is_fiscal):
                yield reading, end
        if (through := scan.word(after, {"through", "thru"})) is not None:
            for last, end in settled(scan, at_the_end(scan, through)):
                whole = period_of(unit, last.start, scan.calendar)
                if last.end <= whole.end and last != whole:
                    yield Reading(whole.start, last.end, finer(unit, last.grain)), end
    for wanted, year_end in year(scan, at):  # `2026 YTD`, while 2026 runs
        this = scan.today.year if not wanted.is_fiscal else fiscal_name(scan.today, scan.calendar)
        ytd = scan.word(year_end, {"ytd", "fytd"} if wanted.is_fiscal else {"ytd"})
        if ytd is not None and wanted.name == this:
            unit = "fiscal_year" if wanted.is_fiscal else "year"
            yield Reading(period_of(unit, scan.today, scan.calendar).start, tomorrow, unit), ytd
    yield from _previous_to_date(scan, at)


def _abbreviated_to_date(scan: Scan, at: int) -> Found[str]:
    if found := scan.lookup(at, TO_DATE):
        yield found
    fiscal = scan.word(at, {"fiscal"})
    if fiscal is not None and (found := scan.lookup(fiscal, {"ytd": "fiscal_year", "qtd": "fiscal_quarter"})):
        yield found


def _units_to_date(scan: Scan, at: int) -> Found[str]:
    for unit, after in scan.unit(scan.skip(at, THIS)):
        for phrase in ("to date", "so far"):
            if (end := scan.words(scan.skip(after, {"-"}), phrase)) is not None:
                yield unit, end
    so_far = scan.words(at, "so far")
    if so_far is not None and (this := scan.word(scan.skip(so_far, {"in"}), THIS)) is not None:
        yield from scan.unit(this)


def _previous_to_date(scan: Scan, at: int) -> Found[Reading]:
    """`last year to date`: to the same day of last year. (`_since` has the other reading: from then on to today.)"""
    if (after := scan.word(at, PREVIOUS)) is None:
        return
    for unit, unit_end in scan.unit(after):
        months = months_in(unit)
        if months is not None and (end := scan.words(unit_end, "to date")) is not None:
            start = period_of(unit, scan.today, scan.calendar, -1).start
            yield Reading(start, add_days(add_months(scan.today, -months), 1), unit), end


def _last_units(scan: Scan, at: int) -> Found[Reading]:
    """`last 7 days`, `past three months`, `trailing 12 months`, `TTM`."""
    if (after := scan.word(at, TRAILING_YEAR)) is not None:
        yield _closed(up_to_today(scan, 12, "month")), after
    if (after := scan.word(at, PREVIOUS | {"past"})) is not None:
        for (count, unit), end in scan.counted_unit(scan.skip_all(after, WHOLE)):
            last = period_of(unit, scan.today, scan.calendar)
            first = period_of(unit, scan.today, scan.calendar, -count)
            yield Reading(first.start, last.start, unit), end
            if count == 1 and scan.tokens[at].text == "past" and unit in {"week", "month", "year"}:
                yield _closed(up_to_today(scan, 1, unit)), end  # as `past year` may mean
            yield from _with_today(scan, count, unit, end)
    if (after := scan.word(at, ROLLING)) is not None:
        for (count, unit), end in scan.counted_unit(scan.skip(after, {"last"})):
            yield _closed(up_to_today(scan, count, unit)), end
            if "quarter" in unit or unit.startswith("fiscal_"):
                first = period_of(unit, scan.today, scan.calendar, -count)
                yield Reading(first.start, period_of(unit, scan.today, scan.calendar).start, unit), end
            yield from _with_today(scan, count, unit, end)
    for (count, unit), counted_end in scan.counted_unit(at):
        after = scan.word(counted_end, ROLLING)
        if after is not None and "quarter" not in unit and "fiscal" not in unit:
            yield _closed(up_to_today(scan, count, unit)), after


def _with_today(scan: Scan, count: int, unit: str, at: int) -> Found[Reading]:
    if unit != "day":
        return
    tomorrow = add_days(scan.today, 1)
    if (end := scan.words(at, "including today")) is not None:
        yield Reading(add_days(tomorrow, -count), tomorrow, unit), end
    if (end := scan.words(at, "excluding today")) is not None:
        yield Reading(add_days(scan.today, -count), scan.today, unit), end


def _units_ending(scan: Scan, at: int) -> Found[Reading]:
    """`12 months ending March 2025`, `year ended 31 March 2025`, `last 7 days ending yesterday`."""
    begin = scan.skip(at, PREVIOUS | ROLLING | {"past"})
    counted = list(scan.counted_unit(begin))
    single = [((1, unit), end) for unit, end in scan.unit(begin)] if begin == at else []
    for (count, unit), after in [*counted, *single]:
        end = scan.words(after, "up to")
        end = (
            scan.word(after, {"ending", "ended"} | ({"to", "through", "until"} if counted else set()))
            if end is None
            else end
        )
        if end is None or (unit == "week" and not counted):
            continue
        for last, close in settled(scan, at_the_end(scan, scan.skip(end, {"on", "in", "with", "at"}))):
            if last.end > add_days(scan.today, 1) and last.start > scan.today:
                continue
            months = months_in(unit)
            days = 7 * count if unit == "week" else count
            start = add_months(last.end, -count * months) if months else add_days(last.end, -days)
            if unit.startswith("fiscal_") and period_of(unit, start, scan.calendar).end != last.end:
                scan.decline(close, f"no {unit.replace('_', ' ')} of this calendar ends on {add_days(last.end, -1)}")
            else:
                yield Reading(start, last.end, unit), close


def _compared(scan: Scan, at: int, base: Reading | None) -> Found[Reading]:
    """`same period last year` and `previous period` of what was asked before."""
    last_year = None
    for phrase in (
        "same period last year",
        "same period of last year",
        "same period a year ago",
        "same period a year earlier",
    ):
        last_year = scan.words(at, phrase) if last_year is None else last_year
    previous = scan.word(at, PREVIOUS)
    previous = scan.word(previous, {"period"}) if previous is not None else None
    after = last_year if last_year is not None else previous
    if after is None:
        return
    if base is None or base.start is None or base.end is None:
        scan.decline(after, "it compares to a period that was not given")
    elif last_year is not None:
        if base.grain == "week":
            scan.decline(after, "a week has no one counterpart a year earlier: write its dates")
        else:
            yield Reading(add_months(base.start, -12), add_months(base.end, -12), base.grain), after
    else:
        yield Reading(_before_base(base.start, base.end), base.start, base.grain), after


def _before_base(start: date, end: date) -> date:
    """As many months back when the base is whole months, else as many days."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and add_months(start, months) == end:
        return add_months(start, -months)
    return add_days(start, -(end - start).days)
