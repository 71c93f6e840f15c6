"""A query as a case has it in; a query of ours, and which of its columns are asked for, out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loadline.project.importing.nouns import Carried
from loadline.project.importing.ossie_text import aggregates_in, has_window
from loadline.project.importing.sql_text import names_in, with_names
from loadline.testing.conformance.ossie_model import connected, datasets_of, leads
from loadline.values.query import By, Filter, Op, Order, Query


class Refused(Exception):  # a verdict, never shown as an error
    """The query has no form here, for a reason that Ossie has a code for (None: it has none)."""

    def __init__(self, why: str, code: str | None) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`positions` are the columns of the answer that the case asks for, under `names`; `descending` those that the
    order counts down."""

    query: Query
    names: tuple[str, ...]
    positions: tuple[int, ...]
    descending: tuple[int, ...] = ()

    def unlimited(self) -> Query:
        return replace(self.query, limit=None)


def as_query(said: Mapping[str, Any], model: Mapping[str, Any], kept: Carried) -> Asked:
    """Raises Refused."""
    _check_shape(said)
    conditions = tuple(_condition(str(one)) for one in said.get("filters") or ())
    if said.get("fields"):
        return _rows(said, model, conditions, kept)
    return _groups(said, model, conditions)


def _check_shape(said: Mapping[str, Any]) -> None:
    has_groups = bool(said.get("dimensions") or said.get("measures"))
    if said.get("fields") and has_groups:
        raise Refused("rows and groups are asked for in one question", "E_MIXED_QUERY_SHAPE")
    if not said.get("fields") and not has_groups:
        code = "E_EMPTY_SCALAR_QUERY" if "fields" in said else "E_EMPTY_AGGREGATION_QUERY"
        raise Refused("nothing is asked for", code)


def _condition(text: str) -> str:
    """A filter on rows. Raises Refused where it is none."""
    if has_window(text):
        raise Refused("a window function stands in a filter on rows", "E_WINDOW_IN_WHERE")
    if aggregates_in(text):
        is_mixed = _is_row_level(text)
        raise Refused(
            "an aggregate stands in a filter on rows", "E_MIXED_PREDICATE_LEVEL" if is_mixed else "E_AGGREGATE_IN_WHERE"
        )
    return with_names(text, lambda _: None)


def _is_row_level(text: str) -> bool:
    """Does it name something outside its aggregates?"""
    return bool(names_in(_without_aggregates(text)))


def _without_aggregates(text: str) -> str:
    found = re.search(r"\b([A-Za-z_]+)\s*\(", text)
    at = 0
    while found is not None:
        start = at + found.start()
        end = _closed(text, at + found.end() - 1)
        if aggregates_in(text[start : at + found.end()]):
            text = text[:start] + " 0 " + text[end + 1 :]
            at = start
        else:
            at += found.end()
        found = re.search(r"\b([A-Za-z_]+)\s*\(", text[at:])
    return text


def _closed(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at
    return len(text) - 1


# -- rows


def _rows(said: Mapping[str, Any], model: Mapping[str, Any], conditions: tuple[str, ...], kept: Carried) -> Asked:
    root = str(said.get("dataset"))
    fields = [_field(str(one), model, kept) for one in said["fields"]]
    reached = leads(model, root)
    for other in sorted(datasets_of(model, [f"{field}." for field in fields]) | datasets_of(model, fields)):
        if other not in reached:
            if not connected(model, said):
                raise Refused(f"nothing joins `{root}` and `{other}`", "E_NO_PATH")
            raise Refused(
                f"a row of `{root}` leads to no single row of `{other}`, so its rows would repeat",
                "E_FAN_OUT_IN_SCALAR_QUERY",
            )
    keys = [
        f"{root}.{key}"
        for dataset in model["datasets"]
        if dataset["name"] == root
        for key in dataset.get("primary_key") or ()
    ]
    by = tuple(By(name=name) for name in dict.fromkeys((*fields, *keys)))
    names = [one.name for one in by]
    orders = tuple(_order(one, fields, ()) for one in said.get("order_by") or ())
    return Asked(
        query=Query(metrics=(), by=by, conditions=conditions, order=orders, limit=said.get("limit"), is_detail=True),
        names=tuple(field.rpartition(".")[2] for field in fields),
        positions=tuple(names.index(field) for field in fields),
        descending=tuple(names.index(one.name) for one in orders if one.is_descending),
    )


def _field(name: str, model: Mapping[str, Any], kept: Carried) -> str:
    """A field by `dataset.field`; a metric over a window is a field here. Raises Refused for any other metric."""
    last = name.rpartition(".")[2]
    owners = [f"{dataset}.{last}" for dataset, fields in _fields(kept).items() if last in fields]
    if "." not in name and len(owners) == 1:
        return owners[0]
    metrics = {str(one["name"]): str(one["expression"]) for one in model.get("metrics") or ()}
    if last in metrics and name not in owners and not has_window(metrics[last]):
        raise Refused(f"`{last}` is a metric, and rows are asked for", "E_AGGREGATE_IN_SCALAR_QUERY")
    return name


def _fields(kept: Carried) -> dict[str, set[str]]:
    said = kept.files.get("context/ossie-model.yaml", {}).get("datasets")
    datasets = said if isinstance(said, Mapping) else {}
    return {
        name: set(inner["fields"]) if isinstance(inner, Mapping) and isinstance(inner.get("fields"), Mapping) else set()  # type: ignore[arg-type]
        for name, inner in datasets.items()
    }


# -- groups


def _groups(said: Mapping[str, Any], model: Mapping[str, Any], conditions: tuple[str, ...]) -> Asked:
    dimensions = [str(one) for one in said.get("dimensions") or ()]
    measures = [(str(one["name"]), str(one.get("metric") or one["name"])) for one in said.get("measures") or ()]
    if not dimensions and len(measures) > 1 and not connected(model, said):
        raise Refused("the metrics are of facts that share no dataset, and nothing joins their numbers", "E_NO_PATH")
    having = _having(said, model)
    names = dict(measures)
    metrics = tuple(dict.fromkeys((*(metric for _, metric in measures), *(one.name for one in having))))
    columns = [*dimensions, *metrics]
    orders = tuple(_order(one, dimensions, names) for one in said.get("order_by") or ())
    return Asked(
        query=Query(
            metrics=metrics,
            by=tuple(By(name=name) for name in dimensions),
            where=tuple(having),
            conditions=conditions,
            order=orders,
            limit=said.get("limit"),
        ),
        names=(*(name.rpartition(".")[2] for name in dimensions), *(name for name, _ in measures)),
        positions=tuple(columns.index(name) for name in (*dimensions, *(metric for _, metric in measures))),
        descending=tuple(columns.index(one.name) for one in orders if one.is_descending),
    )


def _order(one: Mapping[str, Any], names: Sequence[str], measures: Mapping[str, str] | Sequence[str]) -> Order:
    target = str(one.get("target") or one.get("field") or one.get("name"))
    if isinstance(measures, Mapping) and target in measures:
        target = measures[target]
    elif "." not in target:
        target = next((name for name in names if name.rpartition(".")[2] == target), target)
    return Order(name=target, is_descending=str(one.get("direction") or "asc").lower() == "desc")


_COMPARISON = re.compile(r"(?s)(?P<left>.+?)\s*(?P<op>>=|<=|<>|!=|=|>|<)\s*(?P<right>[-+]?\d+(?:\.\d+)?)\s*\Z")


def _having(said: Mapping[str, Any], model: Mapping[str, Any]) -> list[Filter]:
    """Conditions on groups: a metric beside a number. Raises Refused for what is none."""
    found: list[Filter] = []
    for text in (str(one) for one in said.get("qualify") or said.get("having") or ()):
        metrics = {str(one["name"]): str(one["expression"]) for one in model.get("metrics") or ()}
        names = {str(one["name"]): str(one.get("metric") or one["name"]) for one in said.get("measures") or ()}
        rows = {name for name in names_in(_without_aggregates(text)) if name not in metrics and name not in names}
        has_numbers = aggregates_in(text) or bool(names_in(text) & (metrics.keys() | names.keys()))
        if rows:
            raise Refused(
                "a condition on groups names fields of rows",
                "E_MIXED_PREDICATE_LEVEL" if has_numbers else "E_NON_AGGREGATE_IN_HAVING",
            )
        found += [_comparison(part.strip(), metrics, names) for part in re.split(r"(?i)\s+and\s+", text)]
    return found


def _comparison(text: str, metrics: Mapping[str, str], names: Mapping[str, str]) -> Filter:
    said = _COMPARISON.match(text.strip())
    if said is None:
        raise Refused(f"`{text}` is no comparison of a metric with a number", None)
    left = said["left"].strip()
    wanted = " ".join(left.lower().split())
    metric = names.get(left) or (left if left in metrics else None)
    metric = metric or next((n for n, e in metrics.items() if " ".join(e.lower().split()) == wanted), None)
    if metric is None:
        raise Refused(f"`{left}` is no metric of the model", None)
    return Filter(name=metric, op=Op("!=" if said["op"] == "<>" else said["op"]), values=(said["right"],))
