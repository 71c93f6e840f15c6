"""Engine types and rows that were looked at in; what each column shows of itself out. Arithmetic, no statements."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations

from loadline.checks.kinds import kind_of
from loadline.checks.survey.forms import mixed_forms
from loadline.checks.survey.listings import as_dates, listing_of, marks_of, slips_of
from loadline.checks.survey.people import personal_kind
from loadline.checks.survey.shapes import (
    FEWEST,
    MOST_EXCEPTIONS,
    is_blank,
    is_trimmed,
    letter_case,
    nearly_trimmed,
    shape_of,
    units_of,
)
from loadline.checks.survey.statements import SHOWN_CHARACTERS
from loadline.values.query import Scalar
from loadline.values.survey import Cadence, Dependency, Listing, Shape, SurveyedColumn

LOOKED_AT = frozenset({"string", "integer", "number", "boolean", "date", "timestamp", "time"})
"""Types whose values are looked at one by one."""

WITH_ENDS = frozenset({"integer", "number", "date", "timestamp"})
MAY_BE_KEY = frozenset({"string", "integer", "date", "timestamp"})

Sampled = Sequence[tuple[object, ...]]


def columns_of(types: Mapping[str, str]) -> tuple[SurveyedColumn, ...]:
    return tuple(
        SurveyedColumn(
            name=name,
            engine_type=engine_type,
            logical_type=kind_of(engine_type) or _nested(engine_type),
            is_zoned=_is_zoned(engine_type),
        )
        for name, engine_type in types.items()
    )


def _nested(engine_type: str) -> str:
    return "array" if engine_type.endswith("]") or engine_type.upper().startswith("ARRAY") else "object"


def _is_zoned(engine_type: str) -> bool:
    upper = engine_type.upper()
    return upper.startswith("TIMESTAMP") and (upper.endswith("WITH TIME ZONE") or "TZ" in upper)


def looked_at(column: SurveyedColumn, values: Iterable[object]) -> SurveyedColumn:
    """The column with what these values show; as if they were all there are."""
    counts: Counter[object] = Counter(value for value in values if value is not None and not _is_nan(value))
    total = sum(counts.values())
    found = replace(column, filled=total, looked=total, distinct=len(counts))
    if not counts:
        return found
    match column.logical_type:
        case "string":
            return _text(found, {str(value): count for value, count in counts.items()})
        case "integer" | "number":
            return _number(found, counts)
        case "date" | "timestamp":
            days = [value for value in counts if isinstance(value, date)]
            ends = (min(days), max(days)) if days else (None, None)
            return replace(found, least=ends[0], greatest=ends[1])
        case _:
            return found


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _text(column: SurveyedColumn, counts: Mapping[str, int]) -> SurveyedColumn:
    blanks = {text: count for text, count in counts.items() if is_blank(text)}
    said = {text: count for text, count in counts.items() if text not in blanks}
    longest = max((len(text) for text in said), default=0)
    is_cut = longest >= SHOWN_CHARACTERS
    shape = None if is_cut else shape_of(said) or nearly_trimmed(said)
    rarest, slips = (0, 0) if is_cut else slips_of(said)
    forms = None if is_cut else units_of(said) or mixed_forms(said)
    return replace(
        column,
        listing=None if forms else _without_other_forms(listing_of(said), shape),
        shape=forms or shape,
        is_trimmed=not is_cut and is_trimmed(said),
        letter_case=letter_case(said),
        blanks=tuple(sorted(blanks.items())) if said else (),
        personal=personal_kind(said),
        longest=longest,
        rarest=rarest,
        slips=slips,
        marks=marks_of(said),
        as_dates=as_dates(said),
    )


def _without_other_forms(listing: Listing | None, shape: Shape | None) -> Listing | None:
    """A list without values that are another one written otherwise: `12 oz` where nearly all are `12`."""
    if listing is None or shape is None or not shape.other_count:
        return listing
    kept = [(str(value), count) for value, count in listing.values if re.search(shape.pattern, str(value))]
    others = [str(value) for value, _ in listing.values if not re.search(shape.pattern, str(value))]
    slips = {text: meant for text in others if (meant := next((v for v, _ in kept if v in text), None)) is not None}
    if not slips:
        return listing
    values = tuple((value, count) for value, count in listing.values if value not in slips)
    return replace(listing, values=values, misspelled=(*listing.misspelled, *slips.items()))


def _number(column: SurveyedColumn, counts: Mapping[object, int]) -> SurveyedColumn:
    numbers = {number: count for value, count in counts.items() if (number := as_number(value)) is not None}
    if not numbers:
        return column
    is_whole = column.logical_type == "integer"
    few: dict[Scalar, int] = {int(n): c for n, c in numbers.items()} if is_whole and len(numbers) <= 40 else {}
    return replace(
        column,
        least=min(numbers),
        greatest=max(numbers),
        usual=_quantiles(numbers, 0.001),
        middle=_quantiles(numbers, 0.05),
        apart=_apart(numbers),
        listing=listing_of(few),
        shape=_digits(numbers) if is_whole else None,
    )


_FEWEST_DIGITS = 4


def _digits(numbers: Mapping[Decimal, int]) -> Shape | None:
    """Whole numbers that nearly all have as many digits, as codes have."""
    total = sum(numbers.values())
    lengths: Counter[int] = Counter()
    for number, count in numbers.items():
        lengths[len(f"{number:f}") if number >= 0 else 0] += count
    ((digits, fitting),) = lengths.most_common(1)
    if digits < _FEWEST_DIGITS or total < FEWEST or fitting < total * (1 - MOST_EXCEPTIONS):
        return None
    others = tuple(f"{number:f}" for number in numbers if number < 0 or len(f"{number:f}") != digits)
    return Shape(pattern=f"^[0-9]{{{digits}}}$", fitting=fitting, other_count=total - fitting, others=others[:3])


def as_number(value: object) -> Decimal | None:
    match value:
        case bool():
            return None
        case int() | Decimal():
            return Decimal(value)
        case float() if math.isfinite(value):
            return Decimal(repr(value))
        case _:
            return None


_WIDE_GAP = 4
_MOST_APART = 0.1
_FEWEST_KEPT = 12


def _apart(numbers: Mapping[Decimal, int]) -> tuple[Decimal, int] | None:
    """Where numbers end and, after a gap of several times their size, a few more follow: the end, and how many."""
    total = sum(numbers.values())
    ordered = sorted(numbers)
    beyond, kept = 0, len(ordered)
    found = None
    for here, there in zip(reversed(ordered[:-1]), reversed(ordered[1:]), strict=True):
        beyond += numbers[there]
        kept -= 1
        if beyond > total * _MOST_APART or here <= 0 or kept < _FEWEST_KEPT:
            break
        if there >= _WIDE_GAP * here:
            found = (here, beyond)
    return found if found is not None and total >= 200 and found[1] >= 2 else None


def _quantiles(numbers: Mapping[Decimal, int], share: float) -> tuple[Decimal, Decimal]:
    """So many of the values lie below the first, and as many above the second."""
    total = sum(numbers.values())
    low, high = math.floor(total * share), math.ceil(total * (1 - share)) - 1
    seen = 0
    ends: list[Decimal] = []
    for number in sorted(numbers):
        seen += numbers[number]
        while len(ends) < 2 and seen > (low, high)[len(ends)]:
            ends.append(number)
    return ends[0], ends[-1]


def is_unique_in(values: Sequence[object]) -> bool:
    """No value is missing or there twice."""
    return bool(values) and None not in values and len(set(values)) == len(values)


# -- keys of several columns

MOST_COLUMNS_OF_KEY = 3
_TRIED = 10
_KEY_ORDER = ("string", "date", "timestamp", "integer")


def key_candidates(columns: Sequence[SurveyedColumn], rows: Sampled, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The smallest sets of columns that tell the sampled rows apart, the first columns first. `names` are the columns
    of `rows`, in order."""
    by_name = {column.name: column for column in columns}
    able = [
        name
        for name in names
        if (column := by_name[name]).logical_type in MAY_BE_KEY
        and column.looked == len(rows)
        and column.distinct > 1
        and column.longest < SHOWN_CHARACTERS
    ]
    able = sorted(able, key=lambda name: _KEY_ORDER.index(by_name[name].logical_type))[:_TRIED]
    at = {name: names.index(name) for name in able}
    for size in range(2, MOST_COLUMNS_OF_KEY + 1):
        found = []
        for chosen in combinations(sorted(able, key=names.index), size):
            product = math.prod(by_name[name].distinct for name in chosen)
            if product >= len(rows) and len({tuple(row[at[name]] for name in chosen) for row in rows}) == len(rows):
                found.append(chosen)
        if found:
            return found
    return []


MOST_ENTITY_COLUMNS = 2
_FEWEST_PERIODS = 3


def panel_candidate(
    columns: Sequence[SurveyedColumn], rows: Sampled, names: Sequence[str], entities: Sequence[str]
) -> tuple[str, tuple[str, ...]] | None:
    """The time column and the fewest of `entities` that together tell the sampled rows apart, where both repeat."""
    by_name = {column.name: column for column in columns}
    times = [n for n in names if by_name[n].logical_type in {"date", "timestamp"} and by_name[n].looked == len(rows)]
    able = [
        name
        for name in entities
        if name in names and by_name[name].looked == len(rows) and 1 < by_name[name].distinct <= len(rows) / 2
    ][:_TRIED]
    for time in times:
        if not _FEWEST_PERIODS <= by_name[time].distinct <= len(rows) / 2:
            continue
        for size in range(1, MOST_ENTITY_COLUMNS + 1):
            for chosen in combinations(able, size):
                at = [names.index(name) for name in (time, *chosen)]
                if len({tuple(row[n] for n in at) for row in rows}) == len(rows):
                    return time, chosen
    return None


# -- how often rows come


def cadence_of(column: str, days: Iterable[date]) -> Cadence | None:
    """Every day, working day, week (one weekday) or month (its first or last day); None when it is none of these."""
    found = sorted(set(days))
    if len(found) < 8:
        return None
    first, newest = found[0], found[-1]
    months = (newest.year - first.year) * 12 + newest.month - first.month + 1
    span = (newest - first).days + 1
    is_monthly = all(day.day == 1 for day in found) or all((day + timedelta(days=1)).day == 1 for day in found)
    if is_monthly:
        return _cadence(column, "month", len(found), months, newest)
    if len({day.weekday() for day in found}) == 1:
        return _cadence(column, "week", len(found), (span + 6) // 7, newest)
    if all(day.weekday() < 5 for day in found):
        working = sum((first + timedelta(days=n)).weekday() < 5 for n in range(span))
        return _cadence(column, "working day", len(found), working, newest)
    return _cadence(column, "day", len(found), span, newest)


def _cadence(column: str, every: str, kept: int, periods: int, newest: date) -> Cadence | None:
    if kept < periods * 0.95:
        return None
    return Cadence(column=column, every=every, kept=kept, periods=periods, newest=newest)


def day_of(value: object) -> date | None:
    match value:
        case datetime():
            return value.date()
        case date():
            return value
        case _:
            return None


# -- what goes with what

_MOST_DEPENDENT_COLUMNS = 30
_ROWS_FOR_DEPENDENCIES = 5_000
_MOST_BROKEN, _MOST_BROKEN_OFTEN = 0.01, 0.1
"""The share of rows that may break it; more where each deciding value comes often, so that the rule is plain."""

_LEAST_TOLD = 0.85
"""How much of the error made by always guessing the most frequent value knowing the other column saves (Goodman and
Kruskal's lambda, Journal of the American Statistical Association 49, 1954)."""

_FIRST_LOOK = 400
_FEWEST, _FEWEST_LARGE = 10, 5
_LARGE = 30
"""Deciding values that must be there; fewer will do where each is in so many rows that chance would have shown."""
_SEVERAL = 3


def dependencies_of(columns: Sequence[SurveyedColumn], rows: Sampled, names: Sequence[str]) -> tuple[Dependency, ...]:
    """Columns whose value decides another's in nearly all rows, where that is no accident: the deciding value repeats
    often, and the other column is not nearly constant. The measure is g3, the least share of rows to remove (Kivinen
    and Mannila, Theoretical Computer Science 149, 1995)."""
    shown = rows[:_ROWS_FOR_DEPENDENCIES]
    by_name = {column.name: column for column in columns}
    able = [
        name
        for name in names
        if (c := by_name[name]).logical_type in {"string", "integer"}
        and c.distinct >= 2
        and c.longest < SHOWN_CHARACTERS
    ][:_MOST_DEPENDENT_COLUMNS]
    if len(shown) < 50:
        return ()
    found: list[Dependency] = []
    values = {name: [row[names.index(name)] for row in shown] for name in able}
    for one in able:
        distinct = len(set(values[one]))
        if not 2 <= distinct <= len(shown) / 3:
            continue
        tried = (_dependency(one, other, values[one], values[other]) for other in able if other != one)
        found.extend(dependency for dependency in tried if dependency is not None)
    return tuple(found)


def _dependency(one: str, other: str, left: Sequence[object], right: Sequence[object]) -> Dependency | None:
    if not _may_decide(left[:_FIRST_LOOK], right[:_FIRST_LOOK]):
        return None
    pairs = Counter(pair for pair in zip(left, right, strict=True) if None not in pair)
    rows = sum(pairs.values())
    if rows < 50:
        return None
    groups: dict[object, list[int]] = {}
    there: Counter[object] = Counter()
    for (here, that), count in pairs.items():
        groups.setdefault(here, []).append(count)
        there[that] += count
    repeated = [counts for counts in groups.values() if sum(counts) > 1]
    guessed = rows - max(there.values())
    is_often = rows >= 5 * len(groups)
    if (
        len(repeated) < (_FEWEST_LARGE if _are_large(repeated, rows) else _FEWEST)
        or guessed < rows * 0.2
        or (len(there) < 5 and not is_often)
    ):
        return None
    exceptions = rows - sum(max(counts) for counts in groups.values())
    most = rows * (_MOST_BROKEN_OFTEN if is_often else _MOST_BROKEN)
    if exceptions > min(most, guessed * (1 - _LEAST_TOLD)):
        return None
    at_odds = sum(count for counts in groups.values() for count in sorted(counts)[:-1] if count >= _SEVERAL)
    if at_odds * 2 > exceptions:
        return None  # two values that both come several times are two things with one name, not a mistake
    known = {here for here, counts in groups.items() if sum(counts) >= 3}
    gaps = sum(here in known for here, that in zip(left, right, strict=True) if that is None)
    return Dependency(column=other, on=one, rows=rows, exceptions=exceptions, gaps=gaps)


def _are_large(groups: Sequence[Sequence[int]], rows: int) -> bool:
    is_clean = sum(sum(counts) - max(counts) for counts in groups) <= rows * _MOST_BROKEN
    return is_clean and all(sum(counts) >= _LARGE for counts in groups)


def _may_decide(left: Sequence[object], right: Sequence[object]) -> bool:
    """On the first rows: is it near enough to be worth all of them?"""
    groups: dict[object, Counter[object]] = {}
    for here, that in zip(left, right, strict=True):
        if here is not None and that is not None:
            groups.setdefault(here, Counter())[that] += 1
    rows = sum(sum(counts.values()) for counts in groups.values())
    return rows - sum(max(counts.values()) for counts in groups.values()) <= rows * 0.3


def as_scalar(value: object) -> Scalar:
    match value:
        case None | bool() | int() | Decimal() | str() | date():
            return value
        case float():
            return as_number(value)
        case _:
            return str(value)
