"""What is written of one scan, and what is read and kept for it: shared by the modules that write parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loadline.errors import Bug
from loadline.semantics.body import Scan, Shape
from loadline.semantics.nodes import INTEGER, Kind, Measure, Node
from loadline.semantics.sql_rows import (
    all_of,
    any_of,
)

ADDS_UP = frozenset({"sum", "count", "min", "max", "avg"})
TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A scan to be written: `names` has the column of each measure, by identity."""

    scan: Scan
    names: dict[int, str]

    @property
    def shape(self) -> Shape:
        if self.scan.shape is None:
            raise Bug
        return self.scan.shape


FOLDS = {"max": "MAX", "min": "MIN", "average": "AVG"}


AGAIN = {"sum": "SUM", "count": "SUM", "min": "MIN", "max": "MAX"}


def pieces(measure: Measure) -> tuple[str, ...]:
    """What is kept of a measure that adds up."""
    return ("sum", "count") if measure.name == "avg" else (measure.name,)


def is_of_single_times(shape: Shape) -> bool:
    """Is each group of the part one time, so that nothing has to be chosen?"""
    return shape.is_each or shape.is_final or shape.take is None or shape.take.which == "last"


def kind_of(measure: Measure, piece: str) -> Kind:
    return INTEGER if piece == "count" else measure.kind


def where_of(scan: Scan, shared: Sequence[Node], own: dict[int, tuple[Node, ...]]) -> list[Node]:
    conditions = [*scan.where, *shared]
    if own and all(own.values()):
        conditions.append(any_of([all_of(list(where)) for where in dict.fromkeys(own.values())]))
    return conditions


def read_by(scan: Scan, where: Sequence[Node], own: dict[int, tuple[Node, ...]], but: Sequence[int] = ()) -> list[Node]:
    """Everything that a scan reads of its rows."""
    keys = [key for at, key in enumerate(scan.keys) if at not in but]
    args = [measure.arg for measure in scan.measures if measure.arg is not None and not scan.kept]
    return [*keys, *where, *args, *(node for nodes in own.values() for node in nodes)]
