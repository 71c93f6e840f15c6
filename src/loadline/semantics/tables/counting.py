"""A bound statement about how many rows there are in; `3 of them`, all, none, most, only; the claim out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import assert_never

from loadline.semantics.claims_slices import Doubted
from loadline.semantics.tables.bound import Bound
from loadline.semantics.tables.cells import DIFFERENT, rows_of
from loadline.semantics.tables.drafts import SOME, ZERO, Draft, cell, chosen, draft, level, pair, percent, rows
from loadline.semantics.tables.items import Item, Kind
from loadline.semantics.tables.picks import Pick, of_number
from loadline.semantics.tables.vocabulary import CONTAINERS, LISTED, STILL, Say
from loadline.values.claim import Amount, Doubt, Formula, Hedge, Quantity, Threshold, Unit

_HAVING = frozenset({"have", "has", "had"})


def quantified(bound: Bound) -> list[Draft] | None:
    """All, none, most, a part of, and only."""
    for says, make in (((Say.ALL,), _all), ((Say.NONE,), _none), ((Say.MOST_OF,), _most), ((Say.ONLY,), _only)):
        found = bound.says(*says)
        if says == (Say.ONLY,):
            found = tuple(at for at in found if not is_just(bound, at))
        if found:
            if len(found) > 1:
                raise Doubted(Doubt.NOT_UNDERSTOOD, "it speaks of all, none or only more than once")
            return make(bound, found[0])
    parts = [at for at in bound.numbers if _is_part(bound, at)]
    return _part(bound, parts[0]) if len(parts) == 1 else None


def one_column(pick: Pick) -> None:
    """Raises Doubted for a value of several columns: its rows are those of either, and of which is not said."""
    if len(pick.options) > 1:
        names = " and ".join(f"`{each.name}`" for each in pick.options[:3])
        raise Doubted(Doubt.AMBIGUOUS, f"`{pick.item.text}` stands in {names}")


def is_just(bound: Bound, at: int) -> bool:
    """`only 2 gold medals`: the number is of a column, and is just that."""
    after = bound.after(at)
    return after is not None and any(one.at == after for one in bound.figures)


def demands(bound: Bound) -> tuple[Pick, ...]:
    """All that is demanded of rows, numbers with a column too."""
    figures = (
        Pick(at=one.at, item=one.item, options=(made,), wide=(made,))
        for one in bound.figures
        for made in (of_number(bound.grid.column(one.column), one.quantity),)
    )
    found = tuple(sorted((*bound.picks, *figures), key=lambda one: one.at))
    for at, one in enumerate(found):
        one_column(one)
        if any(one.columns == other.columns for other in found[:at]):
            raise Doubted(Doubt.AMBIGUOUS, f"`{one.item.text}` and another of its column are named: either, or a range")
    return found


def _split(bound: Bound, at: int) -> tuple[list[Pick], list[Pick]]:
    """The demands before and behind the verb: of whom, and what."""
    verb = next((place for place in range(at + 1, len(bound.items)) if _is_verb(bound.items[place])), len(bound.items))
    if bound.numbers and not _is_part(bound, at):
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{bound.items[bound.numbers[0]].text}` is of no column of the table")
    _plain_rows(bound)
    found = demands(bound)
    who, what = [one for one in found if one.at < verb], [one for one in found if one.at > verb]
    if not what or any(one.at < at for one in who):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is said of which rows")
    return who, what


def _is_verb(item: Item) -> bool:
    if item.say is not None:
        return item.say in {Say.BE, Say.WIN}
    return item.kind is Kind.FILL and item.text.lower() not in STILL - _HAVING


def _plain_rows(bound: Bound, names: Sequence[str] = ()) -> None:
    """No header stands idle, and nothing is compared or summed."""
    bound.settle(*names, *(one.column for one in bound.figures))
    odd = bound.says(Say.TOP, Say.BOTTOM, Say.MORE, Say.LESS, Say.THAN, Say.SAME, Say.UP, Say.DOWN, Say.AVERAGE)
    odd += bound.says(Say.BEST, Say.WORST, Say.BEATS, Say.LOSES, Say.OTHERS, Say.BETWEEN, Say.EARLIEST, Say.LATEST)
    if odd:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{bound.items[odd[0]].text}` is not understood here")


def _all(bound: Bound, at: int) -> list[Draft]:
    who, what = _split(bound, at)
    worlds = bound.worlds([*who, *what], is_counting=True)
    if any(not rows_of(bound.grid, chosen(world, who)) for world in worlds):
        raise Doubted(Doubt.NO_DATA, "there are no rows of which it speaks")
    return [
        draft(
            at,
            ZERO,
            worlds,
            lambda world: pair(Formula.DIFFERENCE, rows(chosen(world, who)), rows(chosen(world, [*who, *what]))),
        )
    ]


def _none(bound: Bound, at: int) -> list[Draft]:
    who, what = _split(bound, at)
    worlds = bound.worlds([*who, *what], is_counting=True)
    return [draft(at, ZERO, worlds, lambda world: level(rows(chosen(world, [*who, *what]))))]


def _most(bound: Bound, at: int) -> list[Draft]:
    return _shared(bound, at, percent(Threshold.ABOVE))


def _part(bound: Bound, at: int) -> list[Draft]:
    quantity = bound.items[at].number
    assert quantity is not None  # noqa: S101 - a number has one
    return _shared(bound, at, Amount(quantity=quantity))


def _shared(bound: Bound, at: int, expects: Amount) -> list[Draft]:
    who, what = _split(bound, at)
    worlds = bound.worlds([*who, *what], is_counting=True)
    return [
        draft(
            at,
            expects,
            worlds,
            lambda world: pair(Formula.SHARE, rows(chosen(world, [*who, *what])), rows(chosen(world, who))),
        )
    ]


def _is_part(bound: Bound, at: int) -> bool:
    """`half of the films`, `60% of the teams`."""
    number = bound.items[at].number
    after = bound.items[at + 1] if at + 1 < len(bound.items) else None
    noun = bound.after(at)
    is_of = after is not None and after.say is Say.OF
    return (
        number is not None
        and number.unit is Unit.PERCENT
        and is_of
        and noun is not None
        and (bound.items[noun].is_noun or bool(bound.items[noun].columns))
    )


def _only(bound: Bound, at: int) -> list[Draft]:
    """`only two teams …` is two, no less and no more; `X is the only team with …` and `only X …` leave no other."""
    after = bound.after(at)
    if after is not None and bound.items[after].kind is Kind.NUMBER and after in bound.numbers:
        found = counted(bound)
        if found is not None:
            return found
    everything = demands(bound)
    _plain_rows(bound)
    who = [one for one in everything if after == one.at and one in bound.picks]
    before = [one for one in bound.picks if one.at < at]
    is_noun = after is not None and (bound.items[after].is_noun or bool(bound.items[after].columns))
    if not who and is_noun and len(before) == 1:
        who = before
    what = [one for one in everything if one not in who]
    if len(who) != 1 or not what or bound.numbers:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what holds of only whom")
    worlds = bound.worlds([*who, *what], is_counting=True)
    return [
        draft(
            at,
            ZERO,
            worlds,
            lambda world: pair(Formula.DIFFERENCE, rows(chosen(world, what)), rows(chosen(world, everything))),
        ),
        draft(who[0].at, SOME, worlds, lambda world: level(rows(chosen(world, everything)))),
    ]


# -- how many


def counted(bound: Bound) -> list[Draft] | None:
    """`3 players are from Canada`, `there were 5 games with an attendance over 20,000`."""
    counts = [at for at in bound.numbers if _is_count(bound, at)]
    if len(counts) != 1:
        return None
    at = counts[0]
    if len(bound.numbers) > 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "several numbers are of no column of the table")
    quantity = bound.items[at].number
    assert quantity is not None  # noqa: S101 - a number has one
    found = demands(bound)
    after = bound.after(at)
    noun = bound.items[after] if after is not None else None
    names = tuple(name for name in (noun.columns if noun else ()) if not bound.grid.column(name).is_measure)
    _plain_rows(bound, names)
    _one_subject(bound, found, names)
    if not found and not _is_whole(bound, names):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it does not say which rows are counted")
    worlds = bound.worlds(found, is_counting=True)
    expects = Amount(quantity=whole(quantity))
    is_different = any(one.text.lower() in {"different", "various"} for one in bound.items)
    if is_different and len(names) != 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it does not say what is different")
    drafts = draft(at, expects, worlds, lambda world: level(rows(chosen(world, found))))
    if len(names) == 1:
        several = draft(at, expects, worlds, lambda world: level(cell(DIFFERENT + names[0], chosen(world, found))))
        senses = several.senses if is_different else (*drafts.senses, *several.senses)
        return [Draft(at=at, expects=expects, senses=senses)]
    return [drafts]


def whole(quantity: Quantity) -> Quantity:
    """What is counted is whole: fewer than 3 are 2 at most, and nothing is nearly so."""
    value, none = quantity.value, Decimal(0)
    match quantity.threshold:
        case Threshold.ABOVE:
            return replace(quantity, value=value + 1, half_step=none, threshold=Threshold.FROM)
        case Threshold.BELOW:
            return replace(quantity, value=value - 1, half_step=none, threshold=Threshold.UP_TO)
        case Threshold.EXACT | Threshold.FROM | Threshold.UP_TO:
            return replace(quantity, half_step=none if quantity.hedge is Hedge.NONE else quantity.half_step)
        case _:
            assert_never(quantity.threshold)


def _is_count(bound: Bound, at: int) -> bool:
    item = bound.items[at]
    number = item.number
    if number is None or number.unit is not Unit.PLAIN or number.value != number.value.to_integral_value():
        return False
    if "time" in item.text.lower() or (
        at + 1 < len(bound.items) and bound.items[at + 1].text.lower() in {"time", "times"}
    ):
        return True
    after = bound.after(at)
    if after is None:
        return False
    noun = bound.items[after]
    is_named = noun.is_noun or any(not bound.grid.column(name).is_measure for name in noun.columns)
    return is_named or (noun.kind is Kind.VALUE and after <= at + 3)


def _is_whole(bound: Bound, names: Sequence[str]) -> bool:
    """All rows are counted: `there were five candidates`."""
    told = [one for one in bound.items if one.kind is Kind.FILL and one.text.lower() not in LISTED | CONTAINERS]
    return bool(names) and not bound.columns[1:] and not bound.figures and not told


def _one_subject(bound: Bound, found: Sequence[Pick], names: Sequence[str]) -> None:
    """Who is a row of his own has no rows to count: `Ana played 12 games` is no count of a table of players."""
    for one in found:
        for name in one.columns:
            column = bound.grid.column(name)
            if not column.numbers and column.is_distinct and name not in names and one in bound.picks:
                raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{one.item.text}` is a row of its own: there is nothing to count")
