"""What a draft says of people in, what stays readable and what is sealed out; and back. Nothing is encrypted here.

A sealed payload is an envelope: some of its parts in the open, all of it as ciphertext, and the ids of the keys that
open it. The leaf commits to the envelope, so a key can be destroyed and every proof still holds.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from loadline.ledger.nouns import Draft, Entry, Kind
from loadline.values.canonical import canonical

VERSION = "loadline-sealed/1"
_TAIL = f'"v":"{VERSION}"}}'.encode()
_FIELDS = frozenset({"keys", "open", "sealed", "v"})


class EntryClass(StrEnum):
    """What is kept for equally long. `state` is what later decisions rest on: a freeze, a baseline, a contract looked
    at; it is never dropped for its age."""

    QUESTIONS = "questions"
    ACTIONS = "actions"
    FEEDBACK = "feedback"
    STATE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`keys` are ids of content keys, all of which are needed to read `sealed`; `open` is readable without."""

    keys: tuple[str, ...]
    open: Mapping[str, Any]
    sealed: bytes


class Seals(Protocol):
    """Whoever holds the keys."""

    def seal(self, draft: Draft, text: bytes) -> Envelope:
        """`text` under the keys of the draft's subjects."""
        ...

    def unseal(self, envelope: Envelope) -> bytes | None:
        """None where one of its keys is not there any more, or is kept elsewhere."""
        ...


def class_of(kind: Kind, payload: Mapping[str, Any]) -> EntryClass:
    if "act_status" in payload or "refused_vote" in payload:
        return EntryClass.ACTIONS
    match kind:
        case Kind.FEEDBACK:
            return EntryClass.FEEDBACK
        case Kind.INTENT | Kind.DECISION | Kind.OUTCOME | Kind.PLAN:
            return EntryClass.QUESTIONS
        case _:
            return EntryClass.STATE


def envelope_bytes(envelope: Envelope) -> bytes:
    sealed = base64.b64encode(envelope.sealed).decode()
    return canonical({"keys": envelope.keys, "open": envelope.open, "sealed": sealed, "v": VERSION})


def read_envelope(payload: bytes) -> Envelope | None:
    """None for a payload that is not sealed."""
    if not payload.endswith(_TAIL):
        return None
    try:
        fields = json.loads(payload)
        if not isinstance(fields, dict) or fields.keys() != _FIELDS or not isinstance(fields["open"], dict):
            return None
        sealed = base64.b64decode(fields["sealed"], validate=True)
        return Envelope(keys=tuple(map(str, fields["keys"])), open=fields["open"], sealed=sealed)
    except (ValueError, TypeError, binascii.Error):
        return None


def open_parts(draft: Draft, said: Mapping[str, Any]) -> dict[str, Any]:
    """Of a payload, what stays readable when its subjects are forgotten."""
    return {name: value for name, value in said.items() if name in draft.open}


# -- names that entries are found by

_PERSONAL = "~"
_PARTED = "\n"


def personal_key(subject: str, what: str) -> str:
    """A key that names a person: a store that seals writes a pseudonym in its place, which is forgotten with them."""
    return f"{_PERSONAL}{subject}{_PARTED}{what}"


def read_personal_key(key: str) -> tuple[str, str] | None:
    """The subject and what of them; None for any other key."""
    subject, parted, what = key.removeprefix(_PERSONAL).rpartition(_PARTED)
    return (subject, what) if parted and key.startswith(_PERSONAL) else None


def carries(entry: Entry, key: str) -> bool:
    """Whether an entry that was found by `key` carries exactly it. A personal key is never found by its beginning."""
    return read_personal_key(key) is not None or key in (entry.run, *entry.keys)


# -- who an entry is about

_NAMED = ("asked_by", "by", "person", "who")
_NESTED = ("act", "vote", "refused_vote", "canary")


def subjects_in(payload: Mapping[str, Any]) -> frozenset[str]:
    """Who a payload that is not sealed is about: whoever asked, acted, voted, said or froze something, and the
    subjects that it lists itself."""
    found = {str(payload[name]) for name in _NAMED if isinstance(payload.get(name), str)}
    found.update(str(one) for one in payload.get("subjects", ()))
    for name in _NESTED:
        part = payload.get(name)
        if isinstance(part, dict):
            found |= subjects_in(part)
    return frozenset(found)


# -- what was forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Entries whose content was taken out of the ledger by an erasure that names them, as ranges of indexes."""

    ranges: tuple[tuple[int, int], ...] = ()

    def __contains__(self, index: int) -> bool:
        return any(first <= index <= last for first, last in self.ranges)


def ranges_of(indexes: Iterable[int]) -> list[list[int]]:
    """As `[first, last]`, both in."""
    ranges: list[list[int]] = []
    for index in sorted(set(indexes)):
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1][1] = index
        else:
            ranges.append([index, index])
    return ranges


def removed_by(entry: Entry) -> Removed:
    """What an erasure says it took out."""
    ranges = entry.payload.get("removed", ()) if entry.kind is Kind.ERASURE else ()
    return Removed(ranges=tuple((int(first), int(last)) for first, last in ranges))


def day_of(at: datetime) -> str:
    """Keys are renewed each day, so that what is old can be forgotten without what is new."""
    return at.astimezone(UTC).date().isoformat()
