"""A tree and a lookup of names in, a Python value out: Decimal and dates, and SQL's three-valued logic."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, localcontext
from zoneinfo import ZoneInfo

from loadline.values.model import Calendar
from loadline.values.query import Grain
from semantics.oracle_expr import Call, Case, Cast, Literal, Name, Node, Op, Value
from semantics.oracle_time import bucket, local_day

Lookup = Callable[[Name], Value]
_UTC = Calendar()


def value_of(node: Node, lookup: Lookup, calendar: Calendar = _UTC) -> Value:
    """The value of a row-level expression; None is SQL's NULL."""
    match node:
        case Literal():
            return node.value
        case Name():
            return lookup(node)
        case Cast():
            return _cast(value_of(node.arg, lookup, calendar), node.type, calendar)
        case Case():
            return _case(node, lookup, calendar)
        case Op(sign="and" | "or"):
            return _logic(node.sign, [value_of(arg, lookup, calendar) for arg in node.args])
        case Op():
            return operate(node.sign, [value_of(arg, lookup, calendar) for arg in node.args], calendar)
        case Call():
            return _call(node.name, [value_of(arg, lookup, calendar) for arg in node.args], calendar)


def _case(node: Case, lookup: Lookup, calendar: Calendar) -> Value:
    for condition, result in node.whens:
        holds = value_of(condition, lookup, calendar)
        if node.subject is not None:
            holds = operate("=", [value_of(node.subject, lookup, calendar), holds], calendar)
        if holds is True:
            return value_of(result, lookup, calendar)
    return value_of(node.otherwise, lookup, calendar)


def _logic(sign: str, values: list[Value]) -> Value:
    decisive = sign == "or"
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def operate(sign: str, values: list[Value], calendar: Calendar = _UTC) -> Value:
    """One operator over values already computed."""
    if sign == "is-null":
        return values[0] is None
    if sign == "in":
        return _is_in(values[0], values[1:], calendar)
    if sign == "between":
        bounds = (operate(s, [values[0], v], calendar) for s, v in ((">=", values[1]), ("<=", values[2])))
        return _logic("and", list(bounds))
    if any(value is None for value in values):
        return None
    if sign == "not":
        return not values[0]
    if sign == "like":
        return _like(str(values[0]), str(values[1]))
    if sign == "||":
        return str(values[0]) + str(values[1])
    if sign in _COMPARISONS:
        return _COMPARISONS[sign](*_alike(values[0], values[1], calendar))
    if sign in "+-" and isinstance(values[0], date):
        return _move(sign, values[0], values[1])
    return arithmetic(sign, [number(value) for value in values])


def _move(sign: str, day: date, by: Value) -> Value:
    if isinstance(by, int):
        return day + timedelta(days=by if sign == "+" else -by)
    if isinstance(by, date) and sign == "-":
        return (day - by).days
    raise TypeError(f"a day {sign} {by!r}")


_COMPARISONS: dict[str, Callable[[object, object], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]  # `_alike` made the two comparable
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


def _alike(left: Value, right: Value, calendar: Calendar) -> tuple[Value, Value]:
    """A string beside a date is a date written down. A date beside a timestamp is a day beside the timestamp's day.
    A wall clock beside an instant is the company's."""
    if isinstance(left, str) and isinstance(right, date):
        right, left = _alike(right, left, calendar)
    if isinstance(left, date) and isinstance(right, str):
        right = date.fromisoformat(right) if len(right) <= 10 else datetime.fromisoformat(right)
    if isinstance(left, date) and isinstance(right, date):
        return _same_clock(left, right, calendar)
    return left, right


def _same_clock(left: date, right: date, calendar: Calendar) -> tuple[date, date]:
    is_moment = [isinstance(value, datetime) for value in (left, right)]
    if is_moment == [True, True]:
        return moment(left, calendar), moment(right, calendar)
    if True in is_moment:
        return local_day(left, None, calendar) or left, local_day(right, None, calendar) or right
    return left, right


def moment(value: date, calendar: Calendar) -> datetime:
    """The instant; a naive datetime shows the company's clock."""
    if not isinstance(value, datetime):
        raise TypeError(f"{value!r} is no moment")
    return value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(calendar.timezone)).astimezone(UTC)


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
            case "%", [a, b]:
                return None if b == 0 else a % b  # the sign of the first
    raise ValueError(f"no operator {sign!r} of {len(values)} operands")


def _is_in(value: Value, items: list[Value], calendar: Calendar) -> Value:
    if value is None:
        return None
    found = [operate("=", [value, item], calendar) for item in items]
    return _logic("or", found)


def _like(text: str, pattern: str) -> bool:
    wild = {"%": ".*", "_": "."}
    return re.fullmatch("".join(wild.get(c, re.escape(c)) for c in pattern), text, re.DOTALL) is not None


def _cast(value: Value, type_name: str, calendar: Calendar) -> Value:
    match type_name, value:
        case _, None:
            return None
        case "string", bool():
            return str(value).lower()
        case "string", str() | int() | date():
            return str(value)
        case "number", int() | Decimal() | str():
            return Decimal(value)
        case "integer", int() | str():
            return int(value)
        case "integer", Decimal():
            return int(value.quantize(Decimal(1), ROUND_HALF_UP))
        case "date", date():
            return local_day(value, None, calendar)
        case "date", str():
            return date.fromisoformat(value)
    raise ValueError(f"the oracle does not cast {value!r} to {type_name}")


def _call(name: str, values: list[Value], calendar: Calendar) -> Value:
    if name == "coalesce":
        return next((value for value in values if value is not None), None)
    if name == "nullif":
        return None if operate("=", values, calendar) is True else values[0]
    if name in ("least", "greatest"):
        known = [number(value) for value in values if value is not None]
        return (min(known) if name == "least" else max(known)) if known else None
    if any(value is None for value in values):
        return None
    if any(isinstance(value, date) for value in values):
        return _time_call(name, values, calendar)
    return _text_call(name, values) if isinstance(values[0], str) else _numeric_call(name, values)


def _text_call(name: str, values: list[Value]) -> Value:
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
        case "replace", [str() as text, str() as old, str() as new]:
            return text.replace(old, new) if old else text
        case "concat", _:
            return "".join(map(str, values))
        case "contains", [str() as text, str() as part]:
            return part in text
        case "starts_with", [str() as text, str() as part]:
            return text.startswith(part)
    raise ValueError(f"the oracle knows no function {name!r} of texts")


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
    raise ValueError(f"the oracle knows no function {name!r} of numbers")


def _time_call(name: str, values: list[Value], calendar: Calendar) -> Value:
    """All of it on the company's clock."""
    words = [value for value in values if isinstance(value, str)]
    times = [value for value in values if isinstance(value, date)]
    days = [day for day in (local_day(time, None, calendar) for time in times) if day is not None]
    if name == "date_trunc":
        return bucket(days[0], Grain(words[0]), calendar)
    if name == "date_diff":
        return _boundaries(words[0], days[0], days[1])
    part = words[0] if name == "extract" else name
    match part:
        case "year" | "month" | "day":
            return int(getattr(days[0], part))
        case "quarter":
            return (days[0].month + 2) // 3
        case "week":
            return days[0].isocalendar().week
        case "weekday":
            return days[0].isoweekday()
        case "hour":
            return _local(times[0], calendar).hour
    raise ValueError(f"the oracle knows no {part!r} of a time")


def _local(value: date, calendar: Calendar) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value if value.tzinfo is None else value.astimezone(ZoneInfo(calendar.timezone))


def _boundaries(unit: str, start: date, end: date) -> int:
    """How many beginnings of a `unit` lie between two days."""
    match unit:
        case "day":
            return (end - start).days
        case "month":
            return (end.year - start.year) * 12 + end.month - start.month
        case "year":
            return end.year - start.year
    raise ValueError(f"the oracle counts no {unit!r}")
