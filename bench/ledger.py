"""How fast the ledger is, beside what the disk allows: `python bench/ledger.py [--json]`. Wall time.

The floor is a loop of `write` and `fsync` into a growing file on the same disk, as many bytes each time as one append
adds to the ledger's log, measured in turn with the appends: nothing that promises durability can go faster alone, and
only sharing a commit can go faster together. Each number is the median of several rounds, because another program's
writes show in every one of them.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from loadline.adapters.signers.ed25519 import create_key
from loadline.adapters.stores.sqlite import SqliteStore, create_store
from loadline.ledger import Draft, Kind, consistency_proof, inclusion_proof, leaf_hash, prove, verify_inclusion

NUMBERS = itertools.count()
ROUNDS = 5
SECONDS = 0.5  # of each round
PAYLOAD = {
    "question": "What was booked revenue by region in Q3 2025?",
    "sql": "SELECT " + "x" * 800,
    "rules": ["r"] * 5,
}
PERSON = ("somebody",)
TARGETS = {"append alone / floor": 1 / 1.5, "append, 64 callers / floor": 2.0}


def per_second(work: Callable[[], int]) -> float:
    """How many of what `work` counts are done in a second, for one round."""
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        done += work()
    return done / (time.perf_counter() - start)


def bytes_per_append(store: SqliteStore, folder: Path) -> int:
    log = folder / "ledger.db-wal"
    store.append([draft()])
    before = log.stat().st_size
    for _ in range(50):  # few enough that the log is not emptied in between
        store.append([draft()])
    return (log.stat().st_size - before) // 50


def floor(folder: Path, size: int) -> float:
    descriptor = os.open(folder / "floor", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:

        def write() -> int:
            os.write(descriptor, b"x" * size)
            os.fsync(descriptor)
            return 1

        return per_second(write)
    finally:
        os.close(descriptor)


def draft(*subjects: str) -> Draft:
    """As large as a receipt, with a run and a receipt id of its own; about `subjects`, for whom it is sealed."""
    run, receipt = f"run-{next(NUMBERS):020}", f"rcpt-{next(NUMBERS):020}"
    return Draft(kind=Kind.OUTCOME, run=run, at=datetime.now(UTC), payload=PAYLOAD, keys=(receipt,), subjects=subjects)


def append_together(store: SqliteStore, callers: int) -> float:
    counts = [0] * callers
    end = time.perf_counter() + SECONDS

    def append(caller: int) -> None:
        while time.perf_counter() < end:
            counts[caller] += len(store.append([draft()]))

    threads = [threading.Thread(target=append, args=(caller,)) for caller in range(callers)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def measure(folder: Path) -> dict[str, float]:
    key = create_key(folder / "ledger.key", name="bench.example/ledger")
    with create_store(folder / "ledger.db", signer=key, verifier=key.verifier) as store:
        rounds: dict[str, list[float]] = {}
        size = bytes_per_append(store, folder)

        def note(name: str, value: float) -> None:
            rounds.setdefault(name, []).append(value)

        for _ in range(ROUNDS):  # the kinds take turns, so that a busy moment of the disk does not fall on one alone
            note("fsync floor", floor(folder, size))
            note("append alone", append_together(store, 1))
            note("append alone, sealed", per_second(lambda: len(store.append([draft(*PERSON)]))))
            note("append, 16 callers", append_together(store, 16))
            note("append, 64 callers", append_together(store, 64))
        while (newest := store.read_checkpoint()) is not None and newest.size < 20_000:
            store.append([draft() for _ in range(1000)])
        for _ in range(ROUNDS):
            for name, value in measure_reading(store).items():
                note(name, value)
        start = time.perf_counter()
        proven = prove(store.read_entries(), store.read_checkpoints(), key.verifier, read_node=store.read_node)
        note("prove whole, entries", proven.size / (time.perf_counter() - start))
        start = time.perf_counter()
        sealed = sum(entry.stored is not None for entry in store.read_entries())
        note("read whole, entries", proven.size / (time.perf_counter() - start))
        note("sealed entries", float(sealed))
        note("entries", float(proven.size))
        note("bytes per append", float(size))
    found = {name: median(values) for name, values in rounds.items()}
    for caller in ("alone", "64 callers"):
        name = f"append{' ' if caller == 'alone' else ', '}{caller}"
        found[f"{name} / floor"] = found[name] / found["fsync floor"]
    return found


def measure_reading(store: SqliteStore) -> dict[str, float]:
    newest = store.read_checkpoint()
    if newest is None:
        raise SystemExit("the ledger has no checkpoint")
    size, root, turn = newest.size, newest.root, 0
    leaf = leaf_hash(store.read_entry(size // 3).leaf)
    proof = inclusion_proof(store.read_node, index=size // 3, size=size)

    def include() -> int:
        nonlocal turn
        turn += 1
        inclusion_proof(store.read_node, index=turn * 7919 % size, size=size)
        return 1

    def grow() -> int:
        nonlocal turn
        turn += 1
        consistency_proof(store.read_node, old_size=1 + turn * 7919 % size, size=size)
        return 1

    def verify() -> int:
        return int(verify_inclusion(proof, leaf=leaf, root=root))

    return {
        "inclusion proofs": per_second(include),
        "consistency proofs": per_second(grow),
        "verifications": per_second(verify),
    }


def main() -> None:
    here = Path(__file__).parent  # the disk the repository is on; a temporary folder may well be in memory
    with tempfile.TemporaryDirectory(dir=here, prefix=".ledger-") as folder:
        found = measure(Path(folder))
    if "--json" in sys.argv:
        print(json.dumps({"unit": "per second", "measured": found, "at least": TARGETS}))
        return
    entries, size = found.pop("entries"), found.pop("bytes per append")
    print(f"ledger of {entries:,.0f} entries, {size:,.0f} bytes written for one append alone")
    print(f"{found.pop('sealed entries'):,.0f} of them sealed")
    print(f"per second, medians of {ROUNDS} rounds\n")
    for name, value in found.items():
        target = f"   at least {TARGETS[name]:.2f}" if name in TARGETS else ""
        number = f"{value:12.2f}" if name.endswith("floor") and "/" in name else f"{value:12,.0f}"
        print(f"  {name:28}{number}{target}")


if __name__ == "__main__":
    main()
