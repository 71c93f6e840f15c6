"""The codes of the command line itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

CODES: Mapping[str, Code] = MappingProxyType(
    {
        "CLI001": Code(
            code="CLI001",
            title="loadline broke its own promise",
            why="Whatever is asked or written, loadline should answer or say what is wrong; here it did neither.",
            wrong="(a fault in loadline)",
            right="LOADLINE_DEBUG=1 loadline ...   # prints the traceback for a report",
        ),
        "CLI002": Code(
            code="CLI002",
            title="the system refused to read or write",
            why="A file or the output is out of reach: missing, not yours, or on a disk without room.",
            wrong="loadline schema --out /proc/schemas",
            right="loadline schema --out schemas",
        ),
    }
)
