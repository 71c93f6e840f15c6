"""Needs in, evidence out: each need is fetched once for one version of the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from loadline.errors import OutsideError
from loadline.flow.ports import Warehouse
from loadline.values.finding import Evidence, Missing, Need, Row, Schema, SchemaNeed, SqlNeed, Values, ValuesNeed

Evidences = Mapping[Need, Evidence]


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
            case ValuesNeed(sql=sql, most=most):
                fetched = self._warehouse.read_rows(sql, timeout_seconds=self._timeout_seconds, max_rows=most)
                listed = [row[0] for batch in fetched.batches for row in batch]
                texts = tuple(str(value) for value in listed if value is not None)
                return Values(values=texts, is_complete=not fetched.is_truncated())
            case _:
                assert_never(need)
