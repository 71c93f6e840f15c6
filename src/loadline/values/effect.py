"""What somebody wants to change in a database, how far they may, and what it did: by table, in rows, exactly.

An effect is *net*: it is the difference between all tables before and after. A row written twice counts once, and a row
that was written back exactly as it was counts nowhere; `writes` says how many row writes there were all the same. Rows
changed by cascades, by triggers and by deferred constraints are in it like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from loadline.values.canonical import digest
from loadline.values.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettings:
    """A database that agents may write to, as the project names it. `url` (PostgreSQL) is a reference such as
    `env:SHOP_GATE`, never an address with a password; `path` is the file of SQLite or DuckDB. `environment` is what it
    is to the company (production, staging), `most_rows` what one statement may change at most."""

    name: str
    kind: str  # `postgres`, `sqlite` or `duckdb`
    url: str | None = None
    path: str | None = None
    lock_seconds: float = 5.0
    statement_seconds: float = 30.0
    environment: str | None = None
    most_rows: int = 1_000
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One data-changing statement, and the values it is given: `$1`, `$2` … in the text, by position, on every engine.

    `counting` is a SELECT of one whole number with the same parameters: how many rows the statement will touch by
    itself, run first in the same transaction, so that what is far over its bound is never even begun. None where
    nobody can tell; the bound is kept all the same.
    """

    target: str
    sql: str
    parameters: tuple[object, ...] = ()
    counting: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableEffect:
    """Rows of one table (`schema.name`, as the engine writes it; a partition counts for its root): how many there are
    more, are no longer, and are there with other values. A row is known by its key; in a table without one, an updated
    row is one that an UPDATE wrote. `writes` counts row writes, so it is at least their sum unless rows were replaced.

    `is_captured` is False for a table whose rows nobody kept: what happened to it is counted, and cannot be undone.
    """

    table: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    writes: int = 0
    is_captured: bool = True

    @property
    def rows(self) -> int:
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteEffect:
    """All tables something happened to, by name. `lost` is a digest of the rows that were changed or are gone, as they
    stood before (`sha256:…`; of nothing, when nothing was): equal when, and only when, the same rows are hit. The rows
    that are new are not in it, for they hold times and numbers that differ from one attempt to the next. Empty where
    nobody kept the rows; and it may be empty of what was performed, unless the very same rows were approved."""

    tables: tuple[TableEffect, ...] = ()
    lost: str = ""

    @property
    def digest(self) -> str:
        """Over tables, counts and `lost`: what an approval can be bound to."""
        return digest(self)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """One row that changes, as it is `before` (None: it is new) and `after` (None: it goes), in the order of its
    table's columns: texts as the engine writes them, None for NULL. A long text is cut, and says so. `changed` names
    the columns that differ, those among them whose values are kept out."""

    before: tuple[str | None, ...] | None = None
    after: tuple[str | None, ...] | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTable:
    """Some of the rows that change in one table: of those that go, that change and that come, in this order, the first
    by key. `gone`, `changed` and `came` say how many there are of each; in a table without a key nobody can tell which
    row became which, so that one that changed goes and comes. `withheld` are columns whose values are kept out, `why`
    says so where all rows are."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    gone: int = 0
    changed: int = 0
    came: int = 0
    rows: tuple[ShownRow, ...] = ()
    withheld: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a dry run found, and some of the rows it found it in: at most so many of each kind in each table, none of a
    table whose rows nobody kept."""

    effect: WriteEffect
    tables: tuple[ShownTable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBound:
    """The most rows of one table that may come, change and go."""

    table: str
    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def rows(self) -> int:
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBound:
    """How far a change may go. A table that is not listed may not change at all: silence forbids. The row writes of a
    table may not be more than its verbs allow together, so that a wipe that puts everything back counts as a wipe."""

    tables: tuple[TableBound, ...] = ()

    @property
    def rows(self) -> int:
        """The most rows a statement can touch by itself without leaving the bound."""
        return sum(table.rows for table in self.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What may be performed: within `bound`, and when `effect` was approved, exactly that. `is_same_rows` demands that
    the rows hit are the very rows, as they stood, that were measured; else the counts must be the same."""

    bound: WriteBound
    effect: WriteEffect | None = None
    is_same_rows: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """Committed, with its marker, in one transaction. `no_undo` says why it cannot be undone, and is empty where it
    can. `is_repeat`: this marker had been performed before, so nothing was done now, and the effect is that of then."""

    marker: str
    effect: WriteEffect
    at: datetime
    no_undo: str = ""
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceeded:
    """Not committed: nothing of it remains. `effect` is what it would have been (where `counting` stopped it, no table
    is listed), `why` says each excess as a lowercase clause."""

    effect: WriteEffect
    bound: WriteBound
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedSince:
    """An undo that was refused, nothing of it remains: somebody changed rows since, or an undo would break what they
    wrote. `tables` are those, `why` says each as a lowercase clause."""

    marker: str
    tables: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideChange:
    """Rows of one table that one login changed with one verb (`insert`, `update`, `delete`, `truncate`) without going
    through the gate, between `first_at` and `last_at`. `login` and `origin` (program and address) are empty where the
    engine does not tell; `rows` is None where nobody counted."""

    table: str
    verb: str
    rows: int | None
    login: str
    origin: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Unaccounted:
    """A table whose state does not follow from what was recorded: `what` says it, as a lowercase clause."""

    table: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a target saw since `since`. `markers` are those it committed, oldest first: one that the ledger does not
    know is a change nobody asked us for; one that the ledger says was performed and is not here was not performed.
    `sees_statements`: whether each statement from outside is seen; else only that numbers of rows do not add up."""

    since: datetime
    until: datetime
    markers: tuple[str, ...] = ()
    outside: tuple[OutsideChange, ...] = ()
    unaccounted: tuple[Unaccounted, ...] = ()
    sees_statements: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Inserted:
    """Rows that a write added to one table, and rows that were there beside them, the newest by key first: values in
    the order of `columns`, as JSON knows them, with times and exact numbers as text. `count` is how many were added;
    `new` and `old` may be fewer."""

    table: str
    columns: tuple[str, ...]
    count: int
    new: tuple[tuple[object, ...], ...]
    old: tuple[tuple[object, ...], ...]


def excesses(effect: WriteEffect, approved: Approved) -> tuple[str, ...]:
    """Each way in which an effect is not what was approved, as a lowercase clause; none when it may be committed."""
    bounds = {bound.table: bound for bound in approved.bound.tables}
    found = [
        clause for table in effect.tables for clause in _over(table, bounds.get(table.table, TableBound(table="")))
    ]
    if approved.effect is not None:
        found += _unlike(effect, approved.effect, is_same_rows=approved.is_same_rows)
    return tuple(found)


def _over(effect: TableEffect, bound: TableBound) -> list[str]:
    if not bound.rows:
        said = _counts(effect) if effect.rows else f"{effect.writes:,} row writes that change nothing"
        return [f"`{effect.table}` may not change, and {said}"]
    verbs = (
        ("inserted", effect.inserted, bound.inserted),
        ("updated", effect.updated, bound.updated),
        ("deleted", effect.deleted, bound.deleted),
    )
    found = [
        f"{rows:,} {_rows(rows)} of `{effect.table}` would be {verb}, and at most {most:,} may be"
        for verb, rows, most in verbs
        if rows > most
    ]
    if not found and effect.writes > bound.rows:
        found.append(f"`{effect.table}` would be written {effect.writes:,} times, and at most {bound.rows:,} may be")
    return found


def _unlike(effect: WriteEffect, approved: WriteEffect, *, is_same_rows: bool) -> list[str]:
    now = {table.table: table for table in effect.tables}
    then = {table.table: table for table in approved.tables}
    found = []
    for name in sorted(now.keys() | then.keys()):
        one, other = now.get(name, TableEffect(table=name)), then.get(name, TableEffect(table=name))
        if one != other:
            found.append(f"`{name}`: {_counts(one)}, and {_counts(other)} was approved")
    if not found and is_same_rows and effect.lost != approved.lost:
        found.append("as many rows would change as were approved, but they are not the same rows, or not as they were")
    return found


def _counts(effect: TableEffect) -> str:
    return f"{effect.inserted:,} inserted, {effect.updated:,} updated, {effect.deleted:,} deleted"


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"
