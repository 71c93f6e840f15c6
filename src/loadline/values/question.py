"""Questions whose query a person has verified, as written in `questions/*.yaml`."""

from __future__ import annotations

from dataclasses import dataclass

from loadline.values.place import Place
from loadline.values.query import By, Filter, Order


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedQuestion:
    """`metrics` may name terms: the asker's audience decides. `during` is kept as text, resolved when asked."""

    id: str
    text: str
    metrics: tuple[str, ...]
    by: tuple[By, ...] = ()
    where: tuple[Filter, ...] = ()
    conditions: tuple[str, ...] = ()
    during: str | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    audience: str | None = None
    verified_by: str | None = None
    is_draft: bool = False  # somebody chose this meaning, and nobody who answers for it has approved it
    place: Place
