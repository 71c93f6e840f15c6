"""A text column and its promised type in; SQL that gives exactly the value written, or says which does not fit, out.

The engine's own casts round (`2.5` to 3), cut (a time of day off a date) and read on (`1_000`, `epoch`); each type here
first says how its values may be written, and only such a text is cast.
"""

from __future__ import annotations

import re

from loadline.adapters.warehouses.naming import identifier, literal

SIGN = "loadline:unfit"  # an engine error that begins so is ours: relation, column, type and value follow
_GAP = "\x1f"

_DAY = r"[0-9]{4,6}[-/][0-9]{1,2}[-/][0-9]{1,2}"
_MIDNIGHT = r"([ T]00:00(:00([.]0+)?)?)?"
_TIME = r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6}0*)?)?"
_OFFSET = r"( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)| [A-Za-z][A-Za-z0-9_/+-]*)?"
_FLOAT = r"[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,6})?"
_SCALE = re.compile(r"^DECIMAL\(\d+,(\d+)\)$")


def exact_sql(text: str, relation: str, column: str, engine_type: str) -> str:
    """SQL for the text `text` (itself SQL) as `engine_type`. One value that does not fit fails the query."""
    fits = _fits_sql(text, engine_type)
    if fits is None:
        return text
    told = literal(_GAP.join((SIGN, relation, column, engine_type, "")))
    value = f"CASE WHEN {fits} THEN TRY_CAST({text} AS {engine_type}) END"
    return f"CASE WHEN {text} IS NULL THEN NULL ELSE COALESCE({value}, error({told} || {text})) END"


def exact_columns(relation: str, types: dict[str, str]) -> str:
    """The columns of a relation read as text, each as its type."""
    return ", ".join(f"{exact_sql(identifier(n), relation, n, t)} AS {identifier(n)}" for n, t in types.items())


def unfit(message: str) -> tuple[str, str, str, str] | None:
    """Relation, column, type and value, when `message` is one `exact_sql` made the engine raise."""
    _, found, rest = message.partition(SIGN + _GAP)
    parts = rest.split(_GAP, 3)
    return (parts[0], parts[1], parts[2], parts[3]) if found and len(parts) == 4 else None


def _fits_sql(text: str, engine_type: str) -> str | None:
    """Whether a text is written as values of the type are; None for types that are text."""
    if match := _SCALE.match(engine_type):
        return _digits_sql(text, int(match[1]))
    patterns = {
        "DATE": _DAY + _MIDNIGHT,
        "TIME": _TIME,
        "TIMESTAMP": f"{_DAY}([ T]{_TIME})?",
        "TIMESTAMPTZ": f"{_DAY}([ T]{_TIME}{_OFFSET})?",
    }
    if engine_type in patterns:
        return f"regexp_full_match({text}, ' *({patterns[engine_type]}) *')"
    match engine_type:
        case "BIGINT":
            return _digits_sql(text, 0)
        case "DOUBLE":  # too large a number would become infinite
            is_finite = f"regexp_full_match({text}, ' *({_FLOAT}) *') AND isfinite(TRY_CAST({text} AS DOUBLE))"
            return f"({is_finite} OR regexp_full_match({text}, '(?i) *[+-]?(nan|inf|infinity) *'))"
        case "BOOLEAN":
            return "TRUE"  # what the engine cannot read as one it refuses
        case _:
            return None


def _digits_sql(text: str, scale: int) -> str:
    """A decimal number with at most `scale` digits after the point that are not trailing zeros."""
    point = f"[.][0-9]{{0,{scale}}}0*" if scale else "[.]0*"
    plain = f"regexp_full_match({text}, ' *[+-]?([0-9]+({point})?|[.][0-9]{{0,{scale}}}0*) *')"
    mantissa, exponent = (f"SPLIT_PART(LOWER({text}), 'e', {i})" for i in (1, 2))
    shown = f"LENGTH(RTRIM(SPLIT_PART({mantissa}, '.', 2), '0')) - TRY_CAST({exponent} AS INTEGER)"
    return f"({plain} OR (regexp_full_match({text}, ' *({_FLOAT}) *') AND {shown} <= {scale}))"
