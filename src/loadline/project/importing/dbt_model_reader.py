"""One semantic model, model block or time spine as YAML gave it in, its noun out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from loadline.project.importing.dbt_nouns import Aggregated, Dimension, Entity, NonAdditive, SemanticModel, TimeSpine
from loadline.project.importing.dbt_parts import items_of, mapping_of, name_of, text_of, word_of
from loadline.project.importing.nouns import CannotCarry

_REF = re.compile(r"""\s*(?:\{\{)?\s*(?:ref|source)\((?P<names>[^)]*)\)\s*(?:\}\})?\s*\Z""")
_QUOTED = re.compile(r"""['"]([^'"]+)['"]""")


def read_model(written: Mapping[str, Any]) -> SemanticModel:
    """Raises CannotCarry."""
    name = name_of(written)
    time = mapping_of(written, "defaults").get("agg_time_dimension")
    model_time = str(time) if time else None
    return SemanticModel(
        name=name,
        relation=_relation(written),
        description=text_of(written, "description"),
        primary_entity=written.get("primary_entity") or None,
        time=model_time,
        entities={one.name: one for one in map(_entity, _named(written, "entities"))},
        dimensions={one.name: one for one in map(_dimension, _named(written, "dimensions"))},
        measures={one.name: one for one in (_measure(m, name, model_time) for m in _named(written, "measures"))},
    )


def _named(written: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [one for one in items_of(written, key) if isinstance(one, Mapping) and one.get("name")]


def _relation(written: Mapping[str, Any]) -> str:
    node = mapping_of(written, "node_relation")
    if node:
        parts = [node.get("schema_name"), node.get("alias")]
        if all(parts):
            return ".".join(str(part) for part in parts)
        if node.get("relation_name"):
            return str(node["relation_name"]).replace('"', "").replace("`", "")
    ref = _REF.match(str(written.get("model") or ""))
    names = _QUOTED.findall(ref["names"]) if ref else []
    if not names:
        raise CannotCarry("it does not say which relation it stands on (`model: ref('…')` or `node_relation`)")
    return ".".join(names) if "source(" in str(written.get("model")) else str(names[-1])


def _entity(written: Mapping[str, Any]) -> Entity:
    name = str(written["name"])
    return Entity(
        name=name,
        kind=word_of(written, "type", "foreign"),
        expr=text_of(written, "expr") or name,
        description=text_of(written, "description"),
    )


def _dimension(written: Mapping[str, Any]) -> Dimension:
    name = str(written["name"])
    params = mapping_of(written, "type_params")
    validity = mapping_of(params, "validity_params") or mapping_of(written, "validity_params")
    return Dimension(
        name=name,
        expr=text_of(written, "expr") or name,
        is_time=word_of(written, "type", "categorical") == "time",
        grain=word_of(params, "time_granularity", word_of(written, "granularity", "day")),
        is_partition=bool(written.get("is_partition")),
        is_start=bool(validity.get("is_start")),
        is_end=bool(validity.get("is_end")),
        description=text_of(written, "description"),
    )


def _measure(written: Mapping[str, Any], model: str, time: str | None) -> Aggregated:
    params = mapping_of(written, "agg_params")
    return aggregated(
        {**written, "percentile": params.get("percentile")},
        model,
        time,
        is_discrete=bool(params.get("use_discrete_percentile")),
        is_approximate=bool(params.get("use_approximate_percentile")),
    )


def aggregated(
    written: Mapping[str, Any], model: str, time: str | None, *, is_discrete: bool = False, is_approximate: bool = False
) -> Aggregated:
    """A measure, or a metric of the newer form, which aggregates by itself."""
    name = str(written["name"])
    percentile = written.get("percentile")
    return Aggregated(
        name=name,
        agg=word_of(written, "agg", "sum"),
        expr=text_of(written, "expr") or name,
        model=model,
        time=str(written["agg_time_dimension"]) if written.get("agg_time_dimension") else time,
        percentile=str(percentile) if percentile is not None else None,
        is_discrete=is_discrete,
        is_approximate=is_approximate,
        non_additive=_non_additive(mapping_of(written, "non_additive_dimension")),
        description=text_of(written, "description"),
        is_metric=bool(written.get("create_metric")),
    )


def _non_additive(written: Mapping[str, Any]) -> NonAdditive | None:
    if not written.get("name"):
        return None
    return NonAdditive(
        dimension=str(written["name"]),
        choice=word_of(written, "window_choice", word_of(written, "window_agg", "min")),
        groupings=tuple(map(str, items_of(written, "window_groupings") or items_of(written, "group_by"))),
    )


def read_model_block(written: Mapping[str, Any]) -> tuple[SemanticModel, list[Mapping[str, Any]]]:
    """A dbt model with a `semantic_model:` block: its columns say what they are, its metrics aggregate by themselves.
    The metrics come back as they are written, those that aggregate naming their model."""
    block = mapping_of(written, "semantic_model")
    name = str(block.get("name") or name_of(written))
    time = written.get("agg_time_dimension") or block.get("agg_time_dimension")
    entities, dimensions = _of_columns(written)
    derived = mapping_of(written, "derived_semantics")
    entities += [_entity(one) for one in _named(derived, "entities")]
    dimensions += [_dimension(one) for one in _named(derived, "dimensions")]
    measures, metrics = {}, []
    for metric in _named(written, "metrics"):
        if metric.get("agg"):
            is_discrete = word_of(metric, "percentile_type", "continuous") == "discrete"
            measures[str(metric["name"])] = aggregated(
                metric, name, str(time) if time else None, is_discrete=is_discrete
            )
        metrics.append(metric)
    model = SemanticModel(
        name=name,
        relation=_own_relation(written),
        description=text_of(written, "description"),
        primary_entity=written.get("primary_entity") or block.get("primary_entity") or None,
        time=str(time) if time else None,
        entities={one.name: one for one in entities},
        dimensions={one.name: one for one in dimensions},
        measures=measures,
    )
    return model, metrics


def _of_columns(written: Mapping[str, Any]) -> tuple[list[Entity], list[Dimension]]:
    entities: list[Entity] = []
    dimensions: list[Dimension] = []
    for column in _named(written, "columns"):
        if column.get("entity"):
            entities.append(_entity(_of_column(column, "entity")))
        if column.get("dimension"):
            dimensions.append(_dimension(_of_column(column, "dimension")))
    return entities, dimensions


def _of_column(column: Mapping[str, Any], kind: str) -> dict[str, Any]:
    said = column[kind]
    inner = said if isinstance(said, Mapping) else {"type": said} if isinstance(said, str) else {}
    whole = {
        "description": column.get("description"),
        "granularity": column.get("granularity"),
        **inner,
        "name": inner.get("name") or column["name"],
        "expr": column["name"],
    }
    return {key: value for key, value in whole.items() if value is not None}


def _own_relation(written: Mapping[str, Any]) -> str:
    config = mapping_of(written, "config")
    alias = config.get("alias") or written.get("alias") or name_of(written)
    schema = config.get("schema") or written.get("schema")
    return f"{schema}.{alias}" if schema else str(alias)


def read_spine(written: Mapping[str, Any]) -> TimeSpine:
    """A spine of `time_spines`, of the older list, or a model that says it is one. Raises CannotCarry."""
    if "location" in written:
        return TimeSpine(
            relation=str(written["location"]),
            column=str(written.get("column_name") or "ds"),
            grain=word_of(written, "grain", "day"),
        )
    said = mapping_of(written, "time_spine")
    if said:
        column = str(said.get("standard_granularity_column") or "")
        grains = {str(one["name"]): one for one in _named(written, "columns")}
        grain = word_of(grains.get(column, {}), "granularity", "day")
        return TimeSpine(relation=_own_relation(written), column=column, grain=grain, grains=_own_grains(said))
    primary = mapping_of(written, "primary_column")
    if not primary.get("name"):
        raise CannotCarry("it names no column that holds its periods")
    return TimeSpine(
        relation=_relation(written),
        column=str(primary["name"]),
        grain=word_of(primary, "time_granularity", "day"),
        grains=_own_grains(written),
    )


def _own_grains(written: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(one["name"]): str(one.get("column_name") or one["name"]) for one in _named(written, "custom_granularities")
    }
