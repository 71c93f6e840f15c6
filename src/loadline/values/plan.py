"""A query with every name looked up: what policy judges, checks look at, and semantics turns into SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from loadline.values.query import Grain, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricUse:
    """A metric the plan computes; `is_asked` is False for one that only an asked metric is made of, and True for one
    that a condition of the question compares: an answer tells about it, too.
    `version` is a digest over its definition and all it is made of."""

    name: str
    definition: str
    version: str
    owner: str | None
    status: str
    unit: str | None
    format: str | None
    is_asked: bool
    time: str | None  # the time field its window applies to, `dataset.field`
    datasets: tuple[str, ...]  # the facts it is measured on
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceUse:
    """A relation the plan reads, and exactly the columns it reads of it."""

    dataset: str
    relation: str
    columns: tuple[str, ...]
    contract: str | None
    contract_version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinUse:
    """A many-to-one step the plan takes. The answer is right only if `target_columns` are unique in `target`; or, where
    `valid` names the columns from when and until when a row holds, if no two rows of a key hold at once."""

    source: str
    source_columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    target_relation: str
    role: str | None
    valid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """`kind` is `dimension` or `metric`; `type` an ODCS logical type."""

    name: str
    kind: str
    type: str
    unit: str | None = None
    format: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The days that were really asked for: `start` in, `end` out; either may be open."""

    text: str
    start: date | None
    end: date | None
    fields: tuple[str, ...]  # the time fields it applies to


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The two periods that a change of `metric` lies between, ends excluded and None where open; where `grain` says so,
    each such part of them is compared with its own. `times` are the columns, by relation, whose first and last values
    tell whether the data hold both; empty where no column does. A count `is_zero_if_absent`."""

    metric: str
    now: tuple[date | None, date | None]
    then: tuple[date | None, date | None]
    grain: Grain | None = None
    times: tuple[tuple[str, str], ...] = ()
    is_zero_if_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """A word that was asked and the governed name it was taken to mean."""

    word: str
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`touches` names every column read as `dataset.column`; `digest` is over everything that decides the SQL,
    short of the policy's own filters. `body` is the semantics room's own form: nobody else reads it."""

    query: Query
    metrics: tuple[MetricUse, ...]
    sources: tuple[SourceUse, ...]
    joins: tuple[JoinUse, ...]
    columns: tuple[ResultColumn, ...]
    touches: frozenset[str]
    classifications: frozenset[str]
    dates: Dates | None
    filters: tuple[str, ...]  # in words, as the receipt prints them
    assumptions: tuple[str, ...]
    digest: str
    meanings: tuple[Meaning, ...] = ()
    spines: tuple[str, ...] = ()  # relations that only say which periods there are
    compared: tuple[Compared, ...] = ()
    body: object = field(default=None, repr=False, compare=False, metadata={"digest": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class RollupUse:
    """A rollup (`relation`) that is, or could be, read in place of a dataset (`base`). It may be as long as the rows it
    stands for, which it counts in `row_count`, are as many as the dataset has."""

    name: str
    relation: str
    dataset: str
    base: str
    row_count: str = "row_count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """SQL ready to run: one SELECT in `dialect`. `row_filters` and `masks` are what policy added, in words; `sources`
    and `joins` are what it reads for their sake, some of which the plan may read anyway."""

    sql: str
    dialect: str
    columns: tuple[ResultColumn, ...]
    row_filters: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    sources: tuple[SourceUse, ...] = ()
    joins: tuple[JoinUse, ...] = ()
    rollups: tuple[RollupUse, ...] = ()
