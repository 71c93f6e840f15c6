"""Where data comes from: what flows from one table or column into another, outside of what a project defines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEnd:
    """A relation as its warehouse calls it (`raw.orders`), or one column of it."""

    relation: str
    column: str | None = None

    def __str__(self) -> str:
        return self.relation if self.column is None else f"{self.relation}.{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEdge:
    """`target` is made of `source`, `through` what is said to make it: `view orders`, `dbt model.shop.orders`."""

    source: SourceEnd
    target: SourceEnd
    through: str = ""
