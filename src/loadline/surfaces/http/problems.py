"""An error in, a problem (RFC 9457, `application/problem+json`) with its diagnostics out. No traceback leaves."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from loadline.errors import LoadlineError, OutsideError, ProjectError, RequestError
from loadline.flow.acting.codes import NO_RUN
from loadline.flow.codes import NO_SUCH_METRIC, NO_SUCH_RECEIPT
from loadline.ledger.codes import NO_SUCH_ENTRY
from loadline.surfaces import told

LOG = logging.getLogger("loadline.http")
_ABSENT = frozenset({NO_SUCH_METRIC, NO_SUCH_RECEIPT, NO_RUN, NO_SUCH_ENTRY})


class Refused(Exception):
    """This door stays closed for this caller, and why."""

    def __init__(self, status: int, title: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.headers = status, title, detail, headers


def problem(
    status: int, title: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    body = {"type": f"urn:loadline:{title.replace(' ', '-')}", "title": title, "status": status, "detail": detail}
    return JSONResponse(
        {**body, "diagnostics": [], "options": [], **more},
        status_code=status,
        media_type="application/problem+json",
        headers=headers,
    )


def status_of(error: RequestError) -> tuple[int, str]:
    """404 where what was asked for is not there, or not for the caller; and what that is called."""
    is_absent = any(one.code in _ABSENT for one in error.diagnostics)
    return (404, "not found") if is_absent else (422, "not answerable as asked")


def of_error(error: LoadlineError) -> JSONResponse:
    """Raises nothing: what we broke ourselves is said without any of its text."""
    diagnostics = told.error(error)
    detail = "; ".join(one["what"] for one in diagnostics)
    match error:
        case RequestError(options=options):
            status, title = status_of(error)
            return problem(status, title, detail, diagnostics=diagnostics, options=list(options))
        case ProjectError():
            return problem(422, "the project does not fit together", detail, diagnostics=diagnostics)
        case OutsideError(retryable=True):
            return problem(
                503, "something outside failed", detail, headers={"Retry-After": "5"}, diagnostics=diagnostics
            )
        case OutsideError():
            return problem(502, "something outside failed", detail, diagnostics=diagnostics)
        case _:
            LOG.error("broken promise", exc_info=error)
            return problem(500, "loadline broke its own promise", "what happened is in the server's log")


def add_handlers(api: FastAPI) -> None:
    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Refused)  # noqa: S101 - registered for nothing else
        return problem(error.status, error.title, error.detail, headers=error.headers)

    async def failed(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, LoadlineError)  # noqa: S101 - registered for nothing else
        return of_error(error)

    async def unread(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
        if any(one["type"] == "json_invalid" for one in error.errors()):
            return problem(400, "not readable", "the body is no JSON in UTF-8")
        found = [
            {
                "code": "HTTP422",
                "what": f"`{'.'.join(map(str, one['loc'][1:])) or one['loc'][0]}`: {one['msg']}",
                "why": "every part of a request is checked before anything is done",
                "mend": "write it as /v1/openapi.json says",
            }
            for one in error.errors()
        ]
        return problem(422, "not a request of this kind", "; ".join(one["what"] for one in found), diagnostics=found)

    async def plain_http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        if error.status_code == 400:  # FastAPI's own, with no word on what is wrong
            return problem(400, "not readable", "the body is no JSON in UTF-8")
        return problem(
            error.status_code, str(error.detail).lower(), str(error.detail), headers=dict(error.headers or {})
        )

    async def broken(_: Request, error: Exception) -> JSONResponse:
        LOG.error("broken promise", exc_info=error)
        return problem(500, "loadline broke its own promise", "what happened is in the server's log")

    api.add_exception_handler(Refused, refused)
    api.add_exception_handler(LoadlineError, failed)
    api.add_exception_handler(RequestValidationError, unread)
    api.add_exception_handler(HTTPException, plain_http)
    api.add_exception_handler(Exception, broken)
