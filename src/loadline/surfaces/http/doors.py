"""A request's key or token in, who calls and what they may do at these doors out; or a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import assert_never

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from loadline.app import App
from loadline.errors import RequestError
from loadline.flow.reading import Door
from loadline.surfaces.http.problems import Refused
from loadline.surfaces.rates import Rates
from loadline.values.access import OPENS, READS_ALL, Bearer, DoorRole, May, NotKnown
from loadline.values.rule import Principal

METADATA = "/.well-known/oauth-protected-resource"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, through which door, and under which name idempotency keys and rates are kept."""

    principal: Principal
    role: DoorRole
    key: str

    @property
    def door(self) -> Door:
        """What the key's role lets its holder read of the ledger."""
        may_decide = May.DECIDE in OPENS[self.role]
        return Door(principal=self.principal, reads_all=self.role in READS_ALL, decides=may_decide)

    def speaking(self, app: App, audience: str | None, purpose: str | None) -> Principal:
        """The caller in an audience's words, for a purpose. Raises RequestError for an unknown one."""
        if audience is None and purpose is None:
            return self.principal
        known = app.principal(audience=audience, purpose=purpose)
        return replace(
            self.principal,
            audience=known.audience if audience else self.principal.audience,
            purpose=purpose or self.principal.purpose,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """`open_as`: on loopback without keys, whoever calls is this person; None: every call needs a key or a token, and
    has `rates`."""

    app: App
    rates: Rates
    open_as: Principal | None = None

    def caller(self, request: Request) -> Caller:
        """Raises Refused where nobody known calls."""
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if not secret and self.open_as is not None:
            return self.of_open()
        if kind.lower() != "bearer" or not secret:
            raise self._nobody(request, "send an access key: `Authorization: Bearer ll_…` (loadline keys create)")
        match self.app.bearer(secret.strip()):
            case NotKnown(why=why):
                raise self._nobody(request, why, error="invalid_token")
            case Bearer() as bearer:
                self.count(bearer.id)
                return self._of_bearer(request, bearer)
            case unreachable:
                assert_never(unreachable)

    def _of_bearer(self, request: Request, bearer: Bearer) -> Caller:
        try:
            return Caller(principal=self.app.holder(bearer), role=bearer.role, key=bearer.id)
        except RequestError:
            why = "the person this key belongs to is no longer in the project"
            raise self._nobody(request, why, error="invalid_token") from None

    def count(self, caller: str) -> None:
        """Raises Refused where this caller has called too often."""
        if wait := self.rates.wait(caller):
            detail = f"one caller may call {self.rates.per_minute:,} times a minute: wait {wait} s"
            raise Refused(429, "too many calls", detail, **{"Retry-After": str(wait)})

    def address(self, request: Request) -> str:
        """What this server is called from outside."""
        return (self.app.project.doors.url or str(request.base_url)).rstrip("/")

    def _nobody(self, request: Request, detail: str, *, error: str | None = None) -> Refused:
        """With where a program learns whose tokens are taken (RFC 6750 section 3, RFC 9728 section 5.1)."""
        said = ['realm="loadline"', *([f'error="{error}"'] if error else [])]
        if self.app.project.doors.oidc is not None:
            said.append(f'resource_metadata="{self.address(request)}{METADATA}"')
        return Refused(401, "who calls is not known", detail, **{"WWW-Authenticate": f"Bearer {', '.join(said)}"})

    def of_open(self) -> Caller:
        """Who everybody is where no key is needed."""
        if self.open_as is None:
            raise Refused(401, "who calls is not known", "keys are needed here")
        return Caller(principal=self.open_as, role=DoorRole.ADMIN, key="open")

    def to(self, wanted: May) -> Callable[[Request], Awaitable[Caller]]:
        """A dependency: the caller, where their key opens this door."""

        def entered(request: Request) -> Caller:
            found = self.caller(request)
            if wanted not in OPENS[found.role]:
                raise Refused(
                    403,
                    "not your door",
                    f"a key of role {found.role.value} does not open it: it needs one that may {wanted}",
                )
            return found

        async def caller(request: Request) -> Caller:
            """Where nobody needs a key there is nothing to wait for; a key is looked up in a thread of its own."""
            is_open = self.open_as is not None and "authorization" not in request.headers
            return entered(request) if is_open else await run_in_threadpool(entered, request)

        return caller
