"""A scan in, the steps (CTEs) that lead to its part out: a select of the scan's keys and one column for each measure.

- `take`: rows of the first or last time of each period; or a number for each time, of which one is taken.
- `over`, `shifts`: rows are added up by time, then each time of the part looks at those it is made of. What adds up
  runs through a window over rows; what does not (distinct counts, medians, months back) is joined by time.
- `converted`: each second event is given to the latest first event before it.
- every period: the times of the spine that have no rows are added.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from loadline.errors import Bug
from loadline.semantics.body import Scan
from loadline.semantics.dialects import Tree, bracketed, cast, func, number
from loadline.semantics.moments import local_of, moved_in_time
from loadline.semantics.nodes import BOOLEAN, TIMESTAMP, Converted, Measure, Node, Slot, call
from loadline.semantics.sql_part import (
    FOLDS,
    TIME,
    Part,
    read_by,
    where_of,
)
from loadline.semantics.sql_rows import (
    Rows,
    Source,
    Steps,
    all_of,
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
from loadline.semantics.sql_walk import Walk


class Parts:
    """Writes the steps of parts; `rows` reads facts, `steps` gathers."""

    def __init__(self, rows: Rows, steps: Steps, demands: dict[str, tuple[Node, ...]]) -> None:
        self._rows = rows
        self._steps = steps
        self._walk = Walk(rows, steps)
        self._demands = demands
        """What policy demands of the rows of each fact; of the scans' own facts it is in their `where` already."""

    def select(self, part: Part) -> exp.Select:
        shape = part.scan.shape
        if shape is None:
            return self._plain(part)
        if shape.converted is not None:
            select = self._converted(part, shape.converted)
        elif shape.over is not None or shape.shifts:
            select = self._walk.select(part)
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
        where = where_of(scan, shared, own)
        source = rows.source(scan, read_by(scan, where, own), part.names.values())
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
            where = where_of(scan, [], {})
            source = rows.source(scan, read_by(scan, where, {}))
            select = rows.select(scan, source, rows.key_columns(scan, source), where)
            return grouped(select, len(scan.keys))
        shared, own = common_where(scan.measures)
        where = where_of(scan, shared, own)
        source = rows.source(scan, [*read_by(scan, where, own), *scan.identity], part.names.values())
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
        where = where_of(scan, list(shape.apart), {})
        nodes = [*read_by(scan, where, {}), shape.time, *shape.take_per]
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
        where = where_of(scan, list(shape.apart), {})
        source = rows.source(scan, [*where, shape.time], part.names.values())
        times = rows.select(scan, source, [named(rows.tree(shape.time, source), TIME)], where)
        step = self._steps.add(f"{scan.fact}_times", grouped(times, 1))
        columns = [named(rows.tree(period), rows.keys[at]) for period, at in zip(periods, shape.time_keys, strict=True)]
        columns.append(named(func("MIN" if which == "first" else "MAX", column(TIME)), "edge"))
        edges = self._steps.add(f"{scan.fact}_edges", grouped(from_step(step, columns), len(periods)))
        source = rows.source(scan, [*read_by(scan, where, {}), shape.time], part.names.values())
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
        where = where_of(scan, list(shape.apart), {})
        source = rows.source(scan, [*read_by(scan, where, {}), shape.time], part.names.values())
        columns = [*rows.key_columns(scan, source), named(rows.tree(shape.time, source), TIME)]
        names = [(measure, f"of_{part.names[id(measure)]}") for measure in scan.measures]
        columns += [named(rows.aggregate(measure, source, ()), name) for measure, name in names]
        select = grouped(rows.select(scan, source, columns, where), len(scan.keys) + 1)
        step = self._steps.add(f"{scan.fact}_by_{shape.unit}", select)
        outer: list[Tree] = [column(name) for name in rows.keys]
        outer += [named(func(FOLDS[which], column(name)), part.names[id(m)]) for m, name in names]
        return grouped(from_step(step, outer), len(rows.keys))

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
        periods = self._walk.periods(part, self._extent(part))
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
        where = where_of(scan, shared, own)
        source = rows.source(scan, [*where, shape.time])
        select = rows.select(scan, source, [named(rows.tree(shape.time, source), TIME)], where)
        return self._steps.add(f"{scan.fact}_times", select)
