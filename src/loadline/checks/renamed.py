"""A promised column that is gone, and the columns there are, in; the one it was most likely renamed to, out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from loadline.checks.kinds import kind_of


def renamed_to(name: str, logical_type: str, promised: Collection[str], live: Mapping[str, str]) -> str | None:
    """The one live column of the same kind that no contract speaks of; with several, the one that shares a word."""
    free = [other for other, found in live.items() if other not in promised and kind_of(found) == logical_type]
    if len(free) > 1:
        words = set(name.lower().split("_")) - {"id"}
        free = [other for other in free if words & set(other.lower().split("_"))]
    return free[0] if len(free) == 1 else None
