"""The codes of what can go wrong when somebody asks what a change would do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

UNKNOWN_THING = "CHG001"
SEVERAL_THINGS = "CHG002"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=UNKNOWN_THING,
                title="nothing in the project has this name",
                why="Impact starts at a dataset, a column or field (`dataset.name`), a metric or a term.",
                wrong="loadline impact orders.amont",
                right="loadline impact orders.amount",
            ),
            Code(
                code=SEVERAL_THINGS,
                title="several things have this name",
                why="A dataset, a metric and a field may share a name, and what they reach differs.",
                wrong="loadline impact orders",
                right="loadline impact metric:orders",
            ),
        )
    }
)
