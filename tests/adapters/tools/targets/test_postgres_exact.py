"""Rows of every kind of column, of partitions and of odd names come back exactly as they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from adapters.tools.targets.postgres_site import PostgresSite
from loadline.adapters.tools.targets import codes
from loadline.errors import RequestError
from loadline.testing.target_suite import codes_of, counted, difference, exactly, performed, write
from loadline.values.effect import Approved, ChangedSince, TableBound, WriteBound

if TYPE_CHECKING:
    from postgres_server import Server

KINDS = (
    "CREATE TYPE mood AS ENUM ('sad', 'so, \"so\"', 'happy')",
    "CREATE TYPE pair AS (x integer, y text)",
    "CREATE DOMAIN positive AS numeric CHECK (VALUE > 0)",
    """CREATE TABLE "Odd Table" (
        "the key" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "order" text DEFAULT 'x', n numeric,
        f double precision, r real, b bytea, t timestamptz, p timestamp, d date, i interval, j json, jb jsonb, x xml,
        m money, u uuid, a text[], aa integer[][], e mood, es mood[], c pair, cs pair[], dom positive,
        bits bit varying(9), net inet, ran tstzrange, mran int4multirange, ch char(5), "dropped" integer, tsv tsvector,
        geo point, nul text, twice numeric GENERATED ALWAYS AS (n * 2) STORED, loadline_row integer DEFAULT 7)""",
    'ALTER TABLE "Odd Table" DROP COLUMN "dropped"',
    """INSERT INTO "Odd Table" ("order", n, f, r, b, t, p, d, i, j, jb, x, m, u, a, aa, e, es, c, cs, dom, bits, net,
        ran, mran, ch, tsv, geo) VALUES
        (E'tab\\t quote" back\\\\slash, (comma)\\nline ä 🚢', 1.10, 0.1, 1e-7, '\\x00ff10',
         '2025-03-30 02:30:00.123456+02', '0044-03-15 12:00 BC', 'infinity', '1 year -2 mons +3 days -04:05:06.789',
         '{"b": 1, "a":  [1.0, 1.00], "b": 2}', '{"a": 1.10}', '<a b="c">d</a>', '12.34',
         '6f1ed002-ab0c-4a11-9f2b-000000000001', ARRAY['a,b', NULL, '"', 'NULL'], '[0:1][2:3]={{1,2},{3,NULL}}',
         'so, "so"', ARRAY['sad', 'happy']::mood[], ROW(1, 'x,"y"'), ARRAY[ROW(NULL, ''), ROW(2, NULL)]::pair[], 1.50,
         B'101', '10.0.0.1/8', '[2025-01-01 00:00+00,)', '{[1,3),[7,9)}', 'ab', 'a:1 b:2', '(1.5,-2)'),
        ('', 'NaN', 'NaN', 'infinity', '', '-infinity', 'infinity', '4713-01-01 BC', '0', '[]', 'null', NULL, '-1',
         NULL, '{}', '{}', 'sad', '{}', NULL, '{}', 1e30, B'', '::1', 'empty', '{}', '', '', '(NaN,-Infinity)')""",
    """INSERT INTO "Odd Table" ("order", f, r, b, t, i)
        VALUES (repeat('long ', 5000), -0.0, 1e-30, decode(repeat('ab', 9000), 'hex'), now(), NULL)""",
)
PARTITIONS = (
    "CREATE TABLE days (id integer, day date, v integer, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
    "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')",
    "CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2025-02-01') TO ('2025-03-01') PARTITION BY HASH (id)",
    "CREATE TABLE days_2_even PARTITION OF days_2 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
    "CREATE TABLE days_2_rest PARTITION OF days_2 FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
    "CREATE TABLE days_3 (day date NOT NULL, v integer, id integer NOT NULL)",
    "ALTER TABLE days ATTACH PARTITION days_3 FOR VALUES FROM ('2025-03-01') TO ('2025-04-01')",
    "INSERT INTO days SELECT n, date '2025-01-01' + n, n % 5 FROM generate_series(0, 80) n",
)


@pytest.fixture
def site(postgres_server: Server) -> Iterator[PostgresSite]:
    site = PostgresSite(server=postgres_server)
    yield site
    site.close()


@pytest.mark.parametrize(
    "sql",
    [
        'DELETE FROM "Odd Table"',
        "UPDATE \"Odd Table\" SET n = 2, j = '[]', a = NULL, t = now(), b = '', i = NULL, aa = NULL, cs = NULL",
        'UPDATE "Odd Table" SET loadline_row = 8 WHERE "the key" = 1',
        'INSERT INTO "Odd Table" (n, e) SELECT n, e FROM "Odd Table"',
    ],
    ids=["delete", "update", "one column", "insert"],
)
def test_every_kind_of_value_comes_back_exactly(site: PostgresSite, sql: str) -> None:
    target = site.open(KINDS)
    before = site.dump()
    measured = target.measure(write(sql))
    assert [each.table for each in measured.tables] == ['public."Odd Table"']
    assert performed(target.perform(write(sql), approved=exactly(measured), marker="m")).no_undo == ""
    assert counted(measured) == difference(before, site.dump(), {'public."Odd Table"': 1})
    performed(target.undo("m", as_marker="back"))
    assert site.dump() == before


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM days WHERE v = 3",
        "UPDATE days SET day = day + 31 WHERE day < '2025-01-20'",
        "UPDATE days SET day = date '2025-02-01' + v WHERE id IN (1, 2, 3)",
        "UPDATE days SET v = v + 1 WHERE day >= '2025-02-01' AND v < 4",
        "INSERT INTO days VALUES (900, '2025-02-03', 2), (901, '2025-03-03', 9)",
    ],
)
def test_partitions_count_for_their_root_and_moved_rows_move_back(site: PostgresSite, sql: str) -> None:
    target = site.open(PARTITIONS)
    before = site.dump()
    measured = target.measure(write(sql))
    assert [each.table for each in measured.tables] == ["public.days"]
    performed(target.perform(write(sql), approved=exactly(measured), marker="m"))
    assert counted(measured) == difference(before, site.dump(), {"public.days": 2})
    performed(target.undo("m", as_marker="back"))
    assert site.dump() == before


def test_a_partition_is_not_written_to_by_its_own_name(site: PostgresSite) -> None:
    target = site.open(PARTITIONS)
    with pytest.raises(RequestError) as refused:
        target.measure(write("DELETE FROM days_1"))
    assert codes_of(refused.value) == {codes.NOT_GRANTED}


def test_a_partition_of_later_is_written_to_through_its_root(site: PostgresSite) -> None:
    target = site.open(PARTITIONS)
    site.run("CREATE TABLE days_4 PARTITION OF days FOR VALUES FROM ('2025-04-01') TO ('2025-05-01')")
    effect = target.measure(write("INSERT INTO days VALUES (950, '2025-04-02', 1)"))
    assert [(each.table, each.inserted, each.is_captured) for each in effect.tables] == [("public.days", 1, True)]


def test_a_trigger_that_writes_into_a_partition_by_its_own_name_is_seen(site: PostgresSite) -> None:
    target = site.open(
        [
            *PARTITIONS,
            "CREATE TABLE orders (id integer PRIMARY KEY)",
            (
                "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
                "$$ BEGIN UPDATE days_1 SET v = 99 WHERE id < 3; DELETE FROM days_3 WHERE id = 70; RETURN NULL; END $$"
            ),
            "CREATE TRIGGER f AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f()",
        ]
    )
    effect = target.measure(write("INSERT INTO orders VALUES (1)"))
    assert sum(each.updated for each in effect.tables if each.table == "public.days") == 3
    assert sum(each.deleted for each in effect.tables) == 1, "a partition with other columns has no triggers of ours"
    assert [each.table for each in effect.tables if not each.is_captured] == ["public.days"]


def test_a_key_that_is_no_primary_key_tells_rows_apart_as_well(site: PostgresSite) -> None:
    target = site.open(
        [
            "CREATE TABLE t (a integer NOT NULL, b text NOT NULL, c integer, UNIQUE (a, b))",
            "CREATE TABLE u (a integer, UNIQUE (a))",
            "INSERT INTO t VALUES (1, 'x', 1), (1, 'y', 2)",
            "INSERT INTO u VALUES (1)",
        ]
    )
    change = write("UPDATE t SET c = 9 WHERE b = 'y'")
    done = performed(target.perform(change, approved=exactly(target.measure(change)), marker="m"))
    assert (done.no_undo, counted(done.effect)) == ("", {"public.t": (0, 1, 0)})
    before = site.dump()
    performed(target.undo("m", as_marker="back"))
    assert site.dump() != before
    change = write("DELETE FROM u")
    done = performed(target.perform(change, approved=exactly(target.measure(change)), marker="n"))
    assert "has no key" in done.no_undo


def test_columns_that_were_altered_since_are_a_reason_not_to_undo(site: PostgresSite) -> None:
    target = site.open(["CREATE TABLE t (id integer PRIMARY KEY, v integer)", "INSERT INTO t VALUES (1, 1), (2, 2)"])
    change = write("DELETE FROM t WHERE id = 1")
    performed(target.perform(change, approved=exactly(target.measure(change)), marker="m"))
    site.run("ALTER TABLE t ALTER COLUMN v TYPE bigint")
    with pytest.raises(RequestError) as refused:
        target.undo("m", as_marker="back")
    assert codes_of(refused.value) == {codes.CANNOT_UNDO}
    site.run("DROP TABLE t")
    with pytest.raises(RequestError) as refused:
        target.undo("m", as_marker="back")
    assert codes_of(refused.value) == {codes.CANNOT_UNDO}


def test_a_unique_value_that_is_taken_by_now_stands_in_the_way_of_an_undo(site: PostgresSite) -> None:
    target = site.open(
        ["CREATE TABLE t (id integer PRIMARY KEY, mail text UNIQUE)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')"]
    )
    swap = write("UPDATE t SET mail = CASE id WHEN 1 THEN 'c' ELSE mail END")
    performed(target.perform(swap, approved=wide_for(target.measure(swap).tables[0].table), marker="m"))
    site.run("INSERT INTO t VALUES (3, 'a')")
    assert isinstance(target.undo("m", as_marker="back"), ChangedSince)


def wide_for(table: str) -> Approved:
    return Approved(bound=WriteBound(tables=(TableBound(table=table, inserted=99, updated=99, deleted=99),)))
