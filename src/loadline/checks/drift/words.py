"""Blame in; sentences people can act on out."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.checks.drift.nouns import NEW, NULL, BinKind, Blame, Judgement

_MOST = 3  # bins said of one column


def blame_in_words(blame: Blame) -> str:
    """`amount`: values above 180 are 9.1 % of rows; 4.5 % to 5.5 % would be natural."""
    where = f"`{blame.column}`" + (f" in `{blame.segment}`" if blame.segment else "")
    return (
        f"{where}: {_what(blame)} {percent(blame.share)} of rows; "
        f"{percent(blame.low)} to {percent(blame.high)} would be natural"
    )


def _what(blame: Blame) -> str:
    if blame.bin == NULL:
        return "no value in"
    if blame.bin == NEW:
        return "values never seen before in"
    match blame.kind:
        case BinKind.NUMBER:
            return f"values {blame.bin} are" if blame.bin != "any value" else "some value in"
        case BinKind.QUALITY:
            return f"{blame.bin} in"
        case BinKind.NULLS:
            return "a value in"
        case BinKind.CATEGORY:
            return f"{blame.bin} {'are' if blame.bin.startswith(('other', 'all')) else 'is'}"


def percent(share: float) -> str:
    """Three digits that matter: `5.03 %`, `0.0021 %`."""
    return f"{100 * share:.3g} %"


def judgement_in_words(judgement: Judgement) -> tuple[str, ...]:
    """One line per bin that moved most, a few for each column, the strongest evidence first."""
    lines: list[str] = []
    for segment, column in judgement.moved:
        own = [b for b in judgement.blames if (b.segment, b.column) == (segment, column)]
        lines += [blame_in_words(b) for b in _most_telling(own)]
    return tuple(lines)


def _most_telling(blames: Sequence[Blame]) -> Sequence[Blame]:
    """Among the bins of one column with evidence, those furthest out of what is natural for them."""
    strong = [b for b in blames if b.evidence >= blames[0].evidence / 1000]
    ordered = sorted(strong, key=lambda b: (-_excess(b), b.bin))[:_MOST]
    return [b for b in ordered if _excess(b) > 1] or ordered[:1]


def _excess(blame: Blame) -> float:
    """How far out the share is: one at the border of what is natural."""
    border = blame.high if blame.share > blame.expected else blame.low
    reach = abs(border - blame.expected)
    return abs(blame.share - blame.expected) / reach if reach > 0 else 2.0
