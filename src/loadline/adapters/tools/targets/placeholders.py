"""A statement and values for `$1`, `$2` … in; the same with only the values it asks for, numbered from 1, out.

A count that is taken before a write has the predicate of the write, and so only some of its parameters; PostgreSQL and
DuckDB take exactly those a statement names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOKEN = re.compile(
    r"--[^\n]*|/\*.*?\*/|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(?P<tag>[A-Za-z_]\w*)?\$.*?\$(?P=tag)?\$"
    r"|(?<![\w$])\$(?P<number>\d+)",
    re.DOTALL,
)


def only_used(sql: str, parameters: Sequence[object]) -> tuple[str, tuple[object, ...]]:
    """What stands in strings, names and comments is no placeholder. A number with no value is left for the engine to
    refuse."""
    places: dict[int, int] = {}

    def renumbered(token: re.Match[str]) -> str:
        written = token["number"]
        if written is None or not 0 < int(written) <= len(parameters):
            return token.group()
        return f"${places.setdefault(int(written), len(places) + 1)}"

    text = _TOKEN.sub(renumbered, sql)
    return text, tuple(parameters[number - 1] for number in places)
