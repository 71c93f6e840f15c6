"""What names say: identifiers, keys, units, people; guesses, each of which a reader would make, too."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.project.drafting.naming import (
    free,
    identifier,
    in_expression,
    is_additive,
    is_averaged,
    is_reference,
    key_score,
    personal_by_name,
    singular,
    time_score,
    unit_of,
    words_of,
)


@given(st.text(max_size=20))
def test_any_name_becomes_an_identifier(name: str) -> None:
    assert re.fullmatch("[a-z][a-z0-9_]*", identifier(name))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ShipToPlaceID", ("ship", "to", "place", "id")),
        ("order id", ("order", "id")),
        ("Straße", ("strasse",)),
        ("amount_eur", ("amount", "eur")),
        ("名前", ()),
    ],
)
def test_words_of_a_name(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_a_taken_name_gets_a_number() -> None:
    assert free("a", set()) == "a"
    assert free("a", {"a", "a_2"}) == "a_3"


def test_what_an_expression_would_not_read_is_quoted() -> None:
    assert [in_expression(name) for name in ("amount", "Order ID", "select", 'a"b')] == [
        "amount", '"Order ID"', '"select"', '"a""b"'
    ]  # fmt: skip


def test_keys_by_name() -> None:
    assert [key_score(name, "orders") for name in ("order_id", "id", "customer_id", "order_number", "amount")] == [
        3, 3, 2, 1, 0
    ]  # fmt: skip
    assert is_reference("customer_id")
    assert is_reference("zip")
    assert not is_reference("amount")


@pytest.mark.parametrize(
    ("column", "dataset", "is_personal"),
    [
        ("contact_email", "orders", True),
        ("PhoneNumber", "stores", True),
        ("first_name", "x", True),
        ("date_of_birth", "x", True),
        ("billing_address", "x", True),
        ("name", "customers", True),
        ("name", "products", False),
        ("product_name", "products", False),
        ("telemetry", "x", False),
        ("description", "x", False),
        ("shipped_at", "x", False),
    ],
)
def test_people_by_name(column: str, dataset: str, is_personal: bool) -> None:
    assert (personal_by_name(column, dataset) is not None) is is_personal


def test_numbers_by_name() -> None:
    assert is_additive("total_amount")
    assert is_additive("quantity")
    assert not is_additive("unit_price")
    assert not is_additive("tax_rate")
    assert is_averaged("unit_price")
    assert [unit_of(name) for name in ("amount_eur", "weight_kg", "amount", "PriceUSD")] == ["EUR", "kg", None, "USD"]


def test_when_it_happened_beats_when_it_was_changed() -> None:
    assert time_score("ordered_at") > time_score("day") > time_score("whatever") > time_score("updated_at")


def test_singular() -> None:
    assert [singular(word) for word in ("orders", "companies", "boxes", "status", "news")] == [
        "order", "company", "box", "status", "new"
    ]  # fmt: skip
