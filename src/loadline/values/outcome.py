"""What came of performing a plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from loadline.values.plan import ResultColumn

Batch = list[tuple[object, ...]]


class Rows(Protocol):
    """Result rows that can be read more than once, held once (in memory, or on disk when there are many)."""

    def __len__(self) -> int: ...

    def batches(self) -> Iterator[Batch]: ...

    def __iter__(self) -> Iterator[tuple[object, ...]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Rows as Python values (int, Decimal, float, str, bool, date, datetime, None), column order as in `columns`."""

    columns: tuple[ResultColumn, ...]
    rows: Rows = field(compare=False, metadata={"digest": False})
    rows_digest: str
    data_version: str
    is_truncated: bool
    seconds: float
