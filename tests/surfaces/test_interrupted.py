"""A run that somebody ends: Ctrl-C, kill -9, a reader that leaves. The ledger tells it and proves."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import pytest

from loadline.app import open_app
from surfaces.terminal import Terminal, command, edit, surroundings

# A shell that starts this in the background ignores SIGINT for us; a person's terminal does not.
AT_A_TERMINAL = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from loadline.surfaces.cli import main
main(sys.argv[1:])
"""
AGAIN_AND_AGAIN = """
import sys
from loadline.surfaces.cli import run
while run(sys.argv[1:]) == 0:
    pass
"""


def recorded(shop: Path) -> int:
    with closing(sqlite3.connect(shop / ".loadline" / "ledger.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM entry").fetchone()[0])


@contextmanager
def started(shop: Path, program: str, *argv: str) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        command(*argv, program=program),
        cwd=shop,
        env=surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def wait_for(shop: Path, count: int, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while recorded(shop) < count:
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < until, "nothing was recorded"
        time.sleep(0.02)


@pytest.fixture
def endless(shop: Path) -> Path:
    """The shop over a view that counts for longer than anybody waits."""
    with duckdb.connect(str(shop / "data" / "endless.duckdb")) as database:
        database.execute("CREATE SCHEMA shop")
        database.execute(
            "CREATE VIEW shop.orders AS SELECT CAST(a.range AS VARCHAR) AS order_id, DATE '2026-09-01' AS ordered_on, "
            "CAST(b.range AS VARCHAR) AS region, 'open' AS status, CAST(hash(a.range + b.range) % 9 AS DECIMAL(12,2)) "
            "AS amount FROM range(10000000) AS a, range(10000000) AS b"
        )
    edit(shop / "loadline.yaml", "  files:\n    shop.orders: data/orders.csv", "  database: data/endless.duckdb")
    return shop


def test_an_interrupted_question_is_recorded_as_interrupted(endless: Path, loadline: Terminal) -> None:
    with started(endless, AT_A_TERMINAL, "ask", "--as", "local", "-m", "booked_revenue") as child:
        wait_for(endless, 2, child)
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert b"Traceback" not in err
    assert b"interrupted" in err
    with open_app(endless) as app:
        entries = list(app._open_reader().read_entries())
        assert [str(entry.kind) for entry in entries] == ["project", "intent", "outcome"]
        assert entries[1].payload["sql"]
        assert entries[2].payload["status"] == "interrupted"
        assert app.prove().size == 3
    assert loadline("ledger", "prove").code == 0


def test_a_question_that_takes_too_long_is_stopped(endless: Path, loadline: Terminal) -> None:
    edit(endless / "loadline.yaml", "  kind: duckdb", "  kind: duckdb\n  timeout_seconds: 1")
    said = loadline("ask", "-m", "booked_revenue")
    assert said.code == 3
    assert "error[WAR012]" in said.err
    assert loadline("ledger", "prove").code == 0


def test_a_ledger_proves_after_every_kill(shop: Path, loadline: Terminal) -> None:
    for _ in range(4):
        before = recorded(shop)
        with started(shop, AGAIN_AND_AGAIN, "ask", "--as", "local", "-m", "booked_revenue") as child:
            wait_for(shop, before + 5, child)
            child.kill()
        assert loadline("ledger", "prove").code == 0
    assert loadline("ask", "-m", "booked_revenue").code == 0


@pytest.mark.parametrize("more", [[], ["--format", "json"]])
def test_a_reader_may_leave(more: list[str], shop: Path) -> None:
    with (shop / "data" / "orders.csv").open("a", encoding="utf-8") as orders:
        orders.writelines(f"B-{number:06},2026-09-01,west,open,1.00\n" for number in range(20_000))
    read, write = os.pipe()
    child = subprocess.Popen(
        command("ask", "--as", "local", "-b", "orders.order_id", *more),
        cwd=shop,
        env=surroundings(),
        stdout=write,
        stderr=subprocess.PIPE,
    )
    os.close(write)
    if more:
        os.read(read, 10)
    os.close(read)
    _, err = child.communicate(timeout=60)
    assert (child.returncode, err) == (0, b"")
