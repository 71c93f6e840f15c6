"""A question in; whom its filters name by a column of personal data, as they can be forgotten, out."""

from __future__ import annotations

from collections.abc import Iterator

from loadline.values.canonical import plain
from loadline.values.model import Dataset, Model
from loadline.values.query import Op, Query

PERSONAL = "personal"
"""The class of data, as contracts write it, whose values name people."""
_NAMING = frozenset({Op.EQ, Op.IN})


def subjects_in_query(model: Model, query: Query | None) -> tuple[str, ...]:
    """`column=value` for each value that a filter asks for of such a column, or of a field that is nothing but one."""
    found: dict[str, None] = {}
    for one in query.where if query is not None else ():
        place, _, name = one.name.rpartition(".")
        if one.op not in _NAMING or not place:
            continue
        for dataset in _datasets(model, place):
            column = _column(dataset, name)
            if column is not None:
                found.update(dict.fromkeys(f"{column}={plain(value)}" for value in one.values))
    return tuple(found)


def _datasets(model: Model, path: str) -> Iterator[Dataset]:
    """What the end of a path may stand for: a dataset by its name, or by a role it plays."""
    last = path.rpartition(".")[2]
    names = {last, *(one.target for one in model.relationships if one.role == last)}
    return (model.datasets[name] for name in sorted(names) if name in model.datasets)


def _column(dataset: Dataset, name: str) -> str | None:
    if dataset.table is None:
        return None
    meant = dataset.fields[name].expr.value.strip() if name in dataset.fields else name
    column = dataset.table.columns.get(meant)
    return column.name if column is not None and column.classification == PERSONAL else None
