"""Events in; one line of JSON each, in a file that holds every event once, out."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path

from loadline.checks.drift import codes
from loadline.errors import OutsideError
from loadline.values.diagnostic import Diagnostic


class FileEvents:
    """The `Events` port over a file of JSON lines. An event whose id is there already is not written again."""

    def __init__(self, path: Path, *, key: str = "alarms.file") -> None:
        """`key` is where the project names this file."""
        self._path = path
        self._key = key

    def send(self, event: Mapping[str, object]) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                lines = file.read()
                if any(_id_of(line) == event["id"] for line in lines.splitlines()):
                    return
                torn = "\n" if lines and not lines.endswith("\n") else ""  # a writer died in the middle of a line
                file.write(torn + json.dumps(event, ensure_ascii=False, sort_keys=True) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutsideError(
                Diagnostic(
                    code=codes.CANNOT_SEND,
                    what=f"the event could not be written to `{self._path}`: {error.strerror or error}",
                    why=codes.CODES[codes.CANNOT_SEND].why,
                    mend=f"make room, or name another file under `{self._key}`",
                ),
                retryable=True,
            ) from error


def _id_of(line: str) -> object:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event.get("id") if isinstance(event, dict) else None
