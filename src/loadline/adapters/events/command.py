"""Events in; each handed to a command on its standard input, as one line of JSON, out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from loadline.checks.drift import codes
from loadline.errors import OutsideError
from loadline.values.diagnostic import Diagnostic

TIMEOUT_SECONDS = 10.0


class CommandEvents:
    """The `Events` port over a command of the project's own. It is started without a shell, in the project's folder,
    and has taken the event when it ends with 0."""

    def __init__(self, command: Sequence[str], folder: Path, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._command = tuple(command)
        self._folder = folder
        self._timeout_seconds = timeout_seconds

    def send(self, event: Mapping[str, object]) -> None:
        line = json.dumps(event, ensure_ascii=False, sort_keys=True) + "\n"
        try:
            done = subprocess.run(  # noqa: S603 - the project's own command, and no shell
                self._command,
                input=line.encode(),
                cwd=self._folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self._timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self._cannot(f"did not end within {self._timeout_seconds:g} s") from error
        except OSError as error:
            raise self._cannot(f"could not be started: {error.strerror or error}") from error
        if done.returncode != 0:
            raise self._cannot(f"ended with {done.returncode}")

    def _cannot(self, how: str) -> OutsideError:
        return OutsideError(
            Diagnostic(
                code=codes.CANNOT_SEND,
                what=f"the command `{self._command[0]}` {how}",
                why=codes.CODES[codes.CANNOT_SEND].why,
                mend="mend the command; what it did not take is sent again",
            ),
            retryable=True,
        )
