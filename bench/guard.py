"""What judging costs before anything is done: `python bench/guard.py [--json]`. CPU time, medians, milliseconds.

Sections, a function each: `sql` is the SQL guard, warm: a short statement in each dialect (both parsers on PostgreSQL),
and a long one. Ends with 1 when a target is missed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from statistics import median

from loadline.app.guarding import guard_sql
from loadline.semantics.guard import DIALECTS
from loadline.values.guarded import GuardVerdict

SHORT = "SELECT region, SUM(amount) FROM orders WHERE status <> 'cancelled' GROUP BY region"
DELETE = "DELETE FROM orders WHERE id = 17"
DENIED = "SELECT 1; DROP TABLE orders"
LONG = (
    "WITH m AS (SELECT region, status, SUM(amount) AS s, COUNT(DISTINCT customer_id) AS n FROM orders WHERE amount > 5"
    " GROUP BY region, status), r AS (SELECT m.*, RANK() OVER (PARTITION BY region ORDER BY s DESC) AS place FROM m)"
    " SELECT a.region, a.s, b.s, COALESCE(a.s / NULLIF(b.s, 0), 0) FROM r AS a LEFT JOIN r AS b ON a.region = b.region"
    " AND b.place = 2 WHERE a.place = 1 AND EXISTS (SELECT 1 FROM customers AS c WHERE c.region = a.region) ORDER BY 1"
)
TARGETS = {"sql: a short query, postgres": 1.0}


def taken_ms(act: Callable[[], object], times: int = 400) -> float:
    """The median of `times` runs, after 50 that nobody counts."""
    for _ in range(50):
        act()
    taken = []
    for _ in range(times):
        start = time.process_time_ns()
        act()
        taken.append((time.process_time_ns() - start) / 1_000_000)
    return round(median(taken), 3)


def sql() -> dict[str, float]:
    found = {}
    for dialect in DIALECTS:
        if guard_sql(SHORT, dialect).verdict is not GuardVerdict.READ:
            raise AssertionError(f"{dialect} denies what is timed")
        found[f"sql: a short query, {dialect}"] = taken_ms(lambda dialect=dialect: guard_sql(SHORT, dialect))
    found["sql: a delete with its shape, postgres"] = taken_ms(lambda: guard_sql(DELETE, "postgres"))
    found["sql: two statements denied, postgres"] = taken_ms(lambda: guard_sql(DENIED, "postgres"))
    found[f"sql: a query of {len(LONG)} characters, postgres"] = taken_ms(lambda: guard_sql(LONG, "postgres"))
    return found


def main() -> int:
    found = sql()
    if "--json" in sys.argv:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            target = f"   target {TARGETS[name]}" if name in TARGETS else ""
            print(f"{name:<44} {value:>8.3f} ms{target}")
    missed = [name for name, limit in TARGETS.items() if found[name] > limit]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
