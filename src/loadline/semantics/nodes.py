"""What an expression means: typed trees over columns, found by a path of many-to-one steps. Data only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import assert_never

from loadline.semantics.shapes import Over, Shift, Span, Take
from loadline.semantics.written import Value, Written

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
class Slot:
    """A column of a step between a fact and the answer: the time of a period, say."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Win:
    """A field that looks at other rows of its dataset: a rank, a running total. It is computed over the whole dataset
    before anything is filtered, as a column `field` of it; `path` leads from the fact to the dataset.

    `args`, `partition` and `order` read that dataset's own rows; `order` says of each key whether it is descending and
    whether what is missing comes first. `frame` is SQL's.
    """

    dataset: str
    field: str
    name: str
    args: tuple[Node, ...]
    partition: tuple[Node, ...]
    order: tuple[tuple[Node, bool, bool], ...]
    frame: str | None
    path: Path = ()
    kind: Kind

    @property
    def reads(self) -> tuple[Node, ...]:
        return (*self.args, *self.partition, *(node for node, *_ in self.order))


@dataclass(frozen=True, slots=True, kw_only=True)
class Per:
    """What a metric is for one subject, as a value of each row that belongs to it.

    `outer` tells the row's subject; `inner` has for each measure in `node`, in order, how its own rows tell theirs.
    """

    metric: str
    node: Node
    outer: tuple[Node, ...]
    inner: tuple[tuple[Node, ...], ...]
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """`measure` aggregates the events that follow. Each belongs to the latest first event before it for which all of
    `first` equal all of `second`, pair by pair, and which is at most `within` older."""

    measure: Measure
    first: tuple[Node, ...]
    second: tuple[Node, ...]
    within: Span | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One aggregate over the rows of one fact. `arg` is None when rows are counted.

    `where` must all be true for a row to count; `time` is what its window and `time` dimension look at, `time_name`
    the name people know it by. `share` is the percentile's. `over`, `take` and `shifts` (in the order they were
    written around it, innermost first) say which rows stand for a time, and `after` are conditions on that time as
    they were written. Where it `is_null_if_absent`, not even a count of it is 0 where there are no rows. Where it goes
    `across` fields (by their own names), it is the whole that shares are of: read without the filters on them, and
    added up over the answer's groups that differ in nothing else. Within a `Linked`, equal measures are one object.
    """

    name: str  # sum, count, count_distinct, avg, min, max, median, percentile, percentile_disc, approx_…
    fact: str
    arg: Node | None
    where: tuple[Node, ...] = ()
    time: Node | None = None
    time_name: str | None = None
    share: Lit | None = None
    over: Over | None = None
    take: Take | None = None
    take_per: tuple[Node, ...] = ()
    shifts: tuple[Shift, ...] = ()
    after: tuple[Written, ...] = ()
    converted: Converted | None = None
    is_every_period: bool = False
    is_null_if_absent: bool = False
    across: tuple[str, ...] | None = None
    kind: Kind

    @property
    def is_count(self) -> bool:
        return self.name in {"count", "count_distinct", "approx_count_distinct"}


Node = Lit | Col | Call | Measure | Slot | Win | Per


def call(name: str, *args: Node, kind: Kind) -> Call:
    return Call(name=name, args=args, kind=kind)


def columns_in(node: Node) -> Iterator[Col]:
    """Every column read from the fact the node stands on, measures included, in the order of reading. What a `Per`
    reads of other facts is not among them."""
    match node:
        case Col():
            yield node
        case Call(args=args) | Per(outer=args):
            for arg in args:
                yield from columns_in(arg)
        case Win(path=path):
            for arg in node.reads:
                yield from columns_in(moved(arg, path))
        case Measure():
            for part in (node.arg, *node.where, node.time, *node.take_per):
                if part is not None:
                    yield from columns_in(part)
        case Lit() | Slot():
            pass
        case _:
            assert_never(node)


def calls_in(node: Node, name: str) -> Iterator[Call]:
    """Every call of a function, wherever the node reads it."""
    match node:
        case Call(args=args):
            if node.name == name:
                yield node
            parts: tuple[Node | None, ...] = args
        case Per(outer=outer):
            parts = outer
        case Win():
            parts = node.reads
        case Measure():
            parts = (node.arg, *node.where, node.time, *node.take_per)
        case Col() | Lit() | Slot():
            parts = ()
        case _:
            assert_never(node)
    for part in parts:
        if part is not None:
            yield from calls_in(part, name)


def measures_in(node: Node) -> Iterator[Measure]:
    """Measures of the answer's own groups, in the order of reading."""
    match node:
        case Measure():
            yield node
        case Call(args=args):
            for arg in args:
                yield from measures_in(arg)
        case Lit() | Col() | Slot() | Win() | Per():
            pass
        case _:
            assert_never(node)


def pers_in(node: Node) -> Iterator[Per]:
    """Every metric of a subject that is read, those within others last."""
    match node:
        case Per():
            yield node
            yield from pers_in(node.node)
        case Call(args=args):
            for arg in args:
                yield from pers_in(arg)
        case Measure():
            for part in (node.arg, *node.where, node.time, *node.take_per):
                if part is not None:
                    yield from pers_in(part)
            if node.converted is not None:
                yield from pers_in(node.converted.measure)
        case Win():
            for part in node.reads:
                yield from pers_in(part)
        case Lit() | Col() | Slot():
            pass
        case _:
            assert_never(node)


def wins_in(node: Node) -> Iterator[Win]:
    """Every field over rows that is read, by the events that follow a measure's own, too."""
    match node:
        case Win():
            yield node
        case Call(args=args) | Per(outer=args):
            for arg in args:
                yield from wins_in(arg)
        case Measure(converted=converted):
            for part in (node.arg, *node.where, node.time, *node.take_per):
                if part is not None:
                    yield from wins_in(part)
            if converted is not None:
                for part in (converted.measure, *converted.first, *converted.second):
                    yield from wins_in(part)
        case Lit() | Col() | Slot():
            pass
        case _:
            assert_never(node)


def replaced(node: Node, old: Node, new: Node) -> Node:
    """The same expression with `new` wherever it read `old`."""
    if node == old:
        return new
    match node:
        case Call():
            return replace(node, args=tuple(replaced(arg, old, new) for arg in node.args))
        case Per():
            return replace(node, outer=tuple(replaced(arg, old, new) for arg in node.outer))
        case Lit() | Col() | Slot() | Measure() | Win():
            return node
        case _:
            assert_never(node)


def reads(node: Node, part: Node) -> bool:
    """Is `part` read anywhere in the expression?"""
    return node == part or (isinstance(node, Call) and any(reads(arg, part) for arg in node.args))


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
        case Col() | Win():
            return replace(node, path=path + node.path)
        case Call():
            return replace(node, args=tuple(moved(arg, path) for arg in node.args))
        case Per():
            return replace(node, outer=tuple(moved(arg, path) for arg in node.outer))
        case Lit() | Measure() | Slot():
            return node
        case _:
            assert_never(node)


_NULL_OF_ALL = frozenset({"and", "or", "coalesce", "least", "greatest"})
"""Functions that are NULL when all their values are, and may not be when one is."""


def is_null_without_row(node: Node) -> bool:
    """Is this NULL wherever the row it reads from is missing? A column is; `coalesce(tier, 'none')` is not."""
    match node:
        case Col() | Measure() | Slot() | Per():
            return True
        case Win():
            return True  # its dataset is joined as a whole: no row, no value
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
        case Lit() | Col() | Slot() | Win() | Per():
            return node
        case _:
            assert_never(node)


@lru_cache(maxsize=64)
def timestamp(clock: str | None) -> Kind:
    return Kind(name="timestamp", clock=clock)
