"""What a target keeps of a write, as JSON, in; the nouns of `values.effect` out. The same shape on every engine."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from loadline.values.canonical import digest
from loadline.values.effect import (
    Approved,
    ChangedSince,
    Exceeded,
    Inserted,
    OutsideChange,
    Performed,
    Preview,
    Reconciled,
    ShownRow,
    ShownTable,
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


MOST_COMPARED = 50_000
"""Rows of an effect up to which some are shown: past it, telling the first from the others would take its time."""
LONGEST = 200
"""Characters of a value that a person is shown whole; of a longer one the beginning is, and what tells it apart."""
_BEGINNING = 120


def without_rows(found: Preview | ChangedSince) -> WriteEffect | ChangedSince:
    match found:
        case Preview(effect=effect):
            return effect
        case ChangedSince():
            return found


def shown(found: Sequence[Mapping[str, Any]]) -> tuple[ShownTable, ...]:
    """Tables with `rows` of pairs, a side that is not there being None."""
    return tuple(
        ShownTable(
            table=each["table"],
            columns=tuple(each["columns"]),
            key=tuple(each["key"]),
            gone=each["gone"],
            changed=each["changed"],
            came=each["came"],
            rows=tuple(_shown_row(each["columns"], before, after) for before, after in each["rows"]),
        )
        for each in sorted(found, key=lambda each: str(each["table"]))
        if each["gone"] or each["changed"] or each["came"]
    )


def _shown_row(columns: Iterable[str], before: Sequence[Any] | None, after: Sequence[Any] | None) -> ShownRow:
    changed: tuple[str, ...] = ()
    if before is not None and after is not None:
        changed = tuple(name for name, old, new in zip(columns, before, after, strict=True) if old != new)
    return ShownRow(before=_texts(before), after=_texts(after), changed=changed)


def _texts(row: Sequence[Any] | None) -> tuple[str | None, ...] | None:
    return None if row is None else tuple(None if value is None else cut(as_text(value)) for value in row)


def as_text(value: object) -> str:
    """As a person reads it."""
    match value:
        case bool():
            return "true" if value else "false"
        case bytes():
            return f"x'{value.hex()}'"
        case str():
            return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return str(value)


def cut(text: str) -> str:
    """Two long texts that differ anywhere still differ when they are cut."""
    if len(text) <= LONGEST:
        return text
    mark = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:8]
    return f"{text[:_BEGINNING]}… ({len(text)} characters, md5 {mark})"


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


def reconciled(since: datetime, found: Mapping[str, Any], *, sees_statements: bool = True) -> Reconciled:
    return Reconciled(
        since=since,
        sees_statements=sees_statements,
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
