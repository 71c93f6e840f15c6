"""What a check needs, what it saw, and that it could not look: three different things."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlNeed:
    """One row of scalars the flow should fetch: `sql` in `dialect`, columns in the order written."""

    sql: str
    dialect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaNeed:
    """The live columns of a relation: evidence is a mapping of column name to engine type."""

    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsNeed:
    """All rows of one statement: `sql` in `dialect`, columns in the order written."""

    sql: str
    dialect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesNeed:
    """The files a relation's rows lie in, and what they say of `columns` without being read."""

    relation: str
    columns: tuple[str, ...] = ()


Need = SqlNeed | SchemaNeed | RowsNeed | FilesNeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The need could not be fetched."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Every row, complete; `columns` as the engine names them."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """What is certain of one column in one group of rows. Every value that is not NULL lies between `low` and `high`,
    both included (int, Decimal, float, date or datetime). None: not known."""

    nulls: int | None = None
    low: object = None
    high: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowGroup:
    rows: int
    columns: Mapping[str, Stats]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """One file. `name` is the value that marks its rows; `identity` is equal as long as its rows are, None when that
    cannot be told; `groups` is all of its rows, None when it does not say what they are."""

    name: str
    identity: str | None
    groups: tuple[RowGroup, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """All of a relation's files. The relation of the same name with `suffix` has the same rows, and in the column
    `mark` which part each lies in."""

    suffix: str
    mark: str
    parts: tuple[FilePart, ...]


Evidence = Row | Schema | Table | Files | Missing


class Gravity(StrEnum):
    """`blocking`: the answer is withheld. `held`: withheld until a person releases it. `doubtful`: delivered, not as
    verified. `notable`: delivered, and said."""

    BLOCKING = "blocking"
    HELD = "held"
    DOUBTFUL = "doubtful"
    NOTABLE = "notable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing seen. `what` is a lowercase clause, `count` in rows where rows were counted."""

    check: str
    subject: str
    gravity: Gravity
    what: str
    mend: str
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The check looked; no findings means it holds."""

    check: str
    subject: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CouldNotLook:
    """The check could not look, and therefore blocks."""

    check: str
    subject: str
    why: str


CheckRun = Looked | CouldNotLook
