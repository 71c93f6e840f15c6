"""A request to the MCP server in, the same request out if its caller does not call too often."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send

from loadline.app import App
from loadline.errors import OutsideError
from loadline.surfaces.rates import Failures, Rates
from loadline.values.access import NotKnown

_MINUTE = 60


@dataclass
class Bounded:
    """Pure ASGI, before the SDK's own look at the token: so many calls a minute for one caller, and so many wrong keys
    from one address."""

    served: ASGIApp
    app: App
    rates: Rates
    failures: Failures = field(default_factory=Failures)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        secret = _secret(scope) if scope["type"] == "http" else None
        if secret is None:
            await self.served(scope, receive, send)
            return
        address = (scope.get("client") or ("?",))[0]
        if self.failures.is_shut(address):
            await _say(send, 429, "no key from this address is looked at for a minute", _MINUTE)
            return
        try:
            found = await asyncio.to_thread(self.app.bearer, secret)
        except OutsideError as error:
            await _say(send, 503, "; ".join(one.what for one in error.diagnostics), 5)
            return
        if isinstance(found, NotKnown):
            self.failures.note(address)  # and the SDK says 401, and where to go
        elif wait := self.rates.wait(found.id):
            await _say(send, 429, f"one caller may call {self.rates.per_minute:,} times a minute", wait)
            return
        await self.served(scope, receive, send)


def _secret(scope: Scope) -> str | None:
    kind, _, secret = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1").partition(" ")
    return secret.strip() if kind.lower() == "bearer" and secret.strip() else None


async def _say(send: Send, status: int, detail: str, wait: int) -> None:
    body = json.dumps({"error": "temporarily_unavailable", "error_description": detail}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(wait).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
