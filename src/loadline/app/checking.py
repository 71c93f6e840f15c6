"""A project's folder in, everything that is wrong with it out; nothing outside the folder is touched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from loadline import project as project_room
from loadline.errors import ProjectError, RequestError
from loadline.project import Project
from loadline.project.rights import unstated
from loadline.values.diagnostic import Diagnostic, Severity
from loadline.values.model import Status
from loadline.values.text import Text

if TYPE_CHECKING:
    from loadline.semantics import Linked


from loadline.app.places import count, find_root, pointed


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What `check` saw: every diagnostic, and what the project holds in a few words."""

    diagnostics: tuple[Diagnostic, ...]
    summary: str


def check_project(folder: Path | None = None) -> Checked:
    """Read and link everything, and keep every diagnostic; nothing outside the folder is touched."""
    from loadline import policy, semantics
    from loadline.flow.vocabulary import vocabulary_of

    root = find_root(folder)
    reading = project_room.read_folder(root)
    found = list(reading.diagnostics)
    project = reading.project
    if project is None:
        return Checked(diagnostics=tuple(found), summary="not read to its end")
    try:
        linked = semantics.link(project.model)
    except ProjectError as error:
        found.extend(error.diagnostics)
    else:
        for rule in project.rules:
            if rule.rows is not None:
                found.extend(semantics.check_filter(linked, rule.rows))
        for consent in dict.fromkeys(_consents(project)):
            found.extend(semantics.check_filter(linked, consent))
        found.extend(_unanswerable(project, linked))
        found.extend(_untestable(project, linked))
        found.extend(_unreadable_cases(project))
        found.extend(_unowned(project))
    vocabulary = vocabulary_of(project)
    found.extend(policy.check_rules(project.rules, vocabulary))
    found.extend(policy.check_tests(project.policy_tests, vocabulary))
    found.extend(_cedar(project))
    found.extend(unstated(project.contracts))
    return Checked(diagnostics=pointed(root, dict.fromkeys(found)), summary=_summary(project))


def _cedar(project: Project) -> tuple[Diagnostic, ...]:
    """What is wrong with the project's own Cedar."""
    if not project.cedar:
        return ()
    from loadline.adapters.cedar import open_cedar
    from loadline.flow.cedar import export_cedar

    try:
        open_cedar(project.cedar, export_cedar(project, "schema")[0])
    except ProjectError as error:
        return error.diagnostics
    return ()


def _summary(project: Project) -> str:
    model = project.model
    parts = [
        count(len(model.metrics), "metric"),
        count(len(model.datasets), "dataset"),
        count(len(project.contracts), "contract"),
        count(len(project.rules), "rule"),
        count(len(project.questions), "verified question"),
        *([count(len(project.cases), "regression case")] if project.cases else []),
    ]
    return f"{', '.join(parts)}; the data itself is looked at when somebody asks"


def _consents(project: Project) -> Iterator[Text]:
    for contract in project.contracts.values():
        for table in contract.tables.values():
            yield from (right.consent for right in table.rights or () if right.consent is not None)


def _unanswerable(project: Project, linked: Linked) -> list[Diagnostic]:
    """Verified questions that the model cannot answer, said where they are written."""
    from loadline import semantics
    from loadline.flow.understand import as_query

    found: list[Diagnostic] = []
    for question in project.questions:
        try:
            query = as_query(project, question, today=date(2000, 1, 1))
            semantics.resolve(linked, query, audience=question.audience)
        except RequestError as error:
            found.extend(replace(d, place=d.place or question.place) for d in error.diagnostics if not error.options)
    return found


def _untestable(project: Project, linked: Linked) -> list[Diagnostic]:
    """Questions of policy tests that the model cannot answer: such a test says nothing of the rules."""
    from loadline.flow.policing import Wanted, matter_for

    found: list[Diagnostic] = []
    for test in project.policy_tests:
        wanted = Wanted(principal=test.principal, deed=test.deed, what=test.what, facts={})
        try:
            matter_for(project, linked, wanted, date(2000, 1, 1))
        except RequestError as error:
            found.extend(replace(d, place=test.place) for d in error.diagnostics)
    return found


def _unreadable_cases(project: Project) -> list[Diagnostic]:
    """Regression cases whose query can be put together on no day. Whether it can be answered is for a replay to say."""
    from loadline.flow.understand import as_query

    found: list[Diagnostic] = []
    for case in project.cases:
        try:
            if case.query is not None:
                as_query(project, case.query, case.today)
        except RequestError as error:
            found.extend(replace(d, place=case.place) for d in error.diagnostics)
    return found


def _unowned(project: Project) -> list[Diagnostic]:
    """What is approved has somebody who answers for it: its answers are not verified before."""
    from loadline.checks import codes

    return [
        Diagnostic(
            code=codes.NOT_APPROVED,
            what=f"metric `{metric.name}` is approved and has no owner",
            why="whoever approved a definition answers for it; without an owner its answers are unverified",
            mend="write `owner:` under it, one of `owners` in loadline.yaml"
            + (f": {', '.join(sorted(project.owners))}" if project.owners else ""),
            place=metric.place,
            severity=Severity.WARNING,
        )
        for metric in project.model.metrics.values()
        if metric.status is Status.APPROVED and not metric.owner
    ]
