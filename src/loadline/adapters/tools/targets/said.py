"""What went wrong in words in, an error with its code, its rule and a mend out: what every target says alike."""

from __future__ import annotations

import re

from loadline.adapters.tools.targets import codes
from loadline.errors import OutsideError, RequestError
from loadline.values.diagnostic import Diagnostic
from loadline.values.effect import Write
from loadline.values.place import Place

_SPACE = re.compile(r"\s+|--[^\n]*(?:\n|\Z)")
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_CHANGES = frozenset({"insert", "update", "delete", "merge", "replace", "with"})


def outside(code: str, what: str, mend: str, *, place: Place | None = None, retryable: bool = False) -> OutsideError:
    return OutsideError(_said(code, what, mend, place), retryable=retryable)


def refused(code: str, what: str, mend: str, *, place: Place | None = None) -> RequestError:
    return RequestError(_said(code, what, mend, place))


def _said(code: str, what: str, mend: str, place: Place | None) -> Diagnostic:
    return Diagnostic(code=code, what=what, why=codes.CODES[code].why, mend=mend, place=place)


def require_change(write: Write) -> None:
    """The second lock behind the guard: a statement that does not begin as a data change never reaches the engine.
    Raises RequestError."""
    word = first_word(write.sql)
    if word not in _CHANGES:
        what = f"a write begins with INSERT, UPDATE, DELETE or MERGE, and this one with `{word or write.sql[:20]}`"
        raise refused(codes.NOT_A_CHANGE, what, "send one data-changing statement")


def first_word(sql: str) -> str:
    """The first word of a statement, past blanks and comments; empty where there is none."""
    at = 0
    while True:
        if found := _SPACE.match(sql, at):
            at = found.end()
        elif sql.startswith("/*", at):
            at = _past_comment(sql, at)
        else:
            break
    word = _WORD.match(sql, at)
    return word.group().lower() if word else ""


def _past_comment(sql: str, at: int) -> int:
    """Block comments may be nested where PostgreSQL reads them: a text that ends inside one has no word."""
    depth, at = 1, at + 2
    while depth and at < len(sql):
        if sql.startswith("/*", at):
            depth, at = depth + 1, at + 2
        elif sql.startswith("*/", at):
            depth, at = depth - 1, at + 2
        else:
            at += 1
    return at


def closed(name: str) -> OutsideError:
    return outside(codes.CLOSED, f"the target `{name}` is closed", "open the project again")


def cancelled(name: str) -> OutsideError:
    what = f"the write to `{name}` was stopped; nothing of it remains"
    return outside(codes.CANCELLED, what, "ask again, when whoever stopped it agrees")


def cannot_undo(marker: str, why: str) -> RequestError:
    mend = "look at the receipt of the write for what it changed, and mend it by a write of its own"
    return refused(codes.CANNOT_UNDO, f"the write `{marker}` cannot be undone: {why}", mend)
