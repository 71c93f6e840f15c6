"""YAML 1.2 as projects use it: plain data, every value with its place, and nothing that takes the reader down."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Node, Scalar, to_plain
from loadline.project.yaml_reader import DEEPEST, MOST_NODES, read_yaml


def tree(text: str) -> Node:
    faults = Faults()
    node = read_yaml("f.yaml", text, faults)
    assert faults.diagnostics() == ()
    assert node is not None
    return node


def said(text: str) -> list[tuple[str, int, int]]:
    faults = Faults()
    read_yaml("f.yaml", text, faults)
    return [(d.code, d.place.line, d.place.column) if d.place else (d.code, 0, 0) for d in faults.diagnostics()]


def value_at(text: str, *path: str) -> Scalar:
    node = tree(text)
    for key in path:
        assert isinstance(node, Entries)
        node = node.entries[key].value
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize("text", ["no", "No", "yes", "on", "off", "y", "n", "NO", "tRue"])
def test_norway_is_a_country(text: str) -> None:
    assert value_at(f"country: {text}", "country").value == text


@pytest.mark.parametrize(
    "text", ["02-01", "2025-01-01", "2025-01-01 10:00:00", "1_000", "12:30:45", "0o8", "1e400", ".inf", ".nan", "0b1"]
)
def test_what_only_looks_like_a_number_or_date_is_text(text: str) -> None:
    assert value_at(f"a: {text}", "a").value == text


@pytest.mark.parametrize("text", ["007", "02134", "-01", "00"])
def test_leading_zeros_make_a_code_not_a_number(text: str) -> None:
    assert value_at(f"zip: {text}", "zip").value == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("-3", -3), ("+12", 12), ("0o17", 15), ("0x1F", 31), ("1.50", Decimal("1.50")),
        (".5", Decimal("0.5")),
        ("1e3", Decimal(1000)), ("-2.5e-3", Decimal("-0.0025")), ("true", True), ("FALSE", False), ("null", None),
        ("~", None), ("", None), ("'5'", "5"), ('"true"', "true"), ("''", ""),
    ],
)  # fmt: skip
def test_the_core_schema_is_followed(text: str, value: object) -> None:
    found = value_at(f"a: {text}", "a").value
    assert found == value
    assert type(found) is type(value)


def test_a_number_of_a_thousand_digits_is_text_and_costs_nothing() -> None:
    assert value_at("a: " + "9" * 5000, "a").value == "9" * 5000


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: word", 1, 4),
        ("a:   word", 1, 6),
        ("a: 'word'", 1, 5),
        ('a: "word"', 1, 5),
        ("# first\n\na: word", 3, 4),
        ("a:\n  word", 2, 3),
        ("a: |\n  word\n", 2, 3),
        ("a: >-\n\n\n    word\n    more\n", 4, 5),
        ("a: |2\n    word\n", 2, 5),
        ("ä: 'ö'", 1, 5),
        ("\U0001f6a2: word", 1, 4),
        ("a: word\r\nb: x", 1, 4),
    ],
)
def test_a_value_is_pointed_at_by_its_first_character(text: str, line: int, column: int) -> None:
    node = tree(text)
    assert isinstance(node, Entries)
    place = next(iter(node.entries.values())).value.place
    assert (place.line, place.column) == (line, column)


@given(
    st.lists(st.sampled_from(["gross", "net", "is", "ä", "x_1"]), unique=True, min_size=1, max_size=5),
    st.lists(st.sampled_from(["sum(a)", "it's", "x > 1", "a b", "ü"]), min_size=5, max_size=5),
    st.sampled_from(["plain", "single", "double"]),
)
def test_the_place_of_a_value_holds_the_value(keys: list[str], values: list[str], style: str) -> None:
    text = "".join(f"{'  ' * depth}{key}:\n" for depth, key in enumerate(keys))
    text += "".join(f"{'  ' * len(keys)}k{n}: {written(value, style)}\n" for n, value in enumerate(values))
    node = tree(text)
    for key in keys:
        assert isinstance(node, Entries)
        node = node.entries[key].value
    assert isinstance(node, Entries)
    for n, value in enumerate(values):
        found = node.entries[f"k{n}"].value
        assert isinstance(found, Scalar)
        line = text.splitlines()[found.place.line - 1]
        assert found.raw == value
        assert line[found.place.column - 1 :].startswith(value.replace("'", "''") if style == "single" else value)


def written(value: str, style: str) -> str:
    return {"plain": value, "single": "'" + value.replace("'", "''") + "'", "double": f'"{value}"'}[style]


def test_the_length_of_a_value_is_that_of_its_text() -> None:
    assert [value_at(text, "a").place.length for text in ("a: word", "a: 'word'", "a: |\n  word\n", "a: ''")] == [
        4,
        4,
        5,
        1,
    ]


def test_a_key_written_twice_names_both_places() -> None:
    faults = Faults()
    read_yaml("f.yaml", "a:\n  unit: EUR\n  unit: USD\n", faults)
    (found,) = faults.diagnostics()
    assert (found.code, str(found.place)) == (codes.KEY_TWICE, "f.yaml:3:3")
    assert "f.yaml:2:3" in found.what
    assert found.excerpt == "  unit: USD"


def test_keys_that_differ_only_in_quotes_are_the_same() -> None:
    assert said("a: 1\n'a': 2\n\"a\": 3") == [(codes.KEY_TWICE, 2, 2), (codes.KEY_TWICE, 3, 2)]


def test_an_alias_repeats_what_was_marked() -> None:
    assert to_plain(tree("a: &x [1, {b: 2}]\nc: *x\nd: &y word\ne: *y")) == {
        "a": [1, {"b": 2}], "c": [1, {"b": 2}], "d": "word", "e": "word",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["a: *x", "a: &x [*x]", "a: &x {b: {c: *x}}"])
def test_an_alias_of_nothing_finished_is_refused(text: str) -> None:
    assert [code for code, *_ in said(text)] == [codes.ALIAS]


def test_aliases_cannot_multiply_without_end() -> None:
    laughs = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert [code for code, *_ in said(laughs)] == [codes.TOO_DEEP]


def test_aliases_cannot_nest_without_end() -> None:
    chain = "k0: &k0 [1]\n" + "".join(f"k{n}: &k{n} [[[[*k{n - 1}]]]]\n" for n in range(1, 2000))
    assert [code for code, *_ in said(chain)] == [codes.TOO_DEEP]


@pytest.mark.parametrize("text", ["[" * 200_000, "{a: " * 200_000, "- " * 200_000, "? " * 200_000, "[{" * 100_000])
def test_a_file_of_brackets_does_not_take_the_reader_down(text: str) -> None:
    assert [code for code, *_ in said(text)] == [codes.TOO_DEEP]


def test_nesting_is_allowed_to_its_bound_and_not_beyond() -> None:
    assert said("[" * DEEPEST + "]" * DEEPEST) == []
    assert said("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1)) == [(codes.TOO_DEEP, 1, DEEPEST + 1)]


def test_a_file_has_a_bound_of_values() -> None:
    assert [code for code, *_ in said("[" + "1," * (MOST_NODES + 1) + "]")] == [codes.TOO_DEEP]


@pytest.mark.parametrize("text", ["a: !!str 1", "a: !x {b: 1}", "a: !<tag:x> [1]", "--- !x\na: 1", "!x a: 1", "a: ! b"])
def test_tags_are_refused(text: str) -> None:
    assert [code for code, *_ in said(text)] == [codes.TAG]


def test_a_second_document_is_refused_and_an_end_mark_is_not() -> None:
    assert said("a: 1\n---\nb: 2") == [(codes.SEVERAL_DOCUMENTS, 2, 1)]
    assert said("---\na: 1\n...\n") == []


@pytest.mark.parametrize(
    ("text", "line", "column", "mend"),
    [
        ("a:\n\t- b", 2, 1, "spaces"),
        ("a: b: c", 1, 5, "quotes"),
        ("a:\n  b: [1, 2\nc: 3", 2, 6, "`]`"),
        ("a: {b: 1", 1, 4, "`}`"),
        ("a: 'it", 1, 4, "close the quote"),
        ("a: @b", 1, 4, "quotes"),
        ("a: `b`", 1, 4, "quotes"),
        ("a: %b", 1, 4, "quotes"),
        ('a: "\\q"', 1, 5, "single quotes"),
        ("a: 'b' c", 1, 8, "quotes"),
        ("a: 1\nb\nc: 2", 2, 1, "key: value"),
        ("- a\nb: c", 2, 1, "list"),
        ("a: b\x00", 1, 5, "delete"),
        ("a: b\n\nc: \x1b[31m", 3, 4, "delete"),
        ("[1]: 2", 1, 1, "key: value"),
    ],
)
def test_broken_syntax_is_pointed_at_and_can_be_mended(text: str, line: int, column: int, mend: str) -> None:
    faults = Faults()
    read_yaml("f.yaml", text, faults)
    found = faults.diagnostics()
    assert [(d.code, d.place and (d.place.line, d.place.column)) for d in found] == [(codes.NOT_YAML, (line, column))]
    assert mend in found[0].mend


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "\ufeff"])
def test_an_empty_file_is_nothing_and_no_error(text: str) -> None:
    faults = Faults()
    node = read_yaml("f.yaml", text, faults)
    assert faults.diagnostics() == ()
    assert node is None or to_plain(node) is None


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_read_or_refused_and_never_raises(text: str) -> None:
    read_yaml("f.yaml", text, Faults())


@given(st.text(alphabet="ab:-? \n[]{},&*!|>'\"#%@`\t.~0", max_size=40))
def test_any_mixture_of_yamls_own_signs_is_read_or_refused(text: str) -> None:
    faults = Faults()
    node = read_yaml("f.yaml", text, faults)
    lines = faults.excerpts.lines("f.yaml")
    for found in faults.diagnostics():
        assert found.place is not None
        assert 1 <= found.place.line <= len(lines)
        assert 1 <= found.place.column <= len(lines[found.place.line - 1]) + 1
    if node is not None:
        to_plain(node)
