"""The tokens of a T-SQL statement in; out, the same with what SQLGlot does not parse, and is harmless, blanked."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from loadline.semantics.guard.calls import is_of_graph
from loadline.semantics.guard.lexing import Cut, Token
from loadline.semantics.guard.nodes import QUERY_OPTIONS, TABLE_HINTS, WRITE_HINTS
from loadline.semantics.guard.sheet import Sheet

_ASSIGNING = frozenset("+-*/%&^|")


def spell_tsql(sheet: Sheet) -> None:
    tokens = sheet.tokens
    first = tokens[0].lower
    if first in ("insert", "update", "delete", "merge"):
        _blank_top(sheet)
        _blank_output_into(sheet)
    if first == "insert":
        _spell_insert(sheet)
    if [one.lower for one in tokens[:2]] == ["with", "xmlnamespaces"]:
        _blank_namespaces(sheet)
    if first == "delete":
        _blank_first_from(sheet)
    if first in ("delete", "merge"):
        _blank_options(sheet)
    if first == "alter":
        _spell_default_for(sheet)
    for at, (one, following) in enumerate(pairwise(tokens)):
        if one.cut is Cut.WORD:
            _spell_word(sheet, at)
        elif one.end == following.start and one.cut is Cut.SYMBOL and following.cut is Cut.SYMBOL:
            _spell_signs(sheet, at, first)


def _spell_word(sheet: Sheet, at: int) -> None:
    tokens = sheet.tokens
    match tokens[at].lower, tokens[at + 1].lower or tokens[at + 1].text:
        case "match", "(" if is_of_graph(tokens, at + 1):
            place = tokens[at].start
            sheet.blank(at, _end_of_bracket(tokens, at + 1))
            sheet.signs[place : place + 3] = "1=1"
        case "index", "=" if tokens[at - 1].text in "(,":
            _spell_index_hint(sheet, at)
        case "optimize", "for":
            _spell_optimize_for(sheet, at)
        case "use", "hint":
            _spell_hints(sheet, at)
        case _:
            pass


def _spell_signs(sheet: Sheet, at: int, first: str) -> None:
    one, following = sheet.tokens[at : at + 2]
    if one.text in _ASSIGNING and first not in ("select", "with") and following.text == "=":  # UPDATE … SET n += 1
        sheet.blank(at, at + 1)
    elif one.text == "!" and following.text in "<>":  # not less than
        sheet.write(at, ">" if following.text == "<" else "<")
        sheet.write(at + 1, "=")


def _end_of_bracket(tokens: Sequence[Token], at: int) -> int:
    depth = 0
    for place in range(at, len(tokens)):
        depth += (tokens[place].text == "(") - (tokens[place].text == ")")
        if depth == 0:
            return place + 1
    return len(tokens)


def _spell_index_hint(sheet: Sheet, at: int) -> None:
    """WITH (INDEX = i) is WITH (INDEX(i))."""
    behind = sheet.tokens[at + 2 : at + 4]
    if len(behind) == 2 and behind[0].cut in (Cut.WORD, Cut.QUOTED, Cut.NUMBER) and behind[1].text in (",", ")"):
        sheet.write(at + 1, "(")
        sheet.add(behind[1].start, ")")


def _spell_optimize_for(sheet: Sheet, at: int) -> None:
    """OPTION (OPTIMIZE FOR (@a = 5, @b UNKNOWN)): which values are planned for."""
    end = at + 3
    while end < len(sheet.tokens) and (sheet.tokens[end].text in ("=", ",") or _is_plain_value(sheet.tokens[end])):
        end += 1
    if end < len(sheet.tokens) and sheet.tokens[at + 2].text == "(" and sheet.tokens[end].text == ")":
        _as_recompile(sheet, at, end + 1)


def _is_plain_value(token: Token) -> bool:
    return token.cut in (Cut.STRING, Cut.NUMBER) or token.text[0] == "@" or token.lower == "unknown"


def _spell_hints(sheet: Sheet, at: int) -> None:
    """OPTION (USE HINT ('…'))."""
    end = at + 3
    while end < len(sheet.tokens) and (sheet.tokens[end].text == "," or sheet.tokens[end].cut is Cut.STRING):
        end += 1
    if end < len(sheet.tokens) and sheet.tokens[at + 2].text == "(" and sheet.tokens[end].text == ")":
        _as_recompile(sheet, at, end + 1)


def _as_recompile(sheet: Sheet, start: int, end: int) -> None:
    sheet.blank(start, end)
    place = sheet.tokens[start].start
    sheet.signs[place : place + len("RECOMPILE")] = "RECOMPILE"


def _blank_top(sheet: Sheet) -> None:
    """DELETE TOP (5) FROM t: how many, with a plain number or a parameter."""
    tokens = sheet.tokens
    if [one.lower or one.text for one in tokens[1:3]] != ["top", "("] or len(tokens) < 7 or tokens[4].text != ")":
        return
    if tokens[3].cut is Cut.NUMBER or tokens[3].text.startswith("@"):
        sheet.blank(1, 6 if tokens[5].lower == "percent" else 5)


def _blank_output_into(sheet: Sheet) -> None:
    """OUTPUT … INTO t (a): another table that gets rows, which is kept beside the tree."""
    tokens = sheet.tokens
    start = next((at for at, one in enumerate(tokens) if one.lower == "output"), len(tokens))
    at = next((at for at in range(start, len(tokens)) if tokens[at].lower in ("into", *_AFTER_OUTPUT)), len(tokens))
    if at >= len(tokens) or tokens[at].lower != "into":
        return
    end = at + 1
    while end < len(tokens) and (tokens[end].cut is Cut.QUOTED or tokens[end].text == "." or _is_name(tokens[end])):
        end += 1
        if tokens[end - 1].text != "." and (end >= len(tokens) or tokens[end].text != "."):
            break
    name = tuple(tokens[at + 1 : end])
    if end < len(tokens) and tokens[end].text == "(":
        while end < len(tokens) and tokens[end].text != ")":
            end += 1
        end += 1
    if name and name[-1].text != "." and name[0].text[0] != "@":
        sheet.also_writes.append(name)
        sheet.blank(at, end)


_AFTER_OUTPUT = ("values", "select", "exec", "execute", "from", "where", "option", "with")


def _spell_insert(sheet: Sheet) -> None:
    """INSERT INTO t WITH (TABLOCK) …, and OUTPUT inserted.id DEFAULT VALUES."""
    tokens = sheet.tokens
    at = 2 if tokens[1].lower == "into" else 1
    while at < len(tokens) and (tokens[at].cut is Cut.QUOTED or tokens[at].text == "." or _is_name(tokens[at])):
        at += 1
    hints = tokens[at : at + 2]
    if len(hints) == 2 and hints[0].lower == "with" and hints[1].text == "(":
        end = at + 2
        while end < len(tokens) and (tokens[end].lower in _INSERT_HINTS or tokens[end].text == ","):
            end += 1
        if end < len(tokens) and tokens[end].text == ")":
            sheet.blank(at, end + 1)
    if [one.lower for one in tokens[-2:]] == ["default", "values"] and any(one.lower == "output" for one in tokens):
        sheet.blank(len(tokens) - 2, len(tokens))
        sheet.add(tokens[-2].start, "VALUES (1) ")


_INSERT_HINTS = frozenset(one.lower() for one in TABLE_HINTS | WRITE_HINTS) | {"tablock"}


def _blank_namespaces(sheet: Sheet) -> None:
    """WITH XMLNAMESPACES ('uri' AS n, DEFAULT 'uri') [, ctes]."""
    tokens = sheet.tokens
    end = 2
    while end < len(tokens) and tokens[end].text != ")":
        end += 1
    is_plain = all(
        one.cut is Cut.STRING or one.text == "," or one.lower in ("as", "default") or before.lower == "as"
        for before, one in pairwise(tokens[2:end])
    )
    if end + 1 >= len(tokens) or tokens[2].text != "(" or not is_plain:
        return
    if tokens[end + 1].text == ",":
        sheet.blank(1, end + 2)
    else:
        sheet.blank(0, end + 1)


def _blank_first_from(sheet: Sheet) -> None:
    """DELETE FROM t FROM t JOIN u …: the first FROM may be left out."""
    tokens = sheet.tokens
    at = next((at for at, one in enumerate(tokens[:7]) if one.lower == "from"), len(tokens))
    end = at + 1
    while end < len(tokens) and (tokens[end].cut is Cut.QUOTED or tokens[end].text == "." or _is_name(tokens[end])):
        end += 1
    if end > at + 1 and end < len(tokens) and tokens[end].lower in ("from", "output"):
        sheet.blank(at, at + 1)


def _blank_options(sheet: Sheet) -> None:
    """DELETE … OPTION (RECOMPILE, MAXDOP 1)."""
    tokens = sheet.tokens
    at = next((at for at in range(len(tokens) - 1, 0, -1) if tokens[at].lower == "option"), 0)
    if not at or tokens[at + 1].text != "(" or tokens[-1].text != ")":
        return
    inside = " ".join(one.text.upper() for one in tokens[at + 2 : -1] if one.cut is not Cut.NUMBER).split(",")
    if all(one.strip() in QUERY_OPTIONS for one in inside):
        sheet.blank(at, len(tokens))


def _is_name(token: Token) -> bool:
    return token.cut is Cut.WORD and token.lower not in ("from", "where", "output", "with")


def _spell_default_for(sheet: Sheet) -> None:
    """ADD CONSTRAINT c DEFAULT (0) FOR a, which SQLGlot reads as a CHECK of the same value."""
    tokens = sheet.tokens
    at = next((at for at, one in enumerate(tokens) if one.lower == "default"), 0)
    if at < 2 or tokens[at - 2].lower != "constraint" or tokens[at + 1 : at + 2] == () or tokens[at + 1].text != "(":
        return
    if tokens[-2].lower == "for" and tokens[-3].text == ")":
        sheet.write(at, "CHECK")
        sheet.blank(len(tokens) - 2, len(tokens))
