"""Everybody of the demo company, every metric, every column it could be broken down or filtered by: what is permitted
reads nothing that a rule closes, and only the rows that its rules open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loadline import semantics
from loadline.demo import Written
from loadline.errors import RequestError
from loadline.policy import decide, matter_of
from loadline.project import Project, read_folder
from loadline.semantics import Linked
from loadline.values.decision import Permit
from loadline.values.query import By, Filter, Op, Query


@pytest.fixture(scope="module")
def project(company: Written) -> Project:
    return read_folder(company.root).accept()


def columns(project: Project) -> Iterator[tuple[str, bool]]:
    """Every column, and whether its contract says that it is personal."""
    for dataset in project.model.datasets.values():
        for column in dataset.table.columns.values() if dataset.table else ():
            yield f"{dataset.name}.{column.name}", column.classification == "personal"


def drills(metric: str, column: str) -> Iterator[Query]:
    yield Query(metrics=(metric,), by=(By(name=column),))
    yield Query(metrics=(metric,), where=(Filter(name=column, op=Op.IS_NOT_NULL),))


def test_no_metric_by_no_column_shows_anybody_what_is_closed(project: Project) -> None:
    linked: Linked = semantics.link(project.model)
    personal = {name for name, is_personal in columns(project) if is_personal}
    permitted = 0
    assert personal
    for metric in project.model.metrics:
        for column, _ in columns(project):
            for query in drills(metric, column):
                try:
                    plan = semantics.resolve(linked, query, audience="sales")
                except RequestError:
                    continue
                for person in ("ana", "felix", "nora", "vera"):
                    decision = decide(project.rules, matter_of(plan, project.people[person].principal()))
                    if not isinstance(decision, Permit):
                        continue
                    permitted += 1
                    assert not plan.touches & personal, (person, query)
                    if person == "nora":
                        assert metric not in {"freight_margin", "freight_cost"}
                        assert [one.expr.value for one in decision.row_filters[0]] == ["customers.region = 'north'"]
                    else:
                        assert decision.row_filters == ()
    assert permitted > 1000
