"""What drafted contracts find: `python bench/draft.py [--json] [--tables N]`.

Tables are made up, and a copy of each is made dirty: slips of the hand, missing values, stand-ins for nothing, other
forms of dates and numbers, outliers, spaces, wrong units, repeated keys, values from elsewhere. Contracts are drafted
once from the clean table and once from the dirty one, and looked at on the dirty one: a column with a broken promise is
found. On fresh rows of the same kind, which nobody made dirty, each found column is a false alarm. Then the same for
tables as people keep them (`draft_worlds.py`).
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from draft_worlds import KINDS, world

from loadline.app import import_warehouse, open_app

Row = dict[str, str]
Maker = Callable[[random.Random, int], str]
Dirt = Callable[[random.Random, str], str]

ROWS = 1_200
CITIES = (
    ("Birmingham", "AL"), ("Sheffield", "AL"), ("Anchorage", "AK"), ("Phoenix", "AZ"), ("Tucson", "AZ"),
    ("Sacramento", "CA"), ("Oakland", "CA"), ("Denver", "CO"), ("Hartford", "CT"), ("Tampa", "FL"), ("Atlanta", "GA"),
)  # fmt: skip
WORDS = "north river stone light copper amber silver oak maple harbor summit valley crown eagle forest garden".split()  # noqa: SIM905


def _choice(*values: str) -> Maker:
    return lambda chance, _: chance.choice(values)


def _number(low: float, high: float, digits: int) -> Maker:
    return lambda chance, _: f"{chance.uniform(low, high):.{digits}f}"


def _heavy(scale: float) -> Maker:
    return lambda chance, _: f"{chance.lognormvariate(scale, 1.2):.2f}"


def _words(least: int, most: int) -> Maker:
    return lambda chance, _: " ".join(chance.choice(WORDS) for _ in range(chance.randint(least, most))).capitalize()


def _sometimes(make: Maker, share: float) -> Maker:
    return lambda chance, n: make(chance, n) if chance.random() < share else ""


COLUMNS: dict[str, Maker] = {
    "status": _choice("open", "paid", "shipped", "cancelled"),
    "channel": _choice("web", "phone", "store"),
    "category": _choice("Furniture", "Electronics", "Groceries", "Clothing", "Stationery", "Appliances"),
    "rating": lambda chance, _: str(chance.choices((1, 2, 3, 4, 5), (1, 2, 5, 9, 6))[0]),
    "amount": _heavy(4),
    "price": _number(1, 90, 2),
    "quantity": lambda chance, _: str(chance.randint(1, 40)),
    "discount_pct": _number(0, 40, 1),
    "ordered_on": lambda chance, _: f"2024-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
    "zip": lambda chance, _: f"{chance.randint(10000, 99950)}",
    "phone": lambda chance, _: f"{chance.randint(200, 999)}-{chance.randint(200, 999)}-{chance.randint(1000, 9999)}",
    "sku": lambda chance, _: f"{chance.choice('ABCDEF')}{chance.choice('KLMN')}-{chance.randint(0, 99999):05d}",
    "email": lambda chance, n: f"{chance.choice(WORDS)}.{chance.choice(WORDS)}{n}@example.com",
    "title": _words(2, 6),
    "note": _sometimes(_words(3, 9), 0.4),
    "middle_name": _sometimes(_words(1, 1), 0.6),
    "latitude": _number(25, 49, 5),
    "weight_kg": _number(0.2, 45, 2),
    "opening_time": lambda chance, _: f"{chance.randint(6, 11):02d}:{chance.choice(('00', '15', '30', '45'))}",
    "isbn": lambda chance, _: f"978{chance.randint(10**9, 10**10 - 1)}",
}


def _slip(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text))
    return text[:at] + "x" + text[at + 1 :]


DIRTS: dict[str, tuple[Dirt, frozenset[str]]] = {
    "missing": (lambda _, __: "", frozenset(COLUMNS) - {"note", "middle_name"}),
    "stand-in": (lambda chance, _: chance.choice(("N/A", "-", "null")), frozenset(COLUMNS)),
    "slip": (_slip, frozenset({"status", "channel", "category", "city", "state"})),
    "other case": (lambda _, text: text.upper(), frozenset({"status", "channel", "category", "city"})),
    "spaces": (lambda _, text: f" {text}", frozenset({"status", "category", "title", "city", "sku", "email"})),
    "other date": (lambda _, text: "/".join(reversed(text.split("-"))), frozenset({"ordered_on"})),
    "unit behind": (lambda _, text: f"{text} kg", frozenset({"weight_kg", "price", "amount", "discount_pct"})),
    "other unit": (lambda _, text: f"{float(text) * 1000:.0f}", frozenset({"weight_kg", "price", "quantity"})),
    "digit lost": (lambda _, text: text[:-1], frozenset({"zip", "phone", "sku", "isbn"})),
    "sign lost": (lambda _, text: text.replace("-", "").replace("@", ""), frozenset({"phone", "sku", "email"})),
    "out of range": (lambda _, __: "999", frozenset({"rating", "discount_pct", "latitude"})),
    "negative": (lambda _, text: f"-{text}", frozenset({"price", "quantity", "amount", "rating", "weight_kg"})),
    "from elsewhere": (lambda chance, _: chance.choice(("12", "unknown??", "see note")), frozenset({"status", "zip"})),
}


def clean_table(chance: random.Random, names: list[str]) -> list[Row]:
    rows = []
    for n in range(ROWS):
        city, state = chance.choice(CITIES)
        row = {"id": str(n + 1), "city": city, "state": state}
        rows.append(row | {name: COLUMNS[name](chance, n) for name in names})
    return rows


def dirty_copy(chance: random.Random, rows: list[Row]) -> tuple[list[Row], dict[str, str]]:
    """The copy, and what was done to which column."""
    dirty = [dict(row) for row in rows]
    done: dict[str, str] = {}
    for column in chance.sample([name for name in rows[0] if name != "id"], 5):
        fitting = [name for name, (_, columns) in DIRTS.items() if column in columns or name in {"missing", "stand-in"}]
        dirt = chance.choice(fitting)
        share = chance.choice((0.004, 0.01, 0.03, 0.08))
        hit = chance.sample([row for row in dirty if row[column]], max(3, int(ROWS * share)))
        for row in hit:
            row[column] = DIRTS[dirt][0](chance, row[column])
        if any(one[column] != other[column] for one, other in zip(rows, dirty, strict=True)):
            done[column] = dirt
    if chance.random() < 0.3:
        for row in chance.sample(dirty, 6):
            row["id"] = chance.choice(rows)["id"]
        done["id"] = "repeated key"
    return dirty, done


def write(path: Path, rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def found_in(project: Path) -> set[str]:
    """Columns of which a promise is broken, or could not be looked at because of what stands in them."""
    with open_app(project) as app:
        looks: list[dict[str, Any]] = list(app.check_data())
    return {
        column
        for look in looks
        for run in look["promises"]
        if run["verdict"] in {"broken", "could not look"}
        for column in run["columns"]
    }


class Score:
    def __init__(self) -> None:
        self.right = self.wrong = self.missed = 0
        self.missed_by: Counter[str] = Counter()
        self.wrong_on: Counter[str] = Counter()

    def add(self, found: set[str], done: dict[str, str]) -> None:
        self.right += len(found & done.keys())
        self.wrong += len(found - done.keys())
        self.missed += len(done.keys() - found)
        self.missed_by.update(done[column] for column in done.keys() - found)
        self.wrong_on.update(found - done.keys())

    def as_numbers(self) -> dict[str, float]:
        precision = self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0
        recall = self.right / (self.right + self.missed) if self.right + self.missed else 1.0
        return {"precision": round(precision, 3), "recall": round(recall, 3)}


def measured(tables: int, seed: int = 11) -> dict[str, Any]:
    scores = {"drafted from clean": Score(), "drafted from dirty": Score()}
    fresh_columns = fresh_alarms = 0
    alarms: Counter[str] = Counter()
    seconds = 0.0
    for number in range(tables):
        chance = random.Random(seed * 1000 + number)  # noqa: S311 - made-up data, repeatable
        names = sorted(chance.sample(sorted(COLUMNS), 10))
        rows, fresh = clean_table(chance, names), clean_table(chance, names)
        dirty, done = dirty_copy(chance, rows)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            data = folder / "data" / "items.csv"
            data.parent.mkdir()
            for name, drafted_from in (("drafted from clean", rows), ("drafted from dirty", dirty)):
                write(data, drafted_from)
                shutil.rmtree(folder / "p", ignore_errors=True)
                start = time.process_time()
                import_warehouse([data], into=folder / "p")
                seconds += time.process_time() - start
                write(data, dirty)
                scores[name].add(found_in(folder / "p"), done)
                if name == "drafted from clean":
                    write(data, fresh)
                    false = found_in(folder / "p")
                    alarms.update(false)
                    fresh_alarms += len(false)
                    fresh_columns += len(rows[0])
    return {
        "tables": tables,
        **{f"{name}, {what}": number for name, score in scores.items() for what, number in score.as_numbers().items()},
        "false alarms on fresh clean rows, share of columns": round(fresh_alarms / fresh_columns, 4),
        "drafting a table, CPU s": round(seconds / (2 * tables), 3),
        "missed, drafted from clean": dict(scores["drafted from clean"].missed_by.most_common()),
        "missed, drafted from dirty": dict(scores["drafted from dirty"].missed_by.most_common()),
        "wrong, drafted from clean": dict(scores["drafted from clean"].wrong_on.most_common()),
        "wrong, drafted from dirty": dict(scores["drafted from dirty"].wrong_on.most_common()),
        "false alarms on": dict(alarms.most_common()),
    }


def of_worlds(seeds: int) -> dict[str, str]:
    """Of each kind of table: precision and recall, drafted from clean and from dirty rows, and false alarms."""
    found: dict[str, str] = {}
    for kind in KINDS:
        scores, alarms, columns = (Score(), Score()), 0, 0
        for seed in range(seeds):
            made = world(kind, seed)
            with tempfile.TemporaryDirectory() as folder:
                project, data = Path(folder) / "p", Path(folder) / "data" / "items.csv"
                data.parent.mkdir()
                for score, drafted_from in zip(scores, (made.clean, made.dirty), strict=True):
                    write(data, drafted_from)
                    shutil.rmtree(project, ignore_errors=True)
                    import_warehouse([data], into=project)
                    write(data, made.dirty)
                    score.add(found_in(project), made.done)
                    if drafted_from is made.clean:
                        write(data, made.fresh)
                        alarms += len(found_in(project))
                        columns += len(made.clean[0])
        said = [f"{name} {n['precision']:.2f} / {n['recall']:.2f}" for name, n in (
            ("from clean", scores[0].as_numbers()), ("from dirty", scores[1].as_numbers())
        )]  # fmt: skip
        found[f"{kind}: precision / recall, false alarms"] = f"{said[0]}, {said[1]}, {alarms} of {columns} columns"
    return found


def main() -> int:
    tables = int(sys.argv[sys.argv.index("--tables") + 1]) if "--tables" in sys.argv else 40
    found = measured(tables) | of_worlds(max(1, tables // 10))
    if "--json" in sys.argv:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:55}{value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
