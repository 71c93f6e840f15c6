"""How well statements are judged against tables of their own: `python bench/verify_table.py [--misses HALF]`.

The sets of tables are the committed ones: the grammar is worked on with the development half and never with the
held-out one; the fresh ones were written before anybody saw them judged, and mended with since. `loosely supported`
are statements that are not true, of which a part is supported and the rest is not judged. `CPU` is
the processor time of a statement, the table read anew each time.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # the committed sets, and how they are scored

from flow.table_scores import read_statements, score_tables


def main() -> int:
    wrong = 0
    for half in ("development", "held_out", "fresh_first", "fresh_second", "fresh_third"):
        statements = list(read_statements(half))
        started = time.process_time()
        found = score_tables(statements)
        took = time.process_time() - started
        tables = len({one.name for one in statements})
        print(f"{half}: {tables} tables, {found.statements} statements")
        print(f"  accuracy {100 * found.accuracy:.1f} %  coverage {100 * found.coverage:.1f} %")
        print(f"  false supported {found.false_supported}  loosely supported {found.loosely_supported}", end="")
        print(f"  false contradicted {found.false_contradicted}  CPU {1000 * took / found.statements:.1f} ms")
        wrong += found.false_supported
        if "--misses" in sys.argv and half in sys.argv:
            print("\n".join(found.misses))
    print("target: nothing falsely supported, at most 2 % falsely contradicted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
