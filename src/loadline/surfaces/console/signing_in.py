"""The pages on which people sign in, with a key or at the issuer the project trusts, and sign out."""

from __future__ import annotations

from typing import Annotated, assert_never

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from loadline.errors import OutsideError
from loadline.surfaces.console.frame import Console, local
from loadline.values.access import NotKnown, SignedIn

BACK = "/login/oidc/back"


def add_signing_in(router: APIRouter, console: Console) -> None:
    _add_keys(router, console)
    _add_issuer(router, console)


def _add_keys(router: APIRouter, console: Console) -> None:
    sessions = console.sessions

    @router.get("/login")
    def login_page(request: Request) -> Response:
        if sessions.caller(request) is not None:
            return RedirectResponse("/", status_code=303)
        return console.login(request)

    @router.post("/login")
    def login(request: Request, key: Annotated[str, Form(max_length=200)] = "", to: str = "/") -> Response:
        response = RedirectResponse(local(to), status_code=303)
        address = _address(request)
        if console.served.failures.is_shut(address):
            return console.login(request, status=429, wrong="Too many wrong keys: wait a minute.")
        if not sessions.is_ours(request, "") or not sessions.begin(request, response, key.strip()):
            console.served.failures.note(address)
            return console.login(request, status=401, wrong="This key opens nothing here.")
        return response

    @router.post("/logout")
    def logout(request: Request, token: Annotated[str, Form(max_length=2_000)] = "") -> Response:
        response = RedirectResponse("/login", status_code=303)
        if sessions.is_ours(request, token):
            sessions.end(request, response)
        return response


def _add_issuer(router: APIRouter, console: Console) -> None:
    app, sessions, failures = console.served.app, console.sessions, console.served.failures

    @router.get("/login/oidc")
    def leave(request: Request, to: str = "/", again: bool = False) -> Response:
        """To the issuer; `again`: they prove once more who they are."""
        back = f"{console.served.doors.address(request)}{BACK}"
        try:
            begun = app.begin_sign_in(back, is_fresh=again)
        except OutsideError as error:
            return console.problem(request, None, 503, "something outside failed", "Try again in a moment.", error)
        if begun is None:
            return RedirectResponse("/login", status_code=303)
        return sessions.send_away(request, begun, local(to))

    @router.get(BACK)
    def come_back(request: Request) -> Response:
        """From the issuer, with its word on who it is."""
        address = _address(request)
        if failures.is_shut(address):
            return console.login(request, status=429, wrong="Too many wrong sign-ins: wait a minute.")
        away = sessions.returned(request)
        if away is None:
            failures.note(address)
            return console.login(request, status=401, wrong="This sign-in was not begun here, or is over: begin anew.")
        try:
            found = app.end_sign_in(away.begun, dict(request.query_params))
        except OutsideError as error:
            return console.problem(request, None, 503, "something outside failed", "Try again in a moment.", error)
        match found:
            case NotKnown(why=why):
                failures.note(address)
                return console.login(request, status=401, wrong=f"Nobody is signed in: {why}.")
            case SignedIn():
                # A page, not a redirect: our strict cookie goes along only with what begins on a page of ours.
                response = console.page(request, "signed_in.html", None, to=away.to)
                sessions.begin_signed_in(request, response, found)
                return response
            case unreachable:
                assert_never(unreachable)


def _address(request: Request) -> str:
    return request.client.host if request.client else "?"
