"""An App in, a server of it out: the API under /v1, its description, and what operators look at."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.responses import JSONResponse, PlainTextResponse

from loadline.app import App
from loadline.errors import LoadlineError
from loadline.surfaces.console.pages import add_console
from loadline.surfaces.http.acts import add_acts
from loadline.surfaces.http.api import routes
from loadline.surfaces.http.doors import METADATA, Doors
from loadline.surfaces.http.limits import Limits
from loadline.surfaces.http.problems import add_handlers, problem
from loadline.surfaces.http.state import Served
from loadline.surfaces.http.watched import Watched
from loadline.surfaces.rates import Rates
from loadline.values.rule import Principal

DESCRIPTION = """Governed answers with receipts, verification of what was written, and the record of it all.

Send an access key as a bearer token (`loadline keys create`), or a token of the issuer the project trusts. Problems are
RFC 9457, with diagnostics that say how to mend them. POST requests take an `Idempotency-Key`."""


def make_api(app: App, *, open_as: Principal | None = None, calls_per_minute: int | None = None) -> FastAPI:
    """The ASGI application. `open_as`: everybody is this person; for loopback alone. `calls_per_minute` of one caller;
    None: as the project says."""
    rates = Rates(app.project.doors.calls_per_minute if calls_per_minute is None else calls_per_minute)
    served = Served(app=app, doors=Doors(app=app, rates=rates, open_as=open_as))
    api = FastAPI(
        title="Loadline",
        version="1",
        description=DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    add_handlers(api)
    router = routes(served)
    add_acts(router, served)
    api.include_router(router)
    _add_operations(api, served)
    add_console(api, served)
    api.add_middleware(Watched, served=served)
    api.add_middleware(Limits)  # the outermost: a request that is too large reaches nothing
    _describe_keys(api)
    return api


def _add_operations(api: FastAPI, served: Served) -> None:
    @api.get("/healthz", include_in_schema=False)
    def healthz() -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    @api.get("/readyz", include_in_schema=False)
    def readyz() -> Response:
        """The warehouse and the ledger answer, too."""
        try:
            served.app.world.warehouse.read_relations()
            served.app.checkpoint()
        except LoadlineError as error:
            codes = sorted({one.code for one in error.diagnostics})
            return JSONResponse({"ready": False, "codes": codes}, status_code=503)
        return JSONResponse({"ready": True})

    @api.get(METADATA, include_in_schema=False)
    def resource(request: Request) -> Response:
        """Whose tokens are taken here (RFC 9728)."""
        oidc = served.app.project.doors.oidc
        if oidc is None:
            return problem(404, "not found", "no issuer's tokens are taken here, only keys")
        scopes = [value for value, _ in oidc.roles] if oidc.roles_in == "scope" else None
        return JSONResponse(
            {
                "resource": served.doors.address(request),
                "authorization_servers": [oidc.issuer],
                "bearer_methods_supported": ["header"],
                "resource_name": f"Loadline: {served.app.project.name}",
                **({"scopes_supported": scopes} if scopes else {}),
            }
        )

    @api.get("/metrics", include_in_schema=False)
    def signals() -> Response:
        return PlainTextResponse(served.signals.text(), media_type="text/plain; version=0.0.4")


def _describe_keys(api: FastAPI) -> None:
    """Say in the description that a key is needed; the doors read it themselves."""
    made = api.openapi

    def described() -> dict[str, Any]:
        found = made()
        found.setdefault("components", {})["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "An access key, or a token of the issuer"}
        }
        found["security"] = [{"key": []}]
        return found

    api.openapi = described  # type: ignore[method-assign] # FastAPI's own way to change it
