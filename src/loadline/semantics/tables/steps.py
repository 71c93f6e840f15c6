"""A bound statement about every step of a series, or about how many times as much one is, in; the claims out."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.semantics.claims_slices import Doubted
from loadline.semantics.tables.bound import Bound
from loadline.semantics.tables.comparing import ends_of, measured, only_measure
from loadline.semantics.tables.drafts import Draft, cell, chosen, pair
from loadline.semantics.tables.forms import tokens_of
from loadline.semantics.tables.grid import GridColumn
from loadline.semantics.tables.items import Kind
from loadline.semantics.tables.picks import Pick
from loadline.semantics.tables.vocabulary import Say
from loadline.semantics.time_tokens import MONTHS
from loadline.values.claim import Amount, Cell, Direction, Doubt, Formula, Sense, Unit
from loadline.values.query import Filter, Op

_EACH = frozenset({"every", "each"})
_SECOND = frozenset({"as", "of", "those", "that"})


def stepped(bound: Bound) -> list[Draft] | None:
    """`orders rose every month`, `the north fell every year from 2021 to 2024`."""
    moving, each = bound.says(Say.UP, Say.DOWN), bound.says(Say.ALL)
    if len(moving) != 1 or len(each) != 1 or bound.items[each[0]].text.lower() not in _EACH:
        return None
    after = each[0] + 1
    names = bound.items[after].columns if after < len(bound.items) else ()
    column = bound.grid.column(names[0]) if len(names) == 1 else _timed(bound, after)
    measure = only_measure(bound)
    odd = bound.says(*(set(Say) - {Say.UP, Say.DOWN, Say.ALL, Say.FROM, Say.TO, Say.BETWEEN, Say.AND, Say.OF}))
    if column is None or measure is None or bound.numbers or bound.figures or odd:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what went every step of what")
    bound.settle(measure, column.name)
    rows = _between(bound, column, _in_order(column))
    cells = tuple(cell(measure, [Filter(name=column.name, op=Op.EQ, values=(column.texts[at],))]) for at in rows)
    if len(cells) < 2 or any(bound.grid.column(measure).numbers[at] is None for at in rows):
        raise Doubted(Doubt.NO_DATA, "the table has no number for each step of it")
    is_up = bound.items[moving[0]].say is Say.UP
    said = f"the {'smallest' if is_up else 'largest'} step of {measure}, {cells[0].where[0].values[0]} to "
    sense = Sense(
        formula=Formula.LEAST_STEP if is_up else Formula.MOST_STEP,
        cells=cells,
        said=said + str(cells[-1].where[0].values[0]),
    )
    return [Draft(at=moving[0], expects=Direction(is_up=is_up), senses=(sense,))]


def _timed(bound: Bound, at: int) -> GridColumn | None:
    """`every year` of a table whose years are called otherwise."""
    if at >= len(bound.items) or tokens_of(bound.items[at].text) != ("year",):
        return None
    found = [one for one in bound.grid.columns if one.is_years]
    return found[0] if len(found) == 1 else None


def _in_order(column: GridColumn) -> list[int]:
    """The rows as time goes, one after the other and none left out."""
    if column.is_years:
        keys = [int(one) if one is not None else None for one in column.numbers]
    else:
        keys = [MONTHS.get(text.strip().lower()) for text in column.texts]
    known = [one for one in keys if one is not None]
    if len(known) != len(keys) or sorted(known) != list(range(min(known), min(known) + len(known))):
        raise Doubted(Doubt.AMBIGUOUS, f"the rows of `{column.name}` are not one step after the other")
    return sorted(range(len(known)), key=known.__getitem__)


def _between(bound: Bound, column: GridColumn, rows: Sequence[int]) -> list[int]:
    """Those from the one named to the other, both included; all of them where none is named."""
    if not bound.picks:
        return list(rows)
    texts = [one.values[0] for pick in bound.picks for one in pick.options if one.name == column.name and one.values]
    opened = [bound.items[pick.at - 1].say for pick in bound.picks]
    if len(bound.picks) != 2 or len(texts) != 2 or opened not in ([Say.FROM, Say.TO], [Say.BETWEEN, Say.AND]):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear from where to where it goes")
    first, last = (next(place for place, at in enumerate(rows) if column.texts[at] == text) for text in texts)
    return list(rows[first : last + 1])


# -- how many times


def multiplied(bound: Bound) -> list[Draft] | None:
    """`A has twice as many points as B`, `refunds in April were twice those in January`, `x doubled from … to …`."""
    times = [at for at in bound.numbers if (one := bound.items[at].number) is not None and one.unit is Unit.TIMES]
    if not times:
        return None
    at = times[0]
    quantity = bound.items[at].number
    assert quantity is not None  # noqa: S101 - a number has one
    is_change = bound.items[at].text.lower() in TIMES_MOVED
    odd = bound.says(*(set(Say) - _BESIDE_TIMES))
    measure = measured(bound, ())
    if len(bound.numbers) > 1 or bound.figures or odd or measure is None:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is so many times as much as what")
    bound.settle(measure)
    pairs = _ends(bound, measure) if is_change else _sides(bound, measure)
    senses = tuple(dict.fromkeys(pair(Formula.RATIO, one, other) for one, other in pairs))
    return [Draft(at=at, expects=Amount(quantity=quantity), senses=senses)]


TIMES_MOVED = frozenset({"doubled", "doubling", "tripled", "trebled", "quadrupled", "halved"})
_BESIDE_TIMES = frozenset(
    {Say.OF, Say.BE, Say.THERE, Say.FROM, Say.TO, Say.BETWEEN, Say.AND, Say.WIN, Say.MORE, Say.LESS, Say.THAN}
)


def _ends(bound: Bound, measure: str) -> list[tuple[Cell, Cell]]:
    if bound.says(Say.MORE, Say.LESS, Say.THAN):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "more than what is not understood here")
    return [(cell(measure, [last]), cell(measure, [first])) for last, first in ends_of(bound)]


def _sides(bound: Bound, measure: str) -> list[tuple[Cell, Cell]]:
    """The first named is so many times the second, behind an `as`, an `of` or a `those`."""
    picks = bound.picks
    if len(picks) != 2 or not picks[0].columns & picks[1].columns:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is compared with what")
    than = bound.says(Say.MORE, Say.LESS, Say.THAN, Say.AND, Say.FROM, Say.TO, Say.BETWEEN)
    if than or not _is_second(bound, picks[1]) or _is_second(bound, picks[0]):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear which of the two is so many times the other")
    found = []
    for world in bound.worlds():
        one, other = chosen(world, picks)
        if one.name == other.name:
            found.append((cell(measure, [one]), cell(measure, [other])))
    return found


def _is_second(bound: Bound, pick: Pick) -> bool:
    """What stands right before it, `in` and articles passed over."""
    for one in reversed(bound.items[: pick.at]):
        if one.kind is Kind.FILL and one.text.lower() in {"in", "the", "for", "from"}:
            continue
        return one.text.lower() in _SECOND
    return False
