"""A plan that was carried out in; whether each text its filters compare with is a value of anything out."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.checks.filtered import FILTER_VALUES_EXIST, is_met, look_at_values, texts_compared
from loadline.flow.rollups import relations_read
from loadline.flow.speaking import listing, with_values
from loadline.flow.world import World
from loadline.semantics import field_behind
from loadline.semantics.wording import COUNTRIES
from loadline.values.finding import CheckRun, CouldNotLook, Missing, RowsNeed, Table
from loadline.values.outcome import Outcome
from loadline.values.plan import Plan
from loadline.values.query import Filter, Op
from loadline.values.rule import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class FiltersSeen:
    """`unseen` are fields whose values this asker is not shown, so that nobody looked for one."""

    checks: tuple[CheckRun, ...] = ()
    unseen: tuple[str, ...] = ()


def look_at_filters(world: World, plan: Plan, principal: Principal, outcome: Outcome) -> FiltersSeen:
    """What an answer shows by itself, or a contract allows, is not looked for. The rest is looked for as the asker
    could have asked for it, policy and row filters included: what is said of a value tells nobody that it exists."""
    checks: list[CheckRun] = []
    unseen: list[str] = []
    for wanted in plan.query.where:
        behind = field_behind(world.linked, wanted.name)
        if behind is None or is_met(wanted, outcome):
            continue
        allowed = _allowed(world, *behind)
        texts = tuple(value for value in texts_compared(wanted) if value not in allowed)
        if not texts:
            continue
        match _found(world, principal, behind, texts):
            case None:
                unseen.append(wanted.name)
            case Missing(why=why):
                checks.append(CouldNotLook(check=FILTER_VALUES_EXIST, subject=wanted.name, why=why))
            case Table(rows=rows):
                there = {str(row[0]) for row in rows} | allowed
                known = _known(world, principal, behind, allowed) if set(texts) - there else ()
                checks.append(look_at_values(wanted, there, known=known, spelled=COUNTRIES_FOLDED))
    return FiltersSeen(checks=tuple(checks), unseen=tuple(unseen))


COUNTRIES_FOLDED = {name.casefold(): code for name, code in COUNTRIES.items()}


def _allowed(world: World, dataset: str, field: str) -> frozenset[str]:
    table = world.project.model.datasets[dataset].table
    column = table.columns.get(field) if table else None
    return frozenset(str(value) for value in column.allowed) if column else frozenset()


def _found(
    world: World, principal: Principal, behind: tuple[str, str], texts: tuple[str, ...]
) -> Table | Missing | None:
    """The rows of those of `texts` that there are; None where this asker may not list the field."""
    dataset, field = behind
    only = Filter(name=f"{dataset}.{field}", op=Op.IN, values=texts)
    rows: list[tuple[object, ...]] = []
    is_listed = False
    for plan, statement in listing(world, principal, dataset, field, where=(only,)):
        version = world.warehouse.read_version(relations_read(plan, statement, ()))
        need = RowsNeed(sql=statement.sql, dialect=statement.dialect)
        match world.fetcher.fetch([need], version=version)[need]:
            case Table(rows=more):
                is_listed = True
                rows += more
            case Missing() as missing:
                return missing
            case _:
                return None
    return Table(rows=tuple(rows)) if is_listed else None


def _known(world: World, principal: Principal, behind: tuple[str, str], allowed: frozenset[str]) -> tuple[str, ...]:
    """Values that may be named to this asker."""
    values = with_values(world, principal).values.get(behind)
    return tuple(sorted({*(values.values if values else ()), *allowed}))
