"""The SQL of an Ossie expression in; what has no form here, and what it is made of, out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from loadline.project.importing import codes
from loadline.project.importing.nouns import CannotCarry
from loadline.project.importing.sql_text import names_in, pieces

DIALECTS = ("ANSI_SQL", "SNOWFLAKE", "DATABRICKS", "BIGQUERY")
AGGREGATES = frozenset({
    "sum", "count", "avg", "min", "max", "median", "percentile", "percentile_cont", "percentile_disc", "stddev",
    "variance", "approx_count_distinct", "count_if", "any_value",
})  # fmt: skip
_RESERVED = frozenset({
    "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "check", "column", "create", "cross", "current",
    "default", "delete", "desc", "distinct", "drop", "else", "end", "except", "exists", "false", "fetch", "filter",
    "for", "from", "full", "grain", "group", "grouping", "having", "in", "inner", "insert", "intersect", "into", "is",
    "join", "left", "like", "limit", "natural", "not", "null", "offset", "on", "or", "order", "outer", "over",
    "partition", "qualify", "query_filter", "right", "rows", "select", "set", "table", "then", "to", "true", "union",
    "unique", "update", "using", "values", "when", "where", "window", "with",
})  # fmt: skip


def expression_of(written: Mapping[str, Any]) -> tuple[str, str]:
    """The text of an expression and the dialect it was given in. Raises CannotCarry."""
    said = written.get("expression")
    if isinstance(said, str):
        return said.strip(), DIALECTS[0]
    given: dict[str, str] = {}
    if isinstance(said, Mapping):
        for one in said.get("dialects") or ():
            if isinstance(one, Mapping) and isinstance(one.get("expression"), str):
                given.setdefault(str(one.get("dialect")), str(one["expression"]).strip())
    for dialect in DIALECTS:
        if dialect in given:
            return given[dialect], dialect
    others = ", ".join(given) or "none"
    raise CannotCarry(f"its expression is written in {others}, and not in SQL")


def check_name(name: str) -> None:
    """Raises CannotCarry for a word that Ossie reserves."""
    if name.lower() in _RESERVED:
        raise CannotCarry(f"`{name}` is a reserved word", codes.RESERVED_WORD)


def check_windows(text: str) -> None:
    """Raises CannotCarry for a window that has no form here."""
    words = [piece.lower() for kind, piece in pieces(text) if kind == "word"]
    if "over" not in words:
        return
    if "groups" in words or re.search(r":\s*[A-Za-z_]", "".join(p for kind, p in pieces(text) if kind != "text")):
        raise CannotCarry("its window's frame is of groups, or bounded by a parameter", codes.WINDOW_FRAME)
    if any("over" in _words(inner) for inner in _windowed(text)):
        raise CannotCarry("a window function stands in another one", codes.NESTED_WINDOW)


def has_window(text: str) -> bool:
    return "over" in _words(text)


def is_window(text: str) -> bool:
    """Is the whole text one function over a window?"""
    return re.match(r"(?is)\s*\w+\s*\(", text) is not None and _after_call(text) == ""


def _after_call(text: str) -> str | None:
    """What follows `f(…) over (…)`; None where the text does not begin so."""
    first = _closed(text, text.index("("))
    if first is None:
        return None
    found = re.match(r"(?is)\s*over\s*\(", text[first + 1 :])
    if found is None:
        return None
    last = _closed(text, first + 1 + found.end() - 1)
    return text[last + 1 :].strip() if last is not None else None


def _windowed(text: str) -> Iterator[str]:
    """The arguments and the window of every `f(…) over (…)`."""
    for found in re.finditer(r"(?is)\)\s*over\s*\(", text):
        start = _opened(text, found.start())
        end = _closed(text, found.end() - 1)
        if start is not None:
            yield text[start + 1 : found.start()]
        if end is not None:
            yield text[found.end() : end]


def _closed(text: str, start: int) -> int | None:
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at
    return None


def _opened(text: str, end: int) -> int | None:
    depth = 0
    for at in range(end, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth == 0:
            return at
    return None


def _words(text: str) -> set[str]:
    return {piece.lower() for kind, piece in pieces(text) if kind == "word"}


def aggregates_in(text: str) -> bool:
    every = list(pieces(text))
    for index, (kind, piece) in enumerate(every):
        after = next((p for _, p in every[index + 1 :] if p.strip()), "")
        if kind == "word" and piece.lower() in AGGREGATES and after == "(":
            return True
    return False


def datasets_in(text: str) -> set[str]:
    """The datasets whose fields a text names."""
    return {name.split(".")[0].strip() for name in names_in(text) if "." in name}
