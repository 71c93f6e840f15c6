"""The routes under /v1: each finds out who calls, calls one App method, and tells what came of it."""

from __future__ import annotations

from collections.abc import Sized
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request

from loadline.surfaces import told
from loadline.surfaces.http import bodies
from loadline.surfaces.http.doors import Caller
from loadline.surfaces.http.once import Once
from loadline.surfaces.http.problems import Refused
from loadline.surfaces.http.state import Served
from loadline.values.access import May
from loadline.values.request import Written

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same request with the same key is done once, and gets the same reply for 24 hours.",
    ),
]
Start = Annotated[int, Query(ge=0, le=10**9, description="The first one told, from 0: the `next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=100, description="The most that are told at once.")]
Id = Annotated[str, Path(min_length=6, max_length=100)]
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": bodies.Problem, "description": said, "content": {"application/problem+json": {}}}
    for status, said in (
        (400, "The body is no JSON in UTF-8"),
        (401, "Who calls is not known"),
        (403, "The key does not open this door"),
        (408, "The request was sent too slowly"),
        (409, "The same request is in progress"),
        (413, "The request is too large"),
        (422, "The request cannot be read, or not answered as asked"),
        (429, "Too many calls, or too many wrong keys: `Retry-After` says how long to wait"),
        (502, "The warehouse or the ledger failed"),
        (503, "The warehouse or the ledger failed, and may work again"),
    )
}
ABSENT: dict[int | str, dict[str, Any]] = {
    404: {"model": bodies.Problem, "description": "There is none", "content": {"application/problem+json": {}}}
}


def page(found: Sized, start: int, limit: int) -> dict[str, int | None]:
    """How many there are, and where the next page starts."""
    end = start + limit
    return {"total": len(found), "next": end if end < len(found) else None}


def routes(served: Served) -> APIRouter:
    """Everything under /v1."""
    router = APIRouter(prefix="/v1", responses=PROBLEMS, dependencies=[Depends(_only_declared)])
    _asking(router, served)
    _definitions(router, served)
    _evidence(router, served)
    return router


async def _only_declared(request: Request) -> None:
    """What stands behind the `?` and is nowhere described is an error: left out without a word, a question asked with
    `?audience=` would be answered without it."""
    declared = {one.alias for one in request.scope["route"].dependant.query_params}
    if other := sorted(set(request.query_params) - declared):
        known = ", ".join(f"`{name}`" for name in sorted(declared)) or "none"
        said = f"`{other[0]}` is no parameter of this address: it has {known}; what a POST asks for is in its body"
        raise Refused(422, "not a request of this kind", said)


def _asking(router: APIRouter, served: Served) -> None:
    app, once = served.app, Once(served)
    may_ask = Depends(served.doors.to(May.ASK))

    @router.post("/ask", response_model=bodies.AnswerTold, response_model_exclude_unset=True, tags=["ask"])
    def ask(body: bodies.AskBody, caller: Caller = may_ask, idempotency_key: IdempotencyKey = None) -> Any:
        """Ask by parts (`metrics`, `by`, `where` …) or in words (`question`). A "no" is an answer, too: its `status` is
        `refused` or `clarify`, and its `reasons` say how to go on. Every answer has a receipt."""
        written = Written(
            metrics=tuple(body.metrics),
            by=tuple(body.by),
            where=tuple(body.where),
            conditions=tuple(body.conditions),
            during=body.during,
            order=tuple(body.order),
            limit=body.limit,
        )
        if (body.question is None) == (written == Written()):
            raise Refused(422, "not a request of this kind", "ask by parts or in words: one of the two, not both")
        if body.choice is not None and body.question is None:
            raise Refused(422, "not a request of this kind", "`choice` belongs to a `question`")

        def work() -> tuple[int, Any]:
            principal = caller.speaking(app, body.audience, body.purpose)
            if body.question is not None:
                found = app.ask(body.question, principal=principal, today=body.today, choice=body.choice)
            else:
                found = app.ask_written(written, principal=principal, today=body.today)
            served.signals.note_answer(found.receipt.status.value)
            return 200, told.answer(found, start=body.start, rows=body.rows)

        return once(caller, "ask", idempotency_key, body, work)

    @router.post("/verify", response_model=bodies.VerificationTold, tags=["ask"])
    def verify(body: bodies.VerifyBody, caller: Caller = may_ask, idempotency_key: IdempotencyKey = None) -> Any:
        """Check every number of a text against governed metrics."""

        def work() -> tuple[int, Any]:
            principal = caller.speaking(app, body.audience, None)
            found = app.verify(body.text, principal=principal, today=body.today, name=body.name)
            return 200, told.verification(found)

        return once(caller, "verify", idempotency_key, body, work)

    @router.post("/feedback", response_model=bodies.FeedbackTold, status_code=201, tags=["ask"], responses=ABSENT)
    def feedback(body: bodies.FeedbackBody, caller: Caller = may_ask, idempotency_key: IdempotencyKey = None) -> Any:
        """Say of an answer what is wrong with it, or that it helped. It is kept in the ledger."""

        def work() -> tuple[int, Any]:
            app.receipt_for(body.receipt, door=caller.door)
            said, index = app.feedback(body.receipt, body.opinion, principal=caller.principal, note=body.note)
            return 201, {
                "receipt": said.receipt,
                "opinion": said.opinion.value,
                "by": said.by,
                "ledger_index": index,
            }

        return once(caller, "feedback", idempotency_key, body, work)


def _definitions(router: APIRouter, served: Served) -> None:
    app = served.app
    may_read = Depends(served.doors.to(May.READ))

    @router.get("/me", response_model=bodies.Whoami, tags=["me"])
    def me(caller: Caller = may_read) -> Any:
        """Who this key is taken for."""
        principal = caller.principal
        return {
            "person": principal.name,
            "agent": principal.agent,
            "door": caller.role.value,
            "roles": list(principal.roles),
            "audience": principal.audience,
        }

    @router.get("/metrics", response_model=bodies.MetricPage, tags=["definitions"])
    def metrics(
        caller: Caller = may_read,
        text: Annotated[str, Query(max_length=500, description="Words to search for; none for all.")] = "",
        start: Start = 0,
        limit: Limit = 20,
    ) -> Any:
        """The metrics the caller may ask for, the best fit first."""
        found = app.search_metrics(text, principal=caller.principal)
        return {"metrics": [told.metric(card) for card in found[start : start + limit]]} | page(found, start, limit)

    @router.get("/metrics/{name}", response_model=bodies.MetricWhole, tags=["definitions"], responses=ABSENT)
    def metric(name: Annotated[str, Path(min_length=1, max_length=200)], caller: Caller = may_read) -> Any:
        """A metric's full definition and every dimension the caller can ask it by."""
        return told.metric_whole(app.describe_metric(name, principal=caller.principal))


def _evidence(router: APIRouter, served: Served) -> None:
    app = served.app
    may_read = Depends(served.doors.to(May.READ))

    @router.get("/receipts/{receipt}", tags=["evidence"], responses=ABSENT)
    def receipt(
        receipt: Id,
        caller: Caller = may_read,
        whole: Annotated[bool, Query(description="With everything an auditor reads.")] = False,
    ) -> dict[str, Any]:
        """How an answer came about, or why there is none."""
        found = app.receipt_for(receipt, door=caller.door)
        return told.shortened(found, is_whole=whole)

    @router.get("/data", response_model=bodies.DataTold, tags=["evidence"])
    def data(
        caller: Caller = may_read,
        dataset: Annotated[list[bodies.Name], Query(max_length=100, description="Datasets; none for all.")] = [],  # noqa: B006
    ) -> Any:
        """Whether the data keeps its promises, by the newest look at each table. Nothing is queried for it."""
        return told.data_status(app.data_status(tuple(dataset), principal=caller.principal))

    @router.get("/ledger/checkpoint", response_model=bodies.CheckpointTold, tags=["evidence"])
    def checkpoint(caller: Caller = may_read) -> Any:  # noqa: ARG001 - the door
        """The newest signed checkpoint: hand it to somebody else, and no entry before it can change unseen."""
        return {"note": app.checkpoint()}

    @router.get("/ledger/proofs/{index}", response_model=bodies.ProofTold, tags=["evidence"], responses=ABSENT)
    def proof(index: Annotated[int, Path(ge=0, le=2**62)], caller: Caller = may_read) -> Any:  # noqa: ARG001 - the door
        """That an entry is in the ledger as signed. What the entry says stays with those who may read its receipt."""
        proven = app.prove_entry(index).as_json()
        return {
            "index": proven["index"],
            "leaf": proven["leaf_hash"],
            "hashes": proven["path"],
            "size": proven["size"],
            "checkpoint": proven["checkpoint"],
        }
