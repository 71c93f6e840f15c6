"""A subject in; every promise its contract makes, and what is measured for it, out. What no query can look at is kept
as a promise without a test, so that it is listed as not run and never counted as kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from loadline.checks.data.nouns import (
    Arrives,
    Asked,
    Found,
    Fresh,
    HasLength,
    HasValue,
    InRange,
    IsThere,
    Matches,
    MultipleOf,
    NoTest,
    OneOf,
    Promised,
    Regular,
    Retained,
    RowCount,
    Test,
    Unique,
    Volume,
)
from loadline.checks.data.patterns import FORMATS
from loadline.checks.data.subjects import Subject, target_of
from loadline.checks.data.words import bounds_words, limit_words, listed_values, shown
from loadline.values.contract import Column, QualityRule, Reference, RuleKind, Scope, Sla, Written
from loadline.values.diagnostic import Severity
from loadline.values.place import Place
from loadline.values.promise import Promise

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "mo": 2678400, "y": 31622400}
_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "w"),
    **dict.fromkeys(("mo", "mth", "month", "months"), "mo"),
    **dict.fromkeys(("y", "yr", "year", "years"), "y"),
}
_WORDS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_PARTIAL = Decimal("0.5")


def promises_of(subject: Subject, every: Iterable[Subject]) -> tuple[Promised, ...]:
    """In the order of the contract: columns first, then the table, then its service levels. Ids are unique."""
    others = tuple(every)
    found = [
        *(
            _in_warehouse(one, subject)
            for c in subject.table.columns.values()
            for one in _of_column(subject, c, others)
        ),
        *_of_table(subject, others),
    ]
    seen: dict[str, int] = {}
    unique = []
    for promised in found:
        name = promised.promise.id
        seen[name] = seen.get(name, 0) + 1
        if subject.is_draft and promised.promise.severity is Severity.ERROR:
            promised = replace(promised, promise=replace(promised.promise, severity=Severity.WARNING))  # noqa: PLW2901
        if seen[name] > 1:
            promised = replace(promised, promise=replace(promised.promise, id=f"{name}#{seen[name]}"))  # noqa: PLW2901
        unique.append(promised)
    return tuple(unique)


def schedules_of(subject: Subject, every: Iterable[Subject]) -> frozenset[str]:
    """When its promises are to be looked at, as their contract says (`schedule`): five fields of cron each."""
    return frozenset(one.promise.schedule for one in promises_of(subject, every) if one.promise.schedule)


def _in_warehouse(promised: Promised, subject: Subject) -> Promised:
    """Nothing can be looked at of a measure: the standard computes it, and the warehouse has no such column."""
    (name, *_) = promised.promise.columns
    if not subject.table.columns[name].is_measure:
        return promised
    return replace(promised, test=NoTest(why=f"`{name}` is a measure, computed by who reads the table"), limit=None)


def _promise(subject: Subject, check: str, columns: tuple[str, ...], says: str, place: Place) -> Promise:
    return Promise(
        id=f"{subject.name}.{'+'.join(columns)}: {check}" if columns else f"{subject.name}: {check}",
        table=subject.name,
        relation=subject.relation,
        contract=subject.contract,
        check=check,
        columns=columns,
        says=says,
        severity=Severity.ERROR,
        dimension=_DIMENSIONS.get(check, "conformity"),
        owner=subject.owner,
        place=place,
    )


def _with(promise: Promise, scope: Scope) -> Promise:
    return replace(promise, severity=scope.severity or Severity.ERROR, cause=scope.cause)


def _scoped(promise: Promise, test: Test, scope: Scope) -> Promised:
    return Promised(promise=_with(promise, scope), test=test, where=scope.where, tolerance=scope.tolerance)


# columns


def _of_column(subject: Subject, column: Column, every: tuple[Subject, ...]) -> Iterator[Promised]:
    def promise(check: str, says: str) -> Promise:
        return _promise(subject, check, (column.name,), says, column.place)

    there = promise("columns-as-promised", f"there is a column `{column.name}` of {column.logical_type}")
    yield Promised(promise=there, test=IsThere(column=column))
    key = subject.table.key
    if column.is_required or column.name in key:
        says = f"`{column.name}` has a value in every row"
        yield _scoped(promise("required", says), HasValue(column=column), column.scope)
    if column.is_unique and key != (column.name,):
        says = f"no two rows have the same `{column.name}`"
        yield _scoped(promise("unique", says), Unique(columns=(column,)), column.scope)
    for check, says, test in _values_of(column):
        yield _scoped(promise(check, says), test, column.scope)
    for unread in column.unread:
        yield Promised(
            promise=promise(unread.partition(":")[0], f"`{column.name}` keeps `{unread}`"),
            test=NoTest(why=f"`{unread}` is not looked at"),
        )
    for reference in column.references:
        yield _reference(subject, reference, column.scope, every)
    for rule in column.rules:
        yield _rule(subject, rule)


def _values_of(column: Column) -> Iterator[tuple[str, str, Test]]:
    name = column.name
    if column.minimum is not None or column.maximum is not None:
        says = f"`{name}` is {bounds_words(column.minimum, column.maximum)}"
        yield "range", says, InRange(column=column, minimum=column.minimum, maximum=column.maximum)
    if column.allowed:
        yield "enum", f"`{name}` is {listed_values(column.allowed)}", OneOf(column=column, values=column.allowed)
    if column.pattern is not None:
        yield "pattern", f"`{name}` looks like `{column.pattern}`", Matches(column=column, pattern=column.pattern)
    if column.format is not None:
        yield "format", f"`{name}` looks like a {column.format}", Matches(column=column, pattern=FORMATS[column.format])
    if column.least_length is not None or column.most_length is not None:
        least = f"at least {column.least_length}" if column.least_length is not None else ""
        most = f"at most {column.most_length}" if column.most_length is not None else ""
        says = f"`{name}` has {' and '.join(filter(None, (least, most)))} characters"
        yield "length", says, HasLength(column=column, least=column.least_length, most=column.most_length)
    if column.multiple_of is not None:
        says = f"`{name}` is a multiple of {shown(column.multiple_of)}"
        yield "multiple-of", says, MultipleOf(column=column, of=column.multiple_of)


def _reference(subject: Subject, reference: Reference, around: Scope, every: tuple[Subject, ...]) -> Promised:
    target = target_of(subject, reference.to_table, every)
    columns = tuple(subject.table.columns[name] for name in reference.columns)
    there = f"{reference.to_table}.{'+'.join(reference.to_columns)}"
    scope = reference.scope if reference.scope != Scope() else around
    names = "+".join(reference.columns)
    says = f"every `{names}` is found in `{there}`"
    promise = _promise(subject, "reference", reference.columns, says, reference.place)
    if target is None:
        return Promised(
            promise=promise, test=NoTest(why=f"no contract of this project promises `{reference.to_table}`")
        )
    physical = tuple(target.table.columns[name].in_warehouse for name in reference.to_columns)
    promise = replace(promise, leads_to=target.relation)
    return _scoped(promise, Found(columns=columns, relation=target.relation, to_columns=physical), scope)


# the table


def _of_table(subject: Subject, every: tuple[Subject, ...]) -> Iterator[Promised]:
    table = subject.table
    if table.key:
        columns = tuple(table.columns[name] for name in table.key)
        scope = columns[0].scope if len(columns) == 1 else table.scope
        says = f"no two rows have the same `{'+'.join(table.key)}`, the key"
        promise = replace(_promise(subject, "primary-key", table.key, says, columns[0].place), is_of_rows=True)
        yield _scoped(promise, Unique(columns=columns), scope)
    for reference in table.references:
        yield _reference(subject, reference, table.scope, every)
    for rule in table.rules:
        yield _rule(subject, rule)
    if table.volume_change is not None:
        says = f"the row count is within {table.volume_change:%} of earlier looks"
        promise = replace(_promise(subject, "volume", (), says, table.place), is_of_rows=True)
        yield _scoped(promise, Volume(change=table.volume_change), table.scope)
    for sla in table.slas:
        yield _sla(subject, sla)


# quality rules


def _rule(subject: Subject, rule: QualityRule) -> Promised:
    scope = replace(rule.scope, severity=rule.scope.severity or rule.severity)
    check = rule.metric or str(rule.kind)
    unit = "percent" if rule.unit in {"percent", "percentage", "%"} else rule.unit
    test = _rule_test(subject, rule, unit)
    says = rule.description or _rule_words(rule, unit)
    is_of_rows = rule.metric == "rowCount" or (not rule.columns and not isinstance(test, NoTest))
    promise = _with(_promise(subject, check, rule.columns, says, rule.place), scope)
    promise = replace(
        promise, dimension=rule.dimension or promise.dimension, is_of_rows=is_of_rows, schedule=rule.schedule
    )
    if rule.name not in {check, rule.metric, str(rule.kind)}:
        promise = replace(promise, id=f"{promise.id} ({rule.name})")
    return Promised(
        promise=promise,
        test=test,
        limit=rule.limit,
        is_percent=unit == "percent",
        where=scope.where,
        tolerance=scope.tolerance,
    )


_DIMENSIONS = {
    "required": "completeness",
    "unique": "uniqueness",
    "primary-key": "uniqueness",
    "reference": "consistency",
    "volume": "coverage",
    "latency": "timeliness",
    "freshness": "timeliness",
    "frequency": "timeliness",
    "retention": "timeliness",
    "nullValues": "completeness",
    "missingValues": "completeness",
    "invalidValues": "conformity",
    "duplicateValues": "uniqueness",
    "rowCount": "coverage",
}


def _rule_words(rule: QualityRule, unit: str) -> str:
    subject = (
        f"{rule.metric or rule.kind} of `{'+'.join(rule.columns)}`" if rule.columns else (rule.metric or rule.name)
    )
    return f"{subject} {limit_words(rule.limit, unit)}" if rule.limit is not None else subject


def _rule_test(subject: Subject, rule: QualityRule, unit: str) -> Test:
    match rule.kind:
        case RuleKind.TEXT:
            return NoTest(why="it is written for people")
        case RuleKind.CUSTOM:
            return NoTest(why=f"it is written for another tool ({rule.tool or 'not named'})")
        case RuleKind.SQL:
            column = subject.table.columns[rule.columns[0]] if len(rule.columns) == 1 else None
            if rule.query is None or rule.limit is None:
                return NoTest(why="it says no query, or not what its value must be")
            return Asked(query=rule.query, column=column)
        case RuleKind.LIBRARY:
            return _library_test(subject, rule, unit)


def _library_test(subject: Subject, rule: QualityRule, unit: str) -> Test:
    columns = tuple(subject.table.columns[name] for name in rule.columns)
    if rule.limit is None:
        return NoTest(why="it does not say what its number must be")
    if unit not in {"rows", "percent"} or (unit == "percent" and rule.metric == "rowCount"):
        return NoTest(why=f"it counts in `{unit}`, and rules count in rows or percent")
    match rule.metric, columns:
        case "rowCount", _:
            return RowCount()
        case "duplicateValues", (_, *_):
            return Unique(columns=columns)
        case "nullValues", (column,):
            return HasValue(column=column)
        case "missingValues", (column,):
            return HasValue(column=column, missing=rule.values or (None, ""))
        case "invalidValues", (column,):
            return _invalid(column, rule)
        case "nullValues" | "missingValues" | "invalidValues" | "duplicateValues", _:
            return NoTest(why=f"`{rule.metric}` is about one column, and the rule names none")
        case _:
            return NoTest(why=f"`{rule.metric}` is none of the standard's metrics")


def _invalid(column: Column, rule: QualityRule) -> Test:
    if rule.values:
        return OneOf(column=column, values=rule.values, pattern=rule.pattern)
    if rule.pattern is not None:
        return Matches(column=column, pattern=rule.pattern)
    if column.allowed:
        return OneOf(column=column, values=column.allowed)
    if column.pattern is not None:
        return Matches(column=column, pattern=column.pattern)
    return NoTest(why="it names neither valid values nor a pattern")


# service levels


def _sla(subject: Subject, sla: Sla) -> Promised:
    column = subject.table.columns[sla.column] if sla.column else subject.time
    columns = (column.name,) if column else ()
    test, says = _sla_test(subject, sla, column)
    if isinstance(test, Arrives):
        columns = (test.arrival.name,)
    promise = _promise(subject, sla.property, columns, sla.description or says, sla.place)
    promise = _with(promise, Scope(severity=sla.severity))
    cause = sla.more.get("cause")
    is_of_rows = isinstance(test, Fresh | Retained | Regular)
    promise = replace(promise, is_of_rows=is_of_rows, schedule=sla.schedule, cause=str(cause) if cause else "")
    where = sla.more.get("where")
    tolerance = sla.more.get("tolerance")
    return Promised(
        promise=promise,
        test=test,
        where=str(where) if where else None,
        tolerance=Decimal(str(tolerance)) if isinstance(tolerance, int | Decimal) else Decimal(0),
    )


def _sla_test(subject: Subject, sla: Sla, column: Column | None) -> tuple[Test, str]:
    says = f"{sla.property} {shown(sla.value)}{' ' + sla.unit if sla.unit else ''}"
    if sla.property not in {"latency", "freshness", "frequency", "retention"}:
        return NoTest(why=f"`{sla.property}` is about how the data is run, not about its rows"), says
    span = duration_of(sla.value, sla.unit)
    if span is None:
        return NoTest(why=f"`{says}` is no span of time; write a number and a unit, or `PT4H`"), says
    if column is None or column.logical_type not in {"date", "timestamp"}:
        return NoTest(why="it names no column of a day or an instant (`element: table.column`)"), says
    seconds, unit, many = span
    words = f"{many} {_WORDS[unit]}{'' if many == 1 else 's'}" if many else f"{seconds:,} seconds"
    match sla.property:
        case "frequency":
            return _regular(sla, column, unit, many, words)
        case "retention":
            says = f"the oldest `{column.name}` is at most {words} old"
            return Retained(column=column, seconds=seconds, says=words), says
        case _:
            arrival = subject.table.columns.get(str(sla.more.get("arrival", "")))
            if arrival is not None:
                says = f"each row arrives (`{arrival.name}`) at most {words} after `{column.name}`"
                return Arrives(column=column, arrival=arrival, seconds=seconds, says=words), says
            if "arrival" in sla.more:
                return NoTest(why=f"`arrival` names `{sla.more['arrival']}`, which is no column of the table"), says
            return Fresh(
                column=column, seconds=seconds, says=words
            ), f"the newest `{column.name}` is at most {words} old"


def _regular(sla: Sla, column: Column, unit: str, many: int, words: str) -> tuple[Test, str]:
    every = f"every {words.removeprefix('1 ')}"
    if unit not in {"h", "d", "w", "mo"} or many < 1 or (unit == "h" and many != 1):
        return NoTest(why=f"a frequency of {words} is not looked at: one hour, or days, weeks and months are"), every
    written = sla.more.get("partial")
    partial: Decimal | None = _PARTIAL
    if written is False:
        partial = None
    elif isinstance(written, int | Decimal) and not isinstance(written, bool):
        partial = Decimal(written)
    return (
        Regular(column=column, unit=unit, every=many, partial=partial, sla=sla),
        f"`{column.name}` has rows for {every}",
    )


def duration_of(value: Written, unit: str | None) -> tuple[int, str, int] | None:
    """Seconds, unit and how many of it; a month counts as 31 days and a year as 366, so nothing is late too early."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        known = _UNITS.get((unit or "").strip().lower())
        if known is None or value < 0:
            return None
        whole = int(value) if value == int(value) else 0
        return int(value * _SECONDS[known]), known, whole
    found = _DURATION.fullmatch(str(value).strip().upper()) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        if isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value.strip()):
            return duration_of(Decimal(value.strip()), unit)
        return None
    parts = [
        (int(text or 0), known)
        for text, known in zip(found.groups(), ("y", "mo", "w", "d", "h", "m", "s"), strict=True)
    ]
    written = [(many, known) for many, known in parts if many]
    if not written:
        return None
    seconds = sum(many * _SECONDS[known] for many, known in written)
    return (seconds, written[0][1], written[0][0]) if len(written) == 1 else (seconds, "s", 0)
