"""How rows are kept in PostgreSQL: by their types, in nobody's way; as texts where a table is not as it was set up."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from adapters.tools.targets.postgres_site import PostgresSite
from loadline.adapters.tools.targets import codes
from loadline.errors import OutsideError, RequestError
from loadline.testing.target_suite import TABLES, at_most, codes_of, exactly, performed, write
from loadline.values.effect import Approved, Exceeded, WriteBound

if TYPE_CHECKING:
    from postgres_server import Server

AGES_AGO = datetime(2000, 1, 1, tzinfo=UTC)
HERE = Path(__file__).parent
KEYED = (
    "CREATE TABLE t (id integer PRIMARY KEY, v text)",
    "INSERT INTO t SELECT n, 'v ' || n FROM generate_series(1, 9) n",
)
DELETE = write("DELETE FROM t WHERE id <= $1", 3)
THREE = at_most("public.t", deleted=3)


@pytest.fixture
def site(postgres_server: Server) -> Iterator[PostgresSite]:
    site = PostgresSite(server=postgres_server)
    yield site
    site.close()


def how_kept(site: PostgresSite) -> list[tuple[object, ...]]:
    """Of each image, oldest first: by types, as texts."""
    with site.connect() as connection:
        sql = "SELECT kept IS NOT NULL, gone IS NOT NULL OR came IS NOT NULL FROM loadline.image ORDER BY seq"
        return connection.execute(sql).fetchall()


def test_rows_are_kept_by_their_types_once_for_all_tables_of_the_same_columns(site: PostgresSite) -> None:
    target = site.open([*KEYED, "CREATE TABLE same (id integer PRIMARY KEY, v text)", "CREATE TABLE other (id bigint)"])
    with site.connect() as connection:
        (made,) = (
            connection.execute("SELECT count(*) FROM pg_class WHERE relname ~ '^kept_[0-9a-f]{16}$'").fetchone() or ()
        )
    assert made == 2
    performed(target.perform(DELETE, approved=THREE, marker="m"))
    assert how_kept(site) == [(True, False)]


def test_a_type_of_the_company_can_be_dropped_although_its_values_were_kept(site: PostgresSite) -> None:
    target = site.open(
        [
            "CREATE TYPE mood AS ENUM ('sad', 'happy')",
            "CREATE DOMAIN positive AS integer CHECK (VALUE > 0)",
            "CREATE TYPE pair AS (x integer, y mood)",
            "CREATE TABLE t (id integer PRIMARY KEY, m mood, ms mood[], p positive, c pair)",
            "INSERT INTO t VALUES (1, 'sad', '{sad,happy}', 1, '(1,sad)'), (2, NULL, NULL, NULL, NULL)",
            "INSERT INTO t VALUES (3, NULL, '{}', 2, '(,)')",
        ]
    )
    before = site.dump()
    performed(target.perform(DELETE, approved=THREE, marker="m"))
    assert how_kept(site) == [(True, False)]
    performed(target.undo("m", as_marker="back"))
    assert site.dump() == before
    site.run(
        "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
        "DROP TABLE t",
        "DROP TYPE pair",
        "DROP TYPE mood",
        "DROP DOMAIN positive",
    )


def test_a_value_is_kept_as_its_type_writes_it_whatever_a_cast_to_text_says(site: PostgresSite) -> None:
    target = site.open(
        [
            "CREATE TYPE mood AS ENUM ('sad', 'happy')",
            "CREATE FUNCTION hidden(mood) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'kept out' $$",
            "CREATE CAST (mood AS text) WITH FUNCTION hidden(mood)",
            "CREATE TABLE t (id integer PRIMARY KEY, m mood)",
            "INSERT INTO t VALUES (1, 'sad'), (2, 'happy'), (3, NULL)",
        ]
    )
    with site.connect() as connection:
        rows = connection.execute("SELECT id, format('%s', m) FROM t ORDER BY id").fetchall()
        performed(target.perform(DELETE, approved=THREE, marker="m"))
        performed(target.undo("m", as_marker="back"))
        assert connection.execute("SELECT id, format('%s', m) FROM t ORDER BY id").fetchall() == rows


@pytest.mark.parametrize(
    "altered",
    [
        "ALTER TABLE t ADD COLUMN w integer DEFAULT 7",
        "ALTER TABLE t ALTER COLUMN v TYPE varchar(9)",
        "ALTER TABLE t RENAME COLUMN v TO w",
        "ALTER TABLE t DROP COLUMN v",
        "ALTER TABLE t ADD COLUMN w integer GENERATED ALWAYS AS (id * 2) STORED",
    ],
)
def test_a_table_altered_since_it_was_set_up_is_kept_as_texts_until_it_is_set_up_again(
    site: PostgresSite, altered: str
) -> None:
    target = site.open(KEYED)
    performed(target.perform(write("DELETE FROM t WHERE id = 9"), approved=THREE, marker="before"))
    site.run(altered)
    before = site.dump()
    measured = target.measure(DELETE)
    done = performed(target.perform(DELETE, approved=exactly(measured), marker="m"))
    assert (done.no_undo, done.effect) == ("", measured)
    performed(target.undo("m", as_marker="back"))
    assert site.dump() == before
    assert {kept for kept, _ in how_kept(site)[1:]} == {False}
    site.set_up()
    performed(target.perform(DELETE, approved=exactly(target.measure(DELETE)), marker="n"))
    assert how_kept(site)[-1] == (True, False)
    performed(target.undo("n", as_marker="back again"))
    assert site.dump() == before


def test_a_column_may_be_called_as_ours_are(site: PostgresSite) -> None:
    names = (
        "number",
        "rows",
        "gone",
        "came",
        "many",
        "marker",
        "kept",
        "o",
        "mine",
        "ours",
        "seq",
        "tg_op",
        "a%1$I\"')--",
    )
    listed = ", ".join('"{}" integer DEFAULT {}'.format(name.replace('"', '""'), at) for at, name in enumerate(names))
    target = site.open(
        [f"CREATE TABLE t (id integer PRIMARY KEY, {listed})", "INSERT INTO t VALUES (1), (2), (3), (4)"]
    )
    before = site.dump()
    for place, change in enumerate([DELETE, write("UPDATE t SET number = 9"), write("INSERT INTO t VALUES (7)")]):
        performed(target.perform(change, approved=exactly(target.measure(change)), marker=f"m{place}"))
        performed(target.undo(f"m{place}", as_marker=f"back {place}"))
        assert site.dump() == before
    assert {kept for kept, _ in how_kept(site)} == {True}


def test_more_rows_than_may_be_are_counted_and_not_kept(site: PostgresSite) -> None:
    target = site.open(KEYED)
    nothing = Approved(bound=WriteBound())
    for change in (DELETE, write("UPDATE t SET v = 'x'"), write("INSERT INTO t VALUES (10, 'x'), (11, 'y')")):
        assert isinstance(target.perform(change, approved=nothing, marker="m"), Exceeded)
    assert how_kept(site) == []
    assert target.find_marker("m") is None


def test_which_rows_they_were_is_told_where_somebody_asks_for_the_same_rows(site: PostgresSite) -> None:
    target = site.open(KEYED)
    measured = target.measure(DELETE)
    assert measured.lost
    done = performed(target.perform(DELETE, approved=exactly(measured), marker="m"))
    assert done.effect == measured
    performed(target.undo("m", as_marker="back"))
    done = performed(target.perform(DELETE, approved=THREE, marker="n"))
    assert (done.effect.tables, done.effect.lost) == (measured.tables, "")


def test_rows_that_come_in_another_order_are_the_same_rows(site: PostgresSite) -> None:
    target = site.open(KEYED)
    measured = target.measure(DELETE)
    with site.connect() as connection:  # the same rows, somewhere else in the table
        connection.execute("BEGIN")
        connection.execute("CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM t ORDER BY id DESC")
        connection.execute("DELETE FROM t")
        connection.execute("INSERT INTO t SELECT * FROM kept")
        connection.execute("COMMIT")
    performed(target.perform(DELETE, approved=exactly(measured), marker="m"))


def test_a_set_up_that_kept_texts_is_carried_over_with_what_it_kept(site: PostgresSite) -> None:
    site.create(KEYED)
    site.set_up()
    old = (HERE / "gate_of_texts.sql").read_text("utf-8")
    events = {"insert": "NEW TABLE AS loadline_came", "delete": "OLD TABLE AS loadline_gone"}
    events["update"] = f"{events['delete']} {events['insert']}"
    site.run(
        *(f"DROP TRIGGER loadline_capture_{verb} ON t" for verb in events),
        "DROP SCHEMA loadline CASCADE",
        "CREATE SCHEMA loadline AUTHORIZATION loadline_owner",
        f"SET ROLE loadline_owner; {old}; RESET ROLE",
        *(
            f"CREATE TRIGGER loadline_capture_{verb} AFTER {verb} ON t REFERENCING {seen} FOR EACH STATEMENT "
            "EXECUTE FUNCTION loadline.capture()"
            for verb, seen in events.items()
        ),
        *(f"ALTER TABLE t ENABLE ALWAYS TRIGGER loadline_capture_{verb}" for verb in events),
    )
    before = site.dump()
    with site.connect("loadline_gate") as gate:
        gate.execute("BEGIN; SELECT loadline.begin_write('of old', 'secret', 3)")
        gate.execute("SET LOCAL ROLE loadline_writer; DELETE FROM t WHERE id <= 3; SET LOCAL ROLE NONE")
        gate.execute("SELECT loadline.finish_write('secret', '{}'); COMMIT")
    target = site.target()
    with pytest.raises(OutsideError) as refused:
        target.measure(DELETE)
    assert codes_of(refused.value) == {codes.NOT_SET_UP}
    assert "loadline guard setup postgres" in refused.value.diagnostics[0].mend
    site.set_up()
    found = performed(target.find_marker("of old"))
    assert [(each.table, each.deleted) for each in found.effect.tables] == [("public.t", 3)]
    assert performed(target.undo("of old", as_marker="back")).effect.rows == 3
    assert site.dump() == before
    performed(target.perform(DELETE, approved=THREE, marker="m"))
    assert how_kept(site) == [(False, True), (True, False), (True, False)]


def test_a_table_written_to_by_its_owner_is_told_apart_write_by_write(site: PostgresSite) -> None:
    """The server's counters of one write are not those of the one before it on the same connection."""
    target = site.open(
        [
            *TABLES,
            "CREATE SCHEMA hidden",
            "CREATE TABLE hidden.audit (what text)",
            (
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
                "$$ BEGIN INSERT INTO hidden.audit VALUES (OLD.name); "
                "IF OLD.person_id = 5 THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NULL; END $$"
            ),
            "CREATE TRIGGER note AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION note()",
        ]
    )
    for _ in range(3):
        with pytest.raises(Exception, match="not this one"):
            target.measure(write("DELETE FROM people WHERE person_id BETWEEN 2 AND 5"))
        effect = target.measure(write("DELETE FROM people WHERE person_id <= 2"))
        assert [(each.table, each.rows, each.is_captured) for each in effect.tables] == [
            ("hidden.audit", 2, False),
            ("public.people", 2, True),
        ]


@pytest.mark.parametrize("taken", ["DELETE FROM loadline.image", "UPDATE loadline.image SET kept = NULL", None])
def test_a_write_whose_kept_rows_somebody_took_away_is_not_undone(site: PostgresSite, taken: str | None) -> None:
    target = site.open(KEYED)
    performed(target.perform(DELETE, approved=THREE, marker="m"))
    if taken is None:
        with site.connect() as connection:
            (name,) = connection.execute("SELECT kept FROM loadline.image").fetchone() or ()
        taken = f"DELETE FROM loadline.kept_{name}"
    site.run(taken)
    before = site.dump()
    with pytest.raises(RequestError, match="took the rows away") as refused:
        target.undo("m", as_marker="back")
    assert codes_of(refused.value) == {codes.CANNOT_UNDO}
    assert site.dump() == before


def test_old_rows_are_forgotten_and_their_counts_are_not(site: PostgresSite) -> None:
    target = site.open(KEYED)
    performed(target.perform(DELETE, approved=THREE, marker="m"))
    site.run("SELECT loadline.forget_images(clock_timestamp())")
    performed(target.perform(write("DELETE FROM t WHERE id = 4"), approved=THREE, marker="n"))
    found = performed(target.find_marker("m"))
    assert (found.effect.rows, found.no_undo) == (3, "the rows that it changed are no longer kept")
    with pytest.raises(RequestError, match="no longer kept"):
        target.undo("m", as_marker="back")
    assert how_kept(site) == [(False, False), (True, False)]
    assert target.reconcile(AGES_AGO).unaccounted == ()
    performed(target.undo("n", as_marker="back"))


def test_a_server_that_counts_nothing_is_not_written_to(site: PostgresSite) -> None:
    target = site.open(KEYED)
    site.run(f'ALTER DATABASE "{site.database}" SET track_counts = off')
    with pytest.raises(OutsideError) as refused:
        target.measure(DELETE)
    assert codes_of(refused.value) == {codes.NOT_SET_UP}
    assert "track_counts" in refused.value.diagnostics[0].mend


def test_a_statement_cannot_pretend_that_its_marker_was_performed(site: PostgresSite) -> None:
    target = site.open(
        [
            *KEYED,
            (
                "CREATE FUNCTION lie() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING "
                "ERRCODE = 'LL005', MESSAGE = 'done', DETAIL = "
                """'{"tables": [], "no_undo": "", "at": "2025-01-01T00:00:00+00:00", "is_repeat": true}'; END $$"""
            ),
            "CREATE TRIGGER lie BEFORE DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION lie()",
        ]
    )
    with pytest.raises(Exception, match="refused the write"):
        target.perform(DELETE, approved=THREE, marker="m")
    assert target.find_marker("m") is None


WORKER = """
import sys
from loadline.adapters.tools.targets.postgres.target import PostgresTarget
from loadline.adapters.warehouses.postgres.address import Address
from loadline.testing.target_suite import at_most, write
from loadline.values.effect import TargetSettings
from loadline.values.place import Place

place = Place(file="x")
address = Address(conninfo=sys.argv[1], shown="here", user="loadline_gate", place=place, secrets=())
target = PostgresTarget(address, TargetSettings(name="t", kind="postgres", place=place))
print("at work", flush=True)
for number in range(int(sys.argv[2])):
    change = write("INSERT INTO t SELECT 100 * $1::int + n, 'x' FROM generate_series(1, 50) n", number)
    target.perform(change, approved=at_most("public.t", inserted=50), marker=f"m{number}")
target.close()
"""


def test_workers_that_are_killed_perform_each_marker_once(site: PostgresSite) -> None:
    site.open(["CREATE TABLE t (n integer, v text)"])  # no key: what is done twice is there twice
    words = [sys.executable, "-c", WORKER, site.server.url(site.database, user="loadline_gate"), "60"]
    chance = random.Random(5)  # noqa: S311 - moments, no secrets
    for _ in range(5):
        with subprocess.Popen(words, stdout=subprocess.PIPE) as worker:
            assert worker.stdout is not None
            worker.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.1))
            worker.kill()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    with site.connect() as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT n) FROM t").fetchone() == (3000, 3000)
        assert connection.execute("SELECT count(*) FROM loadline.image").fetchone() == (60,)
