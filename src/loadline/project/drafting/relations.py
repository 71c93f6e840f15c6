"""Surveyed tables in; their keys, and which columns may lead from one to another, out; then what proved true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from loadline.project.drafting.naming import (
    free,
    identifier,
    is_plain,
    key_score,
    personal_by_name,
    singular,
    words_of,
)
from loadline.project.drafting.over_time import is_history
from loadline.values.survey import Inclusion, SurveyedColumn, SurveyedTable, Validity

MOST_PAIRS = 400
"""Pairs of columns that are tried; each costs one statement."""

FEW_ROWS = 20
FEW_CODES = 5
"""Rows of a table whose first column is a short text: a list of codes, as lists of codes go."""

_NAMED_SHARE, _UNNAMED_SHARE = 0.5, 0.95

Names = Mapping[str, str]
"""Relation → dataset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """A many-to-one step that the data bears out. `role` is what the target is called from there, where it needs it;
    `valid` the two columns that say when a row of the target holds, where it is a history."""

    source: str
    column: str
    target: str
    key: str
    role: str | None
    filled: int
    missing: int
    valid: tuple[str, str] | None = None


def primary_key(table: SurveyedTable, dataset: str) -> tuple[str, ...]:
    """The proven key that looks most like one; none when what is unique may be so by accident."""
    scored: list[tuple[int, tuple[str, ...]]] = []
    for n, key in enumerate(table.keys):
        if len(key) == 1:
            column = table.column(key[0])
            score = 10 * key_score(column.name, dataset) - n
            if column.logical_type in {"timestamp", "date"}:
                score -= 30
            if column.logical_type == "string" and (column.personal or personal_by_name(column.name, dataset)):
                score -= 12
            position = [one.name for one in table.columns].index(column.name)
            is_code = column.logical_type == "string" and column.longest <= 12 and table.rows >= FEW_CODES
            if score >= 5 or (position == 0 and (table.rows >= FEW_ROWS or is_code) and score > -10):
                scored.append((score, key))
        elif table.rows >= 50 and all(_tells_apart(table.column(name), dataset) for name in key):
            scored.append((sum(key_score(name, dataset) for name in key) - n, key))
    return max(scored, key=lambda one: one[0])[1] if scored else ()


def _tells_apart(column: SurveyedColumn, dataset: str) -> bool:
    periods = {"year", "month", "day", "hour", "line", "item", "seq", "sequence", "position", "week", "quarter", "date"}
    return (
        key_score(column.name, dataset) > 0
        or column.logical_type in {"date", "timestamp"}
        or bool(periods & set(words_of(column.name)))
        or (column.logical_type == "string" and column.longest <= 40)
    )


def candidates(tables: Sequence[SurveyedTable], names: Names) -> Iterator[tuple[str, str, str, str]]:
    """(source, column, target, key): by what the names say first, then by what the values could be."""
    keyed = []
    for table in tables:
        key = primary_key(table, names[table.relation])
        if table.validity is not None and is_history(table):
            keyed.append((table, table.column(table.validity.entity)))
        elif len(key) == 1 and table.rows > 1:
            keyed.append((table, table.column(key[0])))
    tried: dict[tuple[str, str, str, str], None] = {}
    for said in (_is_named_after, _could_be):
        for table in tables:
            for column in table.columns:
                for target, known in keyed:
                    if said(table, column, target, known, names):
                        tried[table.relation, column.name, target.relation, known.name] = None
    yield from list(tried)[:MOST_PAIRS]


def _is_comparable(table: SurveyedTable, column: SurveyedColumn, target: SurveyedTable, key: SurveyedColumn) -> bool:
    is_itself = table.relation == target.relation and column.name == key.name
    return not is_itself and column.logical_type == key.logical_type and column.filled > 0


def _is_named_after(
    table: SurveyedTable, column: SurveyedColumn, target: SurveyedTable, key: SurveyedColumn, names: Names
) -> bool:
    if not _is_comparable(table, column, target, key) or (column.is_unique and len(target.columns) < 2):
        return False
    return _prefix(column.name, key.name, names[target.relation], is_same=table.relation == target.relation) is not None


def _prefix(column: str, key: str, target: str, *, is_same: bool = False) -> str | None:
    """What stands before the target's name in a column that is named after it; None when it is not."""
    words, key_words = words_of(column), words_of(key)
    if not words or not key_words:
        return None
    owns = {tuple(singular(word) for word in target.split("_")), (singular(target.rpartition("_")[2]),)}
    if is_same:
        is_parent = len(words) > 1 and words[-1] == key_words[-1] and words[0] in _PARENTS
        return "_".join(words[:-1]) if is_parent else None
    ends = {key_words} if len(key_words) > 1 or key_words[0] not in {"id", "key", "code", "number", "name"} else set()
    ends |= {(*own, key_words[-1]) for own in owns}
    for end in sorted(ends, key=len, reverse=True):
        if words == end or (len(words) > len(end) and words[-len(end) :] == end):
            return "_".join(words[: -len(end)])
    return None


_PARENTS = frozenset({"parent", "manager", "supervisor", "boss", "reports", "root", "previous", "replaces", "referrer"})


def _could_be(
    table: SurveyedTable, column: SurveyedColumn, target: SurveyedTable, key: SurveyedColumn, names: Names
) -> bool:
    """Codes whose values might be those of a list of codes, whatever they are called."""
    return (
        table.relation != target.relation
        and _is_comparable(table, column, target, key)
        and column.logical_type == "string"
        and not column.is_unique
        and column.distinct >= 3
        and target.rows >= FEW_ROWS
        and column.longest <= key.longest <= 12
        and personal_by_name(column.name, names[table.relation]) is None
    )


def guessed(
    inclusions: Iterable[Inclusion], names: Names, histories: Mapping[str, Validity] = MappingProxyType({})
) -> list[Guessed]:
    """What of the tried is borne out, each column leading to one place, each step with a name of its own. `histories`
    are the relations whose rows hold one after the other; what else a column leads to comes before them."""
    best: dict[tuple[str, str], tuple[float, Inclusion, str | None]] = {}
    for one in inclusions:
        prefix = _prefix(one.column, one.key, names[one.target], is_same=one.source == one.target)
        share = 1 - one.missing / one.filled if one.filled else 0.0
        if share < (_NAMED_SHARE if prefix is not None else _UNNAMED_SHARE):
            continue
        if not (is_plain(one.column) and is_plain(one.key)):
            continue  # a relationship names columns bare
        rank = share + (2 if prefix is not None else 0) + (1 if prefix == "" else 0)
        rank -= 0.5 if one.target in histories else 0
        known = best.get((one.source, one.column))
        if known is None or rank > known[0]:
            best[one.source, one.column] = (rank, one, prefix)
    found: list[Guessed] = []
    steps: dict[str, set[str]] = {}
    datasets = set(names.values())
    for _, one, prefix in sorted(best.values(), key=lambda each: (each[1].source, -each[0], each[1].column)):
        target = names[one.target]
        taken = steps.setdefault(one.source, set())
        role = None
        if prefix or one.source == one.target or target in taken or prefix is None:
            stem = prefix or identifier("_".join(words_of(one.column)))
            role = free(
                stem if stem not in datasets and stem != "time" else f"{stem}_{singular(target)}", taken | datasets
            )
        taken.add(role or target)
        found.append(
            Guessed(
                source=one.source,
                column=one.column,
                target=one.target,
                key=one.key,
                role=role,
                filled=one.filled,
                missing=one.missing,
                valid=(history.start, history.end) if (history := histories.get(one.target)) else None,
            )
        )
    return found
