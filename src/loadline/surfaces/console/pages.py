"""A browser's request in, a page out. Each page calls App methods and fills a template; nothing is decided here."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from loadline.errors import TamperError
from loadline.surfaces import told
from loadline.surfaces.console import charts, drawn, marking
from loadline.surfaces.console.approving import add_approvals
from loadline.surfaces.console.frame import Console, show_problems
from loadline.surfaces.console.overviewing import add_overview
from loadline.surfaces.console.session import Sessions
from loadline.surfaces.console.signing_in import add_signing_in
from loadline.surfaces.console.watching import add_watching
from loadline.surfaces.http.doors import Caller
from loadline.surfaces.http.state import Served
from loadline.values.access import OPENS, May
from loadline.values.canonical import plain
from loadline.values.feedback import Opinion

HERE = Path(__file__).parent
Text = Annotated[str, Form(max_length=200_000)]
Short = Annotated[str, Form(max_length=2_000)]


def add_console(api: FastAPI, served: Served) -> None:
    """The pages and their files."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.filters["pretty"] = charts.pretty
    templates.filters["coded"] = charts.coded
    console = Console(served=served, sessions=Sessions(served.doors), templates=templates)
    router = APIRouter(include_in_schema=False)
    add_signing_in(router, console)
    add_overview(router, console)
    _add_asking(router, console)
    _add_catalog(router, console)
    add_approvals(router, console)
    add_watching(router, console)
    _add_ledger(router, console)
    _add_api(router, console, api)
    show_problems(api, console)
    api.include_router(router)
    api.mount("/static", StaticFiles(directory=HERE / "static"), name="static")


def _add_asking(router: APIRouter, console: Console) -> None:
    app = console.served.app

    @router.get("/ask")
    def ask_page(request: Request, q: str = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:
            audience = caller.principal.audience or ""
            return console.page(
                request,
                "ask.html",
                caller,
                q=q[:2_000],
                audience=audience,
                audiences=sorted(app.project.audiences),
                told=None,
            )

        return console.with_caller(request, May.ASK, work)

    @router.post("/ask")
    def ask(request: Request, q: Short = "", audience: Short = "", choice: Short = "", token: Short = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:
            principal = caller.speaking(app, audience or None, None)
            number = int(choice) if choice.isdecimal() else None
            answer = app.ask(q, principal=principal, choice=number)
            console.served.signals.note_answer(answer.receipt.status.value)
            said = told.answer(answer, rows=200)
            picture = charts.chart(said["columns"], said["rows"]) if "rows" in said and not said["truncated"] else None
            return console.page(
                request,
                "ask.html",
                caller,
                q=q,
                audience=audience,
                audiences=sorted(app.project.audiences),
                told=said,
                picture=picture,
                choices=[_choice(option) for option in said["options"]],
                receipt_id=said["receipt"],
            )

        return console.with_caller(request, May.ASK, work, token=token)

    @router.get("/verify")
    def verify_page(request: Request) -> Response:
        def work(request: Request, caller: Caller) -> Response:
            return console.page(request, "verify.html", caller, text="", told=None)

        return console.with_caller(request, May.ASK, work)

    @router.post("/verify")
    def verify(request: Request, text: Text = "", token: Short = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:
            written = text.replace("\r\n", "\n")
            found = app.verify(written, principal=caller.principal)
            said = told.verification(found)
            said["claims"] = marking.told_claims(found, said["claims"])
            marked = marking.marked(written, said["claims"])
            return console.page(request, "verify.html", caller, text=written, told=said, marked=marked)

        return console.with_caller(request, May.ASK, work, token=token)

    @router.post("/feedback")
    def feedback(request: Request, receipt: Short = "", opinion: Short = "", token: Short = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:
            if opinion not in {one.value for one in Opinion}:
                return console.problem(request, caller, 422, "not an opinion", "Choose one of the buttons.")
            found = app.receipt_for(receipt, door=caller.door)
            said, _ = app.feedback(found["id"], Opinion(opinion), principal=caller.principal)
            return RedirectResponse(f"/receipts/{said.receipt}?noted={said.opinion.value}", status_code=303)

        return console.with_caller(request, May.ASK, work, token=token)


def _choice(option: str) -> dict[str, str]:
    """An option as a button that chooses it: by its number, or by the audience whose word it is."""
    if found := re.match(r"(\d+)\. ", option):
        return {"name": "choice", "value": found[1], "says": option}
    if found := re.search(r"\(audience (\S+)\)$", option):
        return {"name": "audience", "value": found[1], "says": option}
    return {"name": "", "value": "", "says": option}


def _add_catalog(router: APIRouter, console: Console) -> None:
    app = console.served.app

    @router.get("/catalog")
    def catalog(request: Request, text: str = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:
            found = app.search_metrics(text[:500], principal=caller.principal)
            return console.page(
                request,
                "catalog.html",
                caller,
                text=text,
                found=found,
                debt=app.debt().items if May.MANAGE in OPENS[caller.role] else (),
            )

        return console.with_caller(request, May.READ, work)

    @router.get("/catalog/{name}/versions")
    def versions(request: Request, name: str) -> Response:
        """A page of its own: it reads the project as many commits have it."""

        def work(request: Request, caller: Caller) -> Response:
            shown = app.describe_metric(name, principal=caller.principal)
            found = app.metric_versions(shown.card.name, door=caller.door)
            return console.page(request, "versions.html", caller, metric=shown.card.name, found=found)

        return console.with_caller(request, May.READ, work)

    @router.get("/catalog/{name}")
    def metric(request: Request, name: str) -> Response:
        def work(request: Request, caller: Caller) -> Response:
            shown = app.describe_metric(name, principal=caller.principal)
            reach = app.impact(f"metric:{shown.card.name}", principal=caller.principal)
            columns, agents = app.behind(shown.card.name)
            share = reach.traffic.share if reach.traffic is not None else None
            picture = drawn.lineage(shown.card.name, columns, reach, agents)
            return console.page(request, "metric.html", caller, shown=shown, picture=picture, share=share)

        return console.with_caller(request, May.READ, work)


def _add_ledger(router: APIRouter, console: Console) -> None:
    app = console.served.app

    @router.get("/ledger")
    def ledger(request: Request, before: int | None = None, prove: str = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:
            proven = tampered = ""
            if prove:
                try:
                    found = app.prove()
                    proven = f"Every one of {found.size:,} entries is as signed."
                except TamperError as error:
                    tampered = "; ".join(one.what for one in error.diagnostics)
            entries = app.ledger_page(caller.door, before=before)
            older = entries[-1].index if entries and entries[-1].index > 0 else None
            return console.page(
                request,
                "ledger.html",
                caller,
                entries=entries,
                older=older,
                proven=proven,
                tampered=tampered,
                checkpoint=app.checkpoint(),
            )

        return console.with_caller(request, May.READ, work)

    @router.get("/receipts/{receipt}")
    def receipt_page(request: Request, receipt: str, noted: str = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:
            found = app.receipt_for(receipt, door=caller.door)
            proof = app.prove_entry(found["ledger_index"]).as_json()
            return console.page(
                request,
                "receipt.html",
                caller,
                receipt=found,
                proof=proof,
                opinions=[plain(one) for one in app.feedback_on(found["id"], door=caller.door)],
                noted=noted if noted in {one.value for one in Opinion} else "",
                receipt_id=found["id"],
            )

        return console.with_caller(request, May.READ, work)


def _add_api(router: APIRouter, console: Console, api: FastAPI) -> None:
    @router.get("/api")
    def api_page(request: Request) -> Response:
        def work(request: Request, caller: Caller) -> Response:
            spec = api.openapi()
            schemas = spec["components"]["schemas"]
            bodies = {}
            for path, methods in spec["paths"].items():
                wanted = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
                name = wanted.get("schema", {}).get("$ref", "").rpartition("/")[2]
                if name:
                    bodies[path] = json.dumps(schemas[name].get("properties", {}), indent=1)
            return console.page(request, "api.html", caller, spec=spec, bodies=bodies)

        return console.with_caller(request, May.READ, work)
