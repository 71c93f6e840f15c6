"""What is written for others: the export, the tile directory, a single proof; and that nothing is overwritten."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from loadline.adapters.stores.export import read_proof, write_export, write_tiles
from loadline.errors import LoadlineError, OutsideError, RequestError
from loadline.ledger import leaf_hash
from loadline.testing.store_suite import draft
from loadline.testing.stores import FakeSigner, MemoryStore

SIGNER = FakeSigner()


def store_of(*groups: int) -> MemoryStore:
    store = MemoryStore(signer=SIGNER)
    for count in groups:
        store.append([draft(f"run-{n}", n=n) for n in range(count)])
    return store


def code_of(kind: type[LoadlineError], use: Callable[[], object]) -> str:
    with pytest.raises(kind) as raised:
        use()
    return raised.value.diagnostics[0].code


def test_an_export_holds_every_entry_and_ends_with_its_checkpoint(tmp_path: Path) -> None:
    store = store_of(2, 3)
    assert write_export(store, SIGNER, tmp_path / "out.jsonl") == 5
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert lines[0] == {"format": "loadline-ledger/1", "vkey": SIGNER.vkey}
    final = store.read_checkpoint()
    assert final is not None
    assert lines[-1] == {"checkpoint": final.note}
    entries = [line for line in lines if "leaf" in line]
    assert [json.loads(line["leaf"])["index"] for line in entries] == [0, 1, 2, 3, 4]
    assert [json.loads(line["payload"]) for line in entries] == [dict(e.payload) for e in store.read_entries()]


def test_an_export_says_in_between_what_was_signed_but_not_too_often(tmp_path: Path) -> None:
    store = store_of(*[1] * 600)
    write_export(store, SIGNER, tmp_path / "out.jsonl")
    text = (tmp_path / "out.jsonl").read_text()
    assert 100 <= text.count('{"checkpoint"') <= 160


def test_an_export_is_as_private_as_the_ledger(tmp_path: Path) -> None:
    write_export(store_of(1), SIGNER, tmp_path / "out.jsonl")
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600


def test_nothing_is_overwritten_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_text("mine")
    store = store_of(2)
    for taken in ("out", "folder"):
        assert code_of(OutsideError, lambda t=taken: write_export(store, SIGNER, tmp_path / t)) == "STO016"  # type: ignore[misc]
        assert code_of(OutsideError, lambda t=taken: write_tiles(store, tmp_path / t)) == "STO016"  # type: ignore[misc]
    assert code_of(OutsideError, lambda: write_export(store, SIGNER, tmp_path / "no" / "out")) == "STO016"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder", "out"]
    assert (tmp_path / "out").read_text() == (tmp_path / "folder" / "file").read_text() == "mine"


def test_an_export_that_fails_halfway_leaves_nothing(tmp_path: Path) -> None:
    store = store_of(3)
    store._entries.pop()
    with pytest.raises(LoadlineError):
        write_export(store, SIGNER, tmp_path / "out.jsonl")
    assert not list(tmp_path.iterdir())


# tiles, read back by the specification's own words


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_the_tiles_are_those_of_the_specification(tmp_path: Path, size: int) -> None:
    store = store_of(size)
    assert write_tiles(store, tmp_path / "tlog") == size
    final = store.read_checkpoint()
    assert final is not None
    leaves = [leaf_hash(entry.leaf) for entry in store.read_entries()]
    expected = {"checkpoint": final.note.encode()}
    level, hashes = 0, leaves
    while hashes:
        for start in range(0, len(hashes), 256):
            tile = hashes[start : start + 256]
            suffix = "" if len(tile) == 256 else f".p/{len(tile)}"
            expected[f"tile/{level}/{start // 256:03}{suffix}"] = b"".join(tile)
        full = len(hashes) // 256
        hashes = [tree_hash(hashes[n * 256 : (n + 1) * 256]) for n in range(full)]
        level += 1
    found = {
        str(f.relative_to(tmp_path / "tlog")): f.read_bytes() for f in (tmp_path / "tlog").rglob("*") if f.is_file()
    }
    bundles = {name: found.pop(name) for name in sorted(found) if name.startswith("tile/entries/")}
    assert found == expected
    assert unbundled(b"".join(bundles.values())) == [entry.leaf for entry in store.read_entries()]
    assert sorted(bundles) == sorted(name.replace("tile/0/", "tile/entries/") for name in found if "tile/0/" in name)


def tree_hash(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def unbundled(data: bytes) -> list[bytes]:
    leaves = []
    while data:
        length = int.from_bytes(data[:2], "big")
        leaves.append(data[2 : 2 + length])
        data = data[2 + length :]
    return leaves


def test_a_tile_directory_tells_nothing_that_was_asked(tmp_path: Path) -> None:
    store = MemoryStore(signer=SIGNER)
    store.append([draft("run", question="what did Ana earn")])
    write_tiles(store, tmp_path / "tlog")
    assert all(b"Ana" not in file.read_bytes() for file in (tmp_path / "tlog").rglob("*") if file.is_file())


def test_large_tile_numbers_are_written_in_threes() -> None:
    from loadline.ledger.export import _tile_path

    assert _tile_path("0", 1234067, 256) == "tile/0/x001/x234/067"
    assert _tile_path("1", 0, 17) == "tile/1/000.p/17"


def test_there_is_no_proof_of_an_entry_that_is_not_there() -> None:
    for index in (3, -1):
        assert code_of(RequestError, lambda i=index: read_proof(store_of(3), SIGNER, i)) == "LED012"  # type: ignore[misc]
