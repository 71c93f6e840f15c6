"""Project files broken in every way chance finds: the reader says what is wrong, and never falls over."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from loadline import semantics
from loadline.errors import ProjectError
from loadline.project import CODES, Reading, read
from loadline.project.faults import Faults
from loadline.project.tree import to_plain
from loadline.project.yaml_reader import read_yaml
from loadline.values.diagnostic import Severity
from project.sample import BASE, FILES

NAMES = sorted(FILES)
WORDS = st.sampled_from(
    ["is", "where", "name", "source", "contract", "key", "fields", "expr", "from", "to", "as", "permit", "forbid",
     "who", "on", "rows", "query", "by", "metrics", "during", "orders", "orders.amount", "customers.region", "revenue",
     "ask", "*", "time", "time:month", "sum(orders.amount)", "a -> b", "->", ".", "a.b -> c.d", "02-30", "", " ",
     "\u2028", "ä"]
)  # fmt: skip
PLAIN = st.recursive(
    WORDS | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


def check(files: dict[str, bytes]) -> Reading:
    """Read, and link what can be linked: whatever is wrong is said with a known code at a place that exists."""
    reading = read(files, BASE)
    errors = [found for found in reading.diagnostics if found.severity is Severity.ERROR]
    assert (reading.project is None) == bool(errors)
    for found in reading.diagnostics:
        assert found.code in CODES
        assert found.what
        assert found.why
        assert found.mend
        if found.place is not None and found.place.file in files:
            assert found.place.line >= 1
            assert found.place.column >= 1
            assert found.place.length >= 1
    if reading.model is not None:
        with contextlib.suppress(ProjectError):  # any other error fails the test
            semantics.link(reading.model)
    return reading


@given(name=st.sampled_from(NAMES), data=st.data())
def test_bytes_are_flipped(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    check({**FILES, name: bytes(content)})


@given(name=st.sampled_from(NAMES), data=st.data())
def test_lines_are_dropped_doubled_moved_and_indented(name: str, data: st.DataObject) -> None:
    lines = FILES[name].decode().splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        spot = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "move", "indent", "outdent", "cut"])):
            case "drop" if len(lines) > 1:
                del lines[spot]
            case "double":
                lines.insert(spot, lines[spot])
            case "move":
                lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines.pop(spot))
            case "indent":
                lines[spot] = "  " + lines[spot]
            case "outdent":
                lines[spot] = lines[spot].removeprefix("  ")
            case _:
                lines[spot] = lines[spot][: data.draw(st.integers(0, len(lines[spot])))]
    check({**FILES, name: "".join(lines).encode()})


@given(name=st.sampled_from(NAMES), data=st.data())
def test_values_become_others_and_keys_are_renamed(name: str, data: st.DataObject) -> None:
    tree = read_yaml(name, FILES[name].decode(), Faults())
    assert tree is not None
    value = to_plain(tree)
    for _ in range(data.draw(st.integers(1, 3))):
        value = mutated(value, data)
    check({**FILES, name: json.dumps(value).encode()})


def mutated(value: Any, data: st.DataObject) -> Any:
    """The value with something in it replaced, renamed or gone; walking down by chance."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 4)):
        key = data.draw(st.sampled_from(sorted(value)))
        match data.draw(st.sampled_from(["in", "in", "in", "rename", "drop", "steal"])):
            case "in":
                return {**value, key: mutated(value[key], data)}
            case "rename":
                return {(data.draw(WORDS) if k == key else k): v for k, v in value.items()}
            case "drop":
                return {k: v for k, v in value.items() if k != key}
            case _:
                return {**value, key: value[data.draw(st.sampled_from(sorted(value)))]}
    if isinstance(value, list) and value and data.draw(st.integers(0, 4)):
        spot = data.draw(st.integers(0, len(value) - 1))
        return [*value[:spot], mutated(value[spot], data), *value[spot + 1 :]]
    return data.draw(PLAIN)


@given(
    st.dictionaries(
        st.sampled_from([*NAMES, "context/x.yml", "policies/a/b.yaml", "loadline.yml", "other.yaml"]),
        st.binary(max_size=40),
        max_size=3,
    )
)
def test_files_of_anything(files: dict[str, bytes]) -> None:
    check({**FILES, **files})
    check(files)


@given(st.sets(st.sampled_from(NAMES)))
@settings(max_examples=60)
def test_files_are_missing(gone: set[str]) -> None:
    reading = check({name: text for name, text in FILES.items() if name not in gone})
    assert (reading.project is not None) or gone
