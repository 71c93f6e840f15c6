"""Plain values in, the text of a YAML file out, in the block style people write by hand.

What `yaml_reader` makes of the text is what went in; texts that other readers of YAML would take for something else
(`no`, `2025-01-01`) are quoted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

Plain = str | int | bool | Decimal | None | Mapping[str, "Plain"] | Sequence["Plain"]

_PLAIN = re.compile(r"[A-Za-z_][\w .()/+*<>=-]*(?<! )\Z", re.ASCII)
_NOT_TEXT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_BREAKS = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def write_yaml(value: Mapping[str, Plain], *, header: str = "") -> str:
    """`header` becomes a comment above. An empty section is left out; further in, `{}` or `[]` is written."""
    lines = [f"# {line}".rstrip() for line in header.splitlines()]
    lines += _mapping({key: inner for key, inner in value.items() if inner not in ({}, [], ())}, 0)
    return "\n".join(lines) + "\n"


def _mapping(value: Mapping[str, Plain], depth: int) -> list[str]:
    lines: list[str] = []
    for key, inner in value.items():
        lines += _entry(f"{_scalar(key)}:", inner, depth)
    return lines


def _entry(lead: str, inner: Plain, depth: int) -> list[str]:
    margin = "  " * depth
    match inner:
        case Mapping() if inner:
            return [f"{margin}{lead}", *_mapping(inner, depth + 1)]
        case Mapping():
            return [f"{margin}{lead} {{}}"]
        case str() | int() | Decimal() | None:
            return [f"{margin}{lead} {_scalar(inner)}"]
        case _ if not inner:
            return [f"{margin}{lead} []"]
        case _:
            return [f"{margin}{lead}", *(line for item in inner for line in _item(item, depth + 1))]


def _item(item: Plain, depth: int) -> list[str]:
    if isinstance(item, Mapping) and item:
        first, *rest = _mapping(item, depth + 1)
        return ["  " * depth + "- " + first.lstrip(" "), *rest]
    return _entry("-", item, depth)


def _scalar(value: str | int | bool | Decimal | None) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            written = format(value, "f")
            return written if "." in written else f"{written}.0"
        case str():
            if _PLAIN.match(value) and value.lower() not in _NOT_TEXT:
                return value
            return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
