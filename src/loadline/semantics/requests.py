"""What was asked in; metrics, dimensions and filter values looked up, or a RequestError that says why not, out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

from loadline.errors import RequestError
from loadline.semantics import codes
from loadline.semantics.catalog import Catalog, Lost, Seen
from loadline.semantics.grammar import Constant
from loadline.semantics.linked import Linked, LinkedMetric
from loadline.semantics.moments import bucket, read_moment
from loadline.semantics.near import a, listed, nearest
from loadline.semantics.nodes import BOOLEAN, DATE, INTEGER, NUMBER, STRING, TIMESTAMP, Kind, Lit, Measure, Node, call
from loadline.semantics.typed import compare
from loadline.semantics.words import phrase_by
from loadline.values.diagnostic import Diagnostic
from loadline.values.model import Metric, Term
from loadline.values.query import By, Filter, Grain, Op, Scalar

TIME = "time"
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?\Z")
_NOWHERE = Constant(value=None, at=0, length=0)


def refusal(code: str, what: str, mend: str, options: tuple[str, ...] = ()) -> RequestError:
    return RequestError(Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend), options=options)


# -- metrics


def find_metric(linked: Linked, name: str, audience: str | None) -> LinkedMetric:
    """The metric that a name, a synonym or a term means to an audience."""
    found = linked.metrics.get(name)
    if found is not None:
        return found
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
    """`nodes` has the dimension as each target reads it, in order; `by` calls it by its own name."""

    by: By
    nodes: tuple[Node, ...]
    kind: Kind

    @property
    def name(self) -> str:
        return phrase_by(self.by)


def find_dimension(linked: Linked, by: By, targets: Sequence[Target]) -> Dimension:
    name, grain = by.name, by.grain
    if name == TIME:
        nodes = [time_of(target) for target in targets]
        grain = grain or Grain.DAY
    else:
        name, seen = find_field(linked.catalog, name, targets)
        nodes = [one.node for one in seen]
    if grain is None:
        return Dimension(by=By(name=name), nodes=tuple(nodes), kind=nodes[0].kind)
    for node in nodes:
        if node.kind.name not in {"date", "timestamp", "unknown"}:
            raise refusal(
                codes.NO_GRAIN,
                f"`{name}` is {a(node.kind.name)} and has no {grain.value.replace('_', ' ')}",
                f"write `{name}` without a grain",
            )
    cut = tuple(bucket(node, grain, linked.model.calendar) for node in nodes)
    return Dimension(by=By(name=name, grain=grain), nodes=cut, kind=cut[0].kind)


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
