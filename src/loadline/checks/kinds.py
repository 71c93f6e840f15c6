"""An engine's word for a type in; the ODCS logical type it belongs to out."""

from __future__ import annotations

import re

_KINDS: tuple[tuple[str, str], ...] = (
    (r"^(BOOL|BOOLEAN)\b", "boolean"),
    (r"^(TINYINT|SMALLINT|INTEGER|INT\d*|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT)\b", "integer"),
    (r"^(DECIMAL|NUMERIC|DOUBLE|REAL|FLOAT)", "number"),
    (r"^(TIMESTAMP|DATETIME)", "timestamp"),
    (r"^DATE\b", "date"),
    (r"^TIME\b", "time"),
    (r"^(VARCHAR|TEXT|CHAR|CHARACTER|STRING|UUID|ENUM|BPCHAR)", "string"),
)
ALSO = {("integer", "number"), ("date", "timestamp")}
"""A live kind that keeps another kind's promise: (live, promised)."""


def kind_of(engine_type: str) -> str | None:
    """The ODCS logical type an engine type belongs to; None where it has none (lists, structs, blobs)."""
    if engine_type.endswith("]"):
        return None
    for pattern, kind in _KINDS:
        if re.match(pattern, engine_type, re.IGNORECASE):
            return kind
    return None
