"""What has been read of a question so far: each part with the governed readings it may still have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from loadline.semantics.time import Span
from loadline.values.query import By, Filter, Op


@dataclass(frozen=True, slots=True)
class MetricSaid:
    word: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DimensionSaid:
    """`own` is the bare field, by which verified questions may have settled what the word means."""

    word: str
    options: tuple[By, ...]
    own: str = ""


@dataclass(frozen=True, slots=True)
class FilterSaid:
    word: str
    options: tuple[Filter, ...]
    own: str = ""
    is_exclusion: bool = False


@dataclass(frozen=True, slots=True)
class HavingSaid:
    """A bound on an asked metric, `metric` its place among them."""

    word: str
    metric: int
    op: Op
    values: tuple[Decimal, ...]
    unit: str | None


@dataclass(frozen=True, slots=True)
class BoundSaid:
    """`over 1000 EUR` after a dataset's word, with no field said."""

    word: str
    dataset: str
    op: Op
    values: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class GrowthSaid:
    """`grew`, and how that is told: `form` is `percent`, `difference` or None where it is not said; a bound, if any. It
    `is_picked` where the rows are ranked or bounded by it."""

    word: str
    form: str | None
    is_down: bool = False
    op: Op | None = None
    bounds: tuple[Decimal, ...] = ()
    unit: str | None = None
    is_picked: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    metrics: tuple[MetricSaid, ...] = ()
    dimensions: tuple[DimensionSaid, ...] = ()
    filters: tuple[FilterSaid, ...] = ()
    having: tuple[HavingSaid, ...] = ()
    during: Span | None = None
    compared: Span | None = None  # a second period, to compare with
    is_compared: bool = False  # one of two periods that are put side by side
    counted: tuple[str, str] | None = None  # (word, dataset) whose rows are counted
    noun: tuple[str, str] | None = None  # a dataset's word, and nothing says what of it
    bound: BoundSaid | None = None
    is_how_many: bool = False
    is_total: bool = False
    which: str | None = None  # `one` or `many`: `which region …`, `which regions …`
    is_descending: bool | None = None
    ranked_by: int | None = None  # the place of the metric that ranks, where words say which
    limit: int | None = None
    aggregate: str | None = None  # `average`: the metric must be one
    per: tuple[str, str] | None = None  # (word, dataset) of `per customer`: a row each, or a metric of its own
    needs_grain: str | None = None  # a word that is only said of what is broken down by time
    growth: GrowthSaid | None = None
    growth_form: str | None = None  # said before the word for growth itself
    step: str | None = None  # `month over month`
    base: str | None = None  # `compared to last year`, before any period is said
    is_share: bool = False
    whole: tuple[str, tuple[str, ...]] | None = None  # (word, metrics) of `as a share of …`
    loose: tuple[int, ...] = ()  # places of words that must be an echo of the metric's own name
    is_open: bool = True  # nothing but asking words so far

    def __hash__(self) -> int:
        """Of a few parts that tell most drafts apart: thousands are put aside for one question."""
        said = (self.is_open, self.is_total, self.is_share, self.is_descending, self.limit, self.which)
        counts = (len(self.metrics), len(self.dimensions), len(self.filters), len(self.having))
        return hash((counts, said, self.loose, self.counted, self.noun, self.during is None, self.growth is None))


Steps = Iterator[tuple[Draft, int]]
"""Ways to read on: what was read then, and the position after it."""
