"""What is true of all texts: mutated statements of the corpus never do more than the guard said, on real engines."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import duckdb
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.semantics.guard.lexing import cut
from loadline.semantics.guard.names import duckdb as duckdb_names
from loadline.semantics.guard.names import postgres as postgres_names
from loadline.semantics.guard.refusal import Refused
from loadline.values.guarded import GuardVerdict
from semantics.guard.cases import DIALECTS, cases, fresh, judged

MISCHIEF = (
    "/*", "*/", "--", "\n", "'", '"', "$$", "\\", "`", "[", "]", "(", ")", ";", ",", "E'", "''", "$q$", "#", "//",
    "\r\n",
    "UNION SELECT", "DELETE FROM orders", "DROP TABLE events", "UPDATE orders SET amount = 0", "RETURNING *",
    "WITH x AS (",
    "INSERT INTO orders (id) VALUES (999)", "EXPLAIN", "ANALYZE", "INTO zz", "FOR UPDATE", "nextval('order_seq')", "AS",
)  # fmt: skip
RANK = {"read": 0, "write": 1, "ddl": 2}
TABLES = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER, region TEXT); INSERT INTO orders VALUES (1, 2, 'n');
CREATE TABLE events (id INTEGER); INSERT INTO events VALUES (1); CREATE TABLE customers (id INTEGER, name TEXT);
"""


def words_of(sql: str, dialect: str) -> list[str]:
    try:
        return [token.text for token in cut(sql, dialect).tokens]
    except Refused:
        return sql.split(" ")


@st.composite
def mutated(draw: st.DrawFn, dialect: str) -> str:
    """A statement of the corpus, with pieces of others, or of mischief, put into it or in the place of its words."""
    pool = [case.sql for case in cases(dialect)]
    words = words_of(draw(st.sampled_from(pool)), dialect)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(words)))
        other = words_of(draw(st.sampled_from(pool)), dialect)
        piece = draw(
            st.sampled_from([[draw(st.sampled_from(MISCHIEF))], other, other[:3], ["(", *other, ")"], [";", *other]])
        )
        words[place : place + draw(st.integers(0, 1))] = piece
    return draw(st.sampled_from((" ", "\n", "/* x */", "  "))).join(words)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_any_text_gets_a_verdict_and_a_denial_its_reason(dialect: str) -> None:
    @settings(max_examples=60)
    @given(mutated(dialect))
    def holds(sql: str) -> None:
        said = judged(sql, dialect)
        assert (said.verdict is GuardVerdict.DENY) == (said.code is not None)
        if said.shape is not None:
            assert said.verdict is GuardVerdict.WRITE
            assert said.shape.predicate_text is None or said.shape.predicate_text in sql or "/*" in sql or "--" in sql

    holds()


@st.composite
def disguised(draw: st.DrawFn, dialect: str) -> str:
    """A write or a definition in another dress: comments, white space, case, brackets, behind or within a CTE."""
    pool = [
        one.sql
        for one in (*cases(dialect), *fresh(dialect))
        if one.verdict.value in ("write", "ddl")
        and len(one.sql.split()) > 2  # (TRUNCATE t) may be a table and its alias
    ]
    sql = draw(st.sampled_from(pool))
    parts = []
    for token in cut(sql, dialect).tokens:
        word = token.text
        if token.lower:
            word = draw(st.sampled_from((word, word.upper(), word.lower(), word.swapcase())))
        parts += [word, draw(st.sampled_from((" ", "\n", "\t", "/**/", "/* SELECT 1 */", " -- x\n")))]
    whole = "".join(parts).rstrip("; \n\t")
    dress = st.sampled_from((
        "{}", "({})", "(({}))", "WITH zz AS (SELECT 1) {}", "WITH zz AS ({}) SELECT * FROM zz", "SELECT * FROM ({}) zz",
        "SELECT 1 WHERE EXISTS ({})", "SELECT 1 UNION ALL {}", "/* SELECT */ {}", "{};", "EXPLAIN ANALYZE {}",
        "SELECT ({})", "FROM ({})", "{} -- SELECT",
        "SELECT 1 {}", "SELECT 1 AS {}", "FROM t |> {}", "WITH RECURSIVE zz (a) AS ({}) SELECT a FROM zz",
    ))  # fmt: skip
    for _ in range(draw(st.integers(1, 2))):
        whole = draw(dress).replace("{}", whole)
    return whole


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_write_in_another_dress_is_never_called_a_read(dialect: str) -> None:
    @settings(max_examples=60)
    @given(disguised(dialect))
    def holds(sql: str) -> None:
        assert judged(sql, dialect).verdict is not GuardVerdict.READ

    holds()


@settings(max_examples=150)
@given(mutated("sqlite"))
def test_sqlite_never_does_more_than_the_guard_said(sql: str) -> None:
    said = judged(sql, "sqlite")
    if said.verdict is GuardVerdict.DENY:
        return
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(TABLES)
    before = lite_rows(connection), lite_catalog(connection)
    try:
        connection.execute(sql).fetchmany(50)
    except (sqlite3.Error, sqlite3.Warning):
        connection.close()
        return
    did = "ddl" if lite_catalog(connection) != before[1] else "write" if lite_rows(connection) != before[0] else "read"
    connection.close()
    assert RANK[did] <= RANK[said.verdict.value]


def lite_catalog(connection: sqlite3.Connection) -> object:
    settings_read = [connection.execute(f"PRAGMA {name}").fetchall() for name in ("user_version", "database_list")]
    return connection.execute("SELECT * FROM sqlite_master").fetchall(), settings_read


def lite_rows(connection: sqlite3.Connection) -> object:
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"enable_external_access": "false"})
    connection.execute(TABLES + "CREATE SEQUENCE order_seq;")
    yield connection
    connection.close()


def test_duckdb_never_does_more_than_the_guard_said(duck: duckdb.DuckDBPyConnection) -> None:
    @settings(max_examples=120)
    @given(mutated("duckdb"))
    def holds(sql: str) -> None:
        said = judged(sql, "duckdb")
        if said.verdict is GuardVerdict.DENY:
            return
        before = duck_state(duck)
        duck.execute("BEGIN")
        try:
            duck.execute(sql).fetchmany(50)
            after = duck_state(duck)
        except duckdb.Error:
            return
        finally:
            duck.execute("ROLLBACK")
        did = "ddl" if after[0] != before[0] else "write" if after[1] != before[1] else "read"
        assert RANK[did] <= RANK[said.verdict.value]

    holds()


def duck_state(connection: duckdb.DuckDBPyConnection) -> tuple[object, object]:
    catalog = connection.execute(
        "SELECT schema_name || '.' || table_name || column_count FROM duckdb_tables() UNION ALL SELECT sql FROM "
        "duckdb_views()"
        " UNION ALL SELECT name || value FROM duckdb_settings() ORDER BY ALL"
    ).fetchall()
    tables = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
    rows = [connection.execute(f'SELECT * FROM "{name}" ORDER BY ALL').fetchall() for (name,) in tables]
    return catalog, (rows, connection.execute("SELECT last_value FROM duckdb_sequences()").fetchall())


# the lists


def test_what_postgres_calls_volatile_is_on_the_list_only_where_a_person_says_so(postgres_url: str) -> None:
    """Each of these was read: it gives another value each time, or looks at files of the table itself, and no more."""
    with psycopg.connect(postgres_url) as connection:
        found = connection.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile = 'v'"
        ).fetchall()
    assert {name for (name,) in found} & postgres_names.NAMES == {
        "clock_timestamp", "timeofday", "random", "gen_random_uuid", "pg_relation_size", "pg_table_size",
        "pg_indexes_size",
        "pg_total_relation_size", "pg_database_size", "pg_is_in_recovery",
    }  # fmt: skip


def test_what_duckdb_calls_volatile_is_on_the_list_only_where_a_person_says_so() -> None:
    found = duckdb.execute("SELECT function_name FROM duckdb_functions() WHERE stability = 'VOLATILE'").fetchall()

    assert {name for (name,) in found} & duckdb_names.NAMES == {
        "random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "error",
    }  # fmt: skip


def test_no_table_function_of_duckdb_that_reads_elsewhere_is_on_the_list() -> None:
    found = duckdb.execute("SELECT function_name FROM duckdb_functions() WHERE function_type = 'table'").fetchall()

    assert {name for (name,) in found} & duckdb_names.NAMES == {
        "duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_indexes", "duckdb_keywords",
        "duckdb_schemas",
        "duckdb_sequences", "duckdb_tables", "duckdb_types", "duckdb_views", "generate_series", "json_each",
        "json_tree",
        "pg_timezone_names", "pragma_collations", "pragma_show", "pragma_table_info", "pragma_version", "range",
        "repeat",
        "unnest",
    }  # fmt: skip
