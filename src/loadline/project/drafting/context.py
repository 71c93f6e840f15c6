"""Surveyed tables and the steps between them in; draft datasets, relationships and metrics, as documents, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from loadline.project.drafting.naming import (
    free,
    identifier,
    in_expression,
    is_additive,
    is_averaged,
    is_plain,
    singular,
    time_score,
    unit_of,
    words_of,
)
from loadline.project.drafting.over_time import evidence_of, is_level_name, level_of, snapshot_of
from loadline.project.drafting.promises import counted, personal
from loadline.project.drafting.relations import Guessed, primary_key
from loadline.project.yaml_writer import Note, Value
from loadline.values.survey import SurveyedColumn, SurveyedTable

MOST_MEASURES = 12
"""Sums and averages drafted of one dataset; a person who accepts them reads each."""


def dataset_of(table: SurveyedTable, dataset: str, contract: str) -> dict[str, Value]:
    found: dict[str, Value] = {"source": table.relation, "contract": contract}
    time = time_column(table, dataset)
    fields = _fields(table)
    if time is not None:
        panel = snapshot_of(table, dataset)
        found["#time"] = f"a snapshot: {evidence_of(panel)}" if panel is not None else _why_time(table, time)
        found["time"] = _called(time.name, fields)
    found["description"] = f"Draft. {counted(table.rows, 'row')} of {table.relation} when it was imported."
    if synonyms := _synonyms(dataset):
        found["synonyms"] = list(synonyms)
    if fields:
        found["#fields"] = "columns whose names cannot be written in an expression, under names that can"
        found["fields"] = {name: {"expr": expr, **more} for name, (expr, more) in fields.items()}
    return found


def _synonyms(dataset: str) -> tuple[str, ...]:
    words = dataset.split("_")
    said = {" ".join(words), " ".join((*words[:-1], singular(words[-1])))} - {dataset}
    return tuple(sorted(said, key=len, reverse=True))


_Fields = Mapping[str, tuple[str, dict[str, Value]]]


def _fields(table: SurveyedTable) -> _Fields:
    """Odd names get plain ones; what people read in the source is a synonym."""
    taken = {column.name for column in table.columns if is_plain(column.name)}
    found: dict[str, tuple[str, dict[str, Value]]] = {}
    for column in table.columns:
        if is_plain(column.name) or not column.name.strip() or "." in column.name or not column.name.isprintable():
            continue
        name = free(identifier(column.name), taken)
        taken.add(name)
        found[name] = (in_expression(column.name), {"synonyms": [column.name.strip()]})
    return found


def _called(column: str, fields: _Fields) -> str:
    """A column as the rest of the project names it."""
    return next((name for name, (expr, _) in fields.items() if expr == in_expression(column)), column)


def _can_be_named(table: SurveyedTable, column: SurveyedColumn) -> bool:
    fields = _fields(table)
    return is_plain(column.name) or _called(column.name, fields) != column.name


def time_column(table: SurveyedTable, dataset: str) -> SurveyedColumn | None:
    panel = snapshot_of(table, dataset)
    if panel is not None and _can_be_named(table, table.column(panel.time)):
        return table.column(panel.time)
    times = [
        (time_score(one.name), -n, one)
        for n, one in enumerate(table.columns)
        if one.logical_type in {"date", "timestamp"} and _can_be_named(table, one)
    ]
    usable = [one for one in times if one[0] > 0 and (one[2].filled * 2 >= table.rows or not table.rows)]
    return max(usable, key=lambda one: one[:2])[2] if usable else None


def _why_time(table: SurveyedTable, time: SurveyedColumn) -> str:
    others = [one.name for one in table.columns if one.logical_type in {"date", "timestamp"} and one != time]
    said = "by its name the moment something happened" if time_score(time.name) > 1 else "the first time there is"
    return said + (f"; others: {', '.join(others[:6])}" if others else "")


def relationship(step: Guessed, names: Mapping[str, str]) -> list[Value]:
    source, target = f"{names[step.source]}.{step.column}", f"{names[step.target]}.{step.key}"
    said = f"all {counted(step.filled, 'row')} find their partner"
    unique = f"{target} is unique"
    if step.missing:
        share = step.missing / step.filled * 100
        said = f"{step.missing:,} of {counted(step.filled, 'row')} ({share:.1f} %) find no partner"
    written: Value = f"{source} -> {target}"
    if step.role or step.valid:
        more: dict[str, Value] = {"as": step.role} if step.role else {}
        if step.valid:
            more["valid"] = list(step.valid)
            unique = f"{target} is a history: rows of one hold one after the other, none at once"
        written = {"from": source, "to": target, **more}
    return [Note(f"{said}; {unique}"), written]


def metrics_of(table: SurveyedTable, dataset: str, taken: set[str]) -> Iterator[tuple[str, dict[str, Value]]]:
    words = dataset.replace("_", " ")
    count = free(f"{dataset}_count", taken)
    taken.add(count)
    is_snapshot = snapshot_of(table, dataset) is not None
    yield (
        count,
        {
            "is": f"count({in_expression(dataset)})",
            **(_LAST if is_snapshot else {}),
            "status": "draft",
            "description": f"How many {words} there are.",
            "synonyms": [f"number of {words}"],
        },
    )
    fields = _fields(table)
    key = primary_key(table, dataset)
    drafted = 0
    for column in table.columns:
        kind = _measured(table, column, dataset, key)
        if kind is None or drafted == MOST_MEASURES or not _can_be_named(table, column):
            continue
        drafted += 1
        name = identifier("_".join(words_of(column.name))) or identifier(column.name)
        full = free(f"{dataset}_{name}" if kind == "sum" else f"{dataset}_average_{name}", taken)
        taken.add(full)
        said = " ".join(words_of(column.name))
        measured: dict[str, Value] = {
            "is": f"{kind}({in_expression(dataset)}.{in_expression(_called(column.name, fields))})"
        }
        if kind == "sum":
            measured |= _taken(table, column, dataset)
        if (unit := unit_of(column.name)) is not None:
            measured["unit"] = unit
        measured["status"] = "draft"
        which = "Sum" if kind == "sum" else "Average"
        how = ", on the last day there is" if "take" in measured else f"; that it may be {_done[kind]} is a guess"
        measured["description"] = f"{which} of {said} over {words}{how}."
        measured["synonyms"] = [f"{'total' if kind == 'sum' else 'average'} {said} of {words}"]
        yield full, measured


_LAST: Mapping[str, Value] = {"take": "last of period"}


def _taken(table: SurveyedTable, column: SurveyedColumn, dataset: str) -> Mapping[str, Value]:
    """What stands for a longer period, where days are not to be added up; a comment where nobody can tell."""
    panel, is_level = table.panel, level_of(table, column, dataset)
    if panel is None or is_level is False:
        return {}
    evidence = evidence_of(panel, column.name)
    if is_level:
        return {"#take": evidence, **_LAST}
    return {"#take": f"uncertain: {evidence}. If it says how much there was, not what happened, add `take`"}


_done = {"sum": "added up", "avg": "averaged"}


def _measured(table: SurveyedTable, column: SurveyedColumn, dataset: str, key: Sequence[str]) -> str | None:
    if column.logical_type not in {"integer", "number"} or column.name in key or (column.is_unique and table.rows > 1):
        return None
    if personal(column, dataset) is not None:
        return None
    if is_additive(column.name) or (is_level_name(column) and level_of(table, column, dataset)):
        return "sum"
    return "avg" if is_averaged(column.name) else None
