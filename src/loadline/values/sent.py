"""Arguments as they are bound in, as they are sent to a tool out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from loadline.values.canonical import plain


def sent_arguments(arguments: Mapping[str, object]) -> dict[str, Any]:
    """As JSON, without those that were not given. A decimal is a JSON number where a double holds exactly it; any other
    is its digits as text, because a number that was rounded is not the one that was judged."""
    return {name: _sent(value) for name, value in arguments.items() if value is not None}


def _sent(value: object) -> Any:
    if isinstance(value, Decimal) and Decimal(repr(float(value))) == value:
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)
    return plain(value)
