"""When the outside does not do its part: the right exit code, a diagnostic with its mend, nothing half-written."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loadline.adapters.stores.sqlite import open_store
from loadline.app import open_app
from surfaces.terminal import MAIN, Said, Terminal, child, edit, refused_with

ASK = ("ask", "--as", "local", "--metric", "booked_revenue")
HOLD_LEDGER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
HOLD_DATABASE = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
connection.execute("CREATE TABLE IF NOT EXISTS mine (x INTEGER)")
print("held", flush=True)
sys.stdin.read()
"""
SMALL_FILES = """
import resource, sys
from loadline.surfaces.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
main(sys.argv[2:])
"""


@contextmanager
def held(program: str, path: Path) -> Iterator[None]:
    """Another process keeps its hand on `path`."""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            other.communicate()


def entries(shop: Path) -> list[str]:
    """The kinds recorded so far, read past loadline."""
    with closing(sqlite3.connect(shop / ".loadline" / "ledger.db")) as connection:
        return [str(row[0]) for row in connection.execute("SELECT leaf FROM entry ORDER BY idx")]


def proves(shop: Path, loadline: Terminal) -> None:
    said = loadline("ledger", "prove", "-C", str(shop))
    assert said.code == 0, said


def last_outcome(shop: Path) -> str:
    with open_app(shop) as app:
        return json.dumps(list(app._recorded(datetime(2020, 1, 1, tzinfo=UTC)))[-1].payload)


def test_a_table_that_is_gone(shop: Path, loadline: Terminal) -> None:
    (shop / "data" / "orders.csv").unlink()
    what = refused_with(loadline(*ASK), "WAR001", 3)
    assert "orders.csv" in what
    proves(shop, loadline)


@pytest.mark.parametrize("content", [b"", b"PAR1 this was never a table PAR1", os.urandom(5000)])
def test_a_parquet_file_that_is_none(content: bytes, shop: Path, loadline: Terminal) -> None:
    edit(shop / "loadline.yaml", "data/orders.csv", "data/orders.parquet")
    (shop / "data" / "orders.parquet").write_bytes(content)
    said = loadline(*ASK)
    assert "orders.parquet" in refused_with(said, "WAR003", 3)
    assert said.out == ""
    proves(shop, loadline)


def test_a_table_that_may_not_be_read(shop: Path, loadline: Terminal) -> None:
    (shop / "data" / "orders.csv").unlink()
    (shop / "data" / "orders.csv").mkdir()
    assert loadline(*ASK).code == 3
    proves(shop, loadline)


def test_a_value_that_does_not_fit_its_contract(shop: Path, loadline: Terminal) -> None:
    edit(shop / "data" / "orders.csv", "1200.00", "lots")
    refused_with(loadline(*ASK), "WAR016", 3)
    proves(shop, loadline)


def test_a_database_that_another_process_holds(shop: Path, loadline: Terminal) -> None:
    edit(shop / "loadline.yaml", "  files:\n    shop.orders: data/orders.csv", "  database: data/shop.duckdb")
    with held(HOLD_DATABASE, shop / "data" / "shop.duckdb"):
        refused_with(loadline(*ASK), "WAR009", 3)
    proves(shop, loadline)


def test_a_ledger_that_another_process_holds(shop: Path, loadline: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    assert loadline(*ASK).code == 0
    before = entries(shop)
    assert open_store.__kwdefaults__ is not None
    monkeypatch.setitem(open_store.__kwdefaults__, "wait_seconds", 0.2)
    with held(HOLD_LEDGER, shop / ".loadline" / "ledger.db"):
        said = loadline(*ASK)
        refused_with(said, "STO005", 3)
        assert said.out == "", "no number without its receipt"
        proves(shop, loadline)
    assert entries(shop) == before
    assert loadline(*ASK).code == 0


def test_a_key_that_is_gone(shop: Path, loadline: Terminal) -> None:
    (shop / ".loadline" / "signing.key").unlink()
    said = loadline(*ASK)
    refused_with(said, "STO011", 3)
    assert said.out == ""
    proves(shop, loadline)


def test_a_key_that_others_can_read(shop: Path, loadline: Terminal) -> None:
    key = shop / ".loadline" / "signing.key"
    key.chmod(0o644)
    said = loadline(*ASK)
    refused_with(said, "STO012", 3)
    assert "chmod 600" in said.err
    key.chmod(0o600)
    assert loadline(*ASK).code == 0


def test_a_ledger_that_is_gone_is_not_replaced_unseen(shop: Path, loadline: Terminal) -> None:
    assert loadline(*ASK).code == 0
    (shop / ".loadline" / "ledger.db").unlink()
    refused_with(loadline(*ASK), "STO001", 3)
    refused_with(loadline("ledger", "prove"), "STO001", 3)
    assert not (shop / ".loadline" / "ledger.db").exists()


def test_a_ledger_that_is_another_file(shop: Path, loadline: Terminal) -> None:
    (shop / ".loadline" / "ledger.db").write_bytes(b"not a database at all" * 100)
    refused_with(loadline(*ASK), "STO003", 3)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_ledger_that_may_not_be_written(shop: Path, loadline: Terminal) -> None:
    (shop / ".loadline" / "ledger.db").chmod(0o400)
    (shop / ".loadline").chmod(0o500)
    try:
        refused_with(loadline(*ASK), "STO007", 3)
    finally:
        (shop / ".loadline").chmod(0o700)


def test_a_ledger_that_may_grow_no_more(shop: Path, loadline: Terminal) -> None:
    assert loadline(*ASK).code == 0
    before = entries(shop)
    said = child("16384", *ASK, cwd=shop, program=SMALL_FILES)
    assert said.code == 3, said
    assert "Traceback" not in said.err
    assert "error[STO00" in said.err
    assert said.out == ""
    assert entries(shop) == before
    proves(shop, loadline)
    assert loadline(*ASK).code == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte, where the machine lets us have one."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "loadline-test", str(mounted)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield mounted
    finally:
        subprocess.run(["umount", str(mounted)], check=True)


def test_a_disk_that_is_full(small_disk: Path, shop: Path, loadline: Terminal) -> None:
    folder = small_disk / "shop"
    shutil.copytree(shop, folder)
    assert child(*ASK, cwd=folder).code == 0
    before = entries(folder)
    with (small_disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(b"x" * 512):
            pass
    said = child(*ASK, cwd=folder)
    what = refused_with(said, "STO006", 3)
    assert "ledger.db" in what
    assert said.out == ""
    (small_disk / "filler").unlink()
    assert entries(folder) == before
    proves(folder, loadline)
    assert child(*ASK, cwd=folder).code == 0


def test_a_full_disk_under_the_output(shop: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *ASK, "--format", "json"],
            cwd=shop,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    refused_with(Said(code=done.returncode, out="", err=done.stderr.decode()), "CLI002", 3)


def test_a_failed_question_is_told_to_its_end_in_the_ledger(shop: Path, loadline: Terminal) -> None:
    edit(shop / "data" / "orders.csv", "1200.00", "lots")
    loadline(*ASK)
    said = last_outcome(shop)
    assert '"status": "failed"' in said
    assert "WAR016" in said


@pytest.mark.parametrize("size", [10, 1000, 5000])
def test_a_damaged_ledger_is_never_a_traceback(size: int, shop: Path, loadline: Terminal) -> None:
    assert loadline(*ASK).code == 0
    ledger = shop / ".loadline" / "ledger.db"
    ledger.write_bytes(ledger.read_bytes()[:size])
    for argv in (ASK, ("ledger", "prove"), ("receipt", "rcpt-123456"), ("ledger", "checkpoint")):
        said = loadline(*argv)
        assert said.code in {2, 3, 4}, (argv, said)
        assert "mend:" in said.err
        assert "CLI001" not in said.err
