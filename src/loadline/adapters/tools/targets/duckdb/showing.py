"""What a dry run left in `loadline_gone` and `loadline_came` in; some of its rows, for a person to look at, out."""

from __future__ import annotations

from typing import Any

import duckdb

from loadline.adapters.tools.targets.duckdb.aim import Table, quoted


def shown(connection: duckdb.DuckDBPyConnection, table: Table, most: int) -> dict[str, Any]:
    """As `recorded.shown` reads them: those that go, that change, that come; each by key, where there is one."""
    pair = " AND ".join(f"g.{quoted(c)} = c.{quoted(c)}" for c in table.key) or "false"
    order = ", ".join(quoted(c) for c in table.key) or "ALL"
    lost = f"SELECT * FROM loadline_gone g WHERE NOT EXISTS (SELECT 1 FROM loadline_came c WHERE {pair})"
    new = f"SELECT * FROM loadline_came c WHERE NOT EXISTS (SELECT 1 FROM loadline_gone g WHERE {pair})"
    both = f"FROM loadline_gone g JOIN loadline_came c ON {pair}"
    texts = ", ".join(f"{quoted(c)}::VARCHAR" for c in table.columns)
    pairs: list[tuple[Any, Any]] = [(row, None) for row in _rows(connection, texts, lost, order, most)]
    changed = _one(connection, f"SELECT count(*) {both}")
    if changed:
        sides = ", ".join(f"{side}.{quoted(c)}::VARCHAR" for side in "gc" for c in table.columns)
        by, width = ", ".join(f"g.{quoted(c)}" for c in table.key), len(table.columns)
        found = connection.execute(f"SELECT {sides} {both} ORDER BY {by} LIMIT {int(most)}").fetchall()
        pairs += [(row[:width], row[width:]) for row in found]
    pairs += [(None, row) for row in _rows(connection, texts, new, order, most)]
    return {
        "table": table.said,
        "columns": table.columns,
        "key": table.key,
        "gone": _one(connection, f"SELECT count(*) FROM ({lost})"),
        "changed": changed,
        "came": _one(connection, f"SELECT count(*) FROM ({new})"),
        "rows": pairs,
    }


def _rows(connection: duckdb.DuckDBPyConnection, texts: str, sql: str, order: str, most: int) -> list[Any]:
    return connection.execute(f"SELECT {texts} FROM ({sql} ORDER BY {order} LIMIT {int(most)})").fetchall()


def _one(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
