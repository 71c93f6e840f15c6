"""A world and chance in, questions about it out: hypothesis strategies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from hypothesis import strategies as st

from loadline.values.query import By, Filter, Grain, Op, Order, Query, Scalar, Window
from semantics.oracle import RowFilters
from semantics.oracle_models import DATES, FIELDS, POOLS, Draw, Seen, predicates, seen_from, shared_by
from semantics.oracle_time import DAY_GRAINS
from semantics.oracle_world import World, only_rows


@dataclass(frozen=True)
class Asked:
    query: Query
    row_filters: RowFilters


@st.composite
def questions(draw: Draw, world: World) -> Asked:
    if draw(st.integers(0, 14)) == 0:
        return Asked(_listing(draw, world), _row_filters(draw, world, []))
    metrics = tuple(draw(st.lists(st.sampled_from(list(world.model.metrics)), min_size=1, max_size=3, unique=True)))
    shared = shared_by(world, metrics)
    by = _dimensions(draw, world, shared)
    where = [_filter(draw, _choice(draw, world, shared)) for _ in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2))))]
    if draw(st.integers(0, 6)) == 0:
        where.append(_metric_filter(draw, world, metrics))
    query = Query(
        metrics=metrics,
        by=by,
        where=tuple(w for w in where if w is not None),
        during=_window(draw) if draw(st.integers(0, 3)) == 0 else None,
        order=_order(draw, by, metrics),
        limit=draw(st.sampled_from((None, None, None, 1, 2, 3))),
    )
    return Asked(query, _row_filters(draw, world, [*shared] if draw(st.integers(0, 3)) else []))


def _choice(draw: Draw, world: World, shared: list[Seen]) -> Seen:
    """Mostly a name that will do, sometimes one that may not."""
    if shared and draw(st.integers(0, 19)) > 0:
        return draw(st.sampled_from(shared))
    return draw(st.sampled_from(seen_from(world, draw(st.sampled_from(list(world.model.datasets))))))


def _dimensions(draw: Draw, world: World, shared: list[Seen]) -> tuple[By, ...]:
    found: list[By] = []
    for _ in range(draw(st.sampled_from((0, 1, 1, 2, 3)))):
        if draw(st.integers(0, 4)) == 0:
            found.append(By(name="time", grain=draw(st.sampled_from((None, *DAY_GRAINS)))))
        else:
            found.append(_dimension(draw, _choice(draw, world, shared)))
    bare = {by.name for by in found if "." not in by.name}
    plain = [by for by in found if "." not in by.name or by.name.rpartition(".")[2] not in bare]
    return tuple({(by.name, by.grain or (by.name == "time" and Grain.DAY)): by for by in plain}.values())


def _dimension(draw: Draw, seen: Seen) -> By:
    name = seen.name
    if name.endswith("_tag") and draw(st.booleans()):
        name = name.rpartition(".")[2]  # a bare name, unique in the model
    if seen.type in ("date", "timestamp"):
        is_raw = draw(st.integers(0, 5)) == 0
        return By(name=name, grain=None if is_raw else draw(st.sampled_from(DAY_GRAINS)))
    return By(name=name, grain=Grain.MONTH if draw(st.integers(0, 99)) == 0 else None)


def _filter(draw: Draw, seen: Seen) -> Filter | None:
    kind = "zoned" if seen.is_zoned else seen.type
    if seen.type == "timestamp":
        kind = draw(st.sampled_from((kind, "date", "timestamp", "zoned")))
    values = st.sampled_from([v for v in POOLS[kind] if v is not None])
    ops = list(Op) if kind == "string" else [op for op in Op if op not in (Op.CONTAINS, Op.STARTS_WITH)]
    if kind == "boolean":
        ops = [Op.EQ, Op.NE, Op.IN, Op.IS_NULL, Op.IS_NOT_NULL]
    lenient = [op for op in ops if op in (Op.NE, Op.NOT_IN, Op.GE, Op.LE, Op.IS_NOT_NULL)]
    op = draw(st.sampled_from(ops + lenient * 4))
    match op:
        case Op.IS_NULL | Op.IS_NOT_NULL:
            count = 0
        case Op.BETWEEN:
            count = 2
        case Op.IN | Op.NOT_IN:
            count = draw(st.integers(1, 3))
        case _:
            count = 1
    chosen = [draw(values) for _ in range(count)]
    if draw(st.integers(0, 7)) == 0:
        chosen = [_as_text(value) for value in chosen]
    return Filter(name=seen.name, op=op, values=tuple(cast("list[Scalar]", chosen)))


def _as_text(value: object) -> str:
    """As it would come from a command line."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _metric_filter(draw: Draw, world: World, metrics: tuple[str, ...]) -> Filter | None:
    name = draw(st.sampled_from(metrics))
    if is_number(world, name):
        op = draw(st.sampled_from((Op.GT, Op.LE, Op.NE, Op.EQ, Op.NOT_IN, Op.BETWEEN, Op.IS_NULL, Op.IS_NOT_NULL)))
        pairs: tuple[tuple[Scalar, ...], ...] = ((0, 2), (1, 5), (Decimal("1.5"), 3))
        values = draw(st.sampled_from(pairs))
        return Filter(name=name, op=op, values=values[: {Op.NOT_IN: 2, Op.BETWEEN: 2}.get(op, "null" not in op)])
    return Filter(name=name, op=Op.IS_NOT_NULL)


_NUMBERS = {"n", "amount", *(name for name, _, kind in FIELDS if kind in ("integer", "number"))}


def is_number(world: World, metric: str) -> bool:
    """Only a bare min or max can be of something else."""
    expr = world.model.metrics[metric].expr.value
    if not expr.startswith(("min(", "max(")) or "-" in expr:
        return True
    field = expr[4:-1].rpartition(".")[2]
    return field in _NUMBERS or field.endswith(("id", "shop"))


def _window(draw: Draw) -> Window:
    days = st.sampled_from([day for day in DATES if isinstance(day, date)])
    start, end = sorted((draw(days), draw(days) + timedelta(days=draw(st.integers(0, 1)))))
    shape = draw(st.integers(0, 5))
    if start == end:
        end += timedelta(days=1)
    return Window(start=start if shape else None, end=end if shape != 1 else None, text="drawn")


def _order(draw: Draw, by: tuple[By, ...], metrics: tuple[str, ...]) -> tuple[Order, ...]:
    names = [*(f"{b.name}:{b.grain}" if b.grain else b.name for b in by), *metrics]
    chosen = draw(st.lists(st.sampled_from(names), max_size=2, unique=True)) if draw(st.booleans()) else []
    return tuple(Order(name=name, is_descending=draw(st.booleans())) for name in chosen)


def _row_filters(draw: Draw, world: World, shared: list[Seen]) -> RowFilters:
    """Mostly over what all facts of the question can reach; otherwise over anything."""
    if draw(st.integers(0, 5)) > 0:
        return ()
    groups = []
    for _ in range(draw(st.sampled_from((1, 1, 2)))):
        facts = [draw(st.sampled_from(list(world.model.datasets))) for _ in range(draw(st.integers(1, 2)))]
        groups.append([draw(predicates(shared or seen_from(world, fact))) for fact in facts])
    return only_rows(*groups)


def _listing(draw: Draw, world: World) -> Query:
    """No metric: the values of a dataset's fields."""
    dataset = draw(st.sampled_from(list(world.model.datasets)))
    own = [s for s in seen_from(world, dataset) if s.name.startswith(f"{dataset}.") and s.name.count(".") == 1]
    by = tuple(dict.fromkeys(_listed(draw, draw(st.sampled_from(own))) for _ in range(draw(st.integers(1, 2)))))
    where = [_filter(draw, draw(st.sampled_from(own))) for _ in range(draw(st.integers(0, 1)))]
    return Query(
        metrics=(),
        by=by,
        where=tuple(w for w in where if w is not None),
        order=_order(draw, by, ()),
        limit=draw(st.sampled_from((None, None, 2))),
    )


def _listed(draw: Draw, seen: Seen) -> By:
    return By(name=seen.name, grain=draw(st.sampled_from(DAY_GRAINS)) if seen.type in ("date", "timestamp") else None)
