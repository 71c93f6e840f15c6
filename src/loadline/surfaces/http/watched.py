"""A request in, the same request out where it may come in at all; and every reply counted on the way back.

Pure ASGI, as `limits` is: what wraps every request costs each of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loadline.surfaces.http.problems import problem
from loadline.surfaces.http.state import Served

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass
class Watched:
    app: ASGIApp
    served: Served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        request, served = Request(scope), self.served
        if served.doors.open_as is not None and request.url.hostname not in LOOPBACK:
            said = problem(
                403, "not this address", "without keys, only requests to this machine's own name are answered"
            )
            await said(scope, receive, send)
            return
        has_key = "authorization" in request.headers
        address = request.client.host if request.client else "?"
        if has_key and served.failures.is_shut(address):
            detail = "no key from this address is looked at for a minute"
            await problem(429, "too many wrong keys", detail, headers={"Retry-After": "60"})(scope, receive, send)
            return
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            with served.signals.running():
                await self.app(scope, receive, sending)
        finally:  # what raised before it answered is counted as the 500 that it becomes
            if status == 401 and has_key:
                served.failures.note(address)
            route: Any = scope.get("route")
            served.signals.note(request.method, getattr(route, "path", "other"), status, began)
