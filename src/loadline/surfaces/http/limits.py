"""A request in, the same request out if it is small and quick enough; headers that keep a browser safe on the way back.

Pure ASGI: a body is counted as it comes, so that nobody's memory is filled before the limit is seen.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 1_000_000
BODY_SECONDS = 10.0

SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            b"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
    ),
)


@dataclass
class Limits:
    """`most_bytes` of body within `body_seconds`."""

    app: ASGIApp
    most_bytes: int = MOST_BYTES
    body_seconds: float = BODY_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fault: list[tuple[int, str, str]] = []
        has_begun = False

        async def sending(message: Message) -> None:
            """What the request deserved instead goes out first, whatever was made of the broken-off body."""
            nonlocal has_begun
            if message["type"] == "http.response.start" and not has_begun:
                has_begun = True
                if fault:
                    await _say(send, *fault[0])
                    return
                there = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in SAFE_HEADERS if one[0] not in there)]
            if not fault:
                await send(message)

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.most_bytes:
            await _say(send, 413, "too large", f"a request has at most {self.most_bytes:,} bytes")
            return
        await self.app(scope, self._counted(receive, fault), sending)

    def _counted(self, receive: Receive, fault: list[tuple[int, str, str]]) -> Receive:
        seen, is_whole = 0, False
        deadline = time.monotonic() + self.body_seconds

        async def counted() -> Message:
            nonlocal seen, is_whole
            if fault:
                return {"type": "http.disconnect"}
            if is_whole:  # only a disconnect can come now: it may take as long as the answer does
                return await receive()
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    message = await receive()
            except TimeoutError:
                fault.append((408, "too slow", f"a request is sent within {self.body_seconds:g} seconds"))
                raise BrokenOff from None
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                is_whole = not message.get("more_body", False)
                if seen > self.most_bytes:
                    fault.append((413, "too large", f"a request has at most {self.most_bytes:,} bytes"))
                    raise BrokenOff
            return message

        return counted


class BrokenOff(Exception):
    pass


async def _say(send: Send, status: int, title: str, detail: str) -> None:
    body = {"type": f"urn:loadline:{title.replace(' ', '-')}", "title": title, "status": status, "detail": detail}
    data = json.dumps({**body, "diagnostics": [], "options": []}).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(data)).encode()),
        (b"connection", b"close"),
        *SAFE_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
