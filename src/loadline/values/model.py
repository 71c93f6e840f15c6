"""The semantic model as it was written: datasets, fields, relationships, metrics, terms, calendar.

Expressions stay text here (the semantics room reads them); every noun remembers the place it was written, so that
whoever finds fault with it can point there. Mappings are keyed by name and keep the order of writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from loadline.values.contract import ContractTable
from loadline.values.place import Place


class Status(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An expression as written, and where its first character stands."""

    value: str
    place: Place


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
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """Many rows of `source` to one row of `target`; `role` is the name the target plays (`as:`)."""

    source: str
    source_columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    role: str | None = None
    place: Place

    @property
    def name(self) -> str:
        """The word that stands for this step in a path: the role, else the target dataset."""
        return self.role or self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A governed number. `expr` is what was written under `is:`."""

    name: str
    expr: Text
    where: Text | None = None
    time: Text | None = None  # `dataset.field`; absent means the default time field of the dataset measured
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
class Calendar:
    """How this company counts time. `week_starts` is 1 (Monday) to 7 (Sunday), as ISO 8601 counts.

    A fiscal year is named after the calendar year it ends in, unless it starts on 1 January.
    """

    timezone: str = "UTC"
    week_starts: int = 1
    fiscal_year_starts: tuple[int, int] = (1, 1)  # month, day


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    relationships: tuple[Relationship, ...] = ()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
