"""Model and contracts in; the tables whose promises can be looked at, each under one name and one relation, out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from loadline.values.contract import Column, Contract, ContractTable
from loadline.values.model import Model

DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`name` is the dataset's, or the contract's table's where no dataset reads it. `time` is the column that tells
    when a row happened, where the dataset names one."""

    name: str
    relation: str
    contract: str
    table: ContractTable
    owner: str | None = None
    time: Column | None = None
    is_draft: bool = False  # nobody has accepted the contract yet: what it says can warn, and not more


def subjects_of(model: Model, contracts: Mapping[str, Contract]) -> tuple[Subject, ...]:
    """A dataset's relation is its `source`; a table no dataset reads is looked for under its `physicalName`."""
    found: list[Subject] = []
    read: set[tuple[str, str]] = set()
    for dataset in model.datasets.values():
        contract = contracts.get(dataset.contract or "")
        if dataset.table is None or contract is None:
            continue
        read.add((contract.name, dataset.table.name))
        time = dataset.table.columns.get(dataset.time or "") if dataset.time not in dataset.fields else None
        found.append(
            Subject(
                name=dataset.name,
                relation=dataset.source,
                contract=contract.name,
                table=dataset.table,
                owner=contract.owner,
                is_draft=contract.status == DRAFT,
                time=time,
            )
        )
    for contract in contracts.values():
        found += [
            Subject(
                name=table.name,
                relation=table.physical_name or table.name,
                contract=contract.name,
                table=table,
                owner=contract.owner,
                is_draft=contract.status == DRAFT,
            )
            for table in contract.tables.values()
            if (contract.name, table.name) not in read
        ]
    return tuple(found)


def target_of(subject: Subject, to_table: str, every: Iterable[Subject]) -> Subject | None:
    """The subject a reference leads to: of the same contract first, else of any."""
    fitting = [other for other in every if to_table in {other.table.name, other.name}]
    own = [other for other in fitting if other.contract == subject.contract]
    return next(iter(own or fitting), None)
