"""An issuer of tokens on loopback: its description, its keys, a sign-in page that says yes, and whatever goes wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

AUDIENCE = "https://loadline.example.com"
CLIENT = "the-console"


@dataclass
class SigningKey:
    name: str
    algorithm: str = "RS256"
    private: Any = None

    def __post_init__(self) -> None:
        if self.private is None:
            self.private = (
                rsa.generate_private_key(public_exponent=65537, key_size=2048)
                if self.algorithm[:2] in {"RS", "PS"}
                else ec.generate_private_key(ec.SECP256R1())
            )

    def public(self, **more: Any) -> dict[str, Any]:
        kind = jwt.get_algorithm_by_name(self.algorithm)
        found: dict[str, Any] = kind.to_jwk(self.private.public_key(), as_dict=True)
        return {**found, "kid": self.name, "use": "sig", "alg": self.algorithm, **more}


@dataclass
class FakeIssuer:
    """`claims` go into every token of a sign-in; `keys` is what it tells of its keys."""

    address: str
    key: SigningKey = field(default_factory=lambda: SigningKey("one"))
    keys: list[dict[str, Any]] = field(default_factory=list)
    claims: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    scope: str | None = "openid ask"
    asked: list[str] = field(default_factory=list)
    is_down: bool = False
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def token(self, key: SigningKey | None = None, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """An access token that is good, but for what is given here; a claim of None is left out."""
        now = int(time.time())
        said = {
            "iss": self.address,
            "aud": AUDIENCE,
            "sub": "u-17",
            "client_id": "the-assistant",
            "scope": "ask",
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        key = key or self.key
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(
            said, key.private, algorithm=key.algorithm, headers={"kid": key.name, "typ": "at+jwt", **(headers or {})}
        )

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes after a yes."""
        code = base64.urlsafe_b64encode(str(len(self._codes)).encode()).decode()
        self._codes[code] = query
        said = {"code": code, "state": query["state"], "iss": self.address}
        return f"{query['redirect_uri']}?{urlencode(said)}"

    def exchanged(self, form: dict[str, str]) -> dict[str, Any]:
        began = self._codes.pop(form["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        assert challenge.rstrip(b"=").decode() == began["code_challenge"]
        assert began["redirect_uri"] == form["redirect_uri"]
        claims: dict[str, Any] = {
            "aud": CLIENT,
            "client_id": None,
            "scope": None,
            "nonce": began["nonce"],
            "azp": CLIENT,
        }
        if "max_age" in began:
            claims["auth_time"] = int(time.time())
        token = self.token(headers={"typ": "JWT"}, **{**claims, **self.claims})
        return {"id_token": token, "token_type": "Bearer"} | ({"scope": self.scope} if self.scope else {})


@contextmanager
def issuing() -> Iterator[FakeIssuer]:
    issuer = FakeIssuer(address="")

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            issuer.asked.append(where.path)
            if issuer.is_down:
                self._say(503, {})
            elif where.path == "/.well-known/openid-configuration":
                self._say(200, {**_described(issuer.address), **issuer.described})
            elif where.path == "/keys":
                self._say(200, {"keys": issuer.keys})
            elif where.path == "/elsewhere":
                self._go(f"{issuer.address}/keys")
            elif where.path == "/authorize":
                self._go(issuer.authorize({name: values[0] for name, values in parse_qs(where.query).items()}))
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            issuer.asked.append(self.path)
            self._say(200, issuer.exchanged({name: values[0] for name, values in parse_qs(body).items()}))

        def _say(self, status: int, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _go(self, address: str) -> None:
            self.send_response(303)
            self.send_header("Location", address)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        server.daemon_threads = True
        issuer.address = f"http://127.0.0.1:{server.server_address[1]}"
        issuer.keys = [issuer.key.public()]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


def _described(address: str) -> dict[str, str]:
    return {
        "issuer": address,
        "jwks_uri": f"{address}/keys",
        "authorization_endpoint": f"{address}/authorize",
        "token_endpoint": f"{address}/token",
    }
