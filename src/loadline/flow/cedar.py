"""A project in; its rules as Cedar, and what Cedar is not told, out."""

from __future__ import annotations

import json
from collections.abc import Iterator

from loadline.errors import RequestError
from loadline.flow.vocabulary import vocabulary_of
from loadline.policy import cedar, codes
from loadline.project import Project
from loadline.values.diagnostic import Diagnostic
from loadline.values.rule import Rule


def export_cedar(project: Project, part: str) -> tuple[str, tuple[str, ...]]:
    """`part` is `policies`, `schema` or `entities`. Raises RequestError for a rule that Cedar has no words for."""
    match part:
        case "schema":
            return cedar.schema(vocabulary_of(project)), ()
        case "entities":
            return json.dumps(_entities(project), indent=2) + "\n", ()
    try:
        text = cedar.policies(project.rules)
    except cedar.NotInCedar as unsaid:
        place = next(rule.place for rule in project.rules if rule.name == unsaid.rule)
        raise RequestError(
            Diagnostic(
                code=codes.NOT_IN_CEDAR,
                what=f"rule `{unsaid.rule}` cannot be said in Cedar: {unsaid.why}",
                why=codes.CODES[codes.NOT_IN_CEDAR].why,
                mend="round the number, or leave the rule out of what is exported",
                place=place,
            )
        ) from None
    return text, tuple(said for rule in project.rules for said in _untold(rule))


def _entities(project: Project) -> list[dict[str, object]]:
    people = {name: person.roles for name, person in project.people.items()}
    tables = [(dataset, dataset.table) for dataset in project.model.datasets.values()]
    columns = [f"{dataset.name}.{column}" for dataset, table in tables if table for column in table.columns]
    classes = {c.classification for _, table in tables if table for c in table.columns.values() if c.classification}
    things = {
        "metric": project.model.metrics,
        "column": columns,
        "dataset": project.model.datasets,
        "table": {dataset.source for dataset, _ in tables},
        "class": classes,
    }
    return cedar.entities(people, things)


def _untold(rule: Rule) -> Iterator[str]:
    """A decision of Cedar is yes or no: whatever narrows a yes is ours to keep."""
    for name, is_there in (("rows", rule.rows), ("masks", rule.masks), ("limits", rule.limits)):
        if is_there:
            yield f"rule {rule.name}: its `{name}` are not in Cedar, which says only yes or no"
    if rule.approvals:
        yield f"rule {rule.name}: it is a forbid unless `is_approved`; whose approval, Cedar is not told"
