"""The semantic model as it was written: datasets, fields, relationships, metrics, terms, calendar.

Expressions stay text here (the semantics room reads them); every noun remembers the place it was written, so that
whoever finds fault with it can point there. Mappings are keyed by name and keep the order of writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from loadline.values.contract import ContractTable
from loadline.values.place import Place
from loadline.values.text import Text as Text  # noqa: PLC0414 - of every definition: it is had from here, too


class Status(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A named expression over the columns (and other fields) of its dataset: `region: {expr: upper(region)}`."""

    name: str
    expr: Text
    type: str | None = None  # an ODCS logical type, where the expression alone does not tell
    description: str = ""
    synonyms: tuple[str, ...] = ()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One relation of the warehouse with a meaning. `table` holds the columns its contract promises."""

    name: str
    source: str
    contract: str | None = None
    table: ContractTable | None = None
    key: tuple[str, ...] = ()
    time: str | None = None  # the default time field
    fields: Mapping[str, Field] = field(default_factory=dict)
    description: str = ""
    synonyms: tuple[str, ...] = ()
    is_bridge: bool = False  # its rows only say which rows of two other datasets belong together, many to many
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """Many rows of `source` to one row of `target`; `role` is the name the target plays (`as:`).

    Where `valid` names two columns of the target, a row of it holds from the first (in) to the second (out; empty:
    still), and a fact meets the row that held at the fact's own time.
    """

    source: str
    source_columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    role: str | None = None
    valid: tuple[str, str] | None = None
    place: Place

    @property
    def name(self) -> str:
        """The word that stands for this step in a path: the role, else the target dataset."""
        return self.role or self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Which of the events a metric counts were followed by an event of another one, of the same subject.

    `to` names the metric of the events that follow, at the latest `within` ("14 days"; None: any time). `per` is the
    field that tells subjects apart: one that both facts lead to, or one of each. `constant` are further pairs of
    fields, of the first event and of the second, that must be equal. The metric is the share of events that were
    followed, or their number where `is_count`.
    """

    to: Text
    within: Text | None = None
    per: tuple[Text, ...]
    constant: tuple[tuple[Text, Text], ...] = ()
    is_count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A governed number. `expr` is what was written under `is:`, or under `convert:` where there is a `conversion`.

    `over` makes it cumulative: `28 days`, `month to date`, `all`. `take` says what stands for a longer period:
    `last of period` (also first, max, min, average), for each of what `take_per` names. `fill` is what a group without
    a value gets; where `is_every_period`, periods in which nothing happened are groups, too.
    """

    name: str
    expr: Text
    where: Text | None = None
    time: Text | None = None  # `dataset.field`; absent means the default time field of the dataset measured
    over: Text | None = None
    take: Text | None = None
    take_per: tuple[Text, ...] = ()
    conversion: Conversion | None = None
    fill: Decimal | None = None
    is_null_if_absent: bool = False
    is_every_period: bool = False
    unit: str | None = None
    format: str | None = None
    owner: str | None = None
    status: Status = Status.DRAFT
    description: str = ""
    synonyms: tuple[str, ...] = ()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word that is not one thing. `meanings` maps an audience to a metric; `otherwise`: a metric, or None to ask."""

    name: str
    meanings: Mapping[str, str]
    otherwise: str | None = None
    synonyms: tuple[str, ...] = ()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Spine:
    """A table of all periods, in the warehouse: one row for each `grain`, which `column` starts. `grains` maps
    periods of the company's own (a 4-4-5 month) to the columns that hold their first day."""

    source: str
    column: str
    grain: str = "day"
    grains: Mapping[str, str] = field(default_factory=dict)
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollup:
    """A table of the warehouse that keeps metrics of one dataset, added up by some dimensions (`customers.region`,
    `orders.ordered_at:day`), and may be read in its place."""

    name: str
    dataset: str
    source: str
    by: tuple[Text, ...]
    metrics: tuple[Text, ...]
    description: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How this company counts time. `week_starts` is 1 (Monday) to 7 (Sunday), as ISO 8601 counts.

    A fiscal year is named after the calendar year it ends in, unless it starts on 1 January. Where no spine of a
    grain is declared, periods run from the first to the last there are rows of.
    """

    timezone: str = "UTC"
    week_starts: int = 1
    fiscal_year_starts: tuple[int, int] = (1, 1)  # month, day
    spines: tuple[Spine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    rollups: Mapping[str, Rollup] = field(default_factory=dict)
