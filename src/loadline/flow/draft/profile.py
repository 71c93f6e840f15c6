"""Datasets of a project in; what their rows show of themselves, and the contract they would draft, out.

Nothing is recorded and nothing is written: a profile is for a person to read, and to take over what is right.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loadline.checks.data.causes import may_be_shown
from loadline.errors import RequestError
from loadline.flow.draft import codes
from loadline.flow.draft.make import guesses_of
from loadline.flow.draft.survey import survey
from loadline.flow.looks_seen import column_of, sight_over
from loadline.flow.ports import Warehouse
from loadline.flow.world import Ruled
from loadline.project import Project
from loadline.project.drafting import contract_of, contract_text, personal, steps_of
from loadline.project.drafting.promises import may_show
from loadline.project.yaml_writer import Value
from loadline.values.diagnostic import Diagnostic
from loadline.values.rule import Principal
from loadline.values.survey import SurveyedColumn, SurveyedTable

SHOWN_VALUES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfiledColumn:
    """A column as it is, and why it may be about a person (then nothing of its values is shown)."""

    column: SurveyedColumn
    personal: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`contract` is the document that its rows would draft; comments (keys that begin with `#`) hold the evidence.
    `uncertain` says in words what is a guess more than the rest."""

    dataset: str
    table: SurveyedTable
    columns: tuple[ProfiledColumn, ...]
    contract: Mapping[str, Value]
    uncertain: tuple[str, ...]

    def as_yaml(self) -> str:
        return contract_text(self.contract, self.table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """`left_out` pairs a dataset with why nothing could be seen of it."""

    profiles: tuple[Profile, ...]
    left_out: tuple[tuple[str, str], ...]


def profile(
    project: Project,
    warehouse: Warehouse,
    names: Sequence[str],
    *,
    today: date,
    untyped: frozenset[str] = frozenset(),
    progress: Callable[[str], None] = lambda _: None,
) -> Profiles:
    """Profiles of these datasets, of all when none is named. Raises RequestError for an unknown name."""
    wanted = _named(project, names)
    called: dict[str, str] = {}
    for name in wanted:
        called.setdefault(project.model.datasets[name].source, name)
    seen = survey(warehouse, called, guesses=guesses_of(called), untyped=untyped, progress=progress)
    steps = steps_of(seen, called)
    tables = {table.relation: table for table in seen.tables}
    found = []
    for dataset in wanted:
        table = tables.get(project.model.datasets[dataset].source)
        if table is None:
            continue
        names_here = {**called, table.relation: dataset}
        document = contract_of(table, dataset, project=project.name, names=names_here, steps=steps, today=today)
        found.append(
            Profile(
                dataset=dataset,
                table=table,
                columns=tuple(_columns(project, dataset, table)),
                contract=document,
                uncertain=tuple(_uncertain(document, table)),
            )
        )
    return Profiles(profiles=tuple(found), left_out=tuple((called[name], why) for name, why in seen.left_out))


def profiles_as_seen_by(world: Ruled, principal: Principal, found: Profiles) -> Profiles:
    """Without the datasets of which rules or rights keep a column or rows from who reads: what is told of one column
    (keys, what depends on what, the draft) tells of others."""
    kept, left_out = [], list(found.left_out)
    for one in found.profiles:
        names = [each.column.name for each in one.columns if each.personal is None]
        sight = sight_over(world, principal, [column_of(world.project, one.dataset, name) for name in names])
        if sight.hidden or (sight.is_partial and names):
            what = ", ".join(f"`{name}`" for name in sorted(sight.hidden)) or "some of its rows"
            left_out.append((one.dataset, f"rules or rights keep {what} from `{principal.name}`"))
        else:
            kept.append(one)
    return Profiles(profiles=tuple(kept), left_out=tuple(left_out))


def _named(project: Project, names: Sequence[str]) -> tuple[str, ...]:
    known = sorted(project.model.datasets)
    unknown = [name for name in names if name not in project.model.datasets]
    if unknown:
        raise RequestError(*(_no_such(name, known) for name in unknown))
    return tuple(name for name in project.model.datasets if not names or name in names)


def _no_such(name: str, known: Sequence[str]) -> Diagnostic:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    every = ", ".join(known) or "none: write one in context/ first"
    return Diagnostic(
        code=codes.NO_DATASET,
        what=f"the project has no dataset `{name}`",
        why=codes.CODES[codes.NO_DATASET].why,
        mend=f"write `{near[0]}`" if near else f"write one of {every}",
    )


def _columns(project: Project, dataset: str, table: SurveyedTable) -> Iterator[ProfiledColumn]:
    """What a contract classifies already is as little shown as what looks personal."""
    promised = project.model.datasets[dataset].table
    by_name = {c.in_warehouse: c for c in promised.columns.values()} if promised else {}
    for column in table.columns:
        why = personal(column, dataset)
        known = by_name.get(column.name)
        if why is None and known is not None and not may_be_shown(known):
            why = f"its contract says `{known.classification}`"
        yield ProfiledColumn(column=column, personal=why)


def _uncertain(document: Mapping[str, Any], table: SurveyedTable) -> Iterator[str]:
    """What a person has to judge first: a sample, suspicions, and what is true of nearly all rows only."""
    if table.rows > table.looked:
        yield f"{table.looked:,} of {table.rows:,} rows were looked at one by one"
    for column in document["schema"][0]["properties"]:
        if "#classification" in column:
            yield f"{column['name']}: {column['#classification']}"
        for rule in column.get("quality", ()):
            said = rule.get("description")
            yield f"{column['name']}: {said.removeprefix('Draft: ')}" if said else f"{column['name']}: {rule['metric']}"


def as_json(one: Profile) -> dict[str, Any]:
    """What a program wants to know of a profile; personal values are left out."""
    table = one.table
    return {
        "dataset": one.dataset,
        "relation": table.relation,
        "rows": table.rows,
        "looked_at": table.looked,
        "keys": [list(key) for key in table.keys],
        "columns": [_column_json(each, table) for each in one.columns],
        "cadences": [
            {"column": c.column, "every": c.every, "kept": c.kept, "periods": c.periods, "newest": c.newest}
            for c in table.cadences
        ],
        "dependencies": [
            {"column": d.column, "on": d.on, "rows": d.rows, "exceptions": d.exceptions} for d in table.dependencies
        ],
        "snapshot": _snapshot(table),
        "history": _history(table),
        "uncertain": list(one.uncertain),
        "contract": _without_comments(one.contract),
    }


def _snapshot(table: SurveyedTable) -> dict[str, Any] | None:
    panel = table.panel
    if panel is None:
        return None
    return {
        "time": panel.time,
        "entity": list(panel.entity),
        "periods": panel.periods,
        "entities": panel.entities,
        "present": round(panel.present, 4),
        "persistence": {name: round(ratio, 4) for name, ratio in panel.persistence},
    }


def _history(table: SurveyedTable) -> dict[str, Any] | None:
    held = table.validity
    if held is None:
        return None
    return {
        "entity": held.entity,
        "from": held.start,
        "to": held.end,
        "entities": held.entities,
        "following": held.following,
        "overlapping": held.overlapping,
        "to_is_included": held.inclusive,
    }


def _column_json(each: ProfiledColumn, table: SurveyedTable) -> dict[str, Any]:
    column = each.column
    said: dict[str, Any] = {
        "name": column.name,
        "type": column.logical_type,
        "engine_type": column.engine_type,
        "filled": column.filled,
        "filled_share": round(column.filled / table.rows, 6) if table.rows else None,
        "distinct": column.distinct,
        "is_unique": column.is_unique,
        "personal": each.personal,
    }
    if each.personal is not None:
        return said
    listing, shape = column.listing, column.shape
    said |= {
        "least": column.least,
        "greatest": column.greatest,
        "usual": list(column.usual) if column.usual else None,
        "pattern": shape.pattern if shape else None,
        "looks_otherwise": shape.other_count if shape else None,
        "values": [[value, count] for value, count in listing.values[:SHOWN_VALUES] if may_show(str(value))]
        if listing
        else None,
        "is_closed_list": listing.is_closed if listing else None,
        "misspelled": [list(pair) for pair in listing.misspelled if may_show(pair[0])] if listing else [],
        "stand_for_nothing": [[text, count] for text, count in column.blanks],
    }
    return said


def _without_comments(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _without_comments(item) for key, item in value.items() if not str(key).startswith("#")}
        case list() | tuple():
            return [_without_comments(item) for item in value]
        case _:
            return value
