"""The tokens of a statement and its tree in; Refused for what a dialect allows in a text that the tree does not show.

In T-SQL a new statement needs no semicolon, in Snowflake `@` is a stage, in MySQL `:=` sets a variable.
"""

from __future__ import annotations

from itertools import pairwise

from sqlglot import exp

from loadline.semantics.guard import codes, words
from loadline.semantics.guard.lexing import Cut, Token
from loadline.semantics.guard.refusal import Refused
from loadline.semantics.guard.system import TSQL_DATABASES


def refuse_words(tokens: tuple[Token, ...], text: str, root: exp.Expr, dialect: str) -> None:
    """What a tree does not show: in T-SQL a new statement needs no semicolon, in Snowflake `@` is a stage."""
    if dialect != "bigquery" and any(a.text == "|" and b.text == ">" and a.end == b.start for a, b in pairwise(tokens)):
        raise Refused(codes.NO_SUCH_FORM, "`|>` is on no list", "write a plain query")
    if tokens[0].lower == "from" and dialect not in ("bigquery", "duckdb"):
        raise Refused(codes.NO_SUCH_STATEMENT, "FROM begins no statement here", "begin with SELECT")
    if dialect == "snowflake":
        for at, (one, following) in enumerate(pairwise(tokens)):
            if one.text == "@":
                raise Refused(codes.OUTSIDE, "`@` names a stage, where files are", "read a table")
            if one.lower == "table" and following.text == "(":
                _refuse_named_at_run_time(tokens, at + 2)
            if one.text == "!" and following.text != "=":
                raise Refused(codes.DYNAMIC, "`!` calls a method of an object", "leave it out")
    if isinstance(root, exp.Update) and not root.expressions:
        raise Refused(codes.NO_SUCH_STATEMENT, "UPDATE without SET is no statement on the list", "write what is set")
    if dialect == "mysql" and any(a.text == ":" and b.text == "=" for a, b in pairwise(tokens)):
        raise Refused(codes.SESSION, "`:=` sets a variable of the session", "leave it out")
    if dialect == "tsql":
        _refuse_stacked(tokens, text, root)
        _refuse_servers(tokens)
        _refuse_assigned(tokens)
        _refuse_types_of_own(tokens)


def refuse_hidden_write(tokens: tuple[Token, ...]) -> None:
    """`SELECT 1 DELETE FROM t` reads `t` under a column called delete, if it is read at all. Nobody means that."""
    for one, following in pairwise(tokens):
        if (one.lower, following.lower) in _WRITES:
            raise Refused(
                codes.SEVERAL, f"`{one.text} {following.text}` looks like another statement", "send one statement"
            )


_WRITES = frozenset({
    ("delete", "from"), ("insert", "into"), ("merge", "into"), ("drop", "table"), ("truncate", "table"),
    ("alter", "table"), ("create", "table"), ("drop", "view"), ("drop", "schema"), ("drop", "database"),
})  # fmt: skip


def _refuse_assigned(tokens: tuple[Token, ...]) -> None:
    """SELECT @x = a, UPDATE … SET @x = a: it sets a variable, where WHERE @x = a compares."""
    for at in range(1, len(tokens) - 1):
        one, before = tokens[at], tokens[at - 1]
        is_variable = one.cut is Cut.WORD and one.text[0] == "@" and one.text[1:2] != "@"
        behind = "".join(token.text for token in tokens[at + 1 : at + 3])
        if not is_variable or not (behind[:1] == "=" or (behind[1:] == "=" and behind[:1] in "+-*/%&^|")):
            continue
        if before.lower in ("select", "set", "distinct", "all", "percent", "ties") or (
            before.text in (",", ")") or before.cut is Cut.NUMBER
        ):
            raise Refused(codes.SESSION, f"`{one.text} =` sets a variable", "select the value itself")


def _refuse_types_of_own(tokens: tuple[Token, ...]) -> None:
    """`geography::Point(…)` is built in; `anything::Parse(…)` runs the assembly of a type somebody made."""
    for at, (one, following) in enumerate(pairwise(tokens)):
        if one.text == following.text == ":" and (not at or tokens[at - 1].lower not in _TYPES_WITH_CALLS):
            raise Refused(codes.FUNCTION, "`::` calls a type that is not built in", "leave it out")


_TYPES_WITH_CALLS = frozenset({"geography", "geometry", "hierarchyid"})


def _refuse_servers(tokens: tuple[Token, ...]) -> None:
    """`d..t` leaves the schema out, `s...t` and `s.d..t` name another server."""
    for at, (one, following) in enumerate(pairwise(tokens)):
        if not (one.text == following.text == "."):
            continue
        has_more = any(tokens[place].text == "." for place in (at - 2, at + 2) if 0 <= place < len(tokens))
        if has_more:
            raise Refused(codes.OUTSIDE, "a name with four parts is on a linked server", "read a table of this server")
        start = tokens[at - 1].text
        end = tokens[at + 2].text if at + 2 < len(tokens) else ""
        if start.strip('[]"').lower() in TSQL_DATABASES and end.strip('[]"')[:1] != "#":  # a table of the session
            raise Refused(codes.SYSTEM_RELATION, f"`{start}` belongs to the system", "read the company's own tables")


def _refuse_named_at_run_time(tokens: tuple[Token, ...], at: int) -> None:
    """`TABLE(f(…))` calls a function; `TABLE('t')`, `TABLE($t)` and `TABLE(?)` read a table whose name is a value."""
    while at < len(tokens) and (tokens[at].cut in (Cut.WORD, Cut.QUOTED) or tokens[at].text == "."):
        at += 1
    if at >= len(tokens) or tokens[at].text != "(" or tokens[at - 1].cut not in (Cut.WORD, Cut.QUOTED):
        raise Refused(codes.DYNAMIC, "the table's name is a value", "name the table")


def _refuse_stacked(tokens: tuple[Token, ...], text: str, root: exp.Expr) -> None:
    match root:
        case exp.Merge():
            may_be = {"insert": 9, "update": 9, "delete": 9, "merge": 2, "set": 9}
        case exp.Update():
            may_be = {"update": 1, "set": 1}
        case exp.Insert():
            may_be = {"insert": 1}
        case exp.Delete():
            may_be = {"delete": 1}
        case exp.Create() | exp.Alter() | exp.Drop() | exp.TruncateTable():
            may_be = {"create": 1, "alter": 1, "drop": 1, "truncate": 1, "on": 1, "delete": 2, "update": 2, "set": 2}
        case _:
            may_be = {}
    if not isinstance(root, exp.Merge):
        may_be = {**may_be, "merge": 99}  # a join hint; MERGE as a statement does not parse behind another
    for at, one in enumerate(tokens):
        if at and one.lower == "go" and "\n" in text[tokens[at - 1].end : one.start]:
            raise Refused(codes.SEVERAL, "GO on a line of its own ends a batch", "send one statement")
        if one.lower not in words.STACKED_TSQL or (at and tokens[at - 1].text == "."):
            continue
        if _is_part_of_another(tokens, at, root):
            continue
        may_be[one.lower] = may_be.get(one.lower, 0) - 1
        if may_be[one.lower] < 0:
            raise Refused(
                codes.SEVERAL, f"`{one.text}` begins another statement: T-SQL needs no semicolon", "send one statement"
            )


def _is_part_of_another(tokens: tuple[Token, ...], at: int, root: exp.Expr) -> bool:
    """OPTION (USE HINT (…)), and the words within a definition."""
    if tokens[at].lower == "use":
        return [one.lower or one.text for one in tokens[at + 1 : at + 3]] == ["hint", "("]
    return isinstance(root, exp.Create | exp.Alter | exp.Drop) and _is_of_a_definition(tokens, at)


def _is_of_a_definition(tokens: tuple[Token, ...], at: int) -> bool:
    """ALTER TABLE t ALTER COLUMN a, DROP CONSTRAINT c; DROP TABLE IF EXISTS t."""
    behind = tokens[at + 1].lower if at + 1 < len(tokens) else ""
    match tokens[at].lower:
        case "if":
            return behind == "exists" and tokens[at - 1].lower in _IN_DEFINITIONS
        case "alter":
            return behind == "column" and tokens[0].lower == "alter"
        case "drop":
            return behind in ("column", "constraint") and tokens[0].lower == "alter"
        case _:
            return False


_IN_DEFINITIONS = frozenset({"table", "view", "index", "schema", "sequence", "column", "constraint"})
