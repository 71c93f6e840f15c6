"""The tree against RFC 6962's published vectors, and against its definition written out naively."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadline.ledger.merkle import (
    EMPTY_ROOT,
    ConsistencyProof,
    Frontier,
    InclusionProof,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_order,
    read_frontier,
    tree_root,
    verify_consistency,
    verify_inclusion,
)

# The reference inputs and results of the Certificate Transparency project (merkle_tree_test.cc; also in
# github.com/transparency-dev/merkle, testonly/constants.go).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 1): (),
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCY = {
    (1, 1): (),
    (1, 8): INCLUSION[0, 8],
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
    (6, 7): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
}


class Stored:
    """A tree whose nodes are kept by number, as a store keeps them."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.frontier = Frontier()
        self.nodes: list[bytes] = []
        for leaf in leaves:
            self.frontier, full = self.frontier.append(leaf_hash(leaf))
            for node in full:
                assert node_order(node.level, node.position) == len(self.nodes)  # each is written at the end
                self.nodes.append(node.hash)

    def read_node(self, level: int, position: int) -> bytes:
        return self.nodes[node_order(level, position)]


def numbered(size: int) -> list[bytes]:
    return [str(n).encode() for n in range(size)]


# RFC 6962 section 2.1, word for word


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def split(n: int) -> int:
    return max(1 << e for e in range(n.bit_length()) if 1 << e < n)


def mth(d: list[bytes]) -> bytes:
    if not d:
        return sha256(b"")
    if len(d) == 1:
        return sha256(b"\x00" + d[0])
    k = split(len(d))
    return sha256(b"\x01" + mth(d[:k]) + mth(d[k:]))


def path(m: int, d: list[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = split(len(d))
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def proof(m: int, d: list[bytes]) -> list[bytes]:
    return subproof(m, d, is_complete=True) if 0 < m < len(d) else []


def subproof(m: int, d: list[bytes], *, is_complete: bool) -> list[bytes]:
    if m == len(d):
        return [] if is_complete else [mth(d)]
    k = split(len(d))
    if m <= k:
        return [*subproof(m, d[:k], is_complete=is_complete), mth(d[k:])]
    return [*subproof(m - k, d[k:], is_complete=False), mth(d[:k])]


# the published vectors


def test_the_roots_are_the_published_ones() -> None:
    assert [tree_root(leaf_hash(leaf) for leaf in LEAVES[:n]).hex() for n in range(9)] == ROOTS


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    made = inclusion_proof(Stored(LEAVES).read_node, index=index, size=size)
    assert tuple(sibling.hex() for sibling in made.path) == INCLUSION[index, size]
    assert verify_inclusion(made, leaf=leaf_hash(LEAVES[index]), root=bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old_size", "size"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old_size: int, size: int) -> None:
    made = consistency_proof(Stored(LEAVES).read_node, old_size=old_size, size=size)
    assert tuple(sibling.hex() for sibling in made.path) == CONSISTENCY[old_size, size]
    old_root, root = bytes.fromhex(ROOTS[old_size]), bytes.fromhex(ROOTS[size])
    assert verify_consistency(made, old_root=old_root, root=root)


# against the definition


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_the_root_is_what_the_definition_says(leaves: list[bytes]) -> None:
    stored = Stored(leaves)
    assert stored.frontier.root == mth(leaves)
    assert read_frontier(len(leaves), stored.read_node) == stored.frontier


@given(st.integers(1, 130).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.integers(size, 130))))
def test_inclusion_proofs_are_what_the_definition_says(case: tuple[int, int]) -> None:
    index, size = case
    leaves = numbered(size)
    made = inclusion_proof(Stored(numbered(130)).read_node, index=index, size=size)
    assert list(made.path) == path(index, leaves)
    assert verify_inclusion(made, leaf=leaf_hash(leaves[index]), root=mth(leaves))


@given(st.integers(0, 130).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))))
def test_consistency_proofs_are_what_the_definition_says(case: tuple[int, int]) -> None:
    old_size, size = case
    leaves = numbered(size)
    made = consistency_proof(Stored(numbered(130)).read_node, old_size=old_size, size=size)
    assert list(made.path) == proof(old_size, leaves)
    assert verify_consistency(made, old_root=mth(leaves[:old_size]), root=mth(leaves))


def test_every_proof_in_every_tree_up_to_forty_leaves_verifies() -> None:
    stored = Stored(numbered(40))
    roots = [mth(numbered(size)) for size in range(41)]
    for size in range(1, 41):
        for index in range(size):
            made = inclusion_proof(stored.read_node, index=index, size=size)
            assert verify_inclusion(made, leaf=leaf_hash(str(index).encode()), root=roots[size])
        for old_size in range(size + 1):
            grown = consistency_proof(stored.read_node, old_size=old_size, size=size)
            assert verify_consistency(grown, old_root=roots[old_size], root=roots[size])


# what must not verify


@st.composite
def damaged_paths(draw: st.DrawFn, least: int) -> tuple[int, int, str, int]:
    size = draw(st.integers(least, 60))
    return (
        draw(st.integers(0, size - 1)),
        size,
        draw(st.sampled_from(("flip", "drop", "add"))),
        draw(st.integers(0, 999)),
    )


def damage(hashes: tuple[bytes, ...], how: str, where: int) -> tuple[bytes, ...]:
    if how == "add" or not hashes:
        at = where % (len(hashes) + 1)
        return (*hashes[:at], bytes(32), *hashes[at:])
    at = where % len(hashes)
    if how == "drop":
        return (*hashes[:at], *hashes[at + 1 :])
    flipped = bytes([hashes[at][0] ^ 1]) + hashes[at][1:]
    return (*hashes[:at], flipped, *hashes[at + 1 :])


@given(damaged_paths(1))
def test_a_damaged_inclusion_proof_does_not_verify(case: tuple[int, int, str, int]) -> None:
    index, size, how, where = case
    leaves = numbered(size)
    made = inclusion_proof(Stored(leaves).read_node, index=index, size=size)
    bad = InclusionProof(index=index, size=size, path=damage(made.path, how, where))
    assert not verify_inclusion(bad, leaf=leaf_hash(leaves[index]), root=mth(leaves))


@given(damaged_paths(2))
def test_a_damaged_consistency_proof_does_not_verify(case: tuple[int, int, str, int]) -> None:
    old_size, size, how, where = case
    leaves = numbered(size)
    made = consistency_proof(Stored(leaves).read_node, old_size=old_size, size=size)
    bad = ConsistencyProof(old_size=old_size, size=size, path=damage(made.path, how, where))
    assert not verify_consistency(bad, old_root=mth(leaves[:old_size]), root=mth(leaves))


@given(st.integers(2, 40), st.data())
def test_a_proof_holds_for_no_other_leaf_index_or_root(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    index, other = data.draw(st.permutations(range(size)))[:2]
    made = inclusion_proof(Stored(leaves).read_node, index=index, size=size)
    moved = InclusionProof(index=other, size=size, path=made.path)
    assert not verify_inclusion(made, leaf=leaf_hash(leaves[other]), root=mth(leaves))
    assert not verify_inclusion(moved, leaf=leaf_hash(leaves[index]), root=mth(leaves))
    assert not verify_inclusion(made, leaf=leaf_hash(leaves[index]), root=mth(leaves[:-1]))


@given(st.integers(2, 40), st.data())
def test_a_rewritten_history_is_not_consistent(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    old_size = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old_size - 1))
    rewritten = [*leaves[:changed], b"rewritten", *leaves[changed + 1 :]]
    made = consistency_proof(Stored(rewritten).read_node, old_size=old_size, size=size)
    assert not verify_consistency(made, old_root=mth(leaves[:old_size]), root=mth(rewritten))


def test_a_node_cannot_be_passed_off_as_a_leaf() -> None:
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert tree_root([left, right]) != leaf_hash(left + right)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3), (3, 3)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion_proof(Stored(numbered(3)).read_node, index=index, size=size)
    assert not verify_inclusion(InclusionProof(index=index, size=size, path=()), leaf=EMPTY_ROOT, root=EMPTY_ROOT)


@pytest.mark.parametrize(("old_size", "size"), [(4, 3), (-1, 3)])
def test_a_tree_never_had_more_leaves_than_now(old_size: int, size: int) -> None:
    with pytest.raises(ValueError, match="never had"):
        consistency_proof(Stored(numbered(3)).read_node, old_size=old_size, size=size)
    proof = ConsistencyProof(old_size=old_size, size=size, path=())
    assert not verify_consistency(proof, old_root=EMPTY_ROOT, root=EMPTY_ROOT)


def test_every_tree_begins_with_the_empty_one_and_no_other_of_size_zero() -> None:
    proof = ConsistencyProof(old_size=0, size=3, path=())
    assert verify_consistency(proof, old_root=EMPTY_ROOT, root=mth(numbered(3)))
    assert not verify_consistency(proof, old_root=bytes(32), root=mth(numbered(3)))
