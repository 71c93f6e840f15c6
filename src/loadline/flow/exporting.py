"""A project in; the same as another tool reads it, and what that tool will not see of it, out."""

from __future__ import annotations

from collections.abc import Mapping

from loadline.errors import Bug, RequestError
from loadline.project import Project
from loadline.project.croissant_out import export_croissant
from loadline.project.importing import codes
from loadline.project.importing.nouns import Remark
from loadline.project.importing.ossie_out import export_ossie
from loadline.project.odrl_out import export_odrl
from loadline.project.yaml_writer import Value, write_yaml
from loadline.values.diagnostic import Diagnostic
from loadline.values.right import Held


def as_ossie(project: Project, files: Mapping[str, bytes]) -> tuple[str, tuple[Remark, ...]]:
    """The text of an Ossie document. Raises RequestError for a project without a dataset: Ossie has no form for it."""
    if not project.model.datasets:
        raise RequestError(
            Diagnostic(
                code=codes.NO_DATASETS,
                what=f"the project `{project.name}` has no dataset",
                why=codes.CODES[codes.NO_DATASETS].why,
                mend="define one under `datasets` in context/, then export",
            )
        )
    tables = {name: one.table for name, one in project.model.datasets.items() if one.table is not None}
    document, remarks = export_ossie(project.name, project.description, files, tables)
    return write_yaml(document), remarks


def as_odrl(project: Project) -> tuple[Mapping[str, Value], tuple[str, ...]]:
    """The rights that contracts state as one JSON-LD document, and the contracts that state none."""
    return export_odrl(project.name, project.contracts)


def as_croissant(project: Project, held: Held) -> Mapping[str, Value]:
    """The description of a dataset, with the columns of `held` and no other."""
    dataset = project.model.datasets[held.dataset]
    contract = project.contracts[held.contract]
    if dataset.table is None:
        raise Bug
    return export_croissant(
        project.name,
        contract,
        dataset.table,
        source=dataset.source,
        file=project.warehouse.files.get(dataset.source),
        columns=held.columns,
    )
