"""What texts look like: patterns, closed lists and habits that hold for what comes next; and none where none is."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.checks.survey.forms import mixed_forms
from loadline.checks.survey.listings import as_dates, is_near, listing_of, marks_of, slips_of
from loadline.checks.survey.people import personal_kind
from loadline.checks.survey.reading import columns_of, dependencies_of, looked_at
from loadline.checks.survey.shapes import (
    is_trimmed,
    letter_case,
    nearly_trimmed,
    shape_of,
    units_of,
)
from loadline.values.survey import Dependency


def counts(*texts: str, times: int = 1) -> Counter[str]:
    return Counter(dict.fromkeys(texts, times))


def numbered(form: str, many: int = 200) -> Counter[str]:
    chance = random.Random(7)  # noqa: S311 - letters for a test
    fill = {"9": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz"}
    return Counter("".join(chance.choice(fill.get(c, c)) for c in form) for _ in range(many))


@pytest.mark.parametrize(
    ("texts", "pattern"),
    [
        (numbered("99999"), "^[0-9]{5}$"),
        (numbered("AA-9999"), "^[A-Z]{2}-[0-9]{4}$"),
        (numbered("9999-99-99"), "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        (numbered("AAA"), "^[A-Z]{3}$"),
        (Counter(f"SKU-{n}" for n in range(1, 3000)), "^[A-Z]{3}-[0-9]+$"),
        (Counter(f"{n / 7:.3f}" for n in range(-500, 5000)), r"^-?[0-9]+(\.[0-9]+)?$"),
        (Counter(f"user{n}@mail.example" for n in range(99)), "^[^@ ]+@[^@ ]+[.][^@ ]+$"),
    ],
)
def test_what_has_a_form_has_its_pattern(texts: Counter[str], pattern: str) -> None:
    found = shape_of(texts)
    assert found is not None
    assert (found.pattern, found.other_count) == (pattern, 0)


@pytest.mark.parametrize(
    "texts",
    [
        counts("Ann", "Bob", "Cy", times=40),
        Counter(f"{word} {other}" for word in ("the", "a", "one") for other in ("Dog", "cat", "ox", "Mouse", "bee")),
        Counter("".join("ab -9.Z/"[n * k * 7 % 8] for k in range(n % 13 + 1)) for n in range(300)),
        numbered("99999", many=10),
    ],
)
def test_what_has_no_form_has_no_pattern(texts: Counter[str]) -> None:
    assert shape_of(texts) is None


def test_what_looks_otherwise_is_counted_and_shown() -> None:
    found = shape_of(numbered("99999") + Counter({"1234": 1, "n/k": 1}))
    assert found is not None
    assert found.pattern == "^[0-9]{5}$"
    assert (found.other_count, found.others) == (2, ("1234", "n/k"))


@given(st.lists(st.from_regex(r"[A-Z]{2}[0-9]{3}", fullmatch=True), min_size=40, max_size=60))
def test_a_pattern_fits_as_many_as_it_says(texts: list[str]) -> None:
    found = shape_of(Counter(texts))
    assert found is not None
    assert found.fitting == sum(re.search(found.pattern, text) is not None for text in texts)


def test_few_values_that_keep_coming_are_a_closed_list() -> None:
    found = listing_of({"open": 400, "closed": 300, "lost": 20})
    assert found is not None
    assert found.is_closed
    assert found.values == (("open", 400), ("closed", 300), ("lost", 20))


@pytest.mark.parametrize(
    "values",
    [
        {f"city {n}": 1 for n in range(60)},
        {"open": 5, "closed": 4},
        {"only": 500},
        {"a": 400, "b": 300, "c": 1},
    ],
)
def test_what_may_go_on_is_no_closed_list(values: dict[str, int]) -> None:
    found = listing_of(values)
    assert found is not None
    assert not found.is_closed


def test_a_slip_of_the_hand_is_told_and_left_out() -> None:
    found = listing_of({"birmingham": 300, "sheffield": 200, "birminghxm": 1, "Sheffield ": 1})
    assert found is not None
    assert found.is_closed
    assert found.values == (("birmingham", 300), ("sheffield", 200))
    assert dict(found.misspelled) == {"birminghxm": "birmingham", "Sheffield ": "sheffield"}


def test_two_codes_that_differ_by_a_digit_are_two_codes() -> None:
    found = listing_of({"zone 1": 600, "zone 2": 500, "zone 3": 1})
    assert found is not None
    assert found.misspelled == ()


@given(st.text("abc", max_size=6), st.text("abc", max_size=6), st.integers(0, 3))
def test_near_is_an_edit_distance(one: str, other: str, most: int) -> None:
    assert is_near(one, other, most=most) == is_near(other, one, most=most)
    assert is_near(one, one, most=most)
    assert is_near(one + "x", one, most=1)
    assert not is_near(one + "xyz", one, most=2)


def test_habits_of_writing() -> None:
    lower = counts("ann", "bob", "cy", "dee", "eve", "flo", times=20)
    assert (is_trimmed(lower), letter_case(lower)) == (True, "lower")
    assert letter_case(counts("ANN", "BOB", "CY", "DEE", "EVE", times=20)) == "upper"
    assert letter_case(lower + counts("Gil")) is None
    assert not is_trimmed(lower + counts(" gil"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ada@example.com", "e-mail address"),
        ("DE89 3704 0044 0532 0130 00", "bank account (IBAN)"),
        ("4111 1111 1111 1111", "payment card number"),
        ("+49 30 1234567", "phone number"),
        ("(555) 123-4567", "phone number"),
        ("078-05-1120", "social security number"),
        ("10.0.12.7", "IP address"),
        ("DE89 3704 0044 0532 0130 01", None),
        ("2024-01-15", None),
        ("1234567890", None),
        ("12.50", None),
        ("Kiel", None),
    ],
)
def test_what_looks_personal_is_suspected_and_what_does_not_is_not(text: str, kind: str | None) -> None:
    assert personal_kind(counts(text, times=20)) == kind


def test_a_unit_that_is_spelled_in_several_ways_has_one_form_and_others() -> None:
    texts = Counter(
        {f"{n}.0 {unit}": times for n in range(8, 24) for unit, times in (("oz", 9), ("oz.", 4), ("OZ", 2))}
    )
    found = units_of(texts)
    assert found is not None
    assert (found.pattern, found.other_count) == ("^-?[0-9][0-9.,]* oz$", 96)
    behind_some = units_of(Counter({f"0.0{n}{sign}": 3 for n in range(30, 90) for sign in ("", "%")}))
    assert behind_some is not None
    assert behind_some.other_count == behind_some.fitting == 180


@pytest.mark.parametrize(
    "texts",
    [
        Counter({"1 day": 40, **{f"{n} days": 9 for n in range(2, 30)}}),  # the number says which
        Counter({f"{n} {unit}": 9 for n in range(2, 30) for unit in ("kg", "lb")}),  # two units
        Counter({f"{n} min": 9 for n in range(60, 190)}),
    ],
)
def test_what_is_one_form_or_several_units_is_no_unit_spelled_in_several_ways(texts: Counter[str]) -> None:
    assert units_of(texts) is None


def test_a_digit_lost_is_an_exception_where_nearly_all_have_it() -> None:
    found = shape_of(numbered("999-999-9999", many=970) + numbered("999-999-999", many=30))
    assert found is not None
    assert (found.pattern, found.other_count) == ("^[0-9]{3}-[0-9]{3}-[0-9]{4}$", 30)
    counted = shape_of(Counter(f"{n}" for n in range(1, 1000)))
    assert counted is not None
    assert counted.other_count == 0, "numbers that are counted up have every length"


def test_slips_that_scatter_are_exceptions_and_a_second_form_is_none() -> None:
    chance = random.Random(3)  # noqa: S311 - letters for a test
    right = [
        f"{chance.choice(('AL', 'AK'))}_{chance.choice(('AMI', 'SCIP'))}-{chance.randint(1, 9)}" for _ in range(900)
    ]
    slipped = [text[:at] + "x" + text[at + 1 :] for text in right[:90] for at in [chance.randrange(len(text))]]
    found = shape_of(Counter(right + slipped))
    assert found is not None
    assert found.other_count == 90
    second = shape_of(Counter(right + [f"{n:02d}-AL_AMI" for n in range(90)]))
    assert second is None or second.other_count == 0


def test_texts_that_come_again_and_again_show_their_slips() -> None:
    names = Counter({f"{one} {other} hospital": 12 for one in ("north", "river", "stone") for other in ("oak", "elm")})
    assert slips_of(names) == (12, 0)
    assert slips_of(names + Counter({"nxrth oak hospital": 1, "river elmhospital": 2})) == (12, 2)
    assert slips_of(names + Counter({"quite another clinic": 1})) == (1, 0)
    assert slips_of(Counter(f"title {n}" for n in range(300))) == (0, 0)
    numbered_names = Counter({f"ward {n}": 9 for n in range(20)}) + Counter({"ward 99": 1})
    assert slips_of(numbered_names) == (1, 0), "another number is another thing"


def test_signs_that_have_no_business_in_a_text_are_counted() -> None:
    texts = Counter({"two  spaces": 2, "Tom &amp; Ann": 1, "caf\ufffd": 1, "plain": 90})
    assert marks_of(texts) == (("  ", 2), ("\ufffd", 1), ("&amp;", 1))
    assert as_dates(Counter({"22-Dec": 2, "Jan-68": 1, "12-22": 50, "AB-Cde": 4, "22-Abc": 3})) == 3


def test_a_space_before_some_texts_breaks_the_habit_of_the_others() -> None:
    assert nearly_trimmed(Counter(f"some title {n}" for n in range(90)) + Counter(f" odd {n}" for n in range(10)))
    assert nearly_trimmed(Counter(f"title {n}" for n in range(50)) + Counter(f" odd {n}" for n in range(50))) is None


def dependencies(rows: list[tuple[object, ...]], *types: str) -> dict[tuple[str, str], Dependency]:
    names = [f"c{n}" for n in range(len(types))]
    columns = columns_of(dict(zip(names, types, strict=True)))
    seen = [looked_at(column, (row[n] for row in rows)) for n, column in enumerate(columns)]
    return {(one.on, one.column): one for one in dependencies_of(seen, rows, names)}


def test_a_number_may_decide_a_text_and_gaps_are_counted_where_others_have_it() -> None:
    rows: list[tuple[object, ...]] = [(maker, f"town {maker % 23}") for maker in range(40) for _ in range(10)]
    rows[5] = (rows[5][0], "town X")
    rows[15] = (rows[15][0], None)
    found = dependencies(rows, "BIGINT", "VARCHAR")["c0", "c1"]
    assert (found.exceptions, found.gaps, found.rows) == (1, 1, 399)


def test_two_values_that_both_come_often_are_two_things_with_one_name() -> None:
    rows: list[tuple[object, ...]] = [(f"name {n}", f"number {n}") for n in range(40) for _ in range(10)]
    for at in range(4):
        rows[at] = (rows[at][0], "number of another")
    assert ("c0", "c1") not in dependencies(rows, "VARCHAR", "VARCHAR")


ISO = Counter(f"2024-{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29))


@pytest.mark.parametrize(
    ("texts", "pattern", "others"),
    [
        (ISO + Counter({"31/01/2024": 30, "5 Mar 2024": 100}), "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$", 130),
        (Counter({f"{h}:15 a.m.": 9 for h in range(1, 12)} | {f"{h:02d}:15": 4 for h in range(10)}), None, 40),
        (Counter({f"{n},{n}": 3 for n in range(100, 190)} | {f"{n}{n}": 2 for n in range(100, 130)}), None, 60),
    ],
)
def test_dates_times_and_numbers_in_several_forms_have_that_of_most(
    texts: Counter[str], pattern: str | None, others: int
) -> None:
    found = mixed_forms(texts)
    assert found is not None
    assert found.other_count == others
    assert pattern is None or found.pattern == pattern


@pytest.mark.parametrize(
    "texts",
    [
        ISO,
        ISO + Counter({"unknown": 100, "5 Mar 2024": 10}),  # not nearly all are dates
        Counter(f"{n:,}" for n in range(1, 3000)),
        Counter(str(n) for n in range(1, 3000)),
        Counter(f"AB-{n}" for n in range(300)),
    ],
)
def test_one_form_and_no_form_at_all_are_not_several(texts: Counter[str]) -> None:
    assert mixed_forms(texts) is None
