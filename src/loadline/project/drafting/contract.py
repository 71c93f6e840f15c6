"""A surveyed table in, the draft of its contract (ODCS 3.2) out: a document to write as YAML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from loadline.project.drafting.dependencies import dependency_rules
from loadline.project.drafting.naming import is_written_code, key_score
from loadline.project.drafting.promises import (
    ENOUGH,
    counted,
    enumeration,
    options,
    personal,
    required,
    rules,
)
from loadline.project.drafting.relations import FEW_ROWS, Guessed, primary_key
from loadline.project.yaml_writer import Value
from loadline.values.survey import Cadence, Shape, SurveyedColumn, SurveyedTable

API_VERSION = "v3.2.0"


def contract_of(
    table: SurveyedTable, dataset: str, *, project: str, names: dict[str, str], steps: Sequence[Guessed], today: date
) -> dict[str, Value]:
    """`names` are the datasets by relation, `steps` where the table's columns lead."""
    key = primary_key(table, dataset)
    columns = [one for one in table.columns if one.name.strip()]
    leading = {one.column: f"{names[one.target]}.{one.key}" for one in steps if _is_promise(one, table)}
    schema: dict[str, Value] = {"name": dataset, "physicalName": table.relation}
    if key:
        schema["#"] = f"{' and '.join(key)}: proven to tell all {counted(table.rows, 'row')} apart"
    else:
        schema["#"] = "no column tells the rows apart" if table.rows else "no rows yet: nothing but types is known"
    known = _Known(
        dataset=dataset,
        key=key,
        leading=leading,
        joined=frozenset(
            {one.column for one in steps if one.source == table.relation}
            | {one.key for one in steps if one.target == table.relation}
        ),
        dependent=dependency_rules(table),
        today=today,
    )
    schema["properties"] = [_column(table, one, known) for one in columns]
    contract: dict[str, Value] = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": f"{project}-{dataset}",
        "name": dataset,
        "version": "0.1.0",
        "status": "draft",
        "description": {"purpose": f"Drafted from {counted(table.rows, 'row')} of {table.relation} on {today}."},
        "schema": [schema],
    }
    contract |= _service_levels(table, dataset, today)
    return contract


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of a table around each column: where columns lead, which are joined, which another decides."""

    dataset: str
    key: tuple[str, ...]
    leading: Mapping[str, str]
    joined: frozenset[str]
    dependent: Mapping[str, Value]
    today: date


def _column(table: SurveyedTable, column: SurveyedColumn, known: _Known) -> dict[str, Value]:
    dataset, key, leading = known.dataset, known.key, known.leading
    if _is_text_of_digits(table, column, known):
        column = replace(column, logical_type="string", listing=None, shape=_digits(column))
    found: dict[str, Value] = {"name": column.name, "logicalType": column.logical_type}
    if table.is_typed:
        found["physicalType"] = column.engine_type
    suspicion = personal(column, dataset)
    if suspicion is not None:
        found["#classification"] = f"{suspicion}: a suspicion, for a person to judge"
        found["classification"] = "personal"
    if column.name in key:
        found["primaryKey"] = True
        found["primaryKeyPosition"] = key.index(column.name) + 1
    found |= dict(required(table, column)) if column.name not in key else {"required": True}
    if key == (column.name,) or _is_unique_by_name(table, column, dataset):
        found["unique"] = True
    if told := options(column, is_personal=suspicion is not None, today=known.today):
        if "#" in told:
            found["#logicalTypeOptions"] = told.pop("#")
        if told:
            found["logicalTypeOptions"] = told
    found |= dict(enumeration(column, is_personal=suspicion is not None))
    if column.name in leading:
        found["#relationships"] = f"all {counted(column.filled, 'row')} with a value find it there"
        found["relationships"] = [{"to": leading[column.name]}]
    nearly = rules(table, column, dataset, is_personal=suspicion is not None)
    if column.name in known.dependent:
        nearly.append(known.dependent[column.name])
    if nearly:
        found["quality"] = nearly
    return found


def _is_text_of_digits(table: SurveyedTable, column: SurveyedColumn, known: _Known) -> bool:
    """In a text file, a code of digits is text: one that begins with 0 is still to come."""
    is_code = column.logical_type == "integer" and is_written_code(column.name)
    return not table.is_typed and is_code and column.name not in known.joined


def _digits(column: SurveyedColumn) -> Shape | None:
    """Of whatever length: a reader of numbers has dropped the zeros that some of them may begin with."""
    if not isinstance(column.least, Decimal | int) or column.least < 0 or column.filled < ENOUGH:
        return None
    return Shape(pattern="^[0-9]+$", fitting=column.filled)


def _is_promise(step: Guessed, table: SurveyedTable) -> bool:
    return step.source == table.relation and not step.missing


def _is_unique_by_name(table: SurveyedTable, column: SurveyedColumn, dataset: str) -> bool:
    """Proven unique, and no accident: the name says so, or so many texts would not be."""
    if not column.is_unique or table.rows < FEW_ROWS:
        return False
    is_text = column.logical_type == "string" and table.rows >= 1000
    return key_score(column.name, dataset) > 0 or column.personal == "e-mail address" or is_text


_PERIODS = {"day": (1, "d"), "working day": (3, "d"), "week": (1, "w"), "month": (1, "mo")}
_LATE = {"day": 3, "working day": 5, "week": 15, "month": 62}


def _service_levels(table: SurveyedTable, dataset: str, today: date) -> dict[str, Value]:
    """A cadence is promised where rows still come; where they stopped, that is told."""
    alive = [one for one in table.cadences if _is_alive(one, today)]
    if not alive:
        ended = [f"{one.column}: every {one.every} until {one.newest}" for one in table.cadences]
        return {"#slaProperties": "; ".join(ended) + "; since then nothing, so no cadence is promised"} if ended else {}
    one = alive[0]
    value, unit = _PERIODS[one.every]
    said = f"rows for {one.kept:,} of {counted(one.periods, one.every)} up to {one.newest}"
    return {
        "#slaProperties": said,
        "slaProperties": [
            {"property": "frequency", "value": value, "unit": unit, "element": f"{dataset}.{one.column}"}
        ],
    }


def _is_alive(one: Cadence, today: date) -> bool:
    return today - timedelta(days=_LATE[one.every]) <= one.newest <= today + timedelta(days=1)
