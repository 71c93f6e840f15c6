"""A warehouse and relations in; what they show of themselves out: a few statements each, keys proven on all rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from loadline.checks.survey import reading, statements
from loadline.checks.survey.listings import MOST_VALUES, listing_of
from loadline.checks.survey.shapes import OTHER_FORMS
from loadline.errors import OutsideError
from loadline.flow.ports import Warehouse
from loadline.values.survey import Cadence, Inclusion, Panel, Survey, SurveyedColumn, SurveyedTable, Validity

SAMPLED_ROWS = 20_000
SAMPLED_VALUES = 2_000_000
"""Rows looked at one by one, and values, whichever are fewer."""

_COLUMNS_AT_ONCE = 60
_KEYS_PROVEN = 3
_TIME_COLUMNS = 3
_DAYS = 800

_PANELS_FROM = 40
_MOST_NUMBERS = 8

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guesses:
    """What names say might be true, for the data to bear out. `partners`: tables in, (source, column, target, key)
    that may belong together out. `entities`: the columns of a table that may say what a row is about. `validities`:
    (entity, start, end) that may say from when and until when its rows hold."""

    partners: Callable[[Sequence[SurveyedTable]], Iterable[tuple[str, str, str, str]]]
    entities: Callable[[SurveyedTable], Sequence[str]] = lambda _: ()
    validities: Callable[[SurveyedTable], Iterable[tuple[str, str, str]]] = lambda _: ()


def survey(
    warehouse: Warehouse,
    relations: Iterable[str],
    *,
    guesses: Guesses,
    untyped: frozenset[str] = frozenset(),
    timeout_seconds: float = 600.0,
    progress: Callable[[str], None] = lambda _: None,
) -> Survey:
    """A relation that cannot be read is left out and said; the others are surveyed all the same."""
    looking = _Looking(warehouse=warehouse, timeout_seconds=timeout_seconds, guesses=guesses)
    tables: list[SurveyedTable] = []
    left_out: list[tuple[str, str]] = []
    for relation in relations:
        progress(relation)
        try:
            table = looking.table(relation)
        except OutsideError as error:
            left_out.append((relation, "; ".join(said.what for said in error.diagnostics)))
        else:
            tables.append(replace(table, is_typed=relation not in untyped))
    inclusions = []
    for source, column, target, key in guesses.partners(tables):
        try:
            inclusions.append(looking.inclusion(source, column, target, key))
        except OutsideError:  # the two types do not compare: then they do not belong together either
            continue
    return Survey(tables=tuple(tables), inclusions=tuple(inclusions), left_out=tuple(left_out))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looking:
    warehouse: Warehouse
    timeout_seconds: float
    guesses: Guesses

    def table(self, relation: str) -> SurveyedTable:
        columns = reading.columns_of(self.warehouse.read_schema(relation))
        dialect = self.warehouse.dialect
        count = int(str(self._one(statements.count_rows(relation, dialect))[0]))
        shown = [column for column in columns if column.logical_type in reading.LOOKED_AT]
        most = max(200, min(SAMPLED_ROWS, SAMPLED_VALUES // max(1, len(shown))))
        every = -(-count // most)
        rows: list[Row] = []
        if shown and count:
            wanted = [(column.name, column.logical_type == "string") for column in shown]
            rows = self._all(statements.sample(relation, wanted, every=every, dialect=dialect), most=most + 1)
        names = [column.name for column in shown]
        seen = {column.name: reading.looked_at(column, (row[n] for row in rows)) for n, column in enumerate(shown)}
        unique = {name for n, name in enumerate(names) if reading.is_unique_in([row[n] for row in rows])}
        unique = {name for name in unique if self._may_be_key(seen[name])}
        table = SurveyedTable(
            relation=relation,
            rows=count,
            looked=len(rows),
            columns=tuple(seen.get(column.name, column) for column in columns),
        )
        if every <= 1:
            table = self._whole(table, unique, rows, names)
        else:
            table = self._from_all_rows(table, unique)
        keys = self._keys(table, rows, names, is_whole=every <= 1)
        dependencies = reading.dependencies_of(table.columns, rows, names) if every <= 1 else ()
        table = replace(table, keys=keys, dependencies=dependencies)
        return replace(table, panel=self._panel(table, rows, names), validity=self._validity(table))

    def _panel(self, table: SurveyedTable, rows: list[Row], names: list[str]) -> Panel | None:
        if table.rows < _PANELS_FROM:
            return None
        found = reading.panel_candidate(table.columns, rows, names, self.guesses.entities(table))
        if found is None:
            return None
        time, entity = found
        numbers = [
            one.name
            for one in table.columns
            if one.logical_type in {"integer", "number"} and one.name not in entity and not one.is_unique
        ][:_MOST_NUMBERS]
        told = self._one(statements.panel(table.relation, time, entity, numbers, self.warehouse.dialect))
        counted, pairs, periods, entities = (int(str(value)) for value in told[:4])
        if counted != pairs or counted < table.rows or not periods or not entities:
            return None
        ratios = zip(told[4::2], told[5::2], strict=True)
        persistence = tuple(
            (name, float(str(steps)) / float(str(spread)))
            for name, (steps, spread) in zip(numbers, ratios, strict=True)
            if steps is not None and spread is not None and float(str(spread)) > 0
        )
        present = counted / periods / entities
        return Panel(
            time=time, entity=entity, periods=periods, entities=entities, present=present, persistence=persistence
        )

    def _validity(self, table: SurveyedTable) -> Validity | None:
        for entity, start, end in self.guesses.validities(table):
            sql = statements.validity(table.relation, entity, start, end, self.warehouse.dialect)
            rows, entities, following, overlapping, inclusive = (int(str(value)) for value in self._one(sql))
            if rows == table.rows and 0 < entities < rows:
                return Validity(
                    entity=entity,
                    start=start,
                    end=end,
                    rows=rows,
                    entities=entities,
                    following=following,
                    overlapping=overlapping,
                    inclusive=inclusive,
                )
        return None

    @staticmethod
    def _may_be_key(column: SurveyedColumn) -> bool:
        return column.logical_type in reading.MAY_BE_KEY and column.longest < statements.SHOWN_CHARACTERS

    def _whole(self, table: SurveyedTable, unique: set[str], rows: list[Row], names: list[str]) -> SurveyedTable:
        """Every row was looked at: what they show needs no further statement, but for what was not looked into."""
        columns = [replace(one, is_unique=one.name in unique) for one in table.columns]
        unseen = [one for one in columns if one.logical_type not in reading.LOOKED_AT]
        if unseen and table.rows:
            wanted = [(one.name, False, False) for one in unseen]
            filled = self._one(statements.totals(table.relation, wanted, self.warehouse.dialect))
            counts = {one.name: int(str(value)) for one, value in zip(unseen, filled, strict=True)}
            columns = [replace(one, filled=counts.get(one.name, one.filled)) for one in columns]
        times = [one.name for one in columns if one.logical_type in {"date", "timestamp"}][:_TIME_COLUMNS]
        found = []
        for name in times:
            at = names.index(name)
            days = (day for row in rows if (day := reading.day_of(row[at])) is not None)
            found.append(reading.cadence_of(name, days))
        return replace(table, columns=tuple(columns), cadences=tuple(one for one in found if one is not None))

    def _from_all_rows(self, table: SurveyedTable, unique: set[str]) -> SurveyedTable:
        """A sample was looked at: counts, ends, keys, lists and shapes are made sure of on all rows."""
        columns: dict[str, SurveyedColumn] = {}
        for start in range(0, len(table.columns), _COLUMNS_AT_ONCE):
            some = table.columns[start : start + _COLUMNS_AT_ONCE]
            columns.update(self._totals(table, some, unique))
        columns.update(self._listings(table.relation, columns))
        columns.update(self._shapes(table.relation, columns))
        times = [one.name for one in columns.values() if one.logical_type in {"date", "timestamp"}][:_TIME_COLUMNS]
        cadences = [self._cadence(table.relation, name) for name in times]
        return replace(
            table, columns=tuple(columns.values()), cadences=tuple(one for one in cadences if one is not None)
        )

    def _totals(
        self, table: SurveyedTable, some: Sequence[SurveyedColumn], unique: set[str]
    ) -> dict[str, SurveyedColumn]:
        wanted = [(one.name, one.logical_type in reading.WITH_ENDS, one.name in unique) for one in some]
        answer = iter(self._one(statements.totals(table.relation, wanted, self.warehouse.dialect)))
        found = {}
        for one, (_, has_ends, has_distinct) in zip(some, wanted, strict=True):
            filled = int(str(next(answer)))
            changed = replace(one, filled=filled)
            if has_ends:
                least, greatest = reading.as_scalar(next(answer)), reading.as_scalar(next(answer))
                changed = replace(changed, least=least, greatest=greatest)
            if has_distinct:
                changed = replace(changed, is_unique=filled == table.rows == int(str(next(answer))))
            found[one.name] = changed
        return found

    def _listings(self, relation: str, columns: dict[str, SurveyedColumn]) -> dict[str, SurveyedColumn]:
        found = {}
        for one in columns.values():
            if one.logical_type == "string" and one.listing is not None and one.listing.is_closed:
                sql = statements.values(relation, one.name, most=MOST_VALUES + 1, dialect=self.warehouse.dialect)
                blanks = {text for text, _ in one.blanks}
                counted = {str(row[0]): int(str(row[1])) for row in self._all(sql, most=MOST_VALUES + 1)}
                said = {text: count for text, count in counted.items() if text not in blanks}
                found[one.name] = replace(one, listing=listing_of(said))
        return found

    def _shapes(self, relation: str, columns: dict[str, SurveyedColumn]) -> dict[str, SurveyedColumn]:
        shaped = [(one, one.shape) for one in columns.values() if one.shape is not None and not one.blanks]
        if not shaped:
            return {}
        patterns = [(one.name, shape.pattern) for one, shape in shaped]
        missed = self._one(statements.misses(relation, patterns, self.warehouse.dialect))
        found = {}
        for (one, shape), value in zip(shaped, missed, strict=True):
            count = int(str(value))
            kept = replace(shape, fitting=one.filled - count, other_count=count)
            as_sampled = shape.other_count * one.filled / max(1, one.looked)  # of a form that is one of several
            is_common = count <= max(one.filled * OTHER_FORMS, as_sampled * 1.5)
            found[one.name] = replace(one, shape=kept if is_common else None)
        return found

    def _cadence(self, relation: str, column: str) -> Cadence | None:
        sql = statements.days(relation, column, most=_DAYS, dialect=self.warehouse.dialect)
        days = (reading.day_of(row[0]) for row in self._all(sql, most=_DAYS))
        return reading.cadence_of(column, (day for day in days if day is not None))

    def _keys(
        self, table: SurveyedTable, rows: list[Row], names: list[str], *, is_whole: bool
    ) -> tuple[tuple[str, ...], ...]:
        single = tuple((one.name,) for one in table.columns if one.is_unique)
        if single or table.rows < 2:
            return single
        proven = []
        for chosen in reading.key_candidates(table.columns, rows, names)[:_KEYS_PROVEN]:
            sql = statements.distinct_rows(table.relation, chosen, self.warehouse.dialect)
            if is_whole or int(str(self._one(sql)[0])) == table.rows:
                proven.append(chosen)
        return tuple(proven)

    def inclusion(self, source: str, column: str, target: str, key: str) -> Inclusion:
        sql = statements.inclusion(source, column, target, key, self.warehouse.dialect)
        filled, met = (int(str(value)) for value in self._one(sql))
        return Inclusion(source=source, column=column, target=target, key=key, filled=filled, missing=filled - met)

    def _one(self, sql: str) -> Row:
        return self._all(sql, most=1)[0]

    def _all(self, sql: str, *, most: int) -> list[Row]:
        fetched = self.warehouse.read_rows(sql, timeout_seconds=self.timeout_seconds, max_rows=most)
        return [row for batch in fetched.batches for row in batch]
