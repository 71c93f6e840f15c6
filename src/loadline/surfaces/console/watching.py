"""The pages on what data promises, whether it keeps it, and what is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from loadline.app import App
from loadline.errors import RequestError
from loadline.flow.alarms import Alarm
from loadline.flow.watched import History
from loadline.project import Watch
from loadline.surfaces import told
from loadline.surfaces.console import drawn
from loadline.surfaces.console.frame import Console
from loadline.surfaces.http.doors import Caller
from loadline.values.access import May

Short = Annotated[str, Form(max_length=2_000)]
_GRAVEST = ("error", "warning", "note")


def add_watching(router: APIRouter, console: Console) -> None:
    _add_data(router, console)
    _add_table(router, console)
    _add_traffic(router, console)


def drift_of(app: App, caller: Caller) -> tuple[list[tuple[Watch, History]], list[Alarm]]:
    """Nothing where nothing is watched."""
    return app.drift_status(principal=caller.principal) if app.project.watches else ([], [])


def _add_data(router: APIRouter, console: Console) -> None:
    app = console.served.app

    def page(request: Request, caller: Caller) -> Response:
        pairs, alarms = drift_of(app, caller)
        by_watch = {alarm.watch.name: alarm.finding.what for alarm in alarms}
        watches = [
            {"name": watch.name, "count": len(history.seen), "alarm": by_watch.get(watch.name)}
            for watch, history in pairs
        ]
        pictures = []
        for alarm in alarms[:6]:
            try:
                pictures.append(drawn.drift(app.drift_history(alarm.finding.subject, principal=caller.principal)))
            except RequestError:
                continue  # an alarm of answers has no column to draw; others are not shown to everybody
        said = told.data_status(app.data_status(principal=caller.principal))
        return console.page(request, "data.html", caller, told=said, watches=watches, pictures=pictures)

    @router.get("/data")
    def data(request: Request) -> Response:
        return console.with_caller(request, May.READ, page)

    @router.post("/data")
    def look(request: Request, token: Short = "") -> Response:
        def work(request: Request, caller: Caller) -> Response:  # noqa: ARG001 - the door
            app.check_data()
            return RedirectResponse("/data", status_code=303)

        return console.with_caller(request, May.ASK, work, token=token)


def _add_table(router: APIRouter, console: Console) -> None:
    app = console.served.app

    def page(
        request: Request, caller: Caller, table: str, look: Mapping[str, Any] | None, *, has_rows: bool
    ) -> Response:
        promises = look["promises"] if look else []
        failing = [one for one in promises if one["verdict"] in {"broken", "could not look"}]
        return console.page(
            request,
            "table.html",
            caller,
            table=table,
            look=look,
            failing=sorted(failing, key=lambda one: _GRAVEST.index(one["severity"])),
            kept=[one for one in promises if one["verdict"] == "kept"],
            not_run=[one for one in promises if one["verdict"] == "not run"],
            has_rows=has_rows,
        )

    @router.get("/data/{table}")
    def table(request: Request, table: str) -> Response:
        """By the newest look that was recorded: rows of the data never are."""

        def work(request: Request, caller: Caller) -> Response:
            (found,) = app.data_status([table], principal=caller.principal)
            return page(request, caller, table, None if isinstance(found, str) else found, has_rows=False)

        return console.with_caller(request, May.READ, work)

    @router.post("/data/{table}")
    def look(request: Request, table: str, token: Short = "") -> Response:
        """By a look that is taken now, with some of the rows that break a promise, as the reader may see them."""

        def work(request: Request, caller: Caller) -> Response:
            (found,) = app.check_data([table], principal=caller.principal)
            return page(request, caller, table, found, has_rows=True)

        return console.with_caller(request, May.ASK, work, token=token)


def _add_traffic(router: APIRouter, console: Console) -> None:
    app = console.served.app

    @router.get("/traffic")
    def traffic(request: Request) -> Response:
        def work(request: Request, caller: Caller) -> Response:
            cells, consistency = app.traffic(), app.consistency()
            same = f"{consistency.same_receipt} of {consistency.repeats}"
            share = cells.tested_share
            tested = "none yet" if share is None else f"{share:.0%}"
            return console.page(
                request, "traffic.html", caller, cells=cells, consistency=consistency, same=same, tested=tested
            )

        return console.with_caller(request, May.MANAGE, work)
