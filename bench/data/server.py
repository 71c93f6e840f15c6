"""Rows in; what looking at them costs a PostgreSQL that this starts itself, and by hand beside it, out."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "tests"))

import duckdb
import peers
import psycopg
from making import COLUMNS, CONTEXT, CONTRACT, CUSTOMERS, SCATTERED, make

from postgres_server import Server, start_server

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
MANIFEST = """
name: bench
warehouse: {kind: postgres, url: env:BENCH_URL, timeout_seconds: 600}
owners: {sales: {title: Sales}}
people: {local: {roles: [analyst]}}
"""
TYPES = {
    "order_id": "bigint", "customer_id": "bigint", "ordered_on": "date", "amount_cents": "integer",
    "quantity": "integer", "discount_percent": "integer", "weight_kg": "double precision",
}  # fmt: skip
HAND = """SELECT {nulls}, count(*) FILTER (WHERE ordered_on < DATE '2024-01-01'),
    count(*) FILTER (WHERE amount_cents NOT BETWEEN 0 AND 500000),
    count(*) FILTER (WHERE quantity NOT BETWEEN 1 AND 20),
    count(*) FILTER (WHERE discount_percent NOT BETWEEN 0 AND 90), count(*) FILTER (WHERE weight_kg < 0),
    count(*) FILTER (WHERE status NOT IN ('open', 'paid', 'sent', 'returned')),
    count(*) FILTER (WHERE channel NOT IN ('web', 'shop', 'phone')),
    count(*) FILTER (WHERE country NOT IN ('DE', 'FR', 'NL', 'PL', 'ES', 'IT')),
    count(*) FILTER (WHERE postcode !~ '^[0-9]{{5}}$'), count(*) FILTER (WHERE product !~ '^SKU-[0-9]{{4}}$'),
    count(*), max(ordered_on) FROM sales.orders"""
LOST = """SELECT count(*) FROM sales.orders o WHERE customer_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM sales.customers c WHERE c.customer_id = o.customer_id)"""


def measured(rows: int, cache: Path | None) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    """CPU seconds of the server's processes, wall seconds as the client sees them; and why other tools take no part,
    which are looked for in `cache`, if that is given."""
    server = start_server()
    try:
        with tempfile.TemporaryDirectory(prefix="loadline-bench-") as scratch:
            root = Path(scratch) / "project"
            root.mkdir()
            _made(server.url(), root, rows)
            _project(root)
            found = {"by hand": _around(server, lambda: _by_hand(server))}
            for name in ("loadline", "loadline, again"):
                found[name] = _around(server, lambda: _loadline(server, root))
            others, absent = _others(server, root, cache) if cache is not None else ({}, {})
            return {**found, **others}, absent
    finally:
        server.stop()


def _others(server: Server, root: Path, cache: Path) -> tuple[dict[str, dict[str, float]], dict[str, str]]:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE ROLE peer LOGIN PASSWORD 'loopback'")
        connection.execute("GRANT USAGE ON SCHEMA sales TO peer; GRANT SELECT ON ALL TABLES IN SCHEMA sales TO peer")
        connection.execute("ALTER ROLE peer SET search_path = sales; GRANT CREATE ON SCHEMA sales TO peer")
    address = server.tcp_url("postgres", user="peer", password="loopback")  # noqa: S106 - of a server of our own
    found: dict[str, dict[str, float]] = {}
    absent: dict[str, str] = {}
    for peer in (one for one in peers.PEERS if one.has_postgres):
        try:
            peers.environment(peer, cache)  # so that its making is not measured
            found[peer.name] = _around(server, lambda peer=peer: peers.on_postgres(peer, cache, root, address))
        except peers.AbsentError as why:
            absent[f"{peer.name} (PostgreSQL)"] = str(why)
    return found, absent


def _made(url: str, root: Path, rows: int) -> None:
    """In a process of its own: one that is started later would be said to need as much memory as this once did."""
    child = multiprocessing.get_context("spawn").Process(target=_load, args=(url, root, rows))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"the tables could not be filled: {child.exitcode}")


def _load(url: str, root: Path, rows: int) -> None:
    make(root, rows, SCATTERED)
    with psycopg.connect(url, autocommit=True) as connection:
        typed = ", ".join(f"{name} {TYPES.get(name, 'text')}" for name in COLUMNS)
        connection.execute(f"CREATE SCHEMA sales; CREATE TABLE sales.orders ({typed})".encode())
        connection.execute("CREATE TABLE sales.customers (customer_id bigint PRIMARY KEY)")
        for name, pattern in (("orders", "orders/*"), ("customers", "customers")):
            copied = root / f"{name}.csv"
            duckdb.connect().execute(
                f"COPY (FROM '{root}/data/{pattern}.parquet') TO '{copied}' (FORMAT csv, HEADER false)"
            )
            with connection.cursor().copy(f"COPY sales.{name} FROM STDIN (FORMAT csv)".encode()) as copy:
                copy.write(copied.read_bytes())
        connection.execute("VACUUM ANALYZE")


def _project(root: Path) -> None:
    (root / "loadline.yaml").write_text(MANIFEST, "utf-8")
    for folder, text in (("context", CONTEXT), ("contracts/orders", CONTRACT), ("contracts/customers", CUSTOMERS)):
        path = root / (f"{folder}.yaml" if "/" in folder else f"{folder}/all.yaml")
        path.write_text(text, "utf-8")


def _by_hand(server: Server) -> dict[str, float]:
    nulls = ", ".join(f"count(*) - count({name})" for name in COLUMNS)
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(HAND.format(nulls=nulls).encode()).fetchone() or ()
        key = connection.execute("SELECT count(order_id) - count(DISTINCT order_id) FROM sales.orders").fetchone()
        lost = connection.execute(LOST).fetchone()
    return {"found": sum(map(int, row[:22])) + (key or (0,))[0] + (lost or (0,))[0]}


def _loadline(server: Server, root: Path) -> dict[str, float]:
    command = [sys.executable, str(HERE / "ways.py"), "loadline", str(root)]
    environment = {**os.environ, "BENCH_URL": server.url()}
    done = subprocess.run(command, capture_output=True, check=False, text=True, env=environment)
    if done.returncode != 0:
        raise SystemExit(f"loadline failed:\n{done.stderr}")
    said = json.loads(done.stdout.splitlines()[-1])
    return {"found": said["found"], "wall s": said["wall s"], "client CPU s": said["CPU s"], "peak MB": said["peak MB"]}


def _around(server: Server, work: object) -> dict[str, float]:
    before, began = _server_cpu(server), time.perf_counter()
    said = work()  # type: ignore[operator]
    wall = time.perf_counter() - began
    time.sleep(0.5)  # sessions that were closed have ended, and are counted with their parent
    return {"server CPU s": round(_server_cpu(server) - before, 2), "wall s": round(wall, 2), **said}


def _server_cpu(server: Server) -> float:
    """Of the postmaster, its children that are gone, and those that are not."""
    found = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, fields = stat.parent.name, stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(name) == server.process.pid:
            found += sum(map(int, fields[11:15]))
        elif int(fields[1]) == server.process.pid:
            found += sum(map(int, fields[11:13]))
    return found / TICKS
