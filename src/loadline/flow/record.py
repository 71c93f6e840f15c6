"""The one place that records: what happened in, ledger entries out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from loadline.checks.data import told
from loadline.errors import LoadlineError
from loadline.flow.nouns import Admitted, Asked
from loadline.flow.ports import Store
from loadline.flow.subjects import subjects_in_query
from loadline.flow.views.noted import note_of
from loadline.flow.world import World
from loadline.ledger import Draft, Kind
from loadline.policy import as_recorded, decide, effect_of
from loadline.project import Project
from loadline.values.canonical import digest, plain
from loadline.values.feedback import Feedback
from loadline.values.matter import Matter
from loadline.values.plan import Plan, Statement
from loadline.values.promise import TableLook
from loadline.values.receipt import Receipt
from loadline.values.request import Verify


def receipt_id(*, plan: Plan, audience: str | None, statement: Statement, data_version: str) -> str:
    """The same definitions, query, audience, policy scope and data version give the same id, on every machine."""
    scope = {
        "plan": plan.digest,
        "definitions": [(m.name, m.version, m.status, m.owner, m.description) for m in plan.metrics],
        "audience": audience,
        # The text of a filter does not say what its fields mean; the statement does.
        "scope": (statement.row_filters, statement.sql),
        "data_version": data_version,
    }
    return _short("rcpt", scope)


def refusal_id(*, question: str, audience: str | None, project_digest: str, codes: tuple[str, ...]) -> str:
    """A "no" has a receipt too; the same question refused for the same reasons has the same one."""
    scope = {"question": question, "audience": audience, "project": project_digest, "codes": codes}
    return _short("rcpt", scope)


def _short(prefix: str, value: Any) -> str:
    """80 bits: two of a billion receipts meet by chance once in a few million such ledgers."""
    return f"{prefix}-{digest(value).removeprefix('sha256:')[:20]}"


def record_project(world: World) -> None:
    """Note which meaning is in force, when it is not the one last noted."""
    known = next(iter(world.store.find_entries("project", limit=1)), None)
    if known is not None and known.payload.get("digest") == world.project.digest:
        return
    payload = note_of(world.project, world.linked)
    draft = Draft(kind=Kind.PROJECT, run=world.new_id(), at=world.clock(), payload=payload, keys=("project",))
    world.store.append([draft])


def record_intent(world: World, admitted: Admitted, matter: Matter) -> None:
    """INVARIANT I1: this returns only once the intent is durable, and nothing is performed before it returns."""
    asked, statement = admitted.asked, admitted.statement
    payload = {
        "question": asked.question,
        "asked_by": asked.request.principal.name,
        "roles": asked.request.principal.roles,
        "audience": asked.request.principal.audience,
        "purpose": asked.request.principal.purpose,
        "agent": asked.request.principal.agent,
        "query": plain(admitted.plan.query),
        "plan": admitted.plan.digest,
        "rules": admitted.decision.rules,
        "row_filters": statement.row_filters,
        "masks": statement.masks,
        "sql": statement.sql,
        "dialect": statement.dialect,
        "data_version": admitted.data_version,
        "project_digest": world.project.digest,
        JUDGED: judged(world.project, matter),
    }
    draft = Draft(kind=Kind.INTENT, run=asked.run, at=world.clock(), payload=payload, keys=(asked.run,))
    about = subjects_in_query(world.project.model, admitted.plan.query)
    world.store.append([replace(draft, subjects=(*subjects_of(asked), *about))])


def subjects_of(asked: Asked) -> tuple[str, ...]:
    """Who an entry about a question is about."""
    return (asked.request.principal.name,)


JUDGED = "judged"
"""Where an entry says what the rules were asked and what they said, so that other rules can be asked the same."""


def judged(project: Project, matter: Matter) -> dict[str, Any]:
    decision = decide(project.rules, matter)
    return {"matter": as_recorded(matter), "effect": effect_of(decision).value, "rules": list(decision.rules)}


def record_receipt(world: World, receipt: Receipt, kind: Kind, matter: Matter | None = None) -> Receipt:
    """Record a receipt and return it knowing its place; `matter` is what the rules were asked, where they said no.

    INVARIANT I6: rows are handed out only with a receipt that came back from here.
    """
    receipt, draft = receipt_draft(world, receipt, kind, matter)
    (entry,) = world.store.append([draft])
    return replace(receipt, ledger_index=entry.index)


def receipt_draft(world: World, receipt: Receipt, kind: Kind, matter: Matter | None = None) -> tuple[Receipt, Draft]:
    """The receipt as it is recorded, for an entry that is recorded beside others."""
    receipt = replace(receipt, loadline=world.version)
    payload = {name: value for name, value in plain(receipt).items() if name != "ledger_index"}
    if matter is not None:
        payload[JUDGED] = judged(world.project, matter)
    draft = Draft(
        kind=kind,
        run=receipt.run,
        at=world.clock(),
        payload=payload,
        keys=(receipt.run, receipt.id),
        subjects=(receipt.asked_by, *subjects_in_query(world.project.model, receipt.query)),
        open=("status",),
    )
    return receipt, draft


def record_looks(world: World, looks: Sequence[TableLook]) -> None:
    """What came of the promises of tables, one entry for each; without rows of the data."""
    drafts = [
        Draft(
            kind=Kind.CHECK,
            run=world.new_id(),
            at=look.at,
            payload=told(look, with_samples=False),
            keys=("data", looked_at_key(look.table)),
        )
        for look in looks
    ]
    if drafts:
        world.store.append(drafts)


def looked_at_key(table: str) -> str:
    """What the looks at a table are found by."""
    return f"data:{table}"


def record_feedback(store: Store, said: Feedback, *, run: str, at: datetime) -> int:
    """Keep what a person says of an answer; return the entry's number."""
    keys = (feedback_key(said.receipt),)
    draft = Draft(kind=Kind.FEEDBACK, run=run, at=at, payload=plain(said), keys=keys, subjects=(said.by,))
    (entry,) = store.append([draft])
    return entry.index


def feedback_key(receipt: str) -> str:
    """What the feedback on a receipt is found by."""
    return f"feedback:{receipt}"


def record_failure(world: World, asked: Asked, error: LoadlineError | None) -> None:
    """Note that a run ended without an outcome: the outside failed, or somebody interrupted it."""
    payload = {
        "status": "failed" if error else "interrupted",
        "question": asked.question,
        "reasons": [{"code": d.code, "what": d.what} for d in error.diagnostics] if error else [],
    }
    draft = Draft(kind=Kind.OUTCOME, run=asked.run, at=world.clock(), payload=payload, keys=(asked.run,))
    world.store.append([replace(draft, subjects=subjects_of(asked), open=("status",))])


def record_verify_intent(world: World, *, run: str, question: str, request: Verify) -> None:
    """INVARIANT I1: what a text is checked with is read only after this. The text itself stays out of the ledger."""
    payload = {
        "question": question,
        "asked_by": request.principal.name,
        "roles": request.principal.roles,
        "audience": request.principal.audience,
        "purpose": request.principal.purpose,
        "agent": request.principal.agent,
        "today": request.today.isoformat(),
        "project_digest": world.project.digest,
    }
    subjects = (request.principal.name,)
    draft = Draft(kind=Kind.INTENT, run=run, at=world.clock(), payload=payload, keys=(run,), subjects=subjects)
    world.store.append([draft])


def record_verification(world: World, receipt: Receipt) -> Receipt:
    return record_receipt(world, receipt, Kind.OUTCOME)


def verification_id(*, question: str, request: Verify, parts: Sequence[str]) -> str:
    """The same text over the same answers, for the same audience on the same day, has the same receipt."""
    scope = {
        "question": question,
        "audience": request.principal.audience,
        "today": request.today.isoformat(),
        "parts": sorted(parts),
    }
    return _short("rcpt", scope)
