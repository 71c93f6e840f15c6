"""The texts of a dbt project in; the files of a project, and by name everything that is not carried, out."""

from __future__ import annotations

from collections.abc import Mapping

from loadline.project.importing.dbt_datasets import (
    datasets_of,
    field_names,
    relationships_of,
    remarks_of,
    spines_of,
)
from loadline.project.importing.dbt_metrics import Metrics
from loadline.project.importing.dbt_names import Names
from loadline.project.importing.dbt_nouns import Manifest
from loadline.project.importing.dbt_questions import Questions
from loadline.project.importing.dbt_reader import read_manifest
from loadline.project.importing.dbt_saved import questions_of
from loadline.project.importing.nouns import Carried, Remark
from loadline.project.yaml_writer import Value

HEADER = "Carried from dbt. Every metric is a draft until somebody owns and approves it."


def import_dbt(texts: Mapping[str, str], *, values: Mapping[str, str] | None = None) -> Carried:
    """`texts` maps file names to texts; `values` stands for placeholders (`$source_schema`). Nothing is raised."""
    manifest, remarks = read_manifest(texts, values=values or {})
    return from_manifest(manifest, remarks)


def names_of(manifest: Manifest) -> Names:
    return Names(manifest, field_names(manifest))


def from_manifest(manifest: Manifest, remarks: tuple[Remark, ...] = ()) -> Carried:
    names = names_of(manifest)
    made = Metrics(manifest, names)
    metrics, unmade = made.all()
    questions, unasked = questions_of(manifest, Questions(names, made))
    spines, unspun = spines_of(manifest)
    return Carried(
        files={
            "context/dbt-model.yaml": {
                "calendar": {"spines": spines} if spines else {},
                "datasets": _with_fields(datasets_of(manifest, names), made.fields),
                "relationships": relationships_of(names),
            },
            "context/dbt-metrics.yaml": {"metrics": metrics},
            "questions/dbt.yaml": {"questions": questions},
        },
        remarks=(*remarks, *remarks_of(manifest, names), *unspun, *unmade, *unasked),
        header=HEADER,
    )


def _with_fields(datasets: dict[str, Value], fields: Mapping[str, Mapping[str, Value]]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, said in datasets.items():
        there = said.get("fields") if isinstance(said, Mapping) else None
        is_more = name in fields and isinstance(said, Mapping) and isinstance(there, Mapping)
        found[name] = {**said, "fields": {**there, **fields[name]}} if is_more else said  # type: ignore[dict-item]
    return found
