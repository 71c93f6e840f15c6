"""A size and a root in, a signed checkpoint out, and back: C2SP tlog-checkpoint in a C2SP signed note.

The signature itself is made outside, by a `Signer`; this module knows only what is signed and how it is written down.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Protocol

from loadline.errors import LoadlineError, RequestError, TamperError
from loadline.ledger import codes
from loadline.ledger.nouns import SignedCheckpoint
from loadline.values.diagnostic import Diagnostic

ED25519 = 0x01  # the signature type byte of C2SP signed-note
MAX_SIGNATURES = 100
MAX_NOTE_CHARACTERS = 1_000_000
_DASH = "\u2014 "


class Signer(Protocol):
    """Holds the private key. `name` is also the ledger's origin."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...

    def sign(self, text: bytes) -> bytes: ...


class Verifier(Protocol):
    """Holds the public key; `vkey` is the line by which it is handed to others."""

    @property
    def name(self) -> str: ...

    @property
    def key_id(self) -> bytes: ...

    @property
    def vkey(self) -> str: ...

    def verify(self, text: bytes, signature: bytes) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """What a `vkey` line says."""

    name: str
    algorithm: int
    key: bytes

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.algorithm, self.key)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_encode(bytes([self.algorithm]) + self.key)}"


def key_id(name: str, algorithm: int, key: bytes) -> bytes:
    """The first four bytes of `SHA-256(name || 0x0A || algorithm || key)`, as C2SP signed-note recommends."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + key).digest()[:4]


def parse_vkey(text: str) -> PublicKey:
    """Read a `name+hash+key` line. Raises RequestError when it is not one, or its hash does not fit."""
    name, _, rest = text.strip().partition("+")
    hash_hex, _, encoded = rest.partition("+")
    decoded = _decode(encoded)
    if not is_key_name(name) or decoded is None or len(decoded) < 2:
        raise _malformed_key("a verification key has three parts joined by `+`: a name, a hash and the key")
    key = PublicKey(name=name, algorithm=decoded[0], key=decoded[1:])
    if key.key_id.hex() != hash_hex:
        raise _malformed_key("the hash inside the key does not fit the rest of it, so a character was lost or changed")
    return key


def is_key_name(name: str) -> bool:
    """Key names are non-empty and hold no space, no `+` and no control character."""
    return bool(name) and not any(c.isspace() or c == "+" or ord(c) < 0x20 for c in name)


def checkpoint_text(origin: str, size: int, root: bytes) -> str:
    """The three lines that are signed."""
    return f"{origin}\n{size}\n{_encode(root)}\n"


def sign_checkpoint(signer: Signer, *, size: int, root: bytes) -> SignedCheckpoint:
    text = checkpoint_text(signer.name, size, root)
    signature = _encode(signer.key_id + signer.sign(text.encode()))
    note = f"{text}\n{_DASH}{signer.name} {signature}\n"
    return SignedCheckpoint(origin=signer.name, size=size, root=root, note=note)


def open_checkpoint(note: str, verifier: Verifier) -> SignedCheckpoint:
    """Read a note and check its signature. Signatures by unknown keys are ignored, as the specification demands.

    Raises TamperError when it is not a checkpoint, or is not signed by this key.
    """
    checkpoint, signatures = parse_note(note)
    text = note[: note.rindex("\n\n") + 1].encode()
    known = [s for s in signatures if s.name == verifier.name and s.key_id == verifier.key_id]
    if not known:
        raise _not_signed(
            f"the checkpoint of size {checkpoint.size} is signed by {_names(signatures)}, not by `{verifier.name}`"
            f" with the key {verifier.key_id.hex()}"
        )
    if not all(verifier.verify(text, s.signature) for s in known):
        raise _not_signed(f"the signature of `{verifier.name}` under the checkpoint of size {checkpoint.size} is false")
    if checkpoint.origin != verifier.name:
        raise _not_signed(f"the checkpoint is of the ledger `{checkpoint.origin}`, not of `{verifier.name}`")
    return checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    name: str
    key_id: bytes
    signature: bytes


def parse_note(note: str) -> tuple[SignedCheckpoint, tuple[NoteSignature, ...]]:
    """Read a checkpoint without believing it. Raises TamperError when it is not well formed."""
    if len(note) > MAX_NOTE_CHARACTERS:
        raise _malformed_note("it is longer than a checkpoint can be")
    if any((c < " " and c != "\n") or "\ud800" <= c <= "\udfff" for c in note):
        raise _malformed_note("it holds a control character, or is not UTF-8")
    text, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise _malformed_note("a blank line must part the text from the signatures, and each line must end")
    lines = text.split("\n")
    if len(lines) < 3 or not all(lines):
        raise _malformed_note("the text must be an origin, a size and a root hash, a line each")
    root = _decode(lines[2])
    if not (lines[1].isascii() and lines[1].isdecimal()) or str(int(lines[1][:20])) != lines[1]:
        raise _malformed_note("its second line must be a size")
    if root is None or len(root) != 32:
        raise _malformed_note("its third line must be a SHA-256 root hash in base64")
    signatures = tuple(_parse_signature(line) for line in tail[:-1].split("\n"))
    if len(signatures) > MAX_SIGNATURES:
        raise _malformed_note("it has more signatures than anyone needs")
    return SignedCheckpoint(origin=lines[0], size=int(lines[1]), root=root, note=note), signatures


def _parse_signature(line: str) -> NoteSignature:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    decoded = _decode(encoded)
    if not line.startswith(_DASH) or not is_key_name(name) or decoded is None or len(decoded) < 5:
        raise _malformed_note("a signature line is an em dash, the key's name and the signature in base64")
    return NoteSignature(name=name, key_id=decoded[:4], signature=decoded[4:])


def _names(signatures: tuple[NoteSignature, ...]) -> str:
    return ", ".join(f"`{s.name}` with the key {s.key_id.hex()}" for s in signatures)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes | None:
    """Strict base64: only the one spelling that encoding would give."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _encode(data) == text else None


def _malformed_key(why: str) -> LoadlineError:
    return RequestError(
        Diagnostic(
            code=codes.KEY_MALFORMED,
            what="this is not a verification key",
            why=why,
            mend="pass the whole line of the `.vkey` file that stands beside the ledger",
        )
    )


def _malformed_note(why: str) -> LoadlineError:
    return TamperError(
        Diagnostic(
            code=codes.NOTE_MALFORMED,
            what="this is not a signed checkpoint",
            why=why,
            mend="pass the checkpoint exactly as it was handed over, byte for byte",
        )
    )


def _not_signed(what: str) -> LoadlineError:
    return TamperError(
        Diagnostic(
            code=codes.NOT_SIGNED,
            what=what,
            why="a checkpoint counts only when the key you know signed exactly its text",
            mend="compare the key with the `.vkey` line noted down when the ledger was created; if it is the same,"
            " the checkpoint was not made by this ledger",
        )
    )
