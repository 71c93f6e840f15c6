"""The codes of what can go wrong when a project is drafted from a warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NOTHING_TO_IMPORT = "IMP001"
ALREADY_THERE = "IMP002"
NOTHING_READABLE = "IMP003"
NO_TARGET = "IMP004"
NO_DATASET = "LIN001"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=NOTHING_TO_IMPORT,
                title="there is nothing to import",
                why="A draft is made from data: Parquet, CSV, JSON lines or Excel files, a DuckDB file, or the "
                "relations of a project's warehouse.",
                wrong="loadline import warehouse notes/ --into shop",
                right="loadline import warehouse data/*.parquet --into shop",
            ),
            Code(
                code=ALREADY_THERE,
                title="the folder holds something already",
                why="A draft never overwrites; a new project goes into an empty folder, additions into a project "
                "whose warehouse has relations that no dataset names yet.",
                wrong="loadline import warehouse data/*.csv --into .   # in a folder full of other things",
                right="loadline import warehouse data/*.csv --into shop",
            ),
            Code(
                code=NOTHING_READABLE,
                title="none of the relations could be read",
                why="A relation that cannot be read is left out and said; here that was all of them.",
                wrong="loadline import warehouse empty.csv --into shop   # without a header",
                right="loadline import warehouse orders.csv --into shop",
            ),
            Code(
                code=NO_TARGET,
                title="nobody said where the draft goes",
                why="Files become the warehouse of a new project, which needs a folder of its own.",
                wrong="loadline import warehouse data/*.parquet",
                right="loadline import warehouse data/*.parquet --into shop",
            ),
            Code(
                code=NO_DATASET,
                title="there is no dataset of this name to profile",
                why="A profile is of a dataset that context/ names. For relations that none names yet, there is "
                "`loadline import warehouse`.",
                wrong="loadline data profile ordres",
                right="loadline data profile orders",
            ),
        )
    }
)
