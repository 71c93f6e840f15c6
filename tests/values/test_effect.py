"""Effects and what was approved in, every excess out; and nothing that was not approved gets through."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loadline.values.effect import Approved, TableBound, TableEffect, WriteBound, WriteEffect, excesses

COUNTS = st.integers(0, 3)
NAMES = st.sampled_from(["a", "b", "c"])


def one(table: str, inserted: int, updated: int, deleted: int, more: int) -> TableEffect:
    writes = inserted + updated + deleted + more
    return TableEffect(table=table, inserted=inserted, updated=updated, deleted=deleted, writes=writes)


EFFECTS = st.dictionaries(NAMES, st.tuples(COUNTS, COUNTS, COUNTS, COUNTS)).map(
    lambda found: WriteEffect(tables=tuple(one(name, *counts) for name, counts in sorted(found.items()) if any(counts)))
)
BOUNDS = st.dictionaries(NAMES, st.tuples(COUNTS, COUNTS, COUNTS)).map(
    lambda found: WriteBound(
        tables=tuple(TableBound(table=n, inserted=i, updated=u, deleted=d) for n, (i, u, d) in found.items())
    )
)


@given(EFFECTS, BOUNDS)
def test_a_bound_holds_each_verb_of_each_table(effect: WriteEffect, bound: WriteBound) -> None:
    allowed = {each.table: each for each in bound.tables}
    none = TableBound(table="")
    is_within = all(
        table.inserted <= allowed.get(table.table, none).inserted
        and table.updated <= allowed.get(table.table, none).updated
        and table.deleted <= allowed.get(table.table, none).deleted
        and table.writes <= allowed.get(table.table, none).rows
        for table in effect.tables
    )
    assert (excesses(effect, Approved(bound=bound)) == ()) == is_within


@given(EFFECTS, EFFECTS)
def test_only_the_approved_effect_may_be_committed(effect: WriteEffect, approved: WriteEffect) -> None:
    wide = WriteBound(tables=tuple(TableBound(table=name, inserted=99, updated=99, deleted=99) for name in "abc"))
    assert (excesses(effect, Approved(bound=wide, effect=approved)) == ()) == (effect.tables == approved.tables)


def test_as_many_other_rows_are_not_the_rows_that_were_approved() -> None:
    table = TableEffect(table="people", deleted=2, writes=2)
    bound = WriteBound(tables=(TableBound(table="people", deleted=2),))
    measured, now = WriteEffect(tables=(table,), lost="sha256:aa"), WriteEffect(tables=(table,), lost="sha256:bb")
    assert excesses(measured, Approved(bound=bound, effect=measured)) == ()
    assert len(excesses(now, Approved(bound=bound, effect=measured))) == 1
    assert excesses(now, Approved(bound=bound, effect=measured, is_same_rows=False)) == ()


def test_a_wipe_that_puts_everything_back_counts_as_a_wipe() -> None:
    effect = WriteEffect(tables=(TableEffect(table="people", writes=2_412),))
    bound = WriteBound(tables=(TableBound(table="people", updated=10),))
    assert excesses(effect, Approved(bound=bound)) == ("`people` would be written 2,412 times, and at most 10 may be",)
