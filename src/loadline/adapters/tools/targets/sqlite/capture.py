"""The tables of a SQLite database in; temporary triggers that note every row a statement touches, out.

The triggers live in the connection of the gate, not in the file. Each touch notes the row's identity and, where there
was a row, what it was: so the first touch of an identity tells what was there before, and the table itself tells what
is there now. Rows that REPLACE removes fire no trigger; they are found before, by the unique keys they stand in for.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

OWN = "loadline_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`columns` without generated ones; `identity` are the columns that find a row again within a transaction; `key`
    those that tell rows apart for good, empty where nothing does; `uniques` are all sets of columns that must be
    unique. `is_opaque`: some of them cannot be read, for they are expressions."""

    name: str
    columns: tuple[str, ...]
    identity: tuple[str, ...]
    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...]
    is_opaque: bool
    shape: str

    @property
    def said(self) -> str:
        return f"main.{self.name}"


def read_tables(connection: sqlite3.Connection) -> tuple[Table, ...]:
    """Every table of the user, in order of name."""
    found = connection.execute(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE 'loadline\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return tuple(_table(connection, str(name), is_rowid=not wr) for name, wr in found)


def _table(connection: sqlite3.Connection, name: str, *, is_rowid: bool) -> Table:
    described = connection.execute(
        'SELECT name, type, hidden, pk, "notnull" FROM pragma_table_xinfo(?)', (name,)
    ).fetchall()
    stored = [(str(c), str(t), int(pk), bool(nn)) for c, t, hidden, pk, nn in described if hidden == 0]
    primary = tuple(c for c, _, pk, _ in sorted(stored, key=lambda each: each[2]) if pk)
    never_null = {c for c, _, pk, nn in stored if nn or (pk and not is_rowid)}
    if len(primary) == 1 and next(t for c, t, _, _ in stored if c == primary[0]).upper() == "INTEGER":
        never_null.add(primary[0])
    uniques, is_opaque = _uniques(connection, name)
    candidates = [primary, *(columns for columns, is_partial in uniques if not is_partial)]
    return Table(
        name=name,
        columns=tuple(c for c, _, _, _ in stored),
        identity=("rowid",) if is_rowid else primary,
        key=next((each for each in candidates if each and set(each) <= never_null), primary),
        uniques=tuple({columns for columns, _ in uniques} | ({primary} if primary else set())),
        is_opaque=is_opaque,
        shape=",".join(f"{c} {t}" for c, t, _, _ in stored),
    )


def _uniques(connection: sqlite3.Connection, name: str) -> tuple[list[tuple[tuple[str, ...], bool]], bool]:
    """Sets of unique columns, with whether only some rows must be; and whether one is not made of columns."""
    found, is_opaque = [], False
    listed = connection.execute('SELECT name, partial FROM pragma_index_list(?) WHERE "unique" = 1', (name,))
    for index, is_partial in listed.fetchall():
        columns = [c for (c,) in connection.execute("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))]
        if None in columns:
            is_opaque = True
        else:
            found.append((tuple(str(c) for c in columns), bool(is_partial)))
    return found, is_opaque


def has_deferred_keys(connection: sqlite3.Connection) -> bool:
    """Does any table speak of keys that wait? (A word in a comment counts, too: then keys are looked at in vain.)"""
    found = connection.execute("SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND sql LIKE '%deferr%'")
    return found.fetchone() is not None


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def install(connection: sqlite3.Connection, tables: tuple[Table, ...]) -> None:
    """Make the triggers and the tables they note into. Whoever had them before takes them away first."""
    for number, table in enumerate(tables):
        for statement in _statements(table, number):
            connection.execute(statement)


def remove(connection: sqlite3.Connection) -> None:
    named = connection.execute(
        "SELECT type, name FROM temp.sqlite_master WHERE type IN ('trigger', 'table') "
        "AND name LIKE 'loadline\\_%' ESCAPE '\\'"
    ).fetchall()
    for kind, name in sorted(named, reverse=True):  # triggers before tables
        connection.execute(f"DROP {kind} temp.{quoted(name)}")


def noted(number: int) -> str:
    return f"{OWN}touched_{number}"


def _statements(table: Table, number: int) -> list[str]:
    width, notes = len(table.identity), noted(number)
    columns = [f"i{n}" for n in range(width)] + [f"c{n}" for n in range(len(table.columns))]
    on = quoted(table.name)

    def note(op: str, side: str, *, has_row: bool = True) -> str:
        row = [f"{side}.{quoted(c)}" for c in table.columns] if has_row else ["NULL"] * len(table.columns)
        identity = [f"{side}.{_identity(c)}" for c in table.identity]
        values = ", ".join([f"'{op}'", str(int(has_row)), *identity, *row])
        return f"INSERT INTO {notes} (op, is_row, {', '.join(columns)}) VALUES ({values});"

    conflicts = _conflicts(table, notes, columns)
    moved = " OR ".join(f"OLD.{_identity(c)} IS NOT NEW.{_identity(c)}" for c in table.identity)
    listed = ", ".join(columns)
    absent = ", ".join([*(f"NEW.{_identity(c)}" for c in table.identity), *["NULL"] * len(table.columns)])
    moving = f"INSERT INTO {notes} (op, is_row, {listed}) SELECT 'M', 0, {absent} WHERE {moved};"
    bodies = [
        ("before_insert", "BEFORE INSERT", conflicts),
        ("before_update", "BEFORE UPDATE", conflicts),
        ("insert", "AFTER INSERT", note("I", "NEW", has_row=False)),
        ("update", "AFTER UPDATE", note("U", "OLD") + " " + moving),
        ("delete", "AFTER DELETE", note("D", "OLD")),
    ]
    return [
        f"CREATE TEMP TABLE {notes} (seq INTEGER PRIMARY KEY, op, is_row, {', '.join(columns)})",
        *(
            f"CREATE TEMP TRIGGER {OWN}{name}_{number} {when} ON main.{on} FOR EACH ROW BEGIN {body} END"
            for name, when, body in bodies
            if body
        ),
    ]


def _conflicts(table: Table, notes: str, columns: list[str]) -> str:
    """Rows that the new one would be in the way of, whatever becomes of them."""
    matches = [" AND ".join(f"{quoted(c)} = NEW.{quoted(c)}" for c in each) for each in table.uniques]
    if table.identity == ("rowid",):
        matches.append("rowid = NEW.rowid")
    if not matches:
        return ""
    source = ", ".join([*(_identity(c) for c in table.identity), *(quoted(c) for c in table.columns)])
    return (
        f"INSERT INTO {notes} (op, is_row, {', '.join(columns)}) SELECT 'C', 1, {source} FROM {quoted(table.name)} "
        f"WHERE {' OR '.join(f'({match})' for match in matches)};"
    )


def _identity(column: str) -> str:
    return column if column == "rowid" else quoted(column)
