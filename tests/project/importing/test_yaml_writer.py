"""What is written as YAML is read back as it was."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.project.faults import Faults
from loadline.project.tree import Entries, Items, Node, Scalar
from loadline.project.yaml_reader import read_yaml
from loadline.project.yaml_writer import write_yaml

TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["no", "yes", "null", "~", "2025-01-01", "0123", "1e5", ".5", "a: b", "a #b", "- a", "'", '"', " x"]),
)
SCALARS = st.one_of(
    TEXTS, st.integers(-(10**18), 10**18), st.booleans(), st.none(), st.decimals(-9999, 9999, places=3)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(TEXTS, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def as_plain(node: Node) -> Any:
    match node:
        case Scalar(value=value):
            return value
        case Items(items=items):
            return [as_plain(item) for item in items]
        case Entries(entries=entries):
            return {name: as_plain(entry.value) for name, entry in entries.items()}


@settings(max_examples=150)
@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    faults = Faults()
    node = read_yaml("x.yaml", write_yaml(value, header="one\ntwo"), faults)
    assert faults.found() == ()
    assert node is not None
    assert as_plain(node) == value


def test_other_readers_take_a_text_for_a_text() -> None:
    said = {"a": "no", "b": "2025-01-01", "c": "1_000", "d": "0x1f", "e": "sum(orders.amount) / 2"}
    assert yaml.safe_load(write_yaml(said)) == said


def test_plain_words_are_written_plainly() -> None:
    written = write_yaml({"metrics": {"a": {"is": "sum(orders.amount)", "fill": Decimal("0.5")}}, "terms": {}})
    assert written == "metrics:\n  a:\n    is: sum(orders.amount)\n    fill: 0.5\n"
