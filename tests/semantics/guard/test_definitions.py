"""Definitions that SQLGlot does not parse: what the guard's own grammar reads of them, and what it must not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.app.guarding import guard_sql
from loadline.semantics.guard.definition_rules import GRAMMARS
from loadline.semantics.guard.definitions import read_definition
from loadline.semantics.guard.grammar import Reading, rules_of
from loadline.semantics.guard.lexing import cut
from loadline.values.guarded import GuardVerdict
from semantics.guard.cases import Case, cases, fresh, judged

READ = [
    ("mysql", "RENAME TABLE shop.a TO shop.b, c TO d", "shop.a shop.b c d"),
    ("mysql", "CREATE TABLE t (a INT, KEY k (a) COMMENT 'x') PARTITION BY HASH (YEAR(a)) PARTITIONS 4", "t"),
    ("mysql", "ALTER TABLE t ADD FULLTEXT f (a), RENAME INDEX a TO b, ALGORITHM=INPLACE, LOCK=NONE", "t"),
    ("tsql", "ALTER TABLE [dbo].[t] WITH CHECK ADD CONSTRAINT c CHECK (a > 0), d INT DEFAULT (GETDATE())", "dbo.t"),
    ("tsql", "CREATE TABLE t ([a] [int] IDENTITY(1,1) NOT NULL, INDEX ix UNIQUE ([a]) WHERE a > 0) ON [PRIMARY]", "t"),
    ("tsql", "ALTER TABLE t SWITCH PARTITION 1 TO archive PARTITION 1", "t archive"),
    ("snowflake", "ALTER TABLE t ALTER COLUMN a SET DATA TYPE NUMBER(18,2), COLUMN b DROP NOT NULL", "T"),
    ("bigquery", "ALTER TABLE d.t ADD COLUMN a ARRAY<STRUCT<b INT64, c STRING>>, DROP COLUMN IF EXISTS e", "d.t"),
    ("postgres", "ALTER TABLE t VALIDATE CONSTRAINT c, ALTER a ADD GENERATED ALWAYS AS IDENTITY (START 5)", "t"),
    ("postgres", "CREATE TABLE t (a int, EXCLUDE USING gist (a WITH =, during WITH &&))", "t"),
    ("postgres", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'c' AFTER 'a'", ""),
    ("duckdb", "DROP TYPE IF EXISTS mood", ""),
]  # fmt: skip

DENIED = [
    ("postgres", "ALTER TABLE t VALIDATE CONSTRAINT c, OWNER TO evil"),
    ("postgres", "ALTER TABLE t VALIDATE CONSTRAINT c, DISABLE ROW LEVEL SECURITY"),
    ("postgres", "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1, ALTER a SET STATISTICS 5, ENABLE TRIGGER ALL"),
    ("postgres", "ALTER TABLE pg_catalog.pg_class RENAME CONSTRAINT a TO b"),
    ("postgres", "ALTER TABLE t ATTACH PARTITION pg_authid FOR VALUES IN (1)"),
    ("postgres", "CREATE TABLE t (a int, EXCLUDE USING gist (a WITH OPERATOR(evil.=)))"),
    ("postgres", "CREATE TABLE t (a int, EXCLUDE USING gist (a evil_ops WITH =))"),
    ("postgres", "CREATE TABLE t (a int, EXCLUDE USING gist (a WITH <<=>>))"),
    ("postgres", "CREATE TABLE t (a text[] DEFAULT ARRAY[pg_read_file('/x')]) WITH (fillfactor=10)"),
    ("postgres", "CREATE TABLE t (a int) INHERITS (pg_authid)"),
    ("postgres", "CREATE INDEX i ON t USING evil (a) WITH (fillfactor = 10)"),
    ("postgres", "CREATE INDEX i ON t (a) TABLESPACE x"),
    ("postgres", "COMMENT ON FUNCTION f() IS NULL"),
    ("postgres", "COMMENT ON COLUMN pg_authid.rolname IS 'x'"),
    ("postgres", "DROP SCHEMA information_schema CASCADE"),
    ("postgres", "ALTER TABLE t SET SCHEMA pg_catalog"),
    ("snowflake", "ALTER SCHEMA snowflake.x RENAME TO y"),
    ("tsql", "DROP SCHEMA sys"),
    ("postgres", "CREATE TYPE c (INPUT = f, OUTPUT = g)"),
    ("duckdb", "CREATE TYPE mood AS ENUM (SELECT content FROM read_text('/etc/passwd'))"),
    ("mysql", "ALTER TABLE t ADD a INT, ENGINE=FEDERATED"),
    ("mysql", "CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (1) DATA DIRECTORY='/x')"),
    ("mysql", "ALTER TABLE t EXCHANGE PARTITION p WITH TABLE s"),
    ("mysql", "ALTER TABLE t ADD (a INT), RENAME TO mysql.x"),
    ("mysql", "CREATE TABLE t (a INT, KEY k (a) WITH PARSER evil)"),
    ("snowflake", "ALTER TABLE t ADD COLUMN a INT, b INT WITH TAG (x = 'y')"),
    ("snowflake", "ALTER TABLE t MODIFY COLUMN a SET MASKING POLICY m, b SET NOT NULL"),
    ("snowflake", "ALTER VIEW v UNSET SECURE"),
    ("bigquery", "ALTER TABLE d.t ALTER COLUMN a SET OPTIONS (description='x', policy_tags=['y'])"),
    ("bigquery", "CREATE SCHEMA d OPTIONS (location='gs://x')"),
    ("bigquery", "CREATE SNAPSHOT TABLE d.s CLONE d.INFORMATION_SCHEMA.JOBS"),
    ("tsql", "ALTER TABLE t DROP COLUMN a, b EXEC xp_cmdshell 'x'"),
    ("tsql", "TRUNCATE TABLE t WITH (PARTITIONS (1)) DROP TABLE u"),
    ("tsql", "CREATE TABLE t (a INT, b dbo.MyType, INDEX ix (a))"),
    ("tsql", "ALTER TABLE t NOCHECK CONSTRAINT ALL"),
    ("tsql", "ALTER TABLE t SET (SYSTEM_VERSIONING = OFF)"),
    ("tsql", "CREATE SCHEMA s AUTHORIZATION evil"),
    ("tsql", "INSERT INTO t (a) OUTPUT inserted.id INTO sys.objects (x) VALUES (1)"),
    ("tsql", "INSERT INTO OPENROWSET('x', 'y', 'z') SELECT 1"),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "changed"), READ)
def test_a_definition_is_read_with_the_tables_it_changes(dialect: str, sql: str, changed: str) -> None:
    said = guard_sql(sql, dialect)

    assert said.verdict is GuardVerdict.DDL, said.why
    assert [one.name for one in said.writes] == changed.split()


@pytest.mark.parametrize(("dialect", "sql"), DENIED)
def test_what_is_about_rights_places_code_or_the_system_denies(dialect: str, sql: str) -> None:
    assert guard_sql(sql, dialect).verdict is GuardVerdict.DENY


def test_a_grammar_reads_to_the_end_or_not_at_all() -> None:
    rules = rules_of("START := a|b [ ( NUMBER ) ] { , NAME } | c EXPR")

    def fits(sql: str) -> bool:
        nothing: frozenset[str] = frozenset()
        tokens = cut(sql, "sqlite").tokens
        return Reading(tokens=tokens, rules=rules, types=nothing, properties=nothing).whole("START") is not None

    assert all(map(fits, ("a", "B (5)", "a (1), x, y", "c f(1, 2) + g")))
    assert not any(map(fits, ("", "d", "a (x)", "a 1", "a,", "c", "c f(1,", "a, from", '"a"')))


DEFINED: list[Case] = [
    one
    for dialect in GRAMMARS
    for one in (*cases(dialect), *fresh(dialect))
    if one.verdict is GuardVerdict.DDL and read_definition(cut(one.sql, dialect).tokens, dialect) is not None
]


@settings(max_examples=150)
@given(st.data())
def test_a_call_of_nobodys_function_denies_a_definition_wherever_it_stands(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(DEFINED))
    tokens = cut(case.sql, case.dialect).tokens
    at = data.draw(st.integers(1, len(tokens)))
    place = tokens[at - 1].end
    put = data.draw(st.sampled_from((" evil('x') ", ", evil('x') ", " DEFAULT evil('x') ", " CHECK (evil('x')) ")))

    assert judged(case.sql[:place] + put + case.sql[place:], case.dialect).verdict is GuardVerdict.DENY


@settings(max_examples=150)
@given(st.data())
def test_another_statement_denies_a_definition_wherever_it_stands(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(DEFINED))
    tokens = cut(case.sql, case.dialect).tokens
    place = tokens[data.draw(st.integers(1, len(tokens))) - 1].end
    put = data.draw(
        st.sampled_from(
            (" EXECUTE p ", " DROP TABLE x ", "; DELETE FROM x ", " OWNER TO evil ", " GRANT ALL ON x TO y ")
        )
    )

    assert judged(case.sql[:place] + put + case.sql[place:], case.dialect).verdict is GuardVerdict.DENY
