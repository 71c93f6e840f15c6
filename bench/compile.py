"""How long a query takes from names to SQL: `python bench/compile.py [--json]`. CPU time, medians, in microseconds."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from loadline.semantics import Linked, compile_sql, link, resolve
from loadline.values.query import Query, Window
from semantics.shop import SHOP, dataset, join, metric, model, query

MARCH = Window(start=date(2025, 3, 1), end=date(2025, 4, 1), text="2025-03")
SIMPLE = query("booked", by=("customers.segment", "time:month"), during=MARCH)
RATIO = query(
    "recognized_share", by=("customers.segment", "time:month"), where=("customers.segment != trade",), during=MARCH
)
TARGETS = {
    "simple": 1000.0,
    "two-fact ratio": 3000.0,
    "cached": 50.0,
    "link 500 metrics": 1_500_000.0,
    "simple of 500 metrics": 1000.0,
}


def median_us(work: Callable[[], object], before: Callable[[], object] = lambda: None, times: int = 200) -> float:
    taken = []
    for _ in range(times):
        before()
        start = time.process_time_ns()
        work()
        taken.append(time.process_time_ns() - start)
    return sorted(taken)[times // 2] / 1000


def compiled(linked: Linked, asked: Query) -> str:
    return compile_sql(linked, resolve(linked, asked)).sql


def forgetting(linked: Linked) -> Callable[[], object]:
    def forget() -> None:
        linked.plans.clear()
        linked.statements.clear()

    return forget


def large() -> tuple[Linked, float]:
    facts = [
        dataset(f"fact_{n}", "id:integer dim_id:integer at:zoned amount:number status:string", time="at")
        for n in range(50)
    ]
    dims = [dataset(f"dim_{n}", "id:integer name:string") for n in range(50)]
    whole = model(
        *facts,
        *dims,
        joins=tuple(join(f"fact_{n}.dim_id -> dim_{n}.id") for n in range(50)),
        metrics=tuple(
            metric(f"metric_{n}", f"sum(fact_{n % 50}.amount)", where=f"fact_{n % 50}.status = 's{n}'")
            if n % 3
            else metric(f"metric_{n}", f"count(fact_{n % 50}) / nullif(sum(fact_{(n + 1) % 50}.amount), 0)")
            for n in range(500)
        ),
    )
    start = time.process_time_ns()
    linked = link(whole)
    return linked, (time.process_time_ns() - start) / 1000


def measured() -> dict[str, float]:
    linked = link(SHOP)
    forget = forgetting(linked)
    many, linking = large()
    one = query("metric_1", by=("dim_1.name", "time:month"), during=MARCH)
    return {
        "simple": median_us(lambda: compiled(linked, SIMPLE), forget),
        "two-fact ratio": median_us(lambda: compiled(linked, RATIO), forget),
        "cached": median_us(lambda: compiled(linked, RATIO)),
        "link 500 metrics": linking,
        "simple of 500 metrics": median_us(lambda: compiled(many, one), forgetting(many)),
    }


def main() -> int:
    found = measured()
    if "--json" in sys.argv:
        print(json.dumps({name: {"us": us, "target_us": TARGETS[name]} for name, us in found.items()}, indent=2))
    else:
        print(f"{'':24}{'median µs':>12}{'target µs':>12}")
        for name, us in found.items():
            print(f"{name:24}{us:>12,.1f}{TARGETS[name]:>12,.0f}")
    return 0 if all(us <= TARGETS[name] for name, us in found.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
