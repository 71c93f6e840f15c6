"""What a look knows so far: filled step by step, and gone when the look ends. In: what was seen. Out: nothing fetched.

A look is a generator: it yields needs, is sent the evidence, and returns. So it asks for the next thing only when the
last says that it must, and still touches nothing outside.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from loadline.checks.data.cadence import Clock
from loadline.checks.data.nouns import HasLength, HasValue, Matches, OneOf, Promised
from loadline.checks.data.primitives import Dialect
from loadline.checks.data.scans import KeyRange, columns_of, speakable
from loadline.checks.data.subjects import Subject
from loadline.values.canonical import digest
from loadline.values.contract import Column
from loadline.values.finding import Evidence, FilePart, Files, Missing, Need
from loadline.values.promise import NotRun, PromiseRun, Unseen

T = TypeVar("T")
Steps = Generator[tuple[Need, ...], Mapping[Need, Evidence], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What earlier looks at the table saw: row counts, newest first, and since when each broken promise is broken."""

    rows: tuple[int, ...] = ()
    since: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How and when it is looked. `zone` is the project's clock; `columns` those a query reads of the
    table (None for all promises), `relations` all that it reads."""

    dialect: str
    now: datetime
    zone: str
    version: str
    columns: frozenset[str] | None = None
    relations: frozenset[str] = frozenset()
    earlier: Earlier = Earlier()
    kept: Mapping[str, tuple[object, ...]] = field(default_factory=dict)  # what parts said before, by what was asked
    made_by: str | None = None  # the program that asks; None where nothing is kept


@dataclass(slots=True, kw_only=True)
class Known:
    subject: Subject
    setting: Setting
    made_by: str | None = None  # what a number must have been made by, to be taken for this look's
    live: Mapping[str, str] = field(default_factory=dict)
    files: Files | None = None
    kept: dict[str, tuple[object, ...]] = field(default_factory=dict)  # what parts say, new or as before
    read: set[str] = field(default_factory=set)  # parts that had to be read
    runs: dict[str, PromiseRun] = field(default_factory=dict)
    rows: int | None = None
    ranges: dict[str, tuple[object, object]] = field(default_factory=dict)  # of whole-number keys
    values: dict[str, int] = field(default_factory=dict)  # how many of them there are
    ends: dict[str, tuple[tuple[object, object], ...]] = field(default_factory=dict)  # of keys, part by part
    few: dict[str, Column] = field(default_factory=dict)  # columns that were counted value by value
    dense: dict[str, KeyRange] = field(default_factory=dict)  # of a reference, between which ends it leads somewhere
    fetched: dict[str, tuple[tuple[object, ...], ...]] = field(default_factory=dict)  # rows that break a promise
    repeated: dict[str, tuple[KeyRange, ...]] = field(default_factory=dict)  # where the repeated keys of a promise lie

    @property
    def relation(self) -> str:
        return self.subject.relation

    @property
    def clock(self) -> Clock:
        taken = self.subject.table.taken_at
        return Clock(at=taken or self.setting.now, zone=self.setting.zone, is_taken=taken is not None)

    @property
    def all_parts(self) -> str:
        """Equal as long as no part has changed."""
        return digest([part.identity for part in self.files.parts] if self.files is not None else [])

    @property
    def current(self) -> frozenset[str]:
        """What keys of this look's numbers begin with."""
        parts = self.files.parts if self.files is not None else ()
        return frozenset(self._head(each) for each in (*(part.identity or "" for part in parts), self.all_parts))

    def key(self, identity: str, *asked: str) -> str:
        """What the numbers of a part, or of all, are kept under: whose they are, who made them, what was asked."""
        return f"{self._head(identity)}:{digest(list(asked)).removeprefix('sha256:')[:32]}"

    def _head(self, identity: str) -> str:
        return digest([self.made_by, identity]).removeprefix("sha256:")[:32]

    def keep(self, rows: Mapping[str, tuple[object, ...]], *, read: Iterable[FilePart]) -> None:
        self.kept |= rows
        self.read |= {part.name for part in read}

    def unseen(self, promised: Iterable[Promised], why: str) -> None:
        for one in promised:
            self.runs.setdefault(one.promise.id, Unseen(promise=one.promise, why=why))

    def is_not_spoken(self, one: Promised, dialect: Dialect) -> bool:
        """Whether the dialect cannot say it; then it is listed as not run."""
        why = speakable(one, self.relation, dialect)
        if why is not None:
            self.runs[one.promise.id] = NotRun(promise=one.promise, why=why)
        return why is not None


def only_column(one: Promised) -> Column | None:
    """The text column that alone decides the promise."""
    match one.test:
        case HasValue(column=column) | OneOf(column=column) | Matches(column=column) | HasLength(column=column):
            return column if column.logical_type == "string" and one.where is None else None
        case _:
            return None


def key_name(one: Promised) -> str:
    """What the warehouse calls the single column of a key."""
    return next(iter(columns_of(one))).in_warehouse


def why_not(found: Evidence | None) -> str:
    return found.why if isinstance(found, Missing) else "nothing was fetched for it"
