"""Ossie documents in; the definitions of a project, and by name everything that is not carried, out.

What an export of ours put into custom extensions is taken from there; extensions of others are named and left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from loadline.project.importing import codes
from loadline.project.importing.dbt_parts import items_of, mapping_of, text_of
from loadline.project.importing.nouns import CannotCarry, Carried, Loss, Remark
from loadline.project.importing.ossie_text import (
    AGGREGATES,
    check_name,
    check_windows,
    datasets_in,
    expression_of,
    has_window,
    is_window,
)
from loadline.project.importing.sql_text import names_in, quoted, with_names
from loadline.project.yaml_writer import Value

HEADER = "Imported from Ossie. A metric is a draft unless the document says that its owner approved it."
VENDOR = "LOADLINE"
TYPES = {
    "String": "string", "Integer": "integer", "Decimal": "number", "Float": "number", "Boolean": "boolean",
    "Date": "date", "DateTime": "timestamp", "DateTimeTz": "timestamp",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_RELATION = re.compile(r"""[^\s."'`;()]+(?:\.[^\s."'`;()]+){0,2}\Z""")


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What has been carried so far."""

    datasets: dict[str, dict[str, Value]] = field(default_factory=dict)
    relationships: list[Value] = field(default_factory=list)
    metrics: dict[str, dict[str, Value]] = field(default_factory=dict)
    terms: dict[str, Value] = field(default_factory=dict)
    calendar: dict[str, Value] = field(default_factory=dict)
    verbatim: dict[str, Mapping[str, Value]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # a dataset's name in the document -> here
    edges: list[tuple[str, str]] = field(default_factory=list)
    windows: set[str] = field(default_factory=set)  # metrics that are fields here
    remarks: list[Remark] = field(default_factory=list)

    def left(self, kind: str, name: object, why: str | CannotCarry) -> None:
        code = why.code if isinstance(why, CannotCarry) else ""
        self.remarks.append(Remark(kind=kind, name=str(name), why=str(why), code=code))

    def changed(self, kind: str, name: object, why: str) -> None:
        self.remarks.append(Remark(kind=kind, name=str(name), why=why, loss=Loss.CHANGED))


def import_ossie(texts: Mapping[str, str]) -> Carried:
    """`texts` maps file names to Ossie documents, YAML or JSON. Nothing is raised: a file that is none is named."""
    gathered = _Gathered()
    for file, text in sorted(texts.items()):
        try:
            document = yaml.load(text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            gathered.left("file", file, f"it is not YAML: {' '.join(str(error).split())}")
            continue
        models = list(_models(document, gathered)) if isinstance(document, Mapping) else []
        if not models:
            gathered.left("file", file, CannotCarry("it holds no `semantic_model`", codes.NOT_OSSIE))
        for model in models:
            _model(model, gathered)
    return import_models((), gathered)


def import_models(models: Iterable[Mapping[str, Any]], gathered: _Gathered | None = None) -> Carried:
    """The semantic models of a document, as plain values."""
    found = gathered or _Gathered()
    for model in models:
        _model(model, found)
    return Carried(
        files={
            "context/ossie-model.yaml": {
                "calendar": found.calendar,
                "datasets": found.datasets,
                "relationships": found.relationships,
            },
            "context/ossie-metrics.yaml": {"metrics": found.metrics, "terms": found.terms},
            **found.verbatim,
        },
        remarks=tuple(found.remarks),
        header=HEADER,
    )


def _models(document: Mapping[str, Any], gathered: _Gathered) -> Iterable[Mapping[str, Any]]:
    """The models of a document; of an ontology, those that its mappings hold."""
    for concept in items_of(document, "ontology"):
        if isinstance(concept, Mapping):
            gathered.left("concept", concept.get("concept"), "an ontology's concepts have no form here")
    for mapping in items_of(document, "ontology_mappings"):
        if isinstance(mapping, Mapping):
            model = mapping.get("semantic_model")
            yield from (one for one in (model if isinstance(model, list) else [model]) if isinstance(one, Mapping))
    for model in items_of(document, "semantic_model"):
        if isinstance(model, Mapping):
            yield model


def _model(model: Mapping[str, Any], gathered: _Gathered) -> None:
    own = _extension(model, "model", model.get("name"), gathered)
    gathered.calendar |= own.get("calendar") or {}
    gathered.terms |= own.get("terms") or {}
    gathered.metrics |= own.get("metrics") or {}
    for path, said in (own.get("files") or {}).items():
        if isinstance(said, Mapping):
            gathered.verbatim[str(path)] = said
    _say_context(model, "model", model.get("name"), gathered)
    for dataset in _mappings(model, "datasets"):
        gathered.names[str(dataset.get("name"))] = _named(str(dataset.get("name")))
    for relationship in _mappings(model, "relationships"):
        gathered.edges.append((_named(str(relationship.get("from"))), _named(str(relationship.get("to")))))
    for dataset in _mappings(model, "datasets"):
        _each("dataset", dataset, gathered, _dataset)
    for relationship in _mappings(model, "relationships"):
        _each("relationship", relationship, gathered, _relationship)
    for metric in sorted(_mappings(model, "metrics"), key=_is_plain, reverse=True):
        _each("metric", metric, gathered, _metric)


def _mappings(written: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [one for one in items_of(written, key) if isinstance(one, Mapping)]


def _is_plain(metric: Mapping[str, Any]) -> bool:
    """Windows first: what is built on them must know them."""
    try:
        return has_window(expression_of(metric)[0])
    except CannotCarry:
        return False


def _each(kind: str, written: Mapping[str, Any], gathered: _Gathered, carry: Any) -> None:
    try:
        carry(written, gathered)
    except CannotCarry as why:
        gathered.left(kind, written.get("name"), why)


# -- datasets


def _dataset(written: Mapping[str, Any], gathered: _Gathered) -> None:
    original = str(written.get("name"))
    check_name(original)
    name = gathered.names[original]
    if name != original:
        gathered.changed("dataset", original, f"it is called `{name}`: names are lower-case here")
    source = str(written.get("source") or "")
    if not _RELATION.match(source):
        raise CannotCarry(f"its source `{source}` is no relation; make a view of the query")
    own = _extension(written, "dataset", original, gathered)
    said: dict[str, Value] = {"source": source}
    keys = [str(key) for key in items_of(written, "primary_key")]
    if keys and "key" not in own:
        said["key"] = keys[0] if len(keys) == 1 else list(keys)
    said |= _words(written, "dataset", original, gathered)
    if str(written.get("role") or "").lower() == "bridge":
        said["bridge"] = True
    for unique in items_of(written, "unique_keys"):
        if list(unique) != keys:
            gathered.left("unique key", f"{original}.{unique}", "a dataset has one key; relationships name the others")
    fields: dict[str, Value] = {}
    times: list[str] = []
    for one in _mappings(written, "fields"):
        try:
            _field(one, name, fields, times, gathered)
        except CannotCarry as why:
            gathered.left("field", f"{original}.{one.get('name')}", why)
    if len(times) == 1 and "time" not in own and not own:
        said["time"] = times[0]
    gathered.datasets[name] = {**said, **own, **({"fields": fields} if fields else {})}
    _declare(name, keys, gathered)


def _field(
    written: Mapping[str, Any], dataset: str, fields: dict[str, Value], times: list[str], gathered: _Gathered
) -> None:
    original = str(written.get("name"))
    check_name(original)
    own = _extension(written, "field", f"{dataset}.{original}", gathered)
    if own.get("column") is True:
        return  # a column of the contract, which says it
    text, dialect = expression_of(written)
    _say_dialect("field", f"{dataset}.{original}", dialect, gathered)
    check_windows(text)
    _check_own(text, dataset, gathered)
    name = _named(original)
    if name != original:
        gathered.changed("field", f"{dataset}.{original}", f"it is called `{name}`: names are lower-case here")
    is_as_it_was = own.pop("written", None) == text
    said: dict[str, Value] = {"expr": text if is_as_it_was else _translated(text, gathered, own_dataset=dataset)}
    datatype = written.get("datatype")
    if datatype in TYPES:
        said["type"] = TYPES[str(datatype)]
    elif datatype is not None and datatype not in TYPES:
        gathered.left("data type", f"{dataset}.{original}", f"`{datatype}` has no form here")
    said |= _words(written, "field", f"{dataset}.{original}", gathered)
    said |= own
    is_time = mapping_of(written, "dimension").get("is_time")
    if is_time or (is_time is None and datatype in {"Date", "DateTime", "DateTimeTz"}):
        times.append(name)
    if written.get("label"):
        gathered.left("label", f"{dataset}.{original}", f"`{written['label']}`: fields have no categories here")
    fields[name] = said["expr"] if set(said) == {"expr"} else said


def _check_own(text: str, dataset: str, gathered: _Gathered) -> None:
    """Raises CannotCarry where the expression of a field reads another dataset."""
    for other in sorted(datasets_in(text)):
        there = gathered.names.get(other, _named(other))
        if there == dataset or there not in gathered.names.values():
            continue
        if _leads(there, dataset, gathered):
            raise CannotCarry(f"it reads `{other}`, of which a row of `{dataset}` has many", codes.FINER_DATASET)
        raise CannotCarry(f"it reads `{other}`, another dataset", codes.OTHER_DATASET)


def _leads(start: str, end: str, gathered: _Gathered) -> bool:
    seen, waiting = {start}, [start]
    for here in waiting:
        for source, target in gathered.edges:
            if source == here and target not in seen:
                seen.add(target)
                waiting.append(target)
    return end in seen


# -- relationships


def _relationship(written: Mapping[str, Any], gathered: _Gathered) -> None:
    source, target = (_known(str(written.get(end)), gathered) for end in ("from", "to"))
    here, there = ([str(one) for one in items_of(written, end)] for end in ("from_columns", "to_columns"))
    if not here or len(here) != len(there):
        raise CannotCarry("it does not pair as many columns on each side")
    own = _extension(written, "relationship", written.get("name"), gathered)
    _say_context(written, "relationship", written.get("name"), gathered)
    for dataset, columns in ((source, here), (target, there)):
        _declare(dataset, columns, gathered)
    role = own.get("as")
    is_unclear = source == target or gathered.edges.count((source, target)) > 1
    if role is None and not own and is_unclear:
        role = _named(str(written.get("name")))
    ends = [[f"{source}.{one}" for one in here], [f"{target}.{one}" for one in there]]
    if len(here) == 1 and role is None and not own.get("valid"):
        gathered.relationships.append(f"{ends[0][0]} -> {ends[1][0]}")
        return
    said: dict[str, Value] = {
        "from": ends[0][0] if len(here) == 1 else ends[0],
        "to": ends[1][0] if len(here) == 1 else ends[1],
    }
    if role is not None:
        said["as"] = role
    gathered.relationships.append({**said, **{key: value for key, value in own.items() if key == "valid"}})


def _known(name: str, gathered: _Gathered) -> str:
    here = gathered.names.get(name)
    if here is None or here not in gathered.datasets:
        raise CannotCarry(f"it joins `{name}`, which is not carried")
    return here


def _declare(dataset: str, columns: Iterable[str], gathered: _Gathered) -> None:
    """A key may be a column that no field declares; here it has to be one."""
    said = gathered.datasets[dataset]
    fields = said.get("fields")
    if said.get("contract") is not None:
        return
    known: dict[str, Value] = dict(fields) if isinstance(fields, Mapping) else {}
    for column in columns:
        known.setdefault(column, quoted(column))
    if known:
        gathered.datasets[dataset] = {**said, "fields": known}


# -- metrics


def _metric(written: Mapping[str, Any], gathered: _Gathered) -> None:
    original = str(written.get("name"))
    check_name(original)
    own = _extension(written, "metric", original, gathered)
    is_ours = bool(_extensions(written, VENDOR))
    text, dialect = expression_of(written)
    _say_dialect("metric", original, dialect, gathered)
    check_windows(text)
    if has_window(text):
        _window(original, text, gathered)
        return
    built_on = {name.rpartition(".")[2] for name in names_in(text)} & gathered.windows
    if built_on:
        raise CannotCarry(f"it is built on the window function `{min(built_on)}`", codes.COMPOSED_WINDOW)
    name = _named(original)
    if name != original:
        gathered.changed("metric", original, f"it is called `{name}`: names are lower-case here")
    was = own.pop("written", None)
    said: dict[str, Value] = {}
    if was is not None and was != text:  # somebody changed the expression since: theirs counts
        own = {key: value for key, value in own.items() if key not in {"is", "where"}}
    if "is" not in own:
        said["is"] = _translated(text, gathered)
        if not is_ours and re.search(r"(?i)\bcount\s*\(", text):
            said["fill"] = "none"  # a group without rows has no number
    said |= _words(written, "metric", original, gathered)
    gathered.metrics[name] = {**said, **own}


def _window(original: str, text: str, gathered: _Gathered) -> None:
    """A metric over a window gives a number to each row: here that is a field."""
    owners = {gathered.names.get(one, _named(one)) for one in datasets_in(text)} & gathered.datasets.keys()
    if not is_window(text) or len(owners) != 1:
        raise CannotCarry("a window function is a part of it", codes.COMPOSED_WINDOW)
    owner = owners.pop()
    name = _named(original)
    said = gathered.datasets[owner]
    fields = said.get("fields")
    known: dict[str, Value] = dict(fields) if isinstance(fields, Mapping) else {}
    known[name] = _translated(text, gathered, own_dataset=owner)
    gathered.datasets[owner] = {**said, "fields": known}
    gathered.windows.add(name)
    gathered.changed("metric", original, f"it gives a number to each row, and is the field `{owner}.{name}`")


# -- what they share


def _translated(text: str, gathered: _Gathered, own_dataset: str | None = None) -> str:
    """Names as they are called here; in a field its own dataset is not said."""

    def name(word: str) -> str:
        parts = [part.strip() for part in word.split(".")]
        if len(parts) == 1:
            return quoted(_named(word) if _named(word) in gathered.metrics else word)
        owner = gathered.names.get(parts[0], parts[0])
        if owner == own_dataset:
            return quoted(_field_named(parts[-1]))
        return ".".join((quoted(owner), *map(quoted, map(_field_named, parts[1:]))))

    found = with_names(text, name)
    if re.search(r"(?i)\bcount\s*\(\s*\*\s*\)", found) and own_dataset is None and len(gathered.datasets) == 1:
        found = re.sub(r"(?i)\bcount\s*\(\s*\*\s*\)", f"count({next(iter(gathered.datasets))})", found)
    return _lowered(" ".join(found.split()))


def _field_named(word: str) -> str:
    return word if _NAME.match(word) else _named(word)


def _lowered(text: str) -> str:
    """Aggregates in small letters, as the language is written."""
    return re.sub(r"\b([A-Za-z_]+)(?=\s*\()", lambda f: f[1].lower() if f[1].lower() in AGGREGATES else f[1], text)


def _named(name: str) -> str:
    """A name as it may be written here."""
    if _NAME.match(name):
        return name
    plain = re.sub(r"[^a-z0-9_]+", "_", name.strip().lower()).strip("_")
    return plain if plain and plain[0].isalpha() else f"n_{plain}"


def _words(written: Mapping[str, Any], kind: str, name: str, gathered: _Gathered) -> dict[str, Value]:
    said: dict[str, Value] = {}
    if text_of(written, "description"):
        said["description"] = text_of(written, "description")
    context = written.get("ai_context")
    synonyms = [str(one) for one in items_of(context, "synonyms")] if isinstance(context, Mapping) else []
    if synonyms:
        said["synonyms"] = list(dict.fromkeys(synonyms))
    _say_context(written, kind, name, gathered)
    return said


def _say_context(written: Mapping[str, Any], kind: str, name: object, gathered: _Gathered) -> None:
    context = written.get("ai_context")
    if isinstance(context, str):
        gathered.left("ai_context", f"{kind} {name}", "instructions for a language model have no form here")
    elif isinstance(context, Mapping):
        known = {"synonyms"} if kind in {"dataset", "field", "metric"} else set()
        for key in context:
            if key not in known:
                gathered.left(f"ai_context.{key}", f"{kind} {name}", "it has no form here")


def _say_dialect(kind: str, name: str, dialect: str, gathered: _Gathered) -> None:
    if dialect != DIALECT:
        gathered.changed(kind, name, f"its expression was written for {dialect}, and is read as the portable language")


DIALECT = "ANSI_SQL"


def _extensions(written: Mapping[str, Any], vendor: str) -> list[str]:
    return [str(one.get("data")) for one in _mappings(written, "custom_extensions") if one.get("vendor_name") == vendor]


def _extension(written: Mapping[str, Any], kind: str, name: object, gathered: _Gathered) -> dict[str, Any]:
    """What an export of ours put there. Extensions of others are named."""
    for one in _mappings(written, "custom_extensions"):
        if one.get("vendor_name") != VENDOR:
            gathered.left("custom extension", f"{one.get('vendor_name')} of {kind} {name}", "it is another tool's")
    found: dict[str, Any] = {}
    for data in _extensions(written, VENDOR):
        try:
            said = json.loads(data, parse_float=Decimal)
        except ValueError:
            gathered.left("custom extension", f"{VENDOR} of {kind} {name}", "it is not JSON")
            continue
        if isinstance(said, dict):
            found |= said
    return found
