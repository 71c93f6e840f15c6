"""The JSON Schemas that `loadline schema` prints say what the reader says: both come from the same shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.project import KINDS, schema
from loadline.project.faults import Faults
from loadline.project.fitting import fit
from loadline.project.kinds import MAY_BE_EMPTY, SHAPES
from loadline.project.reading import kind_of_file
from loadline.project.tree import Entries, Node, is_empty, to_plain
from loadline.project.yaml_reader import read_yaml
from project.sample import BASE, FILES

BROKEN = BASE.parent
KIND_FILES = {kind: [text.decode() for file, text in FILES.items() if kind_of_file(file) == kind] for kind in KINDS}


@cache
def validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(kind))


def tree_of(text: str) -> Node | None:
    faults = Faults()
    tree = read_yaml("f.yaml", text, faults)
    return None if faults.diagnostics() else tree or Entries(file="f.yaml", line=1, column=1, entries={})


def reader_accepts(kind: str, tree: Node) -> bool:
    if kind in MAY_BE_EMPTY and is_empty(tree):
        return True
    faults = Faults()
    fit(SHAPES[kind], tree, "", faults)
    return not faults.diagnostics()


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(kind))
    assert schema(kind)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    json.dumps(schema(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_accepts_the_valid_project(kind: str) -> None:
    assert KIND_FILES[kind]
    for text in KIND_FILES[kind]:
        tree = tree_of(text)
        assert tree is not None
        validator(kind).validate(to_plain(tree))


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_schema_is_described(kind: str) -> None:
    for name, key in keys_in(schema(kind)):
        assert key.get("description"), f"{name} of {kind}"


def keys_in(written: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from written.get("properties", {}).items()
    inner = [*written.get("properties", {}).values(), *written.get("anyOf", ())]
    inner += [written[part] for part in ("items", "additionalProperties") if isinstance(written.get(part), dict)]
    for part in inner:
        yield from keys_in(part)


def broken_files() -> Iterator[tuple[str, str, Node]]:
    """The files of broken inputs that are YAML at least, with their kinds: of others no schema is asked."""
    for asset in sorted(path for path in BROKEN.iterdir() if path.is_dir() and path != BASE):
        for path in sorted(asset.rglob("*.y*ml")):
            inside = path.relative_to(asset).as_posix()
            kind = kind_of_file(inside)
            tree = tree_of(path.read_bytes().decode("utf-8", "replace"))
            if kind is not None and tree is not None:
                yield f"{asset.name}/{inside}", kind, tree


@pytest.mark.parametrize(("name", "kind", "tree"), [pytest.param(*found, id=found[0]) for found in broken_files()])
def test_schema_and_reader_agree_on_every_broken_input(name: str, kind: str, tree: Node) -> None:
    assert validator(kind).is_valid(to_plain(tree)) == reader_accepts(kind, tree), name


SCALARS = st.sampled_from(
    ["", "x", "a b", "Ab", "_x", "2025", "x\n", " x", "ask", "approved", "=", "between", "duckdb", "orders.id -> a.b",
     "a.b", "time:month", "-x", "02-01", "13-01", 0, 1, -1, 5, 2.0, 2.5, 10**10, True, False, None, "monday", "*",
     "v3.2.0"]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "is", "x", "A b", "value"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def spots_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from spots_in(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from spots_in(inner, (*path, index))


def changed(value: Any, path: tuple[Any, ...], how: str, new: Any) -> Any:
    """`value` with what stands at `path` replaced, taken away, or (a key) renamed."""
    if not path:
        return new
    head, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    if rest or how == "replace":
        copy[head] = changed(value[head], tuple(rest), how, new)
    elif how == "drop" or not isinstance(copy, dict):
        del copy[head]
    else:
        copy[new if isinstance(new, str) else str(new)] = copy.pop(head)
    return copy


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_schema_and_reader_agree_however_a_file_is_changed(kind: str, data: st.DataObject) -> None:
    tree = tree_of(data.draw(st.sampled_from(KIND_FILES[kind])))
    assert tree is not None
    value = to_plain(tree)
    for _ in range(data.draw(st.integers(1, 2))):
        spots = list(spots_in(value))
        spot = data.draw(st.sampled_from(spots))
        how = data.draw(st.sampled_from(["replace", "drop", "rename"])) if spot else "replace"
        value = changed(value, spot, how, data.draw(VALUES))
    written = tree_of(json.dumps(value, ensure_ascii=False))
    assert written is not None
    assert validator(kind).is_valid(value) == reader_accepts(kind, written), json.dumps(value)
