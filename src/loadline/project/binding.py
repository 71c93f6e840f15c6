"""A template and arguments in; the statement with positions, or the text filled in, out. Values are never pasted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from loadline.values.action import Argument, ArgumentType, ArgumentValue
from loadline.values.canonical import canonical

_NAMED = re.compile(r"\{([^{}]*)\}")
# What stands in quotes or comments, or is a cast, is no argument.
_BOUND = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|::|(?<![:\w]):([A-Za-z_]\w*)""", re.DOTALL)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def bound_names(sql: str) -> tuple[str, ...]:
    """The arguments of a statement, `:name`, in their order."""
    return tuple(found[1] for found in _BOUND.finditer(sql) if found[1])


def positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """The statement with `$1`, `$2` … and the argument each stands for."""
    order = tuple(dict.fromkeys(bound_names(sql)))
    places = {name: f"${number}" for number, name in enumerate(order, start=1)}
    return _BOUND.sub(lambda found: places[found[1]] if found[1] else found[0], sql), order


def filled_names(template: str) -> tuple[str, ...]:
    return tuple(_NAMED.findall(template))


def fill(template: str, values: Mapping[str, object], *, is_path: bool = False) -> str:
    """`{name}` replaced by the value as text; in a path percent-encoded to the last slash, so that no value can leave
    its segment. Raises KeyError for a name that has no value."""

    def text(found: re.Match[str]) -> str:
        written = as_text(values[found[1]])
        if not is_path:
            return written
        return "%2E" * len(written) if written in {".", ".."} else _encoded(written)

    return _NAMED.sub(text, template)


def _encoded(text: str) -> str:
    """Percent-encoded but for what RFC 3986 calls unreserved."""
    return "".join(chr(byte) if chr(byte) in _UNRESERVED else f"%{byte:02X}" for byte in text.encode())


def fill_in(body: object, values: Mapping[str, object], sent: Mapping[str, object]) -> object:
    """A JSON body with its arguments: a text that is one `{name}` and nothing else becomes the value itself, as JSON
    has it in `sent` (null where it is not there)."""
    match body:
        case str():
            whole = _NAMED.fullmatch(body)
            return sent.get(whole[1]) if whole else fill(body, values)
        case Mapping():
            return {key: fill_in(value, values, sent) for key, value in body.items()}
        case list() | tuple():
            return [fill_in(value, values, sent) for value in body]
        case _:
            return body


def as_text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def read_argument(argument: Argument, given: object) -> ArgumentValue:
    """What was given as the argument's type. Raises ValueError whose text says, as a clause, why it is none."""
    value = _typed(argument.type, given)
    if not is_of_type(value, argument.type):
        raise ValueError(f"it is no {argument.type}")
    if argument.allowed and value not in argument.allowed:
        raise ValueError(f"it is one of {', '.join(as_text(one) for one in argument.allowed)}")
    match value:
        case str():
            if len(value) > argument.most_letters:
                raise ValueError(f"it has {len(value):,} letters, and at most {argument.most_letters:,} are taken")
            if "\0" in value:
                raise ValueError("it holds a NUL character")
            if argument.pattern is not None and re.fullmatch(argument.pattern, value) is None:
                raise ValueError(f"it does not match `{argument.pattern}`")
        case bool() | None:
            pass
        case _:
            if argument.minimum is not None and value < argument.minimum:
                raise ValueError(f"it is at least {argument.minimum}")
            if argument.maximum is not None and value > argument.maximum:
                raise ValueError(f"it is at most {argument.maximum}")
    return value


def _typed(kind: ArgumentType, given: object) -> ArgumentValue:
    """A text that is meant as another type is read as it; nothing else is converted."""
    match kind, given:
        case ArgumentType.BOOLEAN, ("true" | "false"):
            return given == "true"
        case ArgumentType.INTEGER, str():
            return int(given) if re.fullmatch(r"[+-]?[0-9]{1,18}", given, re.ASCII) else given
        case ArgumentType.NUMBER, str() | float():
            return _number(str(given))
        case ArgumentType.JSON, _:
            return _json(given)
        case _, str() | bool() | int() | Decimal():
            return given
        case _:
            raise ValueError(f"it is no {kind}")


def _json(given: object) -> ArgumentValue:
    """As canonical text, so that what is equal is bound equally. A text is read as JSON. Raises ValueError."""
    try:
        value = json.loads(given) if isinstance(given, str) else given
        json.dumps(value, allow_nan=False)  # what JSON has not, `NaN`, would be bound as a text
        return canonical(value).decode()
    except (ValueError, TypeError, RecursionError):  # no JSON; what has no canonical form; nested beyond reason
        raise ValueError("it is no JSON") from None


def _number(text: str) -> ArgumentValue:
    if not re.fullmatch(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,20})?(?:e[+-]?[0-9]{1,2})?", text, re.ASCII):
        return text
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def is_of_type(value: ArgumentValue, kind: ArgumentType) -> bool:
    """Whether a value can stand for an argument of this type, as it is: nothing is converted."""
    match kind:
        case ArgumentType.TEXT:
            return isinstance(value, str)
        case ArgumentType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case ArgumentType.NUMBER:
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case ArgumentType.BOOLEAN:
            return isinstance(value, bool)
        case ArgumentType.JSON:
            return isinstance(value, str)
        case ArgumentType.DATE:
            return isinstance(value, str) and _is_day(value)
        case ArgumentType.TIMESTAMP:
            return isinstance(value, str) and _is_moment(value)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) > 10
