"""A linked model in, the fields whose values people may call by name out; and those values, once they were fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loadline.semantics.linked import Linked
from loadline.semantics.nodes import columns_in
from loadline.semantics.typed import Fault

MOST_VALUES = 300
"""A field with more values than this is no list of names: its values are not known to the words."""

OPEN_CLASSES = frozenset({"public", "internal", "open"})
"""Classes of data whose values may be known by name; of any other class (personal, restricted, …) none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValues:
    """The distinct values of a text field that the asker may see. `has_empty`: some rows have none."""

    dataset: str
    field: str
    values: tuple[str, ...]
    has_empty: bool = False


Profile = tuple[FieldValues, ...]


def profile_fields(linked: Linked) -> Iterator[tuple[str, str]]:
    """(dataset, field) of every text field that may be a list of names: no key, no promise of uniqueness, and no
    column of a closed class behind it."""
    for dataset in linked.model.datasets.values():
        for name in linked.catalog.fields_of(dataset.name):
            if (name,) == dataset.key or not _is_text(linked, dataset.name, name):
                continue
            yield dataset.name, name


def _is_text(linked: Linked, dataset: str, name: str) -> bool:
    try:
        node = linked.catalog.field(dataset, name)
    except Fault:
        return False
    if node.kind.name != "string":
        return False
    table = linked.model.datasets[dataset].table
    is_key = table is not None and len(table.key) == 1
    for column in columns_in(node):
        promised = table.columns.get(column.column) if table else None
        if promised is None:
            continue
        is_open = promised.classification is None or promised.classification.casefold() in OPEN_CLASSES
        if not is_open or promised.is_unique or (is_key and promised.key_position is not None):
            return False
    return True
