"""Rollups: which are current, what could be read of them for a plan, and what was asked that one could have served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from loadline.checks.rollups import is_current, need
from loadline.errors import OutsideError
from loadline.flow.ports import Store
from loadline.flow.world import World
from loadline.ledger import Kind
from loadline.ledger.reach import first_since
from loadline.semantics import compile_sql, rollups_for
from loadline.values.decision import Permit
from loadline.values.plan import Plan, RollupUse, Statement


def rolled_up(
    world: World,
    plan: Plan,
    permit: Permit,
    statement: Statement,
    version: str,
) -> tuple[Statement, str]:
    """The statement that reads rollups in place of their datasets, where there are any and they are current, and the
    version of all that it reads. Raises OutsideError."""
    uses = [
        use
        for use in rollups_for(world.linked, plan, row_filters=permit.row_filters, masks=permit.masks)
        if _is_current(world, use)
    ]
    if not uses:
        return statement, version
    rolled = compile_sql(
        world.linked,
        plan,
        row_filters=permit.row_filters,
        masks=permit.masks,
        dialect=world.warehouse.dialect,
        rollups=frozenset(use.name for use in uses),
    )
    return rolled, world.warehouse.read_version(relations_read(plan, statement, uses))


def relations_read(plan: Plan, statement: Statement, rollups: Iterable[RollupUse]) -> list[str]:
    """What is read, for the answer itself, for the policy's row filters, and of rollups."""
    sources = {source.relation for source in (*plan.sources, *statement.sources)}
    return sorted({*sources, *plan.spines, *(use.relation for use in rollups)})


def current_rollups(world: World) -> frozenset[str]:
    """Raises OutsideError when the warehouse cannot be reached."""
    world.warehouse.read_relations()
    uses = (
        RollupUse(
            name=one.rollup.name,
            relation=one.rollup.source,
            dataset=one.rollup.dataset,
            base=world.linked.model.datasets[one.rollup.dataset].source,
        )
        for one in world.linked.rollups
    )
    return frozenset(use.name for use in uses if _is_current(world, use))


def _is_current(world: World, use: RollupUse) -> bool:
    """A rollup that is not there, or cannot be read, is not current: the dataset itself is read, and says what is wrong
    if it cannot be either."""
    try:
        version = world.warehouse.read_version(sorted({use.relation, use.base}))
    except OutsideError:
        return False
    wanted = need(use, world.warehouse.dialect)
    return is_current(world.fetcher.fetch([wanted], version=version).get(wanted))


def asked_since(store: Store, since: datetime) -> Iterator[tuple[Mapping[str, Any], float]]:
    """The queries that were answered, and the seconds each took."""
    newest = store.read_checkpoint()
    for entry in store.read_entries(first_since(store.read_entry, newest.size if newest else 0, since)):
        query = entry.payload.get("query")
        if entry.kind is Kind.OUTCOME and isinstance(query, Mapping):
            yield query, float(entry.payload.get("seconds") or 0.0)
