"""A fitted contract (ODCS 3.x) in, a Contract out: columns and types here, what is promised of rows in `promises`.

Keys we do not read pass: the standard is not ours, and a contract serves other tools, too.
"""

from __future__ import annotations

import re
from dataclasses import replace

from loadline.project import codes
from loadline.project.access import (
    is_set,
    node_of,
    nodes_of,
    records_of,
    said_twice,
    scalar_of,
    sentence_of,
    text_of,
)
from loadline.project.faults import Faults
from loadline.project.passed_over import check_passed_over, parts_of
from loadline.project.promises import (
    VENDOR,
    rules_of,
    scope_of,
    slas_of,
    table_references,
    taken_at_of,
    volume_change_of,
    with_promises,
)
from loadline.project.rights import rights_of
from loadline.project.tree import Entries, Node, Scalar
from loadline.project.wording import quoted
from loadline.project.zones import check_zone
from loadline.values.contract import Column, Contract, ContractTable

UNSAID_STATUS = "draft"

# Engines' words for types, by how they begin; the first that fits counts.
_PHYSICAL = (
    (re.compile(r".*\[\]$|(?:array|list)\b"), "array"),
    (re.compile(r"(?:u?(?:tiny|small|big|medium|huge|byte)?int(?:eger)?\d*|(?:big|small)?serial|long)\b"), "integer"),
    (re.compile(r"(?:decimal|numeric|number|double|float\d*|real|money|bignumeric)\b"), "number"),
    (re.compile(r"bool(?:ean)?\b"), "boolean"),
    (re.compile(r"(?:timestamp\w*|datetime\w*)\b"), "timestamp"),
    (re.compile(r"date\b"), "date"),
    (re.compile(r"time(?:tz)?\b"), "time"),
    (re.compile(r"(?:n?(?:var)?char\w*|character|string|n?text|clob|uuid|uniqueidentifier|enum|citext)\b"), "string"),
    (re.compile(r"(?:struct|record|object|json\w*|variant|map|super)\b"), "object"),
)
_ZONED = re.compile(r"timestamp_?l?tz\b|datetimeoffset\b|timestamp.*\bwith (?:local )?time zone\b")


def build_contract(name: str, document: Entries, faults: Faults) -> Contract:
    check_passed_over(document, faults)
    tables: dict[str, ContractTable] = {}
    taken_at = taken_at_of(document, faults)
    for written in records_of(document, "schema"):
        table_name = scalar_of(written, "name")
        if table_name is None:
            continue
        if table_name.raw in tables:
            first = tables[table_name.raw].place
            said_twice("table", table_name.raw, table_name.place, first, faults)
            continue
        tables[table_name.raw] = ContractTable(
            name=table_name.raw,
            columns=_columns(written, faults),
            description=sentence_of(written, "description"),
            version=text_of(document, "version"),
            physical_name=text_of(written, "physicalName"),
            references=tuple(table_references(written, faults)),
            rules=tuple(rules_of(written, (), faults)),
            taken_at=taken_at,
            volume_change=volume_change_of(written, faults),
            scope=scope_of(written, faults),
            rights=rights_of(name, document, written, table_name.raw, faults),
            place=table_name.place,
        )
    known = {name: frozenset(table.columns) for name, table in tables.items()}
    for of, sla in slas_of(document, known, faults):
        for about in (of,) if of is not None else tuple(tables) if sla.column is None else ():
            tables[about] = replace(tables[about], slas=(*tables[about].slas, sla))
    return Contract(
        name=name,
        id=text_of(document, "id") or "",
        version=text_of(document, "version") or "",
        status=text_of(document, "status") or UNSAID_STATUS,
        owner=_owner(document),
        tables=tables,
        place=document.place,
    )


def has_all_columns(document: Entries) -> bool:
    """Whether every table and column that was written could be read; one that was not may be the one somebody names."""
    return all(
        isinstance(table, Entries) and _has_name(table) and all(map(_has_name, nodes_of(table, "properties")))
        for table in nodes_of(document, "schema")
    )


def _has_name(node: Node) -> bool:
    return isinstance(node, Entries) and scalar_of(node, "name") is not None


def _columns(table: Entries, faults: Faults) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    key_length = 0
    for written in records_of(table, "properties"):
        name = scalar_of(written, "name")
        if name is None:
            continue
        if name.raw in columns:
            said_twice("column", name.raw, name.place, columns[name.raw].place, faults)
            continue
        key_position = None
        if is_set(written, "primaryKey"):
            key_length += 1
            position = scalar_of(written, "primaryKeyPosition")
            given = position.value if position else None
            key_position = given if isinstance(given, int) and given > 0 else key_length
        columns[name.raw] = _column(written, name, key_position, faults)
    return columns


def _column(written: Entries, name: Scalar, key_position: int | None, faults: Faults) -> Column:
    physical = scalar_of(written, "physicalType")
    logical = text_of(written, "logicalType") or _logical(written, physical, faults)
    options = node_of(written, "logicalTypeOptions")
    zone = scalar_of(options, "defaultTimezone") if isinstance(options, Entries) else None
    is_zone = zone is not None and check_zone(zone, faults)
    is_zoned = _is_zoned(options, physical) if logical == "timestamp" else False
    column = Column(
        name=name.raw,
        logical_type=logical,
        physical_type=physical.raw if physical else None,
        is_required=is_set(written, "required"),
        is_unique=is_set(written, "unique"),
        key_position=key_position,
        classification=text_of(written, "classification"),
        is_zoned=is_zoned,
        timezone=zone.raw if zone and is_zone and not is_zoned else None,
        description=sentence_of(written, "description"),
        is_measure=text_of(written, "semanticType") == "measure",
        place=name.place,
    )
    read = with_promises(column, written, faults)
    return replace(read, unread=(*read.unread, *parts_of(written)))


def _is_zoned(options: Node | None, physical: Scalar | None) -> bool:
    """What the contract says outright; else what the engine's type says."""
    if isinstance(options, Entries) and scalar_of(options, "timezone") is not None:
        return is_set(options, "timezone")
    return physical is not None and _ZONED.match(physical.raw.strip().lower()) is not None


def _logical(written: Entries, physical: Scalar | None, faults: Faults) -> str:
    """The logical type that an engine's type amounts to, where none is written."""
    if physical is None or "logicalType" in written.entries:
        return "string"  # what is written does not fit, or nothing is: that has been said already
    text = physical.raw.strip().lower()
    found = next((logical for pattern, logical in _PHYSICAL if pattern.match(text)), None)
    if found is None:
        faults.add(
            codes.MALFORMED,
            physical.place,
            f"the engine's type {quoted(physical.raw)} is not known",
            why="without a `logicalType` it is told from the `physicalType`",
            mend="add `logicalType: string`, or `integer`, `number`, `boolean`, `date`, `timestamp`",
        )
    return found or "string"


def _owner(document: Entries) -> str | None:
    """Our own extension says it outright; else the team's name, else the member whose role is `owner`."""
    for custom in records_of(document, "customProperties"):
        if text_of(custom, "property") == "owner" and text_of(custom, "vendor") == VENDOR:
            return text_of(custom, "value")
    team = node_of(document, "team")
    if isinstance(team, Entries):
        return text_of(team, "name")
    for member in records_of(document, "team"):
        if (text_of(member, "role") or "").strip().lower() == "owner":
            return text_of(member, "name") or text_of(member, "username")
    return None
