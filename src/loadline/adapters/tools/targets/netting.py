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


def shown(one: Net, columns: Sequence[str], most: int) -> dict[str, Any]:
    """Some of its rows, as `recorded.shown` reads them: those that go, that change, that come; each by key."""
    gone, came = _by_key(one.gone, one.key), _by_key(one.came, one.key)
    both = gone.keys() & came.keys() if one.key else set()
    lost = [row for key, row in gone.items() if key not in both]
    changed = [(row, came[key]) for key, row in gone.items() if key in both]
    new = [row for key, row in came.items() if key not in both]
    return {
        "table": one.table,
        "columns": columns,
        "key": [columns[place] for place in one.key],
        "gone": len(lost),
        "changed": len(changed),
        "came": len(new),
        "rows": [*((row, None) for row in lost[:most]), *changed[:most], *((None, row) for row in new[:most])],
    }


def _by_key(rows: Iterable[str], key: Sequence[int]) -> dict[Any, Row]:
    """In order of the key, numbers before texts; where nothing tells rows apart, in order of what is in them."""
    read = [decoded(row) for row in rows]
    parts = [tuple(row[place] for place in key) if key else row for row in read]
    order = sorted(range(len(read)), key=lambda number: [_rank(value) for value in parts[number]])
    return {(parts[number] if key else number): read[number] for number in order}


def _rank(value: object) -> tuple[int, float, str]:
    match value:
        case None:
            return (0, 0.0, "")
        case int() | float():
            return (1, float(value), str(value))
        case str():
            return (2, 0.0, value)
    return (3, 0.0, value.hex() if isinstance(value, bytes) else str(value))


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
