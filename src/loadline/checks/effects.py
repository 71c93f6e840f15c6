"""What one agent did lately, and the rows it added, in; signs that rows were invented, with the evidence, out.

Three things are looked for. A *refill*: the same agent took many rows out of a table and put many in, in either order.
Rows *without a source*: many at once, from a statement that read no table. Rows *unlike* the table they are in: they
repeat what is never repeated there, count up in text, are all alike where the others differ, or lie outside everything
the column has held. One of the last kind may be chance; two in one table are not taken for it. A refill may come a few
rows at a time: what was put in and taken out is added up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loadline.values.effect import Inserted, WriteEffect
from loadline.values.finding import Finding, Gravity

CHECK = "fabrication"
MANY_ROWS = 20  # fewer are looked at by whoever approves them
REFILL_SHARE = 0.2  # of the rows that went, so many came
WINDOW = timedelta(hours=24)
_COUNTED = re.compile(r"(?P<before>.*?)(?P<number>\d+)(?P<after>\D*)\Z", re.DOTALL)
_FREEZE = "freeze the agent, compare the rows with their source, and undo the write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One committed write of an agent. `sources` are the tables its statement read; none when it brought its own."""

    run: str
    at: datetime
    effect: WriteEffect
    sources: tuple[str, ...] = ()


def look_for_invented_rows(now: Deed, lately: Sequence[Deed], inserted: Sequence[Inserted]) -> tuple[Finding, ...]:
    """`lately` are earlier deeds of the same agent, `inserted` what the target read of this one; an undo is nobody's
    deed, for it invents nothing. A blocking finding is one to freeze the agent for."""
    recent = [deed for deed in lately if now.at - deed.at <= WINDOW]
    unlike = [finding for table in inserted if (finding := _unlike(table)) is not None]
    return (*_refills(now, recent), *_without_source(now, inserted), *unlike)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one agent did to one table since yesterday: rows taken out many at a time, and rows put in, however few."""

    table: str
    out: int
    into: int


def look_for_slow_refill(tallies: Iterable[Tally]) -> tuple[Finding, ...]:
    """Rows put in a few at a time where many had been taken out: each of these writes is too small to be looked at."""
    return tuple(
        Finding(
            check=CHECK,
            subject=one.table,
            gravity=Gravity.BLOCKING,
            what=f"the same agent took {one.out:,} rows out of `{one.table}` and put {one.into:,} in, a few at a time",
            mend=_FREEZE,
            count=one.into,
        )
        for one in tallies
        if _is_refill(one.out, one.into)
    )


def _is_refill(out: int, into: int) -> bool:
    return min(out, into) >= MANY_ROWS and into >= REFILL_SHARE * out


def _refills(now: Deed, recent: Sequence[Deed]) -> Iterable[Finding]:
    for table in now.effect.tables:
        there = [(deed, each) for deed in recent for each in deed.effect.tables if each.table == table.table]
        out = table.deleted + sum(each.deleted for _, each in there)
        into = table.inserted + sum(each.inserted for _, each in there)
        if not _is_refill(out, into) or not (table.deleted or table.inserted):
            continue
        runs = ", ".join(sorted({f"`{deed.run}`" for deed, each in there if each.deleted or each.inserted}))
        yield Finding(
            check=CHECK,
            subject=table.table,
            gravity=Gravity.BLOCKING,
            what=f"the same agent took {out:,} rows out of `{table.table}` and put {into:,} in, within a day"
            + (f" (runs {runs} and this one)" if runs else ""),
            mend=_FREEZE,
            count=into,
        )


def _without_source(now: Deed, inserted: Sequence[Inserted]) -> Iterable[Finding]:
    if now.sources:
        return
    for table in inserted:
        if table.count >= MANY_ROWS:
            yield Finding(
                check=CHECK,
                subject=table.table,
                gravity=Gravity.DOUBTFUL,
                what=f"{table.count:,} rows came into `{table.table}` from a statement that read no table",
                mend="have the agent name where the rows come from, or insert them by SELECT from there",
                count=table.count,
            )


def _unlike(table: Inserted) -> Finding | None:
    """One finding for a table, with everything odd about its new rows."""
    if len(table.new) < MANY_ROWS or len(table.old) < MANY_ROWS:
        return None
    odd = []
    for place, column in enumerate(table.columns):
        new = [row[place] for row in table.new if row[place] is not None]
        old = [row[place] for row in table.old if row[place] is not None]
        if len(new) >= MANY_ROWS and len(old) >= MANY_ROWS:
            odd += [f"`{column}` {said}" for look in _LOOKS if (said := look(new, old))][:1]
    if not odd:
        return None
    return Finding(
        check=CHECK,
        subject=table.table,
        gravity=Gravity.BLOCKING if len(odd) > 1 else Gravity.DOUBTFUL,
        what=f"{table.count:,} new rows of `{table.table}` are unlike the others: " + "; ".join(odd),
        mend=_FREEZE,
        count=table.count,
    )


def _all_alike(new: Sequence[object], old: Sequence[object]) -> str:
    if len(set(new)) == 1 and _distinct(old) > 0.5:
        return f"is {_shown(new[0])} in every one, and differs from row to row before"
    return ""


def _repeated(new: Sequence[object], old: Sequence[object]) -> str:
    if _distinct(old) >= 0.9 and _distinct(new) <= 0.5:
        most, often = Counter(new).most_common(1)[0]
        return f"repeats itself ({_shown(most)} {often} times), and hardly ever before"
    return ""


def _counts_up(new: Sequence[object], old: Sequence[object]) -> str:
    """`Person 17`, `Person 18` …: text with a number in it that goes up by one."""
    if _counted_share(new) >= 0.8 and _counted_share(old) < 0.2:
        return f"counts up ({_shown(new[0])}, {_shown(new[1])} …), and does not before"
    return ""


def _counted_share(values: Sequence[object]) -> float:
    """The share of texts whose like, one number lower or higher, is there too."""
    if not all(isinstance(value, str) for value in values):
        return 0.0
    parts = [match.group("before", "number", "after") for value in values if (match := _COUNTED.match(str(value)))]
    there = {(before, int(number), after) for before, number, after in parts if before.strip()}
    near = sum((b, n - 1, a) in there or (b, n + 1, a) in there for b, n, a in there)
    return near / len(values)


def _outside(new: Sequence[object], old: Sequence[object]) -> str:
    """Numbers, none of which lies where all others do; a column that grows with every row is not meant."""
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (*new, *old)):
        return ""
    one, other = [_number(value) for value in new], [_number(value) for value in old]
    low, high = min(other), max(other)
    if all(low <= value <= high for value in one) or _grows(one, other):
        return ""
    if all(value < low or value > high for value in one):
        return f"lies outside {low:g} to {high:g}, where all before do, in every one"
    return ""


def _grows(new: Sequence[float], old: Sequence[float]) -> bool:
    """A key or a counter: every value once, and the new ones follow upon the old."""
    return len(set(new)) == len(new) and len(set(old)) == len(old) and min(new) > max(old)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _unknown_words(new: Sequence[object], old: Sequence[object]) -> str:
    """A column of few different texts that has new ones all of a sudden."""
    if not all(isinstance(value, str) for value in (*new, *old)):
        return ""
    known = set(old)
    if len(known) > 20 or _distinct(old) > 0.5:
        return ""
    strange = [value for value in new if value not in known]
    if len(strange) < 0.5 * len(new):
        return ""
    return f"is one of {len(known)} texts before, and none of them ({_shown(strange[0])}) in {len(strange):,} new rows"


def _unknown_shapes(new: Sequence[object], old: Sequence[object]) -> str:
    """Texts that are all written in a few ways, and the new ones in none of them."""
    if not all(isinstance(value, str) for value in (*new, *old)):
        return ""
    shapes = Counter(_shape(value) for value in old)
    if len(shapes) > 10 or max(shapes.values()) < 5:
        return ""
    strange = [value for value in new if _shape(value) not in shapes]
    if len(strange) < 0.9 * len(new):
        return ""
    return f"is written like {_shown(old[0])} before, and like {_shown(strange[0])} now"


def _shape(value: object) -> str:
    """`DE-1047` is `a-9`: runs of letters and of digits, and what stands between."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "a", str(value)))


def _distinct(values: Sequence[object]) -> float:
    return len(set(values)) / len(values)


def _shown(value: object) -> str:
    text = str(value)
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`"


_LOOKS: tuple[Callable[[Sequence[object], Sequence[object]], str], ...] = (
    _all_alike,
    _repeated,
    _counts_up,
    _unknown_words,
    _unknown_shapes,
    _outside,
)
