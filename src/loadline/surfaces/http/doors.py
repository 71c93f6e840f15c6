"""A request's key in, who calls and what they may do at these doors out; or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fastapi import Request

from loadline.app import App
from loadline.errors import RequestError
from loadline.flow.reading import Door
from loadline.surfaces.http.problems import Refused
from loadline.values.access import OPENS, READS_ALL, DoorRole, May
from loadline.values.rule import Principal


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
    """`open_as`: on loopback without keys, whoever calls is this person; None: every call needs a key."""

    app: App
    open_as: Principal | None = None

    def caller(self, request: Request) -> Caller:
        """Raises Refused where nobody known calls."""
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        if not secret and self.open_as is not None:
            return self.of_open()
        if kind.lower() != "bearer" or not secret:
            raise _nobody("send an access key: `Authorization: Bearer ll_…` (loadline keys create)")
        key = self.app.key_of(secret.strip())
        if key is None:
            raise _nobody("this key is unknown, revoked or expired")
        try:
            return Caller(principal=self.app.holder(key), role=key.role, key=key.id)
        except RequestError:
            raise _nobody("the person this key belongs to is no longer in the project") from None

    def of_open(self) -> Caller:
        """Who everybody is where no key is needed."""
        if self.open_as is None:
            raise _nobody("keys are needed here")
        return Caller(principal=self.open_as, role=DoorRole.ADMIN, key="open")

    def to(self, wanted: May) -> Callable[[Request], Caller]:
        """A dependency: the caller, where their key opens this door."""

        def caller(request: Request) -> Caller:
            found = self.caller(request)
            if wanted not in OPENS[found.role]:
                raise Refused(
                    403,
                    "not your door",
                    f"a key of role {found.role.value} does not open it: it needs one that may {wanted}",
                )
            return found

        return caller


def _nobody(detail: str) -> Refused:
    return Refused(401, "who calls is not known", detail, **{"WWW-Authenticate": 'Bearer realm="loadline"'})
