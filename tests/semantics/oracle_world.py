"""A model as short as one would say it aloud in, the frozen nouns and DuckDB tables out.

world = World(
    Table("orders", {"id": "integer", "customer_id": "integer", "amount": "number"}, rows=[(1, 7, 20), ...]),
    joins=["orders.customer_id -> customers.id"],
    metrics={"revenue": "sum(orders.amount)"},
)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import zip_longest

import duckdb

from loadline.semantics import compile_sql, link, resolve
from loadline.values.contract import Column, ContractTable
from loadline.values.decision import RowFilter
from loadline.values.model import Calendar, Dataset, Field, Metric, Model, Relationship, Status, Text
from loadline.values.place import Place
from loadline.values.query import By, Filter, Grain, Op, Order, Query, Window
from semantics.oracle import Oracle, Row, RowFilters
from semantics.oracle_expr import Value
from semantics.oracle_rows import Key

HERE = Place(file="context/world.yaml")

ENGINE_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(12,2)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",  # naive: the company's own clock
    "zoned": "TIMESTAMPTZ",
}


@dataclass
class Table:
    """`columns` maps a name to a logical type, to `zoned`, or to `timestamp in ZONE`. `fields` maps a name to
    (expression, type). Rows are in the order of the columns."""

    name: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[Value]] = ()
    key: tuple[str, ...] = ()
    time: str | None = None
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    source: str | None = None

    @property
    def relation(self) -> str:
        return self.source or f"main.{self.name}"

    def dataset(self) -> Dataset:
        columns = {name: self._column(name, kind) for name, kind in self.columns.items()}
        fields = {
            name: Field(name=name, expr=text(expr), type=kind, place=HERE) for name, (expr, kind) in self.fields.items()
        }
        return Dataset(
            name=self.name,
            source=self.relation,
            contract=self.name,
            table=ContractTable(name=self.name, columns=columns, place=HERE),
            key=self.key,
            time=self.time,
            fields=fields,
            place=HERE,
        )

    def _column(self, name: str, kind: str) -> Column:
        logical, _, zone = kind.partition(" in ")
        return Column(
            name=name,
            logical_type="timestamp" if kind == "zoned" else logical,
            key_position=self.key.index(name) + 1 if name in self.key else None,
            is_zoned=kind == "zoned",
            timezone=zone or None,
            place=HERE,
        )

    def records(self) -> list[Row]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def text(value: str) -> Text:
    return Text(value=value, place=HERE)


def join(written: str) -> Relationship:
    """`orders.customer_id -> customers.id`, `lines.(a, b) -> orders.(a, b)`, `… as role`."""
    left, _, right = written.partition(" -> ")
    right, _, role = right.partition(" as ")
    (source, source_columns), (target, target_columns) = _side(left), _side(right)
    return Relationship(
        source=source,
        source_columns=source_columns,
        target=target,
        target_columns=target_columns,
        role=role or None,
        place=HERE,
    )


def _side(written: str) -> tuple[str, tuple[str, ...]]:
    dataset, _, columns = written.partition(".")
    return dataset, tuple(c.strip() for c in columns.strip("()").split(","))


@dataclass(frozen=True)
class Measure:
    """A metric, where its expression alone does not say it."""

    expr: str
    where: str | None = None
    time: str | None = None

    def metric(self, name: str) -> Metric:
        return Metric(
            name=name,
            expr=text(self.expr),
            where=text(self.where) if self.where else None,
            time=text(self.time) if self.time else None,
            status=Status.APPROVED,
            place=HERE,
        )


class World:
    """A model and its rows. `answer` compiles and runs, `expected` asks the oracle."""

    def __init__(
        self,
        *tables: Table,
        joins: Sequence[str] = (),
        metrics: Mapping[str, str | Measure],
        calendar: Calendar | None = None,
    ) -> None:
        self.tables = tables
        measures = {n: Measure(m) if isinstance(m, str) else m for n, m in metrics.items()}
        self.model = Model(
            datasets={table.name: table.dataset() for table in tables},
            relationships=tuple(join(written) for written in joins),
            metrics={name: measure.metric(name) for name, measure in measures.items()},
            calendar=calendar or Calendar(),
        )

    def measuring(self, measures: Mapping[str, Measure]) -> World:
        """The same world with these metrics in place of its own."""
        found = copy(self)
        found.model = replace(self.model, metrics={name: measure.metric(name) for name, measure in measures.items()})
        return found

    def joined(self, relationships: Sequence[Relationship]) -> World:
        """The same world with these relationships in place of its own."""
        found = copy(self)
        found.model = replace(self.model, relationships=tuple(relationships))
        return found

    def expected(self, query: Query, row_filters: RowFilters = ()) -> list[Key]:
        return Oracle(self.model, {t.name: t.records() for t in self.tables}, row_filters).answer(query)

    def answer(self, query: Query, row_filters: RowFilters = ()) -> list[Key]:
        with self.opened() as run:
            return run(query, row_filters)

    def plain_sql(self, sql: str) -> list[Key]:
        """What somebody in a hurry would have sent to the same tables."""
        with self.connected() as connection:
            return connection.execute(sql).fetchall()

    @contextmanager
    def opened(self, session_zone: str = "UTC") -> Iterator[Callable[[Query, RowFilters], list[Key]]]:
        """The tables stay, the model stays linked: for asking more than once."""
        linked = link(self.model)

        with self.connected(session_zone) as connection:

            def run(query: Query, row_filters: RowFilters = ()) -> list[Key]:
                plan = resolve(linked, query)
                statement = compile_sql(linked, plan, row_filters=row_filters)
                asked = [*(f"dimension {by.name}" for by in query.by), *(f"metric {m}" for m in query.metrics)]
                given = [f"{column.kind} {column.name}" for column in statement.columns]
                assert [a.split()[0] for a in asked] == [g.split()[0] for g in given], (asked, given)
                return fetch(connection, statement.sql)

            yield run

    @contextmanager
    def connected(
        self, session_zone: str = "UTC", *, disabled_optimizers: str = "common_subplan"
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        connection = duckdb.connect(config={"threads": 1, "disabled_optimizers": disabled_optimizers})
        try:  # optimizers as in our own warehouse: see traps/test_shared_joins.py
            connection.execute(f"SET TimeZone = '{session_zone}'")
            for table in self.tables:
                load(connection, table)
            yield connection
        finally:
            connection.close()


def load(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    schema, _, relation = table.relation.rpartition(".")
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema or 'main')}")
    columns = ", ".join(f"{quoted(n)} {ENGINE_TYPES[k.partition(' in ')[0]]}" for n, k in table.columns.items())
    target = f"{quoted(schema or 'main')}.{quoted(relation)}"
    connection.execute(f"CREATE TABLE {target} ({columns})")
    if table.rows:
        marks = ", ".join("?" for _ in table.columns)
        kinds = list(table.columns.values())
        connection.executemany(
            f"INSERT INTO {target} VALUES ({marks})",
            [[_bound(v, k) for v, k in zip(row, kinds, strict=True)] for row in table.rows],
        )


def _bound(value: Value, kind: str) -> Value:
    """An instant goes in as text with its offset: the client's own conversion asks for a package we do not need."""
    return value.isoformat() if kind == "zoned" and isinstance(value, datetime) else value


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def fetch(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Key]:
    """Rows as Python values. Instants come back as UTC: DuckDB's client cannot hand them over without `pytz`."""
    described = connection.execute(f"DESCRIBE {sql}").fetchall()
    zoned = [at for at, (_, kind, *_) in enumerate(described) if kind == "TIMESTAMP WITH TIME ZONE"]
    if not zoned:
        return connection.execute(sql).fetchall()
    names = [f"c{at}" for at in range(len(described))]
    chosen = ", ".join(f"timezone('UTC', {n})" if at in zoned else n for at, n in enumerate(names))
    rows = connection.execute(f"SELECT {chosen} FROM ({sql}) AS answer({', '.join(names)})").fetchall()
    return [
        tuple(v.replace(tzinfo=UTC) if at in zoned and isinstance(v, datetime) else v for at, v in enumerate(row))
        for row in rows
    ]


# ── questions as one would say them ─────────────────────────────────────────────────────────────────────────────────


def ask(
    *metrics: str,
    by: Sequence[str] = (),
    where: Sequence[tuple[object, ...]] = (),
    during: tuple[str | None, str | None] | None = None,
    order: Sequence[str] = (),
    limit: int | None = None,
) -> Query:
    """`by=["customers.region", "time:month"]`, `where=[("customers.region", "in", "north", "south")]`."""
    return Query(
        metrics=metrics,
        by=tuple(_by(written) for written in by),
        where=tuple(_filter(*written) for written in where),
        during=_window(during),
        order=tuple(Order(name=o.removeprefix("-"), is_descending=o.startswith("-")) for o in order),
        limit=limit,
    )


def _by(written: str) -> By:
    name, _, grain = written.partition(":")
    return By(name=name, grain=Grain(grain) if grain else None)


def _filter(name: object, op: object, *values: object) -> Filter:
    return Filter(name=str(name), op=Op(str(op)), values=values)  # type: ignore[arg-type]  # tests pass scalars


def _window(during: tuple[str | None, str | None] | None) -> Window | None:
    if during is None:
        return None
    start, end = (date.fromisoformat(day) if day else None for day in during)
    return Window(start=start, end=end, text=f"{during[0]} to {during[1]}")


def only_rows(*groups: Sequence[str]) -> RowFilters:
    """Row filters: every argument is a group of which one must be true."""
    return tuple(tuple(RowFilter(expr=text(expr), rule="a-rule") for expr in group) for group in groups)


# ── the same answer? ────────────────────────────────────────────────────────────────────────────────────────────────


def difference(got: Sequence[Key], expected: Sequence[Key]) -> str | None:
    """None when the rows are the same, in the same order; numbers agree to nine digits."""
    for at, (left, right) in enumerate(zip_longest(got, expected)):
        if left is None or right is None or not same_row(left, right):
            return f"row {at}: got {left!r}, expected {right!r}\n got:      {list(got)}\n expected: {list(expected)}"
    return None


def same_row(left: Key, right: Key) -> bool:
    return len(left) == len(right) and all(same_value(a, b) for a, b in zip(left, right, strict=True))


def same_value(left: Value, right: Value) -> bool:
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float, Decimal)) and isinstance(right, (int, float, Decimal)):
        a, b = Decimal(left), Decimal(right)
        return abs(a - b) <= Decimal("1e-9") * max(abs(a), abs(b), Decimal(1))
    return type(left) is type(right) and left == right
