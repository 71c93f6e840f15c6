"""The routes under /v1, as a program that holds a key meets them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from loadline.app import App
from loadline.values.access import OPENS, DoorRole, May

Keys = dict[DoorRole, dict[str, str]]
OPENAPI = Path(__file__).parents[3] / "docs" / "reference" / "openapi.json"
ASKED = {"metrics": ["booked_revenue"], "by": ["customers.region"], "during": "2025-Q3"}
ROUTES: list[tuple[str, str, May, dict[str, Any] | None]] = [
    ("POST", "/v1/ask", May.ASK, ASKED),
    ("POST", "/v1/verify", May.ASK, {"text": "Booked revenue was 5 EUR in 2025-Q3."}),
    ("POST", "/v1/feedback", May.ASK, {"receipt": "rcpt-000000", "opinion": "helpful"}),
    ("GET", "/v1/me", May.READ, None),
    ("GET", "/v1/metrics", May.READ, None),
    ("GET", "/v1/metrics/booked_revenue", May.READ, None),
    ("GET", "/v1/receipts/rcpt-000000", May.READ, None),
    ("GET", "/v1/data", May.READ, None),
    ("GET", "/v1/ledger/checkpoint", May.READ, None),
    ("GET", "/v1/ledger/proofs/0", May.READ, None),
]


def test_an_answer_has_its_numbers_its_meaning_and_a_receipt(api: TestClient, keys: Keys) -> None:
    mine = keys[DoorRole.ANALYST]
    found = api.post("/v1/ask", json=ASKED, headers=mine).json()
    assert (found["status"], found["row_count"], found["truncated"]) == ("verified", len(found["rows"]), False)
    assert found["dates"]["first"] == "2025-07-01"
    assert found["dates"]["last"] == "2025-09-30"
    assert found["metrics"][0]["definition"].startswith("sum(orders.amount)")
    assert all(re.fullmatch(r"\d+\.\d\d", row[1]) for row in found["rows"])
    receipt = api.get(f"/v1/receipts/{found['receipt']}", headers=mine).json()
    assert receipt["id"] == found["receipt"]
    assert receipt["agent"] == "test-analyst"
    proof = api.get(f"/v1/ledger/proofs/{found['ledger_index']}", headers=mine).json()
    assert re.fullmatch(r"[0-9a-f]{64}", proof["leaf"])
    assert proof["checkpoint"].startswith("loadline/")
    said = api.post("/v1/feedback", json={"receipt": found["receipt"], "opinion": "helpful"}, headers=mine)
    assert said.status_code == 201


def test_a_no_is_an_answer_with_reasons(api: TestClient, keys: Keys) -> None:
    mine = keys[DoorRole.AGENT]
    unclear = api.post("/v1/ask", json={"question": "What was our revenue in 2025?"}, headers=mine)
    assert unclear.status_code == 200
    assert unclear.json()["status"] == "clarify"
    assert len(unclear.json()["options"]) == 2
    chosen = api.post("/v1/ask", json={"metrics": ["revenue"], "audience": "finance"}, headers=mine).json()
    assert chosen["metrics"][0]["name"] == "recognized_revenue"
    nothing = api.post("/v1/ask", json={"metrics": ["no_such"]}, headers=mine).json()
    assert nothing["status"] == "refused"
    assert nothing["reasons"][0]["mend"]


def test_pages_follow_each_other(api: TestClient, keys: Keys) -> None:
    mine = keys[DoorRole.VIEWER]
    names: list[str] = []
    start: int | None = 0
    while start is not None:
        page = api.get("/v1/metrics", params={"start": start, "limit": 7}, headers=mine).json()
        names += [one["name"] for one in page["metrics"]]
        start = page["next"]
    assert names == sorted(set(names))
    assert len(names) == page["total"]


@pytest.mark.parametrize(("method", "path", "wanted", "body"), ROUTES)
def test_a_key_opens_its_own_doors_and_no_others(
    api: TestClient, keys: Keys, method: str, path: str, wanted: May, body: dict[str, Any] | None
) -> None:
    nobody = api.request(method, path, json=body)
    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, 'Bearer realm="loadline"')
    for role, headers in keys.items():
        status = api.request(method, path, json=body, headers=headers).status_code
        assert (status == 403) == (wanted not in OPENS[role]), (role, status)
        assert status < 500


def test_a_problem_says_what_is_wrong_and_how_to_mend_it(api: TestClient, keys: Keys) -> None:
    mine = keys[DoorRole.ADMIN]
    for method, path, body, status in (
        ("GET", "/v1/metrics/revenu", None, 404),
        ("GET", "/v1/receipts/rcpt-000000", None, 404),
        ("POST", "/v1/ask", {"metrics": ["booked_revenue"], "colour": "red"}, 422),
        ("POST", "/v1/ask", {}, 422),
        ("POST", "/v1/ask", {"question": "How many?", "metrics": ["booked_revenue"]}, 422),
        ("POST", "/v1/ask", {"metrics": ["booked_revenue"], "audience": "nobody"}, 422),
        ("GET", "/v1/nowhere", None, 404),
        ("GET", "/v1/ledger/proofs/1000000", None, 404),
        ("GET", "/v1/metrics?limits=3", None, 422),
        ("POST", "/v1/ask?audience=finance", {"metrics": ["booked_revenue"]}, 422),
        ("DELETE", "/v1/ask", None, 405),
    ):
        reply = api.request(method, path, json=body, headers=mine)
        assert reply.status_code == status, (path, reply.text)
        assert reply.headers["content-type"] == "application/problem+json"
        problem = reply.json()
        assert problem["status"] == status
        assert problem["detail"]
    half = api.post("/v1/ask", content="{", headers=mine | {"Content-Type": "application/json"})
    assert (half.status_code, half.json()["detail"]) == (400, "the body is no JSON in UTF-8")


def test_the_same_request_with_the_same_key_is_done_once(api: TestClient, keys: Keys, app: App) -> None:
    mine = keys[DoorRole.ANALYST] | {"Idempotency-Key": "one"}
    first = api.post("/v1/ask", json=ASKED, headers=mine)
    size = len(list(app._open_reader().read_entries()))
    again = api.post("/v1/ask", json=ASKED, headers=mine)
    assert (again.json(), again.headers["idempotent-replayed"]) == (first.json(), "true")
    assert len(list(app._open_reader().read_entries())) == size
    other = api.post("/v1/ask", json=ASKED | {"limit": 1}, headers=mine)
    assert (other.status_code, other.json()["title"]) == (422, "key taken")
    theirs = api.post("/v1/ask", json=ASKED, headers=keys[DoorRole.AGENT] | {"Idempotency-Key": "one"})
    assert "idempotent-replayed" not in theirs.headers


def test_operators_see_whether_it_lives_and_what_it_does(api: TestClient) -> None:
    assert api.get("/healthz").text == "ok\n"
    assert api.get("/readyz").json() == {"ready": True}
    signals = api.get("/metrics").text
    assert re.search(r'loadline_requests_total\{method="GET",route="/healthz",status="200"\} \d+', signals)
    assert 'route="/v1/receipts/{receipt}"' in signals or "rcpt-" not in signals


def test_the_description_is_the_one_that_is_committed(api: TestClient) -> None:
    """`python tests/surfaces/http/test_api.py` writes it anew after a change that is meant."""
    assert api.get("/v1/openapi.json").json() == json.loads(OPENAPI.read_text())


if __name__ == "__main__":
    import tempfile

    from loadline.app import init_project, open_app
    from loadline.surfaces.http.server import make_api

    with tempfile.TemporaryDirectory() as folder:
        init_project(Path(folder) / "p")
        with open_app(Path(folder) / "p") as opened:
            OPENAPI.write_text(json.dumps(make_api(opened).openapi(), indent=1, sort_keys=True) + "\n")
