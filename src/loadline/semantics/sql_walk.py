"""A cumulative or shifted scan in, the steps (CTEs) that walk through time to its part out.

Rows are added up by time, then each time of the part looks at those it is made of. What adds up runs through a window
over rows; what does not (distinct counts, medians, months back) is joined by time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import assert_never

from sqlglot import exp

from loadline.errors import Bug
from loadline.semantics.body import Shape
from loadline.semantics.dialects import Tree, cast, func, number
from loadline.semantics.identifiers import relation
from loadline.semantics.moments import bucket, in_window, moved_in_time, text
from loadline.semantics.nodes import BOOLEAN, DATE, INTEGER, TIMESTAMP, Lit, Measure, Node, Slot, call
from loadline.semantics.shapes import FIXED, Ago, AllTime, OwnAgo, Rolling, Shift, Span, StartOf, ToDate, earlier
from loadline.semantics.sql_bounds import (
    as_moment,
    as_one_span,
    bound_back,
    end_back,
    floor_of,
    last_before,
    moment_of,
    next_after,
)
from loadline.semantics.sql_part import (
    ADDS_UP,
    AGAIN,
    FOLDS,
    TIME,
    Part,
    is_of_single_times,
    kind_of,
    pieces,
    read_by,
    where_of,
)
from loadline.semantics.sql_rows import (
    NOWHERE,
    Rows,
    Source,
    Steps,
    all_of,
    both,
    column,
    common_where,
    from_step,
    grouped,
    named,
    over_rows,
    rising,
    step_table,
    union_all,
)
from loadline.values.model import Spine
from loadline.values.query import Grain

NUMBER = "time_number"
"""A time, counted in its unit."""


class Walk:
    """Writes steps through time; `rows` reads facts, `steps` gathers."""

    def __init__(self, rows: Rows, steps: Steps) -> None:
        self._rows = rows
        self._steps = steps

    def select(self, part: Part) -> exp.Select:
        """The part: a select of its keys and measures."""
        scan, shape = part.scan, part.shape
        adds_up = all(measure.name in ADDS_UP for measure in scan.measures) and not scan.identity
        by_time = self._by_time(part, adds_up=adds_up)
        shift = as_one_span(shape.shifts)
        is_even = not isinstance(shape.over, Rolling) or shape.over.span.is_fixed
        if adds_up and shape.over is not None and shift is not None and is_even:
            return self._running(part, by_time, shift)
        return self._joined_by_time(part, by_time, adds_up=adds_up)

    def _by_time(self, part: Part, *, adds_up: bool) -> str:
        """The fact by all keys that are not its time, and its time: added up, or what each row brings."""
        scan, shape, rows = part.scan, part.shape, self._rows
        shared, own = common_where(scan.measures)
        where = [*where_of(scan, shared, own), *self._reach(part)]
        source = rows.source(scan, [*read_by(scan, where, own, but=shape.time_keys), shape.time], part.names.values())
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
            for piece in pieces(measure):
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
            start, end = as_moment(start), as_moment(end)
        for shift in reversed(shape.shifts):
            start, end = bound_back(start, shift), end_back(end, shift)
        match shape.over:
            case Rolling(span=span):
                start = next_after(earlier(start, span), shape.unit) if start is not None else None
            case ToDate(unit=unit):
                start = floor_of(start, unit) if start is not None else None
            case AllTime():
                start = None
            case None:
                pass
            case _:
                assert_never(shape.over)
        return list(in_window(part.scan.time, start, end, self._rows.linked.model.calendar)) if part.scan.time else []

    def periods(self, part: Part, rows_step: str) -> str:
        """The times of the part: from a declared spine, or from the first to the last there are rows of."""
        shape = part.shape
        spine = next((s for s in self._rows.linked.model.calendar.spines if s.grain == shape.unit), None)
        if spine is not None:
            return self._steps.add(f"{shape.unit}s", self._of_spine(spine, shape))
        start = self._rows.tree(moment_of(shape.start, shape.unit)) if shape.start is not None else None
        latest = self._rows.tree(last_before(shape.end, shape.unit)) if shape.end is not None else None
        step = self._steps.add(f"{shape.unit}s", self._series(part, rows_step, start, latest))
        after = self._after(shape, column(TIME))
        if after is None:
            return step
        kept = from_step(step, [column(TIME)])
        kept.set("where", exp.Where(this=after))
        return self._steps.add(f"{shape.unit}s_shown", kept)

    def _of_spine(self, spine: Spine, shape: Shape) -> exp.Select:
        time: Tree = cast(column(spine.column, "spine"), "DATE" if shape.unit == "day" else "TIMESTAMP")
        condition: Tree | None = None
        if shape.start is not None:
            start = self._rows.tree(moment_of(shape.start, shape.unit))
            condition = both(condition, exp.GTE(this=time.copy(), expression=start))
        if shape.end is not None:
            end = self._rows.tree(moment_of(shape.end, shape.unit))
            condition = both(condition, exp.LT(this=time.copy(), expression=end))
        after = self._after(shape, time)
        condition = condition if after is None else both(condition, after)
        where = None if condition is None else exp.Where(this=condition)
        table = exp.From(this=relation(spine.source, "spine"))
        return exp.Select(expressions=[named(time, TIME)], from_=table, where=where)

    def _after(self, shape: Shape, time: Tree) -> Tree | None:
        """What must be true of the part's times."""
        condition: Tree | None = None
        for node in shape.after:
            condition = both(condition, self._rows.tree(node, Source(aliases={}, slots={TIME: time})))
        return condition

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
        periods = self.periods(part, by_time)
        if shape.over is None and any(isinstance(shift, StartOf) for shift in shape.shifts) and not shape.is_each:
            return self._first_of_each(part, periods)
        is_last = shape.over is not None and not shape.is_each and shape.take is not None and shape.take.which == "last"
        return self._last_of_each(part, periods) if is_last or shape.is_final else periods

    def _running(self, part: Part, by_time: str, shift: Span) -> exp.Select:
        """What adds up: rows of the part's times are put among the fact's, and a window runs over both."""
        scan, shape, rows = part.scan, part.shape, self._rows
        times = self._times(part, by_time)
        others = [rows.keys[at] for at in self._others(part)]
        parted = [(m, piece, f"{piece}_of_{part.names[id(m)]}") for m in scan.measures for piece in pieces(m)]
        slot = Slot(name=TIME, kind=shape.slot.kind)
        here: list[Tree] = [column(name) for name in (*others, TIME)]
        here += [self._numbered(shape, column(TIME)), *(column(name) for _, _, name in parted)]
        looked = moved_in_time(slot, shift, is_back=True) if shift.count else slot
        time = rows.tree(looked, Source(aliases={}, slots={TIME: column(TIME, "shown")}))
        empty = [named(rows.forms.null(kind_of(m, piece)), name) for m, piece, name in parted]
        shown = [named(time, TIME), self._numbered(shape, time.copy()), *empty]
        asked = self._shown(part, by_time, times, [*shown, named(rows.forms.null(INTEGER), "is_row")])
        walk = self._steps.add("walk", union_all([from_step(by_time, [*here, named(number(1), "is_row")]), asked]))
        partition: list[Tree] = [column(name) for name in others]
        if isinstance(shape.over, ToDate):
            partition.append(rows.tree(self._period_start(slot, shape.over.unit)))
        order, frame = [rising(column(NUMBER))], _frame(shape)
        sums: list[Tree] = [column(name) for name in (*others, TIME, "is_row")]
        sums += [
            named(over_rows(func(AGAIN[piece], column(name)), partition, order, frame), name)
            for _, piece, name in parted
        ]
        present = func("SUM", column("is_row"))  # of no row at all it is NULL
        sums.append(named(over_rows(present, partition, order, frame), "row_count"))
        run = self._steps.add("running", from_step(walk, sums))
        where = exp.And(
            this=exp.Is(this=column("is_row"), expression=exp.Null()),
            expression=exp.Not(this=exp.Is(this=column("row_count"), expression=exp.Null())),
        )
        back = rows.tree(moved_in_time(slot, shift) if shift.count else slot)
        values = [named(self._from_pieces(m, part), part.names[id(m)]) for m in scan.measures]
        if is_of_single_times(shape):
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

    def _numbered(self, shape: Shape, time: Tree) -> Tree:
        """Times as whole numbers, so that a frame means the same in every engine."""
        slot = Slot(name=TIME, kind=shape.slot.kind)
        base: date = date(1970, 1, 1) if shape.unit == "day" else datetime(1970, 1, 1)  # noqa: DTZ001  # the calendar's clock
        origin = Lit(value=base, kind=slot.kind)
        number_of = call("date_diff", text(shape.unit), origin, slot, kind=INTEGER)
        return named(self._rows.tree(number_of, Source(aliases={}, slots={TIME: time})), NUMBER)

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
            return self._rows.forms.aggregate(measure, column(f"of_{name}", "found"))
        folded = {piece: func(AGAIN[piece], column(f"{piece}_of_{name}", "found")) for piece in pieces(measure)}
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
        if is_of_single_times(shape):
            return from_step(step, [*keys, *(column(name) for name in measures)])
        if which != "first":
            folded = [named(func(FOLDS[which], column(name)), name) for name in measures]
            return grouped(from_step(step, [*keys, *folded]), len(keys))
        partition: list[Tree] = [column(rows.keys[at]) for at in self._others(part)]
        partition += [rows.tree(key) for key in shape.slot_keys]
        nth = over_rows(func("ROW_NUMBER"), partition, [rising(column(TIME))], None)
        ordered = from_step(step, [*keys, *(column(name) for name in measures), named(nth, "nth")])
        numbered = self._steps.add("numbered", ordered)
        select = from_step(numbered, [column(name) for name in (*rows.keys, *measures)])
        select.set("where", exp.Where(this=exp.EQ(this=column("nth"), expression=number(1))))
        return select


def _frame(shape: Shape) -> str:
    match shape.over:
        case Rolling(span=span):
            return f"RANGE BETWEEN {span.seconds // FIXED[shape.unit] - 1} PRECEDING AND CURRENT ROW"
        case ToDate() | AllTime():
            return "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
        case _:
            raise Bug
