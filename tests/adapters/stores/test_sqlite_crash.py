"""A process killed in the middle of a burst of appends loses nothing it acknowledged and leaves a provable ledger."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from loadline.adapters.signers.ed25519 import Ed25519Signer
from loadline.adapters.stores.sqlite import create_store, open_store
from loadline.ledger import prove
from loadline.testing.store_suite import draft

KEY = Ed25519Signer("test.example/ledger", bytes(range(32)))
APPENDER = Path(__file__).with_name("appender.py")
KILLS = 24


def start(ledger: Path, name: str, *, threads: int, count: int = 0) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(APPENDER), str(ledger), name, str(threads), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def acknowledged(output: bytes) -> list[int]:
    """The indexes printed; the last line counts only if it is whole."""
    return [int(line.split()[0]) for line in output.splitlines(keepends=True) if line.endswith(b"\n")]


def test_a_killed_process_loses_no_acknowledged_entry(tmp_path: Path) -> None:
    chance = random.Random(20250701)  # noqa: S311 - when to kill is no secret
    ledger = tmp_path / "ledger.db"
    create_store(ledger, signer=KEY, verifier=KEY.verifier).close()
    size, killed_mid_burst = 0, 0
    for kill in range(KILLS):
        child = start(ledger, f"life-{kill}", threads=4)
        assert child.stdout is not None
        head = child.stdout.readline()  # it is appending now
        time.sleep(chance.uniform(0.0, 0.15))
        child.send_signal(signal.SIGKILL)
        indexes = acknowledged(head + child.stdout.read())
        child.stdout.close()
        assert child.wait() == -signal.SIGKILL
        with open_store(ledger, signer=KEY, verifier=KEY.verifier) as store:
            runs = {entry.index: entry.run for entry in store.read_entries(size)}
            assert indexes, "nothing was acknowledged, so nothing was tried"
            assert all(runs.get(index) == f"life-{kill}" for index in indexes)
            killed_mid_burst += len(runs) > len(indexes)  # committed, and killed before it could say so
            size = store.append([draft(f"after-{kill}")])[0].index + 1
            assert size == min(runs) + len(runs) + 1
    with open_store(ledger, verifier=KEY.verifier) as store:
        proven = prove(store.read_entries(), store.read_checkpoints(), KEY.verifier, read_node=store.read_node)
    assert proven.size == size
    assert killed_mid_burst, "no kill hit a commit, so this test has shown nothing"


def test_four_processes_append_without_a_gap(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.db"
    create_store(ledger, signer=KEY, verifier=KEY.verifier).close()
    children = [start(ledger, f"worker-{n}", threads=2, count=15) for n in range(4)]
    mine = [acknowledged(child.communicate()[0]) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0, 0]
    assert sorted(index for indexes in mine for index in indexes) == list(range(4 * 2 * 30))
    with open_store(ledger, verifier=KEY.verifier) as store:
        assert all(store.read_entry(i).run == f"worker-{n}" for n, indexes in enumerate(mine) for i in indexes)
        proven = prove(store.read_entries(), store.read_checkpoints(), KEY.verifier, read_node=store.read_node)
    assert proven.size == 240
