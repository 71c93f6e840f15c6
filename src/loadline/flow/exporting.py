"""A project in; the same as another tool reads it, and what that tool will not see of it, out."""

from __future__ import annotations

from collections.abc import Mapping

from loadline.errors import RequestError
from loadline.project import Project
from loadline.project.importing import codes
from loadline.project.importing.nouns import Remark
from loadline.project.importing.ossie_out import export_ossie
from loadline.project.yaml_writer import write_yaml
from loadline.values.diagnostic import Diagnostic


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
