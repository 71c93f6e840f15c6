"""A plan and the policy's row filters in, one SELECT out.

The passes, in order: scan each fact with its filters and the policy's; join along its paths; aggregate at its own
grain and in the shape of its time (`sql_parts`); stitch the parts (UNION ALL and regroup, so that NULL groups meet
once); derive; keep, order and cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from loadline.errors import Bug
from loadline.semantics import codes
from loadline.semantics.body import Body, Scan
from loadline.semantics.catalog import Elsewhere
from loadline.semantics.dialects import DIALECTS, Dialect, Tree, func, number
from loadline.semantics.forms import NotInDialect
from loadline.semantics.identifiers import identifier, plain_name, relation_parts
from loadline.semantics.lineage import lineage
from loadline.semantics.link import row_filter
from loadline.semantics.linked import Linked, keep
from loadline.semantics.masking import in_words, masked, masked_columns
from loadline.semantics.near import listed
from loadline.semantics.nodes import BOOLEAN, INTEGER, Measure, Node, Per, call, wins_in
from loadline.semantics.requests import refusal
from loadline.semantics.rollups import ROW_COUNT, pieces, served
from loadline.semantics.scanning import refuse_repeated, told_apart
from loadline.semantics.sql_part import Part
from loadline.semantics.sql_parts import Parts
from loadline.semantics.sql_rows import (
    NOWHERE,
    Rows,
    Source,
    Steps,
    all_of,
    any_of,
    column,
    free,
    from_step,
    grouped,
    named,
    over_rows,
    union_all,
    wheres,
)
from loadline.semantics.typed import Fault
from loadline.semantics.writer import write
from loadline.values.decision import ColumnMask, RowFilter
from loadline.values.plan import Plan, RollupUse, Statement

RowFilters = tuple[tuple[RowFilter, ...], ...]


def compile_sql(
    linked: Linked,
    plan: Plan,
    *,
    row_filters: RowFilters = (),
    dialect: str = "duckdb",
    rollups: frozenset[str] = frozenset(),
    masks: tuple[ColumnMask, ...] = (),
) -> Statement:
    """`rollups` names those that may be read in place of their datasets: those that are current.

    Raises RequestError when a row filter cannot be applied to a dataset the plan reads, when a masked column is used in
    another way than to be shown, or for an unknown dialect.

    INVARIANT: every scan of every fact carries every group of row filters, and no masked column is read but through its
    mask.
    """
    key = (plan.digest, row_filters, dialect, rollups, masks)
    known = linked.statements.get(key)
    if known is not None:
        return known
    return keep(linked.statements, key, _compile(linked, plan, _Scope(row_filters, masks), dialect, rollups))


@dataclass(frozen=True, slots=True)
class _Scope:
    """What policy leaves of the data."""

    row_filters: RowFilters
    masks: tuple[ColumnMask, ...]


def rollups_for(
    linked: Linked, plan: Plan, *, row_filters: RowFilters = (), masks: tuple[ColumnMask, ...] = ()
) -> tuple[RollupUse, ...]:
    """The rollups that could be read to answer the plan, if they are current. Raises RequestError as `compile_sql`."""
    body = plan.body
    if not linked.rollups or not isinstance(body, Body):
        return ()
    if masks:
        body = masked(body, masks)
    demands = {fact: tuple(_demanded(linked, fact, row_filters)) for fact in _facts(body)} if row_filters else {}
    names = frozenset(one.rollup.name for one in linked.rollups)
    return _served(linked, _under(linked, body, demands) if demands else body, names)[1]


def _served(linked: Linked, body: Body, names: frozenset[str]) -> tuple[Body, tuple[RollupUse, ...]]:
    """The body with each scan of the first rollup that serves it."""
    allowed = [one for one in linked.rollups if one.rollup.name in names]
    used: dict[str, RollupUse] = {}
    scans = []
    for scan in body.scans:
        found = served(allowed, scan, linked.model.calendar)
        if found is None:
            scans.append(scan)
            continue
        one, instead = found
        scans.append(instead)
        used[one.rollup.name] = RollupUse(
            name=one.rollup.name,
            relation=one.rollup.source,
            dataset=one.rollup.dataset,
            base=linked.model.datasets[one.rollup.dataset].source,
            row_count=ROW_COUNT,
        )
    return replace(body, scans=tuple(scans)), tuple(used.values())


def _compile(linked: Linked, plan: Plan, scope: _Scope, dialect: str, rollups: frozenset[str]) -> Statement:
    forms = DIALECTS.get(dialect)
    if forms is None:
        raise refusal(codes.UNKNOWN_DIALECT, f"SQL cannot be written for `{dialect}`", f"use {listed(DIALECTS)}")
    body = plan.body
    if not isinstance(body, Body):
        raise Bug
    row_filters, columns = scope.row_filters, plan.columns
    if scope.masks:
        body = masked(body, scope.masks)
        columns = masked_columns(columns, body)
    demands = {fact: tuple(_demanded(linked, fact, row_filters)) for fact in _facts(body)} if row_filters else {}
    if row_filters:
        body = _under(linked, body, demands)
    uses: tuple[RollupUse, ...] = ()
    if rollups:
        body, uses = _served(linked, body, rollups)
    try:
        tree = _Compiler(linked, forms, body, demands).whole()
    except NotInDialect as gap:
        raise refusal(codes.NOT_IN_DIALECT, gap.what, gap.mend) from None
    added = [node for nodes in demands.values() for node in nodes]
    added += [node for scan in _scans(body) for node in scan.identity]
    sources, joins = lineage(linked, added) if demands else ((), ())
    return Statement(
        sql=write(tree, dialect),
        dialect=dialect,
        columns=columns,
        masks=in_words(scope.masks),
        row_filters=tuple(_in_words(group) for group in row_filters),
        sources=sources,
        joins=joins,
        rollups=uses,
    )


def _facts(body: Body) -> tuple[str, ...]:
    """Every fact that is scanned, those of subjects' metrics and of events that follow included."""
    scans = _scans(body)
    found = dict.fromkeys(scan.fact for scan in scans)
    for scan in scans:
        for measure in scan.measures:
            if measure.converted is not None:
                found[measure.converted.measure.fact] = None
    return tuple(found)


def _scans(body: Body) -> list[Scan]:
    return [*body.scans, *(scan for _, inner in body.subjects for scan in inner)]


def _under(linked: Linked, body: Body, demands: dict[str, tuple[Node, ...]]) -> Body:
    """The body with what policy demands of every scan. Raises RequestError where that cannot be looked at."""

    def under(scan: Scan) -> Scan:
        nodes = demands[scan.fact]
        reads = [*scan.keys, *scan.where, *scan.measures]
        win = next((win for node in reads for win in wins_in(node)), None)
        if nodes and win is not None:
            raise refusal(
                codes.WINDOW_UNDER_POLICY,
                f"`{win.dataset}.{win.field}` looks at rows of `{win.dataset}`, some of which a rule hides",
                "ask without that field",
            )
        for measure in scan.measures:
            if measure.converted is not None:
                refuse_repeated(measure.converted.measure.fact, demands[measure.converted.measure.fact])
        return told_apart(linked, replace(scan, where=(*scan.where, *nodes))) if nodes else scan

    return replace(
        body,
        scans=tuple(under(scan) for scan in body.scans),
        subjects=tuple((per, tuple(under(scan) for scan in scans)) for per, scans in body.subjects),
    )


def rollup_query(linked: Linked, name: str, dialect: str) -> str:
    """The query whose rows a rollup holds. Raises RequestError for a rollup that there is not, or for an unknown
    dialect."""
    one = next((one for one in linked.rollups if one.rollup.name == name), None)
    forms = DIALECTS.get(dialect)
    if one is None:
        known = [one.rollup.name for one in linked.rollups]
        raise refusal(
            codes.WRONG_ROLLUP,
            f"there is no rollup `{name}`",
            f"name {listed(known)}" if known else "declare one under `rollups` in context/",
        )
    if forms is None:
        raise refusal(codes.UNKNOWN_DIALECT, f"SQL cannot be written for `{dialect}`", f"use {listed(DIALECTS)}")
    fact = one.rollup.dataset
    kept = [(Measure(name="count", fact=fact, arg=None, kind=INTEGER), (ROW_COUNT,)), *one.parts.items()]
    measures = tuple(
        (replace(measure, name=piece), column)
        for measure, columns in kept
        for piece, column in zip(pieces(measure), columns, strict=True)
    )
    body = Body(
        scans=(
            Scan(
                fact=fact,
                keys=tuple(dimension.node for dimension in one.dimensions),
                measures=tuple(measure for measure, _ in measures),
                where=(),
            ),
        ),
        aliases=(*(dimension.column for dimension in one.dimensions), *(column for _, column in measures)),
        metrics=tuple(measure for measure, _ in measures),
        having=(),
        sorts=(),
        limit=None,
    )
    # No row is left out, not even one that no measure counts: `row_count` has to be that of the dataset.
    return write(_Compiler(linked, forms, body, {}).whole(), dialect)


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


class _Compiler:
    def __init__(self, linked: Linked, forms: Dialect, body: Body, demands: dict[str, tuple[Node, ...]]) -> None:
        self._linked = linked
        self._forms = forms
        self._body = body
        self._demands = demands
        count = len(body.scans[0].keys)
        self._keys, self._metrics = body.aliases[:count], body.aliases[count:]
        self._rows = Rows(linked, forms, self._keys)
        self._steps = Steps(taken=_relations(linked, body))

    def whole(self) -> exp.Select:
        body = self._body
        for per, scans in body.subjects:
            self._rows.subjects[per] = self._subject(per, scans)
        select = self._of_wholes() if _has_wholes(body) else self.inner()
        if self._steps.queries:
            select.set("with_", exp.With(expressions=[_cte(name, query) for name, query in self._steps.queries]))
        for sort in body.sorts:
            ordered = exp.Ordered(this=column(body.aliases[sort.position]), desc=sort.is_descending, nulls_first=False)
            order = select.args.get("order")
            if order is None:
                select.set("order", exp.Order(expressions=[ordered]))
            else:
                order.append("expressions", ordered)
        if body.limit is not None:
            select.set("limit", exp.Limit(expression=number(body.limit)))
        return select

    def _only_scan(self, scan: Scan) -> exp.Select:
        shared, own = wheres(scan)
        where = [*scan.where, *shared]
        if own and all(own.values()):
            where.append(any_of([all_of(list(one)) for one in dict.fromkeys(own.values())]))
        args = [measure.arg for measure in scan.measures if measure.arg is not None and not scan.kept]
        reads = [*scan.keys, *where, *args, *(node for nodes in own.values() for node in nodes)]
        source = self._rows.source(scan, reads, self._metrics)

        def measured(measure: Measure) -> Tree:
            return self._rows.measured(scan, measure, source, own[id(measure)])

        columns = self._rows.key_columns(scan, source)
        for name, node in zip(self._metrics, self._body.metrics, strict=True):
            columns.append(named(self._rows.tree(node, source, measured), name))
        select = self._rows.select(scan, source, columns, where)
        if not scan.is_detail:
            self._rows.by_keys(select, scan, source)
        if self._body.having:
            tree = self._rows.tree(all_of(list(self._body.having)), source, measured)
            select.set("having", exp.Having(this=tree))
        return select

    # -- shares of a whole

    def _of_wholes(self) -> exp.Select:
        """Groups first, those of the whole included; then shares over the groups of their whole; then what is shown."""
        body, taken = self._body, {*self._keys, *self._metrics}
        measures = tuple({id(one): one for scan in body.scans for one in scan.measures}.values())
        names = {id(one): free(f"{'all' if one.across is not None else one.name}_of_{plain_name(one.fact)}", taken)
                 for one in measures}  # fmt: skip
        groups = replace(
            body, aliases=(*self._keys, *names.values()), metrics=measures, having=(), sorts=(), limit=None
        )
        step = self._steps.add("wholes", self._within(groups))
        slots = Source(aliases={}, slots={f"key_{at}": column(name) for at, name in enumerate(self._keys)})

        def measured(measure: Measure) -> Tree:
            tree = column(names[id(measure)])
            across = measure.across
            if across is None or not any(name in across for name in body.names):
                return tree
            same = [column(key) for key, name in zip(self._keys, body.names, strict=True) if name not in across]
            return over_rows(func("SUM", tree), same, (), None)

        columns: list[Tree] = [column(name) for name in self._keys]
        for name, node in zip(self._metrics, body.metrics, strict=True):
            columns.append(named(self._rows.tree(node, slots, measured), name))
        kept = (*body.having, *body.shown)
        if not kept:
            return from_step(step, columns)
        is_kept = free("is_kept", taken)
        columns.append(named(self._rows.tree(all_of(list(kept)), slots, measured), is_kept))
        step = self._steps.add("shares", from_step(step, columns))
        select = from_step(step, [column(name) for name in (*self._keys, *self._metrics)])
        select.set("where", exp.Where(this=column(is_kept)))
        return select

    def _within(self, body: Body) -> exp.Select:
        """Another body as a step of this statement."""
        inner = _Compiler(self._linked, self._forms, body, self._demands)
        inner._steps = self._steps
        inner._rows.subjects = self._rows.subjects
        return inner.inner()

    # -- several parts, or one that takes steps

    def _stitched(self) -> exp.Select:
        body = self._body
        names = self._measure_names()
        parts = Parts(self._rows, self._steps, self._demands)
        made: list[tuple[str, Scan]] = []
        for scan in body.scans:
            select = parts.select(Part(scan=scan, names=names))
            if len(body.scans) == 1 and self._is_answer(select):
                return select
            made.append((self._steps.add(f"{plain_name(scan.fact)}_part", select), scan))
        if len(made) == 1:
            step = made[0][0]
        else:
            union = union_all([self._branch(part, scan, names) for part, scan in made])
            step = self._steps.add("stitched", union)
        is_single = len(made) == 1 and bool(self._keys)
        wanted = {id(m): m for scan in body.scans for m in scan.measures}

        def measured(measure: Measure) -> Tree:
            tree: Tree = column(names[id(measure)])
            if not is_single:
                tree = func("MAX", tree)
            one = wanted[id(measure)]
            is_zero = one.is_count and not one.is_null_if_absent
            return func("COALESCE", tree, number(0)) if is_zero else tree

        columns: list[Tree] = [column(name) for name in self._keys]
        for name, node in zip(self._metrics, body.metrics, strict=True):
            columns.append(named(self._rows.tree(node, NOWHERE, measured), name))
        select = from_step(step, columns)
        if not is_single:
            grouped(select, len(self._keys))
        if body.having:
            tree = self._rows.tree(all_of(list(body.having)), NOWHERE, measured)
            if is_single:
                select.set("where", exp.Where(this=tree))
            else:
                select.set("having", exp.Having(this=tree))
        return select

    def _is_answer(self, select: exp.Select) -> bool:
        """Whether the only part is the answer as it stands: rows of one step, and every metric a measure of them."""
        is_plain = not any(select.args.get(clause) for clause in ("group", "joins", "distinct"))
        measures = [node for node in self._body.metrics if isinstance(node, Measure)]
        return (
            is_plain
            and bool(self._keys)
            and not self._body.having
            and len(measures) == len(self._metrics)
            and all(one.is_null_if_absent or not one.is_count for one in measures)
            and select.named_selects == [*self._keys, *self._metrics]
        )

    def _measure_names(self) -> dict[int, str]:
        """A measure that is a metric is called so; others by what they do."""
        taken = set(self._keys)
        names: dict[int, str] = {}
        for name, node in zip(self._metrics, self._body.metrics, strict=True):
            if isinstance(node, Measure):
                names.setdefault(id(node), free(name, taken))
        _name_others(self._body.scans, names, taken)
        return names

    def _branch(self, part: str, scan: Scan, names: dict[int, str]) -> exp.Select:
        here = {id(measure) for measure in scan.measures}
        kinds = {id(measure): measure.kind for other in self._body.scans for measure in other.measures}
        measures: list[Tree] = [
            column(name) if key in here else named(self._forms.null(kinds[key]), name) for key, name in names.items()
        ]
        return from_step(part, [*(column(name) for name in self._keys), *measures])

    def _subject(self, per: Per, scans: tuple[Scan, ...]) -> str:
        """The step that has a metric for each subject."""
        keys = tuple(f"key_{at}" for at in range(1, len(per.outer) + 1))
        body = Body(scans=scans, aliases=(*keys, "value"), metrics=(per.node,), having=(), sorts=(), limit=None)
        return self._steps.add(f"{plain_name(per.metric)}_of_each", self._within(body))

    def inner(self) -> exp.Select:
        """The answer as a step of another."""
        body = self._body
        if len(body.scans) == 1 and body.scans[0].shape is None and not body.scans[0].identity:
            return self._only_scan(body.scans[0])
        return self._stitched()


def _name_others(scans: Sequence[Scan], names: dict[int, str], taken: set[str]) -> None:
    for scan in scans:
        for measure in scan.measures:
            if id(measure) not in names:
                names[id(measure)] = free(f"{measure.name}_of_{plain_name(scan.fact)}", taken)


def _relations(linked: Linked, body: Body) -> set[str]:
    """Names of relations that a step must not hide."""
    calendar = linked.model.calendar
    sources = [dataset.source for dataset in linked.model.datasets.values()] if _has_steps(body) else []
    return {relation_parts(name)[-1].lower() for name in (*sources, *(spine.source for spine in calendar.spines))}


def _has_steps(body: Body) -> bool:
    first = body.scans[0]
    is_stepped = first.shape is not None or bool(first.identity) or _has_wholes(body)
    return len(body.scans) > 1 or bool(body.subjects) or is_stepped


def _has_wholes(body: Body) -> bool:
    return any(measure.across is not None for scan in body.scans for measure in scan.measures)


def _cte(name: str, query: exp.Query) -> exp.CTE:
    return exp.CTE(this=query, alias=exp.TableAlias(this=identifier(name)))
