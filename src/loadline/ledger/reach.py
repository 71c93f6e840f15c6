"""Recorded entries in, how much of what was asked reaches a given thing out: a fold, nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from loadline.ledger.nouns import Entry, Kind

COMPARISON = "diff-"
"""How a run begins that only compares two versions of a project; it is recorded, and is no traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look for in receipts, any of which suffices: metrics, columns as `(dataset, column)`, datasets,
    dimensions by the endings they may be asked with (`customers.region`), words that were taken to mean something."""

    metrics: frozenset[str] = frozenset()
    columns: frozenset[tuple[str, str]] = frozenset()
    datasets: frozenset[str] = frozenset()
    dimensions: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Of the `asked` questions between `since` and `until` (refused ones count), `reached` rest on the thing wanted,
    asked by `people`, the `last` of them then."""

    since: datetime
    until: datetime
    asked: int
    reached: int
    people: int
    last: datetime | None

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None when nothing was asked."""
        return self.reached / self.asked if self.asked else None


def traffic(entries: Iterable[Entry], wanted: Wanted, *, since: datetime, until: datetime) -> Traffic:
    """Each receipt counts once; what failed outside has none and does not count."""
    asked = reached = 0
    people: set[str] = set()
    last: datetime | None = None
    for entry in entries:
        if entry.kind not in {Kind.OUTCOME, Kind.DECISION} or not since <= entry.at <= until:
            continue
        payload = entry.payload
        if (
            entry.run.startswith(COMPARISON) or "checks_not_run" not in payload
        ):  # every receipt has it, a failure has not
            continue
        asked += 1
        if _is_wanted(payload, wanted):
            reached += 1
            people.add(str(payload.get("asked_by")))
            last = entry.at if last is None or entry.at > last else last
    return Traffic(since=since, until=until, asked=asked, reached=reached, people=len(people), last=last)


def _is_wanted(receipt: Mapping[str, Any], wanted: Wanted) -> bool:
    if any(metric["name"] in wanted.metrics for metric in receipt.get("metrics", ())):
        return True
    if any(meaning["word"] in wanted.words for meaning in receipt.get("meanings", ())):
        return True
    for source in receipt.get("sources", ()):
        name = source["dataset"]
        if name in wanted.datasets or any((name, column) in wanted.columns for column in source["columns"]):
            return True
    if not wanted.dimensions:
        return False
    query = receipt.get("query") or {}
    named = [part["name"] for part in (*query.get("by", ()), *query.get("where", ()))]
    return any(name == end or name.endswith(f".{end}") for name in named for end in wanted.dimensions)


SKEW = timedelta(hours=1)
"""How far the clocks of those who append to one ledger may differ."""


def first_since(read_entry: Callable[[int], Entry], size: int, since: datetime) -> int:
    """Where to begin reading so that nothing recorded from `since` on is missed: entries are in the order of their
    times, short of `SKEW`. Reads about log2(size) of them."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if read_entry(middle).at < since - SKEW:
            low = middle + 1
        else:
            high = middle
    return low
