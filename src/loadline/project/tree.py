"""What a YAML file says, as a tree in which every key and value knows where it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from loadline.values.place import Place

ScalarValue = str | int | Decimal | bool | None


class Scalar(NamedTuple):
    """One value. `raw` is its text; `value` is what YAML 1.2's core schema makes of it. The place is that of its first
    character: behind the quote, or on the first line of a block. (A tuple, because a project has many thousands.)"""

    file: str
    line: int
    column: int
    length: int
    last_line: int
    raw: str
    value: ScalarValue

    @property
    def place(self) -> Place:
        return Place(file=self.file, line=self.line, column=self.column, length=max(1, self.length))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Items:
    """A list."""

    file: str
    line: int
    column: int
    items: tuple[Node, ...]

    @property
    def place(self) -> Place:
        return Place(file=self.file, line=self.line, column=self.column)


class Entry(NamedTuple):
    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Entries:
    """A mapping, in the order of writing."""

    file: str
    line: int
    column: int
    entries: Mapping[str, Entry]

    @property
    def place(self) -> Place:
        return Place(file=self.file, line=self.line, column=self.column)


Node = Scalar | Items | Entries


def is_empty(node: Node) -> bool:
    """Nothing was written: `metrics:` and then no more."""
    return isinstance(node, Scalar) and node.value is None


def to_plain(node: Node) -> object:
    """The tree without its places, as JSON knows it; numbers with a point become floats."""
    match node:
        case Scalar(value=Decimal() as number):
            return float(number)
        case Scalar(value=value):
            return value
        case Items(items=items):
            return [to_plain(item) for item in items]
        case Entries(entries=entries):
            return {name: to_plain(entry.value) for name, entry in entries.items()}
