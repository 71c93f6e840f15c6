"""The values a filter compares with, and those there are, in; whether it can mean anything out.

A text that no row has is most often another spelling of one that some have: the answer is then a true zero about
nothing, and nobody who reads it would know.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from loadline.values.finding import CheckRun, Finding, Gravity, Looked
from loadline.values.outcome import Outcome
from loadline.values.query import Filter, Op

FILTER_VALUES_EXIST = "filter-values-exist"
MOST_NAMED = 8
"""Values named where none is near."""

_COMPARED = frozenset({Op.EQ, Op.NE, Op.IN, Op.NOT_IN})


def texts_compared(wanted: Filter) -> tuple[str, ...]:
    """The texts that a filter asks to be equal to (or not), each once."""
    if wanted.op not in _COMPARED:
        return ()
    return tuple(dict.fromkeys(value for value in wanted.values if isinstance(value, str)))


def is_met(wanted: Filter, outcome: Outcome) -> bool:
    """Whether the answer itself shows that some row has the one value that a filter wants: a number came of it."""
    if wanted.op is not Op.EQ:
        return False
    numbers = [at for at, column in enumerate(outcome.columns) if column.kind == "metric"]
    if not numbers:
        return len(outcome.rows) > 0
    return any(row[at] not in (None, 0) for row in outcome.rows for at in numbers)


def look_at_values(
    wanted: Filter, there: Iterable[str], *, known: Sequence[str], spelled: Mapping[str, str]
) -> CheckRun:
    """`there` are the texts found in rows or promised by a contract, `known` values that may be named, `spelled` what
    people call one of them by."""
    found = set(there)
    gone = [value for value in texts_compared(wanted) if value not in found]
    findings = tuple(
        Finding(
            check=FILTER_VALUES_EXIST,
            subject=wanted.name,
            gravity=Gravity.DOUBTFUL,
            what=f"no row has `{value}` as `{wanted.name}`, and no contract says that one may",
            mend=_mend(value, wanted.name, known, spelled),
        )
        for value in gone
    )
    return Looked(check=FILTER_VALUES_EXIST, subject=wanted.name, findings=findings)


def _mend(value: str, name: str, known: Sequence[str], spelled: Mapping[str, str]) -> str:
    near = _near(value, known, spelled)
    if near:
        return f"write {' or '.join(f'`{one}`' for one in near)}"
    if 0 < len(known) <= MOST_NAMED:
        return f"write one of {', '.join(f'`{one}`' for one in known)}"
    return f"write a value that there is: `loadline ask --by {name}` lists them for whom that is permitted"


def _near(value: str, known: Sequence[str], spelled: Mapping[str, str]) -> list[str]:
    folded = value.casefold().strip()
    called = spelled.get(folded)
    if called in known:
        return [str(called)]
    same = [one for one in known if one.casefold().strip() == folded]
    if same:
        return same[:3]
    by_fold = {one.casefold(): one for one in known}
    return [by_fold[one] for one in difflib.get_close_matches(folded, by_fold, n=3, cutoff=0.7)]
