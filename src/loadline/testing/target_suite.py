"""What every `Target` must do. An adapter's test derives from `TargetSuite` and gives it a fixture named `site`.

The cases know no engine. Statements are ones that every engine reads alike; what engines call a table, and how rows get
in behind the target's back, a `TargetSite` says. Cascades and triggers are asked for only where the engine has them.
"""

# ruff: noqa: S101 - a suite is made of asserts

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

import pytest

from loadline.errors import LoadlineError, OutsideError, RequestError
from loadline.flow.ports import Target
from loadline.values.effect import (
    Approved,
    ChangedSince,
    Exceeded,
    Performed,
    Preview,
    TableBound,
    TableEffect,
    Write,
    WriteBound,
    WriteEffect,
)

Dump = Mapping[str, Counter[tuple[object, ...]]]

TABLES = (
    "CREATE TABLE companies (company_id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE)",
    (
        "CREATE TABLE people (person_id INTEGER PRIMARY KEY, company_id INTEGER, name VARCHAR(40) NOT NULL, "
        "salary DECIMAL(12, 2))"
    ),
    "CREATE TABLE log (what VARCHAR(40))",
    *(f"INSERT INTO companies VALUES ({n}, 'company {n}')" for n in range(1, 6)),
    *(f"INSERT INTO people VALUES ({n}, {1 + n % 5}, 'person {n}', {1000 + n}.50)" for n in range(1, 21)),
    "INSERT INTO log VALUES ('once'), ('twice'), ('twice')",
)
NO_CHANGES = (
    "TRUNCATE people",
    "DROP TABLE people",
    "SELECT 1",
    "-- x\n/* y */ ALTER TABLE people ADD z INTEGER",
    "BEGIN",
    "COMMIT",
    "",
    "/* DELETE",
    "PRAGMA writable_schema = 1",
    "ATTACH 'x' AS x",
)
REFUSED = (
    "INSERT INTO companies VALUES (1, 'again')",
    "INSERT INTO companies VALUES (9, NULL)",
    "UPDATE people SET nothing = 1",
    "DELETE FROM nowhere",
    "DELETE people FROM WHERE",
    "DELETE FROM people; DROP TABLE people",
    "DELETE FROM people; COMMIT",
    "DELETE FROM people WHERE person_id = $1",
)
AGES_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class TargetSite(Protocol):
    """How the suite gets at an engine."""

    @property
    def has_cascades(self) -> bool:
        """Foreign keys that delete or empty, and triggers."""
        ...

    def open(self, statements: Sequence[str]) -> Target:
        """A target over a fresh database in which `statements` were run."""
        ...

    def run(self, *statements: str) -> None:
        """Behind the open target's back, as somebody with a connection of their own."""
        ...

    def dump(self) -> Dump:
        """Every row of every table of the user, by the table's name as effects say it."""
        ...

    def named(self, table: str) -> str:
        """A table as effects say it: `public.people`."""
        ...

    def cascading(self) -> Sequence[str]:
        """The tables of the suite, where a deleted company deletes its people, and a deleted person is written into
        `log`, which has a key `log_id` there."""
        ...

    @property
    def own_table(self) -> str:
        """A table of the target itself, which no write may touch."""
        ...

    @property
    def slow(self) -> str:
        """An UPDATE of `people` that takes a minute unless it is stopped."""
        ...


def difference(before: Dump, after: Dump, keys: Mapping[str, int]) -> dict[str, tuple[int, int, int]]:
    """Rows inserted, updated and deleted by table, from two dumps: the slow and obvious way. `keys` says how many of a
    table's first columns are its key."""
    found = {}
    for table in before.keys() | after.keys():
        gone = before.get(table, Counter()) - after.get(table, Counter())
        came = after.get(table, Counter()) - before.get(table, Counter())
        width = keys.get(table, 0)
        both = {row[:width] for row in gone} & {row[:width] for row in came} if width else set()
        counts = (came.total() - len(both), len(both), gone.total() - len(both))
        if any(counts):
            found[table] = counts
    return found


def counted(effect: WriteEffect) -> dict[str, tuple[int, int, int]]:
    return {each.table: (each.inserted, each.updated, each.deleted) for each in effect.tables if each.rows}


def write(sql: str, *parameters: object, counting: str | None = None) -> Write:
    return Write(target="suite", sql=sql, parameters=parameters, counting=counting)


def at_most(table: str, *, inserted: int = 0, updated: int = 0, deleted: int = 0) -> Approved:
    bound = TableBound(table=table, inserted=inserted, updated=updated, deleted=deleted)
    return Approved(bound=WriteBound(tables=(bound,)))


def exactly(effect: WriteEffect) -> Approved:
    """What was measured, and nothing else."""
    bounds = tuple(
        TableBound(table=each.table, inserted=each.inserted, updated=each.updated, deleted=each.deleted)
        for each in effect.tables
    )
    return Approved(bound=WriteBound(tables=bounds), effect=effect)


def performed(found: Performed | Exceeded | ChangedSince | None) -> Performed:
    assert isinstance(found, Performed), found
    return found


def codes_of(error: LoadlineError) -> set[str]:
    return {each.code for each in error.diagnostics}


class TargetSuite:
    KEYS: Mapping[str, int] = {"companies": 1, "people": 1}

    def keys(self, site: TargetSite) -> Mapping[str, int]:
        return {site.named(table): width for table, width in self.KEYS.items()}

    @pytest.mark.parametrize(
        "change",
        [
            write("DELETE FROM people WHERE person_id <= $1", 7),
            write("UPDATE people SET salary = salary + 1 WHERE company_id = $1", 2),
            write("UPDATE people SET person_id = person_id + 100 WHERE person_id > $1", 15),
            write("INSERT INTO people VALUES ($1, $2, $3, NULL)", 77, 1, "some'one"),
            write("INSERT INTO log SELECT name FROM people WHERE salary > $1", Decimal("1010.25")),
            write("DELETE FROM log WHERE what = $1", "twice"),
            write("UPDATE people SET name = name"),
            write("DELETE FROM people WHERE person_id = $1", 999),
            write("WITH gone AS (SELECT person_id FROM people WHERE salary > 1015) "
                  "DELETE FROM people WHERE person_id IN (SELECT person_id FROM gone)"),
        ],
        ids=lambda each: each.sql[:40],
    )  # fmt: skip
    def test_what_is_measured_is_what_happens_and_an_undo_takes_it_back(self, site: TargetSite, change: Write) -> None:
        target = site.open(TABLES)
        before = site.dump()
        measured = target.measure(change)
        assert site.dump() == before
        done = performed(target.perform(change, approved=Approved(bound=wide(measured), effect=measured), marker="m"))
        after = site.dump()
        assert done.effect == measured
        assert counted(measured) == difference(before, after, self.keys(site))
        if done.no_undo:
            assert site.named("log") in done.no_undo
            return
        foreseen = target.measure_undo("m")
        assert site.dump() == after
        undone = performed(target.undo("m", as_marker="m undone"))
        assert site.dump() == before
        assert undone.effect == foreseen
        assert counted(undone.effect) == difference(after, before, self.keys(site))

    def test_a_preview_shows_rows_as_they_are_and_as_they_would_be(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        before = site.dump()
        change = write("UPDATE people SET salary = NULL, name = $1 WHERE person_id <= 3", "renamed")
        found = target.preview(change, most=2)
        assert site.dump() == before
        assert found.effect == target.measure(change)
        (people,) = found.tables
        assert (people.table, people.key) == (site.named("people"), ("person_id",))
        assert (people.gone, people.changed, people.came) == (0, 3, 0)
        assert people.columns == ("person_id", "company_id", "name", "salary")
        first, second = people.rows
        assert first.before is not None
        assert first.before[:3] == ("1", "2", "person 1")
        assert Decimal(first.before[3] or "0") == Decimal("1001.5")
        assert first.after == ("1", "2", "renamed", None)
        assert (first.changed, second.changed) == (("name", "salary"), ("name", "salary"))
        assert (second.before or ())[0] == "2"

    def test_a_long_text_is_cut_and_still_tells_what_changes(self, site: TargetSite) -> None:
        long = "x" * 299 + "y"
        notes = "CREATE TABLE notes (note_id INTEGER PRIMARY KEY, body VARCHAR(900))"
        target = site.open((*TABLES, notes, f"INSERT INTO notes VALUES (1, '{'x' * 300}')"))
        ((row,),) = (table.rows for table in target.preview(write("UPDATE notes SET body = $1", long), most=5).tables)
        cut = [
            f"{'x' * 120}… (300 characters, md5 {hashlib.md5(each.encode(), usedforsecurity=False).hexdigest()[:8]})"
            for each in ("x" * 300, long)
        ]
        assert [(row.before or ())[1], (row.after or ())[1]] == cut
        assert row.changed == ("body",)

    def test_a_preview_shows_what_goes_and_what_comes(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        (gone,) = target.preview(write("DELETE FROM people WHERE person_id > 15"), most=20).tables
        assert (gone.gone, gone.changed, gone.came) == (5, 0, 0)
        assert [(row.before or ())[0] for row in gone.rows] == ["16", "17", "18", "19", "20"]
        assert {row.after for row in gone.rows} == {None}
        (came,) = target.preview(write("INSERT INTO companies VALUES (7, 'seven'), (6, 'six')"), most=1).tables
        assert (came.gone, came.changed, came.came) == (0, 0, 2)
        assert [(row.before, row.after) for row in came.rows] == [(None, ("6", "six"))]
        assert target.preview(write("UPDATE people SET name = name"), most=20).tables == ()
        assert target.preview(write("DELETE FROM people"), most=0).tables == ()

    def test_rows_without_a_key_go_and_come(self, site: TargetSite) -> None:
        (log,) = site.open(TABLES).preview(write("UPDATE log SET what = 'thrice' WHERE what = 'twice'"), most=20).tables
        assert (log.key, log.gone, log.changed, log.came) == ((), 2, 0, 2)
        assert [(row.before, row.after) for row in log.rows] == [
            (("twice",), None), (("twice",), None), (None, ("thrice",)), (None, ("thrice",)),
        ]  # fmt: skip

    def test_an_undo_shows_the_rows_it_would_bring_back(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change = write("DELETE FROM people WHERE person_id = 4")
        performed(target.perform(change, approved=exactly(target.measure(change)), marker="m"))
        found = target.preview_undo("m", most=5)
        assert isinstance(found, Preview)
        assert found.effect == target.measure_undo("m")
        (people,) = found.tables
        assert [(row.before, (row.after or ())[:1]) for row in people.rows] == [(None, ("4",))]

    def test_rows_written_back_as_they_were_are_writes_and_no_effect(self, site: TargetSite) -> None:
        effect = site.open(TABLES).measure(write("UPDATE people SET name = name"))
        assert effect.tables == (TableEffect(table=site.named("people"), writes=20),)
        assert effect.rows == 0

    def test_what_is_over_its_bound_leaves_nothing(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        before = site.dump()
        approved = at_most(site.named("people"), deleted=6)
        done = target.perform(write("DELETE FROM people WHERE person_id <= 7"), approved=approved, marker="m")
        assert isinstance(done, Exceeded)
        assert counted(done.effect) == {site.named("people"): (0, 0, 7)}
        assert done.why == (f"7 rows of `{site.named('people')}` would be deleted, and at most 6 may be",)
        assert site.dump() == before
        assert target.find_marker("m") is None

    def test_a_table_that_is_not_in_the_bound_may_not_change(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        before = site.dump()
        approved = at_most(site.named("people"), inserted=9, updated=9, deleted=9)
        done = target.perform(write("INSERT INTO log VALUES ('x')"), approved=approved, marker="m")
        assert isinstance(done, Exceeded)
        assert site.dump() == before

    def test_a_count_that_says_too_much_keeps_it_from_being_begun(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        before = site.dump()
        sql = "UPDATE people SET salary = salary / 0 WHERE person_id > $1"
        change = write(sql, 1, counting="SELECT count(*) FROM people WHERE person_id > $1")
        done = target.perform(change, approved=at_most(site.named("people"), updated=3), marker="m")
        assert isinstance(done, Exceeded)
        assert done.effect.tables == ()
        assert done.why == ("the statement would touch 19 rows by itself, and at most 3 may be",)
        assert site.dump() == before

    def test_a_count_takes_only_the_values_it_names(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        sql = "UPDATE people SET name = $1, salary = $2 WHERE person_id > $3 AND name <> '$9'"
        counting = "SELECT count(*) FROM people WHERE person_id > $3 AND name <> '$9'"
        change = write(sql, "x", Decimal("1.50"), 17, counting=counting)
        done = performed(target.perform(change, approved=at_most(site.named("people"), updated=3), marker="m"))
        assert counted(done.effect) == {site.named("people"): (0, 3, 0)}

    def test_what_was_approved_and_has_moved_since_is_not_performed(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change = write("DELETE FROM people WHERE salary < $1", Decimal(1003))
        measured = target.measure(change)
        site.run("UPDATE people SET name = 'renamed' WHERE person_id = 2")
        before = site.dump()
        done = target.perform(change, approved=exactly(measured), marker="m")
        assert isinstance(done, Exceeded)
        assert "not as they were" in done.why[0]
        assert site.dump() == before

    def test_a_marker_is_performed_once(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change, approved = write("INSERT INTO log VALUES ('x')"), at_most(site.named("log"), inserted=1)
        first = performed(target.perform(change, approved=approved, marker="m"))
        after = site.dump()
        again = performed(target.perform(change, approved=approved, marker="m"))
        found = performed(target.find_marker("m"))
        assert (first.is_repeat, again.is_repeat) == (False, True)
        assert first.effect == again.effect == found.effect
        assert first.at == again.at == found.at
        assert site.dump() == after
        assert target.find_marker("another") is None

    def test_a_marker_that_two_perform_at_once_is_performed_once(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change, approved = write("INSERT INTO log VALUES ('x')"), at_most(site.named("log"), inserted=1)
        found: list[bool] = []

        def act() -> None:
            found.append(performed(target.perform(change, approved=approved, marker="m")).is_repeat)

        threads = [threading.Thread(target=act) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [False, True, True, True]
        assert site.dump()[site.named("log")][self.logged("x", site)] == 1

    @staticmethod
    def logged(what: str, site: TargetSite) -> tuple[object, ...]:
        del site
        return (what,)

    def test_an_undo_is_a_write_that_can_be_undone_once(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change = write("DELETE FROM people WHERE person_id <= 3")
        target.perform(change, approved=at_most(site.named("people"), deleted=3), marker="m")
        after = site.dump()
        performed(target.undo("m", as_marker="back"))
        with pytest.raises(RequestError) as refused:
            target.undo("m", as_marker="back again")
        assert codes_of(refused.value) == {"TGT009"}
        assert performed(target.undo("m", as_marker="back")).is_repeat
        performed(target.undo("back", as_marker="forth"))
        assert site.dump() == after

    def test_what_was_never_performed_cannot_be_undone(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        for attempt in (target.measure_undo, lambda marker: target.undo(marker, as_marker="back")):
            with pytest.raises(RequestError) as refused:
                attempt("nothing")
            assert codes_of(refused.value) == {"TGT009"}
        assert target.find_marker("back") is None

    @pytest.mark.parametrize(
        ("sql", "since"),
        [
            ("UPDATE people SET salary = 0 WHERE person_id <= 3", "UPDATE people SET salary = 1 WHERE person_id = 2"),
            ("UPDATE people SET salary = 0 WHERE person_id <= 3", "DELETE FROM people WHERE person_id = 2"),
            ("DELETE FROM people WHERE person_id <= 3", "INSERT INTO people VALUES (2, 1, 'another', 1)"),
            ("DELETE FROM people WHERE person_id <= 3", "INSERT INTO people VALUES (2, 3, 'person 2', 1002.50)"),
            ("INSERT INTO people VALUES (77, 1, 'new', 1)", "UPDATE people SET name = 'x' WHERE person_id = 77"),
            ("INSERT INTO people VALUES (77, 1, 'new', 1)", "DELETE FROM people WHERE person_id = 77"),
            ("DELETE FROM companies WHERE company_id = 3", "INSERT INTO companies VALUES (33, 'company 3')"),
        ],
    )
    def test_an_undo_is_refused_when_rows_changed_since(self, site: TargetSite, sql: str, since: str) -> None:
        target = site.open(TABLES)
        change = write(sql)
        performed(target.perform(change, approved=exactly(target.measure(change)), marker="m"))
        site.run(since)
        before = site.dump()
        refusal = target.undo("m", as_marker="back")
        assert isinstance(refusal, ChangedSince)
        assert refusal.tables == (site.named("companies" if "companies" in sql else "people"),)
        assert isinstance(target.measure_undo("m"), ChangedSince)
        assert site.dump() == before
        assert target.find_marker("back") is None

    def test_an_undo_does_not_mind_what_happened_to_other_rows(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change = write("DELETE FROM people WHERE person_id <= 3")
        performed(target.perform(change, approved=exactly(target.measure(change)), marker="m"))
        site.run("UPDATE people SET salary = 1 WHERE person_id = 9", "DELETE FROM people WHERE person_id = 10")
        performed(target.undo("m", as_marker="back"))
        assert site.dump()[site.named("people")].total() == 19

    def test_rows_that_nothing_tells_apart_can_be_written_and_not_undone(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        done = target.perform(
            write("DELETE FROM log WHERE what = 'once'"), approved=at_most(site.named("log"), deleted=1), marker="m"
        )
        assert site.named("log") in performed(done).no_undo
        with pytest.raises(RequestError) as refused:
            target.undo("m", as_marker="back")
        assert codes_of(refused.value) == {"TGT009"}

    def test_what_is_no_data_change_never_reaches_the_engine(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        for sql in NO_CHANGES:
            with pytest.raises(RequestError) as measured:
                target.measure(write(sql))
            with pytest.raises(RequestError) as done:
                target.perform(write(sql), approved=at_most("x"), marker="m")
            assert codes_of(measured.value) == codes_of(done.value) == {"TGT001"}, sql

    def test_what_the_engine_refuses_leaves_nothing_and_says_why(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        before = site.dump()
        for sql in REFUSED:
            with pytest.raises(RequestError) as refused:
                target.perform(write(sql), approved=at_most(site.named("people"), deleted=99), marker="m")
            assert codes_of(refused.value) == {"TGT003"}, sql
            assert site.dump() == before
            assert target.find_marker("m") is None
        assert target.measure(write("DELETE FROM people WHERE person_id = 1")).rows == 1

    def test_no_write_touches_what_the_target_keeps_for_itself(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change, approved = write("INSERT INTO log VALUES ('x')"), at_most(site.named("log"), inserted=1)
        performed(target.perform(change, approved=approved, marker="m"))
        for sql in (
            f"DELETE FROM {site.own_table}",
            f"INSERT INTO log SELECT marker FROM {site.own_table}",
            f"UPDATE {site.own_table} SET marker = 'x'",
        ):
            with pytest.raises(RequestError):
                target.measure(write(sql))
        assert target.find_marker("m") is not None

    def test_what_happened_outside_is_told(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change = write("DELETE FROM people WHERE person_id <= 3")
        performed(target.perform(change, approved=exactly(target.measure(change)), marker="m"))
        assert (quiet := target.reconcile(AGES_AGO)).markers == ("m",)
        assert (quiet.outside, quiet.unaccounted) == ((), ())
        site.run("DELETE FROM people WHERE person_id > 10")
        told = target.reconcile(AGES_AGO)
        assert told.markers == ("m",)
        seen = {each.table for each in told.outside} | {each.table for each in told.unaccounted}
        assert seen == {site.named("people")}

    def test_rows_that_were_added_are_read_beside_those_that_were_there(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        change = write("INSERT INTO people SELECT person_id + 100, 1, 'new', NULL FROM people WHERE person_id <= 5")
        performed(target.perform(change, approved=exactly(target.measure(change)), marker="m"))
        (found,) = target.read_inserted("m", most=3)
        assert (found.table, found.count) == (site.named("people"), 5)
        assert found.columns == ("person_id", "company_id", "name", "salary")
        assert len(found.new) == 3
        assert {row[1:] for row in found.new} == {(1, "new", None)}
        assert [row[0] for row in found.old] == [20, 19, 18]
        assert target.read_inserted("another", most=3) == ()

    def test_a_write_that_is_stopped_leaves_nothing(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        before = site.dump()
        caught: list[LoadlineError] = []

        def act() -> None:
            try:
                target.measure(write(site.slow))
            except LoadlineError as error:
                caught.append(error)

        thread = threading.Thread(target=act)
        thread.start()
        while thread.is_alive():
            target.cancel()
            thread.join(0.05)
        assert [codes_of(error) for error in caught] == [{"TGT010"}]
        assert site.dump() == before
        assert target.measure(write("DELETE FROM people WHERE person_id = 1")).rows == 1

    def test_a_closed_target_says_so(self, site: TargetSite) -> None:
        target = site.open(TABLES)
        target.close()
        target.close()
        with pytest.raises(OutsideError) as refused:
            target.measure(write("DELETE FROM people"))
        assert codes_of(refused.value) == {"TGT011"}

    def test_cascades_and_triggers_are_part_of_the_effect_and_of_the_undo(self, site: TargetSite) -> None:
        if not site.has_cascades:
            pytest.skip("this engine has neither")
        target = site.open(site.cascading())
        before = site.dump()
        change = write("DELETE FROM companies WHERE company_id = $1", 2)
        measured = target.measure(change)
        assert counted(measured) == {
            site.named("companies"): (0, 0, 1), site.named("people"): (0, 0, 4), site.named("log"): (4, 0, 0)
        }  # fmt: skip
        refused = target.perform(change, approved=at_most(site.named("companies"), deleted=1), marker="m")
        assert isinstance(refused, Exceeded)
        assert site.dump() == before
        performed(target.perform(change, approved=exactly(measured), marker="m"))
        performed(target.undo("m", as_marker="back"))
        assert site.dump() == before

    def test_an_undo_is_refused_when_what_it_refers_to_is_gone_or_something_refers_to_it(
        self, site: TargetSite
    ) -> None:
        if not site.has_cascades:
            pytest.skip("this engine keeps foreign keys while it undoes")
        target = site.open(site.cascading())
        gone = write("DELETE FROM people WHERE company_id = 2")
        performed(target.perform(gone, approved=exactly(target.measure(gone)), marker="gone"))
        came = write("INSERT INTO companies VALUES (9, 'new')")
        performed(target.perform(came, approved=exactly(target.measure(came)), marker="came"))
        site.run("DELETE FROM companies WHERE company_id = 2", "INSERT INTO people VALUES (90, 9, 'new', 1)")
        before = site.dump()
        for marker in ("gone", "came"):
            assert isinstance(target.undo(marker, as_marker=f"{marker} back"), ChangedSince)
        assert site.dump() == before


def wide(effect: WriteEffect) -> WriteBound:
    """A bound that holds no row write back."""
    most = sum(each.writes for each in effect.tables)
    return WriteBound(
        tables=tuple(TableBound(table=each.table, inserted=most, updated=most, deleted=most) for each in effect.tables)
    )
