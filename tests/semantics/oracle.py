"""A model, its rows and a query in, the rows of the answer out: slow, obvious, and independent of the compiler.

The meaning it holds the compiler to, in its whole:

- A metric is arithmetic over *leaves*: aggregates, each with the filter and the time field of the metric that wrote it.
- A leaf looks at every row of its fact once. From a row, a field of another dataset is found by walking the one
  many-to-one path that the name means; where a key is NULL or matches nothing the row stays and the field is NULL.
- A row counts if the row filters, the filters of the query, the window and the leaf's own filter are all true of it.
- The groups of the answer are those in which some leaf counted a row; without dimensions there is exactly one.
- A leaf that counted no row of a group is NULL there, a count is 0; only then is the arithmetic done, x / 0 being NULL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from loadline.values.decision import RowFilter
from loadline.values.model import Dataset, Metric, Model
from loadline.values.query import By, Filter, Grain, Query, Scalar, Window
from semantics.oracle_eval import number, value_of
from semantics.oracle_expr import AGGREGATES, Call, Case, Cast, Literal, Name, Node, Op, Value, names_in, parse
from semantics.oracle_paths import Path, Refused, paths_meant, walk
from semantics.oracle_rows import Key, fold, holds, in_order
from semantics.oracle_time import bucket, local_day

Row = Mapping[str, Value]
Tables = Mapping[str, Sequence[Row]]  # by dataset
RowFilters = tuple[tuple[RowFilter, ...], ...]


@dataclass(frozen=True)
class Said:
    """What the metrics around an aggregate say of its rows. `time` is the outermost that is written."""

    wheres: tuple[str, ...] = ()
    time: str | None = None

    def and_by(self, metric: Metric) -> Said:
        wheres = self.wheres if metric.where is None else (*self.wheres, metric.where.value)
        return Said(wheres, self.time or (metric.time.value if metric.time else None))


@dataclass(frozen=True)
class Leaf:
    """One aggregate. `fact` is the dataset whose rows it counts."""

    call: Call
    fact: str
    said: Said


@dataclass(frozen=True)
class FieldMeant:
    """What a dimension's name means seen from one fact: walk `path`, read `field` there."""

    path: Path
    dataset: str
    field: str


class Oracle:
    def __init__(self, model: Model, tables: Tables, row_filters: RowFilters = ()) -> None:
        self.model = model
        self.tables = tables
        self.row_filters = row_filters
        self._meanings: dict[tuple[str, str], list[FieldMeant]] = {}

    def answer(self, query: Query) -> list[Key]:
        """Dimensions in order, then metrics in order. Raises Refused where there is no one right answer."""
        rows = self.distinct_values(query) if not query.metrics else self.groups(query)
        for condition in query.where:
            if condition.name in query.metrics:
                at = len(query.by) + query.metrics.index(condition.name)
                rows = [row for row in rows if holds(row[at], condition, self.model.calendar)]
        rows = in_order(rows, query)
        return rows if query.limit is None else rows[: query.limit]

    def groups(self, query: Query) -> list[Key]:
        leaves = list(dict.fromkeys(leaf for name in query.metrics for leaf in self.leaves(name)))
        self.check_one_meaning(leaves, query)
        found = {leaf: self.measure(leaf, query) for leaf in leaves}
        keys = list(dict.fromkeys(key for groups in found.values() for key in groups)) if query.by else [()]
        rows: list[Key] = []
        for key in keys:
            here = {leaf: groups.get(key, _absent(leaf)) for leaf, groups in found.items()}
            rows.append((*key, *(self.metric_value(name, here) for name in query.metrics)))
        return rows

    def check_one_meaning(self, leaves: Sequence[Leaf], query: Query) -> None:
        """One column of the answer holds one field: a role may lead elsewhere from another fact."""
        names = [by.name for by in query.by if by.name != "time"]
        for name in [*names, *(c.name for c in query.where if c.name not in query.metrics)]:
            meant = {self.meaning(leaf.fact, name) for leaf in leaves}
            if len({(m.dataset, m.field) for m in meant}) > 1:
                raise Refused(f"`{name}` means several fields")

    def expected_of_nothing(self, metric: str) -> Value:
        """What a metric is in a group in which none of its leaves counted a row."""
        return self.metric_value(metric, {leaf: _absent(leaf) for leaf in self.leaves(metric)})

    def distinct_values(self, query: Query) -> list[Key]:
        """A query without metrics lists the values of one dataset's fields."""
        fact = query.by[0].name.split(".")[0]
        self.check_row_filters(fact)
        rows = (row for row in self.tables[fact] if self.may_be_seen(fact, row))
        rows = (row for row in rows if all(self.passes(fact, row, c) for c in query.where))
        return list(dict.fromkeys(tuple(self.dimension(fact, row, by, None) for by in query.by) for row in rows))

    # ── leaves ──────────────────────────────────────────────────────────────────────────────────────────────────

    def leaves(self, metric_name: str, around: Said = Said()) -> Iterator[Leaf]:
        metric = self.model.metrics[metric_name]
        yield from self._leaves(parse(metric.expr.value), around.and_by(metric))

    def _leaves(self, node: Node, said: Said) -> Iterator[Leaf]:
        match node:
            case Call(name=name) if name in AGGREGATES:
                yield Leaf(node, self.fact_of(node), said)
            case Name(parts=(other,)):
                yield from self.leaves(other, said)
            case Call() | Op():
                for arg in node.args:
                    yield from self._leaves(arg, said)
            case Cast():
                yield from self._leaves(node.arg, said)
            case Case():
                for part in (p for pair in node.whens for p in pair):
                    yield from self._leaves(part, said)
                yield from self._leaves(node.otherwise, said)
            case Name() | Literal():
                pass

    def fact_of(self, call: Call) -> str:
        """The dataset whose rows an aggregate counts: of those it names, the one that reaches all others."""
        named = list(dict.fromkeys(name.parts[0] for name in names_in(call)))
        able = [d for d in named if all(d == o or _reaches(self.model, d, o) for o in named)]
        if len(able) != 1:
            raise Refused(f"the aggregate measures {named}")
        return able[0]

    def measure(self, leaf: Leaf, query: Query) -> dict[Key, Value]:
        """The leaf's value in every group in which it counted a row."""
        groups: dict[Key, list[Row]] = {}
        self.check_row_filters(leaf.fact)
        for by in query.by:
            self.check_dimension(leaf, by)
        for condition in query.where:
            if condition.name not in query.metrics:
                self.meaning(leaf.fact, condition.name)
        if query.during is not None:
            self.time_field(leaf)
        for row in self.tables[leaf.fact]:
            if self.counts(leaf, row, query):
                key = tuple(self.dimension(leaf.fact, row, by, leaf) for by in query.by)
                groups.setdefault(key, []).append(row)
        return {key: self.aggregate(leaf, rows) for key, rows in groups.items()}

    def counts(self, leaf: Leaf, row: Row, query: Query) -> bool:
        if not self.may_be_seen(leaf.fact, row):
            return False
        if not all(self.passes(leaf.fact, row, c) for c in query.where if c.name not in query.metrics):
            return False
        if query.during is not None and not self.is_during(leaf, row, query.during):
            return False
        return all(self.evaluate(leaf.fact, row, parse(where)) is True for where in leaf.said.wheres)

    def is_during(self, leaf: Leaf, row: Row, window: Window) -> bool:
        if window.start is None and window.end is None:
            return True
        meant = self.time_field(leaf)
        day = self.day(row, meant)
        return (
            day is not None
            and (window.start is None or window.start <= day)
            and (window.end is None or day < window.end)
        )

    def aggregate(self, leaf: Leaf, rows: Sequence[Row]) -> Value:
        arg = leaf.call.args[0]
        if leaf.call.name == "count" and isinstance(arg, Name) and len(arg.parts) == 1:
            return len(rows)
        found = [self.evaluate(leaf.fact, row, arg) for row in rows]
        values = [value for value in found if value is not None]
        if leaf.call.is_distinct:
            values = list(dict.fromkeys(values))
        extra = [parse_constant(node) for node in leaf.call.args[1:]]
        return _as_shown(fold(leaf.call.name, values, extra), self.shown_in(leaf.fact, arg))

    def shown_in(self, fact: str, arg: Node) -> str | None:
        """The clock in which a timestamp of this leaf is shown, where its column declares one."""
        if not isinstance(arg, Name):
            return None
        meant = self.meaning(fact, ".".join(arg.parts))
        return zone_of(self.model.datasets[meant.dataset], meant.field)

    # ── rows and fields ─────────────────────────────────────────────────────────────────────────────────────────

    def may_be_seen(self, fact: str, row: Row) -> bool:
        """Every group of row filters needs one that is true; one that cannot be applied here is not."""
        return all(any(self._allows(fact, row, f) for f in group) for group in self.row_filters)

    def _allows(self, fact: str, row: Row, row_filter: RowFilter) -> bool:
        try:
            return self.evaluate(fact, row, parse(row_filter.expr.value)) is True
        except Refused:
            return False

    def check_row_filters(self, fact: str) -> None:
        """A group none of whose filters can be applied to a fact refuses the question."""
        for group in self.row_filters:
            if not any(self._can_apply(fact, row_filter) for row_filter in group):
                raise Refused(f"no row filter of a group applies to {fact}")

    def _can_apply(self, fact: str, row_filter: RowFilter) -> bool:
        try:
            for name in names_in(parse(row_filter.expr.value)):
                self.meaning(fact, ".".join(name.parts))
        except Refused:
            return False
        return True

    def evaluate(self, fact: str, row: Row, node: Node) -> Value:
        def lookup(name: Name) -> Value:
            meant = self.meaning(fact, ".".join(name.parts))
            return self.read(row, meant)

        return value_of(node, lookup, self.model.calendar)

    def read(self, row: Row, meant: FieldMeant) -> Value:
        found = walk(self.tables, row, meant.path)
        return None if found is None else self.field(self.model.datasets[meant.dataset], found, meant.field)

    def field(self, dataset: Dataset, row: Row, name: str) -> Value:
        """A declared field, over columns and other fields; within its own expression its name is the column's."""
        declared = dataset.fields.get(name)
        if declared is None:
            return column(dataset, row, name)

        def lookup(inner: Name) -> Value:
            own = inner.parts[-1]
            return column(dataset, row, own) if own == name else self.field(dataset, row, own)

        return value_of(parse(declared.expr.value), lookup, self.model.calendar)

    def meaning(self, fact: str, name: str) -> FieldMeant:
        if (fact, name) not in self._meanings:
            self._meanings[fact, name] = list(self._meant(fact, name))
        meant = self._meanings[fact, name]
        if len(meant) != 1:
            raise Refused(f"`{name}` from {fact} means {len(meant)} fields")
        return meant[0]

    def _meant(self, fact: str, name: str) -> Iterator[FieldMeant]:
        *steps, field = name.split(".")
        if not steps:
            steps = [d.name for d in self.model.datasets.values() if field in field_names(d)]
            if len(steps) != 1:
                return
        for path in paths_meant(self.model, fact, tuple(steps)):
            dataset = path[-1].target if path else fact
            if field in field_names(self.model.datasets[dataset]):
                yield FieldMeant(path, dataset, field)

    def passes(self, fact: str, row: Row, condition: Filter) -> bool:
        meant = self.meaning(fact, condition.name)
        kind = type_of(self.model.datasets[meant.dataset], meant.field)
        typed = replace(condition, values=tuple(_as_typed(value, kind) for value in condition.values))
        return holds(self.read(row, meant), typed, self.model.calendar)

    # ── time ────────────────────────────────────────────────────────────────────────────────────────────────────

    def time_field(self, leaf: Leaf) -> FieldMeant:
        if leaf.said.time is not None:
            return self.meaning(leaf.fact, leaf.said.time)
        default = self.model.datasets[leaf.fact].time
        if default is None:
            raise Refused(f"`{leaf.fact}` has no time")
        return FieldMeant((), leaf.fact, default)

    def dimension(self, fact: str, row: Row, by: By, leaf: Leaf | None) -> Value:
        is_time = by.name == "time" and leaf is not None
        meant = self.time_field(leaf) if is_time and leaf else self.meaning(fact, by.name)
        grain = Grain.DAY if is_time and by.grain is None else by.grain
        if grain is None:
            return _as_shown(self.read(row, meant), zone_of(self.model.datasets[meant.dataset], meant.field))
        day = self.day(row, meant)
        return None if day is None else bucket(day, grain, self.model.calendar)

    def check_dimension(self, leaf: Leaf, by: By) -> None:
        meant = self.time_field(leaf) if by.name == "time" else self.meaning(leaf.fact, by.name)
        if by.grain is not None and type_of(self.model.datasets[meant.dataset], meant.field) not in (
            "date",
            "timestamp",
        ):
            raise Refused(f"`{by.name}` is no time")

    def day(self, row: Row, meant: FieldMeant) -> date | None:
        return local_day(self.read(row, meant), None, self.model.calendar)

    # ── arithmetic over leaves ──────────────────────────────────────────────────────────────────────────────────

    def metric_value(self, name: str, here: Mapping[Leaf, Value], around: Said = Said()) -> Value:
        metric = self.model.metrics[name]
        return self._compute(parse(metric.expr.value), around.and_by(metric), here)

    def _compute(self, node: Node, said: Said, here: Mapping[Leaf, Value]) -> Value:
        def literal(part: Node) -> Literal:
            return Literal(self._compute(part, said, here))

        match node:
            case Call(name=name) if name in AGGREGATES:
                return here[Leaf(node, self.fact_of(node), said)]
            case Name(parts=(other,)):
                return self.metric_value(other, here, said)
            case Call():
                return value_of(Call(node.name, tuple(map(literal, node.args))), _no_names)
            case Op():
                return value_of(Op(node.sign, tuple(map(literal, node.args))), _no_names)
            case Case():
                whens = tuple((literal(condition), literal(result)) for condition, result in node.whens)
                return value_of(Case(None, whens, literal(node.otherwise)), _no_names)
            case Literal():
                return node.value
            case Cast() | Name():
                raise Refused(f"{node} stands outside an aggregate")


def _no_names(name: Name) -> Value:
    raise Refused(f"`{name}` outside an aggregate")


def parse_constant(node: Node) -> Decimal:
    return number(value_of(node, _no_names))


def _as_typed(value: Scalar, kind: str | None) -> Scalar:
    """A filter's value may be written as text, whatever the field is."""
    if isinstance(value, str) and kind in ("integer", "number"):
        return Decimal(value)
    return value == "true" if isinstance(value, str) and kind == "boolean" else value


def _absent(leaf: Leaf) -> Value:
    return 0 if leaf.call.name == "count" else None


# ── what the model says of a field ──────────────────────────────────────────────────────────────────────────────────


def column(dataset: Dataset, row: Row, name: str) -> Value:
    """A column as it stands; a wall clock whose zone is declared becomes the instant it shows."""
    value, zone = row[name], _declared_zone(dataset, name)
    return value.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if zone and isinstance(value, datetime) else value


def _as_shown(value: Value, zone: str | None) -> Value:
    return value.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if zone and isinstance(value, datetime) else value


def field_names(dataset: Dataset) -> set[str]:
    return set(dataset.fields) | set(dataset.table.columns if dataset.table else ())


def type_of(dataset: Dataset, name: str) -> str | None:
    """The oracle infers nothing: a declared field has to say its type."""
    if name in dataset.fields:
        return dataset.fields[name].type
    return dataset.table.columns[name].logical_type if dataset.table else None


def zone_of(dataset: Dataset, name: str) -> str | None:
    """The clock a naive timestamp shows; a field that merely renames a column keeps it."""
    declared = dataset.fields.get(name)
    if declared is not None:
        node = parse(declared.expr.value)
        return zone_of(dataset, node.parts[-1]) if isinstance(node, Name) and node.parts[-1] != name else None
    return _declared_zone(dataset, name)


def _declared_zone(dataset: Dataset, name: str) -> str | None:
    found = dataset.table.columns[name] if dataset.table else None
    return found.timezone if found is not None and not found.is_zoned else None


def _reaches(model: Model, source: str, target: str) -> bool:
    return bool(paths_meant(model, source, (target,)))
