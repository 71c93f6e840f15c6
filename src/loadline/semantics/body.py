"""A plan's own form: what each fact is scanned for, and how the parts become the answer. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.semantics.nodes import Measure, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One pass over one fact: rows where all of `where` is true, grouped by `keys`, measured.

    A scan without measures lists the distinct values of its keys.
    """

    fact: str
    keys: tuple[Node, ...]
    measures: tuple[Measure, ...]
    where: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """`position` counts the answer's columns from 0."""

    position: int
    is_descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """`aliases` name the answer's columns in the SQL: the keys, then the metrics. `having` must all be true of a
    group to be delivered."""

    scans: tuple[Scan, ...]
    aliases: tuple[str, ...]
    metrics: tuple[Node, ...]
    having: tuple[Node, ...]
    sorts: tuple[Sort, ...]
    limit: int | None
