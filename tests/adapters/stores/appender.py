"""A program that appends to a ledger from several threads and prints the index of each entry once it is durable.

    appender.py LEDGER NAME THREADS COUNT      (COUNT 0: until it is killed)

Each line is written whole with one `write`, so that whoever reads them after a kill sees only what was acknowledged.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from pathlib import Path

from loadline.adapters.signers.ed25519 import Ed25519Signer
from loadline.adapters.stores.sqlite import SqliteStore, open_store
from loadline.testing.store_suite import draft


def append(store: SqliteStore, name: str, count: int) -> None:
    for n in itertools.count() if count == 0 else range(count):
        for entry in store.append([draft(name, f"{name}-{n}", text="x" * 300)] * (1 + n % 3)):
            os.write(1, f"{entry.index} {entry.payload['text'][:1]}\n".encode())


def main() -> None:
    path, name, threads, count = sys.argv[1:]
    key = Ed25519Signer("test.example/ledger", bytes(range(32)))
    with open_store(Path(path), signer=key, verifier=key.verifier, wait_seconds=60) as store:
        workers = [threading.Thread(target=append, args=(store, name, int(count))) for _ in range(int(threads))]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


if __name__ == "__main__":
    main()
