"""A warehouse to be trusted in; nothing, or an AssertionError that says which promise it breaks, out.

Every adapter of the `Warehouse` port runs all of `CASES`. The cases know no engine: a `Site` says how tables get into
one and what a slow query looks like there. What an engine cannot do is a `Gap` with the error it must raise instead.
`fake_warehouse.py` is the second adapter: canned answers for tests of the river, held to the same cases.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from loadline.errors import OutsideError
from loadline.flow.ports import Fetched, Warehouse

# The codes every warehouse uses for what the port promises.
NO_SUCH_RELATION = "WAR007"
NO_SUCH_COLUMN = "WAR008"
TOO_SLOW = "WAR012"
CANCELLED = "WAR013"
REFUSED_BY_ENGINE = "WAR014"
NOT_A_READ = "WAR015"
CLOSED = "WAR020"

Rows = Sequence[tuple[object, ...]]


class ColumnType(StrEnum):
    """What a table of the suite can hold. NUMBER has two digits after the point, INSTANT is an aware datetime."""

    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    columns: Mapping[str, ColumnType]
    rows: Rows


class Kind(StrEnum):
    NOTIMPL = "notimpl"  # the engine could, nobody has needed it
    NOTYET = "notyet"  # it will
    NEVER = "never"  # the engine cannot


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A case the adapter does not keep. Running it must raise an OutsideError with `code`."""

    kind: Kind
    code: str
    why: str


class Site(Protocol):
    """How the suite gets at an engine. `slow_sql` runs for minutes unless stopped and returns few rows."""

    @property
    def gaps(self) -> Mapping[str, Gap]: ...

    @property
    def slow_sql(self) -> str: ...

    @property
    def has_relation_versions(self) -> bool:
        """False where one version covers the whole database."""
        ...

    def open(self, tables: Mapping[str, Table]) -> Warehouse:
        """A warehouse that holds exactly `tables`."""
        ...

    def change(self, tables: Mapping[str, Table]) -> None:
        """Replace the rows of `tables` behind the open warehouse's back."""
        ...


THINGS = "suite.things"
OTHERS = "suite.others"
MANY = "suite.many"
SELECT_THINGS = f"SELECT * FROM {THINGS} ORDER BY id"
SELECT_MANY = f"SELECT id FROM {MANY} ORDER BY id"
SELECT_NONE = f"SELECT id, name FROM {THINGS} WHERE id = 0"
COUNT_THINGS = f"SELECT COUNT(*) AS n FROM {THINGS}"
COUNT_OTHERS = f"SELECT COUNT(*) AS n FROM {OTHERS}"
TWICE_NAMED = f"SELECT id AS x, name AS x FROM {THINGS} ORDER BY id"
MANY_COUNT = 25_000

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        THINGS: Table(
            columns={
                "id": ColumnType.INTEGER,
                "name": ColumnType.STRING,
                "price": ColumnType.NUMBER,
                "is_big": ColumnType.BOOLEAN,
                "day": ColumnType.DATE,
                "at": ColumnType.TIMESTAMP,
                "seen": ColumnType.INSTANT,
            },
            rows=(
                (
                    1,
                    "plain",
                    Decimal("1.10"),
                    True,
                    date(2025, 1, 31),
                    datetime(2025, 3, 30, 2, 30),  # noqa: DTZ001  (a clock time that does not exist in Berlin)
                    datetime(2025, 3, 30, 1, 30, tzinfo=UTC),
                ),
                (
                    2,
                    "Zürich, 東京 🚢 \"quoted\" 'once' back\\slash",
                    Decimal("-0.05"),
                    False,
                    date(1970, 1, 1),
                    datetime(1999, 12, 31, 23, 59, 59, 999999),  # noqa: DTZ001
                    datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
                ),
                (3, "007", Decimal("90071992547409.93"), None, date(9999, 12, 31), None, None),
                (4, None, None, None, None, None, None),
                (-9223372036854775807, "NULL", Decimal("0.00"), True, date(1, 1, 1), None, None),
            ),
        ),
        OTHERS: Table(columns={"id": ColumnType.INTEGER}, rows=((1,), (2,))),
        MANY: Table(columns={"id": ColumnType.INTEGER}, rows=tuple((i,) for i in range(MANY_COUNT))),
    }
)

_WRITES = (
    f"INSERT INTO {THINGS} (id) VALUES (99)",
    f"UPDATE {THINGS} SET name = 'x'",
    f"DELETE FROM {THINGS}",
    f"TRUNCATE TABLE {THINGS}",
    f"DROP TABLE {THINGS}",
    f"ALTER TABLE {THINGS} ADD COLUMN extra INTEGER",
    "CREATE TABLE suite.made (id INTEGER)",
    "CREATE TEMPORARY TABLE made (id INTEGER)",
    f"CREATE VIEW suite.seen AS {SELECT_THINGS}",
    f"SELECT * INTO made FROM {THINGS}",
    f"WITH gone AS (DELETE FROM {THINGS} RETURNING *) SELECT * FROM gone",
    f"WITH new AS (INSERT INTO {OTHERS} VALUES (99) RETURNING *) SELECT * FROM new",
    "BEGIN",
    "COMMIT",
    "SET TimeZone = 'Europe/Berlin'",
    f"SELECT 1; DELETE FROM {THINGS}",
    f"SELECT 1; {SELECT_THINGS}",
    "",
    "-- nothing but a comment",
)


def fetch(warehouse: Warehouse, sql: str, *, timeout_seconds: float = 60.0, max_rows: int = 1_000_000) -> Rows:
    """All rows at once; for tests."""
    fetched = warehouse.read_rows(sql, timeout_seconds=timeout_seconds, max_rows=max_rows)
    return [row for batch in fetched.batches for row in batch]


def values_come_back_as_they_went_in(site: Site) -> None:
    with _opened(site) as warehouse:
        rows = fetch(warehouse, SELECT_THINGS)
    wanted = sorted(TABLES[THINGS].rows, key=lambda row: int(str(row[0])))
    _same(list(rows), wanted, "rows")
    kinds = [[type(value) for value in row] for row in rows]
    _same(kinds, [[type(value) for value in row] for row in wanted], "the Python types of the rows")
    instants = [row[6] for row in rows if isinstance(row[6], datetime)]
    _same([instant.tzinfo for instant in instants], [UTC] * len(instants), "time zones")
    _same([str(row[2]) for row in rows[1:3]], ["1.10", "-0.05"], "digits after the point")


def columns_come_in_the_order_asked(site: Site) -> None:
    with _opened(site) as warehouse:
        fetched = warehouse.read_rows(SELECT_THINGS, timeout_seconds=60, max_rows=10)
        _close(fetched)
        _same([name for name, _ in fetched.columns], list(TABLES[THINGS].columns), "columns")
        _true(all(engine_type for _, engine_type in fetched.columns), "every column has an engine type")


def two_columns_may_share_a_name(site: Site) -> None:
    with _opened(site) as warehouse:
        fetched = warehouse.read_rows(TWICE_NAMED, timeout_seconds=60, max_rows=10)
        rows = [row for batch in fetched.batches for row in batch]
    _same(len(fetched.columns), 2, "columns")
    _same(rows[1], (1, "plain"), "row")


def an_empty_result_still_has_columns(site: Site) -> None:
    with _opened(site) as warehouse:
        fetched = warehouse.read_rows(SELECT_NONE, timeout_seconds=60, max_rows=10)
        _same(list(fetched.batches), [], "batches")
        _same([name for name, _ in fetched.columns], ["id", "name"], "columns")
        _true(not fetched.is_truncated(), "the result is not truncated")


def rows_past_the_limit_are_not_fetched_and_said(site: Site) -> None:
    with _opened(site) as warehouse:
        for limit, is_truncated in ((0, True), (1, True), (4, True), (5, False), (6, False)):
            fetched = warehouse.read_rows(SELECT_THINGS, timeout_seconds=60, max_rows=limit)
            rows = [row for batch in fetched.batches for row in batch]
            _same(len(rows), min(limit, 5), f"rows at limit {limit}")
            _same(fetched.is_truncated(), is_truncated, f"is_truncated at limit {limit}")


def many_rows_come_in_batches(site: Site) -> None:
    with _opened(site) as warehouse:
        fetched = warehouse.read_rows(SELECT_MANY, timeout_seconds=60, max_rows=MANY_COUNT)
        batches = list(fetched.batches)
        _true(len(batches) > 1 and max(map(len, batches)) <= MANY_COUNT // 2, "no batch holds most of the rows")
        _same([row[0] for batch in batches for row in batch], list(range(MANY_COUNT)), "rows")
        _true(not fetched.is_truncated(), "the result is not truncated")
        cut = warehouse.read_rows(SELECT_MANY, timeout_seconds=60, max_rows=MANY_COUNT - 1)
        _same(sum(len(batch) for batch in cut.batches), MANY_COUNT - 1, "rows short of one")
        _true(cut.is_truncated(), "the result short of one is truncated")


def a_result_may_be_left_half_read(site: Site) -> None:
    with _opened(site) as warehouse:
        for _ in range(5):
            fetched = warehouse.read_rows(SELECT_MANY, timeout_seconds=60, max_rows=MANY_COUNT)
            next(fetched.batches)
            _close(fetched)
            _same(list(fetched.batches), [], "batches after closing")
        _same(fetch(warehouse, COUNT_THINGS), [(5,)], "count")


def a_query_over_its_time_is_stopped(site: Site) -> None:
    with _opened(site) as warehouse:
        error = _raises(TOO_SLOW, lambda: fetch(warehouse, site.slow_sql, timeout_seconds=0.2), "a slow query")
        _true(error.retryable, "a timeout may be retried")
        _true("0.2" in error.diagnostics[0].what, "the message says the limit")
        _same(fetch(warehouse, COUNT_THINGS), [(5,)], "count")


def a_query_can_be_cancelled_from_another_thread(site: Site) -> None:
    with _opened(site) as warehouse:
        warehouse.cancel()  # nothing runs: nothing happens
        _same(fetch(warehouse, COUNT_THINGS), [(5,)], "count before")
        canceller = threading.Timer(0.2, warehouse.cancel)
        canceller.start()
        try:
            _raises(CANCELLED, lambda: fetch(warehouse, site.slow_sql, timeout_seconds=60), "a cancelled query")
        finally:
            canceller.cancel()
            canceller.join()
        _same(fetch(warehouse, COUNT_THINGS), [(5,)], "count after")


def many_threads_may_read_at_once(site: Site) -> None:
    with _opened(site) as warehouse:
        seen: list[Rows] = []
        threads = [threading.Thread(target=lambda: seen.append(fetch(warehouse, SELECT_MANY))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        _same([len(rows) for rows in seen], [MANY_COUNT] * 8, "rows per thread")


def a_schema_names_the_columns_in_order(site: Site) -> None:
    with _opened(site) as warehouse:
        schema = warehouse.read_schema(THINGS)
        _same(list(schema), list(TABLES[THINGS].columns), "columns")
        _true(all(isinstance(engine_type, str) and engine_type for engine_type in schema.values()), "types are named")


def relations_are_those_that_can_be_read(site: Site) -> None:
    with _opened(site) as warehouse:
        _same(set(warehouse.read_relations()), set(TABLES), "relations")


def an_unknown_relation_is_named_with_its_nearest(site: Site) -> None:
    with _opened(site) as warehouse:
        for read in (
            lambda: fetch(warehouse, "SELECT * FROM suite.thing"),
            lambda: warehouse.read_schema("suite.thing"),
            lambda: warehouse.read_version(["suite.thing"]),
        ):
            error = _raises(NO_SUCH_RELATION, read, "an unknown relation")
            _true("things" in error.diagnostics[0].mend, "the mend names the nearest relation")


def an_unknown_column_is_named_with_its_nearest(site: Site) -> None:
    with _opened(site) as warehouse:
        error = _raises(NO_SUCH_COLUMN, lambda: fetch(warehouse, f"SELECT prize FROM {THINGS}"), "an unknown column")
        _true("prize" in error.diagnostics[0].what, "the message names the column")
        _true("price" in error.diagnostics[0].mend, "the mend names the nearest column")


def what_the_engine_refuses_is_said_in_its_words(site: Site) -> None:
    with _opened(site) as warehouse:
        for sql in (f"SELEC id FROM {THINGS}", f"SELECT no_such_function(id) FROM {THINGS}"):
            error = _raises(REFUSED_BY_ENGINE, lambda sql=sql: fetch(warehouse, sql), sql)  # type: ignore[misc]
            _true("\n" not in error.diagnostics[0].what, "one line")


def the_version_changes_when_and_only_when_the_rows_do(site: Site) -> None:
    with _opened(site) as warehouse:
        before = warehouse.read_version([THINGS])
        others = warehouse.read_version([OTHERS])
        _true(before.split(":")[0] in {"sha256", "stat"}, f"`{before}` can be compared")
        _same(warehouse.read_version([THINGS]), before, "version without a change")
        _same(warehouse.read_version([THINGS, OTHERS]), warehouse.read_version([OTHERS, THINGS]), "order of relations")
        site.change({THINGS: _with_one_more()})
        _true(warehouse.read_version([THINGS]) != before, "the version shows the change")
        if site.has_relation_versions:
            _same(warehouse.read_version([OTHERS]), others, "version of a relation that did not change")


def the_next_read_sees_a_change(site: Site) -> None:
    with _opened(site) as warehouse:
        _same(fetch(warehouse, COUNT_THINGS), [(5,)], "count before")
        site.change({THINGS: _with_one_more()})
        _same(fetch(warehouse, COUNT_THINGS), [(6,)], "count after")


def files_hold_all_rows_of_a_relation(site: Site) -> None:
    with _opened(site) as warehouse:
        files = warehouse.read_files(MANY, ("id",))
        if files is None:
            return  # its rows lie in none that are looked into
        schema, _, name = MANY.partition(".")
        marked = fetch(warehouse, f'SELECT id, {files.mark} FROM {schema}."{name}{files.suffix}" ORDER BY id')
        _same([row[0] for row in marked], list(range(MANY_COUNT)), "the rows of all files")
        names = {part.name for part in files.parts}
        _true({str(row[1]) for row in marked} <= names, "every row is marked with one of the files")
        groups = [group for part in files.parts for group in part.groups or ()]
        if groups:
            _same(sum(group.rows for group in groups), MANY_COUNT, "the number of rows that files say they have")


def nothing_can_be_written(site: Site) -> None:
    with _opened(site) as warehouse:
        version = warehouse.read_version([THINGS, OTHERS])
        for sql in _WRITES:
            try:
                fetch(warehouse, sql)
            except OutsideError:
                continue
            raise AssertionError(f"this was let through: {sql!r}")
        _same(fetch(warehouse, COUNT_THINGS), [(5,)], "things")
        _same(fetch(warehouse, COUNT_OTHERS), [(2,)], "others")
        _same(warehouse.read_version([THINGS, OTHERS]), version, "version")
        _same(set(warehouse.read_relations()), set(TABLES), "relations")


def a_closed_warehouse_says_so(site: Site) -> None:
    warehouse = site.open(TABLES)
    warehouse.close()
    warehouse.close()  # twice is once
    for read in (
        lambda: fetch(warehouse, COUNT_THINGS),
        lambda: warehouse.read_schema(THINGS),
        warehouse.read_relations,
        lambda: warehouse.read_version([THINGS]),
    ):
        _raises(CLOSED, read, "a closed warehouse")


CASES: Mapping[str, Callable[[Site], None]] = MappingProxyType(
    {
        case.__name__: case
        for case in (
            values_come_back_as_they_went_in,
            columns_come_in_the_order_asked,
            two_columns_may_share_a_name,
            an_empty_result_still_has_columns,
            rows_past_the_limit_are_not_fetched_and_said,
            many_rows_come_in_batches,
            a_result_may_be_left_half_read,
            a_query_over_its_time_is_stopped,
            a_query_can_be_cancelled_from_another_thread,
            many_threads_may_read_at_once,
            a_schema_names_the_columns_in_order,
            relations_are_those_that_can_be_read,
            an_unknown_relation_is_named_with_its_nearest,
            an_unknown_column_is_named_with_its_nearest,
            what_the_engine_refuses_is_said_in_its_words,
            the_version_changes_when_and_only_when_the_rows_do,
            the_next_read_sees_a_change,
            files_hold_all_rows_of_a_relation,
            nothing_can_be_written,
            a_closed_warehouse_says_so,
        )
    }
)


def run_case(name: str, site: Site) -> None:
    """Run one case; where the site has a gap, hold it to the error it promised instead."""
    gap = site.gaps.get(name)
    if gap is None:
        CASES[name](site)
        return
    _raises(gap.code, lambda: _bare(name, site), f"{name} ({gap.kind}: {gap.why})")


def _bare(name: str, site: Site) -> None:
    """The case, with an error of the adapter that the case did not expect let through as it is."""
    try:
        CASES[name](site)
    except AssertionError as broken:
        if isinstance(broken.__cause__, OutsideError):
            raise broken.__cause__ from broken
        raise


@contextmanager
def _opened(site: Site) -> Iterator[Warehouse]:
    warehouse = site.open(TABLES)
    try:
        yield warehouse
    finally:
        warehouse.close()


def _with_one_more() -> Table:
    things = TABLES[THINGS]
    return Table(columns=things.columns, rows=(*things.rows, (5, "new", None, None, None, None, None)))


def _close(fetched: Fetched) -> None:
    close = getattr(fetched.batches, "close", None)
    if close is None:
        raise AssertionError("batches must have a `close`")
    close()


def _raises(code: str, work: Callable[[], object], what: str) -> OutsideError:
    try:
        work()
    except OutsideError as error:
        got = [d.code for d in error.diagnostics]
        if got != [code]:
            raise AssertionError(f"{what} raised {got}; {code} was to be raised") from error
        for diagnostic in error.diagnostics:
            _true(bool(diagnostic.what and diagnostic.why and diagnostic.mend), f"{what} says what, why and mend")
        return error
    raise AssertionError(f"{what} raised nothing; {code} was to be raised")


def _same(got: object, wanted: object, what: str) -> None:
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def _true(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"this does not hold: {what}")
