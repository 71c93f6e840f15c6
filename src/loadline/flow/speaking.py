"""An asker in; the words that have a governed meaning for them out: names, and the values they may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loadline.errors import RequestError
from loadline.flow.world import World
from loadline.policy import judge
from loadline.semantics import compile_sql, resolve
from loadline.semantics.wording import MOST_VALUES, FieldValues, Lexicon, build_lexicon, names_of, profile_fields
from loadline.values.decision import Forbid, Permit
from loadline.values.finding import RowsNeed, Table
from loadline.values.plan import Plan, Statement
from loadline.values.query import By, Query
from loadline.values.rule import Principal

Builder = Callable[[], Lexicon]

_TRIED = 3
"""Metrics tried for a way to a field's values, for an asker who may not list the field by itself."""


def names_only(world: World, principal: Principal) -> Lexicon:
    """Names of metrics, terms, fields and datasets; no data is looked at."""
    return _kept(world, principal, "names", lambda: _build(world, principal, ()))


def with_values(world: World, principal: Principal) -> Lexicon:
    """Names, and the values of text fields that this asker would be shown if they asked for them.

    What a value is called by must not tell anybody that it exists: a field is looked at the way the asker could have
    asked for it, policy and row filters included. Raises OutsideError when the warehouse does not do its part.
    """
    version = world.warehouse.read_version(sorted({d.source for d in world.linked.model.datasets.values()}))
    if version.startswith("none:"):
        return _build(world, principal, _profile(world, principal, version))
    return _kept(world, principal, version, lambda: _build(world, principal, _profile(world, principal, version)))


def seen_metrics(world: World, principal: Principal) -> frozenset[str]:
    """The metrics this asker may be shown."""
    return frozenset(name for name in world.linked.metrics if _permitted(world, principal, Query(metrics=(name,))))


def _kept(world: World, principal: Principal, version: str, build: Builder) -> Lexicon:
    key = (principal.name, principal.roles, principal.audience, version)
    known = world.lexicons.get(key)
    if known is None:
        if len(world.lexicons) > 64:
            world.lexicons.clear()
        known = world.lexicons[key] = build()
    return known


def _build(world: World, principal: Principal, profile: tuple[FieldValues, ...]) -> Lexicon:
    questions = [q for q in world.project.questions if not q.is_draft and q.audience in {None, principal.audience}]
    return build_lexicon(world.linked, questions, profile, seen_metrics(world, principal))


def _profile(world: World, principal: Principal, version: str) -> tuple[FieldValues, ...]:
    found = []
    for dataset, field in profile_fields(world.linked):
        values = _values(world, principal, version, dataset, field)
        if values is not None:
            found.append(values)
    return tuple(found)


def _values(world: World, principal: Principal, version: str, dataset: str, field: str) -> FieldValues | None:
    """None where nobody showed the asker a list, or it is no list of names."""
    texts: dict[str, None] = {}
    has_empty = is_shown = False
    for statement in _ways(world, principal, dataset, field):
        need = RowsNeed(sql=statement.sql, dialect=statement.dialect)
        evidence = world.fetcher.fetch([need], version=version)[need]
        match evidence:
            case Table(rows=rows) if len(rows) <= MOST_VALUES:
                is_shown = True
                has_empty = has_empty or any(row[0] is None for row in rows)
                texts.update((str(row[0]), None) for row in rows if row[0] is not None)
            case _:
                return None
    if not is_shown or len(texts) > MOST_VALUES:
        return None
    return FieldValues(dataset=dataset, field=field, values=tuple(sorted(texts)), has_empty=has_empty)


def _ways(world: World, principal: Principal, dataset: str, field: str) -> Iterator[Statement]:
    """The field listed by itself, where that is permitted; else by every name it has, as an answer would show it."""
    listed = _permitted(world, principal, Query(metrics=(), by=(By(name=f"{dataset}.{field}"),), limit=MOST_VALUES + 1))
    if listed is not None:
        yield listed[1]
        return
    reaching = [
        name
        for name in sorted(seen_metrics(world, principal))
        if all(dataset in world.linked.catalog.graph.reachable(m.fact) for m in world.linked.metrics[name].measures)
    ]
    for name in names_of(world.linked, dataset, field):
        for metric in reaching[:_TRIED]:
            asked = Query(metrics=(metric,), by=(By(name=name),), limit=MOST_VALUES + 1)
            if (found := _permitted(world, principal, asked)) is not None:
                yield found[1]
                break


def _permitted(world: World, principal: Principal, query: Query) -> tuple[Plan, Statement] | None:
    try:
        plan = resolve(world.linked, query, audience=principal.audience)
        match judge(world.project.rules, plan, principal):
            case Permit(row_filters=row_filters):
                return plan, compile_sql(world.linked, plan, row_filters=row_filters, dialect=world.warehouse.dialect)
            case Forbid():
                return None
    except RequestError:
        return None
