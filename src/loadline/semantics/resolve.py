"""A query in; the plan out, every name looked up and every refusal said before any SQL exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from loadline.semantics import codes
from loadline.semantics.body import Body, Scan, Sort
from loadline.semantics.identifiers import plain_name
from loadline.semantics.linked import Linked, LinkedMetric, keep
from loadline.semantics.moments import in_window
from loadline.semantics.near import listed, nearest
from loadline.semantics.nodes import Col, Measure, Node, columns_in
from loadline.semantics.requests import (
    TIME,
    Dimension,
    Target,
    filter_node,
    find_dimension,
    find_field,
    find_metric,
    no_time,
    refusal,
)
from loadline.semantics.versions import digest_of, version_of
from loadline.semantics.words import phrase_by, phrase_filter
from loadline.values.plan import Dates, JoinUse, Meaning, MetricUse, Plan, ResultColumn, SourceUse
from loadline.values.query import By, Filter, Order, Query


def resolve(linked: Linked, query: Query, *, audience: str | None = None) -> Plan:
    """Raises RequestError; with `options` when there are several governed readings to choose from."""
    key = (query, tuple(type(value) for wanted in query.where for value in wanted.values), audience)
    known = linked.plans.get(key)
    return known if known is not None else keep(linked.plans, key, _Resolving(linked, query, audience).plan())


class _Resolving:
    def __init__(self, linked: Linked, query: Query, audience: str | None) -> None:
        self._linked = linked
        self._query = query
        self._catalog = linked.catalog
        if not query.metrics and not query.by:
            raise refusal(codes.NOTHING_ASKED, "no metric and no dimension is asked for", "name a metric")
        self._asked = [find_metric(linked, name, audience) for name in query.metrics]
        self._audience = audience
        self._metrics = tuple(one.metric.name for one in self._asked)
        self._refuse_repeats(self._metrics)
        self._measures = tuple({id(m): m for one in self._asked for m in one.measures}.values())
        self._targets = self._find_targets()

    def plan(self) -> Plan:
        query = self._query
        on_groups = [wanted for wanted in query.where if self._as_metric(wanted.name) is not None]
        on_rows = [wanted for wanted in query.where if self._as_metric(wanted.name) is None]
        dimensions = [find_dimension(self._linked, by, self._targets) for by in query.by]
        self._refuse_repeats(tuple(d.name for d in dimensions))
        conditions = [self._conditions(wanted) for wanted in on_rows]
        windows = self._windows()
        scans = self._scans(dimensions, conditions, windows)
        columns = (*(self._dimension_column(d) for d in dimensions), *map(self._metric_column, self._asked))
        having = tuple(self._having(wanted) for wanted in on_groups)
        body = Body(
            scans=scans,
            aliases=_aliases([column.name for column in columns]),
            metrics=tuple(one.node for one in self._asked),
            having=having,
            sorts=self._sorts(dimensions),
            limit=self._limit(),
        )
        uses = tuple(self._uses())
        sources, joins = _lineage(self._linked, scans)
        touches = frozenset(f"{source.dataset}.{column}" for source in sources for column in source.columns)
        return Plan(
            query=query,
            metrics=uses,
            sources=sources,
            joins=joins,
            columns=columns,
            touches=touches,
            classifications=self._classifications(touches),
            dates=self._dates(),
            filters=tuple(self._filters_in_words()),
            assumptions=tuple(self._assumptions()),
            digest=digest_of(self._linked, body, uses, columns),
            meanings=self._meanings(),
            body=body,
        )

    # -- what is asked

    def _refuse_repeats(self, names: Sequence[str]) -> None:
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise refusal(codes.ASKED_TWICE, f"`{repeated}` is asked for twice", f"name `{repeated}` once")

    def _find_targets(self) -> tuple[Target, ...]:
        if self._measures:
            owner = {id(m): one.metric.name for one in reversed(self._asked) for m in one.measures}
            return tuple(Target(fact=m.fact, metric=owner[id(m)], measure=m) for m in self._measures)
        return (Target(fact=self._listed_dataset()),)

    def _listed_dataset(self) -> str:
        """The dataset whose values are listed: of those named, the one that leads to all the others."""
        if self._query.during is not None:
            raise refusal(
                codes.NO_TIME,
                "a window is asked for and no metric, whose time it would apply to",
                "name a metric, or filter a time field: `orders.ordered_at >= 2025-01-01`",
            )
        names = [by.name for by in self._query.by]
        if TIME in names:
            raise refusal(
                codes.NO_TIME,
                "`time` is a metric's own time, and no metric is asked for",
                "name a metric, or the time field itself, as in `orders.ordered_at:month`",
            )
        heads = list(dict.fromkeys(head for name in names if (head := self._head(name)) is not None))
        if not heads:
            find_field(self._catalog, names[0], [Target(fact=next(iter(self._linked.model.datasets)))])
        fitting = [head for head in heads if all(self._leads(head, name) for name in names)]
        if len(fitting) == 1 or len(heads) == 1:
            return (fitting or heads)[0]
        raise refusal(
            codes.NO_SHARED_DATASET,
            f"{listed(names)} belong to {listed(heads)}, and {'several' if fitting else 'none'} of them leads to all",
            "name a metric, or dimensions of one dataset",
        )

    def _head(self, name: str) -> str | None:
        parts = name.split(".")
        if len(parts) > 1:
            return self._catalog.target(parts[0])
        owners = [dataset for dataset in self._linked.model.datasets if self._catalog.has(dataset, name)]
        if len(owners) > 1:
            options = tuple(f"{owner}.{name}" for owner in owners)
            raise refusal(
                codes.WHICH_DATASET,
                f"`{name}` is a field of {listed(owners)}",
                f"write {' or '.join(f'`{option}`' for option in options)}",
                options,
            )
        return owners[0] if owners else None

    def _leads(self, head: str, name: str) -> bool:
        parts = tuple(name.split("."))
        steps = parts[:-1] or (self._head(name) or "",)
        return bool(self._catalog.graph.find(head, steps)) or (
            len(steps) == 1 and self._catalog.target(steps[0]) == head
        )

    def _as_metric(self, name: str) -> LinkedMetric | None:
        """The asked metric that a filter or order names, if it names one."""
        for asked, one in zip(self._query.metrics, self._asked, strict=True):
            if name in {asked, one.metric.name}:
                return one
        return None

    # -- rows

    def _conditions(self, wanted: Filter) -> tuple[Node, ...]:
        """The filter as each target applies it."""
        if "." not in wanted.name and wanted.name in {*self._linked.metrics, *self._linked.model.terms}:
            raise refusal(
                codes.METRIC_NOT_ASKED,
                f"the filter is on `{wanted.name}`, which is not asked for",
                f"ask for `{wanted.name}` too",
            )
        if wanted.name == TIME:
            dimension = find_dimension(self._linked, By(name=TIME), self._targets)
            nodes: list[Node] = [t.measure.time for t in self._targets if t.measure and t.measure.time] or list(
                dimension.nodes
            )
        else:
            _, seen = find_field(self._catalog, wanted.name, self._targets)
            nodes = [one.node for one in seen]
        return tuple(filter_node(self._linked, wanted, node) for node in nodes)

    def _windows(self) -> tuple[tuple[Node, ...], ...]:
        during = self._query.during
        if during is None:
            return tuple(() for _ in self._targets)
        if during.start is not None and during.end is not None and during.start >= during.end:
            raise refusal(
                codes.EMPTY_WINDOW,
                f"`{during.text}` starts on {during.start} and ends before {during.end}",
                "put the earlier day first",
            )
        found = []
        for target in self._targets:
            if target.measure is None or target.measure.time is None:
                raise no_time(target)
            found.append(in_window(target.measure.time, during.start, during.end, self._linked.model.calendar))
        return tuple(found)

    def _scans(
        self,
        dimensions: Sequence[Dimension],
        conditions: Sequence[tuple[Node, ...]],
        windows: tuple[tuple[Node, ...], ...],
    ) -> tuple[Scan, ...]:
        """Measures that read the same rows by the same keys share one scan."""
        shared: dict[tuple[str, tuple[Node, ...], tuple[Node, ...]], list[Measure]] = {}
        for position, target in enumerate(self._targets):
            keys = tuple(dimension.nodes[position] for dimension in dimensions)
            where = (*windows[position], *(one[position] for one in conditions))
            measures = shared.setdefault((target.fact, keys, where), [])
            if target.measure is not None:
                measures.append(target.measure)
        return tuple(
            Scan(fact=fact, keys=keys, measures=tuple(measures), where=where)
            for (fact, keys, where), measures in shared.items()
        )

    # -- groups

    def _having(self, wanted: Filter) -> Node:
        one = self._as_metric(wanted.name)
        assert one is not None  # noqa: S101  # the caller chose filters that name an asked metric
        return filter_node(self._linked, wanted, one.node)

    def _sorts(self, dimensions: Sequence[Dimension]) -> tuple[Sort, ...]:
        """As asked, then by every dimension, so that the order is the same each time."""
        sorts: dict[int, Sort] = {}
        for order in self._query.order:
            position = self._position(order, dimensions)
            if position in sorts:
                raise refusal(codes.ASKED_TWICE, f"the order names `{order.name}` twice", f"name `{order.name}` once")
            sorts[position] = Sort(position=position, is_descending=order.is_descending)
        for position in range(len(dimensions)):
            sorts.setdefault(position, Sort(position=position, is_descending=False))
        return tuple(sorts.values())

    def _position(self, order: Order, dimensions: Sequence[Dimension]) -> int:
        for position, one in enumerate(self._asked):
            if order.name in {one.metric.name, self._query.metrics[position]}:
                return len(dimensions) + position
        asked = list(zip(self._query.by, dimensions, strict=True))
        exact = [n for n, (by, d) in enumerate(asked) if order.name in {phrase_by(by), d.name}]
        loose = [n for n, (by, d) in enumerate(asked) if order.name in {by.name, d.name.split(":")[0]}]
        found = exact or loose
        if len(found) == 1:
            return found[0]
        known = [*self._metrics, *(d.name for d in dimensions)]
        if found:
            raise refusal(
                codes.UNKNOWN_ORDER,
                f"the order `{order.name}` fits {listed(known[len(self._metrics) + n] for n in found)}",
                "write the grain too",
            )
        close = nearest(order.name, known)
        raise refusal(
            codes.UNKNOWN_ORDER,
            f"the order names `{order.name}`, which is not asked for",
            f"order by `{close}`" if close else f"order by one of {listed(known)}",
        )

    def _limit(self) -> int | None:
        limit = self._query.limit
        if limit is not None and (isinstance(limit, bool) or limit < 1):
            raise refusal(codes.WRONG_LIMIT, f"the limit is {limit}", "write a limit of 1 or more")
        return limit

    # -- what the receipt says

    def _dimension_column(self, dimension: Dimension) -> ResultColumn:
        return ResultColumn(name=dimension.name, kind="dimension", type=_type(dimension.kind.name))

    def _metric_column(self, one: LinkedMetric) -> ResultColumn:
        metric = one.metric
        return ResultColumn(
            name=metric.name, kind="metric", type=_type(one.node.kind.name), unit=metric.unit, format=metric.format
        )

    def _uses(self) -> Iterator[MetricUse]:
        parts = dict.fromkeys(part for one in self._asked for part in one.parts)
        for name in (*self._metrics, *(part for part in parts if part not in self._metrics)):
            one = self._linked.metrics[name]
            metric = one.metric
            times = dict.fromkeys(m.time_name for m in one.measures if m.time_name)
            where = f" where {metric.where.value}" if metric.where else ""
            yield MetricUse(
                name=name,
                definition=f"{metric.expr.value}{where}",
                version=version_of(self._linked, name),
                owner=metric.owner,
                status=metric.status.value,
                unit=metric.unit,
                format=metric.format,
                is_asked=name in self._metrics,
                time=", ".join(times) or None,
                datasets=tuple(dict.fromkeys(m.fact for m in one.measures)),
                description=metric.description,
            )

    def _classifications(self, touches: frozenset[str]) -> frozenset[str]:
        found = set()
        for touched in touches:
            dataset, column = touched.split(".", 1)
            table = self._linked.model.datasets[dataset].table
            promised = table.columns.get(column) if table else None
            if promised is not None and promised.classification:
                found.add(promised.classification)
        return frozenset(found)

    def _dates(self) -> Dates | None:
        during = self._query.during
        if during is None:
            return None
        fields = tuple(dict.fromkeys(m.time_name for m in self._measures if m.time_name))
        return Dates(text=during.text, start=during.start, end=during.end, fields=fields)

    def _filters_in_words(self) -> Iterator[str]:
        for wanted in self._query.where:
            yield phrase_filter(wanted)
        for one in dict.fromkeys((*self._metrics, *(p for a in self._asked for p in a.parts))):
            metric = self._linked.metrics[one].metric
            if metric.where is not None:
                yield f"{metric.where.value} (in {metric.name})"

    def _meanings(self) -> tuple[Meaning, ...]:
        asked = zip(self._query.metrics, self._asked, strict=True)
        return tuple(Meaning(word=name, means=one.metric.name) for name, one in asked if name != one.metric.name)

    def _assumptions(self) -> Iterator[str]:
        for name, one in zip(self._query.metrics, self._asked, strict=True):
            if name != one.metric.name:
                term = self._linked.model.terms[name]
                is_theirs = self._audience is not None and self._audience in term.meanings
                whose = f"to the audience {self._audience}" if is_theirs else "unless an audience says otherwise"
                yield f"`{name}` means {one.metric.name} {whose}"
        calendar = self._linked.model.calendar
        reads_time = self._query.during is not None or any(by.name == TIME or by.grain for by in self._query.by)
        if not reads_time:
            return
        yield f"days are counted in {calendar.timezone}"
        if any(by.name == TIME and by.grain is None for by in self._query.by):
            yield "time is cut into days, as no grain was named"
        during = self._query.during
        if during is not None and during.start is not None and during.end is not None:
            yield f"`{during.text}` is {during.start} to {during.end - timedelta(days=1)}, both included"
        for measure in self._measures:
            if measure.time is not None and measure.time.kind.name == "timestamp" and measure.time.kind.clock is None:
                if _is_undeclared(self._linked, measure.time):
                    yield f"{measure.time_name} states no time zone and is read as {calendar.timezone}"


def _is_undeclared(linked: Linked, node: Node) -> bool:
    if not isinstance(node, Col):
        return False
    table = linked.model.datasets[node.dataset].table
    column = table.columns.get(node.column) if table else None
    return column is not None and column.timezone is None


def _type(kind: str) -> str:
    return kind if kind not in {"null", "unknown", "other"} else "string"


def _aliases(names: Sequence[str]) -> tuple[str, ...]:
    """Plain, distinct names for the answer's columns in the SQL."""
    taken: dict[str, None] = {}
    for name in names:
        plain = plain_name(name)
        alias, count = plain, 1
        while alias in taken:
            count += 1
            alias = f"{plain}_{count}"
        taken[alias] = None
    return tuple(taken)


def _lineage(linked: Linked, scans: Sequence[Scan]) -> tuple[tuple[SourceUse, ...], tuple[JoinUse, ...]]:
    """The relations read, with exactly the columns read of each, and the steps taken between them."""
    nodes: list[tuple[str, Node]] = []
    for scan in scans:
        parts = (
            *scan.keys,
            *scan.where,
            *(m.arg for m in scan.measures if m.arg),
            *(w for m in scan.measures for w in m.where),
        )
        nodes += [(scan.fact, part) for part in parts]
    return lineage(linked, [scan.fact for scan in scans], nodes)


def lineage(
    linked: Linked, facts: Sequence[str], nodes: Sequence[tuple[str, Node]]
) -> tuple[tuple[SourceUse, ...], tuple[JoinUse, ...]]:
    columns: dict[str, dict[str, None]] = {fact: {} for fact in facts}
    steps: dict[int, None] = {}
    for _, node in nodes:
        for column in columns_in(node):
            columns.setdefault(column.dataset, {})[column.column] = None
            steps.update(dict.fromkeys(column.path))
    for step in steps:
        for node in key_nodes(linked, step):
            for column in columns_in(node):
                columns.setdefault(column.dataset, {})[column.column] = None
    return tuple(_source(linked, name, tuple(read)) for name, read in columns.items()), tuple(
        _join(linked, step) for step in sorted(steps)
    )


def key_nodes(linked: Linked, step: int) -> tuple[Node, ...]:
    """The nodes a step compares, each read in its own dataset: sources, then targets."""
    relationship = linked.catalog.graph.relationships[step]
    return (
        *(linked.catalog.field(relationship.source, name) for name in relationship.source_columns),
        *(linked.catalog.field(relationship.target, name) for name in relationship.target_columns),
    )


def _source(linked: Linked, name: str, columns: tuple[str, ...]) -> SourceUse:
    dataset = linked.model.datasets[name]
    return SourceUse(
        dataset=name,
        relation=dataset.source,
        columns=tuple(sorted(columns)),
        contract=dataset.contract,
        contract_version=None,
    )


def _join(linked: Linked, step: int) -> JoinUse:
    relationship = linked.catalog.graph.relationships[step]
    return JoinUse(
        source=relationship.source,
        source_columns=relationship.source_columns,
        target=relationship.target,
        target_columns=relationship.target_columns,
        target_relation=linked.model.datasets[relationship.target].source,
        role=relationship.role,
    )
