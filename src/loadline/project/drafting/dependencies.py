"""A surveyed table in; rules on which column decides another's value, and where it does not, out."""

from __future__ import annotations

from loadline.project.drafting.promises import OTHER_FORMS, counted, sql_name
from loadline.project.yaml_writer import Value
from loadline.values.survey import Dependency, SurveyedTable


def dependency_rules(table: SurveyedTable) -> dict[str, Value]:
    """By column that another decides, the one that does so best, as a warning."""
    keyed = {name for key in table.keys for name in key if len(key) == 1}
    best: dict[str, Dependency] = {}
    for one in table.dependencies:
        if one.column in keyed or one.on in keyed:
            continue
        known = best.get(one.column)
        if known is None or _telling(table, one) < _telling(table, known):
            best[one.column] = one
    return {name: _dependency_rule(one) for name, one in best.items()}


def _telling(table: SurveyedTable, one: Dependency) -> tuple[float, bool, int, int]:
    """Few exceptions, to the percent; texts before numbers, which a slip makes unreadable; then few deciding values:
    each speaks for more rows."""
    on = table.column(one.on)
    return round(one.exceptions / one.rows, 2), on.logical_type != "string", on.distinct, one.exceptions


def _dependency_rule(one: Dependency) -> dict[str, Value]:
    """Counted are the deciding values with which most rows agree and some do not; where rows are at odds half and half,
    it is the deciding value that is in doubt."""
    on, column = (sql_name(name) for name in (one.on, one.column))
    but = f", but for {counted(one.exceptions, 'row')}" if one.exceptions else ""
    has_gaps = 0 < one.gaps <= (one.rows + one.gaps) * OTHER_FORMS
    if has_gaps:
        but += f"; {counted(one.gaps, 'row')} have none where others with the same {one.on} have one"
    there = "" if has_gaps else f" AND {column} IS NOT NULL"
    most = f"MAX(CASE WHEN {column} IS NOT NULL THEN n ELSE 0 END)" if has_gaps else "MAX(n)"
    return {
        "name": f"one {one.column} for each {one.on}",
        "type": "sql",
        "query": f"SELECT COUNT(*) FROM (SELECT {on}, {most} AS most, SUM(n) AS whole FROM (SELECT {on}, {column}, "
        f"COUNT(*) AS n FROM ${{table}} WHERE {on} IS NOT NULL{there} GROUP BY {on}, {column}) AS pairs GROUP BY {on}) "
        "AS groups_of WHERE most < whole AND whole >= 4 AND most * 10 >= whole * 7",
        "mustBe": 0,
        "dimension": "consistency",
        "severity": "warning",
        "description": f"Draft: in {counted(one.rows, 'row')} {one.on} decides {one.column}{but}.",
    }
