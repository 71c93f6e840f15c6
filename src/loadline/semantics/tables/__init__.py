"""A table that governs itself: a file of it in, what it says, and what a text claims of it, out."""

from __future__ import annotations

from loadline.semantics.tables.cells import grid_values
from loadline.semantics.tables.claims import grid_claims
from loadline.semantics.tables.grid import Grid, read_grid

__all__ = ["Grid", "grid_claims", "grid_values", "read_grid"]
