"""Leaf hashes in, an RFC 6962 Merkle tree out: its root, its stored nodes, inclusion and consistency proofs.

Everything here follows RFC 9162 section 2.1 (which restates RFC 6962): a leaf is hashed behind a zero byte and a node
behind a one, so that no node can be passed off as a leaf. A node at `(level, position)` covers the leaves from
`position << level` on, `1 << level` of them; only full nodes are stored, and a stored node never changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ReadNode = Callable[[int, int], bytes]  # (level, position) -> the stored hash

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    level: int
    position: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The right edge of a tree: the roots of its full subtrees, widest first, one for each bit set in `size`.
    It is all that is needed to append and to know the root."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> tuple[Frontier, tuple[Node, ...]]:
        """The edge after one more leaf (given as its hash), and the nodes that became full: the leaf's first, then
        upward."""
        hashes = list(self.hashes)
        position, level = self.size, 0
        nodes = [Node(level=0, position=position, hash=leaf)]
        while position & 1:
            leaf = node_hash(hashes.pop(), leaf)
            position, level = position >> 1, level + 1
            nodes.append(Node(level=level, position=position, hash=leaf))
        return Frontier(size=self.size + 1, hashes=(*hashes, leaf)), tuple(nodes)

    @property
    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def read_frontier(size: int, read_node: ReadNode) -> Frontier:
    """The right edge of the tree over the first `size` leaves, from its stored nodes."""
    hashes, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            hashes.append(read_node(level, start >> level))
            start += 1 << level
    return Frontier(size=size, hashes=tuple(hashes))


def node_order(level: int, position: int) -> int:
    """The place of a node in the order nodes become full, so that a store only ever writes at its end: every leaf is
    followed by the nodes it completes."""
    last_leaf = ((position + 1) << level) - 1
    return 2 * last_leaf - last_leaf.bit_count() + level


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier, _ = frontier.append(leaf)
    return frontier.root


@dataclass(frozen=True, slots=True, kw_only=True)
class InclusionProof:
    """That a leaf stands at `index` in the tree of `size` leaves. `path` runs from the leaf's sibling to the root's
    child."""

    index: int
    size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistencyProof:
    """That the tree of `old_size` leaves is the beginning of the tree of `size` leaves."""

    old_size: int
    size: int
    path: tuple[bytes, ...]


def inclusion_proof(read_node: ReadNode, *, index: int, size: int) -> InclusionProof:
    """RFC 9162 section 2.1.3.1. Reads O(log size) nodes. Raises ValueError unless 0 <= index < size."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(_subtree(read_node, middle, stop))
            stop = middle
        else:
            path.append(_subtree(read_node, start, middle))
            start = middle
    return InclusionProof(index=index, size=size, path=tuple(reversed(path)))


def consistency_proof(read_node: ReadNode, *, old_size: int, size: int) -> ConsistencyProof:
    """RFC 9162 section 2.1.4.1. Reads O(log size) nodes. Raises ValueError unless 0 <= old_size <= size."""
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {size} leaves never had {old_size}")
    path: list[bytes] = []
    if 0 < old_size < size:
        start, stop = 0, size
        while stop != old_size:
            middle = start + _split(stop - start)
            if old_size <= middle:
                path.append(_subtree(read_node, middle, stop))
                stop = middle
            else:
                path.append(_subtree(read_node, start, middle))
                start = middle
        if start:  # else the old tree is itself a node of the new one, and whoever checks has its root
            path.append(_subtree(read_node, start, stop))
    return ConsistencyProof(old_size=old_size, size=size, path=tuple(reversed(path)))


def verify_inclusion(proof: InclusionProof, *, leaf: bytes, root: bytes) -> bool:
    """Whether `proof` leads from the leaf hash to the root. RFC 9162 section 2.1.3.2."""
    if not 0 <= proof.index < proof.size:
        return False
    number, last, computed = proof.index, proof.size - 1, leaf
    for sibling in proof.path:
        if last == 0:
            return False
        if number & 1 or number == last:
            computed = node_hash(sibling, computed)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(proof: ConsistencyProof, *, old_root: bytes, root: bytes) -> bool:
    """Whether the tree with `root` begins with the tree with `old_root`. RFC 9162 section 2.1.4.2.

    Every tree begins with the empty one, whose root is known; equal sizes mean equal roots.
    """
    old_size, size, path = proof.old_size, proof.size, proof.path
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not path and old_root == root
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    if old_size & (old_size - 1) == 0:
        path = (old_root, *path)
    if not path:
        return False
    number, last = old_size - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old_computed = computed = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old_computed, computed = node_hash(sibling, old_computed), node_hash(sibling, computed)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        number, last = number >> 1, last >> 1
    return last == 0 and old_computed == old_root and computed == root


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1


def _subtree(read_node: ReadNode, start: int, stop: int) -> bytes:
    """The root over the leaves from `start` to `stop`; a full subtree is one stored node."""
    width = stop - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return read_node(level, start >> level)
    middle = start + _split(width)
    return node_hash(_subtree(read_node, start, middle), _subtree(read_node, middle, stop))
