"""What was asked in; metrics, dimensions and filter values looked up, or a RequestError that says why not, out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

from loadline.errors import RequestError
from loadline.semantics import codes
from loadline.semantics.catalog import Catalog, Lost, Seen, parsed
from loadline.semantics.linked import Linked, LinkedMetric, measures_of
from loadline.semantics.measuring import condition_of, row_scope
from loadline.semantics.moments import SHORT, read_moment
from loadline.semantics.near import a, listed, nearest
from loadline.semantics.nodes import (
    BOOLEAN,
    DATE,
    INTEGER,
    NUMBER,
    STRING,
    TIMESTAMP,
    Kind,
    Lit,
    Measure,
    Node,
    call,
    with_measures,
)
from loadline.semantics.shaping import shifted
from loadline.semantics.typed import Fault, compare, wrong
from loadline.semantics.words import phrase_by
from loadline.semantics.written import Constant, Name, Shifted, Written
from loadline.values.diagnostic import Diagnostic
from loadline.values.model import Calendar, Metric, Term
from loadline.values.query import By, Filter, Grain, Op, Part, Scalar

TIME = "time"
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?\Z")
_NOWHERE = Constant(value=None, at=0, length=0)


def refusal(code: str, what: str, mend: str, options: tuple[str, ...] = ()) -> RequestError:
    return RequestError(Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend), options=options)


# -- metrics


def find_metric(linked: Linked, name: str, audience: str | None) -> LinkedMetric:
    """The metric that a name, a synonym or a term means to an audience, shifted in time where that is asked."""
    found = linked.metrics.get(name)
    if found is not None:
        return found
    if name.endswith("]"):
        return _shifted(linked, name, audience)
    term = linked.model.terms.get(name)
    if term is not None:
        return _meant(linked, term, audience)
    called: list[Metric | Term] = [m for m in linked.model.metrics.values() if name in m.synonyms]
    called += [t for t in linked.model.terms.values() if name in t.synonyms]
    if len(called) == 1:
        return find_metric(linked, called[0].name, audience)
    if called:
        options = tuple(one.name for one in called)
        raise refusal(
            codes.WHICH_MEANING,
            f"`{name}` is another word for {listed(options)}",
            f"ask for {' or '.join(f'`{option}`' for option in options)}",
            options,
        )
    known = (*linked.metrics, *linked.model.terms)
    close = nearest(name, known)
    raise refusal(
        codes.UNKNOWN_METRIC,
        f"`{name}` is not a metric or term",
        f"ask for `{close}`" if close else f"ask for one of {listed(known)}",
    )


def _shifted(linked: Linked, name: str, audience: str | None) -> LinkedMetric:
    """`booked[1 year ago]`: a metric of its own, as long as the question lasts."""
    from loadline.semantics.relating import related  # noqa: PLC0415 - it looks metrics up, too

    if (found := related(linked, name, audience)) is not None:
        return found
    bare, _, written = name.partition("[")
    found = find_metric(linked, bare.strip(), audience)
    shifts = f"[{written}"
    if any("change" in word or "share" in word for word in written.split("[")):
        raise refusal(
            codes.WRONG_RELATION,
            f"`{name}` shifts what is a change or a share already",
            "write the shift first, as in `booked[1 year ago][share across customers.region]`",
        )
    try:
        tree = parsed(f'"{found.metric.name}"{shifts}')
        node = _with_shifts(tree, found.node, linked.model.calendar)
    except Fault as fault:
        raise refusal(fault.code, fault.what, fault.mend) from None
    node = with_measures(node, lambda measure: linked.same.setdefault(measure, measure))
    return LinkedMetric(
        metric=replace(found.metric, name=f"{found.metric.name}{shifts}"),
        node=node,
        parts=(found.metric.name, *found.parts),
        measures=measures_of(node),
    )


def _with_shifts(tree: Written, node: Node, calendar: Calendar) -> Node:
    match tree:
        case Shifted():
            return shifted(tree, _with_shifts(tree.tree, node, calendar), calendar)
        case Name():
            return node
        case _:
            raise wrong(tree, "only a shift in time can follow a metric here", "write it as `booked[1 year ago]`")


def _meant(linked: Linked, term: Term, audience: str | None) -> LinkedMetric:
    meant = (term.meanings.get(audience) if audience else None) or term.otherwise
    if meant is not None and meant in linked.metrics:
        return linked.metrics[meant]
    options = tuple(f"{metric} (audience {who})" for who, metric in term.meanings.items())
    speaker = f"to the audience `{audience}`" if audience else "when nobody says which audience asks"
    metrics = " or ".join(f"`{metric}`" for metric in dict.fromkeys(term.meanings.values()))
    raise refusal(
        codes.WHICH_MEANING,
        f"`{term.name}` has no single meaning {speaker}",
        f"ask for {metrics}, or name an audience",
        options,
    )


# -- dimensions


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom a dimension is looked up for: one measure of a metric, or a dataset whose values are listed."""

    fact: str
    metric: str | None = None
    measure: Measure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """`raws` has the dimension as each target reads it, in order, before it is cut; `by` calls it by its own name."""

    by: By
    raws: tuple[Node, ...]
    kind: Kind

    @property
    def name(self) -> str:
        return phrase_by(self.by)


def find_dimension(linked: Linked, by: By, targets: Sequence[Target]) -> Dimension:
    name, grain = by.name, by.grain
    if name == TIME:
        nodes = [time_of(target) for target in targets]
        grain = Grain.DAY if grain is None and by.part is None and by.own_grain is None else grain
    else:
        name, seen = find_field(linked.catalog, name, targets)
        nodes = [one.node for one in seen]
    meant = By(name=name, grain=grain, part=by.part, own_grain=by.own_grain)
    cut = grain or by.part or by.own_grain
    if cut is None:
        return Dimension(by=meant, raws=tuple(nodes), kind=nodes[0].kind)
    for node in nodes:
        if node.kind.name not in {"date", "timestamp", "unknown"}:
            raise refusal(
                codes.NO_GRAIN,
                f"`{name}` is {a(node.kind.name)} and has no {cut.replace('_', ' ')}",
                f"write `{name}` without a grain",
            )
    return Dimension(by=meant, raws=tuple(nodes), kind=_kind_of_cut(linked, meant))


def _kind_of_cut(linked: Linked, by: By) -> Kind:
    if by.own_grain is not None:
        own = [name for spine in linked.model.calendar.spines for name in spine.grains]
        if by.own_grain not in own:
            known = [*(grain.value for grain in Grain), *(part.value for part in Part), *own]
            close = nearest(by.own_grain, known)
            raise refusal(
                codes.NO_GRAIN,
                f"`{by.own_grain}` is not a grain, and no spine of the calendar declares it",
                f"write `{by.name}:{close}`" if close else f"use one of {listed(known)}",
            )
        return DATE
    if by.part is not None:
        return INTEGER
    return TIMESTAMP if by.grain in SHORT else DATE


def time_of(target: Target) -> Node:
    if target.measure is None:
        raise refusal(
            codes.NO_TIME,
            f"`time` is a metric's own time, and no metric is asked of `{target.fact}`",
            "name the time field, as in `orders.ordered_at:month`",
        )
    if target.measure.time is None:
        raise no_time(target)
    return target.measure.time


def no_time(target: Target) -> RequestError:
    return refusal(
        codes.NO_TIME,
        f"`{target.metric}` is measured on `{target.fact}`, which has no time field",
        f"write `time:` under the dataset `{target.fact}`, or under the metric `{target.metric}`",
    )


def find_field(catalog: Catalog, name: str, targets: Sequence[Target]) -> tuple[str, list[Seen]]:
    """The field as each target sees it, and its own name with its dataset (or role) in front."""
    parts = catalog.unsynonymed(tuple(name.split(".")))
    if len(parts) == 1:
        parts = (_owner(catalog, parts[0], targets), *parts)
    name = ".".join(parts)
    seen = [_see(catalog, parts, target, targets) for target in targets]
    meant = list(dict.fromkeys(one.spelled for one in seen))
    if len(meant) > 1:
        raise refusal(
            codes.TWO_MEANINGS,
            f"`{name}` means {' and '.join(f'`{one}`' for one in meant)}",
            "ask for the metrics one at a time, or name a dimension they share",
        )
    return name, seen


def field_behind(linked: Linked, name: str) -> tuple[str, str] | None:
    """The dataset and field of a text field, by a name that a plan has it by (`companies.country`, `home.city`); None
    for a metric, for time, and for what is no text."""
    *steps, field = name.split(".")
    dataset = linked.catalog.target(steps[-1]) if steps else None
    if dataset is None or not linked.catalog.has(dataset, field):
        return None
    try:
        return (dataset, field) if linked.catalog.field(dataset, field).kind.name == "string" else None
    except Fault:
        return None


def _owner(catalog: Catalog, name: str, targets: Sequence[Target]) -> str:
    owners = [dataset for dataset in catalog.model.datasets if catalog.has(dataset, name)]
    facts = {target.fact for target in targets}
    shared = [o for o in owners if all(o in catalog.graph.reachable(fact) for fact in facts)]
    if len(shared) == 1:
        return shared[0]
    if len(owners) == 1:
        return owners[0]
    if not owners:
        every = {field for dataset in catalog.model.datasets for field in catalog.fields_of(dataset)}
        close = nearest(name, (*sorted(every), TIME))
        raise refusal(
            codes.UNKNOWN_DIMENSION,
            f"`{name}` is not a field of any dataset",
            f"write `{close}`" if close else f"use a field of {listed(catalog.model.datasets)}, or `time`",
        )
    options = tuple(f"{owner}.{name}" for owner in shared or owners)
    raise refusal(
        codes.WHICH_DATASET,
        f"`{name}` is a field of {listed(shared or owners)}",
        f"write {' or '.join(f'`{option}`' for option in options)}",
        options,
    )


def _see(catalog: Catalog, parts: tuple[str, ...], target: Target, targets: Sequence[Target]) -> Seen:
    try:
        return catalog.see(target.fact, parts)
    except Lost as lost:
        name = ".".join(parts)
        match lost.reason:
            case "unknown":
                raise refusal(codes.UNKNOWN_DIMENSION, lost.what, lost.mend) from None
            case "several":
                raise refusal(codes.WHICH_PATH, lost.what, lost.mend, lost.options) from None
            case "unreachable":
                facts = dict.fromkeys(t.fact for t in targets)
                shared = [d for d in catalog.graph.reachable(target.fact) if _all_reach(catalog, facts, d)]
                asked = f"`{target.metric}`, measured on `{target.fact}`," if target.metric else f"`{target.fact}`"
                raise refusal(
                    codes.FAN_OUT,
                    f"{asked} cannot be broken down by `{name}`: {lost.what}",
                    f"use a field of {listed(shared)}" if shared else "ask for the metrics one at a time",
                ) from None
            case _:
                assert_never(lost.reason)


def _all_reach(catalog: Catalog, facts: dict[str, None], dataset: str) -> bool:
    return all(dataset in catalog.graph.reachable(fact) for fact in facts)


# -- conditions


def parsed_condition(text: str) -> Written:
    try:
        return parsed(text)
    except Fault as fault:
        raise refusal(fault.code, f"in the condition `{text}`: {fault.what}", fault.mend) from None


def condition_on(linked: Linked, target: Target, tree: Written, time: Node | None) -> Node:
    """A condition as a target's rows see it, with their own time read as `time` where that is not None."""
    own = target.measure.time if target.measure is not None else None

    def metric_of(name: Name) -> Node:
        return find_metric(linked, str(name), None).node

    def name_of(name: Name) -> Node:
        parts = linked.catalog.unsynonymed(name.parts)
        if name.parts == (TIME,):
            node = time_of(target)
        elif len(parts) == 1:
            node = find_field(linked.catalog, parts[0], [target])[1][0].node
        else:
            node = _see(linked.catalog, parts, target, [target]).node
        return time if time is not None and node == own else node

    scope = replace(row_scope(linked.catalog, target.fact, metric_of), name=name_of)
    try:
        return condition_of(tree, scope)
    except Fault as fault:
        raise refusal(fault.code, f"in a condition: {fault.what}", fault.mend) from None


# -- filters

_SYMBOLS = {Op.EQ: "=", Op.NE: "<>", Op.LT: "<", Op.LE: "<=", Op.GT: ">", Op.GE: ">="}
_COUNTS = {Op.IS_NULL: (0, 0), Op.IS_NOT_NULL: (0, 0), Op.BETWEEN: (2, 2), Op.IN: (1, None), Op.NOT_IN: (1, None)}


def filter_node(linked: Linked, wanted: Filter, node: Node) -> Node:
    """The condition a filter puts on a node, its values typed as the node is."""
    least, most = _COUNTS.get(wanted.op, (1, 1))
    if len(wanted.values) < least or (most is not None and len(wanted.values) > most):
        raise refusal(
            codes.WRONG_OPERATOR,
            f"`{wanted.name} {wanted.op}` is given {len(wanted.values)} values",
            f"give it {least if most == least else f'at least {least}'}",
        )
    values = [_value(wanted, node.kind, value) for value in wanted.values]
    calendar = linked.model.calendar

    def test(op: str, value: Lit) -> Node:
        return compare(_NOWHERE, op, node, value, calendar)

    match wanted.op:
        case Op.IS_NULL:
            return call("is null", node, kind=BOOLEAN)
        case Op.IS_NOT_NULL:
            return call("not", call("is null", node, kind=BOOLEAN), kind=BOOLEAN)
        case Op.CONTAINS | Op.STARTS_WITH:
            _demand(wanted, node.kind, "string")
            name = "contains" if wanted.op is Op.CONTAINS else "starts_with"
            return call(name, node, values[0], kind=BOOLEAN)
        case Op.IN | Op.NOT_IN:
            if node.kind.name in {"date", "timestamp"}:
                found: Node = _any([test("=", value) for value in values])
            else:
                found = call("in", node, *values, kind=BOOLEAN)
            return found if wanted.op is Op.IN else call("not", found, kind=BOOLEAN)
        case Op.BETWEEN:
            return call("and", test(">=", values[0]), test("<=", values[1]), kind=BOOLEAN)
        case Op.EQ | Op.NE:
            return test(_SYMBOLS[wanted.op], values[0])
        case Op.LT | Op.LE | Op.GT | Op.GE:
            _demand(wanted, node.kind, "integer", "number", "string", "date", "timestamp")
            return test(_SYMBOLS[wanted.op], values[0])
        case _:
            assert_never(wanted.op)


def _any(tests: list[Node]) -> Node:
    return tests[0] if len(tests) == 1 else call("or", *tests, kind=BOOLEAN)


def _demand(wanted: Filter, kind: Kind, *names: str) -> None:
    if kind.name not in {*names, "unknown"}:
        raise refusal(
            codes.WRONG_OPERATOR,
            f"`{wanted.name}` is {a(kind.name)}, for which `{wanted.op}` is not defined",
            "use `=`, `!=`, `in`, `not-in`, `is-null` or `is-not-null`"
            if kind.name == "boolean"
            else "use `=`, `!=`, `<`, `<=`, `>`, `>=`, `between`, `in`, `not-in`, `is-null` or `is-not-null`",
        )


def _value(wanted: Filter, kind: Kind, value: Scalar) -> Lit:
    found = _typed_value(kind, value)
    if found is None:
        if value is None:
            raise refusal(
                codes.WRONG_VALUE, f"`{wanted.name}` is never `{wanted.op}` null", f"write `{wanted.name} is-null`"
            )
        example = {
            "integer": "42",
            "number": "42.5",
            "boolean": "true",
            "date": "2025-01-31",
            "timestamp": "2025-01-31 or 2025-01-31T12:00:00",
            "other": "is-null or is-not-null",
        }.get(kind.name, "a text")
        raise refusal(
            codes.WRONG_VALUE,
            f"`{value}` is not {a(kind.name)}, which `{wanted.name}` is",
            f"write {a(kind.name)}, such as {example}",
        )
    return found


def _typed_value(kind: Kind, value: Scalar) -> Lit | None:
    match kind.name:
        case "string" | "unknown":
            is_text = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
            return Lit(value=str(value), kind=STRING) if is_text else None
        case "integer":
            number = _number(value)
            whole = number is not None and number == number.to_integral_value()
            return Lit(value=int(number), kind=INTEGER) if number is not None and whole else _fraction(number)
        case "number":
            number = _number(value)
            return Lit(value=number, kind=NUMBER) if number is not None else None
        case "boolean":
            if isinstance(value, str):
                value = {"true": True, "false": False}.get(value.lower())
            return Lit(value=value, kind=BOOLEAN) if isinstance(value, bool) else None
        case "date" | "timestamp":
            return _moment(kind, value)
        case _:
            return None


def _fraction(number: Decimal | None) -> Lit | None:
    return Lit(value=number, kind=NUMBER) if number is not None else None


def _number(value: Scalar) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    if isinstance(value, str) and not _NUMBER.match(value):
        return None
    number = Decimal(value)
    return number if number.is_finite() and abs(number.adjusted()) < 39 else None


def _moment(kind: Kind, value: Scalar) -> Lit | None:
    if isinstance(value, str):
        try:
            value = read_moment(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        if kind.name == "timestamp":
            return Lit(value=value, kind=TIMESTAMP)
        return Lit(value=value.date(), kind=DATE) if value == datetime(value.year, value.month, value.day) else None  # noqa: DTZ001  # a naive midnight is a day
    return Lit(value=value, kind=DATE) if isinstance(value, date) else None
