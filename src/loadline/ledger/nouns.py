"""Entries and checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


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
    DRIFT = "drift"  # a baseline taken or accepted, a window looked at, an alarm sent, a watch that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry before it has a place. `payload` must have a canonical form; `keys` are what it can be found by."""

    kind: Kind
    run: str
    at: datetime
    payload: Mapping[str, Any]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A recorded entry. `leaf` is the exact bytes that entered the tree; they commit to the payload through
    `sha256(salt || payload)`, so a payload can be erased later and every proof still holds."""

    index: int
    kind: Kind
    run: str
    at: datetime
    keys: tuple[str, ...] = ()
    payload: Mapping[str, Any]
    salt: bytes
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A C2SP signed note over (origin, size, root)."""

    origin: str
    size: int
    root: bytes
    note: str
