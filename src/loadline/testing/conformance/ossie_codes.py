"""Why a question was refused, in our codes, in; what Ossie calls that out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from loadline.project import codes as project_codes
from loadline.project.importing import codes as import_codes
from loadline.project.importing.nouns import Carried, Loss, Remark
from loadline.semantics import codes
from loadline.testing.conformance.ossie_model import connected

OF_REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        codes.UNKNOWN_METRIC: "E_NAME_NOT_FOUND",
        codes.UNKNOWN_DIMENSION: "E_NAME_NOT_FOUND",
        codes.UNKNOWN_NAME: "E_NAME_NOT_FOUND",
        codes.WHICH_DATASET: "E_NAME_COLLISION",
        codes.WHICH_MEANING: "E_NAME_COLLISION",
        codes.WHICH_PATH: "E_AMBIGUOUS_PATH",
        codes.SEVERAL_PATHS_WRITTEN: "E_AMBIGUOUS_PATH",
        codes.MISPLACED_AGGREGATE: "E_AGGREGATE_IN_WHERE",
        codes.UNKNOWN_FUNCTION: "E_UNKNOWN_FUNCTION",
        codes.NESTED_WINDOW: "E_NESTED_WINDOW",
    }
)
OF_DEFINITIONS: Mapping[str, str] = MappingProxyType(
    {
        import_codes.RESERVED_WORD: "E_RESERVED_NAME",
        import_codes.FINER_DATASET: "E_UNAGGREGATED_FINER_GRAIN_REFERENCE",
        import_codes.NESTED_WINDOW: "E_NESTED_WINDOW",
        import_codes.WINDOW_FRAME: "E_DEFERRED_FRAME_MODE",
        import_codes.COMPOSED_WINDOW: "E_WINDOWED_METRIC_COMPOSITION",
        codes.CIRCULAR_FIELD: "E_FIELD_DEPENDENCY_CYCLE",
        codes.UNKNOWN_FUNCTION: "E_UNKNOWN_FUNCTION",
        codes.UNKNOWN_NAME: "E_NAME_NOT_FOUND",
        codes.SEVERAL_PATHS_WRITTEN: "E_AMBIGUOUS_PATH",
        project_codes.UNKNOWN_COLUMN: "E_NAME_NOT_FOUND",
    }
)
_ALIKE = ({"E_NO_PATH", "E3013", "E3013_NO_STITCHING_DIMENSION"}, {"E_RESERVED_NAME", "E_RESERVED_IDENTIFIER"})
"""Two names that Ossie's catalogue gives to one thing."""


def is_alike(one: str, other: str) -> bool:
    return one == other or any({one, other} <= names for names in _ALIKE)


def code_of_remark(remark: Remark) -> str | None:
    """What keeps a definition out."""
    if remark.loss is not Loss.LEFT:
        return None
    if remark.code == codes.MISPLACED_AGGREGATE:
        return "E_NESTED_AGGREGATION_DEFERRED" if remark.kind == "metric" else "E_AGGREGATE_IN_FIELD"
    return OF_DEFINITIONS.get(remark.code)


def code_of(code: str, what: str, case: Mapping[str, Any], kept: Carried) -> str | None:
    """A refusal of a question. What names something that was left out is refused for what kept it out."""
    for remark in kept.remarks:
        if remark.loss is Loss.LEFT and f"`{remark.name.rpartition('.')[2]}`" in what:
            known = code_of_remark(remark)
            if known is not None:
                return known
    query = case["query"]
    is_rows = bool(query.get("fields"))
    if code in {codes.FAN_OUT, codes.UNRELATED, codes.NO_SHARED_DATASET}:
        if not connected(case["model"], query):
            return "E_NO_PATH"
        return "E_FAN_OUT_IN_SCALAR_QUERY" if is_rows else None
    if code == codes.NOTHING_ASKED:
        return "E_EMPTY_SCALAR_QUERY" if "fields" in query else "E_EMPTY_AGGREGATION_QUERY"
    if code == codes.WRONG_DETAIL:
        return "E_MIXED_QUERY_SHAPE"
    return OF_REFUSALS.get(code)
