"""A world, a question and the numbers worked out by hand in: passes when the oracle gives them, and so does
the compiler's SQL on DuckDB and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from loadline.errors import RequestError
from loadline.values.query import Query
from semantics.oracle import RowFilters
from semantics.oracle_paths import Refused
from semantics.oracle_postgres import opened
from semantics.oracle_rows import Key
from semantics.oracle_world import World, difference


def answers(world: World, query: Query, by_hand: Sequence[Key], row_filters: RowFilters = ()) -> None:
    assert difference(world.expected(query, row_filters), by_hand) is None, "the oracle disagrees with the hand"
    assert difference(world.answer(query, row_filters), by_hand) is None, "the compiler disagrees with the hand"
    with opened(world) as run:
        assert difference(run(query, row_filters), by_hand) is None, "PostgreSQL disagrees with the hand"


def refuses(world: World, query: Query, code: str, row_filters: RowFilters = ()) -> RequestError:
    """Both must refuse; the compiler with this code. The error is handed on, for its options and its words."""
    with pytest.raises(Refused):
        world.expected(query, row_filters)
    with pytest.raises(RequestError) as caught:
        world.answer(query, row_filters)
    assert [d.code for d in caught.value.diagnostics] == [code]
    return caught.value
