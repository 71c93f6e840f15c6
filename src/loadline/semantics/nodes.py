"""What an expression means: typed trees over columns, found by a path of many-to-one steps. Data only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import assert_never

from loadline.semantics.grammar import Value

INSTANT = "instant"
"""The clock of a timestamp that names an instant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`name` is string, integer, number, boolean, date, timestamp, null, other (usable only in counts and null
    tests) or unknown (a column that no contract describes; it fits everywhere). A timestamp's `clock` is INSTANT, the
    name of the time zone whose wall clock it shows, or None for the wall clock of the project's calendar."""

    name: str
    clock: str | None = None


STRING = Kind(name="string")
INTEGER = Kind(name="integer")
NUMBER = Kind(name="number")
BOOLEAN = Kind(name="boolean")
DATE = Kind(name="date")
TIMESTAMP = Kind(name="timestamp")
MOMENT = Kind(name="timestamp", clock=INSTANT)
NULL = Kind(name="null")
OTHER = Kind(name="other")
UNKNOWN = Kind(name="unknown")

Path = tuple[int, ...]
"""Steps from a fact to a dataset: positions in `Model.relationships`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lit:
    value: Value
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Col:
    """A physical column of `dataset`, which stands at the end of `path` from the fact."""

    dataset: str
    column: str
    path: Path = ()
    kind: Kind
    physical: str | None = None  # what the warehouse calls it, where that is another name


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function or operator of the portable table (`dialects`)."""

    name: str
    args: tuple[Node, ...]
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One aggregate over the rows of one fact. `arg` is None when rows are counted.

    `where` must all be true for a row to count; `time` is what its window and `time` dimension look at, `time_name`
    the name people know it by. `share` is the percentile's. Within a `Linked`, equal measures are one object.
    """

    name: str  # sum, count, count_distinct, avg, min, max, median, percentile
    fact: str
    arg: Node | None
    where: tuple[Node, ...] = ()
    time: Node | None = None
    time_name: str | None = None
    share: Lit | None = None
    kind: Kind

    @property
    def is_count(self) -> bool:
        return self.name in {"count", "count_distinct"}


Node = Lit | Col | Call | Measure


def call(name: str, *args: Node, kind: Kind) -> Call:
    return Call(name=name, args=args, kind=kind)


def columns_in(node: Node) -> Iterator[Col]:
    """Every column read, measures included, in the order of reading."""
    match node:
        case Col():
            yield node
        case Call(args=args):
            for arg in args:
                yield from columns_in(arg)
        case Measure():
            for part in (node.arg, *node.where, node.time):
                if part is not None:
                    yield from columns_in(part)
        case Lit():
            pass
        case _:
            assert_never(node)


def measures_in(node: Node) -> Iterator[Measure]:
    match node:
        case Measure():
            yield node
        case Call(args=args):
            for arg in args:
                yield from measures_in(arg)
        case Lit() | Col():
            pass
        case _:
            assert_never(node)


def is_larger(node: Node, most: int) -> bool:
    """Does the tree have more than `most` nodes? Looks no further than that."""
    waiting, seen = [node], 0
    while waiting and seen <= most:
        here = waiting.pop()
        seen += 1
        if isinstance(here, Call):
            waiting.extend(here.args)
    return seen > most


def moved(node: Node, path: Path) -> Node:
    """The same expression, read from further away: `path` leads to where it was read from before."""
    if not path:
        return node
    match node:
        case Col():
            return replace(node, path=path + node.path)
        case Call():
            return replace(node, args=tuple(moved(arg, path) for arg in node.args))
        case Lit() | Measure():
            return node
        case _:
            assert_never(node)


_NULL_OF_ALL = frozenset({"and", "or", "coalesce", "least", "greatest"})
"""Functions that are NULL when all their values are, and may not be when one is."""


def is_null_without_row(node: Node) -> bool:
    """Is this NULL wherever the row it reads from is missing? A column is; `coalesce(tier, 'none')` is not."""
    match node:
        case Col() | Measure():
            return True
        case Lit(value=value):
            return value is None
        case Call(name="case" | "is null"):
            return False
        case Call(name=name, args=args):
            return (all if name in _NULL_OF_ALL else any)(is_null_without_row(arg) for arg in args)
        case _:
            assert_never(node)


def with_measures(node: Node, change: Callable[[Measure], Measure]) -> Node:
    """The same expression with every measure changed."""
    match node:
        case Measure():
            return change(node)
        case Call():
            return replace(node, args=tuple(with_measures(arg, change) for arg in node.args))
        case Lit() | Col():
            return node
        case _:
            assert_never(node)


@lru_cache(maxsize=64)
def timestamp(clock: str | None) -> Kind:
    return Kind(name="timestamp", clock=clock)
