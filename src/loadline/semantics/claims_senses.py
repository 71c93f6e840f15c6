"""A metric, a slice and periods in, the finite thing to compute out, with what it is in words."""

from __future__ import annotations

from loadline.semantics.claims_frame import When
from loadline.semantics.claims_periods import Pair
from loadline.semantics.claims_slices import Slice
from loadline.semantics.claims_times import dated
from loadline.semantics.words import phrase_filter
from loadline.values.claim import Cell, Formula, Sense


def level(name: str, where: Slice, when: When) -> Sense:
    return Sense(formula=Formula.LEVEL, cells=(cell(name, where, when),), said=said_of(name, where, when))


def cell(name: str, where: Slice, when: When) -> Cell:
    return Cell(metric=name, where=where, during=when.window)


def said_of(name: str, where: Slice, when: When) -> str:
    parts = [name, *map(phrase_filter, where)]
    if when.window is not None:
        parts.append(dated(when.window).text)
    else:
        parts.append("over all time")
    return ", ".join(parts)


def share(name: str, where: Slice, whole: tuple[str, Slice], when: When) -> Sense:
    of = whole[0] if whole[0] != name else "the whole"
    return Sense(
        formula=Formula.SHARE,
        cells=(cell(name, where, when), cell(whole[0], whole[1], when)),
        said=f"share of {said_of(name, where, when)} in {of}",
    )


def change(name: str, where: Slice, pair: Pair, formula: Formula) -> Sense:
    told = {Formula.GROWTH: "growth", Formula.RATIO: "ratio"}.get(formula, "change")
    base = dated(pair.base.window).text if pair.base.window else "?"
    return Sense(
        formula=formula,
        cells=(cell(name, where, pair.main), cell(name, where, pair.base)),
        said=f"{told} of {said_of(name, where, pair.main)} against {base}",
    )
