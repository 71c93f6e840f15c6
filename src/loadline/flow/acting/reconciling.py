"""What a target saw happen in; held against what the ledger knows, and what went past the gate, out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from loadline.flow.acting.record import ACTS, newest
from loadline.flow.ports import Store
from loadline.ledger import Kind
from loadline.values.acting import ActStatus
from loadline.values.effect import Reconciled

MOST_ACTS = 100_000
_CLOCKS_DIFFER = timedelta(minutes=5)  # the marker bears the database's time, the entry ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """`seen` is what the target tells. `strangers` are markers in it that are no run of this ledger, `missing` runs
    that the ledger says are done since, and whose marker is not there."""

    target: str
    seen: Reconciled
    strangers: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        return not (self.seen.outside or self.seen.unaccounted or self.strangers or self.missing)


def reckon(store: Store, target: str, seen: Reconciled) -> Reckoned:
    """A run without an effect wrote nothing, so it left no marker; one that began before `since` may have its marker
    there, too."""
    done: set[str] = set()
    begun: set[str] = set()
    for entry in store.find_entries(ACTS, limit=MOST_ACTS):
        if entry.at < seen.since + _CLOCKS_DIFFER:
            break
        if entry.kind is Kind.INTENT:
            begun.add(entry.run)
        elif entry.payload.get("act_status") == ActStatus.DONE and _wrote(entry.payload.get("act"), target):
            done.add(entry.run)
    strangers = tuple(marker for marker in seen.markers if not _is_run(store, marker))
    return Reckoned(
        target=target, seen=seen, strangers=strangers, missing=tuple(sorted((done & begun) - set(seen.markers)))
    )


def _is_run(store: Store, marker: str) -> bool:
    """Also one whose people were forgotten: that it was, and how it ended, stays."""
    found = newest(store, marker)
    return found is not None and found.run == marker and "act_status" in found.payload


def _wrote(act: Mapping[str, Any] | None, target: str) -> bool:
    return act is not None and act["target"] == target and act["effect"] is not None
