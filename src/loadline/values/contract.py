"""What the data promises: an Open Data Contract Standard document, reduced to what is used today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from loadline.values.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One promised column. `logical_type` is ODCS's: string, integer, number, boolean, date, timestamp, time, object,
    array. A timestamp `is_zoned` when it names an instant; a naive one may say in `timezone` which clock it shows."""

    name: str
    logical_type: str
    physical_type: str | None = None
    is_required: bool = False
    is_unique: bool = False
    key_position: int | None = None  # 1-based place in the primary key
    classification: str | None = None
    is_zoned: bool = False
    timezone: str | None = None
    description: str = ""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTable:
    """One schema object of a contract, which has this `version`."""

    name: str
    version: str | None = None
    columns: Mapping[str, Column] = field(default_factory=dict)
    description: str = ""
    place: Place

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key, in order; empty when none is promised."""
        keyed = [c for c in self.columns.values() if c.key_position is not None]
        return tuple(c.name for c in sorted(keyed, key=lambda c: c.key_position or 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """`name` is the file's stem, by which datasets refer to it."""

    name: str
    id: str
    version: str
    status: str
    owner: str | None = None
    tables: Mapping[str, ContractTable] = field(default_factory=dict)
    place: Place
