"""What is usually tried with tokens, tried; and only the good ones open."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from loadline.adapters.identity import Issuer, Tokens
from loadline.adapters.identity.codes import UNREACHABLE
from loadline.errors import OutsideError
from loadline.values.access import Bearer, DoorRole, NotKnown, TrustedIssuer
from surfaces.issuer import AUDIENCE, CLIENT, FakeIssuer, SigningKey, issuing


@pytest.fixture(scope="module")
def running() -> Iterator[FakeIssuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(running: FakeIssuer) -> FakeIssuer:
    running.keys = [running.key.public()]
    running.described, running.is_down = {}, False
    running.asked.clear()
    return running


def trusting(issuer: FakeIssuer, **more: Any) -> TrustedIssuer:
    usual: dict[str, Any] = {
        "issuer": issuer.address,
        "audience": (AUDIENCE,),
        "people": {"u-17": "ana"},
        "roles": (("admin", DoorRole.ADMIN), ("ask", DoorRole.AGENT)),
    }
    return TrustedIssuer(**{**usual, **more})


def look(issuer: FakeIssuer, token: str, *, now: float | None = None, **more: Any) -> Bearer | NotKnown:
    asked = Issuer(issuer.address)
    tokens = Tokens(trusting(issuer, **more), asked, people=frozenset({"ana", "bo"}))
    return tokens.access(token, now=datetime.fromtimestamp(time.time() if now is None else now, UTC))


def why(found: Bearer | NotKnown) -> str:
    assert isinstance(found, NotKnown), found
    return found.why


def test_a_good_token_is_its_person_through_its_program_with_its_role(issuer: FakeIssuer) -> None:
    found = look(issuer, issuer.token())
    assert isinstance(found, Bearer)
    assert (found.person, found.agent, found.role) == ("ana", "the-assistant", DoorRole.AGENT)
    assert found.id == look(issuer, issuer.token(jti="another")).id  # type: ignore[union-attr]
    assert found.id != look(issuer, issuer.token(client_id="other")).id  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://evil.example.com"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "https://other.example.com"}, "another audience"),
        ({"aud": AUDIENCE + "/"}, "another audience"),
        ({"aud": [AUDIENCE.upper(), "x"]}, "another audience"),
        ({"aud": None}, "another audience"),
        ({"aud": {AUDIENCE: 1}}, "another audience"),
        ({"exp": None}, "never expires"),
        ({"exp": "9999999999"}, "never expires"),
        ({"exp": True}, "never expires"),
        ({"exp": 1e300}, "never expires"),
        ({"nbf": "soon"}, "no numbers"),
        ({"sub": None}, "who it is"),
        ({"sub": ["ana"]}, "who it is"),
        ({"sub": "mallory"}, "none of the project's"),
        ({"scope": "admins asking"}, "no role"),
        ({"scope": 7}, "no role"),
        ({"scope": None}, "no role"),
        ({"client_id": None}, "which program"),
        ({"nonce": "x"}, "token of a sign-in"),
        ({"at_hash": "x"}, "token of a sign-in"),
    ],
)
def test_claims_that_do_not_hold_open_nothing(issuer: FakeIssuer, claims: dict[str, Any], reason: str) -> None:
    assert reason in why(look(issuer, issuer.token(**claims)))


def test_a_token_holds_from_not_before_until_its_end_with_the_leeway_and_no_longer(issuer: FakeIssuer) -> None:
    at = 2_000_000_000
    token = issuer.token(iat=at, nbf=at, exp=at + 60)
    for now, holds in ((at - 31, False), (at - 29, True), (at + 89, True), (at + 90, False)):
        assert isinstance(look(issuer, token, now=now), Bearer) is holds, now
    assert not isinstance(look(issuer, token, now=at - 1, leeway_seconds=0.0), Bearer)
    future = issuer.token(iat=at + 100, exp=at + 160)
    assert "in the future" in why(look(issuer, future, now=at))


def test_a_token_that_nobody_signed_opens_nothing(issuer: FakeIssuer) -> None:
    head, body, _ = issuer.token().split(".")
    for algorithm in ("none", "None", "NONE", "nOnE", "", None, 7):
        forged = _part({"alg": algorithm, "typ": "at+jwt", "kid": issuer.key.name})
        for signature in ("", "AA"):
            assert isinstance(look(issuer, f"{forged}.{body}.{signature}"), NotKnown)
    assert "no key of its issuer" in why(look(issuer, f"{head}.{body}."))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_public_key_is_never_taken_for_a_shared_secret(issuer: FakeIssuer, algorithm: str) -> None:
    """The classic: signed with HMAC, the key being what everybody may read."""
    public = issuer.key.private.public_key()
    secrets = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(issuer.key.public()).encode(),
    ]
    _, body, _ = issuer.token().split(".")
    head = _part({"alg": algorithm, "typ": "at+jwt", "kid": issuer.key.name})
    for secret in secrets:
        mac = hmac.new(secret, f"{head}.{body}".encode(), getattr(hashlib, f"sha{algorithm[2:]}")).digest()
        forged = f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        assert "signed by none of" in why(look(issuer, forged))


def test_a_shared_secret_among_the_issuers_keys_signs_nothing(issuer: FakeIssuer) -> None:
    issuer.keys = [{"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "RS256"}]
    assert "no key of its issuer" in why(look(issuer, issuer.token()))


def test_an_algorithm_that_the_project_does_not_name_opens_nothing(issuer: FakeIssuer) -> None:
    curve = SigningKey("two", "ES256")
    issuer.keys.append(curve.public())
    assert isinstance(look(issuer, issuer.token(curve)), Bearer)
    assert "signed by none of RS256" in why(look(issuer, issuer.token(curve), algorithms=("RS256",)))


def test_a_key_for_another_algorithm_or_use_signs_nothing(issuer: FakeIssuer) -> None:
    for more in ({"alg": "RS512"}, {"use": "enc"}, {"kty": "EC"}):
        issuer.keys = [issuer.key.public(**more)]
        assert "no key of its issuer" in why(look(issuer, issuer.token()))


def test_a_key_that_a_token_brings_along_is_not_looked_at(issuer: FakeIssuer) -> None:
    theirs = SigningKey("one")
    for headers in (
        {"jwk": theirs.public()},
        {"jku": "http://127.0.0.1:9/keys"},
        {"x5u": "http://127.0.0.1:9/cert"},
        {"kid": "../../../dev/null"},
        {"kid": "one' OR '1'='1"},
    ):
        asked = len(issuer.asked)
        assert "no key of its issuer" in why(look(issuer, issuer.token(theirs, headers=headers)))
        assert all(path in {"/.well-known/openid-configuration", "/keys"} for path in issuer.asked[asked:])


def test_a_token_of_another_kind_or_with_demands_opens_nothing(issuer: FakeIssuer) -> None:
    assert "another kind" in why(look(issuer, issuer.token(headers={"typ": "logout+jwt"})))
    assert isinstance(look(issuer, issuer.token(headers={"crit": ["b64"], "b64": True})), NotKnown)
    assert "too long" in why(look(issuer, "a." * 10_000))


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 10_000), to=st.sampled_from("AZaz09-_.="))
def test_one_letter_changed_and_a_token_opens_nothing_more(
    running: FakeIssuer, at: int, to: str, request: pytest.FixtureRequest
) -> None:
    """Either it is refused, or the change was in bits that the encoding does not use and it says the same."""
    token = running.token(jti="x")
    at %= len(token)
    changed = token[:at] + to + token[at + 1 :]
    found, good = look(running, changed), look(running, token)
    assert isinstance(good, Bearer)
    assert isinstance(found, NotKnown) or found == good


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=60) | st.text(alphabet="ey.AB{}0", max_size=60))
def test_no_text_breaks_the_look_at_it(running: FakeIssuer, text: str) -> None:
    assert isinstance(look(running, text), NotKnown)


def test_an_address_of_mail_counts_only_where_the_issuer_verified_it(issuer: FakeIssuer) -> None:
    by_mail: dict[str, Any] = {"person": "email", "people": {"ana@example.com": "ana"}}
    mine: dict[str, Any] = {"email": "ana@example.com"}
    assert isinstance(look(issuer, issuer.token(**mine, email_verified=True), **by_mail), Bearer)
    for said in (None, False, "true", 1):
        assert "not verified" in why(look(issuer, issuer.token(**mine, email_verified=said), **by_mail))


def test_roles_are_read_where_the_project_says_and_the_first_written_counts(issuer: FakeIssuer) -> None:
    roles: dict[str, Any] = {"roles_in": "realm_access.roles"}
    both = issuer.token(realm_access={"roles": ["ask", "admin"]})
    found = look(issuer, both, **roles)
    assert isinstance(found, Bearer)
    assert found.role is DoorRole.ADMIN
    assert isinstance(look(issuer, issuer.token(realm_access=["admin"]), **roles), NotKnown)
    said: dict[str, Any] = {"https://example.com/roles": ["ask"]}
    dotted = issuer.token(**said)
    assert isinstance(look(issuer, dotted, roles_in="https://example.com/roles"), Bearer)


def test_a_new_key_is_asked_for_once_and_an_unknown_name_not_again_and_again(issuer: FakeIssuer) -> None:
    clock = [0.0]
    asked = Issuer(issuer.address, now=lambda: clock[0])
    tokens = Tokens(trusting(issuer), asked, people=frozenset({"ana"}))

    def opens(token: str) -> bool:
        return isinstance(tokens.access(token, now=datetime.now(UTC)), Bearer)

    assert opens(issuer.token())
    assert opens(issuer.token())
    assert issuer.asked.count("/keys") == 1
    fresh = SigningKey("fresh")
    issuer.keys = [fresh.public()]
    clock[0] = 11.0
    assert opens(issuer.token(fresh))  # its name is new: asked at once
    assert not opens(issuer.token())  # and what the issuer took back is gone
    for number in range(50):
        assert not opens(issuer.token(SigningKey("one", private=issuer.key.private), headers={"kid": f"x{number}"}))
    assert issuer.asked.count("/keys") == 2


def test_keys_outlive_a_short_silence_of_their_issuer_and_no_long_one(issuer: FakeIssuer) -> None:
    clock = [0.0]
    asked = Issuer(issuer.address, now=lambda: clock[0])
    assert asked.keys("one")
    issuer.is_down = True
    clock[0] = 1_000.0
    assert asked.keys("one")
    clock[0] = 3_700.0
    with pytest.raises(OutsideError) as stop:
        asked.keys("one")
    assert stop.value.diagnostics[0].code == UNREACHABLE
    assert stop.value.retryable
    with pytest.raises(OutsideError):  # and it is not asked again at once
        asked.keys("one")
    assert len(issuer.asked) == 4


@pytest.mark.parametrize(
    ("described", "said"),
    [
        ({"issuer": "https://evil.example.com"}, "another issuer"),
        ({"jwks_uri": "http://keys.example.com/keys"}, "over https"),
        ({"jwks_uri": "file:///etc/passwd"}, "over https"),
        ({"jwks_uri": "http://127.0.0.1:80@evil.example.com/"}, "over https"),
        ({"jwks_uri": 7}, "over https"),
    ],
)
def test_an_issuer_that_points_elsewhere_is_not_followed(
    issuer: FakeIssuer, described: dict[str, Any], said: str
) -> None:
    issuer.described = described
    with pytest.raises(OutsideError, match=said):
        Issuer(issuer.address).keys("one")


def test_a_redirect_is_not_followed(issuer: FakeIssuer) -> None:
    issuer.described = {"jwks_uri": f"{issuer.address}/elsewhere"}
    with pytest.raises(OutsideError, match="not followed"):
        Issuer(issuer.address).keys("one")


def test_a_token_of_the_consoles_sign_in_is_none_for_programs(issuer: FakeIssuer) -> None:
    token = issuer.token(aud=CLIENT, nonce="x", client_id=None, azp=CLIENT, headers={"typ": "JWT"})
    assert isinstance(look(issuer, token), NotKnown)
    assert isinstance(look(issuer, token, audience=(AUDIENCE, CLIENT)), NotKnown)


def _part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
