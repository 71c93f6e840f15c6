"""A bound statement about the first or last of all rows in, or about their sum or mean; the claims out."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.semantics.claims_slices import Doubted
from loadline.semantics.tables.bound import Bound, Figure, where
from loadline.semantics.tables.cells import AVERAGE, HIGHEST, LOWEST, ROWS, TOTAL, rows_of
from loadline.semantics.tables.comparing import better, dated, measured_by
from loadline.semantics.tables.counting import one_column
from loadline.semantics.tables.drafts import SOME, Draft, cell, chosen, draft, level, rows
from loadline.semantics.tables.grid import GridColumn
from loadline.semantics.tables.items import Kind
from loadline.semantics.tables.picks import Pick
from loadline.semantics.tables.vocabulary import Say
from loadline.semantics.words import phrase_filter
from loadline.values.claim import Amount, Doubt, Formula, Members, Sense, Standing
from loadline.values.query import Filter, Op

_ENDS = (Say.TOP, Say.BOTTOM, Say.BEST, Say.WORST, Say.EARLIEST, Say.LATEST)
_FROM_BELOW = frozenset({Say.BOTTOM, Say.WORST, Say.EARLIEST, Say.LESS, Say.LOSES})
_SUMMABLE = frozenset({"most", "fewest", "least", "more", "fewer", "less"})


def topped(bound: Bound) -> list[Draft] | None:
    """`A has the most points`, `the second highest`, `more than any other`, `the highest attendance was 25,000`."""
    others = bound.says(Say.OTHERS)
    ends = bound.says(Say.MORE, Say.LESS, Say.BEATS, Say.LOSES) if others else bound.says(*_ENDS)
    place = _place(bound, ends)
    if not ends and place is None:
        return None
    if len(ends) > 1 or len(others) > 1 or (bound.says(Say.THAN) and not others):
        raise Doubted(Doubt.NOT_UNDERSTOOD, "several places stand in one statement")
    _nothing_summed(bound)
    at = ends[0] if ends else place[1] if place else 0
    column = _column(bound, at)
    is_below = bound.items[at].say in _FROM_BELOW
    figures = [one for one in bound.figures if one.column == column.name]
    if len(figures) != len(bound.figures) or bound.numbers or len(figures) > 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what its numbers are of")
    verb = next((one for one in bound.says(Say.BE) if one > at), len(bound.items))
    within = [one for one in bound.picks if at < one.at < verb]
    is_whole = verb < len(bound.items) and not any(one.at > verb for one in bound.picks)
    if not bound.picks or (is_whole and figures and all(one.at < verb for one in bound.picks)):
        return _end_alone(bound, column, figures, is_below=is_below, has_place=place is not None)
    if not is_whole and verb < len(bound.items):
        within = [one for one in bound.picks if one.at < verb]
    elif is_whole and any(one.at > at for one in bound.picks):
        within = []
    if len(within) == len(bound.picks):
        within = []
    bound.settle(column.name)
    if missing := _nowhere(bound):
        return [missing]
    standing = Standing(place=place[0] if place else 1, is_from_bottom=is_below)
    found = [Draft(at=at, expects=standing, senses=_standings(bound, at, column, standing, within))]
    return [*found, *(_level(bound, one) for one in figures)]


def _nowhere(bound: Bound) -> Draft | None:
    """What is spoken of stands in no row, so it has no place at all."""
    worlds = bound.worlds()
    if any(rows_of(bound.grid, list(world.values())) for world in worlds):
        return None
    return draft(bound.picks[0].at, SOME, worlds, lambda world: level(rows(list(world.values()))))


def _nothing_summed(bound: Bound) -> None:
    odd = bound.says(Say.TOTAL, Say.AVERAGE, Say.UP, Say.DOWN, Say.SAME, Say.BOTH, Say.BETWEEN, Say.ALL, Say.NONE)
    if odd:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{bound.items[odd[0]].text}` is not understood here")


def _place(bound: Bound, ends: Sequence[int]) -> tuple[int, int] | None:
    """The place named and where: `second highest`, `ranks second by population`. None when it is the first."""
    own = {one.at for one in bound.picks}
    found = [at for at, one in enumerate(bound.items) if one.kind is Kind.ORDINAL and at not in own]
    if not found:
        return None
    at = found[0]
    is_beside = bool(ends) and at + 1 == ends[0]
    is_by = not ends and any(bound.items[one - 1].say is Say.BY for one in bound.columns if one)
    is_by = is_by or (not ends and any(bound.items[one - 1].text.lower() == "in" for one in bound.columns if one))
    if len(found) > 1 or not (is_beside or is_by):
        raise Doubted(Doubt.AMBIGUOUS, f"it is not clear what `{bound.items[at].text}` is of")
    return bound.items[at].place, at


def _column(bound: Bound, at: int) -> GridColumn:
    """What the rows are ordered by. Raises Doubted where the order has no plain direction."""
    say, word = bound.items[at].say, bound.items[at].text.lower()
    if say in {Say.EARLIEST, Say.LATEST}:
        column = dated(bound)
        if bound.measures() or any(one is None for one in column.numbers):
            raise Doubted(Doubt.AMBIGUOUS, f"`{bound.items[at].text}` may be of dates or of numbers")
        return column
    measures = list(bound.measures())
    measures = measures or measured_by(bound, word)
    after = bound.after(at)
    if len(measures) > 1 and after is not None:
        beside = [name for name in bound.items[after].columns if name in measures]
        measures = beside if len(measures) == len(beside) else measures
    if len(measures) != 1:
        raise Doubted(Doubt.INVENTED, "no one number column is named")
    column = bound.grid.column(measures[0])
    if say in {Say.BEST, Say.WORST} or (say in {Say.BEATS, Say.LOSES} and not word.startswith(("exceed", "surpass"))):
        better(column)
    return column


def _end_alone(
    bound: Bound, column: GridColumn, figures: Sequence[Figure], *, is_below: bool, has_place: bool
) -> list[Draft]:
    """`the highest attendance was 25,000`."""
    if has_place or len(figures) != 1:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it does not say whose place that is")
    bound.settle(column.name)
    name = (LOWEST if is_below else HIGHEST) + column.name
    return [
        draft(
            figures[0].at,
            Amount(quantity=figures[0].quantity),
            bound.worlds(),
            lambda world: level(cell(name, chosen(world, bound.picks))),
        )
    ]


def _standings(
    bound: Bound, at: int, column: GridColumn, standing: Standing, within: Sequence[Pick]
) -> tuple[Sense, ...]:
    """The row spoken of among all, or, where several demands are made, among those that keep one of them."""
    found: dict[Sense, None] = {}
    for world in bound.worlds():
        scopes = [chosen(world, within)] if within else _scopes(bound, world)
        for scope in scopes:
            rest = [world[one.at] for one in bound.picks if world[one.at] not in scope]
            found[_standing(bound, at, column, scope, rest, standing)] = None
    return tuple(found)


def _scopes(bound: Bound, world: dict[int, Filter]) -> list[list[Filter]]:
    if len(bound.picks) < 2:
        return [[]]
    narrow = [[world[one.at]] for one in bound.picks if len(rows_of(bound.grid, [world[one.at]])) > 1]
    return [[], *narrow]


def _standing(
    bound: Bound, at: int, column: GridColumn, scope: Sequence[Filter], rest: Sequence[Filter], standing: Standing
) -> Sense:
    grid = bound.grid
    values = {at: value for at in rows_of(grid, scope) if (value := column.numbers[at]) is not None}
    own = [at for at in rows_of(grid, [*scope, *rest]) if at in values]
    if bound.items[at].text.lower() in _SUMMABLE and _is_shared(bound, rest):
        raise Doubted(Doubt.AMBIGUOUS, f"several rows are of one {rest[0].name}, and nobody said how to add them")
    if not own or len(values) < 2:
        raise Doubted(Doubt.NO_DATA, "no row of the table fits")
    best = (min if standing.is_from_bottom else max)(own, key=lambda at: values[at])
    if standing.place > 1 and (len(own) > 1 or len(set(values.values())) < len(values)):
        raise Doubted(Doubt.AMBIGUOUS, f"several rows share a place by `{column.name}`")
    if sum(value == values[best] for at, value in values.items() if at not in own):
        end = (min if standing.is_from_bottom else max)(values.values())
        if values[best] == end:
            raise Doubted(Doubt.AMBIGUOUS, f"it shares its place by `{column.name}` with others")
    members = Members(metric=column.name, by=ROWS, where=where(list(scope)))
    within = f" among {', '.join(map(phrase_filter, scope))}" if scope else ""
    said = f"the place of {', '.join(map(phrase_filter, rest))} by {column.name}{within}"
    return Sense(formula=Formula.RANK, members=members, member=str(best), said=said)


def _is_shared(bound: Bound, filters: Sequence[Filter]) -> bool:
    """Whose rows are many: who has the most may be said of one row, or of all of them together."""
    return bool(filters) and not any(bound.grid.column(one.name).is_distinct for one in filters)


def _level(bound: Bound, figure: Figure) -> Draft:
    return draft(
        figure.at,
        Amount(quantity=figure.quantity),
        bound.worlds(),
        lambda world: level(cell(figure.column, chosen(world, bound.picks))),
    )


# -- all together


def summed(bound: Bound) -> list[Draft] | None:
    """`the total number of votes was 40,393`, `the average of A and B is 12`."""
    says = bound.says(Say.TOTAL, Say.AVERAGE)
    if not says or not bound.measures():
        return None
    if len(says) > 1 or bound.numbers or not bound.figures:
        raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is added up")
    how = TOTAL if bound.items[says[0]].say is Say.TOTAL else AVERAGE
    for pick in bound.picks:
        one_column(pick)
    groups = _together(bound)
    bound.settle(*(one.column for one in bound.figures))
    drafts = []
    for one in bound.figures:
        senses = tuple(level(cell(how + one.column, filters)) for filters in groups)
        drafts.append(Draft(at=one.at, expects=Amount(quantity=one.quantity), senses=senses))
    return drafts


def _together(bound: Bound) -> list[list[Filter]]:
    """The demands of each world; two of one column hold for either: `the total of A and B`."""
    found = []
    for world in bound.worlds():
        by_column: dict[str, list[Filter]] = {}
        for one in world.values():
            by_column.setdefault(one.name, []).append(one)
        filters = []
        for name, each in by_column.items():
            if len(each) > 1 and not all(isinstance(one.values[0], str) for one in each if one.values):
                raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear which rows are added up")
            texts = tuple(dict.fromkeys(value for one in each for value in one.values))
            filters.append(each[0] if len(each) == 1 else Filter(name=name, op=Op.IN, values=texts))
        found.append(filters)
    return found
