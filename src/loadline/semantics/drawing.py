"""A linked model, its questions and rules in; what rests directly on what out.

An edge leads from a thing to what is directly made of it: column → field → metric → metric → question. What is written
out in a definition is still attributed to the nearest name, so that a path reads the way people wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from fnmatch import fnmatchcase

from loadline.errors import RequestError
from loadline.semantics.catalog import Catalog, Elsewhere, Lost, parsed
from loadline.semantics.impact import LineageGraph, Thing, ThingKind, Told
from loadline.semantics.lineage import key_nodes
from loadline.semantics.linked import Linked
from loadline.semantics.nodes import Node, columns_in, measures_in
from loadline.semantics.resolve import resolve
from loadline.semantics.typed import Fault
from loadline.semantics.written import names_in
from loadline.values.model import Metric, Relationship, Text
from loadline.values.place import Place
from loadline.values.plan import JoinUse
from loadline.values.query import Query
from loadline.values.question import VerifiedQuestion
from loadline.values.rule import Rule


def lineage_graph(
    linked: Linked, *, questions: Iterable[VerifiedQuestion] = (), rules: Iterable[Rule] = ()
) -> LineageGraph:
    """What rests on what in a project. A definition that cannot be read is connected as far as it can."""
    drawing = _Drawing(linked)
    drawing.datasets()
    drawing.relationships()
    drawing.metrics()
    drawing.terms()
    for question in questions:
        drawing.question(question)
    for rule in rules:
        drawing.rule(rule)
    return drawing.whole()


def relationship_name(one: Relationship) -> str:
    """`orders.customer_id -> customers.customer_id as buyer`."""
    source = ", ".join(f"{one.source}.{column}" for column in one.source_columns)
    target = ", ".join(f"{one.target}.{column}" for column in one.target_columns)
    return f"{source} -> {target}" + (f" as {one.role}" if one.role else "")


_Names = set[tuple[str, str]]  # (dataset, column or field)


@dataclass(slots=True, kw_only=True)
class _Read:
    """What a definition reads: columns, declared fields by name, datasets whose rows it counts, steps it takes."""

    columns: _Names = field(default_factory=set)
    fields: _Names = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    steps: set[int] = field(default_factory=set)


class _Drawing:
    def __init__(self, linked: Linked) -> None:
        self._linked = linked
        self._catalog: Catalog = linked.catalog
        self._uses: dict[Thing, dict[Thing, None]] = {}
        self._told: dict[Thing, Told] = {}
        self._also: dict[str, Thing | None] = {}  # None: a word for several things
        self._of_field: dict[tuple[str, str], _Names] = {}
        self._of_metric: dict[str, _Read] = {}
        self._by_role: dict[str, set[str]] = {}
        self._steps = {_step(one): n for n, one in enumerate(linked.model.relationships)}
        for one in linked.model.relationships:
            if one.role:
                self._by_role.setdefault(one.role, set()).add(one.target)

    def whole(self) -> LineageGraph:
        things = tuple(self._uses)
        at = {thing: n for n, thing in enumerate(things)}
        return LineageGraph(
            things=things,
            uses=tuple(tuple(at[used] for used in uses) for uses in self._uses.values()),
            told=self._told,
            also={word: thing for word, thing in self._also.items() if thing is not None},
            _at=at,
        )

    # -- things and edges

    def _thing(self, kind: ThingKind, name: str, told: Told | None = None) -> Thing:
        thing = Thing(kind=kind, name=name)
        self._uses.setdefault(thing, {})
        if told is not None:
            self._told[thing] = told
        return thing

    def _edge(self, source: Thing, target: Thing) -> None:
        if source != target:
            self._uses.setdefault(source, {})[target] = None
            self._uses.setdefault(target, {})

    def _call_also(self, words: Iterable[str], thing: Thing) -> None:
        for word in words:
            key = word.casefold()
            self._also[key] = thing if self._also.get(key, thing) == thing else None

    def _column(self, dataset: str, column: str) -> Thing:
        return self._thing(ThingKind.COLUMN, f"{dataset}.{column}")

    def _rests_on(self, target: Thing, read: _Read) -> None:
        """Edges from what is read, each column by the nearest name that reads it."""
        covered: _Names = set()
        for dataset, name in sorted(read.fields):
            self._edge(self._thing(ThingKind.FIELD, f"{dataset}.{name}"), target)
            covered |= self._of_field.get((dataset, name), set())
        for dataset, name in sorted(read.columns - covered):
            self._edge(self._column(dataset, name), target)
            self._edge(self._thing(ThingKind.DATASET, dataset), target)
        for dataset in sorted(read.facts):
            self._edge(self._thing(ThingKind.DATASET, dataset), target)
        for step in sorted(read.steps):
            one = self._linked.model.relationships[step]
            self._edge(self._thing(ThingKind.RELATIONSHIP, relationship_name(one)), target)

    # -- what things read

    def _read_by(self, nodes: Iterable[Node]) -> _Read:
        read = _Read()
        for node in nodes:
            for column in columns_in(node):
                read.columns.add((column.dataset, column.column))
                read.steps.update(column.path)
            read.facts.update(measure.fact for measure in measures_in(node))
        return read

    def _fields_named(self, words: Iterable[tuple[str, ...]]) -> _Names:
        """The declared fields that dotted names mean; a role that leads to several datasets means each of them."""
        found: _Names = set()
        datasets = self._linked.model.datasets
        for word in words:
            parts = self._catalog.unsynonymed(word)
            if len(parts) < 2:
                owners = {name for name, one in datasets.items() if parts[0] in one.fields}
            else:
                owners = {parts[-2]} & datasets.keys() or self._by_role.get(parts[-2], set())
            found.update((owner, parts[-1]) for owner in owners if parts[-1] in datasets[owner].fields)
        return found

    # -- each kind

    def datasets(self) -> None:
        for name, dataset in self._linked.model.datasets.items():
            thing = self._thing(ThingKind.DATASET, name, Told(words=dataset.source, place=dataset.place))
            self._call_also((dataset.source, *dataset.synonyms), thing)
            contract = None
            if dataset.contract is not None:
                version = dataset.table.version if dataset.table else None
                words = f"version {version}" if version else ""
                contract = self._thing(ThingKind.CONTRACT, dataset.contract, Told(words=words))
            for column in dataset.table.columns.values() if dataset.table else ():
                words = " · ".join(filter(None, (column.logical_type, column.classification)))
                here = self._thing(ThingKind.COLUMN, f"{name}.{column.name}", Told(words=words, place=column.place))
                if contract is not None:
                    self._edge(here, contract)
            for one in dataset.fields.values():
                here = self._thing(ThingKind.FIELD, f"{name}.{one.name}", Told(words=one.expr.value, place=one.place))
                self._call_also(one.synonyms, here)
                self._edge(thing, here)
                self._of_field[name, one.name] = self._columns_of_field(name, one.name)
            if contract is not None:
                self._edge(thing, contract)
        for name, dataset in self._linked.model.datasets.items():
            for one in dataset.fields.values():
                self._field(name, one.name, one.expr)

    def _columns_of_field(self, dataset: str, name: str) -> _Names:
        try:
            return {(column.dataset, column.column) for column in columns_in(self._catalog.field(dataset, name))}
        except (Fault, Elsewhere):
            return set()

    def _field(self, dataset: str, name: str, expr: Text) -> None:
        own = self._linked.model.datasets[dataset].fields
        used = {word[-1] for word in _names(expr)} & own.keys() - {name}
        read = _Read(columns=set(self._of_field[dataset, name]), fields={(dataset, one) for one in used})
        self._rests_on(Thing(kind=ThingKind.FIELD, name=f"{dataset}.{name}"), read)

    def relationships(self) -> None:
        for step, one in enumerate(self._linked.model.relationships):
            thing = self._thing(ThingKind.RELATIONSHIP, relationship_name(one), Told(place=one.place))
            try:
                read = self._read_by(key_nodes(self._linked, step))
            except (Fault, Elsewhere):
                continue
            self._rests_on(thing, read)

    def metrics(self) -> None:
        for name, one in self._linked.metrics.items():
            self._of_metric[name] = self._read_by([one.node, *one.measures])
        for name, one in self._linked.metrics.items():
            metric = one.metric
            words = f"{metric.status}, {metric.owner or 'no owner'}"
            thing = self._thing(ThingKind.METRIC, name, Told(words=words, place=metric.place))
            self._call_also(metric.synonyms, thing)
            written = list(_written_names(metric))
            direct = {word[0] for word in written if len(word) == 1} & set(one.parts)
            known = direct.union(*(self._linked.metrics[part].parts for part in direct if part in self._linked.metrics))
            parts = [part for part in one.parts if part in direct or part not in known]
            whole, made = self._of_metric[name], [self._of_metric[p] for p in one.parts if p in self._of_metric]
            for part in parts:
                self._edge(self._thing(ThingKind.METRIC, part), thing)
            fields_named = self._fields_named(word for word in written if len(word) > 1)
            # Whom a conversion is counted for stands in no measure.
            subjects = self._columns_named(_names_within(metric.conversion)) - fields_named
            read = _Read(
                columns=(whole.columns | subjects).difference(*(one.columns for one in made)),
                fields=fields_named,
                facts=whole.facts.difference(*(one.facts for one in made)),
                steps=whole.steps.difference(*(one.steps for one in made)),
            )
            self._rests_on(thing, read)

    def terms(self) -> None:
        for name, term in self._linked.model.terms.items():
            words = ", ".join(f"{audience}: {metric}" for audience, metric in term.meanings.items())
            thing = self._thing(ThingKind.TERM, name, Told(words=words, place=term.place))
            self._call_also(term.synonyms, thing)
            for metric in filter(None, (*term.meanings.values(), term.otherwise)):
                if metric in self._linked.metrics:
                    self._edge(self._thing(ThingKind.METRIC, metric), thing)

    def question(self, question: VerifiedQuestion) -> None:
        told = Told(words=question.text, place=question.place)
        thing = self._thing(ThingKind.QUESTION, question.id, told)
        named = [*(by.name for by in question.by), *(where.name for where in question.where)]
        read = _Read(fields=self._fields_named(tuple(name.split(".")) for name in named if name != "time"))
        for name in question.metrics:
            self._asked(name, question.audience, thing)
        query = Query(metrics=question.metrics, by=question.by, where=question.where)
        try:
            plan = resolve(self._linked, query, audience=question.audience)
        except RequestError:  # it cannot be answered, which `check` says; its names reach it all the same
            self._rests_on(thing, read)
            return
        made = [self._of_metric[use.name] for use in plan.metrics if use.name in self._of_metric]
        read.columns = {(s.dataset, column) for s in plan.sources for column in s.columns}.difference(
            *(one.columns for one in made)
        )
        read.steps = {self._steps[_step(join)] for join in plan.joins}.difference(*(one.steps for one in made))
        if not plan.metrics:
            read.facts = {source.dataset for source in plan.sources}
        self._rests_on(thing, read)

    def _asked(self, name: str, audience: str | None, question: Thing) -> None:
        """A term reaches the question that asks by it; so does the metric it means there, or each it could mean."""
        term = self._linked.model.terms.get(name)
        if term is None:
            if name in self._linked.metrics:
                self._edge(self._thing(ThingKind.METRIC, name), question)
            return
        self._edge(self._thing(ThingKind.TERM, name), question)
        meant = (term.meanings.get(audience) if audience else None) or term.otherwise
        for metric in [meant] if meant else term.meanings.values():
            if metric in self._linked.metrics:
                self._edge(self._thing(ThingKind.METRIC, metric), question)

    def rule(self, rule: Rule) -> None:
        """A rule is reached by what it names. One that names nothing is about everything, and about nothing more."""
        because = f", because {rule.because}" if rule.because else ""
        told = Told(words=f"{rule.effect}s{because}", place=rule.place)
        thing = self._thing(ThingKind.RULE, rule.name, told)
        for metric in self._linked.model.metrics:
            if any(fnmatchcase(metric, pattern) for pattern in rule.metrics):
                self._edge(self._thing(ThingKind.METRIC, metric), thing)
        read = _Read()
        for name, dataset in self._linked.model.datasets.items():
            columns = dataset.table.columns if dataset.table else {}
            for column in (*columns, *dataset.fields):
                promised = columns.get(column)
                labels = (promised.classification or "",) if promised else ()
                if _any_match((f"{name}.{column}",), rule.columns) or _any_match(labels, rule.classifications):
                    (read.columns if column in columns else read.fields).add((name, column))
        if rule.rows is not None:
            words = list(_names(rule.rows))
            read.fields |= self._fields_named(words)
            read.columns |= self._columns_named(words) - read.fields
        self._rests_on(thing, read)

    def _columns_named(self, words: Iterable[tuple[str, ...]]) -> _Names:
        found: _Names = set()
        for word in words:
            if len(word) < 2:
                continue
            owner = word[-2]
            for dataset in {owner} & self._linked.model.datasets.keys() or self._by_role.get(owner, set()):
                if self._catalog.has(dataset, word[-1]):
                    found.add((dataset, word[-1]))
        return found


def _step(one: Relationship | JoinUse) -> tuple[object, ...]:
    return (one.source, one.source_columns, one.target, one.target_columns, one.role)


def _any_match(names: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(name and fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _names(text: Text) -> list[tuple[str, ...]]:
    try:
        return [name.parts for name in names_in(parsed(text.value))]
    except (Fault, Lost):
        return []


def _written_names(metric: Metric) -> Iterable[tuple[str, ...]]:
    """Every name in every part of a definition, whatever parts a definition may have."""
    for one in fields(metric):
        if one.name not in {"name", "place", "description", "synonyms", "owner", "status", "unit", "format"}:
            yield from _names_within(getattr(metric, one.name))


def _names_within(value: object) -> Iterable[tuple[str, ...]]:
    match value:
        case Text():
            yield from _names(value)
        case str():
            yield tuple(value.split("."))
        case tuple() | list():
            for item in value:
                yield from _names_within(item)
        case _ if is_dataclass(value) and not isinstance(value, Place | type):
            for one in fields(value):
                yield from _names_within(getattr(value, one.name))
