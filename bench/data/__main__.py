"""What looking at a contract costs: `python3 dev.py bench data [--rows N] [--peer-rows N] [--no-peers] [--json]`;
`--size small` is 200,000 rows everywhere, for development, `--only-peers` leaves Loadline out, and `--only-postgres`
all but PostgreSQL.

Parquet files of 20 million rows and 12 columns beside one of a million customers, and a contract of 26 promises: 12
columns that are never empty, 5 ranges, a unique key, 3 enums, 2 patterns, a reference to customers, a row count, and
freshness. 111 rows break them: `scattered` over row groups of DuckDB's usual size; `everywhere`, every kind in every
row group, so that what files say of themselves proves nothing; and scattered over `20 files`, where `again` is a second
look and `one changed` a look after one file was written anew. `plain read` is DuckDB reading every column once, `by
hand` the SQL somebody would write who knows the engine. `loadline` is `data check` as a whole: contract to statements,
every look, the causes of what is broken, the ledger. Each runs in a process of its own, so that its memory is its own.

Then PostgreSQL with 2 million of the same rows, on a server that this starts itself: CPU of the server's processes, by
hand, by Loadline and by those of the other tools that read from there.
Then other tools with the same promises, each in an environment of its own (kept in `bench/.data`), over `--peer-rows`
rows; one that cannot be installed or does not run is named with its error. Ends with 1 when a target is missed.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import platform
import sys
import tempfile
from pathlib import Path

import duckdb
import peers
import server
from making import EVERYWHERE, PARTED, ROWS, SCATTERED, Layout, make, write
from ways import Said, measured

POSTGRES_ROWS = 2_000_000
PEER_ROWS = 2_000_000
SMALL = 200_000
CACHE = Path(__file__).parent.parent / ".data"
TARGETS = {"CPU s": 11.0, "peak MB": 1200.0}
POSTGRES_TARGETS = {"server CPU s": 5.3, "wall s": 4.0}
LINES = dict[str, Said]


def files(rows: int) -> LINES:
    lines: LINES = {"import": measured("import", Path())}
    for layout in (SCATTERED, EVERYWHERE, PARTED):
        with tempfile.TemporaryDirectory(prefix="loadline-bench-") as scratch:
            root = Path(scratch) / "project"
            made(root, rows, layout)
            if layout is not PARTED:
                lines |= {f"{layout.name}: {way}": measured(way, root) for way in ("plain read", "by hand", "loadline")}
            else:
                lines |= parted(root, rows, layout)
    return lines


def made(root: Path, rows: int, layout: Layout) -> None:
    """In a process of its own: one that is started later would be said to need as much memory as this once did."""
    child = multiprocessing.get_context("spawn").Process(target=make, args=(root, rows, layout))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(f"the files could not be made: {child.exitcode}")


def parted(root: Path, rows: int, layout: Layout) -> LINES:
    for path in (root / "data" / "orders").iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))  # what was changed just now is not remembered
    found = {f"{layout.name}: loadline": measured("loadline", root)}
    found[f"{layout.name}: again"] = measured("loadline", root)
    with duckdb.connect() as connection:
        write(connection, root, rows, layout, layout.files - 1)
    os.utime(root / "data" / "orders" / f"{layout.files - 1:02}.parquet", (1_700_000_001, 1_700_000_001))
    found[f"{layout.name}: one changed"] = measured("loadline", root)
    return found


def told(lines: LINES, targets: dict[str, float], *, is_judged: bool) -> int:
    """Print them; how many targets were missed."""
    missed = 0
    for name, said in lines.items():
        parts = []
        for what, value in said.items():
            limit = targets.get(what) if is_judged and "loadline" in name else None
            is_missed = limit is not None and value > limit
            missed += is_missed
            shown = f"{value:,.2f}" if "s" in what.split() else f"{value:,.0f}"
            parts.append(f"{what} {shown}" + (f" (≤ {limit:g}{' MISSED' if is_missed else ''})" if limit else ""))
        print(f"{name:26} " + "   ".join(parts))
    return missed


def main(words: list[str]) -> int:
    def number(word: str, usual: int) -> int:
        return int(words[words.index(word) + 1]) if word in words else usual

    if "--help" in words or "-h" in words:
        print(__doc__)
        return 0
    is_small = "--size" in words and words[words.index("--size") + 1] == "small"
    rows, peer_rows = (
        number("--rows", SMALL if is_small else ROWS),
        number("--peer-rows", SMALL if is_small else PEER_ROWS),
    )
    load = os.getloadavg()[0]
    found: dict[str, LINES] = {"files": {}, "postgres": {}}
    is_postgres = "--only-postgres" in words
    absent: dict[str, str] = {}
    if "--only-peers" not in words:
        of_files = {} if is_postgres else files(rows)
        of_postgres, absent = server.measured(min(rows, POSTGRES_ROWS), None if "--no-peers" in words else CACHE)
        found = {"files": of_files, "postgres": of_postgres}
    if "--no-peers" not in words and not is_postgres:
        found["peers"], more = peers.measured(CACHE, peer_rows)
        absent |= more
    if "--json" in words:
        print(json.dumps({"rows": rows, "peer rows": peer_rows, "load": load, **found, "absent": absent}))
        return 0
    print(f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, load average {load:.1f} at the start")
    print(f"\n{rows:,} rows, 12 columns, 26 promises, 111 rows that break them")
    missed = told(found["files"], TARGETS, is_judged=rows == ROWS)
    print(f"\nPostgreSQL, {min(rows, POSTGRES_ROWS):,} of the same rows")
    missed += told(found["postgres"], POSTGRES_TARGETS, is_judged=rows >= POSTGRES_ROWS)
    if "peers" in found:
        print(f"\nother tools, {peer_rows:,} rows, scattered")
        told(found["peers"], {}, is_judged=False)
    for name, why in absent.items():
        print(f"{name:26} takes no part: {why}")
    print(f"\n{missed} targets missed" if missed else "\nevery target met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
