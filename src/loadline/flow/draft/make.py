"""A warehouse in, the draft of a project over it out: surveyed, drafted, and read back before anybody writes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from loadline import project as project_room
from loadline import semantics
from loadline.errors import RequestError
from loadline.flow.draft import codes
from loadline.flow.draft.survey import Guesses, survey
from loadline.flow.ports import Warehouse
from loadline.project import Project
from loadline.project.drafting import (
    Draft,
    DraftedFrom,
    Taken,
    candidates,
    dataset_names,
    draft_project,
    entities_of,
    may_be_source,
    validities_of,
)
from loadline.values.diagnostic import Diagnostic
from loadline.values.survey import Survey


def taken_by(project: Project, files: Sequence[str]) -> Taken:
    """What a project has already; `files` are those in it."""
    return Taken(
        datasets=frozenset(project.model.datasets),
        metrics=frozenset(project.model.metrics) | frozenset(project.model.terms),
        contracts=frozenset(project.contracts),
        files=frozenset(files),
        has_manifest=True,
    )


def uncovered(relations: Sequence[str], project: Project) -> list[str]:
    """The relations that no dataset of the project names."""
    named = {one.source.casefold().removeprefix("main.") for one in project.model.datasets.values()}
    return [relation for relation in relations if relation.casefold() not in named]


def guesses_of(names: Mapping[str, str]) -> Guesses:
    """What the names of relations (and the datasets they are called) and columns say might be true."""
    return Guesses(
        partners=lambda tables: candidates(tables, names),
        entities=entities_of,
        validities=lambda table: validities_of(table, names[table.relation]),
    )


def draft(
    warehouse: Warehouse,
    relations: Sequence[str],
    *,
    taken: Taken,
    of: DraftedFrom,
    untyped: frozenset[str] = frozenset(),
    progress: Callable[[str], None] = lambda _: None,
) -> Draft:
    """Raises RequestError when no relation could be read."""
    nameable = [relation for relation in relations if may_be_source(relation)]
    names = dataset_names(nameable, taken)
    seen = survey(warehouse, nameable, guesses=guesses_of(names), untyped=untyped, progress=progress)
    odd = tuple(
        (
            relation,
            "its name has a space, a quote or more dots than `catalog.schema.table`; give it a view with a plain name",
        )
        for relation in relations
        if relation not in names
    )
    left_out = (*seen.left_out, *odd)
    if relations and not seen.tables:
        raise RequestError(
            Diagnostic(
                code=codes.NOTHING_READABLE,
                what="; ".join(f"`{name}`: {why}" for name, why in left_out[:5]),
                why=codes.CODES[codes.NOTHING_READABLE].why,
                mend="mend what keeps them from being read, and import again",
            )
        )
    return draft_project(Survey(tables=seen.tables, inclusions=seen.inclusions, left_out=left_out), names, taken, of)


def read_back(files: Mapping[str, bytes], root: Path) -> Project:
    """The project as these files read. Raises ProjectError with everything that is wrong."""
    project = project_room.read(files, root).accept()
    semantics.link(project.model)
    return project
