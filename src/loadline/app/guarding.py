"""SQL texts in, what the guard says of each out; no project is needed, and nothing is run or recorded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from loadline.values.guarded import NOTHING_KNOWN, CatalogFacts, Guarded, GuardVerdict, SecondAbsent

ALSO_CALLED = {
    "postgresql": "postgres", "pg": "postgres", "sqlite3": "sqlite", "mariadb": "mysql", "mssql": "tsql",
    "sqlserver": "tsql",
    "t-sql": "tsql", "sql server": "tsql",
}  # fmt: skip


def guard_sql(text: str, dialect: str, *, facts: CatalogFacts = NOTHING_KNOWN) -> Guarded:
    """What one SQL text may at most do: read, write, ddl; or deny. Never raises for a text.

    For `postgres` it is read by SQLGlot and by PostgreSQL's own grammar, and both must see the same."""
    from loadline.semantics.guard import judge_sql

    name = named_dialect(dialect)
    if name != "postgres":
        return judge_sql(text, name, facts=facts, second=SecondAbsent())
    from loadline.adapters.parsers.libpg import read_postgres

    return judge_sql(text, name, facts=facts, second=read_postgres(text))


def named_dialect(dialect: str) -> str:
    name = dialect.strip().lower()
    return ALSO_CALLED.get(name, name)


def guard_lines(
    lines: Iterable[bytes], dialect: str | None, *, facts: CatalogFacts = NOTHING_KNOWN
) -> Iterator[dict[str, Any]]:
    """One answer for each line that is not blank, in the same order: `{id, verdict, why, …}`.

    A line is `{"id", "dialect", "sql"}`; its own dialect wins. A line that is no such thing is answered `deny`."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = _read_line(line)
        except ValueError as error:
            yield {"id": None, "line": number, **said(_wrong(str(error), dialect or ""))}
            continue
        chosen = found.get("dialect") or dialect
        problem = _problem(found, chosen)
        verdict = _wrong(problem, str(chosen or "")) if problem else guard_sql(found["sql"], str(chosen), facts=facts)
        yield {"id": found.get("id"), **said(verdict)}


def said(guarded: Guarded) -> dict[str, Any]:
    """What the guard said, as plain JSON."""
    found: dict[str, Any] = {"verdict": guarded.verdict.value, "why": guarded.why}
    if guarded.code is not None:
        found |= {"code": guarded.code, "mend": guarded.mend}
    return found | {
        "dialect": guarded.dialect,
        "kind": guarded.kind,
        "reads": [one.name for one in guarded.reads],
        "writes": [one.name for one in guarded.writes],
        "columns": list(guarded.columns),
        "functions": list(guarded.functions),
    }


def _read_line(line: bytes) -> dict[str, Any]:
    """Raises ValueError, with what is wrong."""
    try:
        found = json.loads(line.decode("utf-8"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise ValueError("the line is not UTF-8") from None
    except RecursionError:
        raise ValueError("the line is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"the line is no JSON: {error.msg}") from None
    if not isinstance(found, dict):
        raise ValueError("the line is no JSON object")  # noqa: TRY004 - what was written, not what was passed
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a key that is written twice one reader takes the first and another the last."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is written twice")
    return found


def _problem(found: dict[str, Any], dialect: object) -> str | None:
    if not isinstance(found.get("sql"), str):
        return "the line has no text `sql`"
    if not isinstance(dialect, str):
        return "neither the line nor `--dialect` says which dialect it is"
    return None


def _wrong(what: str, dialect: str) -> Guarded:
    from loadline.semantics.guard import codes

    return Guarded(
        verdict=GuardVerdict.DENY,
        dialect=dialect,
        code=codes.WRONG_LINE,
        why=what,
        mend='write `{"id": 1, "dialect": "postgres", "sql": "SELECT 1"}`',
    )
