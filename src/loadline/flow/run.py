"""A request in, an answer with its receipt out: `run = carry_out(admit(request))`, and there is no other way through.

Requests become plans, decisions, outcomes, findings, receipts; nothing turns back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import assert_never

from loadline.checks import columns_gone, looks, needs, not_run, schema_needs
from loadline.errors import OutsideError, RequestError
from loadline.flow import codes_rights as state_codes
from loadline.flow import codes_words as codes
from loadline.flow import record
from loadline.flow.acting.holding import HeldAnswer, hold_or_release
from loadline.flow.allowed import allowed, matter_here, over_rows, row_bound, scoped
from loadline.flow.drifting import look_at_drift
from loadline.flow.filtered import look_at_filters
from loadline.flow.nouns import Admitted, Asked
from loadline.flow.relied import look_at_sources, not_looked_at
from loadline.flow.rollups import relations_read, rolled_up
from loadline.flow.rows import HeldRows
from loadline.flow.settling import as_released, holding, settle, under_rules
from loadline.flow.speaking import seen_of
from loadline.flow.understand import Understood, understand
from loadline.flow.world import World
from loadline.ledger import Kind
from loadline.policy import codes as policy_codes
from loadline.policy import codes_rights as rights_codes
from loadline.semantics import codes as semantics_codes
from loadline.semantics import resolve
from loadline.semantics.words import phrase, phrase_written
from loadline.values.decision import Forbid, Hold, Permit
from loadline.values.finding import CheckRun, CouldNotLook, Finding, Looked
from loadline.values.matter import Matter
from loadline.values.outcome import Outcome
from loadline.values.plan import MetricUse, Plan, RollupUse, Statement
from loadline.values.query import Query
from loadline.values.receipt import Answer, AnswerStatus, CheckSaid, Reason, Receipt, SourceState
from loadline.values.request import Ask, Words, Written
from loadline.values.rule import Deed, Principal
from loadline.values.ruling import Ruling


def run(world: World, request: Ask) -> Answer:
    """Raises OutsideError when the warehouse or the ledger did not do its part (and records it, if it still can)."""
    match admit(world, request):
        case Admitted() as admitted:
            return carry_out(world, admitted)
        case Answer() as refused:
            return refused
        case unreachable:
            assert_never(unreachable)


def admit(world: World, request: Ask) -> Admitted | Answer:
    """Everything up to the intent. An Answer is a "no" (or a question back), recorded, with nothing performed."""
    asked = Asked(run=world.new_id(), request=request, question=question_of(request))
    plan: Plan | None = None
    try:
        understood = understand(world, request)
        plan = _told(resolve(world.linked, understood.query, audience=request.principal.audience), understood)
        matter = matter_here(world, plan, request.principal, request.deed)
        judged = _judge(world, request, plan, matter)
        if isinstance(judged, Forbid):
            return _forbidden(world, asked, plan, matter, judged)
        decision, statement = judged
        version = world.warehouse.read_version(relations_read(plan, statement, statement.rollups))
        statement, version = rolled_up(world, plan, decision, statement, version)
    except RequestError as error:
        return _not_answered(world, asked, plan, error)
    except OutsideError as error:
        record.record_failure(world, asked, error)
        raise
    admitted = Admitted(
        asked=asked,
        plan=plan,
        decision=decision,
        statement=statement,
        data_version=version,
        doubts=tuple(_doubts(understood)),
    )
    record.record_intent(world, admitted, matter)
    return admitted


def _told(plan: Plan, understood: Understood) -> Plan:
    """The plan, knowing what the words were taken for. None of it decides the SQL, so its digest stays."""
    if not (understood.meanings or understood.assumptions):
        return plan
    known = {(one.word, one.means) for one in plan.meanings}
    more = tuple(one for one in understood.meanings if (one.word, one.means) not in known)
    return replace(plan, meanings=(*more, *plan.meanings), assumptions=(*understood.assumptions, *plan.assumptions))


def _doubts(understood: Understood) -> Iterator[Reason]:
    draft = understood.draft_of
    if draft is not None:
        owner = draft.verified_by or "whoever answers for its metric"
        yield Reason(
            code=codes.NOT_APPROVED,
            what=f"that `{draft.text}` means this was chosen by its asker, and {owner} has not approved it",
            why=codes.WORDS[codes.NOT_APPROVED].why,
            mend=f"have {owner} write `status: approved` under `{draft.id}` ({draft.place})",
        )


def _judge(world: World, request: Ask, plan: Plan, matter: Matter) -> Forbid | tuple[Permit, Statement]:
    """INVARIANT I3: policy sees the plan. A row filter or a mask that cannot be put into the SQL forbids: neither falls
    away."""
    decision = allowed(world, plan, request.principal, matter=matter)
    match decision:
        case Forbid():
            return decision
        case Hold(code=code, rules=rules, because=because, mend=mend):
            return Forbid(code=code, rules=rules, because=because, mend=mend)
        case Permit(rules=rules):
            try:
                statement = scoped(world, plan, decision)
            except RequestError as error:
                return Forbid(
                    code=_at_fault(world, plan, decision, error),
                    rules=rules,
                    because="; ".join(d.what for d in error.diagnostics),
                    mend="; ".join(d.mend for d in error.diagnostics),
                )
            return decision, statement
        case _:
            assert_never(decision)


def _at_fault(world: World, plan: Plan, permit: Permit, error: RequestError) -> str:
    """Whether a mask cannot be applied, a rule's filter, or a consent that a contract demands."""
    if any(said.code == semantics_codes.MASKED for said in error.diagnostics):
        return policy_codes.MASK_CANNOT_APPLY
    of_rules = tuple(group for group in permit.row_filters if not any(one.is_consent for one in group))
    try:
        scoped(world, plan, replace(permit, row_filters=of_rules))
    except RequestError:
        return policy_codes.FILTER_CANNOT_APPLY
    return rights_codes.CONSENT_CANNOT_APPLY


def carry_out(world: World, admitted: Admitted) -> Answer:
    """Perform, look, settle, record. Rows leave only beside a recorded receipt."""
    try:
        outcome = _perform(world, admitted)
        seen = _look(world, admitted, outcome)
    except OutsideError as error:
        if gone := _columns_gone(world, admitted):
            return _withheld(world, admitted, gone)
        record.record_failure(world, admitted.asked, error)
        raise
    except KeyboardInterrupt:
        world.warehouse.cancel()
        record.record_failure(world, admitted.asked, None)
        raise
    status, reasons = _settled(admitted, seen.checks)
    if (over := over_rows(admitted.decision, len(outcome.rows))) is not None:
        status, reasons = AnswerStatus.REFUSED, (over, *reasons)
    receipt = _receipt(world, admitted, outcome, seen, status, reasons)
    if _may_be_held(world, admitted, receipt):
        released = _receipt(world, admitted, outcome, seen, *_settled(admitted, tuple(map(as_released, seen.checks))))
        rulings, findings = (tuple(dict.fromkeys(each)) for each in zip(*seen.held, strict=True))
        held = HeldAnswer(admitted=admitted, rulings=rulings, findings=findings, refused=receipt, released=released)
        receipt = hold_or_release(world, held)
    else:
        receipt = record.record_receipt(world, receipt, Kind.OUTCOME)
    return Answer(receipt=receipt, rows=None if receipt.status is AnswerStatus.REFUSED else outcome.rows)


def _settled(admitted: Admitted, checks: tuple[CheckRun, ...]) -> tuple[AnswerStatus, tuple[Reason, ...]]:
    status, reasons = settle(admitted.plan, checks)
    if admitted.doubts and status is not AnswerStatus.REFUSED:
        return AnswerStatus.UNVERIFIED, (*admitted.doubts, *reasons)
    return status, reasons


def _may_be_held(world: World, admitted: Admitted, receipt: Receipt) -> bool:
    """Whether nothing but rules that hold it keeps it back, and somebody waits for it."""
    is_asked = world.may_hold and admitted.asked.request.deed is Deed.ASK
    return is_asked and bool(receipt.reasons) and all(one.code == state_codes.HELD for one in receipt.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the checks saw, how the data of each source stands, and whose drift nobody watches."""

    checks: tuple[CheckRun, ...]
    held: tuple[tuple[Ruling, Finding], ...] = ()
    states: tuple[SourceState, ...] = ()
    unwatched: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()  # filters whose values nobody could look for


def _columns_gone(world: World, admitted: Admitted) -> tuple[CheckRun, ...]:
    """Why a statement may have failed: a promised column that is not there is a finding, not a failure."""
    plan, statement = admitted.plan, admitted.statement
    evidence = world.fetcher.fetch(schema_needs(plan, statement), version=admitted.data_version)
    return columns_gone(plan, statement, model=world.project.model, evidence=evidence)


def _withheld(world: World, admitted: Admitted, checks: tuple[CheckRun, ...]) -> Answer:
    """Nothing came back, and the checks know why."""
    status, reasons = settle(admitted.plan, checks)
    receipt = _receipt(world, admitted, None, _Seen(checks=checks), status, reasons)
    return Answer(receipt=record.record_receipt(world, receipt, Kind.OUTCOME))


def question_of(request: Ask) -> str:
    match request.asked:
        case Words(text=text):
            return text
        case Written() as written:
            return phrase_written(written)
        case Query() as query:
            return phrase(query)
        case unreachable:
            assert_never(unreachable)


def _perform(world: World, admitted: Admitted) -> Outcome:
    limits, bound = world.project.warehouse, row_bound(admitted.decision)
    most = limits.max_rows if bound is None else min(limits.max_rows, bound.most + 1)  # one more tells that there are
    started = world.clock()
    fetched = world.warehouse.read_rows(admitted.statement.sql, timeout_seconds=limits.timeout_seconds, max_rows=most)
    rows = HeldRows(fetched.batches)
    return Outcome(
        columns=admitted.statement.columns,
        rows=rows,
        rows_digest=rows.digest,
        data_version=admitted.data_version,
        is_truncated=fetched.is_truncated(),
        seconds=(world.clock() - started).total_seconds(),
    )


def _look(world: World, admitted: Admitted, outcome: Outcome) -> _Seen:
    plan, statement = admitted.plan, admitted.statement
    wanted = needs(plan, statement, model=world.project.model)
    evidence = world.fetcher.fetch(wanted, version=admitted.data_version)
    promised, states = look_at_sources(world, admitted)
    drifted, unwatched = look_at_drift(world, plan, statement)
    principal = admitted.asked.request.principal
    rules = world.project.state_rules
    ruled = under_rules((*promised, *drifted), rules, principal, plan)
    held = holding((*promised, *drifted), rules, principal, plan)
    version_after = world.warehouse.read_version(relations_read(plan, statement, statement.rollups))
    own = looks(
        plan,
        statement,
        outcome,
        model=world.project.model,
        evidence=evidence,
        version_after=version_after,
    )
    filters = look_at_filters(world, plan, principal, outcome)
    checks = (*own, *filters.checks, *ruled)
    return _Seen(checks=checks, held=held, states=states, unwatched=unwatched, unseen=filters.unseen)


def _receipt(
    world: World,
    admitted: Admitted,
    outcome: Outcome | None,
    seen: _Seen,
    status: AnswerStatus,
    reasons: tuple[Reason, ...],
) -> Receipt:
    plan, statement, principal = admitted.plan, admitted.statement, admitted.asked.request.principal
    return Receipt(
        id=record.receipt_id(
            plan=plan, audience=principal.audience, statement=statement, data_version=admitted.data_version
        ),
        run=admitted.asked.run,
        status=status,
        question=admitted.asked.question,
        query=plan.query,
        asked_by=principal.name,
        roles=principal.roles,
        audience=principal.audience,
        purpose=principal.purpose,
        agent=principal.agent,
        as_of=world.clock(),
        project=world.project.name,
        project_digest=world.project.digest,
        meanings=plan.meanings,
        assumptions=(*plan.assumptions, *_share_told(plan, statement), *map(_rollup_told, statement.rollups)),
        dates=plan.dates,
        metrics=plan.metrics,
        filters=plan.filters,
        row_filters=statement.row_filters,
        masks=statement.masks,
        rules=admitted.decision.rules,
        sources=tuple(dict.fromkeys((*plan.sources, *statement.sources))),
        sql=statement.sql,
        dialect=statement.dialect,
        columns=statement.columns,
        data_version=admitted.data_version,
        row_count=len(outcome.rows) if outcome else None,
        is_truncated=outcome.is_truncated if outcome else False,
        rows_digest=outcome.rows_digest if outcome else None,
        seconds=outcome.seconds if outcome else None,
        checks=tuple(_said(check) for check in seen.checks),
        checks_not_run=_nobody_looked(admitted, outcome, seen) if outcome else (),
        states=seen.states,
        findings=tuple(finding for check in seen.checks if isinstance(check, Looked) for finding in check.findings),
        reasons=reasons,
    )


def _nobody_looked(admitted: Admitted, outcome: Outcome, seen: _Seen) -> tuple[str, ...]:
    """Rights that nobody wrote down are among it: they are neither given nor denied."""
    unstated = admitted.decision.unstated
    said = (f"rights of use, which contract {', '.join(unstated)} does not state",) if unstated else ()
    unseen = (f"whether any row has the value that `{name}` is compared with" for name in seen.unseen)
    uncut = (
        f"whether the data hold both periods of `{one.metric}` whole" for one in admitted.plan.compared if not one.times
    )
    looked = not_looked_at(admitted.plan, admitted.statement, seen.states)
    return (*said, *looked, *unseen, *uncut, *seen.unwatched, *not_run(outcome))


def _share_told(plan: Plan, statement: Statement) -> Iterator[str]:
    if statement.row_filters and any("[share " in name for name in plan.query.metrics):
        yield "part and whole are of the rows that rules and rights leave you, and of no others"


def _rollup_told(use: RollupUse) -> str:
    return f"read from the rollup {use.name} (`{use.relation}`), which counts as many rows as `{use.base}` has"


def _said(check: CheckRun) -> CheckSaid:
    match check:
        case Looked(check=name, subject=subject, findings=()):
            return CheckSaid(check=name, subject=subject, verdict="holds")
        case Looked(check=name, subject=subject, findings=findings):
            return CheckSaid(check=name, subject=subject, verdict="found", why="; ".join(f.what for f in findings))
        case CouldNotLook(check=name, subject=subject, why=why):
            return CheckSaid(check=name, subject=subject, verdict="could not look", why=why)
        case _:
            assert_never(check)


def _forbidden(world: World, asked: Asked, plan: Plan, matter: Matter, decision: Forbid) -> Answer:
    why = policy_codes.CODES[decision.code].why
    reason = Reason(code=decision.code, what=decision.because, why=why, mend=decision.mend)
    shown = replace(plan, metrics=_as_seen(world, plan, asked.request.principal))
    return _refuse(world, _refusal(world, asked, shown, (reason,), rules=decision.rules), matter)


def _as_seen(world: World, plan: Plan, principal: Principal) -> tuple[MetricUse, ...]:
    """A no names what was asked for, as the question did. What a metric means that its asker may not ask for, and what
    it is made of, is not told by refusing it."""
    named = {use: use.name.partition("[")[0] for use in plan.metrics}
    seen = seen_of(world, principal, dict.fromkeys(named.values()))
    is_all_seen = all(name in seen for use, name in named.items() if use.is_asked)
    return tuple(
        use if name in seen else replace(use, definition="", description="", time=None, datasets=())
        for use, name in named.items()
        if use.is_asked or (is_all_seen and name in seen)
    )


def _not_answered(world: World, asked: Asked, plan: Plan | None, error: RequestError) -> Answer:
    reasons = tuple(Reason(code=d.code, what=d.what, why=d.why, mend=d.mend) for d in error.diagnostics)
    return _refuse(world, _refusal(world, asked, plan, reasons, options=error.options))


def _refuse(world: World, receipt: Receipt, matter: Matter | None = None) -> Answer:
    return Answer(receipt=record.record_receipt(world, receipt, Kind.DECISION, matter))


def _refusal(
    world: World,
    asked: Asked,
    plan: Plan | None,
    reasons: tuple[Reason, ...],
    *,
    rules: tuple[str, ...] = (),
    options: tuple[str, ...] = (),
) -> Receipt:
    principal = asked.request.principal
    return Receipt(
        id=record.refusal_id(
            question=asked.question,
            audience=principal.audience,
            project_digest=world.project.digest,
            codes=tuple(reason.code for reason in reasons),
        ),
        run=asked.run,
        status=AnswerStatus.CLARIFY if options else AnswerStatus.REFUSED,
        question=asked.question,
        query=plan.query if plan else None,
        asked_by=principal.name,
        roles=principal.roles,
        audience=principal.audience,
        purpose=principal.purpose,
        agent=principal.agent,
        as_of=world.clock(),
        project=world.project.name,
        project_digest=world.project.digest,
        metrics=plan.metrics if plan else (),
        rules=rules,
        reasons=reasons,
        options=options,
    )
