"""What it costs to know an effect: `python bench/effects.py [--json]`, on a PostgreSQL that it starts itself.

`bare` is a DELETE of 1,000 rows by key and its commit, over a plain connection, on a table without triggers; `gate` is
the same statement performed by the target: begun, run, its effect found out, compared, kept for an undo, committed.
`more` is how much longer that takes, as a multiple of the bare one. Bare and gate take turns, so what disturbs the
machine disturbs both. The server waits for its disk, as one does that is not there for tests. `cascading` is a DELETE
of 100 rows that takes 900 others with it. `same rows` is the first again, approved for the very rows that were
measured, which takes a digest of them. `cpu` is what all of it takes of a processor, server and client, where the
kernel tells: it does not depend on the disk, nor much on who else is at work.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import psycopg

from adapters.tools.targets.postgres_site import PostgresSite
from loadline.flow.ports import Target
from loadline.values.effect import Approved, Exceeded, TableBound, Write, WriteBound, WriteEffect
from postgres_server import start_server

ROUNDS = 60
WARM = 5  # the first ones fill the caches of both
ROWS = 1_000
COLUMNS = (
    "id integer PRIMARY KEY, customer_id integer, name text, amount numeric(12, 2), at timestamptz, "
    "note text, is_paid boolean"
)
FILL = (
    "SELECT n, n % 977, 'name of ' || n, n * 1.01, timestamptz '2025-01-01' + n * interval '1 minute', "
    "repeat('note ', 8), n % 2 = 0 FROM generate_series(1, {rows}) n"
)
LINE = "id integer PRIMARY KEY, head_id integer REFERENCES {head} ON DELETE CASCADE, name text"
LINES = "SELECT n, 1 + n / 9, 'line ' || n FROM generate_series(1, {rows} - 1) n"
TABLES = (
    ("", "plain", "watched", ROWS),
    ("cascading ", "plain_heads", "heads", 100),
    ("same rows ", "plain_again", "again", ROWS),
)
ALL = Approved(
    bound=WriteBound(
        tables=tuple(
            TableBound(table=f"public.{name}", deleted=ROWS) for name in ("watched", "heads", "lines", "again")
        )
    )
)


def tables() -> list[str]:
    rows = FILL.format(rows=ROWS * (ROUNDS + WARM))
    made = []
    for name in ("plain", "watched", "plain_again", "again"):
        made += [f"CREATE TABLE {name} ({COLUMNS})", f"INSERT INTO {name} {rows}"]
    for head, line in (("plain_heads", "plain_lines"), ("heads", "lines")):
        made += [
            f"CREATE TABLE {head} (id integer PRIMARY KEY, name text)",
            f"CREATE TABLE {line} ({LINE.format(head=head)})",
            f"INSERT INTO {head} SELECT n, 'head ' || n FROM generate_series(1, {100 * (ROUNDS + WARM)}) n",
            f"INSERT INTO {line} {LINES.format(rows=900 * (ROUNDS + WARM))}",
            f"CREATE INDEX ON {line} (head_id)",
        ]
    return made


def measured() -> dict[str, float]:
    server = start_server()
    site = PostgresSite(server=server)
    try:
        target = site.open(tables())
        site.run(
            *(
                f"DROP TRIGGER loadline_capture_{verb} ON {table}"
                for verb in ("insert", "update", "delete")
                for table in ("plain", "plain_heads", "plain_lines", "plain_again")
            ),
            "VACUUM ANALYZE",
            *(f"ALTER SYSTEM SET {name} = on" for name in ("fsync", "full_page_writes", "synchronous_commit")),
            "SELECT pg_reload_conf()",
        )
        with site.connect() as connection:
            return _rounds(Watch(connection), target)
    finally:
        site.close()
        server.stop()


class Watch:
    """Milliseconds on the wall, and of processors: ours, and that of every server process of the benchmark's login."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self.connection = connection
        self.wall: dict[str, list[float]] = {}
        self.cpu: dict[str, list[float]] = {}

    def time(self, name: str, act: Callable[[], object], *, is_kept: bool) -> object:
        pids = self._pids()
        cpu, began = _spent(pids), time.perf_counter()
        found = act()
        wall, cpu = time.perf_counter() - began, _spent(pids) - cpu
        if isinstance(found, Exceeded):
            raise TypeError(f"the benchmark's own write was refused: {found.why}")
        if is_kept:
            self.wall.setdefault(name, []).append(wall * 1000)
            self.cpu.setdefault(name, []).append(cpu * 1000)
        return found

    def _pids(self) -> tuple[int, ...]:
        found = self.connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return tuple(int(str(pid)) for (pid,) in found.fetchall())


def _spent(pids: tuple[int, ...]) -> float:
    told = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return time.process_time() + sum(int(each.read_text().split()[0]) / 1e9 for each in told if each.exists())


def _rounds(watch: Watch, target: Target) -> dict[str, float]:
    for number in range(ROUNDS + WARM):
        for label, plain, watched, size in TABLES:
            low, high = number * size + 1, (number + 1) * size
            bare = f"DELETE FROM {plain} WHERE id BETWEEN {low} AND {high}".encode()
            sql = f"DELETE FROM {watched} WHERE id BETWEEN $1 AND $2"
            change = Write(target="suite", sql=sql, parameters=(low, high))
            marker, is_kept = f"{label}{number}", number >= WARM
            watch.time(f"{label}bare", partial(watch.connection.execute, bare), is_kept=is_kept)
            measured = watch.time(f"{label}dry run", partial(target.measure, change), is_kept=is_kept)
            effect = measured if label == "same rows " and isinstance(measured, WriteEffect) else None
            approved = Approved(bound=ALL.bound, effect=effect)
            perform = partial(target.perform, change, approved=approved, marker=marker)
            watch.time(f"{label}gate", perform, is_kept=is_kept)
    lines = {f"{name}: wall, ms p50": median(values) for name, values in watch.wall.items()}
    lines |= {f"{name}: cpu, ms p50": median(values) for name, values in watch.cpu.items()}
    for label, *_ in TABLES:
        for kind, took in (("wall", watch.wall), ("cpu", watch.cpu)):
            lines[f"{label}more: {kind}, times bare"] = median(took[f"{label}gate"]) / median(took[f"{label}bare"]) - 1
    return lines


if __name__ == "__main__":
    lines = measured()
    if "--json" in sys.argv:
        print(json.dumps(lines, ensure_ascii=False))
    else:
        print("\n".join(f"{name:<36} {value:>10,.2f}" for name, value in lines.items()))
