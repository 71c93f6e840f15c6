"""The tokens of SHOW, DESCRIBE, SUMMARIZE, PRAGMA or EXPLAIN in; relations, or a statement inside, out.

These are read here, because SQLGlot keeps most of them as unread text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadline.semantics.guard import codes
from loadline.semantics.guard.lexing import Cut, Token
from loadline.semantics.guard.refusal import Refused
from loadline.semantics.guard.system import SETTINGS
from loadline.values.guarded import Relation


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """It describes `relations` and runs nothing."""

    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """The statement from token `start` on; `is_run` says whether it is carried out."""

    start: int
    is_run: bool


_NAME = r"(?:N(?: \. N)*)"
_LISTED = (
    "TABLES|VIEWS|SCHEMAS|DATABASES|COLUMNS|OBJECTS|MATERIALIZED VIEWS|DYNAMIC TABLES|SEQUENCES|PRIMARY KEYS|"
    "UNIQUE KEYS|IMPORTED KEYS|WAREHOUSES"
)
_WHICH = r"(?: LIKE S| WHERE N (?:=|LIKE|<>|! =) S)?"
_OF_TABLE = rf"(?:FROM|IN) (?P<table>N(?: \. N)*)(?: (?:FROM|IN) (?P<within>N))?{_WHICH}"
_WITHIN = "(?:DATABASE|SCHEMA|TABLE|VIEW)"
_SHOWS: Mapping[str, tuple[str, ...]] = {
    "duckdb": (
        r"SHOW (?:ALL )?TABLES(?: FROM (?P<schema>N(?: \. N)*))?", "SHOW DATABASES", "SHOW SCHEMAS", "SHOW VIEWS",
        rf"SHOW (?P<table>{_NAME})",
    ),
    "mysql": (
        rf"SHOW (?:EXTENDED )?(?:FULL )?TABLES(?: (?:FROM|IN) N)?{_WHICH}",
        rf"SHOW (?:DATABASES|SCHEMAS){_WHICH}",
        rf"SHOW (?:EXTENDED )?(?:FULL )?(?:COLUMNS|FIELDS) {_OF_TABLE}",
        rf"SHOW (?:EXTENDED )?(?:INDEX|INDEXES|KEYS) {_OF_TABLE}",
        rf"SHOW CREATE (?:TABLE|VIEW|DATABASE|SCHEMA) (?P<table>{_NAME})",
        rf"SHOW TABLE STATUS(?: (?:FROM|IN) N)?{_WHICH}",
        r"SHOW (?:GLOBAL |SESSION )?VARIABLES (?:LIKE|WHERE VARIABLE_NAME (?:=|LIKE)) (?P<setting>S)",
        r"SHOW (?:CHARACTER SET|CHARSET|COLLATION)(?: LIKE S)?", "SHOW (?:STORAGE )?ENGINES",
        r"SHOW (?:WARNINGS|ERRORS)",
    ),
    "snowflake": (
        (
            rf"SHOW (?:TERSE )?(?:{_LISTED})(?: HISTORY)?(?: LIKE S)?(?: IN (?:ACCOUNT|(?:{_WITHIN} )?{_NAME}))?"
            r"(?: STARTS WITH S)?(?: LIMIT 0)?(?: FROM S)?"
        ),
    ),
}  # fmt: skip
_DESCRIBES: Mapping[str, tuple[str, ...]] = {
    "duckdb": (rf"(?:DESCRIBE|DESC|SUMMARIZE) (?:TABLE )?(?P<table>{_NAME})",),
    "mysql": (rf"(?:DESCRIBE|DESC|EXPLAIN) (?P<table>{_NAME})(?: N| S)?",),
    "snowflake": (
        rf"(?:DESCRIBE|DESC) (?:TABLE|(?:MATERIALIZED )?VIEW|DYNAMIC TABLE) (?P<table>{_NAME})(?: TYPE = COLUMNS)?",
    ),
}  # fmt: skip
_PRAGMAS: Mapping[str, str] = {
    "sqlite": r"PRAGMA (?:N \. )?(?:(?:TABLE_INFO|TABLE_XINFO|INDEX_LIST|INDEX_INFO|INDEX_XINFO|FOREIGN_KEY_LIST)"
    r" \( (?P<table>N|S) \)|TABLE_LIST|COLLATION_LIST|ENCODING|USER_VERSION|APPLICATION_ID|PAGE_COUNT|PAGE_SIZE"
    r"|FREELIST_COUNT|SCHEMA_VERSION|DATA_VERSION|FOREIGN_KEYS|JOURNAL_MODE|FOREIGN_KEY_CHECK|INTEGRITY_CHECK|QUICK_CHECK"
    r"|COMPILE_OPTIONS|FUNCTION_LIST)",
    "duckdb": r"PRAGMA (?:(?:TABLE_INFO|SHOW) \( (?P<table>N|S) \)|SHOW_TABLES|SHOW_TABLES_EXPANDED|VERSION"
    r"|DATABASE_SIZE|COLLATIONS|PLATFORM)",
}  # fmt: skip


def read_shown(tokens: Sequence[Token], dialect: str) -> Shown | Inside:
    """Raises Refused (GRD003, GRD006, GRD007)."""
    first = tokens[0].lower
    match first:
        case "show":
            return _show(tokens, dialect)
        case "pragma":
            return _matching(tokens, (_PRAGMAS[dialect],) if dialect in _PRAGMAS else (), "pragma")
        case "explain":
            return _explain(tokens, dialect)
        case _:
            return _describe(tokens, dialect)


def _show(tokens: Sequence[Token], dialect: str) -> Shown:
    if dialect == "postgres":
        name = " ".join(one.lower for one in tokens[1:])
        if name in SETTINGS["postgres"]:
            return Shown()
        raise Refused(codes.SYSTEM_RELATION, f"the setting `{name}` is not on the list", "SHOW TimeZone, for example")
    return _matching(tokens, _SHOWS.get(dialect, ()), "SHOW")


def _describe(tokens: Sequence[Token], dialect: str) -> Shown | Inside:
    if len(tokens) > 1 and tokens[1].cut is Cut.STRING:
        raise Refused(codes.OUTSIDE, f"{tokens[1].text} is read as a file", "name a table of the database")
    opens = tokens[1].text if len(tokens) > 1 else ""
    starts = ("select", "with", "values", "from", "table", "(")
    if dialect == "duckdb" and (opens.lower() in starts[:4] or opens == "("):
        return Inside(start=1, is_run=True)
    if dialect == "mysql":
        inside = _explain_mysql(tokens)
        if inside is not None:
            return inside
    return _matching(tokens, _DESCRIBES.get(dialect, ()), tokens[0].text.upper())


def _explain(tokens: Sequence[Token], dialect: str) -> Shown | Inside:
    words = [one.lower for one in tokens]
    match dialect:
        case "postgres" | "duckdb":
            return _explain_postgres(tokens)
        case "sqlite":
            return Inside(start=3 if words[1:3] == ["query", "plan"] else 1, is_run=False)
        case "snowflake":
            is_using = words[1:2] == ["using"] and words[2:3][0:1] in (["tabular"], ["json"], ["text"])
            return Inside(start=3 if is_using else 1, is_run=False)
        case "mysql":
            return _explain_mysql(tokens) or _matching(tokens, _DESCRIBES["mysql"], "EXPLAIN")
        case _:
            raise Refused(codes.NO_SUCH_STATEMENT, "this dialect has no EXPLAIN", "ask for the result instead")


def _explain_postgres(tokens: Sequence[Token]) -> Inside:
    """`EXPLAIN [ANALYZE] [VERBOSE] s`, or `EXPLAIN (option, …) s`. ANALYZE counts as run unless it is set to false."""
    start, is_run = 1, False
    if (
        len(tokens) > 1
        and tokens[1].text == "("
        and (len(tokens) < 3 or tokens[2].lower not in ("select", "with", "values"))
    ):
        while start < len(tokens) and tokens[start].text != ")":
            if tokens[start].lower in ("analyze", "analyse"):
                is_run |= [one.text.lower() for one in tokens[start + 1 : start + 2]] not in (["false"], ["off"], ["0"])
            if tokens[start].cut is Cut.QUOTED:
                raise Refused(codes.NO_SUCH_FORM, "an option of EXPLAIN is quoted", "write it plainly")
            start += 1
        return Inside(start=start + 1, is_run=is_run)
    while start < len(tokens) and tokens[start].lower in ("analyze", "analyse", "verbose"):
        is_run |= tokens[start].lower != "verbose"
        start += 1
    return Inside(start=start, is_run=is_run)


def _explain_mysql(tokens: Sequence[Token]) -> Inside | None:
    start, is_run = 1, False
    while start < len(tokens):
        word = tokens[start].lower
        if word == "analyze":
            is_run, start = True, start + 1
        elif word == "extended":
            start += 1
        elif word == "format" and [one.text for one in tokens[start + 1 : start + 2]] == ["="]:
            start += 3
        else:
            break
    if start < len(tokens) and tokens[start].lower in (
        "select",
        "with",
        "insert",
        "update",
        "delete",
        "replace",
        "table",
    ):
        return Inside(start=start, is_run=is_run)
    if start < len(tokens) and tokens[start].text == "(":
        return Inside(start=start, is_run=is_run)
    return None


def _matching(tokens: Sequence[Token], patterns: Sequence[str], what: str) -> Shown:
    spelled = " ".join(_spelled(one) for one in tokens)
    for pattern in patterns:
        names = _keywords(pattern)
        text = " ".join(
            word if word in names or position == 0 else _kind(token)
            for position, (token, word) in enumerate(zip(tokens, spelled.split(" "), strict=True))
        )
        for candidate in (text, " ".join(_kind(one) if at else _spelled(one) for at, one in enumerate(tokens))):
            if re.fullmatch(pattern, candidate):
                return _shown(pattern, candidate, tokens)
    raise Refused(
        codes.NO_SUCH_STATEMENT, f"this form of {what} is not on the list", "describe a table, or list the tables"
    )


def _keywords(pattern: str) -> set[str]:
    return set(re.findall(r"[A-Z_]{2,}", pattern))


def _shown(pattern: str, candidate: str, tokens: Sequence[Token]) -> Shown:
    found = re.fullmatch(pattern, candidate)
    if found is not None and "setting" in found.re.groupindex:
        name = tokens[-1].text[1:-1].lower()
        if name not in SETTINGS["mysql"]:
            raise Refused(codes.SYSTEM_RELATION, f"the setting `{name}` is not on the list", "ask for one by its name")
    if found is None or "table" not in found.re.groupindex or found.group("table") is None:
        return Shown()
    first = candidate[: found.start("table")].count(" ")
    count = found.group("table").count(" ") + 1
    parts = [_plain(one) for one in tokens[first : first + count] if one.text != "."]
    if found.re.groupindex.get("within") and found.group("within"):
        parts.insert(0, _plain(tokens[candidate[: found.start("within")].count(" ")]))
    return Shown(relations=(Relation(parts=tuple(parts)),))


def _plain(token: Token) -> str:
    return token.text if token.cut is Cut.WORD else token.text[1:-1]


def _spelled(token: Token) -> str:
    return token.text.upper() if token.cut is Cut.WORD else _kind(token)


def _kind(token: Token) -> str:
    match token.cut:
        case Cut.WORD | Cut.QUOTED:
            return "N"
        case Cut.STRING:
            return "S"
        case Cut.NUMBER:
            return "0"
        case _:
            return token.text
