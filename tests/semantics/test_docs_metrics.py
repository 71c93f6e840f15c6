"""The pages on metrics are true: examples link and compile, the SQL shown is what comes out, lists are complete."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from loadline.semantics import link, resolve, rollups_for
from loadline.semantics.typed import _RULES, AGGREGATES, CASTS
from loadline.values.model import Conversion, Metric, Rollup
from loadline.values.query import Grain, Op, Part
from semantics.shop import HERE, SHOP, linked, metric, opened, query, sql_of, text

DOCS = Path(__file__).parent.parent.parent / "docs"
REFERENCE = (DOCS / "reference" / "metrics.md").read_text()
EXPLANATION = (DOCS / "explanation" / "how-sql-is-made.md").read_text()


def test_every_example_links_and_compiles() -> None:
    examples = {}
    for block in re.findall(r"```yaml\n(.*?)```", REFERENCE, flags=re.DOTALL):
        for name, written in yaml.safe_load(block).get("metrics", {}).items():
            examples[name] = as_written(name, written)
    model = link(replace(SHOP, metrics={**SHOP.metrics, **examples}))
    connection = opened()
    for name in examples:
        has_time = all(measure.time is not None for measure in model.metrics[name].measures)
        assert connection.execute(sql_of(model, query(name, by=("time:month",) if has_time else ()))).fetchall()
    assert len(examples) > 35


def test_the_rollup_shown_serves_a_question() -> None:
    (block,) = re.findall(r"```yaml\n(rollups:.*?)```", REFERENCE, flags=re.DOTALL)
    rollups = {
        name: Rollup(
            name=name,
            dataset=written["of"],
            source=written["source"],
            by=tuple(map(text, written["by"])),
            metrics=tuple(map(text, written["metrics"])),
            place=HERE,
        )
        for name, written in yaml.safe_load(block)["rollups"].items()
    }
    model = link(replace(SHOP, rollups=rollups))
    plan = resolve(model, query("booked", by=("time:month", "customers.segment")))
    assert [use.name for use in rollups_for(model, plan)] == ["orders_daily"]


def as_written(name: str, written: dict[str, Any]) -> Metric:
    """An example of the page as the project room would read it."""
    per = tuple(map(text, [written["per"]] if isinstance(written.get("per"), str) else written.get("per", ())))
    conversion = None
    if "convert" in written:
        within = text(written["within"]) if "within" in written else None
        conversion = Conversion(to=text(written["to"]), within=within, per=per, is_count=written.get("as") == "count")
    fill = written.get("fill")
    return metric(
        name,
        written["convert"] if conversion else written["is"],
        where=written.get("where"),
        time=written.get("time"),
        over=text(written["over"]) if "over" in written else None,
        take=text(written["take"]) if "take" in written else None,
        take_per=per if "take" in written else (),
        conversion=conversion,
        fill=Decimal(fill) if fill not in {None, "none"} else None,
        is_null_if_absent=fill == "none",
        is_every_period=written.get("every_period", False),
    )


def test_the_sql_shown_is_the_sql_made() -> None:
    shown = re.search(r"```sql\n(.*?)\n```", EXPLANATION, flags=re.DOTALL)
    assert shown
    assert sql_of(linked(), query("booked", "recognized", by=("customers.segment",))) == shown[1]


def test_every_function_operator_and_grain_is_listed() -> None:
    names = {name for name in _RULES if name.isidentifier()} - {"negative"}
    for word in (*names, *AGGREGATES, *CASTS):
        assert re.search(rf"\b{word}\b", REFERENCE), word
    for cut in (*Grain, *Part):
        assert cut.value in REFERENCE
    for op in Op:
        assert f"`{op}`" in REFERENCE
