"""A rollup that could be read in, what must be fetched to know that it is current out; then its evidence in, yes or
no out.

It is current while the rows it stands for are as many as the dataset has. Rows that were changed in place it cannot
see: whoever changes rows fills the rollup anew.
"""

from __future__ import annotations

from functools import lru_cache

from sqlglot import exp

from loadline.values.finding import Evidence, Row, SqlNeed
from loadline.values.plan import RollupUse


@lru_cache(maxsize=256)
def need(use: RollupUse, dialect: str) -> SqlNeed:
    """Two numbers in one row: rows of the dataset, and rows that the rollup counts."""
    base = exp.select(exp.Count(this=exp.Star())).from_(exp.to_table(use.base, dialect=dialect))
    total = exp.Coalesce(this=exp.Sum(this=exp.column(use.row_count, quoted=True)), expressions=[exp.Literal.number(0)])
    kept = exp.select(total).from_(exp.to_table(use.relation, dialect=dialect))
    whole = exp.select(exp.alias_(base.subquery(), "base_rows"), exp.alias_(kept.subquery(), "kept_rows"))
    return SqlNeed(sql=whole.sql(dialect=dialect), dialect=dialect)


def is_current(found: Evidence | None) -> bool:
    """Not without evidence: then the dataset itself is read."""
    match found:
        case Row(values=(base, kept)) if base is not None and kept is not None:
            return int(str(base)) == int(str(kept))
        case _:
            return False
