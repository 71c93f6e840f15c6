"""Surveyed tables in; which are snapshots, which are histories, and what that means for their numbers, out.

A row that says how much there *was* on a day must not be added up over days; one that says what *happened* must. Both
look alike: one row for each day and thing. So the names are asked first, then whether the numbers are carried on from
one day to the next; where neither says it, that is told beside the metric.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loadline.project.drafting.naming import is_averaged, is_plain, is_reference, key_score, words_of
from loadline.values.survey import Panel, SurveyedColumn, SurveyedTable, Validity

CARRIED_ON = 0.4
"""Von Neumann's ratio below which a number is carried on from one period to the next."""

PRESENT = 0.5
"""The share of all entities that a snapshot shows in an average period."""

_LONGEST_NAME = 60
_SNAPSHOT = re.compile(
    r"\b(?:snapshots?|as of|asof|eod|eom|end of (?:day|month)|month end|stocks?|inventory|inventories|balances?|"
    r"positions|holdings|levels)\b"
)
_LEVEL = re.compile(
    r"\b(?:balances?|stocks?|on hand|inventory|levels?|outstanding|headcount|available|backlog|population|holdings|"
    r"positions?|members|subscribers|employees|open|active|remaining|aum|exposure|capacity|occupancy|in store|in use)\b"
)
_FLOW = re.compile(
    r"\b(?:sold|sales?|revenue|turnover|received|shipped|shipments?|ordered|orders|returned|returns|clicks|visits|views|"
    r"sessions|impressions|deposits?|withdrawals?|payments?|paid|spend|spent|costs?|new|added|removed|consumed|consumption|"
    r"produced|production|incoming|outgoing|in|out|delta|change|movement|rainfall|precipitation|births|deaths|calls|trips)\b"
)
_STARTS = re.compile(
    r"(?:dbt )?valid from|valid since|effective (?:from|date|start)|start (?:date|day|at)|active (?:from|since)|"
    r"row (?:start|effective date)|(?:record |scd )?from(?: date)?|begin(?: date)?|(?:valid |start)start|since"
)
_ENDS = re.compile(
    r"(?:dbt )?valid (?:to|until|till)|effective (?:to|until|end)|end (?:date|day|at)|active (?:to|until)|"
    r"row (?:end|expiration date)|(?:record |scd )?(?:to|until)(?: date)?|expir(?:y|es|ed|ation)(?: date| at)?|"
    r"end(?:ed)?(?: at)?"
)


def entities_of(table: SurveyedTable) -> list[str]:
    """The columns that may say what a row is about: references first, then short texts."""
    references = [one.name for one in table.columns if is_reference(one.name) and one.logical_type in _NAMING]
    texts = [
        one.name
        for one in table.columns
        if one.logical_type == "string" and 0 < one.longest <= _LONGEST_NAME and one.name not in references
    ]
    return [*references, *texts]


_NAMING = frozenset({"string", "integer"})


def validities_of(table: SurveyedTable, dataset: str) -> Iterator[tuple[str, str, str]]:
    """(entity, start, end) by their names; what has an id of its own first."""
    times = [one for one in table.columns if one.logical_type in {"date", "timestamp"} and is_plain(one.name)]
    starts = [one for one in times if _STARTS.fullmatch(_said(one)) and one.filled == table.rows]
    ends = [one for one in times if _ENDS.fullmatch(_said(one))]
    own = re.sub(r"_?(?:history|histories|versions?|scd2?|snapshots?|hist)$", "", dataset) or dataset
    entities = [
        one
        for one in table.columns
        if one.logical_type in _NAMING and not one.is_unique and is_plain(one.name) and key_score(one.name, own) > 0
    ]
    entities.sort(key=lambda one: -key_score(one.name, own))
    for start in starts:
        for end in ends:
            if start.logical_type == end.logical_type and table.rows > 1:
                yield from ((entity.name, start.name, end.name) for entity in entities[:3])


def _said(column: SurveyedColumn) -> str:
    return " ".join(words_of(column.name))


def is_history(table: SurveyedTable) -> bool:
    """Do the rows of one thing hold one after the other, and is each end out, as `valid:` reads it?"""
    one = table.validity
    return one is not None and one.following > 0 and one.overlapping == 0 and one.inclusive * 2 <= one.following


def odd_history(validity: Validity) -> str | None:
    """Why what looks like a history is none that `valid:` can read; None where it is one."""
    if validity.overlapping:
        return f"{validity.overlapping:,} of {validity.following:,} rows begin before the one before them ends"
    if validity.inclusive * 2 > validity.following:
        return f"`{validity.end}` is the last day that counts, and `valid:` reads it as the first that does not"
    return None if validity.following else "nothing in it was ever followed by another row"


def snapshot_of(table: SurveyedTable, dataset: str) -> Panel | None:
    """The panel of a table that shows the same things again and again; None where it does not."""
    panel = table.panel
    if panel is None or panel.present < PRESENT or table.validity is not None:
        return None
    said = " ".join((*words_of(dataset), *words_of(panel.time)))
    names_say = _SNAPSHOT.search(said) is not None
    levels = [one for one in table.columns if level_of(table, one, dataset) is True]
    return panel if names_say or levels else None


def level_of(table: SurveyedTable, column: SurveyedColumn, dataset: str) -> bool | None:
    """Does the number say how much there is, so that days are not added up? None where nothing tells."""
    panel = table.panel
    if panel is None or panel.present < PRESENT or table.validity is not None:
        return False
    said = _said(column)
    if _LEVEL.search(said):
        return True
    if _FLOW.search(said):
        return False
    if _SNAPSHOT.search(" ".join((*words_of(dataset), *words_of(panel.time)))):
        return True
    if _FLOW.search(" ".join(words_of(dataset))):
        return False
    ratio = dict(panel.persistence).get(column.name)
    if ratio is not None and ratio < CARRIED_ON and panel.periods >= 8:
        return True
    return None


def is_level_name(column: SurveyedColumn) -> bool:
    """Does the name say a stock, a balance, a number of what is there; and neither a rate nor a code?"""
    return _LEVEL.search(_said(column)) is not None and not (is_averaged(column.name) or is_reference(column.name))


def evidence_of(panel: Panel, column: str | None = None) -> str:
    """In words: one row for each day and thing, and how much of a number is carried on."""
    things = " and ".join(panel.entity)
    said = f"one row for each {panel.time} and {things}: {panel.periods:,} periods of {panel.entities:,}"
    ratio = dict(panel.persistence).get(column) if column is not None else None
    if ratio is None:
        return said
    how = "is carried on" if ratio < CARRIED_ON else "hardly is carried on"
    return f"{said}; from one to the next the number {how} (von Neumann's ratio {ratio:.2f}, by chance 2)"
