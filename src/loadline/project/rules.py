"""Fitted rules in, linked ones out; a rule that names what does not exist is said to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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
from loadline.project.obligations import approval_roles, mask_patterns, read_approvals, read_limits, read_masks
from loadline.project.tree import Entries, Scalar
from loadline.project.wording import nearest, quoted
from loadline.values.contract import Contract
from loadline.values.place import Place
from loadline.values.rule import Effect, EffectClass, Rule, matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameable:
    """What rules may speak of. None where it could not be read: then nothing is said about it."""

    people: frozenset[str] | None
    roles: frozenset[str] | None
    audiences: frozenset[str] | None
    metrics: frozenset[str] | None
    columns: Columns | None
    classifications: frozenset[str] | None
    agents: frozenset[str] | None = None
    actions: frozenset[str] | None = None
    has_targets: bool = False  # whose tables nobody but the database names
    fields: Mapping[str, str] = field(default_factory=dict)  # `dataset.field` → its expression; never a column's name


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
            _check_together(written, nameable, faults)
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
    effect = next(one for one in Effect if one.value in written.entries or one is Effect.FORBID)
    action = scalar_of(written, effect.value)
    return Rule(
        name=name.raw,
        effect=effect,
        action=action.raw if action else "",
        people=_texts(written, "who", "people"),
        roles=_texts(written, "who", "roles"),
        audiences=_texts(written, "who", "audiences"),
        agents=_texts(written, "who", "agents"),
        purposes=_texts(written, "who", "purposes"),
        metrics=_texts(written, "on", "metrics"),
        columns=_texts(written, "on", "columns"),
        classifications=_texts(written, "on", "classifications"),
        datasets=_texts(written, "on", "datasets"),
        tables=_texts(written, "on", "tables"),
        actions=_texts(written, "on", "actions"),
        effects=tuple(map(EffectClass, _texts(written, "on", "effects"))),
        when=expression_of(written, "when"),
        rows=expression_of(written, "rows"),
        masks=read_masks(written),
        limits=read_limits(written, name.raw),
        approvals=read_approvals(written, name.raw),
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
    for agent in _named(written, "who", "agents"):
        if nameable.agents and not any(matches(name, agent.raw) for name in nameable.agents):
            _matches_nothing(agent, "agent", nameable.agents, faults)
    for role in approval_roles(written):
        if nameable.roles is not None and role.raw not in nameable.roles:
            _matches_nothing(role, "role", nameable.roles, faults)


def _check_on(written: Entries, nameable: Nameable, faults: Faults) -> None:
    known: Iterable[str] | None
    for key, kind, known in (
        ("metrics", "metric", nameable.metrics),
        ("classifications", "classification", nameable.classifications),
        ("datasets", "dataset", nameable.columns),
        ("actions", "action", nameable.actions),
    ):
        for pattern in _named(written, "on", key):
            if known is not None and not any(matches(name, pattern.raw) for name in known):
                _matches_nothing(pattern, kind, known, faults)
    columns = nameable.columns
    if columns is not None and "act" not in _deeds(written):  # an action's tables are no datasets
        for pattern in (*_named(written, "on", "columns"), *mask_patterns(written)):
            if not (_matches_column(pattern.raw, columns) or _may_be_of_target(pattern.raw, nameable)):
                _matches_nothing(pattern, "column", _all_columns(columns), faults)


def _deeds(written: Entries) -> tuple[str, ...]:
    return tuple(deed.raw for effect in Effect if (deed := scalar_of(written, effect.value)) is not None)


def _check_together(written: Entries, nameable: Nameable, faults: Faults) -> None:
    """What is written of a rule that cannot mean anything there."""
    deeds = _deeds(written)
    if "hold" in written.entries and "approval" not in written.entries:
        faults.add(
            codes.OUT_OF_PLACE,
            written.entries["hold"].key.place,
            "a hold says nobody's `approval`",
            why="a hold is lifted by the yes of somebody: without one it could never be",
            mend="add `approval: {role: …}`, or write `forbid`",
        )
    for key, effect in (("masks", "permit"), ("limits", "permit"), ("approval", "hold")):
        if key in written.entries and effect not in written.entries:
            _out_of_place(written.entries[key].key, f"goes with a `{effect}` only", f"write a `{effect}`", faults)
    for at, deed in _belongs_to(written):
        if deeds and ("act" in deeds) is not (deed == "act"):
            here = f"`{deeds[0]}`"
            _out_of_place(
                at, f"goes with `{deed}` only, and this rule is about {here}", f"write a rule of `{deed}`", faults
            )
    if "permit" not in written.entries:
        _refuse_fields((*_named(written, "on", "columns"),), nameable, faults)
    _refuse_fields(mask_patterns(written), nameable, faults)


def _belongs_to(written: Entries) -> Iterator[tuple[Scalar, str]]:
    for side, deed, keys in (
        ("on", "ask", ("metrics", "datasets")),
        ("on", "act", ("actions", "effects")),
        ("limits", "act", ("per_minute", "per_hour", "per_day", "totals")),
    ):
        node = node_of(written, side)
        if isinstance(node, Entries):
            yield from ((node.entries[key].key, deed) for key in keys if key in node.entries)
    yield from ((written.entries[key].key, "ask") for key in ("rows", "masks") if key in written.entries)


def _out_of_place(key: Scalar, rule: str, otherwise: str, faults: Faults) -> None:
    faults.add(
        codes.OUT_OF_PLACE,
        key.place,
        f"{quoted(key.raw)} {rule}",
        why="a key that means nothing where it stands is never skipped: what it was meant to say would be lost",
        mend=f"delete it, or {otherwise}",
    )


def _refuse_fields(patterns: Iterable[Scalar], nameable: Nameable, faults: Faults) -> None:
    """A rule sees the columns that are read. A field of an expression is not among them: a rule that closes one by its
    name would close nothing."""
    for pattern in patterns:
        columns, fields = nameable.columns, nameable.fields
        if columns is None or any(matches(name, pattern.raw) for name in _all_columns(columns) if name not in fields):
            continue
        found = next((name for name in sorted(fields) if matches(name, pattern.raw)), None)
        if found is not None:
            faults.add(
                codes.NAMES_A_FIELD,
                pattern.place,
                f"{quoted(found)} is a field, and rules see the columns it is made of",
                why="what a field shows can be shown by the columns of its expression, too: only they can be closed",
                mend=f"name the columns in {quoted(fields[found])}",
            )


def _matches_column(pattern: str, columns: Columns) -> bool:
    if any(matches(name, pattern) for name in _all_columns(columns)):
        return True
    # A dataset whose columns could not be read may have the one that is meant.
    return any(known is None for known in columns.values())


def _may_be_of_target(pattern: str, nameable: Nameable) -> bool:
    """`customers.*` where agents write to a table that no dataset is called like: whoever approves it may see it."""
    table, parted, _ = pattern.partition(".")
    return nameable.has_targets and bool(parted) and nearest(table, nameable.columns or ()) is None


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
