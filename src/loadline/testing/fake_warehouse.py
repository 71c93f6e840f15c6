"""Canned answers in, a `Warehouse` out: no engine, every call remembered, every failure on demand."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from loadline.errors import OutsideError
from loadline.flow.ports import Fetched
from loadline.testing.warehouses import CANCELLED, CLOSED, NO_SUCH_RELATION, TOO_SLOW
from loadline.values.diagnostic import Diagnostic
from loadline.values.finding import Files
from loadline.values.outcome import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Canned:
    """An answer: `columns` as (name, engine type). It takes `seconds`; past `breaks_after` rows comes `failure`."""

    columns: tuple[tuple[str, str], ...]
    rows: Sequence[tuple[object, ...]]
    seconds: float = 0.0
    breaks_after: int | None = None
    failure: OutsideError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What was asked of the warehouse: `verb` is the port's method, `subject` its SQL or relations."""

    verb: str
    subject: str


Answers = Callable[[str], Canned | tuple[tuple[tuple[str, str], ...], Sequence[tuple[object, ...]]]]


class FakeWarehouse:
    """`answers` gives the result for a SQL text, or raises OutsideError. `schemas` and `versions` are by relation and
    may be changed between calls; `failures` maps a verb (`read_rows`, `read_version`, …) to what it raises."""

    def __init__(
        self,
        answers: Answers,
        *,
        schemas: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        versions: Mapping[str, str] = MappingProxyType({}),
        failures: Mapping[str, OutsideError] = MappingProxyType({}),
        dialect: str = "duckdb",
        batch_rows: int = 1_000,
    ) -> None:
        self.answers = answers
        self.schemas = schemas
        self.versions = versions
        self.failures = failures
        self.calls: list[Call] = []
        self._dialect = dialect
        self._batch_rows = batch_rows
        self._running: set[threading.Event] = set()
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def dialect(self) -> str:
        return self._dialect

    def read_rows(self, sql: str, *, timeout_seconds: float, max_rows: int) -> Fetched:
        self._note("read_rows", sql)
        answer = self.answers(sql)
        canned = answer if isinstance(answer, Canned) else Canned(columns=answer[0], rows=answer[1])
        if canned.seconds:
            self._wait(canned.seconds, timeout_seconds)
        batches = self._batches(canned, max_rows)
        return Fetched(columns=canned.columns, batches=batches, is_truncated=lambda: len(canned.rows) > max_rows)

    def read_schema(self, relation: str) -> Mapping[str, str]:
        self._note("read_schema", relation)
        self._known(relation)
        return self.schemas[relation]

    def read_relations(self) -> tuple[str, ...]:
        self._note("read_relations", "")
        return tuple(self.schemas)

    def read_version(self, relations: Sequence[str]) -> str:
        """The versions of `relations` side by side; a relation without one has version 0."""
        self._note("read_version", ", ".join(relations))
        for relation in relations:
            self._known(relation)
        return "stat:" + ",".join(f"{relation}={self.versions.get(relation, '0')}" for relation in sorted(relations))

    def read_files(self, relation: str, columns: Sequence[str]) -> Files | None:  # noqa: ARG002 - it has none
        self._note("read_files", relation)
        self._known(relation)
        return None

    def cancel(self) -> None:
        with self._lock:
            for stopped in self._running:
                stopped.set()

    def close(self) -> None:
        self._is_closed = True
        self.cancel()

    def _note(self, verb: str, subject: str) -> None:
        if self._is_closed:
            raise _error(CLOSED, "the warehouse is closed", "open it again")
        with self._lock:
            self.calls.append(Call(verb=verb, subject=subject))
        if verb in self.failures:
            raise self.failures[verb]

    def _known(self, relation: str) -> None:
        if relation not in self.schemas:
            near = difflib.get_close_matches(relation, self.schemas, n=1)
            mend = f"write `{near[0]}`" if near else "use one of " + (", ".join(self.schemas) or "none")
            raise _error(NO_SUCH_RELATION, f"the warehouse has no relation `{relation}`", mend)

    def _wait(self, seconds: float, timeout_seconds: float) -> None:
        stopped = threading.Event()
        with self._lock:
            self._running.add(stopped)
        try:
            if stopped.wait(min(seconds, timeout_seconds)):
                raise _error(CANCELLED, "the query was cancelled", "run it again")
        finally:
            with self._lock:
                self._running.discard(stopped)
        if seconds > timeout_seconds:
            what = f"the query was stopped after {timeout_seconds:g} seconds"
            raise _error(TOO_SLOW, what, "raise `warehouse.timeout_seconds`")

    def _batches(self, canned: Canned, max_rows: int) -> Iterator[Batch]:
        rows = canned.rows[:max_rows]
        for start in range(0, len(rows), self._batch_rows):
            batch = list(rows[start : start + self._batch_rows])
            if canned.failure is not None and start + len(batch) > (canned.breaks_after or 0):
                raise canned.failure
            yield batch


def _error(code: str, what: str, mend: str) -> OutsideError:
    why = "a fake warehouse keeps the promises of the port"
    return OutsideError(Diagnostic(code=code, what=what, why=why, mend=mend), retryable=True)
