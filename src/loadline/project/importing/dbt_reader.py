"""YAML (or JSON) texts of a dbt project in, one Manifest and what could not be read out.

Three forms are read, also mixed: documents of one `semantic_model:`, `metric:` or `saved_query:` each; dbt's lists
(`semantic_models:`, `metrics:`, `models:`), of which `target/semantic_manifest.json` is one; and the newer
`semantic_model:` blocks within a model, whose metrics aggregate by themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from loadline.project.importing.dbt_metric_reader import read_metric, read_saved_query
from loadline.project.importing.dbt_model_reader import read_model, read_model_block, read_spine
from loadline.project.importing.dbt_nouns import Manifest, TimeSpine
from loadline.project.importing.nouns import CannotCarry, Remark

_REF = re.compile(r"\$([A-Za-z_]\w*)")


@dataclass(slots=True, kw_only=True)
class _Gathered:
    manifest: dict[str, Any] = field(default_factory=lambda: {"models": {}, "metrics": {}, "saved": [], "spines": []})
    remarks: list[Remark] = field(default_factory=list)

    def left(self, kind: str, name: object, why: str) -> None:
        self.remarks.append(Remark(kind=kind, name=str(name), why=why))


def read_manifest(texts: Mapping[str, str], *, values: Mapping[str, str]) -> tuple[Manifest, tuple[Remark, ...]]:
    """`texts` maps file names to their text; `values` stands for placeholders such as `$source_schema`."""
    gathered = _Gathered()
    for file, text in sorted(texts.items()):
        try:
            documents = list(yaml.load_all(_filled(text, values), Loader=yaml.CSafeLoader))
        except yaml.YAMLError as error:
            gathered.left("file", file, f"it is not YAML: {' '.join(str(error).split())}")
            continue
        for document in documents:
            if isinstance(document, Mapping):
                _document(document, gathered)
    found = gathered.manifest
    manifest = Manifest(
        models=found["models"],
        metrics=found["metrics"],
        saved=tuple(found["saved"]),
        spines=_one_of_a_grain(found["spines"]),
    )
    return manifest, tuple(gathered.remarks)


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _REF.sub(lambda found: values.get(found[1], found[0]), text)


def _document(document: Mapping[str, Any], gathered: _Gathered) -> None:
    for written in (*_list(document, "semantic_models"), *_single(document, "semantic_model")):
        _keep_model(written, gathered)
    for written in (*_list(document, "metrics"), *_single(document, "metric")):
        _keep_metric(written, gathered)
    for written in (*_list(document, "saved_queries"), *_single(document, "saved_query")):
        gathered.manifest["saved"].append(read_saved_query(written))
    configured = document.get("project_configuration")
    if isinstance(configured, Mapping):
        for written in (
            *_list(configured, "time_spines"),
            *_list(configured, "time_spine_table_configurations"),
        ):
            _keep_spine(written, gathered)
    for written in _list(document, "models"):
        _dbt_model(written, gathered)


def _list(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = document.get(key)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _single(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = document.get(key)
    return [found] if isinstance(found, Mapping) else []


def _keep_model(written: Mapping[str, Any], gathered: _Gathered) -> None:
    try:
        model = read_model(written)
    except CannotCarry as why:
        gathered.left("semantic model", written.get("name"), str(why))
        return
    gathered.manifest["models"][model.name] = model


def _keep_metric(written: Mapping[str, Any], gathered: _Gathered) -> None:
    try:
        metric = read_metric(written)
    except CannotCarry as why:
        gathered.left("metric", written.get("name"), str(why))
        return
    gathered.manifest["metrics"][metric.name] = metric


def _keep_spine(written: Mapping[str, Any], gathered: _Gathered) -> None:
    try:
        gathered.manifest["spines"].append(read_spine(written))
    except CannotCarry as why:
        gathered.left("time spine", written.get("name") or written.get("location"), str(why))


def _dbt_model(written: Mapping[str, Any], gathered: _Gathered) -> None:
    """A model's own YAML: it may be a time spine, and it may carry a semantic model."""
    if isinstance(written.get("time_spine"), Mapping):
        _keep_spine(written, gathered)
    block = written.get("semantic_model")
    if not block or (isinstance(block, Mapping) and block.get("enabled") is False):
        return
    try:
        model, metrics = read_model_block(written)
    except CannotCarry as why:
        gathered.left("semantic model", written.get("name"), str(why))
        return
    gathered.manifest["models"][model.name] = model
    for metric in metrics:
        _keep_metric(metric, gathered)


def _one_of_a_grain(spines: list[TimeSpine]) -> tuple[TimeSpine, ...]:
    """The older list of spines repeats what the newer says; of one grain, the one that says more is kept."""
    best: dict[str, TimeSpine] = {}
    for spine in spines:
        known = best.get(spine.grain)
        if known is None or len(spine.grains) > len(known.grains):
            best[spine.grain] = spine
    return tuple(best.values())
