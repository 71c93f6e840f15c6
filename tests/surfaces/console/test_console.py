"""The console without a browser: forms from elsewhere, markup in names and values, pictures of odd rows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from loadline.app import App, init_project, open_app
from loadline.semantics.impact import ThingKind
from loadline.surfaces.console import charts, marking, session
from loadline.surfaces.http.server import make_api
from loadline.values.access import DoorRole
from loadline.values.request import Written

VENDOR = Path(charts.__file__).parent / "static" / "vendor"
EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    root = tmp_path_factory.mktemp("console") / "shop"
    init_project(root)
    with (root / "context" / "evil.yaml").open("w") as file:
        file.write(
            "metrics:\n  evil:\n    is: count(orders)\n"
            f'    description: "{EVIL}"\n    unit: "<img src=x onerror=alert(1)>"\n    status: draft\n'
        )
    with open_app(root) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser(app: App) -> Iterator[TestClient]:
    with TestClient(make_api(app), follow_redirects=False) as client:
        secret = app.create_key("local", role=DoorRole.ADMIN)[1]
        signed = client.post("/login", data={"key": secret}, headers={"Sec-Fetch-Site": "same-origin"})
        assert signed.status_code == 303
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
@pytest.mark.parametrize("path", ["/ask", "/verify", "/feedback", "/data"])
def test_a_form_of_another_page_changes_nothing(
    browser: TestClient, app: App, path: str, headers: dict[str, str]
) -> None:
    before = len(list(app._open_reader().read_entries()))
    reply = browser.post(
        path, data={"q": "orders", "text": "5", "receipt": "rcpt-1", "token": "0" * 64}, headers=headers
    )
    assert reply.status_code == 403
    assert len(list(app._open_reader().read_entries())) == before


def test_a_form_of_our_own_page_is_taken_by_its_token(browser: TestClient) -> None:
    page = browser.get("/ask").text
    found = re.search(r'name="token" value="([0-9a-f]{64})"', page)
    assert found is not None
    reply = browser.post("/ask", data={"q": "how many orders", "token": found[1]})
    assert reply.status_code == 200


def test_names_and_values_are_never_markup(browser: TestClient) -> None:
    ours = {"Sec-Fetch-Site": "same-origin"}
    pages = [
        browser.get("/catalog").text,
        browser.get("/catalog", params={"text": EVIL}).text,
        browser.get("/catalog/evil").text,
        browser.get(f"/ask?q={EVIL}").text,
        browser.post("/ask", data={"q": EVIL}, headers=ours).text,
        browser.post("/verify", data={"text": f"{EVIL} 5 million"}, headers=ours).text,
        browser.get(f"/receipts/{EVIL}").text,
        browser.get("/ledger").text,
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;" in pages[0]


def test_no_page_is_kept_by_anybody_on_the_way(browser: TestClient) -> None:
    reply = browser.get("/")
    assert reply.headers["cache-control"] == "no-store"
    assert "unsafe" not in reply.headers["content-security-policy"]
    assert re.search(r"<script(?![^>]*\bsrc=)", reply.text) is None
    assert re.search(r"\bstyle=|\bon[a-z]+=", reply.text) is None


def test_a_revoked_key_ends_its_session_at_once(app: App) -> None:
    with TestClient(make_api(app), follow_redirects=False) as client:
        key, secret = app.create_key("local", role=DoorRole.VIEWER)
        client.post("/login", data={"key": secret}, headers={"Sec-Fetch-Site": "same-origin"})
        assert client.get("/ledger").status_code == 200
        app.revoke_key(key.id)
        assert client.get("/ledger").status_code == 303


def test_what_others_wrote_is_as_it_was_published() -> None:
    listed = dict(line.split()[::-1] for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    there = {path.name: path for path in VENDOR.iterdir() if path.suffix == ".js"}
    assert set(listed) == set(there)
    for name, path in there.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name]
        assert (VENDOR / f"{name.partition('-')[0]}-LICENSE.txt").exists()


def column(kind: str, type_: str) -> dict[str, Any]:
    return {"name": f"a_{kind}", "kind": kind, "type": type_, "unit": None}


cells = st.one_of(st.none(), st.text(max_size=40), st.integers().map(str), st.floats().map(str), st.booleans())


@given(rows=st.lists(st.tuples(cells, cells), max_size=40), kind=st.sampled_from(["date", "string", "integer"]))
def test_no_rows_break_a_picture(rows: list[tuple[Any, Any]], kind: str) -> None:
    drawn = charts.chart([column("dimension", kind), column("metric", "number")], rows)
    if drawn is not None:
        assert drawn.startswith("<svg")
        assert "nan" not in re.sub(r"<title>.*?</title>|>[^<]*<|aria-label=\"[^\"]*\"", "", drawn, flags=re.DOTALL)
        assert "<script" not in drawn


lines = st.text(alphabet="ab1 |-:<&\\n", max_size=80)


@given(
    text=st.one_of(st.text(max_size=80), lines),
    spans=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=6),
)
def test_a_marked_text_is_the_text_but_for_what_draws_its_tables(text: str, spans: list[tuple[int, int]]) -> None:
    claims = [
        {"start": start, "end": end, "verdict": "unverified", "because": "x"}
        for start, end in spans
        if start < end <= len(text)
    ]
    drawn = marking.marked(text, claims)
    bare = unescape(re.sub(r'<span class="verdict">.*?</span>|<[^>]+>', "", drawn, flags=re.DOTALL))
    if "<table>" in drawn:
        bare, text = (re.sub(r"[\s|:-]", "", one) for one in (bare, text))
    assert bare == text


def test_a_markdown_table_is_drawn_as_one_with_its_marks_and_no_markup_of_the_text() -> None:
    text = "Below:\n| Region | EUR |\n|---|---:|\n| <b>North</b> | 12 |\n| South \\| x | |\nafter | all\n"
    claim = {"start": text.index("12"), "end": text.index("12") + 2, "verdict": "unverified", "because": "x"}
    drawn = str(marking.marked(text, [claim]))
    assert '<th scope="col">Region</th><th scope="col">EUR</th>' in drawn
    assert '<td>&lt;b&gt;North&lt;/b&gt;</td><td><mark class="v-unverified" title="unverified: x">12<' in drawn
    assert "<td>South \\| x</td>" in drawn
    assert drawn.startswith("Below:\n<table>")


def test_names_in_backticks_are_code_and_nothing_in_a_text_is_markup() -> None:
    assert charts.coded("`<b>` is <i>") == "<code>&lt;b&gt;</code> is &lt;i&gt;"


def test_what_is_not_there_is_a_page_for_a_browser_and_a_problem_for_a_program(browser: TestClient) -> None:
    page = {"Accept": "text/html,*/*"}
    for path in ("/nowhere", "/catalog/nothing", "/receipts/rcpt-nothing", "/v1/nowhere"):
        reply = browser.get(path, headers=page)
        assert reply.status_code == 404, path
        assert reply.headers["content-type"].startswith("application/problem" if "v1" in path else "text/html")
    assert browser.get("/nowhere").headers["content-type"] == "application/problem+json"
    unread = browser.get("/ledger?before=x", headers=page)
    assert (unread.status_code, "before" in unread.text) == (422, True)


def test_pages_are_counted_as_calls_are(app: App) -> None:
    with TestClient(make_api(app, calls_per_minute=2), follow_redirects=False) as client:
        secret = app.create_key("local", role=DoorRole.VIEWER)[1]
        client.post("/login", data={"key": secret}, headers={"Sec-Fetch-Site": "same-origin"})
        replies = [client.get("/ledger") for _ in range(3)]
        assert [one.status_code for one in replies] == [200, 200, 429]
        assert int(replies[-1].headers["retry-after"]) > 0
        assert client.get("/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 429


def test_a_full_room_of_sessions_lets_the_oldest_go_and_no_other(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "MOST", 2)
    ours = {"Sec-Fetch-Site": "same-origin"}
    secret = app.create_key("local", role=DoorRole.VIEWER)[1]
    api = make_api(app)
    with ExitStack() as stack:
        clients = [stack.enter_context(TestClient(api, follow_redirects=False)) for _ in range(3)]
        for client in clients:
            client.post("/login", data={"key": secret}, headers=ours)
        assert [client.get("/ledger").status_code for client in clients] == [303, 200, 200]


def test_neither_lineage_nor_a_refusal_tells_of_what_its_reader_may_not_ask_for(tmp_path: Path) -> None:
    init_project(tmp_path / "company", is_demo=True)
    with open_app(tmp_path / "company") as company:
        ana, nora = company.principal("ana"), company.principal("nora")
        assert "freight_margin" not in {card.name for card in company.search_metrics("", principal=nora)}
        named = {one.name: company.impact("metric:booked_revenue", principal=one).impact for one in (ana, nora)}
        assert "freight_margin" in named["ana"].names(ThingKind.METRIC)
        assert "freight_margin" not in named["nora"].names(ThingKind.METRIC)
        refused = company.ask_written(Written(metrics=("freight_margin",)), principal=nora).receipt
        assert [(one.name, one.definition, one.description) for one in refused.metrics] == [("freight_margin", "", "")]
        told, all_of_it = (set(named[name].names(ThingKind.QUESTION)) for name in ("nora", "ana"))
        assert told
        assert told <= all_of_it
