"""A promise and the numbers measured for it in; kept or broken, in words and with a mend, out."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from loadline.checks.data.nouns import (
    Arrives,
    Found,
    HasLength,
    HasValue,
    InRange,
    Matches,
    MultipleOf,
    OneOf,
    Promised,
    Unique,
)
from loadline.checks.data.primitives import spelled
from loadline.checks.data.words import limit_words, listed_values, rows_words, shown
from loadline.values.contract import Limit, Must, Written
from loadline.values.promise import Broken, Kept, PromiseRun, Unseen


def counted(promised: Promised, bad: int, total: int, *, sql: str, keys: int | None = None) -> PromiseRun:
    """Of `total` rows the promise is about, `bad` break it."""
    measured = (
        f"{rows_words(bad, total)} {_breaking(promised)}" if bad else f"0 of {total:,} rows {_breaking(promised)}"
    )
    limit = promised.limit
    if limit is None or (limit.must is Must.BE and limit.values == (0,)):
        is_kept = bad <= promised.tolerance * total
    else:
        is_kept = holds(limit, Decimal(100 * bad) / total if promised.is_percent and total else bad)
    if is_kept:
        return Kept(promise=promised.promise, measured=measured, sql=sql)
    what = f"{_where(promised)}{measured}"
    if keys:
        what += f"; {keys:,} key value{' repeats' if keys == 1 else 's repeat'}"
    if limit is not None and (limit.must is not Must.BE or limit.values != (0,)):
        what += f", and it {limit_words(limit, 'percent' if promised.is_percent else 'rows')}"
    elif promised.tolerance:
        what += f", and at most {promised.tolerance:%} may"
    return Broken(promise=promised.promise, what=what, mend=_mend(promised), count=bad, total=total, keys=keys, sql=sql)


def valued(promised: Promised, value: object, *, sql: str, of: str) -> PromiseRun:
    """A single value, compared with the promise's limit; `of` says what it is a value of."""
    limit = promised.limit
    if value is None:
        return Unseen(promise=promised.promise, why=f"{of} is NULL, which compares with nothing")
    if limit is None:
        return Unseen(promise=promised.promise, why="it does not say what its value must be")
    measured = f"{of} is {shown(value)}"
    if holds(limit, value):
        return Kept(promise=promised.promise, measured=measured, sql=sql)
    total = value if isinstance(value, int) and of == "the row count" else None
    return Broken(
        promise=promised.promise,
        what=f"{measured}, and it {limit_words(limit, '')}",
        mend=f"mend the rows of `{promised.promise.relation}`, or change the rule in contract "
        f"`{promised.promise.contract}`",
        total=total,
        sql=sql,
    )


def holds(limit: Limit, value: object) -> bool:
    """Numbers compare as numbers, everything else as text. Between includes both ends."""
    measured = _number(value)
    limits = [_number(written) for written in limit.values]
    if measured is None or any(one is None for one in limits):
        same = str(value) == spelled(limit.values[0])
        return {Must.BE: same, Must.NOT_BE: not same}.get(limit.must, False)
    low, high = limits[0] or Decimal(0), limits[-1] or Decimal(0)
    match limit.must:
        case Must.BE:
            return measured == low
        case Must.NOT_BE:
            return measured != low
        case Must.BE_ABOVE:
            return measured > low
        case Must.BE_AT_LEAST:
            return measured >= low
        case Must.BE_BELOW:
            return measured < low
        case Must.BE_AT_MOST:
            return measured <= low
        case Must.BE_BETWEEN:
            return low <= measured <= high
        case Must.NOT_BE_BETWEEN:
            return not low <= measured <= high


def _number(value: object | Written) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _where(promised: Promised) -> str:
    return f"where {promised.where}: " if promised.where else ""


def _breaking(promised: Promised) -> str:
    """What is true of the rows that break it."""
    names = "+".join(promised.promise.columns)
    match promised.test:
        case HasValue(missing=()):
            return f"have no `{names}`"
        case HasValue():
            return f"have a `{names}` that stands for none"
        case InRange(minimum=minimum, maximum=maximum):
            low = f"{'not above' if minimum.is_exclusive else 'below'} {shown(minimum.value)}" if minimum else ""
            high = f"{'not below' if maximum.is_exclusive else 'above'} {shown(maximum.value)}" if maximum else ""
            return f"have a `{names}` {' or '.join(filter(None, (low, high)))}"
        case OneOf(values=values, pattern=pattern):
            nor = f", and does not look like `{pattern}`" if pattern is not None else ""
            return f"have a `{names}` that is not {listed_values(values)}{nor}"
        case Matches(pattern=pattern):
            return f"have a `{names}` that does not look like `{pattern}`"
        case HasLength():
            return f"have a `{names}` of another length"
        case MultipleOf(of=of):
            return f"have a `{names}` that is no multiple of {shown(of)}"
        case Arrives(says=says, column=column):
            return f"arrive (`{names}`) more than {says} after `{column.name}`"
        case Unique():
            return f"repeat a `{names}` that another row has"
        case Found():
            return f"have a `{names}` that leads to no row"
        case _:
            return "break it"


def _mend(promised: Promised) -> str:
    relation, contract = promised.promise.relation, promised.promise.contract
    names = "+".join(promised.promise.columns)
    otherwise = f"or change contract `{contract}`"
    match promised.test:
        case HasValue():
            return f"fill `{names}` in `{relation}` at its source, {otherwise}"
        case Unique():
            return f"remove the repeated rows from `{relation}` at their source, {otherwise}"
        case Found(relation=target):
            return f"restore the missing rows of `{target}`, or correct `{names}` in `{relation}`, {otherwise}"
        case Arrives():
            return f"find out why the rows came late, {otherwise}"
        case _:
            return f"correct `{names}` in `{relation}` at its source, {otherwise}"
