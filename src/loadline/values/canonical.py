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
from typing import Any

from loadline.values.place import Place

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Turn a value into what JSON knows (dict, list, str, int, float, bool, None).

    Decimals become their plain digits, dates and times ISO 8601, enums their value, bytes hex, dataclasses a mapping
    of their fields. A `Place` (where something was written) and fields marked `metadata={"digest": False}` are left
    out: moving a definition in a file does not change what it means.

    Raises TypeError for anything without a canonical form.
    """
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
            field.name: plain(item)
            for field in dataclasses.fields(value)
            if field.metadata.get("digest", True) and not isinstance(item := getattr(value, field.name), Place)
        }
    raise TypeError(f"a value of type {type(value).__name__} has no canonical form")


def canonical(value: Any) -> bytes:
    """Canonical UTF-8 JSON of `value`: sorted keys, no spaces, no escapes beyond what JSON demands."""
    return _ENCODER.encode(plain(value)).encode()


def digest(value: Any) -> str:
    """`sha256:` and 64 hex digits over the canonical bytes of `value`."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()
