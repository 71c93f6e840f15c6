"""PostgreSQL's error about a write in, ours out: told apart by SQLSTATE, with nothing of a password in it."""

from __future__ import annotations

import psycopg

from loadline.adapters.tools.targets import codes
from loadline.adapters.tools.targets.said import outside, refused
from loadline.adapters.warehouses.postgres.address import Address
from loadline.errors import LoadlineError
from loadline.values.effect import TargetSettings

SETUP = "loadline guard setup postgres --url env:ADMIN_DATABASE --schema public --apply"
_LOST = ("08", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04")
_IN_THE_WAY = ("55P03", "40001", "40P01")
_NOT_SET_UP = ("3F000", "42883")


def translate(error: psycopg.Error, settings: TargetSettings, address: Address) -> LoadlineError:
    """What the server said of a write that was not committed."""
    said, state, name, place = brief(error, address), error.sqlstate or "", settings.name, settings.place
    if state in _IN_THE_WAY:
        what = f"another transaction was in the way of the write to `{name}`: {said}"
        return outside(codes.IN_THE_WAY, what, "try again", place=place, retryable=True)
    if state == "57014":
        what = f"the write to `{name}` was stopped after {settings.statement_seconds:g} seconds"
        return outside(codes.TOO_SLOW, what, "change fewer rows at once, or raise `statement_seconds`", place=place)
    if not state or (state.startswith(_LOST) and state != "08P01"):  # which is a parameter too few
        what = f"the connection to `{name}` was lost before anything was committed: {said or 'the server ended it'}"
        return outside(codes.CONNECTION_LOST, what, "try again", place=place, retryable=True)
    if state in _NOT_SET_UP and "loadline" in said:
        return not_set_up(settings, said)
    if state == "LL006":
        what = f"the database of the target `{name}` has not been made ready for writes: {said}"
        return outside(
            codes.NOT_SET_UP, what, "ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf()", place=place
        )
    if state in {"LL001", "LL004", "25006"}:
        return left_its_place(name, said)
    if state == "42501":
        what = f"agents may not do this in `{name}`: {said}"
        return refused(codes.NOT_GRANTED, what, "grant it by `loadline guard setup postgres`, if it is meant")
    what = f"`{name}` refused the write: {said}"
    return refused(codes.REFUSED_BY_ENGINE, what, "correct the statement or its values", place=place)


def not_set_up(settings: TargetSettings, said: str) -> LoadlineError:
    what = f"the database of the target `{settings.name}` has not been made ready for writes: {said}"
    return outside(codes.NOT_SET_UP, what, SETUP, place=settings.place)


def left_its_place(name: str, said: str) -> LoadlineError:
    what = f"a statement for `{name}` tried to leave its role or its transaction, and was not committed: {said}"
    return refused(codes.LEFT_ITS_PLACE, what, "send one data-changing statement, without session settings")


def brief(error: psycopg.Error, address: Address) -> str:
    """The server's words on one line, without its hint."""
    text = address.safe(error.diag.message_primary or str(error)).rstrip(" .")[:300]
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
