"""A model and a query as a case has them in; which datasets the query joins, and whether anything joins them, out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any


def edges(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Many to one."""
    return [(str(one["from"]), str(one["to"])) for one in model.get("relationships") or ()]


def datasets_of(model: Mapping[str, Any], texts: Iterable[str]) -> set[str]:
    """The datasets that texts name."""
    names = {str(one["name"]) for one in model.get("datasets") or ()}
    return {word for text in texts for word in re.findall(r"\b(\w+)\s*\.", text) if word in names}


def texts_of(query: Mapping[str, Any], model: Mapping[str, Any]) -> list[str]:
    """Everything a query names: dimensions, fields, filters, and the expressions of its metrics."""
    metrics = {str(one["name"]): str(one["expression"]) for one in model.get("metrics") or ()}
    found = [str(one) for key in ("dimensions", "fields", "filters") for one in query.get(key) or ()]
    measures = query.get("measures") or ()
    return [*found, *(metrics.get(str(one.get("metric")), str(one.get("expression") or "")) for one in measures)]


def leads(model: Mapping[str, Any], start: str) -> set[str]:
    """Every dataset that a row of `start` leads to one row of, itself included."""
    seen, waiting = {start}, [start]
    for here in waiting:
        for source, target in edges(model):
            if source == here and target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen


def connected(model: Mapping[str, Any], query: Mapping[str, Any]) -> bool:
    """Does any chain of relationships, in whichever direction, join the datasets of the query?"""
    wanted = datasets_of(model, texts_of(query, model))
    if not wanted:
        return True
    seen: set[str] = set()
    waiting = [min(wanted)]
    for here in waiting:
        if here in seen:
            continue
        seen.add(here)
        waiting += [b for a, b in edges(model) if a == here] + [a for a, b in edges(model) if b == here]
    return wanted <= seen
