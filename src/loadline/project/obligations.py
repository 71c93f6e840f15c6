"""A fitted rule in; what comes with its permit or its hold (masks, limits, approvals) out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from loadline.project.access import entries_of, node_of, scalar_of, text_of
from loadline.project.tree import Entries, Items, Scalar
from loadline.values.rule import Approval, Limit, Mask, MaskKind, Per, Rate, RowBound, Total

_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}


def read_masks(rule: Entries) -> tuple[Mask, ...]:
    masks = []
    for pattern, entry in entries_of(rule, "masks").items():
        if isinstance(entry.value, Scalar):
            kind, _, size = entry.value.raw.partition(" ")
            masks.append(Mask(pattern=pattern, kind=MaskKind(kind), size=int(size) if size else None))
    return tuple(sorted(masks, key=lambda mask: mask.pattern))


def mask_patterns(rule: Entries) -> tuple[Scalar, ...]:
    return tuple(entry.key for entry in entries_of(rule, "masks").values())


def read_limits(rule: Entries, name: str) -> tuple[Limit, ...]:
    written = node_of(rule, "limits")
    if not isinstance(written, Entries):
        return ()
    limits: list[Limit] = []
    if (rows := _number(written, "rows")) is not None:
        limits.append(RowBound(most=int(rows), rule=name))
    rates = {per: _number(written, f"per_{per}") for per in Per}
    limits += [Rate(most=int(most), per=per, rule=name) for per, most in rates.items() if most is not None]
    for fact, entry in entries_of(written, "totals").items():
        if isinstance(entry.value, Entries) and (most := _number(entry.value, "most")) is not None:
            limits.append(Total(fact=fact, most=most, per=Per(text_of(entry.value, "per") or Per.DAY), rule=name))
    return tuple(limits)


def _number(written: Entries, key: str) -> Decimal | None:
    scalar = scalar_of(written, key)
    if scalar is None or isinstance(scalar.value, bool) or not isinstance(scalar.value, int | Decimal):
        return None
    return Decimal(scalar.value)


def read_approvals(rule: Entries, name: str) -> tuple[Approval, ...]:
    return tuple(_approval(one, name) for one in _written_approvals(rule) if scalar_of(one, "role") is not None)


def approval_roles(rule: Entries) -> tuple[Scalar, ...]:
    """Every role that may say yes, deputies too, where it is written."""
    found = []
    for one in _written_approvals(rule):
        deputy = node_of(one, "deputy")
        found += [scalar_of(one, "role"), scalar_of(deputy, "role") if isinstance(deputy, Entries) else None]
    return tuple(role for role in found if role is not None)


def _written_approvals(rule: Entries) -> Iterator[Entries]:
    match node_of(rule, "approval"):
        case Entries() as one:
            yield one
        case Items(items=items):
            yield from (one for one in items if isinstance(one, Entries))
        case _:
            return


def _approval(written: Entries, name: str) -> Approval:
    deputy = node_of(written, "deputy")
    count = _number(written, "count")
    expires = text_of(written, "expires")
    return Approval(
        role=text_of(written, "role") or "",
        count=int(count) if count is not None else 1,
        expires_seconds=_seconds(expires) if expires else 86_400,
        deputy=text_of(deputy, "role") if isinstance(deputy, Entries) else None,
        deputy_after_seconds=_seconds(text_of(deputy, "after") or "1 day") if isinstance(deputy, Entries) else None,
        rule=name,
    )


def _seconds(span: str) -> int:
    count, _, unit = span.partition(" ")
    return int(count) * _SECONDS[unit.removesuffix("s")]
