"""What guards an answer: each check seen holding, finding, and unable to look."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pytest

from loadline.checks import looks, needs, not_run
from loadline.checks.kinds import kind_of
from loadline.flow.rows import HeldRows
from loadline.values.contract import Column, ContractTable
from loadline.values.finding import (
    CheckRun,
    CouldNotLook,
    Evidence,
    Gravity,
    Looked,
    Missing,
    Need,
    Row,
    Schema,
    SchemaNeed,
    SqlNeed,
)
from loadline.values.model import Dataset, Model
from loadline.values.outcome import Outcome
from loadline.values.place import Place
from loadline.values.plan import JoinUse, Plan, SourceUse, Statement
from loadline.values.query import Query

HERE = Place(file="context/model.yaml")
STATEMENT = Statement(sql="SELECT 1", dialect="duckdb", columns=())
LIVE = {"order_id": "BIGINT", "amount": "DECIMAL(12,2)", "customer_id": "INTEGER"}


def model(**promised: str) -> Model:
    columns = {name: Column(name=name, logical_type=kind, place=HERE) for name, kind in promised.items()}
    table = ContractTable(name="orders", columns=columns, place=HERE)
    orders = Dataset(name="orders", source="sales.orders", table=table, place=HERE)
    customers = Dataset(name="customers", source="sales.customers", place=HERE)
    return Model(datasets={"orders": orders, "customers": customers})


MODEL = model(amount="number")


def plan(*keys: str) -> Plan:
    join = JoinUse(
        source="orders",
        source_columns=keys,
        target="customers",
        target_columns=keys,
        target_relation="sales.customers",
        role=None,
    )
    source = SourceUse(
        dataset="orders",
        relation="sales.orders",
        columns=("amount", "customer_id"),
        contract="orders",
        contract_version="1.0.0",
    )
    return Plan(
        query=Query(metrics=("revenue",)),
        metrics=(),
        sources=(source,),
        joins=(join,) if keys else (),
        columns=(),
        touches=frozenset(),
        classifications=frozenset(),
        dates=None,
        filters=(),
        assumptions=(),
        digest="sha256:0",
    )


def outcome(*, version: str = "sha256:a", is_truncated: bool = False) -> Outcome:
    rows = HeldRows([[(1,)]])
    return Outcome(
        columns=(), rows=rows, rows_digest=rows.digest, data_version=version, is_truncated=is_truncated, seconds=0.0
    )


def look(
    wanted: Plan,
    evidence: Mapping[Need, Evidence],
    seen: Outcome | None = None,
    after: str = "sha256:a",
    **promised: str,
) -> dict[str, CheckRun]:
    runs = looks(
        wanted,
        STATEMENT,
        seen or outcome(),
        model=model(**(promised or {"amount": "number", "customer_id": "integer"})),
        evidence=evidence,
        version_after=after,
    )
    return {run.check: run for run in runs}


def findings(run: CheckRun) -> list[str]:
    assert isinstance(run, Looked)
    return [finding.what for finding in run.findings]


@pytest.mark.parametrize(
    ("keys", "rows", "repeated", "surplus"),
    [
        (("id",), [(1, 1), (2, 1), (3, 1)], 0, 0),
        (("id",), [(1, 1), (1, 1), (1, 2), (2, 1), (2, 2)], 2, 3),
        (("id",), [(None, 1), (None, 1), (1, 1)], 0, 0),
        (("id", "shop"), [(1, 1), (1, 2), (2, 1)], 0, 0),
        (("id", "shop"), [(1, 1), (1, 1), (None, 1), (None, 1)], 1, 1),
        (("id",), [], 0, 0),
    ],
)
def test_the_uniqueness_query_counts_what_really_repeats(
    keys: tuple[str, ...], rows: list[tuple[int | None, int]], repeated: int, surplus: int
) -> None:
    warehouse = duckdb.connect()
    warehouse.execute("create schema sales; create table sales.customers (id integer, shop integer)")
    if rows:
        warehouse.executemany("insert into sales.customers values (?, ?)", rows)
    (need,) = [n for n in needs(plan(*keys), STATEMENT, model=MODEL) if isinstance(n, SqlNeed)]
    assert warehouse.execute(need.sql).fetchall() == [(repeated, surplus)]
    found = look(plan(*keys), {need: Row(values=(repeated, surplus))})["key-is-unique"]
    assert isinstance(found, Looked)
    assert bool(found.findings) is (repeated > 0)
    assert all(f.gravity is Gravity.BLOCKING and f.count == surplus for f in found.findings)


def test_a_check_without_evidence_could_not_look() -> None:
    """INVARIANT I5."""
    timed_out: dict[Need, Evidence] = {
        need: Missing(why="it timed out") for need in needs(plan("id"), STATEMENT, model=MODEL)
    }
    for evidence in ({}, timed_out):
        runs = look(plan("id"), evidence)
        assert isinstance(runs["key-is-unique"], CouldNotLook)
        assert isinstance(runs["columns-as-promised"], CouldNotLook)


def test_evidence_of_the_wrong_shape_is_no_evidence() -> None:
    """INVARIANT I5."""
    strange: dict[Need, Evidence] = {need: Row(values=("many",)) for need in needs(plan("id"), STATEMENT, model=MODEL)}
    assert all(isinstance(run, CouldNotLook) for name, run in look(plan("id"), strange).items() if "-is-" in name)


def test_a_column_that_is_gone_or_of_another_kind_is_found() -> None:
    need = SchemaNeed(relation="sales.orders")
    assert findings(look(plan(), {need: Schema(columns=LIVE)})["columns-as-promised"]) == []
    (gone,) = findings(look(plan(), {need: Schema(columns={"amount": "DOUBLE"})})["columns-as-promised"])
    assert "no column `customer_id`" in gone
    (other,) = findings(look(plan(), {need: Schema(columns={**LIVE, "amount": "VARCHAR"})})["columns-as-promised"])
    assert "holds `VARCHAR`" in other


def test_an_integer_keeps_a_promise_of_a_number_and_not_the_reverse() -> None:
    need = SchemaNeed(relation="sales.orders")
    live = Schema(columns={"amount": "BIGINT", "customer_id": "DOUBLE"})
    (found,) = findings(look(plan(), {need: live})["columns-as-promised"])
    assert "customer_id" in found


def test_data_that_changed_while_read_is_found() -> None:
    assert findings(look(plan(), {}, after="sha256:a")["data-held-still"]) == []
    assert findings(look(plan(), {}, after="sha256:b")["data-held-still"])


def test_where_versions_cannot_be_told_the_check_is_not_run_rather_than_passed() -> None:
    unversioned = outcome(version="none:1")
    assert "data-held-still" not in look(plan(), {}, unversioned, "none:2")
    assert "data-held-still" in not_run(unversioned)
    assert "data-held-still" not in not_run(outcome())


def test_a_truncated_result_is_said_but_not_withheld() -> None:
    run = look(plan(), {}, outcome(is_truncated=True))["rows-complete"]
    assert isinstance(run, Looked)
    assert [finding.gravity for finding in run.findings] == [Gravity.NOTABLE]


@pytest.mark.parametrize(
    ("engine", "kind"),
    [
        ("DECIMAL(12,2)", "number"),
        ("BIGINT", "integer"),
        ("TIMESTAMP WITH TIME ZONE", "timestamp"),
        ("timestamp without time zone", "timestamp"),
        ("DATE", "date"),
        ("character varying(20)", "string"),
        ("ENUM('a', 'b')", "string"),
        ("INTEGER[]", None),
        ("STRUCT(a INTEGER)", None),
    ],
)
def test_engine_types_have_kinds(engine: str, kind: str | None) -> None:
    assert kind_of(engine) == kind
