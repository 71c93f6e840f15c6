"""What is judged is what is sent, under the names and in the types of the tool; and what is secret is not told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from loadline.project.binding import read_argument
from loadline.values.action import Argument, ArgumentType
from loadline.values.place import Place
from loadline.values.sent import MOST_KEPT, asked_arguments, kept, secrets_of, sent_arguments, without_secrets
from loadline.values.tool_definition import read_definition

PLACE = Place(file="actions/a.yaml", line=1, column=1)
DECLARED = {
    "ticket_id": Argument(name="ticket_id", type=ArgumentType.INTEGER, called="ticketId", place=PLACE),
    "labels": Argument(name="labels", type=ArgumentType.JSON, most_letters=40, place=PLACE),
    "hours": Argument(name="hours", type=ArgumentType.NUMBER, is_optional=True, place=PLACE),
}


def test_arguments_go_under_the_names_of_the_tool_and_come_back_from_them() -> None:
    given = {"ticketId": 5, "labels": ["b", {"a": 1.5}], "hours": 2}
    read = {name: read_argument(DECLARED[name], value) for name, value in asked_arguments(given, DECLARED).items()}

    assert read == {"ticket_id": 5, "labels": '["b",{"a":1.5}]', "hours": 2}
    assert sent_arguments(read, DECLARED) == given
    assert sent_arguments(read | {"hours": None}, DECLARED) == {"ticketId": 5, "labels": ["b", {"a": 1.5}]}


@pytest.mark.parametrize(
    ("value", "sent"),
    [(Decimal("1.10"), 1.1), (Decimal(8), 8), (Decimal("0.1000000000000000055"), "0.1000000000000000055")],
)
def test_a_decimal_is_a_number_where_a_double_holds_it(value: Decimal, sent: object) -> None:
    assert sent_arguments({"hours": value}, DECLARED) == {"hours": sent}


@pytest.mark.parametrize("wrong", ["[1", "NaN", "1e999", object(), float("nan") * 1j, ["x" * 50]])
def test_what_is_no_json_or_too_long_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|letters"):
        read_argument(DECLARED["labels"], wrong)


def test_json_that_is_equal_is_bound_equally() -> None:
    wanted = read_argument(DECLARED["labels"], {"a": 1, "b": [None, True]})

    assert read_argument(DECLARED["labels"], '{ "b": [null, true], "a": 1 }') == wanted


def test_what_a_variable_named_like_a_secret_holds_is_taken_out_wherever_it_stands() -> None:
    secrets = secrets_of(
        {"CRM_KEY": "k-12345678", "CRM_TOKEN": "k-12345678-9", "API_KEY": "short", "HOME": "/home/long"}
    )

    assert secrets == {"k-12345678", "k-12345678-9"}
    said: Any = {"a k-12345678": ["x k-12345678-9 y", 3, None], "home": "/home/long"}
    assert without_secrets(said, secrets) == {"a [secret]": ["x [secret] y", 3, None], "home": "/home/long"}


def test_of_a_long_result_the_digest_is_kept() -> None:
    assert kept({"a": "x" * 100}) == {"a": "x" * 100}
    long = kept({"a": "x" * MOST_KEPT})
    assert isinstance(long, dict)
    assert set(long) == {"note", "digest"}


@pytest.mark.parametrize(
    "other",
    [
        {"description": "Close a ticket. And pay it."},
        {"inputSchema": {"type": "object", "properties": {"a": {"type": "string"}}}},
        {"outputSchema": {"type": "object"}},
        {"annotations": {"readOnlyHint": True}},
        {"title": "Close"},
        {"description": "Close a ticket.\ud800"},
    ],
)
def test_a_tool_that_says_anything_else_has_another_digest(other: dict[str, Any]) -> None:
    listed = {"name": "close", "description": "Close a ticket.", "inputSchema": {"type": "object"}}
    digest = read_definition(listed).digest

    assert read_definition({**listed, "title": None, "_meta": {"x": 1}, "annotations": {}}).digest == digest
    assert read_definition({**listed, **other}).digest != digest
