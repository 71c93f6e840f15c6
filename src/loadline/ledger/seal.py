"""A draft in, an entry with its exact leaf bytes out; and stored bytes in, the entry they stand for out.

The leaf does not hold the payload, only `sha256(salt || payload)`: whoever holds salt and payload can show that they
belong together, and without them nothing can be learned from the tree, not even by guessing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from loadline.errors import Bug, LoadlineError, RequestError, TamperError
from loadline.ledger import codes
from loadline.ledger.nouns import Draft, Entry, Kind
from loadline.ledger.sealed import Seals, envelope_bytes, open_parts, read_envelope
from loadline.values.canonical import canonical
from loadline.values.diagnostic import Diagnostic

LEAF_VERSION = 1
SALT_BYTES = 32
MAX_LEAF_BYTES = 65_535  # what a C2SP entry bundle can hold
_MAX_INDEX_DIGITS = 20
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_LEAF_FIELDS = frozenset({"at", "commitment", "index", "keys", "kind", "run", "v"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A draft made ready before it has its turn: all that does not depend on its place."""

    draft: Draft
    at: datetime
    salt: bytes
    payload: bytes  # what is stored: canonical JSON, or the envelope it is sealed in
    is_sealed: bool = False
    said: dict[str, Any]  # the payload as it will be read back
    before_index: bytes  # the leaf, around the number it will get
    after_index: bytes


def prepare(draft: Draft, salt: bytes, seals: Seals | None = None) -> Prepared:
    """With `seals`, what is about people is sealed.

    Raises RequestError when the draft has no exact UTF-8 form or its keys do not fit into a leaf."""
    if draft.at.tzinfo is None:
        raise Bug(_diagnostic(codes.NOT_RECORDABLE, "an entry's time names no instant", "time must be aware"))
    try:
        payload = canonical(draft.payload)
        after_index = _dump({"keys": draft.keys, "kind": draft.kind.value, "run": draft.run, "v": LEAF_VERSION})
    except (TypeError, ValueError) as error:
        raise RequestError(
            _diagnostic(
                codes.NOT_RECORDABLE,
                f"this cannot be recorded: {_printable(error)}",
                "an entry must have one exact form as UTF-8 JSON",
                "ask again in plain text",
            )
        ) from error
    said = json.loads(payload)
    is_sealed = seals is not None and bool(draft.subjects)
    if seals is not None and is_sealed:
        payload = envelope_bytes(replace(seals.seal(draft, payload), open=open_parts(draft, said)))
    at = draft.at.astimezone(UTC)
    before_index = f'{{"at":"{_instant(at)}","commitment":"{commitment(salt, payload)}","index":'.encode()
    length = len(before_index) + _MAX_INDEX_DIGITS + len(after_index)
    if length > MAX_LEAF_BYTES:
        raise RequestError(
            _diagnostic(
                codes.NOT_RECORDABLE,
                f"the names this entry is to be found by are too long: its leaf would take {length} bytes",
                f"a leaf holds at most {MAX_LEAF_BYTES} bytes",
                "use shorter names",
            )
        )
    return Prepared(
        draft=draft,
        at=at,
        salt=salt,
        payload=payload,
        is_sealed=is_sealed,
        said=said,
        before_index=before_index,
        after_index=b"," + after_index[1:],
    )


def seal(prepared: Prepared, index: int) -> Entry:
    """Give the draft its place."""
    draft = prepared.draft
    return Entry(
        index=index,
        kind=draft.kind,
        run=draft.run,
        at=prepared.at,
        keys=draft.keys,
        payload=prepared.said,
        salt=prepared.salt,
        leaf=prepared.before_index + str(index).encode() + prepared.after_index,
        stored=prepared.payload if prepared.is_sealed else None,
    )


def commitment(salt: bytes, payload: bytes) -> str:
    return hashlib.sha256(salt + payload).hexdigest()


def open_entry(*, index: int, leaf: bytes, salt: bytes, payload: bytes, seals: Seals | None = None) -> Entry:
    """The entry these stored bytes stand for; both salt and payload empty: its content was taken out. Raises
    TamperError when they do not belong together or to `index`."""
    fields = _open_leaf(index, leaf)
    is_removed = not salt and not payload
    if not is_removed and commitment(salt, payload) != fields["commitment"]:
        raise _payload_changed(index, fields)
    try:
        said, stored, is_readable = _read(payload, seals) if not is_removed else ({}, b"", False)
        return Entry(
            index=index,
            kind=Kind(fields["kind"]),
            run=fields["run"],
            at=datetime.fromisoformat(fields["at"]),
            keys=tuple(fields["keys"]),
            payload=said,
            salt=salt,
            leaf=leaf,
            stored=stored,
            is_readable=is_readable,
        )
    except (TypeError, ValueError) as error:
        raise _malformed(index, f"it was written by something else than this ledger ({_printable(error)})") from error


def _read(payload: bytes, seals: Seals | None) -> tuple[Any, bytes | None, bool]:
    """What a payload says, what was stored where that is something else, and whether it could be read."""
    envelope = read_envelope(payload)
    if envelope is None:
        return json.loads(payload), None, True
    text = seals.unseal(envelope) if seals is not None else None
    return (json.loads(text), payload, True) if text is not None else (dict(envelope.open), payload, False)


def check_entry(entry: Entry) -> None:
    """Whether an entry in hand is what its leaf says. Of one whose content was taken out the leaf is all there is.
    Raises TamperError."""
    fields = _open_leaf(entry.index, entry.leaf)
    if not entry.is_removed and commitment(entry.salt, entry.stored_payload) != fields["commitment"]:
        raise _payload_changed(entry.index, fields)
    said = (entry.kind.value, entry.run, _instant(entry.at), list(entry.keys))
    if said != (fields["kind"], fields["run"], fields["at"], fields["keys"]):
        raise _malformed(entry.index, "kind, run, time and keys must be as the leaf says them")


def _open_leaf(index: int, leaf: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(leaf)
        is_canonical = _dump(fields) == leaf
    except (ValueError, RecursionError) as error:
        raise _malformed(index, "a leaf is canonical JSON") from error
    if not is_canonical or not isinstance(fields, dict) or fields.keys() != _LEAF_FIELDS:
        raise _malformed(index, f"a leaf is canonical JSON with exactly {', '.join(sorted(_LEAF_FIELDS))}")
    if fields["v"] != LEAF_VERSION:
        raise _malformed(index, f"this version of loadline reads leaves of version {LEAF_VERSION}")
    if fields["index"] != index:
        raise _malformed(index, f"it says it is entry {fields['index']}, and an entry cannot be moved")
    return fields


def _dump(fields: dict[str, Any]) -> bytes:
    """Canonical JSON, as `values.canonical` writes it, of what is plain already."""
    return _ENCODER.encode(fields).encode()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _printable(error: Exception) -> str:
    return str(error).encode("ascii", "backslashreplace").decode()[:200]


def _payload_changed(index: int, fields: dict[str, Any]) -> LoadlineError:
    return TamperError(
        _diagnostic(
            codes.PAYLOAD_CHANGED,
            f"entry {index} does not say what it said when it was recorded",
            f"its leaf (kind `{fields['kind']}`, `{fields['run']}`) commits to another payload",
            "restore the ledger from a copy made before the change",
        )
    )


def _malformed(index: int, why: str) -> LoadlineError:
    return TamperError(
        _diagnostic(
            codes.LEAF_MALFORMED,
            f"the leaf at {index} is not one this ledger wrote there",
            why,
            "restore the ledger from a copy made before the change",
        )
    )


def _diagnostic(code: str, what: str, why: str, mend: str = "report this as a defect of loadline") -> Diagnostic:
    return Diagnostic(code=code, what=what, why=why, mend=mend)
