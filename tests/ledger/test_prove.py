"""`prove` over ledgers that are whole, and over every way in which one can be not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.errors import TamperError
from loadline.ledger import (
    Entry,
    Frontier,
    InclusionProof,
    SignedCheckpoint,
    check_head,
    leaf_hash,
    prepare,
    prove,
    prove_entry,
    prove_growth,
    seal,
    sign_checkpoint,
    verify_inclusion,
)
from loadline.testing.store_suite import draft
from loadline.testing.stores import FakeSigner, MemoryStore

SIGNER = FakeSigner()


def store_of(*groups: int) -> MemoryStore:
    store = MemoryStore(signer=SIGNER)
    for count in groups:
        store.append([draft("run", n=n) for n in range(count)])
    return store


def parts(store: MemoryStore) -> tuple[list[Entry], list[SignedCheckpoint]]:
    return list(store.read_entries()), list(store.read_checkpoints())


def code_and_what(entries: list[Entry], checkpoints: list[SignedCheckpoint], *held: str) -> tuple[str, str]:
    with pytest.raises(TamperError) as raised:
        prove(entries, checkpoints, SIGNER, held=held)
    (diagnostic,) = raised.value.diagnostics
    return diagnostic.code, diagnostic.what


def test_an_empty_ledger_proves() -> None:
    proven = prove(*parts(store_of()), SIGNER)
    assert (proven.size, proven.checkpoints) == (0, 1)


@given(st.lists(st.integers(1, 5), max_size=8))
def test_every_whole_ledger_proves(groups: list[int]) -> None:
    store = store_of(*groups)
    proven = prove(*parts(store), SIGNER, read_node=store.read_node)
    newest = store.read_checkpoint()
    assert newest is not None
    assert (proven.size, proven.root, proven.checkpoints) == (sum(groups), newest.root, len(groups) + 1)


def test_the_last_checkpoint_alone_is_enough() -> None:
    entries, checkpoints = parts(store_of(3, 2))
    assert prove(entries, checkpoints[-1:], SIGNER).size == 5


def test_checkpoints_held_elsewhere_count() -> None:
    entries, checkpoints = parts(store_of(3, 2, 1))
    assert prove(entries, checkpoints, SIGNER, held=[c.note for c in reversed(checkpoints)]).held == 4


def test_a_missing_entry_is_named() -> None:
    entries, checkpoints = parts(store_of(3, 2))
    assert code_and_what(entries[:2] + entries[3:], checkpoints)[0] == "LED008"
    assert "entry 2 is missing" in code_and_what(entries[:2] + entries[3:], checkpoints)[1]


def test_a_ledger_cut_off_at_a_checkpoint_is_caught_by_whoever_holds_a_later_one() -> None:
    entries, checkpoints = parts(store_of(3, 2))
    assert prove(entries[:3], checkpoints[:2], SIGNER).size == 3
    assert code_and_what(entries[:3], checkpoints[:2], checkpoints[2].note)[0] == "LED007"
    assert code_and_what(entries[:4], checkpoints)[0] == "LED007"


def test_entries_after_the_last_checkpoint_are_not_covered() -> None:
    entries, checkpoints = parts(store_of(3, 2))
    code, what = code_and_what(entries, checkpoints[:-1])
    assert code == "LED010"
    assert "entries 3 to 4" in what
    assert code_and_what(entries, [])[0] == "LED010"


def test_a_rewritten_entry_is_bracketed_by_the_checkpoints_around_it() -> None:
    entries, checkpoints = parts(store_of(3, 2, 4))
    entries[4] = seal(prepare(draft("run", n="changed"), bytes(32)), 4)
    code, what = code_and_what(entries, checkpoints)
    assert code == "LED004"
    assert "entries 3 to 4" in what


def test_swapped_payloads_are_named() -> None:
    entries, checkpoints = parts(store_of(3))
    swapped = [replace(entries[0], payload=entries[1].payload), *entries[1:]]
    assert code_and_what(swapped, checkpoints)[0] == "LED001"


def test_a_ledger_signed_anew_with_the_same_key_contradicts_a_checkpoint_held_elsewhere() -> None:
    """Whoever has the key can write another history; a checkpoint in someone else's hands is what catches them."""
    honest, forged = store_of(3, 2), MemoryStore(signer=SIGNER)
    forged.append([draft("run", lie=True)] * 5)
    assert prove(*parts(forged), SIGNER).size == 5
    kept = honest.read_checkpoint(3)
    assert kept is not None
    code, what = code_and_what(*parts(forged), kept.note)
    assert code == "LED009"
    assert "size 3" in what


def test_a_false_checkpoint_in_the_middle_is_named() -> None:
    entries, checkpoints = parts(store_of(3, 2))
    other = sign_checkpoint(SIGNER, size=3, root=bytes(32))
    assert code_and_what(entries, [checkpoints[0], other, checkpoints[2]])[0] == "LED004"
    assert (
        code_and_what(entries, [checkpoints[0], replace(checkpoints[1], root=bytes(32)), checkpoints[2]])[0] == "LED005"
    )


def test_a_damaged_note_that_was_kept_is_named() -> None:
    entries, checkpoints = parts(store_of(3))
    assert code_and_what(entries, checkpoints, checkpoints[1].note.replace("3", "4", 1))[0] in ("LED005", "LED006")


def test_a_stored_hash_that_differs_names_its_entry() -> None:
    store = store_of(5)
    for level, position, entry in ((0, 3, 3), (1, 1, 3), (2, 0, 3)):
        kept = store._nodes[level, position]
        store._nodes[level, position] = bytes(32)
        with pytest.raises(TamperError) as raised:
            prove(*parts(store), SIGNER, read_node=store.read_node)
        assert raised.value.diagnostics[0].code == "LED003"
        assert f"entry {entry} " in raised.value.diagnostics[0].what
        store._nodes[level, position] = kept


def test_a_head_is_checked_without_reading_entries() -> None:
    empty = sign_checkpoint(SIGNER, size=0, root=Frontier().root)
    check_head(Frontier(), empty, entries=0)
    for checkpoint, entries, code in (
        (empty, 1, "LED010"),
        (sign_checkpoint(SIGNER, size=1, root=bytes(32)), 0, "LED007"),
        (sign_checkpoint(SIGNER, size=0, root=bytes(32)), 0, "LED004"),
    ):
        with pytest.raises(TamperError) as raised:
            check_head(Frontier(), checkpoint, entries=entries)
        assert raised.value.diagnostics[0].code == code


# one entry, one checkpoint


def test_every_entry_is_proven_alone_and_only_as_itself() -> None:
    store = store_of(3, 2)
    head = store.read_checkpoint()
    for entry in store.read_entries():
        proven = prove_entry(entry, head, store.read_node, SIGNER)
        assert (proven.entry, proven.checkpoint, proven.proof.index) == (entry, head, entry.index)
        said = proven.as_json()
        computed = leaf_hash(said["leaf"].encode())
        assert said["leaf_hash"] == computed.hex()
        path = tuple(bytes.fromhex(sibling) for sibling in said["path"])
        found = InclusionProof(index=said["index"], size=said["size"], path=path)
        assert verify_inclusion(found, leaf=computed, root=bytes.fromhex(said["root"]))
        words = "\n".join(proven.in_words())
        assert all(sibling in words for sibling in (*said["path"], said["root"], said["leaf_hash"]))
    other = seal(prepare(draft("run", n="other"), bytes(32)), 2)
    with pytest.raises(TamperError) as raised:
        prove_entry(other, head, store.read_node, SIGNER)
    assert raised.value.diagnostics[0].code == "LED011"


def test_an_entry_is_not_proven_by_a_checkpoint_before_it() -> None:
    store = store_of(3, 2)
    for checkpoint in (store.read_checkpoint(3), None):
        with pytest.raises(TamperError) as raised:
            prove_entry(store.read_entry(3), checkpoint, store.read_node, SIGNER)
        assert raised.value.diagnostics[0].code == "LED010"


def test_growth_is_proven_from_every_checkpoint_to_every_later_one() -> None:
    store = store_of(3, 2, 4)
    checkpoints = list(store.read_checkpoints())
    for at, old in enumerate(checkpoints):
        for new in checkpoints[at:]:
            proof = prove_growth(old.note, new, store.read_node, SIGNER)
            assert (proof.old_size, proof.size) == (old.size, new.size)


def test_a_ledger_that_did_not_grow_out_of_a_checkpoint_is_caught() -> None:
    honest, forged = store_of(3, 2), MemoryStore(signer=SIGNER)
    forged.append([draft(lie=True)] * 5)
    kept, head, short = honest.read_checkpoint(3), forged.read_checkpoint(), honest.read_checkpoint(0)
    assert kept is not None
    assert head is not None
    assert short is not None
    with pytest.raises(TamperError) as raised:
        prove_growth(kept.note, head, forged.read_node, SIGNER)
    assert raised.value.diagnostics[0].code == "LED011"
    with pytest.raises(TamperError) as raised:
        prove_growth(kept.note, short, honest.read_node, SIGNER)
    assert raised.value.diagnostics[0].code == "LED007"
