"""The rows that were there and that are there now in; what came, changed and went out, as targets keep it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """`gone` and `came` are rows in an exact text, each as often as it went or came."""

    table: str
    shape: str
    key: tuple[int, ...]  # places of the key in a row; none where nothing tells rows apart
    gone: tuple[str, ...]
    came: tuple[str, ...]
    updated: int
    writes: int

    @property
    def kept(self) -> dict[str, Any]:
        """As `recorded.effect` reads it."""
        lost = hashlib.sha256("\n".join(sorted(self.gone)).encode()).hexdigest() if self.gone else ""
        return {
            "table": self.table,
            "inserted": len(self.came) - self.updated,
            "updated": self.updated,
            "deleted": len(self.gone) - self.updated,
            "writes": self.writes,
            "lost": lost,
        }


def net(table: str, shape: str, key: Sequence[int], before: Iterable[Row], after: Iterable[Row], writes: int) -> Net:
    """`updated` is by key; in a table without one, by nothing: the caller corrects it from what it saw."""
    old, new = Counter(map(encoded, before)), Counter(map(encoded, after))
    gone, came = old - new, new - old
    updated = len(keys_of(gone, key) & keys_of(came, key)) if key else 0
    rows = gone.total() + came.total() - updated
    return Net(
        table=table,
        shape=shape,
        key=tuple(key),
        gone=tuple(sorted(gone.elements())),
        came=tuple(sorted(came.elements())),
        updated=updated,
        writes=max(writes, rows),
    )


def keys_of(rows: Iterable[str], key: Sequence[int]) -> set[str]:
    return {json.dumps([json.loads(row)[place] for place in key]) for row in rows}


def encoded(row: Row) -> str:
    """A row as text: equal texts are equal rows, and the row comes back exactly."""
    return json.dumps([_value(value) for value in row], separators=(",", ":"), ensure_ascii=True)


def _value(value: object) -> object:
    match value:
        case None | bool() | int():
            return value
        case float():
            return {"f": value.hex()}
        case bytes():
            return {"b": value.hex()}
        case str():
            return value  # a byte that is no UTF-8 is a lone surrogate, which JSON can write
    raise TypeError(f"a value of type {type(value).__name__} cannot be kept")


def decoded(text: str) -> Row:
    return tuple(_read(value) for value in json.loads(text))


def _read(value: Any) -> object:
    match value:
        case {"f": written}:
            return float.fromhex(written)
        case {"b": written}:
            return bytes.fromhex(written)
    return value
