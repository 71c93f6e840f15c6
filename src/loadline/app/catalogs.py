"""A JSON file with the catalog of a database in, what the guard is to know of it out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loadline.errors import ProjectError
from loadline.values.diagnostic import Diagnostic
from loadline.values.guarded import CatalogFacts, KnownRelation, Relation, RelationKind, SecondAbsent, SecondReading

_KEYS = frozenset({"relations", "functions", "types", "search_path", "complete"})
_RELATION_KEYS = frozenset({"name", "kind", "columns", "definition", "rewritten"})


def read_catalog(path: Path, dialect: str) -> CatalogFacts:
    """Raises ProjectError (GRD019) for a file that is none: what is half understood would let something through."""
    try:
        written = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _wrong(path, f"it cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise _wrong(path, "it is no JSON") from error
    try:
        return _facts(written, dialect)
    except ValueError as error:
        raise _wrong(path, str(error)) from None


def _facts(written: object, dialect: str) -> CatalogFacts:
    found = _mapping(written, "the catalog", _KEYS)
    relations = found.get("relations", [])
    if not isinstance(relations, list):
        raise ValueError("`relations` is no list")  # noqa: TRY004 - what was written, not what was passed
    known = tuple(_relation(one, dialect) for one in relations)
    names = [tuple(part.lower() for part in one.relation.parts) for one in known]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise ValueError(f"`{'.'.join(twice)}` is there twice")
    return CatalogFacts(
        relations=known,
        functions=frozenset(_texts(found, "functions")),
        types=frozenset(_texts(found, "types")),
        search_path=tuple(_texts(found, "search_path")),
        is_complete=_flag(found, "complete"),
    )


def _relation(written: object, dialect: str) -> KnownRelation:
    found = _mapping(written, "a relation", _RELATION_KEYS)
    name = found.get("name")
    parts = name if isinstance(name, list) else name.split(".") if isinstance(name, str) else []
    if not parts or not all(isinstance(part, str) and part for part in parts):
        raise ValueError('a relation has no `name`, as `"public.orders"` or `["public", "orders"]`')
    kind = found.get("kind", "table")
    if kind not in set(RelationKind):
        raise ValueError(f"the kind of `{'.'.join(parts)}` is none of {', '.join(RelationKind)}")
    definition = found.get("definition")
    if definition is not None and not isinstance(definition, str):
        raise ValueError(f"the definition of `{'.'.join(parts)}` is no text")
    return KnownRelation(
        relation=Relation(parts=tuple(parts)),
        kind=RelationKind(kind),
        columns=tuple(_texts(found, "columns")) if "columns" in found else None,
        definition=definition,
        definition_reading=_second(definition, dialect),
        is_rewritten=_flag(found, "rewritten"),
    )


def _second(definition: str | None, dialect: str) -> SecondReading:
    if definition is None or dialect != "postgres":
        return SecondAbsent()
    from loadline.adapters.parsers.libpg import read_postgres

    return read_postgres(definition)


def _mapping(written: object, what: str, keys: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(written, dict):
        raise ValueError(f"{what} is no JSON object")  # noqa: TRY004 - what was written, not what was passed
    if other := sorted(set(written) - keys):
        raise ValueError(f"{what} has `{other[0]}`, and only {', '.join(sorted(keys))} are known")
    return written


def _texts(found: Mapping[str, Any], key: str) -> list[str]:
    value = found.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"`{key}` is no list of texts")
    return value


def _flag(found: Mapping[str, Any], key: str) -> bool:
    value = found.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"`{key}` is neither true nor false")  # noqa: TRY004 - what was written, not what was passed
    return value


def _wrong(path: Path, because: str) -> ProjectError:
    from loadline.semantics.guard import codes

    code = codes.CODES[codes.WRONG_CATALOG]
    what = f"the catalog `{path}` is not understood: {because}"
    return ProjectError(Diagnostic(code=code.code, what=what, why=code.why, mend=f"write it as `{code.right}`"))
