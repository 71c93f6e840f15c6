"""The codes of what can go wrong when definitions come from elsewhere, or are handed on."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NOTHING_FOUND = "IMX001"
UNREADABLE = "IMX002"
IN_THE_WAY = "IMX003"
NOT_OSSIE = "IMX004"

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
                right="version: 0.2.0.dev0\nsemantic_model: [{name: shop, datasets: [{name: orders, source: s.orders}]}]",
            ),
        )
    }
)
