"""The SQL of a view tells which columns it is made of; where it does not, whole relations are told, and why."""

from __future__ import annotations

import pytest

from loadline.semantics.sql_lineage import trace_sql, views_sql

KNOWN = {
    "raw.orders": {"id": "", "amt": "", "st": "", "customer": ""},
    "raw.customers": {"id": "", "name": "", "region": ""},
}
ORDERS = {
    "id": {"raw.orders.id"},
    "amt": {"raw.orders.amt"},
    "st": {"raw.orders.st"},
    "customer": {"raw.orders.customer"},
}

VIEWS = {
    "names given": ("SELECT id AS order_id, amt * 2 AS amount FROM raw.orders", {
        "order_id": {"raw.orders.id"}, "amount": {"raw.orders.amt"}}),
    "a star": ("SELECT * FROM raw.orders", ORDERS),
    "a star with one more": (
        "SELECT o.*, upper(st) AS status FROM raw.orders o", {**ORDERS, "status": {"raw.orders.st"}}),
    "what WITH names": ("WITH q AS (SELECT amt AS a FROM raw.orders) SELECT sum(a) AS total FROM q", {
        "total": {"raw.orders.amt"}}),
    "a WITH that hides a table of its name": (
        "WITH orders AS (SELECT id FROM raw.customers) SELECT id FROM orders", {"id": {"raw.customers.id"}}),
    "a join": ("SELECT c.region, max(o.amt) AS most FROM raw.orders o JOIN raw.customers c ON o.st = c.id GROUP BY 1", {
        "region": {"raw.customers.region"}, "most": {"raw.orders.amt"}}),
    "a query within": ("SELECT x.n FROM (SELECT name AS n FROM raw.customers) x", {"n": {"raw.customers.name"}}),
    "two of one": ("SELECT amt + id AS both FROM raw.orders", {"both": {"raw.orders.amt", "raw.orders.id"}}),
    "a union": ("SELECT id FROM raw.orders UNION ALL SELECT id FROM raw.customers", {
        "id": {"raw.orders.id", "raw.customers.id"}}),
    "a window": ("SELECT row_number() OVER (PARTITION BY customer ORDER BY id) AS nth FROM raw.orders", {
        "nth": {"raw.orders.customer", "raw.orders.id"}}),
    "a CREATE around it": ("CREATE VIEW v AS SELECT id FROM raw.orders;", {"id": {"raw.orders.id"}}),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "expected"), VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_each_column_is_traced_to_what_it_is_made_of(sql: str, expected: dict[str, set[str]], dialect: str) -> None:
    found = trace_sql("v", sql, dialect, KNOWN, through="view v")
    told: dict[str, set[str]] = {}
    for edge in found.edges:
        if edge.target.column is not None:
            told.setdefault(edge.target.column, set()).add(str(edge.source))
    assert found.why is None
    assert told == expected
    whole = {edge.source.relation for edge in found.edges if edge.target.column is None}
    assert whole == {edge.source.relation for edge in found.edges}
    assert {edge.target.relation for edge in found.edges} == {"v"}


def test_a_schema_that_is_meant_anyway_is_left_out() -> None:
    edges = trace_sql("v", "SELECT id FROM shop.main.orders", "duckdb", {"orders": {"id": ""}}, through="").edges
    assert {str(edge.source) for edge in edges} == {"orders", "orders.id"}


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("SELECT * FROM elsewhere", "it reads `*` of a relation whose columns are not known"),
        ("SELECT FROM WHERE (", "its SQL cannot be read"),
        ("DROP TABLE raw.orders", "it is no query"),
    ],
)
def test_what_cannot_be_traced_by_column_is_said(sql: str, why: str) -> None:
    found = trace_sql("v", sql, "duckdb", KNOWN, through="view v")
    assert found.why == why
    assert all(edge.target.column is None for edge in found.edges)


def test_a_dialect_whose_views_nobody_reads_is_known_to_be_so() -> None:
    assert views_sql("duckdb") is not None
    assert views_sql("postgres") is not None
    assert views_sql("trino") is None
