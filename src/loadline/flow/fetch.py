"""Needs in, evidence out: each need is fetched once for one version of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from loadline.errors import OutsideError
from loadline.flow.ports import Warehouse
from loadline.values.finding import (
    Evidence,
    FilesNeed,
    Missing,
    Need,
    Row,
    RowsNeed,
    Schema,
    SchemaNeed,
    SqlNeed,
    Table,
)

Evidences = Mapping[Need, Evidence]
MOST_ROWS = 2_000_000


class Fetcher:
    """Fetches needs and remembers what it saw, by data version. What could not be fetched is not remembered."""

    def __init__(self, warehouse: Warehouse, *, timeout_seconds: float) -> None:
        self._warehouse = warehouse
        self._timeout_seconds = timeout_seconds
        self._seen: dict[tuple[str, Need], Evidence] = {}

    def fetch(self, needs: Iterable[Need], *, version: str) -> Evidences:
        return {need: self._fetch_once(need, version) for need in needs}

    def _fetch_once(self, need: Need, version: str) -> Evidence:
        key = (version, need)
        if key in self._seen:
            return self._seen[key]
        try:
            evidence = self._fetch(need)
        except OutsideError as error:
            return Missing(why="; ".join(d.what for d in error.diagnostics))
        if not version.startswith("none:"):
            self._seen[key] = evidence
        return evidence

    def _fetch(self, need: Need) -> Evidence:
        match need:
            case SqlNeed(sql=sql):
                fetched = self._warehouse.read_rows(sql, timeout_seconds=self._timeout_seconds, max_rows=1)
                rows = [row for batch in fetched.batches for row in batch]
                return Row(values=rows[0]) if rows else Missing(why="the evidence query returned no row")
            case SchemaNeed(relation=relation):
                return Schema(columns=self._warehouse.read_schema(relation))
            case RowsNeed(sql=sql):
                return self._fetch_table(sql)
            case FilesNeed(relation=relation, columns=columns):
                found = self._warehouse.read_files(relation, columns)
                return found if found is not None else Missing(why="its rows lie in no files that are looked into")
            case _:
                assert_never(need)

    def _fetch_table(self, sql: str) -> Evidence:
        """Rows that are cut off would be counts that are too low: then there is no evidence."""
        fetched = self._warehouse.read_rows(sql, timeout_seconds=self._timeout_seconds, max_rows=MOST_ROWS)
        rows = tuple(row for batch in fetched.batches for row in batch)
        if fetched.is_truncated():
            return Missing(why="the evidence query returned too many rows")
        return Table(columns=tuple(name for name, _ in fetched.columns), rows=rows)
