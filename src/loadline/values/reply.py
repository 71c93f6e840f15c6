"""What a server said to a request that may be sent again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Replied:
    """The very request was done before, and this was the reply."""

    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class InProgress:
    """It is being done just now, or its server died while doing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRequest:
    """The key was used for another request."""
