"""Questions about what a PostgreSQL holds: SQL out, with every name an escaped text."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.adapters.warehouses.naming import literal
from loadline.semantics.identifiers import relation_parts

_READABLE = """
c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'
  AND has_schema_privilege(n.oid, 'USAGE')
  AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))"""

RELATIONS = f"""
SELECT n.nspname::text, c.relname::text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_READABLE}
ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"
"""


def place_of(relation: str) -> tuple[str, str]:
    """Schema and name of a relation as a dataset's `source` names it; one without a schema is in `public`."""
    parts = relation_parts(relation)
    return (parts[-2] if len(parts) > 1 else "public", parts[-1])


def oid_sql(relations: Sequence[str]) -> str:
    """For each relation its position and its oid, NULL where there is none."""
    wanted = ", ".join(
        f"({at}, {literal(schema)}, {literal(name)})" for at, (schema, name) in enumerate(map(place_of, relations))
    )
    return f"""
SELECT w.position, found.oid::bigint
FROM (VALUES {wanted}) AS w(position, schema, name)
LEFT JOIN (
  SELECT c.oid, n.nspname, c.relname
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
) AS found ON found.nspname = w.schema AND found.relname = w.name
ORDER BY 1
"""


def columns_sql(oid: int) -> str:
    return f"""
SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = {oid} AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


def type_sql(oid: int, modifier: int) -> str:
    return f"SELECT pg_catalog.format_type({oid}, {modifier})"
