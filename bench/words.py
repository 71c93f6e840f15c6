"""What words come to, and how long reading them takes: `python bench/words.py [--json]`. CPU time in milliseconds.

`times` are the committed expressions of tests/semantics, `questions` those of tests/asking on the demo company, read as
`loadline ask` reads them, with names and values at hand and no plan kept from before. Ends with 1 when one is wrong.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from asking.judged import Judged, judged
from loadline.app import init_project, open_app
from semantics.test_time import CASES

TARGET_MS = 5.0


def times() -> dict[str, float]:
    taken, right, wrong = [], 0, 0
    for case in CASES:
        began = time.process_time()
        got = case.got
        taken.append((time.process_time() - began) * 1000)
        right += got == case.expected
        wrong += got not in {None, case.expected}
    return {"times": len(CASES), "read or refused right": right, "wrong": wrong, "p50 ms": median(taken)}


def questions() -> dict[str, dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "quaywind"
        init_project(root, is_demo=True)
        with open_app(root) as app:
            list(judged(app))  # lexicons are made, and values fetched
            app.linked.plans.clear()
            every = list(judged(app))
    return {half: tally([one for one in every if one.half == half]) for half in dict.fromkeys(j.half for j in every)}


def tally(every: list[Judged]) -> dict[str, float]:
    counts = Counter((one.expected != "no", one.verdict) for one in every)
    taken = [one.seconds * 1000 for one in every]
    return {
        "answerable": sum(one.expected != "no" for one in every),
        "answered": counts[True, "answered"],
        "asked back usefully": counts[True, "clarified"],
        "missed": counts[True, "missed"],
        "not to be answered": sum(one.expected == "no" for one in every),
        "refused or asked back": counts[False, "refused"] + counts[False, "clarified"],
        "wrong": counts[True, "wrong"] + counts[False, "wrong"],
        "p50 ms": median(taken),
        "p95 ms": quantiles(taken, n=20)[-1],
    }


def main() -> int:
    lines = {"time expressions": times(), **{f"questions, {half}": line for half, line in questions().items()}}
    if "--json" in sys.argv:
        print(json.dumps(lines, indent=2))
    else:
        for name, line in lines.items():
            print(name)
            for what, value in line.items():
                shown = f"{value:,.2f}" if what.endswith("ms") else f"{value:,.0f}"
                late = "   missed: 5" if what.endswith("ms") and value > TARGET_MS else ""
                print(f"  {what:24} {shown:>8}{late}")
    return 1 if any(line["wrong"] for line in lines.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
