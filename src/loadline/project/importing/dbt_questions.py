"""What is asked in MetricFlow's words (metrics, `listing__country`, filters) in, the same in a project's words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadline.project.importing.dbt_datasets import FINEST, spine_dataset
from loadline.project.importing.dbt_filters import default_grain
from loadline.project.importing.dbt_items import Item
from loadline.project.importing.dbt_metrics import Metrics
from loadline.project.importing.dbt_names import GRAINS, METRIC_TIME, Names, Seen
from loadline.project.importing.dbt_nouns import Aggregated, MetricInput, TimeSpine
from loadline.project.importing.nouns import CannotCarry

PARTS = {
    "year": "calendar_year", "quarter": "quarter_of_year", "month": "month_of_year", "week": "week_of_year",
    "day": "day_of_month", "dow": "day_of_week", "doy": "day_of_year",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A group-by as the project calls it (`listings.country`, `time:month`), and as MetricFlow calls its column."""

    by: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`grain` is the shortest period asked of the metrics' own time, else the one they are asked by by default. Where
    `is_periods`, periods are listed from a table of them."""

    metrics: tuple[str, ...]
    columns: tuple[Column, ...]
    conditions: tuple[str, ...]
    grain: str
    is_periods: bool = False


class Questions:
    def __init__(self, names: Names, metrics: Metrics) -> None:
        self._names = names
        self._metrics = metrics

    def question(self, metrics: Sequence[str], items: Sequence[Item], where: Sequence[str]) -> Question:
        """Raises CannotCarry."""
        leaves = [leaf for name in metrics for leaf in self._metrics.leaves(name)]
        if not leaves and items and all(self._parted(item)[0] == METRIC_TIME for item in items):
            return self._periods(items, where)
        facts = tuple(dict.fromkeys(leaf.model for leaf in leaves)) if leaves else (self._listed(items),)
        if not leaves and any("Metric(" in template for template in where):
            raise CannotCarry("no metric is asked, and a metric filters: which rows it filters is not said")
        columns = tuple(self._column(item, metrics, leaves, facts) for item in items)
        conditions = tuple(self._metrics.filters.condition(template, facts) for template in where if template)
        return Question(
            metrics=tuple(metrics), columns=columns, conditions=conditions, grain=self._grain(columns, metrics, leaves)
        )

    def parted(
        self, metrics: Sequence[str], items: Sequence[Item], where: Sequence[str]
    ) -> list[tuple[list[Item], list[str]]]:
        """One question, or two where periods and values are asked for without a metric, which nothing joins."""
        times = [item for item in items if self._parted(item)[0] == METRIC_TIME]
        others = [item for item in items if item not in times]
        if metrics or not times or not others:
            return [(list(items), list(where))]
        of_time = [template for template in where if METRIC_TIME in template]
        return [(times, of_time), (others, [template for template in where if template not in of_time])]

    def keys_met(self, items: Sequence[Item]) -> list[tuple[str, str]]:
        """Of each join that values are listed across when no metric is asked: its two keys, as dimensions."""
        model = self._listed(items)
        paths = {self._names.see(model, self._parted(item)[0]).path for item in items}
        joins = {path[at] for path in paths for at in range(len(path))}
        return [
            tuple(f"{end}.{self._names.field(end, join.entity)}" for end in (join.source, join.target))  # type: ignore[misc]
            for join in sorted(joins, key=lambda join: (join.source, join.target))
        ]

    def column(self, item: Item, question: Question) -> str:
        """What an order names: a metric of the question, or one of its columns. Raises CannotCarry."""
        if item.name in question.metrics:
            return item.name
        wanted = "__".join((item.name, *((item.grain,) if item.grain else ())))
        for column in question.columns:
            if column.label == wanted or column.label.startswith(f"{wanted}__"):
                return column.by
        raise CannotCarry(f"the order names `{wanted}`, which is not asked for")

    def has_shifted_total(self, name: str) -> bool:
        """Is the metric built on a cumulative one that is shifted in time?"""
        return any(
            (bool(one.offset_window or one.offset_to_grain) and self._is_cumulative(one.name))
            or self.has_shifted_total(one.name)
            for one in self._inputs(name)
        )

    def has_uncut_periods(self, name: str) -> bool:
        """Is it made of a conversion that appears in every period?"""
        metric = self._metrics.written.get(name)
        said = metric.conversion if metric is not None else None
        is_spined = said is not None and (said.base.is_spined or said.then.is_spined)
        return is_spined or any(self.has_uncut_periods(one.name) for one in self._inputs(name))

    def is_semi_additive(self, name: str) -> bool:
        return any(leaf.non_additive is not None for leaf in self._metrics.leaves(name))

    def is_in_every_period(self, name: str) -> bool:
        """Do periods appear in which nothing happened?"""
        metric = self._metrics.written.get(name)
        given = metric.measure if metric is not None else None
        return (given is not None and given.is_spined) or any(
            self.is_in_every_period(m.name) for m in self._inputs(name)
        )

    def has_shift_of_derived(self, name: str) -> bool:
        """Is it a shift of a metric that is made of others?"""
        return any(
            bool((one.offset_window or one.offset_to_grain) and self._inputs(one.name))
            or self.has_shift_of_derived(one.name)
            for one in self._inputs(name)
        )

    def is_running(self, name: str) -> bool:
        """Is it made of a cumulative metric?"""
        return self._is_cumulative(name)

    def _is_conversion(self, name: str) -> bool:
        metric = self._metrics.written.get(name)
        is_one = metric is not None and metric.kind == "conversion"
        return is_one or any(self._is_conversion(one.name) for one in self._inputs(name))

    def _may_repeat(self, seen: Seen) -> bool:
        """Is a partitioned model reached by a key without the partition?"""
        models = self._names.manifest.models
        return any(
            one.is_partition and one.name not in join.partitions
            for join in seen.path
            for one in models[join.target].dimensions.values()
        )

    def has_mixed_conversion(self, name: str) -> bool:
        """Is it made of a conversion whose two events are kept by different periods?"""
        metric = self._metrics.written.get(name)
        said = metric.conversion if metric is not None else None
        if said is not None:
            own = {self._own_grain(self._metrics.aggregated(side.name)) for side in (said.base, said.then)}
            return len(own) > 1
        return any(self.has_mixed_conversion(one.name) for one in self._inputs(name))

    def has_filled_total(self, name: str) -> bool:
        """Is it made of a running total that appears, filled, in every period?"""
        metric = self._metrics.written.get(name)
        given = metric.measure if metric is not None and metric.kind == "cumulative" else None
        return (given is not None and given.is_spined) or any(
            self.has_filled_total(one.name) for one in self._inputs(name)
        )

    def has_shift_to_start(self, name: str) -> bool:
        return any(one.offset_to_grain or self.has_shift_to_start(one.name) for one in self._inputs(name))

    def has_shift_of_shifted(self, name: str) -> bool:
        """Is it a shift of something that is shifted itself?"""
        return any(
            (one.offset_window is not None and self._is_shifted(one.name)) or self.has_shift_of_shifted(one.name)
            for one in self._inputs(name)
        )

    def _is_shifted(self, name: str) -> bool:
        return any(one.offset_window or one.offset_to_grain or self._is_shifted(one.name) for one in self._inputs(name))

    def has_uneven_shift(self, name: str, grain: str) -> bool:
        """Is it shifted by months, and asked by a period that those do not make up, or that is longer?"""
        for one in self._inputs(name):
            months = _months(one.offset_window)
            if months and (grain not in _MONTHS or months % _MONTHS[grain]) and grain != "day":
                return True
            if self.has_uneven_shift(one.name, grain):
                return True
        return False

    def own_time_grain(self, item: Item, metrics: Sequence[str]) -> str | None:
        """The period (or `part`) by which an item cuts the metrics' own time; None where it is something else."""
        leaves = [leaf for name in metrics for leaf in self._metrics.leaves(name)]
        if not leaves:
            return None
        name, grain = self._parted(item)
        if name != METRIC_TIME:
            seen = self._names.see(leaves[0].model, name)
            if not _is_own_time(seen, leaves) or seen.dimension is None:
                return None
            grain = grain or seen.dimension.grain
        return "part" if item.part else grain or self._default(metrics, leaves)

    def _inputs(self, name: str) -> Sequence[MetricInput]:
        metric = self._metrics.written.get(name)
        return metric.inputs if metric is not None else ()

    def _is_cumulative(self, name: str) -> bool:
        metric = self._metrics.written.get(name)
        is_one = metric is not None and metric.kind == "cumulative"
        return is_one or any(self._is_cumulative(one.name) for one in self._inputs(name))

    # -- group-bys

    def _column(self, item: Item, metrics: Sequence[str], leaves: Sequence[Aggregated], facts: Sequence[str]) -> Column:
        name, grain = self._parted(item)
        if name == METRIC_TIME:
            grain = grain or (None if item.part else self._default(metrics, leaves))
            return self._cut("time", name, grain, item.part)
        seen = [self._names.see(fact, name) for fact in facts]
        dimension = seen[0].dimension
        if any(self._is_conversion(one) for one in metrics) and any(map(self._may_repeat, seen)):
            raise CannotCarry(f"`{name}` may have several rows for one event, each of which MetricFlow counts")
        if dimension is None or not dimension.is_time:
            return Column(by=self._names.shared(seen), label=name)
        if grain is None and item.part is None:
            grain = dimension.grain
        own = self._names.shared(seen) if not _is_own_time(seen[0], leaves) else "time"
        return self._cut(own, name, grain, item.part)

    def _parted(self, item: Item) -> tuple[str, str | None]:
        name, _, last = item.name.rpartition("__")
        if name and item.grain is None and (last in GRAINS or last in self._names.own_grains):
            return name, last
        return item.name, item.grain

    @staticmethod
    def _cut(by: str, name: str, grain: str | None, part: str | None) -> Column:
        if part is not None:
            if part not in PARTS:
                raise CannotCarry(f"the part `{part}` of a date is not known")
            return Column(by=f"{by}:{PARTS[part]}", label=f"{name}__extract_{part}")
        return Column(by=f"{by}:{grain}", label=f"{name}__{grain}")

    def _periods(self, items: Sequence[Item], where: Sequence[str]) -> Question:
        """The periods themselves, from the table that has them all."""
        grains = [self._parted(item)[1] or "day" for item in items]
        manifest = self._names.manifest
        fitting = [
            spine
            for spine in manifest.spines
            if spine.grain not in FINEST and all(self._is_made_of(grain, spine) for grain in grains)
        ]
        if not fitting:
            raise CannotCarry("no table of periods is declared for these grains")
        spine = max(fitting, key=lambda one: GRAINS.index(one.grain))
        own = f"{spine_dataset(spine, manifest)}.{spine.column}"
        columns = [
            self._cut(own, METRIC_TIME, None if item.part else grain, item.part)
            for item, grain in zip(items, grains, strict=True)
        ]
        conditions = tuple(self._metrics.filters.condition(template, (), own) for template in where if template)
        return Question(metrics=(), columns=tuple(columns), conditions=conditions, grain=spine.grain, is_periods=True)

    @staticmethod
    def _is_made_of(grain: str, spine: TimeSpine) -> bool:
        return grain in spine.grains or (grain in GRAINS and GRAINS.index(spine.grain) <= GRAINS.index(grain))

    def _listed(self, items: Sequence[Item]) -> str:
        """The model whose values are listed when no metric is asked: the one nearest to all that is named."""
        steps: dict[str, int] = {}
        for model in self._names.manifest.models:
            try:
                steps[model] = sum(len(self._names.see(model, self._parted(item)[0]).path) for item in items)
            except CannotCarry:
                continue
        if not steps:
            raise CannotCarry("no model leads to everything that is asked for")
        nearest = [model for model, count in steps.items() if count == min(steps.values())]
        if len(nearest) > 1:
            raise CannotCarry(f"no metric is asked, and the values may be those of {' or '.join(nearest)}")
        return nearest[0]

    # -- grains

    def _default(self, metrics: Sequence[str], leaves: Sequence[Aggregated]) -> str:
        """The grain of `metric_time` where nobody says: the longest of what the metrics say or are kept by."""
        said = [self._metrics.written[name].grain for name in metrics]
        own = [default_grain(self._own_grain(leaf)) for leaf in leaves]
        usual = [grain or longest(own) for grain in said] or own
        return longest(usual) if usual else "day"

    def _own_grain(self, leaf: Aggregated) -> str:
        dimension = self._names.manifest.models[leaf.model].dimensions.get(leaf.time or "")
        return dimension.grain if dimension else "day"

    def _grain(self, columns: Sequence[Column], metrics: Sequence[str], leaves: Sequence[Aggregated]) -> str:
        asked = [column.by.partition(":")[2] for column in columns if column.by.startswith("time:")]
        known = [grain for grain in asked if grain in GRAINS]
        if known:
            return min(known, key=GRAINS.index)
        return self._default(metrics, leaves) if leaves else "day"


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _months(window: str | None) -> int:
    """How many months a shift goes back; 0 where it is no number of them."""
    count, _, unit = (window or "").partition(" ")
    return int(count) * _MONTHS.get(unit, 0) if count.isdigit() else 0


def longest(grains: Sequence[str]) -> str:
    return max(grains, key=lambda grain: GRAINS.index(grain) if grain in GRAINS else 0)


def _is_own_time(seen: Seen, leaves: Sequence[Aggregated]) -> bool:
    """Is this the time that every measure is counted by?"""
    return (
        bool(leaves)
        and not seen.path
        and seen.dimension is not None
        and all((leaf.model, leaf.time) == (seen.fact, seen.dimension.name) for leaf in leaves)
    )
