"""What the data promises: an Open Data Contract Standard document, reduced to what is used today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from loadline.values.diagnostic import Severity
from loadline.values.place import Place
from loadline.values.right import Right

Written = str | int | Decimal | bool | None
"""A value as YAML writes it."""


class Must(StrEnum):
    """How a measured value is compared with what is promised; the standard's words. Between includes both ends."""

    BE = "mustBe"
    NOT_BE = "mustNotBe"
    BE_ABOVE = "mustBeGreaterThan"
    BE_AT_LEAST = "mustBeGreaterOrEqualTo"
    BE_BELOW = "mustBeLessThan"
    BE_AT_MOST = "mustBeLessOrEqualTo"
    BE_BETWEEN = "mustBeBetween"
    NOT_BE_BETWEEN = "mustNotBeBetween"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a measured value must be: one value, or two for the between forms."""

    must: Must
    values: tuple[Written, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One end of a range, which may itself be out of it."""

    value: Written
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Our extensions to a promise: `where` (a condition in the warehouse's own SQL) says which rows it is about,
    `tolerance` which share of them (0 to 1) may break it, `severity` how bad that is, `cause` what is known of why."""

    where: str | None = None
    tolerance: Decimal = Decimal(0)
    severity: Severity | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Every value of `columns` is one of `to_columns` in the contract's (else any contract's) table `to_table`."""

    columns: tuple[str, ...]
    to_table: str
    to_columns: tuple[str, ...]
    scope: Scope = Scope()
    place: Place


class RuleKind(StrEnum):
    LIBRARY = "library"
    SQL = "sql"
    TEXT = "text"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRule:
    """One entry of `quality`. `columns` are those it is written at, or names; none for a table's rule. `metric` is one
    of the standard's five; `values` and `pattern` are its arguments (the valid values, or those that mean missing)."""

    name: str
    kind: RuleKind
    columns: tuple[str, ...] = ()
    metric: str | None = None
    values: tuple[Written, ...] = ()
    pattern: str | None = None
    limit: Limit | None = None
    unit: str = "rows"
    query: str | None = None
    tool: str | None = None  # what a custom rule is written for
    severity: Severity = Severity.ERROR
    dimension: str | None = None
    schedule: str | None = None
    description: str = ""
    scope: Scope = Scope()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Sla:
    """One service level over `column` of a table: `property` in the standard's word, `value` in `unit`. `more` holds
    our extensions by name."""

    property: str
    value: Written
    unit: str | None = None
    column: str | None = None
    severity: Severity = Severity.ERROR
    schedule: str | None = None
    description: str = ""
    more: Mapping[str, Written] = field(default_factory=dict)
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One promised column. `logical_type` is ODCS's: string, integer, number, boolean, date, timestamp, time, object,
    array. A timestamp `is_zoned` when it names an instant; a naive one may say in `timezone` which clock it shows."""

    name: str
    logical_type: str
    physical_type: str | None = None
    is_required: bool = False
    is_unique: bool = False
    key_position: int | None = None  # 1-based place in the primary key
    classification: str | None = None
    is_zoned: bool = False
    timezone: str | None = None
    description: str = ""
    physical_name: str | None = None  # its name in the warehouse, where that is another
    allowed: tuple[Written, ...] = ()  # the only values it has; empty when any may be
    pattern: str | None = None
    least_length: int | None = None
    most_length: int | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    multiple_of: Decimal | None = None
    format: str | None = None
    unread: tuple[str, ...] = ()  # what is promised of it that no query can look at
    is_measure: bool = False  # computed from others, and no column of the warehouse
    references: tuple[Reference, ...] = ()
    rules: tuple[QualityRule, ...] = ()
    scope: Scope = Scope()
    place: Place

    @property
    def in_warehouse(self) -> str:
        """What the warehouse calls it."""
        return self.physical_name or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTable:
    """One schema object of a contract, which has this `version`. `taken_at` is the instant its rows were taken, when
    they are a copy that no longer grows: then ages are counted from there, not from today."""

    name: str
    version: str | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    description: str = ""
    physical_name: str | None = None
    references: tuple[Reference, ...] = ()
    rules: tuple[QualityRule, ...] = ()
    slas: tuple[Sla, ...] = ()
    taken_at: datetime | None = None
    volume_change: Decimal | None = None  # the share by which its rows may change against earlier looks
    scope: Scope = Scope()
    rights: tuple[Right, ...] | None = None  # what it may be used for; None when the contract does not say
    place: Place

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key, in order; empty when none is promised."""
        keyed = [c for c in self.columns.values() if c.key_position is not None]
        return tuple(c.name for c in sorted(keyed, key=lambda c: c.key_position or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """`name` is the file's stem, by which datasets refer to it."""

    name: str
    id: str
    version: str
    status: str
    owner: str | None = None
    tables: Mapping[str, ContractTable] = field(default_factory=dict)
    place: Place
