"""A plan and the policy's row filters in, one SELECT out.

The passes, in order: scan each fact with its filters and the policy's; join along its paths; aggregate at its own
grain; stitch the facts (UNION ALL and regroup, so that NULL groups meet once); derive; keep, order and cut.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from sqlglot import exp

from loadline.errors import Bug
from loadline.semantics import codes
from loadline.semantics.body import Body, Scan
from loadline.semantics.catalog import Elsewhere
from loadline.semantics.dialects import DIALECTS, Dialect, Tree, func, literal, number
from loadline.semantics.identifiers import identifier, plain_name, relation
from loadline.semantics.lineage import key_nodes, lineage
from loadline.semantics.link import row_filter
from loadline.semantics.linked import Linked, keep
from loadline.semantics.near import listed
from loadline.semantics.nodes import BOOLEAN, Call, Col, Lit, Measure, Node, Path, call, columns_in, moved
from loadline.semantics.requests import refusal
from loadline.semantics.typed import Fault
from loadline.semantics.writer import write
from loadline.values.decision import RowFilter
from loadline.values.model import Relationship
from loadline.values.plan import Plan, Statement

RowFilters = tuple[tuple[RowFilter, ...], ...]


def compile_sql(linked: Linked, plan: Plan, *, row_filters: RowFilters = (), dialect: str = "duckdb") -> Statement:
    """Raises RequestError when a row filter cannot be applied to a dataset the plan reads, or for an unknown dialect.

    INVARIANT: every scan of every fact carries every group of row filters.
    """
    key = (plan.digest, row_filters, dialect)
    known = linked.statements.get(key)
    return known if known is not None else keep(linked.statements, key, _compile(linked, plan, row_filters, dialect))


def _compile(linked: Linked, plan: Plan, row_filters: RowFilters, dialect: str) -> Statement:
    forms = DIALECTS.get(dialect)
    if forms is None:
        raise refusal(codes.UNKNOWN_DIALECT, f"SQL cannot be written for `{dialect}`", f"use {listed(DIALECTS)}")
    body = plan.body
    if not isinstance(body, Body):
        raise Bug
    demands = [(scan.fact, node) for scan in body.scans for node in _demanded(linked, scan.fact, row_filters)]
    scans = tuple(
        replace(scan, where=(*scan.where, *(node for fact, node in demands if fact == scan.fact)))
        for scan in body.scans
    )
    tree = _Compiler(linked, forms, replace(body, scans=scans)).whole()
    sources, joins = lineage(linked, [node for _, node in demands])
    return Statement(
        sql=write(tree, dialect),
        dialect=dialect,
        columns=plan.columns,
        row_filters=tuple(_in_words(group) for group in row_filters),
        sources=sources,
        joins=joins,
    )


def _demanded(linked: Linked, fact: str, row_filters: RowFilters) -> list[Node]:
    """Each group of filters as one condition on the rows of a fact."""
    found: list[Node] = []
    for group in row_filters:
        fitting: list[Node] = []
        for one in group:
            try:
                fitting.append(row_filter(linked, fact, one.expr))
            except (Fault, Elsewhere):
                continue
        if not fitting:
            raise refusal(
                codes.FILTER_OUT_OF_REACH,
                f"`{_in_words(group)}` cannot be applied to rows of `{fact}`",
                f"add a relationship that leads from `{fact}` to the filter's dataset, or permit it by another rule",
            )
        node = fitting[0] if len(fitting) == 1 else call("or", *fitting, kind=BOOLEAN)
        if node not in found:
            found.append(node)
    return found


def _in_words(group: Sequence[RowFilter]) -> str:
    return " or ".join(dict.fromkeys(one.expr.value for one in group))


@dataclass(frozen=True, slots=True, kw_only=True)
class _From:
    """Where the columns of one scan come from: the alias of each path."""

    aliases: dict[Path, str]


class _Compiler:
    def __init__(self, linked: Linked, forms: Dialect, body: Body) -> None:
        self._linked = linked
        self._forms = forms
        self._body = body
        count = len(body.scans[0].keys)
        self._keys, self._metrics = body.aliases[:count], body.aliases[count:]

    def whole(self) -> exp.Select:
        body = self._body
        if len(body.scans) == 1:
            select = self._only_scan(body.scans[0])
        else:
            select = self._stitched()
        for sort in body.sorts:
            ordered = exp.Ordered(this=_column(body.aliases[sort.position]), desc=sort.is_descending, nulls_first=False)
            order = select.args.get("order")
            if order is None:
                select.set("order", exp.Order(expressions=[ordered]))
            else:
                order.append("expressions", ordered)
        if body.limit is not None:
            select.set("limit", exp.Limit(expression=number(body.limit)))
        return select

    # -- one fact

    def _only_scan(self, scan: Scan) -> exp.Select:
        shared, own = _common_where(scan.measures)
        source = self._source(scan, shared, own)

        def measured(measure: Measure) -> Tree:
            return self._aggregate(measure, source, own[id(measure)])

        select = self._select(scan, source, shared, own)
        for name, node in zip(self._metrics, self._body.metrics, strict=True):
            select.append("expressions", _named(self._tree(node, source, measured), name))
        self._having(select, lambda node: self._tree(node, source, measured))
        return select

    def _part(self, scan: Scan, names: dict[int, str]) -> exp.Select:
        shared, own = _common_where(scan.measures)
        source = self._source(scan, shared, own)
        select = self._select(scan, source, shared, own)
        for measure in scan.measures:
            select.append("expressions", _named(self._aggregate(measure, source, own[id(measure)]), names[id(measure)]))
        return select

    def _select(
        self, scan: Scan, source: _From, shared: Sequence[Node], own: dict[int, tuple[Node, ...]]
    ) -> exp.Select:
        select = exp.Select(
            expressions=[
                _named(self._forms.key(key.kind, self._tree(key, source)), name)
                for key, name in zip(scan.keys, self._keys, strict=True)
            ],
            from_=exp.From(this=relation(self._relation(scan.fact), source.aliases[()])),
        )
        joins = [self._join(path, source) for path in source.aliases if path]
        if joins:
            select.set("joins", joins)
        conditions = [*scan.where, *shared]
        if own and all(own.values()):
            conditions.append(_any([_all(list(where)) for where in dict.fromkeys(own.values())]))
        if conditions:
            tree = self._tree(_all(conditions), source)
            select.set("where", exp.Where(this=tree))
        if scan.keys:
            select.set("group", exp.Group(expressions=[number(n + 1) for n in range(len(scan.keys))]))
        return select

    def _source(self, scan: Scan, shared: Sequence[Node], own: dict[int, tuple[Node, ...]]) -> _From:
        """An alias for the fact and for every path that something in the scan is read along."""
        aliases: dict[Path, str] = {(): plain_name(scan.fact)}
        taken = {aliases[()], *self._keys, *self._metrics}
        args = [measure.arg for measure in scan.measures if measure.arg is not None]
        for node in (*scan.keys, *scan.where, *shared, *args, *(part for where in own.values() for part in where)):
            for column in columns_in(node):
                for length in range(1, len(column.path) + 1):
                    path = column.path[:length]
                    if path not in aliases:
                        aliases[path] = _free(plain_name(self._step(path).name), taken)
        return _From(aliases=aliases)

    def _join(self, path: Path, source: _From) -> exp.Join:
        """Rows without a match stay: facts are never dropped."""
        step = self._step(path)
        nodes = key_nodes(self._linked, path[-1])
        half = len(nodes) // 2
        pairs = [
            exp.EQ(
                this=self._tree(moved(here, path[:-1]), source),
                expression=self._tree(moved(there, path), source),
            )
            for here, there in zip(nodes[:half], nodes[half:], strict=True)
        ]
        condition: Tree = pairs[0]
        for pair in pairs[1:]:
            condition = exp.And(this=condition, expression=pair)
        return exp.Join(this=relation(self._relation(step.target), source.aliases[path]), side="LEFT", on=condition)

    def _step(self, path: Path) -> Relationship:
        return self._linked.model.relationships[path[-1]]

    def _relation(self, dataset: str) -> str:
        return self._linked.model.datasets[dataset].source

    def _aggregate(self, measure: Measure, source: _From, where: tuple[Node, ...]) -> Tree:
        arg = self._tree(measure.arg, source) if measure.arg is not None else None
        if not where:
            return self._forms.aggregate(measure, arg)
        condition = self._tree(_all(list(where)), source)
        return exp.Filter(this=self._forms.aggregate(measure, arg), expression=exp.Where(this=condition))

    # -- several facts

    def _stitched(self) -> exp.Select:
        body = self._body
        names = self._measure_names()
        ctes, branches = [], []
        taken: set[str] = set()
        for scan in body.scans:
            part = _free(f"{plain_name(scan.fact)}_part", taken)
            ctes.append(_cte(part, self._part(scan, names)))
            branches.append(self._branch(part, scan, names))
        union: exp.Query = branches[0]
        for branch in branches[1:]:
            union = exp.Union(this=union, expression=branch, distinct=False)
        ctes.append(_cte(_free("stitched", taken), union))
        wanted = {id(m): m for scan in body.scans for m in scan.measures}

        def measured(measure: Measure) -> Tree:
            tree = func("MAX", _column(names[id(measure)]))
            return func("COALESCE", tree, number(0)) if wanted[id(measure)].is_count else tree

        select = exp.Select(
            expressions=[exp.Column(this=identifier(name)) for name in self._keys],
            from_=exp.From(this=exp.Table(this=identifier("stitched"))),
            with_=exp.With(expressions=ctes),
        )
        for name, node in zip(self._metrics, body.metrics, strict=True):
            select.append("expressions", _named(self._tree(node, _From(aliases={}), measured), name))
        if self._keys:
            select.set("group", exp.Group(expressions=[number(n + 1) for n in range(len(self._keys))]))
        self._having(select, lambda node: self._tree(node, _From(aliases={}), measured))
        return select

    def _measure_names(self) -> dict[int, str]:
        """A measure that is a metric is called so; others by what they do."""
        taken = set(self._keys)
        names: dict[int, str] = {}
        for name, node in zip(self._metrics, self._body.metrics, strict=True):
            if isinstance(node, Measure):
                names.setdefault(id(node), _free(name, taken))
        for scan in self._body.scans:
            for measure in scan.measures:
                if id(measure) not in names:
                    names[id(measure)] = _free(f"{measure.name}_of_{plain_name(scan.fact)}", taken)
        return names

    def _branch(self, part: str, scan: Scan, names: dict[int, str]) -> exp.Select:
        here = {id(measure) for measure in scan.measures}
        kinds = {id(measure): measure.kind for other in self._body.scans for measure in other.measures}
        measures = [
            _column(name) if key in here else _named(self._forms.null(kinds[key]), name) for key, name in names.items()
        ]
        return exp.Select(
            expressions=[*(_column(name) for name in self._keys), *measures],
            from_=exp.From(this=exp.Table(this=identifier(part))),
        )

    def _having(self, select: exp.Select, tree: Callable[[Node], Tree]) -> None:
        if self._body.having:
            select.set("having", exp.Having(this=tree(_all(list(self._body.having)))))

    # -- expressions

    def _tree(self, node: Node, source: _From, measured: Callable[[Measure], Tree] | None = None) -> Tree:
        match node:
            case Col():
                return exp.Column(
                    this=identifier(node.physical or node.column), table=identifier(source.aliases[node.path])
                )
            case Lit():
                return literal(node)
            case Call(name=name, args=args):
                return self._forms.functions[name](node, [self._tree(arg, source, measured) for arg in args])
            case Measure():
                if measured is None:
                    raise Bug
                return measured(node)
            case _:
                assert_never(node)


def _common_where(measures: Sequence[Measure]) -> tuple[list[Node], dict[int, tuple[Node, ...]]]:
    """Conditions that all measures share, and for each measure those it has for itself."""
    if not measures:
        return [], {}
    shared = [node for node in measures[0].where if all(node in m.where for m in measures[1:])]
    return shared, {id(m): tuple(node for node in m.where if node not in shared) for m in measures}


def _all(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else call("and", *nodes, kind=BOOLEAN)


def _any(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else call("or", *nodes, kind=BOOLEAN)


def _column(name: str) -> exp.Column:
    return exp.Column(this=identifier(name))


def _named(tree: Tree, name: str) -> exp.Alias:
    return exp.Alias(this=tree, alias=identifier(name))


def _cte(name: str, query: exp.Query) -> exp.CTE:
    return exp.CTE(this=query, alias=exp.TableAlias(this=identifier(name)))


def _free(name: str, taken: set[str]) -> str:
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name}_{count}"
    taken.add(found)
    return found
