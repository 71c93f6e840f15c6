"""SQL text in, what PostgreSQL's own grammar reads in it out. Through pgparse, which carries libpg_query (BSD)."""

from __future__ import annotations

from loadline.values.guarded import SecondAbsent, SecondReading, SecondRefused, SecondTree

LONGEST = 100_000
MOST_COMMENTS = 1_000  # the time that libpg_query takes grows with their square


def read_postgres(text: str) -> SecondReading:
    """The tree of PostgreSQL 17's grammar, or that it is refused, or that pgparse is not installed. Never raises."""
    try:
        import pgparse  # noqa: PLC0415 - an extra where its wheel does not exist
    except ImportError:
        return SecondAbsent()
    if "\x00" in text:  # it ends a text for the C code below, and not for us
        return SecondRefused(because="it holds a NUL")
    if len(text) > LONGEST or text.count("/*") > MOST_COMMENTS:
        return SecondRefused(because="it is too long, or holds too many comments")
    try:
        statements = pgparse.parse(text)
    except pgparse.PGQueryError as error:
        return SecondRefused(because=str(error))
    except (UnicodeEncodeError, RecursionError) as error:
        return SecondRefused(because=str(error).splitlines()[0])
    return SecondTree(statements=tuple(statements))
