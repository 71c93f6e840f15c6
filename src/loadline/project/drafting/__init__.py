"""A survey of a warehouse in, the files of a draft project (or of additions to one) out. Everything is `draft`.

What is drafted reads back without errors, whatever names and types the warehouse has; what cannot be written is left
out and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from loadline.project.drafting.context import dataset_of, metrics_of, relationship, time_column
from loadline.project.drafting.contract import contract_of
from loadline.project.drafting.naming import free, identifier
from loadline.project.drafting.over_time import entities_of, is_history, validities_of
from loadline.project.drafting.promises import personal
from loadline.project.drafting.relations import Guessed, Names, candidates, guessed
from loadline.project.forms import RELATION
from loadline.project.yaml_writer import Value, write_yaml
from loadline.values.survey import Survey, SurveyedTable

__all__ = [
    "Draft",
    "DraftedFrom",
    "Taken",
    "candidates",
    "contract_of",
    "contract_text",
    "dataset_names",
    "draft_project",
    "entities_of",
    "may_be_source",
    "personal",
    "steps_of",
    "validities_of",
]

DATASETS_IN_A_FILE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a project has already: names that are not given again, files that are not touched."""

    datasets: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()
    contracts: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    has_manifest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedFrom:
    """The warehouse as `loadline.yaml` names it: `warehouse` is what stands under that key."""

    project: str
    warehouse: Mapping[str, Value]
    today: date
    outside: tuple[str, ...] = ()  # files it names in full, for they lie elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Files by their paths below the project; how many of what is in them, and which relations are not."""

    files: Mapping[str, str]
    datasets: tuple[str, ...]
    relationships: int
    metrics: int
    personal: int
    left_out: tuple[tuple[str, str], ...] = field(default=())


def may_be_source(relation: str) -> bool:
    """Can `source:` name this relation?"""
    return re.fullmatch(RELATION.pattern, relation) is not None


def dataset_names(relations: Iterable[str], taken: Taken) -> dict[str, str]:
    """A dataset's name for each relation: its last part, with the schema before it where that is needed."""
    names: dict[str, str] = {}
    used = set(taken.datasets) | set(taken.contracts)
    for relation in relations:
        *above, last = relation.split(".")
        short = identifier(last, otherwise="dataset")
        long = identifier("_".join((*above, last)), otherwise="dataset")
        names[relation] = short if short not in used else free(long, used)
        used.add(names[relation])
    return names


def draft_project(survey: Survey, names: Names, taken: Taken, of: DraftedFrom) -> Draft:
    steps = steps_of(survey, names)
    files: dict[str, str] = {}
    for table in survey.tables:
        files[f"contracts/{names[table.relation]}.yaml"] = _contract(table, dict(names), steps, of)
    metrics = _context(survey, names, steps, taken, files)
    suspected = sum(
        personal(column, names[table.relation]) is not None for table in survey.tables for column in table.columns
    )
    if not taken.has_manifest:
        files["loadline.yaml"] = _manifest(of)
        files["policies/access.yaml"] = _policies(has_personal=suspected > 0)
        files[".gitignore"] = "# the ledger and its signing key stay where they are\n.loadline/\n"
    return Draft(
        files=files,
        datasets=tuple(names[table.relation] for table in survey.tables),
        relationships=len(steps),
        metrics=metrics,
        personal=suspected,
        left_out=survey.left_out,
    )


def steps_of(survey: Survey, names: Names) -> list[Guessed]:
    """The relationships the data bears out. A history is led to only by what has a time of its own to be met at."""
    histories = {t.relation: t.validity for t in survey.tables if t.validity is not None and is_history(t)}
    timed = {t.relation for t in survey.tables if time_column(t, names[t.relation]) is not None}
    met = [one for one in survey.inclusions if one.target not in histories or one.source in timed - {one.target}]
    return guessed(met, names, histories)


def contract_text(document: Mapping[str, Value], table: SurveyedTable) -> str:
    """A drafted contract as YAML, with what to do about it on top."""
    head = ["A draft, made from what the data showed. Read each promise, change what is wrong, then `status: active`."]
    if table.rows > table.looked:
        head.append(f"{table.looked:,} of {table.rows:,} rows were looked at one by one; keys were proven on all.")
    return write_yaml(document, head=head)


def _contract(table: SurveyedTable, names: dict[str, str], steps: list[Guessed], of: DraftedFrom) -> str:
    document = contract_of(table, names[table.relation], project=of.project, names=names, steps=steps, today=of.today)
    return contract_text(document, table)


def _context(survey: Survey, names: Names, steps: list[Guessed], taken: Taken, files: dict[str, str]) -> int:
    """Writes context files; returns the number of metrics."""
    used = set(taken.metrics) | {"time"}
    count = 0
    for number, start in enumerate(range(0, len(survey.tables), DATASETS_IN_A_FILE), start=1):
        some = survey.tables[start : start + DATASETS_IN_A_FILE]
        shown = {table.relation for table in some}
        datasets: dict[str, Value] = {
            names[table.relation]: dataset_of(table, names[table.relation], names[table.relation]) for table in some
        }
        document: dict[str, Value] = {"datasets": datasets}
        written = [line for step in steps if step.source in shown for line in relationship(step, names)]
        if written:
            document["relationships"] = written
        _add(files, taken, "datasets", number, document, "What each relation is, and which rows belong together.")
        measures: dict[str, Value] = {}
        for table in some:
            measures.update(metrics_of(table, names[table.relation], used))
        count += len(measures)
        _add(files, taken, "metrics", number, {"metrics": measures}, "Numbers people may want. Give each an owner.")
    return count


def _add(files: dict[str, str], taken: Taken, stem: str, number: int, document: dict[str, Value], said: str) -> None:
    wanted = f"draft_{stem}" if taken.has_manifest else stem
    known = {path.removesuffix(".yaml") for path in (*files, *taken.files)}
    name = free(f"context/{wanted}" if number == 1 else f"context/{wanted}_{number}", known)
    files[f"{name}.yaml"] = write_yaml(document, head=[f"A draft. {said}"])


def _manifest(of: DraftedFrom) -> str:
    document: dict[str, Value] = {
        "name": of.project,
        "description": "Drafted from its warehouse; nothing in it is approved yet.",
        **_where(of.outside),
        "warehouse": dict(of.warehouse),
        "#people": "`local` is whoever sits at this terminal; owners and audiences are yours to add",
        "people": {"local": {"roles": ["analyst"]}},
    }
    return write_yaml(document, head=["Where the data is, and who may ask. `loadline check` reads all of it."])


def _where(outside: tuple[str, ...]) -> dict[str, Value]:
    """What is to be known of files that lie elsewhere."""
    if not outside:
        return {}
    is_one = len(outside) == 1
    said = "1 of its files lies" if is_one else f"{len(outside)} of its files lie"
    stands = "stands here with its full path" if is_one else "stand here with their full paths"
    move = "move it in (`data/`) and write the path" if is_one else "move them in (`data/`) and write the paths"
    return {
        "#warehouse": f"{said} outside of this folder and {stands}, right on this machine only: {move} as seen from "
        "here before you share the project"
    }


def _policies(*, has_personal: bool) -> str:
    rules: list[Value] = [
        {
            "name": "analysts-ask",
            "permit": "ask",
            "who": {"roles": ["analyst"]},
            "because": "Analysts answer questions.",
        }
    ]
    if has_personal:
        rules.append(
            {
                "name": "personal-data-stays-out",
                "forbid": "ask",
                "on": {"classifications": ["personal"]},
                "because": "What may be about people is not shown before somebody has judged it.",
            }
        )
    return write_yaml(
        {"rules": rules}, head=["Nothing is permitted unless a rule says so; a forbid beats every permit."]
    )
