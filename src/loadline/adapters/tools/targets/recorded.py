"""What a target keeps of a write, as JSON, in; the nouns of `values.effect` out. The same shape on every engine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from loadline.values.canonical import digest
from loadline.values.effect import (
    Approved,
    Exceeded,
    Inserted,
    OutsideChange,
    Performed,
    Reconciled,
    TableEffect,
    Unaccounted,
    WriteEffect,
)


def effect(tables: Sequence[Mapping[str, Any]]) -> WriteEffect:
    """`lost` of each table is a digest of its rows that were changed or are gone; one over all of them comes out, and
    an empty one where some table's is not known."""
    lost = {each["table"]: each["lost"] for each in tables if each["updated"] or each["deleted"]}
    return WriteEffect(
        tables=tuple(
            TableEffect(
                table=each["table"],
                inserted=each["inserted"],
                updated=each["updated"],
                deleted=each["deleted"],
                writes=each["writes"],
                is_captured=each.get("is_captured", True),
            )
            for each in sorted(tables, key=lambda each: str(each["table"]))
        ),
        lost=digest(lost) if all(lost.values()) else "",
    )


def performed(marker: str, found: Mapping[str, Any]) -> Performed:
    return Performed(
        marker=marker,
        effect=effect(found["tables"]),
        at=instant(found["at"]),
        no_undo=found["no_undo"],
        is_repeat=found.get("is_repeat", False),
    )


def far_over(many: int, approved: Approved) -> Exceeded:
    """The count that was taken first said enough."""
    why = f"the statement would touch {many:,} rows by itself, and at most {approved.bound.rows:,} may be"
    return Exceeded(effect=WriteEffect(), bound=approved.bound, why=(why,))


def inserted(found: Sequence[Mapping[str, Any]]) -> tuple[Inserted, ...]:
    return tuple(
        Inserted(
            table=each["table"],
            columns=tuple(each["columns"]),
            count=each["count"],
            new=tuple(tuple(row) for row in each["new"]),
            old=tuple(tuple(row) for row in each["old"]),
        )
        for each in found
    )


def plain(value: object) -> object:
    """As JSON knows it: a time, an exact number or bytes as text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case bytes():
            return value.hex()
    return str(value)


def reconciled(since: datetime, found: Mapping[str, Any]) -> Reconciled:
    return Reconciled(
        since=since,
        until=instant(found["until"]),
        markers=tuple(found["markers"]),
        outside=tuple(
            OutsideChange(
                table=each["table"],
                verb=each["verb"],
                rows=each["rows"],
                login=each["login"],
                origin=each["origin"],
                first_at=instant(each["first_at"]),
                last_at=instant(each["last_at"]),
            )
            for each in found["outside"]
        ),
        unaccounted=tuple(Unaccounted(table=each["table"], what=each["what"]) for each in found["unaccounted"]),
    )


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
