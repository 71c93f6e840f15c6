"""Entries and checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from loadline.values.canonical import canonical


class Kind(StrEnum):
    PROJECT = "project"  # the project's meaning is now this digest
    INTENT = "intent"  # about to be performed
    DECISION = "decision"  # refused before anything was performed
    CHECK = "check"  # the promises of a contract, looked at on live data
    PLAN = "plan"  # what a planner made of a question's words; the same question keeps it
    OUTCOME = "outcome"  # performed, with its receipt; or failed, with its reason
    FEEDBACK = "feedback"  # what a person said of an answer
    APPROVAL = "approval"  # what an approver said of an action that is held
    FREEZE = "freeze"  # an agent, a workflow or everything was stopped, or let go on again
    LINEAGE = "lineage"  # what another tool says flows from where to where
    ERASURE = "erasure"  # the content of entries was destroyed: by whom, why, and how many
    DRIFT = "drift"  # a baseline taken or accepted, a window looked at, an alarm sent, a watch that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry before it has a place. `payload` must have a canonical form; `keys` are what it can be found by.

    `subjects` are the people it is about: a store that seals encrypts the payload under a key of each, all but the
    parts named in `open`, so that it can be forgotten."""

    kind: Kind
    run: str
    at: datetime
    payload: Mapping[str, Any]
    keys: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A recorded entry. `leaf` is the exact bytes that entered the tree; they commit to what was stored through
    `sha256(salt || stored)`.

    `stored` is None where what was stored is the canonical form of `payload`; else it is sealed: `payload` is what it
    says where its keys are here, and its open parts where they are not. `is_readable` is false then, and also when
    the content was taken out: then the salt is empty, `stored` too, and the leaf says that something was recorded."""

    index: int
    kind: Kind
    run: str
    at: datetime
    keys: tuple[str, ...] = ()
    payload: Mapping[str, Any]
    salt: bytes
    leaf: bytes
    stored: bytes | None = None
    is_readable: bool = True

    @property
    def is_removed(self) -> bool:
        return self.stored == b"" and not self.salt

    @property
    def stored_payload(self) -> bytes:
        """The bytes that the leaf commits to; empty where they were taken out."""
        return canonical(self.payload) if self.stored is None else self.stored


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A C2SP signed note over (origin, size, root)."""

    origin: str
    size: int
    root: bytes
    note: str
