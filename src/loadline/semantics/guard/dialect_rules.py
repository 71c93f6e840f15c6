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
    if dialect == "mysql":
        _refuse_priorities(tokens)
    if dialect == "mysql" and any(a.text == ":" and b.text == "=" for a, b in pairwise(tokens)):
        raise Refused(codes.SESSION, "`:=` sets a variable of the session", "leave it out")
    if dialect == "tsql":
        _refuse_stacked(tokens, text, root)
        _refuse_servers(tokens)


def _refuse_priorities(tokens: tuple[Token, ...]) -> None:
    """UPDATE LOW_PRIORITY t: SQLGlot takes the word for the table."""
    if tokens[0].lower in words.WRITE_STARTS and len(tokens) > 1:
        if tokens[1].lower in ("low_priority", "quick", "delayed", "high_priority"):
            raise Refused(codes.NO_SUCH_FORM, f"`{tokens[1].text}` is on no list", "leave it out")
        if tokens[1].lower == "ignore" and tokens[0].lower in ("update", "delete"):
            raise Refused(codes.NO_SUCH_FORM, "IGNORE hides which rows were not changed", "leave it out")


def _refuse_servers(tokens: tuple[Token, ...]) -> None:
    """`d..t` leaves the schema out, `s...t` and `s.d..t` name another server."""
    for at, (one, following) in enumerate(pairwise(tokens)):
        if not (one.text == following.text == "."):
            continue
        has_more = any(tokens[place].text == "." for place in (at - 2, at + 2) if 0 <= place < len(tokens))
        if has_more:
            raise Refused(codes.OUTSIDE, "a name with four parts is on a linked server", "read a table of this server")
        start = tokens[at - 1].text
        if start.strip('[]"').lower() in TSQL_DATABASES:
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
        may_be[one.lower] = may_be.get(one.lower, 0) - 1
        if may_be[one.lower] < 0:
            raise Refused(
                codes.SEVERAL, f"`{one.text}` begins another statement: T-SQL needs no semicolon", "send one statement"
            )
