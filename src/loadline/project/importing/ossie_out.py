"""The files of a project in; an Ossie document that says the same, and what other tools will not see of it, out.

What Ossie has no word for lies in custom extensions of ours, at the element it belongs to: owners and status of a
metric, units, the calendar, terms. A metric whose number Ossie's expression would not give (a running total, what lasts
longer than a row) is no Ossie metric: another tool would compute something else under its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from loadline.project.faults import Faults
from loadline.project.importing.nouns import CannotCarry, Loss, Remark
from loadline.project.importing.ossie_in import DIALECT, TYPES, VENDOR
from loadline.project.importing.ossie_text import check_name
from loadline.project.reading import kind_of_file
from loadline.project.tree import Entries, Items, Node, Scalar
from loadline.project.yaml_reader import read_yaml
from loadline.project.yaml_writer import Value
from loadline.values.contract import ContractTable

VERSION = "0.2.0.dev0"
_DATATYPES = {ours: theirs for theirs, ours in reversed(TYPES.items())} | {"number": "Decimal", "timestamp": "DateTime"}
_SHAPED = frozenset({"over", "take", "convert", "every_period"})
_SINGLE = re.compile(r"\s*[a-z_]+\s*\((?:[^()]|\([^()]*\))*\)\s*\Z", re.IGNORECASE)

Said = dict[str, Value]


def export_ossie(
    name: str, description: str, files: Mapping[str, bytes], tables: Mapping[str, ContractTable]
) -> tuple[Said, tuple[Remark, ...]]:
    """`tables` has for a dataset the columns that its contract promises."""
    context: dict[str, Said] = {}
    kept: Said = {}
    for file in sorted(files):
        said = _plain(read_yaml(file, files[file].decode("utf-8-sig"), Faults()))
        if kind_of_file(file) == "context" and isinstance(said, Mapping):
            for section, inner in said.items():
                _merge(context, section, inner)
        elif isinstance(said, Mapping):
            kept[file] = said
    remarks: list[Remark] = []
    datasets = _mapping(context.get("datasets", {}))
    metrics, hidden = _metrics(_mapping(context.get("metrics", {})), remarks)
    model: Said = {"name": name}
    if description:
        model["description"] = description
    model["datasets"] = [_dataset(key, _mapping(one), tables.get(key), remarks) for key, one in datasets.items()]
    relationships = context.get("relationships", {}).get("", [])
    if isinstance(relationships, Sequence) and relationships:
        model["relationships"] = _relationships(relationships)
    if metrics:
        model["metrics"] = metrics
    own: Said = {"files": kept}
    for section, inner in (("calendar", context.get("calendar")), ("terms", context.get("terms")), ("metrics", hidden)):
        if inner:
            own[section] = inner
    model["custom_extensions"] = [_extension(own)]
    return {"version": VERSION, "semantic_model": [model]}, tuple(remarks)


def _merge(context: dict[str, Said], section: str, inner: Value) -> None:
    there = context.setdefault(section, {})
    if isinstance(inner, Mapping):
        there |= inner
    elif isinstance(inner, list):
        before = there.get("", [])
        there[""] = [*(before if isinstance(before, list) else []), *inner]


def _mapping(value: Value) -> Said:
    return dict(value) if isinstance(value, Mapping) else {}


def _plain(node: Node | None) -> Value:
    match node:
        case Scalar(value=value):
            return value
        case Items(items=items):
            return [_plain(item) for item in items]
        case Entries(entries=entries):
            return {key: _plain(entry.value) for key, entry in entries.items()}
        case None:
            return None


def _dataset(name: str, said: Said, table: ContractTable | None, remarks: list[Remark]) -> Said:
    _remark_name("dataset", name, remarks)
    rest = {key: value for key, value in said.items() if key not in {"source", "description", "synonyms", "fields"}}
    written: Said = {"name": name, "source": str(said.get("source", ""))}
    key = said.get("key")
    keys = [key] if isinstance(key, str) else list(key) if isinstance(key, list) else list(table.key) if table else []
    if keys:
        written["primary_key"] = keys
    written |= _words(said)
    time = said.get("time")
    fields = [_field(one, inner, is_time=one == time) for one, inner in _mapping(said.get("fields")).items()]
    declared = {str(one["name"]) for one in fields}
    fields += [
        _column(column.name, column.logical_type, column.description, is_time=column.name == time)
        for column in (table.columns.values() if table else ())
        if column.name not in declared
    ]
    if fields:
        written["fields"] = fields
    return {**written, "custom_extensions": [_extension(rest)]}


def _field(name: str, said: Value, *, is_time: bool) -> Said:
    long: Said = _mapping(said) if isinstance(said, Mapping) else {"expr": said}
    text = str(long.get("expr", ""))
    written: Said = {"name": name, "expression": _expression(text), **_words(long)}
    kind = long.get("type")
    if isinstance(kind, str) and kind in _DATATYPES:
        written["datatype"] = _DATATYPES[kind]
    written["dimension"] = {"is_time": is_time}
    return {**written, "custom_extensions": [_extension({"written": text})]}


def _column(name: str, kind: str, description: str, *, is_time: bool) -> Said:
    written: Said = {"name": name, "expression": _expression(name)}
    if description:
        written["description"] = description
    if kind in _DATATYPES:
        written["datatype"] = _DATATYPES[kind]
    return {**written, "dimension": {"is_time": is_time}, "custom_extensions": [_extension({"column": True})]}


def _relationships(every: Sequence[Value]) -> list[Value]:
    found: list[Value] = []
    taken: dict[str, int] = {}
    for one in every:
        if isinstance(one, str):
            left, _, right = one.partition("->")
            said: Said = {"from": left.strip(), "to": right.strip()}
        else:
            said = _mapping(one)
        ends = [
            [str(end)] if isinstance(end, str) else [str(e) for e in _list(end)] for end in (said["from"], said["to"])
        ]
        source, target = (end[0].split(".")[0] for end in ends)
        name = str(said.get("as") or f"{source}_to_{target}")
        taken[name] = taken.get(name, 0) + 1
        found.append(
            {
                "name": name if taken[name] == 1 else f"{name}_{taken[name]}",
                "from": source,
                "to": target,
                "from_columns": [end.split(".", 1)[1] for end in ends[0]],
                "to_columns": [end.split(".", 1)[1] for end in ends[1]],
                "custom_extensions": [
                    _extension({"as": said.get("as"), **{k: v for k, v in said.items() if k == "valid"}})
                ],
            }
        )
    return found


def _list(value: Value) -> Sequence[Value]:
    return value if isinstance(value, (list, tuple)) else []


def _metrics(every: Said, remarks: list[Remark]) -> tuple[list[Value], Said]:
    """Those that an expression says in full, and those that only we understand."""
    shown: list[Value] = []
    hidden: Said = {}
    for name, inner in every.items():
        said = _mapping(inner)
        text = _as_expression(said, hidden)
        try:
            check_name(name)
        except CannotCarry:
            text = None
        if text is None:
            hidden[name] = said
            why = "Ossie has no form for it: it is in the extension alone, and other tools do not see it"
            remarks.append(Remark(kind="metric", name=name, why=why, loss=Loss.CHANGED))
            continue
        rest = {key: value for key, value in said.items() if key not in {"description", "synonyms"}}
        written: Said = {"name": name, "expression": _expression(text), **_words(said)}
        shown.append({**written, "custom_extensions": [_extension({"written": text, **rest})]})
    return shown, hidden


def _as_expression(said: Said, hidden: Said) -> str | None:
    """The metric as one expression; None where it is more than that."""
    text, where = said.get("is"), said.get("where")
    if not isinstance(text, str) or _SHAPED & said.keys() or "[" in text:
        return None
    if any(re.search(rf"\b{re.escape(other)}\b", text) for other in hidden):
        return None
    if where is None:
        return text.strip()
    return f"{text.strip()} FILTER (WHERE {where})" if _SINGLE.match(text) else None


def _words(said: Said) -> Said:
    written: Said = {}
    if said.get("description"):
        written["description"] = said["description"]
    if said.get("synonyms"):
        written["ai_context"] = {"synonyms": said["synonyms"]}
    return written


def _expression(text: str) -> Said:
    return {"dialects": [{"dialect": DIALECT, "expression": text}]}


def _extension(own: Said) -> Said:
    return {"vendor_name": VENDOR, "data": json.dumps(own, ensure_ascii=False, default=_as_number)}


def _as_number(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value))


def _remark_name(kind: str, name: str, remarks: list[Remark]) -> None:
    try:
        check_name(name)
    except CannotCarry:
        remarks.append(Remark(kind=kind, name=name, why="Ossie reserves this word", loss=Loss.CHANGED))
