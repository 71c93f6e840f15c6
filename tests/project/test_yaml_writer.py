"""What is written reads back as itself, whatever it is, and looks as a person would write it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loadline.project.faults import Faults
from loadline.project.tree import Entries, Items, Node, Scalar
from loadline.project.yaml_reader import read_yaml
from loadline.project.yaml_writer import Note, Value, scalar, write_yaml

TRICKY = st.sampled_from(
    (
        "", " ", "null", "Null", "true", "yes", "no", "~", "1", "01", "1.5", "1e3", "0x1f", "2024-01-01", "12:30", "-",
        "- a", "a: b", "a #b", "#a", "'a'", '"a"', "a, b", "[a]", "{a}", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a`",
        "a\nb", "\ta", "a ", " a", "\u2028", "\x85", "\ufeff", "é", "名", "💶", "a" * 200, "1.2.3", ".5", "+1", "1_000",
        "a:", "=", "<<", "?", "? a", ": a", "...", "---", "\x00", "\x1b[1m", "NaN", ".inf", "y", "orders.a -> b.c",
    )
)  # fmt: skip
TEXTS = st.one_of(TRICKY, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
KEYS = TEXTS.filter(lambda text: not text.startswith("#") and text != "<<")  # a comment; what no file may hold
NUMBERS = st.one_of(st.integers(), st.decimals(allow_nan=False, allow_infinity=False, places=3))
VALUES = st.recursive(
    st.one_of(TEXTS, NUMBERS, st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def plain(node: Node | None) -> Any:
    match node:
        case Scalar(value=value):
            return value
        case Items(items=items):
            return [plain(item) for item in items]
        case Entries(entries=entries):
            return {name: plain(entry.value) for name, entry in entries.items()}
    return None


def read(text: str) -> Any:
    faults = Faults(())
    tree = read_yaml("context/x.yaml", text, faults)
    assert faults.diagnostics() == (), text
    return plain(tree)


def alike(value: Any) -> Any:
    """Numbers by their value: 1.500 reads as 1.5."""
    match value:
        case bool() | None | str():
            return value
        case int() | Decimal():
            return Decimal(value)
        case dict():
            return {key: alike(item) for key, item in value.items()}
        case _:
            return [alike(item) for item in value]


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5))
def test_what_is_written_reads_back_as_itself(document: dict[str, Any]) -> None:
    assert alike(read(write_yaml(document))) == alike(document)


def test_text_is_bare_where_it_may_be() -> None:
    bare = ("orders", "sum(orders.amount)", "a -> b", "env:X", "0.1.0", "a, b", "orders.status <> 'open'")
    assert [scalar(text) for text in bare] == [*bare[:3], '"env:X"', *bare[4:]]
    assert [scalar(text) for text in ("no", "007", "2024-01-01", "a: b")] == ['"no"', '"007"', '"2024-01-01"', '"a: b"']


def test_comments_stand_before_what_they_are_about() -> None:
    document: dict[str, Value] = {"#x": "why", "x": 1, "list": [Note("first"), "a -> b"]}
    assert write_yaml(document, head=["On top."]) == "# On top.\n# why\nx: 1\nlist:\n  # first\n  - a -> b\n"


def test_short_things_share_a_line_and_long_ones_do_not() -> None:
    assert write_yaml({"a": {"b": 1, "c": ["x", "z"]}}) == "a: {b: 1, c: [x, z]}\n"
    many = {"a": [f"value number {n}" for n in range(20)]}
    assert write_yaml(many).splitlines()[1] == "  - value number 0"
