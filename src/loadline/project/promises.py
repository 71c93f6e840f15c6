"""What a fitted contract promises of its rows in; rules, references, service levels and scopes out.

What the standard allows and no query can look at is kept and listed; only what contradicts itself is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from loadline.project import codes
from loadline.project.access import (
    node_of,
    nodes_of,
    records_of,
    scalar_of,
    scalars_of,
    sentence_of,
    text_of,
    texts_of,
)
from loadline.project.faults import Faults
from loadline.project.tree import Entries, Scalar, ScalarValue, to_plain
from loadline.project.wording import instead, listed, quoted
from loadline.values.contract import Bound, Column, Contract, Limit, Must, QualityRule, Reference, RuleKind, Scope, Sla
from loadline.values.diagnostic import Severity
from loadline.values.place import Place

VENDOR = "loadline"
METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
FORMATS = ("email", "uuid", "uri", "hostname", "ipv4", "ipv6")
_ALSO_CALLED = {"duplicateCount": "duplicateValues", "uniqueCheck": "duplicateValues", "nullCheck": "nullValues"}
_SLAS = (
    "availability", "throughput", "errorRate", "generalAvailability", "endOfSupport", "endOfLife", "retention",
    "frequency", "latency", "freshness", "timeToDetect", "timeToNotify", "timeToRepair", "timeOfAvailability",
)  # fmt: skip
# The standard's words for service levels, by how they may be written: in any case, or by two letters.
_SLA_OF = {
    **{name.lower(): name for name in _SLAS},
    "re": "retention",
    "fy": "frequency",
    "ly": "latency",
}
_QUALIFIED = re.compile(r"(?:(?P<file>[^#]*)#)?/?schema/(?P<table>[^/]+)/properties/(?P<column>[^/]+)")
_SEVERITIES = {
    **dict.fromkeys(("error", "critical", "blocker", "high", "fatal"), Severity.ERROR),
    **dict.fromkeys(("warning", "warn", "medium", "minor"), Severity.WARNING),
    **dict.fromkeys(("info", "note", "low", "information"), Severity.NOTE),
}


def extensions_of(written: Entries) -> dict[str, Scalar]:
    """Our own `customProperties` with a single value, by name."""
    found: dict[str, Scalar] = {}
    for custom in records_of(written, "customProperties"):
        value = scalar_of(custom, "value")
        name = text_of(custom, "property")
        if name is not None and value is not None and text_of(custom, "vendor") == VENDOR:
            found[name] = value
    return found


def severity_of(text: str | None) -> Severity:
    """How bad a broken promise is. A word nobody knows is never taken for less than an error."""
    return _SEVERITIES.get((text or "").strip().lower(), Severity.ERROR)


def scope_of(written: Entries, faults: Faults) -> Scope:
    found = extensions_of(written)
    where, severity, cause = (found.get(name) for name in ("where", "severity", "cause"))
    return Scope(
        where=where.raw.strip() if where is not None and where.raw.strip() else None,
        tolerance=_share(found.get("tolerance"), "tolerance", faults) or Decimal(0),
        severity=severity_of(severity.raw) if severity is not None else None,
        cause=cause.raw.strip() if cause is not None else "",
    )


def volume_change_of(written: Entries, faults: Faults) -> Decimal | None:
    return _share(extensions_of(written).get("volumeChange"), "volumeChange", faults)


def taken_at_of(document: Entries, faults: Faults) -> datetime | None:
    written = extensions_of(document).get("takenAt")
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written.raw)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        faults.add(
            codes.BAD_EXTENSION,
            written.place,
            f"`takenAt` is {quoted(written.raw)}",
            why="it is the instant at which the rows were taken, so it has a date, a time and an offset",
            mend='write it like `"2026-11-01T00:00:00Z"`',
        )
        return None
    return found


def _share(written: Scalar | None, name: str, faults: Faults) -> Decimal | None:
    if written is None:
        return None
    value = _number(written.value)
    if value is None or not 0 <= value <= 1:
        faults.add(
            codes.BAD_EXTENSION,
            written.place,
            f"`{name}` is {quoted(written.raw)}",
            why=f"`{name}` is a share: a number from 0 to 1",
            mend="write a number from 0 to 1, like `0.01` for one in a hundred",
        )
        return None
    return value


def _number(value: ScalarValue) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    try:
        found = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


# columns


def with_promises(column: Column, written: Entries, faults: Faults) -> Column:
    """The column with everything that is promised of its values."""
    options = node_of(written, "logicalTypeOptions")
    read = options if isinstance(options, Entries) else replace(written, entries={})
    pattern, form = scalar_of(read, "pattern"), text_of(read, "format")
    multiple = scalar_of(read, "multipleOf")
    return replace(
        column,
        physical_name=text_of(written, "physicalName"),
        allowed=tuple(value for value in map(_value, records_of(written, "enum")) if value is not None),
        pattern=pattern.raw if pattern is not None and _is_pattern(pattern, faults) else None,
        least_length=_whole(read, "minLength"),
        most_length=_whole(read, "maxLength"),
        minimum=_bound(read, "minimum", "exclusiveMinimum", column, faults),
        maximum=_bound(read, "maximum", "exclusiveMaximum", column, faults),
        multiple_of=_number(multiple.value) if multiple is not None else None,
        format=form if column.logical_type == "string" and form in FORMATS else None,
        unread=tuple(_unread(read, column)),
        references=tuple(_property_references(written, column, faults)),
        rules=tuple(rules_of(written, (column.name,), faults)),
        scope=scope_of(written, faults),
    )


def _value(written: Entries) -> ScalarValue:
    value = scalar_of(written, "value")
    return value.value if value is not None else None


def _whole(read: Entries, key: str) -> int | None:
    found = scalar_of(read, key)
    return found.value if found is not None and isinstance(found.value, int) else None


def _unread(read: Entries, column: Column) -> Iterator[str]:
    """Options that say something of the values and that we do not look at."""
    known = {"pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    known |= {"multipleOf", "timezone", "defaultTimezone"}
    for key in read.entries:
        if key == "format" and column.logical_type in {"date", "timestamp", "time"}:
            continue  # how text would be written; the live column is of the type itself, which is looked at
        if key == "format" and column.logical_type == "string" and text_of(read, key) in FORMATS:
            continue
        if key not in known:
            yield f"{key}: {to_plain(read.entries[key].value)}"


def _bound(read: Entries, key: str, exclusive: str, column: Column, faults: Faults) -> Bound | None:
    """`minimum` or `exclusiveMinimum`; in contracts before v3.1.0 the latter says whether the former is out."""
    edge, outside = scalar_of(read, key), scalar_of(read, exclusive)
    if outside is not None and not isinstance(outside.value, bool):
        value = _comparable(outside, column, exclusive, faults)
        if edge is None or value is None:
            return Bound(value=value, is_exclusive=True) if value is not None else None
    if edge is None:
        return None
    value = _comparable(edge, column, key, faults)
    is_out = outside is not None and outside.value is True
    return Bound(value=value, is_exclusive=is_out) if value is not None else None


def _comparable(written: Scalar, column: Column, key: str, faults: Faults) -> ScalarValue:
    """The bound as its column's type compares: a number, or the ISO text of a date, an instant or a time."""
    try:
        match column.logical_type:
            case "integer" | "number":
                found: ScalarValue = _number(written.value)
            case "date":
                found = date.fromisoformat(written.raw).isoformat()
            case "timestamp":
                found = datetime.fromisoformat(written.raw).isoformat()
            case "time":
                found = time.fromisoformat(written.raw).isoformat()
            case _:
                found = str(written.value)
    except ValueError:
        found = None
    if found is None:
        faults.add(
            codes.BAD_BOUND,
            written.place,
            f"the {quoted(key)} of {quoted(column.name)} is {quoted(written.raw)}, which is no {column.logical_type}",
            why="values are compared as what they are: numbers with numbers, days with days",
            mend="write a number" if column.logical_type in {"integer", "number"} else "write it like `2026-01-31`",
        )
    return found


def _is_pattern(written: Scalar, faults: Faults) -> bool:
    try:
        re.compile(written.raw)
    except re.error as error:
        if str(error).startswith(("bad escape", "unknown extension")):
            return True  # ECMA-262 knows more than Python; whether an engine does is said when it is looked at
        faults.add(
            codes.BAD_PATTERN,
            written.place,
            f"{quoted(written.raw)} is not a regular expression: {error}",
            why="a pattern is a regular expression as in ECMA-262; a value keeps it when it is found anywhere in it",
            mend="write one like `^[A-Z]{2}[0-9]+$`",
        )
        return False
    return True


# rules


def rules_of(written: Entries, columns: tuple[str, ...], faults: Faults) -> Iterator[QualityRule]:
    for rule in records_of(written, "quality"):
        yield _rule(rule, columns, faults)


def _rule(written: Entries, columns: tuple[str, ...], faults: Faults) -> QualityRule:
    metric = text_of(written, "metric") or text_of(written, "rule")
    kind = RuleKind(text_of(written, "type") or RuleKind.LIBRARY)
    arguments = node_of(written, "arguments")
    more = arguments if isinstance(arguments, Entries) else replace(written, entries={})
    pattern = scalar_of(more, "pattern")
    query = text_of(written, "query")
    if kind is RuleKind.SQL and query is None:
        faults.add(
            codes.RULE_WITHOUT_LIMIT,
            written.place,
            "a rule of type `sql` has no `query`",
            why="a `sql` rule is one SELECT of one value and what that value must be",
            mend="add `query: SELECT COUNT(*) FROM ${table} WHERE …` and `mustBe: 0`",
        )
    return QualityRule(
        name=text_of(written, "name") or text_of(written, "id") or metric or str(kind),
        kind=kind,
        columns=tuple(dict.fromkeys((*columns, *texts_of(more, "properties")))),
        metric=_ALSO_CALLED.get(metric, metric) if metric and kind is RuleKind.LIBRARY else None,
        values=tuple(_values(more, "validValues" if "validValues" in more.entries else "missingValues")),
        pattern=pattern.raw if pattern is not None and _is_pattern(pattern, faults) else None,
        limit=_limit(written, kind, faults),
        unit=(text_of(written, "unit") or "rows").strip().lower(),
        query=query,
        tool=text_of(written, "engine"),
        severity=severity_of(text_of(written, "severity")),
        dimension=text_of(written, "dimension"),
        schedule=text_of(written, "schedule"),
        description=sentence_of(written, "description"),
        scope=scope_of(written, faults),
        place=written.place,
    )


def _values(more: Entries, key: str) -> Iterator[ScalarValue]:
    for node in nodes_of(more, key):
        if isinstance(node, Scalar):
            yield node.value


def _limit(written: Entries, kind: RuleKind, faults: Faults) -> Limit | None:
    said = [must for must in Must if must in written.entries]
    if kind not in {RuleKind.LIBRARY, RuleKind.SQL}:
        return None
    if len(said) != 1:
        if not said and "rule" in written.entries and "metric" not in written.entries:
            return None  # allowed before v3.1.0; such a rule is listed as not run
        faults.add(
            codes.RULE_WITHOUT_LIMIT,
            written.place,
            f"a rule says {listed(said, joint='and')} at once"
            if said
            else "a rule does not say what its number must be",
            why=f"a rule says exactly one of {', '.join(f'`{must}`' for must in Must)}",
            mend="keep one; write two rules where both are meant" if said else "add `mustBe: 0`",
        )
        return None
    must = said[0]
    values = tuple(scalar.value for scalar in scalars_of(written, must))
    pair = [_number(value) for value in values]
    if must in {Must.BE_BETWEEN, Must.NOT_BE_BETWEEN} and (
        len(pair) != 2 or pair[0] is None or pair[1] is None or pair[0] > pair[1]
    ):
        faults.add(
            codes.BAD_BOUND,
            written.entries[must].key.place,
            f"{quoted(must)} is not two numbers, the smaller first",
            why="both are included; nothing lies between a larger and a smaller number",
            mend=f"write `{must}: [1, 10]`",
        )
        return None
    return Limit(must=must, values=values) if values else None


# references


def _property_references(written: Entries, column: Column, faults: Faults) -> Iterator[Reference]:
    for relation in records_of(written, "relationships"):
        yield from _reference(relation, (column.name,), faults)


def table_references(written: Entries, faults: Faults) -> Iterator[Reference]:
    for relation in records_of(written, "relationships"):
        ends = [_end(text) for text in texts_of(relation, "from")]
        yield from _reference(relation, tuple(end[1] for end in ends if end), faults)


def _reference(relation: Entries, columns: tuple[str, ...], faults: Faults) -> Iterator[Reference]:
    ends = [_end(text) for text in texts_of(relation, "to")]
    tables = {end[0] for end in ends if end}
    if len(ends) != len(columns) or None in ends or len(tables) != 1 or not columns:
        faults.add(
            codes.UNKNOWN_REFERENCE,
            relation.place,
            "a relationship does not name as many columns of one table on the one side as on the other",
            why="each column of `from` is found in the column of `to` at the same place",
            mend="write `to: customers.customer_id`, or lists of equal length",
        )
        return
    place = relation.entries["to"].value.place if "to" in relation.entries else relation.place
    yield Reference(
        columns=columns,
        to_table=tables.pop(),
        to_columns=tuple(end[1] for end in ends if end),
        scope=scope_of(relation, faults),
        place=place,
    )


def _end(text: str) -> tuple[str, str] | None:
    """Table and column of `table.column`, or of `contract.yaml#/schema/table/properties/column`."""
    if qualified := _QUALIFIED.fullmatch(text.strip()):
        return qualified["table"], qualified["column"]
    table, _, column = text.strip().rpartition(".")
    return (table, column) if table and column else None


def check_references(contracts: Mapping[str, Contract | None], faults: Faults) -> None:
    """Every table and column a relationship leads to is promised somewhere. A contract that could not be read may
    hold what is missing; then nothing is said."""
    is_whole = None not in contracts.values()
    tables = {name: table for contract in contracts.values() if contract for name, table in contract.tables.items()}
    for contract in filter(None, contracts.values()):
        for table in contract.tables.values():
            for reference in (*table.references, *(r for c in table.columns.values() for r in c.references)):
                target = contract.tables.get(reference.to_table) or tables.get(reference.to_table)
                if target is None and is_whole:
                    _unknown(reference.place, "table", reference.to_table, frozenset(tables), faults)
                for name in reference.to_columns if target else ():
                    if target is not None and name not in target.columns:
                        _unknown(reference.place, "column", name, frozenset(target.columns), faults)
                for name in reference.columns:
                    if name not in table.columns:
                        _unknown(reference.place, "column", name, frozenset(table.columns), faults)
            for rule in table.rules:
                for name in rule.columns:
                    if name not in table.columns:
                        _unknown(rule.place, "column", name, frozenset(table.columns), faults)


def _unknown(place: Place, kind: str, name: str, known: frozenset[str], faults: Faults) -> None:
    faults.add(
        codes.UNKNOWN_REFERENCE,
        place,
        f"there is no {kind} {quoted(name)} in the contracts",
        why="a relationship or rule speaks of tables and columns that contracts promise",
        mend=instead(name, known, otherwise=f"add the {kind} to its contract, or delete the relationship"),
    )


# service levels


def slas_of(
    document: Entries, tables: Mapping[str, frozenset[str]], faults: Faults
) -> Iterator[tuple[str | None, Sla]]:
    """Each service level with the table it is about; None where it is about none of them."""
    for written in records_of(document, "slaProperties"):
        value = scalar_of(written, "value")
        element = scalar_of(written, "element") or scalar_of(document, "slaDefaultElement")  # before v3.1.0
        if value is None:
            continue
        _share(extensions_of(written).get("tolerance"), "tolerance", faults)
        more = {name: scalar.value for name, scalar in extensions_of(written).items()}
        said = (text_of(written, "property") or "").strip()
        of = Sla(
            property=_SLA_OF.get(said.lower(), said),
            value=value.value,
            unit=text_of(written, "unit"),
            severity=severity_of(str(more.get("severity", ""))),
            schedule=text_of(written, "schedule"),
            description=sentence_of(written, "description"),
            more=more,
            place=written.place,
        )
        if element is None:
            yield (next(iter(tables)) if len(tables) == 1 else None), of
            continue
        for part in element.raw.split(","):
            yield _measured_on(part.strip(), of, element, tables, faults)


def _measured_on(
    part: str, sla: Sla, element: Scalar, tables: Mapping[str, frozenset[str]], faults: Faults
) -> tuple[str | None, Sla]:
    table, _, column = part.rpartition(".")
    if part in tables:
        return part, sla
    if not table and len(tables) == 1:
        table = next(iter(tables))
    if table not in tables:
        _unknown(element.place, "table", table or part, frozenset(tables), faults)
        return None, sla
    if column not in tables[table]:
        _unknown(element.place, "column", column, tables[table], faults)
        return None, sla
    return table, replace(sla, column=column)
