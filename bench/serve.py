"""`loadline serve` under load, on this machine alone: 50 clients ask cached and uncached questions for a while.

Prints throughput, p50 and p99 of what a client waits, errors, and whether every answer has its intent and outcome in
the ledger; beside them the floor: the same SQL in DuckDB directly. Loopback only, bounded in time, ended by process id.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles

import duckdb
import httpx2

from loadline.app import init_project, open_app
from loadline.values.request import Written

CLIENTS = 50
UNCACHED_EVERY = 5
"""One question in so many is one that nobody asked before."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="loadline-bench-") as folder:
        company = Path(folder) / "company"
        init_project(company, is_demo=True)
        sql, files = _sql(company)
        port = _free_port()
        command = [str(Path(sys.executable).with_name("loadline")), "serve", "--no-keys", "--port", str(port)]
        with subprocess.Popen([*command, "-C", str(company)], stderr=subprocess.DEVNULL) as server:
            try:
                _wait(port, server)
                before = _entries(company)
                alone, floor, over = _alone(port, sql, files)
                taken, errors = asyncio.run(_load(port, wanted.clients, wanted.seconds))
            finally:
                server.terminate()
                server.wait(60)
        told = _told(company, before)
    print(
        f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {wanted.clients} clients, {wanted.seconds:g} s"
    )
    for name, times in taken.items():
        p99 = quantiles(times, n=100)[98] if len(times) > 1 else times[0]
        print(f"{name:9} {len(times):6,} answers, p50 {median(times) * 1000:7.1f} ms, p99 {p99 * 1000:7.1f} ms")
    count = sum(map(len, taken.values()))
    print(f"all       {count / wanted.seconds:8.1f} answers a second, {errors.total()} errors")
    for wrong, many in errors.most_common(5):
        print(f"  {many} x {wrong}")
    print(f"ledger    {told}")
    print(f"alone     p50 {alone:.1f} ms, one client and a cached plan; p50 {over:+.1f} ms over the floor (target 10)")
    print(f"floor     p50 {floor:.1f} ms: the same SQL in DuckDB over the same files, by turns with the client")


def _sql(company: Path) -> tuple[str, dict[str, Path]]:
    with open_app(company) as app:
        answer = app.ask_written(Written(**_parts(0)), principal=app.principal())  # type: ignore[arg-type]
        files = {name: company / file for name, file in app.project.warehouse.files.items()}
        return str(answer.receipt.sql), files


def _parts(n: int) -> dict[str, object]:
    """Question 0 is always the same; any other is of other days."""
    year, day = 2025 - (n // 300) % 2, n % 300
    first = f"{year}-{day % 12 + 1:02}-{day % 25 + 1:02}"
    during = f"{first}..{year}-12-{28 + n % 4}"
    return {"metrics": ("booked_revenue",), "by": ("customers.region",), "during": during if n else "2025"}


def _alone(port: int, sql: str, files: dict[str, Path]) -> tuple[float, float, float]:
    """Milliseconds, medians: what a single client waits for a cached question, what the same SQL takes in DuckDB, and
    how much more the one is than the other was a moment before. By turns, because a shared machine is now slow and now
    quick; and by a client that does next to nothing itself, because what a client costs is not what the server does."""
    waited, taken = [], []
    body, headers = json.dumps(_body(0)), {"Content-Type": "application/json"}
    http = HTTPConnection("127.0.0.1", port, timeout=60)
    with duckdb.connect() as engine:
        _open_files(engine, files)
        for _ in range(110):
            began = time.perf_counter()
            engine.execute(sql).fetchall()
            taken.append((time.perf_counter() - began) * 1000)
            began = time.perf_counter()
            http.request("POST", "/v1/ask", body, headers)
            reply = http.getresponse()
            text = reply.read()
            waited.append((time.perf_counter() - began) * 1000)
            if reply.status != HTTPStatus.OK:
                raise SystemExit(f"{reply.status} {text[:300]!r}")
    http.close()
    waited, taken = waited[10:], taken[10:]
    return median(waited), median(taken), median(one - other for one, other in zip(waited, taken, strict=True))


async def _load(port: int, clients: int, seconds: float) -> tuple[dict[str, list[float]], Counter[str]]:
    taken: dict[str, list[float]] = {"cached": [], "uncached": []}
    errors: Counter[str] = Counter()
    asked = 0
    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits) as http:
        await http.post("/v1/ask", json=_body(0))
        end = time.perf_counter() + seconds

        async def client() -> None:
            nonlocal asked
            while time.perf_counter() < end:
                asked += 1
                n = asked if asked % UNCACHED_EVERY == 0 else 0
                began = time.perf_counter()
                try:
                    wrong = _wrong(await http.post("/v1/ask", json=_body(n)))
                except httpx2.HTTPError as error:
                    wrong = repr(error)
                if wrong:
                    errors[f"question {n}: {wrong}"] += 1
                else:
                    taken["uncached" if n else "cached"].append(time.perf_counter() - began)

        await asyncio.gather(*(client() for _ in range(clients)))
    return taken, errors


def _wrong(reply: httpx2.Response) -> str:
    if reply.status_code == 200 and reply.json()["status"] in {"verified", "unverified"}:
        return ""
    return f"{reply.status_code} {reply.text[:300]}"


def _body(n: int) -> dict[str, object]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in _parts(n).items()}


def _told(company: Path, before: int) -> str:
    """Whether each intent of the load has its outcome."""
    kinds: dict[str, set[str]] = {}
    with open_app(company) as app:
        proven = app.prove()
        for entry in app._open_reader().read_entries(before):  # noqa: SLF001 - a look at all of it
            kinds.setdefault(entry.run, set()).add(str(entry.kind))
    runs = [found for found in kinds.values() if "intent" in found]
    lost = sum("outcome" not in found for found in runs)
    return f"{len(runs):,} intents, {lost} without an outcome; {proven.size:,} entries prove"


def _entries(company: Path) -> int:
    with open_app(company) as app:
        newest = app._open_reader().read_checkpoint()  # noqa: SLF001 - as above
        return newest.size if newest else 0


def _open_files(engine: duckdb.DuckDBPyConnection, files: dict[str, Path]) -> None:
    engine.execute("SET TimeZone = 'Europe/Berlin'")
    for relation, path in files.items():
        if path.suffix not in {".parquet", ".csv"}:
            continue  # the question reads none of them
        engine.execute(f"CREATE SCHEMA IF NOT EXISTS {relation.partition('.')[0]}")
        engine.execute(f"CREATE VIEW {relation} AS SELECT * FROM '{path}'")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            httpx2.get(f"http://127.0.0.1:{port}/healthz")
        except httpx2.TransportError:
            if server.poll() is not None:
                raise SystemExit("the server ended") from None
            time.sleep(0.1)
        else:
            return
    raise SystemExit("nobody listens")


if __name__ == "__main__":
    main()
