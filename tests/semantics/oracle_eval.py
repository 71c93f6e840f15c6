"""A tree and a lookup of names in, a Python value out: Decimal and dates, and SQL's three-valued logic."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext

from semantics.oracle_expr import Call, Case, Cast, Literal, Name, Node, Op, Value


def value_of(node: Node, lookup: Callable[[Name], Value]) -> Value:
    """The value of a row-level expression; None is SQL's NULL."""
    match node:
        case Literal():
            return node.value
        case Name():
            return lookup(node)
        case Cast():
            return _cast(value_of(node.arg, lookup), node.type)
        case Case():
            return _case(node, lookup)
        case Op(sign="and" | "or"):
            return _logic(node.sign, [value_of(arg, lookup) for arg in node.args])
        case Op():
            return operate(node.sign, [value_of(arg, lookup) for arg in node.args])
        case Call():
            return _call(node.name, [value_of(arg, lookup) for arg in node.args])


def _case(node: Case, lookup: Callable[[Name], Value]) -> Value:
    for condition, result in node.whens:
        if node.subject is None:
            holds = value_of(condition, lookup)
        else:
            holds = operate("=", [value_of(node.subject, lookup), value_of(condition, lookup)])
        if holds is True:
            return value_of(result, lookup)
    return value_of(node.otherwise, lookup)


def _logic(sign: str, values: list[Value]) -> Value:
    decisive = sign == "or"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def operate(sign: str, values: list[Value]) -> Value:
    """One operator over values already computed."""
    if sign == "is-null":
        return values[0] is None
    if sign == "in":
        return _is_in(values[0], values[1:])
    if sign == "between":
        low, high = operate(">=", [values[0], values[1]]), operate("<=", [values[0], values[2]])
        return _logic("and", [low, high])
    if any(value is None for value in values):
        return None
    if sign == "not":
        return not values[0]
    if sign == "like":
        return _like(str(values[0]), str(values[1]))
    if sign == "||":
        return str(values[0]) + str(values[1])
    if sign in _COMPARISONS:
        return _COMPARISONS[sign](*_alike(values[0], values[1]))
    return arithmetic(sign, [number(value) for value in values])


_COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]  # `_alike` made the two comparable
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """A string beside a date is a date written down."""
    if isinstance(left, date) and isinstance(right, str):
        return left, type(left).fromisoformat(right)
    if isinstance(right, date) and isinstance(left, str):
        return type(right).fromisoformat(left), right
    return left, right


def number(value: Value) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise TypeError(f"{value!r} is no number")
    return Decimal(value)


def arithmetic(sign: str, values: list[Decimal]) -> Decimal | None:
    with localcontext() as context:
        context.prec = 60
        match sign, values:
            case "neg", [a]:
                return -a
            case "+", [a, b]:
                return a + b
            case "-", [a, b]:
                return a - b
            case "*", [a, b]:
                return a * b
            case "/", [a, b]:
                return None if b == 0 else a / b
    raise ValueError(f"no operator {sign!r} of {len(values)} operands")


def _is_in(value: Value, items: list[Value]) -> Value:
    if value is None:
        return None
    found = [operate("=", [value, item]) for item in items]
    return _logic("or", found)


def _like(text: str, pattern: str) -> bool:
    wild = {"%": ".*", "_": "."}
    return re.fullmatch("".join(wild.get(c, re.escape(c)) for c in pattern), text, re.DOTALL) is not None


def _cast(value: Value, type_name: str) -> Value:
    match type_name, value:
        case _, None:
            return None
        case "string", str() | int():
            return str(value)
        case "number", int() | Decimal() | str():
            return Decimal(value)
        case "integer", int() | str():
            return int(value)
        case "date", datetime():
            return value.date()
        case "date", date():
            return value
        case "date", str():
            return date.fromisoformat(value)
    raise ValueError(f"the oracle does not cast {value!r} to {type_name}")


def _call(name: str, values: list[Value]) -> Value:
    if name == "coalesce":
        return next((value for value in values if value is not None), None)
    if name == "nullif":
        return None if operate("=", values) is True else values[0]
    if any(value is None for value in values):
        return None
    match name, values:
        case "upper", [str() as text]:
            return text.upper()
        case "lower", [str() as text]:
            return text.lower()
        case "trim", [str() as text]:
            return text.strip(" ")
        case "length", [str() as text]:
            return len(text)
        case "substr", [str() as text, int() as start, int() as count]:
            return text[start - 1 : start - 1 + count]
        case "extract", [str() as part, date() as day]:
            return _part(part, day)
        case _:
            return _numeric_call(name, values)


def _numeric_call(name: str, values: list[Value]) -> Value:
    first = number(values[0])
    match name:
        case "abs":
            return abs(first)
        case "floor":
            return first.to_integral_value(ROUND_FLOOR)
        case "ceil":
            return first.to_integral_value(ROUND_CEILING)
        case "round":
            digits = int(number(values[1])) if len(values) > 1 else 0
            return first.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        case "least":
            return min(number(value) for value in values)
        case "greatest":
            return max(number(value) for value in values)
    raise ValueError(f"the oracle knows no function {name!r}")


def _part(part: str, day: date) -> int:
    match part:
        case "year":
            return day.year
        case "quarter":
            return (day.month + 2) // 3
        case "month":
            return day.month
        case "day":
            return day.day
    raise ValueError(f"the oracle extracts no {part!r}")
