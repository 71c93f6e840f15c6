"""A file of JSON lines in; nothing out, or an error when a number in it has more digits than its reader keeps.

The engine reads a JSON number with a fraction as floating; beyond 15 digits what comes out is not what was written.
A string of digits is kept whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from loadline.adapters.warehouses import codes
from loadline.adapters.warehouses.csv_header import open_text
from loadline.adapters.warehouses.said import fault
from loadline.adapters.warehouses.sources import Source

_DIGITS = 15


def check_json_numbers(source: Source, path: Path, shown: str, columns: Sequence[str]) -> None:
    """Raises OutsideError for the first number of the exact `columns` that would be rounded."""
    if not columns:
        return
    names = "|".join(re.escape(json.dumps(name, ensure_ascii=False)) for name in columns)
    long = re.compile(rf"({names})\s*:\s*(-?(?=[0-9]*[.eE])[0-9.]{{{_DIGITS + 2},}}[0-9eE+-]*)")
    with open_text(path) as file:
        for line, text in enumerate(file, start=1):
            if match := long.search(text):
                name, number = json.loads(match[1]), match[2]
                what = f"`{shown}` in line {line}, column `{name}`: `{number}` has more digits than a JSON number keeps"
                mend = f'write it as a string: `"{name}": "{number}"`'
                raise fault(codes.UNFIT_VALUE, what, mend, place=source.place)
