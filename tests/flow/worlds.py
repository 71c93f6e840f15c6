"""Small worlds for the river: a real model and policy, an in-memory ledger, and a warehouse that can be told to fail.

Everything that happens outside is written into one list of events, in order, so that tests can say what came first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from loadline.errors import OutsideError
from loadline.flow.fetch import MOST_ROWS, Fetcher
from loadline.flow.ports import Fetched
from loadline.flow.world import World
from loadline.ledger import Draft, Entry, Kind
from loadline.project import Project, StoreSettings, WarehouseSettings
from loadline.semantics import link
from loadline.testing.stores import MemoryStore
from loadline.values.contract import Column, ContractTable
from loadline.values.diagnostic import Diagnostic
from loadline.values.model import Dataset, Metric, Model, Relationship, Status, Term, Text
from loadline.values.outcome import Batch
from loadline.values.place import Place
from loadline.values.query import Query
from loadline.values.question import VerifiedQuestion
from loadline.values.request import Ask, Words
from loadline.values.rule import Effect, Principal, Rule

HERE = Place(file="context/model.yaml")
TODAY = date(2026, 11, 23)
DOWN = OutsideError(
    Diagnostic(code="WAR999", what="the warehouse is down", why="it was told to be", mend="wait"), retryable=True
)
FULL = OutsideError(Diagnostic(code="STO999", what="the disk is full", why="it was told to be", mend="make room"))


@dataclass
class Outside:
    """What the outside will do, and what it was asked to do."""

    fails_at_run: bool = False
    fails_at_evidence: bool = False
    fails_at_version: bool = False
    is_interrupted: bool = False
    repeated_keys: int = 0
    changes_while_read: bool = False
    lacks_column: bool = False
    fails_at_append: int | None = None  # the number of the append that fails, from 0
    events: list[tuple[str, str]] = field(default_factory=list)

    def ran(self) -> list[str]:
        return [what for event, what in self.events if event == "run"]


class ToldWarehouse:
    """A warehouse whose every answer is one number."""

    dialect = "duckdb"

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._versions = 0

    def read_rows(self, sql: str, *, timeout_seconds: float, max_rows: int) -> Fetched:
        is_evidence = "repeated" in sql or max_rows == MOST_ROWS
        self._outside.events.append(("evidence" if is_evidence else "run", sql))
        if self._outside.fails_at_evidence if is_evidence else self._outside.fails_at_run:
            raise DOWN
        if self._outside.is_interrupted and not is_evidence:
            raise KeyboardInterrupt
        rows: Batch = [(self._outside.repeated_keys, self._outside.repeated_keys)] if is_evidence else [(Decimal(7),)]
        return Fetched(columns=(("value", "DECIMAL"),), batches=iter([rows]), is_truncated=lambda: False)

    def read_schema(self, relation: str) -> Mapping[str, str]:
        if self._outside.fails_at_evidence:
            raise DOWN
        live = dict.fromkeys(("order_id", "customer_id", "amount", "salary", "region", "ticket_id"), "INTEGER")
        live |= {"region": "VARCHAR", "amount": "DECIMAL(12,2)"}
        if self._outside.lacks_column:
            live.pop("amount")
        return live

    def read_relations(self) -> tuple[str, ...]:
        return ("sales.orders", "sales.customers", "support.tickets")

    def read_version(self, relations: Sequence[str]) -> str:
        if self._outside.fails_at_version:
            raise DOWN
        self._versions += 1
        return f"sha256:{self._versions if self._outside.changes_while_read else 0}"

    def read_files(self, relation: str, columns: Sequence[str]) -> None:
        return None

    def cancel(self) -> None:
        self._outside.events.append(("cancel", ""))

    def close(self) -> None:
        self._outside.events.append(("close", "warehouse"))


class ToldStore(MemoryStore):
    """The in-memory ledger, which can be told to fail at the n-th append."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self._outside = outside
        self._appends = 0

    def append(self, drafts: Sequence[Draft]) -> tuple[Entry, ...]:
        number, self._appends = self._appends, self._appends + 1
        if number == self._outside.fails_at_append:
            raise FULL
        entries = super().append(drafts)
        for draft in drafts:
            self._outside.events.append((str(draft.kind), str(draft.payload.get("sql", ""))))
        return entries

    def entries_of(self, kind: Kind) -> list[Entry]:
        return [entry for entry in self.read_entries() if entry.kind is kind]


def clock() -> Iterator[datetime]:
    at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    while True:
        yield at
        at += timedelta(milliseconds=5)


def text(value: str) -> Text:
    return Text(value=value, place=HERE)


def dataset(name: str, source: str, key: str, **columns: str) -> Dataset:
    table = ContractTable(
        name=name,
        columns={
            column: Column(
                name=column,
                logical_type=kind,
                classification="personal" if column == "salary" else None,
                place=HERE,
            )
            for column, kind in columns.items()
        },
        place=HERE,
    )
    return Dataset(name=name, source=source, contract=name, table=table, key=(key,), place=HERE)


def metric(name: str, expr: str, status: Status = Status.APPROVED) -> Metric:
    return Metric(name=name, expr=text(expr), owner="sales-ops", status=status, place=HERE)


MODEL = Model(
    datasets={
        "orders": dataset(
            "orders", "sales.orders", "order_id", order_id="integer", customer_id="integer", amount="number"
        ),
        "customers": dataset(
            "customers", "sales.customers", "customer_id", customer_id="integer", region="string", salary="integer"
        ),
        "tickets": dataset("tickets", "support.tickets", "ticket_id", ticket_id="integer"),
    },
    relationships=(
        Relationship(
            source="orders",
            source_columns=("customer_id",),
            target="customers",
            target_columns=("customer_id",),
            place=HERE,
        ),
    ),
    metrics={
        "revenue": metric("revenue", "sum(orders.amount)"),
        "order_count": metric("order_count", "count(orders)"),
        "average_order": metric("average_order", "revenue / order_count"),
        "secrets": metric("secrets", "max(customers.salary)"),
        "ticket_count": metric("ticket_count", "count(tickets)"),
        "guess": metric("guess", "avg(orders.amount)", Status.DRAFT),
    },
    terms={"turnover": Term(name="turnover", meanings={"sales": "revenue", "finance": "guess"}, place=HERE)},
)

QUESTIONS = (
    VerifiedQuestion(id="q", text="What is our revenue?", metrics=("revenue",), place=HERE),
    VerifiedQuestion(id="s", text="How are we doing?", metrics=("revenue",), audience="sales", place=HERE),
    VerifiedQuestion(id="f", text="How are we doing?", metrics=("guess",), audience="finance", place=HERE),
    VerifiedQuestion(id="t", text="What is our turnover?", metrics=("turnover",), place=HERE),
    VerifiedQuestion(id="w", text="What was revenue when?", metrics=("revenue",), during="blue moon", place=HERE),
)

PERMIT_ALL = Rule(name="all", effect=Effect.PERMIT, action="ask", place=HERE)
ANA = Principal(name="ana", roles=("analyst",), audience="sales")


def project(rules: Sequence[Rule], model: Model = MODEL) -> Project:
    return Project(
        name="test",
        root=Path(),
        warehouse=WarehouseSettings(kind="duckdb", files={}, place=HERE),
        store=StoreSettings(),
        owners={},
        people={},
        audiences={"sales": "", "finance": ""},
        model=model,
        contracts={},
        rules=tuple(rules),
        questions=QUESTIONS,
        digest="sha256:project",
    )


LINKED = link(MODEL)


def world(outside: Outside, rules: Sequence[Rule] = (PERMIT_ALL,)) -> tuple[World, ToldStore]:
    warehouse, store, ticks, runs = ToldWarehouse(outside), ToldStore(outside), clock(), iter(range(1_000_000))
    return (
        World(
            project=project(rules),
            linked=LINKED,
            warehouse=warehouse,
            store=store,
            fetcher=Fetcher(warehouse, timeout_seconds=1.0),
            clock=lambda: next(ticks),
            new_id=lambda: f"run-{next(runs)}",
        ),
        store,
    )


def ask(asked: Query | str, principal: Principal = ANA) -> Ask:
    return Ask(principal=principal, asked=Words(text=asked) if isinstance(asked, str) else asked, today=TODAY)
