"""Rollups as written in, what each keeps out; and a scan in, the same scan of a rollup that has all it asks for out.

A rollup keeps parts that add up (sums, counts, smallest, largest), grouped by dimensions of one dataset. It may stand
for the dataset where every key and condition can be told from its dimensions, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING, TypeVar

from loadline.semantics import codes
from loadline.semantics.body import Scan
from loadline.semantics.catalog import Catalog
from loadline.semantics.identifiers import plain_name
from loadline.semantics.measuring import field_seen
from loadline.semantics.moments import SHORT, bucket, local_of, to_date, zone
from loadline.semantics.near import listed, nearest
from loadline.semantics.nodes import DATE, Call, Col, Lit, Measure, Node, measures_in, pers_in
from loadline.semantics.typed import Fault
from loadline.semantics.written import Name
from loadline.values.model import Calendar, Rollup, Text
from loadline.values.query import Grain

if TYPE_CHECKING:
    from loadline.semantics.linked import LinkedMetric

_T = TypeVar("_T")

ADDS_UP = frozenset({"sum", "count", "min", "max", "avg"})
ROW_COUNT = "row_count"
"""The column of every rollup that says how many rows of the dataset stand behind a row of it."""

_MONTHLY = frozenset({"month", "quarter", "year"})
_MONTH_PARTS = frozenset({"month", "quarter", "year"})
_DAY_PARTS = frozenset({"year", "quarter", "month", "week", "day", "weekday", "yearday"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A dimension of a rollup: `node` as the dataset has it, cut by `grain` from `raw`, in `column`."""

    raw: Node
    node: Node
    grain: Grain | None
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedRollup:
    """`parts` has for each measure that is kept the columns of its pieces, in the order of `pieces`."""

    rollup: Rollup
    dimensions: tuple[Kept, ...]
    parts: Mapping[Measure, tuple[str, ...]]


def pieces(measure: Measure) -> tuple[str, ...]:
    """What is kept of a measure that adds up."""
    return ("sum", "count") if measure.name == "avg" else (measure.name,)


def link_rollup(catalog: Catalog, metrics: Mapping[str, LinkedMetric], rollup: Rollup) -> LinkedRollup:
    """Raises Misplaced for what a dimension or metric of it is wrong with, Fault for the rollup as a whole, or
    Elsewhere."""
    dimensions = tuple(_pointing(text, _kept, catalog, rollup, text) for text in rollup.by)
    names = [one.column for one in dimensions]
    if len(set(names)) < len(names):
        raise Fault(codes.WRONG_ROLLUP, f"the rollup `{rollup.name}` keeps a dimension twice", "name each once")
    parts: dict[Measure, tuple[str, ...]] = {}
    for text in rollup.metrics:
        metric = _pointing(text, _metric, metrics, rollup, text)
        measures = tuple({id(one): one for one in measures_in(metric.node)}.values())
        for number, measure in enumerate(measures, 1):
            _pointing(text, _demand_sum, rollup, text, measure)
            base = text.value if len(measures) == 1 else f"{text.value}_{number}"
            own = pieces(measure)
            columns = tuple(base if len(own) == 1 else f"{base}_{piece}" for piece in own)
            parts.setdefault(_bare(measure), columns)
    return LinkedRollup(rollup=rollup, dimensions=dimensions, parts=parts)


class Misplaced(Exception):  # becomes a diagnostic, never shown as an error
    """What is wrong with one text of a rollup."""

    def __init__(self, text: Text, fault: Fault) -> None:
        super().__init__(fault.what)
        self.text, self.fault = text, fault


def _pointing(text: Text, read: Callable[..., _T], *args: object) -> _T:
    try:
        return read(*args)
    except Fault as fault:
        raise Misplaced(text, fault) from None


def _metric(metrics: Mapping[str, LinkedMetric], rollup: Rollup, text: Text) -> LinkedMetric:
    metric = metrics.get(text.value)
    if metric is None:
        close = nearest(text.value, metrics)
        raise Fault(
            codes.WRONG_ROLLUP,
            f"the rollup `{rollup.name}` keeps `{text.value}`, which is not a metric",
            f"write `{close}`" if close else f"name some of {listed(metrics)}",
            length=len(text.value),
        )
    return metric


def _kept(catalog: Catalog, rollup: Rollup, text: Text) -> Kept:
    name, _, cut = text.value.partition(":")
    grains = {grain.value: grain for grain in Grain if grain not in SHORT}
    if cut and cut not in grains:
        raise Fault(
            codes.WRONG_ROLLUP,
            f"the rollup `{rollup.name}` cuts `{name}` by `{cut}`, which is no grain of days",
            f"write one of {', '.join(f'`{name}:{grain}`' for grain in grains)}",
        )
    raw = field_seen(catalog, rollup.dataset, Name(parts=tuple(name.split(".")), at=0, length=len(name)))
    if cut and raw.kind.name not in {"date", "timestamp"}:
        raise Fault(codes.NO_GRAIN, f"`{name}` is {raw.kind.name} and has no {cut}", f"write `{name}` without a grain")
    node = bucket(raw, grains[cut], catalog.model.calendar) if cut else raw
    return Kept(raw=raw, node=node, grain=grains[cut] if cut else None, column=plain_name(text.value))


def adds_up(measure: Measure) -> bool:
    """Whether the parts of a measure, kept in a rollup, are enough to know the whole. What it takes of each subject
    (`booked[per customers.customer_id]`) comes of other rows, which no count of its own rows vouches for."""
    is_plain = not (measure.over or measure.take or measure.shifts or measure.converted or measure.is_every_period)
    return is_plain and measure.name in ADDS_UP and next(pers_in(measure), None) is None


def _demand_sum(rollup: Rollup, text: Text, measure: Measure) -> None:
    if measure.fact != rollup.dataset:
        raise Fault(
            codes.WRONG_ROLLUP,
            f"the rollup `{rollup.name}` of `{rollup.dataset}` keeps `{text.value}`, measured on `{measure.fact}`",
            f"keep metrics of `{rollup.dataset}` only",
        )
    if not adds_up(measure):
        raise Fault(
            codes.WRONG_ROLLUP,
            f"the rollup `{rollup.name}` keeps `{text.value}`, of which parts do not add up to the whole",
            "keep sums, counts, averages, smallest and largest; the rest is answered from the rows",
        )


def _bare(measure: Measure) -> Measure:
    """The measure but for what a scan of it says besides: when, and what is shown where there is nothing."""
    return replace(measure, time=None, time_name=None, is_null_if_absent=False)


# -- serving


def served(rollups: Sequence[LinkedRollup], scan: Scan, calendar: Calendar) -> tuple[LinkedRollup, Scan] | None:
    """The first rollup that has all the scan asks for, and the scan of it; None when there is none."""
    is_plain = scan.shape is None and not scan.identity and not scan.is_detail and scan.measures
    if not is_plain:
        return None
    for one in rollups:
        if one.rollup.dataset == scan.fact:
            found = _scan_of(one, scan, calendar)
            if found is not None:
                return one, found
    return None


def _scan_of(one: LinkedRollup, scan: Scan, calendar: Calendar) -> Scan | None:
    told = _Told(one, calendar)
    keys = [told.node(key) for key in scan.keys]
    where = [told.node(node) for node in scan.where]
    columns: list[tuple[str, ...]] = []
    for measure in scan.measures:
        kept = _kept_columns(one, measure)
        if kept is None:
            return None
        columns.append(kept[0])
        if any(told.node(node) is None for node in kept[1]):
            return None
    if any(node is None for node in (*keys, *where)):
        return None
    return replace(
        scan,
        keys=tuple(node for node in keys if node is not None),
        where=tuple(node for node in where if node is not None),
        relation=one.rollup.source,
        kept=tuple(columns),
        kept_where=tuple(
            tuple(found for node in (_kept_columns(one, m) or ((), ()))[1] if (found := told.node(node)) is not None)
            for m in scan.measures
        ),
    )


def _kept_columns(one: LinkedRollup, measure: Measure) -> tuple[tuple[str, ...], tuple[Node, ...]] | None:
    """The columns of a measure, and the conditions on it that they do not carry yet. A rollup's own columns carry what
    the metric it was made for demands, so they serve only measures that demand all of that. A count that is missing
    where nothing was counted is none of them: parts that add up to 0 do not tell whether there were rows."""
    if measure.is_count and measure.is_null_if_absent:
        return None
    bare = replace(_bare(measure), where=())
    for known, columns in one.parts.items():
        if replace(known, where=()) == bare and all(node in measure.where for node in known.where):
            return columns, tuple(node for node in measure.where if node not in known.where)
    return None


class _Told:
    """Expressions of the dataset, told from the dimensions of a rollup; None where they cannot be."""

    def __init__(self, one: LinkedRollup, calendar: Calendar) -> None:
        self._one = one
        self._calendar = calendar

    def node(self, node: Node) -> Node | None:
        for kept in self._one.dimensions:
            if node == kept.node:
                return self._column(kept, node)
        match node:
            case Lit():
                return node
            case Call():
                return self._of_time(node) or self._of_args(node)
            case _:
                return None

    def _column(self, kept: Kept, node: Node) -> Col:
        return Col(dataset=self._one.rollup.dataset, column=kept.column, kind=node.kind)

    def _of_args(self, node: Call) -> Node | None:
        args = [self.node(arg) for arg in node.args]
        if any(arg is None for arg in args):
            return None
        return replace(node, args=tuple(arg for arg in args if arg is not None))

    def _of_time(self, node: Call) -> Node | None:
        """A longer period from a shorter one; a bound that no bucket straddles."""
        for kept in self._one.dimensions:
            if kept.grain is None:
                continue
            day = Col(dataset=self._one.rollup.dataset, column=kept.column, kind=DATE)
            if node.name in {"trunc", "to_date", "extract"} and self._is_time(node.args[-1], kept):
                if self._keeps(node, kept.grain):
                    return day if node.name == "to_date" else replace(node, args=(*node.args[:-1], day))
            elif node.name in {">=", "<"} and self._is_time(node.args[0], kept):
                bound = self._bound(node.args[1], kept.grain)
                if bound is not None:
                    return replace(node, args=(day, bound))
        return None

    def _is_time(self, node: Node, kept: Kept) -> bool:
        local = local_of(kept.raw, self._calendar)
        return node in (kept.raw, local, to_date(local))

    @staticmethod
    def _keeps(node: Call, grain: Grain) -> bool:
        word = str(node.args[0].value) if isinstance(node.args[0], Lit) else ""
        if grain is Grain.DAY:
            return node.name == "to_date" or word in (
                _DAY_PARTS if node.name == "extract" else {*_MONTHLY, "week", "day"}
            )
        if grain is Grain.MONTH:
            return word in (_MONTH_PARTS if node.name == "extract" else _MONTHLY)
        return False

    def _bound(self, node: Node, grain: Grain) -> Lit | None:
        value = node.value if isinstance(node, Lit) else None
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                value = value.astimezone(zone(self._calendar.timezone)).replace(tzinfo=None)
            if value.time() != time():
                return None
            value = value.date()
        if not isinstance(value, date):
            return None
        is_start = {Grain.DAY: True, Grain.MONTH: value.day == 1}.get(grain, False)
        return Lit(value=value, kind=DATE) if is_start else None


def columns_of_rollup(one: LinkedRollup) -> Iterator[str]:
    yield from (kept.column for kept in one.dimensions)
    yield ROW_COUNT
    for columns in one.parts.values():
        yield from columns
