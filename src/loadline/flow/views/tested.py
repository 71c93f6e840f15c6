"""A project in, the shapes of the questions that are verified in it out, by audience; and those of its cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from loadline.errors import RequestError
from loadline.flow.understand import as_query
from loadline.ledger.views.cells import Atoms, CaseShape, roles_of, signature
from loadline.project import Project
from loadline.semantics import Linked, resolve
from loadline.values.canonical import plain


def tested_signatures(project: Project, linked: Linked, today: date) -> Mapping[str | None, frozenset[Atoms]]:
    """A draft tests nothing, nor does a question that can no longer be asked. One for everyone that names a term means
    something else to each audience."""
    found: dict[str | None, set[Atoms]] = {}
    for question in project.questions:
        if question.is_draft:
            continue
        means_many = question.audience is None and any(name in linked.model.terms for name in question.metrics)
        for audience in (None, *project.audiences) if means_many else (question.audience,):
            try:
                plan = resolve(linked, as_query(project, question, today), audience=audience)
            except RequestError:
                continue
            found.setdefault(audience, set()).add(signature(plain(plan.query)))
    return {audience: frozenset(shapes) for audience, shapes in found.items()}


def case_signatures(project: Project, linked: Linked) -> frozenset[CaseShape]:
    """A candidate tests nothing, nor does a case whose query can no longer be asked, or that is to be refused."""
    found = set()
    for case in project.cases:
        if case.is_draft or case.query is None:
            continue
        try:
            plan = resolve(linked, as_query(project, case.query, case.today), audience=case.audience)
        except RequestError:
            continue
        found.add((signature(plain(plan.query)), roles_of(case.roles), case.audience))
    return frozenset(found)
