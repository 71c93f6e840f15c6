"""The compiler against the oracle, over generated worlds; and laws that hold whatever the oracle says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from loadline.errors import RequestError
from loadline.values.query import By, Query
from semantics.oracle import Oracle, RowFilters
from semantics.oracle_models import seen_from, worlds
from semantics.oracle_paths import Refused
from semantics.oracle_questions import Asked, questions
from semantics.oracle_rows import Key, in_order, position_of
from semantics.oracle_time import DAY_GRAINS
from semantics.oracle_world import World, difference, same_row, same_value

QUESTIONS_PER_WORLD = 6

Run = Callable[[Query, RowFilters], list[Key]]

thorough = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def verdict(world: World, run: Run, asked: Asked) -> str:
    """`answered` or `refused` where the two agree; otherwise the question is printed and the test fails."""
    try:
        expected = world.expected(asked.query, asked.row_filters)
    except Refused as refusal:
        try:
            got = run(asked.query, asked.row_filters)
        except RequestError:
            return "refused"
        raise AssertionError(f"the oracle refuses ({refusal}), the compiler says {got}") from None
    try:
        got = run(asked.query, asked.row_filters)
    except RequestError as refusal:
        raise AssertionError(f"the compiler refuses ({refusal}), the oracle says {expected}") from refusal
    wrong = difference(got, expected)
    assert wrong is None or is_a_tie_but_for_rounding(world, asked, got, expected), wrong
    return "answered"


def is_a_tie_but_for_rounding(world: World, asked: Asked, got: list[Key], expected: list[Key]) -> bool:
    """A third of a hundred, three times, is 99.99999999999999 to the engine, so what ties for us may not for it.
    Then the rows must be right, in the order of their own values, and in ours by the first thing asked for."""
    first = [position_of(asked.query, order.name) for order in asked.query.order[:1]]
    free = Oracle(world.model, {t.name: t.records() for t in world.tables}, asked.row_filters).answer(
        dataclasses.replace(asked.query, limit=None)
    )
    found = [next((full for full in free if same_row(row, full)), None) for row in got]
    is_ordered = in_order(got, asked.query) == got
    is_ordered &= all(same_value(a[at], b[at]) for a, b in zip(got, expected, strict=False) for at in first)
    return is_ordered and None not in found and len(got) == len(expected) == len(set(got))


def described(world: World, asked: Asked | None = None) -> str:
    lines = [f"calendar {world.model.calendar}"]
    for table in world.tables:
        lines.append(f"{table.name} key={table.key} time={table.time} fields={table.fields}")
        lines += [f"    {row}" for row in table.records()]
    lines += [
        f"join {r.source}.{r.source_columns} -> {r.target}.{r.target_columns} as {r.role}"
        for r in world.model.relationships
    ]
    lines += [
        f"metric {m.name} = {m.expr.value} where {m.where and m.where.value} time {m.time and m.time.value}"
        for m in world.model.metrics.values()
    ]
    if asked is not None:
        lines += [f"ask {asked.query}", f"rows {[[f.expr.value for f in group] for group in asked.row_filters]}"]
    return "\n".join(lines)


@thorough
@given(st.data())
def test_the_compiler_answers_as_the_oracle_does_or_both_refuse(data: st.DataObject) -> None:
    world = data.draw(worlds())
    with world.opened(data.draw(st.sampled_from(("UTC", "Asia/Tokyo")))) as run:
        for _ in range(QUESTIONS_PER_WORLD):
            asked = data.draw(questions(world))
            note(described(world, asked))
            verdict(world, run, asked)


@thorough
@given(st.data())
def test_the_parts_of_a_sum_are_the_whole_whatever_it_is_broken_down_by(data: st.DataObject) -> None:
    world = data.draw(worlds())
    facts = list(world.model.datasets)
    fact = data.draw(st.sampled_from(facts))
    world = World(
        *world.tables,
        joins=[],
        metrics={"total": f"sum({fact}.amount)", "rows": f"count({fact})"},
        calendar=world.model.calendar,
    ).joined(world.model.relationships)
    by = data.draw(st.lists(st.sampled_from(seen_from(world, fact)), min_size=1, max_size=2, unique=True))
    dimensions = tuple(
        By(name=s.name, grain=data.draw(st.sampled_from(DAY_GRAINS)) if s.type in ("date", "timestamp") else None)
        for s in by
    )
    note(described(world))
    with world.opened() as run:
        whole = Query(metrics=("total", "rows"))
        ((total, rows),) = run(whole, ())
        for taken in (dimensions[:1], dimensions):
            parts = run(dataclasses.replace(whole, by=taken), ())
            amounts = [Decimal(str(part[-2])) for part in parts if part[-2] is not None]
            assert same_value(sum(amounts, Decimal(0)) if amounts else None, total), (taken, parts, total)
            assert sum(int(str(part[-1])) for part in parts) == rows, (taken, parts, rows)


@thorough
@given(st.data())
def test_a_filter_twice_is_a_filter_once(data: st.DataObject) -> None:
    world = data.draw(worlds())
    asked = data.draw(questions(world))
    note(described(world, asked))
    twice = dataclasses.replace(asked.query, where=asked.query.where * 2)
    with world.opened() as run:
        try:
            once = run(asked.query, asked.row_filters)
        except RequestError:
            return
        assert run(twice, asked.row_filters * 2) == once


@thorough
@given(st.data())
def test_a_metric_is_the_same_alone_and_in_company(data: st.DataObject) -> None:
    """Groups that only another metric has show it as absent: NULL, or a count of nothing."""
    world = data.draw(worlds())
    asked = data.draw(questions(world))
    query = dataclasses.replace(asked.query, where=(), order=(), limit=None)
    note(described(world, Asked(query, asked.row_filters)))
    with world.opened() as run:
        try:
            together = run(query, asked.row_filters)
        except RequestError:
            return
        for at, metric in enumerate(query.metrics):
            alone = run(dataclasses.replace(query, metrics=(metric,)), asked.row_filters)
            width = len(query.by)
            here = {row[:width]: row[width + at] for row in together}
            assert all(same_value(here[row[:width]], row[width]) for row in alone), (metric, alone, together)
            absent = Oracle(world.model, {name: [] for name in world.model.datasets}).expected_of_nothing(metric)
            known = {row[:width] for row in alone}
            for key, value in here.items():
                assert key in known or same_value(value, absent), (metric, key, value, alone)
