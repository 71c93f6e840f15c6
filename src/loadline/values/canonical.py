"""Any frozen value in, canonical JSON bytes and a digest out: equal values give equal bytes on every machine."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from loadline.values.place import Place

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


_LEAVES = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Any:
    """Turn a value into what JSON knows (dict, list, str, int, float, bool, None).

    Decimals become their plain digits, dates and times ISO 8601, enums their value, bytes hex, dataclasses a mapping
    of their fields. A `Place` (where something was written) and fields marked `metadata={"digest": False}` are left
    out: moving a definition in a file does not change what it means.

    Raises TypeError for anything without a canonical form.
    """
    kind = type(value)
    if kind in _LEAVES:  # most of what is recorded is, and each answer is told twice
        return value
    if kind is dict:
        return {
            key if type(key) is str else str(key): item if type(item) in _LEAVES else plain(item)
            for key, item in value.items()
        }
    if kind is list or kind is tuple:
        return [item if type(item) in _LEAVES else plain(item) for item in value]
    return _plain_of(value)


def _plain_of(value: Any) -> Any:
    match value:
        case None | bool() | str() | int():
            return value.value if isinstance(value, enum.Enum) else value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            return format(value, "f")
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return value.hex()
        case enum.Enum():
            return plain(value.value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case frozenset() | set():
            return sorted((plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        case tuple() | list():
            return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            name: plain(item)
            for name in _told_fields(type(value))
            if not isinstance(item := getattr(value, name), Place)
        }
    raise TypeError(f"a value of type {type(value).__name__} has no canonical form")


@cache
def _told_fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind) if field.metadata.get("digest", True))


def canonical(value: Any) -> bytes:
    """Canonical UTF-8 JSON of `value`: sorted keys, no spaces, no escapes beyond what JSON demands."""
    return _ENCODER.encode(plain(value)).encode()


def digest(value: Any) -> str:
    """`sha256:` and 64 hex digits over the canonical bytes of `value`."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()
