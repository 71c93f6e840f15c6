"""A token in; who sent it out, or why it opens nothing.

A token is good when a key pair of the issuer signed it, by an algorithm the project names, and issuer, audience, expiry
and not-before are right (RFC 7519, RFC 8725, RFC 9068). Who may sign is said by the project and the issuer's own list
of keys, never by the token: what its header says of keys (`jwk`, `jku`, `x5u`, `x5c`) is not looked at.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from loadline.adapters.identity.codes import CODES, NO_READER
from loadline.errors import OutsideError
from loadline.values.access import Bearer, DoorRole, NotKnown, TrustedIssuer
from loadline.values.diagnostic import Diagnostic

if TYPE_CHECKING:
    from types import ModuleType

    from loadline.adapters.identity.issuer import Issuer

MOST_LETTERS = 16_384
Claims = Mapping[str, Any]
_KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}
_CLIENTS = ("client_id", "azp", "appid", "cid")  # RFC 9068; OpenID Connect; two providers' own
_OF_SIGN_INS = ("nonce", "at_hash", "c_hash")
_ACCESS = frozenset({"at+jwt", "application/at+jwt", "jwt", ""})


class Tokens:
    """`people` are the project's. Raises OutsideError where PyJWT is not installed."""

    def __init__(self, trusted: TrustedIssuer, issuer: Issuer, *, people: frozenset[str]) -> None:
        self._trusted = trusted
        self._issuer = issuer
        self._people = people
        self._jwt = _library()

    def access(self, token: str, *, now: datetime) -> Bearer | NotKnown:
        """Who sent this access token. Raises OutsideError where the issuer's keys cannot be read."""
        claims = self.claims(token, audience=self._trusted.audience, now=now)
        if isinstance(claims, NotKnown):
            return claims
        if any(name in claims for name in _OF_SIGN_INS):
            return NotKnown(why="it is the token of a sign-in, not one for a program to send")
        agent = next((str(claims[name]) for name in _CLIENTS if claims.get(name)), None)
        if agent is None:
            return NotKnown(why="it does not say which program it was issued to (`client_id` or `azp`)")
        return self.bearer(claims, agent=agent)

    def claims(self, token: str, *, audience: tuple[str, ...], now: datetime) -> Claims | NotKnown:
        """What a token says, once it is proven that the issuer says it, for this audience, now."""
        jwt = self._jwt
        if len(token) > MOST_LETTERS:
            return NotKnown(why="it is too long")
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            return NotKnown(why="it is neither a key nor a token")
        algorithm = header.get("alg")
        if algorithm not in self._trusted.algorithms:
            return NotKnown(why=f"it is signed by none of {', '.join(self._trusted.algorithms)}")
        if "crit" in header:
            return NotKnown(why="it asks for what is not understood here (`crit`)")
        if str(header.get("typ") or "").lower() not in _ACCESS:
            return NotKnown(why="it is a token of another kind (`typ`)")
        claims = self._signed(token, algorithm, header.get("kid"))
        if claims is None:
            return NotKnown(why="no key of its issuer signed it")
        wrong = _wrong(claims, self._trusted, audience, now)
        return claims if wrong is None else NotKnown(why=wrong)

    def _signed(self, token: str, algorithm: str, name: object) -> Claims | None:
        jwt = self._jwt
        for key in self._issuer.keys(name if isinstance(name, str) else None):
            if not _fits(key, algorithm):
                continue
            try:
                found: Claims = jwt.decode(
                    token,
                    jwt.PyJWK.from_dict(dict(key), algorithm=algorithm),
                    algorithms=[algorithm],
                    # claims are looked at by our own clock, below
                    options={"verify_signature": True, **{f"verify_{name}": False for name in _LEFT_TO_US}},
                )
            except jwt.PyJWTError:
                continue
            return found
        return None

    def bearer(self, claims: Claims, *, agent: str | None) -> Bearer | NotKnown:
        """Who the claims are about, as the project knows them."""
        trusted = self._trusted
        said = claims.get(trusted.person)
        if not isinstance(said, str) or not said:
            return NotKnown(why=f"it does not say who it is (`{trusted.person}`)")
        if trusted.person == "email" and claims.get("email_verified") is not True:
            return NotKnown(why="its address of e-mail is not verified by the issuer")
        person = trusted.people.get(said, said)
        if person not in self._people:
            return NotKnown(why="its person is none of the project's `people`")
        role = _role(trusted, claims)
        if role is None:
            return NotKnown(why=f"its `{trusted.roles_in}` gives no role at these doors")
        subject = f"{trusted.issuer} {claims.get('sub', said)} {agent or ''}"
        return Bearer(
            id=f"oidc:{hashlib.sha256(subject.encode()).hexdigest()[:24]}",
            person=person,
            agent=agent,
            role=role,
            expires_at=datetime.fromtimestamp(_instant(claims, "exp") or 0, UTC),
        )


_LEFT_TO_US = ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")


def _wrong(claims: Claims, trusted: TrustedIssuer, audience: tuple[str, ...], now: datetime) -> str | None:
    """Why claims that are signed do not hold here and now; None where they do."""
    at, leeway = now.timestamp(), trusted.leeway_seconds
    if claims.get("iss") != trusted.issuer:
        return "it is from another issuer"
    said = claims.get("aud")
    meant = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    if not any(isinstance(one, str) and one in audience for one in meant):
        return "it is made out for another audience"
    expires, begins, issued = (_instant(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is None:
        return "it never expires, or says so in no number"
    if at >= expires + leeway:
        return "it is expired"
    if ("nbf" in claims and begins is None) or ("iat" in claims and issued is None):
        return "its times are no numbers"
    if begins is not None and at < begins - leeway:
        return "it does not hold yet"
    if issued is not None and at < issued - leeway:
        return "it was issued in the future"
    return None


def _instant(claims: Claims, name: str) -> float | None:
    """Seconds since 1970, where the claim is such a number and one that a calendar has."""
    said = claims.get(name)
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        return None
    return float(said) if 0 <= said < 253_402_300_800 else None


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    """Whether a key is one for checking this kind of signature. A public key is never taken for a shared secret."""
    return (
        key.get("kty") == _KINDS[algorithm[:2]]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    )


def _role(trusted: TrustedIssuer, claims: Claims) -> DoorRole | None:
    said: Any = claims.get(trusted.roles_in)
    if said is None:
        said = claims
        for part in trusted.roles_in.split("."):
            said = said.get(part) if isinstance(said, Mapping) else None
    parts: list[Any] = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
    has = {one for one in parts if isinstance(one, str)}
    return next((role for value, role in trusted.roles if value in has), None)


def _library() -> ModuleType:
    try:
        import jwt  # noqa: PLC0415 - an extra, and only of those who trust an issuer
    except ImportError:
        raise OutsideError(
            Diagnostic(
                code=NO_READER,
                what="`doors.oidc` is written, and PyJWT is not installed",
                why=CODES[NO_READER].why,
                mend="install it: `pip install 'loadline-ai[oidc]'`",
            )
        ) from None
    return jwt
