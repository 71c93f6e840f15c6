"""The cells and places that claims need in, their governed values out, in as few queries as they can be put into.

Cells of the same breakdown share a query: their filters become dimensions, their periods a grain, their metrics
columns. Every query goes through the river like any other question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from loadline.checks import codes as check_codes
from loadline.errors import RequestError
from loadline.flow.allowed import allowed
from loadline.flow.run import run
from loadline.flow.world import World
from loadline.semantics import resolve
from loadline.semantics.emptied import emptied
from loadline.semantics.time_calendar import period_of
from loadline.values.claim import Absent, Cell, Doubt, Members
from loadline.values.decision import Permit
from loadline.values.model import Status
from loadline.values.query import By, Filter, Grain, Op, Query, Window
from loadline.values.receipt import Answer, AnswerStatus
from loadline.values.request import Ask
from loadline.values.rule import Deed, Principal

TIME = "time"
_GRAINS = (Grain.MONTH, Grain.QUARTER, Grain.YEAR, Grain.FISCAL_QUARTER, Grain.FISCAL_YEAR, Grain.WEEK, Grain.DAY)


@dataclass(slots=True)
class Facts:
    """What was computed, and the receipts it rests on."""

    cells: dict[Cell, Decimal | Absent] = field(default_factory=dict)
    places: dict[Members, Mapping[str, Decimal] | Absent] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    is_cut: dict[Cell, bool] = field(default_factory=dict)  # whether the data begin or end in its period


@dataclass(frozen=True, slots=True)
class _Shape:
    """What makes wants share a query: breakdown, other filters, and the grain, or else the very window."""

    by: tuple[str, ...]
    where: tuple[Filter, ...]
    grain: Grain | None
    window: tuple[date | None, date | None] | None


@dataclass(frozen=True, slots=True)
class _Want:
    """One cell, or all members of a dimension; `fixed` are the values its row must have."""

    metric: str
    shape: _Shape
    fixed: tuple[tuple[str, object], ...]
    window: Window | None
    of: Cell | Members


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, where, and on which day."""

    world: World
    principal: Principal
    today: date


def compute(asker: Asker, wanted: Iterable[Cell | Members], facts: Facts) -> None:
    """Fill `facts` with what is not in it yet. Raises OutsideError when the warehouse or the ledger fails."""
    shapes: dict[_Shape, list[_Want]] = {}
    for one in dict.fromkeys(wanted):
        if one in facts.cells or one in facts.places:
            continue
        want = _want(asker.world, one)
        shapes.setdefault(want.shape, []).append(want)
    for shape, wants in shapes.items():
        for metrics in _together(asker, shape, wants):
            _ask(asker, shape, _of(wants, metrics), metrics, facts)


def _want(world: World, one: Cell | Members) -> _Want:
    fixed = tuple((each.name, each.values[0]) for each in one.where if each.op is Op.EQ)
    other = tuple(each for each in one.where if each.op is not Op.EQ)
    grain = _grain(world, one.during)
    by = {name for name, _ in fixed} | ({one.by} if isinstance(one, Members) else set())
    exact = None if grain or one.during is None else (one.during.start, one.during.end)
    shape = _Shape(tuple(sorted(by)), other, grain, exact)
    return _Want(one.metric, shape, fixed, one.during, one)


def _grain(world: World, window: Window | None) -> Grain | None:
    """The unit of the calendar that the window is exactly one of."""
    if window is None or window.start is None or window.end is None:
        return None
    for grain in _GRAINS:
        period = period_of(grain.value, window.start, world.project.model.calendar)
        if (period.start, period.end) == (window.start, window.end):
            return grain
    return None


def _together(asker: Asker, shape: _Shape, wants: Sequence[_Want]) -> list[tuple[str, ...]]:
    """The metrics of a shape, in one query where they can share it. One that cannot be asked so, may not be, or is not
    approved goes alone: its fate must not become that of the others."""
    names = tuple(dict.fromkeys(want.metric for want in wants))
    if len(names) == 1:
        return [names]
    sound = tuple(name for name in names if _is_sound(asker, _query(shape, _of(wants, (name,)), (name,))))
    alone = [(name,) for name in names if name not in sound]
    if len(sound) < 2 or _is_sound(asker, _query(shape, _of(wants, sound), sound)):
        return [*([sound] if sound else []), *alone]
    return [(name,) for name in names]


def _of(wants: Sequence[_Want], metrics: tuple[str, ...]) -> list[_Want]:
    return [want for want in wants if want.metric in metrics]


def _is_sound(asker: Asker, query: Query) -> bool:
    """Whether the query has a plan of approved definitions that policy permits."""
    world = asker.world
    try:
        plan = resolve(world.linked, query, audience=asker.principal.audience)
    except RequestError:
        return False
    is_approved = all(metric.status == Status.APPROVED for metric in plan.metrics)
    return is_approved and isinstance(allowed(world, plan, asker.principal, deed=Deed.VERIFY), Permit)


def _query(shape: _Shape, wants: Sequence[_Want], metrics: tuple[str, ...]) -> Query:
    windows = {(want.window.start, want.window.end): want.window for want in wants if want.window}
    by = [By(name=name) for name in shape.by]
    during = next(iter(windows.values()), None)
    if shape.grain is not None and len(windows) > 1:
        by.append(By(name=TIME, grain=shape.grain))
        starts = [start for start, _ in windows if start]
        ends = [end for _, end in windows if end]
        last = max(ends) - timedelta(days=1)
        during = Window(start=min(starts), end=max(ends), text=f"{min(starts)}..{last}")
    return Query(metrics=metrics, by=tuple(by), where=shape.where, during=during)


def _ask(asker: Asker, shape: _Shape, wants: Sequence[_Want], metrics: tuple[str, ...], facts: Facts) -> None:
    query = _query(shape, wants, metrics)
    answer = run(asker.world, Ask(principal=asker.principal, asked=query, today=asker.today, deed=Deed.VERIFY))
    if answer.rows is None and len(metrics) > 1:  # withheld for what some of them read: not the fate of the others
        middle = len(metrics) // 2
        for half in (metrics[:middle], metrics[middle:]):
            _ask(asker, shape, _of(wants, half), half, facts)
        return
    facts.answers.append(answer)
    absent = _absent(answer)
    rows = _Rows(answer, query) if answer.rows is not None else None
    for want in wants:
        missing = absent or _partial(answer, want)
        match want.of:
            case Cell() as cell:
                facts.cells[cell] = missing or _why_empty(asker, cell, rows.cell(want) if rows else _nothing())
            case Members() as members:
                facts.places[members] = missing or (rows.members(want, members.by) if rows else _nothing())


def _why_empty(asker: Asker, cell: Cell, found: Decimal | Absent) -> Decimal | Absent:
    """Where the metric's own definition leaves nothing of a slice, no row will ever be there."""
    match found:
        case Absent(doubt=doubt):
            said = next(emptied((asker.world.linked.metrics[cell.metric],), cell.where), None)
            return found if said is None else Absent(doubt=doubt, because=said)
        case _:
            return found


def _nothing(because: str = "there are no rows") -> Absent:
    return Absent(doubt=Doubt.NO_DATA, because=because)


def _absent(answer: Answer) -> Absent | None:
    """Why an answer gives no value: forbidden, withheld by a check, or cut off."""
    receipt = answer.receipt
    if answer.rows is None:
        reasons = "; ".join(reason.what for reason in receipt.reasons)
        is_forbidden = any(reason.code.startswith("POL") for reason in receipt.reasons)
        return Absent(doubt=Doubt.NOT_PERMITTED if is_forbidden else Doubt.NO_DATA, because=reasons)
    if receipt.is_truncated:
        return _nothing("the answer has more rows than may be fetched")
    unapproved = [reason.what for reason in receipt.reasons if reason.code != check_codes.DOUBTFUL]
    if receipt.status is not AnswerStatus.VERIFIED and unapproved:  # a doubt about the data leaves the number governed
        return Absent(doubt=Doubt.NOT_APPROVED, because="; ".join(unapproved))
    return None


def _partial(answer: Answer, want: _Want) -> Absent | None:
    """A value over the rows somebody may see is no value of the whole: unless the claim is of just those rows."""
    own = {f"{name} = '{value}'" for name, value in want.fixed}
    hidden = [said for said in answer.receipt.row_filters if said not in own]
    if not hidden:
        return None
    return Absent(doubt=Doubt.NOT_PERMITTED, because=f"you see only rows where {'; '.join(hidden)}")


class _Rows:
    """The rows of one answer, found by their dimension values."""

    def __init__(self, answer: Answer, query: Query) -> None:
        self._columns = [column.name for column in answer.receipt.columns]
        self._names = [by.name for by in query.by if by.name != TIME]
        self._has_time = len(self._names) < len(query.by)
        self._count = len(query.by)
        self._metrics = {name: self._count + at for at, name in enumerate(query.metrics)}
        self._rows: dict[tuple[object, ...], tuple[object, ...]] = {}
        for row in answer.rows or ():
            key = list(row[: self._count])
            if self._has_time:
                key[-1] = _day(key[-1])
            self._rows[tuple(key)] = row

    def cell(self, want: _Want) -> Decimal | Absent:
        key = self._key(dict(want.fixed), want)
        row = self._rows.get(key)
        return self._number(row, want.metric)

    def members(self, want: _Want, by: str) -> Mapping[str, Decimal] | Absent:
        """Members without a name, and those without a number, take no place."""
        at = self._names.index(by)
        fixed = dict(want.fixed)
        found: dict[str, Decimal] = {}
        for key, row in self._rows.items():
            member = key[at]
            if member is None or key != self._key({**fixed, by: member}, want):
                continue
            number = self._number(row, want.metric)
            if isinstance(number, Decimal):
                found[str(member)] = number
        return found or _nothing()

    def _key(self, fixed: Mapping[str, object], want: _Want) -> tuple[object, ...]:
        key = [fixed.get(name) for name in self._names]
        if self._has_time:
            key.append(want.window.start if want.window else None)
        return tuple(key)

    def _number(self, row: tuple[object, ...] | None, metric: str) -> Decimal | Absent:
        value = row[self._metrics[metric]] if row is not None else None
        match value:
            case bool() | None:
                return _nothing()
            case int() | Decimal():
                return Decimal(value)
            case float():
                return Decimal(repr(value))
            case _:
                return _nothing(f"`{metric}` is no number")


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value
