"""Somebody in, what they may see of what was asked, looked at and found out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from loadline.app.opened import Opened
from loadline.values.canonical import plain

if TYPE_CHECKING:
    from loadline.flow.reading import Door, Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with the last `days`: answers by status, all answers counted, and the newest that may be read."""

    days: int
    counts: Mapping[str, int]
    by_day: tuple[tuple[str, Mapping[str, int]], ...]
    recent: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTold:
    """A ledger entry in a list: what it is, and in `says` a few words of what it says, or why that is not shown."""

    index: int
    kind: str
    at: str
    run: str
    says: str
    receipt: str | None
    is_masked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryShown:
    """One entry whole. `payload` is None where it may not be read, or nobody can any more; `why` says which."""

    index: int
    kind: str
    at: str
    run: str
    keys: tuple[str, ...]
    payload: Mapping[str, Any] | None
    why: str = ""


class Overviewing(Opened):
    """An App that is looked over."""

    def reader(self, door: Door) -> Reader:
        """Who came in, as a reader of the ledger."""
        from loadline.flow.reading import Reader

        return Reader.of(door, self.project.ledger_roles.readers)

    def standing(self, door: Door, *, days: int = 28, limit: int = 12) -> Standing:
        """Answers of the last `days`, by status and by day, and the newest `limit` that who came in may read."""
        from loadline.flow.reading import is_own
        from loadline.ledger.views.asked import receipts

        until = self._now()
        since = until - timedelta(days=days)
        found = list(receipts(self._recorded(since), since=since, until=until))
        by_day: dict[str, Counter[str]] = {}
        for entry in found:
            by_day.setdefault(entry.at.date().isoformat(), Counter())[str(entry.payload["status"])] += 1
        recent: list[dict[str, Any]] = []
        reader = self.reader(door)
        parts: set[str] = set()  # answers that were asked only to check a text
        for entry in reversed(found):
            if len(recent) >= limit:
                break
            said = (str(one).split() for one in entry.payload.get("assumptions", ()))
            parts.update(words[2].rstrip(":") for words in said if words[:2] == ["rests", "on"])
            may = reader.reads_all or is_own(door.principal, entry.payload)
            if entry.payload["id"] not in parts and may:
                recent.append({**plain(entry.payload), "ledger_index": entry.index})
        counts = Counter(str(entry.payload["status"]) for entry in found)
        return Standing(days=days, counts=counts, by_day=tuple(sorted(by_day.items())), recent=tuple(recent))

    def behind(self, metric: str, *, days: int = 28) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns a metric reads, and who asked for it in the last `days`: programs by name, people as `people`."""
        from loadline.ledger.views.asked import receipts
        from loadline.semantics import resolve
        from loadline.values.query import Query

        plan = resolve(self.linked, Query(metrics=(metric,)))
        until = self._now()
        since = until - timedelta(days=days)
        who: dict[str, None] = {}
        for entry in receipts(self._recorded(since), since=since, until=until):
            if metric in {one["name"] for one in entry.payload.get("metrics", ())}:
                who[str(entry.payload.get("agent") or "people")] = None
        return tuple(sorted(plan.touches)), tuple(who)

    def ledger_page(self, door: Door | None, *, before: int | None = None, limit: int = 50) -> tuple[EntryTold, ...]:
        """The newest entries, or the newest before a number; what they say where who came in may read it. None is who
        sits at this terminal and names nobody: they hold the folder, and read everything."""
        newest = self._open_reader().read_checkpoint()
        size = newest.size if newest else 0
        end = size if before is None else min(before, size)
        reader = self.reader(door) if door is not None else None
        return tuple(self._entries(reader, max(0, end - limit), end))[::-1]

    def ledger_entry(self, index: int, door: Door | None) -> EntryShown:
        """One entry, with what it says where who came in may read it. Raises RequestError when there is none."""
        from loadline.flow.reading import FORGOTTEN, OTHERS, may_read_entry, told_to

        entry = self._open_reader().read_entry(index)
        reader = self.reader(door) if door is not None else None
        may = reader is None or may_read_entry(self._open_reader(), reader, entry)
        shown = plain(told_to(reader, entry.payload)) if may and (entry.is_readable or entry.payload) else None
        return EntryShown(
            index=entry.index,
            kind=str(entry.kind),
            at=entry.at.isoformat(timespec="seconds"),
            run=entry.run,
            keys=entry.keys,
            payload=shown,
            why="" if may and entry.is_readable else FORGOTTEN if not entry.is_readable else OTHERS,
        )

    def _entries(self, reader: Reader | None, start: int, end: int) -> Iterator[EntryTold]:
        from loadline.flow.reading import FORGOTTEN, OTHERS, may_read_entry

        store = self._open_reader()
        for entry in store.read_entries(start, end):
            may = reader is None or may_read_entry(store, reader, entry)
            is_receipt = may and "checks_not_run" in entry.payload
            words = _open_words(entry.payload) if may else OTHERS
            yield EntryTold(
                index=entry.index,
                kind=str(entry.kind),
                at=entry.at.isoformat(timespec="seconds"),
                run=entry.run,
                says=words if entry.is_readable else FORGOTTEN,
                receipt=str(entry.payload["id"]) if is_receipt else None,
                is_masked=not may,
            )


def _open_words(payload: Mapping[str, Any]) -> str:
    """What an entry says, in a few words."""
    act = payload.get("act")
    if isinstance(act, Mapping):
        return f"{act.get('action')}: {payload.get('act_status')}"
    if isinstance(payload.get("table"), str) and isinstance(payload.get("state"), str):
        return f"{payload['table']}: {payload['state']}"
    for key in ("opinion", "question", "act_status", "dataset", "watch", "because", "name"):
        if isinstance(payload.get(key), str):
            return str(payload[key])
    return ""
