"""Somebody in, what they may see of what was asked, looked at and found out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from loadline.app.opened import Opened
from loadline.values.canonical import plain
from loadline.values.rule import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How it stands with the last `days`: answers by status, all answers counted, and the newest that may be read."""

    days: int
    counts: Mapping[str, int]
    by_day: tuple[tuple[str, Mapping[str, int]], ...]
    recent: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTold:
    """A ledger entry in a list: what it is, without what only some may read. `says` is empty for those who may not."""

    index: int
    kind: str
    at: str
    run: str
    says: str
    receipt: str | None


class Overviewing(Opened):
    """An App that is looked over."""

    def standing(self, principal: Principal, *, days: int = 28, limit: int = 12) -> Standing:
        """Answers of the last `days`, by status and by day, and the newest `limit` that `principal` may read."""
        from loadline.flow.showing import may_read
        from loadline.ledger.views.asked import receipts

        until = self._now()
        since = until - timedelta(days=days)
        found = list(receipts(self._recorded(since), since=since, until=until))
        by_day: dict[str, Counter[str]] = {}
        for entry in found:
            by_day.setdefault(entry.at.date().isoformat(), Counter())[str(entry.payload["status"])] += 1
        recent: list[dict[str, Any]] = []
        parts: set[str] = set()  # answers that were asked only to check a text
        for entry in reversed(found):
            if len(recent) >= limit:
                break
            said = (str(one).split() for one in entry.payload.get("assumptions", ()))
            parts.update(words[2].rstrip(":") for words in said if words[:2] == ["rests", "on"])
            if entry.payload["id"] not in parts and may_read(self.world, principal, entry.payload):
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

    def ledger_page(self, principal: Principal, *, before: int | None = None, limit: int = 50) -> tuple[EntryTold, ...]:
        """The newest entries, or the newest before a number; what they say where `principal` may read it."""
        newest = self._open_reader().read_checkpoint()
        size = newest.size if newest else 0
        end = size if before is None else min(before, size)
        return tuple(self._entries(principal, max(0, end - limit), end))[::-1]

    def _entries(self, principal: Principal, start: int, end: int) -> Iterator[EntryTold]:
        from loadline.flow.showing import may_read

        for entry in self._open_reader().read_entries(start, end):
            payload = entry.payload
            is_receipt = "checks_not_run" in payload
            may = is_receipt and may_read(self.world, principal, payload)
            is_open = "asked_by" not in payload and not is_receipt
            yield EntryTold(
                index=entry.index,
                kind=str(entry.kind),
                at=entry.at.isoformat(timespec="seconds"),
                run=entry.run,
                says=str(payload.get("question", "")) if may else "" if not is_open else _open_words(payload),
                receipt=str(payload["id"]) if may else None,
            )


def _open_words(payload: Mapping[str, Any]) -> str:
    """What an entry that is about no question says in a few words."""
    for key in ("dataset", "watch", "name", "opinion"):
        if isinstance(payload.get(key), str):
            return str(payload[key])
    return ""
