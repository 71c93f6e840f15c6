"""Every code the making of the demo company can raise, with what `loadline explain` says of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NOT_EMPTY = "DEM001"
NOT_WRITABLE = "DEM002"
NO_PRACTICE = "DEM003"

CODES: Mapping[str, Code] = MappingProxyType(
    {
        code.code: code
        for code in (
            Code(
                code=NOT_EMPTY,
                title="the folder for the demo company holds something already",
                why="The demo company is written whole into a folder of its own; nothing of yours is written over.",
                wrong="loadline init --demo ~/Documents",
                right="loadline init --demo ~/Documents/quaywind",
            ),
            Code(
                code=NOT_WRITABLE,
                title="the demo company cannot be written there",
                why="Its files need a folder that may be written to and about 10 MB of room.",
                wrong="loadline init --demo /proc/quaywind",
                right="loadline init --demo quaywind",
            ),
            Code(
                code=NO_PRACTICE,
                title="no PostgreSQL to play on could be started",
                why="A server of the demo's own needs PostgreSQL's programs, the driver and the grammar.",
                wrong="loadline demo wipe --on postgres   # where no PostgreSQL is installed",
                right="loadline demo wipe",
            ),
        )
    }
)
