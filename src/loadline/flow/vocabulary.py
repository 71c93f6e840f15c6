"""A project in, what its rules may speak of out."""

from __future__ import annotations

from loadline.policy import FactType, Kind, Vocabulary
from loadline.project import Project
from loadline.values.action import Argument, ArgumentType
from loadline.values.matter import FREE_SQL


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
    names["action"] = frozenset(project.actions) | {FREE_SQL}
    environments = frozenset(one.environment for one in project.targets.values() if one.environment)
    if environments:
        names["environment"] = environments
    arguments = {
        name: {argument.name: _argument(argument) for argument in action.arguments.values()}
        for name, action in project.actions.items()
    }
    return Vocabulary(names=names, arguments=arguments)


def _argument(argument: Argument) -> FactType:
    is_text = argument.type is ArgumentType.TEXT
    return FactType(
        kind=_KINDS[argument.type],
        means=argument.description,
        choices=frozenset(map(str, argument.allowed)) if argument.allowed and is_text else None,
        is_always=not argument.is_optional,
    )


_KINDS = {
    ArgumentType.TEXT: Kind.TEXT,
    ArgumentType.INTEGER: Kind.NUMBER,
    ArgumentType.NUMBER: Kind.NUMBER,
    ArgumentType.BOOLEAN: Kind.TRUTH,
    ArgumentType.DATE: Kind.DATE,
    ArgumentType.TIMESTAMP: Kind.TEXT,
    ArgumentType.JSON: Kind.TEXT,
}
