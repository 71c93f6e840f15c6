"""PostgreSQL's error in, ours out: what went wrong in the user's words, why, and how to mend it.

Errors are told apart by SQLSTATE and by where in the SQL they point, never by the server's words, which may be in any
language; only a failed connection has no SQLSTATE.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import psycopg
from psycopg import errors

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.postgres.address import Address
from loadline.adapters.warehouses.said import fault, missing_relation, nearest
from loadline.errors import OutsideError

_NAME = re.compile(r'(?:"(?:[^"]|"")*"|[\w$]+)(?:\s*\.\s*(?:"(?:[^"]|"")*"|[\w$]+))*')
_GRANT = "let its owner say: GRANT USAGE ON SCHEMA … TO {role}; GRANT SELECT ON … TO {role}"
_LOST = frozenset({"08", "57P01", "57P02", "57P03", "57P05", "25P03", "25P04"})
_REFUSED_MEND = "compare the expression with the column types that `loadline check` reads from the warehouse"


def connecting(error: psycopg.Error, address: Address) -> OutsideError:
    """A connection that could not be made. `FATAL` is the server's own word for a login it refused."""
    said = address.safe(str(error))
    told = said.partition("FATAL:")[2].strip() or said.rpartition("failed: ")[2].strip()
    place, state = address.place, error.sqlstate or ""
    if state == "53300" or "too many" in said or "remaining connection slots" in said:
        what = f"the server of {address.shown} has no connection left: {told}"
        mend = "ask again in a moment, or put a pooler in front of the server"
        return fault(codes.TOO_MANY_CONNECTIONS, what, mend, place=place, retryable=True)
    if "FATAL:" in said and not said.rstrip().endswith(("starting up", "shutting down", "recovery state")):
        what = f"the server of {address.shown} refuses the login: {told}"
        mend = f"try the same address with `psql`; correct user, password or database{_of(address.user)}"
        return fault(codes.LOGIN_REFUSED, what, mend, place=place)
    what = f"the server of {address.shown} cannot be reached: {told or 'no answer'}"
    mend = "correct host and port of the address, or start the server; `pg_isready` tells more"
    return fault(codes.UNREACHABLE, what, mend, place=place, retryable=True)


def _of(user: str) -> str:
    return f" of `{user}`" if user else ""


def stopped(address: Address) -> OutsideError:
    return fault(codes.CANCELLED, "the query was cancelled", "run it again", place=address.place, retryable=True)


def too_slow(timeout_seconds: float, address: Address) -> OutsideError:
    what = f"the query was stopped after {timeout_seconds:g} seconds"
    mend = "ask for a shorter window or fewer groups, or raise `warehouse.timeout_seconds` in loadline.yaml"
    return fault(codes.TOO_SLOW, what, mend, place=address.place, retryable=True)


def no_relation(name: str, relations: Sequence[str], address: Address) -> OutsideError:
    otherwise = _GRANT.format(role=address.user or "this login")
    return missing_relation(name, relations, address.place, otherwise)


def translate(
    error: psycopg.Error,
    sql: str,
    address: Address,
    *,
    relations: Callable[[], Sequence[str]],
    columns: Callable[[], Sequence[str]],
) -> OutsideError:
    """What the server said of a statement, as ours. `relations` and `columns` are asked only when their names would
    help: all that can be read, and the columns of those the statement names."""
    place, said = address.place, _brief(error, address)
    match error:
        case errors.UndefinedTable() | errors.InvalidSchemaName():
            return no_relation(_pointed_at(error, sql) or said, relations(), address)
        case errors.UndefinedColumn():
            name = (_pointed_at(error, sql) or "").rpartition(".")[2].strip().strip('"')
            what = f"no relation of the query has a column `{name}`" if name else said
            mend = nearest(name, columns(), "declare only columns the relation has")
            return fault(codes.NO_SUCH_COLUMN, what, mend, place=place)
        case errors.SyntaxError() if error.diag.statement_position is None:  # no place: it is about the whole
            return fault(codes.NOT_A_READ, f"the query is not one statement: {said}", "send one SELECT statement")
        case errors.ReadOnlySqlTransaction():
            return fault(codes.NOT_A_READ, f"the query would write: {said}", "send one SELECT statement")
        case errors.InsufficientPrivilege():
            what = f"the login {_of(address.user).removeprefix(' of ')} may not read this: {said}"
            mend = _GRANT.format(role=address.user or "this login")
            return fault(codes.NOT_GRANTED, " ".join(what.split()), mend, place=place)
        case _:
            return _by_class(error, said, address) or fault(
                codes.REFUSED_BY_ENGINE, f"the warehouse refused the query: {said}", _REFUSED_MEND, place=place
            )


def _by_class(error: psycopg.Error, said: str, address: Address) -> OutsideError | None:
    """Errors that are told apart by the first letters of their SQLSTATE."""
    place, state = address.place, error.sqlstate or ""
    if state == "55P03":
        mend = "ask again when the change of the table has ended"
        return fault(codes.RELATION_LOCKED, f"a relation is locked: {said}", mend, place=place, retryable=True)
    if state == "40001":
        mend = "set `hot_standby_feedback = on` or a longer `max_standby_streaming_delay` on the replica, or ask again"
        return fault(codes.REPLICA_CONFLICT, f"the query was stopped: {said}", mend, place=place, retryable=True)
    if state == "53300":
        mend = "ask again in a moment, or put a pooler in front of the server"
        return fault(codes.TOO_MANY_CONNECTIONS, said, mend, place=place, retryable=True)
    if state == "53200":
        what = f"the query ran out of memory: {said}"
        return fault(codes.OUT_OF_MEMORY, what, "ask for fewer groups or a shorter window", place=place, retryable=True)
    if state in {"53100", "53400"}:
        what = f"the query ran out of room for temporary files: {said}"
        mend = "ask for fewer groups, or raise `temp_file_limit` of the login"
        return fault(codes.OUT_OF_DISK, what, mend, place=place, retryable=True)
    if state[:2] == "22":
        what = f"a value does not fit its type: {said}"
        return fault(codes.UNFIT_VALUE, what, "correct the value, or the expression that reads it", place=place)
    if state[:2] in _LOST or state in _LOST or not state:
        what = f"the connection to {address.shown} was lost: {said or 'the server ended it'}"
        return fault(codes.CONNECTION_LOST, what, "ask again", place=place, retryable=True)
    return None


def _pointed_at(error: psycopg.Error, sql: str) -> str | None:
    """The name in the SQL that the error points at, without quotes."""
    position = error.diag.statement_position
    found = _NAME.match(sql, int(position) - 1) if position else None
    if found is None:
        return None
    return re.sub(r'"((?:[^"]|"")*)"|\s+', lambda m: (m[1] or "").replace('""', '"'), found.group())


def _brief(error: psycopg.Error, address: Address) -> str:
    """The server's words on one line, without its hint."""
    text = address.safe(error.diag.message_primary or str(error)).rstrip(" .")[:300]
    return text[:1].lower() + text[1:] if text[1:2].islower() else text
