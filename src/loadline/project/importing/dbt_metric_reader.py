"""One metric or saved query as YAML gave it in, its noun out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loadline.project.importing.dbt_nouns import ConversionInput, DbtMetric, MeasureInput, MetricInput, SavedQuery
from loadline.project.importing.dbt_parts import (
    filters_of,
    items_of,
    mapping_of,
    name_of,
    number_of,
    text_of,
    window_of,
    word_of,
)
from loadline.project.importing.nouns import CannotCarry

KINDS = ("simple", "cumulative", "ratio", "derived", "conversion")


def read_metric(written: Mapping[str, Any]) -> DbtMetric:
    """Raises CannotCarry."""
    name, kind = name_of(written), word_of(written, "type", "simple")
    if kind not in KINDS:
        raise CannotCarry(f"metrics of the type `{kind}` are not known")
    params = {**written, **mapping_of(written, "type_params")}
    cumulative = {**params, **mapping_of(params, "cumulative_type_params")}
    to_date = cumulative.get("grain_to_date")
    is_cumulative, is_derived = kind == "cumulative", kind in {"ratio", "derived"}
    return DbtMetric(
        name=name,
        kind=kind,
        description=text_of(written, "description"),
        label=text_of(written, "label"),
        filters=filters_of(written),
        grain=word_of(written, "time_granularity", "") or None,
        measure=_measured(name, kind, params, cumulative),
        inputs=_inputs(kind, params) if is_derived else (),
        expr=text_of(params, "expr") if kind == "derived" else "",
        window=window_of(cumulative.get("window")) if is_cumulative else None,
        to_date=str(to_date).lower() if is_cumulative and to_date else None,
        period_agg=word_of(cumulative, "period_agg", "first"),
        conversion=_conversion({**params, **mapping_of(params, "conversion_type_params")})
        if kind == "conversion"
        else None,
    )


def _measured(name: str, kind: str, params: Mapping[str, Any], cumulative: Mapping[str, Any]) -> MeasureInput | None:
    """What a simple or cumulative metric counts: a measure, itself (the newer form), or a simple metric."""
    if kind not in {"simple", "cumulative"}:
        return None
    if params.get("measure") is not None:
        return _measure_input(params["measure"])
    given = cumulative.get("metric") or cumulative.get("input_metric")
    if kind == "cumulative" and given is not None:
        return _measure_input(given)
    if kind == "simple" and (params.get("agg") or mapping_of(params, "metric_aggregation_params")):
        return MeasureInput(
            name=name,
            fill=number_of(params.get("fill_nulls_with")),
            is_spined=bool(params.get("join_to_timespine")),
        )
    raise CannotCarry("it names no measure")


def _measure_input(written: object) -> MeasureInput:
    if isinstance(written, Mapping):
        return MeasureInput(
            name=name_of(written),
            filters=filters_of(written),
            fill=number_of(written.get("fill_nulls_with")),
            is_spined=bool(written.get("join_to_timespine")),
        )
    return MeasureInput(name=str(written))


def _inputs(kind: str, params: Mapping[str, Any]) -> tuple[MetricInput, ...]:
    if kind == "ratio":
        ends = [params.get("numerator"), params.get("denominator")]
        if any(end is None for end in ends):
            raise CannotCarry("a ratio needs a numerator and a denominator")
        return tuple(_input(end) for end in ends)
    return tuple(_input(one) for one in items_of(params, "metrics") or items_of(params, "input_metrics"))


def _input(written: object) -> MetricInput:
    if not isinstance(written, Mapping):
        return MetricInput(name=str(written))
    to_grain = written.get("offset_to_grain")
    return MetricInput(
        name=name_of(written),
        alias=str(written["alias"]) if written.get("alias") else None,
        filters=filters_of(written),
        offset_window=window_of(written.get("offset_window")),
        offset_to_grain=str(to_grain).lower() if to_grain else None,
    )


def _conversion(params: Mapping[str, Any]) -> ConversionInput:
    base = params.get("base_measure") or params.get("base_metric")
    then = params.get("conversion_measure") or params.get("conversion_metric")
    if base is None or then is None or not params.get("entity"):
        raise CannotCarry("a conversion needs a base, a conversion and an entity")
    return ConversionInput(
        base=_measure_input(base),
        then=_measure_input(then),
        entity=str(params["entity"]),
        window=window_of(params.get("window")),
        is_count=word_of(params, "calculation", "conversion_rate") == "conversions",
        constants=tuple(
            (str(one.get("base_property")), str(one.get("conversion_property")))
            for one in items_of(params, "constant_properties")
            if isinstance(one, Mapping)
        ),
    )


def read_saved_query(written: Mapping[str, Any]) -> SavedQuery:
    params = mapping_of(written, "query_params")
    limit = params.get("limit")
    return SavedQuery(
        name=str(written.get("name")),
        description=text_of(written, "description"),
        label=text_of(written, "label"),
        metrics=tuple(map(str, items_of(params, "metrics"))),
        group_by=tuple(map(str, items_of(params, "group_by"))),
        where=filters_of(params, "where"),
        order_by=tuple(map(str, items_of(params, "order_by"))),
        limit=limit if isinstance(limit, int) else None,
    )
