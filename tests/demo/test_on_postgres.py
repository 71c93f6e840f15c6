"""The demo company moved to a PostgreSQL: the same questions get the same answers, with receipts that prove."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from psycopg import sql

from loadline.app import App, check_project, import_warehouse, init_project, open_app
from loadline.values.receipt import Answer, AnswerStatus
from postgres_server import Server

TODAY = date(2026, 3, 31)
ENGINE_TYPES = {"UBIGINT": "numeric", "DOUBLE": "double precision", "VARCHAR": "text"}


@dataclass(frozen=True)
class Both:
    duckdb: App
    postgres: App


@pytest.fixture(scope="module")
def both(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    root = tmp_path_factory.mktemp("companies")
    init_project(root / "files", is_demo=True)
    shutil.copytree(root / "files", root / "server")
    manifest = root / "server" / "loadline.yaml"
    written = manifest.read_text("utf-8")
    served = re.sub(r"kind: duckdb\n  files:\n(    .*\n)+", "kind: postgres\n  url: env:QUAYWIND\n", written)
    assert served != written
    manifest.write_text(served, "utf-8")
    name = postgres_server.new_linguistic_database()
    with pytest.MonkeyPatch.context() as patch, open_app(root / "files") as here:
        patch.setenv("QUAYWIND", postgres_server.url(name))
        move(here, postgres_server.url(name))
        with open_app(root / "server") as there:
            yield Both(here, there)
    postgres_server.drop_database(name)


def move(app: App, url: str) -> None:
    """Every relation of the company, with its types, into the server."""
    warehouse = app.world.warehouse
    with psycopg.connect(url) as connection:
        for relation in warehouse.read_relations():
            schema, name = relation.split(".")
            columns = [
                sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(ENGINE_TYPES.get(kind, kind)))
                for column, kind in warehouse.read_schema(relation).items()
            ]
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
            target = sql.Identifier(schema, name)
            connection.execute(sql.SQL("CREATE TABLE {} ({})").format(target, sql.SQL(", ").join(columns)))
            fetched = warehouse.read_rows(f"SELECT * FROM {relation}", timeout_seconds=60, max_rows=10**9)
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(target)) as copied:
                for batch in fetched.batches:
                    for row in batch:
                        copied.write_row(row)


def test_the_project_is_sound(both: Both) -> None:
    assert check_project(both.postgres.project.root).diagnostics == ()


def test_every_verified_question_gets_the_same_answer(both: Both) -> None:
    asked = 0
    for question in both.duckdb.project.questions:
        here, there = (ask(app, question.text, question.audience) for app in (both.duckdb, both.postgres))
        assert there.receipt.status is here.receipt.status, (question.id, there.receipt.reasons)
        assert plain(there) == plain(here), question.id
        assert there.receipt.dialect == "postgres"
        asked += here.receipt.status is AnswerStatus.VERIFIED
    assert asked > 20


def ask(app: App, words: str, audience: str | None) -> Answer:
    return app.ask(words, principal=app.principal(None, audience=audience), today=TODAY)


def plain(answer: Answer) -> list[list[object]]:
    return [[alike(value) for value in row] for row in answer.rows or ()]


def alike(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return round(Decimal(str(value)), 8)


def test_a_receipt_says_what_a_server_can_promise_and_proves(both: Both) -> None:
    question = both.postgres.project.questions[0]
    receipt = ask(both.postgres, question.text, question.audience).receipt
    assert (receipt.data_version or "").startswith("none:")
    assert "data-held-still" in receipt.checks_not_run
    assert {check.check for check in receipt.checks} >= {"columns-as-promised", "rows-complete"}
    assert both.postgres.prove().size > 0
    assert "postgresql://" not in repr(receipt)


def test_every_promise_of_the_contracts_is_judged_alike(both: Both) -> None:
    judged = 0
    for here, there in zip(both.duckdb.check_data(), both.postgres.check_data(), strict=True):
        assert (here["table"], here["rows"], here["state"]) == (there["table"], there["rows"], there["state"])
        for promise, other in zip(here["promises"], there["promises"], strict=True):
            assert judgement(promise) == judgement(other)
            judged += 1
    assert judged > 100


def judgement(promise: dict[str, object]) -> dict[str, object]:
    """All that is not of the run itself, or names the engine's own types and SQL."""
    own = {"sql", "first_seen", *(("measured",) if promise["check"] == "columns-as-promised" else ())}
    said = {key: value for key, value in promise.items() if key not in own}
    if "measured" in said:  # files may prove by what they say of their rows, and then say so
        said["measured"] = str(said["measured"]).partition(", by what the files say")[0]
    return said


def test_a_new_table_is_drafted_from_the_server(both: Both, postgres_server: Server) -> None:
    root = both.postgres.project.root
    with psycopg.connect(os.environ["QUAYWIND"]) as connection:
        connection.execute(
            "CREATE TABLE sales.returns (return_id bigint PRIMARY KEY, order_id bigint NOT NULL, "
            "returned_at timestamptz NOT NULL, amount numeric(12,2) NOT NULL, why text)"
        )
        connection.execute(
            "INSERT INTO sales.returns SELECT row_number() OVER (ORDER BY order_id), order_id, ordered_at + interval "
            "'3 days', 12.50, CASE WHEN order_id % 3 = 0 THEN 'late' END FROM sales.orders ORDER BY order_id LIMIT 500"
        )
    made = import_warehouse((), folder=root).draft
    assert list(made.datasets) == ["returns"]
    assert [said.code for said in check_project(root).diagnostics] == ["PRJ211"]  # its rights are for a person to say
    columns = open_app(root).project.contracts["returns"].tables["returns"].columns
    assert {name: (column.logical_type, column.physical_type) for name, column in columns.items()} == {
        "return_id": ("integer", "bigint"),
        "order_id": ("integer", "bigint"),
        "returned_at": ("timestamp", "timestamp with time zone"),
        "amount": ("number", "numeric(12,2)"),
        "why": ("string", "text"),
    }
    assert columns["return_id"].key_position == 1
    assert columns["returned_at"].is_zoned
    assert not columns["why"].is_required
