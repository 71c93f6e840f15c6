"""A plan's own form: what each fact is scanned for, and how the parts become the answer. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from loadline.semantics.nodes import Converted, Measure, Node, Per, Slot
from loadline.semantics.shapes import Over, Shift, Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What makes a part out of rows of other times than the part's own.

    `time` is the fact's time on the project's clock, cut into steps of `unit`; `slot` stands for the time of the part,
    which the keys at `time_keys` are cut from (`slot_keys`), and in `after`, which must all be true of it. `start` (in)
    and `end` (out) bound it.
    `is_final` when only the last time is meant, `is_each` when every single time is a group of its own.
    `edge_keys` are the keys of time, cut from the slot, where rows of one time all have the same.
    """

    time: Node
    unit: str
    slot: Slot
    time_keys: tuple[int, ...]
    slot_keys: tuple[Node, ...]
    over: Over | None = None
    take: Take | None = None
    take_per: tuple[Node, ...] = ()
    shifts: tuple[Shift, ...] = ()
    converted: Converted | None = None
    after: tuple[Node, ...] = ()
    start: date | None = None
    end: date | None = None
    is_final: bool = False
    is_each: bool = False
    is_every_period: bool = False
    edge_keys: tuple[Node, ...] | None = None
    apart: tuple[Node, ...] = ()  # conditions of measures that cannot share rows with others


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One pass over one fact: rows where all of `where` is true, grouped by `keys`, measured.

    A scan without measures lists the distinct values of its keys, or its rows where it `is_detail`. `time` is when a
    fact happened, for those whose joins depend on it. Where some key or condition lies beyond a bridge, `identity`
    tells the fact's rows apart, and each counts once in every group it belongs to.
    """

    fact: str
    keys: tuple[Node, ...]
    measures: tuple[Measure, ...]
    where: tuple[Node, ...]
    shape: Shape | None = None
    time: Node | None = None
    identity: tuple[Node, ...] = ()
    is_detail: bool = False
    relation: str | None = None  # a rollup read in the fact's place; then `kept` has for each measure the columns of
    kept: tuple[tuple[str, ...], ...] = ()  # its pieces, and `kept_where` the conditions they do not carry yet
    kept_where: tuple[tuple[Node, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """`position` counts the answer's columns from 0."""

    position: int
    is_descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """`aliases` name the answer's columns in the SQL: the keys, then the metrics. `having` must all be true of a
    group to be delivered. `subjects` has the scans behind each metric of a subject that is read, by its identity.
    `names` has the field that each key is of, cut or not; `shown` are conditions on keys (slots, `key_0` the first) for
    groups that are read only for their whole."""

    scans: tuple[Scan, ...]
    aliases: tuple[str, ...]
    metrics: tuple[Node, ...]
    having: tuple[Node, ...]
    sorts: tuple[Sort, ...]
    limit: int | None
    subjects: tuple[tuple[Per, tuple[Scan, ...]], ...] = ()
    names: tuple[str, ...] = ()
    shown: tuple[Node, ...] = ()
