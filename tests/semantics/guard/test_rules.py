"""Each rule of the guard, by the case it exists for."""

from __future__ import annotations

import pytest

from loadline.adapters.parsers.libpg import read_postgres
from loadline.app.guarding import guard_sql
from loadline.semantics.guard import DIALECTS, judge_sql
from loadline.semantics.guard.codes import CODES
from loadline.values.guarded import (
    CatalogFacts,
    Guarded,
    GuardVerdict,
    KnownRelation,
    Relation,
    RelationKind,
    SecondAbsent,
    SecondTree,
    Verb,
)

RULES = [
    ("GRD001", "postgres", "SELECT 'never closed"),
    ("GRD002", "postgres", "SELECT 1; DROP TABLE orders"),
    ("GRD003", "sqlite", "frobnicate orders"),
    ("GRD004", "bigquery", "SELECT 1 FROM a.b FOR SYSTEM_TIME AS OF x HANDLER"),
    ("GRD005", "postgres", "SELECT refund_everything(1)"),
    ("GRD006", "postgres", "SELECT * FROM pg_authid"),
    ("GRD007", "duckdb", "SELECT * FROM read_csv('/etc/passwd')"),
    ("GRD008", "postgres", "SELECT pg_sleep(1)"),
    ("GRD009", "postgres", "DO $$ BEGIN END $$"),
    ("GRD010", "postgres", "GRANT ALL ON orders TO public"),
    ("GRD013", "oracle", "SELECT 1 FROM dual"),
    ("GRD016", "postgres", "SELECT * FROM orders FOR UPDATE"),
    ("GRD017", "postgres", "VACUUM"),
]
ELSEWHERE = {"GRD011", "GRD012", "GRD014", "GRD015", "GRD018", "GRD019"}  # below, and in surfaces/test_guard.py


@pytest.mark.parametrize(("code", "dialect", "sql"), [rule for rule in RULES if rule[0] != "GRD004"])
def test_a_rule_denies_what_it_exists_for(code: str, dialect: str, sql: str) -> None:
    said = guard_sql(sql, dialect)

    assert (said.verdict, said.code) == (GuardVerdict.DENY, code)


def test_a_part_that_is_on_no_list_denies() -> None:
    said = guard_sql("SELECT 1 FROM orders FORMAT x SETTINGS y = 1", "duckdb")

    assert said.verdict is GuardVerdict.DENY
    assert guard_sql("DROP TABLE orders PURGE", "mysql").verdict is GuardVerdict.DENY
    assert guard_sql("UPDATE orders SET amount = 1 WHERE CURRENT OF c", "postgres").code == "GRD001"


def test_every_rule_has_its_case() -> None:
    assert {code for code, _, _ in RULES} | ELSEWHERE == set(CODES)


# two parsers


def test_where_the_two_parsers_see_different_statements_nothing_is_allowed() -> None:
    """As if SQLGlot misread a text: the second tree is of another one."""
    for mine, theirs in (
        ("SELECT * FROM orders", "SELECT * FROM customers"),
        ("SELECT * FROM orders", "DELETE FROM orders"),
        ("SELECT 1", "WITH x AS (DELETE FROM orders RETURNING *) SELECT 1 FROM x"),
        ("SELECT lower('a')", "SELECT 1"),
        ("EXPLAIN SELECT 1", "SELECT 1"),
        ("SHOW search_path", "SET search_path TO x"),
    ):
        said = judge_sql(mine, "postgres", second=read_postgres(theirs))
        assert said.verdict is GuardVerdict.DENY, mine
        assert said.code in ("GRD011", "GRD004"), (mine, said.code)


def test_without_postgresqls_own_grammar_everything_of_that_dialect_is_denied() -> None:
    said = judge_sql("SELECT 1", "postgres", second=SecondAbsent())

    assert (said.verdict, said.code) == (GuardVerdict.DENY, "GRD012")
    assert "pip install" in str(said.mend)
    assert judge_sql("SELECT 1", "duckdb").verdict is GuardVerdict.READ


def test_a_second_tree_of_no_or_of_two_statements_denies() -> None:
    assert judge_sql("SELECT 1", "postgres", second=SecondTree(statements=())).code == "GRD002"
    assert judge_sql("SELECT 1", "postgres", second=read_postgres("SELECT 1; SELECT 2")).code == "GRD002"


def test_an_error_in_the_guard_denies() -> None:
    said = judge_sql("SELECT 1", "postgres", second=SecondTree(statements=({"no": "statement"},)))

    assert said.verdict is GuardVerdict.DENY
    assert "guard itself failed" in said.why


# the catalog


def known(name: str, **about: object) -> KnownRelation:
    return KnownRelation(relation=Relation(parts=("public", name)), **about)  # type: ignore[arg-type]


def view(name: str, definition: str) -> KnownRelation:
    return known(name, kind=RelationKind.VIEW, definition=definition, definition_reading=read_postgres(definition))


FACTS = CatalogFacts(
    relations=(
        known("orders", columns=("id", "amount")),
        view("big", "SELECT id FROM public.orders WHERE amount > 5"),
        view("bigger", "SELECT id FROM big"),
        view("all_passwords", "SELECT * FROM pg_shadow"),
        view("deep", "SELECT * FROM all_passwords"),
        view("calling", "SELECT wipe(id) FROM orders"),
        view("circle", "SELECT * FROM circle"),
        known("opaque", kind=RelationKind.VIEW),
        known("far", kind=RelationKind.FOREIGN),
        known("trapped", is_rewritten=True),
    ),
    functions=frozenset({"risk_score", "fraud.Score"}),
    types=frozenset({"order_state"}),
    search_path=("public",),
    is_complete=True,
)


def with_facts(sql: str) -> Guarded:
    return guard_sql(sql, "postgres", facts=FACTS)


def test_a_view_is_what_it_reads_as_far_down_as_it_goes() -> None:
    said = with_facts("SELECT * FROM bigger")

    assert said.verdict is GuardVerdict.READ
    assert {one.name for one in said.reads} == {"bigger", "big", "public.orders"}
    for name in ("all_passwords", "deep", "calling", "circle", "opaque", "far"):
        assert with_facts(f"SELECT * FROM {name}").code == "GRD015", name


def test_what_is_written_by_a_view_a_rule_or_on_another_server_is_denied() -> None:
    assert with_facts("DELETE FROM orders").verdict is GuardVerdict.WRITE
    for name in ("big", "trapped", "far"):
        assert with_facts(f"DELETE FROM {name}").code == "GRD015", name


def test_a_name_the_catalog_does_not_have_is_denied() -> None:
    assert with_facts("SELECT * FROM ordrs").code == "GRD014"
    assert with_facts("SELECT o.wipe FROM orders AS o").code == "GRD014"  # PostgreSQL would call wipe(o)
    assert with_facts("SELECT o.amount, o.ctid, orders.id FROM orders AS o, public.orders").verdict is GuardVerdict.READ


def test_functions_and_types_of_ones_own_count_once_they_are_declared() -> None:
    assert with_facts("SELECT risk_score(id), 'open'::order_state FROM orders").verdict is GuardVerdict.READ
    assert with_facts("SELECT fraud.score(id) FROM orders").verdict is GuardVerdict.READ
    assert with_facts("SELECT score(id) FROM orders").code == "GRD005"
    assert with_facts("SELECT evil.risk_score(id) FROM orders").code == "GRD005"
    assert guard_sql("SELECT 'open'::order_state", "postgres").code == "GRD005"


# what a write is


def test_a_write_says_its_shape_in_the_words_it_was_written_in() -> None:
    said = guard_sql(
        "UPDATE shop.orders AS o SET amount = 0, status = 'x' /* why */ FROM customers c"
        " WHERE c.id = o.customer_id AND c.country IS DISTINCT FROM 'DE' RETURNING o.id",
        "postgres",
    )
    assert said.shape is not None
    shape = said.shape
    assert (shape.verb, shape.target.name, shape.alias) == (Verb.UPDATE, "shop.orders", "o")
    assert (shape.target_text, shape.source_text) == ("shop.orders AS o", "customers c")
    assert shape.predicate_text == "c.id = o.customer_id AND c.country IS DISTINCT FROM 'DE'"
    assert (shape.columns, shape.has_returning, shape.is_bounded_by_predicate) == (("amount", "status"), True, True)


@pytest.mark.parametrize(
    ("dialect", "sql", "target", "predicate", "is_bounded"),
    [
        ("postgres", "DELETE FROM orders", "orders", None, True),
        ("postgres", "DELETE FROM orders WHERE id IN (SELECT 1 WHERE y)", "orders", "id IN (SELECT 1 WHERE y)", True),
        ("mysql", "DELETE FROM orders WHERE id > 1 ORDER BY id LIMIT 3", "orders", "id > 1", False),
        ("postgres", "WITH n AS (TABLE m) DELETE FROM orders WHERE id = 1", "orders", "id = 1", False),
        ("sqlite", "INSERT INTO orders (id) VALUES (1)", "orders", None, False),
        ("duckdb", "UPDATE orders SET amount = 1", "orders", None, True),
        ("postgres", "MERGE INTO orders o USING x ON o.id = x.id WHEN MATCHED THEN DELETE", "orders", None, False),
    ],
)  # fmt: skip
def test_a_shape_knows_whether_its_predicate_finds_the_rows(
    dialect: str, sql: str, target: str, predicate: str | None, is_bounded: bool
) -> None:
    shape = guard_sql(sql, dialect).shape

    assert shape is not None
    assert (shape.target.name, shape.predicate_text, shape.is_bounded_by_predicate) == (target, predicate, is_bounded)


def test_an_insert_says_its_rows_and_whether_it_may_change_others() -> None:
    plain = guard_sql("INSERT INTO orders (id, amount) SELECT id, 1 FROM x", "postgres").shape
    upsert = guard_sql("INSERT INTO orders VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 2", "postgres").shape
    replaced = guard_sql("REPLACE INTO orders VALUES (1)", "sqlite").shape

    assert plain is not None
    assert (plain.target_text, plain.columns, plain.source_text, plain.is_upsert) == (
        "orders", ("id", "amount"), "SELECT id, 1 FROM x", False,
    )  # fmt: skip
    assert upsert is not None
    assert (upsert.source_text, upsert.is_upsert) == ("VALUES (1)", True)
    assert replaced is not None
    assert replaced.is_upsert


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgres", "WITH a AS (DELETE FROM x RETURNING id) DELETE FROM y WHERE id IN (SELECT id FROM a)"),
        ("mysql", "DELETE o FROM orders o JOIN c ON o.id = c.id"),
        ("mysql", "UPDATE a JOIN b ON a.id = b.id SET a.x = 1"),
        ("sqlite", "UPDATE OR REPLACE orders SET id = 1"),
    ],
)
def test_a_write_of_several_tables_is_a_write_without_a_shape(dialect: str, sql: str) -> None:
    said = guard_sql(sql, dialect)

    assert said.verdict is GuardVerdict.WRITE
    assert said.shape is None


def test_a_verdict_says_what_is_touched() -> None:
    said = guard_sql(
        "WITH recent AS (SELECT * FROM shop.orders) SELECT c.name, lower(r.status) FROM recent r, customers c",
        "postgres",
    )
    assert [one.name for one in said.reads] == ["customers", "shop.orders"] or {one.name for one in said.reads} == {
        "customers", "shop.orders",
    }  # fmt: skip
    assert {"c.name", "r.status"} <= set(said.columns)
    assert said.functions == ("lower",)


def test_every_dialect_reads_the_simplest_query() -> None:
    for dialect in DIALECTS:
        assert guard_sql("SELECT a, COUNT(*) FROM t GROUP BY a", dialect).verdict is GuardVerdict.READ, dialect
