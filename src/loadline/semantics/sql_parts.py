"""A scan in, the steps (CTEs) that lead to its part out: a select of the scan's keys and one column for each measure.

- `take`: rows of the first or last time of each period; or a number for each time, of which one is taken.
- `over`, `shifts`: rows are added up by time, then each time of the part looks at those it is made of. What adds up
  runs through a window over rows; what does not (distinct counts, medians, months back) is joined by time.
- `converted`: each second event is given to the latest first event before it.
- every period: the times of the spine that have no rows are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import assert_never

from sqlglot import exp

from loadline.errors import Bug
from loadline.semantics.body import Scan, Shape
from loadline.semantics.dialects import Tree, bracketed, cast, func, number
from loadline.semantics.identifiers import relation
from loadline.semantics.moments import bucket, in_window, local_of, moved_in_time, text
from loadline.semantics.nodes import BOOLEAN, DATE, INTEGER, TIMESTAMP, Converted, Kind, Lit, Measure, Node, Slot, call
from loadline.semantics.shapes import FIXED, Ago, AllTime, OwnAgo, Rolling, Shift, Span, StartOf, ToDate, earlier
from loadline.semantics.sql_rows import (
    NOWHERE,
    Rows,
    Source,
    Steps,
    all_of,
    any_of,
    both,
    column,
    common_where,
    falling,
    from_step,
    grouped,
    named,
    over_rows,
    rising,
    step_table,
    union_all,
    wheres,
)
from loadline.values.query import Grain

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


class Parts:
    """Writes the steps of parts; `rows` reads facts, `steps` gathers."""

    def __init__(self, rows: Rows, steps: Steps, demands: dict[str, tuple[Node, ...]]) -> None:
        self._rows = rows
        self._steps = steps
        self._demands = demands
        """What policy demands of the rows of each fact; of the scans' own facts it is in their `where` already."""

    def select(self, part: Part) -> exp.Select:
        shape = part.scan.shape
        if shape is None:
            return self._plain(part)
        if shape.converted is not None:
            select = self._converted(part, shape.converted)
        elif shape.over is not None or shape.shifts:
            select = self._walked(part)
        elif shape.take is not None:
            select = self._taken(part)
        else:
            select = self._plain(part)
        return self._with_every_period(part, select) if shape.is_every_period else select

    # -- plain

    def _plain(self, part: Part) -> exp.Select:
        scan, rows = part.scan, self._rows
        if scan.identity:
            return self._told_apart(part)
        shared, own = wheres(scan)
        where = _where(scan, shared, own)
        source = rows.source(scan, _read(scan, where, own), part.names.values())
        columns = rows.key_columns(scan, source)
        columns += [
            named(rows.measured(scan, measure, source, own[id(measure)]), part.names[id(measure)])
            for measure in scan.measures
        ]
        select = rows.select(scan, source, columns, where)
        return select if scan.is_detail else rows.by_keys(select, scan, source)

    def _told_apart(self, part: Part) -> exp.Select:
        """Beyond a bridge: each row once in every group it belongs to."""
        scan, rows = part.scan, self._rows
        if not scan.measures:
            where = _where(scan, [], {})
            source = rows.source(scan, _read(scan, where, {}))
            select = rows.select(scan, source, rows.key_columns(scan, source), where)
            return grouped(select, len(scan.keys))
        shared, own = common_where(scan.measures)
        where = _where(scan, shared, own)
        source = rows.source(scan, [*_read(scan, where, own), *scan.identity], part.names.values())
        columns = rows.key_columns(scan, source)
        columns += [named(rows.tree(node, source), f"identity_{at}") for at, node in enumerate(scan.identity, 1)]
        inputs = [(measure, f"of_{part.names[id(measure)]}") for measure in scan.measures]
        columns += [named(rows.input(measure, source, own[id(measure)]), name) for measure, name in inputs]
        select = rows.select(scan, source, columns, where)
        select.set("distinct", exp.Distinct())
        step = self._steps.add(f"{scan.fact}_once", select)
        outer: list[Tree] = [column(name) for name in rows.keys]
        outer += [named(self._over_inputs(measure, column(name)), part.names[id(measure)]) for measure, name in inputs]
        return grouped(from_step(step, outer), len(rows.keys))

    def _over_inputs(self, measure: Measure, tree: Tree) -> Tree:
        """The measure over a column of what each row brings to it."""
        return self._rows.forms.aggregate(measure, tree)

    # -- first or last of a period, or one of its days

    def _taken(self, part: Part) -> exp.Select:
        scan, shape, rows = part.scan, part.shape, self._rows
        if shape.take is None:
            raise Bug
        if shape.take.which in {"max", "min", "average"}:
            return self._one_of_each_time(part, shape.take.which)
        if shape.edge_keys is not None:
            return self._at_edges(part, shape.take.which, shape.edge_keys)
        where = _where(scan, list(shape.apart), {})
        nodes = [*_read(scan, where, {}), shape.time, *shape.take_per]
        source = rows.source(scan, nodes, part.names.values())
        inputs = [(measure, f"of_{part.names[id(measure)]}") for measure in scan.measures]
        time = rows.tree(shape.time, source)
        partition = [rows.tree(node, source) for node in shape.take_per]
        partition += [rows.tree(scan.keys[at], source) for at in shape.time_keys]
        edge = over_rows(func("MIN" if shape.take.which == "first" else "MAX", time.copy()), partition, (), None)
        columns = [*rows.key_columns(scan, source), *(named(rows.input(m, source, ()), name) for m, name in inputs)]
        columns += [named(time, TIME), named(edge, "edge")]
        step = self._steps.add(f"{scan.fact}_rows", rows.select(scan, source, columns, where))
        outer: list[Tree] = [column(name) for name in rows.keys]
        outer += [named(self._over_inputs(m, column(name)), part.names[id(m)]) for m, name in inputs]
        select = from_step(step, outer)
        select.set("where", exp.Where(this=exp.EQ(this=column(TIME), expression=column("edge"))))
        return grouped(select, len(rows.keys))

    def _at_edges(self, part: Part, which: str, periods: Sequence[Node]) -> exp.Select:
        """The first or last time of each period is found first, among the times there are. A time is the last of its
        period exactly when it is the last of some period, as it lies in one only."""
        scan, shape, rows = part.scan, part.shape, self._rows
        where = _where(scan, list(shape.apart), {})
        source = rows.source(scan, [*where, shape.time], part.names.values())
        times = rows.select(scan, source, [named(rows.tree(shape.time, source), TIME)], where)
        step = self._steps.add(f"{scan.fact}_times", grouped(times, 1))
        columns = [named(rows.tree(period), rows.keys[at]) for period, at in zip(periods, shape.time_keys, strict=True)]
        columns.append(named(func("MIN" if which == "first" else "MAX", column(TIME)), "edge"))
        edges = self._steps.add(f"{scan.fact}_edges", grouped(from_step(step, columns), len(periods)))
        source = rows.source(scan, [*_read(scan, where, {}), shape.time], part.names.values())
        columns = rows.key_columns(scan, source)
        columns += [named(rows.aggregate(m, source, ()), part.names[id(m)]) for m in scan.measures]
        select = rows.select(scan, source, columns, where)
        known = exp.Subquery(this=from_step(edges, [column("edge")]))
        is_edge = exp.In(this=bracketed(rows.tree(shape.time, source), 4), query=known)
        written = select.args.get("where")
        select.set("where", exp.Where(this=both(written.this if written else None, is_edge)))
        return rows.by_keys(select, scan, source)

    def _one_of_each_time(self, part: Part, which: str) -> exp.Select:
        scan, shape, rows = part.scan, part.shape, self._rows
        where = _where(scan, list(shape.apart), {})
        source = rows.source(scan, [*_read(scan, where, {}), shape.time], part.names.values())
        columns = [*rows.key_columns(scan, source), named(rows.tree(shape.time, source), TIME)]
        names = [(measure, f"of_{part.names[id(measure)]}") for measure in scan.measures]
        columns += [named(rows.aggregate(measure, source, ()), name) for measure, name in names]
        select = grouped(rows.select(scan, source, columns, where), len(scan.keys) + 1)
        step = self._steps.add(f"{scan.fact}_by_{shape.unit}", select)
        outer: list[Tree] = [column(name) for name in rows.keys]
        outer += [named(func(_FOLDS[which], column(name)), part.names[id(m)]) for m, name in names]
        return grouped(from_step(step, outer), len(rows.keys))

    # -- cumulative and shifted

    def _walked(self, part: Part) -> exp.Select:
        scan, shape = part.scan, part.shape
        adds_up = all(measure.name in ADDS_UP for measure in scan.measures) and not scan.identity
        by_time = self._by_time(part, adds_up=adds_up)
        shift = _fixed(shape.shifts)
        is_even = not isinstance(shape.over, Rolling) or shape.over.span.is_fixed
        if adds_up and shape.over is not None and shift is not None and is_even:
            return self._running(part, by_time, shift)
        return self._joined_by_time(part, by_time, adds_up=adds_up)

    def _by_time(self, part: Part, *, adds_up: bool) -> str:
        """The fact by all keys that are not its time, and its time: added up, or what each row brings."""
        scan, shape, rows = part.scan, part.shape, self._rows
        shared, own = common_where(scan.measures)
        where = [*_where(scan, shared, own), *self._reach(part)]
        source = rows.source(scan, [*_read(scan, where, own, but=shape.time_keys), shape.time], part.names.values())
        columns: list[Tree] = [
            named(rows.forms.key(scan.keys[at].kind, rows.tree(scan.keys[at], source)), rows.keys[at])
            for at in self._others(part)
        ]
        columns.append(named(rows.tree(shape.time, source), TIME))
        for measure in scan.measures:
            name = part.names[id(measure)]
            if not adds_up:
                columns.append(named(rows.input(measure, source, own[id(measure)]), f"of_{name}"))
                continue
            for piece in _pieces(measure):
                tree = rows.aggregate(replace(measure, name=piece), source, own[id(measure)])
                columns.append(named(tree, f"{piece}_of_{name}"))
        select = rows.select(scan, source, columns, where)
        if adds_up:
            return self._steps.add(f"{scan.fact}_by_{shape.unit}", grouped(select, len(self._others(part)) + 1))
        if all(measure.name in {"count_distinct", "approx_count_distinct"} for measure in scan.measures):
            grouped(select, len(columns))
        return self._steps.add(f"{scan.fact}_rows", select)

    def _others(self, part: Part) -> list[int]:
        return [at for at in range(len(part.scan.keys)) if at not in part.shape.time_keys]

    def _reach(self, part: Part) -> list[Node]:
        """Bounds on the rows that any time of the part can look at, for the engine to skip the rest by."""
        shape = part.shape
        start, end = shape.start, shape.end
        if shape.unit != "day":
            start, end = _as_moment(start), _as_moment(end)
        for shift in reversed(shape.shifts):
            start, end = _bound_back(start, shift), _end_back(end, shift)
        match shape.over:
            case Rolling(span=span):
                start = earlier(start, span) if start is not None else None
            case ToDate(unit=unit):
                start = _floor(start, unit) if start is not None else None
            case AllTime():
                start = None
            case None:
                pass
            case _:
                assert_never(shape.over)
        return list(in_window(part.scan.time, start, end, self._rows.linked.model.calendar)) if part.scan.time else []

    def _periods(self, part: Part, rows_step: str) -> str:
        """The times of the part: from a declared spine, or from the first to the last there are rows of."""
        shape = part.shape
        spine = next((s for s in self._rows.linked.model.calendar.spines if s.grain == shape.unit), None)
        start = self._rows.tree(_moment(shape.start, shape.unit)) if shape.start is not None else None
        end = self._rows.tree(_moment(shape.end, shape.unit)) if shape.end is not None else None
        latest = self._rows.tree(_before(shape.end, shape.unit)) if shape.end is not None else None
        if spine is not None:
            type_name = "DATE" if shape.unit == "day" else "TIMESTAMP"
            table = relation(spine.source, "spine")
            select = exp.Select(
                expressions=[named(cast(column(spine.column, "spine"), type_name), TIME)],
                from_=exp.From(this=table),
            )
        else:
            select = self._series(part, rows_step, start, latest)
        step = self._steps.add(f"{shape.unit}s", select)
        condition: Tree | None = None
        if spine is not None and start is not None:
            condition = both(condition, exp.GTE(this=column(TIME), expression=start))
        if spine is not None and end is not None:
            condition = both(condition, exp.LT(this=column(TIME), expression=end))
        for node in shape.after:
            condition = both(condition, self._rows.tree(node))
        if condition is not None:
            kept = from_step(step, [column(TIME)])
            kept.set("where", exp.Where(this=condition))
            step = self._steps.add(f"{shape.unit}s_shown", kept)
        return step

    def _series(self, part: Part, rows_step: str, start: Tree | None, latest: Tree | None) -> exp.Select:
        shape = part.shape
        low = start if start is not None else exp.Subquery(this=from_step(rows_step, [func("MIN", column(TIME))]))
        high = latest
        if high is None:
            last: Node = Slot(name="last", kind=DATE if shape.unit == "day" else TIMESTAMP)
            for shift in shape.shifts:
                if isinstance(shift, Ago):
                    last = moved_in_time(last, shift.span)
            newest = exp.Subquery(this=from_step(rows_step, [func("MAX", column(TIME))]))
            high = self._rows.tree(last, Source(aliases={}, slots={"last": newest}))
        return self._rows.forms.series(low, high, shape.unit)

    def _last_of_each(self, part: Part, periods: str) -> str:
        """Of the part's times only the last of each group of times, or the last of all."""
        shape = part.shape
        partition = [self._rows.tree(key) for key in shape.slot_keys]
        last = over_rows(func("MAX", column(TIME)), partition, (), None)
        marked = self._steps.add(f"{periods}_marked", from_step(periods, [column(TIME), named(last, "last_time")]))
        select = from_step(marked, [column(TIME)])
        select.set("where", exp.Where(this=exp.EQ(this=column(TIME), expression=column("last_time"))))
        return self._steps.add(f"{periods}_last", select)

    def _first_of_each(self, part: Part, periods: str) -> str:
        """Of the part's times only those that are the first day of a period: what was at the start of a month is one
        number, however many days look back at it."""
        shape = part.shape
        condition: Tree | None = None
        for key in shape.slot_keys:
            if key.kind.name in {"date", "timestamp"}:
                condition = both(condition, self._rows.tree(call("=", shape.slot, key, kind=BOOLEAN)))
        if condition is None:
            return periods
        select = from_step(periods, [column(TIME)])
        select.set("where", exp.Where(this=condition))
        return self._steps.add(f"{periods}_first", select)

    def _times(self, part: Part, by_time: str) -> str:
        """The times at which the part is computed."""
        shape = part.shape
        periods = self._periods(part, by_time)
        if shape.over is None and any(isinstance(shift, StartOf) for shift in shape.shifts) and not shape.is_each:
            return self._first_of_each(part, periods)
        is_last = shape.over is not None and not shape.is_each and shape.take is not None and shape.take.which == "last"
        return self._last_of_each(part, periods) if is_last or shape.is_final else periods

    def _running(self, part: Part, by_time: str, shift: Span) -> exp.Select:
        """What adds up: rows of the part's times are put among the fact's, and a window runs over both."""
        scan, shape, rows = part.scan, part.shape, self._rows
        times = self._times(part, by_time)
        others = [rows.keys[at] for at in self._others(part)]
        pieces = [(m, piece, f"{piece}_of_{part.names[id(m)]}") for m in scan.measures for piece in _pieces(m)]
        here: list[Tree] = [column(name) for name in (*others, TIME)]
        here += [column(name) for _, _, name in pieces]
        slot = Slot(name=TIME, kind=shape.slot.kind)
        looked = moved_in_time(slot, shift, is_back=True) if shift.count else slot
        time = rows.tree(looked, Source(aliases={}, slots={TIME: column(TIME, "shown")}))
        empty = [named(rows.forms.null(_kind_of(m, piece)), name) for m, piece, name in pieces]
        asked = self._shown(
            part, by_time, times, [named(time, TIME), *empty, named(rows.forms.null(INTEGER), "is_row")]
        )
        walk = self._steps.add("walk", union_all([from_step(by_time, [*here, named(number(1), "is_row")]), asked]))
        partition: list[Tree] = [column(name) for name in others]
        if isinstance(shape.over, ToDate):
            partition.append(rows.tree(self._period_start(slot, shape.over.unit)))
        order, frame = self._frame(shape)
        sums: list[Tree] = [column(name) for name in (*others, TIME, "is_row")]
        sums += [
            named(over_rows(func(_AGAIN[piece], column(name)), partition, order, frame), name)
            for _, piece, name in pieces
        ]
        present = func("COUNT", column("is_row"))
        sums.append(named(over_rows(present, partition, order, frame), "row_count"))
        run = self._steps.add("running", from_step(walk, sums))
        where = exp.And(
            this=exp.Is(this=column("is_row"), expression=exp.Null()),
            expression=exp.GT(this=column("row_count"), expression=number(0)),
        )
        back = rows.tree(moved_in_time(slot, shift) if shift.count else slot)
        values = [named(self._from_pieces(m, part), part.names[id(m)]) for m in scan.measures]
        if _is_of_single_times(shape):
            select = from_step(run, [*self._keys_at(part, Source(aliases={}, slots={TIME: back})), *values])
            select.set("where", exp.Where(this=where))
            return select
        single = from_step(run, [*(column(name) for name in others), named(back, TIME), *values])
        single.set("where", exp.Where(this=where))
        return self._of_periods(part, single)

    def _keys_at(self, part: Part, slots: Source) -> list[Tree]:
        """The part's keys, cut from the time that a slot stands for."""
        return [
            named(self._rows.tree(part.scan.keys[at], slots) if at in part.shape.time_keys else column(name), name)
            for at, name in enumerate(self._rows.keys)
        ]

    def _shown(self, part: Part, by_time: str, times: str, columns: list[Tree]) -> exp.Select:
        """The part's times for each group, from the first the group has rows of."""
        others = [self._rows.keys[at] for at in self._others(part)]
        if not others:
            return from_step(times, columns, "shown")
        first = named(func("MIN", column(TIME)), "first_time")
        select = grouped(from_step(by_time, [*map(column, others), first]), len(others))
        groups = self._steps.add("groups", select)
        asked = from_step(groups, [*(column(name, "whose") for name in others), *columns], "whose")
        begun = exp.GTE(this=columns[0].unalias().copy(), expression=column("first_time", "whose"))
        asked.set("joins", [exp.Join(this=step_table(times, "shown"), on=begun)])
        return asked

    def _frame(self, shape: Shape) -> tuple[list[exp.Ordered], str]:
        """Times as whole numbers, so that a frame means the same in every engine."""
        slot = Slot(name=TIME, kind=shape.slot.kind)
        base: date = date(1970, 1, 1) if shape.unit == "day" else datetime(1970, 1, 1)  # noqa: DTZ001  # the calendar's clock
        origin = Lit(value=base, kind=slot.kind)
        number_of = call("date_diff", text(shape.unit), origin, slot, kind=INTEGER)
        order = [rising(self._rows.tree(number_of))]
        match shape.over:
            case Rolling(span=span):
                count = span.seconds // FIXED[shape.unit] - 1
                return order, f"RANGE BETWEEN {count} PRECEDING AND CURRENT ROW"
            case ToDate() | AllTime():
                return order, "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
            case _:
                raise Bug

    def _from_pieces(self, measure: Measure, part: Part) -> Tree:
        """A measure from what adds up of it."""
        name = part.names[id(measure)]
        match measure.name:
            case "avg":
                total = column(f"sum_of_{name}")
                return self._rows.forms.functions["/"](
                    call("/", Slot(name="a", kind=INTEGER), Slot(name="b", kind=INTEGER), kind=INTEGER),
                    [total, column(f"count_of_{name}")],
                )
            case "count":
                return cast(func("COALESCE", column(f"count_of_{name}"), number(0)), "BIGINT")
            case _:
                return column(f"{measure.name}_of_{name}")

    def _joined_by_time(self, part: Part, by_time: str, *, adds_up: bool) -> exp.Select:
        """Each time of the part is joined to the fact's times that it is made of."""
        scan, shape, rows = part.scan, part.shape, self._rows
        times = self._times(part, by_time)
        slots = Source(aliases={}, slots={TIME: column(TIME, "shown"), "row": column(TIME, "found")})
        looked: Node = shape.slot
        for shift in reversed(shape.shifts):
            looked = self._shifted(looked, shift)
        if any(isinstance(shift, OwnAgo) for shift in shape.shifts):  # looked up first: no engine's join does it
            found = [column(TIME, "shown"), named(rows.tree(looked, slots), "looked")]
            times = self._steps.add(f"{times}_looked", from_step(times, found, "shown"))
            slots.slots["looked"] = column("looked", "shown")
            looked = Slot(name="looked", kind=shape.slot.kind)
        condition = rows.tree(all_of(self._looks_at(shape, looked)), slots)
        is_each = shape.over is not None
        keys: list[Tree] = [column(rows.keys[at], "found") for at in self._others(part)]
        if is_each:
            keys.append(column(TIME, "shown"))
        else:
            keys = []
            for at, key in enumerate(scan.keys):
                tree = rows.tree(key, slots) if at in shape.time_keys else column(rows.keys[at], "found")
                keys.append(named(tree, rows.keys[at]))
        columns = list(keys)
        columns += [named(self._again(m, part, adds_up=adds_up), part.names[id(m)]) for m in scan.measures]
        select = from_step(times, columns, "shown")
        fact = step_table(by_time, "found")
        select.set("joins", [exp.Join(this=fact, on=condition)])
        grouped(select, len(keys))
        return self._of_periods(part, select) if is_each else select

    def _again(self, measure: Measure, part: Part, *, adds_up: bool) -> Tree:
        name = part.names[id(measure)]
        if not adds_up:
            return self._over_inputs(measure, column(f"of_{name}", "found"))
        folded = {piece: func(_AGAIN[piece], column(f"{piece}_of_{name}", "found")) for piece in _pieces(measure)}
        match measure.name:
            case "avg":
                slot = Slot(name="x", kind=INTEGER)
                divide = self._rows.forms.functions["/"]
                return divide(call("/", slot, slot, kind=INTEGER), [folded["sum"], folded["count"]])
            case "count":
                return cast(func("COALESCE", folded["count"], number(0)), "BIGINT")
            case _:
                return folded[measure.name]

    def _shifted(self, node: Node, shift: Shift) -> Node:
        match shift:
            case Ago(span=span):
                return moved_in_time(node, span, is_back=True)
            case StartOf(unit=unit):
                return self._period_start(node, unit)
            case OwnAgo(count=count, grain=grain):
                return call("looked_up", text(self._own_periods_back(grain, count)), node, kind=DATE)
            case _:
                assert_never(shift)

    def _own_periods_back(self, grain: str, count: int) -> str:
        """A step that has for each day (`time`) the day of the own period so many before (`looked`)."""
        spine = next(s for s in self._rows.linked.model.calendar.spines if s.grain == "day" and grain in s.grains)
        day = cast(column(spine.column, "spine"), "DATE")
        first = cast(column(spine.grains[grain], "spine"), "DATE")
        days = exp.Select(
            expressions=[
                named(day, TIME),
                named(over_rows(func("DENSE_RANK"), [], [rising(first)], None), "period"),
                named(over_rows(func("ROW_NUMBER"), [first.copy()], [rising(day.copy())], None), "nth"),
                named(over_rows(func("COUNT", exp.Star()), [first.copy()], (), None), "day_count"),
            ],
            from_=exp.From(this=relation(spine.source, "spine")),
        )
        step = self._steps.add(f"{grain}_days", days)
        back = from_step(step, [column(TIME, "here"), named(column(TIME, "before"), "looked")], "here")
        period = exp.Sub(this=column("period", "here"), expression=number(count))
        nth = func("LEAST", column("nth", "here"), column("day_count", "before"))
        condition = both(
            exp.EQ(this=column("period", "before"), expression=period),
            exp.EQ(this=column("nth", "before"), expression=nth),
        )
        back.set("joins", [exp.Join(this=step_table(step, "before"), on=condition)])
        return self._steps.add(f"{grain}_back", back)

    def _period_start(self, node: Node, unit: str) -> Node:
        return bucket(node, Grain(unit), self._rows.linked.model.calendar)

    def _looks_at(self, shape: Shape, looked: Node) -> list[Node]:
        row = Slot(name="row", kind=shape.slot.kind)
        upto = call("<=", row, looked, kind=BOOLEAN)
        match shape.over:
            case Rolling(span=span):
                return [call(">", row, moved_in_time(looked, span, is_back=True), kind=BOOLEAN), upto]
            case ToDate(unit=unit):
                return [call(">=", row, self._period_start(looked, unit), kind=BOOLEAN), upto]
            case AllTime():
                return [upto]
            case None:
                return [call("=", row, looked, kind=BOOLEAN)]
            case _:
                assert_never(shape.over)

    def _of_periods(self, part: Part, values: exp.Select) -> exp.Select:
        """Values at single times, of which one stands for each period asked for."""
        shape, rows = part.shape, self._rows
        measures = [part.names[id(measure)] for measure in part.scan.measures]
        step = self._steps.add("values_at", values)
        keys = self._keys_at(part, NOWHERE)
        which = shape.take.which if shape.take is not None else "last"
        if _is_of_single_times(shape):
            return from_step(step, [*keys, *(column(name) for name in measures)])
        if which != "first":
            folded = [named(func(_FOLDS[which], column(name)), name) for name in measures]
            return grouped(from_step(step, [*keys, *folded]), len(keys))
        partition: list[Tree] = [column(rows.keys[at]) for at in self._others(part)]
        partition += [rows.tree(key) for key in shape.slot_keys]
        nth = over_rows(func("ROW_NUMBER"), partition, [rising(column(TIME))], None)
        ordered = from_step(step, [*keys, *(column(name) for name in measures), named(nth, "nth")])
        numbered = self._steps.add("numbered", ordered)
        select = from_step(numbered, [column(name) for name in (*rows.keys, *measures)])
        select.set("where", exp.Where(this=exp.EQ(this=column("nth"), expression=number(1))))
        return select

    # -- conversions

    def _converted(self, part: Part, converted: Converted) -> exp.Select:
        scan, rows = part.scan, self._rows
        firsts, seconds = self._firsts(part, converted), self._seconds(converted)
        slots = Source(aliases={}, slots={"first": column(TIME, "earlier"), "second": column(TIME, "later")})
        first, second = Slot(name="first", kind=TIMESTAMP), Slot(name="second", kind=TIMESTAMP)
        conditions: list[Node] = [call("<=", first, second, kind=BOOLEAN)]
        if converted.within is not None:
            oldest = moved_in_time(second, converted.within, is_back=True)
            conditions.append(call(">", first, oldest, kind=BOOLEAN))
        condition: Tree = rows.tree(all_of(conditions), slots)
        for at in range(1, len(converted.first) + 1):
            name = f"same_{at}"
            condition = both(exp.EQ(this=column(name, "earlier"), expression=column(name, "later")), condition)
        keys: list[Tree] = [column(name, "earlier") for name in rows.keys]
        latest = over_rows(
            func("ROW_NUMBER"),
            [column("event", "later")],
            [falling(column(TIME, "earlier")), *(rising(key.copy()) for key in keys)],
            None,
        )
        matched = from_step(seconds, [*keys, column("input", "later"), named(latest, "nth")], "later")
        table = step_table(firsts, "earlier")
        matched.set("joins", [exp.Join(this=table, on=condition)])
        step = self._steps.add("matched", matched)
        (measure,) = scan.measures
        columns: list[Tree] = [column(name) for name in rows.keys]
        columns.append(
            named(self._over_inputs(converted.measure, column("input")), part.names[id(measure)]),
        )
        select = from_step(step, columns)
        select.set("where", exp.Where(this=exp.EQ(this=column("nth"), expression=number(1))))
        return grouped(select, len(rows.keys))

    def _firsts(self, part: Part, converted: Converted) -> str:
        scan, shape, rows = part.scan, part.shape, self._rows
        (measure,) = scan.measures
        where = [*scan.where, *measure.where]
        source = rows.source(scan, [*scan.keys, *where, *converted.first, shape.time])
        columns = rows.key_columns(scan, source)
        columns += [named(rows.tree(node, source), f"same_{at}") for at, node in enumerate(converted.first, 1)]
        columns.append(named(self._as_timestamp(shape.time, source), TIME))
        return self._steps.add(f"{scan.fact}_events", rows.select(scan, source, columns, where))

    def _as_timestamp(self, node: Node, source: Source) -> Tree:
        tree = self._rows.tree(node, source)
        return cast(tree, "TIMESTAMP") if node.kind.name == "date" else tree

    def _seconds(self, converted: Converted) -> str:
        rows, measure = self._rows, converted.measure
        if measure.time is None:
            raise Bug
        time = local_of(measure.time, rows.linked.model.calendar)
        where = [*measure.where, *self._demands.get(measure.fact, ())]
        scan = Scan(fact=measure.fact, keys=(), measures=(), where=tuple(where), time=measure.time)
        reads = [*where, *converted.second, time, *([measure.arg] if measure.arg is not None else [])]
        source = rows.source(scan, reads)
        columns = [named(rows.tree(node, source), f"same_{at}") for at, node in enumerate(converted.second, 1)]
        columns.append(named(self._as_timestamp(time, source), TIME))
        columns.append(named(rows.input(measure, source, ()), "input"))
        order = [rising(self._as_timestamp(time, source))]
        columns.append(named(over_rows(func("ROW_NUMBER"), [], order, None), "event"))
        return self._steps.add(f"{measure.fact}_that_follow", rows.select(scan, source, columns, where))

    # -- periods in which nothing happened

    def _with_every_period(self, part: Part, select: exp.Select) -> exp.Select:
        scan, shape, rows = part.scan, part.shape, self._rows
        step = self._steps.add(f"{scan.fact}_happened", select)
        periods = self._periods(part, self._extent(part))
        time_names = [rows.keys[at] for at in shape.time_keys]
        all_times = from_step(
            periods,
            [named(rows.tree(key), name) for key, name in zip(shape.slot_keys, time_names, strict=True)],
        )
        seen = from_step(step, [column(name) for name in time_names])
        gaps = self._steps.add("gaps", exp.Except(this=all_times, expression=seen, distinct=True))
        null = rows.forms.null
        empty: list[Tree] = [
            column(name) if name in time_names else named(null(key.kind), name)
            for key, name in zip(scan.keys, rows.keys, strict=True)
        ]
        empty += [named(null(measure.kind), part.names[id(measure)]) for measure in scan.measures]
        present = [column(name) for name in (*rows.keys, *(part.names[id(m)] for m in scan.measures))]
        whole = self._steps.add(f"{scan.fact}_with_gaps", union_all([from_step(step, present), from_step(gaps, empty)]))
        return from_step(whole, [tree.copy() for tree in present])

    def _extent(self, part: Part) -> str:
        """The fact's times, for where a series of periods begins and ends."""
        scan, shape, rows = part.scan, part.shape, self._rows
        if shape.start is not None and shape.end is not None:
            return ""
        shared, own = common_where(scan.measures)
        where = _where(scan, shared, own)
        source = rows.source(scan, [*where, shape.time])
        select = rows.select(scan, source, [named(rows.tree(shape.time, source), TIME)], where)
        return self._steps.add(f"{scan.fact}_times", select)


_FOLDS = {"max": "MAX", "min": "MIN", "average": "AVG"}
_AGAIN = {"sum": "SUM", "count": "SUM", "min": "MIN", "max": "MAX"}


def _pieces(measure: Measure) -> tuple[str, ...]:
    """What is kept of a measure that adds up."""
    return ("sum", "count") if measure.name == "avg" else (measure.name,)


def _is_of_single_times(shape: Shape) -> bool:
    """Is each group of the part one time, so that nothing has to be chosen?"""
    return shape.is_each or shape.is_final or shape.take is None or shape.take.which == "last"


def _kind_of(measure: Measure, piece: str) -> Kind:
    return INTEGER if piece == "count" else measure.kind


def _where(scan: Scan, shared: Sequence[Node], own: dict[int, tuple[Node, ...]]) -> list[Node]:
    conditions = [*scan.where, *shared]
    if own and all(own.values()):
        conditions.append(any_of([all_of(list(where)) for where in dict.fromkeys(own.values())]))
    return conditions


def _read(scan: Scan, where: Sequence[Node], own: dict[int, tuple[Node, ...]], but: Sequence[int] = ()) -> list[Node]:
    """Everything that a scan reads of its rows."""
    keys = [key for at, key in enumerate(scan.keys) if at not in but]
    args = [measure.arg for measure in scan.measures if measure.arg is not None and not scan.kept]
    return [*keys, *where, *args, *(node for nodes in own.values() for node in nodes)]


def _moment(value: date, unit: str) -> Lit:
    """A bound as the steps of `unit` are."""
    if unit == "day":
        is_late = isinstance(value, datetime) and value != datetime(value.year, value.month, value.day)  # noqa: DTZ001
        day = value.date() if isinstance(value, datetime) else value
        return Lit(value=day + timedelta(days=1) if is_late else day, kind=DATE)
    return Lit(
        value=value if isinstance(value, datetime) else datetime(value.year, value.month, value.day),  # noqa: DTZ001
        kind=TIMESTAMP,
    )


def _before(end: date, unit: str) -> Lit:
    """The last time before an end, in steps of `unit`."""
    bound = _moment(end, unit)
    if not isinstance(bound.value, date):
        raise Bug
    step = timedelta(days=1) if unit == "day" else timedelta(**{f"{unit}s": 1})
    return Lit(value=bound.value - step, kind=bound.kind)


def _as_moment(value: date | None) -> date | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001  # the calendar's own clock


def _fixed(shifts: Sequence[Shift]) -> Span | None:
    """All shifts as one of so many seconds; a span of 0 where there is none, None where they are not all fixed."""
    if not all(isinstance(shift, Ago) and shift.span.is_fixed for shift in shifts):
        return None
    return Span(count=sum(shift.span.seconds for shift in shifts if isinstance(shift, Ago)), unit="second")


def _bound_back(value: date | None, shift: Shift) -> date | None:
    if value is None:
        return None
    match shift:
        case Ago(span=span):
            return earlier(value, span)
        case StartOf(unit=unit):
            return _floor(value, unit)
        case OwnAgo():
            return None
        case _:
            assert_never(shift)


def _end_back(value: date | None, shift: Shift) -> date | None:
    """An end that is surely late enough."""
    if value is None or not isinstance(shift, Ago):
        return value
    return earlier(value, shift.span) + timedelta(days=3)


def _floor(value: date, unit: str) -> date:
    """A day that is surely not after the start of the period."""
    reach = {"week": 7, "month": 31, "quarter": 92, "year": 366, "fiscal_quarter": 123, "fiscal_year": 397}
    return value - timedelta(days=reach.get(unit, 1))
