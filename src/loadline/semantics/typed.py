"""A tree of what was written in, the typed node it means out; or a `Fault`, which says what does not fit and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar, assert_never

from loadline.semantics import codes
from loadline.semantics.moments import bucket, compare_moments, instant_of, local_of, own_bucket, read_moment, to_date
from loadline.semantics.near import a, nearest
from loadline.semantics.nodes import (
    BOOLEAN,
    DATE,
    INTEGER,
    NULL,
    NUMBER,
    STRING,
    TIMESTAMP,
    Kind,
    Lit,
    Node,
    call,
)
from loadline.semantics.written import Apply, Constant, Each, Name, Only, Shifted, Value, Windowed, Written
from loadline.values.model import Calendar, Text
from loadline.values.query import Grain

AGGREGATES = (
    "sum",
    "count",
    "avg",
    "min",
    "max",
    "median",
    "percentile",
    "percentile_disc",
    "approx_percentile",
    "approx_count_distinct",
)
PARTS = ("year", "quarter", "month", "week", "day", "weekday", "yearday", "hour", "minute", "second")
UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
CASTS: Mapping[str, Kind] = MappingProxyType(
    {"string": STRING, "integer": INTEGER, "number": NUMBER, "boolean": BOOLEAN, "date": DATE, "timestamp": TIMESTAMP}
)


class Fault(Exception):  # becomes a diagnostic, never shown as an error
    """Something written does not fit; `at` and `length` are in characters of `text`, or of the expression at hand."""

    text: Text | None = None

    def __init__(self, code: str, what: str, mend: str, *, at: int = 0, length: int = 1) -> None:
        super().__init__(what)
        self.code, self.what, self.mend, self.at, self.length = code, what, mend, at, length


@contextmanager
def pointing(text: Text) -> Iterator[None]:
    """Faults within are faults of this text, unless they are of a text within it."""
    try:
        yield
    except Fault as fault:
        fault.text = fault.text or text
        raise


def wrong(tree: Written, what: str, mend: str, code: str = codes.WRONG_TYPE) -> Fault:
    return Fault(code, what, mend, at=tree.at, length=tree.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What names mean here, and what an aggregate, a shift in time, a metric of a subject, a narrowed metric and a
    window over rows mean (None where there can be none)."""

    name: Callable[[Name], Node]
    aggregate: Callable[[Apply], Node] | None
    calendar: Calendar
    shift: Callable[[Shifted], Node] | None = None
    each: Callable[[Each], Node] | None = None
    only: Callable[[Only], Node] | None = None
    window: Callable[[Windowed], Node] | None = None


def typed(tree: Written, scope: Scope) -> Node:
    """Raises Fault."""
    match tree:
        case Name():
            return scope.name(tree)
        case Constant(value=value):
            return literal(value)
        case Apply(name=name) if name in AGGREGATES or tree.is_star or tree.is_distinct:
            if scope.aggregate is None:
                raise wrong(
                    tree,
                    f"the aggregate `{name}` stands where a value of one row is meant",
                    f"remove `{name}( )`, or move it into a metric of its own",
                    codes.MISPLACED_AGGREGATE,
                )
            return scope.aggregate(tree)
        case Apply():
            return _apply(tree, scope)
        case Shifted():
            return _allowed(tree, scope.shift, "a shift in time", "metrics", "write it in the `is` of a metric")(tree)
        case Only():
            return _allowed(tree, scope.only, "`filter`", "metrics", "write `case when … then … end`")(tree)
        case Each():
            return _allowed(tree, scope.each, "`[per …]`", "conditions", "write it in the `where` of a metric")(tree)
        case Windowed():
            return _allowed(tree, scope.window, "`over`", "fields", _OVER)(tree)
        case _:
            assert_never(tree)


def single_quotes(name: Name) -> str:
    """The mend for a text that was put in double quotes."""
    text = str(name).replace("'", "''")
    return f"write `'{text}'`: a text stands in single quotes, a name in double ones"


_T = TypeVar("_T", Shifted, Only, Each, Windowed)


_OVER = "write it under `fields` of its dataset; for the best or worst of a list, ask with `--order -metric --limit 5`"


def _allowed(tree: _T, meant: Callable[[_T], Node] | None, what: str, where: str, mend: str) -> Callable[[_T], Node]:
    if meant is None:
        raise wrong(tree, f"{what} has no meaning here, only in {where}", mend, codes.MISPLACED_SHAPE)
    return meant


def literal(value: Value) -> Lit:
    match value:
        case None:
            kind = NULL
        case bool():
            kind = BOOLEAN
        case int():
            kind = INTEGER
        case Decimal():
            kind = NUMBER
        case datetime():
            kind = TIMESTAMP
        case date():
            kind = DATE
        case str():
            kind = STRING
        case _:
            assert_never(value)
    return Lit(value=value, kind=kind)


def is_a(node: Node, *names: str) -> bool:
    return node.kind.name in names or node.kind.name in {"null", "unknown"}


def _apply(tree: Apply, scope: Scope) -> Node:
    rule = _RULES.get(tree.name)
    if rule is None:
        close = nearest(tree.name, (*_RULES, *AGGREGATES))
        known = ", ".join(sorted(name for name in _RULES if name.isidentifier()))
        raise wrong(
            tree,
            f"`{tree.name}` is not a function of the expression language",
            f"write `{close}`" if close else f"use one of {known}",
            codes.UNKNOWN_FUNCTION,
        )
    least, most, build = rule
    if not least <= len(tree.args) <= most:
        wanted = str(least) if least == most else f"{least} to {most}" if most < _MANY else f"at least {least}"
        raise wrong(
            tree, f"`{tree.name}` is given {len(tree.args)} values and takes {wanted}", f"give `{tree.name}` {wanted}"
        )
    return build(tree, [typed(arg, scope) for arg in tree.args], scope.calendar)


def _demand(tree: Apply, position: int, node: Node, *names: str) -> None:
    if not is_a(node, *names):
        wanted = " or ".join(names)
        raise wrong(
            tree.args[position],
            f"`{tree.name}` needs {a(wanted)} and gets {a(node.kind.name)}",
            f"use a field of type {wanted}, or `cast( … as {names[-1]})`",
        )


def _demand_all(tree: Apply, nodes: Sequence[Node], *names: str) -> None:
    for position, node in enumerate(nodes):
        _demand(tree, position, node, *names)


def _numeric(nodes: Sequence[Node]) -> Kind:
    return INTEGER if all(node.kind.name == "integer" for node in nodes) else NUMBER


# -- rules: (written, nodes of its arguments, calendar) -> node

Rule = Callable[[Apply, list[Node], Calendar], Node]


def _arithmetic(tree: Apply, nodes: list[Node], _: Calendar) -> Node:
    _demand_all(tree, nodes, "integer", "number")
    return call(tree.name, *nodes, kind=NUMBER if tree.name == "/" else _numeric(nodes))


def _plus_or_minus(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    left, right = nodes
    if left.kind.name == "date":
        if right.kind.name == "integer":
            amount = right if tree.name == "+" else call("negative", right, kind=INTEGER)
            return call("add_days", left, amount, kind=DATE)
        if right.kind.name == "date" and tree.name == "-":
            return call("date_diff", literal("day"), right, left, kind=INTEGER)
    if "timestamp" in {left.kind.name, right.kind.name}:
        raise wrong(
            tree,
            f"timestamps cannot be joined by `{tree.name}`",
            "write `date_diff('hour', start, end)` for a duration",
        )
    return _arithmetic(tree, nodes, calendar)


def _numbers(kind: Kind | None = None) -> Rule:
    def rule(tree: Apply, nodes: list[Node], _: Calendar) -> Node:
        _demand_all(tree, nodes, "integer", "number")
        return call(tree.name, *nodes, kind=kind or nodes[0].kind)

    return rule


def _texts(kind: Kind, numbers_from: int = 9) -> Rule:
    def rule(tree: Apply, nodes: list[Node], _: Calendar) -> Node:
        for position, node in enumerate(nodes):
            _demand(tree, position, node, "integer" if position >= numbers_from else "string")
        return call(tree.name, *nodes, kind=kind)

    return rule


def _logic(tree: Apply, nodes: list[Node], _: Calendar) -> Node:
    _demand_all(tree, nodes, "boolean")
    return call(tree.name, *nodes, kind=BOOLEAN)


def compare(tree: Written, op: str, left: Node, right: Node, calendar: Calendar) -> Node:
    """Raises Fault when the two cannot be compared."""
    left, right = _as_moment(tree, left, right), _as_moment(tree, right, left)
    kinds = {left.kind.name, right.kind.name}
    if kinds <= {"date", "timestamp"}:
        return compare_moments(op, left, right, calendar)
    is_alike = len(kinds) == 1 or kinds == {"integer", "number"} or kinds & {"null", "unknown"}
    if not is_alike or "other" in kinds:
        raise wrong(
            tree,
            f"{a(left.kind.name)} is compared with {a(right.kind.name)}",
            "compare values of one type, or convert one with `cast( … as type)`",
        )
    if NULL in (left.kind, right.kind):
        raise wrong(tree, f"nothing is ever `{op}` null", "write `is null` or `is not null`")
    if kinds == {"boolean"} and op not in {"=", "<>"}:
        raise wrong(tree, f"booleans have no order for `{op}`", "compare them with `=` or `<>`")
    return call(op, left, right, kind=BOOLEAN)


def _as_moment(tree: Written, node: Node, other: Node) -> Node:
    """A text constant beside a date or timestamp is one written down."""
    if other.kind.name in {"date", "timestamp"} and isinstance(node, Lit) and isinstance(node.value, str):
        try:
            return literal(read_moment(node.value))
        except ValueError:
            raise wrong(
                tree, f"`{node.value}` is not {a(other.kind.name)}", "write the day as `'2025-01-31'`"
            ) from None
    return node


def _comparison(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    return compare(tree, tree.name, nodes[0], nodes[1], calendar)


def _all_of(name: str, nodes: Sequence[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else call(name, *nodes, kind=BOOLEAN)


def _in(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    subject, *items = nodes
    tests = [compare(arg, "=", subject, item, calendar) for arg, item in zip(tree.args[1:], items, strict=True)]
    if subject.kind.name in {"date", "timestamp"} or not all(isinstance(item, Lit) for item in items):
        return _all_of("or", tests)
    return call("in", subject, *items, kind=BOOLEAN)


def _between(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    subject, low, high = nodes
    at_least = compare(tree.args[1], ">=", subject, low, calendar)
    return _all_of("and", (at_least, compare(tree.args[2], "<=", subject, high, calendar)))


def _is_null(_tree: Apply, nodes: list[Node], _: Calendar) -> Node:
    return call("is null", nodes[0], kind=BOOLEAN)


def _alike(tree: Apply, positions: Sequence[int], nodes: list[Node], calendar: Calendar) -> Kind:
    """Bring the nodes at `positions` to one kind, in place."""
    names = {nodes[at].kind.name for at in positions} - {"null"}
    if names & {"date", "timestamp"}:
        model = next(nodes[at] for at in positions if nodes[at].kind.name in {"date", "timestamp"})
        for at in positions:
            nodes[at] = _as_moment(tree.args[at], nodes[at], model)
        names = {nodes[at].kind.name for at in positions} - {"null"}
    known = names - {"unknown"}
    if known == {"integer", "number"}:
        return NUMBER
    if len(known) > 1:
        raise wrong(
            tree,
            f"`{tree.name}` would give {' or '.join(map(a, sorted(known)))}",
            "make every branch one type, with `cast( … as type)` where needed",
        )
    if known == {"timestamp"} and len({nodes[at].kind.clock for at in positions if nodes[at].kind != NULL}) > 1:
        for at in positions:
            if nodes[at].kind.name == "timestamp":
                nodes[at] = instant_of(nodes[at], calendar)
    return next((nodes[at].kind for at in positions if nodes[at].kind.name in (known or names)), NULL)


def _case(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    for at in range(0, len(nodes) - 1, 2):
        _demand(tree, at, nodes[at], "boolean")
    values = [*range(1, len(nodes), 2), len(nodes) - 1]
    kind = _alike(tree, values, nodes, calendar)
    return call("case", *nodes, kind=kind)


def _same(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    kind = _alike(tree, range(len(nodes)), nodes, calendar)
    return call(tree.name, *nodes, kind=kind)


def _nullif(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    test = compare(tree, "=", nodes[0], nodes[1], calendar)
    return call("case", test, Lit(value=None, kind=NULL), nodes[0], kind=nodes[0].kind)


def _like(tree: Apply, nodes: list[Node], _: Calendar) -> Node:
    _demand_all(tree, nodes, "string")
    if not isinstance(nodes[1], Lit) or "\\" in str(nodes[1].value):
        raise wrong(
            tree.args[1],
            "the pattern of `like` is not a plain text constant",
            "write the pattern in single quotes and without backslashes, or use `contains` or `starts_with`",
        )
    return call("like", *nodes, kind=BOOLEAN)


def _word(tree: Apply, position: int, node: Node, allowed: Sequence[str]) -> str:
    word = node.value if isinstance(node, Lit) else None
    if not isinstance(word, str) or word.lower() not in allowed:
        raise wrong(
            tree.args[position], f"`{tree.name}` does not know this unit or type", f"use one of {', '.join(allowed)}"
        )
    return word.lower()


def _cast(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    kind = CASTS[_word(tree, 1, nodes[1], tuple(CASTS))]
    subject = nodes[0]
    allowed = {
        "string": ("string", "integer", "boolean", "date"),
        "integer": ("string", "integer", "number", "boolean"),
        "number": ("string", "integer", "number"),
        "boolean": ("boolean", "string"),
        "date": ("date", "timestamp", "string"),
        "timestamp": ("timestamp", "date", "string"),
    }[kind.name]
    if not is_a(subject, *allowed):
        raise wrong(
            tree,
            f"{a(subject.kind.name)} has no portable form as {kind.name}",
            f"cast to {kind.name} only from {', '.join(allowed)}",
        )
    if isinstance(subject, Lit) and isinstance(subject.value, str) and kind in (DATE, TIMESTAMP):
        return _as_moment(tree, subject, Lit(value=None, kind=kind))
    if subject.kind.name == "timestamp":
        local = local_of(subject, calendar)
        return to_date(local) if kind == DATE else local
    if kind.name == subject.kind.name:
        return subject
    return call({"date": "to_date", "timestamp": "to_timestamp"}.get(kind.name, f"to_{kind.name}"), subject, kind=kind)


def _extract(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    part = _word(tree, 0, nodes[0], PARTS)
    _demand(tree, 1, nodes[1], "date", "timestamp")
    return call("extract", literal(part), local_of(nodes[1], calendar), kind=INTEGER)


def _part(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    _demand(tree, 0, nodes[0], "date", "timestamp")
    return call("extract", literal(tree.name), local_of(nodes[0], calendar), kind=INTEGER)


def _date_trunc(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    own = tuple(name for spine in calendar.spines for name in spine.grains)
    unit = _word(tree, 0, nodes[0], (*(grain.value for grain in Grain), *own))
    _demand(tree, 1, nodes[1], "date", "timestamp")
    return own_bucket(nodes[1], unit, calendar) if unit in own else bucket(nodes[1], Grain(unit), calendar)


def _date_diff(tree: Apply, nodes: list[Node], calendar: Calendar) -> Node:
    unit = _word(tree, 0, nodes[0], UNITS)
    start, end = nodes[1:]
    for position, node in ((1, start), (2, end)):
        _demand(tree, position, node, "date", "timestamp")
    is_short = unit in {"hour", "minute", "second"}
    if is_short and "timestamp" in {start.kind.name, end.kind.name} and start.kind.clock != end.kind.clock:
        start, end = instant_of(start, calendar), instant_of(end, calendar)
    if not is_short:
        start, end = to_date(local_of(start, calendar)), to_date(local_of(end, calendar))
    return call("date_diff", literal(unit), start, end, kind=INTEGER)


_MANY = 1000
_RULES: Mapping[str, tuple[int, int, Rule]] = MappingProxyType(
    {
        "+": (2, 2, _plus_or_minus),
        "-": (2, 2, _plus_or_minus),
        "*": (2, 2, _arithmetic),
        "/": (2, 2, _arithmetic),
        "%": (2, 2, _arithmetic),
        "negative": (1, 1, _numbers()),
        "abs": (1, 1, _numbers()),
        "round": (1, 2, _numbers()),
        "floor": (1, 1, _numbers()),
        "ceil": (1, 1, _numbers()),
        "least": (2, _MANY, _same),
        "greatest": (2, _MANY, _same),
        "coalesce": (1, _MANY, _same),
        "nullif": (2, 2, _nullif),
        "=": (2, 2, _comparison),
        "<>": (2, 2, _comparison),
        "<": (2, 2, _comparison),
        "<=": (2, 2, _comparison),
        ">": (2, 2, _comparison),
        ">=": (2, 2, _comparison),
        "and": (2, _MANY, _logic),
        "or": (2, _MANY, _logic),
        "not": (1, 1, _logic),
        "is null": (1, 1, _is_null),
        "in": (2, _MANY, _in),
        "between": (3, 3, _between),
        "like": (2, 2, _like),
        "case": (3, _MANY, _case),
        "||": (2, 2, _texts(STRING)),
        "concat": (2, _MANY, _texts(STRING)),
        "upper": (1, 1, _texts(STRING)),
        "lower": (1, 1, _texts(STRING)),
        "trim": (1, 1, _texts(STRING)),
        "length": (1, 1, _texts(INTEGER)),
        "substr": (2, 3, _texts(STRING, 1)),
        "replace": (3, 3, _texts(STRING)),
        "contains": (2, 2, _texts(BOOLEAN)),
        "starts_with": (2, 2, _texts(BOOLEAN)),
        "cast": (2, 2, _cast),
        "extract": (2, 2, _extract),
        "year": (1, 1, _part),
        "quarter": (1, 1, _part),
        "month": (1, 1, _part),
        "day": (1, 1, _part),
        "weekday": (1, 1, _part),
        "hour": (1, 1, _part),
        "date_trunc": (2, 2, _date_trunc),
        "date_diff": (3, 3, _date_diff),
    }
)
