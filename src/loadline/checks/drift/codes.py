"""The codes of what keeps drift from being judged, and of the alarm itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NO_SUCH_COLUMN = "DRF002"
TOO_FEW_WINDOWS = "DRF003"
TOO_MANY_WINDOWS = "DRF004"
HOW_TO_CUT = "DRF005"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=NO_SUCH_COLUMN,
                title="a column to watch is not in the data",
                why="What is watched, cut by or told apart by is a column of the relation, written as it is there.",
                wrong="loadline drift stream sales.csv --time orderd_at --window day",
                right="loadline drift stream sales.csv --time ordered_at --window day",
            ),
            Code(
                code=TOO_FEW_WINDOWS,
                title="there are too few windows to learn from",
                why="What is natural is learned from at least 8 quiet windows, and at least one more is judged.",
                wrong="loadline drift stream year.csv --time day --window quarter",
                right="loadline drift stream year.csv --time day --window week",
            ),
            Code(
                code=TOO_MANY_WINDOWS,
                title="the data makes more windows than can be judged",
                why="A profile of each window of each column comes back from the warehouse; several million are a sign "
                "that the windows are too short.",
                wrong="loadline drift stream clicks.csv --rows 1",
                right="loadline drift stream clicks.csv --rows 5000",
            ),
            Code(
                code=HOW_TO_CUT,
                title="it is not said how the rows are cut into windows",
                why="Windows are of one unit of a time column, or of so many rows in the order they come; not both.",
                wrong="loadline drift stream sales.csv",
                right="loadline drift stream sales.csv --time ordered_at --window day   # or: --rows 1000",
            ),
        )
    }
)
