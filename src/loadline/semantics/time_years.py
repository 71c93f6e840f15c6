"""Which year was meant, and the things every year has: months, quarters, halves, weeks, days of a month."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from loadline.semantics.time_calendar import (
    FIRST_YEAR,
    JANUARY_1,
    LAST_YEAR,
    Period,
    Recurring,
    day_of,
    fiscal_name,
    iso_week,
    part_of_year,
)
from loadline.semantics.time_scan import FISCAL, PREVIOUS, THIS, Found, Scan
from loadline.semantics.time_tokens import MONTHS, NUMBERS, ORDINALS, Kind

RANGE_SIGNS = frozenset({"-", "to", "through", "thru", "..", "...", "~"})
NEAR_YEARS = range(-3, 2)  # two digits after a month are taken for a year when it is this near today's


@dataclass(frozen=True, slots=True)
class Year:
    """`name` is the calendar year, or the fiscal year's name. `is_relative`: said as `last year`."""

    name: int
    is_fiscal: bool = False
    is_relative: bool = False


def year(scan: Scan, at: int, *, is_short_fine: bool = False) -> Found[Year]:
    """`2025`, `'25`, `calendar year 2025`, `CY25`, `FY25/26`, `fiscal 2025`, `last year`, `this FY`."""
    if found := scan.numeric(at, Kind.APOSTROPHE_YEAR):
        yield Year(_century(found[0].numbers[0])), found[1]
    plain_at = at
    if (after := scan.word(at, {"cy"})) is not None:
        plain_at, is_short_fine = after, True
    elif (after := scan.words(at, "calendar year")) is not None or (
        after := scan.word(at, {"year", "full"})
    ) is not None:
        plain_at = scan.skip(scan.skip(scan.skip(after, {"-"}), {"year"}), {"of"})
    if found := scan.numeric(plain_at, Kind.NUMBER):
        token, after = found
        if len(token.text) == 4 and FIRST_YEAR <= token.numbers[0] <= LAST_YEAR:
            yield Year(token.numbers[0]), after
            if (calendar := scan.words(after, "calendar year")) is not None:
                yield Year(token.numbers[0]), calendar
        elif is_short_fine and len(token.text) == 2:
            yield Year(_century(token.numbers[0])), after
    yield from _fiscal_year(scan, at)
    yield from _relative_year(scan, at)


def _fiscal_year(scan: Scan, at: int) -> Found[Year]:
    if found := scan.numeric(at, Kind.SPLIT_FISCAL):
        yield from _split_year(scan, found[0].numbers, found[1])
    after = scan.word(at, {"fy"})
    if after is None and (fiscal_at := scan.word(at, FISCAL)) is not None:
        after = scan.skip(fiscal_at, {"year", "yr"})
    if after is not None:
        yield from _fiscal_number(scan, after)
    elif found := scan.numeric(at, Kind.NUMBER):  # 2025 fiscal year
        token, after = found
        end = scan.words(after, "fiscal year")
        end = scan.words(after, "financial year") if end is None else end
        if len(token.text) == 4 and end is not None:
            yield Year(token.numbers[0], is_fiscal=True), end
    elif found := scan.numeric(at, Kind.SPLIT):  # 2025/26 fiscal year
        end = scan.words(found[1], "fiscal year")
        end = scan.words(found[1], "financial year") if end is None else end
        if end is not None:
            yield from _split_year(scan, found[0].numbers, end)


def _fiscal_number(scan: Scan, at: int) -> Found[Year]:
    at = scan.skip(at, {"-"}) if (token := scan.token(at)) is not None and token.is_glued else at
    for kind in (Kind.NUMBER, Kind.APOSTROPHE_YEAR):
        if found := scan.numeric(at, kind):
            number = found[0].numbers[0]
            digits = len(found[0].text.lstrip("'"))
            if digits == 4 and FIRST_YEAR <= number <= LAST_YEAR:
                yield Year(number, is_fiscal=True), found[1]
            elif digits == 2:
                yield Year(_century(number), is_fiscal=True), found[1]
    for kind in (Kind.SPLIT, Kind.YM):
        if found := scan.numeric(at, kind):
            yield from _split_year(scan, found[0].numbers, found[1])


def _split_year(scan: Scan, numbers: tuple[int, ...], after: int) -> Found[Year]:
    """FY25/26 is the fiscal year that ends in 2026; a company whose fiscal years are calendar years has none."""
    first, second = (_century(number) if number < 100 else number for number in numbers)
    if scan.calendar.fiscal_year_starts == JANUARY_1:
        scan.decline(after, "fiscal years of this calendar start on 1 January, so none spans two years")
    elif second == first + 1:
        yield Year(second, is_fiscal=True), after


def _relative_year(scan: Scan, at: int) -> Found[Year]:
    shift = 0 if (after := scan.word(at, THIS)) is not None else -1
    if after is None:
        after = scan.word(at, PREVIOUS)
    if after is not None:
        for unit, end in scan.unit(after):
            if unit == "year":
                yield Year(scan.today.year + shift, is_relative=True), end
            elif unit == "fiscal_year":
                name = fiscal_name(scan.today, scan.calendar) + shift
                yield Year(name, is_fiscal=True, is_relative=True), end
    elif (after := scan.words(at, "year before last")) is not None:
        yield Year(scan.today.year - 2, is_relative=True), after


def _century(short: int) -> int:
    return 2000 + short if short < 70 else 1900 + short


def recurring(scan: Scan, at: int) -> Found[Recurring]:
    """Whatever every year has, without its year."""
    yield from _month(scan, at)
    yield from _part(scan, at)
    yield from _week(scan, at)
    yield from month_days(scan, at)
    yield from day_range(scan, at, RANGE_SIGNS)


def in_year(scan: Scan, item: Recurring, wanted: Year) -> Period | None:
    """`item` in that year; a month or day in a fiscal year is the one that lies within it."""
    if item.is_fiscal:
        if wanted.is_relative and not wanted.is_fiscal and scan.calendar.fiscal_year_starts != JANUARY_1:
            scan.decline(scan.furthest, "a fiscal period needs a fiscal year: write `last fiscal year`")
            return None
        return item.at(wanted.name)
    if not wanted.is_fiscal:
        return item.at(wanted.name)
    if item.grain in {"quarter", "half"}:
        return as_fiscal(scan, item).at(wanted.name)
    whole = part_of_year("fiscal_year", wanted.name, 1, scan.calendar)
    if whole is None or item.grain == "week":
        return None
    within = [p for name in (whole.start.year, whole.end.year) if (p := item.at(name)) and is_within(p, whole)]
    return within[0] if len(set(within)) == 1 else None


def is_within(part: Period, whole: Period) -> bool:
    return whole.start <= part.start and part.end <= whole.end


def as_fiscal(scan: Scan, item: Recurring) -> Recurring:
    """Q3 of a fiscal year, from Q3: the number is the same, the months are not."""
    january = item.at(2000)
    months = {"quarter": 3, "half": 6}[item.grain]
    number = (january.start.month - 1) // months + 1 if january is not None else 0
    return _numbered(scan, f"fiscal_{item.grain}", number, is_code=item.is_code)


def _numbered(scan: Scan, unit: str, number: int, *, is_code: bool = False) -> Recurring:
    calendar = scan.calendar
    return Recurring(
        unit,
        lambda name: part_of_year(unit, name, number, calendar),
        is_fiscal=unit.startswith("fiscal_"),
        is_code=is_code,
    )


def _month(scan: Scan, at: int) -> Found[Recurring]:
    after = scan.words(at, "month of")
    if found := scan.lookup(at if after is None else after, MONTHS):
        month, end = found
        yield _numbered(scan, "month", month), end


def _part(scan: Scan, at: int) -> Found[Recurring]:
    """`Q3`, `3Q`, `FQ3`, `H1`, `third quarter`, `quarter 3`, `fiscal second half`."""
    prefix = ""
    begin = at
    if (after := scan.word(at, FISCAL)) is not None:
        prefix, begin = "fiscal_", scan.skip(after, {"year"})
    elif (after := scan.word(at, {"calendar"})) is not None:
        begin = after
    codes = {"q": "quarter", "h": "half"} | ({"fq": "fiscal_quarter", "fh": "fiscal_half"} if not prefix else {})
    names = {"quarter": "quarter", "qtr": "quarter", "half": "half"}
    if found := scan.lookup(begin, codes | names):
        unit, after = found
        if numeric := scan.numeric(after, Kind.NUMBER):
            yield from _valid(scan, prefix + unit, numeric[0].numbers[0], numeric[1], is_code=True)
        elif unit in names.values() and (word := scan.lookup(after, NUMBERS)):
            yield from _valid(scan, prefix + unit, *word, is_code=False)
    for number, after, is_code in _part_numbers(scan, begin):
        inner = scan.word(after, FISCAL) if not prefix else None
        if found := scan.lookup(after if inner is None else inner, codes if is_code else names):
            unit, end = found
            is_fiscal = bool(prefix) or inner is not None
            yield from _valid(scan, f"fiscal_{unit}" if is_fiscal else unit, number, end, is_code=is_code)


def _part_numbers(scan: Scan, at: int) -> list[tuple[int, int, bool]]:
    """The `3` of `3Q` (a code) and the `third` of `third quarter`: (number, position after, is code)."""
    if found := scan.numeric(at, Kind.NUMBER):
        token = scan.token(found[1])
        return [(found[0].numbers[0], found[1], True)] if token is not None and token.is_glued else []
    if found := scan.numeric(at, Kind.ORDINAL):
        return [(found[0].numbers[0], found[1], False)]
    if word := scan.lookup(at, ORDINALS):
        return [(word[0], word[1], False)]
    return []


def _valid(scan: Scan, unit: str, number: int, after: int, *, is_code: bool) -> Found[Recurring]:
    if 1 <= number <= (4 if unit.endswith("quarter") else 2):
        yield _numbered(scan, unit, number, is_code=is_code), after


def _week(scan: Scan, at: int) -> Found[Recurring]:
    """ISO weeks. `week 14` is one only where weeks start on Monday; `W14` always."""
    is_iso = False
    after = scan.skip(at, {"iso", "calendar"})
    if (code := scan.word(after, {"w", "cw", "kw", "wk"})) is not None:
        is_iso, after = True, code
    elif (code := scan.word(after, {"week"})) is not None:
        is_iso, after = after > at, code
    else:
        return
    if found := scan.numeric(after, Kind.NUMBER):
        number, end = found[0].numbers[0], found[1]
        if not is_iso and scan.calendar.week_starts != 1:
            scan.decline(
                end, "weeks are numbered by ISO 8601 from Monday, and this calendar's weeks start on another day"
            )
        elif 1 <= number <= 53:
            last = lambda name: iso_week(name, min(number, 52))  # noqa: E731
            yield Recurring("week", lambda name: iso_week(name, number), nearly=last), end


def month_days(scan: Scan, at: int) -> Found[Recurring]:
    """`3 Aug`, `Aug 3rd`, `the 3rd of August`, `3-Aug`; and `Mar-25`, which may be a month of 2025."""
    if named := scan.lookup(at, MONTHS):
        month, after = named
        glue = scan.skip(after, {"-", "/"})
        for day, end in _day_numbers(scan, glue):
            yield _days(month, day, day), end
    for day, after in _day_numbers(scan, at):
        if named := scan.lookup(scan.skip(after, {"of", "-", "/"}), MONTHS):
            yield _days(named[0], day, day), named[1]


def short_years(scan: Scan, at: int) -> Found[Period]:
    """`Mar 25` and `Mar-25`: the readings that take two digits for a year. Beside `month_days`, they make it clear
    that nobody can tell."""
    if named := scan.lookup(at, MONTHS):
        month, after = named
        glue = scan.skip(after, {"-", "/"})
        found = scan.numeric(glue, Kind.NUMBER)
        if found and len(found[0].text) == 2:
            name = _century(found[0].numbers[0])
            period = part_of_year("month", name, month, scan.calendar)
            if period is not None and (glue > after or name - scan.today.year in NEAR_YEARS):
                yield period, found[1]


def day_range(scan: Scan, at: int, signs: Collection[str]) -> Found[Recurring]:
    """`3-9 Aug`, `Aug 3 to 9`."""
    month_first = scan.lookup(at, MONTHS)
    for first, after_first in _day_numbers(scan, month_first[1] if month_first else at):
        sign = scan.word(after_first, signs)
        if sign is None:
            continue
        for last, end in _day_numbers(scan, sign):
            if month_first is not None and first < last:
                yield _days(month_first[0], first, last), end
            elif month_first is None and first < last and (named := scan.lookup(scan.skip(end, {"of"}), MONTHS)):
                yield _days(named[0], first, last), named[1]


def _day_numbers(scan: Scan, at: int) -> list[tuple[int, int]]:
    for kind in (Kind.ORDINAL, Kind.NUMBER):
        found = scan.numeric(at, kind)
        if found and len(found[0].text) <= 4 and 1 <= found[0].numbers[0] <= 31:
            return [(found[0].numbers[0], found[1])]
    word = scan.lookup(at, ORDINALS)
    return [word] if word else []


def _days(month: int, first: int, last: int) -> Recurring:
    def at(name: int) -> Period | None:
        begin, end = day_of(name, month, first), day_of(name, month, last)
        return Period(begin.start, end.start + timedelta(days=1), "day") if begin and end else None

    return Recurring("day", at, nearly=(lambda name: day_of(name, month, first)) if first < last else None)
