"""A query in; the plan out, every name looked up and every refusal said before any SQL exists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loadline.semantics import codes
from loadline.semantics.body import Body, Scan, Sort
from loadline.semantics.compared import compared
from loadline.semantics.emptied import emptied
from loadline.semantics.identifiers import plain_name
from loadline.semantics.lineage import classifications, lineage_of, spines_of, touches_of
from loadline.semantics.linked import Linked, LinkedMetric, keep
from loadline.semantics.listing import listed_dataset
from loadline.semantics.near import listed, nearest
from loadline.semantics.nodes import Measure, Node, Per, Slot, pers_in
from loadline.semantics.relating import demand_apart, demand_once, demand_parts, wholes_of
from loadline.semantics.requests import (
    TIME,
    Dimension,
    Target,
    condition_on,
    filter_node,
    find_dimension,
    find_field,
    find_metric,
    no_time,
    parsed_condition,
    refusal,
    time_of,
)
from loadline.semantics.scanning import Asked, Conditions, Key, scans_of, subject_scans
from loadline.semantics.telling import assumptions, dates, filters, meanings, relations_told, shapes_told, uses
from loadline.semantics.versions import digest_of
from loadline.semantics.words import phrase_by
from loadline.semantics.written import Written, subject_metrics_in
from loadline.values.plan import Plan, ResultColumn
from loadline.values.query import Filter, Order, Query


def resolve(linked: Linked, query: Query, *, audience: str | None = None) -> Plan:
    """Raises RequestError; with `options` when there are several governed readings to choose from."""
    key = (query, tuple(type(value) for wanted in query.where for value in wanted.values), audience)
    known = linked.plans.get(key)
    return known if known is not None else keep(linked.plans, key, _resolve(linked, query, audience))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The metrics of a query and whom its dimensions are looked up for: each of their measures, or a dataset."""

    linked: Linked
    query: Query
    metrics: tuple[LinkedMetric, ...]
    targets: tuple[Target, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        return tuple(target.measure for target in self.targets if target.measure is not None)

    def metric(self, name: str) -> LinkedMetric | None:
        """The asked metric that a filter or order names, if it names one."""
        for word, one in zip(self.query.metrics, self.metrics, strict=True):
            if name in {word, one.metric.name}:
                return one
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """A filter by its own name: on what each target's rows read (None: their own time), or on groups."""

    wanted: Filter
    rows: tuple[Node, ...] = ()
    group: Node | None = None

    def is_of_part(self, measure: Measure | None) -> bool:
        """Whether it picks a part of the whole that the measure is, so that the whole is read without it."""
        return measure is not None and measure.across is not None and self.wanted.name in measure.across


def _resolve(linked: Linked, query: Query, audience: str | None) -> Plan:
    asked = _find_asked(linked, query, audience)
    dimensions = tuple(find_dimension(linked, by, asked.targets) for by in query.by)
    _refuse_repeats([dimension.name for dimension in dimensions])
    conditions = [_condition(asked, wanted) for wanted in query.where]
    _demand_related(asked, dimensions, conditions)
    scans = _scans(asked, dimensions, conditions)
    demand_once(scans)
    subjects = tuple(_subjects(linked, asked, scans))
    columns = (*map(_dimension_column, dimensions), *map(_metric_column, asked.metrics))
    sorts = _sorts(asked, dimensions)
    body = Body(
        scans=scans,
        aliases=_aliases([column.name for column in columns]),
        metrics=tuple(one.node for one in asked.metrics),
        having=tuple(one.group for one in conditions if one.group is not None),
        sorts=sorts,
        limit=_limit(query),
        subjects=subjects,
        names=tuple(dimension.by.name for dimension in dimensions),
        shown=tuple(_shown(asked, dimensions, conditions)),
    )
    meant = Query(
        metrics=tuple(one.metric.name for one in asked.metrics),
        by=tuple(dimension.by for dimension in dimensions),
        where=tuple(one.wanted for one in conditions),
        conditions=query.conditions,
        during=query.during,
        order=tuple(
            Order(name=columns[sort.position].name, is_descending=sort.is_descending)
            for sort in sorts[: len(query.order)]
        ),
        limit=query.limit,
        is_detail=query.is_detail,
    )
    looked_at = [find_metric(linked, per.metric, None).metric.name for per, _ in subjects]
    used = tuple(uses(linked, asked.metrics, (*_compared(linked, query), *wholes_of(asked.metrics)), looked_at))
    read = [*scans, *(scan for _, inner in subjects for scan in inner)]
    sources, joins = lineage_of(linked, read)
    spines = spines_of(linked, read)
    relations = tuple(dict.fromkeys(spine.source for spine in spines))
    return Plan(
        query=meant,
        metrics=used,
        sources=sources,
        joins=joins,
        columns=columns,
        touches=touches_of(linked, sources, spines),
        classifications=classifications(linked, sources),
        dates=dates(meant, asked.measures),
        filters=tuple(filters(linked, meant, asked.metrics)),
        assumptions=(
            *emptied(asked.metrics, meant.where),
            *assumptions(linked, query, meant, audience, asked.measures),
            *shapes_told(linked, meant, asked.measures, relations),
            *relations_told(meant, asked.metrics),
        ),
        digest=digest_of(linked, body, used, columns),
        meanings=tuple(meanings(query, meant)),
        spines=relations,
        compared=compared(linked, meant, asked.metrics),
        body=body,
    )


def _find_asked(linked: Linked, query: Query, audience: str | None) -> _Asked:
    if query.is_detail and query.metrics:
        raise refusal(
            codes.WRONG_DETAIL, "rows are asked for together with metrics", "ask for one of the two, rows or metrics"
        )
    if not query.metrics and not query.by:
        raise refusal(codes.NOTHING_ASKED, "no metric and no dimension is asked for", "name a metric")
    metrics = tuple(find_metric(linked, name, audience) for name in query.metrics)
    _refuse_repeats([one.metric.name for one in metrics])
    targets: dict[int, Target] = {}
    for one in metrics:
        for measure in one.measures:
            targets.setdefault(id(measure), Target(fact=measure.fact, metric=one.metric.name, measure=measure))
    if not targets:
        targets[0] = Target(fact=listed_dataset(linked, query))
    return _Asked(linked=linked, query=query, metrics=metrics, targets=tuple(targets.values()))


def _refuse_repeats(names: Sequence[str]) -> None:
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise refusal(codes.ASKED_TWICE, f"`{repeated}` is asked for twice", f"name `{repeated}` once")


def _condition(asked: _Asked, wanted: Filter) -> _Condition:
    """What a filter demands: of groups when it is on an asked metric, else of the rows each target reads."""
    linked = asked.linked
    one = asked.metric(wanted.name)
    if one is not None:
        named = replace(wanted, name=one.metric.name)
        return _Condition(wanted=named, group=filter_node(linked, named, one.node))
    if wanted.name in linked.metrics or wanted.name in linked.model.terms:
        raise refusal(
            codes.METRIC_NOT_ASKED,
            f"the filter is on `{wanted.name}`, which is not asked for",
            f"ask for `{wanted.name}` too",
        )
    if wanted.name == TIME:
        name, nodes = TIME, [time_of(target) for target in asked.targets]
    else:
        name, seen = find_field(linked.catalog, wanted.name, asked.targets)
        nodes = [each.node for each in seen]
    named = replace(wanted, name=name)
    for node in nodes:
        filter_node(linked, named, node)  # what is wrong with it is said before anything else
    return _Condition(wanted=named, rows=tuple(nodes))


def _check_window(query: Query) -> None:
    during = query.during
    if during is not None and during.start is not None and during.end is not None and during.start >= during.end:
        raise refusal(
            codes.EMPTY_WINDOW,
            f"`{during.text}` starts on {during.start} and ends before {during.end}",
            "put the earlier day first",
        )


def _scans(asked: _Asked, dimensions: Sequence[Dimension], conditions: Sequence[_Condition]) -> tuple[Scan, ...]:
    _check_window(asked.query)
    written = [parsed_condition(text) for text in asked.query.conditions]
    wanted = []
    for position, target in enumerate(asked.targets):
        if asked.query.during is not None and (target.measure is None or target.measure.time is None):
            raise no_time(target)
        keys = tuple(
            Key(raw=one.raws[position], by=one.by, is_time=_is_time(one.raws[position], target)) for one in dimensions
        )
        wanted.append(
            Asked(
                target=target,
                keys=keys,
                conditions=_conditions_on(asked, target, position, conditions, written),
                during=asked.query.during,
                is_detail=asked.query.is_detail,
            )
        )
    return scans_of(asked.linked, wanted)


def _is_time(node: Node, target: Target) -> bool:
    return target.measure is not None and target.measure.time is not None and node == target.measure.time


def _conditions_on(
    asked: _Asked, target: Target, position: int, conditions: Sequence[_Condition], written: Sequence[Written]
) -> Conditions:
    """All conditions on a target's rows, with its own time read as something else where that is asked."""
    linked = asked.linked

    def on(time: Node | None) -> tuple[Node, ...]:
        found = []
        for one in conditions:
            if one.rows and not one.is_of_part(target.measure):
                node = one.rows[position]
                is_moved = time is not None and _is_time(node, target)
                found.append(filter_node(linked, one.wanted, time if is_moved and time is not None else node))
        found += [condition_on(linked, target, tree, time) for tree in written]
        return tuple(found)

    return on


def _demand_related(asked: _Asked, dimensions: Sequence[Dimension], conditions: Sequence[_Condition]) -> None:
    names = [*(each.by.name for each in dimensions), *(one.wanted.name for one in conditions if one.rows)]
    for one in asked.metrics:
        demand_apart(asked.query, one, dimensions, asked.targets)
        demand_parts(one, names)


def _shown(asked: _Asked, dimensions: Sequence[Dimension], conditions: Sequence[_Condition]) -> Iterator[Node]:
    """Of groups that are read for their whole only, those the filters name are shown."""
    for one in conditions:
        if not any(one.is_of_part(measure) for measure in asked.measures):
            continue
        for position, each in enumerate(dimensions):
            if each.by.name != one.wanted.name:
                continue
            if each.by.grain or each.by.part or each.by.own_grain:
                raise refusal(
                    codes.WRONG_RELATION,
                    f"`{each.name}` is filtered day by day and shown in longer periods, so it has no whole",
                    "use `--during` for the period",
                )
            yield filter_node(asked.linked, one.wanted, Slot(name=f"key_{position}", kind=each.kind))


def _compared(linked: Linked, query: Query) -> Iterator[str]:
    """The metrics that conditions of the question itself name, as in `booked[per customers.name] > 100`."""
    for text in query.conditions:
        for metric in subject_metrics_in(parsed_condition(text)):
            yield find_metric(linked, str(metric), None).metric.name


def _subjects(linked: Linked, asked: _Asked, scans: Sequence[Scan]) -> Iterator[tuple[Per, tuple[Scan, ...]]]:
    """The scans behind each metric of a subject that is read anywhere, innermost first."""
    nodes: list[Node] = [one.node for one in asked.metrics]
    for scan in scans:
        nodes += [*scan.keys, *scan.where]
    found: dict[Per, None] = {}
    for node in nodes:
        for per in pers_in(node):
            found[per] = None
    for per in reversed(found):
        yield per, subject_scans(linked, per)


# -- order and limit


def _sorts(asked: _Asked, dimensions: Sequence[Dimension]) -> tuple[Sort, ...]:
    """As asked, then by every dimension, so that the order is the same each time."""
    sorts: dict[int, Sort] = {}
    for order in asked.query.order:
        position = _position(asked, order, dimensions)
        if position in sorts:
            raise refusal(codes.ASKED_TWICE, f"the order names `{order.name}` twice", f"name `{order.name}` once")
        sorts[position] = Sort(position=position, is_descending=order.is_descending)
    for position in range(len(dimensions)):
        sorts.setdefault(position, Sort(position=position, is_descending=False))
    return tuple(sorts.values())


def _position(asked: _Asked, order: Order, dimensions: Sequence[Dimension]) -> int:
    """Which column of the answer an order names: a metric, or a dimension with its grain or, if that is enough, not."""
    one = asked.metric(order.name)
    if one is not None:
        return len(dimensions) + asked.metrics.index(one)
    pairs = list(zip(asked.query.by, dimensions, strict=True))
    exact = [n for n, (by, dimension) in enumerate(pairs) if order.name in {phrase_by(by), dimension.name}]
    loose = [n for n, (by, dimension) in enumerate(pairs) if order.name in {by.name, dimension.by.name}]
    found = exact or loose
    if len(found) == 1:
        return found[0]
    if found:
        raise refusal(
            codes.UNKNOWN_ORDER,
            f"the order `{order.name}` fits {listed(dimensions[n].name for n in found)}",
            f"write `{dimensions[found[0]].name}`",
        )
    known = [*(one.metric.name for one in asked.metrics), *(dimension.name for dimension in dimensions)]
    close = nearest(order.name, known)
    raise refusal(
        codes.UNKNOWN_ORDER,
        f"the order names `{order.name}`, which is not asked for",
        f"order by `{close}`" if close else f"order by one of {listed(known)}",
    )


def _limit(query: Query) -> int | None:
    if query.limit is not None and (isinstance(query.limit, bool) or query.limit < 1):
        raise refusal(codes.WRONG_LIMIT, f"the limit is {query.limit}", "write a limit of 1 or more")
    return query.limit


# -- columns of the answer


def _dimension_column(dimension: Dimension) -> ResultColumn:
    return ResultColumn(name=dimension.name, kind="dimension", type=_type(dimension.kind.name))


def _metric_column(one: LinkedMetric) -> ResultColumn:
    metric = one.metric
    return ResultColumn(
        name=metric.name, kind="metric", type=_type(one.node.kind.name), unit=metric.unit, format=metric.format
    )


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
