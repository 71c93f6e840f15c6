"""dbt's metrics in, metrics as a context file says them out; what has no form here is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from loadline.project.importing.dbt_filters import Filters
from loadline.project.importing.dbt_names import GRAINS, METRIC_TIME, Names
from loadline.project.importing.dbt_nouns import (
    Aggregated,
    ConversionInput,
    DbtMetric,
    Manifest,
    MeasureInput,
    MetricInput,
)
from loadline.project.importing.nouns import CannotCarry, Loss, Remark
from loadline.project.importing.sql_text import is_constant, joined, quoted, with_names
from loadline.project.yaml_writer import Value

_AGGREGATES = {"sum": "sum", "average": "avg", "avg": "avg", "min": "min", "max": "max", "median": "median"}
_FIRST_OR_LAST = {"min": "first", "max": "last"}
_PERIODS = ("first", "last", "average")


class Metrics:
    """Everything that is a metric: those that were written, and measures that are used as one."""

    def __init__(self, manifest: Manifest, names: Names) -> None:
        self._manifest = manifest
        self._names = names
        self._measures = manifest.measures()
        self.written: dict[str, DbtMetric] = {
            **{
                one.name: DbtMetric(
                    name=one.name,
                    kind="simple",
                    description=one.description,
                    measure=MeasureInput(name=one.name),
                )
                for one in self._measures.values()
                if one.is_metric
            },
            **manifest.metrics,
        }
        self.filters = Filters(names, self.facts)
        self._made: dict[str, dict[str, Value]] = {}
        self.fields: dict[str, dict[str, Value]] = {}  # of datasets, which metrics need besides

    def all(self) -> tuple[dict[str, dict[str, Value]], list[Remark]]:
        """Every metric under its name, those that others are made of first where they were not written."""
        found: dict[str, dict[str, Value]] = {}
        remarks: list[Remark] = []
        for name, metric in self.written.items():
            try:
                found[name] = self._metric(metric)
            except CannotCarry as why:
                remarks.append(Remark(kind="metric", name=name, why=str(why)))
                continue
            if metric.grain:
                remarks.append(
                    Remark(
                        kind="metric",
                        name=name,
                        why=f"its default grain `{metric.grain}` is asked for in each question: `time:{metric.grain}`",
                        loss=Loss.CHANGED,
                    )
                )
        return {**self._made, **found}, remarks

    # -- what a metric is counted from

    def aggregated(self, name: str) -> Aggregated:
        """A measure; where the name is a simple metric's, the measure of that. Raises CannotCarry."""
        if name in self._measures:
            return self._measures[name]
        metric = self.written.get(name)
        if (
            metric is not None
            and metric.kind == "simple"
            and metric.measure is not None
            and metric.measure.name != name
        ):
            return self.aggregated(metric.measure.name)
        raise CannotCarry(f"there is no measure `{name}`")

    def leaves(self, name: str, above: tuple[str, ...] = ()) -> Iterator[Aggregated]:
        """Every measure under a metric. Raises CannotCarry."""
        metric = self.written.get(name)
        if metric is None or name in above:
            raise CannotCarry(f"there is no metric `{name}`" if metric is None else f"`{name}` is defined by itself")
        if metric.measure is not None:
            yield self.aggregated(metric.measure.name)
        if metric.conversion is not None:
            yield self.aggregated(metric.conversion.base.name)
        for one in metric.inputs:
            yield from self.leaves(one.name, (*above, name))

    def facts(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.model for one in self.leaves(name)))

    # -- one metric

    def _metric(self, metric: DbtMetric) -> dict[str, Value]:
        match metric.kind:
            case "simple":
                written = self._simple(metric)
            case "cumulative":
                written = self._cumulative(metric)
            case "conversion":
                written = self._converted(metric)
            case _:
                written = self._derived(metric)
        if metric.description:
            written["description"] = metric.description
        if metric.label and metric.label.lower() not in {metric.name, metric.name.replace("_", " ")}:
            written["synonyms"] = [metric.label]
        return written

    def _simple(self, metric: DbtMetric) -> dict[str, Value]:
        return self._measured(_demand(metric.measure), metric.filters)

    def _measured(self, given: MeasureInput, filters: tuple[str, ...] = ()) -> dict[str, Value]:
        one = self.aggregated(given.name)
        inherited = self.written.get(given.name) if given.name not in self._measures else None
        every = (*(inherited.filters if inherited else ()), *given.filters, *filters)
        written: dict[str, Value] = {"is": self._aggregate(one)}
        where = self._where(every, one, is_spined=given.is_spined)
        if where:
            written["where"] = where
        model = self._manifest.models[one.model]
        if one.time and one.time != model.time:
            written["time"] = f"{one.model}.{self._names.field(one.model, one.time)}"
        if one.non_additive is not None:
            self._semi_additive(one, written)
        written |= _filling(given)
        if given.fill is None and "count(" in str(written["is"]):
            written["fill"] = "none"  # dbt gives no number, rather than 0, where there are no rows
        return written

    def _where(self, filters: tuple[str, ...], one: Aggregated, *, is_spined: bool = False) -> str:
        """A filter on `metric_time` is one of rows; where every period appears, of the periods, too."""
        time = f"{one.model}.{self._names.field(one.model, one.time)}" if one.time else None
        conditions = tuple(self.filters.condition(template, (one.model,), time) for template in filters if template)
        if is_spined:
            of_time = (template for template in filters if METRIC_TIME in template)
            conditions += tuple(self.filters.condition(template, (one.model,)) for template in of_time)
        return joined(conditions) if conditions else ""

    def _aggregate(self, one: Aggregated) -> str:
        if is_constant(one.expr):
            return _of_rows(one)
        field = f"{one.model}.{quoted(self._names.field(one.model, one.name))}"
        match one.agg:
            case "sum_boolean":
                return f"sum(case when {field} then 1 else 0 end)"
            case "count":
                return f"count({field})"
            case "count_distinct":
                return f"count(distinct {field})"
            case "percentile":
                name = "percentile_disc" if one.is_discrete else "percentile"
                if one.is_approximate:
                    name = "approx_percentile"
                return f"{name}({field}, {one.percentile or '0.5'})"
            case agg if agg in _AGGREGATES:
                return f"{_AGGREGATES[agg]}({field})"
            case _:
                raise CannotCarry(f"the aggregation `{one.agg}` is not known")

    def _semi_additive(self, one: Aggregated, written: dict[str, Value]) -> None:
        rule = one.non_additive
        if rule is None or rule.choice not in _FIRST_OR_LAST:
            raise CannotCarry("what is kept of its non-additive dimension is neither the first nor the last")
        dimension = self._manifest.models[one.model].dimensions.get(rule.dimension)
        if dimension is None or (rule.dimension != one.time and not dimension.is_time):
            raise CannotCarry(f"its non-additive dimension `{rule.dimension}` is not a time")
        if rule.dimension != one.time:
            raise CannotCarry(f"its non-additive dimension `{rule.dimension}` is not the time it is counted by")
        written["take"] = f"{_FIRST_OR_LAST[rule.choice]} of period"
        if rule.groupings:
            per: list[Value] = [f"{one.model}.{self._names.field(one.model, name)}" for name in rule.groupings]
            written["per"] = per[0] if len(per) == 1 else per

    def _cumulative(self, metric: DbtMetric) -> dict[str, Value]:
        written = self._measured(_demand(metric.measure), metric.filters)
        if metric.period_agg not in _PERIODS:
            raise CannotCarry(f"`period_agg: {metric.period_agg}` is not known")
        if metric.window:
            over = _plural(metric.window)
        else:
            over = f"{metric.to_date} to date" if metric.to_date else "all"
        rest: dict[str, Value] = {key: written.pop(key) for key in ("fill", "every_period") if key in written}
        return {**written, "over": over, "take": f"{metric.period_agg} of period", **rest}

    # -- made of metrics

    def _derived(self, metric: DbtMetric) -> dict[str, Value]:
        if not metric.inputs:
            raise CannotCarry("it is made of no metrics")
        filters = list(metric.filters)
        shared = self._shared_where(filters, self.facts(metric.name)) if filters else ""
        own = tuple(filters) if filters and shared is None else ()
        is_alone = self._is_one_set(metric)
        texts = [self._input(one, own, is_alone=is_alone) for one in metric.inputs]
        if metric.kind == "ratio":
            written: dict[str, Value] = {"is": " / ".join(texts)}
        else:
            by_alias = {one.alias or one.name: text for one, text in zip(metric.inputs, texts, strict=True)}
            written = {"is": with_names(metric.expr, by_alias.get)}
        if shared:
            written["where"] = shared
        return written

    def _shared_where(self, filters: list[str], facts: tuple[str, ...]) -> str | None:
        """The filters as one condition for all facts; None where each needs words of its own."""
        try:
            return joined(tuple(self.filters.condition(template, facts) for template in filters))
        except CannotCarry:
            if len(facts) == 1:
                raise
            return None

    def _is_one_set(self, metric: DbtMetric) -> bool:
        """Are its numbers all of the same rows? Then none is missing where another is there, and a fill says nothing:
        where it stands beside other metrics, dbt fills a metric that was asked for, and none that it is made of."""
        is_plain = all(not (one.filters or one.offset_window or one.offset_to_grain) for one in metric.inputs)
        return is_plain and len(self.facts(metric.name)) == 1

    def _input(self, one: MetricInput, also: tuple[str, ...], *, is_alone: bool) -> str:
        if one.name not in self.written:
            raise CannotCarry(f"there is no metric `{one.name}`")
        given = self.written[one.name]
        is_filled = given.measure is not None and given.measure.fill is not None and not given.measure.is_spined
        name = one.name
        if is_alone and is_filled and given.measure is not None and given.kind == "simple" and not given.filters:
            name = self._plain_metric(given.measure) or name
        text = quoted(name)
        if one.offset_window:
            text += f"[{_plural(one.offset_window)} ago]"
        elif one.offset_to_grain:
            text += f"[start of {one.offset_to_grain}]"
        filters = (*one.filters, *also)
        if filters:
            facts = self.facts(one.name)
            time = self._time_of(one.name) if any(METRIC_TIME in template for template in filters) else None
            where = joined(tuple(self.filters.condition(template, facts, time) for template in filters))
            text += f" filter (where {where})"
        return text

    def _time_of(self, name: str) -> str | None:
        times = {f"{one.model}.{self._names.field(one.model, one.time)}" for one in self.leaves(name) if one.time}
        return times.pop() if len(times) == 1 else None

    # -- conversions

    def _converted(self, metric: DbtMetric) -> dict[str, Value]:
        """A number of conversions is there for every group with an event to convert, and for no other."""
        said = metric.conversion
        written = self._conversion(metric)
        if said is None or not said.is_count or written.get("every_period"):
            return written
        name = f"{metric.name}_found"
        self._made[name] = written
        base = str(written["convert"])
        self._made[f"{metric.name}_base"] = {"is": base, **({"where": written["where"]} if "where" in written else {})}
        return {"is": f"case when {metric.name}_base > 0 then {name} end"}

    def _conversion(self, metric: DbtMetric) -> dict[str, Value]:
        said = metric.conversion
        if said is None:
            raise CannotCarry("it says nothing of what is converted to what")
        base, then = self.aggregated(said.base.name), self.aggregated(said.then.name)
        if said.base.is_spined or said.then.is_spined or (said.base.fill is not None and not said.is_count):
            return self._filled_conversion(metric, said)
        written: dict[str, Value] = {
            "convert": self._as_metric(said.base, grain=self._longer(base, then)),
            "to": self._as_metric(said.then, grain=self._longer(then, base)),
        }
        if said.window:
            written["within"] = _plural(said.window)
        ends = [self._names.see(one.model, said.entity).spelled for one in (base, then)]
        written["per"] = ends[0] if ends[0] == ends[1] else list(ends)
        if said.constants:
            written["constant"] = [
                {"from": self._property(base.model, here), "to": self._property(then.model, there)}
                for here, there in said.constants
            ]
        written["as"] = "count" if said.is_count else "rate"
        where = self._where(metric.filters, base)
        if where:
            written["where"] = where
        if said.then.fill is not None and said.is_count:
            written |= _filling(said.then)
        return written

    def _filled_conversion(self, metric: DbtMetric, said: ConversionInput) -> dict[str, Value]:
        """A rate whose parts are filled: each part is a metric of its own, and the rate is made of the two."""
        plain = ConversionInput(
            base=MeasureInput(name=said.base.name, filters=said.base.filters),
            then=MeasureInput(name=said.then.name, filters=said.then.filters),
            entity=said.entity,
            window=said.window,
            is_count=True,
            constants=said.constants,
        )
        count = self._conversion(
            DbtMetric(name=metric.name, kind="conversion", filters=metric.filters, conversion=plain)
        )
        count |= _filling(said.then)
        if said.is_count:
            return count
        base = self._measured(said.base, metric.filters)
        self._made[f"{metric.name}_conversions"] = count
        self._made[f"{metric.name}_base"] = base
        return {"is": f"{metric.name}_conversions / {metric.name}_base"}

    def _property(self, model: str, name: str) -> str:
        if name not in self._manifest.models[model].entities and name not in self._manifest.models[model].dimensions:
            raise CannotCarry(f"`{name}` is neither an entity nor a dimension of `{model}`")
        return f"{model}.{self._names.field(model, name)}"

    def _longer(self, one: Aggregated, other: Aggregated) -> str | None:
        """The grain of the other's time, where that is longer: both are compared by it."""
        here, there = (self._grain_of(side) for side in (one, other))
        is_longer = here in GRAINS and there in GRAINS and GRAINS.index(there) > GRAINS.index(here)
        return there if is_longer else None

    def _grain_of(self, one: Aggregated) -> str:
        dimension = self._manifest.models[one.model].dimensions.get(one.time or "")
        return dimension.grain if dimension is not None else "day"

    def _as_metric(self, given: MeasureInput, grain: str | None = None) -> str:
        """The metric that is this measure and nothing else; made where none was written. With a `grain`, its time is
        that of the period it lies in."""
        measure = self.aggregated(given.name).name
        if grain is not None:
            return self._by_period(given, grain)
        known = self._plain_metric(given)
        if known is not None:
            return known
        name = measure if measure not in self.written else f"{measure}_measure"
        if given.filters:
            name = f"{name}_{len(self._made) + 1}"
        self._made[name] = self._measured(MeasureInput(name=measure, filters=given.filters))
        return name

    def _plain_metric(self, given: MeasureInput) -> str | None:
        """The metric that was written as this measure and nothing else."""
        wanted = MeasureInput(name=self.aggregated(given.name).name, filters=given.filters)
        plain = (m for m in self.written.values() if m.kind == "simple" and not m.filters and m.measure == wanted)
        return next((metric.name for metric in plain), None)

    def _by_period(self, given: MeasureInput, grain: str) -> str:
        one = self.aggregated(given.name)
        name = f"{one.name}_by_{grain}"
        time = self._names.field(one.model, one.time or "")
        self.fields.setdefault(one.model, {})[f"{time}_{grain}"] = f"date_trunc('{grain}', {quoted(time)})"
        self._made[name] = {**self._measured(given), "time": f"{one.model}.{time}_{grain}"}
        return name


def _filling(given: MeasureInput) -> Mapping[str, Value]:
    written: dict[str, Value] = {}
    if given.fill is not None:
        written["fill"] = int(given.fill) if given.fill == given.fill.to_integral_value() else given.fill
    if given.is_spined:
        written["every_period"] = True
    return written


def _of_rows(one: Aggregated) -> str:
    """An aggregate of a constant: so many times the rows there are."""
    if one.agg == "count" or (one.agg == "sum" and one.expr.strip() == "1"):
        return f"count({one.model})"
    if one.agg == "sum" and re.fullmatch(r"\s*[-+]?\d+(\.\d+)?\s*", one.expr):
        return f"{one.expr.strip()} * count({one.model})"
    raise CannotCarry(f"the aggregation `{one.agg}` of a constant says nothing of its rows")


def _demand(given: MeasureInput | None) -> MeasureInput:
    if given is None:
        raise CannotCarry("it names no measure")
    return given


def _plural(window: str) -> str:
    count, unit = window.split(" ", 1)
    is_known = re.fullmatch(r"second|minute|hour|day|week|month|quarter|year", unit) is not None
    return f"{count} {unit}s" if count != "1" and is_known else window
