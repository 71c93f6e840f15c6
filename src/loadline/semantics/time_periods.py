"""The grammar of one bounded period: `Q3 2025`, `last week`, `the week of 3 Aug`, `first 10 days of March`.

A rule yields a Period, or a Recurring whose year nobody said: the caller decides which year that is.
"""

from __future__ import annotations

from collections.abc import Callable

from loadline.semantics.time_calendar import (
    Period,
    Recurring,
    add_days,
    add_months,
    day_of,
    fiscal_name,
    months_in,
    one_day,
    part_of_year,
    period_of,
)
from loadline.semantics.time_scan import FISCAL, PREVIOUS, THIS, Found, Scan
from loadline.semantics.time_tokens import MONTHS, ORDINALS, WEEKDAYS, Kind
from loadline.semantics.time_years import NEAR_YEARS, Year, in_year, is_within, recurring, short_years, year

Point = Period | Recurring
ROLLING = frozenset({"trailing", "rolling", "moving", "running"})
LOOSE = frozenset({"in", "over", "within", "for"})
OF_YEAR = frozenset({"of", "in", "-", "/"})
PART_CODES = frozenset({"q", "h", "fq", "fh"}) | FISCAL
SAME = frozenset({"this", "same"})
WEEK_WORDS = {
    "of": "of",
    "containing": "of",
    "commencing": "w/c",
    "beginning": "w/c",
    "starting": "w/c",
    "ending": "w/e",
    "ended": "w/e",
}


def point(scan: Scan, at: int) -> Found[Point]:
    """Everything that names one period, with or without its year."""
    yield from _with_year(scan, at)
    for rule in (
        _numeric,
        _relative_unit,
        _units_ago,
        _relative_day,
        _weekday,
        _week_around,
        _nth_part,
        _nth_weekday,
        _day_of_unit,
        _named_again,
        _a_year_back,
    ):
        yield from rule(scan, at)


def settled(scan: Scan, at: int) -> Found[Period]:
    """A point whose year, when nobody said it, is the latest in which it has begun."""
    for found, after in point(scan, at):
        period = found.latest(scan.today) if isinstance(found, Recurring) else found
        if period is not None:
            yield period, after
        else:
            scan.decline(after, "the latest year has none: write the year")


def _with_year(scan: Scan, at: int) -> Found[Point]:
    weekday = scan.lookup(at, WEEKDAYS)
    begin = at if weekday is None else weekday[1]
    for item, after in recurring(scan, begin):
        if weekday is None:
            yield item, after
        elif item.grain == "day" and (latest := item.latest(scan.today)) is not None:
            yield from _on_weekday(scan, weekday, latest, after)
        glue = scan.skip(after, OF_YEAR)
        for wanted, end in year(scan, glue, is_short_fine=item.is_code or _is_day_first(scan, begin, item)):
            if period := in_year(scan, item, wanted):
                yield from _on_weekday(scan, weekday, period, end)
            else:
                _decline_year(scan, item, wanted, end)
    if weekday is not None:
        for found, after in _numeric(scan, begin):
            yield from _on_weekday(scan, weekday, found, after)
        return
    yield from short_years(scan, at)
    for wanted, after in year(scan, at):
        unit = "fiscal_year" if wanted.is_fiscal else "year"
        if whole := part_of_year(unit, wanted.name, 1, scan.calendar):
            yield whole, after
        glue = scan.skip(after, {"-", "/", "in"})
        for item, end in recurring(scan, glue):
            if period := in_year(scan, item, wanted):
                yield period, end


def _decline_year(scan: Scan, item: Recurring, wanted: Year, at: int) -> None:
    if item.grain in {"day", "week"} and not wanted.is_fiscal:
        scan.decline(at, f"{wanted.name} has no such {item.grain}")


def _is_day_first(scan: Scan, at: int, item: Recurring) -> bool:
    """`7 Mar 25`: with the day before the month, what follows it is the year, unless the day may be the year, too."""
    token = scan.tokens[at]
    is_day = item.grain == "day" and token.kind in {Kind.NUMBER, Kind.ORDINAL}
    return is_day and 2000 + token.numbers[0] - scan.today.year not in NEAR_YEARS


def _on_weekday(scan: Scan, weekday: tuple[int, int] | None, period: Period, after: int) -> Found[Period]:
    """`Monday 4 August 2025` only when that day is a Monday."""
    if weekday is None or (period.is_one_day and period.start.isoweekday() == weekday[0]):
        yield period, after
    else:
        scan.decline(after, f"{period.start.isoformat()} is not that day of the week")


def _numeric(scan: Scan, at: int) -> Found[Period]:
    """`2025-03-07`, `20250307`, `2025-03`, `07/03/2025` in both readings; with dots the day comes first."""
    if found := scan.numeric(at, Kind.YMD):
        if period := day_of(*found[0].numbers):
            yield period, found[1]
        else:
            scan.decline(found[1], f"there is no day `{found[0].text}`")
    if found := scan.numeric(at, Kind.DMY):
        token, after = found
        one, two, name = token.numbers
        if period := day_of(name, two, one):
            yield period, after
        if "." not in token.text and (period := day_of(name, one, two)):
            yield period, after
        elif day_of(name, two, one) is None:
            scan.decline(after, f"there is no day `{token.text}`")
    if found := scan.numeric(at, Kind.YM):
        name, month = found[0].numbers
        if period := part_of_year("month", name, month, scan.calendar):
            yield period, found[1]


def _relative_unit(scan: Scan, at: int) -> Found[Period]:
    """`this quarter`, `last fiscal year`, `the month before last`; `past year` in both readings."""
    today, calendar = scan.today, scan.calendar
    for words, shift in ((THIS, 0), (PREVIOUS | {"past"}, -1)):
        if (after := scan.word(at, words)) is None:
            continue
        for unit, end in scan.unit(after):
            if unit != "day" or scan.tokens[at].text not in {"last", "past"}:
                yield period_of(unit, today, calendar, shift), end
            if shift and _may_be_a_stretch(scan, at, unit):
                yield up_to_today(scan, 1, unit), end
    for unit, unit_end in scan.unit(at):
        if (after := scan.words(unit_end, "before last")) is not None and unit != "day":
            yield period_of(unit, today, calendar, -2), after


def _units_ago(scan: Scan, at: int) -> Found[Period]:
    """`three days ago`, `two quarters ago`; `a year ago` in both readings: the day, and the year."""
    counted = list(scan.counted_unit(at))
    if (after := scan.word(at, {"a", "an"})) is not None:
        counted += [((1, unit), end) for unit, end in scan.unit(after)]
    for (count, unit), after in counted:
        if (end := scan.word(after, {"ago"})) is None:
            continue
        day = one_day(up_to_today(scan, count, unit).start)
        if (today_at := scan.word(end, {"today"})) is not None:
            yield day, today_at
            continue
        if "quarter" not in unit:
            yield day, end
        yield period_of(unit, scan.today, scan.calendar, -count), end


def _may_be_a_stretch(scan: Scan, at: int, unit: str) -> bool:
    """`past year` and `over the last year` may also mean the twelve months up to yesterday."""
    token = scan.tokens[at]
    before = scan.tokens[at - 1].text if at else ""
    if unit not in {"week", "month", "year"}:
        return False
    return token.text == "past" or (token.text == "last" and token.has_article and before in LOOSE)


def up_to_today(scan: Scan, count: int, unit: str) -> Period:
    """`count` units that end with yesterday, wherever in a unit that is."""
    months = months_in(unit)
    if months is not None:
        return Period(add_months(scan.today, -count * months), scan.today, unit)
    return Period(add_days(scan.today, -count * (7 if unit == "week" else 1)), scan.today, unit)


def _relative_day(scan: Scan, at: int) -> Found[Period]:
    if (after := scan.word(at, {"today", "yesterday"})) is not None:
        shift = 0 if scan.tokens[at].text == "today" else -1
        yield one_day(add_days(scan.today, shift)), after
    if (after := scan.words(at, "day before yesterday")) is not None:
        yield one_day(add_days(scan.today, -2)), after


def _weekday(scan: Scan, at: int) -> Found[Period]:
    """`Tuesday` is the latest one; said on a Tuesday it may be today. `last Tuesday` may be the latest one or last
    week's. `last weekend` is the latest Saturday and Sunday that are over."""
    which = scan.lookup(at, {"last": "last", "this": "this"})
    begin = at if which is None else which[1]
    if (found := scan.lookup(begin, WEEKDAYS)) is not None:
        yield from _named_weekday(scan, "" if which is None else which[0], *found)
    if which is not None and (end := scan.word(begin, {"weekend"})) is not None:
        is_running = scan.today.isoweekday() >= 6
        saturday = add_days(
            scan.today, -((scan.today.isoweekday() - 6) % 7) - (7 if is_running and which[0] == "last" else 0)
        )
        if which[0] == "last" or is_running:
            yield Period(saturday, add_days(saturday, 2), "day"), end
        else:
            scan.decline(end, "this weekend has not begun")


def _named_weekday(scan: Scan, which: str, number: int, after: int) -> Found[Period]:
    today, calendar = scan.today, scan.calendar
    latest = add_days(today, -((today.isoweekday() - number - 1) % 7) - 1)
    this_week = period_of("week", today, calendar).start
    in_this_week = add_days(this_week, (number - calendar.week_starts) % 7)
    of_week = scan.skip(after, {"of"})
    for word, shift in (("this", 0), ("last", -7)):
        if (end := scan.words(of_week, f"{word} week")) is not None and not which:
            yield one_day(add_days(in_this_week, shift)), end
    match which:
        case "this":
            if in_this_week <= today:
                yield one_day(in_this_week), after
            else:
                scan.decline(after, "that day of this week has not begun")
        case "last":
            yield one_day(latest), after
            yield one_day(add_days(in_this_week, -7)), after
        case _:
            yield one_day(latest), after
            if today.isoweekday() == number:
                yield one_day(today), after


def _week_around(scan: Scan, at: int) -> Found[Point]:
    """`week of 3 Aug`; `week beginning` and `week ending` only when weeks do begin or end on that day."""
    begin = scan.word(at, {"w/c", "w/e"})
    how = scan.tokens[at].text if begin is not None else ""
    if begin is None and (week := scan.word(at, {"week"})) is not None:
        begin = scan.word(week, WEEK_WORDS)
        how = WEEK_WORDS[scan.tokens[week].text] if begin is not None else ""
    if begin is None:
        return
    for found, after in point(scan, scan.skip(begin, {"on"})):
        if found.grain != "day":
            continue
        if isinstance(found, Recurring):
            item = Recurring("week", _weekly(scan, found.at, how), nearly=_weekly(scan, found.at, "of"))
            if item.latest(scan.today) is None and (day := found.latest(scan.today)) is not None:
                scan.decline(after, _no_such_week(scan, day))
            yield item, after
        elif held := _week_holding(scan, found, how):
            yield held, after
        elif found.is_one_day:
            scan.decline(after, _no_such_week(scan, found))


def _weekly(scan: Scan, day_at: Callable[[int], Period | None], how: str) -> Callable[[int], Period | None]:
    def at(name: int) -> Period | None:
        day = day_at(name)
        return None if day is None else _week_holding(scan, day, how)

    return at


def _week_holding(scan: Scan, day: Period, how: str) -> Period | None:
    if not day.is_one_day:
        return None
    week = period_of("week", day.start, scan.calendar)
    is_other = (how == "w/c" and week.start != day.start) or (how == "w/e" and week.end != day.end)
    return None if is_other else week


def _no_such_week(scan: Scan, day: Period) -> str:
    begins = period_of("week", day.start, scan.calendar).start
    said = day.start.isoformat()
    weeks = f"this calendar's weeks begin on {begins:%A}"
    return f"{said} is a {day.start:%A}, and {weeks}: write another day, or `week of {said}`"


def _nth_part(scan: Scan, at: int) -> Found[Period]:
    """`last quarter of 2024`, `first 10 days of March 2025`, `second month of Q3`, `last day of last month`."""
    which = scan.lookup(at, ORDINALS | {"last": -1, "final": -1})
    if which is None and (ordinal := scan.numeric(at, Kind.ORDINAL)):
        which = ordinal[0].numbers[0], ordinal[1]
    if which is None:
        return
    number, after = which
    spans = [(1, unit, end) for unit, end in scan.unit(after)]
    if abs(number) == 1:
        spans += [(count, unit, end) for (count, unit), end in scan.counted_unit(after)]
    for count, unit, end in spans:
        if (of := scan.word(end, {"of"})) is None:
            continue
        for whole, whole_end in [*settled(scan, of), *bare_unit(scan, of)]:
            if part := _part_of(whole, unit, number, count):
                yield part, whole_end
            elif unit == "half" and whole.grain == "month" and number in {1, 2, -1}:
                yield from _half_of_month(scan, whole, whole_end, is_first=number == 1)


def _half_of_month(scan: Scan, month: Period, end: int, *, is_first: bool) -> Found[Period]:
    """Of a month of 30 or 28 days; of the others one half is a day longer, and nobody said which."""
    days = (month.end - month.start).days
    middle = add_days(month.start, days // 2)
    if days % 2 == 0:
        yield Period(month.start if is_first else middle, middle if is_first else month.end, "day"), end
        return
    last, longer = add_days(month.end, -1), add_days(middle, 1)
    spans = (
        [(month.start, add_days(middle, -1)), (month.start, middle)] if is_first else [(middle, last), (longer, last)]
    )
    scan.decline(
        end,
        f"it may mean {' or '.join(f'`{a}..{b}`' for a, b in spans)}, as the month has {days} days: write one of them",
    )


def _nth_weekday(scan: Scan, at: int) -> Found[Period]:
    """`first Monday of October 2025`, `last Friday of last month`."""
    which = scan.lookup(at, ORDINALS | {"last": -1})
    named = scan.lookup(which[1], WEEKDAYS) if which is not None else None
    of = scan.word(named[1], {"of", "in"}) if named is not None else None
    if which is None or named is None or of is None:
        return
    for whole, end in [*settled(scan, of), *bare_unit(scan, of)]:
        if whole.grain != "month":
            continue
        first = add_days(whole.start, (named[0] - whole.start.isoweekday()) % 7)
        days = [add_days(first, 7 * week) for week in range(5)]
        days = [day for day in days if day < whole.end]
        if -1 <= which[0] <= len(days):
            yield one_day(days[which[0] if which[0] < 0 else which[0] - 1]), end


def _day_of_unit(scan: Scan, at: int) -> Found[Period]:
    """`the 15th of last month`."""
    found = scan.numeric(at, Kind.ORDINAL)
    of = scan.word(found[1], {"of"}) if found is not None else None
    if found is None or of is None:
        return
    for month, end in _relative_unit(scan, of):
        if month.grain == "month" and month.start.day == 1:
            day = day_of(month.start.year, month.start.month, found[0].numbers[0])
            if day is not None and day.start <= scan.today:
                yield day, end


def bare_unit(scan: Scan, at: int) -> Found[Period]:
    """`the year` after `of`: this year."""
    token = scan.token(at)
    if token is not None and token.has_article:
        for unit, end in scan.unit(at):
            yield period_of(unit, scan.today, scan.calendar), end


def _part_of(whole: Period, unit: str, number: int, count: int) -> Period | None:
    """None where the units do not divide the whole: weeks divide nothing, fiscal quarters no
    calendar year."""
    grain = f"fiscal_{unit}" if whole.grain.startswith("fiscal_") and unit in {"quarter", "half"} else unit
    months, whole_months = months_in(grain), months_in(whole.grain)
    if grain == "week" or (grain.startswith("fiscal_") and not whole.grain.startswith("fiscal_")):
        return None
    if months is not None and (whole_months is None or whole_months <= months):
        return None
    total = (whole.end - whole.start).days if months is None else (whole_months or 0) // months
    first = total - count if number == -1 else number - 1
    if months is None:
        part = Period(add_days(whole.start, first), add_days(whole.start, first + count), grain)
    else:
        part = Period(add_months(whole.start, first * months), add_months(whole.start, (first + count) * months), grain)
    return part if is_within(part, whole) and part != whole else None


def _named_again(scan: Scan, at: int) -> Found[Period]:
    """`last March`: the latest that is over, and last year's, which are not always the same. `this March`: this
    year's, once it has begun."""
    for words, is_last in ((THIS, False), (PREVIOUS, True)):
        if (after := scan.word(at, words)) is None:
            continue
        token = scan.token(after)
        if token is None or not (token.text in MONTHS or token.text in PART_CODES):
            continue
        for item, end in recurring(scan, after):
            if item.grain in {"day", "week"}:
                continue
            own = scan.today.year if not item.is_fiscal else fiscal_name(scan.today, scan.calendar)
            if is_last:
                for period in (item.latest_ended(scan.today), item.at(own - 1)):
                    if period is not None:
                        yield period, end
            elif (period := item.at(own)) is not None:
                if period.start <= scan.today:
                    yield period, end
                else:
                    scan.decline(end, f"it begins on {period.start.isoformat()}, which has not come yet")


def _a_year_back(scan: Scan, at: int) -> Found[Period]:
    """`this quarter last year`, `same month last year`, `today last year`."""
    inner = scan.word(at, SAME)
    begin = at if inner is None else inner
    units = list(scan.unit(begin)) if inner is not None else []
    if inner is None and (today := scan.word(at, {"today"})) is not None:
        units = [("day", today)]
    for unit, after in units:
        end = scan.words(scan.skip(after, {"of", "in"}), "last year")
        end = scan.words(after, "a year ago") if end is None else end
        if end is None:
            continue
        if unit == "week":
            scan.decline(end, "a week has no one counterpart a year earlier: write its dates")
        elif unit == "day":
            yield one_day(add_months(scan.today, -12)), end
        else:
            yield period_of(unit, scan.today, scan.calendar, -12 // (months_in(unit) or 12)), end
