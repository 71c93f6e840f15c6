"""A meaning that somebody chose in, its draft in `questions/remembered.yaml` out, for its owner to approve."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from loadline.semantics.words import phrase_by, phrase_order
from loadline.values.canonical import digest
from loadline.values.query import Filter, Query
from loadline.values.question import VerifiedQuestion

REMEMBERED = Path("questions") / "remembered.yaml"
_HEAD = "# Meanings that people chose. Each is a draft until its owner has checked it and writes `status: approved`.\n"


def write_remembered(root: Path, text: str, query: Query, *, audience: str | None, owner: str | None) -> str:
    """Append the question to the project in `root`; return its id. The file is replaced as a whole, so a reader never
    sees half of it. Raises OSError."""
    name = _name(text, audience)
    append(root / REMEMBERED, _HEAD + "questions:\n", _entry(name, text, query, audience, owner))
    return name


def append(path: Path, head: str, lines: Iterable[str]) -> None:
    """Write `lines` at the end of a file, which begins with `head` where there is none yet. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if path.exists() else head
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(before + ("" if before.endswith("\n") else "\n") + "\n".join(lines) + "\n", "utf-8")
    beside.replace(path)


def _name(text: str, audience: str | None) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:40].strip("-") or "question"
    return f"{slug}-{digest([text, audience]).removeprefix('sha256:')[:6]}"


def _entry(name: str, text: str, query: Query, audience: str | None, owner: str | None) -> list[str]:
    """JSON's texts and numbers are YAML's, so every value is written as JSON."""
    during = query.during.text if query.during is not None else None
    lines = [f"  - id: {name}", f"    ask: {as_yaml(text)}", *query_lines(query, during)]
    if audience is not None:
        lines.append(f"    audience: {audience}")
    if owner is not None:
        lines.append(f"    verified_by: {owner}")
    return [*lines, "    status: draft"]


def query_lines(query: Query | VerifiedQuestion, during: str | None) -> list[str]:
    """What stands under `query`, its key included."""
    parts: dict[str, object] = {"metrics": list(query.metrics)}
    if query.by:
        parts["by"] = list(map(phrase_by, query.by))
    if query.where:
        parts["where"] = [_filter(one) for one in query.where]
    if query.conditions:
        parts["conditions"] = list(query.conditions)
    if during is not None:
        parts["during"] = during
    if query.order:
        parts["order"] = list(map(phrase_order, query.order))
    if query.limit is not None:
        parts["limit"] = query.limit
    return ["    query:", *(f"      {key}: {as_yaml(value)}" for key, value in parts.items())]


def _filter(wanted: Filter) -> dict[str, object]:
    values = [float(one) if isinstance(one, Decimal) else one for one in wanted.values]
    written: dict[str, object] = {"field": wanted.name, "op": wanted.op.value}
    if values:
        written["value"] = values[0] if len(values) == 1 else values
    return written


def as_yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
