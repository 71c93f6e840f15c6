"""A fitted contract in; what in it is meant as a promise and would be read by nobody, to the faults.

The standard closes its lists of keys, and a contract serves other tools too: a key that looks like none of its promises
passes. One that does would leave rows unchecked while its author believes that they are.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from itertools import chain
from types import MappingProxyType

from loadline.project import codes
from loadline.project.access import node_of, records_of, scalar_of, text_of
from loadline.project.faults import Faults
from loadline.project.promises import VENDOR
from loadline.project.tree import Entries
from loadline.project.wording import instead, quoted
from loadline.values.contract import Must

_MUST = frozenset(map(str, Must))
_ABOUT = frozenset({
    "id", "name", "physicalType", "physicalName", "logicalType", "description", "businessName", "deprecated",
    "synonyms", "authoritativeDefinitions", "tags", "customProperties", "quality", "relationships", "properties",
})  # fmt: skip
_TABLE = _ABOUT | {"dataGranularityDescription", "context"}
_COLUMN = _ABOUT | {
    "primaryKey", "primaryKeyPosition", "logicalTypeOptions", "required", "unique", "semanticType", "partitioned",
    "partitionKeyPosition", "classification", "encryptedName", "transformSourceObjects", "transformLogic",
    "transformDescription", "examples", "enum", "criticalDataElement", "items", "map",
}  # fmt: skip
_RULE = _MUST | {
    "id", "authoritativeDefinitions", "businessImpact", "customProperties", "description", "dimension", "method",
    "name", "schedule", "scheduler", "severity", "tags", "type", "unit", "metric", "rule", "arguments", "query",
    "engine", "implementation",
}  # fmt: skip
_SLA = frozenset({
    "id", "property", "value", "valueExt", "unit", "element", "driver", "description", "scheduler", "schedule",
    "customProperties", "authoritativeDefinitions",
})  # fmt: skip
_OPTIONS = frozenset({
    "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "format", "timezone", "defaultTimezone", "minItems", "maxItems", "uniqueItems",
})  # fmt: skip
_OTHER_OPTIONS = frozenset({
    "minProperties", "maxProperties", "required", "dimensions", "distanceMetric", "elementType", "embeddingModel",
    "embeddingModelVersion", "normalized",
})  # fmt: skip
_OPTION_ALSO_CALLED: Mapping[str, str] = MappingProxyType({
    "min": "minimum", "max": "maximum", "minvalue": "minimum", "maxvalue": "maximum", "regex": "pattern",
    "regexp": "pattern", "minlen": "minLength", "maxlen": "maxLength",
})  # fmt: skip
_ALSO_CALLED: Mapping[str, str] = MappingProxyType({
    **dict.fromkeys(("nullable", "isnullable", "notnull", "not_null", "mandatory"), "required"),
    **dict.fromkeys(("isunique", "is_unique"), "unique"),
    **dict.fromkeys(("isprimarykey", "is_primary_key", "pk"), "primaryKey"),
    **dict.fromkeys(("allowedvalues", "allowed_values", "acceptedvalues", "accepted_values", "validvalues"), "enum"),
    **dict.fromkeys(("references", "foreignkey", "foreign_key"), "relationships"),
    **dict.fromkeys(("checks", "tests", "rules"), "quality"),
    **dict.fromkeys(("slas", "servicelevels"), "slaProperties"),
})  # fmt: skip
# What of each level promises something of the rows.
_OF_COLUMNS = frozenset({"required", "unique", "primaryKey", "enum", "quality", "relationships", "logicalTypeOptions"})
_OF_TABLES = frozenset({"quality", "relationships", "properties"})
_OF_RULES = _MUST | {"metric", "arguments", "query"}
_SCOPE = frozenset({"where", "tolerance", "severity", "cause"})
_OF_CONTRACTS = frozenset({"owner", "takenAt", "watch"})
_SECTIONS = frozenset({"slaProperties", "schema"})
_RIGHTS = frozenset({"airights", "airight"})
_MISSPELT = 0.88
"""How alike a key and the word it is taken for are (`difflib`): `requird` is `required`, `requires` another word."""
_OPTION_MISSPELT = 0.82
"""The same among options, which are few and unlike other words: `maximun` is `maximum`, `length` could be two."""


def check_passed_over(document: Entries, faults: Faults) -> None:
    """Say of every key that looks like a promise, and of every extension in our name, that it would not be read."""
    _keys(document, "a contract", _SECTIONS, _SECTIONS, faults)
    _extensions(document, _OF_CONTRACTS, faults)
    for sla in records_of(document, "slaProperties"):
        _keys(sla, "a service level", _SLA, frozenset({"element", "schedule"}), faults)
        _extensions(sla, _SCOPE | {"arrival", "partial"}, faults)
    for table in records_of(document, "schema"):
        _keys(table, "a table", _TABLE, _OF_TABLES, faults)
        _extensions(table, _SCOPE | {"volumeChange"}, faults)
        _below(table, faults)
        for column in records_of(table, "properties"):
            _keys(column, "a column", _COLUMN, _OF_COLUMNS, faults)
            _extensions(column, _SCOPE, faults)
            _options(column, faults)
            _below(column, faults)


def _options(column: Entries, faults: Faults) -> None:
    """A key that looks like no option of the standard is listed as not run; a misspelt one is a mistake."""
    written = node_of(column, "logicalTypeOptions")
    for key, entry in written.entries.items() if isinstance(written, Entries) else ():
        if key in _OPTIONS or key in _OTHER_OPTIONS:
            continue
        plain = key.lower().replace("_", "")
        meant = _OPTION_ALSO_CALLED.get(plain) or _near(plain, _OPTIONS, _OPTION_MISSPELT)
        if meant is not None:
            faults.add(
                codes.PASSED_OVER,
                entry.key.place,
                f"{quoted(key)} is no option of a type in the Open Data Contract Standard",
                why="it would be read by nobody, and what it promises would not be looked at",
                mend=f"write {quoted(meant)}",
            )


def _below(written: Entries, faults: Faults) -> None:
    for rule in records_of(written, "quality"):
        _keys(rule, "a rule", _RULE, _OF_RULES, faults)
        if text_of(rule, "type") != "custom":
            _extensions(rule, _SCOPE, faults)
    for relation in records_of(written, "relationships"):
        _extensions(relation, _SCOPE, faults)


def _keys(written: Entries, of: str, known: frozenset[str], promises: frozenset[str], faults: Faults) -> None:
    for key, entry in written.entries.items():
        mend = None if key in known else _mend(key, of, promises)
        if mend is not None:
            faults.add(
                codes.PASSED_OVER,
                entry.key.place,
                f"{quoted(key)} is no key of {of} in the Open Data Contract Standard",
                why="it would be read by nobody, and what it promises would not be looked at",
                mend=mend,
            )


def _mend(key: str, of: str, promises: frozenset[str]) -> str | None:
    """None for a key that means nothing here."""
    if of == "a column" and key in _OPTIONS:
        return f"write it under `logicalTypeOptions`: `logicalTypeOptions: {{{key}: …}}`"
    if key in _MUST and of != "a rule":
        return "write it in an entry of `quality`"
    if key == "slaProperties":
        return "write it at the contract, beside `schema`"
    if key in _OF_COLUMNS and of == "a table":
        return "write it at the column it is about"
    meant = _ALSO_CALLED.get(key.lower())
    if meant not in promises:
        meant = _near(key.lower().replace("_", ""), promises, _MISSPELT)
    return f"write {quoted(meant)}" if meant else None


def _near(key: str, known: frozenset[str], cutoff: float) -> str | None:
    plain = {one.lower(): one for one in sorted(known)}
    near = difflib.get_close_matches(key[:60], plain, n=1, cutoff=cutoff)
    return plain[near[0]] if near else None


def _extensions(written: Entries, known: frozenset[str], faults: Faults) -> None:
    for custom in records_of(written, "customProperties"):
        named = scalar_of(custom, "property")
        if named is None or text_of(custom, "vendor") != VENDOR or named.raw in known:
            continue
        if named.raw.lower().replace("_", "") in _RIGHTS:
            continue  # said where rights are read
        faults.add(
            codes.PASSED_OVER,
            named.place,
            f"vendor `{VENDOR}` has no property {quoted(named.raw)} here",
            why="it would be read by nobody, and what it says would not count",
            mend=instead(named.raw, known, otherwise="delete it"),
        )


def parts_of(column: Entries) -> Iterator[str]:
    """What is promised of the parts of a column (of an object, a list, a map), which no query looks at: one line for
    each part, as `path: keys`."""
    yield from _parts(column, "")


def _parts(written: Entries, path: str) -> Iterator[str]:
    inner = node_of(written, "items")
    held = node_of(written, "map")
    halves = (
        ((f"{path}{{{half}}}", node_of(held, half)) for half in ("key", "value")) if isinstance(held, Entries) else ()
    )
    for where, part in chain(
        ((f"{path}.{text_of(one, 'name') or '?'}", one) for one in records_of(written, "properties")),
        ((f"{path}[]", inner),),
        halves,
    ):
        if isinstance(part, Entries):
            said = [key for key in part.entries if key in _OF_COLUMNS or key in {"logicalType", "physicalType"}]
            if said:
                yield f"part {where.lstrip('.')}: {', '.join(said)}"
            yield from _parts(part, where)
