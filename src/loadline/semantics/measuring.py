"""An aggregate, a condition or a name as written in, what it means seen from the fact it is about out; or a Fault."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from loadline.semantics import codes
from loadline.semantics.catalog import Catalog, Elsewhere, Lost, parsed
from loadline.semantics.near import a, listed, nearest
from loadline.semantics.nodes import (
    INTEGER,
    NUMBER,
    UNKNOWN,
    Col,
    Kind,
    Lit,
    Measure,
    Node,
    Per,
    columns_in,
    measures_in,
    moved,
)
from loadline.semantics.typed import Fault, Scope, is_a, single_quotes, typed, wrong
from loadline.semantics.written import Apply, Constant, Each, Name, Written, names_in
from loadline.values.model import Text


def field_seen(catalog: Catalog, fact: str, name: Name) -> Node:
    """What a dotted name means in a definition, seen from the fact. Raises Fault, or Elsewhere for a broken field."""
    if len(name.parts) < 2:
        known = [d for d in catalog.model.datasets if catalog.has(d, name.parts[0])]
        mend = "write " + (" or ".join(f"`{d}.{name.parts[0]}`" for d in known[:4]) or "`dataset.field`")
        if name.is_quoted and not known:
            mend = single_quotes(name)
        raise wrong(name, f"`{name}` does not say which dataset it belongs to", mend, codes.UNKNOWN_NAME)
    try:
        return catalog.see(fact, name.parts).node
    except Lost as lost:
        code = {"unknown": codes.UNKNOWN_NAME, "unreachable": codes.UNRELATED, "several": codes.SEVERAL_PATHS_WRITTEN}
        raise wrong(name, lost.what, lost.mend, code[lost.reason]) from None
    except Fault:
        raise Elsewhere from None


MetricOf = Callable[[Name], Node]
"""What a metric's name means: its definition over measures. Raises Fault, or Elsewhere for a broken metric."""


def row_scope(catalog: Catalog, fact: str, metric_of: MetricOf | None, time: Node | None = None) -> Scope:
    """What names mean to a row of a fact. `time` is what the bare word `time` stands for."""

    def name(name: Name) -> Node:
        return time if time is not None and name.parts == ("time",) else field_seen(catalog, fact, name)

    def each(tree: Each) -> Node:
        return subject_metric(catalog, fact, tree, metric_of) if metric_of is not None else _no_metric_here(tree)

    return Scope(name=name, aggregate=None, each=each, calendar=catalog.model.calendar)


def _no_metric_here(tree: Each) -> Node:
    raise wrong(tree, "a metric of a subject stands in a policy", "use columns and fields only", codes.MISPLACED_SHAPE)


def condition(catalog: Catalog, fact: str, text: Text, metric_of: MetricOf | None = None) -> Node:
    """A boolean expression over fields that a fact leads to. Raises Fault, or Elsewhere."""
    return condition_of(parsed(text.value), row_scope(catalog, fact, metric_of))


def condition_of(tree: Written, scope: Scope) -> Node:
    """Raises Fault, or Elsewhere."""
    node = typed(tree, scope)
    if not is_a(node, "boolean") or isinstance(node, Lit):
        raise wrong(tree, f"the condition is {a(node.kind.name)}", "write a comparison that is true or false")
    return node


def subject_metric(catalog: Catalog, fact: str, tree: Each, metric_of: MetricOf) -> Per:
    """`metric[per a.b]` for a row of `fact`. Raises Fault, or Elsewhere."""
    if not isinstance(tree.tree, Name):
        raise wrong(tree.tree, "`[per …]` stands after something that is no metric", "give it a name as a metric")
    node = metric_of(tree.tree)
    measures = tuple({id(one): one for one in measures_in(node)}.values())
    outer = tuple(subject(catalog, field_seen(catalog, fact, here)) for here, _ in tree.per)
    inner = tuple(
        tuple(subject(catalog, field_seen(catalog, one.fact, there)) for _, there in tree.per) for one in measures
    )
    return Per(metric=tree.tree.parts[-1], node=node, outer=outer, inner=inner, kind=node.kind)


def subject(catalog: Catalog, node: Node) -> Node:
    """The column that tells a subject apart as the row itself has it, where the field is only what it is joined by:
    a row whose subject is unknown elsewhere still has one."""
    if not isinstance(node, Col) or not node.path or node.path[-1] < 0:
        return node
    step = catalog.graph.relationships[node.path[-1]]
    if step.valid is not None or node.column not in step.target_columns:
        return node
    here = catalog.key(step.source, step.source_columns[step.target_columns.index(node.column)])
    return subject(catalog, moved(here, node.path[:-1]))


def measure_of(catalog: Catalog, tree: Apply, metric_of: MetricOf | None = None) -> Measure:
    """What an aggregate measures. Raises Fault, or Elsewhere for a broken field."""
    name = _aggregate(tree)
    if name == "count" and isinstance(tree.args[0], Name) and len(tree.args[0].parts) == 1:
        return _count_of_rows(catalog, tree.args[0])
    fact = _fact(catalog, tree)
    arg = typed(tree.args[0], row_scope(catalog, fact, metric_of))
    if not any(True for _ in columns_in(arg)):
        raise wrong(tree.args[0], f"`{tree.name}` is given a constant", "aggregate a field", codes.NOTHING_MEASURED)
    kind = _measured(tree, name, arg)
    return Measure(name=name, fact=fact, arg=arg, share=_share(tree) if "percentile" in name else None, kind=kind)


def _count_of_rows(catalog: Catalog, name: Name) -> Measure:
    fact = name.parts[0]
    if fact not in catalog.model.datasets:
        close = nearest(fact, catalog.model.datasets)
        raise wrong(
            name,
            f"`{fact}` is not a dataset",
            f"write `count({close})`" if close else f"count one of {listed(catalog.model.datasets)}, or a field",
            codes.UNKNOWN_NAME,
        )
    return Measure(name="count", fact=fact, arg=None, kind=INTEGER)


def _fact(catalog: Catalog, tree: Apply) -> str:
    """The dataset whose rows are aggregated: of those named, the one that leads to all the others."""
    names = list(names_in(tree.args[0]))
    dotted = [name for name in names if len(name.parts) > 1]
    for name in names:
        if len(name.parts) == 1:
            field_seen(catalog, "", name)
    heads = list(dict.fromkeys(n.parts[0] for n in dotted if n.parts[0] in catalog.model.datasets))
    fitting = [head for head in heads if all(_leads_to(catalog, head, name) for name in dotted)]
    if len(fitting) == 1:
        return fitting[0]
    if not heads:
        raise _no_fact(catalog, tree, names)
    if len(heads) == 1:
        return heads[0]  # reading the argument will say what is wrong
    _say_unknown(catalog, dotted)
    raise wrong(
        tree,
        f"`{tree.name}` mixes {listed(heads)}, of which {'several' if fitting else 'none'} leads to all the others",
        "aggregate one dataset, and name others only where its rows lead to one row of them",
        codes.UNRELATED,
    )


def _leads_to(catalog: Catalog, fact: str, name: Name) -> bool:
    try:
        catalog.see(fact, name.parts)
    except Lost as lost:
        return lost.reason == "several"
    except (Fault, Elsewhere):
        return True
    return True


def _say_unknown(catalog: Catalog, names: list[Name]) -> None:
    for name in names:
        if name.parts[0] in catalog.model.datasets and not _leads_to(catalog, name.parts[0], name):
            field_seen(catalog, name.parts[0], name)


def _no_fact(catalog: Catalog, tree: Apply, names: list[Name]) -> Fault:
    if not names:
        return wrong(
            tree,
            f"`{tree.name}` is given a constant",
            "aggregate a field, as in `sum(orders.amount)`",
            codes.NOTHING_MEASURED,
        )
    close = nearest(names[0].parts[0], catalog.model.datasets)
    return wrong(
        names[0],
        f"`{names[0].parts[0]}` is not a dataset",
        f"write `{'.'.join((close, *names[0].parts[1:]))}`"
        if close
        else f"start with one of {listed(catalog.model.datasets)}",
        codes.UNKNOWN_NAME,
    )


def _aggregate(tree: Apply) -> str:
    """The measure's name. Raises Fault when the call has the wrong form."""
    if tree.is_star:
        raise wrong(tree, f"`{tree.name}(*)` does not say what is counted", "write `count(dataset)`", codes.WRONG_TYPE)
    if tree.is_distinct and tree.name != "count":
        raise wrong(tree, f"`{tree.name}` cannot take `distinct`", "write `count(distinct …)`")
    wanted = 2 if "percentile" in tree.name else 1
    if len(tree.args) != wanted:
        form = f"{tree.name}(orders.amount, 0.95)" if wanted == 2 else f"{tree.name}(orders.amount)"
        raise wrong(tree, f"`{tree.name}` is given {len(tree.args)} values and takes {wanted}", f"write it as `{form}`")
    return "count_distinct" if tree.is_distinct else tree.name


def _measured(tree: Apply, name: str, arg: Node) -> Kind:
    allowed: tuple[str, ...] = ("integer", "number")
    match name:
        case "count" | "count_distinct" | "approx_count_distinct":
            return INTEGER
        case "min" | "max":
            allowed = ("integer", "number", "date", "timestamp", "string")
            kind = arg.kind
        case "sum" | "percentile_disc":
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
