"""Plain values in; YAML a person likes to read out, which reads back as exactly these values.

Lists of short things and small mappings stand on one line while there is room; text is quoted only where it must be.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal

Value = str | int | Decimal | bool | None | Sequence["Value"] | Mapping[str, "Value"]

WIDTH = 118

_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){2}\Z")
_PLAIN = re.compile(r"[A-Za-z_(][A-Za-z0-9_()/+*.,;<>=' -]*(?<! )\Z")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan", "nan", "inf"})
_NUMBER_LIKE = re.compile(r"[-+]?[.0-9][0-9_.eExXoOabcdefABCDEF+-]*\Z|[0-9-]+(?::[0-9]+)*\Z")


class Note(str):
    """A comment: stands on lines of its own before what follows it in a list or mapping."""

    __slots__ = ()


def write_yaml(value: Mapping[str, Value], *, head: Sequence[str] = ()) -> str:
    """A document. `head` are comment lines on top. A key that begins with `#` holds a comment, not a value."""
    lines = [line for said in head for line in _comment(said, "")]
    lines += _block(value, "")
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """Text as YAML: bare when it reads back as itself, else in double quotes."""
    if _VERSION.match(text):
        return text
    is_plain = (
        _PLAIN.match(text) is not None
        and text.lower() not in _WORDS
        and ": " not in text
        and " #" not in text
        and not _NUMBER_LIKE.match(text)
        and len(text) < WIDTH
    )
    return text if is_plain else _quoted(text)


def _quoted(text: str) -> str:
    """JSON's quoting, which YAML shares, with all that YAML would fold, refuse or not show written as escapes."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else _escape(c) for c in written)


def _escape(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _block(value: Mapping[str, Value], indent: str) -> list[str]:
    lines: list[str] = []
    for key, item in value.items():
        if key.startswith("#"):
            lines += _comment(str(item), indent)
        else:
            lines += _entry(scalar(key), item, indent)
    return lines


def _entry(key: str, item: Value, indent: str) -> list[str]:
    if not isinstance(item, Mapping | list | tuple):
        return [f"{indent}{key}: {_single(item)}"]
    flow = _flow(item)
    if flow is not None and len(indent) + len(key) + 2 + len(flow) <= WIDTH and _is_small(item):
        return [f"{indent}{key}: {flow}"]
    if isinstance(item, Mapping):
        return [f"{indent}{key}:", *_block(item, indent + "  ")]
    return [f"{indent}{key}:", *_items(item, indent + "  ")]


def _items(items: Sequence[Value], indent: str) -> list[str]:
    if items and all(isinstance(item, str | int | Decimal) and not isinstance(item, Note) for item in items):
        return _wrapped([_single(item) for item in items], indent)
    lines: list[str] = []
    for item in items:
        if isinstance(item, Note):
            lines += _comment(item, indent)
            continue
        flow = _flow(item)
        if flow is not None and len(indent) + 2 + len(flow) <= WIDTH and _is_small(item, most=6):
            lines.append(f"{indent}- {flow}")
        elif isinstance(item, Mapping):
            first, *rest = _block(item, indent + "  ")
            lines += [f"{indent}- {first.lstrip()}", *rest]
        else:
            lines.append(f"{indent}- {_single(item)}")
    return lines


def _wrapped(texts: Sequence[str], indent: str) -> list[str]:
    return [f"{indent}- {text}" for text in texts]


def _is_small(item: Value, *, most: int = 4) -> bool:
    """Is there little enough in it to be read in one line?"""
    if isinstance(item, Mapping):
        return len(item) <= most and not any(key.startswith("#") for key in item)
    return True


def _flow(item: Value) -> str | None:
    """On one line; None when a comment stands in it."""
    match item:
        case Note():
            return None
        case Mapping():
            if any(key.startswith("#") for key in item):
                return None
            parts = [(_flow_key(key), _flow(one)) for key, one in item.items()]
            if any(one is None for _, one in parts):
                return None
            return "{" + ", ".join(f"{key}: {one}" for key, one in parts) + "}"
        case list() | tuple():
            ones = [_flow(one) for one in item]
            return None if any(one is None for one in ones) else "[" + ", ".join(map(str, ones)) + "]"
        case str():
            return _flow_text(item)
        case _:
            return _single(item)


_FLOW_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_()/+*.<>= -]*(?<! )\Z|" + _VERSION.pattern)


def _flow_text(text: str) -> str:
    written = scalar(text)
    return written if written.startswith('"') or _FLOW_PLAIN.match(text) else _quoted(text)


def _flow_key(key: str) -> str:
    return _flow_text(key)


def _single(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return format(value, "f")
        case str():
            return scalar(value)
        case _:
            return _flow(value) or "null"


def _comment(text: str, indent: str) -> list[str]:
    """Comment lines; what cannot be printed becomes a space, so that a comment stays one."""
    said = "".join(c if c.isprintable() else " " for c in text)
    room = max(40, WIDTH - len(indent) - 2)
    return [f"{indent}# {line}" for line in textwrap.wrap(said, room, break_long_words=False, break_on_hyphens=False)]
