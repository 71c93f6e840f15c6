"""A subject and the setting in; step by step what must be fetched out, and at the end what came of every promise.

A look is a generator: it yields needs, is sent the evidence, and returns. So it asks for the next thing only when the
last says that it must, and still touches nothing outside.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from loadline.checks.data import gathering
from loadline.checks.data.cadence import Clock, fresh, regular
from loadline.checks.data.causes import Where, explained, questions
from loadline.checks.data.conditions import scope_tree
from loadline.checks.data.judging import counted, valued
from loadline.checks.data.nouns import (
    Asked,
    Found,
    Fresh,
    HasLength,
    HasValue,
    IsThere,
    Matches,
    NoTest,
    OneOf,
    Promised,
    Regular,
    Retained,
    RowCount,
    Unique,
    Volume,
)
from loadline.checks.data.primitives import Dialect, NotSpoken, dialect_of
from loadline.checks.data.promises import promises_of
from loadline.checks.data.scans import (
    BUCKET,
    MOST_DISTINCT,
    MOST_PERIODS,
    MOST_WRONG,
    PROBED,
    KeyRange,
    Measured,
    Pass,
    asked,
    by_value,
    columns_of,
    lost_references,
    one_pass,
    periods,
    probe,
    repeated_by_bits,
    speakable,
    uniqueness,
    wrong_values,
)
from loadline.checks.data.subjects import Subject
from loadline.checks.kinds import ALSO, kind_of
from loadline.checks.renamed import renamed_to
from loadline.values.canonical import digest
from loadline.values.contract import Column, Limit, Must
from loadline.values.diagnostic import Severity
from loadline.values.finding import Evidence, Missing, Need, Row, RowsNeed, Schema, SchemaNeed, SqlNeed, Table
from loadline.values.promise import Broken, DataState, Kept, NotRun, Promise, PromiseRun, TableLook, Unseen

T = TypeVar("T")
Steps = Generator[tuple[Need, ...], Mapping[Need, Evidence], T]

MOST_BITS = 4_000_000_000
"""The widest range of whole numbers counted by bits: 500 MB."""
_MOST_RANGES = 200
_FEW = 64
"""A range this many times the number of rows costs more bits than it saves hashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What earlier looks at the table saw: row counts, newest first, and since when each broken promise is broken."""

    rows: tuple[int, ...] = ()
    since: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How and when it is looked. `zone` is the project's clock; `columns` those a query reads of the
    table (None for all promises), `relations` all that it reads."""

    dialect: str
    now: datetime
    zone: str
    version: str
    columns: frozenset[str] | None = None
    relations: frozenset[str] = frozenset()
    earlier: Earlier = Earlier()


def rules_digest(subject: Subject, every: Iterable[Subject]) -> str:
    """Equal as long as the promises are."""
    return digest(list(promises_of(subject, tuple(every))))


def concerns(promise: Promise, columns: frozenset[str] | None, relations: frozenset[str] = frozenset()) -> bool:
    """Whether who reads these columns, and these relations beside them, relies on the promise."""
    if columns is None or promise.is_of_rows:
        return True
    if promise.leads_to is not None and promise.leads_to not in relations:
        return False  # nobody follows the reference
    return not columns.isdisjoint(promise.columns)


def look(subject: Subject, every: Sequence[Subject], setting: Setting) -> Steps[TableLook]:
    """Look at one table. Every promise that concerns the setting's columns comes back in one of the four ways."""
    promised = [
        one
        for one in promises_of(subject, every)
        if concerns(one.promise, setting.columns, setting.relations)
        and not (setting.columns is not None and isinstance(one.test, IsThere))  # an answer's own check looks at those
    ]
    looking = _Looking(subject=subject, setting=setting)
    yield from looking.all_of(promised)
    runs = tuple(looking.runs[one.promise.id] for one in promised)
    return TableLook(
        table=subject.name,
        relation=subject.relation,
        contract=subject.contract,
        contract_version=subject.table.version,
        version=setting.version,
        rules=rules_digest(subject, every),
        at=setting.now,
        rows=looking.rows,
        state=state_of(runs),
        runs=runs,
    )


def state_of(runs: Iterable[PromiseRun]) -> DataState:
    worst = DataState.GREEN
    for run in runs:
        if isinstance(run, Broken | Unseen):
            if run.promise.severity is Severity.ERROR:
                return DataState.RED
            if run.promise.severity is Severity.WARNING:
                worst = DataState.AMBER
    return worst


@dataclass(slots=True, kw_only=True)
class _Looking:
    """What is known so far: this one is filled step by step, and lives no longer than its look."""

    subject: Subject
    setting: Setting
    live: Mapping[str, str] = field(default_factory=dict)
    runs: dict[str, PromiseRun] = field(default_factory=dict)
    rows: int | None = None
    ranges: dict[str, tuple[object, object]] = field(default_factory=dict)  # of whole-number keys
    values: dict[str, int] = field(default_factory=dict)  # how many of them there are
    few: dict[str, Column] = field(default_factory=dict)  # columns that were counted value by value
    repeated: dict[str, tuple[KeyRange, ...]] = field(default_factory=dict)  # where the repeated keys of a promise lie

    @property
    def clock(self) -> Clock:
        taken = self.subject.table.taken_at
        return Clock(at=taken or self.setting.now, zone=self.setting.zone, is_taken=taken is not None)

    def all_of(self, promised: Sequence[Promised]) -> Steps[None]:
        for one in promised:
            if isinstance(one.test, NoTest):
                self.runs[one.promise.id] = NotRun(promise=one.promise, why=one.test.why)
        dialect = dialect_of(self.setting.dialect)
        if dialect is None:
            self._unseen(promised, f"checks do not speak the SQL of `{self.setting.dialect}`")
            return
        need = SchemaNeed(relation=self.subject.relation)
        schema = (yield (need,)).get(need)
        if not isinstance(schema, Schema):
            self._unseen(promised, schema.why if isinstance(schema, Missing) else "its columns were not fetched")
            return
        self.live = schema.columns
        waiting = [one for one in self._to_run(promised, dialect) if one.promise.id not in self.runs]
        yield from self._pass_over(waiting, dialect)
        yield from self._keys_and_references(waiting, dialect)
        yield from self._of_time_and_asked(waiting, dialect)
        yield from self._causes(promised, dialect)
        for name, run in self.runs.items():
            since = self.setting.earlier.since.get(name)
            if isinstance(run, Broken):
                self.runs[name] = replace(run, first_seen=since or self.setting.now)

    def _unseen(self, promised: Iterable[Promised], why: str) -> None:
        for one in promised:
            self.runs.setdefault(one.promise.id, Unseen(promise=one.promise, why=why))

    # what can be looked at

    def _to_run(self, promised: Sequence[Promised], dialect: Dialect) -> Iterable[Promised]:
        odd = {}
        for column in self.subject.table.columns.values():
            if (why := self._is_odd(column)) is not None:
                odd[column.name] = why
        for one in promised:
            if one.promise.id in self.runs:
                continue
            if isinstance(one.test, IsThere):
                self.runs[one.promise.id] = self._there(one, one.test.column)
                continue
            missing = next((odd[c.name] for c in columns_of(one) if c.name in odd), None)
            if missing is not None:
                self._unseen((one,), missing)
            elif (scope := _scope_fault(one, dialect)) is not None:
                self._unseen((one,), scope)
            elif isinstance(one.test, Regular | Asked) and self._is_not_spoken(one, dialect):
                continue  # all others are told apart where they are put together, which costs nothing when all are
            else:
                yield one

    def _is_not_spoken(self, one: Promised, dialect: Dialect) -> bool:
        """Whether the dialect cannot say it; then it is listed as not run."""
        why = speakable(one, self.subject.relation, dialect)
        if why is not None:
            self.runs[one.promise.id] = NotRun(promise=one.promise, why=why)
        return why is not None

    def _is_odd(self, column: Column) -> str | None:
        found = self.live.get(column.in_warehouse)
        if found is None:
            return f"`{self.subject.relation}` has no column `{column.in_warehouse}`"
        kind = kind_of(found)
        if kind is None or kind == column.logical_type or (kind, column.logical_type) in ALSO:
            return None
        return f"`{column.name}` holds `{found}`, not {column.logical_type}"

    def _there(self, one: Promised, column: Column) -> PromiseRun:
        promise, relation = one.promise, self.subject.relation
        found = self.live.get(column.in_warehouse)
        why = self._is_odd(column)
        if why is None:
            return Kept(promise=promise, measured=f"`{column.in_warehouse}` is there, of `{found}`")
        if found is not None:
            return Broken(
                promise=promise,
                what=f"`{relation}.{column.in_warehouse}` holds `{found}`, and {column.logical_type} is promised",
                mend=f"load `{column.name}` as {column.logical_type}, or change contract `{promise.contract}`",
            )
        known = {c.in_warehouse for c in self.subject.table.columns.values()}
        renamed = renamed_to(column.in_warehouse, column.logical_type, known, self.live)
        return Broken(
            promise=promise,
            what=f"`{relation}` has no column `{column.in_warehouse}`",
            mend=f"restore `{column.in_warehouse}`, or write `physicalName: {renamed or 'its_new_name'}` at "
            f"`{column.name}` in contract `{promise.contract}`",
            cause=f"`{renamed}` is there and promised by nobody, and is of the same type: the column looks renamed"
            if renamed
            else promise.cause,
        )

    # counting

    def _pass_over(self, waiting: Sequence[Promised], dialect: Dialect) -> Steps[None]:
        mine = [one for one in waiting if not isinstance(one.test, Unique | Found | Regular | Asked)]
        if not mine and self.setting.columns is not None and not any(isinstance(o.test, Unique) for o in waiting):
            return
        few = yield from self._columns_of_few_values(mine, dialect)
        for column in few:
            of_column = [one for one in mine if _only_column(one) == column]
            counted_so = by_value(self.subject.relation, column, of_column, dialect)
            row = (yield (counted_so.need,)).get(counted_so.need)
            if isinstance(row, Row):
                self._read(counted_so, row)
                self.few[column.name] = column
                mine = [one for one in mine if one not in of_column]
        keys = self._whole_number_keys(waiting, dialect)
        try:
            whole = one_pass(self.subject.relation, mine, dialect, bounded=keys)
        except NotSpoken:
            mine = [one for one in mine if not self._is_not_spoken(one, dialect)]
            whole = one_pass(self.subject.relation, mine, dialect, bounded=keys)
        found = (yield (whole.need,)).get(whole.need)
        if isinstance(found, Row):
            self._read(whole, found)
            return
        apart = [one_pass(self.subject.relation, (one,), dialect) for one in mine]
        evidence = yield tuple(each.need for each in apart)  # one that fails must not take the others with it
        for each in apart:
            row = evidence.get(each.need)
            if isinstance(row, Row):
                self._read(each, row)
            else:
                self._unseen((each.measured[0].promised,), _why(row))

    def _columns_of_few_values(self, mine: Sequence[Promised], dialect: Dialect) -> Steps[list[Column]]:
        """Text columns that seem to have far fewer values than the table has rows."""
        found = dict.fromkeys(column for one in mine if (column := _only_column(one)) is not None)
        columns = [c for c in found if speakable_by_value(c, mine, self.subject.relation, dialect)]
        if not dialect.has_bits or not columns:
            return []
        need = probe(self.subject.relation, columns, dialect)
        row = (yield (need,)).get(need)
        if not isinstance(row, Row) or int(str(row.values[0])) < PROBED:
            return []
        pairs = zip(columns, row.values[1:], strict=True)
        return [column for column, distinct in pairs if int(str(distinct)) <= MOST_DISTINCT]

    def _whole_number_keys(self, waiting: Sequence[Promised], dialect: Dialect) -> list[Column]:
        if not dialect.has_bits:
            return []
        single = [one.test.columns[0] for one in waiting if isinstance(one.test, Unique) and len(one.test.columns) == 1]
        return [column for column in dict.fromkeys(single) if kind_of(self.live[column.in_warehouse]) == "integer"]

    def _read(self, scan: Pass, row: Row) -> None:
        self.rows = int(str(row.values[0]))
        for name, low, high, values in scan.bounds:
            self.ranges[name] = (row.values[low], row.values[high])
            self.values[name] = int(str(row.values[values]))
        for measured in scan.measured:
            self.runs[measured.promised.promise.id] = self._judged(measured, row, scan.need.sql)

    def _judged(self, measured: Measured, row: Row, sql: str) -> PromiseRun:
        one, total = measured.promised, row.values[measured.total]
        match one.test:
            case Fresh() | Retained() as test:
                return fresh(one, test, total, self.clock, sql)
            case RowCount():
                return valued(one, int(str(total)), sql=sql, of="the row count")
            case Volume(change=change):
                return self._volume(one, int(str(total)), change, sql)
            case _:
                bad = row.values[measured.broken] if measured.broken is not None else 0
                return counted(one, int(str(bad)), int(str(total)), sql=sql)

    def _volume(self, one: Promised, rows: int, change: Decimal, sql: str) -> PromiseRun:
        if not self.setting.earlier.rows:
            return NotRun(promise=one.promise, why="no earlier look is in the ledger to compare with")
        known = sorted(self.setting.earlier.rows[:10])
        usual = known[len(known) // 2]
        low, high = usual * (1 - change), usual * (1 + change)
        run = valued(
            replace(one, limit=Limit(must=Must.BE_BETWEEN, values=(low, high))), rows, sql=sql, of="the row count"
        )
        if isinstance(run, Broken):
            what = f"there are {rows:,} rows, and {usual:,} were usual in {len(known)} earlier looks"
            return replace(run, what=what, mend=f"load what is missing into `{self.subject.relation}`, or accept it")
        return run

    def _keys_and_references(self, waiting: Sequence[Promised], dialect: Dialect) -> Steps[None]:
        exact: dict[str, tuple[Promised, SqlNeed]] = {}
        bits: dict[str, tuple[Promised, RowsNeed]] = {}
        for one in waiting:
            match one.test:
                case Unique(columns=columns):
                    by_bits = self._by_bits(one, columns, dialect)
                    if by_bits is not None:
                        bits[one.promise.id] = (one, by_bits)
                    else:
                        need = uniqueness(self.subject.relation, columns, one.where, dialect)
                        exact[one.promise.id] = (one, need)
                case Found() as test:
                    exact[one.promise.id] = (one, lost_references(self.subject.relation, test, one.where, dialect))
                case _:
                    pass
        evidence = yield tuple(need for _, need in bits.values())
        for name, (one, by_bits) in bits.items():
            found = evidence.get(by_bits)
            if isinstance(found, Table) and not found.rows:
                self.runs[name] = counted(one, 0, self.values[_key_name(one)], sql=by_bits.sql)
            elif isinstance(one.test, Unique):  # something repeats: now it is worth counting which
                self.repeated[name] = self._ranges(one, found)
                exact[name] = (
                    one,
                    uniqueness(self.subject.relation, one.test.columns, one.where, dialect, self.repeated[name]),
                )
        evidence = yield tuple(need for _, need in exact.values())
        for name, (one, need) in exact.items():
            self.runs[name] = self._distinct_or_found(one, evidence.get(need), need)

    def _ranges(self, one: Promised, found: Evidence | None) -> tuple[KeyRange, ...]:
        """Where the repeated keys lie; everywhere when that is not known, or nearly everywhere."""
        low, _ = self.ranges[_key_name(one)]
        if not isinstance(found, Table) or not isinstance(low, int) or len(found.rows) > _MOST_RANGES:
            return ()
        starts = [low + int(str(row[0])) * BUCKET for row in found.rows]
        return tuple(KeyRange(low=start, high=start + BUCKET - 1) for start in starts)

    def _by_bits(self, one: Promised, columns: Sequence[Column], dialect: Dialect) -> RowsNeed | None:
        name = columns[0].in_warehouse
        low, high = self.ranges.get(name, (None, None))
        if one.where or len(columns) != 1 or not isinstance(low, int) or not isinstance(high, int):
            return None
        if high - low >= min(MOST_BITS, _FEW * (self.rows or 0)):
            return None
        return repeated_by_bits(self.subject.relation, name, low, dialect)

    def _distinct_or_found(self, one: Promised, found: Evidence | None, need: SqlNeed) -> PromiseRun:
        if not isinstance(found, Row):
            return Unseen(promise=one.promise, why=_why(found))
        numbers = [int(str(value)) for value in found.values]
        if isinstance(one.test, Unique):
            rows, keys, repeated = numbers
            total = self.values[_key_name(one)] if self.repeated.get(one.promise.id) else rows
            return counted(one, rows - keys, total, sql=need.sql, keys=repeated)
        return counted(one, numbers[1], numbers[0], sql=need.sql)

    def _of_time_and_asked(self, waiting: Sequence[Promised], dialect: Dialect) -> Steps[None]:
        needs: dict[str, tuple[Promised, SqlNeed | RowsNeed]] = {}
        for one in waiting:
            match one.test:
                case Regular() as test:
                    by_period = periods(self.subject.relation, test, one.where, dialect, self.setting.zone)
                    needs[one.promise.id] = (one, by_period)
                case Asked() as test:
                    needs[one.promise.id] = (one, asked(self.subject.relation, test, dialect))
                case _:
                    pass
        evidence = yield tuple(need for _, need in needs.values())
        for name, (one, need) in needs.items():
            self.runs[name] = self._timed_or_asked(one, evidence.get(need), need.sql)

    def _timed_or_asked(self, one: Promised, found: Evidence | None, sql: str) -> PromiseRun:
        if isinstance(found, Table) and isinstance(one.test, Regular):
            if len(found.rows) > MOST_PERIODS:
                return Unseen(promise=one.promise, why="there are more periods than are looked at")
            return regular(one, one.test, found.rows, self.clock, sql)
        if isinstance(found, Row) and isinstance(one.test, Asked):
            return valued(one, found.values[0], sql=sql, of="the rule's value")
        return Unseen(promise=one.promise, why=_why(found))

    # why

    def _causes(self, promised: Sequence[Promised], dialect: Dialect) -> Steps[None]:
        at = Where(dialect=dialect, zone=self.setting.zone)
        asked: list[gathering.Asked] = []
        for one in promised:
            run = self.runs[one.promise.id]
            if isinstance(run, Broken) and run.count:
                wanted = questions(self.subject, one, run, self.live, at)
                if wanted is not None:
                    ranges = self.repeated.get(one.promise.id, ())
                    values = yield from self._wrong_values(one, dialect)
                    asked.append(
                        gathering.Asked(promised=one, broken=run, questions=wanted, ranges=ranges, values=values)
                    )
        few, room = [], gathering.MOST_GATHERED
        for each in sorted(asked, key=lambda each: each.broken.count or 0):
            rows = (each.broken.count or 0) + (each.broken.keys or 0)
            if rows <= room:
                few.append(each)
                room -= rows
        left = [each for each in asked if each not in few]
        # joins under an OR keep an engine from its shortcuts: what is looked up elsewhere is fetched apart
        of_rows = [each for each in few if not isinstance(each.promised.test, Found | Unique)]
        for together in ([of_rows] if of_rows else []) + [[each] for each in few if each not in of_rows]:
            if not (yield from self._gathered(together, at)):
                left += together
        yield from self._asked_of_the_engine(left)

    def _wrong_values(self, one: Promised, dialect: Dialect) -> Steps[tuple[str, ...]]:
        """The values that break it, where the column has few and these are not many: rows are found faster by them."""
        column = _only_column(one)
        if column is None or column.name not in self.few or not isinstance(one.test, OneOf | Matches | HasLength):
            return ()
        need = wrong_values(self.subject.relation, column, one.test, dialect)
        found = (yield (need,)).get(need)
        if not isinstance(found, Table) or len(found.rows) > MOST_WRONG:
            return ()
        return tuple(str(row[0]) for row in found.rows)

    def _gathered(self, few: Sequence[gathering.Asked], at: Where) -> Steps[bool]:
        """Fetch the rows that break any of these and let them speak. False when they cannot be had."""
        whole = gathering.gathering(self.subject, few, self.live, at)
        evidence = yield (whole.rows, whole.whole)
        rows = evidence.get(whole.rows)
        if not isinstance(rows, Table) or not isinstance(evidence.get(whole.whole), Row):
            return False
        need, pairs = gathering.pairs_need(self.subject, whole, rows, at)
        counts = (yield (need,)).get(need) if need is not None else None
        totals = dict(zip(pairs, map(int, map(str, counts.values)), strict=True)) if isinstance(counts, Row) else {}
        for place, each in enumerate(few):
            said = gathering.answered(self.subject, whole, evidence, totals, place)
            self.runs[each.promised.promise.id] = explained(
                self.subject, each.promised, each.broken, each.questions, said
            )
        return True

    def _asked_of_the_engine(self, asked: Sequence[gathering.Asked]) -> Steps[None]:
        """Where many rows break a promise the engine counts what they share."""
        open_questions = [(each.promised, each.broken, each.questions) for each in asked]
        needs = [
            need for _, _, q in open_questions for need in (q.facts, q.groups, q.sample, q.values) if need is not None
        ]
        evidence = yield tuple(dict.fromkeys(needs))
        for one, run, wanted in open_questions:
            self.runs[one.promise.id] = explained(self.subject, one, run, wanted, evidence)


def _only_column(one: Promised) -> Column | None:
    """The text column that alone decides the promise."""
    match one.test:
        case HasValue(column=column) | OneOf(column=column) | Matches(column=column) | HasLength(column=column):
            return column if column.logical_type == "string" and one.where is None else None
        case _:
            return None


def speakable_by_value(column: Column, mine: Sequence[Promised], relation: str, dialect: Dialect) -> bool:
    """Whether all that is promised of the column can be said, and some of it is worth judging by value."""
    of_column = [one for one in mine if _only_column(one) == column]
    try:
        by_value(relation, column, of_column, dialect)
    except NotSpoken:
        return False
    return any(isinstance(one.test, OneOf | Matches | HasLength) for one in of_column)


def _key_name(one: Promised) -> str:
    """What the warehouse calls the single column of a key."""
    return next(iter(columns_of(one))).in_warehouse


def _scope_fault(one: Promised, dialect: Dialect) -> str | None:
    try:
        if one.where:
            scope_tree(one.where, dialect)
    except NotSpoken as fault:
        return str(fault)
    return None


def _why(found: Evidence | None) -> str:
    return found.why if isinstance(found, Missing) else "nothing was fetched for it"
