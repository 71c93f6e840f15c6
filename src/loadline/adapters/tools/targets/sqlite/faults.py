"""SQLite's error about a write in, ours out."""

from __future__ import annotations

import sqlite3

from loadline.adapters.tools.targets import codes
from loadline.adapters.tools.targets.said import outside, refused
from loadline.errors import LoadlineError
from loadline.values.effect import TargetSettings


def translate(error: sqlite3.Error | sqlite3.Warning, settings: TargetSettings) -> LoadlineError:
    """What SQLite said of a write that was not committed; an interruption is the caller's to tell."""
    name, place = settings.name, settings.place
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            what = f"another transaction was in the way of the write to `{name}`"
            return outside(codes.IN_THE_WAY, what, "try again", place=place, retryable=True)
        case sqlite3.SQLITE_AUTH:
            return refused(
                codes.NOT_GRANTED, f"agents may not do this in `{name}`: {error}", "write to its tables only"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            what = f"the database of the target `{name}` cannot be written: {error}"
            return outside(codes.NOT_SET_UP, what, "make the file and its folder writable to this account", place=place)
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            what = f"the database of the target `{name}` did not do its part: {error}"
            return outside(codes.CONNECTION_LOST, what, "look at the file and its disk", place=place)
    what = f"`{name}` refused the write: {_brief(error)}"
    return refused(codes.REFUSED_BY_ENGINE, what, "correct the statement or its values", place=place)


def _brief(error: BaseException) -> str:
    text = str(error).rstrip(" .")[:300]
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
