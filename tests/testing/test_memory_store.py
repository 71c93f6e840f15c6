"""The store in memory passes the suite of every store, and equal drafts give equal ledgers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loadline.ledger import prove
from loadline.testing.store_suite import StoreSuite, draft
from loadline.testing.stores import FakeSigner, MemoryStore


class TestMemoryStore(StoreSuite):
    @pytest.fixture
    def store(self) -> Iterator[MemoryStore]:
        store = MemoryStore()
        yield store
        store.close()


def test_equal_drafts_give_equal_ledgers() -> None:
    one, two = MemoryStore(), MemoryStore()
    drafts = [draft("run-1", a=1), draft("run-2", b=2)]
    assert one.append(drafts) == two.append(drafts)
    assert one.read_checkpoint() == two.read_checkpoint()


def test_a_memory_ledger_proves() -> None:
    signer = FakeSigner()
    store = MemoryStore(signer=signer)
    for n in range(20):
        store.append([draft(f"run-{n}")])
    proven = prove(store.read_entries(), store.read_checkpoints(), signer, read_node=store.read_node)
    assert (proven.size, proven.checkpoints) == (20, 21)
