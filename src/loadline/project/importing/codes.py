"""The codes of what can go wrong when definitions come from elsewhere, or are handed on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NOTHING_FOUND = "IMX001"
UNREADABLE = "IMX002"
IN_THE_WAY = "IMX003"
NOT_OSSIE = "IMX004"
NO_DATASETS = "IMX005"
NOT_OPENLINEAGE = "LIN002"
NO_MANIFEST = "LIN003"
RESERVED_WORD = "IMX101"
OTHER_DATASET = "IMX102"
FINER_DATASET = "IMX103"
NESTED_WINDOW = "IMX104"
WINDOW_FRAME = "IMX105"
COMPOSED_WINDOW = "IMX106"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=NOTHING_FOUND,
                title="there is nothing to import",
                why="An import reads semantic models and metrics; a folder without any makes no project.",
                wrong="loadline import dbt models/staging   # holds no semantic model",
                right="loadline import dbt .                # the dbt project, or target/semantic_manifest.json",
            ),
            Code(
                code=UNREADABLE,
                title="what is to be imported cannot be read",
                why="An import reads the texts of another tool; what it cannot read it cannot carry.",
                wrong="loadline import ossie model.ymal",
                right="loadline import ossie model.yaml",
            ),
            Code(
                code=IN_THE_WAY,
                title="an import would write over a file",
                why="What somebody wrote is never replaced by what a machine wrote.",
                wrong="loadline import dbt . --into shop     # shop/context/dbt-model.yaml is there already",
                right="loadline import dbt . --into shop-2   # or move the old files away first",
            ),
            Code(
                code=NOT_OSSIE,
                title="the file is no Ossie document",
                why="An Ossie document has a `version` and a list `semantic_model`, each with a name and datasets.",
                wrong="datasets: [{name: orders, source: sales.orders}]",
                right="{version: 0.2.0.dev0, semantic_model: [{name: shop, datasets: [{name: a, source: s.a}]}]}",
            ),
            Code(
                code=NO_DATASETS,
                title="there is nothing to export",
                why="An Ossie model has at least one dataset.",
                wrong="loadline export ossie   # in a project whose context/ is empty",
                right="datasets: {orders: {source: sales.orders}}   # in context/orders.yaml, then export",
            ),
            Code(
                code=RESERVED_WORD,
                title="a definition of the source is named by a reserved word",
                why="A name that is a keyword of SQL reads as something else in one warehouse or another.",
                wrong="fields: [{name: filter, expression: …}]",
                right="fields: [{name: filter_type, expression: …}]",
            ),
            Code(
                code=OTHER_DATASET,
                title="a field of the source is made of columns of another dataset",
                why="A field is a value of one row of its own dataset; what crosses them is a metric or a group-by.",
                wrong="datasets: [{name: orders, fields: [{name: region, expression: customers.region}]}]",
                right="--by customers.region   # along the relationship",
            ),
            Code(
                code=FINER_DATASET,
                title="a field of the source reads rows of which there are many for each of its own",
                why="Which of the many is meant is never guessed: they are summed, counted or the like, in a metric.",
                wrong="datasets: [{name: customers, fields: [{name: amount, expression: orders.amount}]}]",
                right="metrics: [{name: amount, expression: SUM(orders.amount)}]",
            ),
            Code(
                code=NOT_OPENLINEAGE,
                title="the file holds no OpenLineage event",
                why="An event is a JSON object with a `job` or a `dataset`; what flows where is read of it.",
                wrong="loadline import openlineage airflow.log",
                right="loadline import openlineage events.jsonl",
            ),
            Code(
                code=NO_MANIFEST,
                title="the file is no manifest of dbt",
                why="dbt writes what each model reads, and the SQL it compiled, into `target/manifest.json`.",
                wrong="loadline import dbt-lineage dbt_project.yml",
                right="loadline import dbt-lineage target/manifest.json",
            ),
            Code(
                code=NESTED_WINDOW,
                title="a window function of the source stands in another one",
                why="Which rows the outer one looks at is not determined.",
                wrong="SUM(SUM(orders.amount) OVER (PARTITION BY orders.customer_id)) OVER ()",
                right="SUM(orders.amount) OVER (PARTITION BY orders.customer_id)",
            ),
            Code(
                code=WINDOW_FRAME,
                title="a window's frame in the source is not counted in rows or values",
                why="Frames of groups, and bounds that are parameters, do not mean the same in every warehouse.",
                wrong="SUM(x) OVER (ORDER BY day GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW)",
                right="SUM(x) OVER (ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            ),
            Code(
                code=COMPOSED_WINDOW,
                title="a metric of the source is built on a window function",
                why="A window gives a value to each row, and a metric is one number for many.",
                wrong="orders.running_total / SUM(orders.amount)",
                right="SUM(orders.amount), and the running total as a field of its own",
            ),
        )
    }
)
