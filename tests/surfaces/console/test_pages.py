"""The console in a real browser: each page's main job, in both themes, with nothing amiss on the way."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from loadline.app import init_project, open_app
from loadline.values.access import DoorRole
from surfaces.clerks import count, make_clerks
from surfaces.http.conftest import (
    Serving,
    serving,  # noqa: F401 - a fixture
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; .ci/run installs Debian's")
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
PAGES = (
    "/",
    "/ask",
    "/verify",
    "/catalog",
    "/catalog/booked_revenue",
    "/catalog/booked_revenue/versions",
    "/data",
    "/data/orders",
    "/approvals",
    "/traffic",
    "/ledger",
    "/api",
)
LEADS_SEE = """  - {name: leads-see-orders, permit: ask, who: {roles: [lead]}, on: {columns: ["orders.*"]}}
"""
SLANDER = "Booked revenue in the third quarter of 2025 was 9.9 million EUR."


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("console") / "company"
    init_project(root, is_demo=True)
    return root


@pytest.fixture(scope="module")
def address(shop: Path, serving: Serving) -> Iterator[str]:  # noqa: F811
    with serving(shop, "--no-keys") as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        launched.close()


class Watched:
    """A page, and everything amiss that it did."""

    def __init__(self, browser: Browser, *, scheme: str = "light", has_scripts: bool = True) -> None:
        self._context = browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light", java_script_enabled=has_scripts
        )
        self._context.set_default_timeout(15_000)
        self.page: Page = self._context.new_page()
        self.amiss: list[str] = []
        self.page.on(
            "console", lambda said: self.amiss.append(said.text) if said.type in {"error", "warning"} else None
        )
        self.page.on("pageerror", lambda error: self.amiss.append(str(error)))
        self.page.on("request", lambda asked: self._note(asked.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.amiss.append(text)

    def _note(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:")):
            self.amiss.append(f"asked {url}")

    def close(self) -> None:
        self._context.close()
        assert self.amiss == []


@pytest.fixture(params=["light", "dark"])
def watched(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Watched]:
    found = Watched(browser, scheme=request.param)
    yield found
    found.close()


def test_every_page_is_accessible_and_asks_nobody_outside(watched: Watched, address: str) -> None:
    axe = Axe()
    for path in PAGES:
        watched.page.goto(address + path)
        assert watched.page.locator("h1").count() == 1
        found = axe.run(watched.page).response["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]
        assert serious == [], path


def test_a_question_gets_its_number_picture_meaning_and_receipt(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(f"{address}/ask")
    page.fill("#q", "booked revenue by month in 2025")
    page.click("main button:has-text('Ask')")
    answer = page.locator("#answer")
    assert answer.locator(".chip.verified").count() == 1
    assert answer.locator("svg.chart polyline.line").count() == 1
    assert answer.locator("tbody tr").count() == 12
    assert "sum(orders.amount)" in answer.inner_text()
    page.click("#answer dl a.mono")
    page.click("summary:has-text('How this was computed')")
    assert "SELECT" in page.locator("details pre").first.inner_text()
    page.click("button:has-text('It helped')")
    assert "helpful is in the ledger" in page.locator("[role=status]").inner_text()
    assert "local: helpful" in page.locator("main").inner_text()


def test_a_question_that_may_mean_two_things_is_asked_back(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(f"{address}/ask")
    page.fill("#q", "What was our revenue in 2025?")
    page.click("main button:has-text('Ask')")
    assert page.locator("#answer .chip.clarify").count() == 1
    page.click("#answer button:has-text('recognized_revenue')")
    assert "recognized_revenue" in page.locator("#answer dl").inner_text()


def test_a_wrong_number_is_marked_with_the_right_one(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(f"{address}/verify")
    page.fill("#text", SLANDER)
    page.click("main button:has-text('Verify')")
    mark = page.locator("mark.v-contradicted")
    assert "9.9 million EUR" in mark.inner_text()
    assert "2,772,811.80" in mark.inner_text()


def test_metrics_are_found_while_one_types(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(f"{address}/catalog")
    before = page.locator("#found tbody tr").count()
    with page.expect_response(lambda reply: "text=freight" in reply.url):
        page.locator("#text").press_sequentially("freight")
    page.wait_for_function(  # on a slow machine the first letters are looked for, too, and find other things
        "before => { const found = document.querySelectorAll('#found tbody tr');"
        " return found.length > 0 && found.length < before && found[0].innerText.includes('freight') }",
        arg=before,
    )
    assert "freight" in page.locator("#found").inner_text()


def test_data_and_ledger_say_how_it_stands(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(f"{address}/data")
    page.click("button:has-text('Look at all tables now')")
    assert page.locator("tbody .chip.red, tbody .chip.amber").count() >= 1
    page.click("tbody a:has-text('shipments')")
    assert "1,322 of 63,979 rows" in page.locator("main").inner_text()
    assert page.locator("section table").count() == 0  # rows of the data are in no ledger
    page.click("button:has-text('show failing rows')")
    assert "weight_kg" in page.locator("section table thead").inner_text()
    assert page.locator("section table tbody tr").count() >= 3
    page.goto(f"{address}/ledger")
    page.click("button:has-text('Prove the whole ledger now')")
    assert "is as signed" in page.locator("[role=status]").inner_text()
    page.goto(address)
    assert page.locator("main .chip.red, main .chip.amber").count() >= 1


def test_every_page_reads_without_scripts(browser: Browser, address: str) -> None:
    plain = Watched(browser, has_scripts=False)
    for path in PAGES:
        plain.page.goto(address + path)
        assert plain.page.locator("main").inner_text().strip()
    plain.page.goto(f"{address}/catalog")
    plain.page.fill("#text", "freight")
    plain.page.click("button:has-text('Search')")
    assert plain.page.locator("#found tbody tr").count() < 10
    plain.close()


def test_a_page_is_walked_with_the_keyboard(watched: Watched, address: str) -> None:
    page = watched.page
    page.goto(f"{address}/ask")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    seen = set()
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert {"q", "audience", "Ask", "Ledger"} <= seen


def test_nobody_enters_without_a_key_and_a_viewer_does_not_ask(
    browser: Browser,
    shop: Path,
    serving: Serving,  # noqa: F811
) -> None:
    with open_app(shop) as app:
        _, secret = app.create_key("local", role=DoorRole.VIEWER)
    watched = Watched(browser)
    page = watched.page
    with serving(shop) as address:
        page.goto(f"{address}/ledger")
        assert page.locator("h1").inner_text() == "Sign in"
        page.fill("#key", "ll_wrong")
        page.click("main button")
        assert "opens nothing" in page.locator("[role=alert]").inner_text()
        page.fill("#key", secret)
        page.click("main button")
        assert page.locator("h1").inner_text() == "Ledger"
        assert "Ask" not in page.locator("nav").inner_text().split("\n")
        (cookie,) = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        page.goto(f"{address}/ask")
        assert page.locator("h1").inner_text() == "Not your door"
        page.click("button:has-text('Sign out')")
        page.goto(f"{address}/ledger")
        assert page.locator("h1").inner_text() == "Sign in"
    watched.amiss = [one for one in watched.amiss if "401" not in one and "403" not in one]
    watched.close()


def test_a_new_request_appears_by_itself_and_is_decided_with_the_key_once_more(
    browser: Browser,
    tmp_path: Path,
    serving: Serving,  # noqa: F811
) -> None:
    root = make_clerks(tmp_path / "clerks")
    rules = root / "policies" / "actions.yaml"
    rules.write_text(rules.read_text() + LEADS_SEE)
    with open_app(root) as app:
        _, lead = app.create_key("carl", role=DoorRole.APPROVER)
        _, bot = app.create_key("ana", role=DoorRole.AGENT, agent="bot")
    watched = Watched(browser)
    page = watched.page
    with serving(root) as address:
        page.goto(f"{address}/login")
        page.fill("#key", lead)
        page.click("main button")
        page.goto(f"{address}/approvals")
        assert "Nothing waits" in page.locator("#held").inner_text()
        asked = httpx2.post(
            f"{address}/v1/act",
            json={"action": "delete_customer", "arguments": {"customer_id": 1}},
            headers={"Authorization": f"Bearer {bot}"},
        ).json()
        assert asked["status"] == "waiting"
        page.wait_for_selector("#held section", timeout=5_000)
        assert "main.orders" in page.locator("#held table").inner_text()
        page.click("#held a:has-text('Decide')")
        page.click("button:has-text('Approve exactly this')")
        assert page.locator("h1").inner_text() == "Not confirmed"
        assert count(root, "customers") == 4
        page.goto(f"{address}/approvals/{asked['run']}")
        rows = page.locator("section[aria-label='Rows of main.orders']")
        assert "2 rows go" in rows.inner_text()
        assert rows.locator("tr.gone").count() == 2
        assert "Kept out" in page.locator("section[aria-label='Rows of main.customers']").inner_text()
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
        page.fill("#key", lead)
        page.click("button:has-text('Approve exactly this')")
        assert page.locator("[role=status]").inner_text() == "Approved and done."
        assert count(root, "customers") == 3
    watched.amiss = [one for one in watched.amiss if "403" not in one]
    watched.close()
