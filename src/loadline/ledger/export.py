"""Entries and checkpoints in, the lines and files a stranger can prove out: `docs/reference/ledger-format.md`.

No byte of an export is free: each line has one spelling, and each is bound to the signed root or to the key. Payloads
and leaves stand as JSON strings inside the lines, so that the exact bytes that were hashed can be had back.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator

from loadline.errors import TamperError
from loadline.ledger.merkle import InclusionProof, ReadNode, leaf_hash
from loadline.ledger.nouns import Entry, SignedCheckpoint
from loadline.ledger.prove import cut_off

EXPORT_FORMAT = "loadline-ledger/1"
PROOF_FORMAT = "c2sp.org/tlog-proof@v1"
MOST_CHECKPOINTS = 128  # beyond the last: enough to say where a ledger breaks, few enough to verify in plain Python
TILE_WIDTH = 256


def export_lines(
    entries: Iterable[Entry], checkpoints: Iterable[SignedCheckpoint], *, final: SignedCheckpoint, vkey: str
) -> Iterator[bytes]:
    """The export of the ledger as it was at `final`: a header, the entries from 0, and after the entries it covers
    every so often a checkpoint, `final` last. `checkpoints` come by growing size.

    Raises TamperError when the entries do not reach `final`.
    """
    spacing = max(1, final.size // MOST_CHECKPOINTS)
    waiting = _spaced(checkpoints, spacing, final)
    at = next(waiting, final)
    size = 0
    yield _line({"format": EXPORT_FORMAT, "vkey": vkey})
    for entry in entries:
        yield _line({"hash": leaf_hash(entry.leaf).hex(), "leaf": entry.leaf.decode(), **_content(entry)})
        size = entry.index + 1
        if size == final.size:
            break
        if size == at.size:
            yield _line({"checkpoint": at.note})
            at = next(waiting, final)
    if size != final.size:
        raise TamperError(cut_off(size, final.size))
    yield _line({"checkpoint": final.note})


def proof_text(entry: Entry, proof: InclusionProof, checkpoint: SignedCheckpoint, *, vkey: str) -> str:
    """One entry and the proof that it is in the signed ledger, as a C2SP tlog-proof. The entry itself travels in the
    `extra` line; it counts because its leaf hashes to what is proven."""
    extra = {"leaf": entry.leaf.decode(), "vkey": vkey, **_content(entry)}
    lines = [PROOF_FORMAT, f"extra {_encode(_line(extra)[:-1])}", f"index {proof.index}"]
    lines += [_encode(sibling) for sibling in proof.path]
    return "\n".join((*lines, "", checkpoint.note))


def _content(entry: Entry) -> dict[str, str]:
    """What the leaf commits to, sealed as it is stored; nothing where it was taken out."""
    if entry.is_removed:
        return {}
    return {"payload": entry.stored_payload.decode(), "salt": entry.salt.hex()}


def tiles(size: int, read_node: ReadNode) -> Iterator[tuple[str, bytes]]:
    """The tree of `size` leaves as C2SP tlog-tiles: paths such as `tile/0/x001/234.p/17`, and their hashes."""
    level = 0
    while width := size >> 8 * level:
        for number in range(-(-width // TILE_WIDTH)):
            start = number * TILE_WIDTH
            stop = min(start + TILE_WIDTH, width)
            content = b"".join(read_node(8 * level, position) for position in range(start, stop))
            yield _tile_path(str(level), number, stop - start), content
        level += 1


def entry_bundles(leaves: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """The leaves as C2SP tlog-tiles entry bundles: each leaf behind its length in two bytes. They hold commitments,
    not payloads, so they can be published."""
    number, bundle = 0, list[bytes]()
    for leaf in leaves:
        bundle.append(len(leaf).to_bytes(2, "big") + leaf)
        if len(bundle) == TILE_WIDTH:
            yield _tile_path("entries", number, TILE_WIDTH), b"".join(bundle)
            number, bundle = number + 1, []
    if bundle:
        yield _tile_path("entries", number, len(bundle)), b"".join(bundle)


def _spaced(
    checkpoints: Iterable[SignedCheckpoint], spacing: int, final: SignedCheckpoint
) -> Iterator[SignedCheckpoint]:
    last = 0
    for checkpoint in checkpoints:
        if checkpoint.size >= final.size:
            return
        if checkpoint.size >= last + spacing:
            last = checkpoint.size
            yield checkpoint


def _tile_path(level: str, number: int, width: int) -> str:
    """A tile's number is written in threes, all but the last behind an `x`; a partial tile says its width."""
    parts = [f"{number % 1000:03}"]
    while number := number // 1000:
        parts.insert(0, f"x{number % 1000:03}")
    partial = f".p/{width}" if width < TILE_WIDTH else ""
    return f"tile/{level}/{'/'.join(parts)}{partial}"


def _line(fields: dict[str, str]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()
