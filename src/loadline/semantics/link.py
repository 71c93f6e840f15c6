"""The model as written in, the linked model out: every name looked up, every type inferred, every fault listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfoNotFoundError

from loadline.errors import ProjectError
from loadline.semantics import codes
from loadline.semantics.catalog import Catalog, Elsewhere, Lost, parsed
from loadline.semantics.grammar import DEEPEST, Apply, Constant, Name, names_in
from loadline.semantics.linked import Linked, LinkedMetric, measures_of
from loadline.semantics.moments import zone
from loadline.semantics.near import a, listed, nearest
from loadline.semantics.nodes import (
    INTEGER,
    NUMBER,
    UNKNOWN,
    Kind,
    Lit,
    Measure,
    Node,
    columns_in,
    is_larger,
    with_measures,
)
from loadline.semantics.typed import Fault, Scope, is_a, typed, wrong
from loadline.values.diagnostic import Diagnostic
from loadline.values.model import Metric, Model, Text
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


def condition(catalog: Catalog, fact: str, text: Text) -> Node:
    """A boolean expression over fields that a fact leads to. Raises Fault, or Elsewhere."""
    tree = parsed(text.value)
    scope = Scope(
        name=lambda name: _field(catalog, fact, name, codes.UNRELATED), aggregate=None, calendar=catalog.model.calendar
    )
    node = typed(tree, scope)
    if not is_a(node, "boolean") or isinstance(node, Lit):
        raise wrong(tree, f"the condition is {a(node.kind.name)}", "write a comparison that is true or false")
    return node


def at(text: Text, fault: Fault) -> Diagnostic:
    """The diagnostic that points at a fault within an expression."""
    is_one_line = "\n" not in text.value[: fault.at]
    place = text.place.within(fault.at, fault.length) if is_one_line else text.place
    return _diagnostic(fault, place)


def _diagnostic(fault: Fault, place: Place) -> Diagnostic:
    return Diagnostic(code=fault.code, what=fault.what, why=codes.CODES[fault.code].why, mend=fault.mend, place=place)


def _by_place(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    place = diagnostic.place
    return (place.file, place.line, place.column, diagnostic.code) if place else ("", 0, 0, diagnostic.code)


def _field(catalog: Catalog, fact: str, name: Name, unrelated: str) -> Node:
    """What a dotted name means in a definition, seen from the fact. Raises Fault, or Elsewhere for a broken field."""
    if len(name.parts) < 2:
        known = [d for d in catalog.model.datasets if catalog.has(d, name.parts[0])]
        mend = " or ".join(f"`{d}.{name.parts[0]}`" for d in known[:4])
        raise wrong(
            name,
            f"`{name}` does not say which dataset it belongs to",
            f"write {mend}" if known else "write `dataset.field`",
            codes.UNKNOWN_NAME,
        )
    try:
        return catalog.see(fact, name.parts).node
    except Lost as lost:
        code = {"unknown": codes.UNKNOWN_NAME, "unreachable": unrelated, "several": codes.SEVERAL_PATHS_WRITTEN}
        raise wrong(name, lost.what, lost.mend, code[lost.reason]) from None
    except Fault:
        raise Elsewhere from None


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
        return Linked(
            model=self._model,
            catalog=self._catalog,
            metrics={name: linked for name in self._model.metrics if (linked := self._metrics.get(name)) is not None},
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
        text = metric.expr
        try:
            parts: dict[str, None] = {}
            node = self._definition(metric, parts)
            if metric.time is not None:
                text = metric.time
                node = with_measures(node, self._timed(metric, metric.time))
            if metric.where is not None:
                text = metric.where
                node = with_measures(node, self._narrowed(metric.where))
            node = with_measures(node, self._shared)
            self._metrics[name] = LinkedMetric(metric=metric, node=node, parts=tuple(parts), measures=measures_of(node))
        except Fault as fault:
            self.diagnostics.append(at(text, fault))
            self._metrics[name] = None
        except Elsewhere:
            self._metrics[name] = None
        finally:
            self._reading.pop()
        return self._metrics[name]

    def _definition(self, metric: Metric, parts: dict[str, None]) -> Node:
        tree = parsed(metric.expr.value)
        scope = Scope(
            name=lambda name: self._other(name, parts),
            aggregate=self._measure,
            calendar=self._model.calendar,
        )
        node = typed(tree, scope)
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
            node = _field(self._catalog, measure.fact, tree, codes.UNRELATED)
            if node.kind.name not in {"date", "timestamp", "unknown"}:
                raise wrong(
                    tree,
                    f"the time `{tree}` of `{metric.name}` is {a(node.kind.name)}",
                    "name a field of type date or timestamp",
                    codes.TIME_NOT_A_TIME,
                )
            return replace(measure, time=node, time_name=str(tree))

        return change

    def _narrowed(self, text: Text) -> Change:
        def change(measure: Measure) -> Measure:
            node = condition(self._catalog, measure.fact, text)
            return measure if node in measure.where else replace(measure, where=(*measure.where, node))

        return change

    def _measure(self, tree: Apply) -> Measure:
        name = _aggregate(tree)
        if name == "count" and isinstance(tree.args[0], Name) and len(tree.args[0].parts) == 1:
            return self._count_of_rows(tree.args[0])
        fact = self._fact(tree)
        scope = Scope(
            name=lambda part: _field(self._catalog, fact, part, codes.UNRELATED),
            aggregate=None,
            calendar=self._model.calendar,
        )
        arg = typed(tree.args[0], scope)
        if not any(True for _ in columns_in(arg)):
            raise wrong(tree.args[0], f"`{tree.name}` is given a constant", "aggregate a field", codes.NOTHING_MEASURED)
        kind = _measured(tree, name, arg)
        return Measure(name=name, fact=fact, arg=arg, share=_share(tree) if name == "percentile" else None, kind=kind)

    def _count_of_rows(self, name: Name) -> Measure:
        fact = name.parts[0]
        if fact not in self._model.datasets:
            close = nearest(fact, self._model.datasets)
            raise wrong(
                name,
                f"`{fact}` is not a dataset",
                f"write `count({close})`" if close else f"count one of {listed(self._model.datasets)}, or a field",
                codes.UNKNOWN_NAME,
            )
        return Measure(name="count", fact=fact, arg=None, kind=INTEGER)

    def _fact(self, tree: Apply) -> str:
        """The dataset whose rows are aggregated: of those named, the one that leads to all the others."""
        names = list(names_in(tree.args[0]))
        dotted = [name for name in names if len(name.parts) > 1]
        for name in names:
            if len(name.parts) == 1:
                _field(self._catalog, "", name, codes.UNRELATED)
        heads = list(dict.fromkeys(n.parts[0] for n in dotted if n.parts[0] in self._model.datasets))
        fitting = [head for head in heads if all(self._leads_to(head, name) for name in dotted)]
        if len(fitting) == 1:
            return fitting[0]
        if not heads:
            raise self._no_fact(tree, names)
        if len(heads) == 1:
            return heads[0]  # reading the argument will say what is wrong
        self._say_unknown(dotted)
        raise wrong(
            tree,
            f"`{tree.name}` mixes {listed(heads)}, of which {'several' if fitting else 'none'} leads to all the others",
            "aggregate one dataset, and name others only where its rows lead to one row of them",
            codes.UNRELATED,
        )

    def _leads_to(self, fact: str, name: Name) -> bool:
        try:
            self._catalog.see(fact, name.parts)
        except Lost as lost:
            return lost.reason == "several"
        except (Fault, Elsewhere):
            return True
        return True

    def _say_unknown(self, names: list[Name]) -> None:
        for name in names:
            if name.parts[0] in self._model.datasets and not self._leads_to(name.parts[0], name):
                _field(self._catalog, name.parts[0], name, codes.UNRELATED)

    def _no_fact(self, tree: Apply, names: list[Name]) -> Fault:
        if not names:
            return wrong(
                tree,
                f"`{tree.name}` is given a constant",
                "aggregate a field, as in `sum(orders.amount)`",
                codes.NOTHING_MEASURED,
            )
        close = nearest(names[0].parts[0], self._model.datasets)
        return wrong(
            names[0],
            f"`{names[0].parts[0]}` is not a dataset",
            f"write `{'.'.join((close, *names[0].parts[1:]))}`"
            if close
            else f"start with one of {listed(self._model.datasets)}",
            codes.UNKNOWN_NAME,
        )


def _aggregate(tree: Apply) -> str:
    """The measure's name. Raises Fault when the call has the wrong form."""
    if tree.is_star:
        raise wrong(tree, f"`{tree.name}(*)` does not say what is counted", "write `count(dataset)`", codes.WRONG_TYPE)
    if tree.is_distinct and tree.name != "count":
        raise wrong(tree, f"`{tree.name}` cannot take `distinct`", "write `count(distinct …)`")
    wanted = 2 if tree.name == "percentile" else 1
    if len(tree.args) != wanted:
        form = "percentile(orders.amount, 0.95)" if wanted == 2 else f"{tree.name}(orders.amount)"
        raise wrong(tree, f"`{tree.name}` is given {len(tree.args)} values and takes {wanted}", f"write it as `{form}`")
    return "count_distinct" if tree.is_distinct else tree.name


def _measured(tree: Apply, name: str, arg: Node) -> Kind:
    allowed: tuple[str, ...] = ("integer", "number")
    match name:
        case "count" | "count_distinct":
            return INTEGER
        case "min" | "max":
            allowed = ("integer", "number", "date", "timestamp", "string")
            kind = arg.kind
        case "sum":
            kind = arg.kind
        case _:
            kind = NUMBER
    if not is_a(arg, *allowed):
        raise wrong(
            tree.args[0],
            f"`{tree.name}` is given {a(arg.kind.name)}",
            f"use a field of type {' or '.join(allowed)}, or count it: `count(…)`",
        )
    return NUMBER if kind == UNKNOWN and name == "sum" else kind


def _share(tree: Apply) -> Lit:
    share = tree.args[1]
    value = share.value if isinstance(share, Constant) else None
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise wrong(share, "the percentile is not a number", "write a share between 0 and 1, such as `0.95`")
    if not 0 <= value <= 1:
        raise wrong(share, f"the percentile {value} is not between 0 and 1", "write a share such as `0.95`")
    return Lit(value=value, kind=NUMBER)
