"""Expressions and the rows they read in, SQLGlot trees out: sources, joins, conditions and groups of one fact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from sqlglot import exp

from loadline.errors import Bug
from loadline.semantics.body import Scan
from loadline.semantics.dialects import Dialect, Tree, bracketed, cast, func, literal, number
from loadline.semantics.identifiers import identifier, plain_name, relation
from loadline.semantics.lineage import edge_nodes, key_nodes
from loadline.semantics.linked import Linked
from loadline.semantics.nodes import (
    BOOLEAN,
    INTEGER,
    Call,
    Col,
    Lit,
    Measure,
    Node,
    Path,
    Per,
    Slot,
    Win,
    call,
    columns_in,
    moved,
    pers_in,
    wins_in,
)

Measured = Callable[[Measure], Tree]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the columns of one scan come from: the alias of each path, and of each table of subjects. `slots` are the
    trees that slots stand for, `time` is when the fact happened."""

    aliases: dict[Path, str]
    subjects: dict[Per, str] = field(default_factory=dict)
    slots: dict[str, Tree] = field(default_factory=dict)
    time: Node | None = None
    relation: str | None = None  # a rollup read in the fact's place
    wins: dict[Path, dict[str, Win]] = field(default_factory=dict)  # fields over rows that are read, by dataset


NOWHERE = Source(aliases={})


@dataclass(slots=True)
class Steps:
    """The named steps (CTEs) of a statement, in order; `taken` are names that mean something already."""

    taken: set[str]
    queries: list[tuple[str, exp.Query]] = field(default_factory=list)

    def add(self, wish: str, query: exp.Query) -> str:
        name = free(wish, self.taken)
        self.queries.append((name, query))
        return name


class Rows:
    """Writes what reads one fact's rows."""

    def __init__(self, linked: Linked, forms: Dialect, keys: Sequence[str]) -> None:
        self.linked = linked
        self.forms = forms
        self.keys = keys
        self.subjects: dict[Per, str] = {}
        """The step that has each metric of a subject, as `key_1` … and `value`."""

    def key_columns(self, scan: Scan, source: Source) -> list[Tree]:
        """The scan's keys under the names they have in the answer."""
        return [
            named(self.forms.key(key.kind, self.tree(key, source)), name)
            for key, name in zip(scan.keys, self.keys, strict=True)
        ]

    def by_keys(self, select: exp.Select, scan: Scan, source: Source) -> exp.Select:
        """Grouped by the scan's keys, its first columns. Where a key is a period moved by months, by the period itself,
        so that an engine moves each group and not each row."""
        if scan.keys:
            periods = [_moved_period(key) for key in scan.keys]
            by = [
                self.tree(period, source) if period is not None else number(at) for at, period in enumerate(periods, 1)
            ]
            select.set("group", exp.Group(expressions=by))
        return select

    def source(self, scan: Scan, nodes: Iterable[Node], taken: Iterable[str] = ()) -> Source:
        """An alias for the fact, for every path that one of the nodes is read along, and for subjects' metrics."""
        aliases: dict[Path, str] = {(): plain_name(scan.fact)}
        used = {aliases[()], *self.keys, *taken}
        subjects: dict[Per, str] = {}
        wins: dict[Path, dict[str, Win]] = {}
        reads = list(nodes)
        if scan.time is not None and self._has_history(reads):
            reads.append(scan.time)
        for node in reads:
            for column in columns_in(node):
                self._follow(column.path, aliases, used)
            for win in wins_in(node):
                self._follow(win.path, aliases, used)
                wins.setdefault(win.path, {})[win.field] = win
            for per in pers_in(node):
                if per not in subjects and _is_read_here(node, per):
                    subjects[per] = free(f"{plain_name(per.metric)}_of", used)
        return Source(aliases=aliases, subjects=subjects, time=scan.time, relation=scan.relation, wins=wins)

    def _follow(self, whole: Path, aliases: dict[Path, str], used: set[str]) -> None:
        for length in range(1, len(whole) + 1):
            path = whole[:length]
            if path not in aliases:
                aliases[path] = free(plain_name(self.linked.catalog.graph.name(path[-1])), used)

    def _has_history(self, nodes: Iterable[Node]) -> bool:
        steps = self.linked.model.relationships
        return any(step >= 0 and steps[step].valid for node in nodes for c in columns_in(node) for step in c.path)

    def select(self, scan: Scan, source: Source, columns: Sequence[Tree], where: Sequence[Node]) -> exp.Select:
        """The columns of the fact's rows for which all of `where` is true, joined along every path of the source."""
        select = exp.Select(
            expressions=list(columns),
            from_=exp.From(this=self._table(scan.fact, (), source)),
        )
        joins = self._joins(scan.fact, source, is_whole=not where)
        joins += [self._join_subject(per, alias, source) for per, alias in source.subjects.items()]
        if joins:
            select.set("joins", joins)
        if where:
            select.set("where", exp.Where(this=self.tree(all_of(list(where)), source)))
        return select

    def _table(self, dataset: str, path: Path, source: Source) -> exp.Expression:
        """The relation of a dataset; with its fields over rows computed first, where some are read."""
        alias, own = source.aliases[path], source.wins.get(path)
        name = (
            source.relation if source.relation is not None and not path else self.linked.model.datasets[dataset].source
        )
        if not own:
            return relation(name, alias)
        inner = Source(aliases={(): alias})
        columns: list[Tree] = [exp.Star()]
        columns += [named(self._window(win, inner), win.field) for win in own.values()]
        query = exp.Select(expressions=columns, from_=exp.From(this=relation(name, alias)))
        return exp.Subquery(this=query, alias=exp.TableAlias(this=identifier(alias)))

    def _window(self, win: Win, source: Source) -> Tree:
        order = [
            exp.Ordered(this=self.tree(key, source), desc=is_descending, nulls_first=is_null_first)
            for key, is_descending, is_null_first in win.order
        ]
        function = func(win.name.upper(), *(self.tree(arg, source) for arg in win.args))
        partition = [self.tree(key, source) for key in win.partition]
        return over_rows(function, partition, order, win.frame)

    def _joins(self, fact: str, source: Source, *, is_whole: bool) -> list[exp.Join]:
        """One join for each path. Where the whole fact is read, what lies behind a dataset is joined to that dataset
        first: fewer rows to look up, as engines keep the order of outer joins."""
        joins = {path: self._join(fact, path, source) for path in source.aliases if path}
        if not is_whole:
            return list(joins.values())
        behind: dict[Path, list[exp.Join]] = {}
        for path, join in joins.items():
            if path[:-1] and self._reads_neighbours(path):
                behind.setdefault(path[:-1], []).append(join)
        for path, inner in behind.items():
            joins[path].set("this", exp.Paren(this=joins[path].this, joins=inner))
        nested = {id(join) for inner in behind.values() for join in inner}
        return [join for join in joins.values() if id(join) not in nested]

    def _reads_neighbours(self, path: Path) -> bool:
        """Does the last step compare plain columns of the two datasets, and nothing else? Then outer joins along the
        path may be done in either order."""
        nodes = key_nodes(self.linked, path[-1])
        return not edge_nodes(self.linked, path[-1]) and all(isinstance(node, Col) for node in nodes)

    def _join(self, fact: str, path: Path, source: Source) -> exp.Join:
        """Rows without a match stay: facts are never dropped."""
        nodes = key_nodes(self.linked, path[-1])
        half = len(nodes) // 2
        condition: Tree | None = None
        for here, there in zip(nodes[:half], nodes[half:], strict=True):
            pair = exp.EQ(
                this=self.tree(moved(here, path[:-1]), source),
                expression=self.tree(moved(there, path), source),
            )
            condition = pair if condition is None else exp.And(this=condition, expression=pair)
        for demand in self._validity(path, source):
            condition = exp.And(this=condition, expression=demand)
        dataset = self.linked.catalog.graph.end(fact, path)
        return exp.Join(this=self._table(dataset, path, source), side="LEFT", on=condition)

    def _validity(self, path: Path, source: Source) -> list[Tree]:
        """A row of a history is met from when it holds until it does not, at the fact's own time."""
        edges = edge_nodes(self.linked, path[-1])
        if not edges:
            return []
        if source.time is None:
            raise Bug
        start, end = (moved(edge, path) for edge in edges)
        begun = call(">=", source.time, start, kind=BOOLEAN)
        still = call("<", source.time, end, kind=BOOLEAN)
        open_ended = call("is null", end, kind=BOOLEAN)
        return [
            self.tree(begun, source),
            exp.Paren(this=self.tree(call("or", still, open_ended, kind=BOOLEAN), source)),
        ]

    def _join_subject(self, per: Per, alias: str, source: Source) -> exp.Join:
        condition: Tree | None = None
        for at, key in enumerate(per.outer, 1):
            pair = exp.EQ(this=self.tree(key, source), expression=column(f"key_{at}", alias))
            condition = pair if condition is None else exp.And(this=condition, expression=pair)
        return exp.Join(this=relation(self.subjects[per], alias), side="LEFT", on=condition)

    def measured(self, scan: Scan, measure: Measure, source: Source, where: tuple[Node, ...]) -> Tree:
        """The measure over the scan's rows, or over what a rollup keeps of it."""
        if not scan.kept:
            return self.aggregate(measure, source, where)
        columns = next(kept for one, kept in zip(scan.measures, scan.kept, strict=True) if one is measure)
        alias = source.aliases[()]
        folded = [
            func(fold, self._where(column(name, alias), source, where))
            for fold, name in zip(_FOLDS[measure.name], columns, strict=True)
        ]
        match measure.name:
            case "avg":
                slot = Slot(name="part", kind=INTEGER)
                return self.forms.functions["/"](call("/", slot, slot, kind=INTEGER), folded)
            case "count":
                return cast(func("COALESCE", folded[0], number(0)), "BIGINT")
            case _:
                return folded[0]

    def _where(self, tree: Tree, source: Source, where: tuple[Node, ...]) -> Tree:
        return case_when(self.tree(all_of(list(where)), source), tree) if where else tree

    def aggregate(self, measure: Measure, source: Source, where: tuple[Node, ...]) -> Tree:
        """The measure over its rows for which all of `where` is true; where it is null if absent, only if there are
        any."""
        tree = self._aggregate(measure, source, where)
        if not (measure.is_count and measure.is_null_if_absent):
            return tree
        if measure.name == "count" and measure.arg is None:
            return exp.Nullif(this=tree, expression=number(0))
        rows = self._aggregate(replace(measure, name="count", arg=None), source, where)
        return case_when(exp.GT(this=rows, expression=number(0)), tree)

    def _aggregate(self, measure: Measure, source: Source, where: tuple[Node, ...]) -> Tree:
        arg = self.tree(measure.arg, source) if measure.arg is not None else None
        if not where:
            return self.forms.aggregate(measure, arg)
        condition = self.tree(all_of(list(where)), source)
        if measure.name == "count" and arg is None:
            return self.forms.aggregate(measure, case_when(condition, number(1)))
        return self.forms.aggregate(measure, case_when(condition, arg if arg is not None else number(1)))

    def input(self, measure: Measure, source: Source, where: tuple[Node, ...]) -> Tree:
        """What a row brings to the measure: its argument, or 1 to be counted; NULL where a condition is not met."""
        arg = self.tree(measure.arg, source) if measure.arg is not None else number(1)
        return case_when(self.tree(all_of(list(where)), source), arg) if where else arg

    def tree(self, node: Node, source: Source = NOWHERE, measured: Measured | None = None) -> Tree:
        match node:
            case Col():
                return column(node.physical or node.column, source.aliases[node.path])
            case Lit():
                return literal(node)
            case Call(name=name, args=args):
                return self.forms.functions[name](node, [self.tree(arg, source, measured) for arg in args])
            case Measure():
                if measured is None:
                    raise Bug
                return measured(node)
            case Slot(name=name):
                return source.slots[name].copy() if name in source.slots else column(name)
            case Win():
                return column(node.field, source.aliases[node.path])
            case Per():
                return column("value", source.subjects[node])
            case _:
                assert_never(node)


def _moved_period(key: Node) -> Node | None:
    """What each value of the key was moved from, where different ones stay different: firsts of months do."""
    match key:
        case Call(name="add_months", args=(Call(name="trunc", args=(_, inner)) as period, Lit())):
            return None if isinstance(inner, Call) and inner.name == "add_months" else period
        case _:
            return None


def _is_read_here(node: Node, per: Per) -> bool:
    """Is the metric read by this expression itself, not within another subject's metric?"""
    match node:
        case Per():
            return node == per
        case Call(args=args):
            return any(_is_read_here(arg, per) for arg in args)
        case _:
            return False


def case_when(condition: Tree, value: Tree) -> Tree:
    return exp.Case(ifs=[exp.If(this=condition, true=value)])


def over_rows(function: Tree, partition: Sequence[Tree], order: Sequence[exp.Ordered], frame: str | None) -> Tree:
    """A window; `frame` is written out, as engines agree on its words."""
    tree = exp.Window(this=function, partition_by=list(partition))
    if order:
        tree.set("order", exp.Order(expressions=list(order)))
    if frame is not None:
        tree.set("spec", exp.Var(this=frame))
    return tree


def rising(tree: Tree) -> exp.Ordered:
    return exp.Ordered(this=tree, desc=False, nulls_first=False)


def falling(tree: Tree) -> exp.Ordered:
    return exp.Ordered(this=tree, desc=True, nulls_first=False)


def common_where(measures: Sequence[Measure]) -> tuple[list[Node], dict[int, tuple[Node, ...]]]:
    """Conditions that all measures share, and for each measure those it has for itself."""
    if not measures:
        return [], {}
    shared = [node for node in measures[0].where if all(node in m.where for m in measures[1:])]
    return shared, {id(m): tuple(node for node in m.where if node not in shared) for m in measures}


def wheres(scan: Scan) -> tuple[list[Node], dict[int, tuple[Node, ...]]]:
    """As `common_where`, or what a rollup's columns do not carry yet."""
    if not scan.kept:
        return common_where(scan.measures)
    return [], {id(m): where for m, where in zip(scan.measures, scan.kept_where, strict=True)}


_FOLDS = {"sum": ("SUM",), "count": ("SUM",), "min": ("MIN",), "max": ("MAX",), "avg": ("SUM", "SUM")}


def all_of(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else call("and", *nodes, kind=BOOLEAN)


def any_of(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else call("or", *nodes, kind=BOOLEAN)


def both(left: Tree | None, right: Tree) -> Tree:
    return right if left is None else exp.And(this=bracketed(left, 2), expression=bracketed(right, 2))


def column(name: str, table: str | None = None) -> exp.Column:
    return exp.Column(this=identifier(name), table=identifier(table) if table is not None else None)


def named(tree: Tree, name: str) -> Tree:
    is_called_so = isinstance(tree, exp.Column) and tree.this.this == name
    return tree if is_called_so else exp.Alias(this=tree, alias=identifier(name))


def step_table(name: str, alias: str | None = None) -> exp.Table:
    table = exp.Table(this=identifier(name))
    if alias is not None:
        table.set("alias", exp.TableAlias(this=identifier(alias)))
    return table


def from_step(name: str, columns: Sequence[Tree], alias: str | None = None) -> exp.Select:
    return exp.Select(expressions=list(columns), from_=exp.From(this=step_table(name, alias)))


def grouped(select: exp.Select, count: int) -> exp.Select:
    """Grouped by its first columns, so many of them."""
    if count:
        select.set("group", exp.Group(expressions=[number(n + 1) for n in range(count)]))
    return select


def union_all(queries: Sequence[exp.Query]) -> exp.Query:
    union = queries[0]
    for query in queries[1:]:
        union = exp.Union(this=union, expression=query, distinct=False)
    return union


def free(name: str, taken: set[str]) -> str:
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    taken.add(found)
    return found
