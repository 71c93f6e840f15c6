"""Two projects in, what was written differently out: each definition added, removed or changed, part by part.

The comparison knows no part by name: whatever a definition has, now or later, is compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, StrEnum
from typing import Any

from loadline.project.nouns import Project
from loadline.values.canonical import plain
from loadline.values.model import Relationship, Text
from loadline.values.place import Place


class How(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChange:
    """One part of a definition, in the words of its file; empty where it is not written."""

    part: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`kind` is the word for such a definition (`metric`, `column`), `name` what it goes by. `parts` is empty for what
    was added or removed. `place` is where it stands now, or stood."""

    kind: str
    name: str
    how: How
    parts: tuple[PartChange, ...] = ()
    place: Place | None = None


def difference(before: Project, after: Project) -> tuple[Change, ...]:
    """Every change, in the order a reader looks for them: what numbers mean first."""
    old, new = _named(before), _named(after)
    return tuple(
        change
        for kind in dict.fromkeys((*old, *new))
        for change in _changes(kind, old.get(kind, {}), new.get(kind, {}))
    )


def _named(project: Project) -> dict[str, dict[str, Any]]:
    """Everything that is defined, by kind and name. What is taken apart below is left out above."""
    model = project.model
    found: dict[str, dict[str, Any]] = {
        "metric": dict(model.metrics),
        "term": dict(model.terms),
        "dataset": dict(model.datasets),
        "field": {f"{d.name}.{f.name}": f for d in model.datasets.values() for f in d.fields.values()},
        "relationship": {_step(one): one for one in model.relationships},
        "calendar": {"calendar": model.calendar},
        "contract": dict(project.contracts),
        "contract table": {},
        "column": {},
        "rule": {rule.name: rule for rule in project.rules},
        "question": {question.id: question for question in project.questions},
        "owner": dict(project.owners),
        "person": dict(project.people),
        "audience": dict(project.audiences),
        "warehouse": {"warehouse": project.warehouse},
    }
    for contract in project.contracts.values():
        for table in contract.tables.values():
            named = table.name if table.name == contract.name else f"{contract.name}/{table.name}"
            found["contract table"][named] = table
            found["column"].update({f"{named}.{column.name}": column for column in table.columns.values()})
    return found


_TAKEN_APART = {"dataset": {"table", "fields"}, "contract": {"tables"}, "contract table": {"columns", "version"}}


def _step(one: Relationship) -> str:
    source = ", ".join(f"{one.source}.{column}" for column in one.source_columns)
    target = ", ".join(f"{one.target}.{column}" for column in one.target_columns)
    return f"{source} -> {target}" + (f" as {one.role}" if one.role else "")


def _changes(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        place = getattr(after if after is not None else before, "place", None)
        if before is None or after is None:
            yield Change(kind=kind, name=name, how=How.ADDED if before is None else How.REMOVED, place=place)
        elif parts := tuple(_parts(kind, before, after)):
            yield Change(kind=kind, name=name, how=How.CHANGED, parts=parts, place=place)


def _parts(kind: str, before: Any, after: Any) -> Iterator[PartChange]:
    if not is_dataclass(before) or not is_dataclass(after):
        if before != after:
            yield PartChange(part="text", before=_said(before), after=_said(after))
        return
    for one in fields(before):
        left, right = getattr(before, one.name), getattr(after, one.name)
        if isinstance(left, Place) or one.name in _TAKEN_APART.get(kind, ()):
            continue
        if plain(left) != plain(right):
            yield PartChange(part=one.name.replace("_", " "), before=_said(left), after=_said(right))


def _said(value: Any) -> str:
    """A part as people would write it."""
    match value:
        case None | () | "":
            return ""
        case Text(value=text):
            return text
        case Enum():
            return str(value.value)
        case bool():
            return "yes" if value else "no"
        case str() | int():
            return str(value)
        case tuple():
            return ", ".join(map(_said, value))
        case Mapping():
            return ", ".join(f"{key}: {_said(item)}" for key, item in value.items())
    written = plain(value)
    if not isinstance(written, dict):
        return str(written)
    kept = {key: item for key, item in written.items() if item not in (None, "", [], {}, False)}
    if set(kept) == {"value"}:
        return str(kept["value"])
    return json.dumps(kept, ensure_ascii=False, sort_keys=False)
