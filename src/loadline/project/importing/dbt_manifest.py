"""dbt's `target/manifest.json` in; its models, what each reads and the SQL that makes it, out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loadline.errors import RequestError
from loadline.project.importing import codes
from loadline.values.diagnostic import Diagnostic

_MADE = frozenset({"model", "snapshot", "seed"})
_PART = re.compile(r'"([^"]*)"|`([^`]*)`|\[([^\]]*)\]|([^.]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class DbtModel:
    """`relation` is where it is built; `reads` the relations it names; `sql` what was compiled, where dbt kept it."""

    name: str
    relation: str
    reads: tuple[str, ...]
    columns: tuple[str, ...] = ()
    sql: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DbtManifest:
    """`dialect` is the adapter's name; `models` hold sources, too, which are made of nothing here."""

    dialect: str
    models: tuple[DbtModel, ...]


def read_manifest(text: str, name: str) -> DbtManifest:
    """Raises RequestError when the text is no manifest of dbt."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not isinstance(document.get("nodes"), dict):
        raise RequestError(
            Diagnostic(
                code=codes.NO_MANIFEST,
                what=f"`{name}` is no manifest of dbt",
                why=codes.CODES[codes.NO_MANIFEST].why,
                mend="run `dbt compile` and name its `target/manifest.json`",
            )
        )
    found: dict[str, dict[str, Any]] = {**document["nodes"], **(document.get("sources") or {})}
    relations = {key: _relation(node) for key, node in found.items() if isinstance(node, Mapping)}
    models = []
    for key, node in found.items():
        kind = node.get("resource_type") if isinstance(node, Mapping) else None
        relation = relations.get(key, "")
        if not relation or kind not in _MADE | {"source"}:
            continue
        depends = (node.get("depends_on") or {}).get("nodes") or ()
        sql = node.get("compiled_code") or node.get("compiled_sql")
        models.append(
            DbtModel(
                name=key,
                relation=relation,
                reads=tuple(relations[one] for one in depends if relations.get(one)),
                columns=tuple(map(str, node.get("columns") or ())),
                sql=sql if isinstance(sql, str) and kind != "source" else None,
            )
        )
    adapter = str((document.get("metadata") or {}).get("adapter_type") or "")
    return DbtManifest(dialect=adapter, models=tuple(models))


def _relation(node: Mapping[str, Any]) -> str:
    """Schema and name, without quotes: what a warehouse of one database calls it."""
    written = node.get("relation_name")
    if isinstance(written, str) and written:
        parts = [next(filter(None, match.groups()), "") for match in _PART.finditer(written)]
    else:
        parts = [
            str(node.get("schema") or ""),
            str(node.get("alias") or node.get("identifier") or node.get("name") or ""),
        ]
    return ".".join([part for part in parts if part][-2:])
