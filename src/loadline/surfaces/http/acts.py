"""The routes through which agents act and people decide."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends

from loadline.surfaces import told
from loadline.surfaces.http import bodies
from loadline.surfaces.http.api import ABSENT, Id, IdempotencyKey, Limit, Start, page
from loadline.surfaces.http.doors import Caller
from loadline.surfaces.http.once import Once
from loadline.surfaces.http.problems import Refused
from loadline.surfaces.http.state import Served
from loadline.values.access import May
from loadline.values.acting import ActReceipt


def add_acts(router: APIRouter, served: Served) -> None:
    """Everything about acting, under /v1."""
    _acting(router, served)
    _deciding(router, served)


def _acting(router: APIRouter, served: Served) -> None:
    app, once = served.app, Once(served)
    may_propose = Depends(served.doors.to(May.PROPOSE))
    may_read = Depends(served.doors.to(May.READ))

    @router.get("/actions", response_model=bodies.ActionsTold, tags=["act"])
    def actions(caller: Caller = may_read, start: Start = 0, limit: Limit = 100) -> Any:  # noqa: ARG001 - the door
        """The declared actions and their arguments. Whether one may be done is judged when it is asked for."""
        found = tuple(app.project.actions.values())
        return {"actions": [told.action(one) for one in found[start : start + limit]]} | page(found, start, limit)

    @router.post("/act", response_model=bodies.ActTold, tags=["act"])
    def act(body: bodies.ActBody, idempotency_key: IdempotencyKey = None, caller: Caller = may_propose) -> Any:
        """Ask for an action: it is resolved, measured, judged and recorded before anything happens. What needs an
        approval waits (`waiting`); what is not allowed is `forbidden`, with reasons."""

        def work() -> tuple[int, Any]:
            return 200, told.act(_done(served, caller, body, is_dry_run=body.dry_run))

        return once(caller, "act", idempotency_key, body, work)

    @router.post("/decide", response_model=bodies.ActTold, tags=["act"])
    def decide(body: bodies.ActBody, caller: Caller = may_propose) -> Any:
        """What would become of it: resolved, measured in a transaction that is taken back, and judged. For hooks and
        gateways that ask before they let something through."""
        return told.act(_done(served, caller, body, is_dry_run=True))

    @router.get("/actions/{run}", response_model=bodies.ActTold, tags=["act"], responses=ABSENT)
    def action_run(run: Id, caller: Caller = may_read) -> Any:
        """What became of a run, for whoever asked for it, may decide on it, or reads everything."""
        return told.act(app.act_status_for(run, door=caller.door))

    @router.post("/actions/{run}/undo", response_model=bodies.ActTold, tags=["act"], responses=ABSENT)
    def undo(
        run: Id, body: bodies.UndoBody, idempotency_key: IdempotencyKey = None, caller: Caller = may_propose
    ) -> Any:
        """Take back what a run did, exactly; judged and recorded like any act."""

        def work() -> tuple[int, Any]:
            app.act_status_for(run, door=caller.door)
            return 200, told.act(app.undo(run, principal=caller.principal, is_dry_run=body.dry_run))

        return once(caller, f"undo {run}", idempotency_key, body, work)


def _done(served: Served, caller: Caller, body: bodies.ActBody, *, is_dry_run: bool) -> ActReceipt:
    app = served.app
    parts = (body.action is not None, body.target is not None, body.sql is not None)
    if parts not in {(True, False, False), (False, True, True)}:
        raise Refused(422, "not a request of this kind", "give an `action`, or a `target` with its `sql`")
    if body.action is not None:
        return app.act(body.action, body.arguments, principal=caller.principal, key=body.key, is_dry_run=is_dry_run)
    return app.act_sql(
        body.target or "", body.sql or "", principal=caller.principal, key=body.key, is_dry_run=is_dry_run
    )


def _deciding(router: APIRouter, served: Served) -> None:
    app, once = served.app, Once(served)
    may_decide = Depends(served.doors.to(May.DECIDE))

    @router.get("/approvals", response_model=bodies.Held, tags=["approvals"])
    def approvals(caller: Caller = may_decide, start: Start = 0, limit: Limit = 100) -> Any:
        """What waits for a yes, is approved, or is being performed, of what the caller may decide on or read."""
        found = app.unfinished(caller.door)
        return {"runs": [told.act(one.receipt) for one in found[start : start + limit]]} | page(found, start, limit)

    @router.get("/approvals/{run}", response_model=bodies.HeldTold, tags=["approvals"], responses=ABSENT)
    def held(run: Id, caller: Caller = may_decide) -> Any:
        """What a run would do, exactly, with the rows it would change, as far as rules let the caller see them."""
        receipt = app.act_status_for(run, door=caller.door)
        return told.act(receipt) | {"rows": told.rows(app.held_rows(run, door=caller.door))}

    @router.post("/approvals/{run}", response_model=bodies.ActTold, tags=["approvals"], responses=ABSENT)
    def vote(
        run: Id, body: bodies.VoteBody, idempotency_key: IdempotencyKey = None, caller: Caller = may_decide
    ) -> Any:
        """Say yes or no to exactly what was shown. With the last yes it is performed, within exactly that effect."""

        def work() -> tuple[int, Any]:
            if body.decision == "reject":
                return 200, told.act(app.reject(run, principal=caller.principal, because=body.because))
            said = app.approve(run, principal=caller.principal, digest=body.digest, because=body.because)
            return 200, told.act(said)

        return once(caller, f"vote {run}", idempotency_key, body, work)
