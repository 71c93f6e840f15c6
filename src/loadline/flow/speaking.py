"""An asker in; the words that have a governed meaning for them out: names, and the values they may see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from loadline.errors import RequestError
from loadline.flow.allowed import allowed, scoped
from loadline.flow.world import World
from loadline.semantics import resolve
from loadline.semantics.wording import MOST_VALUES, FieldValues, Lexicon, build_lexicon, names_of, profile_fields
from loadline.values.decision import Forbid, Hold, Permit
from loadline.values.finding import Missing, RowsNeed, Table
from loadline.values.plan import Plan, Statement
from loadline.values.query import By, Filter, Query
from loadline.values.rule import Principal

KEPT = 64
"""Lexicons kept: one for each asker and version of the data."""
_TRIED = 3
"""Metrics tried for a way to a field's values, for an asker who may not list the field by itself."""


def with_values(world: World, principal: Principal) -> Lexicon:
    """Names, and the values of text fields that this asker would be shown if they asked for them.

    What a value is called by must not tell anybody that it exists: a field is looked at the way the asker could have
    asked for it, policy and row filters included. Raises OutsideError when the warehouse does not do its part.
    """
    version = world.warehouse.read_version(sorted({d.source for d in world.linked.model.datasets.values()}))
    key = (principal, version)
    known = world.lexicons.get(key)
    if known is not None:
        return known
    lexicon = _build(world, principal, version)
    if not (version.startswith("none:") or lexicon.unseen):
        if len(world.lexicons) >= KEPT:
            world.lexicons.clear()
        world.lexicons[key] = lexicon
    return lexicon


def seen_metrics(world: World, principal: Principal) -> frozenset[str]:
    """The metrics this asker may be shown."""
    return seen_of(world, principal, world.linked.metrics)


def seen_of(world: World, principal: Principal, names: Iterable[str]) -> frozenset[str]:
    """Of these metrics those that this asker may be shown."""
    return frozenset(name for name in names if _permitted(world, principal, Query(metrics=(name,))))


def _build(world: World, principal: Principal, version: str) -> Lexicon:
    questions = [q for q in world.project.questions if not q.is_draft and q.audience in {None, principal.audience}]
    found: list[FieldValues] = []
    unseen: list[str] = []
    for dataset, field in profile_fields(world.linked):
        match _values(world, principal, version, dataset, field):
            case FieldValues() as values:
                found.append(values)
            case Missing():
                unseen.append(f"{dataset}.{field}")
            case None:
                pass
    seen = seen_metrics(world, principal)
    return build_lexicon(world.linked, questions, tuple(found), seen=seen, unseen=tuple(unseen))


def _values(world: World, principal: Principal, version: str, dataset: str, field: str) -> FieldValues | Missing | None:
    """None where the asker is shown no list, or it is no list of names; Missing where it could not be looked at."""
    texts: dict[str, None] = {}
    has_empty = is_shown = False
    for _, statement in listing(world, principal, dataset, field):
        need = RowsNeed(sql=statement.sql, dialect=statement.dialect)
        evidence = world.fetcher.fetch([need], version=version)[need]
        match evidence:
            case Table(rows=rows) if len(rows) <= MOST_VALUES:
                is_shown = True
                has_empty = has_empty or any(row[0] is None for row in rows)
                texts.update((str(row[0]), None) for row in rows if row[0] is not None)
            case Missing():
                return evidence
            case _:
                return None
    if not is_shown or len(texts) > MOST_VALUES:
        return None
    return FieldValues(dataset=dataset, field=field, values=tuple(sorted(texts)), has_empty=has_empty)


def listing(
    world: World, principal: Principal, dataset: str, field: str, *, where: tuple[Filter, ...] = ()
) -> Iterator[tuple[Plan, Statement]]:
    """The field listed by itself, where that is permitted; else by every name it has, as an answer would show it.
    `where` are filters on the field, by its dataset's name."""
    most = MOST_VALUES + 1
    own = By(name=f"{dataset}.{field}")
    listed = _permitted(world, principal, Query(metrics=(), by=(own,), where=where, limit=most))
    if listed is not None:
        yield listed
        return
    reaching = [
        name
        for name in sorted(seen_metrics(world, principal))
        if all(dataset in world.linked.catalog.graph.reachable(m.fact) for m in world.linked.metrics[name].measures)
    ]
    for name in names_of(world.linked, dataset, field):
        for metric in reaching[:_TRIED]:
            named = tuple(replace(one, name=name) for one in where)
            asked = Query(metrics=(metric,), by=(By(name=name),), where=named, limit=most)
            if (found := _permitted(world, principal, asked)) is not None:
                yield found
                break


def _permitted(world: World, principal: Principal, query: Query) -> tuple[Plan, Statement] | None:
    try:
        plan = resolve(world.linked, query, audience=principal.audience)
        match allowed(world, plan, principal):
            case Permit(masks=()) as permit:
                return plan, scoped(world, plan, permit)
            case Permit() | Forbid() | Hold():  # a masked value is no word anybody says
                return None
    except RequestError:
        return None
