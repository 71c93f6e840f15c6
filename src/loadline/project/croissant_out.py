"""One dataset of a project in; its Croissant description (JSON-LD) out, its rights in the usage information.

Croissant 1.1, https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, section "Data Use Conditions": the
usage information is an ODRL Offer. Columns that may not be used are not in it, and no value of the data ever is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from loadline.project.odrl_out import PREFIXES, Said, asset, policy_of
from loadline.project.yaml_writer import Value
from loadline.values.contract import Contract, ContractTable

CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
_CR = (
    "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract", "field", "fileProperty",
    "fileObject", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5", "parentField",
    "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate", "separator", "source",
    "subField", "transform",
)  # fmt: skip
_TYPES = {"integer": "sc:Integer", "number": "sc:Float", "boolean": "sc:Boolean", "date": "sc:Date",
          "timestamp": "sc:DateTime", "time": "sc:Time"}  # fmt: skip
_FORMATS = {".parquet": "application/x-parquet", ".csv": "text/csv", ".json": "application/json",
            ".jsonl": "application/jsonlines",
            ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
_TABLE = "application/sql"
_OF_ODRL = frozenset({"leftOperand", "operator", "action", "conflict", "target", "source", "assigner", "profile"})
_ODRL = _OF_ODRL | {"permission", "prohibition", "constraint", "rightOperand", "refinement"}


def export_croissant(
    project: str, contract: Contract, table: ContractTable, *, source: str, file: str | None, columns: Collection[str]
) -> Said:
    """`source` is the relation, `file` where it lies if it is a file; `columns` are those that may be used."""
    name, where = table.name, asset(project, contract.name, "table", table.name)
    document: Said = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "@id": f"{where}:description",  # the table itself is what the rights are about
        "name": name,
        "description": table.description or f"The data under contract {contract.name} {contract.version}.",
        "conformsTo": CONFORMS_TO,
        "version": contract.version,
        "url": where,
        "isLiveDataset": True,
        "distribution": [_file(source, file)],
        "recordSet": [_records(table, source, columns)],
    }
    if contract.owner:
        document["creator"] = {"@type": "sc:Organization", "name": contract.owner}
    if table.rights is not None:
        document["usageInfo"] = _usage(policy_of(project, contract, {name: columns}), where)
    return document


def _context() -> Said:
    own: Said = {term: f"cr:{term}" for term in _CR}
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "dct": PREFIXES["dct"],
        "dpv": PREFIXES["dpv"],
        "odrl": "http://www.w3.org/ns/odrl/2/",
        "xsd": PREFIXES["xsd"],
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "description": {"@container": "@language"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "name": {"@container": "@language"},
        "rai": "http://mlcommons.org/croissant/RAI/",
        **own,
    }


def _file(source: str, file: str | None) -> Said:
    kind = _FORMATS.get(PurePosixPath(file).suffix.lower(), "application/octet-stream") if file else _TABLE
    return {
        "@type": "cr:FileObject",
        "@id": source,
        "name": source,
        "contentUrl": file or f"urn:loadline:relation:{source}",
        "encodingFormat": kind,
    }


def _records(table: ContractTable, source: str, columns: Collection[str]) -> Said:
    fields: list[Value] = []
    for column in table.columns.values():
        if column.name not in columns:
            continue
        field: Said = {
            "@type": "cr:Field",
            "@id": f"{table.name}/{column.name}",
            "name": column.name,
            "dataType": _TYPES.get(column.logical_type, "sc:Text"),
            "source": {"fileObject": {"@id": source}, "extract": {"column": column.in_warehouse}},
        }
        if column.description:
            field["description"] = column.description
        fields.append(field)
    key: list[Value] = [{"@id": f"{table.name}/{name}"} for name in table.key if name in columns]
    records: Said = {"@type": "cr:RecordSet", "@id": table.name, "name": table.name}
    if key and len(key) == len(table.key):
        records["key"] = key
    return {**records, "field": fields}


def _usage(policy: Said, where: str) -> Said:
    """The policy with its terms written out: the context here is Croissant's, which knows none of ODRL's."""
    said = {_key(key): _term(key, value) for key, value in policy.items() if key not in {"@type", "uid"}}
    kind: Value = ["CreativeWork", f"odrl:{policy['@type']}"]
    return {"@type": kind, "@id": f"{where}:rights", "name": "Rights of use", **said}


def _key(key: str) -> str:
    return "@id" if key == "uid" else f"odrl:{key}" if key in _ODRL else key


def _term(key: str, value: Value) -> Value:
    match value:
        case str() if key in _OF_ODRL:  # what ODRL's own context would make an IRI of
            return {"@id": value if ":" in value else f"odrl:{value}"}
        case str() if key == "@type":
            return f"odrl:{value}"
        case list() | tuple():
            return [_term(key, one) for one in value]
        case Mapping():
            is_literal = "@value" in value
            return {_key(inner): one if is_literal else _term(inner, one) for inner, one in value.items()}
        case _:
            return value
