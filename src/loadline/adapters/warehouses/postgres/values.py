"""Columns of a PostgreSQL result in; their types in words, and loaders that give plain values, out.

Exact or text: what Python has no exact value for (`infinity`, a year before 1, an interval of months) stays the text
the server writes, which a session of ours always gets in ISO form and UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time

import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Loader
from psycopg.types.string import TextLoader

from loadline.values.outcome import Batch

_AS_TEXT = (
    "uuid", "json", "jsonb", "inet", "cidr", "macaddr", "interval", "timetz", "int4range", "int8range", "numrange",
    "daterange", "tsrange", "tstzrange", "int4multirange", "int8multirange", "nummultirange", "datemultirange",
    "tsmultirange", "tstzmultirange",
)  # fmt: skip


class _DateLoader(Loader):
    def load(self, data: Buffer) -> object:
        return _read(date.fromisoformat, data)


class _TimeLoader(Loader):
    def load(self, data: Buffer) -> object:
        return _read(time.fromisoformat, data)


class _MomentLoader(Loader):
    """With `+00` at its end the text of an instant is aware, and in UTC."""

    def load(self, data: Buffer) -> object:
        return _read(datetime.fromisoformat, data)


def _read(read: Callable[[str], object], data: Buffer) -> object:
    text = bytes(data).decode()
    try:
        return read(text)
    except ValueError:
        return text


def register_loaders(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    for name in _AS_TEXT:
        connection.adapters.register_loader(name, TextLoader)
    connection.adapters.register_loader("date", _DateLoader)
    connection.adapters.register_loader("time", _TimeLoader)
    connection.adapters.register_loader("timestamp", _MomentLoader)
    connection.adapters.register_loader("timestamptz", _MomentLoader)


def columns_of(result: pq.abc.PGresult, name_type: Callable[[int, int], str]) -> tuple[tuple[str, str], ...]:
    """Name and engine type of each column; `name_type` is asked for types the driver does not know."""
    found = []
    for at in range(result.nfields):
        oid, modifier = result.ftype(at), result.fmod(at)
        known = psycopg.adapters.types.get(oid)
        said = known.get_type_display(oid=oid, fmod=modifier) if known else name_type(oid, modifier)
        found.append(((result.fname(at) or b"").decode(), _SPELLED.get(said, said)))
    return tuple(found)


_SPELLED = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
}
"""The driver's short names, as the server itself writes types."""


def converter(columns: Sequence[tuple[str, str]]) -> Callable[[Batch], Batch]:
    """Lists become tuples; for most results there is nothing to do."""
    if not any(engine_type.endswith("]") for _, engine_type in columns):
        return lambda batch: batch
    return lambda batch: [tuple(_frozen(value) for value in row) for row in batch]


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
