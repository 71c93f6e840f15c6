"""Entries and signed checkpoints in, the proof that they are one unbroken ledger out, or the first place it breaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from loadline.errors import LoadlineError, RequestError, TamperError
from loadline.ledger import codes
from loadline.ledger.merkle import (
    ConsistencyProof,
    Frontier,
    InclusionProof,
    ReadNode,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from loadline.ledger.note import Verifier, open_checkpoint
from loadline.ledger.nouns import Entry, Kind, SignedCheckpoint
from loadline.ledger.seal import check_entry
from loadline.ledger.sealed import Removed, removed_by
from loadline.values.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """`checkpoints` counts the signed checkpoints on the way that held, `held` those brought from elsewhere,
    `removed` the entries whose content was taken out by an erasure that names them."""

    origin: str
    size: int
    root: bytes
    checkpoints: int
    held: int = 0
    removed: int = 0


def prove(
    entries: Iterable[Entry],
    checkpoints: Iterable[SignedCheckpoint],
    verifier: Verifier,
    *,
    held: Sequence[str] = (),
    read_node: ReadNode | None = None,
) -> Proven:
    """Recompute everything.

    `entries` run from 0; `checkpoints` are the ledger's own, by growing size, the newest last. `held` are notes
    someone kept elsewhere: the ledger must contain each. With `read_node` the stored hashes are compared too, which
    names the very entry that was changed where the checkpoints alone could only name a span.

    Raises TamperError that names the first entry or checkpoint that breaks.
    """
    notes = iter(checkpoints)
    kept = sorted((open_checkpoint(note, verifier) for note in held), key=lambda c: c.size)
    waiting, frontier, last, count = next(notes, None), Frontier(), None, 0
    remaining, content = iter(entries), _Content()
    while True:
        while waiting is not None and waiting.size <= frontier.size:
            _check(waiting, frontier, verifier, proven=last.size if last else 0)
            last, waiting, count = waiting, next(notes, None), count + 1
        while kept and kept[0].size == frontier.size:
            _check_held(kept.pop(0), frontier)
        entry = next(remaining, None)
        if entry is None:
            break
        frontier = _append(frontier, entry, read_node)
        content.look(entry)
    _check_end(frontier, last, waiting, kept)
    return Proven(
        origin=verifier.name,
        size=frontier.size,
        root=frontier.root,
        checkpoints=count,
        held=len(held),
        removed=content.check(),
    )


class _Content:
    """Which entries have no content any more, and which of them an erasure names."""

    def __init__(self) -> None:
        self._removed: list[int] = []
        self._named: list[Removed] = []

    def look(self, entry: Entry) -> None:
        if entry.is_removed:
            self._removed.append(entry.index)
        elif entry.kind is Kind.ERASURE:
            self._named.append(removed_by(entry))

    def check(self) -> int:
        """How many there are. Raises TamperError for one that nobody says they took out."""
        for index in self._removed:
            if not any(index in named for named in self._named):
                raise _broken(
                    codes.CONTENT_MISSING,
                    f"entry {index} has no content, and no erasure names it",
                    "content is taken out by `loadline ledger erase` or `retain`, which record what they took",
                )
        return len(self._removed)


def _append(frontier: Frontier, entry: Entry, read_node: ReadNode | None) -> Frontier:
    if entry.index != frontier.size:
        raise _broken(
            codes.ENTRY_MISSING,
            f"entry {frontier.size} is missing: entry {entry.index} stands in its place",
            "entries are numbered from 0 without a gap",
        )
    check_entry(entry)
    grown, nodes = frontier.append(leaf_hash(entry.leaf))
    if read_node is not None:
        for node in nodes:
            if read_node(node.level, node.position) != node.hash:
                raise entry_changed(entry.index)
    return grown


def _check(checkpoint: SignedCheckpoint, frontier: Frontier, verifier: Verifier, *, proven: int) -> None:
    signed = open_checkpoint(checkpoint.note, verifier)
    if signed != checkpoint or signed.size != frontier.size:
        raise _broken(
            codes.NOT_SIGNED,
            f"the checkpoint kept for size {checkpoint.size} is not the one that was signed",
            f"its note is about size {signed.size}",
        )
    if signed.root != frontier.root:
        raise _broken(
            codes.ROOT_DIFFERS,
            f"entries {proven} to {signed.size - 1} are not the entries that were signed",
            f"the checkpoint of size {signed.size} signs the root {signed.root.hex()}, they add up to"
            f" {frontier.root.hex()}; the first {proven} entries hold",
        )


def _check_held(held: SignedCheckpoint, frontier: Frontier) -> None:
    if held.root != frontier.root:
        raise _broken(
            codes.HISTORY_REWRITTEN,
            f"the ledger is not the one the checkpoint of size {held.size} was taken from",
            f"both are signed, and they disagree about the first {held.size} entries: history was rewritten",
            mend="keep that checkpoint: it is the evidence",
        )


def _check_end(
    frontier: Frontier, last: SignedCheckpoint | None, waiting: SignedCheckpoint | None, kept: list[SignedCheckpoint]
) -> None:
    if waiting is not None or kept:
        size = waiting.size if waiting is not None else kept[0].size
        raise TamperError(cut_off(frontier.size, size))
    if last is None or last.size != frontier.size:
        raise _broken(
            codes.NOT_COVERED,
            f"entries {last.size if last else 0} to {frontier.size - 1} stand after the last signed checkpoint",
            "entries and the checkpoint that covers them are written together",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenEntry:
    """One entry shown to be in the ledger as signed: `proof` leads from its leaf to the checkpoint's root."""

    entry: Entry
    proof: InclusionProof
    checkpoint: SignedCheckpoint

    def as_json(self) -> dict[str, Any]:
        """All that another program needs to check it again; hashes in hexadecimal."""
        return {
            "index": self.entry.index,
            "size": self.checkpoint.size,
            "leaf": self.entry.leaf.decode(),
            "leaf_hash": leaf_hash(self.entry.leaf).hex(),
            "path": [sibling.hex() for sibling in self.proof.path],
            "root": self.checkpoint.root.hex(),
            "checkpoint": self.checkpoint.note,
        }

    def in_words(self) -> tuple[str, ...]:
        hashes = len(self.proof.path)
        return (
            f"proven   entry {self.entry.index} of the {self.checkpoint.size} that {self.checkpoint.origin} signed",
            f"  leaf   {leaf_hash(self.entry.leaf).hex()}",
            *(f"  {'path' if not n else '    '}   {sibling.hex()}" for n, sibling in enumerate(self.proof.path)),
            f"  root   {self.checkpoint.root.hex()} (recomputed over {hashes} hash{'' if hashes == 1 else 'es'})",
        )


def prove_entry(
    entry: Entry, checkpoint: SignedCheckpoint | None, read_node: ReadNode, verifier: Verifier
) -> ProvenEntry:
    """Prove one entry against a checkpoint without reading the others: one signature and O(log n) hashes.

    Raises TamperError when the entry is not in the tree the checkpoint signs.
    """
    size = checkpoint.size if checkpoint else 0
    if checkpoint is None or entry.index >= size:
        raise TamperError(
            Diagnostic(
                code=codes.NOT_COVERED,
                what=f"entry {entry.index} stands after the checkpoint of size {size}",
                why="a checkpoint proves the entries before it",
                mend="prove it against a newer checkpoint",
            )
        )
    signed = open_checkpoint(checkpoint.note, verifier)
    check_entry(entry)
    proof = inclusion_proof(read_node, index=entry.index, size=signed.size)
    if not verify_inclusion(proof, leaf=leaf_hash(entry.leaf), root=signed.root):
        raise proof_fails(f"entry {entry.index} does not lead to the root signed at size {signed.size}")
    return ProvenEntry(entry=entry, proof=proof, checkpoint=signed)


def prove_growth(held: str, checkpoint: SignedCheckpoint, read_node: ReadNode, verifier: Verifier) -> ConsistencyProof:
    """Prove that the ledger at `checkpoint` grew out of the one in the `held` note, without reading entries.

    Raises TamperError when it did not.
    """
    old, new = open_checkpoint(held, verifier), open_checkpoint(checkpoint.note, verifier)
    if old.size > new.size:
        raise TamperError(cut_off(new.size, old.size))
    proof = consistency_proof(read_node, old_size=old.size, size=new.size)
    if not verify_consistency(proof, old_root=old.root, root=new.root):
        raise proof_fails(f"the ledger of size {new.size} did not grow out of the checkpoint of size {old.size}")
    return proof


def proof_fails(what: str) -> LoadlineError:
    return _broken(
        codes.PROOF_FAILS,
        what,
        "a proof must recompute the root that was signed",
        mend="run `loadline ledger prove`, which names the first entry that differs",
    )


def check_head(frontier: Frontier, checkpoint: SignedCheckpoint, *, entries: int) -> None:
    """The quick look on opening: the newest checkpoint against the tree's right edge. Raises TamperError."""
    if entries < checkpoint.size:
        raise TamperError(cut_off(entries, checkpoint.size))
    if entries > checkpoint.size:
        raise _broken(
            codes.NOT_COVERED,
            f"entries {checkpoint.size} to {entries - 1} stand after the last signed checkpoint",
            "entries and the checkpoint that covers them are written together",
        )
    if frontier.root != checkpoint.root:
        raise _broken(
            codes.ROOT_DIFFERS,
            f"the tree's edge does not add up to the checkpoint of size {checkpoint.size}",
            f"the checkpoint signs the root {checkpoint.root.hex()}, the stored hashes give {frontier.root.hex()}",
            mend="run `loadline ledger prove`, which names the first entry that differs",
        )


def cut_off(entries: int, signed: int) -> Diagnostic:
    return Diagnostic(
        code=codes.CUT_OFF,
        what=f"the ledger ends after {entries} entries, and a checkpoint of size {signed} was signed",
        why="a ledger only grows: whoever holds a checkpoint of a size can demand as many entries",
        mend="restore the missing entries from a copy",
    )


def entry_changed(index: int) -> LoadlineError:
    return _broken(
        codes.ENTRY_CHANGED,
        f"entry {index} is not the one that was recorded",
        "the hash kept in the tree is not the hash of its leaf",
    )


def node_missing(level: int, position: int) -> LoadlineError:
    return _broken(
        codes.ENTRY_CHANGED,
        f"the hash over entries {position << level} to {((position + 1) << level) - 1} is missing",
        "the hash of every leaf and every full subtree is stored for ever",
    )


def no_such_entry(index: int, size: int) -> LoadlineError:
    have = f"entries 0 to {size - 1}" if size else "no entries yet"
    return RequestError(
        Diagnostic(
            code=codes.NO_SUCH_ENTRY,
            what=f"there is no entry {index}",
            why=f"the ledger has {have}",
            mend=f"ask for entry {size - 1}, the newest" if size else "ask a question first",
        )
    )


def _broken(
    code: str, what: str, why: str, mend: str = "restore the ledger from a copy made before the change"
) -> LoadlineError:
    return TamperError(Diagnostic(code=code, what=what, why=why, mend=mend))
