"""Items of a statement in, the demands on rows that they make out: cells, dates, places, numbers with their bounds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from loadline.semantics.claims_slices import Doubted
from loadline.semantics.claims_words import TIMES
from loadline.semantics.tables.days import Day
from loadline.semantics.tables.forms import tokens_of
from loadline.semantics.tables.grid import Grid, GridColumn
from loadline.semantics.tables.items import SCORE, Item, Kind
from loadline.semantics.tables.vocabulary import Say
from loadline.values.claim import Doubt, Hedge, Quantity, Threshold, Unit
from loadline.values.query import Filter, Op

_OPS = {Threshold.ABOVE: Op.GT, Threshold.FROM: Op.GE, Threshold.BELOW: Op.LT, Threshold.UP_TO: Op.LE}
_LOOSE = frozenset({Say.BE, Say.OF, Say.WIN})
_PLAIN_ARTICLES = frozenset({"the", "a", "an"})
_SIDES = frozenset({"away", "opponent", "visitor", "visiting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A demand on rows: one filter for each column it may be about. `wide` demands what holds the words, too."""

    at: int
    item: Item
    options: tuple[Filter, ...]
    wide: tuple[Filter, ...]

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(one.name for one in self.options)


def core(items: Sequence[Item], at: int, step: int) -> int | None:
    """The next item that says something; None where a sign or an `and` stands before it."""
    at += step
    while 0 <= at < len(items):
        one = items[at]
        if one.kind is Kind.SIGN or one.say is Say.AND:
            return None
        if one.kind not in {Kind.FILL, Kind.UNIT} and one.say not in _LOOSE:
            return at
        at += step
    return None


def picked(at: int, item: Item, options: Sequence[Filter], wide: Sequence[Filter] = ()) -> Pick:
    return Pick(at=at, item=item, options=tuple(options), wide=tuple(wide) or tuple(options))


# -- numbers


def in_column(item: Item, column: GridColumn) -> Quantity:
    """The number as the column would print it. Raises Doubted for another unit."""
    quantity, measured = item.number, column.measured
    assert quantity is not None  # noqa: S101 - the caller looked
    if quantity.unit in {Unit.PERCENT, Unit.POINTS} and not measured.is_percent:
        raise Doubted(Doubt.UNIT, f"`{column.name}` is not told in percent")
    if quantity.unit is Unit.TIMES or (
        quantity.unit is Unit.MONEY and measured.currency is not None and measured.currency != quantity.of
    ):
        raise Doubted(Doubt.UNIT, f"`{item.text}` is in another unit than `{column.name}`")
    scale = scale_off(item, column)
    if not item.scale and measured.scale and _fits_scaled(quantity, column):
        scale = measured.scale
    if item.scale and not scale and _fits_scaled(quantity, column, -item.scale):
        raise Doubted(Doubt.UNIT, f"`{column.name}` does not say whether it is told in thousands or millions")
    return replace(
        quantity,
        value=quantity.value.scaleb(-scale),
        half_step=quantity.half_step.scaleb(-scale),
        unit=Unit.PLAIN,
        of=None,
        is_doubtful=quantity.is_doubtful and column.measured.scale == 0 and not _has_places(column),
    )


def scale_off(item: Item, column: GridColumn) -> int:
    """The power of ten to take off a number printed with one: that of the column, or, where `mm` is the column's unit
    and no million, all of it."""
    if not item.scale or column.measured.scale:
        return column.measured.scale if item.scale else 0
    suffix = re.search(r"[^\W\d_]+$", item.text)
    return item.scale if suffix and suffix[0].lower() in column.measured.words else 0


def _has_places(column: GridColumn) -> bool:
    return any(one is not None and one != one.to_integral_value() for one in column.numbers)


def _fits_scaled(quantity: Quantity, column: GridColumn, by: int | None = None) -> bool:
    shift = by if by is not None else -column.measured.scale
    value, half = quantity.value.scaleb(shift), quantity.half_step.scaleb(shift)
    return any(one is not None and abs(one - value) <= half for one in column.numbers)


def of_number(column: GridColumn, quantity: Quantity) -> Filter:
    """The rows whose number is that, or keeps that bound."""
    if quantity.threshold is not Threshold.EXACT:
        return Filter(name=column.name, op=_OPS[quantity.threshold], values=(quantity.value,))
    if quantity.hedge is not Hedge.NONE:
        raise Doubted(Doubt.TOO_VAGUE, "a rough number leaves open which rows are meant")
    found = {
        text
        for text, one in zip(column.texts, column.numbers, strict=True)
        if one is not None and abs(one - quantity.value) <= quantity.half_step
    }
    return among(column.name, tuple(sorted(found)))


def among(name: str, texts: tuple[str, ...]) -> Filter:
    if len(texts) == 1:
        return Filter(name=name, op=Op.EQ, values=texts)
    return Filter(name=name, op=Op.IN, values=texts)


# -- demands


def valued(at: int, items: Sequence[Item]) -> Pick:
    item = items[at]
    texts = item.texts
    beside = {
        name
        for step in (1, -1)
        if (other := core(items, at, step)) is not None and (step == -1 or other == at + 1)
        for name in items[other].columns
    }
    named = [one for one in texts if one.column in beside]
    texts = tuple(named) if len(named) == 1 else texts
    role = _role(at, items)
    if role is not None:
        texts = tuple(one for one in texts if one.column in role.columns)
        if not texts:
            raise Doubted(Doubt.AMBIGUOUS, f"`{item.text}` is no `{role.text}` of the table")
    before = items[at - 1] if at else None
    is_at = before is not None and (before.say is Say.AT or (at > 1 and items[at - 2].say is Say.AT))
    if is_at and any(set(tokens_of(one.column)) & _SIDES for one in texts):
        raise Doubted(Doubt.AMBIGUOUS, f"`at {item.text}` says where, and the table only against whom")
    options = [among(one.column, one.exact) for one in texts]
    wide = [among(one.column, tuple(sorted((*one.exact, *one.wider)))) for one in texts]
    return picked(at, item, options, wide)


def _role(at: int, items: Sequence[Item]) -> Item | None:
    """The header that a cell is said to be of: `the director of X was Y`, `Y was the director of X`."""
    before = at - 1
    while before >= 0 and items[before].text.lower() in _PLAIN_ARTICLES:
        before -= 1
    if before >= 0 and items[before].say is Say.BE:
        opened = max((one for one in range(before) if items[one].kind is Kind.SIGN), default=-1) + 1
        head = next((one for one in items[opened:before] if one.text.lower() not in _PLAIN_ARTICLES), None)
        return head if head is not None and head.kind is Kind.COLUMN else None
    after = at + 1
    if after < len(items) and (items[after].say is Say.BE or items[after].text.lower() == "as"):
        after += 1
        while after < len(items) and items[after].text.lower() in _PLAIN_ARTICLES:
            after += 1
        head = items[after] if after < len(items) else None
        return head if head is not None and head.kind is Kind.COLUMN and after > at + 2 else None
    return None


def unscored(at: int, items: Sequence[Item], grid: Grid) -> Filter:
    """A score that no cell prints: no row has it, in the column of scores that is named, or the only one."""
    parts = len(re.findall(r"\d+", items[at].text))
    columns = [
        one
        for one in grid.columns
        if not one.numbers and all(_is_score(text, parts) for text in one.texts if text.strip())
    ]
    named = [one for one in columns if any(one.name in item.columns for item in items)]
    found = named or columns
    if len(found) != 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"nothing is known of `{items[at].text}`")
    return among(found[0].name, ())


def _is_score(text: str, parts: int) -> bool:
    found = SCORE.fullmatch(text.strip())
    return found is not None and len(re.findall(r"\d+", text)) == parts


def dated(at: int, items: Sequence[Item], grid: Grid) -> list[Filter]:
    """The rows of that date, before or after it; in the date column that is named, or the only one."""
    day = items[at].day
    assert day is not None  # noqa: S101 - the caller looked
    columns = [one for one in grid.columns if one.days or (one.is_years and day.month is None)]
    named = {name for one in items for name in one.columns}
    columns = [one for one in columns if one.name in named] or columns
    if not columns:
        raise Doubted(Doubt.COHORT, f"no column holds a date like `{items[at].text}`")
    before = items[at - 1] if at else None
    say = before.say if before is not None else None
    is_bound = say in {Say.FROM, Say.TO, Say.BETWEEN} and not _moves(items)
    if say is Say.BY or is_bound:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{before.text if before else ''} {items[at].text}` may be a bound")
    return [_in_days(one, day, say) for one in columns]


def _moves(items: Sequence[Item]) -> bool:
    return any(one.say in {Say.UP, Say.DOWN} or one.text.lower() in TIMES for one in items)


def _in_days(column: GridColumn, day: Day, say: Say | None) -> Filter:
    cells = column.days or tuple(Day(year=int(one)) if one is not None else None for one in column.numbers)
    found = set()
    for text, one in zip(column.texts, cells, strict=True):
        if one is None:
            continue
        fits = _ordered_days(one, day, say) if say in {Say.BEFORE, Say.AFTER} else day.holds(one)
        if fits is None:
            raise Doubted(Doubt.AMBIGUOUS, f"`{column.name}` does not say enough of its dates")
        if fits:
            found.add(text)
    return among(column.name, tuple(sorted(found)))


def _ordered_days(one: Day, day: Day, say: Say | None) -> bool | None:
    """None where the cell may lie on either side."""
    own, mark = one.span(), day.span()
    if own is None or mark is None:
        return None
    if own == mark or (own[0] >= mark[0] and own[1] <= mark[1]):
        return False
    is_before, is_after = own[1] < mark[0], own[0] > mark[1]
    if not is_before and not is_after:
        return None
    return is_before if say is Say.BEFORE else is_after


def ordered(at: int, items: Sequence[Item], grid: Grid) -> list[Pick]:
    """`finished third`, `the 2nd president`, `the 70th pick`, `round 2` as `the second round`: a row by its number."""
    after = items[at + 1] if at + 1 < len(items) else None
    if after is not None and after.say in {Say.TOP, Say.BOTTOM, Say.BEST, Say.WORST, Say.EARLIEST, Say.LATEST}:
        return []
    if after is not None and len(after.columns) == 1 and grid.column(after.columns[0]).is_rank:
        column: GridColumn | None = grid.column(after.columns[0])
    else:
        if any(one.kind is Kind.COLUMN and grid.column(name).is_measure for one in items for name in one.columns):
            return []
        named = {name for one in items for name in one.columns}
        ranks = [one for one in grid.columns if one.is_rank and (_is_standing(one) or _is_ordinal(one))]
        ranks = [one for one in ranks if one.name in named] or ranks
        column = ranks[0] if len(ranks) == 1 else None
    if column is None:
        raise Doubted(Doubt.AMBIGUOUS, f"it is not clear what `{items[at].text}` counts")
    place = Quantity(value=Decimal(items[at].place), half_step=Decimal("0.4"))
    return [picked(at, items[at], [of_number(column, place)])]


def _is_ordinal(column: GridColumn) -> bool:
    """Its cells are printed as places: `1st`."""
    filled = [text for text in column.texts if text]
    return all(re.fullmatch(r"\d+(?:st|nd|rd|th)", text, re.IGNORECASE) for text in filled)


def _is_standing(column: GridColumn) -> bool:
    """Its numbers are places: whole, and no two the same."""
    known = [one for one in column.numbers if one is not None]
    return len(set(known)) == len(known) and min(known, default=Decimal(0)) <= 1
