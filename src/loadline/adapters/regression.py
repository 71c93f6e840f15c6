"""A regression case in, its text at the end of `questions/regression.yaml` out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from loadline.adapters.remembered import append, as_yaml, query_lines
from loadline.values.question import Expected, ExpectedMetric, RegressionCase

REGRESSION = Path("questions") / "regression.yaml"
_HEAD = (
    "# Questions that really were asked, each with the answer it is to have. `loadline traffic promote` writes them,\n"
    "# `loadline replay` asks them again.\nregression:\n"
)


def write_case(root: Path, case: RegressionCase) -> None:
    """Append the case to the project in `root`. Raises OSError."""
    append(root / REGRESSION, _HEAD, _lines(case))


def _lines(case: RegressionCase) -> Iterator[str]:
    """JSON's texts and numbers are YAML's, so every value is written as JSON."""
    yield f"  - id: {case.id}"
    if case.text is not None:
        yield f"    ask: {as_yaml(case.text)}"
    if case.query is not None:
        yield from query_lines(case.query, case.query.during)
    for key, value in (
        ("person", case.person),
        ("audience", case.audience),
        ("purpose", case.purpose),
        ("said", case.said),
    ):
        if value is not None:
            yield f"    {key}: {value}"
    yield f"    today: {as_yaml(case.today.isoformat())}"
    yield f"    roles: {as_yaml(list(case.roles))}"
    if case.is_draft:
        yield "    status: draft"
    if case.expected is not None:
        yield "    expect:"
        yield from (f"      {line}" for line in _expected(case.expected))


def _expected(expected: Expected) -> Iterator[str]:
    said = {
        "receipt": expected.receipt,
        "status": expected.status,
        "codes": list(expected.codes),
        "value": expected.value,
        "rows": list(expected.rows),
        "data": expected.data,
        "only_rows": list(expected.row_filters),
        "rules": list(expected.rules),
        "sql": expected.sql,
        "dialect": expected.dialect,
        "project": expected.project,
        "loadline": expected.version,
    }
    for key, value in said.items():
        if key == "rows" and expected.rows:
            yield "rows:"
            yield from (f"  - {as_yaml(row)}" for row in expected.rows)
        elif value not in (None, []):
            yield f"{key}: {as_yaml(value)}"
    if expected.metrics:
        yield "metrics:"
        yield from (f"  {name}: {as_yaml(_metric(metric))}" for name, metric in expected.metrics.items())


def _metric(metric: ExpectedMetric) -> dict[str, str]:
    said = {
        "version": metric.version,
        "is": metric.definition,
        "status": metric.status,
        "owner": metric.owner,
        "description": metric.description,
    }
    return {key: value for key, value in said.items() if value}
