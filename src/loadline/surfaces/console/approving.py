"""The pages on which people say yes or no to what agents want to do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from loadline.surfaces import told
from loadline.surfaces.console.frame import Console
from loadline.surfaces.http.doors import Caller
from loadline.surfaces.render.shown import how_many
from loadline.values.access import May
from loadline.values.acting import ActReceipt

Short = Annotated[str, Form(max_length=2_000)]
_GRAVE = frozenset({"high", "critical"})


def add_approvals(router: APIRouter, console: Console) -> None:
    _add_queue(router, console)
    _add_decision(router, console)


def _add_queue(router: APIRouter, console: Console) -> None:
    app = console.served.app

    @router.get("/approvals")
    def approvals(request: Request, said: str = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:
            held = [told.act(one.receipt) for one in app.unfinished(caller.door)]
            frozen = [f"{one.key}: by {one.by}, because {one.because}" for one in app.frozen()]
            return console.page(request, "approvals.html", caller, held=held, frozen=frozen, said=_SAID.get(said, ""))

        return console.with_caller(request, May.DECIDE, work)

    @router.get("/approvals/held")
    def queue(request: Request) -> Response:
        """The queue alone, for a page that looks again each second."""

        def work(request: Request, caller: Caller) -> Response:
            return console.page(
                request,
                "held.html",
                caller,
                held=[told.act(one.receipt) for one in app.unfinished(caller.door)],
            )

        return console.with_caller(request, May.DECIDE, work)


_SAID = {
    "approved": "Approved.",
    "done": "Approved and done.",
    "rejected": "Rejected.",
    "waiting": "Noted: it waits for more.",
}


def _add_decision(router: APIRouter, console: Console) -> None:
    app = console.served.app

    def page(request: Request, caller: Caller, receipt: ActReceipt) -> Response:
        asks_again = receipt.stake in _GRAVE and not console.is_open
        is_proved = asks_again and console.sessions.is_by_issuer(request) and console.is_same(request, "")
        return console.page(
            request,
            "decide.html",
            caller,
            one=told.act(receipt),
            rows=app.held_rows(receipt.run, door=caller.door),
            how_many=how_many,
            asks_again=asks_again and not is_proved,
            at_issuer=console.sessions.is_by_issuer(request),
        )

    @router.get("/approvals/{run}")
    def decision_page(request: Request, run: str) -> Response:
        def work(request: Request, caller: Caller) -> Response:
            return page(request, caller, app.act_status_for(run, door=caller.door))

        return console.with_caller(request, May.DECIDE, work)

    @router.post("/approvals/{run}")
    def decide(  # noqa: PLR0913, PLR0917 - one parameter per field of the form
        request: Request,
        run: str,
        decision: Short = "",
        digest: Short = "",
        because: Short = "",
        key: Short = "",
        token: Short = "",
    ) -> Response:
        def work(request: Request, caller: Caller) -> Response:
            receipt = app.act_status_for(run, door=caller.door)
            if decision not in {"approve", "reject"}:
                return console.problem(request, caller, 422, "not a decision", "Approve it, or reject it.")
            if decision == "approve" and receipt.stake in _GRAVE and not console.is_same(request, key):
                said = "The stake is high: a yes takes your own access key once more, or signing in anew just now."
                return console.problem(request, caller, 403, "not confirmed", said)
            if decision == "reject":
                found = app.reject(run, principal=caller.principal, because=because)
            else:
                found = app.approve(run, principal=caller.principal, digest=digest, because=because)
            if found.status.value in _SAID:
                return RedirectResponse(f"/approvals?said={found.status.value}", status_code=303)
            return page(request, caller, found)

        return console.with_caller(request, May.DECIDE, work, token=token)
