"""The doors with an issuer: programs come with its tokens, people sign in there, and what is forged opens nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from loadline.app import open_app
from loadline.surfaces.console.frame import local
from loadline.surfaces.http.server import make_api
from loadline.values.access import DoorRole
from surfaces.issuer import CLIENT, FakeIssuer, SigningKey, issuing
from surfaces.terminal import edit

OURS = "https://loadline.example.com"
DOORS = """doors:
  url: {ours}
  oidc:
    issuer: {issuer}
    audience: {ours}
    people: {{u-17: local}}
    roles: {{ask: agent, decide: approver, all: admin}}
    client: {client}
"""
Browser = tuple[TestClient, FakeIssuer]


@pytest.fixture(scope="module")
def running() -> Iterator[FakeIssuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def served(company: Path, running: FakeIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    root = tmp_path_factory.mktemp("oidc") / "company"
    shutil.copytree(company, root)
    manifest = root / "loadline.yaml"
    text = manifest.read_text("utf-8") + DOORS.format(ours=OURS, issuer=running.address, client=CLIENT)
    manifest.write_text(text, "utf-8")
    with open_app(root) as app:
        yield app


@pytest.fixture
def browser(served: Any, running: FakeIssuer) -> Iterator[Browser]:
    """A browser that keeps cookies and follows nothing by itself, at a server of its own."""
    running.claims, running.scope = {}, "openid ask"
    with TestClient(make_api(served), base_url=OURS, follow_redirects=False) as client:
        yield client, running


def away(client: TestClient, **query: str) -> dict[str, str]:
    """Begin a sign-in; what the issuer is asked."""
    reply = client.get("/login/oidc", params=query)
    assert reply.status_code == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}


def back(client: TestClient, issuer: FakeIssuer, asked: dict[str, str], **changed: str) -> Any:
    """Come back from the issuer, with parts of what it said changed."""
    where = urlsplit(issuer.authorize(asked))
    said = {name: values[0] for name, values in parse_qs(where.query).items()}
    return client.get(where.path, params={**said, **changed})


def test_a_program_comes_with_the_issuers_token(browser: Browser) -> None:
    client, issuer = browser
    said = client.get("/v1/me", headers={"Authorization": f"Bearer {issuer.token()}"})
    assert said.status_code == 200
    assert (said.json()["person"], said.json()["agent"], said.json()["door"]) == ("local", "the-assistant", "agent")
    answer = client.post(
        "/v1/ask", json={"metrics": ["booked_revenue"]}, headers={"Authorization": f"Bearer {issuer.token()}"}
    )
    assert answer.json()["status"] == "verified"
    held = client.get("/v1/approvals", headers={"Authorization": f"Bearer {issuer.token()}"})
    assert held.status_code == 403


def test_who_comes_without_a_good_token_learns_where_to_get_one(browser: Browser, served: Any) -> None:
    client, issuer = browser
    metadata = f'resource_metadata="{OURS}/.well-known/oauth-protected-resource"'
    nobody = client.get("/v1/me")
    assert nobody.status_code == 401
    assert nobody.headers["www-authenticate"] == f'Bearer realm="loadline", {metadata}'
    wrong = client.get("/v1/me", headers={"Authorization": f"Bearer {issuer.token(aud='https://other.example.com')}"})
    assert wrong.status_code == 401
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
    assert wrong.json()["detail"] == "it is made out for another audience"
    said = client.get("/.well-known/oauth-protected-resource").json()
    assert said == {
        "resource": OURS,
        "authorization_servers": [issuer.address],
        "bearer_methods_supported": ["header"],
        "resource_name": f"Loadline: {served.project.name}",
        "scopes_supported": ["ask", "decide", "all"],
    }


def test_without_an_issuer_there_is_no_metadata_and_tokens_open_nothing(api: TestClient, running: FakeIssuer) -> None:
    assert api.get("/.well-known/oauth-protected-resource").status_code == 404
    assert api.get("/v1/me", headers={"Authorization": f"Bearer {running.token()}"}).status_code == 401


def test_keys_still_open_beside_an_issuer(browser: Browser, served: Any) -> None:
    _, secret = served.create_key("local", role=DoorRole.ANALYST)
    assert browser[0].get("/v1/me", headers={"Authorization": f"Bearer {secret}"}).json()["door"] == "analyst"


def test_an_issuer_that_cannot_be_asked_is_a_problem_outside_and_no_yes(served: Any, running: FakeIssuer) -> None:
    served.__dict__.pop("_tokens", None)
    served.__dict__.pop("_issuer", None)
    running.is_down = True
    try:
        with TestClient(make_api(served), base_url=OURS) as client:
            reply = client.get("/v1/me", headers={"Authorization": f"Bearer {running.token()}"})
            assert (reply.status_code, reply.json()["diagnostics"][0]["code"]) == (503, "OID001")
            assert client.get("/healthz").status_code == 200
    finally:
        running.is_down = False
        for name in ("_tokens", "_issuer", "_sign_ins"):
            served.__dict__.pop(name, None)


def test_people_sign_in_at_the_issuer_by_code_and_pkce(browser: Browser) -> None:
    client, issuer = browser
    assert f"Sign in at {urlsplit(issuer.address).netloc}" in client.get("/login").text
    asked = away(client, to="/catalog")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{OURS}/login/oidc/back"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    done = back(client, issuer, asked)
    assert done.status_code == 200
    assert '<meta http-equiv="refresh" content="0;url=/catalog">' in done.text
    cookie = done.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=strict", "secure"))
    assert "local" in client.get("/catalog").text
    assert client.get("/approvals").status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "forged"},
        {"state": ""},
        {"iss": "https://evil.example.com"},
        {"error": "access_denied"},
        {"code": ""},
    ],
    ids=str,
)
def test_what_comes_back_changed_signs_nobody_in(browser: Browser, changed: dict[str, str]) -> None:
    client, issuer = browser
    done = back(client, issuer, away(client), **changed)
    assert done.status_code == 401
    assert "Nobody is signed in" in done.text
    assert client.get("/").headers["location"].startswith("/login")


def test_another_browsers_sign_in_is_not_taken(browser: Browser, served: Any) -> None:
    """They begin, and have somebody else come back: the account that is signed in would be theirs."""
    client, issuer = browser
    theirs = away(client)
    with TestClient(make_api(served), base_url=OURS, follow_redirects=False) as other:
        done = back(other, issuer, theirs)
        assert done.status_code == 401
        assert "not begun here" in done.text


def test_a_sign_in_is_good_once(browser: Browser) -> None:
    client, issuer = browser
    asked = away(client)
    assert back(client, issuer, asked).status_code == 200
    assert back(client, issuer, asked).status_code == 401


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"nonce": "another"}, "another sign-in"),
        ({"nonce": None}, "another sign-in"),
        ({"aud": "another-client"}, "another audience"),
        ({"azp": "another-client"}, "another program"),
        ({"sub": "mallory"}, "none of the project"),
        ({"exp": 1}, "expired"),
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_signs_nobody_in(
    browser: Browser, claims: dict[str, Any], said: str
) -> None:
    client, issuer = browser
    issuer.claims = claims
    done = back(client, issuer, away(client))
    assert done.status_code == 401
    assert said in done.text


def test_a_token_of_another_key_signs_nobody_in(browser: Browser) -> None:
    client, issuer = browser
    good = issuer.key
    asked = away(client)
    issuer.key = SigningKey("one")
    try:
        assert back(client, issuer, asked).status_code == 401
    finally:
        issuer.key = good


def test_scopes_that_are_not_told_are_not_granted(browser: Browser) -> None:
    client, issuer = browser
    issuer.scope = None
    issuer.claims = {"scope": "all"}
    done = back(client, issuer, away(client))
    assert done.status_code == 401
    assert "no role" in done.text


def test_nobody_is_sent_to_another_site_after_signing_in(browser: Browser) -> None:
    client, issuer = browser
    for to in ("//evil.example.com", "https://evil.example.com", "/\\evil.example.com", '/"><script>', "/a//b"):
        assert local(to) == "/"
        assert 'content="0;url=/"' in back(client, issuer, away(client, to=to)).text
    assert local("/receipts/rcpt-12") == "/receipts/rcpt-12"


def test_a_high_stake_takes_a_fresh_proof_at_the_issuer(browser: Browser) -> None:
    client, issuer = browser
    issuer.scope = "openid decide"
    assert "max_age" not in away(client)
    asked = away(client, again="1", to="/approvals")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    issuer.claims = {"auth_time": 1}  # they were let through without being asked
    assert "did not ask them again" in back(client, issuer, asked).text
    issuer.claims = {}
    assert back(client, issuer, away(client, again="1")).status_code == 200
    assert client.get("/approvals").status_code == 200


def test_wrong_sign_ins_shut_an_address_out(browser: Browser) -> None:
    client, _ = browser
    statuses = [client.get("/login/oidc/back", params={"state": "x", "code": "y"}).status_code for _ in range(25)]
    assert set(statuses) == {401, 429}


def test_no_token_or_secret_is_in_what_is_said_or_kept(browser: Browser, served: Any) -> None:
    client, issuer = browser
    token = issuer.token()
    said = client.get("/v1/me", headers={"Authorization": f"Bearer {token}x"}).text
    said += client.post(
        "/v1/ask", json={"metrics": ["booked_revenue"]}, headers={"Authorization": f"Bearer {token}"}
    ).text
    said += "".join(str(entry.payload) for entry in served._open_reader().read_entries())
    assert token.split(".")[1] not in said
    assert token.split(".")[2] not in said


def test_a_caller_who_calls_too_often_waits_and_others_do_not(app: Any) -> None:
    mine, theirs = ({"Authorization": f"Bearer {app.create_key('local', role=DoorRole.VIEWER)[1]}"} for _ in range(2))
    with TestClient(make_api(app, calls_per_minute=3)) as client:
        replies = [client.get("/v1/me", headers=mine) for _ in range(4)]
        assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
        assert replies[-1].headers["content-type"] == "application/problem+json"
        assert 1 <= int(replies[-1].headers["retry-after"]) <= 20
        assert client.get("/v1/me", headers=theirs).status_code == 200


def test_the_real_server_takes_an_issuer_instead_of_keys(
    company: Path, running: FakeIssuer, tmp_path: Path, serving: Any
) -> None:
    shutil.copytree(company, tmp_path / "company")
    (tmp_path / "company" / ".loadline" / "keys.json").unlink(missing_ok=True)
    manifest = tmp_path / "company" / "loadline.yaml"
    text = DOORS.format(ours=OURS, issuer=running.address, client=CLIENT)
    manifest.write_text(manifest.read_text("utf-8") + text, "utf-8")
    edit(manifest, f"  url: {OURS}\n", "  calls_per_minute: 2\n")
    with serving(tmp_path / "company") as address:
        mine = {"Authorization": f"Bearer {running.token()}"}
        again = {"Authorization": f"Bearer {running.token(jti='another')}"}
        assert [httpx2.get(f"{address}/v1/me", headers=one).status_code for one in (mine, again, mine)] == [
            200,
            200,
            429,
        ]
