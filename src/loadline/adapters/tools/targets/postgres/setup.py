"""A database as it is in; the SQL that makes it ready for agents to write to, out: shown first, run when asked to.

Four roles. `loadline_owner` owns the schema `loadline`, and nobody logs in as it. `loadline_reader` may read tables; it
is the login of a warehouse. `loadline_writer` may SELECT, INSERT, UPDATE and DELETE, and nobody logs in as it:
statements of agents run as this role. `loadline_gate` is the login of a target: it owns nothing, may become the writer,
and may call the functions of the schema. Run again when tables were added: what is there already is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import psycopg

from loadline.adapters.tools.targets import codes
from loadline.adapters.tools.targets.said import outside
from loadline.adapters.warehouses.postgres.address import Address
from loadline.adapters.warehouses.postgres.faults import connecting

ROLES = (
    ("loadline_owner", "NOLOGIN"),
    ("loadline_reader", "LOGIN"),
    ("loadline_writer", "NOLOGIN"),
    ("loadline_gate", "LOGIN NOINHERIT"),
)
_OLDEST = 150_000
_UNDO_RIGHT = "SET ON PARAMETER session_replication_role"
_EVENTS = (
    ("insert", "INSERT", "REFERENCING NEW TABLE AS loadline_came"),
    ("update", "UPDATE", "REFERENCING OLD TABLE AS loadline_gone NEW TABLE AS loadline_came"),
    ("delete", "DELETE", "REFERENCING OLD TABLE AS loadline_gone"),
)

_TABLES = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind::text, c.relispartition,
       EXISTS (SELECT 1 FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
               WHERE (i.inhrelid = c.oid OR i.inhparent = c.oid) AND p.relkind = 'r'),
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary),
       (SELECT string_agg(attname || ' ' || atttypid || ' ' || atttypmod || attgenerated::text, ',' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)
       IS DISTINCT FROM
       (SELECT string_agg(attname || ' ' || atttypid || ' ' || atttypmod || attgenerated::text, ',' ORDER BY attnum)
        FROM pg_attribute
        WHERE attrelid = coalesce(pg_partition_root(c.oid), c.oid) AND attnum > 0 AND NOT attisdropped),
       (SELECT left(md5(string_agg(attname || ' ' || atttypid || ' ' || atttypmod || attgenerated::text, ','
                                   ORDER BY attnum)), 16)
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped HAVING every(attgenerated <> 'v'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p', 'f') ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """`statements` in order, each complete; `notes` are sentences on what was left out and why."""

    statements: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(
            f"{statement};" if not statement.rstrip().endswith(";") else statement for statement in self.statements
        )


def plan_setup(address: Address, *, schemas: Sequence[str]) -> Setup:
    """Read the database and write down what has to be done. Changes nothing. Raises OutsideError."""
    with _connected(address) as connection:
        return _plan(connection, schemas, address)


def apply_setup(address: Address, setup: Setup) -> None:
    """All of it, in one transaction, or nothing. Raises OutsideError."""
    with _connected(address) as connection:
        try:
            with connection.transaction():
                for statement in setup.statements:
                    connection.execute(statement.encode())
        except psycopg.Error as error:
            said = address.safe(error.diag.message_primary or str(error))
            what = f"the database could not be made ready: {said}"
            raise outside(codes.SETUP_FAILED, what, "run it as the administrator of the database") from error


def _connected(address: Address) -> psycopg.Connection[tuple[Any, ...]]:
    try:
        return psycopg.connect(address.conninfo, autocommit=True)
    except psycopg.Error as error:
        raise connecting(error, address) from error


def _plan(connection: psycopg.Connection[tuple[Any, ...]], schemas: Sequence[str], address: Address) -> Setup:
    if connection.info.server_version < _OLDEST:
        what = f"{address.shown} is older than PostgreSQL 15"
        raise outside(codes.NOT_SET_UP, what, "set it up on a server of version 15 or newer")
    there = {str(row[0]) for row in connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'loadline%%'")}
    found = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY (%s)", [list(schemas)])
    if missing := set(schemas) - {str(row[0]) for row in found}:
        what = f"the database has no schema {', '.join(f'`{name}`' for name in sorted(missing))}"
        raise outside(codes.SETUP_FAILED, what, "name schemas that are there: --schema public")
    tables = list(connection.execute(_TABLES.encode(), [list(schemas)]))
    quoted = [_one(connection, "SELECT quote_ident(%s)", name) for name in schemas]
    may_grant_undo = _may_grant_undo(connection)
    fit = [row for row in tables if row[1] != "f" and not row[3]]
    statements = [
        *(f"CREATE ROLE {name} {how}" for name, how in ROLES if name not in there),
        "GRANT loadline_writer TO loadline_gate",
        *_as_owner(connection, may_grant_undo=may_grant_undo),
        *(line for schema in quoted for line in _schema_grants(schema)),
        *(line for row in fit if not row[2] for line in _table_grants(row[0])),
        *_kept([row for row in fit if not row[5]], me=None if _is_super(connection) else _me(connection)),
        *(line for row in fit if not row[5] for line in _triggers(row[0], row[6])),
        "SET LOCAL ROLE loadline_owner",
        "SELECT loadline.take_count()",
        "RESET ROLE",
    ]
    return Setup(statements=tuple(statements), notes=tuple(_notes(tables, may_grant_undo=may_grant_undo)))


def _one(connection: psycopg.Connection[tuple[Any, ...]], sql: str, *values: object) -> str:
    row = connection.execute(sql.encode(), values).fetchone()
    return str(row[0]) if row else ""


def _as_owner(connection: psycopg.Connection[tuple[Any, ...]], *, may_grant_undo: bool) -> list[str]:
    """The schema, made by the role that owns it; and the one right that an undo needs, where it can be given."""
    is_super, me = _is_super(connection), _me(connection)
    there = _one(connection, "SELECT count(*) FROM pg_namespace WHERE nspname = 'loadline'")
    bodies = [
        files("loadline.adapters.tools.targets.postgres").joinpath(name).read_text("utf-8")
        for name in ("kept.sql", "gate.sql")
    ]
    to_me = [
        f"GRANT USAGE ON SCHEMA loadline TO {me}",
        f"GRANT EXECUTE ON FUNCTION loadline.capture(), loadline.capture_truncate() TO {me}",
    ]
    return [
        *([] if is_super else [f"GRANT loadline_owner TO {me}"]),
        *(["CREATE SCHEMA loadline AUTHORIZATION loadline_owner"] if there == "0" else []),
        *([f"GRANT {_UNDO_RIGHT} TO loadline_owner"] if may_grant_undo else []),
        "SET LOCAL ROLE loadline_owner",
        *bodies,
        *([] if is_super else to_me),
        "RESET ROLE",
    ]


def _is_super(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    return _one(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "True"


def _me(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    return _one(connection, "SELECT quote_ident(current_user)")


def _kept(tables: Sequence[tuple[Any, ...]], *, me: str | None) -> list[str]:
    """What keeps the rows of tables: once for all tables of the same columns. `me` makes triggers, where that is no
    superuser."""
    by_name = {name: table for table, *_, name in tables if name is not None}
    if not by_name:
        return []
    makes = [
        f"SELECT loadline.make_kept({_literal(table)}::regclass, '{name}')" for name, table in sorted(by_name.items())
    ]
    grants = [f"GRANT EXECUTE ON FUNCTION loadline.capture_{name}() TO {me}" for name in sorted(by_name)]
    return ["SET LOCAL ROLE loadline_owner", *makes, *(grants if me else ()), "RESET ROLE"]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _may_grant_undo(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    has = "SELECT has_parameter_privilege('session_replication_role', 'SET WITH GRANT OPTION')"
    return _one(connection, has) == "True"


def _schema_grants(schema: str) -> list[str]:
    return [
        f"GRANT USAGE ON SCHEMA {schema} TO loadline_owner, loadline_reader, loadline_writer",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO loadline_writer",
    ]


def _table_grants(table: str) -> list[str]:
    return [
        f"GRANT SELECT ON {table} TO loadline_reader",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO loadline_writer, loadline_owner",
    ]


def _triggers(table: str, kept: str | None) -> list[str]:
    """`ALWAYS`: they also fire in an undo, where the triggers of the application do not."""
    lines = []
    function = "capture" if kept is None else f"capture_{kept}"
    for name, event, tables in _EVENTS:
        lines += [
            (
                f"CREATE OR REPLACE TRIGGER loadline_capture_{name} AFTER {event} ON {table} {tables} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION loadline.{function}()"
            ),
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER loadline_capture_{name}",
        ]
    return [
        *lines,
        (
            f"CREATE OR REPLACE TRIGGER loadline_capture_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION loadline.capture_truncate()"
        ),
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER loadline_capture_truncate",
    ]


def _notes(tables: Sequence[tuple[Any, ...]], *, may_grant_undo: bool) -> list[str]:
    notes = []
    if not may_grant_undo:
        notes.append(f"no write can be undone until a superuser says: GRANT {_UNDO_RIGHT} TO loadline_owner")
    for name, kind, _, inherits, has_key, is_unlike, _ in tables:
        if kind == "f":
            notes.append(f"{name} is a foreign table and is left out: agents may not write to it.")
        elif inherits:
            notes.append(f"{name} inherits, or is inherited from, in the old way and is left out.")
        elif is_unlike:
            notes.append(f"{name} has its columns in another order than its partition root: write through the root.")
        elif not has_key:
            notes.append(
                f"{name} has no primary key: without a unique key over columns never null, no write is undone."
            )
    return notes
