"""Who asks in, the values he may see of every text dimension out: what a text can name.

A field that policy withholds from him, or that has too many values to be a breakdown, is not read; its values are then
unknown words.
"""

from __future__ import annotations

from collections.abc import Mapping

from loadline.errors import RequestError
from loadline.flow.world import World
from loadline.policy import judge
from loadline.semantics import compile_sql, resolve
from loadline.semantics.claims_lexicon import dimensions_of
from loadline.values.decision import Permit
from loadline.values.finding import Need, RowsNeed, Table
from loadline.values.query import By, Order, Query
from loadline.values.rule import Principal

MOST_VALUES = 2000


def read_members(world: World, principal: Principal) -> Mapping[str, tuple[str, ...]]:
    """Dimension to its values. Roles of one dataset share what is read of it. Raises OutsideError."""
    needs: dict[Need, list[str]] = {}
    relations: set[str] = set()
    for name in dimensions_of(world.linked):
        found = _need(world, principal, name)
        if found is not None:
            need, read = found
            needs.setdefault(need, []).append(name)
            relations |= read
    version = world.warehouse.read_version(sorted(relations)) if relations else "none:"
    evidence = world.fetcher.fetch(needs, version=version)
    members: dict[str, tuple[str, ...]] = {}
    for need, names in needs.items():
        match evidence[need]:
            case Table(rows=rows) if len(rows) <= MOST_VALUES:
                values = tuple(str(row[0]) for row in rows if row[0] is not None)
                members.update(dict.fromkeys(names, values))
            case _:
                continue
    return {name: members[name] for name in dimensions_of(world.linked) if name in members}


def _need(world: World, principal: Principal, name: str) -> tuple[Need, set[str]] | None:
    own = _of_dataset(world, name)
    query = Query(metrics=(), by=(By(name=own),), order=(Order(name=own),), limit=MOST_VALUES + 1)
    try:
        plan = resolve(world.linked, query, audience=principal.audience)
        decision = judge(world.project.rules, plan, principal)
        if not isinstance(decision, Permit) or plan.classifications:
            return None
        statement = compile_sql(world.linked, plan, row_filters=decision.row_filters, dialect=world.warehouse.dialect)
    except RequestError:
        return None
    need = RowsNeed(sql=statement.sql, dialect=statement.dialect)
    return need, {source.relation for source in (*plan.sources, *statement.sources)}


def _of_dataset(world: World, name: str) -> str:
    """`destination.city` has the values of `places.city`."""
    head, _, field = name.partition(".")
    for one in world.project.model.relationships:
        if one.role == head:
            return f"{one.target}.{field}"
    return name
