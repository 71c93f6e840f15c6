"""Generated writes over tables of keys, cascades and triggers in; effect = difference of full dumps, undo = before.

One database for each world; every write that was performed is undone, so each example begins where the first one did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.tools.targets.postgres_site import PostgresSite
from adapters.tools.targets.test_duckdb_target import DuckdbSite
from adapters.tools.targets.test_sqlite_target import SqliteSite
from loadline.errors import RequestError
from loadline.flow.ports import Target
from loadline.testing.target_suite import TargetSite, counted, difference, exactly, performed, write
from loadline.values.effect import Approved, ChangedSince, Write

if TYPE_CHECKING:
    from postgres_server import Server

ROWS = 12
SMALL = st.integers(0, ROWS + 3)
STATEMENTS = (
    "DELETE FROM a WHERE id BETWEEN $1 AND $2",
    "DELETE FROM b WHERE v > $1 OR id = $2",
    "DELETE FROM a WHERE id <> $1 AND v >= $2",
    "UPDATE a SET v = v + 1 WHERE id > $1 AND id < $2",
    "UPDATE a SET id = id + 100 WHERE id IN ($1, $2)",
    "UPDATE a SET t = 'same' WHERE id = $1 OR v = $2",
    "UPDATE b SET a_id = $1 WHERE id = $2",
    "UPDATE b SET v = v, a_id = NULL WHERE v = $1 OR v = $2",
    "UPDATE c SET b_id = $1 WHERE id > $2",
    "INSERT INTO a (id, v, t) VALUES ($1, $2, 'new')",
    "INSERT INTO a (id, v, t) SELECT id + 50, v, t FROM a WHERE v IN ($1, $2)",
    "INSERT INTO b (id, a_id, v) SELECT id + 60 + $1, id, v FROM a WHERE id > $2",
    "INSERT INTO a (id, v, t) VALUES ($1, $2, 'upsert') ON CONFLICT (id) DO UPDATE SET t = 'changed', v = 7",
    "INSERT INTO a (id, v, t) SELECT id, $1, 'many' FROM b WHERE id > $2 ON CONFLICT DO NOTHING",
    "WITH chosen AS (SELECT id FROM a WHERE v < $1) DELETE FROM b WHERE a_id IN (SELECT id FROM chosen) AND id < $2",
)
POSTGRES = (
    (
        "WITH gone AS (DELETE FROM b WHERE id < $1 RETURNING id, v) INSERT INTO a SELECT id + 70, v, 'moved' FROM gone "
        "WHERE v <> $2"
    ),
    (
        "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED AND b.v > $1 THEN DELETE WHEN MATCHED THEN UPDATE SET v = $2 "
        "WHEN NOT MATCHED THEN INSERT VALUES (b.id, b.v, 'merged')"
    ),
    "UPDATE a SET v = b.v FROM b WHERE b.a_id = a.id AND b.id BETWEEN $1 AND $2",
    "DELETE FROM a USING b WHERE b.a_id = a.id AND b.v IN ($1, $2)",
)
SQLITE = (
    "INSERT OR REPLACE INTO a (id, v, t) VALUES ($1, $2, 'replaced')",
    "REPLACE INTO b (id, a_id, v) SELECT id, $1, v + 1 FROM b WHERE id > $2",
    "UPDATE OR REPLACE a SET id = $1 WHERE id = $2",
    "UPDATE OR IGNORE a SET id = id + 1 WHERE id BETWEEN $1 AND $2",
    "INSERT OR REPLACE INTO u (name, n, m) VALUES ('u' || $1, $2, 3)",
    "UPDATE OR REPLACE u SET n = $1 WHERE m = $2",
    "DELETE FROM u WHERE n BETWEEN $1 AND $2",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    name: str
    b_to_a: str
    c_to_b: str
    triggers: tuple[str, ...] = ()

    def tables(self, identity: str) -> list[str]:
        rows = range(1, ROWS + 1)
        return [
            "CREATE TABLE a (id integer PRIMARY KEY, v integer, t varchar(20))",
            f"CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a (id) {self.b_to_a}, v integer)",
            f"CREATE TABLE c (id integer PRIMARY KEY, b_id integer REFERENCES b (id) {self.c_to_b})",
            f"CREATE TABLE log (log_id {identity}, what varchar(40))",
            *(f"INSERT INTO a VALUES ({n}, {n % 5}, 'a{n}')" for n in rows),
            *(f"INSERT INTO b VALUES ({n}, {1 + n % 9}, {n % 4})" for n in rows),
            *(f"INSERT INTO c VALUES ({n}, {1 + (n * 5) % ROWS})" for n in rows),
        ]


WORLDS = (
    World(name="cascades", b_to_a="ON DELETE CASCADE ON UPDATE CASCADE", c_to_b="ON DELETE CASCADE"),
    World(name="nulls", b_to_a="ON DELETE SET NULL ON UPDATE SET NULL", c_to_b="ON DELETE CASCADE", triggers=("log",)),
    World(name="refusals", b_to_a="", c_to_b="ON DELETE SET NULL", triggers=("log", "before")),
    World(name="deferred", b_to_a="DEFERRABLE INITIALLY DEFERRED", c_to_b="ON DELETE CASCADE", triggers=("again",)),
    World(
        name="everything",
        b_to_a="ON DELETE CASCADE ON UPDATE CASCADE",
        c_to_b="ON DELETE SET NULL",
        triggers=("log", "again", "chain", "fails"),
    ),
)
IN_POSTGRES = {
    "log": ("AFTER DELETE ON b FOR EACH ROW", "INSERT INTO log (what) VALUES ('b' || OLD.id); RETURN NULL;"),
    "before": ("BEFORE UPDATE ON a FOR EACH ROW", "NEW.v := NEW.v + 1; RETURN NEW;"),
    "again": (
        "AFTER UPDATE OF v ON a FOR EACH ROW WHEN (OLD.v IS DISTINCT FROM NEW.v)",
        "UPDATE b SET v = v + 1 WHERE a_id = NEW.id; UPDATE a SET t = 'again' WHERE id = NEW.id; RETURN NULL;",
    ),
    "chain": ("AFTER INSERT ON log FOR EACH ROW", "DELETE FROM c WHERE id = (SELECT min(id) FROM c); RETURN NULL;"),
    "fails": (
        "AFTER UPDATE ON b FOR EACH STATEMENT",
        (
            "BEGIN INSERT INTO a VALUES (900, 1, 'tried'); INSERT INTO a VALUES (1, 1, 'x'), (900, 1, 'twice'); "
            "EXCEPTION WHEN unique_violation THEN NULL; END; RETURN NULL;"
        ),
    ),
}
IN_SQLITE = {
    "log": "AFTER DELETE ON b BEGIN INSERT INTO log (what) VALUES ('b' || OLD.id); END",
    "before": "AFTER UPDATE OF t ON a BEGIN UPDATE a SET v = v + 1 WHERE id = NEW.id; END",
    "again": "AFTER UPDATE OF v ON a WHEN OLD.v IS NOT NEW.v "
    "BEGIN UPDATE b SET v = v + 1 WHERE a_id = NEW.id; UPDATE a SET t = 'again' WHERE id = NEW.id; END",
    "chain": "AFTER INSERT ON log BEGIN DELETE FROM c WHERE id = (SELECT min(id) FROM c); END",
    "fails": "AFTER UPDATE ON b BEGIN INSERT OR IGNORE INTO a VALUES (1, 1, 'x'); END",
}


def in_postgres(world: World) -> Sequence[str]:
    made = []
    for name in world.triggers:
        when, body = IN_POSTGRES[name]
        made.append(f"CREATE FUNCTION {name}_f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
        made.append(f'CREATE TRIGGER "{name}" {when} EXECUTE FUNCTION {name}_f()')
    return (*world.tables("integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY"), *made)


def in_sqlite(world: World) -> Sequence[str]:
    return (
        *world.tables("integer PRIMARY KEY"),
        "CREATE TABLE u (name text PRIMARY KEY NOT NULL, n integer UNIQUE, m integer) WITHOUT ROWID",
        *(f"INSERT INTO u VALUES ('u{n}', {n}, {n % 3})" for n in range(1, ROWS)),
        *(f"CREATE TRIGGER {name}_t {IN_SQLITE[name]}" for name in world.triggers),
    )


def in_duckdb(world: World) -> Sequence[str]:
    """Without references: DuckDB refuses much that touches both ends of one."""
    tables = world.tables("integer DEFAULT nextval('ids') PRIMARY KEY")
    return ("CREATE SEQUENCE ids", *(re.sub(r" REFERENCES [^,)]*\([^)]*\)[^,)]*", "", each) for each in tables))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    site: TargetSite
    target: Target
    statements: tuple[str, ...]
    numbers: Iterator[int]


@pytest.fixture(params=WORLDS, ids=lambda world: world.name, scope="module")
def postgres(request: pytest.FixtureRequest, postgres_server: Server) -> Iterator[Opened]:
    site = PostgresSite(server=postgres_server)
    target = site.open(in_postgres(request.param))
    yield Opened(site=site, target=target, statements=STATEMENTS + POSTGRES, numbers=iter(range(10**6)))
    site.close()


@pytest.fixture(params=WORLDS, ids=lambda world: world.name, scope="module")
def sqlite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder: Path = tmp_path_factory.mktemp("sqlite")
    site = SqliteSite(folder=folder)
    target = site.open(in_sqlite(request.param))
    yield Opened(site=site, target=target, statements=STATEMENTS + SQLITE, numbers=iter(range(10**6)))
    site.close()


@pytest.fixture(scope="module")
def duckdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder: Path = tmp_path_factory.mktemp("duckdb")
    site = DuckdbSite(folder=folder)
    target = site.open(in_duckdb(WORLDS[0]))
    yield Opened(site=site, target=target, statements=STATEMENTS + POSTGRES[2:], numbers=iter(range(10**6)))
    site.close()


@given(data=st.data())
@settings(max_examples=3)
def test_an_effect_in_duckdb_is_the_difference_of_the_dumps(duckdb: Opened, data: st.DataObject) -> None:
    there_and_back(duckdb, data)


@given(data=st.data())
@settings(max_examples=12)
def test_an_effect_in_postgres_is_the_difference_of_the_dumps(postgres: Opened, data: st.DataObject) -> None:
    there_and_back(postgres, data)


@given(data=st.data())
@settings(max_examples=25)
def test_an_effect_in_sqlite_is_the_difference_of_the_dumps(sqlite: Opened, data: st.DataObject) -> None:
    there_and_back(sqlite, data)


def there_and_back(opened: Opened, data: st.DataObject) -> None:
    """One to three writes, one after the other, and all of them undone, last first."""
    site, target = opened.site, opened.target
    keys = {site.named(table): 1 for table in ("a", "b", "c", "log", "u")}
    before = site.dump()
    done = []
    changes = st.builds(write, st.sampled_from(opened.statements), SMALL, SMALL)
    for change in data.draw(st.lists(changes, min_size=1, max_size=3)):
        dumped = site.dump()
        try:
            effect = target.measure(change)
        except RequestError:  # a key or a check of the database stood against it
            refused(target, change)
            assert site.dump() == dumped
            continue
        assert site.dump() == dumped
        marker = f"m{next(opened.numbers)}"
        kept = performed(target.perform(change, approved=exactly_with_writes(effect), marker=marker))
        after = site.dump()
        assert kept.effect.tables == effect.tables
        assert counted(effect) == difference(dumped, after, keys)
        assert kept.no_undo == ""
        done.append((marker, dumped))
    for marker, dumped in reversed(done):
        undone = target.undo(marker, as_marker=f"{marker} undone")
        assert not isinstance(undone, ChangedSince), undone
        assert site.dump() == dumped
    assert site.dump() == before


def refused(target: Target, change: Write) -> None:
    with pytest.raises(RequestError):
        target.perform(change, approved=exactly(target.measure(write("DELETE FROM a WHERE id = -1"))), marker="never")


def exactly_with_writes(effect: object) -> Approved:
    from loadline.testing.target_suite import wide
    from loadline.values.effect import WriteEffect

    assert isinstance(effect, WriteEffect)
    return Approved(bound=wide(effect), effect=effect)
