"""A meaning that somebody chose in, its draft in `questions/remembered.yaml` out, for its owner to approve."""

from __future__ import annotations

import json
import os
import re
from decimal import Decimal
from pathlib import Path

from loadline.semantics.words import phrase_by, phrase_order
from loadline.values.canonical import digest
from loadline.values.query import Filter, Query

REMEMBERED = Path("questions") / "remembered.yaml"
_HEAD = "# Meanings that people chose. Each is a draft until its owner has checked it and writes `status: approved`.\n"


def write_remembered(root: Path, text: str, query: Query, *, audience: str | None, owner: str | None) -> str:
    """Append the question to the project in `root`; return its id. The file is replaced as a whole, so a reader never
    sees half of it. Raises OSError."""
    path = root / REMEMBERED
    path.parent.mkdir(parents=True, exist_ok=True)
    name = _name(text, audience)
    before = path.read_text("utf-8") if path.exists() else _HEAD + "questions:\n"
    entry = "\n".join(_entry(name, text, query, audience, owner))
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(before + ("" if before.endswith("\n") else "\n") + entry + "\n", "utf-8")
    beside.replace(path)
    return name


def _name(text: str, audience: str | None) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:40].strip("-") or "question"
    return f"{slug}-{digest([text, audience]).removeprefix('sha256:')[:6]}"


def _entry(name: str, text: str, query: Query, audience: str | None, owner: str | None) -> list[str]:
    """JSON's texts and numbers are YAML's, so every value is written as JSON."""
    parts: dict[str, object] = {"metrics": list(query.metrics)}
    if query.by:
        parts["by"] = list(map(phrase_by, query.by))
    if query.where:
        parts["where"] = [_filter(one) for one in query.where]
    if query.during is not None:
        parts["during"] = query.during.text
    if query.order:
        parts["order"] = list(map(phrase_order, query.order))
    if query.limit is not None:
        parts["limit"] = query.limit
    lines = [f"  - id: {name}", f"    ask: {_json(text)}", "    query:"]
    lines += [f"      {key}: {_json(value)}" for key, value in parts.items()]
    if audience is not None:
        lines.append(f"    audience: {audience}")
    if owner is not None:
        lines.append(f"    verified_by: {owner}")
    return [*lines, "    status: draft"]


def _filter(wanted: Filter) -> dict[str, object]:
    values = [float(one) if isinstance(one, Decimal) else one for one in wanted.values]
    written: dict[str, object] = {"field": wanted.name, "op": wanted.op.value}
    if values:
        written["value"] = values[0] if len(values) == 1 else values
    return written


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
