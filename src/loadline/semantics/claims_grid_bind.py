"""A table and a text in, the claims the text makes about the table out.

The same code as for governed metrics, with the table's own headers and cells for a lexicon; and two kinds of claim
more: how many rows there are, and which values stand in one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from loadline.semantics.claims import Found, segment_claims
from loadline.semantics.claims_bind import NO_TIME
from loadline.semantics.claims_frame import Heard, When
from loadline.semantics.claims_grid import AVERAGE, HIGHEST, LOWEST, ROWS, TOTAL, Grid
from loadline.semantics.claims_lexicon import (
    DimensionRef,
    Lexicon,
    MetricRef,
    Phrase,
    Ref,
    Traits,
    ValueRef,
    phrase_of,
    stem,
    value_phrases,
)
from loadline.semantics.claims_mentions import Kind, Mention, mentions_in
from loadline.semantics.claims_segments import Segment
from loadline.semantics.claims_text import Sentence, blocks_of
from loadline.semantics.claims_times import Clock
from loadline.semantics.claims_vocabulary import words
from loadline.semantics.claims_words import Cue
from loadline.semantics.words import phrase_filter
from loadline.values.claim import Amount, Cell, Claim, Formula, Quantity, Sense, Threshold, Unit
from loadline.values.query import Filter, Op

_PREFIXES = {
    TOTAL: ("total", "combined", "overall", "sum"),
    AVERAGE: ("average",),
}
_OPS = {
    Threshold.ABOVE: Op.GT,
    Threshold.FROM: Op.GE,
    Threshold.BELOW: Op.LT,
    Threshold.UP_TO: Op.LE,
    Threshold.EXACT: Op.EQ,
}
_PLAIN = frozenset(
    words(
        """
        game games match matches team teams player players season seasons event events competition row rows entry
        entries list listed table play played plays score scored scores win won wins finish earned earn named called
        located held took place happened occur occurred appear appeared name title total different time times people
        person country countries city year date scored achieved driver drivers club clubs school schools film films
        album song episode
        obtain obtains obtained achieve achieves report reports yield yields
        candidate candidates winner race races competitor athlete athletes nation nations city
        """
    )
)


def grid_claims(text: str, grid: Grid, clock: Clock) -> Found:
    """Every claim of the text about the table, in its order."""
    lexicon = grid_lexicon(grid)
    heard = Heard(heading_whens=(When(window=None, grain=NO_TIME),))
    claims: list[Claim] = []
    numbers = 0
    for block in blocks_of(text):
        if isinstance(block, Sentence) and not block.is_heading:
            mentions = _softened([_neutral(one) for one in mentions_in(block.text, lexicon, clock)])
            numbers += sum(one.kind is Kind.NUMBER for one in mentions)
            claims += _sentence(Segment(mentions=mentions), block, heard, lexicon)
    return Found(claims=tuple(claims), numbers=numbers)


def grid_lexicon(grid: Grid) -> Lexicon:
    """Headers as metrics and dimensions, cells as values."""
    entries: list[tuple[Phrase, Ref]] = []
    traits: dict[str, Traits] = {ROWS: Traits(name=ROWS)}
    members: dict[str, tuple[str, ...]] = {}
    for column in grid.columns:
        phrase = phrase_of(column.name.partition("(")[0]) or phrase_of(column.name)
        if column.numbers and phrase and not column.is_label:
            traits[column.name] = Traits(name=column.name, is_mean=True)
            entries.append((phrase, MetricRef((column.name,))))
            for how, leads in _PREFIXES.items():
                traits[how + column.name] = Traits(name=how + column.name, is_mean=True)
                for lead in leads:
                    entries.append(((lead, *phrase), MetricRef((how + column.name,))))
                    entries.append(((lead, "of", *phrase), MetricRef((how + column.name,))))
                    entries.append(((lead, "number", "of", *phrase), MetricRef((how + column.name,))))
            for how in (HIGHEST, LOWEST):
                traits[how + column.name] = Traits(name=how + column.name, is_mean=True)
        if not column.numbers or column.is_label:
            members[column.name] = tuple(dict.fromkeys(text for text in column.texts if text))
            entries += [(p, ValueRef(column.name, v)) for v in members[column.name] for p in value_phrases(v)]
            if phrase:
                entries.append((phrase, DimensionRef(column.name)))
    index: dict[str, dict[tuple[Phrase, Ref], None]] = {}
    for phrase, ref in entries:
        if phrase:
            index.setdefault(phrase[0], {})[phrase, ref] = None
    return Lexicon(
        index={first: tuple(found) for first, found in index.items()},
        bags=(),
        traits=traits,
        members=members,
        reaches=lambda _, dimension: dimension in members,
        is_table=True,
    )


def _neutral(one: Mention) -> Mention:
    """Words that tables are full of and that restrict no row."""
    is_plain = one.kind is Kind.UNKNOWN and (one.text.lower() in _PLAIN or stem(one.text) in _PLAIN)
    return replace(one, kind=Kind.NEUTRAL) if is_plain else one


def _softened(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """A noun right behind a header's word only spells it out: `gold medals` under `gold`."""
    found: list[Mention] = []
    for one in mentions:
        last = found[-1] if found else None
        is_behind = last is not None and last.kind is Kind.METRIC and one.start - last.end == 1
        found.append(replace(one, kind=Kind.NEUTRAL) if one.kind is Kind.UNKNOWN and is_behind else one)
    return tuple(found)


def _sentence(segment: Segment, block: Sentence, heard: Heard, lexicon: Lexicon) -> Iterator[Claim]:
    extreme = _extreme(segment, block, lexicon)
    whole = extreme or _counted(segment, block)
    if whole is not None:
        yield whole
        return
    found = list(segment_claims(segment, block, heard, lexicon))
    if found:
        yield from found
        return
    yield from _together(segment, block)


# -- the highest of all


def _extreme(segment: Segment, block: Sentence, lexicon: Lexicon) -> Claim | None:
    """`the highest attendance was 25,000`."""
    ends, numbers, metrics = segment.cues(Cue.TOP, Cue.BOTTOM), segment.of(Kind.NUMBER), segment.of(Kind.METRIC)
    if len(ends) != 1 or len(numbers) != 1 or len(metrics) != 1 or segment.of(Kind.UNKNOWN):
        return None
    names = [name for ref in metrics[0].metrics() for name in ref.names]
    how = HIGHEST if ends[0].cue is Cue.TOP else LOWEST
    number = numbers[0].number
    if number is None or len(names) != 1 or how + names[0] not in lexicon.traits:
        return None
    where = _filters(segment)
    if where is None or where:
        return None
    cell = Cell(metric=how + names[0])
    return _claim(numbers[0], block, Amount(quantity=number.quantity), Formula.LEVEL, cell)


# -- how many rows


def _counted(segment: Segment, block: Sentence) -> Claim | None:
    """`3 players are from Canada`, `there were 5 games with an attendance over 20,000`."""
    numbers = segment.of(Kind.NUMBER)
    counts = [one for one in numbers if _is_count(one, segment)]
    if len(counts) != 1 or segment.of(Kind.UNKNOWN) or _is_turned(segment):
        return None
    where = _filters(segment)
    if where is None:
        return None
    conditions: list[Filter] = []
    for other in numbers:
        if other is counts[0] or other.number is None:
            continue
        metric = _beside(other, segment)
        if metric is None:
            return None
        conditions.append(
            Filter(name=metric, op=_OPS[other.number.quantity.threshold], values=(other.number.quantity.value,))
        )
    leftover = [one for one in segment.of(Kind.METRIC) if len(numbers) == 1]
    if leftover or not (where or conditions):
        return None
    number = counts[0].number
    assert number is not None  # noqa: S101 - a mention of kind NUMBER has one
    cell = Cell(metric=ROWS, where=tuple(sorted((*where, *conditions), key=lambda one: one.name)))
    return _claim(counts[0], block, Amount(quantity=number.quantity), Formula.LEVEL, cell)


def _is_count(number: Mention, segment: Segment) -> bool:
    quantity = number.number.quantity if number.number else None
    if quantity is None or quantity.unit is not Unit.PLAIN or quantity.value != quantity.value.to_integral_value():
        return False
    return _beside(number, segment) is None and quantity.value <= 1000


def _beside(number: Mention, segment: Segment) -> str | None:
    """The column a number is of: right behind it, or right before it."""
    after, before = (
        segment.after(number),
        segment.before(number, skip=frozenset({Cue.OF, Cue.MORE, Cue.LESS, Cue.THAN})),
    )
    for one in (after, before):
        if one is not None and one.kind is Kind.METRIC:
            names = [name for ref in one.metrics() for name in ref.names]
            return names[0] if len(names) == 1 else None
    return None


def _is_turned(segment: Segment) -> bool:
    return bool(segment.cues(Cue.NOT, Cue.FORECAST, Cue.EXCEPT, Cue.TOP, Cue.BOTTOM, Cue.UP, Cue.DOWN, Cue.AVERAGE))


def _filters(segment: Segment) -> tuple[Filter, ...] | None:
    """One demand for each value named; None when a word is a value of several columns, or a column has two."""
    found: dict[str, Filter] = {}
    for one in segment.of(Kind.VALUE):
        refs = {(ref.dimension, ref.value) for ref in one.values()}
        if len(refs) != 1:
            return None
        ((dimension, value),) = refs
        if dimension in found:
            return None
        found[dimension] = Filter(name=dimension, op=Op.EQ, values=(value,))
    return tuple(found.values())


# -- what goes together


def _together(segment: Segment, block: Sentence) -> Iterator[Claim]:
    """`Ana Silva plays for Benfica`: two values of different columns stand in one row, or do not."""
    values = segment.of(Kind.VALUE)
    where = _filters(segment)
    if len(values) != 2 or where is None or len(where) != 2 or segment.of(Kind.NUMBER, Kind.METRIC):
        return
    if segment.of(Kind.UNKNOWN) or _is_turned(segment) or segment.cues(Cue.MORE, Cue.LESS, Cue.THAN, Cue.BEATS):
        return
    least = Quantity(value=Decimal(1), half_step=Decimal(0), threshold=Threshold.FROM)
    first, last = values[0], values[-1]
    whole = replace(first, end=last.end, text=block.text[first.start : last.end])
    yield _claim(whole, block, Amount(quantity=least), Formula.LEVEL, Cell(metric=ROWS, where=where))


def _claim(mention: Mention, block: Sentence, expects: Amount, formula: Formula, cell: Cell) -> Claim:
    said = ", ".join([cell.metric, *map(phrase_filter, cell.where)])
    return Claim(
        start=block.start + mention.start,
        end=block.start + mention.end,
        text=mention.text,
        expects=expects,
        readings=(Sense(formula=formula, cells=(cell,), said=said),),
    )
