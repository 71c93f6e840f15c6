"""What of a project's definitions is shown to somebody: metrics they may ask for, and by what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCard:
    """A metric in a list."""

    name: str
    description: str
    unit: str | None
    format: str | None
    owner: str | None
    status: str
    synonyms: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()  # words that mean it, as `revenue (to finance)`


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionCard:
    """Something a metric may be broken down or filtered by. `grains` where it is a date or timestamp."""

    name: str
    type: str
    description: str = ""
    grains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricShown:
    """A metric, whole. `definition` and the lines under it are as written; `version` is a digest over all it is made
    of; `sources` are relations of the warehouse; `uses` other metrics."""

    card: MetricCard
    definition: str
    attributes: tuple[tuple[str, str], ...]
    version: str
    time: str | None
    sources: tuple[str, ...]
    contracts: tuple[str, ...]
    uses: tuple[str, ...]
    dimensions: tuple[DimensionCard, ...]
