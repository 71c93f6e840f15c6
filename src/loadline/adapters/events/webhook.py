"""Events in; each POSTed to an address in structured mode (`application/cloudevents+json`) out."""

from __future__ import annotations

import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping

from loadline.checks.drift import codes
from loadline.errors import OutsideError
from loadline.values.diagnostic import Diagnostic

TIMEOUT_SECONDS = 10.0
_REFERENCE = "env:"


class WebhookEvents:
    """The `Events` port over HTTP. The receiver is an address, or `env:NAME`, read when something is sent; it is
    printed as it was written, because an address can be a secret."""

    def __init__(self, written: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._shown = written
        self._timeout_seconds = timeout_seconds

    def send(self, event: Mapping[str, object]) -> None:
        request = urllib.request.Request(  # noqa: S310 - only http and https get here
            self._address(),
            data=json.dumps(event, ensure_ascii=False, sort_keys=True).encode(),
            headers={"Content-Type": "application/cloudevents+json", "Idempotency-Key": str(event["id"])},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_seconds) as answer:  # noqa: S310 - as above
                answer.read()
        except urllib.error.HTTPError as error:
            error.close()
            raise _cannot_send(f"`{self._shown}` answered {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise _cannot_send(f"`{self._shown}` could not be reached: {reason}") from error

    def _address(self) -> str:
        name = self._shown.removeprefix(_REFERENCE)
        address = os.environ.get(name, "") if name != self._shown else self._shown
        if urllib.parse.urlsplit(address).scheme not in {"http", "https"}:
            raise _cannot_send(f"`{self._shown}` holds no http or https address", "set the variable to such an address")
        return address


def _cannot_send(what: str, mend: str = "mend the receiver; what it did not take is sent again") -> OutsideError:
    return OutsideError(
        Diagnostic(code=codes.CANNOT_SEND, what=what, why=codes.CODES[codes.CANNOT_SEND].why, mend=mend),
        retryable=True,
    )
