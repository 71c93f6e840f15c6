"""A table and a text in, the claims the text makes about the table out.

A statement is judged only when all of it is understood: each word is a header, a cell, a number, a word that claims, or
one that restricts nothing. What it says is then one of a few things: how many rows there are, which comes first, what
they add up to, which of two is more, what went up, what stands in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from loadline.semantics.claims import Found
from loadline.semantics.claims_slices import Doubted
from loadline.semantics.claims_text import Sentence, blocks_of
from loadline.semantics.tables.appended import appended
from loadline.semantics.tables.bound import Bound, bind, where
from loadline.semantics.tables.cells import rows_of
from loadline.semantics.tables.comparing import compared, moved, ordered
from loadline.semantics.tables.counting import counted, is_just, quantified
from loadline.semantics.tables.drafts import SOME, ZERO, Draft, cell, chosen, draft, level, rows
from loadline.semantics.tables.extremes import summed, topped
from loadline.semantics.tables.grid import Grid
from loadline.semantics.tables.groups import together
from loadline.semantics.tables.items import Item, Kind, items_of, names_of
from loadline.semantics.tables.picks import Pick
from loadline.semantics.tables.steps import multiplied, stepped
from loadline.semantics.tables.vocabulary import Say
from loadline.values.claim import Amount, Claim, Doubt

_OF_THE_TABLE = frozenset({Kind.COLUMN, Kind.VALUE, Kind.NUMBER, Kind.DAY})


def grid_claims(text: str, grid: Grid) -> Found:
    """Every claim of the text about the table, in its order."""
    names = names_of(grid)
    claims: list[Claim] = []
    numbers = 0
    for block in blocks_of(text):
        if isinstance(block, Sentence) and not block.is_heading:
            items = items_of(block.text, names, grid)
            numbers += sum(one.kind is Kind.NUMBER for one in items)
            claims += _sentence(items, block, grid)
    return Found(claims=tuple(claims), numbers=numbers)


def _sentence(items: Sequence[Item], block: Sentence, grid: Grid) -> Iterator[Claim]:
    if not any(one.kind in _OF_THE_TABLE for one in items):
        return
    try:
        found = _read(items, grid)
    except Doubted as doubt:
        yield _doubted(items, block, doubt)
        return
    for item, one in found:
        yield Claim(
            start=block.start + item.start,
            end=block.start + item.end,
            text=item.text,
            expects=one.expects,
            readings=one.senses,
        )


def _read(items: Sequence[Item], grid: Grid) -> list[tuple[Item, Draft]]:
    """What the statement claims; where it is not understood in one, what its clauses claim, each whole in itself."""
    if (more := appended(items, grid)) is not None:
        return [each for part in more for each in _clause(part, grid)]
    if (found := together([one for one in items if one.kind is not Kind.SIGN], grid)) is not None:
        return found
    try:
        bound = bind(items, grid)
        return [(bound.items[one.at], one) for one in _drafts(bound)]
    except Doubted:
        joints = [at for at, one in enumerate(items) if one.say is Say.AND or one.text.lower() in _JOINTS]
        if len(joints) != 1:
            raise
        parts = (items[: joints[0]], items[joints[0] + 1 :])
        try:
            return [each for part in parts for each in _clause(part, grid)]
        except Doubted:
            pass
        raise


def _clause(items: Sequence[Item], grid: Grid) -> list[tuple[Item, Draft]]:
    while items and items[-1].kind is Kind.SIGN:
        items = items[:-1]
    bound = bind(items, grid)
    return [(bound.items[one.at], one) for one in _drafts(bound)]


def _doubted(items: Sequence[Item], block: Sentence, doubt: Doubted) -> Claim:
    """Marked on the first number, or the first word of the table."""
    of_table = [one for one in items if one.kind in _OF_THE_TABLE]
    item = next((one for one in of_table if one.kind is Kind.NUMBER), of_table[0])
    return Claim(
        start=block.start + item.start,
        end=block.start + item.end,
        text=item.text,
        expects=SOME if item.number is None else Amount(quantity=item.number),
        doubt=doubt.doubt,
        because=doubt.because,
    )


_QUIET = frozenset({Say.AND, Say.OF, Say.BE, Say.BY, Say.AT, Say.FROM, Say.TO, Say.THERE})
_DENIALS = frozenset({"not", "isn't", "wasn't", "aren't", "weren't", "didn't", "doesn't", "don't"})
_JOINTS = frozenset({"while", "whereas", "but", ";"})
_WAYS: tuple[Callable[[Bound], list[Draft] | None], ...]


def _drafts(bound: Bound) -> list[Draft]:
    """The first way to take the statement that is its kind."""
    turned = bound.says(Say.NOT)
    if len(turned) == 1 and (denied := _denied(bound, turned[0])):
        return [denied]
    if turned:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{bound.items[turned[0]].text}` turns it around")
    _nothing_won(bound)
    for way in _WAYS:
        found = way(bound)
        if found is not None:
            return found
    raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is said of the table")


def _denied(bound: Bound, at: int) -> Draft | None:
    """`Ana Silva does not play for Porto`: the two, who are both there, stand in no row together."""
    item, picks = bound.items[at], bound.picks
    if item.text.lower() not in _DENIALS or len(picks) != 2 or bound.numbers or bound.measures():
        return None
    if len(bound.says(*(set(Say) - _QUIET))) > 1 or not picks[0].at < at < picks[1].at:
        return None
    bound.settle()
    worlds = bound.worlds(is_counting=True)
    if any(not rows_of(bound.grid, [one]) for world in worlds for one in world.values()):
        return None
    return draft(at, ZERO, worlds, lambda world: level(rows(list(world.values()))))


def _nothing_won(bound: Bound) -> None:
    """`won` is harmless only right beside what was won: `won 11 gold medals`, `gold medals were won`."""
    for at in bound.says(Say.WIN):
        after, before = bound.after(at), bound.before(at)
        near = [bound.items[one] for one in (after, before) if one is not None]
        if not any(
            one.kind is Kind.NUMBER
            or one.say in {Say.MORE, Say.LESS, Say.TOP, Say.BOTTOM, Say.SAME, Say.ONLY, Say.TOTAL}
            or any(bound.grid.column(name).is_measure for name in one.columns)
            for one in near
        ):
            raise Doubted(
                Doubt.NOT_UNDERSTOOD, f"the table does not say what it takes to have `{bound.items[at].text}`"
            )


# -- what stands in a row


def _levels(bound: Bound) -> list[Draft] | None:
    """`Ana scored 120 points`, and for several of a kind, each."""
    if not bound.figures:
        return None
    _nothing_told(bound)
    if bound.numbers:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{bound.items[bound.numbers[0]].text}` is of no column of the table")
    if not bound.picks:
        raise Doubted(Doubt.AMBIGUOUS, "it does not say which row it is of")
    bound.settle(*(one.column for one in bound.figures))
    found: list[Draft] = []
    each = _each(bound)
    if len(each) > 1 and not bound.says(Say.BOTH) and _adds_up(bound, each):
        raise Doubted(Doubt.AMBIGUOUS, "it is right of all together, and does not say so")
    for picks in each:
        worlds = bound.worlds(picks)
        if all(not rows_of(bound.grid, where(list(world.values()))) for world in worlds):
            found.append(draft(picks[0].at, SOME, worlds, lambda world: level(rows(list(world.values())))))
            continue
        found += [
            Draft(
                at=one.at,
                expects=Amount(quantity=one.quantity),
                senses=tuple(dict.fromkeys(level(cell(one.column, chosen(world, picks))) for world in worlds)),
            )
            for one in bound.figures
        ]
    return found


def _adds_up(bound: Bound, each: Sequence[Sequence[Pick]]) -> bool:
    for figure in bound.figures:
        column = bound.grid.column(figure.column)
        rows_each = [rows_of(bound.grid, list(bound.worlds(picks)[0].values())) for picks in each]
        total = sum((column.numbers[at] or Decimal(0) for own in rows_each for at in own), Decimal(0))
        if abs(total - figure.quantity.value) <= figure.quantity.half_step:
            return True
    return False


def _together(bound: Bound) -> list[Draft] | None:
    """`Ana Silva plays for Benfica`: what is named stands in one row, or does not."""
    _nothing_told(bound)
    if bound.numbers or bound.measures():
        return None
    bound.settle()
    found = []
    for picks in _each(bound):
        if len(picks) < 2:
            raise Doubted(Doubt.NOT_UNDERSTOOD, "it is not clear what is said of it")
        worlds = bound.worlds(picks)
        found.append(draft(picks[0].at, SOME, worlds, lambda world: level(rows(list(world.values())))))
    return found


def _nothing_told(bound: Bound) -> None:
    odd = [
        at
        for at in bound.says(*(set(Say) - _QUIET))
        if not (bound.items[at].say is Say.ONLY and is_just(bound, at))
        and not (
            bound.items[at].say in {Say.BEFORE, Say.AFTER}
            and any(one.kind is Kind.DAY for one in bound.items[at + 1 : at + 2])
        )
        and bound.items[at].say not in {Say.BOTH, Say.WIN}
    ]
    if odd:
        raise Doubted(Doubt.NOT_UNDERSTOOD, f"`{bound.items[odd[0]].text}` is not understood here")


def _each(bound: Bound) -> list[list[Pick]]:
    """The demands, for each of `A and B`, which are of one column, apart."""
    groups: dict[frozenset[str], list[Pick]] = {}
    for one in bound.picks:
        groups.setdefault(one.columns, []).append(one)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        if bound.says(Say.BOTH):
            raise Doubted(Doubt.NOT_UNDERSTOOD, "it speaks of both, and names no two")
        return [list(bound.picks)]
    group = several[0]
    if len(several) > 1 or not _is_list(bound, group):
        raise Doubted(Doubt.AMBIGUOUS, "several of one column are named, and it is not clear what holds of which")
    return [[one for one in bound.picks if one not in group or one is each] for each in group]


def _is_list(bound: Bound, group: Sequence[Pick]) -> bool:
    """`A, B and C`, with nothing else between them."""
    between = bound.items[group[0].at + 1 : group[-1].at]
    rest = [one for one in between if one.kind not in {Kind.VALUE, Kind.SIGN, Kind.FILL} and one.say is not Say.AND]
    return not rest and any(one.say is Say.AND for one in between)


_WAYS = (stepped, multiplied, quantified, compared, ordered, moved, topped, summed, counted, _levels, _together)
