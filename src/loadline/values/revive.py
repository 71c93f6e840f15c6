"""A type and what `plain` made of one of its values in; the value again out. For what is read back from the ledger."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


def revive(kind: type[T], said: object) -> T:
    """The value of the dataclass `kind` that `said` (from JSON) stands for. What is not there keeps its default, what
    is not known is passed over: an entry may be older or younger than this program. Raises TypeError or ValueError for
    what cannot be one."""
    if not isinstance(said, Mapping):
        raise TypeError(f"a {kind.__name__} is written as a mapping")
    hints = _hints(kind)  # type: ignore[arg-type]  # a type is hashable; mypy does not see it of a variable one
    return kind(**{name: _value(hint, said[name]) for name, hint in hints.items() if name in said})


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    hints = typing.get_type_hints(kind)
    assert dataclasses.is_dataclass(kind)  # noqa: S101 - nothing else is revived
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


def _value(hint: Any, said: Any) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return _of_union(inner, said)
    if origin is tuple:
        return tuple(_value(inner[0], item) for item in said)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _value(inner[1], item) for key, item in said.items()}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return revive(hint, said)
    if hint in {datetime, date}:
        return hint.fromisoformat(said)
    if hint is Decimal:
        return Decimal(str(said))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(said)
    return said


def _of_union(kinds: tuple[Any, ...], said: Any) -> Any:
    """None, or the one form that can be told apart: of several scalar forms the one JSON has is kept."""
    if said is None:
        return None
    others = [kind for kind in kinds if kind is not type(None)]
    return _value(others[0], said) if len(others) == 1 else said
