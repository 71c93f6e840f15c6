"""Measures and what is asked of them in, the scans that read their rows out, those that read the same rows as one.

A measure whose value at a time comes from other times is turned into a plain one wherever that is exact: a shift by
days is an addition to its time. What is left becomes the scan's shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from loadline.semantics import codes
from loadline.semantics.body import Scan, Shape
from loadline.semantics.linked import Linked
from loadline.semantics.measuring import condition_of
from loadline.semantics.moments import SHORT, bucket, in_window, local_of, moved_in_time, own_bucket, part_of, text
from loadline.semantics.nodes import DATE, TIMESTAMP, Call, Measure, Node, Per, Slot, call, columns_in, measures_in
from loadline.semantics.requests import Target, refusal
from loadline.semantics.shapes import Ago, AllTime, OwnAgo, Rolling, Shift, Span, StartOf, Take, ToDate, earlier
from loadline.semantics.typed import Scope
from loadline.values.model import Calendar
from loadline.values.query import By, Grain, Part, Window

_UNITS = ("microsecond", "millisecond", "second", "minute", "hour", "day")
_MONTHLY_GRAINS = frozenset({Grain.MONTH, Grain.QUARTER, Grain.YEAR})
_MONTHLY_PARTS = frozenset({Part.YEAR, Part.QUARTER, Part.MONTH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A dimension as one target reads it, before it is cut; `is_time` when it is the target's own time."""

    raw: Node
    by: By
    is_time: bool


Conditions = Callable[[Node | None], tuple[Node, ...]]
"""The conditions on the rows of a target, given what its time is read as (None: as it is)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one target is asked for."""

    target: Target
    keys: tuple[Key, ...]
    conditions: Conditions
    during: Window | None = None
    is_detail: bool = False


def cut(by: By, node: Node, calendar: Calendar) -> Node:
    if by.own_grain is not None:
        return own_bucket(node, by.own_grain, calendar)
    if by.part is not None:
        return part_of(node, by.part, calendar)
    return bucket(node, by.grain, calendar) if by.grain is not None else node


def scans_of(linked: Linked, asked: Sequence[Asked]) -> tuple[Scan, ...]:
    """Measures that read the same rows by the same keys share one scan. Raises RequestError."""
    shared: dict[Scan, list[Measure]] = {}
    for one in asked:
        found = _scan(linked, one)
        measures = shared.setdefault(replace(found, measures=()), [])
        measures += [new for new in found.measures if not any(new is known for known in measures)]
    return tuple(replace(scan, measures=tuple(measures)) for scan, measures in shared.items())


def subject_scans(linked: Linked, per: Per) -> tuple[Scan, ...]:
    """The scans behind a metric of a subject: each measure by how its own rows tell subjects apart."""
    measures = tuple({id(one): one for one in measures_in(per.node)}.values())
    asked = []
    for measure, inner in zip(measures, per.inner, strict=True):
        target = Target(fact=measure.fact, metric=per.metric, measure=measure)
        keys = tuple(Key(raw=node, by=By(name=str(at)), is_time=False) for at, node in enumerate(inner))
        asked.append(Asked(target=target, keys=keys, conditions=lambda _: ()))
    return scans_of(linked, asked)


def _scan(linked: Linked, asked: Asked) -> Scan:
    measure, calendar = asked.target.measure, linked.model.calendar
    if measure is None:
        keys = tuple(cut(key.by, key.raw, calendar) for key in asked.keys)
        scan = Scan(
            fact=asked.target.fact,
            keys=keys,
            measures=(),
            where=asked.conditions(None),
            is_detail=asked.is_detail,
        )
        return told_apart(linked, scan)
    if not _is_shaped(measure):
        return told_apart(linked, _plain(linked, asked, measure, None, asked.during))
    time = _local_time(asked.target, measure, calendar)
    if measure.over is None and measure.converted is None:
        step = _as_addition(measure.shifts, asked, time)
        if step is not None:
            if measure.take is None and not measure.is_every_period:
                scan = _plain(linked, asked, measure, step, back(asked.during, measure.shifts))
                return told_apart(linked, scan)
            if measure.take is not None:
                return told_apart(linked, _taken(linked, asked, measure, time, step))
    return told_apart(linked, _with_shape(linked, asked, measure, time))


def _is_shaped(measure: Measure) -> bool:
    return bool(
        measure.over is not None
        or measure.take is not None
        or measure.shifts
        or measure.converted is not None
        or measure.is_every_period
    )


def _local_time(target: Target, measure: Measure, calendar: Calendar) -> Node:
    if measure.time is None:
        raise refusal(
            codes.NO_TIME,
            f"`{target.metric}` depends on time, and `{target.fact}` has no time field",
            f"write `time:` under the dataset `{target.fact}`, or under the metric `{target.metric}`",
        )
    return local_of(measure.time, calendar)


def _plain(linked: Linked, asked: Asked, measure: Measure, time: Node | None, during: Window | None) -> Scan:
    """A scan of rows at their own time, which is read as `time` where that is not None."""
    calendar = linked.model.calendar
    keys = tuple(cut(key.by, key.raw if time is None or not key.is_time else time, calendar) for key in asked.keys)
    return Scan(
        fact=measure.fact,
        keys=keys,
        measures=(measure,),
        where=(*_window(asked.target, measure, during, calendar), *asked.conditions(time)),
        time=measure.time,
    )


def _window(target: Target, measure: Measure, during: Window | None, calendar: Calendar) -> tuple[Node, ...]:
    if during is None:
        return ()
    if measure.time is None:
        raise refusal(
            codes.NO_TIME,
            f"`{target.metric}` is measured on `{target.fact}`, which has no time field",
            f"write `time:` under the dataset `{target.fact}`, or under the metric `{target.metric}`",
        )
    return in_window(measure.time, during.start, during.end, calendar)


# -- shifts that are additions


def _as_addition(shifts: Sequence[Shift], asked: Asked, time: Node) -> Node | None:
    """The time moved on by all shifts, where each period asked for is made of the same rows moved; else None.

    Days can always be moved. Months can where only whole months are told apart and no condition looks at the time.
    """
    spans = [shift.span for shift in shifts if isinstance(shift, Ago)]
    if len(spans) < len(shifts):
        return None
    if all(span.is_fixed for span in spans):
        for span in spans:
            time = moved_in_time(time, span)
        return time
    months = sum(span.months for span in spans if not span.is_fixed)
    if any(span.is_fixed for span in spans) or not all(map(_tells_months, (k.by for k in asked.keys if k.is_time))):
        return None
    probe = Slot(name="time", kind=time.kind)
    if any(_reads(condition, probe) for condition in asked.conditions(probe)):
        return None
    month = call("trunc", text("month"), time, kind=DATE)
    return moved_in_time(month, Span(count=months, unit="month"))


def _tells_months(by: By) -> bool:
    return by.grain in _MONTHLY_GRAINS or by.part in _MONTHLY_PARTS


def _reads(node: Node, part: Node) -> bool:
    return node == part or (isinstance(node, Call) and any(_reads(arg, part) for arg in node.args))


def back(during: Window | None, shifts: Sequence[Shift]) -> Window | None:
    """The window in which the rows lie that are shown in `during`."""
    if during is None:
        return None
    start, end = during.start, during.end
    # Within a month its last day is what is moved: 30 March is compared with 28 February, which is then in.
    is_within = end is not None and end.day != 1 and not isinstance(end, datetime)
    if end is not None and is_within:
        end -= timedelta(days=1)
    for shift in reversed(shifts):
        match shift:
            case Ago(span=span):
                start = earlier(start, span) if start is not None else None
                end = earlier(end, span) if end is not None else None
            case StartOf() | OwnAgo():
                return None
            case _:
                assert_never(shift)
    if end is not None and is_within:
        end += timedelta(days=1)
    return Window(start=start, end=end, text=during.text)


# -- shapes


def _slot(unit: str) -> Slot:
    return Slot(name="time", kind=DATE if unit == "day" else TIMESTAMP)


def _unit(asked: Asked, measure: Measure) -> str:
    """The steps in which time is walked: days, or what is asked for or counted below that."""
    wanted = {"day"}
    wanted |= {key.by.grain.value for key in asked.keys if key.is_time and key.by.grain in SHORT and key.by.grain}
    if any(key.is_time and key.by.part is Part.HOUR for key in asked.keys):
        wanted.add("hour")
    match measure.over:
        case Rolling(span=span):
            wanted.add(span.unit)
        case ToDate(unit=unit):
            wanted.add(unit)
        case AllTime() | None:
            pass
        case _:
            assert_never(measure.over)
    for shift in measure.shifts:
        match shift:
            case Ago(span=span):
                wanted.add(span.unit)
            case StartOf(unit=unit):
                wanted.add(unit)
            case OwnAgo():
                wanted.add("day")
            case _:
                assert_never(shift)
    return next(unit for unit in _UNITS if unit in wanted)


def _taken(linked: Linked, asked: Asked, measure: Measure, time: Node, moved: Node) -> Scan:
    """Rows of the first or last time in each period; or a number for each day, of which one is taken."""
    plain = _plain(linked, asked, measure, moved if measure.shifts else None, back(asked.during, measure.shifts))
    unit = "day" if not any(key.is_time and key.by.grain in SHORT for key in asked.keys) else _unit(asked, measure)
    is_exact = bool(measure.take_per) and time.kind.name == "timestamp"
    shape = Shape(
        time=time if is_exact else bucket(time, Grain(unit), linked.model.calendar),
        unit=unit,
        slot=_slot(unit),
        time_keys=tuple(at for at, key in enumerate(asked.keys) if key.is_time),
        take=measure.take,
        take_per=measure.take_per,
        is_every_period=measure.is_every_period and any(key.is_time for key in asked.keys),
        slot_keys=tuple(cut(key.by, _slot(unit), linked.model.calendar) for key in asked.keys if key.is_time),
        start=asked.during.start if asked.during else None,
        end=asked.during.end if asked.during else None,
        edge_keys=_edge_keys(linked, asked, measure, _slot(unit), unit) if not measure.take_per else None,
        apart=measure.where,
    )
    return replace(plain, shape=shape, where=(*plain.where, *_own_conditions(measure, linked.model.calendar)))


def _edge_keys(linked: Linked, asked: Asked, measure: Measure, slot: Slot, unit: str) -> tuple[Node, ...] | None:
    """The keys of time from a time of one `unit`, where all its moments lie in the same periods."""
    shown = _as_addition(measure.shifts, asked, slot)
    keys = [key.by for key in asked.keys if key.is_time]
    if shown is None or any(by.own_grain is not None or (unit == "day" and by.part is Part.HOUR) for by in keys):
        return None
    return tuple(cut(by, shown, linked.model.calendar) for by in keys)


def _with_shape(linked: Linked, asked: Asked, measure: Measure, time: Node) -> Scan:
    calendar = linked.model.calendar
    unit = _unit(asked, measure)
    slot = _slot(unit)
    time_keys = tuple(at for at, key in enumerate(asked.keys) if key.is_time)
    before, after = _around(asked, slot)
    after += tuple(condition_of(tree, _time_scope(slot, calendar)) for tree in measure.after)
    is_walked = measure.over is not None or bool(measure.shifts)
    if measure.over is not None and not time_keys:
        _demand_end(asked, measure)
    if measure.over is None and not time_keys and not all(isinstance(shift, Ago) for shift in measure.shifts):
        raise refusal(
            codes.NEEDS_TIME,
            f"`{asked.target.metric}` looks at another period, and nothing says from which",
            "add `--by time:day`",
        )
    if measure.converted is not None or not is_walked:
        before = (*asked.conditions(None), *_own_conditions(measure, calendar))
        keys = tuple(cut(key.by, key.raw, calendar) for key in asked.keys)
        during = _window(asked.target, measure, asked.during, calendar)
    else:
        keys = tuple(cut(key.by, slot if key.is_time else key.raw, calendar) for key in asked.keys)
        during = ()
    shape = Shape(
        time=bucket(time, Grain(unit), calendar) if is_walked or measure.is_every_period else time,
        unit=unit,
        slot=slot,
        time_keys=time_keys,
        over=measure.over,
        take=measure.take if measure.over is None or measure.take is not None else Take(which="last"),
        shifts=measure.shifts,
        converted=measure.converted,
        after=after,
        start=asked.during.start if asked.during else None,
        end=asked.during.end if asked.during else None,
        is_final=measure.over is not None and not time_keys,
        is_each=any(_tells_each(asked.keys[at].by, unit) for at in time_keys),
        is_every_period=measure.is_every_period and bool(time_keys),
        slot_keys=tuple(cut(asked.keys[at].by, slot, calendar) for at in time_keys),
    )
    return Scan(
        fact=measure.fact,
        keys=keys,
        measures=(measure,),
        where=(*during, *before),
        shape=shape if _matters(shape) else None,
        time=measure.time,
    )


def _time_scope(slot: Slot, calendar: Calendar) -> Scope:
    """Where `time` is all that can be named."""
    return Scope(name=lambda _: slot, aggregate=None, calendar=calendar)


def _own_conditions(measure: Measure, calendar: Calendar) -> tuple[Node, ...]:
    """What a metric demands of its time, of the time of its rows."""
    time = measure.time
    if time is None:
        return ()
    scope = Scope(name=lambda _: time, aggregate=None, calendar=calendar)
    return tuple(condition_of(tree, scope) for tree in measure.after)


def _matters(shape: Shape) -> bool:
    return bool(shape.over or shape.shifts or shape.converted or shape.is_every_period or shape.take)


def _tells_each(by: By, unit: str) -> bool:
    return by.grain is not None and by.grain.value == unit


def _around(asked: Asked, slot: Slot) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """Conditions on rows, and those on the time of the part; a condition on both has no meaning."""
    before: list[Node] = []
    after: list[Node] = []
    for condition in asked.conditions(slot):
        for node in _parts(condition):
            if not _reads(node, slot):
                before.append(node)
            elif any(True for _ in columns_in(node)):
                raise refusal(
                    codes.FILTER_ACROSS_TIME,
                    f"a condition on `{asked.target.metric}` looks at its time and at other fields at once",
                    "make them two conditions, or use `--during` for the time",
                )
            else:
                after.append(node)
    return tuple(before), tuple(after)


def _parts(node: Node) -> tuple[Node, ...]:
    """What a condition demands, one by one."""
    if isinstance(node, Call) and node.name == "and":
        return tuple(part for arg in node.args for part in _parts(arg))
    return (node,)


def _demand_end(asked: Asked, measure: Measure) -> None:
    if isinstance(measure.over, AllTime) or (asked.during is not None and asked.during.end is not None):
        return
    raise refusal(
        codes.NEEDS_TIME,
        f"`{asked.target.metric}` is cumulative, and nothing says until when",
        "add `--by time:day`, or `--during` with an end",
    )


# -- histories and bridges


def told_apart(linked: Linked, scan: Scan) -> Scan:
    """With what tells its rows apart, where a path beyond a bridge would repeat them. Raises RequestError where that,
    or the time at which a history is met, is not known."""
    for measure in scan.measures:
        if measure.converted is not None:
            refuse_repeated(measure.converted.measure.fact, (measure.converted.measure, *measure.converted.second))
    reads = [*scan.keys, *scan.where, *scan.measures]
    steps = {step for node in reads for column in columns_in(node) for step in column.path}
    history = next((step for step in steps if step >= 0 and linked.model.relationships[step].valid), None)
    if history is not None and scan.time is None:
        raise refusal(
            codes.NO_VALIDITY_TIME,
            f"`{scan.fact}` meets the history `{linked.catalog.graph.name(history)}`, and nothing says at which time",
            f"write `time:` under the dataset `{scan.fact}`, or ask for a metric that has a time",
        )
    if all(step >= 0 for step in steps):
        return scan
    if scan.shape is not None:
        refuse_repeated(scan.fact, reads)
    key = linked.model.datasets[scan.fact].key
    if not key:
        raise refusal(
            codes.FAN_OUT,
            f"rows of `{scan.fact}` would repeat beyond the bridge, and it has no `key` to count each once",
            f"write `key:` under the dataset `{scan.fact}`",
        )
    return replace(scan, identity=tuple(linked.catalog.key(scan.fact, name) for name in key))


def refuse_repeated(fact: str, nodes: Sequence[Node]) -> None:
    """Raises RequestError where rows that are followed through time are read beyond a bridge."""
    if any(step < 0 for node in nodes for column in columns_in(node) for step in column.path):
        raise refusal(
            codes.FAN_OUT,
            f"rows of `{fact}` would repeat beyond the bridge, where they cannot be followed through time",
            "break it down by a field that its rows lead to one by one",
        )
