"""What every page of the console stands in: who sits before it, the frame around it, and what goes wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from loadline.errors import LoadlineError, OutsideError, RequestError
from loadline.surfaces import told
from loadline.surfaces.console.session import Sessions
from loadline.surfaces.http.doors import Caller
from loadline.surfaces.http.problems import Refused, status_of
from loadline.surfaces.http.state import Served
from loadline.values.access import OPENS, May

PAGES = (
    ("/", "Overview"),
    ("/ask", "Ask"),
    ("/verify", "Verify"),
    ("/catalog", "Metrics"),
    ("/approvals", "Approvals"),
    ("/data", "Data"),
    ("/traffic", "Traffic"),
    ("/ledger", "Ledger"),
    ("/api", "API"),
)
_DOORS = {"/ask": May.ASK, "/verify": May.ASK, "/approvals": May.DECIDE, "/traffic": May.MANAGE}
Work = Callable[[Request, Caller], Response]


def local(path: str) -> str:
    """A path of this server alone: nobody is sent to another site after signing in."""
    return path if re.fullmatch(r"/(?:[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*)?", path) else "/"


def _may(path: str) -> May:
    return _DOORS.get(path, May.READ)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    served: Served
    sessions: Sessions
    templates: Environment

    def page(
        self, request: Request, name: str, caller: Caller | None, *, status: int = 200, **more: Any
    ) -> HTMLResponse:
        html = self.templates.get_template(name).render(
            project=self.served.app.project.name,
            pages=[page for page in PAGES if caller and _may(page[0]) in OPENS[caller.role]],
            here=request.url.path,
            caller=caller,
            is_open=self.served.doors.open_as is not None,
            token=self.sessions.token(request),
            **more,
        )
        headers = {"Cache-Control": "no-store"}
        return HTMLResponse(html, status_code=status, headers=headers)

    def problem(
        self,
        request: Request,
        caller: Caller | None,
        status: int,
        title: str,
        detail: str,
        error: LoadlineError | None = None,
    ) -> HTMLResponse:
        found = told.error(error) if error is not None else []
        return self.page(request, "problem.html", caller, status=status, title=title, detail=detail, diagnostics=found)

    def login(self, request: Request, *, wrong: str = "", status: int = 200) -> HTMLResponse:
        """The page to sign in on."""
        oidc = self.served.app.project.doors.oidc
        issuer = urlsplit(oidc.issuer).netloc if oidc is not None and oidc.client is not None else ""
        to = local(request.query_params.get("to", "/"))
        return self.page(request, "login.html", None, status=status, wrong=wrong, issuer=issuer, to=to)

    def with_caller(self, request: Request, wanted: May, work: Work, *, token: str | None = None) -> Response:
        """For whoever is signed in; `token` is given where something changes. What goes wrong is a page, too."""
        caller = self.sessions.caller(request)
        if caller is None:
            return RedirectResponse(f"/login?to={quote(request.url.path)}", status_code=303)
        try:
            if not self.is_open:
                self.served.doors.count(caller.key)
        except Refused as error:
            page = self.problem(request, caller, error.status, error.title, f"{error}.")
            page.headers.update(error.headers)
            return page
        if wanted not in OPENS[caller.role]:
            return self.problem(
                request, caller, 403, "not your door", f"a key of role {caller.role.value} does not open it"
            )
        if token is not None and not self.sessions.is_ours(request, token):
            return self.problem(
                request, caller, 403, "not from our page", "this change did not come from a page of ours"
            )
        try:
            return work(request, caller)
        except RequestError as error:
            said = "Here is what is wrong, and how to mend it."
            return self.problem(request, caller, *status_of(error), said, error)
        except OutsideError as error:
            return self.problem(request, caller, 503, "something outside failed", "Try again in a moment.", error)

    @property
    def is_open(self) -> bool:
        """Whether nobody needs a key here."""
        return self.served.doors.open_as is not None

    def is_same(self, request: Request, secret: str) -> bool:
        """Whether the key given once more is the one that signed in, or who signed in at the issuer proved there just
        now who they are; always, where nobody needs a key."""
        return self.is_open or self.sessions.is_same(request, secret.strip())


def show_problems(api: FastAPI, console: Console) -> None:
    """Whoever looks with a browser at what is not there, or sends a form that cannot be read, gets a page as well."""
    for kind in (HTTPException, RequestValidationError):
        api.add_exception_handler(kind, _as_page(console, api.exception_handlers[kind]))


def _as_page(console: Console, told: Callable[[Request, Exception], Any]) -> Callable[..., Awaitable[Response]]:
    async def shown(request: Request, error: Exception) -> Response:
        reply: Response = await told(request, error)
        if request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
            return reply
        caller = await run_in_threadpool(console.sessions.caller, request)
        problem = json.loads(bytes(reply.body))
        detail = "There is no such page." if reply.status_code == 404 else f"{problem['detail']}."
        return console.problem(request, caller, reply.status_code, problem["title"], detail)

    return shown
