"""A table and a text in, what is true of the text out: the table governs, and no project is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from loadline.checks.claims import judge_claim
from loadline.semantics.tables import Grid, grid_claims, grid_values
from loadline.values.claim import (
    Absent,
    Cell,
    Claim,
    Contradicted,
    Doubt,
    Judged,
    Members,
    Supported,
    Unverified,
    Verdict,
    Verification,
)


def verify_table(text: str, grid: Grid) -> Verification:
    """Nothing is recorded: there is no project, so there is no ledger and no receipt."""
    found = grid_claims(text, grid)
    senses = [one for claim in found.claims for one in claim.readings]
    wanted = [cell for one in senses for cell in one.cells]
    cells, places = grid_values(grid, [*wanted, *(one.members for one in senses if one.members is not None)])
    judged = tuple(Judged(claim=claim, verdict=_verdict(claim, cells, places)) for claim in found.claims)
    return Verification(judged=judged, cohorts=(), numbers=found.numbers)


def _verdict(
    claim: Claim, cells: Mapping[Cell, Decimal | Absent], places: Mapping[Members, Mapping[str, Decimal] | Absent]
) -> Verdict:
    """A claim that may mean several things is right when it is in all of them, and wrong when it is in none."""
    alone = [judge_claim(replace(claim, readings=(one,)), cells, places, frozenset()) for one in claim.readings]
    if not alone:
        return judge_claim(claim, cells, places, frozenset())
    kinds = {type(one) for one in alone}
    if len(kinds) == 1:
        return alone[0]
    unsure = [one for one in alone if isinstance(one, Unverified)]
    right = [one.reading.said for one in alone if isinstance(one, Supported)]
    wrong = [one.reading.said for one in alone if isinstance(one, Contradicted)]
    if right and wrong:
        because = f"right only if it means {right[0]}; it may mean {wrong[0]}"
        return Unverified(doubt=Doubt.AMBIGUOUS, because=because)
    return unsure[0]
