"""The codes of the command line itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from loadline.values.diagnostic import Code

NO_TEXT = "CLM001"
NOT_TEXT = "CLM002"
EMPTY_TEXT = "CLM003"
LONG_TEXT = "CLM004"
NO_TABLE = "CLM005"

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
        NO_TEXT: Code(
            code=NO_TEXT,
            title="there is no such text to verify",
            why="What is verified is a file, standard input, or a text in quotes; a word that names no file is none.",
            wrong="loadline verify breif.md",
            right="loadline verify brief.md",
        ),
        NOT_TEXT: Code(
            code=NOT_TEXT,
            title="the file to verify is not UTF-8 text",
            why="Claims are pointed at by their place in the text, so every character must be read for certain.",
            wrong="loadline verify brief.docx",
            right="loadline verify brief.md",
        ),
        EMPTY_TEXT: Code(
            code=EMPTY_TEXT,
            title="there is nothing to verify",
            why="A text without a word says nothing that could be true or false.",
            wrong="loadline verify empty.md",
            right='echo "Booked revenue was EUR 3.5m in Q3 2026." | loadline verify',
        ),
        NO_TABLE: Code(
            code=NO_TABLE,
            title="the table to check against is none",
            why="A table has a header and a row below it, and two columns at least, separated alike in every line.",
            wrong="loadline verify --table notes.txt claims.md",
            right="loadline verify --table results.csv claims.md",
        ),
        LONG_TEXT: Code(
            code=LONG_TEXT,
            title="the text to verify is too long",
            why="A text is held and answered as a whole, with one receipt; a million characters is a book.",
            wrong="loadline verify everything-ever-written.md",
            right="loadline verify chapter-1.md",
        ),
    }
)
