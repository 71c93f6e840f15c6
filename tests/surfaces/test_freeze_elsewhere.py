"""A freeze said in one process stops what runs in another: a statement in its database, and a call."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from surfaces.terminal import Terminal, command, edit, surroundings

ENDLESS = (
    "UPDATE orders SET status = (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000000000) "
    "SELECT max(x) FROM c) WHERE order_id = :order_id"
)
ACTIONS = f"""
actions:
  count: {{sql: "{ENDLESS}", target: crm, arguments: {{order_id: integer}}, effect: write, timeout_seconds: 300}}
  sleep: {{python: "slow:sleep", arguments: {{seconds: integer}}, effect: call, timeout_seconds: 300}}
"""
RULES = """
rules:
  - {name: bots-act, permit: act, who: {agents: ["*"]}, on: {actions: [count, sleep]}}
"""
SLOW = """
import pathlib, time
def sleep(seconds):
    pathlib.Path("started").touch()
    time.sleep(seconds)
"""
LONGEST = 25  # seconds: far below what either would take by itself


@pytest.fixture
def crm(shop: Path) -> Path:
    edit(shop / "loadline.yaml", "people:", "people:\n  carl: {roles: [lead]}")
    with (shop / "loadline.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("targets:\n  crm: {kind: sqlite, database: data/crm.db, timeout_seconds: 300}\n")
    (shop / "actions").mkdir()
    (shop / "actions/a.yaml").write_text(ACTIONS, encoding="utf-8")
    (shop / "policies/act.yaml").write_text(RULES, encoding="utf-8")
    (shop / "slow.py").write_text(SLOW, encoding="utf-8")
    database = sqlite3.connect(shop / "data/crm.db")
    with database:
        database.execute("CREATE TABLE orders (order_id INTEGER PRIMARY KEY, status TEXT)")
        database.execute("INSERT INTO orders VALUES (5, 'open')")
    database.close()
    return shop / "data/crm.db"


def started(shop: Path, *argv: str) -> subprocess.Popen[bytes]:
    whole = command("act", *argv, "--as", "bot", "--format", "json", "--for", "carl")
    return subprocess.Popen(whole, cwd=shop, env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    try:
        out, err = process.communicate(timeout=LONGEST)
    finally:
        process.kill()
    return process.returncode, (out + err).decode()


def is_written(path: Path) -> bool:
    """Whether another process is in the middle of a write."""
    database = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        database.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        database.close()
    return False


def test_a_statement_that_runs_elsewhere_is_stopped(crm: Path, shop: Path, loadline: Terminal) -> None:
    process = started(shop, "count", "--arg", "order_id=5")
    deadline = time.monotonic() + LONGEST
    while not is_written(crm) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    assert loadline("freeze", "--all", "--because", "incident", "--as", "carl").code == 0
    code, said = ended(process)
    assert code == 1, said
    assert '"status": "stopped"' in said
    database = sqlite3.connect(crm)
    assert database.execute("SELECT status FROM orders").fetchall() == [("open",)]
    database.close()


def test_a_call_that_runs_elsewhere_is_not_waited_for_and_never_taken_for_done(
    crm: Path, shop: Path, loadline: Terminal
) -> None:
    process = started(shop, "sleep", "--arg", "seconds=120")
    deadline = time.monotonic() + LONGEST
    while not (shop / "started").exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    assert loadline("freeze", "--agent", "bot", "--because", "incident", "--as", "carl").code == 0
    code, said = ended(process)
    assert code == 3, said
    assert '"status": "unknown"' in said
    assert "ACT105" in said  # and why nobody waited for it
    again = loadline("act", "sleep", "--arg", "seconds=1", "--as", "bot", "--for", "carl")
    assert (again.code, "stopped" in again.out) == (1, True)
