"""A table and a text in, what is true of the text out: the table governs, and no project is needed."""

from __future__ import annotations

from datetime import date

from loadline.checks.claims import judge_claim
from loadline.semantics.claims_grid import Grid, grid_values
from loadline.semantics.claims_grid_bind import grid_claims
from loadline.semantics.claims_times import Clock
from loadline.values.claim import Judged, Verification
from loadline.values.model import Calendar

_CLOCK = Clock(today=date(2000, 1, 1), calendar=Calendar())  # never asked: years and dates are the table's own values


def verify_table(text: str, grid: Grid) -> Verification:
    """Nothing is recorded: there is no project, so there is no ledger and no receipt."""
    found = grid_claims(text, grid, _CLOCK)
    senses = [one for claim in found.claims for one in (*claim.readings, *claim.also)]
    wanted = [cell for one in senses for cell in one.cells]
    cells, places = grid_values(grid, [*wanted, *(one.members for one in senses if one.members is not None)])
    judged = tuple(
        Judged(claim=claim, verdict=judge_claim(claim, cells, places, frozenset())) for claim in found.claims
    )
    return Verification(judged=judged, cohorts=(), numbers=found.numbers)
