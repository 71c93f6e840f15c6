"""Recorded looks at one table in, oldest first; how it stood each time, and from when until when each promise was
broken, out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from loadline.ledger.nouns import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class LookNote:
    """One look: `broken` promises of `promises`, and what could not be looked at."""

    at: datetime
    state: str
    rows: int | None
    promises: int
    broken: int
    unseen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A promise was broken from the look at `first` to that at `last`; `until` is the look that found it kept again, or
    no longer promised (`is_dropped`): None while it is broken. `least` and `most` are rows, where rows break it."""

    promise: str
    severity: str
    first: datetime
    last: datetime
    looks: int = 1
    until: datetime | None = None
    is_dropped: bool = False
    least: int | None = None
    most: int | None = None
    newest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHistory:
    """`stretches` by when they began, those that go on last."""

    table: str
    looks: tuple[LookNote, ...]
    stretches: tuple[Stretch, ...]


def table_history(table: str, entries: Iterable[Entry]) -> TableHistory:
    looks: list[LookNote] = []
    running: dict[str, Stretch] = {}
    ended: list[Stretch] = []
    for entry in entries:
        promises = list(entry.payload.get("promises", ()))
        verdicts = {str(one["id"]): str(one["verdict"]) for one in promises}
        looks.append(
            LookNote(
                at=entry.at,
                state=str(entry.payload.get("state", "")),
                rows=entry.payload.get("rows"),
                promises=len(promises),
                broken=sum(verdict == "broken" for verdict in verdicts.values()),
                unseen=sum(verdict == "could not look" for verdict in verdicts.values()),
            )
        )
        over = [name for name in running if verdicts.get(name) == "kept" or name not in verdicts]
        ended += [replace(running.pop(name), until=entry.at, is_dropped=name not in verdicts) for name in over]
        for one in promises:
            if one["verdict"] == "broken":
                name = str(one["id"])
                running[name] = _longer(running.get(name), name, str(one["severity"]), entry.at, one.get("count"))
    return TableHistory(table=table, looks=tuple(looks), stretches=(*ended, *running.values()))


def _longer(known: Stretch | None, name: str, severity: str, at: datetime, count: int | None) -> Stretch:
    if known is None:
        return Stretch(promise=name, severity=severity, first=at, last=at, least=count, most=count, newest=count)
    counts = [number for number in (known.least, known.most, count) if number is not None]
    return replace(
        known,
        severity=severity,
        last=at,
        looks=known.looks + 1,
        least=min(counts, default=None),
        most=max(counts, default=None),
        newest=count,
    )
