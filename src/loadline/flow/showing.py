"""An asker in; the metrics they may ask for, and what each means and can be asked by, out. Nothing else is named."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, assert_never

from loadline.errors import RequestError
from loadline.flow import codes
from loadline.flow.allowed import allowed
from loadline.flow.reading import is_own
from loadline.flow.speaking import seen_metrics
from loadline.flow.world import World
from loadline.semantics import Linked, resolve
from loadline.semantics.versions import version_of
from loadline.semantics.wording import names_of
from loadline.semantics.words import normal
from loadline.values.catalog import DimensionCard, MetricCard, MetricShown
from loadline.values.decision import Forbid, Hold, Permit
from loadline.values.diagnostic import Diagnostic
from loadline.values.model import Dataset, Metric
from loadline.values.query import By, Grain, Query
from loadline.values.rule import Principal

_TIMES = frozenset({"date", "timestamp"})
_NEAR = 0.75
_WITHIN_DAYS = frozenset({Grain.HOUR, Grain.MINUTE, Grain.SECOND, Grain.MILLISECOND, Grain.MICROSECOND})


def search(world: World, principal: Principal, text: str = "") -> tuple[MetricCard, ...]:
    """The metrics this asker may ask for, those that fit `text` best first; all of them, by name, for no text."""
    seen = seen_metrics(world, principal)
    cards = [_card(world.linked, world.linked.metrics[name].metric) for name in sorted(seen)]
    words = normal(text).replace("_", " ").split()
    if not words:
        return tuple(cards)
    scored = [(_fit(card, words), card) for card in cards]
    return tuple(card for score, card in sorted(scored, key=lambda one: (-one[0], one[1].name)) if score > 0)


def describe(world: World, principal: Principal, name: str) -> MetricShown:
    """A metric by its name, a term or a synonym. Raises RequestError where this asker may not ask for any such."""
    linked = world.linked
    seen = seen_metrics(world, principal)
    found = _named(linked, name, principal.audience)
    if found is None or found not in seen:
        raise RequestError(_unknown(name, seen))
    one = linked.metrics[found]
    metric = one.metric
    facts = dict.fromkeys(measure.fact for measure in one.measures)
    datasets = [linked.model.datasets[fact] for fact in facts]
    return MetricShown(
        card=_card(linked, metric),
        definition=metric.expr.value,
        attributes=tuple(_attributes(metric)),
        version=version_of(linked, found),
        time=next((measure.time_name for measure in one.measures if measure.time_name), None),
        sources=tuple(dataset.source for dataset in datasets),
        contracts=tuple(dataset.contract for dataset in datasets if dataset.contract),
        uses=tuple(part for part in one.parts if part in seen),
        dimensions=tuple(_dimensions(world, principal, found)),
    )


def may_read(world: World, principal: Principal, recorded: Mapping[str, Any]) -> bool:
    """Whether somebody may read a recorded receipt: their own, or one about nothing but metrics they may ask for."""
    if is_own(principal, recorded):
        return True
    asked = {metric["name"].partition("[")[0] for metric in recorded["metrics"] if metric["is_asked"]}
    return bool(asked) and not recorded["row_filters"] and asked <= seen_metrics(world, principal)


def _named(linked: Linked, name: str, audience: str | None) -> str | None:
    wanted = normal(name)
    if wanted in linked.metrics:
        return wanted
    term = linked.model.terms.get(wanted)
    if term is not None:
        return term.meanings.get(audience or "", term.otherwise)
    spaced = wanted.replace("_", " ")
    for metric in linked.model.metrics.values():
        if spaced in {normal(metric.name).replace("_", " "), *map(normal, metric.synonyms)}:
            return metric.name
    return None


def _unknown(name: str, seen: frozenset[str]) -> Diagnostic:
    near = difflib.get_close_matches(name, sorted(seen), n=3, cutoff=0.5)
    listed = ", ".join(f"`{one}`" for one in near or sorted(seen)[:10]) or "none"
    return Diagnostic(
        code=codes.NO_SUCH_METRIC,
        what=f"there is no metric `{name}` that you may ask for",
        why=codes.CODES[codes.NO_SUCH_METRIC].why,
        mend=f"name one of {listed}",
    )


def _card(linked: Linked, metric: Metric) -> MetricCard:
    terms = []
    for term in linked.model.terms.values():
        whose = [audience for audience, means in sorted(term.meanings.items()) if means == metric.name]
        if whose:
            terms.append(f"{term.name} (to {', '.join(whose)})")
        elif term.otherwise == metric.name:
            terms.append(term.name)
    return MetricCard(
        name=metric.name,
        description=metric.description,
        unit=metric.unit,
        format=metric.format,
        owner=metric.owner,
        status=metric.status.value,
        synonyms=metric.synonyms,
        terms=tuple(terms),
    )


def _fit(card: MetricCard, words: list[str]) -> float:
    """How well a metric fits: a word of its names counts 3 (a near one 2), one of its terms 2, of what describes it 1.

    Every word asked for has to fit somewhere, or the metric does not."""
    names = {part for text in (card.name, *card.synonyms) for part in normal(text).replace("_", " ").split()}
    terms = {part for text in card.terms for part in normal(text).replace("_", " ").split()}
    told = set(normal(card.description).split())
    total = 0.0
    for word in words:
        if word in names:
            total += 3
        elif word in terms or difflib.get_close_matches(word, names, n=1, cutoff=_NEAR):
            total += 2
        elif word in told:
            total += 1
        else:
            return 0.0
    return total - len(names) / 100


def _attributes(metric: Metric) -> Iterator[tuple[str, str]]:
    for name, text in (("where", metric.where), ("time", metric.time), ("over", metric.over), ("take", metric.take)):
        if text is not None:
            yield name, text.value
    if metric.conversion is not None:
        yield "to", metric.conversion.to.value
        yield "per", ", ".join(text.value for text in metric.conversion.per)
        if metric.conversion.within is not None:
            yield "within", metric.conversion.within.value
    if metric.fill is not None:
        yield "fill", str(metric.fill)


def _dimensions(world: World, principal: Principal, metric: str) -> Iterator[DimensionCard]:
    """Every name the metric really can be asked by, by this asker: each is tried, as a question would be."""
    for dataset in world.linked.model.datasets.values():
        for field in world.linked.catalog.fields_of(dataset.name):
            for name in names_of(world.linked, dataset.name, field):
                if _may_ask(world, principal, Query(metrics=(metric,), by=(By(name=name),))):
                    yield _dimension(world.linked, dataset, field, name)


def _may_ask(world: World, principal: Principal, query: Query) -> bool:
    try:
        plan = resolve(world.linked, query, audience=principal.audience)
    except RequestError:
        return False
    match allowed(world, plan, principal):
        case Permit():
            return True
        case Forbid() | Hold():
            return False
        case unreachable:
            assert_never(unreachable)


def _dimension(linked: Linked, dataset: Dataset, field: str, name: str) -> DimensionCard:
    kind = linked.catalog.field(dataset.name, field).kind.name
    declared = dataset.fields.get(field)
    column = dataset.table.columns.get(field) if dataset.table else None
    told = (declared.description if declared else "") or (column.description if column else "")
    grains = tuple(grain.value for grain in Grain if kind == "timestamp" or grain not in _WITHIN_DAYS)
    return DimensionCard(name=name, type=kind, description=told, grains=grains if kind in _TIMES else ())
