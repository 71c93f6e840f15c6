#!/usr/bin/env python3
"""An exported Loadline ledger in; whether it is one unbroken, signed ledger out, or where it breaks.

    prove_ledger.py ledger.jsonl                         every entry, every checkpoint
    prove_ledger.py ledger.jsonl --vkey ledger.vkey      ... and signed by the key you know
    prove_ledger.py ledger.jsonl --checkpoint old.txt    ... and grown out of the state you kept
    prove_ledger.py ledger.jsonl --receipt 3f2a91        ... and this receipt (or run) is in it
    prove_ledger.py answer.tlog-proof --vkey ledger.vkey one entry, without the rest of the ledger

Exit 0: proven. 1: broken, and the first place is named. 2: nothing could be said (wrong use, unreadable file).

This file stands alone on purpose. It shares no code with the program that writes ledgers and needs nothing but
Python's standard library (with the `cryptography` package installed signatures are checked faster), so you can read
all of it before you believe it. The formats: docs/reference/ledger-format.md, RFC 6962, RFC 8032, C2SP signed-note.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None  # type: ignore[assignment, misc]

EXPORT_FORMAT = "loadline-ledger/1"
PROOF_FORMAT = "c2sp.org/tlog-proof@v1"
LEAF_FIELDS = ["at", "commitment", "index", "keys", "kind", "run", "v"]
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)


class Broken(Exception):
    """The ledger does not prove: where, and what is wrong there."""


class Unusable(Exception):
    """Nothing can be said: the question or the file is not one this program can work with."""


# --- Ed25519 (RFC 8032, section 5.1), verification only ---------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]  # (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z


def add_points(a: Point, b: Point) -> Point:
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    k, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, z - k, z + k, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply_point(factor: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            result = add_points(result, point)
        point, factor = add_points(point, point), factor >> 1
    return result


def decode_point(data: bytes) -> Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def encode_point(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE_POINT = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verify_plain(key: bytes, text: bytes, signature: bytes) -> bool:
    """Ed25519 in plain Python: `[S]B - [k]A` must spell the signature's first half."""
    if len(key) != 32 or len(signature) != 64:
        return False
    point, scalar = decode_point(key), int.from_bytes(signature[32:], "little")
    if point is None or BASE_POINT is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    minus = (P - point[0], point[1], point[2], P - point[3])
    computed = add_points(multiply_point(scalar, BASE_POINT), multiply_point(challenge, minus))
    return encode_point(computed) == signature[:32]


def verify_fast(key: bytes, text: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


verify: Callable[[bytes, bytes, bytes], bool] = verify_plain if Ed25519PublicKey is None else verify_fast


# --- Keys and checkpoints (C2SP signed-note, tlog-checkpoint) ---------------------------------------------------------


class Key(NamedTuple):
    name: str
    hash: bytes
    public: bytes


class Checkpoint(NamedTuple):
    size: int
    root: bytes


def decode64(text: str) -> bytes | None:
    """Base64 in its one canonical spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def read_key(line: str) -> Key:
    """`name+hash+base64(1 || public key)`."""
    name, _, rest = line.partition("+")
    hash_hex, _, encoded = rest.partition("+")
    data = decode64(encoded)
    if not name or data is None or len(data) != 33 or data[0] != 1:
        raise ValueError("it is not an Ed25519 verification key (`name+hash+key`)")
    hash_ = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if hash_.hex() != hash_hex:
        raise ValueError("the hash inside the verification key does not fit its key")
    return Key(name, hash_, data[1:])


def read_checkpoint(note: str, key: Key, *, is_alone: bool) -> Checkpoint:
    """Check the note's text and this key's signature. With `is_alone` there may be no other signature: inside an
    export a line that nobody checks would be a line that anybody can change."""
    text, blank, tail = note.rpartition("\n\n")
    lines, signatures = text.split("\n"), tail.split("\n")
    if not blank or len(lines) != 3 or signatures.pop() != "" or not signatures:
        raise ValueError("it is not a signed checkpoint")
    root = decode64(lines[2])
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1], re.ASCII) or root is None or len(root) != 32:
        raise ValueError("its size or its root cannot be read")
    if lines[0] != key.name:
        raise ValueError(f"it is of the ledger {lines[0]!r}, not of {key.name!r}")
    found = 0
    for line in signatures:
        dash, name, encoded = ([*line.split(" "), "", ""])[:3]
        data = decode64(encoded)
        if line != f"\u2014 {name} {encoded}" or dash != "\u2014" or data is None:
            raise ValueError("a signature line cannot be read")
        if name == key.name and data[:4] == key.hash:
            found += 1
            if not verify(key.public, (text + "\n").encode(), data[4:]):
                raise ValueError("its signature is false")
        elif is_alone:
            raise ValueError(f"it is signed by {name!r}, which is not this ledger's key")
    if found == 0 or (is_alone and found > 1):
        raise ValueError(f"it is not signed by {key.name!r} with the key {key.hash.hex()}")
    return Checkpoint(int(lines[1]), root)


# --- The tree (RFC 6962, section 2.1) ---------------------------------------------------------------------------------


def hash_leaf(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def hash_pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree, kept as its full subtrees from left to right: (number of leaves, hash)."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        peak = (1, hash_leaf(leaf))
        while self.peaks and self.peaks[-1][0] == peak[0]:
            peak = (2 * peak[0], hash_pair(self.peaks.pop()[1], peak[1]))
        self.peaks.append(peak)
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        hashes = [peak[1] for peak in self.peaks]
        root = hashes.pop()
        while hashes:
            root = hash_pair(hashes.pop(), root)
        return root


def root_from_path(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """The root that an inclusion path leads to, by the definition of PATH in RFC 6962 section 2.1.1."""
    if size == 1:
        if path:
            raise ValueError("its proof is too long")
        return hash_leaf(leaf)
    if not path:
        raise ValueError("its proof is too short")
    half = 1
    while 2 * half < size:
        half *= 2
    if index < half:
        return hash_pair(root_from_path(index, half, leaf, path[:-1]), path[-1])
    return hash_pair(path[-1], root_from_path(index - half, size - half, leaf, path[:-1]))


# --- Entries ----------------------------------------------------------------------------------------------------------


def spell(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read_fields(text: str, what: str) -> dict[str, Any]:
    """A JSON object in its one canonical spelling: sorted, without spaces, each name once."""
    try:
        fields = json.loads(text)
        is_canonical = spell(fields) == text
    except (ValueError, RecursionError):
        raise ValueError(f"{what} is not JSON") from None
    if not isinstance(fields, dict) or not is_canonical:
        raise ValueError(f"{what} is not spelled canonically")
    return fields


def read_leaf(fields: dict[str, Any], index: int) -> dict[str, Any]:
    """Check an entry's leaf, and that its payload is the one the leaf commits to, unless it was taken out."""
    is_removed = "payload" not in fields and "salt" not in fields
    for name in ("leaf",) if is_removed else ("leaf", "payload", "salt"):
        if not isinstance(fields.get(name), str):
            raise ValueError(f"it has no {name}")  # noqa: TRY004 - all that is wrong with a file is a ValueError here
    leaf = read_fields(fields["leaf"], "its leaf")
    if sorted(leaf) != LEAF_FIELDS or spell(leaf["v"]) != "1":
        raise ValueError("its leaf is not a leaf of version 1")
    if spell(leaf["index"]) != str(index):
        raise ValueError(f"its leaf says it is entry {spell(leaf['index'])}: it was moved")
    if not isinstance(leaf["at"], str) or not INSTANT.fullmatch(leaf["at"]) or not isinstance(leaf["keys"], list):
        raise ValueError("its leaf has no time or no keys")
    if is_removed:
        return leaf
    if not re.fullmatch(r"[0-9a-f]{64}", fields["salt"], re.ASCII):
        raise ValueError("its salt is not 32 bytes in hexadecimal")
    committed = hashlib.sha256(bytes.fromhex(fields["salt"]) + fields["payload"].encode()).hexdigest()
    if committed != leaf["commitment"]:
        raise ValueError("its payload is not the one it was recorded with")
    return leaf


# --- An exported ledger -----------------------------------------------------------------------------------------------


class Proven(NamedTuple):
    key: Key
    size: int
    root: bytes
    checkpoints: int
    found: list[tuple[int, str, str]]  # entries asked for: index, kind, time
    first: str
    last: str
    removed: int  # entries whose content was taken out by an erasure that names them


def read_lines(data: Iterator[bytes]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(data, 1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            raise Broken(f"line {number}: it is not UTF-8") from None
        if not text.endswith("\n"):
            raise Broken(f"line {number}: the file ends in the middle of it")
        yield number, text[:-1]


def prove_export(data: Iterator[bytes], known: Key | None, older: list[str], receipt: str | None) -> Proven:
    """Recompute the ledger line by line. Raises Broken at the first place that does not fit."""
    lines = read_lines(data)
    key = read_header(next(lines, (1, ""))[1], known)
    kept = sorted(read_older(note, key) for note in older)
    tree, checkpoints, covered, found, times = Tree(), 0, -1, list[tuple[int, str, str]](), ["", ""]
    removed, named = list[int](), list[tuple[int, int]]()
    check_kept(kept, tree)
    for number, text in lines:
        where = f"entry {tree.size} (line {number})"
        try:
            fields = read_fields(text, "this line")
            if list(fields) == ["checkpoint"]:
                where = f"checkpoint after entry {tree.size - 1} (line {number})"
                check_checkpoint(fields["checkpoint"], key, tree, covered)
                checkpoints, covered = checkpoints + 1, tree.size
                continue
            leaf = read_entry(fields, tree.size)
        except ValueError as error:
            raise Broken(f"{where}: {error}") from None
        if receipt and any(str(k).startswith(receipt) for k in [leaf["run"], *leaf["keys"]]):
            found.append((tree.size, leaf["kind"], leaf["at"]))
        if "payload" not in fields:
            removed.append(tree.size)
        elif leaf["kind"] == "erasure":
            named += read_removed(fields["payload"])
        tree.add(fields["leaf"].encode())
        times = [times[0] or leaf["at"], leaf["at"]]
        check_kept(kept, tree)
    if covered != tree.size:
        raise Broken(f"entry {max(covered, 0)}: no signed checkpoint follows the last entries; the end was cut off")
    if kept:
        raise Broken(f"the end: the ledger has {tree.size} entries and once had {kept[0].size}")
    for index in removed:
        if not any(first <= index <= last for first, last in named):
            raise Broken(f"entry {index}: it has no content, and no erasure names it")
    return Proven(key, tree.size, tree.root(), checkpoints, found, times[0], times[1], len(removed))


def read_header(text: str, known: Key | None) -> Key:
    try:
        fields = read_fields(text, "the first line")
        key = read_key(str(fields.get("vkey")))
    except ValueError as error:
        raise Broken(f"line 1: {error}") from None
    if spell(fields) != spell({"format": EXPORT_FORMAT, "vkey": fields["vkey"]}):
        raise Broken(f"line 1: it is not the header of an export in the format {EXPORT_FORMAT}")
    if known is not None and key != known:
        raise Broken(f"line 1: the export names the key {key.hash.hex()} of {key.name!r}, not the one you know")
    return key


def read_entry(fields: dict[str, Any], index: int) -> dict[str, Any]:
    if sorted(fields) not in (["hash", "leaf", "payload", "salt"], ["hash", "leaf"]):
        raise ValueError("this line is neither an entry nor a checkpoint")
    leaf = read_leaf(fields, index)
    if hash_leaf(fields["leaf"].encode()).hex() != fields["hash"]:
        raise ValueError("its leaf was changed: it does not hash to what was recorded")
    return leaf


def read_removed(payload: str) -> list[tuple[int, int]]:
    """What an erasure says it took out, as (first, last); its payload may be sealed, and this part of it never is."""
    fields = read_fields(payload, "its payload")
    said = fields.get("open", fields)
    ranges = said.get("removed", []) if isinstance(said, dict) else []
    try:
        return [(int(first), int(last)) for first, last in ranges]
    except (TypeError, ValueError):
        raise ValueError("what it took out cannot be read") from None


def check_checkpoint(note: Any, key: Key, tree: Tree, covered: int) -> None:
    if not isinstance(note, str):
        raise ValueError("it is not a signed checkpoint")  # noqa: TRY004 - as above
    checkpoint, proven = read_checkpoint(note, key, is_alone=True), max(covered, 0)
    if checkpoint.size != tree.size or checkpoint.size == covered:
        raise ValueError(f"it is about {checkpoint.size} entries and stands after {tree.size}")
    if checkpoint.root != tree.root():
        raise ValueError(f"entries {proven} to {tree.size - 1} are not the ones that were signed")


def read_older(note: str, key: Key) -> Checkpoint:
    try:
        return read_checkpoint(note, key, is_alone=False)
    except ValueError as error:
        raise Broken(f"the checkpoint you kept: {error}") from None


def check_kept(kept: list[Checkpoint], tree: Tree) -> None:
    while kept and kept[0].size == tree.size:
        if kept.pop(0).root != tree.root():
            kept_span = f"entries 0 to {tree.size - 1}"
            raise Broken(f"{kept_span}: they are not the ones in the checkpoint you kept; history was rewritten")


# --- One entry --------------------------------------------------------------------------------------------------------


class Proof(NamedTuple):
    """A C2SP tlog-proof: format, extra, index, path, blank line, checkpoint."""

    extra: dict[str, Any]
    at: int  # the entry's index
    path: list[bytes]
    note: str


def prove_one(data: bytes, known: Key | None) -> tuple[Key, int, int, dict[str, Any]]:
    try:
        return check_proof(read_proof(data.decode("utf-8")), known)
    except ValueError as error:  # UnicodeDecodeError is one
        raise Broken(f"the proof: {error}") from None


def read_proof(text: str) -> Proof:
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or len(lines) < 3 or lines[0] != PROOF_FORMAT or not lines[1].startswith("extra "):
        raise ValueError("it is not a proof this program can read")
    extra = decode64(lines[1][len("extra ") :])
    if extra is None or not re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines[2], re.ASCII):
        raise ValueError("its entry or its index cannot be read")
    fields = read_fields(extra.decode("utf-8"), "its entry")
    if sorted(fields) not in (["leaf", "payload", "salt", "vkey"], ["leaf", "vkey"]):
        raise ValueError("its entry is not complete")
    path = []
    for line in lines[3:]:
        sibling = decode64(line)
        if sibling is None or len(sibling) != 32:
            raise ValueError("a line of its path is not a hash")
        path.append(sibling)
    return Proof(fields, int(lines[2][len("index ") :]), path, note)


def check_proof(proof: Proof, known: Key | None) -> tuple[Key, int, int, dict[str, Any]]:
    key = read_key(str(proof.extra["vkey"]))
    if known is not None and key != known:
        raise ValueError(f"it names the key {key.hash.hex()} of {key.name!r}, not the one you know")
    leaf = read_leaf(proof.extra, proof.at)
    size, root = read_checkpoint(proof.note, key, is_alone=True)
    if proof.at >= size:
        raise ValueError(f"entry {proof.at} is not among the {size} entries that were signed")
    if root_from_path(proof.at, size, proof.extra["leaf"].encode(), proof.path) != root:
        raise ValueError(f"entry {proof.at} does not lead to the signed root")
    return key, proof.at, size, leaf


# --- The command ------------------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Prove an exported Loadline ledger, or say where it breaks.")
    parser.add_argument("file", help="a ledger export (.jsonl) or the proof of one entry (.tlog-proof)")
    parser.add_argument("--vkey", help="the verification key you know: the line, or a file that holds it")
    parser.add_argument("--checkpoint", action="append", default=[], metavar="FILE", help="a checkpoint you kept")
    parser.add_argument("--receipt", metavar="ID", help="a receipt id or run (or its beginning) that must be in it")
    options = parser.parse_args(arguments)
    try:
        print("\n".join(say(options)))
    except Broken as error:
        print(f"BROKEN at {error}")
        return 1
    except (Unusable, OSError) as error:
        print(f"prove_ledger: {error}", file=sys.stderr)
        return 2
    return 0


def say(options: argparse.Namespace) -> list[str]:
    known = read_known(options.vkey) if options.vkey else None
    older = [read_text(name) for name in options.checkpoint]
    with Path(options.file).open("rb") as file:
        is_proof = file.read(len(PROOF_FORMAT)) == PROOF_FORMAT.encode()
        file.seek(0)
        if is_proof:
            if older or options.receipt:
                raise Unusable("--checkpoint and --receipt need the whole ledger, and this is the proof of one entry")
            key, index, size, leaf = prove_one(file.read(), known)
            said = [f"proven: entry {index} ({leaf['kind']}, {leaf['at']}) is in the ledger {key.name}"]
            return [*said, f"  as signed at {size} entries", say_key(key, known)]
        result = prove_export(file, known, older, options.receipt)
    if options.receipt and not result.found:
        raise Broken(f"the whole ledger: it proves, but no entry in it carries {options.receipt!r}")
    said = [f"proven: {result.size} entries of the ledger {result.key.name}"]
    if result.size:
        said.append(f"  from   {result.first} to {result.last}")
    said.append(f"  root   {result.root.hex()}")
    said.append(f"  signed {result.checkpoints} checkpoint{'s' * (result.checkpoints > 1)}, the last over every entry")
    if result.removed:
        said.append(f"  gone   the content of {result.removed}, each named by an erasure")
    said += ["  grown out of the %s you kept" % ("checkpoint" if len(older) == 1 else "checkpoints")] if older else []
    said += ["  holds  entry {} ({}, {}) for {}".format(*found, options.receipt) for found in result.found]
    return [*said, say_key(result.key, known)]


def say_key(key: Key, known: Key | None) -> str:
    if known is not None:
        return f"  key    {key.hash.hex()}, the one you know"
    return f"  key    {key.hash.hex()}, named by the file itself: pass --vkey to know whose it is"


def read_known(text: str) -> Key:
    line = text if text.count("+") >= 2 else read_text(text)
    try:
        return read_key(line.strip())
    except ValueError as error:
        raise Unusable(f"--vkey: {error}") from None


def read_text(name: str) -> str:
    try:
        return Path(name).read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise Unusable(f"{name} is not text") from None


if __name__ == "__main__":
    sys.exit(main())
