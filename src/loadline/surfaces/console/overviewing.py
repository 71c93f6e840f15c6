"""The first page: what was answered, refused and held, what is open, and what to do next."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from loadline.app import App
from loadline.flow.views.debt import DebtItem
from loadline.surfaces import told
from loadline.surfaces.console import charts
from loadline.surfaces.console.frame import Console
from loadline.surfaces.console.watching import drift_of
from loadline.surfaces.http.doors import Caller
from loadline.values.access import OPENS, May

ORDER = ("verified", "unverified", "clarify", "refused")
_WORST = ("red", "amber", "draft")
Todo = dict[str, str]


def add_overview(router: APIRouter, console: Console) -> None:
    app = console.served.app

    @router.get("/")
    def overview(request: Request) -> Response:
        def work(request: Request, caller: Caller) -> Response:
            standing = app.standing(caller.door)
            looks = told.data_status(app.data_status(principal=caller.principal))
            held = len(app.unfinished(caller.door))
            decides = May.DECIDE in OPENS[caller.role]
            todo = [
                *(
                    [_item("amber", f"{_many(held, 'action waits', 'actions wait')} for a yes", "/approvals")]
                    if held and decides
                    else []
                ),
                *_of_data(looks),
                *_of_drift(app, caller),
                *_of_debt(app, caller),
            ]
            return console.page(
                request,
                "overview.html",
                caller,
                standing=standing,
                order=ORDER,
                held=held,
                decides=decides,
                findings=sum(len(one["not_kept"]) for one in looks["tables"]),
                picture=charts.columns_over_days(standing.by_day, ORDER),
                todo=sorted(todo, key=lambda one: _WORST.index(one["state"])),
            )

        return console.with_caller(request, May.READ, work)


def _of_data(looks: dict[str, Any]) -> list[Todo]:
    found = []
    for one in looks["tables"]:
        to, who = f"/data/{quote(one['table'])}", one.get("contract", "")
        if one["state"] == "unpromised":
            found.append(_item("draft", f"{one['table']}: nothing is promised that a query can look at", to, who))
        elif one["state"] != "green":
            broken = _many(len(one["not_kept"]), "promise is", "promises are")
            found.append(_item(one["state"], f"{one['table']}: {broken} not kept", to, who))
    if unseen := looks["not_looked_at"]:
        found.append(_item("amber", f"{_many(len(unseen), 'table was', 'tables were')} never looked at", "/data"))
    return found


def _of_drift(app: App, caller: Caller) -> list[Todo]:
    alarms = drift_of(app, caller)[1]
    return [_item("red", f"drift: {alarm.finding.what}", "/data", alarm.watch.name) for alarm in alarms]


def _of_debt(app: App, caller: Caller) -> list[Todo]:
    """It names questions of others: for those who manage."""
    items: tuple[DebtItem, ...] = app.debt().items if May.MANAGE in OPENS[caller.role] else ()
    return [_item("draft", f"{one.subject}: {one.says}", "/catalog", ", ".join(one.ask)) for one in items[:5]]


def _item(state: str, what: str, to: str, who: str = "") -> Todo:
    return {"state": state, "what": what, "to": to, "who": who}


def _many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
