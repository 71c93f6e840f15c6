"""An ASGI application and an address in; it is served there over HTTP until the process is told to stop.

A body that comes slowly is `http.limits`' affair. Before it there is the head of a request, which no application sees
until it is whole: whoever opens a connection and says nothing, or a line of it now and then, is let go here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
KEPT_SECONDS = 15
END_SECONDS = 30
MOST_HEAD = 32_768


class Impatient(H11Protocol):
    """The head of a request has `HEAD_SECONDS` from the first moment of its connection, or from its own first byte on
    one that is kept; so has what is left of a request that was answered before it was read."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._wait_no_longer()
        elif self._patience is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_longer()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(HEAD_SECONDS, self._let_go)

    def _wait_no_longer(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _let_go(self) -> None:
        self._patience = None
        if not self.transport.is_closing():
            self.transport.close()


def listen(served: Callable[..., Any], *, host: str, port: int) -> None:
    """On SIGTERM and SIGINT, open requests have `END_SECONDS` to end."""
    uvicorn.run(
        served,
        host=host,
        port=port,
        http=Impatient,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=KEPT_SECONDS,
        timeout_graceful_shutdown=END_SECONDS,
        h11_max_incomplete_event_size=MOST_HEAD,
    )
