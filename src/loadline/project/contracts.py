"""A contract's tree in, the Contract out: what is used today of the Open Data Contract Standard, versions 3.x."""

from __future__ import annotations

from loadline.project import codes
from loadline.project.faults import Faults
from loadline.project.forms import CONTRACT_VERSIONS
from loadline.project.names import File, items, scalar, text, twice, value
from loadline.project.tree import Entries, Items, Node, Scalar
from loadline.project.wording import nearest, quoted
from loadline.values.contract import Column, Contract, ContractTable


def build_contract(file: File, faults: Faults) -> Contract:
    tree = file.tree
    _check_version(scalar(tree, "apiVersion"), faults)
    tables: dict[str, ContractTable] = {}
    seen: dict[str, Scalar] = {}
    for node in items(tree, "schema"):
        name = scalar(node, "name")
        if name is None:
            continue
        if name.raw in seen:
            twice(faults, "table", name.raw, seen[name.raw], name)
        else:
            seen[name.raw] = name
            tables[name.raw] = _table(name.raw, node, text(tree, "version"), faults)
    return Contract(
        name=file.stem,
        id=text(tree, "id"),
        version=text(tree, "version"),
        status=text(tree, "status", "draft"),
        owner=_owner(tree),
        tables=tables,
        place=tree.place,
    )


def _check_version(version: Scalar | None, faults: Faults) -> None:
    if version is None or version.raw in CONTRACT_VERSIONS:
        return
    near = nearest(version.raw, CONTRACT_VERSIONS) if version.raw.lstrip("v").startswith("3") else None
    faults.add(
        codes.CONTRACT_VERSION,
        version.place,
        f"version {quoted(version.raw)} of the contract standard is not read",
        why=f"the versions read are {CONTRACT_VERSIONS[0]} to {CONTRACT_VERSIONS[-1]}",
        mend=f"write {quoted(near or CONTRACT_VERSIONS[-1])} once the contract says it in that version's words",
    )


def _table(name: str, node: Node, version: str, faults: Faults) -> ContractTable:
    columns: dict[str, Column] = {}
    seen: dict[str, Scalar] = {}
    for item in items(node, "properties"):
        named = scalar(item, "name")
        if named is None:
            continue
        if named.raw in seen:
            twice(faults, "column", named.raw, seen[named.raw], named)
            continue
        seen[named.raw] = named
        columns[named.raw] = _column(named, item, len(columns) + 1)
    return ContractTable(
        name=name, version=version, columns=columns, description=text(node, "description"), place=node.place
    )


def _column(name: Scalar, node: Node, place_in_table: int) -> Column:
    more = value(node, "logicalTypeOptions")
    zone = scalar(more, "defaultTimezone")
    position = scalar(node, "primaryKeyPosition")
    written = position.value if position and isinstance(position.value, int) and position.value > 0 else None
    return Column(
        name=name.raw,
        logical_type=text(node, "logicalType") or _logical(text(node, "physicalType")),
        physical_type=text(node, "physicalType") or None,
        is_required=_flag(node, "required"),
        is_unique=_flag(node, "unique"),
        key_position=(written or place_in_table) if _flag(node, "primaryKey") else None,
        classification=text(node, "classification") or None,
        is_zoned=_flag(more, "timezone"),
        timezone=zone.raw if zone else None,
        description=text(node, "description"),
        place=name.place,
    )


def _flag(node: Node | None, key: str) -> bool:
    found = scalar(node, key)
    return found is not None and found.value is True


def _logical(physical: str) -> str:
    """The logical type of a column that only says its physical one; `object` where that tells nothing."""
    word = physical.split("(", 1)[0].strip().upper()
    if word.startswith(("TIMESTAMP", "DATETIME")):
        return "timestamp"
    if word in {"DECIMAL", "NUMERIC", "DOUBLE", "REAL", "FLOAT", "DOUBLE PRECISION", "MONEY"}:
        return "number"
    if word.endswith("INT") or word == "INTEGER":
        return "integer"
    named = {"DATE": "date", "TIME": "time", "BOOLEAN": "boolean", "BOOL": "boolean"}
    texts = ("VARCHAR", "TEXT", "CHAR", "STRING", "UUID", "NVARCHAR", "CHARACTER")
    return named.get(word, "string" if word.startswith(texts) else "object")


def _owner(tree: Entries) -> str | None:
    """The owner, by the first of: our extension, the team's name, the member whose role is `owner`."""
    for item in items(tree, "customProperties"):
        if (text(item, "property"), text(item, "vendor")) == ("owner", "loadline"):
            return text(item, "value") or None
    team = value(tree, "team")
    match team:
        case Entries():
            return text(team, "name") or None
        case Items(items=members):
            owners = [m for m in members if text(m, "role").lower() == "owner"]
            return (text(owners[0], "username") or text(owners[0], "name") or None) if owners else None
        case _:
            return None
