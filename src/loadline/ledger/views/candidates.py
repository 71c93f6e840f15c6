"""Entries in, the answers that somebody said something of out: what may become a regression case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from loadline.ledger.nouns import Entry, Kind
from loadline.values.feedback import Opinion


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The last that one person said of a receipt."""

    by: str
    opinion: Opinion
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An answer with feedback on it, and not yet a case."""

    receipt: str
    question: str
    said: tuple[Said, ...]
    last: datetime

    @property
    def complaint(self) -> Opinion | None:
        """The opinion most people have of it, of those that something is wrong; None where nobody complains."""
        wrong = [one.opinion for one in self.said if one.opinion is not Opinion.HELPFUL]
        return max(sorted(wrong), key=wrong.count) if wrong else None


def candidates(entries: Iterable[Entry], promoted: frozenset[str]) -> tuple[Candidate, ...]:
    """Complaints first, then the newest. `promoted` are receipts that are cases already."""
    found: dict[str, dict[str, Said]] = {}
    about: dict[str, tuple[str, datetime]] = {}
    for entry in entries:
        if entry.kind is not Kind.FEEDBACK or not entry.is_readable or str(entry.payload["receipt"]) in promoted:
            continue
        said = entry.payload
        receipt, by = str(said["receipt"]), str(said["by"])
        found.setdefault(receipt, {})[by] = Said(
            by=by, opinion=Opinion(said["opinion"]), note=str(said.get("note") or "")
        )
        about[receipt] = (str(said["question"]), entry.at)
    made = [
        Candidate(receipt=receipt, question=about[receipt][0], said=tuple(said.values()), last=about[receipt][1])
        for receipt, said in found.items()
    ]
    return tuple(sorted(made, key=lambda one: (one.complaint is None, -one.last.timestamp(), one.receipt)))
