"""A text file in; nothing out, or an error when its lines do not all end alike.

The engine takes the first line's ending for all lines; where others follow it fails with words about something else,
or leaves out rows without a word. So the file is looked through before it is read.
"""

from __future__ import annotations

import gzip
import mmap
import re
from pathlib import Path

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.said import fault
from loadline.adapters.warehouses.sources import Source

_CHUNK_BYTES = 1 << 20
_NAMES = {b"\r\n": "CR-LF", b"\n": "LF", b"\r": "CR"}


def check_line_endings(source: Source, path: Path, shown: str, delimiter: str) -> None:
    """Raises OutsideError naming the first two lines (outside quotes) that end differently."""
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        feeds = returns = pairs = 0
        last = b""
        while chunk := file.read(_CHUNK_BYTES):
            feeds += chunk.count(b"\n")
            returns += chunk.count(b"\r")
            pairs += chunk.count(b"\r\n") + (last == b"\r" and chunk[:1] == b"\n")
            last = chunk[-1:]
    if returns == 0 or feeds == returns == pairs or feeds == 0:
        return  # one kind only, within quotes too; the rest of the files is looked at closely
    if found := _differing(path, delimiter):
        first, line, other = found
        what = f"`{shown}`: line endings are mixed: line 1 ends in {_NAMES[first]}, line {line} in {_NAMES[other]}"
        written = "'" + shown.replace("'", "'\\''") + "'" if re.search(r"[^\w./-]", shown) else shown
        mend = f"give all lines one ending: `sed -i -e 's/\\r$//' -e 's/\\r/\\n/g' {written}`"
        if path.suffix.lower() == ".gz":
            mend = "export it again with one kind of line ending"
        raise fault(codes.NOT_WHAT_IT_SAYS, what, mend, place=source.place, why=_WHY)


_WHY = "Every line of a text file ends alike; where endings change, rows could be joined or lost."


def _differing(path: Path, delimiter: str) -> tuple[bytes, int, bytes] | None:
    """The first line's ending, and the first line with another one; line breaks inside quotes are no ends of lines."""
    opens = re.escape(delimiter.encode()) + rb"\r\n"
    tokens = re.compile(rb"(?:(?<=[" + opens + rb'])|\A)"[^"]*(?:""[^"]*)*"|\r\n|\n|\r')

    def scan(content: bytes | mmap.mmap) -> tuple[bytes, int, bytes] | None:
        first: bytes | None = None
        line = 0
        for match in tokens.finditer(content):
            token = bytes(match[0])
            if token.startswith(b'"'):
                line += token.count(b"\n") or token.count(b"\r")
                continue
            line += 1
            first = first or token
            if token != first:
                return first, line, token
        return None

    if path.suffix.lower() == ".gz":
        with gzip.open(path) as packed:
            return scan(packed.read())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        return scan(mapped)
