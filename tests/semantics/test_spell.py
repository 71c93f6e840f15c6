"""The short forms people type are read as they are meant, or refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.errors import RequestError
from loadline.semantics import codes, parse_by, parse_filter, parse_order
from loadline.semantics.words import phrase_by, phrase_order
from loadline.values.query import By, Filter, Grain, Op, Order


def test_dimensions() -> None:
    assert parse_by("destination.city") == By(name="destination.city")
    assert parse_by(" time:month ") == By(name="time", grain=Grain.MONTH)
    assert parse_by("orders.ordered_at:fiscal-quarter") == By(name="orders.ordered_at", grain=Grain.FISCAL_QUARTER)


def test_orders() -> None:
    assert parse_order("-booked") == Order(name="booked", is_descending=True)
    assert parse_order("time:month") == Order(name="time:month")


FILTERS = [
    ("a.b = north", Op.EQ, ("north",)),
    ("a.b=north", Op.EQ, ("north",)),
    ("a.b != 'it''s'", Op.NE, ("it's",)),
    ('a.b <> "x, y"', Op.NE, ("x, y",)),
    ("a.b = north, south", Op.EQ, ("north, south",)),
    ("a.b in north, south", Op.IN, ("north", "south")),
    ("a.b in (north, 'so, uth')", Op.IN, ("north", "so, uth")),
    ("a.b not in x", Op.NOT_IN, ("x",)),
    ("a.b not-in x,y", Op.NOT_IN, ("x", "y")),
    ("a.b <= 5", Op.LE, ("5",)),
    ("a.b>=2025-01-01", Op.GE, ("2025-01-01",)),
    ("a.b between 1 and 5", Op.BETWEEN, ("1", "5")),
    ("a.b between 1, 5", Op.BETWEEN, ("1", "5")),
    ("a.b between 'x' and 'y and z'", Op.BETWEEN, ("x", "y and z")),
    ("a.b contains = x", Op.CONTAINS, ("= x",)),
    ("a.b starts-with a", Op.STARTS_WITH, ("a",)),
    ("a.b is-null", Op.IS_NULL, ()),
    ("a.b IS-NOT-NULL", Op.IS_NOT_NULL, ()),
    ("a.between between 1 and 2", Op.BETWEEN, ("1", "2")),
]


@pytest.mark.parametrize(("text", "op", "values"), FILTERS, ids=[f[0] for f in FILTERS])
def test_filters(text: str, op: Op, values: tuple[str, ...]) -> None:
    found = parse_filter(text)
    assert (found.op, found.values) == (op, values)
    assert found.name in {"a.b", "a.between"}


UNREAD = ["", "a.b", "a.b =", "= 5", "a.b is 5", "a b = 5", "a.b in", "a.b in x,", "a.b is-null 5", "a..b = 5"]


@pytest.mark.parametrize("text", [*UNREAD, "a.b = 'x", "a.b in 'x' y", "a-b = 1", "a.b == 5", "a.b =< 5", "a.b => 5"])
def test_a_filter_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(RequestError) as error:
        parse_filter(text)
    assert error.value.diagnostics[0].code == codes.UNREAD_SHORTHAND


@pytest.mark.parametrize("text", ["", "a b", "a:", "a:fort night", ":month", "a:month:day", "a.b;drop"])
def test_a_dimension_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(RequestError):
        parse_by(text)


def test_a_misspelt_grain_is_recognised() -> None:
    with pytest.raises(RequestError) as error:
        parse_by("time:monht")
    assert "`time:month`" in error.value.diagnostics[0].mend


@given(st.text(max_size=40))
def test_no_text_crashes_a_reader(text: str) -> None:
    for read in (parse_by, parse_filter, parse_order):
        with contextlib.suppress(RequestError):
            read(text)


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}(\.[a-z_][a-z0-9_]{0,8}){0,2}", fullmatch=True)


@given(NAMES, st.none() | st.sampled_from(Grain), st.booleans())
def test_what_is_phrased_is_read_back(name: str, grain: Grain | None, is_descending: bool) -> None:
    by = By(name=name, grain=grain)
    assert parse_by(phrase_by(by)) == by
    order = Order(name=name, is_descending=is_descending)
    assert parse_order(phrase_order(order)) == order


@given(NAMES, st.text(min_size=1, max_size=20))
def test_any_text_can_be_a_quoted_value(name: str, value: str) -> None:
    quoted = "'" + value.replace("'", "''") + "'"
    assert parse_filter(f"{name} = {quoted}") == Filter(name=name, op=Op.EQ, values=(value,))
    assert parse_filter(f"{name} in {quoted}, x") == Filter(name=name, op=Op.IN, values=(value, "x"))
