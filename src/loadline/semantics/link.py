"""The model as written in, the linked model out: every name looked up, every type inferred, every fault listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfoNotFoundError

from loadline.errors import ProjectError
from loadline.semantics import codes
from loadline.semantics.catalog import Catalog, Elsewhere, parsed
from loadline.semantics.grammar import DEEPEST
from loadline.semantics.linked import Linked, LinkedMetric, measures_of
from loadline.semantics.measuring import MetricOf, condition, condition_of, field_seen, measure_of, row_scope
from loadline.semantics.moments import zone
from loadline.semantics.near import a, listed, nearest
from loadline.semantics.nodes import (
    Kind,
    Measure,
    Node,
    call,
    is_larger,
    with_measures,
)
from loadline.semantics.rollups import LinkedRollup, Misplaced, link_rollup
from loadline.semantics.shaping import conversion_of, cumulative, shifted, taken
from loadline.semantics.typed import Fault, Scope, literal, pointing, typed, wrong
from loadline.semantics.written import Apply, Name, Written, names_in
from loadline.values.diagnostic import Diagnostic
from loadline.values.model import Conversion, Metric, Model, Text
from loadline.values.place import Place

LARGEST = 2_000
"""Parts that one definition may have, all others it uses written out."""

Change = Callable[[Measure], Measure]


def link(model: Model) -> Linked:
    """Raises ProjectError with a diagnostic for every definition that does not hold."""
    linker = _Linker(model)
    linked = linker.whole()
    if linker.diagnostics:
        raise ProjectError(*sorted(linker.diagnostics, key=_by_place))
    return linked


def _demands(tree: Written) -> tuple[Written, ...]:
    """What a condition demands, one by one."""
    if isinstance(tree, Apply) and tree.name == "and":
        return tuple(one for arg in tree.args for one in _demands(arg))
    return (tree,)


def _is_about_time(tree: Written) -> bool:
    names = [name.parts for name in names_in(tree)]
    return bool(names) and all(parts == ("time",) for parts in names)


def check_filter(linked: Linked, text: Text) -> tuple[Diagnostic, ...]:
    """What is wrong with a policy's row filter; nothing when it holds."""
    try:
        tree = parsed(text.value)
        heads = [name.parts[0] for name in names_in(tree)]
        facts = [d for d in linked.model.datasets if d in heads] or list(linked.model.datasets)
        tried: list[Fault] = []
        for fact in facts:
            try:
                row_filter(linked, fact, text)
            except Fault as fault:
                tried.append(fault)
            else:
                return ()
        raise (
            next((f for f in tried if f.code != codes.UNRELATED), tried[0])
            if tried
            else wrong(tree, "the filter names no dataset", "write `dataset.field`", codes.UNKNOWN_NAME)
        )
    except Fault as fault:
        return (at(text, fault),)


def row_filter(linked: Linked, fact: str, text: Text) -> Node:
    """A row filter seen from a fact. Raises Fault."""
    return condition(linked.catalog, fact, text)


def at(text: Text, fault: Fault) -> Diagnostic:
    """The diagnostic that points at a fault within an expression."""
    text = fault.text or text
    is_one_line = "\n" not in text.value[: fault.at]
    place = text.place.within(fault.at, fault.length) if is_one_line else text.place
    return _diagnostic(fault, place)


def _diagnostic(fault: Fault, place: Place) -> Diagnostic:
    return Diagnostic(code=fault.code, what=fault.what, why=codes.CODES[fault.code].why, mend=fault.mend, place=place)


def _by_place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    place = diagnostic.place
    return (place.file, place.line, place.column, diagnostic.code) if place else ("", 0, 0, diagnostic.code)


class _Linker:
    """Reads every definition once, in any order, and collects what is wrong with each."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._catalog = Catalog(model)
        self._metrics: dict[str, LinkedMetric | None] = {}
        self._reading: list[str] = []
        self._same: dict[Measure, Measure] = {}
        self.diagnostics: list[Diagnostic] = []

    def whole(self) -> Linked:
        if self._knows_its_time_zones():
            self._look_at_fields()
            self._look_at_relationships()
            self._look_at_names()
            for name in self._model.metrics:
                self._metric(name)
        rollups = tuple(self._rollups())
        return Linked(
            model=self._model,
            rollups=rollups,
            catalog=self._catalog,
            metrics={name: linked for name in self._model.metrics if (linked := self._metrics.get(name)) is not None},
            same=self._same,
        )

    # -- datasets

    def _knows_its_time_zones(self) -> bool:
        calendar = self._model.calendar
        zones: list[tuple[str, Place | None]] = [(calendar.timezone, None)]
        for dataset in self._model.datasets.values():
            columns = dataset.table.columns.values() if dataset.table else ()
            zones += [(column.timezone, column.place) for column in columns if column.timezone]
        is_fine = True
        for name, place in dict.fromkeys(zones):
            try:
                zone(name)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                is_fine = False
                fault = Fault(
                    codes.UNKNOWN_TIME_ZONE,
                    f"`{name}` is not a time zone",
                    "write a name such as `Europe/Berlin` or `UTC`",
                )
                self.diagnostics.append(_diagnostic(fault, place or Place(file="context")))
        return is_fine

    def _look_at_fields(self) -> None:
        for dataset in self._model.datasets.values():
            for field in dataset.fields.values():
                try:
                    self._catalog.field(dataset.name, field.name)
                except Fault as fault:
                    self.diagnostics.append(at(field.expr, fault))
                except Elsewhere:
                    pass
            if dataset.time is not None:
                self._look_at_time(dataset.name, dataset.time, dataset.place)

    def _look_at_time(self, dataset: str, time: str, place: Place) -> None:
        if not self._catalog.has(dataset, time) and self._model.datasets[dataset].table is not None:
            close = nearest(time, self._catalog.fields_of(dataset))
            fault = Fault(
                codes.UNKNOWN_NAME,
                f"the time `{time}` of `{dataset}` is not one of its fields",
                f"write `time: {close}`" if close else f"use one of {listed(self._catalog.fields_of(dataset))}",
            )
            self.diagnostics.append(_diagnostic(fault, place))
            return
        try:
            kind = self._catalog.field(dataset, time).kind
        except (Fault, Elsewhere):
            return
        if kind.name not in {"date", "timestamp", "unknown"}:
            fault = Fault(
                codes.TIME_NOT_A_TIME,
                f"the time `{time}` of `{dataset}` is {a(kind.name)}",
                "name a field of type date or timestamp",
            )
            self.diagnostics.append(_diagnostic(fault, place))

    def _look_at_relationships(self) -> None:
        for step in self._model.relationships:
            for here, there in zip(step.source_columns, step.target_columns, strict=False):
                self._look_at_keys((step.source, here), (step.target, there), step.place)
            for edge in step.valid or ():
                self._look_at_keys((step.target, edge), (step.target, edge), step.place)

    def _look_at_keys(self, here: tuple[str, str], there: tuple[str, str], place: Place) -> None:
        kinds: list[Kind] = []
        for dataset, name in (here, there):
            if not self._catalog.has(dataset, name) and self._model.datasets[dataset].table is not None:
                close = nearest(name, self._catalog.fields_of(dataset))
                fault = Fault(
                    codes.UNKNOWN_NAME,
                    f"`{name}` is not a column of `{dataset}`",
                    f"write `{dataset}.{close}`" if close else f"use one of {listed(self._catalog.fields_of(dataset))}",
                )
                self.diagnostics.append(_diagnostic(fault, place))
                return
            try:
                kinds.append(self._catalog.key(dataset, name).kind)
            except (Fault, Elsewhere):
                return
        names = {kind.name for kind in kinds} - {"unknown"}
        if len(names) > 1 and names != {"integer", "number"}:
            fault = Fault(
                codes.WRONG_TYPE,
                f"`{'.'.join(here)}` is {a(kinds[0].name)} and `{'.'.join(there)}` {a(kinds[1].name)}",
                "join columns of the same type, or declare a field that converts one of them",
            )
            self.diagnostics.append(_diagnostic(fault, place))

    def _look_at_names(self) -> None:
        for metric in self._model.metrics.values():
            other = (
                "the time dimension" if metric.name == "time" else "a term" if metric.name in self._model.terms else ""
            )
            if other:
                fault = Fault(
                    codes.NAME_TAKEN,
                    f"the metric `{metric.name}` has the name of {other}",
                    f"rename the metric, for example `{metric.name}_total`",
                )
                self.diagnostics.append(_diagnostic(fault, metric.place))

    # -- metrics

    def _metric(self, name: str) -> LinkedMetric | None:
        """The linked metric, or None when it is broken (and its diagnostics are taken down)."""
        if name in self._metrics:
            return self._metrics[name]
        metric = self._model.metrics[name]
        self._reading.append(name)
        try:
            parts: dict[str, None] = {}
            node = self._definition(metric, parts)
            for text, change in self._changes(metric, parts):
                with pointing(text):
                    node = change(node)
            node = with_measures(node, self._shared)
            if metric.fill is not None:
                node = call("coalesce", node, literal(metric.fill), kind=node.kind)
            self._metrics[name] = LinkedMetric(metric=metric, node=node, parts=tuple(parts), measures=measures_of(node))
        except Fault as fault:
            self.diagnostics.append(at(metric.expr, fault))
            self._metrics[name] = None
        except Elsewhere:
            self._metrics[name] = None
        finally:
            self._reading.pop()
        return self._metrics[name]

    def _changes(self, metric: Metric, parts: dict[str, None]) -> Iterator[tuple[Text, Callable[[Node], Node]]]:
        """What a metric's attributes make of its definition, in order, each with the text that a fault points into."""

        def every(make: Callable[[], Change]) -> Callable[[Node], Node]:
            return lambda node: with_measures(node, make())

        if metric.conversion is not None:
            conversion = metric.conversion
            yield conversion.to, lambda node: self._converted(conversion, node, parts)
        if (time := metric.time) is not None:
            yield time, every(lambda: self._timed(metric, time))
        if (over := metric.over) is not None:
            yield over, every(lambda: cumulative(over))
        if (take := metric.take) is not None:
            yield take, every(lambda: taken(self._catalog, take, metric.take_per))
        if metric.is_every_period:
            yield metric.expr, every(lambda: partial(replace, is_every_period=True))
        if (where := metric.where) is not None:
            yield where, every(lambda: self._narrowed(where, parts))
        if metric.is_null_if_absent:
            yield metric.expr, every(lambda: partial(replace, is_null_if_absent=True))

    def _definition(self, metric: Metric, parts: dict[str, None]) -> Node:
        tree = parsed(metric.expr.value)

        def inner(tree: Written) -> Node:
            return typed(tree, scope)

        scope = Scope(
            name=lambda name: self._other(name, parts),
            aggregate=lambda call: measure_of(self._catalog, call, self._per(parts)),
            shift=lambda tree: shifted(tree, inner(tree.tree), self._model.calendar),
            only=lambda tree: with_measures(inner(tree.tree), self._narrowed_to(tree.condition, parts)),
            calendar=self._model.calendar,
        )
        node = inner(tree)
        if is_larger(node, LARGEST):
            raise wrong(
                tree,
                f"the metric `{metric.name}` has more than {LARGEST} parts once all it is made of is written out",
                "build it from fewer metrics",
                codes.TOO_LARGE,
            )
        if not measures_of(node):
            raise wrong(
                tree,
                f"the metric `{metric.name}` measures nothing",
                "aggregate a field, as in `sum(orders.amount)`, or name another metric",
                codes.NOTHING_MEASURED,
            )
        return node

    def _other(self, name: Name, parts: dict[str, None]) -> Node:
        """A name outside aggregates: another metric."""
        if len(name.parts) > 1:
            is_field = name.parts[0] in self._model.datasets
            raise wrong(
                name,
                f"`{name}` stands outside an aggregate",
                f"write `sum({name})`, or another aggregate of it" if is_field else "name a metric, without dots",
                codes.ROW_OUTSIDE_AGGREGATE,
            )
        other = name.parts[0]
        if other in self._reading:
            circle = " -> ".join([*self._reading[self._reading.index(other) :], other])
            raise wrong(
                name,
                f"the metric `{other}` is defined by itself: {circle}",
                f"define one of {listed(self._reading[self._reading.index(other) :])} by aggregates only",
                codes.CIRCULAR_METRIC,
            )
        if other not in self._model.metrics:
            raise self._unknown_metric(name, other)
        if len(self._reading) > DEEPEST:
            raise wrong(
                name, f"metrics are built on each other more than {DEEPEST} deep", "build on fewer", codes.TOO_LARGE
            )
        linked = self._metric(other)
        if linked is None:
            raise Elsewhere
        parts.update(dict.fromkeys((other, *linked.parts)))
        return linked.node

    def _unknown_metric(self, name: Name, other: str) -> Fault:
        owners = [d for d in self._model.datasets if self._catalog.has(d, other)]
        if owners:
            return wrong(
                name,
                f"`{other}` is a field, and stands outside an aggregate",
                f"write `sum({owners[0]}.{other})`, or another aggregate of it",
                codes.ROW_OUTSIDE_AGGREGATE,
            )
        close = nearest(other, self._model.metrics)
        return wrong(
            name,
            f"`{other}` is not a metric",
            f"write `{close}`" if close else f"use one of {listed(self._model.metrics)}",
            codes.UNKNOWN_NAME,
        )

    # -- rollups

    def _rollups(self) -> Iterator[LinkedRollup]:
        """Those with the fewest dimensions first: they are the smallest."""
        metrics = {name: linked for name, linked in self._metrics.items() if linked is not None}
        for rollup in sorted(self._model.rollups.values(), key=lambda one: (len(one.by), one.name)):
            try:
                yield link_rollup(self._catalog, metrics, rollup)
            except Misplaced as misplaced:
                self.diagnostics.append(at(misplaced.text, misplaced.fault))
            except Fault as fault:
                self.diagnostics.append(_diagnostic(fault, rollup.place))
            except Elsewhere:
                pass

    # -- measures

    def _shared(self, measure: Measure) -> Measure:
        """One object for equal measures, so that they are computed once and found by identity."""
        if measure.time is None:
            default = self._model.datasets[measure.fact].time
            if default is not None:
                try:
                    time = self._catalog.field(measure.fact, default)
                except Fault:
                    raise Elsewhere from None
                measure = replace(measure, time=time, time_name=f"{measure.fact}.{default}")
        return self._same.setdefault(measure, measure)

    def _timed(self, metric: Metric, text: Text) -> Change:
        tree = parsed(text.value)
        if not isinstance(tree, Name):
            raise wrong(tree, "the time of a metric is an expression", "name one field: `time: orders.ordered_at`")

        def change(measure: Measure) -> Measure:
            node = field_seen(self._catalog, measure.fact, tree)
            if node.kind.name not in {"date", "timestamp", "unknown"}:
                raise wrong(
                    tree,
                    f"the time `{tree}` of `{metric.name}` is {a(node.kind.name)}",
                    "name a field of type date or timestamp",
                    codes.TIME_NOT_A_TIME,
                )
            return replace(measure, time=node, time_name=str(tree))

        return change

    def _per(self, parts: dict[str, None]) -> MetricOf:
        return lambda name: with_measures(self._other(name, parts), self._shared)

    def _narrowed(self, text: Text, parts: dict[str, None]) -> Change:
        return self._narrowed_to(parsed(text.value), parts)

    def _narrowed_to(self, tree: Written, parts: dict[str, None]) -> Change:
        def change(measure: Measure) -> Measure:
            timed = self._shared(measure)
            for one in _demands(tree):
                if _is_about_time(one) and (timed.over or timed.shifts or timed.is_every_period):
                    timed = replace(timed, after=(*timed.after, one))
                    continue
                scope = row_scope(self._catalog, measure.fact, self._per(parts), timed.time)
                node = condition_of(one, scope)
                if node not in timed.where:
                    timed = replace(timed, where=(*timed.where, node))
            return timed

        return change

    def _converted(self, conversion: Conversion, node: Node, parts: dict[str, None]) -> Node:
        base = with_measures(node, self._shared)
        tree = parsed(conversion.to.value)
        if not isinstance(tree, Name):
            raise wrong(tree, "`to` is an expression", "name one metric", codes.WRONG_CONVERSION)
        follows = with_measures(self._other(tree, parts), self._shared)
        return conversion_of(self._catalog, conversion, base, follows)
