"""Each thing that can go wrong with an issuer, gone wrong."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from loadline.adapters.identity import Issuer, SignIns, Tokens
from loadline.adapters.identity.codes import CODES
from loadline.errors import OutsideError
from loadline.values.access import DoorRole, NotKnown, SignIn, TrustedIssuer

TRUSTED = TrustedIssuer(
    issuer="http://127.0.0.1:9",  # nobody listens there
    audience=("x",),
    roles=(("ask", DoorRole.AGENT),),
    client="c",
    client_secret="env:LOADLINE_TEST_OIDC_SECRET",  # noqa: S106 - a reference
)


def test_an_issuer_that_cannot_be_reached_is_oid001() -> None:
    with pytest.raises(OutsideError, match="OID001"):
        Issuer(TRUSTED.issuer).keys(None)


def test_what_reads_tokens_missing_is_oid002(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(OutsideError, match="OID002"):
        Tokens(TRUSTED, Issuer(TRUSTED.issuer), people=frozenset())


def test_a_secret_that_is_not_set_is_oid003(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOADLINE_TEST_OIDC_SECRET", raising=False)
    issuer = Issuer(TRUSTED.issuer)
    signs = SignIns(TRUSTED, issuer, Tokens(TRUSTED, issuer, people=frozenset()), client="c")
    begun = SignIn(address="", state="s", nonce="n", verifier="v", back="https://x/back", is_fresh=False)
    now = datetime.now(UTC)
    assert signs.end(begun, {"state": "t", "code": "c"}, now=now) == NotKnown(
        why="it is not the sign-in that this browser began"
    )
    with pytest.raises(OutsideError, match="OID003"):
        signs.end(begun, {"state": "s", "code": "c"}, now=now)
    assert set(CODES) == {"OID001", "OID002", "OID003"}
