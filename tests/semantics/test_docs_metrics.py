"""The pages on metrics are true: examples link and compile, the SQL shown is what comes out, lists are complete."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import yaml

from loadline.semantics import link
from loadline.semantics.typed import _RULES, AGGREGATES, CASTS
from loadline.values.query import Grain, Op
from semantics.shop import SHOP, linked, metric, query, sql_of

DOCS = Path(__file__).parent.parent.parent / "docs"
REFERENCE = (DOCS / "reference" / "metrics.md").read_text()
EXPLANATION = (DOCS / "explanation" / "how-sql-is-made.md").read_text()


def test_every_example_links_and_compiles() -> None:
    examples = {}
    for block in re.findall(r"```yaml\n(.*?)```", REFERENCE, flags=re.DOTALL):
        for name, written in yaml.safe_load(block)["metrics"].items():
            examples[name] = metric(name, written["is"], where=written.get("where"), time=written.get("time"))
    model = link(replace(SHOP, metrics={**SHOP.metrics, **examples}))
    for name in examples:
        assert sql_of(model, query(name, by=("time:month",)))
    assert len(examples) > 15


def test_the_sql_shown_is_the_sql_made() -> None:
    shown = re.search(r"```sql\n(.*?)\n```", EXPLANATION, flags=re.DOTALL)
    assert shown
    assert sql_of(linked(), query("booked", "recognized", by=("customers.segment",))) == shown[1]


def test_every_function_operator_and_grain_is_listed() -> None:
    names = {name for name in _RULES if name.isidentifier()} - {"negative"}
    for word in (*names, *AGGREGATES, *CASTS):
        assert re.search(rf"\b{word}\b", REFERENCE), word
    for grain in Grain:
        assert grain.value in REFERENCE
    for op in Op:
        assert f"`{op}`" in REFERENCE
