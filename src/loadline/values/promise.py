"""What a contract promises of live rows, one promise at a time, and what came of looking: a closed sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from loadline.values.diagnostic import Severity
from loadline.values.place import Place


class DataState(StrEnum):
    """`green`: every promise looked at is kept. `amber`: one of severity warning is broken. `red`: one of severity
    error is, or could not be looked at. `unpromised`: nothing is promised, or nothing that a query can see; it is no
    `green`, for nobody knows how the data stands."""

    UNPROMISED = "unpromised"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """`says` is the promise in words. One that `is_of_rows` is about the table's rows as such (its key, its count, its
    freshness): who reads any column relies on it; every other, only who reads one of `columns`."""

    id: str
    table: str
    relation: str
    contract: str
    check: str
    columns: tuple[str, ...]
    says: str
    severity: Severity
    dimension: str
    is_of_rows: bool = False
    leads_to: str | None = None  # of a reference, the relation: it concerns who also reads that
    cause: str = ""  # what the contract itself knows of why it may be broken
    owner: str | None = None
    schedule: str | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`measured` is what was seen, in words; `sql` what was run, empty where no query was needed."""

    promise: Promise
    measured: str
    sql: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The first and last day of the rows that break a promise, in the table's time column `field`."""

    field: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """`count` rows of `total` break it, where rows break it. `cause` is what was found of why, in plain words.
    `sample` are some of the rows, without columns of personal data. `first_seen` is when a look first found it."""

    promise: Promise
    what: str
    mend: str
    count: int | None = None
    total: int | None = None
    keys: int | None = None  # of a broken uniqueness: how many key values repeat
    cause: str = ""
    span: Span | None = None
    sql: str = ""
    sample: tuple[Mapping[str, object], ...] = ()
    first_seen: datetime | None = None

    @property
    def share(self) -> float | None:
        """Of the rows the promise is about, 0 to 1."""
        return self.count / self.total if self.count is not None and self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """Listed, and never counted as kept: prose, a rule for another tool, what no query can see."""

    promise: Promise
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """It should have been looked at and could not be."""

    promise: Promise
    why: str


PromiseRun = Kept | Broken | NotRun | Unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLook:
    """One look at one table: every promise with what came of it. `version` is the data's, `rows` how many there were;
    `rules` a digest of the promises themselves. Of a table in files, `parts` is how many there are, and `unchanged` of
    how many the numbers of an earlier look were taken."""

    table: str
    relation: str
    contract: str
    contract_version: str | None
    version: str
    rules: str
    at: datetime
    rows: int | None
    state: DataState
    runs: tuple[PromiseRun, ...]
    parts: int | None = None
    unchanged: int | None = None
