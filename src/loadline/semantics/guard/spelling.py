"""The tokens of one statement in; out, the same text in a spelling that SQLGlot parses, every token at its old place.

SQLGlot does not know every clause of every engine. Blanked here are only fixed words that say nothing about what is
read, written or called (`WITHOUT ROWID`, `OVERRIDING SYSTEM VALUE`); the words stay among the tokens, where the lists
of functions and of stacked statements see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from loadline.semantics.guard.calls import PRIVATE
from loadline.semantics.guard.lexing import Cut, Token
from loadline.semantics.guard.sheet import Sheet, Spelled
from loadline.semantics.guard.spelling_tsql import spell_tsql

_ON_EMPTY = """
* : default N|S|null|true|false on empty|error
* : null|error on empty|error
* : empty array|object on empty|error
"""
_CHECK_OPTION = """
create : with check option
create : with cascaded|local check option
"""
_PATTERNS: Mapping[str, str] = {
    "postgres": _ON_EMPTY + _CHECK_OPTION + """
create : with data
create : with no data
create : on commit drop
* : at local
* : document|content >S
create : with ( security_barrier|security_invoker ) >as
create : with ( security_barrier|security_invoker = true ) >as
create : on commit preserve|delete rows
insert|with : overriding system|user value
* : with|without wrapper
* : with|without array wrapper
* : with|without conditional|unconditional wrapper
* : with|without conditional|unconditional array wrapper
""",
    "duckdb": """
create : with data
create : with no data
create : recursive >view
create : virtual|stored >,|)
insert|with : by position
""",
    "sqlite": """
create : without rowid , strict $
create : strict , without rowid $
create : without rowid $
create : on conflict replace|ignore|abort|fail|rollback
create : any >,|)
""",
    "mysql": _ON_EMPTY + _CHECK_OPTION + """
create|alter : using btree|hash
create|alter : fulltext|spatial >index|key
* : exists >path
* : from first >over|respect
* : respect nulls >over
create|alter : sql security invoker|definer >view
""",
    "snowflake": """
create : force|recursive >view
""",
    "bigquery": """
create : snapshot >table
""",
    "tsql": _CHECK_OPTION + """
create|alter : clustered|nonclustered >(|index|asc|desc|,|)|not|null|references|default|with|on
create : with schemabinding
alter : with values
alter : with check|nocheck >add
* : using S
* : null|absent on null
* : returning int|bigint|bit|date|float|time|datetime2
""",
}  # fmt: skip
"""Per line: the first word a statement may have, and the words that are blanked. `N` is a number, `S` a string, `>`
what has to follow and stays, `$` the end."""

_OPENING_WORDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "mysql": {
        "insert": frozenset({"low_priority", "high_priority", "delayed"}),
        "replace": frozenset({"low_priority", "delayed"}),
        "update": frozenset({"low_priority", "ignore"}),
        "delete": frozenset({"low_priority", "quick", "ignore"}),
    }
}
"""Words behind the verb: how soon the write is done, and whether an error of one row stops it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pattern:
    """Words in a row, each one of several; `behind` has to follow."""

    openings: frozenset[str]
    words: tuple[frozenset[str], ...]
    behind: frozenset[str] = field(default_factory=frozenset)
    is_last: bool = False

    @classmethod
    def of(cls, line: str) -> _Pattern:
        opening, _, rest = line.partition(" : ")
        words = rest.split()
        behind = words.pop()[1:].split("|") if words[-1].startswith(">") else []
        is_last = words[-1] == "$"
        return cls(
            openings=frozenset(opening.split("|")),
            words=tuple(frozenset(one.split("|")) for one in (words[:-1] if is_last else words)),
            behind=frozenset(behind),
            is_last=is_last,
        )

    def fits(self, tokens: Sequence[Token], at: int) -> int:
        """Where it ends; 0 where it does not fit."""
        end = at + len(self.words)
        if end > len(tokens) or (self.is_last and end != len(tokens)):
            return 0
        if not all(_is_one_of(one, words) for one, words in zip(tokens[at:end], self.words, strict=True)):
            return 0
        if self.behind and not (end < len(tokens) and (tokens[end].lower or tokens[end].text) in self.behind):
            return 0
        return end


def _is_one_of(token: Token, words: frozenset[str]) -> bool:
    match token.cut:
        case Cut.NUMBER:
            return "N" in words
        case Cut.STRING:
            return "S" in words
        case Cut.WORD:
            return token.lower in words
        case _:
            return token.text in words


def _by_first_word(lines: str) -> dict[str, tuple[_Pattern, ...]]:
    found: dict[str, list[_Pattern]] = {}
    for line in filter(None, lines.splitlines()):
        pattern = _Pattern.of(line)
        for word in pattern.words[0]:
            found.setdefault(word, []).append(pattern)
    return {word: tuple(sorted(some, key=lambda one: -len(one.words))) for word, some in found.items()}


_BY_WORD = {dialect: _by_first_word(lines) for dialect, lines in _PATTERNS.items()}


def spelled(tokens: Sequence[Token], text: str, dialect: str) -> Spelled:
    """`text` is what was written, its comments blanked out."""
    start = tokens[0].start
    sheet = Sheet(signs=list(" " * start + text[start : tokens[-1].end]), tokens=tokens)
    _blank_patterns(sheet, dialect)
    _blank_opening_words(sheet, dialect)
    match dialect:
        case "postgres":
            _blank_join_alias(sheet)
        case "sqlite":
            _spell_sqlite(sheet)
        case "tsql":
            spell_tsql(sheet)
        case "bigquery":
            _spell_raw_bytes(sheet)
            _blank_privacy(sheet)
            _spell_pipes(sheet)
        case "duckdb" if tokens[0].lower in ("with", "pivot", "unpivot"):
            _wrap_pivot(sheet)
        case "duckdb" if tokens[0].lower == "alter":
            _spell_rename(sheet)
        case "mysql":
            _spell_mysql(sheet)
        case _:
            pass
    if dialect in ("mysql", "sqlite") and tokens[0].lower == "replace":
        sheet.add(start, "INSERT OR ")
    return sheet.spelled()


def _blank_patterns(sheet: Sheet, dialect: str) -> None:
    by_word = _BY_WORD.get(dialect)
    if by_word is None:
        return
    opening = sheet.tokens[0].lower
    for at, one in enumerate(sheet.tokens):
        for pattern in by_word.get(one.lower or ("S" if one.cut is Cut.STRING else one.text), ()):
            is_wanted = at and ("*" in pattern.openings or opening in pattern.openings)
            end = pattern.fits(sheet.tokens, at) if is_wanted else 0
            if end:
                sheet.blank(at, end)
                break


def _blank_opening_words(sheet: Sheet, dialect: str) -> None:
    wanted = _OPENING_WORDS.get(dialect, {}).get(sheet.tokens[0].lower, frozenset())
    at = 1
    while at + 1 < len(sheet.tokens) and sheet.tokens[at].lower in wanted and _opens_name(sheet.tokens[at + 1]):
        sheet.blank(at, at + 1)
        at += 1


def _opens_name(token: Token) -> bool:
    return token.cut is Cut.QUOTED or (token.cut is Cut.WORD and token.lower != "set")


def _blank_join_alias(sheet: Sheet) -> None:
    """JOIN b USING (id) AS both: a name for the two columns."""
    tokens = sheet.tokens
    for at, one in enumerate(tokens):
        if one.lower != "using" or tokens[at + 1 : at + 2] == () or tokens[at + 1].text != "(":
            continue
        end = at + 2
        while end < len(tokens) and (tokens[end].cut in (Cut.WORD, Cut.QUOTED) or tokens[end].text == ","):
            end += 1
        behind = tokens[end : end + 3]
        if len(behind) == 3 and behind[0].text == ")" and behind[1].lower == "as" and behind[2].cut is Cut.WORD:
            sheet.blank(end + 1, end + 3)


def _spell_sqlite(sheet: Sheet) -> None:
    tokens = sheet.tokens
    if [one.lower for one in tokens[:2]] == ["update", "or"] and len(tokens) > 2:
        sheet.blank(1, 3)  # UPDATE OR IGNORE t: what stands between has no meaning for what is touched
    depth = 0
    for at, (one, following) in enumerate(pairwise(tokens)):
        depth += (one.text == "(") - (one.text == ")")
        if one.text == "?" and following.cut is Cut.NUMBER and one.end == following.start:
            was_changed = sheet.is_changed  # `?1` is a parameter as `?` is
            sheet.blank(at + 1, at + 2)
            sheet.is_changed = was_changed
        is_verb = one.lower == "replace" and following.lower == "into" and depth == 0
        if is_verb and tokens[0].lower == "with":
            sheet.write(at, "INSERT")


def _spell_raw_bytes(sheet: Sheet) -> None:
    """`rb'…'` is cut as `r'…'` is."""
    for one in sheet.tokens:
        if one.cut is Cut.STRING and one.text[:2].lower() in ("rb", "br"):
            sheet.signs[one.start : one.start + 2] = " r"


def _spell_rename(sheet: Sheet) -> None:
    """ALTER TABLE t RENAME a TO b: COLUMN may be left out."""
    for at, one in enumerate(sheet.tokens[:-3]):
        words = [token.lower for token in sheet.tokens[at + 1 : at + 4]]
        if one.lower == "rename" and words[0] not in ("to", "column") and words[1] == "to":
            sheet.add(sheet.tokens[at + 1].start, "COLUMN ")


def _blank_privacy(sheet: Sheet) -> None:
    """SELECT WITH DIFFERENTIAL_PRIVACY OPTIONS (epsilon = 10, …)."""
    tokens = sheet.tokens
    for at, one in enumerate(tokens[:-4]):
        words = [token.lower or token.text for token in tokens[at : at + 5]]
        if one.lower != "select" or words[1] != "with" or words[2] not in PRIVATE or words[3:] != ["options", "("]:
            continue
        end = at + 5
        while end < len(tokens) and (tokens[end].cut in (Cut.WORD, Cut.NUMBER, Cut.QUOTED) or tokens[end].text in "=,"):
            end += 1
        if end < len(tokens) and tokens[end].text == ")":
            sheet.blank(at + 1, end + 1)


def _spell_pipes(sheet: Sheet) -> None:
    """`|> DROP a`, `|> RENAME a AS b` name columns; `|> SET a = x` computes one."""
    tokens = sheet.tokens
    for at in range(len(tokens) - 2):
        if tokens[at].text != "|" or tokens[at + 1].text != ">" or tokens[at].end != tokens[at + 1].start:
            continue
        end = next((one for one in range(at + 2, len(tokens)) if tokens[one].text == "|"), len(tokens))
        match tokens[at + 2].lower:
            case "drop" | "rename" if all(
                one.cut in (Cut.WORD, Cut.QUOTED) or one.text == "," for one in tokens[at + 3 : end]
            ):
                sheet.blank(at, end)
            case "set" if all(one.text != "," for one in tokens[at + 3 : end]):
                sheet.blank(at + 2, at + 3)
                sheet.add(tokens[at + 2].start, "WHERE ")
            case _:
                pass


def _wrap_pivot(sheet: Sheet) -> None:
    """WITH a AS (…) PIVOT a ON b … ORDER BY c: the PIVOT is put into FROM ( … )."""
    tokens = sheet.tokens
    start, end, depth = -1, -1, 0
    for at, one in enumerate(tokens[:-1]):
        depth += (one.text in "([{") - (one.text in ")]}") if one.cut is Cut.SYMBOL else 0
        if depth < 0:
            return
        opens = at == 0 or (tokens[0].lower == "with" and tokens[at - 1].text == ")")
        if depth == 0 and one.lower in ("pivot", "unpivot") and opens and tokens[at + 1].text != "(":
            start = at
        elif depth == 0 and start >= 0 and end < 0 and one.lower in ("order", "limit"):
            end = at
    if start < 0 or (start == 0 and end < 0):
        return
    sheet.add(tokens[start].start, "FROM (")
    sheet.add(tokens[end].start if end >= 0 else len(sheet.signs), ") ")


def _spell_mysql(sheet: Sheet) -> None:
    tokens = sheet.tokens
    first = tokens[0].lower
    if first == "create" and any(one.lower == "index" for one in tokens[1:4]):
        for at in range(4, len(tokens) - 2):  # ON t (name(10)): so many characters of a column
            if tokens[at].text == "(" and tokens[at + 1].cut is Cut.NUMBER and tokens[at + 2].text == ")":
                sheet.blank(at, at + 3)
    elif first == "rename" and tokens[1].lower == "table":
        goes_to = [one for one in tokens if one.lower == "to"]
        if len(goes_to) == 1:  # ALTER TABLE a RENAME TO b
            sheet.write(0, "ALTER")
            sheet.add(goes_to[0].start, "RENAME ")
