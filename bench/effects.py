"""What it costs to know an effect: `python bench/effects.py [--json]`, on a PostgreSQL that it starts itself.

`bare` is a DELETE of 1,000 rows by key and its commit, over a plain connection, on a table without triggers; `through the
gate` is the same statement performed by the target: begun, run, its effect found out, compared, kept for an undo,
committed. `more` is how much longer that takes, as a multiple of the bare one: it is meant to stay at or below 2. Bare
and gate take turns, so what disturbs the machine disturbs both. The server does not wait for its disk (`fsync` off),
which makes the bare statement as cheap as it can be. `cascading` is a DELETE of 100 rows that takes 900 others with it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import psycopg

from adapters.tools.targets.postgres_site import PostgresSite
from loadline.values.effect import Approved, Exceeded, TableBound, Write, WriteBound
from postgres_server import start_server

ROUNDS = 60
ROWS = 1_000
COLUMNS = (
    "id integer PRIMARY KEY, customer_id integer, name text, amount numeric(12, 2), at timestamptz, "
    "note text, is_paid boolean"
)
FILL = (
    "SELECT n, n % 977, 'name of ' || n, n * 1.01, timestamptz '2025-01-01' + n * interval '1 minute', "
    "repeat('note ', 8), n % 2 = 0 FROM generate_series(1, {rows}) n"
)
ALL = Approved(
    bound=WriteBound(
        tables=tuple(TableBound(table=f"public.{name}", deleted=ROWS) for name in ("watched", "heads", "lines"))
    )
)


def tables() -> list[str]:
    rows = FILL.format(rows=ROWS * (ROUNDS + 5))
    made = []
    for name in ("plain", "watched"):
        made += [f"CREATE TABLE {name} ({COLUMNS})", f"INSERT INTO {name} {rows}"]
    for head, line in (("plain_heads", "plain_lines"), ("heads", "lines")):
        made += [
            f"CREATE TABLE {head} (id integer PRIMARY KEY, name text)",
            f"CREATE TABLE {line} (id integer PRIMARY KEY, head_id integer REFERENCES {head} ON DELETE CASCADE, name text)",
            f"INSERT INTO {head} SELECT n, 'head ' || n FROM generate_series(1, {100 * (ROUNDS + 5)}) n",
            f"INSERT INTO {line} SELECT n, 1 + n / 9, 'line ' || n FROM generate_series(1, {900 * (ROUNDS + 5)} - 1) n",
            f"CREATE INDEX ON {line} (head_id)",
        ]
    return made


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    found = act()
    seconds = time.perf_counter() - began
    if isinstance(found, Exceeded):
        raise TypeError(f"the benchmark's own write was refused: {found.why}")
    return seconds * 1000


def measured() -> dict[str, float]:
    server = start_server()
    site = PostgresSite(server=server)
    try:
        target = site.open(tables())
        site.run(*(f"DROP TRIGGER loadline_capture_{verb} ON {table}" for verb in ("insert", "update", "delete")
                   for table in ("plain", "plain_heads", "plain_lines")), "VACUUM ANALYZE")  # fmt: skip
        with site.connect() as connection:
            return _rounds(connection, target.measure, target.perform)
    finally:
        site.close()
        server.stop()


def _rounds(
    connection: psycopg.Connection[tuple[object, ...]], measure: Callable[..., object], perform: Callable[..., object]
) -> dict[str, float]:
    took: dict[str, list[float]] = {}
    for number in range(ROUNDS + 5):
        for label, plain, watched, size in (
            ("", "plain", "watched", ROWS),
            ("cascading: ", "plain_heads", "heads", 100),
        ):
            low, high = number * size + 1, (number + 1) * size
            bare = f"DELETE FROM {plain} WHERE id BETWEEN {low} AND {high}"
            change = Write(
                target="suite", sql=f"DELETE FROM {watched} WHERE id BETWEEN $1 AND $2", parameters=(low, high)
            )
            marker = f"{label}{number}"
            found = {
                "bare": timed(lambda bare=bare: connection.execute(bare.encode())),
                "dry run": timed(lambda change=change: measure(change)),
                "through the gate": timed(
                    lambda change=change, marker=marker: perform(change, approved=ALL, marker=marker)
                ),
            }
            if number >= 5:  # the first ones warm the caches of both
                for name, value in found.items():
                    took.setdefault(f"{label}{name}", []).append(value)
    lines = {f"{name}, ms p50": median(values) for name, values in took.items()}
    for label in ("", "cascading: "):
        bare = median(took[f"{label}bare"])
        lines[f"{label}more, × bare"] = median(took[f"{label}through the gate"]) / bare - 1
    return lines


if __name__ == "__main__":
    lines = measured()
    if "--json" in sys.argv:
        print(json.dumps(lines, ensure_ascii=False))
    else:
        print("\n".join(f"{name:<36} {value:>10,.2f}" for name, value in lines.items()))
