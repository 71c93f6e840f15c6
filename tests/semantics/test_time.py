"""The committed time expressions in, a verdict on each out; and what must hold of any text at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loadline.semantics.time import NotUnderstood, Span, read_window
from loadline.semantics.time_calendar import fiscal_name, part_of_year, period_of
from loadline.semantics.time_vocabulary import DECLINED, KNOWN
from loadline.values.model import Calendar

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONDAY = date(2025, 11, 24)
PLAIN = Calendar()


@dataclass(frozen=True, slots=True)
class Case:
    text: str
    today: date
    calendar: Calendar
    expected: tuple[date | None, date | None, str] | None

    @property
    def got(self) -> tuple[date | None, date | None, str] | None:
        match read_window(self.text, today=self.today, calendar=self.calendar):
            case Span(start=start, end=end, grain=grain):
                return start, end, grain
            case NotUnderstood():
                return None


def committed() -> Iterator[Case]:
    for group in yaml.safe_load((Path(__file__).parent / "time_cases.yaml").read_text(encoding="utf-8")):
        month, day = map(int, str(group["fiscal"]).split("-"))
        calendar = Calendar(fiscal_year_starts=(month, day), week_starts=WEEKDAYS.index(group["weeks"]) + 1)
        for text, *expected in group["cases"]:
            is_refused = expected == ["refused"]
            yield Case(text, group["today"], calendar, None if is_refused else tuple(expected))


CASES = tuple(committed())


def test_the_committed_set_is_large_and_names_each_case_once() -> None:
    assert len(CASES) >= 200
    assert len({(case.text, case.today) for case in CASES}) == len(CASES)
    assert sum(case.expected is None for case in CASES) >= 60


def test_no_committed_expression_is_silently_wrong() -> None:
    wrong = [(c.text, c.today.isoformat(), c.got, c.expected) for c in CASES if c.got not in (None, c.expected)]
    assert wrong == []


def test_at_least_97_percent_of_the_committed_expressions_are_read_right() -> None:
    missed = [(case.text, case.today.isoformat()) for case in CASES if case.got != case.expected]
    assert len(missed) <= 0.03 * len(CASES), missed


def read(
    text: str, *, today: date = MONDAY, calendar: Calendar = PLAIN, base: Span | None = None
) -> Span | NotUnderstood:
    return read_window(text, today=today, calendar=calendar, base=base)


def reason(text: str) -> str:
    found = read(text)
    assert isinstance(found, NotUnderstood), found
    return found.reason


def test_a_word_that_is_not_known_is_named_with_the_nearest_that_is() -> None:
    found = read("last qarter")
    assert isinstance(found, NotUnderstood)
    assert found.residue == "qarter"
    assert found.reason == "`qarter` is not known; did you mean `quarter`?"


def test_an_ambiguous_text_is_refused_with_all_it_may_mean() -> None:
    assert reason("last March") == (
        "it may mean `2024-03-01..2024-03-31` or `2025-03-01..2025-03-31`: write the dates you mean"
    )


def test_an_offered_meaning_can_be_pasted_back() -> None:
    for text in ("last March", "past year", "03/04/2025"):
        offered = reason(text).split("`")[1::2]
        assert len(offered) == 2
        assert all(isinstance(read(option), Span) for option in offered)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("next quarter", "lies ahead"),
        ("this December", "has not come yet"),
        ("the 1990s", "does not say in which year it starts"),
        ("last 24 hours", "shorter than a day"),
        ("last summer", "no dates that everyone agrees on"),
        ("weekends", "not one unbroken span"),
        ("Q1 vs Q2", "compares two periods"),
        ("2025-02-30", "there is no day"),
        ("Tuesday 4 August 2025", "not that day of the week"),
        ("3/4/25", "which number is the year"),
        ("last month in", "`in` does not fit"),
        ("same period last year", "a period that was not given"),
        ("last 9999 years", "beyond the years"),
        ("2025-03..2025-01", "ends before it begins"),
        ("day " * 30, "more than 24 words"),
        (" ", "it is empty"),
    ],
)
def test_a_refusal_says_why(text: str, words: str) -> None:
    assert words in reason(text)


def test_same_period_last_year_is_that_of_the_period_asked_before() -> None:
    base = read("Q3 2025")
    assert isinstance(base, Span)
    assert _days(read("same period last year", base=base)) == (date(2024, 7, 1), date(2024, 10, 1))
    assert _days(read("previous period", base=base)) == (date(2025, 4, 1), date(2025, 7, 1))


def test_the_period_before_an_odd_span_of_days_is_as_long() -> None:
    base = read("3-9 Aug 2025")
    assert isinstance(base, Span)
    assert _days(read("previous period", base=base)) == (date(2025, 7, 27), date(2025, 8, 3))


def test_a_week_has_no_counterpart_a_year_earlier() -> None:
    base = read("last week")
    assert isinstance(base, Span)
    assert isinstance(read("same period last year", base=base), NotUnderstood)


def test_a_span_becomes_the_window_of_a_query() -> None:
    found = read("Q3 2025")
    assert isinstance(found, Span)
    window = found.window()
    assert (window.start, window.end, window.text) == (date(2025, 7, 1), date(2025, 10, 1), "Q3 2025")


DOCUMENTED = re.findall(
    r"^\| `([^`]+)` \| (refused|\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d)",
    (Path(__file__).parents[2] / "docs" / "reference" / "time-expressions.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_the_documentation_says_what_is_read() -> None:
    assert len(DOCUMENTED) >= 30
    for text, expected in DOCUMENTED:
        match read(text, calendar=Calendar(fiscal_year_starts=(2, 1))):
            case Span(start=date() as start, end=date() as end):
                assert f"{start} to {end - timedelta(days=1)}" == expected, text
            case other:
                assert isinstance(other, NotUnderstood)
                assert expected == "refused", text


def _days(found: Span | NotUnderstood) -> tuple[date | None, date | None]:
    assert isinstance(found, Span), found
    return found.start, found.end


calendars = st.builds(
    Calendar,
    week_starts=st.integers(1, 7),
    fiscal_year_starts=st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: (day.month, day.day)),
)
days = st.dates(date(1950, 1, 1), date(2150, 12, 31))
words = st.sampled_from(
    sorted(KNOWN | set(DECLINED) | set("0123456789'/.-") | {"..", "2025", "1st", "2024-02-29", "fy25"})
)
phrases = st.lists(st.one_of(words, st.integers(0, 40).map(str)), max_size=8).map(" ".join)


@settings(max_examples=600, deadline=None)
@given(st.one_of(phrases, st.text(max_size=60)), days, calendars)
@example("last 9999 years", date(1950, 1, 1), PLAIN)
@example("٣ days ago", MONDAY, PLAIN)
@example("9" * 500 + " days ago", MONDAY, PLAIN)
def test_any_text_is_read_or_refused_and_a_span_begins_before_it_ends(
    text: str, today: date, calendar: Calendar
) -> None:
    found = read(text, today=today, calendar=calendar)
    match found:
        case Span(start=start, end=end):
            assert start is None or end is None or start < end
            assert all(1899 <= edge.year <= 2200 for edge in (start, end) if edge is not None)
        case NotUnderstood():
            assert found.reason


@given(
    st.sampled_from(
        ("week ending {}", "w/e {}", "week commencing {}", "w/c {}", "week of {}", "Monday {}", "Sunday {}")
    ),
    st.dates(date(2024, 1, 1), date(2024, 12, 31)).filter(lambda day: (day.month, day.day) != (2, 29)),
    st.dates(date(1990, 1, 1), date(2100, 12, 31)),
    calendars,
)
@example("week ending {}", date(2024, 8, 3), MONDAY, Calendar(week_starts=7))
def test_no_year_is_passed_over_because_another_fits_the_weekday(
    form: str, day: date, today: date, calendar: Calendar
) -> None:
    """Whoever leaves the year out means the latest; where that one's week or weekday is another, nobody is answered."""
    said = f"{day.day} {day:%B}"
    for text in (form.format(said), "since " + form.format(said)):
        found = read(text, today=today, calendar=calendar)
        if isinstance(found, Span):
            assert found.start is not None
            latest = _days(read(said, today=today, calendar=calendar))[0]
            assert latest is not None
            in_its_week = latest - timedelta(days=6) <= found.start <= latest
            just_begun = found.start <= today < latest + timedelta(days=366) <= found.start + timedelta(days=7)
            assert in_its_week or just_begun, (text, found)


@given(st.integers(1, 53), days)
def test_a_week_by_its_number_is_never_more_than_a_year_away(number: int, today: date) -> None:
    found = read(f"W{number}", today=today)
    if isinstance(found, Span):
        assert found.end is not None
        assert today - found.end < timedelta(days=371)


@given(st.dates(date.min, date.max), calendars)
def test_no_day_is_too_early_or_too_late_to_ask_on(today: date, calendar: Calendar) -> None:
    for text in ("last 3 months", "last week", "FYTD", "March", "29 February", "last Monday", "a year ago today"):
        assert read(text, today=today, calendar=calendar).text == text


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CASES), st.data())
def test_no_word_can_be_added_unnoticed(case: Case, data: st.DataObject) -> None:
    """Zero residue: a word that is not the grammar's makes any expression unreadable, wherever it stands."""
    parts = case.text.split(" ")
    parts.insert(data.draw(st.integers(0, len(parts))), "zebra")
    assert isinstance(read_window(" ".join(parts), today=case.today, calendar=case.calendar), NotUnderstood)


@given(st.sampled_from(CASES), st.sampled_from([str.upper, str.lower, str.title]))
def test_case_and_spacing_do_not_count(case: Case, change: object) -> None:
    assert callable(change)
    text = "  " + "   ".join(change(case.text).split()) + " "
    assert Case(text, case.today, case.calendar, None).got == case.got


@given(days, calendars, st.sampled_from(["day", "week", "month", "quarter", "half", "year"]), st.booleans())
def test_periods_tile_the_calendar(today: date, calendar: Calendar, unit: str, is_fiscal: bool) -> None:
    if is_fiscal and unit in {"quarter", "half", "year"}:
        unit = f"fiscal_{unit}"
    this = period_of(unit, today, calendar)
    assert this.start <= today < this.end
    assert period_of(unit, today, calendar, -1).end == this.start
    assert period_of(unit, this.end, calendar) == period_of(unit, today, calendar, 1)
    assert period_of(unit, this.end - timedelta(days=1), calendar) == this


@given(days, calendars)
def test_a_fiscal_year_is_named_after_the_year_it_ends_in(today: date, calendar: Calendar) -> None:
    name = fiscal_name(today, calendar)
    whole = part_of_year("fiscal_year", name, 1, calendar)
    assert whole is not None
    assert whole == period_of("fiscal_year", today, calendar)
    assert (whole.end - timedelta(days=1)).year == name
    quarters = [part_of_year("fiscal_quarter", name, number, calendar) for number in (1, 2, 3, 4)]
    assert [q.start for q in quarters if q] + [whole.end] == [whole.start] + [q.end for q in quarters if q]
