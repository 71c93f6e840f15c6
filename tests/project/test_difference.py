"""What was written differently: nothing where nothing was, and every part of a definition, known or new."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from loadline import project
from loadline.project import Project
from loadline.project.difference import How, difference
from loadline.values.model import Conversion, Metric, Status, Text
from loadline.values.place import Place

BASE = Path(__file__).parent.parent / "broken" / "_base"


@pytest.fixture(scope="module")
def base() -> Project:
    return project.read_folder(BASE).accept()


def with_metric(base: Project, metric: Metric) -> Project:
    return replace(base, model=replace(base.model, metrics={**base.model.metrics, metric.name: metric}))


def test_the_same_project_has_no_difference(base: Project) -> None:
    assert difference(base, project.read_folder(BASE).accept()) == ()


def test_where_something_stands_is_no_difference(base: Project) -> None:
    name, metric = next(iter(base.model.metrics.items()))
    moved = replace(metric, place=Place(file="context/elsewhere.yaml", line=9))
    assert difference(base, with_metric(base, replace(moved, name=name))) == ()


def text(value: str) -> Text:
    return Text(value=value, place=Place(file="context/x.yaml"))


ANOTHER: dict[str, Any] = {
    "Text": text("another thing"),
    "Status": Status.DEPRECATED,
    "Decimal": Decimal("12.5"),
    "bool": True,
    "str": "another",
    "tuple": ("another",),
    "Conversion": Conversion(to=text("other"), per=(text("a.b"),)),
}


@pytest.mark.parametrize("part", [one.name for one in fields(Metric) if one.name not in {"name", "place"}])
def test_every_part_of_a_metric_is_compared(base: Project, part: str) -> None:
    """A part that is added to metrics one day is compared from that day on."""
    metric = next(iter(base.model.metrics.values()))
    written = str(next(one.type for one in fields(Metric) if one.name == part)).partition("[")[0].partition(" ")[0]
    value: Any = (text("another"),) if part == "take_per" else ANOTHER[written]
    other: dict[str, Any] = {part: value}
    (change,) = difference(base, with_metric(base, replace(metric, **other)))
    assert (change.kind, change.name, change.how) == ("metric", metric.name, How.CHANGED)
    (said,) = change.parts
    assert said.part == part.replace("_", " ")
    assert said.before != said.after


def test_what_came_and_went_is_named(base: Project) -> None:
    name, metric = next(iter(base.model.metrics.items()))
    renamed = replace(
        base,
        model=replace(
            base.model,
            metrics={
                "fresh": replace(metric, name="fresh"),
                **{n: m for n, m in base.model.metrics.items() if n != name},
            },
        ),
    )
    found = {(one.kind, one.name, one.how) for one in difference(base, renamed)}
    assert found == {("metric", name, How.REMOVED), ("metric", "fresh", How.ADDED)}


def test_a_column_is_a_definition_of_its_own(base: Project) -> None:
    contract = next(iter(base.contracts.values()))
    table = next(iter(contract.tables.values()))
    column = next(iter(table.columns.values()))
    other = replace(column, is_required=not column.is_required)
    tables = {**contract.tables, table.name: replace(table, columns={**table.columns, column.name: other})}
    changed = replace(base, contracts={**base.contracts, contract.name: replace(contract, tables=tables)})
    (change,) = difference(base, changed)
    assert (change.kind, change.name.rpartition(".")[2]) == ("column", column.name)
    assert [part.part for part in change.parts] == ["is required"]


def test_fields_rules_and_questions_are_definitions_of_their_own(base: Project) -> None:
    dataset = next(one for one in base.model.datasets.values() if one.fields)
    field = next(iter(dataset.fields.values()))
    fields_now = {**dataset.fields, field.name: replace(field, expr=text("1 + 1"))}
    datasets = {**base.model.datasets, dataset.name: replace(dataset, fields=fields_now)}
    changed = replace(
        base, model=replace(base.model, datasets=datasets), rules=base.rules[1:], questions=base.questions[1:]
    )
    found = {(one.kind, one.name, one.how) for one in difference(base, changed)}
    assert found == {
        ("field", f"{dataset.name}.{field.name}", How.CHANGED),
        ("rule", base.rules[0].name, How.REMOVED),
        ("question", base.questions[0].id, How.REMOVED),
    }
