"""What policy said of a plan: a closed sum."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.values.rule import Approval, Limit, MaskKind
from loadline.values.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """Only rows where `expr` is true may be seen; `rule` demands it. It `is_consent` when a contract does: rows of
    those who have not agreed are not used."""

    expr: Text
    rule: str
    is_consent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMask:
    """The column or field `column` (`dataset.column`) is shown only as `kind`; `rules` demand it."""

    column: str
    kind: MaskKind
    size: int | None = None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """`row_filters` is an AND of ORs: in each inner tuple one filter must be true for a row to be seen. Every one of
    `limits` holds. `unstated` are contracts that do not say what their data may be used for: whether this is allowed,
    nobody has said."""

    rules: tuple[str, ...]
    row_filters: tuple[tuple[RowFilter, ...], ...] = ()
    masks: tuple[ColumnMask, ...] = ()
    limits: tuple[Limit, ...] = ()
    unstated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbid:
    """`rules` is empty when no rule permitted (silence forbids) or the judging itself failed (an error forbids)."""

    code: str
    rules: tuple[str, ...]
    because: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Not before every one of `approvals` is given; then what `permit` says holds. `rules` are those that hold it."""

    code: str
    rules: tuple[str, ...]
    approvals: tuple[Approval, ...]
    permit: Permit
    because: str
    mend: str


Decision = Permit | Forbid | Hold
