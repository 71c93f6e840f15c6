"""A browser's request in, who sits before it out; and whether a form really comes from one of our pages.

A session is a random name in a cookie that no script can read; what it stands for is kept in this process. It begins
with an access key, or with a sign-in at the issuer that the project trusts. A change is
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
from datetime import UTC, datetime, timedelta
from typing import assert_never
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from loadline.errors import RequestError
from loadline.surfaces.http.doors import Caller, Doors
from loadline.values.access import Bearer, NotKnown, SignedIn, SignIn

COOKIE = "loadline"
COOKIE_AWAY = "loadline-away"
LASTS = 8 * 3600
LASTS_SIGNED_IN = 3600
SIGN_IN_LASTS = 600
PROVED_LASTS = timedelta(minutes=5)
MOST = 10_000


@dataclass(frozen=True, slots=True)
class ByKey:
    """Somebody signed in with their access key."""

    secret: str
    ends: float


@dataclass(frozen=True, slots=True)
class ByIssuer:
    """Somebody signed in at the issuer, and last proved there who they are at `proved_at`."""

    bearer: Bearer
    proved_at: datetime | None
    ends: float


Session = ByKey | ByIssuer


@dataclass(frozen=True, slots=True)
class Away:
    """A browser that is at the issuer, and the page it is to see when it comes back."""

    begun: SignIn
    to: str
    ends: float


@dataclass
class Sessions:
    """Sessions of one server process; a restart ends them all."""

    doors: Doors
    now: Callable[[], float] = time.monotonic
    _open: dict[str, Session] = field(default_factory=dict)
    _away: dict[str, Away] = field(default_factory=dict)
    _seal: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def begin(self, request: Request, response: Response, secret: str) -> bool:
        """Whether the secret opens; then the response carries the session's cookie."""
        if self.doors.app.key_of(secret) is None:
            return False
        self._keep(request, response, ByKey(secret, self.now() + LASTS), LASTS)
        return True

    def begin_signed_in(self, request: Request, response: Response, who: SignedIn) -> None:
        """The response carries the cookie of a session of who signed in at the issuer. It is over sooner than that of
        a key: what the issuer takes back is seen with the next sign-in."""
        self.end(request, response)
        self._keep(
            request, response, ByIssuer(who.bearer, who.proved_at, self.now() + LASTS_SIGNED_IN), LASTS_SIGNED_IN
        )

    def _keep(self, request: Request, response: Response, session: Session, lasts: int) -> None:
        if len(self._open) >= MOST:
            self._open = {one: kept for one, kept in self._open.items() if kept.ends >= self.now()}
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]
        name = secrets.token_urlsafe(32)
        self._open[_digest(name)] = session
        response.set_cookie(
            COOKIE, name, max_age=lasts, httponly=True, samesite="strict", secure=self._is_secure(request)
        )

    def _is_secure(self, request: Request) -> bool:
        return request.url.scheme == "https" or self.doors.address(request).startswith("https:")

    def send_away(self, request: Request, begun: SignIn, to: str) -> Response:
        """To the issuer. What came back is taken from this browser alone: a cookie of its own says which it is."""
        while len(self._away) >= MOST:
            del self._away[next(iter(self._away))]
        name = secrets.token_urlsafe(32)
        self._away[_digest(name)] = Away(begun, to, self.now() + SIGN_IN_LASTS)
        response = RedirectResponse(begun.address, status_code=303, headers={"Cache-Control": "no-store"})
        # Not strict: the browser comes back from another site.
        response.set_cookie(
            COOKIE_AWAY,
            name,
            max_age=SIGN_IN_LASTS,
            path="/login",
            httponly=True,
            samesite="lax",
            secure=self._is_secure(request),
        )
        return response

    def returned(self, request: Request) -> Away | None:
        """The sign-in this browser began, once; None where it began none, or long ago."""
        away = self._away.pop(_digest(request.cookies.get(COOKIE_AWAY, "")), None)
        return away if away is not None and self.now() <= away.ends else None

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
        match session:
            case ByKey(secret=secret):
                bearer = self.doors.app.bearer(secret)
            case ByIssuer(bearer=bearer):
                pass
            case unreachable:
                assert_never(unreachable)
        if isinstance(bearer, NotKnown):
            return None
        try:
            return Caller(principal=self.doors.app.holder(bearer), role=bearer.role, key=bearer.id)
        except RequestError:
            return None

    def is_by_issuer(self, request: Request) -> bool:
        return isinstance(self._open.get(_digest(request.cookies.get(COOKIE, ""))), ByIssuer)

    def is_same(self, request: Request, secret: str) -> bool:
        """Whether the secret is the one this session began with; or, of who signed in at the issuer, whether they
        proved there who they are just now."""
        match self._open.get(_digest(request.cookies.get(COOKIE, ""))):
            case ByKey(secret=own):
                return hmac.compare_digest(own.encode(), secret.encode())
            case ByIssuer(proved_at=proved_at):
                return proved_at is not None and datetime.now(UTC) - proved_at < PROVED_LASTS
            case None:
                return False

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
