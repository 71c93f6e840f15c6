"""The `render_…` calls of a case's filter in, the filter template that they stand for out."""

from __future__ import annotations

import ast
import re
from datetime import datetime, timedelta

from loadline.project.importing.nouns import CannotCarry

_CALL = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_KINDS = {
    "render_dimension_template": "Dimension",
    "render_time_dimension_template": "TimeDimension",
    "render_entity_template": "Entity",
    "render_metric_template": "Metric",
}


def as_filter(text: str | list[str]) -> list[str]:
    """Raises CannotCarry."""
    every = text if isinstance(text, list) else [text]
    return [_CALL.sub(lambda found: _rendered(found[1]), one) for one in every]


def _rendered(text: str) -> str:
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise CannotCarry(f"`{text.strip()}` cannot be read") from None
    return _call(tree, text)


def _call(tree: ast.expr, text: str) -> str:
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
        return "{{" + text + "}}"
    name = tree.func.id
    given = [ast.unparse(arg) for arg in (*tree.args, *(word.value for word in tree.keywords))]
    if name in _KINDS:
        return "{{ " + f"{_KINDS[name]}({', '.join(given)})" + " }}"
    if name == "render_time_constraint":
        return _between(_call(tree.args[0], text), [ast.literal_eval(arg) for arg in given[1:]])
    return "{{" + text + "}}"


def _between(subject: str, ends: list[str | None]) -> str:
    """From the first day to the end of the last."""
    start, end = (*ends, None, None)[:2]
    parts = []
    if start:
        parts.append(f"CAST({subject} AS TIMESTAMP) >= CAST('{start}' AS TIMESTAMP)")
    if end:
        until = datetime.fromisoformat(end)
        until += timedelta(days=1) if len(end) <= 10 else timedelta(seconds=1)
        parts.append(f"CAST({subject} AS TIMESTAMP) < CAST('{until}' AS TIMESTAMP)")
    return " AND ".join(parts)
