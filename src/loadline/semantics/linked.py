"""The linked model: what `link` gives, and what resolving and compiling read. Immutable but for its caches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from loadline.semantics.catalog import Catalog
from loadline.semantics.nodes import Measure, Node, measures_in
from loadline.semantics.rollups import LinkedRollup
from loadline.semantics.shapes import Shift
from loadline.values.decision import ColumnMask, RowFilter
from loadline.values.model import Metric, Model
from loadline.values.plan import Plan, Statement
from loadline.values.query import Query

KEPT = 1024
"""Plans and statements kept; the oldest goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a metric is less what it was so long `ago`, or that as a part of what it was; `then` names the latter."""

    ago: str
    shift: Shift
    is_percent: bool
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a metric is as a part of what it is over all of the fields it goes `across`; or `of` another metric."""

    across: tuple[str, ...] = ()
    of: str | None = None


Relation = Change | Share


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedMetric:
    """`node` is the whole definition over measures, other metrics written out; `parts` are those other metrics, at
    any depth, in the order of reading. `relation` is what a question asks of the metric besides its value."""

    metric: Metric
    node: Node
    parts: tuple[str, ...]
    measures: tuple[Measure, ...]
    relation: Relation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    model: Model
    catalog: Catalog = field(repr=False)
    metrics: Mapping[str, LinkedMetric] = field(repr=False)
    same: dict[Measure, Measure] = field(default_factory=dict, repr=False, compare=False)
    rollups: tuple[LinkedRollup, ...] = field(default=(), repr=False)
    versions: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    plans: dict[tuple[Query, tuple[type, ...], str | None], Plan] = field(
        default_factory=dict, repr=False, compare=False
    )
    statements: dict[
        tuple[str, tuple[tuple[RowFilter, ...], ...], str, frozenset[str], tuple[ColumnMask, ...]], Statement
    ] = field(default_factory=dict, repr=False, compare=False)


_K = TypeVar("_K")
_V = TypeVar("_V")


def keep(cache: dict[_K, _V], key: _K, value: _V) -> _V:
    """Remember `value`, forgetting the oldest when there are too many. Safe between threads: at worst it forgets."""
    if len(cache) >= KEPT:
        cache.pop(next(iter(cache)), None)
    cache[key] = value
    return value


def measures_of(node: Node) -> tuple[Measure, ...]:
    return tuple({id(measure): measure for measure in measures_in(node)}.values())
