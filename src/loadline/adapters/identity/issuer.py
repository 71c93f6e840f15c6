"""An issuer's address in; its keys and its doors out, asked for once and kept for a while (OIDC Discovery, RFC 7517).

Only https is asked, or http on this machine itself; no redirect is followed, and no answer is longer than it may be.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from loadline.adapters.identity.codes import cannot_ask
from loadline.errors import OutsideError

FRESH_SECONDS = 600.0
STALE_SECONDS = 3_600.0
PAUSE_SECONDS = 10.0
TIMEOUT_SECONDS = 5.0
MOST_BYTES = 500_000
_ASKED = re.compile(r"https://[^\s@]+|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?(?:/[^\s@]*)?")


class Issuer:
    """`now` counts seconds. Keys are asked for anew after ten minutes, or when a token names one that is not known,
    and then at most every ten seconds: nobody makes us ask as often as they like."""

    def __init__(self, address: str, *, now: Callable[[], float] = time.monotonic) -> None:
        self.address = address
        self._now = now
        self._lock = threading.Lock()
        self._document: Mapping[str, Any] | None = None
        self._keys: tuple[Mapping[str, Any], ...] = ()
        self._read_at: float | None = None
        self._tried_at: float | None = None

    def keys(self, name: str | None) -> tuple[Mapping[str, Any], ...]:
        """Its keys of this name (all, where a token names none). Raises OutsideError where they cannot be read."""
        with self._lock:
            age = None if self._read_at is None else self._now() - self._read_at
            found = _named(self._keys, name)
            if age is None or age > FRESH_SECONDS or not found:
                self._refresh(age)
                found = _named(self._keys, name)
            return found

    def _refresh(self, age: float | None) -> None:
        if self._tried_at is not None and self._now() - self._tried_at < PAUSE_SECONDS:
            if age is None or age > STALE_SECONDS:
                raise cannot_ask(f"`{self.address}` could not be asked for its keys a moment ago")
            return
        self._tried_at = self._now()
        try:
            # Its own description is read again, too: keys may have moved.
            self._document = self._described()
            keys = _read(self._where("jwks_uri")).get("keys")
            if not isinstance(keys, list):
                raise cannot_ask(f"`{self.address}` has no list of keys")
        except OutsideError:
            if age is None or age > STALE_SECONDS:
                raise
            return  # those of a moment ago are still good
        self._keys = tuple(key for key in keys if isinstance(key, dict))
        self._read_at = self._now()

    def door(self, name: str) -> str:
        """The address of one of its endpoints. Raises OutsideError."""
        with self._lock:
            if self._document is None:
                self._document = self._described()
            return self._where(name)

    def exchange(self, form: Mapping[str, str], *, client: str, secret: str | None) -> Mapping[str, Any]:
        """What its token endpoint gives for a form (RFC 6749 section 4.1.3). Raises OutsideError."""
        headers = {}
        if secret is None:
            form = {**form, "client_id": client}
        else:
            # RFC 6749 section 2.3.1: both parts are form-encoded first
            pair = f"{urllib.parse.quote_plus(client)}:{urllib.parse.quote_plus(secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return _read(self.door("token_endpoint"), data=urllib.parse.urlencode(form).encode(), headers=headers)

    def _described(self) -> Mapping[str, Any]:
        found = _read(f"{self.address.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.address:
            raise cannot_ask(f"`{self.address}` says that it is another issuer, `{found.get('issuer')}`")
        return found

    def _where(self, name: str) -> str:
        address = (self._document or {}).get(name)
        if not isinstance(address, str) or not _ASKED.fullmatch(address):
            raise cannot_ask(f"`{self.address}` gives no address over https for `{name}`")
        return address


def _named(keys: tuple[Mapping[str, Any], ...], name: str | None) -> tuple[Mapping[str, Any], ...]:
    return keys if name is None else tuple(key for key in keys if key.get("kid") == name)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> NoReturn:  # noqa: ARG002 - as the library calls it
        raise cannot_ask(f"`{req.full_url}` sends elsewhere, which is not followed")


def _read(address: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """A JSON object. Raises OutsideError."""
    if not _ASKED.fullmatch(address):
        raise cannot_ask(f"`{address}` is neither https nor on this machine")
    direct = [urllib.request.ProxyHandler({})] if address.startswith("http://") else []
    opener = urllib.request.build_opener(_NoRedirect, *direct)
    request = urllib.request.Request(address, data=data, headers={"Accept": "application/json", **(headers or {})})  # noqa: S310 - as above
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as reply:
            body = reply.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise cannot_ask(f"`{address}` answered {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise cannot_ask(f"`{address}` could not be reached: {getattr(error, 'reason', None) or error}") from error
    if len(body) > MOST_BYTES:
        raise cannot_ask(f"`{address}` answered with more than {MOST_BYTES:,} bytes")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise cannot_ask(f"`{address}` did not answer with JSON") from error
    if not isinstance(found, dict):
        raise cannot_ask(f"`{address}` did not answer with a JSON object")
    return found
