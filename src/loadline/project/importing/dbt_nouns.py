"""A dbt semantic manifest as it was written, whichever of its forms it was written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """`kind` is primary, unique, foreign or natural."""

    name: str
    kind: str
    expr: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    name: str
    expr: str
    is_time: bool = False
    grain: str = "day"
    is_partition: bool = False
    is_start: bool = False
    is_end: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NonAdditive:
    dimension: str
    choice: str = "min"
    groupings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregated:
    """A measure, or what a metric of the newer form aggregates. `time` is the time dimension it is counted by."""

    name: str
    agg: str
    expr: str
    model: str
    time: str | None = None
    percentile: str | None = None
    is_discrete: bool = False
    is_approximate: bool = False
    non_additive: NonAdditive | None = None
    description: str = ""
    is_metric: bool = False  # `create_metric: true`


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticModel:
    name: str
    relation: str
    description: str = ""
    primary_entity: str | None = None
    time: str | None = None
    entities: Mapping[str, Entity] = field(default_factory=dict)
    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    measures: Mapping[str, Aggregated] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureInput:
    """A measure as a metric uses it: `fill` is what a missing number becomes."""

    name: str
    filters: tuple[str, ...] = ()
    fill: Decimal | None = None
    is_spined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricInput:
    name: str
    alias: str | None = None
    filters: tuple[str, ...] = ()
    offset_window: str | None = None
    offset_to_grain: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionInput:
    base: MeasureInput
    then: MeasureInput
    entity: str
    window: str | None = None
    is_count: bool = False
    constants: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DbtMetric:
    """`kind` is simple, cumulative, ratio, derived or conversion; what belongs to another kind is empty."""

    name: str
    kind: str
    description: str = ""
    label: str = ""
    filters: tuple[str, ...] = ()
    grain: str | None = None  # its `time_granularity`, when nobody asks for one
    measure: MeasureInput | None = None
    inputs: tuple[MetricInput, ...] = ()  # of a ratio: numerator and denominator
    expr: str = ""
    window: str | None = None
    to_date: str | None = None
    period_agg: str = "first"
    conversion: ConversionInput | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedQuery:
    name: str
    description: str = ""
    label: str = ""
    metrics: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    order_by: tuple[str, ...] = ()
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpine:
    relation: str
    column: str
    grain: str
    grains: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    models: Mapping[str, SemanticModel] = field(default_factory=dict)
    metrics: Mapping[str, DbtMetric] = field(default_factory=dict)
    saved: tuple[SavedQuery, ...] = ()
    spines: tuple[TimeSpine, ...] = ()

    def measures(self) -> Mapping[str, Aggregated]:
        return {name: one for model in self.models.values() for name, one in model.measures.items()}
