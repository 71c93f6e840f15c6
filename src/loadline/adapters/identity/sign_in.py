"""A browser that wants to sign in, in; where it is sent, and who came back, out (OAuth 2.1 code flow with PKCE)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from loadline.adapters.identity.codes import CODES, NO_SECRET
from loadline.adapters.identity.issuer import Issuer
from loadline.adapters.identity.tokens import Tokens
from loadline.errors import OutsideError
from loadline.values.access import NotKnown, SignedIn, SignIn, TrustedIssuer
from loadline.values.diagnostic import Diagnostic

PROVED_WITHIN_SECONDS = 300.0


class SignIns:
    """`client` is the console's name at the issuer."""

    def __init__(self, trusted: TrustedIssuer, issuer: Issuer, tokens: Tokens, *, client: str) -> None:
        self._trusted = trusted
        self._issuer = issuer
        self._tokens = tokens
        self._client = client

    def begin(self, back: str, *, is_fresh: bool) -> SignIn:
        """A sign-in that ends at the address `back`; `is_fresh`: they prove once more who they are. Raises
        OutsideError where the issuer cannot be asked."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": back,
            "scope": self._scope(),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"prompt": "login", "max_age": "0"} if is_fresh else {}),
        }
        door = self._issuer.door("authorization_endpoint")
        address = f"{door}{'&' if '?' in door else '?'}{urlencode(asked)}"
        return SignIn(address=address, state=state, nonce=nonce, verifier=verifier, back=back, is_fresh=is_fresh)

    def end(self, begun: SignIn, said: Mapping[str, str], *, now: datetime) -> SignedIn | NotKnown:
        """Who came back with what the issuer said in the address. Raises OutsideError where it cannot be asked."""
        if not hmac.compare_digest(said.get("state", "").encode(), begun.state.encode()):
            return NotKnown(why="it is not the sign-in that this browser began")
        if said.get("iss", self._trusted.issuer) != self._trusted.issuer:  # RFC 9207
            return NotKnown(why="it comes from another issuer")
        if "error" in said or not said.get("code"):
            return NotKnown(why="the issuer did not sign anybody in")
        form = {
            "grant_type": "authorization_code",
            "code": said["code"],
            "redirect_uri": begun.back,
            "code_verifier": begun.verifier,
        }
        reply = self._issuer.exchange(form, client=self._client, secret=self._secret())
        claims = self._tokens.claims(str(reply.get("id_token", "")), audience=(self._client,), now=now)
        if isinstance(claims, NotKnown):
            return claims
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), begun.nonce.encode()):
            return NotKnown(why="its token belongs to another sign-in")
        if claims.get("azp", self._client) != self._client:
            return NotKnown(why="its token was issued to another program")
        proved = claims.get("auth_time")
        proved_at = (
            datetime.fromtimestamp(proved, UTC) if isinstance(proved, int) and 0 <= proved < 253_402_300_800 else None
        )
        if begun.is_fresh and (
            proved_at is None
            or (now - proved_at).total_seconds() > PROVED_WITHIN_SECONDS + self._trusted.leeway_seconds
        ):
            return NotKnown(why="the issuer did not ask them again who they are")
        if self._trusted.roles_in == "scope":  # scopes are told beside the token; what is not told is not granted
            claims = {**claims, "scope": reply.get("scope", "")}
        bearer = self._tokens.bearer(claims, agent=None)
        return bearer if isinstance(bearer, NotKnown) else SignedIn(bearer=bearer, proved_at=proved_at)

    def _scope(self) -> str:
        own = [value for value, _ in self._trusted.roles] if self._trusted.roles_in == "scope" else []
        wanted = ["openid", *(["email"] if self._trusted.person == "email" else ["profile"]), *own]
        return " ".join(dict.fromkeys(wanted))

    def _secret(self) -> str | None:
        written = self._trusted.client_secret
        if written is None:
            return None
        name = written.removeprefix("env:")
        secret = os.environ.get(name)
        if not secret:
            raise OutsideError(
                Diagnostic(
                    code=NO_SECRET,
                    what=f"the variable `{name}` is not set",
                    why=CODES[NO_SECRET].why,
                    mend=f"set {name} where `loadline serve` runs",
                )
            )
        return secret
