"""A text in, what is true of it out: find the claims, bind them, compute what they mean, judge, look for where wrong
numbers come from; with one receipt over all of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from loadline.checks.claims import judge_claim, with_nearest, wrong_cohorts
from loadline.flow import record
from loadline.flow.verify_cells import Asker, Facts, compute
from loadline.flow.verify_values import read_members
from loadline.flow.verify_whole import whole_cells
from loadline.flow.world import World
from loadline.semantics.claims import find_claims
from loadline.semantics.claims_lexicon import Lexicon, build_lexicon
from loadline.semantics.claims_times import Clock
from loadline.semantics.claims_variants import Variant, variants_of
from loadline.values.claim import (
    Cell,
    Claim,
    Contradicted,
    Judged,
    Members,
    Sense,
    Supported,
    Unverified,
    Verdict,
    Verification,
)
from loadline.values.finding import Finding, Gravity
from loadline.values.receipt import AnswerStatus, Receipt
from loadline.values.request import Verify

MOST_TRACED = 40
"""Wrong numbers whose origin is looked for; a text with more is wrong enough."""


def verify(world: World, request: Verify) -> Verification:
    """Raises OutsideError when the warehouse or the ledger did not do its part."""
    run, said = world.new_id(), question_of(request)
    record.record_verify_intent(world, run=run, question=said, request=request)
    members = read_members(world, request.principal)
    lexicon = build_lexicon(world.linked, audience=request.principal.audience, members=members)
    clock = Clock(today=request.today, calendar=world.project.model.calendar)
    found = find_claims(request.text, lexicon, clock)
    facts = Facts()
    asker = Asker(world=world, principal=request.principal, today=request.today)
    percents = frozenset(name for name, one in lexicon.traits.items() if one.is_percent)
    judged = _judged(asker, found.claims, facts, percents)
    judged = _traced(asker, judged, lexicon, facts, percents)
    verification = Verification(
        judged=tuple(judged), cohorts=wrong_cohorts(judged), numbers=found.numbers, queries=len(facts.answers)
    )
    receipt = record.record_verification(world, _receipt(world, request, run, verification, facts))
    return Verification(
        judged=verification.judged,
        cohorts=verification.cohorts,
        numbers=found.numbers,
        receipt=receipt,
        queries=len(facts.answers),
    )


def _judged(asker: Asker, claims: Sequence[Claim], facts: Facts, percents: frozenset[str]) -> list[Judged]:
    """What comes to mind first is computed first; what else a claim may mean, only where that turned out wrong."""
    compute(asker, _wants(one for claim in claims for one in claim.readings), facts)
    first = [_judge(asker, replace(claim, also=()), facts, percents) for claim in claims]
    wrong = [claim for claim, verdict in zip(claims, first, strict=True) if isinstance(verdict, Contradicted)]
    compute(asker, _wants(one for claim in wrong for one in claim.also), facts)
    return [Judged(claim=claim, verdict=_judge(asker, claim, facts, percents)) for claim in claims]


def _judge(asker: Asker, claim: Claim, facts: Facts, percents: frozenset[str]) -> Verdict:
    cells = whole_cells(asker, (*claim.readings, *claim.also), facts)
    return judge_claim(claim, cells, facts.places, percents)


def question_of(request: Verify) -> str:
    digest = hashlib.sha256(request.text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"verify {request.name} ({len(request.text):,} characters, sha256:{digest[:16]})"


def _wants(readings: Iterable[Sense]) -> list[Cell | Members]:
    wants: list[Cell | Members] = []
    for one in readings:
        wants += one.cells
        if one.members is not None:
            wants.append(one.members)
    return wants


def _traced(
    asker: Asker,
    judged: Sequence[Judged],
    lexicon: Lexicon,
    facts: Facts,
    percents: frozenset[str],
) -> list[Judged]:
    """Each contradicted claim with the governed numbers that do equal the claimed one."""
    variants: dict[int, tuple[Variant, ...]] = {}
    for number, one in enumerate(judged):
        if isinstance(one.verdict, Contradicted) and len(variants) < MOST_TRACED:
            variants[number] = variants_of(one.verdict.reading, lexicon)
    wants = _wants(one.reading for group in variants.values() for one in group)
    compute(asker, wants, facts)
    return [
        with_nearest(
            one, [(each.kind, each.said, each.reading) for each in variants.get(number, ())], facts.cells, percents
        )
        for number, one in enumerate(judged)
    ]


def _receipt(world: World, request: Verify, run: str, verification: Verification, facts: Facts) -> Receipt:
    """One receipt for the whole text; the answers it rests on have theirs, and it names them."""
    parts = [answer.receipt for answer in facts.answers]
    principal = request.principal
    findings = tuple(found for one in verification.judged if (found := _finding(one)) is not None)
    is_right = bool(verification.judged) and all(isinstance(one.verdict, Supported) for one in verification.judged)
    versions = sorted({part.data_version for part in parts if part.data_version})
    return Receipt(
        id=record.verification_id(question=question_of(request), request=request, parts=[part.id for part in parts]),
        run=run,
        status=AnswerStatus.VERIFIED if is_right else AnswerStatus.UNVERIFIED,
        question=question_of(request),
        query=None,
        asked_by=principal.name,
        roles=principal.roles,
        audience=principal.audience,
        purpose=principal.purpose,
        agent=principal.agent,
        as_of=world.clock(),
        project=world.project.name,
        project_digest=world.project.digest,
        assumptions=tuple(f"rests on {part.id}: {part.question}" for part in parts),
        metrics=tuple(dict.fromkeys(metric for part in parts for metric in part.metrics)),
        row_filters=tuple(dict.fromkeys(said for part in parts for said in part.row_filters)),
        masks=tuple(dict.fromkeys(said for part in parts for said in part.masks)),
        rules=tuple(dict.fromkeys(rule for part in parts for rule in part.rules)),
        sources=tuple(dict.fromkeys(source for part in parts for source in part.sources)),
        data_version=", ".join(versions) or None,
        checks=tuple(dict.fromkeys(check for part in parts for check in part.checks)),
        checks_not_run=tuple(dict.fromkeys(name for part in parts for name in part.checks_not_run)),
        findings=findings,
    )


def _finding(judged: Judged) -> Finding | None:
    claim = judged.claim
    match judged.verdict:
        case Supported():
            return None
        case Contradicted(reading=reading, value=value):
            what = f"`{claim.text}` is contradicted: {reading.said} is {value.normalize():f}"
            mend = "write the governed value, or say which slice and period it is of"
        case Unverified(doubt=doubt, because=because):
            what = f"`{claim.text}` is unverified ({doubt.value}): {because}"
            mend = "name a governed metric, slice and period"
        case _:
            assert_never(judged.verdict)
    subject = f"characters {claim.start} to {claim.end}"
    return Finding(check="claim", subject=subject, gravity=Gravity.NOTABLE, what=what, mend=mend)
