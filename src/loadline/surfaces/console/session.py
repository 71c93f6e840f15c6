"""A browser's request in, who sits before it out; and whether a form really comes from one of our pages.

A session is a random name in a cookie that no script can read; what it stands for is kept in this process. A change is
taken only from our own origin: `Sec-Fetch-Site` says so, or `Origin` does, or, for browsers that send neither, the
form carries a token that only our page knows (https://owasp.org/www-community/attacks/csrf).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from loadline.errors import RequestError
from loadline.surfaces.http.doors import Caller, Doors

COOKIE = "loadline"
LASTS = 8 * 3600
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    secret: str
    ends: float


@dataclass
class Sessions:
    """Sessions of one server process; a restart ends them all."""

    doors: Doors
    now: Callable[[], float] = time.monotonic
    _open: dict[str, Session] = field(default_factory=dict)
    _seal: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def begin(self, request: Request, response: Response, secret: str) -> bool:
        """Whether the secret opens; then the response carries the session's cookie."""
        if self.doors.app.key_of(secret) is None:
            return False
        if len(self._open) >= MOST:
            self._open.clear()
        name = secrets.token_urlsafe(32)
        self._open[_digest(name)] = Session(secret, self.now() + LASTS)
        response.set_cookie(
            COOKIE,
            name,
            max_age=LASTS,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return True

    def end(self, request: Request, response: Response) -> None:
        self._open.pop(_digest(request.cookies.get(COOKIE, "")), None)
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")

    def caller(self, request: Request) -> Caller | None:
        """None where nobody is signed in. The key is looked at each time: revoked, it ends the session at once."""
        if self.doors.open_as is not None:
            return self.doors.of_open()
        session = self._open.get(_digest(request.cookies.get(COOKIE, "")))
        if session is None or session.ends < self.now():
            return None
        key = self.doors.app.key_of(session.secret)
        if key is None:
            return None
        try:
            return Caller(principal=self.doors.app.holder(key), role=key.role, key=key.id)
        except RequestError:
            return None

    def is_same(self, request: Request, secret: str) -> bool:
        """Whether the secret is the one this session began with."""
        session = self._open.get(_digest(request.cookies.get(COOKIE, "")))
        return session is not None and hmac.compare_digest(session.secret.encode(), secret.encode())

    def token(self, request: Request) -> str:
        """What a form of this browser's pages carries."""
        name = request.cookies.get(COOKIE, "")
        return hmac.new(self._seal, name.encode(), hashlib.sha256).hexdigest()

    def is_ours(self, request: Request, token: str) -> bool:
        """Whether a change comes from one of our own pages."""
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = request.headers.get("origin")
        if origin is not None:
            return urlsplit(origin).netloc == request.headers.get("host", "") != ""
        return hmac.compare_digest(token.encode(), self.token(request).encode())


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
