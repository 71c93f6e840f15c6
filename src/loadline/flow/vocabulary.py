"""A project in, what its rules may speak of out."""

from __future__ import annotations

from loadline.policy import Vocabulary
from loadline.project import Project


def vocabulary_of(project: Project) -> Vocabulary:
    """The names a fact can be, as far as the project says them all."""
    datasets = project.model.datasets.values()
    tables = [dataset.table for dataset in datasets if dataset.table is not None]
    classes = {
        column.classification
        for contract in project.contracts.values()
        for table in contract.tables.values()
        for column in table.columns.values()
        if column.classification is not None
    }
    names = {
        "person": frozenset(project.people),
        "roles": frozenset(role for person in project.people.values() for role in person.roles),
        "audience": frozenset(project.audiences),
        "metrics": frozenset(project.model.metrics),
        "datasets": frozenset(project.model.datasets),
        "classifications": frozenset(classes),
    }
    if project.agents:
        names["agent"] = frozenset(project.agents)
    if len(tables) == len(datasets):
        names["columns"] = frozenset(
            f"{dataset.name}.{column}" for dataset in datasets if dataset.table for column in dataset.table.columns
        )
    return Vocabulary(names=names)
