"""A key file in, an Ed25519 signer or verifier for checkpoints out.

The private key is one line, `PRIVATE+KEY+name+hash+key`, the form Go's `note` package uses; beside it stands the
`.vkey` with the public line to hand to others.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from loadline.adapters.stores import codes
from loadline.errors import OutsideError, RequestError
from loadline.ledger import parse_vkey
from loadline.ledger.codes import KEY_MALFORMED
from loadline.ledger.note import ED25519, PublicKey, is_key_name
from loadline.values.diagnostic import Diagnostic

_PRIVATE = "PRIVATE+KEY+"
_SEED_BYTES = 32


class Ed25519Verifier:
    """A `Verifier` over a public key."""

    def __init__(self, public: PublicKey) -> None:
        """Raises ValueError when it is not an Ed25519 key."""
        if public.algorithm != ED25519:
            raise ValueError("not an Ed25519 key")
        self._key = Ed25519PublicKey.from_public_bytes(public.key)
        self.name = public.name
        self.key_id = public.key_id
        self.vkey = str(public)

    def verify(self, text: bytes, signature: bytes) -> bool:
        try:
            self._key.verify(signature, text)
        except InvalidSignature:
            return False
        return True


class Ed25519Signer:
    """A `Signer` over a private key, and the verifier that goes with it."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        public = PublicKey(name=name, algorithm=ED25519, key=self._key.public_key().public_bytes_raw())
        self.name = name
        self.key_id = public.key_id
        self.verifier = Ed25519Verifier(public)

    def sign(self, text: bytes) -> bytes:
        return self._key.sign(text)


def create_key(path: Path, *, name: str) -> Ed25519Signer:
    """Make a key at `path`, readable by its owner alone, and the `.vkey` file beside it.

    `name` becomes the ledger's origin: unique, no spaces, no `+`, best a URL without its scheme. Raises ValueError
    for a name that cannot be one, OutsideError when there is a key already or the disk will not have it.
    """
    if not is_key_name(name):
        raise ValueError(f"{name!r} cannot be the name of a key")
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    signer = Ed25519Signer(name, seed)
    encoded = base64.b64encode(bytes([ED25519]) + seed).decode()
    _make_folder(path)
    try:
        _write_new(path, f"{_PRIVATE}{name}+{signer.key_id.hex()}+{encoded}\n", mode=0o600)
        public = vkey_path(path)
        public.unlink(missing_ok=True)  # left by an interrupted creation: it belongs to no key
        _write_new(public, f"{signer.verifier.vkey}\n", mode=0o644)
    except FileExistsError as error:
        raise OutsideError(
            Diagnostic(
                code=codes.KEY_EXISTS,
                what=f"there is a key at `{path}` already",
                why="a key is never overwritten: the ledger it signed could not be continued",
                mend="use the key that is there, or name another path under `store:`",
            )
        ) from error
    except OSError as error:
        raise OutsideError(_unreadable(path, f"the system says: {error.strerror}")) from error
    return signer


def load_key(path: Path) -> Ed25519Signer:
    """Raises OutsideError when the file is missing, not a key, or readable by anyone but its owner."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            line = file.read(4096).decode("ascii", "replace")
    except OSError as error:
        raise OutsideError(_unreadable(path, f"the system says: {error.strerror}")) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OutsideError(
            Diagnostic(
                code=codes.KEY_EXPOSED,
                what=f"others can read or replace the key `{path}` (mode {stat.S_IMODE(mode):o})",
                why="whoever reads the private key can sign another history",
                mend=f"chmod 600 '{path}'",
            )
        )
    name, _, rest = line.rstrip("\n").removeprefix(_PRIVATE).partition("+")
    hash_hex, _, encoded = rest.partition("+")
    try:
        decoded = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not line.startswith(_PRIVATE) or not is_key_name(name) or len(decoded) != 1 + _SEED_BYTES:
        raise OutsideError(_malformed(path))
    signer = Ed25519Signer(name, decoded[1:])
    if decoded[0] != ED25519 or signer.key_id.hex() != hash_hex:
        raise OutsideError(_malformed(path))
    return signer


def load_vkey(path: Path) -> Ed25519Verifier:
    """The verifier for the public line in `path`. Raises OutsideError when there is none."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise OutsideError(_unreadable(path, f"the system says: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        raise OutsideError(_malformed(path)) from error
    try:
        return verifier_of(text)
    except RequestError as error:
        raise OutsideError(_malformed(path)) from error


def verifier_of(vkey: str) -> Ed25519Verifier:
    """The verifier for a `name+hash+key` line. Raises RequestError when it is not one."""
    public = parse_vkey(vkey)
    try:
        return Ed25519Verifier(public)
    except ValueError as error:
        raise RequestError(
            Diagnostic(
                code=KEY_MALFORMED,
                what=f"the verification key of `{public.name}` is not an Ed25519 key",
                why="checkpoints are signed with Ed25519",
                mend="pass the line of the `.vkey` file that stands beside the ledger",
            )
        ) from error


def vkey_path(path: Path) -> Path:
    """Where the public half of the key at `path` stands."""
    return path.with_suffix(".vkey")


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(_unreadable(path, f"the system says: {error.strerror}")) from error


def _write_new(path: Path, text: str, *, mode: int) -> None:
    """Write a file that did not exist, whole or not at all, with exactly this mode whatever the umask."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # fails when there is one: nothing is overwritten
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _unreadable(path: Path, why: str) -> Diagnostic:
    return Diagnostic(
        code=codes.NO_KEY,
        what=f"the key `{path}` cannot be read or written",
        why=why,
        mend=f"restore `{path}` from a copy, or run `loadline init` where there is no ledger yet",
    )


def _malformed(path: Path) -> Diagnostic:
    return Diagnostic(
        code=codes.KEY_MALFORMED,
        what=f"`{path}` does not hold a key",
        why="a key file is one line: `PRIVATE+KEY+name+hash+key`, or `name+hash+key` for the public half",
        mend=f"restore `{path}` from a copy",
    )
