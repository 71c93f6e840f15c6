"""The model in; the typed node behind every field, and what a dotted name means seen from a fact, out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from loadline.semantics import codes
from loadline.semantics.grammar import DEEPEST, read_expression
from loadline.semantics.grammar_tokens import Unread
from loadline.semantics.graph import Graph, build_graph
from loadline.semantics.moments import column_clock
from loadline.semantics.near import a, listed, nearest
from loadline.semantics.nodes import (
    BOOLEAN,
    INTEGER,
    MOMENT,
    NULL,
    NUMBER,
    OTHER,
    UNKNOWN,
    Col,
    Kind,
    Lit,
    Node,
    Path,
    Win,
    call,
    is_larger,
    is_null_without_row,
    moved,
)
from loadline.semantics.typed import CASTS, Fault, Scope, single_quotes, typed, wrong
from loadline.semantics.windows import window_of
from loadline.semantics.written import Name, Windowed, Written
from loadline.values.contract import Column
from loadline.values.model import Calendar, Dataset, Field, Model

LARGEST = 500
"""Parts that one field may have, all others it uses written out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A field seen from a fact: `node` reads it from there. `spelled` is the field's own `dataset.field`."""

    node: Node
    path: Path
    dataset: str
    field: str

    @property
    def spelled(self) -> str:
        return f"{self.dataset}.{self.field}"


class Lost(Exception):  # a finding on the way, never shown as an error
    """A dotted name means nothing, or too much, seen from a fact."""

    def __init__(
        self,
        reason: Literal["unknown", "unreachable", "several"],
        what: str,
        mend: str,
        options: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what)
        self.reason, self.what, self.mend, self.options = reason, what, mend, options


class Catalog:
    """Every field of every dataset, read once and kept. A field that cannot be read raises the same Fault each time."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.graph: Graph = build_graph(
            model.relationships, frozenset(d.name for d in model.datasets.values() if d.is_bridge)
        )
        self._nodes: dict[tuple[str, str], Node] = {}
        self._reading: list[tuple[str, str]] = []
        self._synonyms = [
            (s, d.name, f.name) for d in model.datasets.values() for f in d.fields.values() for s in f.synonyms
        ]
        self._roles = {r.role for r in model.relationships if r.role}

    # -- fields

    def fields_of(self, dataset: str) -> tuple[str, ...]:
        found = self.model.datasets[dataset]
        return (*found.fields, *(name for name in columns_of(found) if name not in found.fields))

    def has(self, dataset: str, field: str) -> bool:
        found = self.model.datasets[dataset]
        return field in found.fields or field in columns_of(found)

    def field(self, dataset: str, name: str) -> Node:
        """The node of a declared field, or of a column. Raises Fault, which points into the field's own text."""
        known = self._nodes.get((dataset, name))
        if known is None:
            declared = self.model.datasets[dataset].fields.get(name)
            known = self._declared(dataset, declared) if declared else self.column(dataset, name)
            self._nodes[dataset, name] = known
        return known

    def column(self, dataset: str, name: str) -> Col:
        """A column by its name in the warehouse; its kind is unknown where no contract describes it."""
        column = columns_of(self.model.datasets[dataset]).get(name)
        kind = column_kind(column, self.model.calendar) if column else UNKNOWN
        return Col(dataset=dataset, column=name, kind=kind, physical=column.physical_name if column else None)

    def key(self, dataset: str, name: str) -> Node:
        """What a relationship compares: the column of that name, before any field that is called the same."""
        owner = self.model.datasets[dataset]
        is_column = name in columns_of(owner) or name not in owner.fields
        return self.column(dataset, name) if is_column else self.field(dataset, name)

    def _declared(self, dataset: str, field: Field) -> Node:
        key = (dataset, field.name)
        if key in self._reading:
            circle = [*self._reading[self._reading.index(key) :], key]
            path = " -> ".join(f"{d}.{f}" for d, f in circle)
            raise Fault(
                codes.CIRCULAR_FIELD,
                f"the field `{dataset}.{field.name}` is defined by itself: {path}",
                f"define one of {listed(f for _, f in circle)} by columns only",
                length=len(field.expr.value),
            )
        self._reading.append(key)
        try:
            tree = parsed(field.expr.value)
            windows: list[Win] = []
            scope = Scope(
                name=lambda name: self._own(dataset, field, name),
                aggregate=None,
                window=lambda tree: self._window(dataset, field, tree, windows),
                calendar=self.model.calendar,
            )
            node = typed(tree, scope)
            if len(self._reading) > DEEPEST or is_larger(node, LARGEST):
                raise Fault(
                    codes.TOO_LARGE,
                    f"the field `{dataset}.{field.name}` has more than {LARGEST} parts once all it uses is written out",
                    "build it from fewer fields",
                    length=len(field.expr.value),
                )
            return _as_declared(node, field)
        finally:
            self._reading.pop()

    def _window(self, dataset: str, field: Field, tree: Windowed, found: list[Win]) -> Node:
        """A function over other rows of the dataset; the first in a field has the field's own name as a column."""
        scope = Scope(name=lambda name: self._own(dataset, field, name), aggregate=None, calendar=self.model.calendar)
        called = f"{field.name}_{len(found) + 1}" if found else field.name
        if called in columns_of(self.model.datasets[dataset]):
            called = f"{called}_over_rows"
        node = window_of(dataset, called, tree, scope)
        found.append(node)
        return node

    def _own(self, dataset: str, field: Field, name: Name) -> Node:
        """A name inside a field: a column or another field of the same dataset. Its own name is the column's."""
        owner = self.model.datasets[dataset]
        own = name.parts[-1]
        if len(name.parts) > 2 or (len(name.parts) == 2 and name.parts[0] != dataset):
            raise wrong(
                name,
                f"`{name}` belongs to another dataset than the field `{dataset}.{field.name}`",
                f"use columns and fields of `{dataset}` only; put the rest into a metric",
                codes.UNKNOWN_NAME,
            )
        columns = columns_of(owner)
        if own == field.name or (own not in owner.fields and (own in columns or owner.table is None)):
            if own not in columns and owner.table is not None:
                raise wrong(
                    name,
                    f"`{own}` is not a column of `{dataset}`, so the field `{own}` is defined by itself",
                    f"use one of the columns {listed(columns)}",
                    codes.CIRCULAR_FIELD,
                )
            return self.column(dataset, own)
        if own in owner.fields:
            return self._other_field(dataset, own, name)
        close = nearest(own, self.fields_of(dataset))
        raise wrong(
            name,
            f"`{own}` is not a column or field of `{dataset}`",
            f"write `{close}`"
            if close
            else single_quotes(name)
            if name.is_quoted
            else f"use one of {listed(self.fields_of(dataset))}",
            codes.UNKNOWN_NAME,
        )

    def _other_field(self, dataset: str, own: str, name: Name) -> Node:
        try:
            return self.field(dataset, own)
        except Fault as fault:
            if fault.code == codes.CIRCULAR_FIELD:
                raise wrong(name, fault.what, fault.mend, fault.code) from None
            raise Elsewhere from None

    def unsynonymed(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """A field called by a synonym, by its own name: `area` is `customers.region`, `customers.area` too."""
        *steps, word = parts
        if steps:
            dataset = self.target(steps[-1])
            owners = [dataset] if dataset else []
        else:
            owners = list(self.model.datasets)
        if any(self.has(owner, word) for owner in owners):
            return parts
        found = [(owner, own) for called, owner, own in self._synonyms if called == word and owner in owners]
        if len(found) != 1:
            return parts
        return (*(steps or (found[0][0],)), found[0][1])

    # -- names seen from a fact

    def see(self, fact: str, parts: tuple[str, ...]) -> Seen:
        """What `dataset.field` or `role.field` means for a row of `fact`. Raises Lost, or Fault for a broken field."""
        *steps, field = parts
        every = self.graph.find(fact, tuple(steps))
        fitting = [path for path in every if self.has(self.graph.end(fact, path), field)]
        if len(fitting) != 1:
            raise self._lost(fact, tuple(steps), field, every, fitting)
        path = fitting[0]
        dataset = self.graph.end(fact, path)
        return Seen(node=self._from_afar(dataset, field, path), path=path, dataset=dataset, field=field)

    def _from_afar(self, dataset: str, field: str, path: Path) -> Node:
        """The field at the end of a path: NULL where the path leads to no row, whatever the field makes of NULLs."""
        node = moved(self.field(dataset, field), path)
        if not path or is_null_without_row(node):
            return node
        step = path[-1]
        at_end = (
            self.graph.relationships[step].target_columns
            if step >= 0
            else self.graph.relationships[~step].source_columns
        )
        key = moved(self.key(dataset, at_end[0]), path)
        is_there = call("not", call("is null", key, kind=BOOLEAN), kind=BOOLEAN)
        return call("case", is_there, node, Lit(value=None, kind=NULL), kind=node.kind)

    def _lost(
        self, fact: str, steps: tuple[str, ...], field: str, every: tuple[Path, ...], fitting: list[Path]
    ) -> Lost:
        name = ".".join((*steps, field))
        if fitting:
            options = tuple(f"{self._short(fact, path)}.{field}" for path in fitting)
            return Lost(
                "several",
                f"`{name}` can be reached from `{fact}` in {len(options)} ways",
                f"write {' or '.join(f'`{option}`' for option in options)}",
                options,
            )
        if every:
            dataset = self.graph.end(fact, every[0])
            return self._no_field(dataset, steps, field)
        strange = next((step for step in steps if step not in self.model.datasets and step not in self._roles), None)
        if strange is not None:
            known = (*self.model.datasets, *sorted(self._roles))
            close = nearest(strange, known)
            return Lost(
                "unknown",
                f"`{strange}` in `{name}` is neither a dataset nor a role",
                f"write `{'.'.join((*(close if s == strange else s for s in steps), field))}`"
                if close
                else f"use one of {listed(known)}",
            )
        target = self.target(steps[-1])
        if target is not None and not self.has(target, field):
            return self._no_field(target, steps, field)
        reachable = [name for name in self.graph.reachable(fact) if name != fact]
        return Lost(
            "unreachable",
            f"a row of `{fact}` leads to no single row of `{'.'.join(steps)}`, so `{name}` would repeat rows",
            f"use a field of {listed((fact, *reachable))}",
        )

    def target(self, step: str) -> str | None:
        """The dataset a single step names, if it names one alone."""
        if step in self.model.datasets:
            return step
        targets = {r.target for r in self.model.relationships if r.role == step}
        return targets.pop() if len(targets) == 1 else None

    def _no_field(self, dataset: str, steps: tuple[str, ...], field: str) -> Lost:
        close = nearest(field, self.fields_of(dataset))
        prefix = ".".join(steps)
        return Lost(
            "unknown",
            f"`{field}` is not a field of `{dataset}`",
            f"write `{prefix}.{close}`" if close else f"use one of {listed(self.fields_of(dataset))}",
        )

    def _short(self, fact: str, path: Path) -> str:
        """The path as it can be written so that it alone is meant: in full, from the fact's own name if need be."""
        words = self.graph.spell(fact, path).split(".")
        without_fact = tuple(words[1:])
        is_enough = bool(without_fact) and self.graph.find(fact, without_fact) == (path,)
        return ".".join(without_fact if is_enough else words)


class Elsewhere(Exception):  # as Lost
    """The fault lies in another definition, where it is reported."""


def columns_of(dataset: Dataset) -> Mapping[str, Column]:
    return dataset.table.columns if dataset.table else {}


def column_kind(column: Column, calendar: Calendar) -> Kind:
    if column.logical_type == "timestamp":
        return MOMENT if column.is_zoned else column_clock(column.timezone, calendar)
    return CASTS.get(column.logical_type, OTHER)


def parsed(text: str) -> Written:
    """Raises Fault."""
    try:
        return read_expression(text)
    except Unread as unread:
        raise Fault(codes.UNREAD, unread.what, unread.mend, at=unread.at, length=unread.length) from None


def _as_declared(node: Node, field: Field) -> Node:
    """The node with the type its field declares, which must be the type it has."""
    if field.type is None or field.type == node.kind.name:
        return node
    declared = CASTS.get(field.type, OTHER)
    if node.kind == UNKNOWN or node.kind.name == "null":
        return _with_kind(node, declared)
    if (node.kind, declared) == (INTEGER, NUMBER):
        return _with_kind(node, NUMBER)
    raise Fault(
        codes.WRONG_TYPE,
        f"the field `{field.name}` is declared {a(field.type)} and is {a(node.kind.name)}",
        f"write `type: {node.kind.name}`, or convert it with `cast( … as {field.type})`",
        length=len(field.expr.value),
    )


def _with_kind(node: Node, kind: Kind) -> Node:
    return replace(node, kind=kind)
