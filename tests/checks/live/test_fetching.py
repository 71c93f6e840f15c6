"""Rows that are fetched as they are counted, where an engine stores rows whole: they say what counting says."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.live.engines import Engine, Values, on_postgres, subject
from checks.live.planned import NOW, said
from checks.live.test_planner import EVERY, OTHERS, ROWS, Row, shaped
from checks.live.test_promises import shape_key
from loadline.checks import data
from loadline.checks.data import fetching, primitives
from loadline.values.contract import ContractTable

psycopg = pytest.importorskip("psycopg")
BY_COUNTING = {**primitives.DIALECTS, "postgres": replace(primitives.DIALECTS["postgres"], is_by_row=False)}


def filled(connection: Any, shape: ContractTable, rows: Sequence[Row], *, gap: bool = False) -> Engine:
    numbers = [(k,) for k in range(-1, 5) if k != 2 or not gap]
    values: list[Values] = [rows, [("a",), ("ß",), (None,)], numbers]
    held = dict(zip(map(shape_key, (shape, *OTHERS)), values, strict=True))
    return on_postgres(connection, held)


def looked(engine: Engine, shape: ContractTable) -> dict[str, object]:
    of = subject(shape)
    setting = data.Setting(dialect="postgres", now=NOW, zone="Europe/Berlin", version="v")
    engine.asked.clear()
    return said(engine.look(of, (of, *EVERY), setting))


def sound(many: int) -> list[Row]:
    return [(at, 1, None, 1.0, None, None, "a") for at in range(many)]


@pytest.mark.parametrize("most", [0, 2, 5_000])
def test_rows_fetched_as_they_are_counted_say_what_counting_says(postgres_url: str, most: int) -> None:
    @given(
        rows=st.lists(ROWS, max_size=12),
        ways=st.tuples(st.integers(-2, 2), st.booleans(), st.booleans()),
        where=st.sampled_from([None, "id > 3 OR n IS NULL"]),
    )
    @settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    def holds(rows: list[Row], ways: tuple[int, bool, bool], where: str | None) -> None:
        low, is_exclusive, has_gap = ways
        shape = shaped(low, exclusive=is_exclusive, where=where)
        finite = [(*row[:3], None if row[3] == float("inf") else row[3], *row[4:]) for row in rows]
        with closing(psycopg.connect(postgres_url)) as connection, pytest.MonkeyPatch.context() as patched:
            engine = filled(connection, shape, finite, gap=has_gap)
            patched.setattr(fetching, "WORTH_DENSE", 0)
            patched.setattr(fetching, "MOST_GATHERED", most)
            fetched = looked(engine, shape)
            patched.setattr(primitives, "DIALECTS", BY_COUNTING)
            assert fetched == looked(engine, shape)

    holds()


def test_a_broken_promise_costs_no_second_scan_for_its_rows(postgres_url: str) -> None:
    shape = shaped(0)
    with closing(psycopg.connect(postgres_url)) as connection:
        looked(engine := filled(connection, shape, sound(5)), shape)
        kept = len(engine.asked)
        broken = [*sound(5), (9, -1, None, 9.0, None, None, "a"), (10, 4, None, 1.0, None, None, "long")]
        looked(engine := filled(connection, shape, broken), shape)
    apart = [sql for sql in engine.asked if "loadline_b" in sql or "loadline_is" in sql]
    assert apart
    assert all("COUNT(" in sql for sql in apart), "rows come beside their number"
    assert len(engine.asked) <= kept + 1, "one more: what all rows are like"


def test_a_reference_added_with_its_key_while_we_look_is_not_called_lost(postgres_url: str) -> None:
    """Ends of keys and rows that lie outside them are of one moment."""
    shape = shaped(0)
    with closing(psycopg.connect(postgres_url)) as connection, pytest.MonkeyPatch.context() as patched:
        patched.setattr(fetching, "WORTH_DENSE", 0)
        engine = filled(connection, shape, sound(3))
        run = engine.run

        def runs_and_grows(sql: str) -> Any:
            said = run(sql)
            last = int(str(run("SELECT MAX(k) FROM numbers")[1][0][0]))
            connection.execute(f"INSERT INTO numbers VALUES ({last + 1})".encode())
            connection.execute(f"INSERT INTO t (id, n, f, s) VALUES ({last + 100}, {last + 1}, 1, 'a')".encode())
            return said

        seen = looked(replace(engine, run=runs_and_grows), shape)
    assert any("loadline_ends" in sql for sql in engine.asked)
    assert seen["t.n: reference"][0] == "kept", seen["t.n: reference"]  # type: ignore[index]
