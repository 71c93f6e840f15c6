"""A store in, files for others out: one strict file that proves itself, a published tree, or one entry's proof.

Each is written beside its destination first and put in place when it is whole; nothing that exists is overwritten.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from loadline.adapters.stores import codes
from loadline.errors import OutsideError
from loadline.flow.ports import Store
from loadline.ledger import (
    SignedCheckpoint,
    Verifier,
    entry_bundles,
    export_lines,
    no_such_entry,
    proof_text,
    prove_entry,
    tiles,
)
from loadline.values.diagnostic import Diagnostic


def write_export(store: Store, verifier: Verifier, path: Path) -> int:
    """Write the whole ledger as one file for `tools/prove_ledger.py`, and return the number of entries.

    It holds every payload: it is as confidential as the ledger, and readable by its owner alone.
    """
    final = _newest(store)
    lines = export_lines(store.read_entries(0, final.size), store.read_checkpoints(), final=final, vkey=verifier.vkey)
    _place(path, lambda draft: _write_lines(draft, lines))
    return final.size


def write_tiles(store: Store, directory: Path) -> int:
    """Write the ledger's tree as a C2SP tlog-tiles directory that any web server can serve. It holds leaves and
    hashes, no payload: it can be published without saying what was asked."""
    final = _newest(store)

    def write(draft: Path) -> None:
        draft.mkdir()
        leaves = (entry.leaf for entry in store.read_entries(0, final.size))
        for name, content in (*tiles(final.size, store.read_node), *entry_bundles(leaves)):
            _write(draft / name, content)
        _write(draft / "checkpoint", final.note.encode())

    _place(directory, write)
    return final.size


def read_proof(store: Store, verifier: Verifier, index: int) -> str:
    """The proof that entry `index` is in the ledger as it is now signed, as text for a `.tlog-proof` file.

    Raises RequestError when there is no such entry.
    """
    final = _newest(store)
    if not 0 <= index < final.size:
        raise no_such_entry(index, final.size)
    proven = prove_entry(store.read_entry(index), final, store.read_node, verifier)
    return proof_text(proven.entry, proven.proof, final, vkey=verifier.vkey)


def _newest(store: Store) -> SignedCheckpoint:
    checkpoint = store.read_checkpoint()
    if checkpoint is None:
        raise no_such_entry(0, 0)
    return checkpoint


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _place(path: Path, write: Callable[[Path], None]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists() or path.is_symlink():
            raise FileExistsError
        write(draft)
        if draft.is_dir():
            draft.rename(path)  # fails on anything but an empty directory
        else:
            os.link(draft, path)  # fails when there is something
    except OSError as error:
        why = "it exists already" if isinstance(error, FileExistsError) else f"the system says: {error.strerror}"
        raise OutsideError(
            Diagnostic(
                code=codes.EXPORT_FAILED,
                what=f"the export `{path}` cannot be written",
                why=why,
                mend="name a path that does not exist yet, in a folder you may write to, on a disk with space",
            )
        ) from error
    finally:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        with suppress(FileNotFoundError, NotADirectoryError):
            draft.unlink()
