"""Rows that were invented are found, with the evidence; rows like the others are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from loadline.checks.effects import WINDOW, Deed, look_for_invented_rows
from loadline.values.effect import Inserted, TableEffect, WriteEffect
from loadline.values.finding import Gravity

NOON = datetime(2025, 7, 18, 12, tzinfo=UTC)
COLUMNS = ("person_id", "name", "city", "code", "salary", "joined_at")
CITIES = ("Hamburg", "Bremen", "Kiel", "Lübeck", "Rostock")


def deed(
    run: str, *, inserted: int = 0, deleted: int = 0, at: datetime = NOON, sources: tuple[str, ...] = ("x",)
) -> Deed:
    table = TableEffect(table="public.people", inserted=inserted, deleted=deleted, writes=inserted + deleted)
    return Deed(run=run, at=at, effect=WriteEffect(tables=(table,)), sources=sources)


def chance_of(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - people for a test


def real_people(chance: Random, first: int, count: int) -> tuple[tuple[object, ...], ...]:
    def name() -> str:
        return " ".join("".join(chance.choices("abcdefghijklmnoprstu", k=7)).title() for _ in range(2))

    return tuple(
        (
            first + n,
            name(),
            chance.choice(CITIES),
            f"{''.join(chance.choices('ABCDEF', k=2))}-{chance.randint(1000, 9999)}",
            chance.randint(30_000, 120_000),
            f"20{chance.randint(10, 24)}-0{chance.randint(1, 9)}-{chance.randint(10, 28)}",
        )
        for n in range(count)
    )


def invented_people(first: int, count: int) -> tuple[tuple[object, ...], ...]:
    return tuple(
        (first + n, f"Test Person {n + 1}", "Springfield", f"{n:08d}", 50_000, "2025-07-18") for n in range(count)
    )


def beside(new: tuple[tuple[object, ...], ...], old: tuple[tuple[object, ...], ...]) -> Inserted:
    return Inserted(table="public.people", columns=COLUMNS, count=len(new), new=new, old=old)


def test_a_wipe_that_is_filled_up_again_is_found_in_either_order() -> None:
    out = {"run": deed("run-1", deleted=1_206, at=NOON - timedelta(hours=1)), "now": deed("run-2", inserted=4_000)}
    into = {"run": deed("run-1", inserted=4_000, at=NOON - timedelta(hours=1)), "now": deed("run-2", deleted=1_206)}
    for order in (out, into):
        (found,) = look_for_invented_rows(order["now"], [order["run"]], ())
        assert found.gravity is Gravity.BLOCKING
        assert found.what == (
            "the same agent took 1,206 rows out of `public.people` and put 4,000 in, within a day "
            "(runs `run-1` and this one)"
        )
        assert found.count == 4_000


def test_what_was_long_ago_or_is_little_is_no_refill() -> None:
    assert look_for_invented_rows(deed("b", inserted=900), [deed("a", deleted=900, at=NOON - WINDOW * 2)], ()) == ()
    assert look_for_invented_rows(deed("b", inserted=10), [deed("a", deleted=1_000)], ()) == ()
    assert look_for_invented_rows(deed("b", inserted=30), [deed("a", deleted=10)], ()) == ()


def test_many_rows_from_nowhere_are_doubtful() -> None:
    old = real_people(chance_of(1), 1, 200)
    new = real_people(chance_of(2), 201, 40)
    (found,) = look_for_invented_rows(deed("a", inserted=40, sources=()), (), [beside(new, old)])
    assert (found.gravity, found.count) == (Gravity.DOUBTFUL, 40)
    assert look_for_invented_rows(deed("a", inserted=40), (), [beside(new, old)]) == ()


def test_rows_unlike_all_others_are_found_with_what_is_odd_about_each_column() -> None:
    old = real_people(chance_of(1), 1, 300)
    (found,) = look_for_invented_rows(deed("a", inserted=400), (), [beside(invented_people(301, 400), old)])
    assert found.gravity is Gravity.BLOCKING
    for said in (
        "`name` counts up (`Test Person 1`, `Test Person 2` …)",
        "`city` is one of 5 texts before, and none of them (`Springfield`) in 400 new rows",
        "`code` is written like",
        "`salary` is `50000` in every one",
        "`joined_at` is `2025-07-18` in every one",
    ):
        assert said in found.what
    assert "person_id" not in found.what


def test_names_used_again_and_again_and_numbers_from_elsewhere_are_odd() -> None:
    old = real_people(chance_of(1), 1, 300)
    names = ("John Smith", "Jane Doe", "Max Muster")
    new = tuple(
        (*row[:1], names[n % 3], *row[2:4], 10 + n % 5, row[5])
        for n, row in enumerate(real_people(chance_of(2), 301, 60))
    )
    (found,) = look_for_invented_rows(deed("a", inserted=60), (), [beside(new, old)])
    assert found.gravity is Gravity.BLOCKING
    assert "`name` repeats itself (`John Smith` 20 times)" in found.what
    assert "`salary` " in found.what


@given(st.integers(0, 10_000), st.integers(20, 300), st.integers(100, 400))
def test_rows_drawn_as_the_others_were_are_not_found(seed: int, count: int, there: int) -> None:
    chance = chance_of(seed)
    people = real_people(chance, 1, there + count)
    assert look_for_invented_rows(deed("a", inserted=count), (), [beside(people[there:], people[:there])]) == ()


def test_too_few_rows_say_nothing() -> None:
    old = real_people(chance_of(1), 1, 300)
    assert look_for_invented_rows(deed("a", inserted=19), (), [beside(invented_people(301, 19), old)]) == ()
    assert look_for_invented_rows(deed("a", inserted=50), (), [beside(invented_people(301, 50), old[:5])]) == ()
