"""Fitted rules in, linked ones out; a rule that names what does not exist is said to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from loadline.project import codes
from loadline.project.access import (
    AUDIENCE,
    PERSON,
    expression_of,
    node_of,
    records_of,
    refer,
    said_twice,
    scalar_of,
    scalars_of,
    sentence_of,
)
from loadline.project.datasets import Columns
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Scalar
from loadline.project.wording import nearest, quoted
from loadline.values.contract import Contract
from loadline.values.place import Place
from loadline.values.rule import Effect, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameable:
    """What rules may speak of. None where it could not be read: then nothing is said about it."""

    people: frozenset[str] | None
    roles: frozenset[str] | None
    audiences: frozenset[str] | None
    metrics: frozenset[str] | None
    columns: Columns | None
    classifications: frozenset[str] | None


def classifications_of(contracts: Mapping[str, Contract | None]) -> frozenset[str] | None:
    if any(contract is None for contract in contracts.values()):
        return None
    return frozenset(
        column.classification
        for contract in contracts.values()
        if contract is not None
        for table in contract.tables.values()
        for column in table.columns.values()
        if column.classification is not None
    )


def build_rules(documents: list[Entries], nameable: Nameable, faults: Faults) -> tuple[Rule, ...]:
    """Sorted by name: the order of rules means nothing."""
    rules: list[Rule] = []
    first: dict[str, Place] = {}
    for document in documents:
        for written in records_of(document, "rules"):
            _check_who(written, nameable, faults)
            _check_on(written, nameable, faults)
            name = scalar_of(written, "name")
            if name is None:
                continue
            if name.raw in first:
                said_twice("rule", name.raw, name.place, first[name.raw], faults)
                continue
            first[name.raw] = name.place
            rules.append(_rule(written, name))
    return tuple(sorted(rules, key=lambda rule: rule.name))


def _rule(written: Entries, name: Scalar) -> Rule:
    effect = Effect.FORBID if "forbid" in written.entries else Effect.PERMIT
    action = scalar_of(written, effect.value)
    return Rule(
        name=name.raw,
        effect=effect,
        action=action.raw if action else "",
        people=_texts(written, "who", "people"),
        roles=_texts(written, "who", "roles"),
        audiences=_texts(written, "who", "audiences"),
        metrics=_texts(written, "on", "metrics"),
        columns=_texts(written, "on", "columns"),
        classifications=_texts(written, "on", "classifications"),
        rows=expression_of(written, "rows"),
        because=sentence_of(written, "because"),
        place=name.place,
    )


def _texts(written: Entries, side: str, key: str) -> tuple[str, ...]:
    return tuple(scalar.raw for scalar in _named(written, side, key))


def _named(written: Entries, side: str, key: str) -> tuple[Scalar, ...]:
    node = node_of(written, side)
    return scalars_of(node, key) if isinstance(node, Entries) else ()


def _check_who(written: Entries, nameable: Nameable, faults: Faults) -> None:
    for person in _named(written, "who", "people"):
        refer(person, nameable.people, PERSON, faults)
    for audience in _named(written, "who", "audiences"):
        refer(audience, nameable.audiences, AUDIENCE, faults)
    for role in _named(written, "who", "roles"):
        if nameable.roles is not None and role.raw not in nameable.roles:
            _matches_nothing(role, "role", nameable.roles, faults)


def _check_on(written: Entries, nameable: Nameable, faults: Faults) -> None:
    for pattern in _named(written, "on", "metrics"):
        metrics = nameable.metrics
        if metrics is not None and not any(fnmatchcase(name, pattern.raw) for name in metrics):
            _matches_nothing(pattern, "metric", metrics, faults)
    for pattern in _named(written, "on", "columns"):
        columns = nameable.columns
        if columns is not None and not _matches_column(pattern.raw, columns):
            _matches_nothing(pattern, "column", _all_columns(columns), faults)
    for pattern in _named(written, "on", "classifications"):
        known = nameable.classifications
        if known is not None and not any(fnmatchcase(name, pattern.raw) for name in known):
            _matches_nothing(pattern, "classification", known, faults)


def _matches_column(pattern: str, columns: Columns) -> bool:
    if any(fnmatchcase(name, pattern) for name in _all_columns(columns)):
        return True
    # A dataset whose columns could not be read may have the one that is meant.
    return any(known is None for known in columns.values())


def _all_columns(columns: Columns) -> Iterator[str]:
    return (f"{dataset}.{column}" for dataset, known in columns.items() for column in sorted(known or ()))


def _matches_nothing(pattern: Scalar, kind: str, known: Iterable[str], faults: Faults) -> None:
    near = nearest(pattern.raw, known)
    faults.warn(
        codes.MATCHES_NOTHING,
        pattern.place,
        f"{quoted(pattern.raw)} matches no {kind} of this project",
        why="a rule has no effect on what does not exist; most often such a name is misspelled",
        mend=f"write {quoted(near)}" if near else "correct it, or delete it",
    )
