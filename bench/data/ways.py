"""A project in; what one way of looking at its data costs, each in a process of its own, out."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from making import COLUMNS, PLANTED

Said = dict[str, float]


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def plain_read(root: Path) -> Said:
    import duckdb

    with duckdb.connect() as connection:
        text = {"status", "channel", "country", "postcode", "product"}
        # sums, because the least and greatest of a column stand in the file's footer and need no reading
        values = {name: f"length({name})" if name in text else name for name in COLUMNS} | {
            "ordered_on": "day(ordered_on)"
        }
        measured = ", ".join(f"sum({value})" for value in values.values())
        connection.execute(f"SELECT {measured} FROM '{root}/data/orders/*.parquet'").fetchall()
    return {}


HAND = """SELECT {nulls}, count_if(ordered_on < DATE '2024-01-01'), count_if(amount_cents NOT BETWEEN 0 AND 500000),
    count_if(quantity NOT BETWEEN 1 AND 20), count_if(discount_percent NOT BETWEEN 0 AND 90), count_if(weight_kg < 0),
    count_if(status NOT IN ('open', 'paid', 'sent', 'returned')), count_if(channel NOT IN ('web', 'shop', 'phone')),
    count_if(country NOT IN ('DE', 'FR', 'NL', 'PL', 'ES', 'IT')),
    count_if(NOT regexp_matches(postcode, '^[0-9]{{5}}$')), count_if(NOT regexp_matches(product, '^SKU-[0-9]{{4}}$')),
    count(*), max(ordered_on) FROM {orders}"""


def by_hand(root: Path) -> Said:
    """One statement for all that is true or false of a row, one for the key, one for the reference."""
    import duckdb

    orders, customers = f"'{root}/data/orders/*.parquet'", f"'{root}/data/customers.parquet'"
    nulls = ", ".join(f"count(*) - count({name})" for name in COLUMNS)
    with duckdb.connect() as connection:
        row = connection.execute(HAND.format(nulls=nulls, orders=orders)).fetchone() or ()
        found = sum(int(value) for value in row[:22])
        key = connection.execute(f"SELECT count(order_id) - count(DISTINCT order_id) FROM {orders}").fetchone()
        lost = (
            f"SELECT count(*) FROM {orders} o ANTI JOIN {customers} c USING (customer_id) WHERE customer_id IS NOT NULL"
        )
        reference = connection.execute(lost).fetchone()
    return {"found": found + (key or (0,))[0] + (reference or (0,))[0]}


def loadline(root: Path) -> Said:
    """`data check` as a whole: contract to statements, every look, the causes of what is broken, the ledger."""
    from loadline.app import init_project, open_app

    if not (root / ".loadline").exists():
        init_project(root)
    with open_app(root) as app:
        look = next(one for one in app.check_data() if one["table"] == "orders")
    by_check: dict[str, int] = {}
    for said in look["promises"]:
        if said["verdict"] == "broken":
            by_check[said["check"]] = by_check.get(said["check"], 0) + (said["count"] or 0)
    if by_check != PLANTED:
        raise SystemExit(f"found {by_check}, planted {PLANTED}")
    return {
        "found": sum(by_check.values()),
        **({"files read": look["parts"] - look["unchanged"]} if look["parts"] else {}),
    }


def imported(_: Path) -> Said:
    import loadline.app  # noqa: F401 - what is measured is that it is imported

    return {}


WAYS: dict[str, Callable[[Path], Said]] = {
    "plain read": plain_read,
    "by hand": by_hand,
    "loadline": loadline,
    "import": imported,
}


def measured(way: str, root: Path) -> Said:
    """CPU and wall seconds, peak memory, and what it says of itself. Raises SystemExit when it fails."""
    command = [sys.executable, str(Path(__file__)), way, str(root)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{way} failed:\n{done.stderr}")
    found: Said = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    began, before = time.perf_counter(), cpu()
    said = WAYS[sys.argv[1]](Path(sys.argv[2]))
    own = {"CPU s": cpu() - before, "wall s": time.perf_counter() - began}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**{name: round(value, 2) for name, value in own.items()}, "peak MB": round(peak), **said}))
