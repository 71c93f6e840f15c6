"""Dimensions asked without a metric in, the dataset whose values are listed out."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.semantics import codes
from loadline.semantics.linked import Linked
from loadline.semantics.near import listed
from loadline.semantics.requests import TIME, Target, find_field, refusal
from loadline.values.query import Query


def listed_dataset(linked: Linked, query: Query) -> str:
    """Of the datasets named, the one that leads to all the others. Raises RequestError."""
    if query.during is not None:
        raise refusal(
            codes.NO_TIME,
            "a window is asked for and no metric, whose time it would apply to",
            "name a metric, or filter a time field: `orders.ordered_at >= 2025-01-01`",
        )
    names = [by.name for by in query.by]
    if TIME in names:
        raise refusal(
            codes.NO_TIME,
            "`time` is a metric's own time, and no metric is asked for",
            "name a metric, or the time field itself, as in `orders.ordered_at:month`",
        )
    heads = [_head(linked, name) for name in names]
    fitting = [
        head for head in dict.fromkeys(heads) if all(_leads(linked, head, n) for n in zip(names, heads, strict=True))
    ]
    if len(fitting) == 1 or len(set(heads)) == 1:
        return (fitting or heads)[0]
    raise refusal(
        codes.NO_SHARED_DATASET,
        f"{listed(names)} belong to {listed(heads)}, and {'several' if fitting else 'none'} of them leads to all",
        "name a metric, or dimensions of one dataset",
    )


def _head(linked: Linked, name: str) -> str:
    """The dataset a dimension starts from."""
    catalog = linked.catalog
    parts = catalog.unsynonymed(tuple(name.split(".")))
    if len(parts) > 1:
        head = catalog.target(parts[0])
        owners = [head] if head else []
    else:
        owners = [dataset for dataset in linked.model.datasets if catalog.has(dataset, parts[0])]
    if len(owners) == 1:
        return owners[0]
    if owners:
        options = tuple(f"{owner}.{name}" for owner in owners)
        raise refusal(
            codes.WHICH_DATASET,
            f"`{name}` is a field of {listed(owners)}",
            f"write {' or '.join(f'`{option}`' for option in options)}",
            options,
        )
    targets = [Target(fact=dataset) for dataset in linked.model.datasets]
    find_field(catalog, name, targets[:1])
    raise refusal(codes.UNKNOWN_DIMENSION, f"`{name}` names no single dataset", "start with the dataset's name")


def _leads(linked: Linked, dataset: str, named: Sequence[str]) -> bool:
    name, head = named
    if head == dataset:
        return True
    parts = linked.catalog.unsynonymed(tuple(name.split(".")))
    return bool(linked.catalog.graph.find(dataset, parts[:-1] or (head,)))
