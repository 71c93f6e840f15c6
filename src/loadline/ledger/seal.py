"""A draft in, an entry with its exact leaf bytes out; and stored bytes in, the entry they stand for out.

The leaf does not hold the payload, only `sha256(salt || payload)`: whoever holds salt and payload can show that they
belong together, and without them nothing can be learned from the tree, not even by guessing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loadline.errors import Bug, LoadlineError, RequestError, TamperError
from loadline.ledger import codes
from loadline.ledger.nouns import Draft, Entry, Kind
from loadline.values.canonical import canonical
from loadline.values.diagnostic import Diagnostic

LEAF_VERSION = 1
SALT_BYTES = 32
MAX_LEAF_BYTES = 65_535  # what a C2SP entry bundle can hold
_INDEX_ROOM = 24  # digits an index may yet add
_LEAF_FIELDS = frozenset({"at", "commitment", "index", "keys", "kind", "run", "v"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A draft made ready before it has its turn: all that does not depend on its place."""

    draft: Draft
    at: datetime
    salt: bytes
    payload: bytes
    said: dict[str, Any]  # the payload as it will be read back
    commitment: str


def prepare(draft: Draft, salt: bytes) -> Prepared:
    """Raises RequestError when the draft has no exact UTF-8 form or its keys do not fit into a leaf."""
    if draft.at.tzinfo is None:
        raise Bug(_diagnostic(codes.NOT_RECORDABLE, "an entry's time names no instant", "time must be aware"))
    try:
        payload = canonical(draft.payload)
        names = canonical((draft.run, *draft.keys))
    except (TypeError, ValueError) as error:
        raise RequestError(
            _diagnostic(
                codes.NOT_RECORDABLE,
                f"this cannot be recorded: {_printable(error)}",
                "an entry must have one exact form as UTF-8 JSON",
                "ask again in plain text",
            )
        ) from error
    if len(names) + _INDEX_ROOM + 256 > MAX_LEAF_BYTES:
        raise RequestError(
            _diagnostic(
                codes.NOT_RECORDABLE,
                f"the names an entry is to be found by take {len(names)} bytes",
                f"a leaf holds at most {MAX_LEAF_BYTES} bytes",
                "use shorter names",
            )
        )
    return Prepared(
        draft=draft,
        at=draft.at.astimezone(UTC),
        salt=salt,
        payload=payload,
        said=json.loads(payload),
        commitment=commitment(salt, payload),
    )


def seal(prepared: Prepared, index: int) -> Entry:
    """Give the draft its place."""
    draft = prepared.draft
    leaf = {
        "at": _instant(prepared.at),
        "commitment": prepared.commitment,
        "index": index,
        "keys": list(draft.keys),
        "kind": draft.kind.value,
        "run": draft.run,
        "v": LEAF_VERSION,
    }
    return Entry(
        index=index,
        kind=draft.kind,
        run=draft.run,
        at=prepared.at,
        keys=draft.keys,
        payload=prepared.said,
        salt=prepared.salt,
        leaf=_dump(leaf),
    )


def commitment(salt: bytes, payload: bytes) -> str:
    return hashlib.sha256(salt + payload).hexdigest()


def open_entry(*, index: int, leaf: bytes, salt: bytes, payload: bytes) -> Entry:
    """The entry these stored bytes stand for. Raises TamperError when they do not belong together or to `index`."""
    fields = _open_leaf(index, leaf)
    if commitment(salt, payload) != fields["commitment"]:
        raise _payload_changed(index, fields)
    try:
        said = json.loads(payload)
        return Entry(
            index=index,
            kind=Kind(fields["kind"]),
            run=fields["run"],
            at=datetime.fromisoformat(fields["at"]),
            keys=tuple(fields["keys"]),
            payload=said,
            salt=salt,
            leaf=leaf,
        )
    except (TypeError, ValueError) as error:
        raise _malformed(index, f"it was written by something else than this ledger ({_printable(error)})") from error


def check_entry(entry: Entry) -> None:
    """Whether an entry in hand is what its leaf says. Raises TamperError."""
    fields = _open_leaf(entry.index, entry.leaf)
    if commitment(entry.salt, canonical(entry.payload)) != fields["commitment"]:
        raise _payload_changed(entry.index, fields)
    said = (entry.kind.value, entry.run, _instant(entry.at), list(entry.keys))
    if said != (fields["kind"], fields["run"], fields["at"], fields["keys"]):
        raise _malformed(entry.index, "kind, run, time and keys must be as the leaf says them")


def _open_leaf(index: int, leaf: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(leaf)
    except ValueError as error:
        raise _malformed(index, "a leaf is canonical JSON") from error
    if not isinstance(fields, dict) or fields.keys() != _LEAF_FIELDS or _dump(fields) != leaf:
        raise _malformed(index, f"a leaf is canonical JSON with exactly {', '.join(sorted(_LEAF_FIELDS))}")
    if fields["v"] != LEAF_VERSION:
        raise _malformed(index, f"this version of loadline reads leaves of version {LEAF_VERSION}")
    if fields["index"] != index:
        raise _malformed(index, f"it says it is entry {fields['index']}, and an entry cannot be moved")
    return fields


def _dump(fields: dict[str, Any]) -> bytes:
    """Canonical JSON, as `values.canonical` writes it, of what is plain already."""
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode(errors="surrogatepass")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _printable(error: Exception) -> str:
    return str(error).encode("ascii", "backslashreplace").decode()[:200]


def _payload_changed(index: int, fields: dict[str, Any]) -> LoadlineError:
    return TamperError(
        _diagnostic(
            codes.PAYLOAD_CHANGED,
            f"entry {index} does not say what it said when it was recorded",
            f"its leaf (a `{fields['kind']}` of the run `{fields['run']}`) commits to another payload",
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
