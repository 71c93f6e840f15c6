"""A user's names in, the same names safe inside SQL out; and the one rule headers keep."""

from __future__ import annotations

from collections.abc import Sequence

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault
from loadline.adapters.warehouses.sources import Source


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def quoted(relation: str) -> str:
    return ".".join(identifier(part) for part in relation.split("."))


def check_header(names: Sequence[str], source: Source) -> None:
    """Raises OutsideError unless every name is there, once."""
    lowered = [name.strip().lower() for name in names]
    twice = sorted({name for name in lowered if lowered.count(name) > 1})
    if not names or "" in lowered or twice:
        what = f"`{source.pattern}` names " + (f"`{twice[0]}` twice" if twice and twice[0] else "a column with nothing")
        raise fault(codes.NO_HEADER, what, "give every column of the first row its own name", place=source.place)
