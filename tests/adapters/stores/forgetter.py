"""A ledger and a subject in; the subject is forgotten. Says `now` when it begins, to be killed in the middle."""

from __future__ import annotations

import sys
from pathlib import Path

from loadline.adapters.signers.ed25519 import Ed25519Signer
from loadline.adapters.stores.forgetting import Order, forget
from loadline.adapters.stores.sqlite import open_store
from loadline.adapters.stores.vault import Scope
from loadline.ledger.sealed import subjects_in
from loadline.testing.store_suite import NOON

KEY = Ed25519Signer("test.example/ledger", bytes(range(32)))

if __name__ == "__main__":
    with open_store(Path(sys.argv[1]), signer=KEY, verifier=KEY.verifier) as store:
        subject = sys.argv[2]
        rows = [e.index for e in store.read_entries() if e.stored is None and subject in subjects_in(e.payload)]
        sys.stdout.write("now\n")
        sys.stdout.flush()
        forget(store, Scope(subject=subject), Order(run="erase-1", by="sam", because="x", at=NOON, rows=rows))
