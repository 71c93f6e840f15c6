"""Who asks in, the values he may see of every text dimension out: what a text can name.

Most are those that questions in words know too. A text also names rows by a name that is theirs alone (a carrier, a
company), which no question breaks down by; these are read here, under the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping

from loadline.errors import RequestError
from loadline.flow.allowed import allowed, scoped
from loadline.flow.rollups import relations_read
from loadline.flow.speaking import with_values
from loadline.flow.world import World
from loadline.semantics import resolve
from loadline.semantics.claims_lexicon import dimensions_of
from loadline.values.decision import Permit
from loadline.values.finding import Need, RowsNeed, Table
from loadline.values.query import By, Order, Query
from loadline.values.rule import Principal

MOST_VALUES = 2000


def read_members(world: World, principal: Principal) -> Mapping[str, tuple[str, ...]]:
    """Dimension to its values. Roles of one dataset share what is read of it. Raises OutsideError."""
    known = {f"{dataset}.{field}": one.values for (dataset, field), one in with_values(world, principal).values.items()}
    names = dimensions_of(world.linked)
    needs: dict[Need, str] = {}
    relations: set[str] = set()
    for own in dict.fromkeys(_of_dataset(world, name) for name in names):
        if own not in known and (found := _need(world, principal, own)) is not None:
            needs[found[0]] = own
            relations |= found[1]
    version = world.warehouse.read_version(sorted(relations)) if relations else "none:"
    evidence = world.fetcher.fetch(needs, version=version)
    for need, own in needs.items():
        match evidence[need]:
            case Table(rows=rows) if len(rows) <= MOST_VALUES:
                known[own] = tuple(str(row[0]) for row in rows if row[0] is not None)
            case _:
                continue
    return {name: known[own] for name in names if (own := _of_dataset(world, name)) in known}


def _need(world: World, principal: Principal, own: str) -> tuple[Need, set[str]] | None:
    """None where policy does not let the field be listed: its values are unknown words then."""
    query = Query(metrics=(), by=(By(name=own),), order=(Order(name=own),), limit=MOST_VALUES + 1)
    try:
        plan = resolve(world.linked, query, audience=principal.audience)
        decision = allowed(world, plan, principal)
        if not isinstance(decision, Permit) or decision.masks:
            return None
        statement = scoped(world, plan, decision)
    except RequestError:
        return None
    need = RowsNeed(sql=statement.sql, dialect=statement.dialect)
    return need, set(relations_read(plan, statement, ()))


def _of_dataset(world: World, name: str) -> str:
    """`destination.city` has the values of `places.city`."""
    head, _, field = name.partition(".")
    for one in world.project.model.relationships:
        if one.role == head:
            return f"{one.target}.{field}"
    return name
