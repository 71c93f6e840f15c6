"""What stands between an agent's SQL and the rest of a PostgreSQL: roles, secrets, locks, limits; what each says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from adapters.tools.targets.postgres_site import PLACE, PostgresSite
from loadline.adapters.tools.targets import codes
from loadline.adapters.tools.targets.postgres.setup import apply_setup, plan_setup
from loadline.adapters.tools.targets.postgres.target import PostgresTarget
from loadline.adapters.tools.targets.postgres.wire import Connection
from loadline.errors import LoadlineError, OutsideError, RequestError
from loadline.testing.target_suite import TABLES, at_most, codes_of, exactly, performed, write
from loadline.values.effect import TargetSettings

if TYPE_CHECKING:
    from postgres_server import Server

AGES_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ONE = at_most("public.people", deleted=1)


@pytest.fixture
def site(postgres_server: Server) -> Iterator[PostgresSite]:
    site = PostgresSite(server=postgres_server, lock_seconds=0.2, statement_seconds=30)
    yield site
    site.close()


@pytest.fixture(scope="module")
def quiet(postgres_server: Server) -> Iterator[PostgresSite]:
    """For what changes nothing."""
    site = PostgresSite(server=postgres_server)
    site.open(TABLES)
    yield site
    site.close()


def refusal(act: Callable[[], object]) -> LoadlineError:
    with pytest.raises(LoadlineError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("user", ["loadline_writer", "loadline_gate", "loadline_reader"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM loadline.write",
        "SELECT * FROM loadline.image",
        "DELETE FROM loadline.write",
        "INSERT INTO loadline.outside (relation, verb, login, origin) VALUES (1, 'x', 'x', 'x')",
        "SELECT loadline.undo_write('guessed', 'm')",
        "SELECT loadline.close_write('guessed', false, '')",
        "SELECT loadline.end_write('guessed', false)",
        "SELECT loadline.make_kept('people'::regclass, 'x')",
        "SELECT loadline.images('m', NULL)",
        "SELECT loadline.forget_images(now())",
        (
            "DO $$ BEGIN EXECUTE (SELECT format('DELETE FROM loadline.%I', relname) "
            "FROM pg_class WHERE relname ~ '^kept_[0-9a-f]{16}$' LIMIT 1); END $$"
        ),
        "SELECT loadline.take_away('people'::regclass, '{}')",
        "TRUNCATE people",
        "DROP TABLE people",
        "ALTER TABLE people DISABLE TRIGGER ALL",
        "DROP TRIGGER loadline_capture_delete ON people",
        "CREATE TABLE public.mine (x integer)",
        "CREATE TABLE loadline.mine (x integer)",
        "CREATE OR REPLACE FUNCTION loadline.capture() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "SET session_replication_role = replica",
        "CREATE ROLE mine",
        "COPY people TO PROGRAM 'cat'",
    ],
)
def test_no_role_of_ours_can_reach_past_its_place(quiet: PostgresSite, user: str, sql: str) -> None:
    with quiet.connect() as connection:
        connection.execute(f"SET SESSION AUTHORIZATION {user}".encode())
        with pytest.raises(psycopg.Error) as refused:
            connection.execute(sql.encode())
    assert refused.value.sqlstate in {"42501", "LL001"}


def test_the_reader_reads_and_the_gate_by_itself_writes_nothing(quiet: PostgresSite) -> None:
    with quiet.connect("loadline_reader") as reader:
        assert reader.execute("SELECT count(*) FROM people").fetchone() == (20,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("DELETE FROM people")
    with quiet.connect("loadline_gate") as gate, pytest.raises(psycopg.errors.InsufficientPrivilege):
        gate.execute("DELETE FROM people")


@pytest.mark.parametrize(
    "sql",
    [
        (
            "WITH x AS MATERIALIZED (SELECT set_config('role', 'none', true) AS y) "
            "DELETE FROM people WHERE person_id = 1 AND EXISTS (SELECT 1 FROM x WHERE y IS NOT NULL)"
        ),
        (
            "WITH a AS MATERIALIZED (SELECT set_config('role', 'loadline_gate', true) AS x), b AS MATERIALIZED "
            "(SELECT query_to_xml('SELECT loadline.close_write(''guessed'', false, '''')', true, true, '') AS x FROM a "
            "WHERE a.x IS NOT NULL) DELETE FROM people WHERE person_id = 1 "
            "AND EXISTS (SELECT 1 FROM b WHERE x IS NOT NULL)"
        ),
    ],
)
def test_a_statement_that_leaves_its_role_is_not_committed(site: PostgresSite, sql: str) -> None:
    target = site.open(TABLES)
    before = site.dump()
    error = refusal(lambda: target.perform(write(sql), approved=ONE, marker="m"))
    assert codes_of(error) == {codes.LEFT_ITS_PLACE}
    assert site.dump() == before
    assert target.find_marker("m") is None


@pytest.mark.parametrize("role", ["loadline_writer", "loadline_gate"])
def test_a_role_that_a_statement_leaves_behind_is_not_that_of_the_next_write(site: PostgresSite, role: str) -> None:
    target = site.open(TABLES)
    sql = (
        f"WITH x AS MATERIALIZED (SELECT set_config('role', '{role}', false) AS y), z AS MATERIALIZED (SELECT "
        "set_config('role', 'loadline_writer', true) AS y FROM x WHERE x.y IS NOT NULL) "
        "DELETE FROM people WHERE person_id = 1 AND EXISTS (SELECT 1 FROM z WHERE y IS NOT NULL)"
    )
    performed(target.perform(write(sql), approved=ONE, marker="m"))
    performed(target.perform(write("DELETE FROM people WHERE person_id = 2"), approved=ONE, marker="n"))
    assert performed(target.undo("m", as_marker="back")).effect.rows == 1


def test_a_pooler_that_forgets_the_names_of_our_statements_is_served_without(site: PostgresSite) -> None:
    target = site.open(TABLES)
    sql = write("DELETE FROM people WHERE person_id = 1")
    assert target.measure(sql).rows == 1
    for connection in target._idle:
        connection.execute("DEALLOCATE ALL")
    assert target.measure(sql).rows == 1
    assert performed(target.perform(sql, approved=ONE, marker="m")).effect.rows == 1


def test_a_statement_that_begins_a_write_of_its_own_is_not_committed(site: PostgresSite) -> None:
    target = site.open(TABLES)
    sql = (
        "WITH a AS MATERIALIZED (SELECT set_config('role', 'loadline_gate', true) AS x), b AS MATERIALIZED "
        "(SELECT query_to_xml('SELECT loadline.enter_write(''forged'', ''mine'', 0)', true, true, '') AS x FROM a "
        "WHERE a.x IS NOT NULL), c AS MATERIALIZED (SELECT set_config('role', 'loadline_writer', true) AS x FROM b "
        "WHERE b.x IS NOT NULL) DELETE FROM people WHERE person_id = 1 AND EXISTS (SELECT 1 FROM c WHERE x IS NOT NULL)"
    )
    assert codes_of(refusal(lambda: target.perform(write(sql), approved=ONE, marker="m"))) == {codes.REFUSED_BY_ENGINE}
    assert target.find_marker("forged") is None


def test_a_trigger_that_truncates_is_not_let_through(site: PostgresSite) -> None:
    target = site.open(
        [
            *TABLES,
            (
                "CREATE FUNCTION wipe() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
                "$$ BEGIN TRUNCATE log; RETURN NULL; END $$"
            ),
            "CREATE TRIGGER wipe AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION wipe()",
        ]
    )
    before = site.dump()
    sql = write("DELETE FROM people WHERE person_id = 1")
    assert codes_of(refusal(lambda: target.perform(sql, approved=ONE, marker="m"))) == {codes.LEFT_ITS_PLACE}
    assert site.dump() == before


def test_a_write_waits_for_a_lock_so_long_and_no_longer(site: PostgresSite) -> None:
    target = site.open(TABLES)
    sql = write("DELETE FROM people WHERE person_id = 1")
    with site.connect() as other:
        other.execute("BEGIN")
        other.execute("UPDATE people SET name = 'x' WHERE person_id = 1")
        error = refusal(lambda: target.perform(sql, approved=ONE, marker="m"))
        assert isinstance(error, OutsideError)
        assert (codes_of(error), error.retryable) == ({codes.IN_THE_WAY}, True)
        other.execute("ROLLBACK")
    assert performed(target.perform(sql, approved=ONE, marker="m")).effect.rows == 1


def test_a_write_may_take_so_long_and_no_longer(site: PostgresSite) -> None:
    site.statement_seconds = 0.2
    target = site.open(TABLES)
    assert codes_of(refusal(lambda: target.measure(write(site.slow)))) == {codes.TOO_SLOW}


def test_a_table_outside_the_set_up_is_not_granted(site: PostgresSite) -> None:
    target = site.open([*TABLES, "CREATE SCHEMA hidden", "CREATE TABLE hidden.salaries (amount integer)"])
    error = refusal(lambda: target.measure(write("DELETE FROM hidden.salaries")))
    assert codes_of(error) == {codes.NOT_GRANTED}


def test_what_happens_in_a_table_that_nobody_watches_is_counted_and_not_approved(site: PostgresSite) -> None:
    target = site.open(
        [
            *TABLES,
            "CREATE SCHEMA hidden",
            "CREATE TABLE hidden.audit (what text)",
            (
                "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
                "$$ BEGIN INSERT INTO hidden.audit VALUES (OLD.name); RETURN NULL; END $$"
            ),
            "CREATE TRIGGER note AFTER DELETE ON people FOR EACH ROW EXECUTE FUNCTION note()",
        ]
    )
    sql = write("DELETE FROM people WHERE person_id <= 3")
    effect = target.measure(sql)
    assert [(each.table, each.rows, each.is_captured) for each in effect.tables] == [
        ("hidden.audit", 3, False),
        ("public.people", 3, True),
    ]
    done = performed(target.perform(sql, approved=exactly(effect), marker="m"))
    assert done.no_undo == "nobody kept the rows of `hidden.audit`"


def test_a_trigger_that_changes_the_catalogue_is_seen(site: PostgresSite) -> None:
    target = site.open(
        [
            *TABLES,
            (
                "CREATE FUNCTION make() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
                "$$ BEGIN CREATE TABLE made (x integer); RETURN NULL; END $$"
            ),
            "CREATE TRIGGER make AFTER DELETE ON people FOR EACH STATEMENT EXECUTE FUNCTION make()",
        ]
    )
    effect = target.measure(write("DELETE FROM people WHERE person_id = 1"))
    assert "pg_catalog.pg_class" in {each.table for each in effect.tables}


def test_a_deferred_trigger_acts_before_the_effect_is_told(site: PostgresSite) -> None:
    target = site.open(
        [
            *site.cascading(),
            "DROP TRIGGER note ON people",
            (
                "CREATE CONSTRAINT TRIGGER note AFTER DELETE ON people DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION note()"
            ),
        ]
    )
    effect = target.measure(write("DELETE FROM people WHERE person_id = 1"))
    assert [(each.table, each.inserted) for each in effect.tables] == [("public.log", 1), ("public.people", 0)]


def test_a_commit_whose_answer_never_came_is_looked_up_by_its_marker(site: PostgresSite) -> None:
    site.open(TABLES)

    class Cut(PostgresTarget):
        def _commit(self, connection: Connection, marker: str) -> None:
            site.run(f"SELECT pg_terminate_backend({connection.info.backend_pid})")
            super()._commit(connection, marker)

    settings = TargetSettings(name="suite", kind="postgres", place=PLACE)
    target = Cut(site.address("loadline_gate"), settings)
    site.opened.append(target)
    sql = write("DELETE FROM people WHERE person_id = 1")
    error = refusal(lambda: target.perform(sql, approved=ONE, marker="m"))
    assert codes_of(error) == {codes.NOBODY_KNOWS}
    assert target.find_marker("m") is None


def test_asking_for_a_marker_waits_for_a_commit_on_its_way(site: PostgresSite) -> None:
    site.lock_seconds = 20
    target = site.open(TABLES)
    is_here, may_go = threading.Event(), threading.Event()

    class Slow(PostgresTarget):
        def _commit(self, connection: Connection, marker: str) -> None:
            is_here.set()
            may_go.wait(10)
            super()._commit(connection, marker)

    slow = Slow(site.address("loadline_gate"), TargetSettings(name="suite", kind="postgres", place=PLACE))
    site.opened.append(slow)
    sql = write("DELETE FROM people WHERE person_id = 1")
    thread = threading.Thread(target=lambda: slow.perform(sql, approved=ONE, marker="m"))
    thread.start()
    assert is_here.wait(10)
    threading.Timer(0.3, may_go.set).start()
    assert target.find_marker("m") is not None
    thread.join()


def test_a_server_that_ends_the_connection_is_said_and_the_next_write_works(site: PostgresSite) -> None:
    target = site.open(TABLES)
    target.measure(write("DELETE FROM people WHERE person_id = 1"))
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    site.run(cut)
    assert target.measure(write("DELETE FROM people WHERE person_id = 1")).rows == 1
    errors: list[LoadlineError] = []
    thread = threading.Thread(target=lambda: errors.append(refusal(lambda: target.measure(write(site.slow)))))
    thread.start()
    while thread.is_alive():
        site.run(cut)
        thread.join(0.05)
    assert [codes_of(error) for error in errors] == [{codes.CONNECTION_LOST}]


def test_a_database_that_was_not_made_ready_says_how(site: PostgresSite) -> None:
    site.create(TABLES)
    target = site.target()
    error = refusal(lambda: target.measure(write("DELETE FROM people")))
    assert codes_of(error) == {codes.NOT_SET_UP}
    assert "loadline guard setup postgres" in error.diagnostics[0].mend


def test_a_set_up_by_somebody_who_may_not_changes_nothing(site: PostgresSite) -> None:
    site.open(TABLES)
    site.create([*TABLES, "DROP ROLE IF EXISTS someone", "CREATE ROLE someone LOGIN"])
    address = site.address("someone")
    setup = plan_setup(address, schemas=["public"])
    assert codes_of(refusal(lambda: apply_setup(address, setup))) == {codes.SETUP_FAILED}
    assert codes_of(refusal(lambda: plan_setup(address, schemas=["nowhere"]))) == {codes.SETUP_FAILED}
    with site.connect() as connection:
        assert connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'loadline'").fetchone() is None


def test_an_steward_who_is_no_superuser_sets_up_all_but_the_undo(site: PostgresSite) -> None:
    site.create(["DROP ROLE IF EXISTS steward", "CREATE ROLE steward LOGIN CREATEROLE"])
    site.run("GRANT CREATE ON SCHEMA public TO steward", f'ALTER DATABASE "{site.database}" OWNER TO steward')
    with site.connect("steward") as steward:
        for statement in TABLES:
            steward.execute(statement.encode())
    address = site.address("steward")
    with site.connect() as connection:  # as it is on a server where no superuser has set anything up
        connection.execute("REVOKE SET ON PARAMETER session_replication_role FROM loadline_owner")
    try:
        setup = plan_setup(address, schemas=["public"])
        apply_setup(address, setup)
        assert "no write can be undone until a superuser says" in setup.notes[0]
        target = site.target()
        done = performed(target.perform(write("DELETE FROM people WHERE person_id = 1"), approved=ONE, marker="m"))
        assert done.no_undo == "the owner of the schema `loadline` may not set session_replication_role"
        assert codes_of(refusal(lambda: target.undo("m", as_marker="back"))) == {codes.CANNOT_UNDO}
    finally:
        site.run(setup.notes[0].partition("says: ")[2])
    done = performed(target.perform(write("DELETE FROM people WHERE person_id = 2"), approved=ONE, marker="n"))
    assert done.no_undo == ""
    assert performed(target.undo("n", as_marker="back")).effect.rows == 1
    apply_setup(address, plan_setup(address, schemas=["public"]))


def test_a_set_up_is_repeated_without_harm_and_says_what_it_leaves_out(site: PostgresSite) -> None:
    target = site.open(
        [
            *TABLES,
            "CREATE TABLE parent (x integer PRIMARY KEY)",
            "CREATE TABLE child (y integer) INHERITS (parent)",
        ]
    )
    done = target.perform(write("DELETE FROM people WHERE person_id = 1"), approved=ONE, marker="m")
    site.run("CREATE TABLE late (x integer PRIMARY KEY)")
    notes = site.set_up()
    assert [note.split()[0] for note in notes] == ["public.child", "public.log", "public.parent"]
    assert target.find_marker("m") == performed_again(done)
    assert target.measure(write("INSERT INTO late VALUES (1)")).rows == 1
    error = refusal(lambda: target.measure(write("INSERT INTO parent VALUES (1)")))
    assert codes_of(error) == {codes.NOT_GRANTED}


def performed_again(done: Any) -> object:
    from dataclasses import replace

    return replace(performed(done), is_repeat=True)


def test_what_came_by_a_side_door_is_told_by_name_and_a_switched_off_trigger_by_the_count(
    site: PostgresSite,
) -> None:
    target = site.open(TABLES)
    with site.connect("loadline_gate") as side_door:
        side_door.execute("SET ROLE loadline_writer")
        side_door.execute("DELETE FROM people WHERE person_id > 15")
    site.run("TRUNCATE log")
    told = target.reconcile(AGES_AGO)
    assert [(each.table, each.verb, each.rows, each.login) for each in told.outside] == [
        ("public.people", "delete", 5, "loadline_gate"),
        ("public.log", "truncate", None, "postgres"),
    ]
    assert told.unaccounted == ()
    site.run(
        "ALTER TABLE people DISABLE TRIGGER ALL",
        "DELETE FROM people WHERE person_id > 10",
        "ALTER TABLE people ENABLE ALWAYS TRIGGER loadline_capture_insert",
        "ALTER TABLE people ENABLE ALWAYS TRIGGER loadline_capture_update",
    )
    said = [each.what for each in target.reconcile(AGES_AGO).unaccounted if each.table == "public.people"]
    assert len(said) == 2
    assert "switched off" in said[0]
    assert said[1] == "it has 10 rows, and by what was recorded it should have 15"


def test_no_part_of_a_password_is_in_an_error(site: PostgresSite) -> None:
    site.open(TABLES)
    from loadline.adapters.warehouses.postgres.address import Address

    url = site.server.tcp_url(site.database, user="loadline_gate", password="s3cret-w0rd")  # noqa: S106
    address = Address(conninfo=url, shown="here", user="loadline_gate", place=PLACE, secrets=("s3cret-w0rd",))
    target = PostgresTarget(address, TargetSettings(name="suite", kind="postgres", place=PLACE))
    error = refusal(lambda: target.measure(write("DELETE FROM people")))
    assert "s3cret" not in str(error)
    assert isinstance(error, OutsideError | RequestError)
